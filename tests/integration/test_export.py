"""Copies of a release for other loaders hold what the release holds, byte for byte."""

import json
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from curate.errors import ContractBroken, PolicyError
from curate.export import export
from curate.manifest import NAME, digest_of
from curate.policy import Policy
from tests import synth
from tests.pipeline import make_release, make_workspace


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of four patients."""
    place = tmp_path_factory.mktemp("export")
    people = [synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100") for seed in range(30, 34)]
    synth.write_archive(place / "source", people)
    made = place / "release"
    make_release(place / "source", make_workspace(place / "ws"), made, Policy())
    return made


def rows_of(release: Path) -> dict[str, dict[str, Any]]:
    """Each row of the release by its sample."""
    tables = (pq.read_table(path) for path in sorted((release / "data").rglob("*.parquet")))
    return {row["sample_id"]: row for table in tables for row in table.to_pylist()}


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its images, as JSON says it."""
    return dict(json.loads(json.dumps({name: value for name, value in row.items() if name != "images"}, default=str)))


def test_webdataset_holds_every_sample(release: Path, tmp_path: Path) -> None:
    """Files of a sample follow each other under one key; PNGs, report and columns are those of the release."""
    counts = export(release, tmp_path / "out", "webdataset")
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    order: list[str] = []
    for path in sorted((tmp_path / "out").rglob("*.tar")):
        with tarfile.open(path) as tar:
            for entry in tar:
                key, _, end = entry.name.partition(".")
                order += [key] if order[-1:] != [key] else []
                content = tar.extractfile(entry)
                assert content is not None
                assert (entry.mtime, entry.uid, entry.gid, entry.uname) == (0, 0, 0, "")
                found[key][end] = content.read()
    rows = rows_of(release)
    assert sorted(order) == sorted(rows)  # each key once: its files are not torn apart
    assert sum(counts.values()) == len(rows) > 2
    for key, row in rows.items():
        pngs = [found[key][end] for end in sorted(found[key]) if end.endswith(".png")]
        assert pngs == [image["bytes"] for image in row["images"]]
        assert found[key]["txt"].decode() == row["report"]
        assert json.loads(found[key]["json"]) == expected(row)


def words(content: bytes, start: int, count: int) -> list[int]:
    """Unsigned 32-bit integers, little endian."""
    return [int(each) for each in np.frombuffer(content, "<u4", count, start)]


def samples_of(shard: Path, names: list[str]) -> list[dict[str, bytes]]:
    """The columns of each sample of an MDS shard, as its reader finds them (streaming/base/format/mds/reader.py)."""
    content, found = shard.read_bytes(), []
    (count,) = words(content, 0, 1)
    for begin, end in zip(*(words(content, 4 * (1 + shift), count) for shift in (0, 1)), strict=True):
        sizes = words(content, begin, len(names))
        ends = np.cumsum([begin + 4 * len(names), *sizes]).tolist()
        assert ends[-1] == end
        found.append({name: content[ends[at] : ends[at + 1]] for at, name in enumerate(names)})
    return found


def test_mds_holds_every_sample(release: Path, tmp_path: Path) -> None:
    """The index leads to every sample, whose columns are those of the release."""
    export(release, tmp_path / "out", "mds")
    rows, seen = rows_of(release), set()
    for index in (tmp_path / "out").rglob("index.json"):
        for shard in json.loads(index.read_text(encoding="utf-8"))["shards"]:
            path = index.parent / shard["raw_data"]["basename"]
            assert path.stat().st_size == shard["raw_data"]["bytes"]
            for sample in samples_of(path, shard["column_names"]):
                row = rows[sample["sample_id"].decode()]
                seen.add(row["sample_id"])
                held = [image["bytes"] for image in row["images"]]
                assert words(sample["images"], 4, 1 + len(held)) == [len(held), *map(len, held)]
                assert sample["images"].endswith(b"".join(held))
                assert json.loads(sample["row"]) == expected(row)
    assert seen == set(rows)


def test_streaming_reads_the_copy(release: Path, tmp_path: Path) -> None:
    """MosaicML Streaming itself gives PIL images and the columns."""
    streaming = pytest.importorskip("streaming", reason="mosaicml-streaming, which needs PyTorch, is not installed")
    counts, rows = export(release, tmp_path / "out", "mds"), rows_of(release)
    for split, count in counts.items():
        held = list(streaming.StreamingDataset(local=str(tmp_path / "out" / split), batch_size=1, shuffle=False))
        assert len(held) == count
        assert all(each["images"][0].size[0] == rows[each["sample_id"]]["image_meta"][0]["columns"] for each in held)


def test_webdataset_itself_reads_the_copy(release: Path, tmp_path: Path) -> None:
    """The package of that name groups the files into samples."""
    webdataset = pytest.importorskip("webdataset", reason="webdataset is not installed")
    counts = export(release, tmp_path / "out", "webdataset")
    tars = sorted(map(str, (tmp_path / "out").rglob("*.tar")))
    samples = list(webdataset.WebDataset(tars, shardshuffle=False).decode("pil"))
    assert len(samples) == sum(counts.values())
    assert all(sample["000.png"].size[0] == sample["json"]["image_meta"][0]["columns"] for sample in samples)


@pytest.mark.parametrize("form", ["webdataset", "mds"])
def test_copies_are_equal_and_name_their_release(release: Path, tmp_path: Path, form: str) -> None:
    """The same release gives the same bytes; export.json says which it was."""
    for name in ("a", "b"):
        export(release, tmp_path / name, form)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert files
    assert all((tmp_path / "a" / each).read_bytes() == (tmp_path / "b" / each).read_bytes() for each in files)
    told = json.loads((tmp_path / "a" / "export.json").read_text(encoding="utf-8"))
    assert told["release_manifest_sha256"] == digest_of(release / NAME)


def test_refusals(release: Path, tmp_path: Path) -> None:
    """No release, an unknown form, a place that is taken or inside the release, an altered file: nothing appears."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    cases = [(tmp_path, tmp_path / "a", "mds"), (release, tmp_path / "b", "csv"), (release, tmp_path / "taken", "mds")]
    for source, out, form in [*cases, (release, release / "copy", "mds")]:
        with pytest.raises(PolicyError):
            export(source, out, form)
    altered = tmp_path / "altered"
    for path in (each for each in release.rglob("*") if each.is_file()):
        target = altered / path.relative_to(release)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes() + (b" " if path.name == "README.md" else b""))
    with pytest.raises(ContractBroken):
        export(altered, tmp_path / "c", "mds")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["altered", "taken"]
