"""Tables of reports: CSV, JSON Lines, Parquet."""

import io
import json
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason, Rejected
from curate.policy import ColumnOptions, Limits
from curate.records import RawReport, ReportStatus
from tests.unit.sources.papers import known, read, reason

RECORD: Mapping[str, Any] = {
    "MRN": "00483921", "Accession No": "ACC-778899", "Study UID": "1.2.3.4", "order_id": "PLC-5512",
    "report_date": "2024-03-15", "exam_date": "20240314", "modality": "CT", "BodyPart": "CHEST", "status": "F",
    "report_id": "R-1", "version": "2", "text": "FINDINGS: Größe normal.", "patient_name": "Quillfeather^Marguerite",
    "dob": "1951-02-03", "address": "12 Larkspur Lane", "phone": "214 555 0142", "hospital": "St Elsewhere",
}  # fmt: skip


def as_csv(*records: Mapping[str, Any], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """Records as CSV; every field quoted."""
    lines = [records[0].keys(), *(each.values() for each in records)]
    text = "\r\n".join(separator.join('"{}"'.format(str(value).replace('"', '""')) for value in line) for line in lines)
    return text.encode(encoding)


def as_parquet(*records: Mapping[str, Any]) -> bytes:
    """Records as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(each) for each in records]), out)
    return out.getvalue()


def as_lines(*records: Mapping[str, Any]) -> bytes:
    """Records as JSON Lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def as_list(*records: Mapping[str, Any]) -> bytes:
    """Records as one JSON document."""
    return json.dumps(list(records), indent=1).encode()


FORMS = {"a.csv": as_csv, "a.parquet": as_parquet, "a.jsonl": as_lines, "a.json": as_list}


def first(name: str, data: bytes, columns: ColumnOptions | None = None) -> RawReport:
    """The first report of a table."""
    found = read(name, data, columns=columns)[0]
    assert isinstance(found, RawReport), found
    return found


@pytest.mark.parametrize("name", FORMS)
def test_usual_names_of_columns_are_known(name: str) -> None:
    """Without case, spaces and underscores, in every form of table."""
    report = first(name, FORMS[name](RECORD))
    assert (report.text, report.patient_id, report.accession_number) == (RECORD["text"], "00483921", "ACC-778899")
    assert (report.study_instance_uid, report.order_numbers) == ("1.2.3.4", ("PLC-5512",))
    assert (report.issued, report.performed) == (date(2024, 3, 15), date(2024, 3, 14))
    assert (report.modality, report.procedure, report.status) == ("CT", "CHEST", ReportStatus.FINAL)
    assert (report.document, report.version) == ("R-1", "2".zfill(20))


@pytest.mark.parametrize("name", FORMS)
def test_columns_about_persons_identify(name: str) -> None:
    """Names, dates, addresses, phones and institutions, by their usual columns."""
    report = first(name, FORMS[name](RECORD))
    assert known(report, "name") == {"Quillfeather^Marguerite"}
    assert known(report, "date") == {"19510203", "20240314", "20240315"}
    assert known(report, "address") == {"12 Larkspur Lane"}
    assert known(report, "phone") == {"214 555 0142"}
    assert known(report, "institution") == {"St Elsewhere"}
    assert {"PLC-5512", "R-1"} <= known(report, "id")


@pytest.mark.parametrize("name", FORMS)
def test_policy_names_columns_that_are_called_otherwise(name: str) -> None:
    """`[sources.columns]`: fields, sections under their names, further names and numbers."""
    record = {"Befund": "Normal.", "Beurteilung": "Gut.", "PatNr": 7, "Arzt": "Bramble, Otto", "Kasse": "K-99"}
    columns = ColumnOptions(
        sections=("Befund", "Beurteilung"), patient_id="patnr", names=("ARZT",), ids=("Kasse",), status="Status"
    )
    report = first(name, FORMS[name](record), columns)
    assert report.text == "BEFUND: Normal.\n\nBEURTEILUNG: Gut."
    assert report.patient_id == "7"
    assert (known(report, "name"), known(report, "id")) == ({"Bramble, Otto"}, {"K-99"})


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separator_and_encoding_are_told_by_the_beginning(separator: str, encoding: str) -> None:
    """As spreadsheets write them."""
    assert first("a.csv", as_csv(RECORD, separator=separator, encoding=encoding)).text == RECORD["text"]


def test_fields_hold_line_ends_quotes_and_separators() -> None:
    """What is quoted is one field."""
    text = 'Line "one",\r\nline; two'
    assert first("a.csv", as_csv({"accession": "A", "text": text})).text == text


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("final", ReportStatus.FINAL),
        ("F", ReportStatus.FINAL),
        ("Signed", ReportStatus.FINAL),
        ("", ReportStatus.FINAL),
        ("draft", ReportStatus.PRELIMINARY),
        ("Corrected", ReportStatus.AMENDED),
        ("addendum", ReportStatus.ADDENDUM),
        ("entered in error", ReportStatus.WITHDRAWN),
        ("something else", ReportStatus.PRELIMINARY),
    ],
)
def test_status_is_mapped(written: str, status: ReportStatus) -> None:
    """A word that nobody knows is not final."""
    assert first("a.jsonl", as_lines({**RECORD, "status": written})).status is status


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.csv", b"text\n", None),
        ("a.csv", b"nothing,known\n1,2\n", Reason.REPORT_EMPTY),
        ("a.csv", b'text\n"' + b"x" * 3000 + b'"\n', Reason.MALFORMED),
        ("a.csv", "text\nnaïve".encode("utf-16")[:-1], Reason.MALFORMED),
        ("a.parquet", b"PAR1" + b"\0" * 100, Reason.MALFORMED),
        ("a.parquet", as_parquet(RECORD)[:-20], Reason.MALFORMED),
        ("a.jsonl", b"{", Reason.MALFORMED),
        ("a.jsonl", b'{"text": "\\ud800"}', Reason.REPORT_UNDECODABLE),
        ("a.jsonl", b'{"text": "a\\u0000b"}', Reason.REPORT_UNDECODABLE),
        ("a.jsonl", b"[" * 100_000, Reason.TOO_DEEP),
        ("a.jsonl", b"7", Reason.MALFORMED),
        ("a.json", b"[7]", Reason.MALFORMED),
        ("a.json", b"{}", Reason.REPORT_EMPTY),
        ("a.jsonl", b'{"text": "' + b"x" * 3000 + b'"}', Reason.TOO_LARGE),
    ],
)
def test_table_that_cannot_be_read_has_a_reason(name: str, data: bytes, expected: Reason | None) -> None:
    """A table without rows holds nothing."""
    limits = Limits(report_bytes=2000)
    if expected is None:
        assert read(name, data, limits) == []
    else:
        assert reason(name, data, limits) == expected


