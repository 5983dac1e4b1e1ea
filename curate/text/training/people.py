"""Names for composed reports: from Faker's locales, romanised names it has in native script only, and words.

One name in ten, by its checksum, is kept for the held-out reports, so that their figures are about unseen names.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from random import Random
from zlib import crc32

from curate.text.training.grammar import Grammar

_LISTS = Grammar("names")
LOCALES = tuple(_LISTS.texts("locale"))
_HOME = {"en": ("en_US", "en_GB"), "de": ("de_DE", "de_AT"), "fr": ("fr_FR", "fr_CA"), "es": ("es_ES", "es_MX")}
_DRAWN = 1500  # from each locale; most have fewer different ones
_NAME = re.compile(r"[^\W\d_]+(?:[ '\u2019\u02bc\-.]{1,2}[^\W\d_]+)*")
_LATIN = re.compile(r"[A-Za-zÀ-\u024f\u1e00-\u1eff '\u2019\u02bc.\-]{2,24}")


@dataclass(frozen=True, slots=True)
class Pool:
    """Given and family names of one origin."""

    given: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in a report."""

    given: str
    family: str


class People:
    """Draws persons for reports in one language; `held_out` ones never appear in training."""

    def __init__(self, language: str, *, held_out: bool = False) -> None:
        self._home = [_share(pool(locale), held_out=held_out) for locale in _HOME[language]]
        self._abroad = [_share(pool(locale), held_out=held_out) for locale in LOCALES]
        self._abroad += [_share(_listed(origin), held_out=held_out) for origin in ("east", "south", "west")] * 3
        self._words = _share(_listed("word"), held_out=held_out)

    def draw(self, random: Random) -> Person:
        """A person; three in ten from at home, one in seven named like a word, the others from anywhere."""
        kind = random.random()
        if kind < 0.14:
            given = random.choice((self._words, random.choice(self._home))).given
            return Person(random.choice(given), random.choice(self._words.family))
        origin = random.choice(self._home if kind < 0.44 else self._abroad)
        other = origin if random.random() < 0.8 else random.choice(self._abroad)
        return Person(random.choice(origin.given), _family(other, random))

    def family(self, random: Random) -> str:
        """A family name alone, of any origin."""
        return random.choice(random.choice(self._abroad).family)


@cache
def pool(locale: str) -> Pool:
    """The names of a locale of Faker, sorted; the same for each installation of the same version."""
    source = import_module("faker.factory").Factory.create(locale)
    source.seed_instance(crc32(locale.encode()))
    given = {source.first_name() for _ in range(_DRAWN)}
    family = {source.last_name() for _ in range(_DRAWN)}
    return Pool(_latin(given), _latin(family))


def names(locale: str) -> tuple[str, ...]:
    """All names of a locale, those of the project's own lists with the first."""
    listed = [_listed(origin) for origin in ("east", "south", "west", "word")] if locale == LOCALES[0] else []
    return tuple(name for each in (pool(locale), *listed) for name in (*each.given, *each.family))


def _latin(found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in found if _LATIN.fullmatch(name) and _NAME.fullmatch(name)))


@cache
def _listed(origin: str) -> Pool:
    return Pool(*(tuple(_LISTS.texts(f"{origin}_{part}")) for part in ("given", "family")))


def _share(whole: Pool, *, held_out: bool) -> Pool:
    kept = (
        tuple(name for name in part if (crc32(name.encode()) % 10 == 0) == held_out) or part
        for part in (whole.given, whole.family)
    )
    return Pool(*kept)


def _family(origin: Pool, random: Random) -> str:
    """A family name, one in eight of two parts."""
    name = random.choice(origin.family)
    if random.random() < 0.12:
        return name + random.choice("- ") + random.choice(origin.family)
    return name
