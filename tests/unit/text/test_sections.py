"""Reports cut into sections without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.text.sections import SECTIONS, cut, split_sections

REPORT = """CT CHEST
Exam date: yesterday
INDICATION: Cough.
TECHNIQUE
Helical images.
Comparison - None.
FINDINGS: Lungs are clear. The impression: of a mass is false.
Heart is normal. IMPRESSION: 1. No acute disease.
Recommendation: none
ADDENDUM: Seen again.
Dictated by: somebody"""


def test_report_is_cut_by_its_headers() -> None:
    """Headers with a colon, alone on a line, with a dash, and in capitals within a line open sections."""
    assert split_sections(REPORT) == {
        "findings": "Lungs are clear. The impression: of a mass is false.\nHeart is normal.",
        "impression": "1. No acute disease.\n\nnone",
        "indication": "Cough.",
        "technique": "Helical images.",
        "comparison": "None.",
        "addendum": "Seen again.",
        "other": "CT CHEST\nExam date: yesterday\n\nsomebody",
    }


HEADERS = [
    ("Finidngs:", "findings"),
    ("IMPRESION:", "impression"),
    ("Clincal History:", "indication"),
    ("**Impression:**", "impression"),
    ("comparsion:", "comparison"),
    ("## Findings", "findings"),
    ("CONCLUSION :", "impression"),
    ("Reason for exam:", "indication"),
]


@pytest.mark.parametrize(("header", "section"), HEADERS)
def test_misspelt_and_marked_headers_count(header: str, section: str) -> None:
    """Typing errors and markup do not hide a header."""
    assert split_sections(f"{header}\nText here.")[section] == "Text here."


def test_text_without_headers_is_other() -> None:
    """Nothing is dropped where nothing is recognised."""
    assert split_sections("Lungs clear.\nHeart normal.") == {"other": "Lungs clear.\nHeart normal."}
    assert split_sections("  \n ") == {}


PIECES = [
    "FINDINGS:",
    "Impression:",
    "impression",
    "\n",
    " ",
    ". ",
    "lungs clear",
    "IMPRESSION:",
    "**",
    "-",
    "\r\n",
    "\t",
    "é:",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_nothing_is_lost(text: str) -> None:
    """Headers and bodies joined are the text; every section is one of the known ones."""
    parts = list(cut(text))
    assert "".join(header + body for _, header, body in parts) == text
    assert {section for section, _, _ in parts} <= set(SECTIONS)
    kept = "".join(split_sections(text).values()) + "".join(header for _, header, _ in parts)
    assert sorted(kept.replace("\n", "").split()) or not text.strip()
    assert sum(not each.isspace() for each in kept) == sum(not each.isspace() for each in text)
