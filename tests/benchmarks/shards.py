"""Reading a release: one sample, a scan of the text, and shuffled epochs beside tar shards and the decoder's own speed.

    .venv/bin/python -m tests.benchmarks.shards --gigabytes 1 --rounds 3

WebDataset and MosaicML Streaming read the same PNGs where their packages are installed (the latter needs PyTorch):
`pip install webdataset mosaicml-streaming`.

The images are synthetic anatomy (blobs and noise, seeded), 1024 x 1024, 8 bit, written by the project's own writer. The
same PNGs are written as tar shards, the layout of WebDataset, and read with the standard library's tarfile. The floor
is the decoder alone, on bytes that are mapped into memory. All decode with Pillow, in one process, the page cache warm;
rounds are interleaved, and the ratio to the floor of the same round is what counts.
"""

import argparse
import io
import mmap
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from PIL import Image

from curate import contracts
from curate.emit.rows import text_columns
from curate.emit.shards import ShardWriter
from curate.records import CleanReport, CleanStudy

SIDE, PER_SHARD = 1024, 500
REPORT = CleanReport("r", "FINDINGS: " + "The lungs are clear. " * 30, {"findings": "The lungs are clear. " * 30}, ())


def picture(number: int) -> bytes:
    """A PNG as large as that of a radiograph at this size."""
    draw = np.random.default_rng(number)
    coarse = cv2.resize(draw.integers(0, 255, (16, 16), dtype=np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    noise = np.repeat(np.repeat(draw.integers(0, 6, (SIDE // 2, SIDE // 2), dtype=np.uint8), 2, axis=0), 2, axis=1)
    return bytes(cv2.imencode(".png", cv2.add(coarse, noise))[1])


def blank(field: dict[str, Any]) -> Any:
    """A value of the type of a field."""
    if field.get("nullable"):
        return None
    if field["type"] == "struct":
        return {each["name"]: blank(each) for each in field["fields"]}
    return {"string": "x", "bool": False, "list": []}.get(str(field["type"]), 0)


def write(place: Path, pictures: list[bytes], rows: int) -> float:
    """The pictures as a release, one a study; returns seconds."""
    contract = contracts.load("image_text")
    plain = {each["name"]: blank(dict(each)) for each in contract.fields} | text_columns(REPORT, 1, "Describe.")
    start = time.perf_counter()
    for first in range(0, len(pictures), PER_SHARD):
        with ShardWriter(place, f"shard-{first:06}", contract, {}, rows) as writer:
            for number, png in enumerate(pictures[first : first + PER_SHARD], first):
                row = plain | {
                    "sample_id": f"{number:020x}",
                    "split": "train",
                    "images": [{"bytes": png, "path": None}],
                }
                writer.write(CleanStudy("s", "p", row))
    return time.perf_counter() - start


def write_tar(place: Path, pictures: list[bytes]) -> float:
    """The pictures and reports as tar shards; returns seconds."""
    place.mkdir()
    start = time.perf_counter()
    for first in range(0, len(pictures), PER_SHARD):
        with tarfile.open(place / f"{first:06}.tar", "w") as tar:
            for number, png in enumerate(pictures[first : first + PER_SHARD], first):
                for end, content in (("png", png), ("txt", REPORT.text.encode())):
                    entry = tarfile.TarInfo(f"{number:020x}.{end}")
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
    return time.perf_counter() - start


def decode(png: bytes) -> int:
    """One image decoded, as trainers do."""
    return Image.open(io.BytesIO(png)).convert("RGB").size[0]


def floor(mapped: mmap.mmap, spans: list[tuple[int, int]], seed: int) -> int:
    """Images in random order from memory: nothing but the decoder."""
    order = np.random.default_rng(seed).permutation(len(spans))
    return sum(decode(mapped[slice(*spans[at])]) > 0 for at in order)


def through_pyarrow(files: list[Path], seed: int) -> int:
    """Row groups in random order, and the rows of each in random order."""
    draw, done = np.random.default_rng(seed), 0
    held = [pq.ParquetFile(path, memory_map=True) for path in files]
    groups = [(file, group) for file in held for group in range(file.num_row_groups)]
    for at in draw.permutation(len(groups)):
        file, group = groups[at]
        images = file.read_row_group(group, columns=["images", "messages_flat"])["images"].combine_chunks().flatten()
        column = images.field("bytes")
        done += sum(decode(column[int(row)].as_buffer()) > 0 for row in draw.permutation(len(column)))
    return done


def through_datasets(files: list[Path], cache: Path, seed: int) -> int:
    """`load_dataset`, streaming, with a shuffle buffer."""
    import datasets

    names = [str(path) for path in files]
    rows = datasets.load_dataset("parquet", data_files=names, split="train", streaming=True, cache_dir=str(cache))
    rows = rows.select_columns(["images", "messages_flat"]).shuffle(seed=seed, buffer_size=256)
    return sum(image.convert("RGB").size[0] > 0 for row in rows for image in row["images"])


def through_tar(files: list[Path], seed: int) -> int:
    """Shards in random order, and a shuffle buffer of 256, as WebDataset reads."""
    draw, done, waiting = np.random.default_rng(seed), 0, []
    for at in draw.permutation(len(files)):
        for png in _members(files[at]):
            waiting.append(png)
            if len(waiting) > 256:
                done += decode(waiting.pop(int(draw.integers(len(waiting))))) > 0
    return done + sum(decode(png) > 0 for png in waiting)


def through_webdataset(files: list[Path], seed: int) -> int:
    """The package of that name: shards and a buffer of 256 shuffled."""
    import random

    import webdataset

    names = [str(path) for path in files]
    random.Random(seed).shuffle(names)
    rows = webdataset.WebDataset(names, shardshuffle=False, empty_check=False).shuffle(256, rng=random.Random(seed))
    return sum(decode(row["png"]) > 0 for row in rows)


def through_mds(folder: Path, seed: int) -> int:
    """MosaicML Streaming with its own shuffle, from the local folder, bytes decoded as by the others."""
    from streaming import StreamingDataset

    rows = StreamingDataset(local=str(folder), shuffle=True, shuffle_seed=seed, batch_size=1)
    return sum(decode(row["png"]) > 0 for row in rows)


def write_mds(place: Path, pictures: list[bytes]) -> None:
    """The pictures and reports in MDS, by its own writer."""
    from streaming import MDSWriter

    with MDSWriter(out=str(place), columns={"png": "bytes", "txt": "str"}) as out:
        for png in pictures:
            out.write({"png": png, "txt": REPORT.text})


def _is_installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _members(path: Path) -> Iterator[bytes]:
    with tarfile.open(path, "r|") as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            if content is not None and entry.name.endswith("png"):
                yield content.read()


def one_sample(files: list[Path], rounds: int) -> list[float]:
    """Milliseconds to open a shard and read one row of it, at random."""
    draw, taken = np.random.default_rng(7), []
    for _ in range(rounds):
        path = files[int(draw.integers(len(files)))]
        start = time.perf_counter()
        file = pq.ParquetFile(path, memory_map=True)
        table = file.read_row_group(int(draw.integers(file.num_row_groups)))
        table.slice(int(draw.integers(table.num_rows)), 1).to_pylist()
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def scan(folder: Path) -> tuple[float, int]:
    """Seconds to read every report, and the bytes of the files that hold them."""
    start = time.perf_counter()
    table = ds.dataset(folder, format="parquet").to_table(columns=["sample_id", "report"])
    seconds = time.perf_counter() - start
    return seconds, table.nbytes


def text_bytes(files: list[Path]) -> int:
    """Bytes on disk of the columns that a scan of the text reads."""
    groups = (
        pq.read_metadata(path).row_group(at) for path in files for at in range(pq.read_metadata(path).num_row_groups)
    )
    columns = (group.column(at) for group in groups for at in range(group.num_columns))
    return sum(each.total_compressed_size for each in columns if each.path_in_schema in {"sample_id", "report"})


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=64, help="rows of a row group")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


def measure(place: Path, options: argparse.Namespace) -> None:
    """Everything, in one temporary folder."""
    sample = [picture(number) for number in range(64)]
    wanted = int(64e9 * options.gigabytes / sum(map(len, sample)))
    pictures = (sample * (1 + wanted // 64))[:wanted]
    seconds, tar_seconds = write(place / "release", pictures, options.rows), write_tar(place / "tar", pictures)
    files, tars = sorted((place / "release").rglob("*.parquet")), sorted((place / "tar").glob("*.tar"))
    size, tar_size = (sum(path.stat().st_size for path in each) for each in (files, tars))
    each = [f"{total / len(pictures):,.0f}" for total in (size, tar_size)]
    print(f"{len(pictures)} images, {each[0]} bytes each in Parquet, {each[1]} in tar")
    print(f"written in {seconds:.1f} s as Parquet ({size / seconds / 1e6:.0f} MB/s), {tar_seconds:.1f} s as tar")
    taken = one_sample(files, 50)
    slow = sorted(taken)[int(0.95 * len(taken))]
    print(f"one sample: median {statistics.median(taken):.1f} ms, 95th of 100 {slow:.1f} ms")
    seconds, held = scan(place / "release")
    print(f"scan of every report: {1000 * seconds:.0f} ms for {held:,} bytes; reads {text_bytes(files):,} of {size:,}")
    if options.rounds:
        epochs(place, (files, tars), pictures, options.rounds)


def epochs(place: Path, shards: tuple[list[Path], list[Path]], pictures: list[bytes], rounds: int) -> None:
    """Shuffled epochs, interleaved: images a second, and the ratio to the floor of the same round."""
    (place / "flat").write_bytes(b"".join(pictures))
    ends = np.cumsum([0, *map(len, pictures)]).tolist()
    spans = list(pairwise(ends))
    with (place / "flat").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        readers: dict[str, Callable[[int], int]] = {
            "floor": lambda seed: floor(mapped, spans, seed),
            "pyarrow": lambda seed: through_pyarrow(shards[0], seed),
            "datasets": lambda seed: through_datasets(shards[0], place / "cache", seed),
            "tar": lambda seed: through_tar(shards[1], seed),
        }
        if _is_installed("webdataset"):
            readers["webdataset"] = lambda seed: through_webdataset(shards[1], seed)
        if _is_installed("streaming"):
            write_mds(place / "mds", pictures)
            readers["mds"] = lambda seed: through_mds(place / "mds", seed)
        rates: dict[str, list[float]] = {name: [] for name in readers}
        for seed in range(rounds):
            for name, read in readers.items():
                rates[name].append(_rate(read, seed, len(pictures)))
    for name, found in rates.items():
        ratios = [one / other for one, other in zip(found, rates["floor"], strict=True)]
        print(f"{name:10} {statistics.median(found):7.1f} images/s, {statistics.median(ratios):.2f} of the floor")


def _rate(read: Callable[[int], int], seed: int, images: int) -> float:
    start = time.perf_counter()
    assert read(seed) == images
    return images / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
