"""The vocabularies under data/, read once per process: English beside each other, other languages in their folder."""

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from unicodedata import combining, normalize

from curate.privacy.surrogates import fold

_SHORT = 4  # letters


@cache
def words(name: str, language: str = "en") -> frozenset[str]:
    """The words of data/<name>.txt as they stand there; an underscore stands for a space."""
    return frozenset(word.replace("_", " ") for line in _lines(f"{name}.txt", language) for word in line.split())


@cache
def table(name: str, language: str = "en") -> dict[str, str]:
    """The first column of data/<name>.csv mapped to the second, or to an empty string where there is none."""
    rows = list(csv.reader(_lines(f"{name}.csv", language)))[1:]
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


@cache
def folded(name: str, language: str = "en") -> frozenset[str]:
    """The words of a list without case and diacritics."""
    return frozenset(map(fold, words(name, language)))


@cache
def joined(*names: str, language: str = "en") -> frozenset[str]:
    """The words of several lists without case and diacritics."""
    return frozenset().union(*(folded(name, language) for name in names))


@cache
def terms(*kinds: str) -> frozenset[str]:
    """The clinical terms of these kinds (data/clinical_terms.csv), folded; a compound also by its parts.

    A part that the table lists itself is of that kind alone: "Miller-Fisher" makes no term of every Miller.
    """
    listed = table("clinical_terms")
    found = {term for term, kind in listed.items() if kind in kinds}
    parts = {part for term in found for part in re.split(r"[ \-]", term) if len(part) > 2}
    return frozenset(found | (parts - listed.keys() - folded("name_particles")))


@cache
def endings() -> re.Pattern[str]:
    """Matches the end of a folded word that only medicine builds: -itis, -ectomy, -mycin (data/word_parts.csv)."""
    parts = (part for part, place in table("word_parts").items() if place == "end")
    return re.compile(rf"(?<=\w\w)(?:{alternatives(parts)})(?!\w)")


@cache
def beginnings() -> re.Pattern[str]:
    """Matches what medicine puts before a folded word: peri-, cholecysto- (data/word_parts.csv)."""
    return re.compile(alternatives(part for part, place in table("word_parts").items() if place == "front"))


def alternatives(values: Iterable[str]) -> str:
    """A regular expression for any of these, longest first; a space stands for up to three blanks.

    Capitals are often typed without accents, so longer ones count without them too ("OPERATEUR"); four letters would
    say something else ("mamá", "mama"). Common beginnings are factored out: ten times as fast as a list of all, because
    most words fail at one letter.
    """
    plain = set(values)
    bare = {_without_marks(value) for value in plain if len(value) > _SHORT}
    return _factored(sorted(plain | bare)) or "(?!)"


def _without_marks(value: str) -> str:
    return "".join(letter for letter in normalize("NFD", value) if not combining(letter))


def _factored(values: list[str]) -> str:
    """An expression for sorted values; those that go on come before the one that ends here."""
    several = [
        (letter, [value[1:] for value in group]) for letter, group in groupby(filter(None, values), itemgetter(0))
    ]
    forms = [("[ ]{1,3}" if letter == " " else re.escape(letter)) + _factored(rest) for letter, rest in several]
    if "" not in values:
        return "" if not forms else forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"
    return f"(?:{'|'.join(forms)})?" if forms else ""


def _lines(name: str, language: str = "en") -> list[str]:
    folder = files(__package__) / "data"
    text = ((folder if language == "en" else folder / language) / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
