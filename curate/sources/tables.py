"""Tables of reports: CSV, JSON Lines and Parquet, a report a row. Columns by the policy, else by their usual names."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from curate.errors import Reason, Rejected
from curate.policy import ColumnOptions, Limits
from curate.records import Identifier, IdentifierKind, RawReport, ReportStatus
from curate.sources.values import decode, identify, parse_date

if TYPE_CHECKING:
    from pyarrow import RecordBatch

# The names under which tables of reports carry our fields; compared without case, spaces and underscores.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "reporttext", "report", "body", "content"),
    "patient_id": ("patientid", "mrn", "subjectid", "patient"),
    "accession_number": ("accessionnumber", "accession", "accessionno", "acc"),
    "study_instance_uid": ("studyinstanceuid", "studyuid"),
    "order_number": ("ordernumber", "orderid", "fillerordernumber", "placerordernumber"),
    "issued": ("issued", "reportdate", "date", "studydate"),
    "performed": ("performed", "examdate", "examinationdate", "studydate"),
    "modality": ("modality",),
    "procedure": ("procedure", "bodypart", "bodypartexamined", "examination", "exam", "studydescription"),
    "status": ("status", "reportstatus", "resultstatus"),
    "document": ("document", "reportid", "documentid"),
    "version": ("version", "reportversion", "revision", "modified", "updated", "lastmodified"),
}
_SECTIONS = (
    "history", "indication", "technique", "comparison", "findings", "impression", "conclusion",
    "recommendation", "addendum",
)  # fmt: skip
_NAMES = ("patientname", "name", "referringphysician", "radiologist", "author", "physician", "signedby", "dictatedby")
_DATES = ("birthdate", "dateofbirth", "dob", "patientbirthdate")
_ADDRESSES = ("address", "patientaddress")
_PHONES = ("phone", "telephone", "patientphone")
_INSTITUTIONS = ("institution", "institutionname", "hospital", "facility")
STATUSES = {
    word: status
    for status, words in {
        ReportStatus.PRELIMINARY: "p prelim preliminary draft dictated unverified partial registered",
        ReportStatus.FINAL: "f final signed verified complete completed approved",
        ReportStatus.AMENDED: "c amended corrected correction revised appended",
        ReportStatus.ADDENDUM: "a addendum addended",
        ReportStatus.WITHDRAWN: "x w d cancelled canceled withdrawn deleted enteredinerror",
    }.items()
    for word in words.split()
}
Found = RawReport | Reason
Entry = Callable[[], Found]  # makes the report of an entry, where it is asked for


def read_csv(stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Entry]:
    """Yield what makes the report of each row; a row that cannot be read ends the table with MALFORMED."""
    csv.field_size_limit(limits.report_bytes)
    encoding, separator = _form(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
    try:
        for record in csv.DictReader(text, delimiter=separator):
            yield partial(from_record, record, columns)
    except (csv.Error, UnicodeDecodeError):
        yield lambda: Reason.MALFORMED
    finally:
        with suppress(ValueError):
            text.detach()


def _form(stream: BinaryIO) -> tuple[str, str]:
    """The encoding of a CSV and what separates its fields, from its beginning."""
    head = stream.read(65536)
    stream.seek(0)
    encoding = "utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig" if _is_utf8(head) else "cp1252"
    header = head.decode(encoding, "ignore").partition("\n")[0]
    return encoding, max(",;\t|", key=header.count)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # cut in the middle of a character
    return True


def read_parquet(stream: BinaryIO, limits: Limits, columns: ColumnOptions) -> Iterator[Entry]:
    """Yield what makes the report of each row, a few rows at a time. Raises Rejected: MALFORMED, TOO_LARGE."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(stream)
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        if any(group.total_byte_size > limits.inflated_bytes for group in groups):
            raise Rejected(Reason.TOO_LARGE)
        for batch in file.iter_batches(batch_size=64):
            yield from (partial(_of_row, batch.slice(row, 1), columns) for row in range(batch.num_rows))
    except (pa.ArrowException, ValueError, OSError, KeyError, TypeError):
        raise Rejected(Reason.MALFORMED) from None


