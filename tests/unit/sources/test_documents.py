"""PDF reports."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason, Rejected
from curate.policy import Limits
from tests.unit.sources.papers import known, one, pdf, read, reason

HEADER = ["ST ELSEWHERE HOSPITAL", "Patient Name: Marguerite Quillfeather   MRN: 00483921"]
INFO = {"/Author": "Otto Bramble", "/Title": "Report 778899123", "/CreationDate": "D:20240315101500Z"}


def _page(number: int, *lines: str) -> Sequence[str]:
    return [*HEADER, *lines, f"Page {number} of 2"]


def test_text_of_all_pages_is_the_report() -> None:
    """Lines stay lines; the file's name may join it to its study."""
    report = one("ACC-1.pdf", pdf([["FINDINGS:", "Clear."], ["IMPRESSION:", "Normal."]]))
    assert report.text == "FINDINGS:\nClear.\nIMPRESSION:\nNormal."
    assert report.file_name == "ACC-1"


def test_headers_and_footers_are_no_text_but_identify() -> None:
    """What every page repeats at its edge is dropped; a finding that is repeated in the middle stays."""
    middle = [f"Line {'abcdefghijklmnopqrst'[number]}" for number in range(20)]
    pages = [_page(1, *middle, "No effusion.", *middle[::-1]), _page(2, "Again:", *middle, "No effusion.", *middle)]
    report = one("a.pdf", pdf(pages))
    assert "Quillfeather" not in report.text
    assert "Page" not in report.text
    assert report.text.count("No effusion.") == 2
    assert "Marguerite Quillfeather" in known(report, "name")
    assert "00483921" in known(report, "id")


def test_metadata_identify() -> None:
    """Author, numbers in the title, dates."""
    report = one("a.pdf", pdf([["Normal."]], INFO))
    assert "Otto Bramble" in known(report, "name")
    assert "778899123" in known(report, "id")
    assert "20240315" in known(report, "date")


@pytest.mark.parametrize("author", ["Microsoft Word", "Department of Radiology", "admin", "RIS 4.2", ""])
def test_author_that_is_no_person_is_no_name(author: str) -> None:
    """Programs and departments write PDFs too."""
    assert known(one("a.pdf", pdf([["Normal."]], {"/Author": author})), "name") == set()


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        ("Name: Marguerite Quillfeather", "name", "Marguerite Quillfeather"),
        ("Referring Physician: Otto van Bramble", "name", "Otto van Bramble"),
        ("MRN: 00483921  DOB: 03.02.1951", "id", "00483921"),
        ("MRN: 00483921  DOB: 03.02.1951", "date", "19510203"),
        ("Date of Birth: 1951-02-03", "date", "19510203"),
        ("Name: Marguerite Quillfeather MRN: 7712", "name", "Marguerite Quillfeather"),
        ("Name: Marguerite Quillfeather Exam Date: 14.3.2024", "name", "Marguerite Quillfeather"),
        ("Name: Marguerite Quillfeather Age: 73", "name", "Marguerite Quillfeather"),
        ("Tel: 214 555 0142", "phone", "214 555 0142"),
        ("Hospital: Elsewhere General", "institution", "Elsewhere General"),
    ],
)
def test_what_stands_beside_a_label_identifies(line: str, kind: str, value: str) -> None:
    """The headings of the first page are read as a form."""
    assert value in known(one("a.pdf", pdf([[line, "FINDINGS: Clear."]])), kind)


@pytest.mark.parametrize("line", ["Patient: tolerated the procedure well", "Date: unknown", "ID: none", "Name:"])
def test_sentence_beside_a_label_is_no_identifier(line: str) -> None:
    """A sentence is no name, a word no number."""
    assert one("a.pdf", pdf([[line, "Clear."]])).identifiers == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pdf([[]]), Reason.REPORT_WITHOUT_TEXT_LAYER),
        (pdf([["x"]], password="secret"), Reason.REPORT_ENCRYPTED),
        (pdf([["x"]] * 501), Reason.TOO_LARGE),
        (b"%PDF-1.7", Reason.MALFORMED),
        (b"%PDF-1.7\n" + b"\0" * 1000, Reason.MALFORMED),
        (pdf([["x" * 60]])[:300], Reason.MALFORMED),
        (b"%PDF-1.4\n1 0 obj<</Kids [1 0 R]/Type/Pages/Count 9>>endobj trailer<</Root 1 0 R>>", Reason.MALFORMED),
    ],
)
def test_paper_that_cannot_be_read_has_a_reason(data: bytes, expected: Reason) -> None:
    """Scans, locked files, books, and what is cut or goes in a circle."""
    assert reason("a.pdf", data) == expected


def test_text_over_the_limit_is_refused() -> None:
    """Bytes of the file, and characters of what is in it."""
    assert reason("a.pdf", pdf([["x" * 80] * 50]), Limits(report_bytes=100)) is Reason.TOO_LARGE
    assert reason("a.pdf", pdf([["x"]]), Limits(document_bytes=100)) is Reason.TOO_LARGE


WHOLE = pdf([["FINDINGS: Clear."], ["IMPRESSION: Normal."]], INFO)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.booleans())
def test_any_damage_is_read_or_has_a_reason(place: int, byte: int, cut: bool) -> None:
    """One byte wrong anywhere, or the file ends there."""
    data = WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    try:
        read("a.pdf", data)
    except Rejected as refused:
        assert isinstance(refused.reason, Reason)  # noqa: PT017


def test_pages_are_read_in_linear_time() -> None:
    """Twice the pages take about twice as long."""
    seconds = []
    for count in (40, 80):
        data = pdf([[f"Line {number} of a page with words in it." for number in range(60)]] * count)
        began = time.process_time()
        one("a.pdf", data)
        seconds.append(time.process_time() - began)
    assert seconds[1] < 4 * seconds[0] + 1
