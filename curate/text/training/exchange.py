"""Identifiers of the written reports exchanged for others of their form: what is known by heart teaches nothing.

The form of an identifier is the capitals and figures of its first words: "St. Elsewhere" may stand where "Raigmore
Hospital" stood, and "7B" in the place of "12C".
"""

import re
from collections import defaultdict
from collections.abc import Callable
from random import Random

from curate.text.training.grammar import Grammar, Piece, Terminals

_REPORTS, _IDENTIFIERS = 0.5, 0.6  # share of written reports in which, and of their identifiers that, are exchanged
_WORDS = 4  # that tell a form


class Exchange:
    """The identifiers of all written reports of a language, by label and form."""

    def __init__(self, grammar: Grammar) -> None:
        self._stock: dict[tuple[str, str], list[Callable[[Terminals, Random], Piece]]] = defaultdict(list)
        for label, sample, draw in grammar.literals("written"):
            self._stock[label, form(sample)].append(draw)

    def exchanged(self, pieces: list[Piece], terminals: Terminals, random: Random) -> list[Piece]:
        """The pieces of a report as they are, or with some of its identifiers exchanged."""
        if random.random() > _REPORTS:
            return pieces
        return [self._other(each, terminals, random) for each in pieces]

    def _other(self, piece: Piece, terminals: Terminals, random: Random) -> Piece:
        stock = self._stock.get((piece.label, form(piece.text)))
        if not piece.label or not stock or random.random() > _IDENTIFIERS:
            return piece
        return random.choice(stock)(terminals, random)


def form(text: str) -> str:
    """The first words of a text, each by its first sign and by whether capitals or figures follow."""
    words = re.split(r"[\s,;]+", text.strip())
    return " ".join(map(_form, words[:_WORDS])) + ("+" if len(words) > _WORDS else "")


def _form(word: str) -> str:
    kinds = re.sub(r"[^\w]", "", re.sub(r"\d+", "9", word))
    kinds = re.sub(
        r"[^\W\d_]+", lambda found: "A" if found[0].isupper() else "Aa" if found[0][0].isupper() else "a", kinds
    )
    return kinds[:3]