def test_bad_row_ends_a_csv_and_those_before_it_stay() -> None:
    """A field without end is told of once."""
    found = read("a.csv", b'text\ngood\n"' + b"x" * 3000, Limits(report_bytes=2000))
    assert isinstance(found[0], RawReport)
    assert found[1:] == [Reason.MALFORMED]


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], ["a"], {}, {"a": 1}, "", "\ud800"])
@pytest.mark.parametrize("field", sorted(RECORD))
def test_value_of_the_wrong_type_breaks_nothing(field: str, value: object) -> None:
    """Whatever JSON holds is a report without that field, or has a reason."""
    (found,) = read("a.jsonl", json.dumps({**RECORD, field: value}).encode())
    assert isinstance(found, RawReport | Reason)


@given(st.binary(max_size=300), st.sampled_from(sorted(FORMS)))
def test_any_bytes_are_a_table_or_have_a_reason(data: bytes, name: str) -> None:
    """Behind the beginning of each form."""
    for beginning in (b"", b"text,id\n", b'{"text": "', b"PAR1", b"[{"):
        try:
            found = read(name, beginning + data)
        except Rejected as refused:
            found = [refused.reason]
        assert all(isinstance(each, RawReport | Reason) for each in found)


@pytest.mark.parametrize("name", FORMS)
def test_ten_megabytes_are_read_in_linear_time(name: str) -> None:
    """Twice the rows take about twice as long."""
    seconds = []
    for count in (5_000, 10_000):
        data = FORMS[name](*[{**RECORD, "text": "FINDINGS: Clear. " * 40}] * count)
        began = time.process_time()
        assert len(read(name, data)) == count
        seconds.append(time.process_time() - began)
    assert seconds[1] < 4 * seconds[0] + 1
