"""Tables of the card in Markdown: counts with small cells hidden, and strings that say what they say."""

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from curate.emit.splits import SPLITS

_SMALL = 5  # counts of 1 to 4 could point to a person
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # controls, bidirectional overrides, zero widths, unassigned
_MARKUP = str.maketrans({each: f"\\{each}" for each in "\\`*_[]|"})


def present(splits: Mapping[str, int]) -> list[str]:
    """The splits that have a study, train first."""
    return [each for each in SPLITS if splits.get(each)]


def counts_table(heading: str, counts: Sequence[tuple[str, int]], *, parts: bool = True) -> str:
    """A table of counts of studies; `parts` when they add up to a total that is known."""
    numbers = shown([count for _, count in counts], parts=parts)
    rows = [(text(name), number) for (name, _), number in zip(counts, numbers, strict=True)]
    return table((heading, "Studies"), rows, align=" ---: |")


def shown(counts: Sequence[int], *, parts: bool = True) -> list[str]:
    """Counts as text, 1 to 4 as "<5". Where parts make a total, a lone "<5" could be told from it: another is "5+"."""
    small = [place for place, count in enumerate(counts) if 0 < count < _SMALL]
    larger = [place for place, count in enumerate(counts) if count >= _SMALL]
    numbers = [f"<{_SMALL}" if place in small else f"{count:,}" for place, count in enumerate(counts)]
    if parts and len(small) == 1 and larger:
        numbers[min(larger, key=lambda place: counts[place])] = f"{_SMALL}+"
    return numbers


def table(heading: Sequence[str], rows: Iterable[Sequence[str]], align: str = " --- |") -> str:
    """A table in Markdown; its cells are written as they are."""
    lines = [f"| {' | '.join(heading)} |", "| --- |" + align * (len(heading) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def text(value: str) -> str:
    """A string as Markdown that says what the string says: no HTML, no markup, nothing hidden or reordered."""
    return html.escape(visible(value).translate(_MARKUP), quote=False)


def visible(value: str) -> str:
    """A string in which nothing is hidden or reordered: such characters stand as their code points."""
    return "".join(f"(U+{ord(each):04X})" if unicodedata.category(each) in _HIDDEN else each for each in value)
