"""The officer's report as PDF: the page, set for paper. Its own HTML is read, so both say the same by construction.

Only what `report.html.j2` writes is understood: headings, paragraphs, lists, tables, and the bars of one picture. Equal
pages give equal bytes. Text is not compressed, so that a search for residue reads it.
"""

from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer

_WIDTH = A4[0] - 40 * mm
_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=5)
_STYLES = {
    "p": _TEXT,
    "h1": ParagraphStyle("h1", _TEXT, fontName="Helvetica-Bold", fontSize=18, leading=22, spaceAfter=8),
    "h2": ParagraphStyle(
        "h2", _TEXT, fontName="Helvetica-Bold", fontSize=13, leading=16, spaceBefore=12, keepWithNext=1
    ),
    "h3": ParagraphStyle("h3", _TEXT, fontName="Helvetica-Bold", fontSize=10.5, spaceBefore=8, keepWithNext=1),
    "li": ParagraphStyle("li", _TEXT, leftIndent=12, bulletIndent=2),
    "caption": ParagraphStyle(
        "caption", _TEXT, fontName="Helvetica-Oblique", fontSize=8.5, spaceBefore=4, keepWithNext=1
    ),
}
_CELL = ParagraphStyle("cell", _TEXT, fontSize=7.5, leading=9.5, spaceAfter=0, splitLongWords=1)
_MARKS = {"code": ("<font face='Courier'>", "</font>"), "strong": ("<b>", "</b>")}
_GRID = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#b9c0c8")),
    ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eef1f4")),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_BARS = {"came": HexColor("#cfd8e3"), "went": HexColor("#2f5d8a")}
_LEAST = 46  # points: the narrowest column
_SIGNS = frozenset("✓△✗✕⚠")
_SILENT = frozenset({"style", "title", "desc", "head"})


def as_pdf(page: str, title: str, language: str = "en") -> bytes:
    """Set a report, as HTML, on A4. An English one does not name its language: what is published stays as it is."""
    reader, out = _Reader(), BytesIO()
    reader.feed(page)
    spoken = None if language == "en" else language
    margins = {"leftMargin": 20 * mm, "rightMargin": 20 * mm, "topMargin": 18 * mm, "bottomMargin": 18 * mm}
    document = SimpleDocTemplate(
        out, pagesize=A4, title=title, author="radcurate", lang=spoken, pageCompression=0, invariant=1, **margins
    )
    document.build(reader.flow, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _number(canvas: Any, _document: Any) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.drawRightString(A4[0] - 20 * mm, 10 * mm, str(canvas.getPageNumber()))


class _Reader(HTMLParser):
    """Turns the page into what is set, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.flow: list[Flowable] = []
        self._words: list[str] = []
        self._silent: list[str] = []
        self._rows: list[list[tuple[str, int]]] = []
        self._picture: Drawing | None = None
        self._at = (0.0, 0.0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "tr":
            self._rows.append([])
        elif tag in _STYLES or tag in {"td", "th"}:
            self._words = []
        elif tag in _MARKS:
            self._words.append(_MARKS[tag][0])
        elif tag == "svg":
            self._picture = Drawing(_WIDTH, float(held["viewbox"].split()[3]) * _WIDTH / 900)
        elif tag == "rect" and self._picture:
            self._picture.add(self._bar(held))
        elif tag == "text":
            self._words, self._at = [], (float(held["x"]), float(held["y"]))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(escape(_printable(data)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent.pop()
        elif tag in _STYLES:
            self._end_block(tag)
        elif tag in {"td", "th"}:
            self._rows[-1].append((self._said(), len("".join(self._words))))
        elif tag in _MARKS:
            self._words.append(_MARKS[tag][1])
        elif tag == "table":
            self.flow += [_table(self._rows), Spacer(1, 6)]
            self._rows = []
        elif tag == "text" and self._picture:
            self._picture.add(self._label())
        elif tag == "svg" and self._picture:
            self.flow.append(self._picture)
            self._picture = None

    def _said(self) -> str:
        return " ".join("".join(self._words).split())

    def _end_block(self, tag: str) -> None:
        bullet = {"bulletText": "•"} if tag == "li" else {}
        if self._said():
            self.flow.append(Paragraph(self._said(), _STYLES[tag], **bullet))
        self._words = []

    def _bar(self, held: dict[str, str]) -> Rect:
        scale = _WIDTH / 900
        x, y, width, height = (float(held[name]) * scale for name in ("x", "y", "width", "height"))
        top = self._picture.height - y - height if self._picture else 0
        return Rect(x, top, width, height, fillColor=_BARS[held["class"]], strokeColor=None)

    def _label(self) -> String:
        scale = _WIDTH / 900
        top = self._picture.height - self._at[1] * scale if self._picture else 0
        return String(self._at[0] * scale, top, "".join(self._words), fontName="Helvetica", fontSize=8)


def _printable(text: str) -> str:
    """Text in the characters of the fonts that every PDF reader has; others by their number.

    The signs before "passed" and the like, which no such font has, are left out: the word says it.
    """
    shown = (each if _is_latin(each) else f"[U+{ord(each):04X}]" for each in text if each not in _SIGNS)
    return "".join(shown)


def _is_latin(letter: str) -> bool:
    try:
        return bool(letter.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def _table(rows: list[list[tuple[str, int]]]) -> LongTable:
    """A table as wide as the page: columns by how much they say, the first row again on each page."""
    columns = max(map(len, rows))
    filled = [[*row, *[("", 0)] * (columns - len(row))] for row in rows]
    said = [min(60, max(4, *(row[column][1] for row in filled))) for column in range(columns)]
    free = _WIDTH - _LEAST * columns
    widths = [_LEAST + free * each / sum(said) for each in said]
    cells = [[Paragraph(text, _CELL) for text, _ in row] for row in filled]
    return LongTable(cells, colWidths=widths, repeatRows=1, style=_GRID)
