"""Shards: Parquet that loads as PIL images, reads one sample in milliseconds, and is the same bytes every time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from curate.contracts import Contract
from curate.records import CleanStudy

_KEYS = [
    "sample_id",
    "patient_key",
    "study_key",
    "split",
    "study_date",
    "patient_age",
    "patient_sex",
    "language",
    "task",
]
_ROW_GROUP_BYTES = 100_000_000


class ShardWriter:
    """Writes the studies of one shard, one file a split, row group by row group: memory stays flat.

    Images are stored uncompressed and PLAIN, since PNG does not compress; other columns with zstd. No statistics on
    text columns: minima and maxima would show values to whoever reads only the footer.
    """

    def __init__(self, directory: Path, name: str, contract: Contract, stamps: Mapping[str, str], rows: int) -> None:
        self._directory, self._name, self._rows = directory, name, rows
        self._contract, self._stamps = contract, stamps
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._stack:
            for split in sorted(self._waiting):
                self._flush(split)

    def write(self, study: CleanStudy) -> None:
        """Take one study; it is written when its row group is full."""
        split = str(study.row["split"])
        waiting = self._waiting.setdefault(split, [])
        waiting.append(study.row)
        if len(waiting) >= self._rows or _size(waiting) >= _ROW_GROUP_BYTES:
            self._flush(split)

    def _flush(self, split: str) -> None:
        waiting, self._waiting[split] = self._waiting.get(split, []), []
        if waiting:
            table = self._contract.table(waiting, self._stamps)
            self._writer(split, table.schema).write_table(table, row_group_size=len(waiting))

    def _writer(self, split: str, schema: pa.Schema) -> pq.ParquetWriter:
        if split not in self._writers:
            path = self._directory / "data" / split / f"{self._name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writers[split] = self._stack.enter_context(pq.ParquetWriter(path, schema, **_layout(schema)))
        return self._writers[split]


def _size(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(len(image["bytes"]) for row in rows for image in row.get("images", ()))


def _layout(schema: pa.Schema) -> dict[str, Any]:
    """How columns are laid out (docs: datasets' own writer does the same for image columns)."""
    leaves = list(_leaves(schema))
    return {
        "compression": {leaf: "none" if leaf.startswith("images.") else "zstd" for leaf in leaves},
        "use_dictionary": [leaf for leaf in leaves if leaf in _KEYS],
        "write_statistics": [leaf for leaf in leaves if leaf in _KEYS],
        "write_page_index": True,
        "use_content_defined_chunking": True,
    }


def _leaves(fields: Iterable[pa.Field], path: str = "") -> Iterator[str]:
    for field in fields:
        yield from _leaves_of(field.type, f"{path}{field.name}")


def _leaves_of(kind: pa.DataType, path: str) -> Iterator[str]:
    if pa.types.is_list(kind):
        yield from _leaves_of(kind.value_type, f"{path}.list.element")
    elif pa.types.is_struct(kind):
        yield from _leaves((kind.field(at) for at in range(kind.num_fields)), f"{path}.")
    else:
        yield path


def write_journal(path: Path, rows: Iterable[Mapping[str, Any]], contract: Contract, stamps: Mapping[str, str]) -> None:
    """Write the journal of a shard."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(contract.table(rows, stamps), path, compression="zstd")
