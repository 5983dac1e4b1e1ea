"""The search that proves an erasure: every string of a table at any depth, every byte of other files."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.erasure.traces import Person, search
from curate.errors import ResidueFound

GONE = "RX-4471.2"
WRITTEN = [
    (GONE, pa.string()),
    ([GONE], pa.list_(pa.string())),
    ([{"inner": [{"deep": GONE}]}], pa.list_(pa.struct([("inner", pa.list_(pa.struct([("deep", pa.string())])))]))),
    ([(GONE, "x")], pa.map_(pa.string(), pa.string())),
    ([("x", GONE)], pa.map_(pa.string(), pa.string())),
    (GONE, pa.dictionary(pa.int32(), pa.string())),
    (GONE.encode(), pa.binary()),
    (f"seen before, see {GONE}, and after", pa.large_string()),
]


def person() -> Person:
    """Somebody of one id."""
    return Person(GONE, frozenset(), frozenset(), {}, frozenset(), frozenset({GONE}), [])


@pytest.mark.parametrize(("value", "kind"), WRITTEN)
def test_an_id_is_found_wherever_it_stands(tmp_path: Path, value: Any, kind: pa.DataType) -> None:
    """One row of many holds it."""
    rows = pa.array([None, value, *[None] * 50], kind)
    pq.write_table(pa.table({"some": list(range(52)), "told": rows}), tmp_path / "x.parquet", row_group_size=5)
    with pytest.raises(ResidueFound):
        search(tmp_path, tmp_path, person())


@pytest.mark.parametrize("text", [f"A{GONE}", f"{GONE}7", f"{GONE}.5", GONE[:-1], ""])
def test_part_of_another_id_is_none(tmp_path: Path, text: str) -> None:
    """Whole words alone are the patient's."""
    pq.write_table(pa.table({"told": [[{"text": text}]]}), tmp_path / "x.parquet")
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")
    assert search(tmp_path, tmp_path, person()) == {"release": 2, "workspace": 2}


def test_metadata_and_bytes_are_read(tmp_path: Path) -> None:
    """Of a table what is written at its foot, of another file what stands between other bytes."""
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"by": GONE}), tmp_path / "x.parquet")
    with pytest.raises(ResidueFound):
        search(tmp_path, tmp_path, person())
    (tmp_path / "x.parquet").write_bytes(b"\xff\x00" + GONE.encode() + b"\x00")
    (tmp_path / "x.parquet").rename(tmp_path / "x.bin")
    with pytest.raises(ResidueFound):
        search(tmp_path, tmp_path, person())
