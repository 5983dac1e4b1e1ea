"""Stretches of a report that the model need not read: every word of them is a clinical or an ordinary one.

Two closed lists decide. `plain` words share nothing with any list of names or cues, and count in any case. `lower`
words are ordinary English ones that no list of names holds: they count in lower case, in a stretch that has capitals
too. Whatever else a stretch holds, a date, an initial, an unknown word, sends it to the model. The lists only ever say
that a look can be spared; rules and known identifiers read every word all the same.
"""

import re
from collections.abc import Iterator

from curate.text.lexicon import words

_STRETCH = re.compile(r"(?:[^\n.]|\.(?=\S|[ ]+[^\sA-ZÀ-Þ]))+\.?")  # to the end of a line, or before a capital
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|\S")
_FIGURE = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
_FIGURES = re.compile(r"\d[ /.:\-]{1,3}\d{1,4}[ /.:\-]{1,3}\d|\d ?[/\-] ?\d|\d \d")  # may be a date or a telephone
_MARKS = frozenset(".,;:()%<>+'\"*?![]=-")
_LONGEST = 400  # characters; a longer stretch is read
_REMEMBERED = 50_000  # stretches


class PlainWords:
    """The closed vocabulary. What it said of a stretch is remembered: reports repeat their sentences."""

    def __init__(self) -> None:
        self._plain = words("tagger/plain_words")
        self._lower = self._plain | words("tagger/lower_words")
        self._seen: dict[str, bool] = {}

    def read(self, text: str) -> Iterator[tuple[int, int]]:
        """The stretches [start, end) of a text that the model must read, in order."""
        for found in _STRETCH.finditer(text):
            if not self._is_plain(found[0]):
                yield found.span()

    def _is_plain(self, stretch: str) -> bool:
        known = self._seen.get(stretch)
        if known is None:
            known = self._judge(stretch)
            if len(self._seen) < _REMEMBERED and len(stretch) <= _LONGEST:
                self._seen[stretch] = known
        return known

    def _judge(self, stretch: str) -> bool:
        if len(stretch) > _LONGEST or _FIGURES.search(stretch) or not any(map(str.isalpha, stretch)):
            return False
        lower = self._lower if any(map(str.isupper, stretch)) else self._plain
        return all(self._is_ordinary(word, lower) for word in _WORD.findall(stretch))

    def _is_ordinary(self, word: str, lower: frozenset[str]) -> bool:
        if word.isalpha():
            return word in lower if word.islower() else word.lower() in self._plain
        return word in _MARKS or bool(_FIGURE.fullmatch(word))
