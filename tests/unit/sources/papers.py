"""Documents made for tests: PDFs of text, HL7 messages, FHIR resources, CDA; every person in them is invented."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from curate.errors import Reason
from curate.policy import ColumnOptions, Limits
from curate.records import IdentifierKind, RawReport
from curate.sources.reports import read_reports


def pdf(pages: Sequence[Sequence[str]], info: Mapping[str, str] | None = None, password: str = "") -> bytes:
    """A PDF with one line of text below the other on each page; a page without lines holds a picture only."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        shown = "".join(f"({line}) Tj T*\n" for line in lines).encode("latin-1")
        content = DecodedStreamObject()
        content.set_data(b"BT /F1 10 Tf 12 TL 40 800 Td\n" + shown + b"ET" if lines else b"0 0 100 100 re f")
        page[NameObject("/Contents")] = writer._add_object(content)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    writer.add_metadata(dict(info or {}))
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def read(name: str, data: bytes, limits: Limits | None = None, columns: ColumnOptions | None = None) -> list[Any]:
    """All entries of a file, as the readers give them."""
    return [found for _, found in read_reports(name, io.BytesIO(data), limits or Limits(), columns)]


def one(name: str, data: bytes) -> RawReport:
    """The only report of a file."""
    (found,) = read(name, data)
    assert isinstance(found, RawReport), found
    return found


def reason(name: str, data: bytes, limits: Limits | None = None) -> Reason:
    """The only reason that a file is refused with, whether as a whole or as its one entry."""
    from curate.errors import Rejected

    try:
        (found,) = read(name, data, limits)
    except Rejected as refused:
        return refused.reason
    assert isinstance(found, Reason)
    return found


def known(report: RawReport, kind: str) -> set[str]:
    """The known identifiers of one kind that a report carries."""
    return {each.value for each in report.identifiers if each.kind is IdentifierKind(kind)}
