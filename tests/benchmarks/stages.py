"""Where the time of an instance goes, stage by stage, and how near what is not text detection comes to its limit.

    python -m tests.benchmarks.stages [--instances 6]

Archives of one modality, drawn from a seed, without burned-in text and with one report each, go through
`curate.shard.curate_shard` in this process; the CPU seconds of each stage are counted around its calls, after a first
patient who loads the models. The limit is the same files read, decoded, resampled, windowed, encoded and written by the
fastest library for each: numpy, OpenCV, pyarrow. Looking for burned-in text has no such limit: it is stated apart.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydicom import dcmread

from curate.catalog import Catalog, plan
from curate.intake import index
from curate.policy import OutputOptions, Policy
from curate.privacy.workspace import load_key, remember_source
from curate.shard import circumstances, curate_shard
from curate.sources.source import open_source
from tests import synth
from tests.benchmarks import pixel_images
from tests.pipeline import make_workspace

STAGES = {
    "read": ("curate.instance.read", "curate.instance.realise"),
    "decode": ("curate.instance.decode",),
    "look for text": tuple(f"curate.instance.{name}" for name in ("find_text", "redact", "remains", "overlooked")),
    "header": ("curate.instance.deidentify", "curate.dicom.encoded.Encoded.deidentify", "curate.instance.mark_pixels"),
    "residue": ("curate.privacy.residue.Residue.search_dataset", "curate.privacy.residue.Residue.search_text"),
    "render": ("curate.pictures.render",),
    "fingerprint": ("curate.pictures.perceptual_hash", "curate.pictures.hold_image"),
    "report": ("curate.text.scrub.Scrubber.scrub",),
    "write": ("curate.emit.shards.ShardWriter.write", "curate.emit.shards.ShardWriter.__exit__"),
}
KINDS = {"CT": "ct", "MR": "mr", "US": "us_colour", "DX": "dx"}
_SIDE = OutputOptions().longest_side


def count_stages(patch: pytest.MonkeyPatch, spent: Counter[str]) -> None:
    """Put a count of CPU seconds around each call of a stage."""
    for stage, names in STAGES.items():
        for name in names:
            patch.setattr(name, counting(original_of(name), stage, spent))


def original_of(name: str) -> Callable[..., Any]:
    """What a dotted name stands for: a function of a module, or of a class in one."""
    place, _, last = name.rpartition(".")
    if place.rpartition(".")[2][0].isupper():
        module, _, owner = place.rpartition(".")
        return getattr(getattr(import_module(module), owner), last)
    return getattr(import_module(place), last)


def counting(call: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    """The call, with its CPU seconds added to those of its stage."""

    def counted(*given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return call(*given, **named)
        finally:
            spent[stage] += time.process_time() - began

    return counted


def write_archive(place: Path, kind: str, patients: int, instances: int, texts: int = 0) -> None:
    """Files of drawn anatomy, with some lines of text where `texts` is 1, and a report for each patient."""
    drawn, first = np.random.default_rng([7, *kind.encode()]), 500 + 1000 * list(KINDS).index(kind)
    for number in range(patients):
        person = synth.patient(first + number, kinds=(kind,), instances=instances, charset="ISO_IR 100", report="txt")
        synth.write_archive(place / f"{number}", [person])
        for path, image in zip(sorted((place / f"{number}").rglob("*.dcm")), range(instances), strict=True):
            frames = pixel_images.MODALITIES[KINDS[kind]](drawn, texts).frames
            path.write_bytes(synth.encode(pictured(synth.instance(person, person.studies[0], image + 1), frames)))


def pictured(dataset: Any, frames: Any) -> Any:
    """A synthetic instance with other pixels."""
    values = frames.values[:1]
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = *values.shape[1:3], 1
    dataset.BitsAllocated, dataset.PixelRepresentation = 8 * values.itemsize, int(values.dtype.kind == "i")
    dataset.BitsStored, dataset.HighBit = frames.bits_stored, frames.bits_stored - 1
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset._read_implicit, dataset._read_little = False, True
    dataset.PixelData = values.tobytes()
    dataset["PixelData"].VR = "OB" if values.itemsize == 1 else "OW"
    return dataset


def limit(files: list[Path], place: Path) -> float:
    """CPU seconds of the least work: bytes to pixels, smaller, eight bits, PNG, Parquet; where pixels lie is known."""
    known = [layout(path) for path in files]
    began = time.process_time()
    pictures = [smallest(path, *each) for path, each in zip(files, known, strict=True)]
    pq.write_table(pa.table({"image": pictures}), place, compression="none")
    return time.process_time() - began


def layout(path: Path) -> tuple[int, tuple[int, ...], np.dtype[Any]]:
    """Where the pixels of a file start, their shape and their type."""
    dataset = dcmread(path, defer_size=1024)
    values = dataset.pixel_array
    return dataset["PixelData"].file_tell, values.shape, values.dtype


def smallest(path: Path, start: int, shape: tuple[int, ...], kind: np.dtype[Any]) -> bytes:
    """A PNG of at most the size that a release has."""
    image: Any = np.frombuffer(path.read_bytes(), kind, int(np.prod(shape)), start).reshape(shape)
    scale = min(1.0, _SIDE / max(shape[:2]))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    low, high = float(image.min()), float(image.max())
    alpha = 255 / max(1.0, high - low)
    return bytes(cv2.imencode(".png", cv2.convertScaleAbs(image, alpha=alpha, beta=-low * alpha))[1])


def curated(source: Path, place: Path) -> tuple[Counter[str], float]:
    """CPU seconds of each stage, and of all, for every patient but the one whose shard comes first."""
    policy = replace(Policy(), output=replace(OutputOptions(), shard_bytes=1))
    workspace = make_workspace(place)
    remember_source(workspace, str(source))
    index(open_source(str(source), workspace), workspace, policy, load_key(workspace))
    shards = plan(Catalog(workspace / "catalog"), 1, circumstances(policy, None))
    curate_shard(shards[0], policy, workspace)
    spent: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        count_stages(patch, spent)
        began = time.process_time()
        done = [curate_shard(each, policy, workspace) for each in shards[1:]]
    assert all(each.studies for each in done)
    return spent, time.process_time() - began


def tell(kind: str, spent: Counter[str], whole: float, least: float, images: int) -> None:
    """Print CPU milliseconds an image, the share of each stage, and the ratio to the limit."""
    spent["the rest"] = whole - spent.total()
    print(f"{kind}: {1000 * whole / images:.0f} ms an image, {images} images, one report to {images} images or fewer")
    for stage, seconds in spent.most_common():
        print(f"  {stage:14} {1000 * seconds / images:8.1f} ms {seconds / whole:7.1%}")
    pixels = whole - spent["look for text"] - spent["report"]
    print(
        f"  limit {1000 * least / images:.1f} ms; without text in pixels and report {1000 * pixels / images:.1f} ms: ",
        end="",
    )
    print(f"{least / pixels:.0%} of the limit's speed", flush=True)


def main() -> None:
    """Measure every kind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, default=6)
    parser.add_argument("--patients", type=int, default=4)
    asked = parser.parse_args()
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch)
            write_archive(place / "source", kind, asked.patients, asked.instances)
            spent, whole = curated(place / "source", place / "ws")
            files = sorted((place / "source").rglob("*.dcm"))[asked.instances :]
            least = min(limit(files, place / "least.parquet") for _ in range(3))
            tell(kind, spent, whole, least, len(files))


if __name__ == "__main__":
    main()
