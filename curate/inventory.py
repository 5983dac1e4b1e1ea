"""The inventory: what every file of a source was found to be, kept in the workspace, so that a file is read only once.

It grows with the archive on disk, not in memory: rows pass through in batches, and what must be compared as a whole
(which instances share a UID, which studies two patients) is compared by columns.
"""

import csv
import hashlib
import shutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from curate import contracts
from curate.catalog import Row
from curate.errors import Reason
from curate.records import Refusal
from curate.sources.source import File

_BATCH = 4096
_BUCKET = 1 << 13  # instances that are sorted at once, about
_TRANSIENT = frozenset({Reason.UNREADABLE.value, Reason.CHANGED.value, Reason.UNEXPECTED.value})  # tried again
_IS_INSTANCE = pc.field("reason").is_null()
_BUCKET_NAME = "bucket"
_ORDER = ("patient_key", "study_uid", "key")


def as_table(entries: Iterable[tuple[File, Row | Refusal]]) -> pa.Table:
    """What some files were found to be as rows of the inventory."""
    return pa.Table.from_pylist([_row(file, found) for file, found in entries], schema=_schema())


def _row(file: File, found: Row | Refusal) -> Row:
    place = {"path": file.path, "bytes": file.bytes, "changed": file.changed}
    if isinstance(found, Refusal):
        return {**place, "key": found.key, "reason": str(found.reason), "where": found.where}
    return {**found, **place}


def _schema(stamp: str = "") -> pa.Schema:
    """The fields of schemas/instances.json, all of which may be missing, and why a file is no instance."""
    held = [pa.field(each.name, each.type) for each in contracts.load("instances").schema()]
    return pa.schema([*held, pa.field("reason", pa.string()), pa.field("where", pa.string())], {"stamp": stamp})


class _Stamps:
    """What was seen of files: eight bytes each for path, size and change, and for the path alone."""

    def __init__(self) -> None:
        self._whole, self._paths = array("Q"), array("Q")

    def add(self, whole: int, path: int) -> None:
        self._whole.append(whole)
        self._paths.append(path)

    def sorted(self) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
        return np.sort(np.array(self._whole, np.uint64)), np.sort(np.array(self._paths, np.uint64))


