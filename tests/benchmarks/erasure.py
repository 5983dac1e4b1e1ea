"""How long the erasure of one patient from a large release takes, and what of it is proof.

    python -m tests.benchmarks.erasure [--gigabytes 1] [--shards 4]

Patients are synthetic and go the whole way; in the staged shards their small images are then replaced by large ones, so
that the release has its size without hours of curation. Erasure is `curate.erasure.erase`: signature and digests of the
old release, new tables, counts, documents and signature, and the search of everything for the patient. `read` is one
SHA-256 pass over the release, the least that any proof costs.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from curate import contracts, manifest
from curate.catalog import Catalog, plan
from curate.emit.shards import ShardWriter
from curate.erasure import erase
from curate.intake import index
from curate.policy import OutputOptions, Policy
from curate.privacy.workspace import load_key, remember_source
from curate.records import CleanStudy
from curate.release import Staging, hold_to_expectations, publish, tables_of
from curate.separation import derive, separate
from curate.shard import circumstances, curate_shard, stamps_of
from curate.sources.source import open_source
from tests import synth
from tests.benchmarks.shards import picture
from tests.pipeline import make_workspace

_IMAGES = 4  # of a patient


def seconds(work: Callable[[], object]) -> float:
    """Wall time of a call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def enlarge(folder: Path, pictures: list[bytes], policy: Policy) -> None:
    """Replace the images of a staged shard; one drawn picture stands for several, its bytes made to differ."""
    draw = np.random.default_rng(len(folder.name))
    for path in tables_of(folder, "image_text"):
        rows = pq.read_table(path).to_pylist()
        path.unlink()
        with ShardWriter(folder, path.stem, contracts.load("image_text"), stamps_of(policy), 64) as writer:
            for row in rows:
                for image in row["images"]:
                    image["bytes"] = pictures[draw.integers(len(pictures))] + draw.bytes(16)
                writer.write(CleanStudy(row["study_key"], row["patient_key"], row))


def release_of(place: Path, gigabytes: float, shards: int) -> tuple[Path, Path, str]:
    """A release of about this size; returns it, its workspace, and a patient in it."""
    pictures = [picture(number) for number in range(16)]
    count = round(gigabytes * 1e9 / _IMAGES / np.mean([len(each) for each in pictures]))
    people = [synth.patient(seed, kinds=("CT",), instances=_IMAGES, report="txt") for seed in range(count)]
    synth.write_archive(place / "source", people)
    size = sum(each.stat().st_size for each in (place / "source").rglob("*.dcm"))
    policy = replace(Policy(), output=replace(OutputOptions(), shard_bytes=size // shards))
    workspace = make_workspace(place / "ws")
    remember_source(workspace, str(place / "source"))
    index(open_source(str(place / "source"), workspace), workspace, policy, load_key(workspace))
    planned = plan(Catalog(workspace / "catalog"), policy.output.shard_bytes, circumstances(policy, None))
    for shard in planned:
        curate_shard(shard, policy, workspace)
    staging = Staging(planned, workspace, policy)
    for folder in staging.folders:
        enlarge(folder, pictures, policy)
    staging = separate(staging)
    derive(staging)
    publish(staging, hold_to_expectations(staging.folders), place / "release")
    shutil.rmtree(place / "source")
    return place / "release", workspace, people[count // 2].patient_id


def main() -> None:
    """Make, erase, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--shards", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        release, workspace, patient = release_of(Path(scratch), asked.gigabytes, asked.shards)
        files = [each for each in release.rglob("*") if each.is_file()]
        size, shards = sum(each.stat().st_size for each in files), len(tables_of(release, "image_text"))
        read = seconds(lambda: [manifest.digest_of(each) for each in files])
        took = seconds(lambda: erase(release, patient, workspace))
        print(f"{size / 1e9:.2f} GB, {shards} files of images: erased in {took:.1f} s, {took / read:.1f} x read")
        print(f"read (SHA-256 of all files): {read:.1f} s")


if __name__ == "__main__":
    main()
