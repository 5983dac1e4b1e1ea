"""Attribution: the reports of a shard, read again."""

import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from curate.attribution import Papers
from curate.errors import Reason, Rejected
from curate.policy import Policy
from curate.sources.directory import Directory

OPENED: list[str] = []


class Counted(Directory):
    """A directory that notes what is opened."""

    def open(self, path: str) -> BinaryIO:
        """As a directory does."""
        OPENED.append(path)
        return super().open(path)


def _rows(place: Path, texts: list[str]) -> list[dict[str, Any]]:
    """Rows of the catalog for the lines of one file."""
    path = place / "reports.jsonl"
    path.write_text("".join(json.dumps({"accession": str(n), "report": text}) + "\n" for n, text in enumerate(texts)))
    found = path.stat()
    held = {"path": path.name, "bytes": found.st_size, "changed": found.st_mtime_ns}
    return [{**held, "entry": number} for number in range(len(texts))]


def test_a_file_of_many_reports_is_read_once(tmp_path: Path) -> None:
    """Not once for each: an export of a hundred thousand reports is one file."""
    OPENED.clear()
    rows = _rows(tmp_path, [f"Report {number}." for number in range(50)])
    papers = Papers(Counted(tmp_path), rows[10:40], Policy())
    assert [papers.of(row).text for row in rows[10:40]] == [f"Report {number}." for number in range(10, 40)]
    assert OPENED == ["reports.jsonl"]


def test_a_report_that_is_gone_has_a_reason(tmp_path: Path) -> None:
    """One that cannot be read costs itself, a file that has changed all of its reports."""
    rows = _rows(tmp_path, ["One.", "", "Three."])
    papers = Papers(Directory(tmp_path), [*rows, {**rows[0], "entry": 7}], Policy())
    assert papers.of(rows[2]).text == "Three."
    for row, reason in ((rows[1], Reason.REPORT_EMPTY), ({**rows[0], "entry": 7}, Reason.UNREADABLE)):
        with pytest.raises(Rejected) as refused:
            papers.of(row)
        assert refused.value.reason is reason
    (tmp_path / "reports.jsonl").write_text("{}\n")
    later = Papers(Directory(tmp_path), rows, Policy())
    for row in rows:
        with pytest.raises(Rejected) as refused:
            later.of(row)
        assert refused.value.reason is Reason.CHANGED
