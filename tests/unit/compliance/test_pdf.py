"""The report as PDF says what the page says, and nothing in it can act."""

import json
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from curate.compliance.pdf import as_pdf
from curate.compliance.report import write_report
from tests.unit.compliance.test_pages import facts

FACTS = facts()


def text_of(content: bytes) -> str:
    """The words of a PDF, without what sets them apart."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))


@pytest.fixture
def report(tmp_path: Path) -> tuple[str, bytes]:
    """Both forms of one report."""
    write_report(FACTS, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8"), (tmp_path / "report.pdf").read_bytes()


def test_every_sentence_and_cell_of_the_page_is_in_it(report: tuple[str, bytes]) -> None:
    """Headings, paragraphs, items, cells and labels, each whole."""
    page, content = report
    said = text_of(content)
    parts = re.findall(r"<(h1|h2|h3|p|li|td|th|caption)\b[^>]*>(.*?)</\1>", page.partition("<body")[2], re.DOTALL)
    words = [re.sub(r"[\s✓△✗✕⚠]+", "", unescape(re.sub(r"<[^>]+>", "", inner))) for _, inner in parts]
    assert len(words) > 50
    assert [each for each in words if each not in said] == []


def test_it_is_the_same_each_time_and_cannot_act(report: tuple[str, bytes], tmp_path: Path) -> None:
    """No date of making, no script, no link, no file inside."""
    again = tmp_path / "again"
    again.mkdir()
    write_report(json.loads(json.dumps(FACTS)), again / "report.html")
    assert (again / "report.pdf").read_bytes() == report[1]
    assert not re.search(rb"/(?:JavaScript|JS|URI|Launch|EmbeddedFile|AA|OpenAction|SubmitForm)\b", report[1])


HOSTILE: list[tuple[str, Any]] = [
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("a\u202eb", "a[U+202E]b"),
    ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ("王", "[U+738B]"),
    ("<b>x</b> & <font size='99'>", "<b>x</b>&<fontsize='99'>"),
]


@pytest.mark.parametrize(("given", "shown"), HOSTILE)
def test_strings_are_shown_as_they_are(given: str, shown: str) -> None:
    """Markup in a value is text; what a font lacks is shown by its number."""
    from markupsafe import escape

    content = as_pdf(f"<html><body><h1>T</h1><p>{escape(given)}</p></body></html>", "T")
    assert shown in text_of(content)
