"""Documents of pages: the text of a PDF, without what is repeated on every page, and what its headings identify."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, IdentifierKind
from curate.sources.values import identify

if TYPE_CHECKING:
    from pypdf import PdfReader

Kind = IdentifierKind
_PAGES = 500  # a report of more pages is none
_EDGE = 8  # lines at the top and at the bottom of a page that may be its header or footer
_TOP = 20  # lines of the first page in which labels are looked for
_LABELS = {
    Kind.NAME: r"(?:patient(?:'s)? ?name|patient|name|referring(?: physician| doctor)?|referred by|radiologist"
    r"|physician|doctor|reported by|signed by|dictated by|author|ordering provider|consultant|nom|apellidos|nombre"
    r"|patientin|überweiser|befunder)",
    Kind.ID: r"(?:mrn|patient id|patient no\.?|pat\.? id|id|accession(?: number| no\.?)?|exam id|uhid|reg\.? no\.?"
    r"|order(?: number| no\.?)?|case(?: number| no\.?)?|report (?:id|no\.?)|nhs(?: number| no\.?)?|hospital no\.?)",
    Kind.DATE: r"(?:dob|date of birth|birth ?date|date|exam date|study date|report(?:ed)? date|geburtsdatum"
    r"|date of (?:exam|report|study))",
    Kind.ADDRESS: r"(?:address|adresse)",
    Kind.PHONE: r"(?:phone|tel\.?|telephone|fax|telefon)",
    Kind.INSTITUTION: r"(?:hospital|institution|facility)",
}
_LABELLED = {
    kind: re.compile(rf"(?:^|\s\s|[|;\t]\s?){label}\s?[:#]\s?(?=([^|\n]{{2,80}}))", re.IGNORECASE)
    for kind, label in _LABELS.items()
}
# Where the value beside a label ends: at a gap, a label, or a word that a colon makes one; a name may stand before it.
_NEXT = re.compile(rf"\s{{2,}}|\s(?=(?i:{'|'.join(_LABELS.values())})\s?[:#])|\s(?=[A-Z][\w./]{{1,18}}:)|[;|\t]")
_PARTICLES = frozenset({"van", "von", "der", "den", "de", "del", "la", "le", "di", "da", "du", "el", "al", "bin", "y"})
_NO_NAME = re.compile(
    r"(?i)radiolog|depart|hospital|clinic|imaging|microsoft|adobe|system|report|user|admin|medical|cent(?:er|re)|\w*\d"
)
_NUMBER = re.compile(r"\d+")
_DAY = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)|(\d\d?)[./-](\d\d?)[./-](\d{4})")
_LONG_NUMBER = re.compile(r"[A-Za-z]{0,6}[-_]?\d{5,}[\w-]*")


def read_pdf(data: bytes, limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """The text of a PDF and the identifiers in its metadata, its headers and footers, and beside labels.

    Lines that every page repeats are no text of the report. Raises Rejected: TOO_LARGE (bytes, pages), MALFORMED,
    REPORT_ENCRYPTED, REPORT_WITHOUT_TEXT_LAYER.
    """
    if len(data) > limits.document_bytes:
        raise Rejected(Reason.TOO_LARGE)
    try:
        pages, known = _pages(data, limits)
    except (Rejected, MemoryError):
        raise
    except Exception:  # noqa: BLE001  pypdf raises whatever a broken file provokes; the cause may quote it
        raise Rejected(Reason.MALFORMED) from None
    if not any(line for page in pages for line in page):
        raise Rejected(Reason.REPORT_WITHOUT_TEXT_LAYER)
    repeated = _repeated(pages)
    kept = [[line for line in page if not _is_edge(page, line, repeated)] for page in pages]
    headings = [*pages[0][:_TOP], *(line for page in pages for line in page if _form(line) in repeated)]
    return "\n".join("\n".join(page) for page in kept).strip(), (*known, *labelled(headings))


def _pages(data: bytes, limits: Limits) -> tuple[list[list[str]], tuple[Identifier, ...]]:
    """The lines of each page, and what the metadata identify."""
    from pypdf import PasswordType, PdfReader

    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise Rejected(Reason.REPORT_ENCRYPTED)
    if len(reader.pages) > _PAGES:
        raise Rejected(Reason.TOO_LARGE)
    pages, size = [], 0
    for page in reader.pages:
        text = page.extract_text()
        size += len(text)
        if size > limits.report_bytes:
            raise Rejected(Reason.TOO_LARGE)
        pages.append([line.strip() for line in text.splitlines()])
    return pages, tuple(_described(reader))


def _described(reader: "PdfReader") -> Iterator[Identifier]:
    """What the information dictionary says of author, numbers and dates (ISO 32000-1, 14.3.3)."""
    held = {name: str(value) for name, value in (reader.metadata or {}).items()}
    for name in ("/Title", "/Subject", "/Keywords"):
        yield from identify(Kind.ID, *_LONG_NUMBER.findall(held.get(name, "")[:1000]))
        yield from labelled([held.get(name, "")[:1000]])
    author = held.get("/Author", "")[:200]
    if " " in author.strip() and _is_name(author):
        yield from identify(Kind.NAME, author)
    for name in ("/CreationDate", "/ModDate"):
        yield from identify(Kind.DATE, held.get(name, "").removeprefix("D:"))


def _is_name(value: str) -> bool:
    """Whether a value may be a person's name rather than a sentence, a program or a department."""
    words = [word for word in value.split() if word.lower() not in _PARTICLES]
    return 0 < len(words) <= 5 and all(word[:1].isupper() and not _NO_NAME.match(word) for word in words)


def _form(line: str) -> str:
    """A line without its numbers: "Page 1 of 3" and "Page 2 of 3" are one footer."""
    return _NUMBER.sub("#", line)


def _repeated(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """The forms of the lines that stand at the edge of every page, of two pages or more."""
    if len(pages) < 2:
        return frozenset()
    seen = Counter(form for page in pages for form in {_form(line) for line in (*page[:_EDGE], *page[-_EDGE:]) if line})
    return frozenset(form for form, pages_with in seen.items() if pages_with == len(pages))


def _is_edge(page: Sequence[str], line: str, repeated: frozenset[str]) -> bool:
    """Whether a line is header or footer; a finding that is repeated in the middle of a page is neither."""
    return _form(line) in repeated and (line in page[:_EDGE] or line in page[-_EDGE:])


def labelled(lines: Iterable[str]) -> Iterator[Identifier]:
    """What stands beside a label such as "Name:" or "MRN:" in the headings of a document."""
    for line in lines:
        for kind, pattern in _LABELLED.items():
            for found in pattern.finditer(line[:500]):
                value = _NEXT.split(found[1], maxsplit=1)[0].strip(" ,.")
                yield from identify(
                    kind, *(_days(value) if kind is Kind.DATE else [value] if _fits(kind, value) else [])
                )


def _fits(kind: Kind, value: str) -> bool:
    """Whether a value may be of its kind: a name is of words like one, a number has a digit."""
    if kind is Kind.NAME:
        return _is_name(value)
    return kind not in {Kind.ID, Kind.PHONE} or bool(_NUMBER.search(value))


def _days(value: str) -> Iterator[str]:
    """The days that a value names, as ISO 8601; one of day and month in doubt is both."""
    for year, month, day, first, second, last in _DAY.findall(value):
        if year:
            yield f"{year}-{month:0>2}-{day:0>2}"
        else:
            yield from (f"{last}-{second:0>2}-{first:0>2}", f"{last}-{first:0>2}-{second:0>2}")
