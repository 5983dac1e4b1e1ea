"""Lists and tables: what most cells of a column are, the others are too.

A worklist names its patients in one column and says so once, in the heading, or not at all. Rows are lines that one
separator cuts into the same number of cells; a column speaks by its heading, or when half of its cells, two at least,
identify somebody.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import folded, joined, table, terms, words
from curate.text.unfamiliar import is_also_name, is_familiar

_SEPARATORS = ("|", "\t", ";", ",", " - ", " / ", "  ")
_FEWEST, _LEAST, _SCORE = 3, 2, 0.8  # rows of a table, cells that speak for the others; score of what is found so
_QUOTED = re.compile(r'"[^"\n]*"')
_NAME = re.compile(r"[^\W\d_]{2,}(?:['\-][^\W\d_]+)*(?:[ ,.]{1,2}[^\W\d_]+(?:['\-][^\W\d_]+)*\.?){0,3}")
_BED = re.compile(r"(?:[^\W\d_]{1,5}[ \-]?)?\d{1,3}(?:[ \-/]?[A-Z\d]{1,3})?|[A-Z]{1,3}\d{1,3}")
_DECIMAL = re.compile(r"[-+]?\d{1,3}[.,]\d{1,3}")
_WORD = re.compile(r"[^\W_]{2}")
_BLANK = " \t\"'*#>"


class Cell(NamedTuple):
    """Where a cell stands in the text, blanks and quotes at its ends apart."""

    start: int
    end: int


Row = list[Cell]


def find(text: str, spans: Sequence[Span], language: str = "en") -> Iterator[Span]:
    """What the columns of lists in `text` add to `spans`, which are sorted and do not overlap."""
    for separator in _SEPARATORS:
        for rows in _tables(text, separator):
            for column in zip(*rows, strict=True):
                yield from _completed(text, column, spans, language)


def _tables(text: str, separator: str) -> Iterator[list[Row]]:
    """Runs of lines that the separator cuts alike."""
    if separator not in text:
        return
    lines = re.finditer(r"[^\n]+", text)
    rows = [_cells(text, *line.span(), separator) if separator in line[0] else [] for line in lines]
    for size, several in groupby(rows, len):
        found = list(several)
        if size > 1 and len(found) >= _FEWEST:
            yield found


def _cells(text: str, start: int, end: int, separator: str) -> Row:
    """The cells of a line; a separator between quotes separates nothing."""
    line = _QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), text[start:end])
    pattern = r" {2,}" if separator == "  " else re.escape(separator)
    cuts = [(cut.start() + start, cut.end() + start) for cut in re.finditer(pattern, line)]
    edges = [(start, start), *cuts, (end, end)]
    return [_trimmed(text, before[1], after[0]) for before, after in pairwise(edges)]


def _trimmed(text: str, start: int, end: int) -> Cell:
    while start < end and text[start] in _BLANK:
        start += 1
    while start < end and text[end - 1] in _BLANK:
        end -= 1
    return Cell(start, end)


def _completed(text: str, column: Sequence[Cell], spans: Sequence[Span], language: str) -> Iterator[Span]:
    """The cells of a column that the others speak for."""
    heading = _headings(language).get(fold(text[column[0].start : column[0].end]).rstrip(".:"), "")
    for label in ("NAME", "ID", "DATE", "LOCATION"):
        whole = [_head(text, cell) if label == "NAME" else cell for cell in column[heading != "" :]]
        filled = [cell for cell in whole if cell.start < cell.end]
        speaking = [cell for cell in filled if _label(text, cell, spans) == label]
        if heading != label and len(speaking) < max(_LEAST, len(filled) / 2):
            continue
        shapes = {_shape(text[cell.start : cell.end]) for cell in speaking}
        for cell in filled:
            if _is_alike(text[cell.start : cell.end], label, shapes, language, told=heading == label):
                yield Span(cell.start, cell.end, label, "column", _SCORE)


def _is_alike(written: str, label: str, shapes: set[str], language: str, *, told: bool) -> bool:
    """Whether a cell may be what its column is: a name, a bed, or of the shape of those that are known."""
    if label == "NAME":
        return _is_name(written, language, told=told)
    if _DECIMAL.fullmatch(written):
        return False
    return _shape(written) in shapes or (label == "LOCATION" and _BED.fullmatch(written) is not None)


@cache
def _headings(language: str) -> dict[str, str]:
    """What a column holds by its heading, in the language and in English; folded."""
    found: dict[str, str] = {}
    for each in ("en", language):
        names = {"label", "act"} if each == "en" else {"field"}
        found |= {fold(cue).rstrip("."): "NAME" for cue, kind in table("name_cues", each).items() if kind in names}
        found |= dict.fromkeys(map(fold, words("column_beds", each)), "LOCATION")
    return found


def _head(text: str, cell: Cell) -> Cell:
    """A cell up to its first digit or bracket: of "ROE J 339001", "Roe (71F)" the name."""
    found = re.match(r"[^\d(]*", text[cell.start : cell.end])
    return _trimmed(text, cell.start, cell.start + (found.end() if found else 0))


def _label(text: str, cell: Cell, spans: Sequence[Span]) -> str:
    """What covers a cell, single letters apart, if it is of one kind; else nothing."""
    first = max(0, bisect_right(spans, cell.start, key=lambda span: span.start) - 1)
    at, label = cell.start, ""
    for span in map(spans.__getitem__, range(first, len(spans))):
        if span.start >= cell.end or _WORD.search(text, at, span.start):
            break
        if span.end > at:
            label = span.label if label in {"", span.label} else "mixed"
            at = span.end
    return "" if _WORD.search(text, at, cell.end) else label


def _is_name(written: str, language: str, *, told: bool) -> bool:
    """Whether a cell looks like a name: few capitalised words, one of them not of medicine or grammar.

    Where no heading told, it must be of no dictionary, or a word that is a name too.
    """
    if not _NAME.fullmatch(written) or written.islower() or fold(written) in terms("score", "sequence"):
        return False
    parts = [fold(part) for part in re.split(r"[^\w']+", written) if len(part) > 1]
    plain = joined("clinical_words", "function_words", language=language)
    known = is_familiar if language == "en" and not told else plain.__contains__
    names = folded("surname_words")
    return any(is_also_name(part) or part in names or not (part in plain or known(part)) for part in parts)


def _shape(written: str) -> str:
    """Digits as 0 and letters as A, so that numbers of one form are alike."""
    return re.sub(r"\d", "0", re.sub(r"[^\W\d_]", "A", written))
