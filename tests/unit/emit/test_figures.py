"""Figures of a release and how the card shows them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.emit.figures import figures_of, funnel_of, interval
from curate.emit.statistics import sections_of


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0), (81, 263, 0.255, 0.366)],
)
def test_interval_is_that_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    """Values of Newcombe (Stat Med 1998; 17:857), table I, and the edges."""
    assert interval(part, whole) == pytest.approx((low, high), abs=5e-4)


def test_funnel_counts_studies_and_instances_apart() -> None:
    """A file that could not be indexed is of no known modality; what is not refused is published."""
    refused = [
        {"kind": "instance", "key": "a", "reason": "image_blank"},
        {"kind": "instance", "key": "z", "reason": "truncated"},
        {"kind": "study", "key": "s", "reason": "label_changed"},
    ]
    assert funnel_of([("a", "CT"), ("b", "CT"), ("c", "")], refused) == {
        "studies": {"label_changed": 1},
        "instances": {
            "CT": {"in": 2, "refused": {"image_blank": 1}},
            "not known": {"in": 2, "refused": {"truncated": 1}},
        },
    }


def test_small_cells_and_their_shares_are_hidden() -> None:
    """One study with a rare finding, or two of a rare modality, must not be told from the card."""
    card = "\n".join(
        sections_of(
            {
                "counts": {"published": {"studies": 995}},
                "labels": {"aneurysm": {"positive": 1}, "effusion": {"positive": 300, "negative": 600}},
                "funnel": {
                    "studies": {"label_changed": 5},
                    "instances": {"US": {"in": 12, "refused": {"image_blank": 2}}},
                },
                "deid": {"US": {"studies": 2, "spans": 9, "boxes": 4}},
                "population": {"sex": {"F": 900, "M": 93, "O": 2}},
            }
        )
    )
    assert "| aneurysm | <5 | 0 | 0 | not shown |" in card
    assert "| effusion | 300 | 0 | 600 | 27.4% to 33.1% |" in card
    assert "| US | <5 | not shown | not shown |" in card
    assert "| F | 900 |\n| M | 5+ |\n| O | <5 |" in card
    assert "| US | 12 | <5 | 5+ |" in card
    assert "5.0 of 1,000 studies" in card


def test_figures_of_two_files_are_those_of_all_their_rows(tmp_path: Path) -> None:
    """However the rows are shared out between files, which are read one at a time."""
    row = {
        "split": "train", "patient_sex": "F", "patient_age": 44, "modalities": ["CT"], "image_meta": [],
        "language": "en", "labels": [{"name": "effusion", "value": "positive"}],
        "quality": [{"check": "exposure", "passed": True}], "deid": {"spans": 2, "boxes": 0},
        "messages": [], "conversations": [], "messages_flat": [],
    }  # fmt: skip
    rows = [row, {**row, "patient_sex": None}, {**row, "labels": [{"name": "effusion", "value": "negative"}]}]
    for name, part in (("one", rows), ("two", rows[:2]), ("three", rows[2:])):
        pq.write_table(pa.Table.from_pylist(part), tmp_path / f"{name}.parquet")
    one, *others = (tmp_path / f"{name}.parquet" for name in ("one", "two", "three"))
    assert figures_of(others, []) == figures_of([one], [])
    assert figures_of([one], [])["labels"] == {"effusion": {"negative": 1, "positive": 2}}
    assert figures_of([], [])["population"]["sex"] == {}
