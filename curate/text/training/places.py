"""Institutions, addresses and wards for composed reports, in the language of the report."""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from random import Random

from curate.text.training.grammar import Grammar, Piece
from curate.text.training.people import People

_LOCALES = {
    "en": ("en_US", "en_GB", "en_IN", "en_IE"),
    "de": ("de_DE", "de_AT"),
    "fr": ("fr_FR", "fr_CA"),
    "es": ("es_ES", "es_MX"),
}
_DRAWN = 800
_BORROWED = 0.6  # the part of the towns that is of Faker


class Places:
    """Draws places of one language: names of towns and streets from Faker, of institutions from a grammar."""

    def __init__(self, language: str, people: People) -> None:
        self._people, self._grammar = people, Grammar(f"{language}_places")
        self._drawn = [_drawn(locale) for locale in _LOCALES[language]]

    def city(self, random: Random) -> str:
        """A town: one of Faker's, or one of the grammar, true or made up."""
        return self._known_city(random) if random.random() < _BORROWED else self._written("town", random)

    def _known_city(self, random: Random) -> str:
        return random.choice(random.choice(self._drawn)["city"])

    def state(self, random: Random) -> str:
        """A state, a county or a country, in short or in full."""
        return self._written("state", random)

    def street(self, random: Random) -> str:
        """A street with its number."""
        return random.choice(random.choice(self._drawn)["street_address"])

    def postcode(self, random: Random) -> str:
        """A postcode."""
        return random.choice(random.choice(self._drawn)["postcode"])

    def address(self, random: Random) -> str:
        """A whole address."""
        return self._written("address", random)

    def ward(self, random: Random) -> str:
        """A ward, a room or a bed."""
        return self._written("ward", random)

    def institution(self, random: Random) -> str:
        """A hospital, practice, school or employer."""
        return self._written("institution", random)

    def _written(self, symbol: str, random: Random) -> str:
        drawn = {name: partial(_piece, getattr(self, name), random) for name in ("city", "street", "postcode")}
        terminals: dict[str, Callable[[], Piece]] = {
            **drawn,
            "family": lambda: Piece(self._people.draw(random).family),
            "given": lambda: Piece(self._people.draw(random).given),
            "number": lambda: Piece(str(random.randint(1, 40))),
            "hundred": lambda: Piece(str(random.randint(100, 989))),
        }
        return "".join(piece.text for piece in self._grammar.expand(symbol, terminals, random)).strip()


def _piece(draw: partial[str], random: Random) -> Piece:
    return Piece(draw(random))


@cache
def _drawn(locale: str) -> dict[str, tuple[str, ...]]:
    source = import_module("faker.factory").Factory.create(locale)
    source.seed_instance(len(locale))
    kinds = ("city", "street_address", "postcode")
    return {kind: tuple(getattr(source, kind)().replace("\n", " ") for _ in range(_DRAWN)) for kind in kinds}
