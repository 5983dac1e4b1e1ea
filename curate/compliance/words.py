"""The words of the pages by language: data in texts/, and how a language writes numbers.

en.json and de.json hold the same keys. What a template says itself stands in it in English; texts/LANGUAGE_pages.json
translates it, and texts/LANGUAGE_checks.json the sentences of expectations/, each by the English it stands for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de")


def language_of(facts: Mapping[str, Any]) -> str:
    """The language that the policy of a release names; English where it names none that exists."""
    named = facts["run"].get("governance", {}).get("language")
    return named if named in LANGUAGES else LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language, and how it writes figures."""

    language: str = LANGUAGES[0]

    def __getitem__(self, part: str) -> Any:
        """The sentences of a part, such as `reasons`, `stages` or `limits`."""
        return _texts(self.language)[part]

    def phrase(self, name: str, **values: str) -> str:
        """A phrase with its values."""
        return str(self["phrases"][name]).format(**values)

    def page(self, english: str) -> str:
        """What a template says, however its lines are broken."""
        return _translations(f"{self.language}_pages.json").get(" ".join(english.split()), english)

    def check(self, english: str) -> str:
        """The sentence of a check; one that nothing translates stands for itself."""
        return _translations(f"{self.language}_checks.json").get(english, english)

    def number(self, number: int) -> str:
        """A whole number with its thousands apart."""
        return self._written(f"{number:,}")

    def bits(self, bits: float) -> str:
        """An amount of information, to a tenth."""
        return self._written(f"{bits:.1f}")

    def percent(self, share: float, places: int = 0) -> str:
        """A share of 1 as percent."""
        return self._written(f"{share:.{places}%}")

    def _written(self, figure: str) -> str:
        return figure.translate(str.maketrans(self["numbers"]))


ENGLISH = Words()


@cache
def _texts(language: str) -> Mapping[str, Any]:
    """What a language says, and what is the same in all: names of the standard and ids of checks."""
    return {**_read("any.json"), **_read(f"{language}.json")}


@cache
def _translations(name: str) -> Mapping[str, str]:
    """Sentences by their English; none for English itself."""
    return _read(name) if not name.startswith(LANGUAGES[0]) else {}


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((files(__package__) / "texts" / name).read_text(encoding="utf-8"))
    return document
