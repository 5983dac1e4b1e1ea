"""What happens to a report between its author and its reader: capitals, wrapped lines, scans, exports, dictation."""

import re
from collections.abc import Callable
from random import Random

from curate.text.training.grammar import Piece

Change = Callable[[str], str]
_LOOK_ALIKE = {
    "O": "0",
    "0": "O",
    "l": "1",
    "1": "l",
    "I": "l",
    "S": "5",
    "5": "S",
    "B": "8",
    "m": "rn",
    "e": "c",
    "h": "b",
    "i": "1",
    "o": "0",
    "6": "b",
}
_MARKUP = ("</p>\n<p>", "<br/>\n", "\\par\n", "}\\par\n{\\b ", "</td><td>", "\n> ", "&nbsp;\n", "<br>")


def lay_out(pieces: list[Piece], random: Random) -> list[Piece]:
    """The pieces as one of many exports would show them; each keeps its label, but for blanks at its ends."""
    changes: list[tuple[float, Change]] = [
        (0.10, str.upper),
        (0.10, str.lower),
        (0.03, str.title),
        (0.09, lambda text: _wrapped(text, random)),
        (0.07, lambda text: _scanned(text, random)),
        (0.04, lambda text: re.sub(r"\s*\n\s*", random.choice((" ", "  ", " / ", " | ", "~")), text)),
        (0.04, _dictated),
        (0.04, lambda text: _marked_up(text, random)),
        (0.04, lambda text: re.sub(r" ", "  ", text)),
    ]
    for share, change in changes:
        if random.random() < share:
            pieces = [Piece(change(piece.text), piece.label) for piece in pieces]
    return pieces


def _wrapped(text: str, random: Random) -> str:
    """Lines broken at a width that no author chose: also inside names."""
    return re.sub(r" ", lambda _: "\n" if random.random() < 0.09 else " ", text)


def _scanned(text: str, random: Random) -> str:
    """Look-alike letters, lost and added blanks."""
    share = random.choice((0.03, 0.08, 0.2, 0.35))
    made = (_LOOK_ALIKE.get(letter, letter) if random.random() < share else letter for letter in text)
    return "".join(letter for letter in made if letter != " " or random.random() > 0.015)


def _marked_up(text: str, random: Random) -> str:
    """Remains of HTML and RTF at line ends."""
    return re.sub(r"\n", lambda _: random.choice(_MARKUP), text)


def _dictated(text: str) -> str:
    """As a speech recogniser leaves it: no capitals, marks as words or gone."""
    return re.sub(r"\. ", " period ", text.lower()).replace(", ", " comma " if len(text) % 2 else " ")
