"""Reading back what would go out: every text at the ends of lists and structures, and what a file says of itself."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.readback import strings_of


def test_every_text_of_a_table_is_read_once(tmp_path: Path) -> None:
    """Nested ones too; a value that repeats is read once, an image never."""
    rows = [
        {"study": "a", "images": [b"SMITH"], "turns": [{"role": "user", "said": ["one", "two"]}], "age": 54},
        {"study": "b", "images": [], "turns": [{"role": "user", "said": ["three"]}], "age": 54},
    ]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows).replace_schema_metadata({"made": "by"}), tmp_path / "data/a.parquet")
    (tmp_path / "card.md").write_text("four", encoding="utf-8")
    found = list(strings_of(tmp_path))
    assert sorted(found, key=str) == [
        ("age", "54"), ("card.md", "four"), ("metadata", "{b'made': b'by'}"), ("study", "a"), ("study", "b"),
        ("turns", "one"), ("turns", "three"), ("turns", "two"), ("turns", "user"),
    ]  # fmt: skip


def test_nothing_is_lost_where_lists_are_missing(tmp_path: Path) -> None:
    """A row without a list hides nothing of the row behind it."""
    rows = [{"turns": None}, {"turns": [None, {"said": None}]}, {"turns": [{"said": ["five"]}]}]
    pq.write_table(pa.Table.from_pylist(rows[::-1]), tmp_path / "a.parquet")
    assert ("turns", "five") in list(strings_of(tmp_path))
