"""Readers of reports: what a file holds is told by its content; each reader yields one RawReport an entry."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from curate.errors import Reason, Rejected
from curate.policy import ColumnOptions, Limits
from curate.records import RawReport
from curate.sources.clinical_document import read_document
from curate.sources.documents import read_pdf
from curate.sources.fhir import index, read_resource, resources_of
from curate.sources.observations import read_hl7
from curate.sources.tables import from_record, parse_json, read_csv, read_parquet
from curate.sources.values import check, decode

_LINES = frozenset({".jsonl", ".ndjson"})
_TABLES = frozenset({".csv", ".tsv"})
_HEAD = 4096
_HL7 = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b]*(?:MSH|FHS|BHS)[^\w\s]")
_OBJECT, _MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]"), re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
Found = RawReport | Reason


def read_reports(
    name: str, stream: BinaryIO, limits: Limits, columns: ColumnOptions | None = None
) -> Iterator[tuple[int, Found]]:
    """Yield (entry number, report or the reason why there is none) for each report in a file; `key` is left empty.

    name: the file's, for its suffix and stem alone. stream: seekable, at its beginning.
    Raises Rejected when the file as a whole cannot be read, before the first entry; later an entry says so.
    """
    number = -1
    try:
        for number, found in enumerate(_entries(PurePosixPath(name), stream, limits, columns or ColumnOptions())):
            yield number, check(found, limits) if isinstance(found, RawReport) else found
    except Rejected as refused:
        if number < 0:
            raise
        yield number + 1, refused.reason
    except OSError:
        raise Rejected(Reason.UNREADABLE) from None


def read_report(
    name: str, stream: BinaryIO, entry: int, limits: Limits, columns: ColumnOptions | None = None
) -> RawReport:
    """Read one report again by its number. Raises Rejected when it is no longer there."""
    for number, report in read_reports(name, stream, limits, columns):
        if number == entry:
            if isinstance(report, Reason):
                raise Rejected(report)
            return report
    raise Rejected(Reason.UNREADABLE)


def _entries(name: PurePosixPath, stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Found]:
    """The reports of a file by what it begins with; a table of text by its suffix."""
    head, suffix = stream.read(_HEAD), name.suffix.lower()
    stream.seek(0)
    if not head:
        raise Rejected(Reason.EMPTY_FILE)
    if head.startswith(b"PAR1"):
        yield from read_parquet(stream, limits, columns)
    elif _HL7.match(head):
        yield from read_hl7(stream, limits)
    elif b"%PDF-" in head[:1024]:
        yield _pdf(name, _whole(stream, limits.document_bytes), limits)
    elif suffix in _TABLES:
        yield from read_csv(stream, limits, columns)
    elif suffix in _LINES or _OBJECT.match(head):
        yield from _json(name, stream, limits, columns)
    elif _MARKUP.match(head) and (suffix in {".xml", ".cda"} or b"ClinicalDocument" in head):
        yield read_document(_whole(stream, limits.document_bytes), limits)
    else:
        yield _plain(name, stream, limits)


def _whole(stream: BinaryIO, limit: int) -> bytes:
    """All bytes of a file that must be held at once. Raises Rejected(TOO_LARGE)."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise Rejected(Reason.TOO_LARGE)
    return data


def _plain(name: PurePosixPath, stream: BinaryIO, limits: Limits) -> Found:
    try:
        text = decode(_whole(stream, limits.report_bytes))
    except Rejected as refused:
        return refused.reason
    return RawReport("", _shown(name, text), file_name=name.stem)


def _shown(name: PurePosixPath, text: str) -> str:
    from curate.sources.markup import plain_text

    return plain_text(text) if name.suffix.lower() in {".html", ".htm"} else text


def _pdf(name: PurePosixPath, data: bytes, limits: Limits) -> Found:
    text, found = read_pdf(data, limits)
    return RawReport("", text, file_name=name.stem, identifiers=found)


def _json(name: PurePosixPath, stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Found]:
    """JSON Lines, or one document: FHIR resources, or records of a table."""
    first = stream.readline(limits.document_bytes + 1)
    stream.seek(0)
    if name.suffix.lower() in _LINES or _is_object(first):
        yield from _json_lines(stream, limits, columns, is_fhir=b'"resourceType"' in first)
        return
    document = parse_json(_whole(stream, limits.document_bytes))
    resources = list(resources_of(document))
    known = index(each for each in resources if "resourceType" in each)
    yield from (_record(each, known, limits, columns) for each in resources or [document])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parse_json(line), dict)
    except Rejected:
        return False


def _json_lines(stream: BinaryIO, limits: Limits, columns: ColumnOptions, *, is_fhir: bool) -> Iterator[Found]:
    """A record or a resource a line; resources are looked for in the whole file before the first report."""
    known = index(each for each in _parsed(stream, limits) if isinstance(each, Mapping)) if is_fhir else {}
    stream.seek(0)
    yield from map(partial(_record, known=known, limits=limits, columns=columns), _parsed(stream, limits))


def _parsed(stream: BinaryIO, limits: Limits) -> Iterator[Any]:
    """Each line that is not blank as JSON, a Bundle as its resources, or the reason why it is none."""
    while line := stream.readline(limits.document_bytes + 1):
        if len(line) > limits.document_bytes:
            raise Rejected(Reason.TOO_LARGE)
        if line.strip():
            yield from _values(line)


def _values(line: bytes) -> Iterator[Any]:
    try:
        value = parse_json(line)
        yield from resources_of(value) if isinstance(value, Mapping) else [value]
    except Rejected as refused:
        yield refused.reason
    except RecursionError:
        yield Reason.TOO_DEEP


def _record(record: Any, known: Mapping[str, Any], limits: Limits, columns: ColumnOptions) -> Found:
    """An entry of JSON as a report."""
    if isinstance(record, Reason):
        return record
    if not isinstance(record, dict):
        return Reason.MALFORMED
    return read_resource(record, known, limits) if "resourceType" in record else from_record(record, columns)
