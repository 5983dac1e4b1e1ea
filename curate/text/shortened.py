"""A report without what is plain in it: what rules read.

Templates and findings are most of a report, and no rule finds anybody in them (`plain`); what stands at their ends is
kept, because rules look beside what they find.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from curate.records import Span

_GAP = "\u2026"  # stands for what is left out; no rule reads across it
_EDGE = 20  # characters that stay at each end of what is left out, to the word


class Shortened:
    """`text` is what is left; `span` leads from it back to the text that it was made of."""

    __slots__ = ("_from", "_starts", "text")

    def __init__(self, text: str, read: Iterable[tuple[int, int]]) -> None:
        """`read`: the stretches [start, end) of the text to keep, in order."""
        self._starts, self._from = [0], [0]
        pieces, kept, length = [], 0, 0
        for start, stop in _left_out(text, read):
            pieces += [text[kept:start], _GAP]
            length += start - kept + len(_GAP)
            self._starts.append(length)
            self._from.append(stop)
            kept = stop
        self.text = "".join([*pieces, text[kept:]])

    def __repr__(self) -> str:
        return "<Shortened>"

    def span(self, found: Span) -> Span:
        """A span of `text` as one of the whole text."""
        return Span(self._place(found.start), self._place(found.end - 1) + 1, found.label, found.rule, found.score)

    def _place(self, at: int) -> int:
        piece = bisect_right(self._starts, at) - 1
        return self._from[piece] + at - self._starts[piece]


def _left_out(text: str, read: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What stands between the stretches to read, without the words at its ends."""
    at = 0
    for start, end in [*read, (len(text), len(text))]:
        first, last = text.find(" ", at + _EDGE, start), text.rfind(" ", at, max(at, start - _EDGE))
        if 0 <= first < last:
            yield first + 1, last
        at = end
