"""The plots of the card."""

from pathlib import Path
from typing import Any

from PIL import Image

from curate.emit.plots import write_plots

FACTS: dict[str, Any] = {
    "modalities": {"CT": 40, "MR": 3},
    "population": {"sex": {"F": 20, "M": 20}, "age": {}},
    "labels": {"effusion": {"positive": 12, "negative": 9}},
}


def test_each_table_that_has_rows_is_drawn_and_named(tmp_path: Path) -> None:
    """Nothing is drawn of an empty table, and the Markdown names just the files that are there."""
    told = write_plots(FACTS, tmp_path / "plots")
    drawn = sorted(each.stem for each in (tmp_path / "plots").iterdir())
    assert drawn == ["findings", "modalities", "sex"]
    assert all(f"](plots/{name}.png)" in told for name in drawn)


def test_a_plot_says_in_words_what_it_shows(tmp_path: Path) -> None:
    """Its description has every name and number, for the blind and for the search of residue."""
    write_plots(FACTS, tmp_path)
    with Image.open(tmp_path / "modalities.png") as picture:
        assert picture.info["Description"] == "Studies by modality; CT: 5+; MR: <5"


def test_longer_bars_have_more_ink(tmp_path: Path) -> None:
    """A bar is as long as its count is large."""
    write_plots({**FACTS, "modalities": {"CT": 40, "MR": 20}}, tmp_path)
    rows = [_blue(tmp_path / "modalities.png", row) for row in range(2)]
    assert abs(rows[0] - 2 * rows[1]) <= 2


def test_small_counts_cannot_be_read_off(tmp_path: Path) -> None:
    """One patient or four of a known total: the same picture, of the hidden count and of the one that would tell it."""
    for count in (1, 4):
        told = {
            **FACTS,
            "modalities": {"CT": 44 - count, "MR": count},
            "population": {"sex": {"F": 30 - count, "M": count}},
        }
        write_plots(told, tmp_path / str(count))
    for name in ("modalities", "sex"):
        one, four = (tmp_path / str(count) / f"{name}.png" for count in (1, 4))
        assert one.read_bytes() == four.read_bytes()


def test_hostile_names_are_drawn_as_text(tmp_path: Path) -> None:
    """Line breaks, overrides and very long names neither fail nor change the size of the picture."""
    write_plots({**FACTS, "modalities": {"a\n\u202e<script>" * 40: 9}}, tmp_path)
    with Image.open(tmp_path / "modalities.png") as picture:
        assert picture.size == (800, 84)


def _blue(path: Path, row: int) -> int:
    """Pixels of a bar."""
    with Image.open(path) as picture:
        return sum(picture.getpixel((x, 46 + 30 * row + 10)) == (46, 98, 160) for x in range(picture.width))
