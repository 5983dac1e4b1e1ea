"""Readers of reports."""

import csv
import json
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import RawReport
from curate.sources.reports import read_again, read_reports
from curate.sources.values import decode, parse_date


def _read(path: Path, limits: Limits | None = None) -> list[RawReport | Reason]:
    with path.open("rb") as stream:
        return [report for _, report in read_reports(path.name, stream, limits or Limits())]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_text_is_read_in_the_encodings_that_hospitals_write(tmp_path: Path, encoding: str) -> None:
    """UTF-8 and UTF-16 by mark, else Windows-1252 and Latin-1."""
    path = tmp_path / "ACC-1.txt"
    path.write_bytes("Größe unverändert, 3 mm.".encode(encoding))
    (report,) = _read(path)
    assert isinstance(report, RawReport)
    assert report.text == "Größe unverändert, 3 mm."
    assert report.file_name == "ACC-1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b" \n ", Reason.REPORT_EMPTY), (b"a\0b", Reason.REPORT_UNDECODABLE), (b"x" * 2000, Reason.TOO_LARGE)],
)
def test_text_that_is_none_has_a_reason(tmp_path: Path, content: bytes, reason: Reason) -> None:
    """Blank, binary and oversized files are refused, each with its reason."""
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert _read(path, Limits(report_bytes=1000)) == [reason]


def test_empty_file_is_refused(tmp_path: Path) -> None:
    """A file of no bytes is an empty file, whatever its kind."""
    path = tmp_path / "a.jsonl"
    path.touch()
    with pytest.raises(Rejected) as refused:
        _read(path)
    assert refused.value.reason is Reason.EMPTY_FILE


def test_json_lines_are_read_line_by_line_and_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    """Column names are matched without case and underscores; numbers become text."""
    good = {"PatientID": 12345, "Accession_Number": "A-1", "issued": "2024-03-14", "Report": "Normal."}
    path = tmp_path / "reports.jsonl"
    path.write_text(f"{json.dumps(good)}\n{{broken\n[]\n{{}}\n\n{json.dumps({'text': 'Second'})}\n")
    first, broken, listed, blank, last = _read(path)
    assert isinstance(first, RawReport)
    assert (first.patient_id, first.accession_number, first.issued) == ("12345", "A-1", date(2024, 3, 14))
    assert (broken, listed, blank) == (Reason.MALFORMED, Reason.MALFORMED, Reason.REPORT_EMPTY)
    assert isinstance(last, RawReport)


def _table(path: Path, texts: list[str]) -> None:
    """Reports as a table of the kind that the suffix names."""
    rows = [{"accession": f"A-{number}", "report": text} for number, text in enumerate(texts)]
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["accession", "report"])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".hl7":
        message = "MSH|^~\\&|RIS|A|B|C|2024||ORU^R01|1|P|2.3\rOBR|1||A-{n}\rOBX|1|TX|||{t}\r"
        path.write_text("".join(message.format(n=n, t=t) for n, t in enumerate(texts)))
    else:
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".hl7"])
def test_some_reports_are_read_again_in_one_pass(tmp_path: Path, suffix: str) -> None:
    """They are those of the first reading; a number that nothing has is left out."""
    path = tmp_path / f"reports{suffix}"
    _table(path, ["First.", "Second.", "", "Fourth.", "Fifth."])
    first = dict(enumerate(_read(path)))
    with path.open("rb") as stream:
        again = read_again(path.name, stream, {1, 2, 3, 9}, Limits())
    assert again == {number: first[number] for number in (1, 2, 3)}
    assert again[2] is Reason.REPORT_EMPTY


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_reports_that_are_passed_by_cost_little(tmp_path: Path, suffix: str) -> None:
    """A shard needs some reports of a table with those of all patients."""
    path = tmp_path / f"reports{suffix}"
    _table(path, [f"Report {number}, line after line." for number in range(4000)])
    with path.open("rb") as stream:
        began = time.process_time()
        assert sum(1 for _ in read_reports(path.name, stream, Limits())) == 4000
        whole = time.process_time() - began
        stream.seek(0)
        began = time.process_time()
        assert list(read_again(path.name, stream, {3999}, Limits())) == [3999]
        assert time.process_time() - began < whole / 3


def test_csv_carries_names_into_the_known_identifiers(tmp_path: Path) -> None:
    """A column with a person's name is a known identifier of the patient."""
    path = tmp_path / "reports.csv"
    path.write_text('accession,patient_name,report\nA-1,"Ng, Thuy","Line one\nline two"\n', encoding="utf-8")
    (report,) = _read(path)
    assert isinstance(report, RawReport)
    assert report.text == "Line one\nline two"
    assert [each.value for each in report.identifiers] == ["Ng, Thuy"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("20240314", date(2024, 3, 14)), ("2024-03-14T10:00:00Z", date(2024, 3, 14)), ("14.3.2024", None), ("", None)],
)
def test_date_is_iso_or_dicom(text: str, day: date | None) -> None:
    """Other forms are ambiguous and give none."""
    assert parse_date(text) == day


def test_bytes_of_two_encodings_are_still_text() -> None:
    """Bytes that are neither UTF-8 nor Windows-1252 fall back to Latin-1."""
    assert decode(b"caf\xe9 \x81") == "café \x81"
