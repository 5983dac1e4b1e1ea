"""MDS, the format of MosaicML Streaming: samples with an index of offsets, and `index.json` over the shards.

Written here rather than by its package, whose encoder takes PIL images only: a PNG would be decoded and compressed
again, and torch installed for it. Format: streaming/base/format/mds of mosaicml-streaming 0.13, version 2.
"""

import json
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from curate.export.sample import Sample

_COLUMNS = {"images": "list[png]", "report": "str", "row": "json", "sample_id": "str"}  # sorted, as readers expect
_LIMIT = 1 << 26  # bytes of a shard, the package's own default
_CONFIG: dict[str, Any] = {
    "version": 2,
    "format": "mds",
    "compression": None,
    "hashes": [],
    "size_limit": _LIMIT,
    "column_names": list(_COLUMNS),
    "column_encodings": list(_COLUMNS.values()),
    "column_sizes": [None] * len(_COLUMNS),
}
_HEAD = json.dumps(_CONFIG, sort_keys=True).encode()


def write(folder: Path, shards: Iterator[tuple[str, Iterator[Sample]]]) -> None:
    """`shard.00000.mds` ... of at most 64 MiB (a larger sample has its own), and `index.json`."""
    entries: list[dict[str, Any]] = []
    waiting: list[bytes] = []
    size = 0
    for sample in (_encode(sample) for _, samples in shards for sample in samples):
        if waiting and size + len(sample) > _LIMIT:
            entries.append(_flush(folder, len(entries), waiting))
            waiting, size = [], 0
        waiting.append(sample)
        size += len(sample)
    if waiting:
        entries.append(_flush(folder, len(entries), waiting))
    index = json.dumps({"version": 2, "shards": entries}, sort_keys=True)
    (folder / "index.json").write_text(index, encoding="utf-8")


def _encode(sample: Sample) -> bytes:
    """The sizes of the columns, then the columns."""
    columns = [_images(sample.images), sample.report.encode(), sample.row.encode(), sample.key.encode()]
    return _words(map(len, columns)) + b"".join(columns)


def _images(pngs: tuple[bytes, ...]) -> bytes:
    """A word that is kept free, the number of elements, their sizes, and the elements."""
    return _words([0, len(pngs), *map(len, pngs)]) + b"".join(pngs)


def _flush(folder: Path, number: int, samples: list[bytes]) -> dict[str, Any]:
    """Write a shard: samples, their offsets from its start, the columns, the samples. Returns its entry."""
    start = 4 * (len(samples) + 2) + len(_HEAD)
    offsets = _words([len(samples), *accumulate(map(len, samples), initial=start)])
    name, content = f"shard.{number:05}.mds", b"".join([offsets, _HEAD, *samples])
    (folder / name).write_bytes(content)
    raw = {"basename": name, "bytes": len(content), "hashes": {}}
    return {**_CONFIG, "raw_data": raw, "zip_data": None, "samples": len(samples)}


def _words(values: Any) -> bytes:
    return np.array(list(values), "<u4").tobytes()