def _of_row(row: "RecordBatch", columns: ColumnOptions) -> Found:
    import pyarrow as pa

    try:
        return from_record(row.to_pylist()[0], columns)
    except (pa.ArrowException, ValueError, KeyError, TypeError):
        raise Rejected(Reason.MALFORMED) from None


def parse_json(data: bytes) -> Any:
    """A JSON value. Raises Rejected: MALFORMED, TOO_DEEP, REPORT_UNDECODABLE."""
    try:
        return json.loads(decode(data))
    except RecursionError:
        raise Rejected(Reason.TOO_DEEP) from None
    except ValueError:
        raise Rejected(Reason.MALFORMED) from None


def from_record(record: Mapping[Any, object], columns: ColumnOptions) -> Found:
    """A row of a table as a report; a row without text has a reason instead."""
    plain = {_plain(name): _written(value) for name, value in record.items() if value is not None and name}
    found = {field: _first(plain, _chosen(columns, field)) for field in _USUAL}
    text = found["text"] or _sections(plain, columns)
    if not text:
        return Reason.REPORT_EMPTY
    return RawReport(
        key="",
        text=text,
        patient_id=found["patient_id"],
        accession_number=found["accession_number"],
        study_instance_uid=found["study_instance_uid"],
        issued=parse_date(found["issued"]),
        identifiers=tuple(_identifiers(plain, columns)),
        order_numbers=tuple(filter(None, [found["order_number"]])),
        performed=parse_date(found["performed"]),
        modality=found["modality"],
        procedure=found["procedure"],
        status=_status(found["status"]),
        document=found["document"] or found["accession_number"] or found["study_instance_uid"],
        version=_sortable(found["version"]),
    )


def _status(written: str) -> ReportStatus:
    """What a status means; a table without one holds what was final, a status that nobody knows is not."""
    return STATUSES.get(_plain(written), ReportStatus.PRELIMINARY) if written else ReportStatus.FINAL


def _sortable(version: str) -> str:
    """A version so that texts sort as numbers do; dates sort as they are."""
    return version.zfill(20) if version.isdigit() else version


def _sections(record: Mapping[str, str], columns: ColumnOptions) -> str:
    """The text of a table that has a column for each section, each under its header."""
    named = [(each.upper(), _plain(each)) for each in columns.sections] or [(each.upper(), each) for each in _SECTIONS]
    return "\n\n".join(f"{header}: {record[name]}" for header, name in named if record.get(name))


def _identifiers(record: Mapping[str, str], columns: ColumnOptions) -> Iterator[Identifier]:
    kinds = {
        IdentifierKind.NAME: (*_NAMES, *map(_plain, columns.names)),
        IdentifierKind.ID: tuple(map(_plain, columns.ids)),
        IdentifierKind.DATE: (*_DATES, *(each for name in ("issued", "performed") for each in _chosen(columns, name))),
        IdentifierKind.ADDRESS: _ADDRESSES,
        IdentifierKind.PHONE: _PHONES,
        IdentifierKind.INSTITUTION: _INSTITUTIONS,
    }
    for kind, names in kinds.items():
        yield from identify(kind, *(record[name] for name in dict.fromkeys(names) if name in record))
    for name in ("order_number", "document"):
        yield from identify(IdentifierKind.ID, _first(record, _chosen(columns, name)))


def _chosen(columns: ColumnOptions, field: str) -> tuple[str, ...]:
    """The columns that a field is looked for in: the one that the policy names, else the usual ones."""
    named = _plain(getattr(columns, field))
    return (named,) if named else _USUAL[field]


def _plain(name: object) -> str:
    return "".join(each for each in str(name).casefold() if each.isalnum())


def _written(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _first(record: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((record[name] for name in names if record.get(name)), "")