@dataclass(slots=True, repr=False)
class Inventory:
    """The inventory of one workspace. stamp: a digest of whatever else decides what a file is found to be."""

    workspace: Path
    stamp: str
    _seen: _Stamps = field(default_factory=_Stamps)

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.workspace / "inventory.parquet"

    def update(self, files: Iterable[File], read: Callable[[Iterator[File]], Iterator[pa.Table]]) -> None:
        """Bring it up to the files that there are; `read` is called for those that are new or changed, or failed.

        Files that are no longer there are named in removed.csv of the workspace.
        """
        known = self._known()
        temporary = self.path.with_name(".inventory.writing")
        with pq.ParquetWriter(temporary, _schema(self.stamp), compression="zstd") as writer:
            for table in _batched(read(self._unknown(files, known))):
                writer.write_table(table)
            removed = list(self._carry_over(writer))
        temporary.replace(self.path)
        with (self.workspace / "removed.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["path"], *([each] for each in sorted(removed))])

    def refused(self) -> Iterator[Row]:
        """The files that are no instances: key, reason, where."""
        columns = ["key", "reason", "where"]
        yield from pq.read_table(self.path, columns=columns, filters=~_IS_INSTANCE).to_pylist()

    def suspects(self, *, studies: bool) -> list[Row]:
        """Instances that share a SOP Instance UID, with `studies` also those of studies of two patients, by path."""
        columns = ["sop_uid", "study_uid", "patient_key"]
        table = pq.read_table(self.path, columns=columns, filters=_IS_INSTANCE, read_dictionary=columns[1:])
        table = table.unify_dictionaries()
        shared = _repeated(table.select(["sop_uid"]), "sop_uid")
        wanted = pc.field("sop_uid").isin(shared)
        if studies:
            pairs = table.group_by(["study_uid", "patient_key"]).aggregate([])
            wanted |= pc.field("study_uid").isin(_repeated(pairs, "study_uid"))
        found: list[Row] = pq.read_table(self.path, filters=_IS_INSTANCE & wanted).to_pylist()
        return sorted(({name: row[name] for name in _instance_columns()} for row in found), key=lambda row: row["path"])

    def instances(self, suspects: Iterable[Row], kept: Sequence[Row]) -> Iterator[pa.Table]:
        """All instances, sorted by patient, study and key, in tables; of the suspects those that were kept."""
        without = pa.array([row["path"] for row in suspects], pa.string())
        for prefix, table in self._buckets():
            mine = [row for row in kept if row["patient_key"].startswith(prefix)]
            others = table.filter(pc.invert(pc.is_in(table["path"], without)))
            added = pa.Table.from_pylist(mine, schema=others.schema)
            yield pa.concat_tables([others, added]).sort_by([(each, "ascending") for each in _ORDER])

    def _buckets(self) -> Iterator[tuple[str, pa.Table]]:
        """The instances in parts by the first digits of the patient key, up to two; in one part when they are few."""
        columns = _instance_columns()
        rows = pq.read_metadata(self.path).num_rows
        if rows <= _BUCKET:
            yield "", pq.read_table(self.path, columns=columns, filters=_IS_INSTANCE)
            return
        folder = self.workspace / ".buckets"
        shutil.rmtree(folder, ignore_errors=True)
        bucket = pc.utf8_slice_codeunits(pc.field("patient_key"), 0, 1 if rows <= 16 * _BUCKET else 2)
        scanned = ds.dataset(self.path).scanner(
            columns={**{name: pc.field(name) for name in columns}, _BUCKET_NAME: bucket}, filter=_IS_INSTANCE,
            batch_size=_BATCH, batch_readahead=2,
        )  # fmt: skip
        ds.write_dataset(scanned, folder, format="parquet", partitioning=[_BUCKET_NAME])
        for part in sorted(folder.iterdir()):
            yield part.name, ds.dataset(part).to_table(columns=columns)
        shutil.rmtree(folder)

    def _known(self) -> "np.ndarray[Any, Any]":
        """Stamps of the files whose rows still hold."""
        return np.sort(np.fromiter((_stamp_of(*row) for row in self._old_rows()), np.uint64))

    def _old_rows(self) -> Iterator[tuple[str, int, int]]:
        for batch in self._old_batches(["path", "bytes", "changed", "reason"]):
            for path, size, changed, reason in zip(*batch.to_pydict().values(), strict=True):
                if reason not in _TRANSIENT:
                    yield path, size, changed

    def _old_batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of the last run, if they were made under the same circumstances."""
        if self.path.exists():
            old = pq.ParquetFile(self.path)
            if (old.schema_arrow.metadata or {}).get(b"stamp") == self.stamp.encode():
                yield from old.iter_batches(_BATCH, columns=columns)

    def _unknown(self, files: Iterable[File], known: "np.ndarray[Any, Any]") -> Iterator[File]:
        """Note every file; those whose stamp is not known are to be read."""
        for file in files:
            stamp = _stamp_of(file.path, file.bytes, file.changed)
            self._seen.add(stamp, _stamp_of(file.path))
            if file.fault or not _holds(known, stamp):
                yield file

    def _carry_over(self, writer: pq.ParquetWriter) -> Iterator[str]:
        """Write the old rows of files that are still as they were; yields the paths of files that are gone."""
        whole, paths = self._seen.sorted()
        for batch in self._old_batches():
            places = list(
                zip(*(batch[name].to_pylist() for name in ("path", "bytes", "changed", "reason")), strict=True)
            )
            same = [each[3] not in _TRANSIENT and _holds(whole, _stamp_of(*each[:3])) for each in places]
            writer.write_batch(batch.filter(pa.array(same, pa.bool_())))
            yield from (each[0] for each in places if not _holds(paths, _stamp_of(each[0])))


def _instance_columns() -> list[str]:
    return contracts.load("instances").columns


def _stamp_of(*parts: object) -> int:
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _holds(stamps: "np.ndarray[Any, Any]", stamp: int) -> bool:
    place = int(np.searchsorted(stamps, np.uint64(stamp)))
    return place < len(stamps) and int(stamps[place]) == stamp


def _batched(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables joined to about a row group each."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(each.num_rows for each in held) >= _BATCH:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _repeated(table: pa.Table, column: str) -> pa.Array:
    """The values of a column that more than one row has."""
    counted = table.group_by(column).aggregate([([], "count_all")])
    found = counted.filter(pc.greater(counted["count_all"], 1))[column].combine_chunks()
    return found.cast(pa.string())
