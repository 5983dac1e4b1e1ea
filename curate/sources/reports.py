"""Readers of reports: what a file holds is told by its content; each reader yields one RawReport an entry."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from curate.errors import Reason, Rejected
from curate.policy import ColumnOptions, Limits
from curate.records import RawReport
from curate.sources.clinical_document import read_document
from curate.sources.documents import read_pdf
from curate.sources.fhir import index, read_resource, resources_of
from curate.sources.observations import read_hl7
from curate.sources.tables import Entry, Found, from_record, parse_json, read_csv, read_parquet
from curate.sources.values import check, decode

_LINES = frozenset({".jsonl", ".ndjson"})
_TABLES = frozenset({".csv", ".tsv"})
_HEAD = 4096
_RESOURCE = b'"resourceType"'
_HL7 = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b]*(?:MSH|FHS|BHS)[^\w\s]")
_OBJECT, _MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]"), re.compile(rb"(?:\xef\xbb\xbf)?\s*<")


def read_reports(
    name: str, stream: BinaryIO, limits: Limits, columns: ColumnOptions | None = None
) -> Iterator[tuple[int, Found]]:
    """Yield (entry number, report or the reason why there is none) for each report in a file; `key` is left empty.

    name: the file's, for its suffix and stem alone. stream: seekable, at its beginning.
    Raises Rejected when the file as a whole cannot be read, before the first entry; later an entry says so.
    """
    yield from _read(name, stream, limits, columns, None)


def read_again(
    name: str, stream: BinaryIO, numbers: Collection[int], limits: Limits, columns: ColumnOptions | None = None
) -> dict[int, Found]:
    """Some reports of a file by their entry numbers, in one pass; what is no longer there is left out.

    Raises Rejected as `read_reports`.
    """
    return {number: found for number, found in _read(name, stream, limits, columns, numbers) if number in numbers}


def _read(
    name: str, stream: BinaryIO, limits: Limits, columns: ColumnOptions | None, wanted: Collection[int] | None
) -> Iterator[tuple[int, Found]]:
    """The entries that are wanted, or all; what is only passed by is not made a report."""
    read, last = -1, max(wanted) if wanted else None
    try:
        for number, entry in enumerate(_entries(PurePosixPath(name), stream, limits, columns or ColumnOptions())):
            if wanted is None or number in wanted:
                found = entry()
                yield number, check(found, limits) if isinstance(found, RawReport) else found
            read = number
            if number == last:
                return
    except Rejected as refused:
        if read < 0:
            raise
        yield read + 1, refused.reason
    except OSError:
        raise Rejected(Reason.UNREADABLE) from None


def _entries(name: PurePosixPath, stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Entry]:
    """The reports of a file by what it begins with; a table of text by its suffix."""
    head, suffix = stream.read(_HEAD), name.suffix.lower()
    stream.seek(0)
    if not head:
        raise Rejected(Reason.EMPTY_FILE)
    if head.startswith(b"PAR1"):
        yield from read_parquet(stream, limits, columns)
    elif _HL7.match(head):
        yield from map(_made, read_hl7(stream, limits))
    elif b"%PDF-" in head[:1024]:
        yield partial(_pdf, name, stream, limits)
    elif suffix in _TABLES:
        yield from read_csv(stream, limits, columns)
    elif suffix in _LINES or _OBJECT.match(head):
        yield from _json(name, stream, limits, columns)
    elif _MARKUP.match(head) and (suffix in {".xml", ".cda"} or b"ClinicalDocument" in head):
        yield _made(read_document(_whole(stream, limits.document_bytes), limits))
    else:
        yield partial(_plain, name, stream, limits)


def _made(found: Found) -> Entry:
    return lambda: found


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


def _pdf(name: PurePosixPath, stream: BinaryIO, limits: Limits) -> Found:
    text, found = read_pdf(_whole(stream, limits.document_bytes), limits)
    return RawReport("", text, file_name=name.stem, identifiers=found)


def _json(name: PurePosixPath, stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Entry]:
    """JSON Lines, or one document: FHIR resources, or records of a table."""
    first = stream.readline(limits.document_bytes + 1)
    stream.seek(0)
    if name.suffix.lower() in _LINES or _is_object(first):
        yield from _json_lines(stream, limits, columns, is_fhir=_RESOURCE in first)
        return
    document = parse_json(_whole(stream, limits.document_bytes))
    resources = list(resources_of(document))
    known = index(each for each in resources if "resourceType" in each)
    yield from (partial(_record, each, known, limits, columns) for each in resources or [document])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parse_json(line), dict)
    except Rejected:
        return False


def _json_lines(stream: BinaryIO, limits: Limits, columns: ColumnOptions, *, is_fhir: bool) -> Iterator[Entry]:
    """A record or a resource a line; resources are looked for in the whole file before the first report."""
    values = chain.from_iterable(map(_values, _lines(stream, limits))) if is_fhir else ()
    known = index(each for each in values if isinstance(each, Mapping))
    stream.seek(0)
    for line in _lines(stream, limits):
        if _RESOURCE in line:  # a Bundle has several
            yield from (partial(_record, each, known, limits, columns) for each in _values(line))
        else:
            yield partial(_line, line, limits, columns)


def _line(line: bytes, limits: Limits, columns: ColumnOptions) -> Found:
    return _record(next(_values(line), Reason.MALFORMED), {}, limits, columns)


def _lines(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """Each line that is not blank."""
    while line := stream.readline(limits.document_bytes + 1):
        if len(line) > limits.document_bytes:
            raise Rejected(Reason.TOO_LARGE)
        if line.strip():
            yield line


def _values(line: bytes) -> Iterator[Any]:
    """A line as JSON, a Bundle as its resources, or the reason why it is none."""
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
