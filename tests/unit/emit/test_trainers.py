"""A release as trainers read it: `datasets`, pandas and pyarrow load it, and each trainer's rules take its rows."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from PIL import Image

from curate import contracts
from curate.emit.rows import text_columns
from curate.emit.shards import ShardWriter
from curate.emit.trainers import COLUMNS, TRAINERS, passes
from curate.records import CleanReport, CleanStudy

SECTIONS = {"findings": "Clear <image>.", "impression": "Normal."}
SAID = CleanReport("r", "FINDINGS: Clear <image>.\nIMPRESSION: Normal.", SECTIONS, ())


def row(images: int) -> dict[str, Any]:
    """The text columns of a study with some images."""
    return {name: text_columns(SAID, images, "Describe <image>.")[name] for name in COLUMNS}


def broken(column: str, change: Any) -> dict[str, Any]:
    """A row of two images of which one column is changed."""
    return row(2) | {column: change(row(2)[column])}


def asked(turns: list[dict[str, Any]], content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns with another content of the question."""
    return [{**turns[0], "content": content}, *turns[1:]]


def with_image_key(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns with a key that chat templates take for an image, as Arrow would fill it."""
    return asked(turns, [{**block, "image": None} for block in turns[0]["content"]])


def flat(text: str) -> list[dict[str, str]]:
    """A question of this text and an answer, for verl."""
    return [{"role": "user", "content": text}, {"role": "assistant", "content": "Clear."}]


def test_every_trainer_takes_a_row_as_it_is() -> None:
    """One image suits all; Axolotl fills the first image only, so rows of several are not for it."""
    assert passes([(row(1), 1)]) == dict.fromkeys(TRAINERS, 1)
    assert passes([(row(3), 3)]) == dict.fromkeys(TRAINERS, 1) | {"Axolotl": 0}


@pytest.mark.parametrize(
    ("wrong", "refusing"),
    [
        (broken("messages", lambda turns: turns[:1]), {"TRL", "ms-swift"}),
        (broken("messages", lambda turns: asked(turns, turns[0]["content"][1:])), {"TRL", "ms-swift"}),
        (broken("messages", with_image_key), {"TRL", "ms-swift"}),
        (broken("conversations", lambda turns: turns[::-1]), {"LLaMA-Factory"}),
        (broken("conversations", lambda turns: [{"from": "human", "value": "<image>?"}, turns[1]]), {"LLaMA-Factory"}),
        (broken("messages_flat", lambda _: flat("<image><image><video>")), {"verl"}),
        (broken("messages_flat", lambda _: flat("<image><image><image>")), {"verl"}),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_by_the_trainer_that_would_break(wrong: dict[str, Any], refusing: set[str]) -> None:
    """Each rule refuses what its trainer fails on or, worse, takes in silence."""
    taken = passes([(wrong, 2)])
    assert {trainer for trainer, rows in taken.items() if not rows} == refusing | {"Axolotl"}


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shard of four studies with one and two images."""
    place = tmp_path_factory.mktemp("release")
    contract = contracts.load("image_text")
    with ShardWriter(place, "shard-0", contract, {}, 2) as writer:
        for number in range(4):
            writer.write(
                CleanStudy(
                    f"{number}", "p", _study(number, {each["name"]: _blank(dict(each)) for each in contract.fields})
                )
            )
    return place / "data" / "train" / "shard-0.parquet"


def _study(number: int, blank: dict[str, Any]) -> dict[str, Any]:
    images = number % 2 + 1
    text = text_columns(SAID, images, "Describe.")
    return (
        blank
        | text
        | {"sample_id": f"{number:020x}", "split": "train", "images": [{"bytes": _png(number), "path": None}] * images}
    )


def _png(grey: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 6), grey).save(buffer, "PNG")
    return buffer.getvalue()


def _blank(field: dict[str, Any]) -> Any:
    if field.get("nullable"):
        return None
    if field["type"] == "struct":
        return {each["name"]: _blank(each) for each in field["fields"]}
    return {"string": "x", "bool": False, "list": []}.get(str(field["type"]), 0)


def loaded(shard: Path, cache: Path) -> Iterator[dict[str, Any]]:
    """The rows as `load_dataset` gives them, which is how TRL, ms-swift, LLaMA-Factory and Axolotl read."""
    datasets = pytest.importorskip("datasets", reason="the package datasets is a development dependency")
    yield from datasets.load_dataset("parquet", data_files=str(shard), split="train", cache_dir=str(cache))


def test_loaded_rows_hold_pictures_and_pass_the_rules(shard: Path, tmp_path: Path) -> None:
    """PIL images in lossless grey, and columns that came through Arrow as they were."""
    rows = list(loaded(shard, tmp_path))
    assert [each.getpixel((0, 0)) for one in rows for each in one["images"]] == [0, 1, 1, 2, 3, 3]
    taken = passes((one, len(one["images"])) for one in rows)
    assert taken == dict.fromkeys(TRAINERS, 4) | {"Axolotl": 2}


def test_pandas_gives_verl_dicts_with_bytes(shard: Path) -> None:
    """Verl's supervised loader reads with pandas: images are dicts whose bytes are a picture."""
    import pandas as pd

    table = pd.read_parquet(shard)
    for images, turns in zip(table["images"], table["messages_flat"], strict=True):
        assert turns[0]["content"].count("<image>") == len(images)
        assert Image.open(io.BytesIO(images[0]["bytes"])).size == (8, 6)


def test_one_sample_and_a_scan_of_text_read_no_more_than_they_need(shard: Path) -> None:
    """Row groups are read alone, and every column has a page index."""
    file = pq.ParquetFile(shard)
    assert file.read_row_group(1, columns=["sample_id"])["sample_id"].to_pylist() == [f"{n:020x}" for n in (2, 3)]
    group = file.metadata.row_group(0)
    assert all(group.column(at).has_offset_index for at in range(group.num_columns))


def test_no_trainer_is_named_for_rows_of_sixteen_bits() -> None:
    """They convert to RGB by clipping, and would train on white images."""
    row = {name: [] for name in COLUMNS} | {"image_meta": [{"window_source": "full"}]}
    assert set(passes([(row, 0)]).values()) == {0}
