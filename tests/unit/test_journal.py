"""The journal: counts of what was done, in the form of its contract."""

from collections import Counter

import pytest

from curate import contracts
from curate.journal import Journal, entropy

STUDY = "0123456789abcdef0123"


def test_the_same_action_is_one_entry_with_a_count() -> None:
    """Noting an action again counts it; another rule is another entry."""
    journal = Journal()
    journal.note("dicom", "(0010,0010)", "Z", "E.1-1")
    journal.note("dicom", "(0010,0010)", "Z", "E.1-1", times=2)
    journal.note("dicom", "(0010,0010)", "Z", "VR PN")
    assert [(row["rule"], row["count"]) for row in journal.rows(STUDY)] == [("E.1-1", 3), ("VR PN", 1)]


def test_the_order_of_noting_does_not_show() -> None:
    """Rows are sorted, so that two runs that met instances in another order write the same bytes."""
    entries = [
        ("text", "NAME", "replace", "known"),
        ("dicom", "(0008,0020)", "C", "E.1-1"),
        ("pixels", "box", "X", "ocr"),
    ]
    one, other = Journal(), Journal()
    for entry in entries:
        one.note(*entry)
    for entry in reversed(entries):
        other.note(*entry)
    assert list(one.rows(STUDY)) == list(other.rows(STUDY))


def test_absorbing_what_a_stage_returned_adds_to_what_is_there() -> None:
    """The counts of several instances of a study add up under the stage that made them."""
    journal = Journal()
    for times in (1, 4):
        journal.absorb("dicom", {("(0020,000D)", "U", "E.1-1"): times})
    assert journal.counts == Counter({("dicom", "(0020,000D)", "U", "E.1-1"): 5})


def test_rows_equal_the_contract() -> None:
    """A journal goes into its table as it is."""
    journal = Journal()
    journal.note("dicom", "(0010,0010)", "Z", "E.1-1")
    rows = list(journal.rows(STUDY))
    contract = contracts.load("journal")
    assert list(rows[0]) == contract.columns
    assert contract.table(rows).to_pylist() == rows


@pytest.mark.parametrize(
    ("counts", "bits"), [([], 0.0), ([7], 0.0), ([5, 5], 1.0), ([3] * 24, 4.585), ([9, 0, 9], 1.0)]
)
def test_entropy_of_counts(counts: list[int], bits: float) -> None:
    """As many bits as tell equally frequent things apart; what never comes adds nothing."""
    assert entropy(counts) == pytest.approx(bits, abs=0.001)
