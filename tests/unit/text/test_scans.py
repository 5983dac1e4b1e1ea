"""Scanned texts: digits read for letters and letters for digits are put right in their places."""

import pytest

from curate.policy import TextOptions
from curate.text.recognize import recognizer
from curate.text.scans import mended

SCAN = "Hosp1tal Rad1ology. Pat1ent: Jane W00DS, seen l9/O4/1951, Un1t No 441-OO92, T12 and L1, 2O24."


def test_a_scan_is_read_as_it_was_printed() -> None:
    """Words, dates and numbers; levels stay."""
    assert (
        mended(SCAN) == "Hospital Radiology. Patient: Jane WOODS, seen 19/04/1951, Unit No 441-0092, T12 and L1, 2024."
    )


@pytest.mark.parametrize(
    "text",
    ["T12 wedge, L5-S1 disc, B12 low, G3P1, 3T", "One f1lm only, O2 10 L, I1 and l8", "", "MRN 0O1l, ref A1O2B5"],
)
def test_other_texts_stay(text: str) -> None:
    """Levels, vitamins, one slip, and identifiers of letters and digits."""
    assert mended(text) == text


def test_what_is_found_stands_where_it_was() -> None:
    """Cues and dates are told in a scan, and the offsets are those of the text as it came."""
    found = recognizer(TextOptions(model="none")).find([SCAN])[0]
    assert {"l9/O4/1951", "441-OO92", "Jane W00DS"} <= {SCAN[span.start : span.end] for span in found}
