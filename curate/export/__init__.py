"""Copies of a release in the formats of other loaders: WebDataset (tar) and MosaicML Streaming (MDS).

The release stays the source of truth: the copy names it by the digest of its manifest, and holds the same PNGs to the
byte. Shards follow those of the release, so the same release gives the same bytes.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate import manifest
from curate.errors import PolicyError, Problem
from curate.export import mds, webdataset
from curate.export.sample import Sample

_BATCH = 16  # rows in memory at a time


Writer = Callable[[Path, Iterator[tuple[str, Iterator[Sample]]]], None]
FORMS: Mapping[str, Writer] = {"webdataset": webdataset.write, "mds": mds.write}


def export(release: Path, out: Path, form: str) -> dict[str, int]:
    """Write the release as `form` into the new directory `out`, a folder a split; returns samples by split.

    Raises PolicyError when there is no release, `form` is unknown or `out` is not empty, and ContractBroken when a file
    of the release is not the one that its manifest lists. `out` appears whole or not at all.
    """
    if form not in FORMS:
        raise PolicyError(Problem.FORM_UNKNOWN)
    if out.resolve().is_relative_to(release.resolve()) or (out.exists() and any(out.iterdir())):
        raise PolicyError(Problem.OUTPUT_EXISTS)
    manifest.verify(release, manifest.read(release))
    building = out.with_name(f".{out.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    counts = {split.name: _export_split(split, building / split.name, FORMS[form]) for split in _splits(release)}
    told = {"form": form, "release_manifest_sha256": manifest.digest_of(release / manifest.NAME), "samples": counts}
    (building / "export.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    building.replace(out)
    return counts


def _splits(release: Path) -> list[Path]:
    return sorted(path for path in (release / "data").iterdir() if path.is_dir())


def _export_split(split: Path, folder: Path, write: Writer) -> int:
    folder.mkdir(parents=True)
    shards = sorted(split.glob("*.parquet"))
    write(folder, ((shard.stem, _samples(shard)) for shard in shards))
    return sum(pq.read_metadata(shard).num_rows for shard in shards)


def _samples(shard: Path) -> Iterator[Sample]:
    for batch in pq.ParquetFile(shard).iter_batches(_BATCH):
        yield from map(_sample, batch.to_pylist())


def _sample(row: dict[str, Any]) -> Sample:
    images = tuple(image["bytes"] for image in row.pop("images"))
    # dates become ISO 8601
    return Sample(row["sample_id"], images, row["report"], json.dumps(row, default=str, ensure_ascii=False))
