"""Readers of reports: plain text, JSON Lines and CSV tables; each yields one RawReport an entry."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from io import SEEK_END
from pathlib import PurePosixPath
from typing import BinaryIO

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, IdentifierKind, RawReport

# The names under which tables of reports carry our fields; compared without case, spaces and underscores.
_COLUMNS = {
    "text": ("text", "reporttext", "report", "body", "content"),
    "patient_id": ("patientid", "mrn", "subjectid", "patient"),
    "accession_number": ("accessionnumber", "accession", "accessionno", "acc"),
    "study_instance_uid": ("studyinstanceuid", "studyuid"),
    "issued": ("issued", "reportdate", "date", "studydate"),
}
_NAMES = ("patientname", "name", "referringphysician", "radiologist", "author", "physician", "signedby", "dictatedby")


def read_reports(name: str, stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, "RawReport | Reason"]]:
    """Yield (entry number, report or the reason why there is none) for each report in a file; `key` is left empty.

    name: of the file, whose suffix says what it holds. stream: seekable.
    Raises Rejected when the file as a whole cannot be read.
    """
    try:
        size = stream.seek(0, SEEK_END)
        stream.seek(0)
        if size == 0:
            raise Rejected(Reason.EMPTY_FILE)
        suffix = PurePosixPath(name).suffix.lower()
        if suffix == ".txt":
            yield 0, _plain(name, stream, size, limits)
        elif suffix == ".csv":
            yield from enumerate(_table(stream, limits))
        else:
            yield from enumerate(_json_lines(stream, limits))
    except OSError:
        raise Rejected(Reason.UNREADABLE) from None


def read_report(name: str, stream: BinaryIO, entry: int, limits: Limits) -> RawReport:
    """Read one report again by its number. Raises Rejected when it is no longer there."""
    for number, report in read_reports(name, stream, limits):
        if number == entry:
            if isinstance(report, Reason):
                raise Rejected(report)
            return report
    raise Rejected(Reason.UNREADABLE)


def decode(data: bytes) -> str:
    """Text from bytes: UTF-8, UTF-16 or UTF-32 by byte order mark, else Windows-1252, else Latin-1.

    Raises Rejected when the bytes are not text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data:
        raise Rejected(Reason.REPORT_UNDECODABLE)
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Rejected(Reason.REPORT_UNDECODABLE) from None


def _plain(name: str, stream: BinaryIO, size: int, limits: Limits) -> "RawReport | Reason":
    if size > limits.report_bytes:
        return Reason.TOO_LARGE
    try:
        text = decode(stream.read())
    except Rejected as refused:
        return refused.reason
    return RawReport("", text, file_name=PurePosixPath(name).stem) if text.strip() else Reason.REPORT_EMPTY


def _json_lines(lines: BinaryIO, limits: Limits) -> Iterator["RawReport | Reason"]:
    while line := lines.readline(limits.report_bytes + 1):
        if len(line) > limits.report_bytes:
            raise Rejected(Reason.TOO_LARGE)
        if line.strip():
            yield _json_record(line)


def _json_record(line: bytes) -> "RawReport | Reason":
    try:
        record = json.loads(decode(line))
    except (ValueError, RecursionError, Rejected):
        return Reason.MALFORMED
    return _record(record) if isinstance(record, dict) else Reason.MALFORMED


def _table(stream: BinaryIO, limits: Limits) -> Iterator["RawReport | Reason"]:
    encoding = "utf-8-sig" if _is_utf8(stream.read(65536)) else "cp1252"
    stream.seek(0)
    csv.field_size_limit(limits.report_bytes)
    lines = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
    try:
        for record in csv.DictReader(lines):
            yield _record(record)
    except (csv.Error, UnicodeDecodeError):
        raise Rejected(Reason.MALFORMED) from None
    finally:
        lines.detach()


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # cut in the middle of a character
    return True


def _record(record: Mapping[str, object]) -> "RawReport | Reason":
    """A row of a table as a report; a row without text has a reason instead."""
    plain = {_plain_name(name): str(value).strip() for name, value in record.items() if value is not None and name}
    found = {field: _first(plain, names) for field, names in _COLUMNS.items()}
    if not found["text"]:
        return Reason.REPORT_EMPTY
    return RawReport(
        key="",
        text=found["text"],
        patient_id=found["patient_id"],
        accession_number=found["accession_number"],
        study_instance_uid=found["study_instance_uid"],
        issued=parse_date(found["issued"]),
        identifiers=tuple(Identifier(IdentifierKind.NAME, plain[name]) for name in _NAMES if plain.get(name)),
    )


def _plain_name(name: object) -> str:
    return "".join(each for each in str(name).casefold() if each.isalnum())


def _first(record: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((record[name] for name in names if record.get(name)), "")


def parse_date(text: str) -> date | None:
    """A date from YYYYMMDD or ISO 8601; None when it is neither."""
    digits = text[:10].replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
