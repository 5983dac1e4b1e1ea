"""The dataset card."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from curate import contracts
from curate.emit.card import write_card
from curate.emit.shards import ShardWriter
from curate.records import CleanStudy

HOSTILE = '<script>alert(1)</script>"\'`|[x](javascript:y)\n---\n# H\u202e=HYPERLINK("x")'


def facts(**changes: Any) -> dict[str, Any]:
    """Facts of a release, of those that the card reads."""
    return {
        "run": {
            "version": "0.1.0", "policy_digest": "ab" * 32, "contracts": {"image_text": "1.0"},
            "profile_codes": ["113100", "113107", "113108"],
        },
        "counts": {"published": {"patients": 290, "studies": 1412, "images": 3312}},
        "splits": {"train": 1380, "test": 30, "validation": 2},
        "modalities": {"CT": 1120, "CR": 281, "MR": 9, "US": 2},
        "sections": {"findings": 1400, "impression": 1410, "indication": 33, "technique": 0, "comparison": 3},
        **changes,
    }  # fmt: skip


def card(place: Path, told: dict[str, Any]) -> str:
    """The text of the card of some facts."""
    write_card(told, place / "README.md")
    return (place / "README.md").read_text(encoding="utf-8")


def blank(field: dict[str, Any]) -> Any:
    """A value of the type of a field."""
    if field.get("nullable"):
        return None
    if field["type"] == "struct":
        return {each["name"]: blank(each) for each in field["fields"]}
    return {"string": "x", "bool": False, "list": []}.get(str(field["type"]), 0)


def release(place: Path, splits: tuple[str, ...]) -> None:
    """Shards of one study a split with one image each, and the card."""
    buffer = io.BytesIO()
    Image.new("L", (8, 6), 7).save(buffer, "PNG")
    contract = contracts.load("image_text")
    with ShardWriter(place, "shard-0", contract, {}, 64) as writer:
        for split in splits:
            row = {each["name"]: blank(dict(each)) for each in contract.fields}
            row |= {"split": split, "images": [{"bytes": buffer.getvalue(), "path": None}], "report": f"In {split}."}
            writer.write(CleanStudy("s", "p", row))
    write_card(facts(splits=dict.fromkeys(splits, 1)), place / "README.md")


@pytest.mark.parametrize("splits", [("train", "validation", "test"), ("test",)])
def test_datasets_loads_the_release_by_its_card(
    splits: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`load_dataset` of the directory gives the splits that exist, and pictures as PIL images; nothing is fetched."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    release(tmp_path / "release", splits)
    loaded = datasets.load_dataset(str(tmp_path / "release"), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == set(splits)
    for split in splits:
        study = loaded[split][0]
        assert study["report"] == f"In {split}."
        assert isinstance(study["images"][0], Image.Image)
        assert study["images"][0].size == (8, 6)


def test_example_of_the_card_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of Python in the card run as they stand, but for the picture on the screen."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    release(tmp_path / "path" / "to" / "release", ("validation", "test"))
    (code,) = re.findall(r"```python\n(.*?)```", (tmp_path / "path/to/release/README.md").read_text(), re.DOTALL)
    assert len(code.splitlines()) == 5
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code.replace(".show()", ".size"), names)  # noqa: S102  the card's own lines
    assert names["study"]["report"] == "In validation."


def test_front_matter_names_the_splits_that_exist(tmp_path: Path) -> None:
    """A split without a study has no files, so it must not be named; train comes first."""
    head = card(tmp_path, facts(splits={"test": 3, "train": 9, "validation": 0})).split("---")[1]
    assert re.findall(r"split: (\w+)", head) == ["train", "test"]
    assert re.findall(r"path: (\S+)", head) == ['"data/train/*.parquet"', '"data/test/*.parquet"']


def test_small_counts_are_not_shown(tmp_path: Path) -> None:
    """Counts of 1 to 4 are "<5"; a lone one that the total would tell is covered by the next."""
    text = card(tmp_path, facts())
    assert "| train | 1,380 |" in text
    assert "| validation | <5 |\n| test | 5+ |" in text
    assert "| CR | 281 |\n| CT | 1,120 |\n| MR | 5+ |\n| US | <5 |" in text
    assert "| comparison | <5 |" in text
    assert "| indication | 33 |" in text
    assert "| technique | 0 |" in text
    few = facts(counts={"published": {"patients": 3, "studies": 4, "images": 5}}, splits={"train": 4})
    assert "<5 radiology studies of <5 patients with 5 images." in card(tmp_path, few)


def test_every_field_of_the_contract_is_explained(tmp_path: Path) -> None:
    """The table of fields has every field of the contract, nested ones too, in its order, with its doc."""
    rows = re.findall(r"^\| `([^`]+)` \| .* \| (.*) \| .* \|$", card(tmp_path, facts()), re.MULTILINE)
    top = [name for name, _ in rows if "." not in name]
    assert top == contracts.load("image_text").columns
    assert ("image_meta[].rows", "Height of the PNG") in rows
    assert "messages[].content[].type" in dict(rows)
    assert "deid.spans" in dict(rows)


@pytest.mark.parametrize(
    ("codes", "told", "untold"),
    [
        (["113100", "113107"], "Dates were moved", "Dates are the true ones"),
        (["113100", "113106"], "Dates are the true ones", "Dates were moved"),
        (["113100"], "Sex and age were removed", "Sex and age are kept"),
        (["113100", "113110"], "UIDs in the headers are the true ones", "UIDs were replaced"),
    ],
)
def test_card_says_what_the_profile_did(codes: list[str], told: str, untold: str, tmp_path: Path) -> None:
    """What the options keep is told to whoever trains on the data."""
    text = card(tmp_path, facts(run={**facts()["run"], "profile_codes": codes}))
    assert told in text
    assert untold not in text


def test_card_promises_no_more_than_holds(tmp_path: Path) -> None:
    """Pseudonymised data stay personal data; nothing more is claimed, and no address outside is named."""
    text = card(tmp_path, facts())
    assert "stay personal data" in text
    assert "anonym" not in text.lower()
    assert "http" not in text


def test_card_is_the_same_whatever_the_order_of_its_facts(tmp_path: Path) -> None:
    """Facts read back from JSON give the same bytes."""
    assert card(tmp_path, facts()) == card(tmp_path, json.loads(json.dumps(facts(), sort_keys=True)))


def test_hostile_strings_come_out_as_text(tmp_path: Path) -> None:
    """HTML, Markdown, line breaks and reordering characters in names and versions are shown, not obeyed."""
    told = facts(
        run={"version": HOSTILE, "policy_digest": HOSTILE, "profile_codes": [HOSTILE],
             "contracts": {"image_text": HOSTILE}},
        modalities={HOSTILE: 9}, sections={HOSTILE: 9}, splits={"train": 9, HOSTILE: 9},
    )  # fmt: skip
    text = card(tmp_path, told)
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\n# H" not in text
    assert "[x](" not in text
    assert text.count("&lt;script&gt;") == 10
    head, *_ = text.removeprefix("---\n").partition("\n---\n")
    assert "script" not in head
    assert all(len(re.findall(r"(?<!\\)\|", line)) in {3, 6} for line in text.splitlines() if line.startswith("|"))
