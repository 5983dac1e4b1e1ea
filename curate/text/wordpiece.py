"""A report as a small language model reads it: word pieces, and beside each the shape of its word and the gap before.

The vocabulary is that of BERT (uncased WordPiece, Devlin 2019): without case, and without layout. Both say much about
a name ("may", "May", "MAY"; the first word of a line), so they travel beside the pieces as one more number.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PAD, UNKNOWN, FIRST, LAST = 0, 100, 101, 102
GAPS, LINE = 6, 3  # kinds of gaps before a word; from LINE on the word opens a line
SHAPES = 6 * GAPS  # six cases of each
_WORD = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
_LONG_NUMBER = 5  # digits; longer runs are one piece that says only how long ([unused5] … [unused24])
_LONG_WORD = 40  # letters; a longer word is unknown
_REMEMBERED = 200_000  # words


@dataclass(slots=True)
class Pieces:
    """A text of n pieces: their numbers in the vocabulary, shapes (0 … SHAPES - 1), and words.

    `word[i]` is the word of piece i; `starts` and `ends` are the places of the words in the text, in code points.
    """

    ids: list[int] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    word: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


class WordPiece:
    """Cuts texts into pieces. Words are remembered: a report is made of few different ones."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers: Mapping[str, int] = {piece: number for number, piece in enumerate(vocabulary)}
        self._seen: dict[str, tuple[int, ...]] = {}

    def cut(self, text: str, stretches: Iterable[tuple[int, int]] = ((0, sys.maxsize),)) -> Pieces:
        """The pieces of these stretches [start, end) of a text, in time linear in its length."""
        pieces, end = Pieces(), 0
        found_in = (found for start, stop in stretches for found in _WORD.finditer(text, start, stop))
        for number, found in enumerate(found_in):
            ids = self._word(found[0])
            shape = _case(found[0]) * GAPS + _gap(text[end : found.start()], first=not number)
            end = found.end()
            pieces.starts.append(found.start())
            pieces.ends.append(end)
            pieces.ids.extend(ids)
            pieces.shapes.extend([shape] * len(ids))
            pieces.word.extend([number] * len(ids))
        return pieces

    def _word(self, word: str) -> tuple[int, ...]:
        known = self._seen.get(word)
        if known is None:
            known = self._pieces(word)
            if len(self._seen) < _REMEMBERED:
                self._seen[word] = known
        return known

    def _pieces(self, word: str) -> tuple[int, ...]:
        """Longest piece first (Wu 2016, as in BERT), without case and diacritics."""
        if word.isdigit() and len(word) >= _LONG_NUMBER:
            return (min(len(word), 24),)
        folded = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
        if len(folded) > _LONG_WORD:
            return (UNKNOWN,)
        found: list[int] = []
        at = 0
        while at < len(folded):
            end = self._longest(folded, at)
            if end == at:
                return (UNKNOWN,)
            found.append(self._numbers[("##" if at else "") + folded[at:end]])
            at = end
        return tuple(found) or (UNKNOWN,)

    def _longest(self, word: str, at: int) -> int:
        mark = "##" if at else ""
        return next((end for end in range(len(word), at, -1) if mark + word[at:end] in self._numbers), at)


def _case(word: str) -> int:
    """0 no letter, 1 lower, 2 capitalised, 3 one capital, 4 capitals, 5 mixed."""
    if not word[0].isalpha():
        return 0
    if word.islower():
        return 1
    if word.isupper():
        return 3 if len(word) == 1 else 4
    return 2 if word[1:].islower() else 5


def _gap(between: str, *, first: bool) -> int:
    """0 none, 1 a blank, 2 wide, 3 a line end, 4 an empty line, 5 the start of the text."""
    if first:
        return 5
    lines = between.count("\n")
    if lines:
        return 3 if lines == 1 else 4
    return 0 if not between else 1 if len(between) == 1 and between != "\t" else 2
