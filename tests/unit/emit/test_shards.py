"""Parquet shards."""

import io
from pathlib import Path

import pyarrow.parquet as pq
from PIL import Image

from curate import contracts
from curate.emit.shards import ShardWriter
from curate.records import CleanStudy


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 6), 7).save(buffer, "PNG")
    return buffer.getvalue()


def study(number: int, split: str = "train") -> CleanStudy:
    """A minimal row that fits the contract."""
    image_meta = {each["name"]: _default(each) for each in _meta_fields()}
    row = {each["name"]: _default(each) for each in contracts.load("image_text").fields}
    row |= {"sample_id": f"{number:020x}", "split": split, "images": [{"bytes": _png(), "path": None}]}
    row |= {"image_meta": [image_meta], "modalities": ["CT"], "report": "SECRETWORD in the report"}
    return CleanStudy(f"{number:020x}", "p", row)


def _meta_fields() -> list[dict[str, object]]:
    (field,) = (each for each in contracts.load("image_text").fields if each["name"] == "image_meta")
    return list(field["items"]["fields"])


def _default(field: dict[str, object]) -> object:
    if field.get("nullable"):
        return None
    if field["type"] == "struct":
        return {each["name"]: _default(each) for each in field["fields"]}
    plain = {"string": "x", "bool": False, "list": []}
    return plain.get(str(field["type"]), 0)


def _write(place: Path, rows: int, studies: list[CleanStudy]) -> None:
    with ShardWriter(place, "shard-all", contracts.load("image_text"), {"policy_digest": "d"}, rows) as writer:
        for each in studies:
            writer.write(each)


def test_row_groups_have_the_rows_that_were_asked_for(tmp_path: Path) -> None:
    """Seven studies in groups of three make groups of 3, 3 and 1; each split has a file of its own."""
    _write(tmp_path, 3, [*(study(n) for n in range(7)), study(7, "test")])
    file = pq.ParquetFile(tmp_path / "data" / "train" / "shard-all.parquet")
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [3, 3, 1]
    assert pq.read_metadata(tmp_path / "data" / "test" / "shard-all.parquet").num_rows == 1


def test_images_are_not_compressed_and_text_has_no_statistics(tmp_path: Path) -> None:
    """PNG does not compress, and the footer must not show a value of a text column."""
    _write(tmp_path, 64, [study(0)])
    path = tmp_path / "data" / "train" / "shard-all.parquet"
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert columns["images.list.element.bytes"].compression == "UNCOMPRESSED"
    assert columns["report"].compression == "ZSTD"
    assert columns["report"].statistics is None
    assert columns["patient_key"].statistics is not None
    assert b"SECRETWORD" not in path.read_bytes()[-pq.read_metadata(path).serialized_size - 8 :]


def test_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    """The same rows make the same file."""
    for name in ("a", "b"):
        _write(tmp_path / name, 2, [study(n) for n in range(5)])
    first, second = (tmp_path / name / "data" / "train" / "shard-all.parquet" for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
