"""Index and plan: what the source holds, grouped by patient, and the shards that follow from it.

The catalog lives in the workspace, as Parquet tables that hold to schemas/instances.json, reports.json and
quarantine.json. Shards depend on keys and sizes alone, never on the number of workers or the order of arrival.
"""

import hashlib
import heapq
import json
from bisect import bisect, bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate import contracts
from curate.errors import Reason, Rejected
from curate.privacy.domains import Keys
from curate.privacy.spellings import day_of
from curate.privacy.surrogates import opaque, pseudonym
from curate.records import Identifier, IdentifierKind, RawHeader, Refusal, Shard

Row = dict[str, Any]
_ROW_GROUP = 4096  # small, so that the rows of one patient are found by statistics
_BATCH = 4096  # rows that are Python objects at once


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much a catalog holds: files that were tried as instances, reports, patients and studies."""

    instances: int
    reports: int
    patients: int
    studies: int


def describe(header: RawHeader, keys: Keys) -> Row:
    """The catalog row of one instance from its header, but for where it lies."""
    text = header.values
    person = person_of(keys.root, text["PatientID"], text["IssuerOfPatientID"]) if text["PatientID"] else ""
    return {
        "key": instance_key(keys.run, text["SOPInstanceUID"]),
        "patient_id": text["PatientID"],
        "patient_key": keys.patient_key(person) if person else "",
        "person": person,
        "study_uid": text["StudyInstanceUID"],
        "series_uid": text["SeriesInstanceUID"],
        "sop_uid": text["SOPInstanceUID"],
        "sop_class": text["SOPClassUID"],
        "modality": text["Modality"],
        "accession_number": text["AccessionNumber"].strip(),
        "order_numbers": list(header.orders),
        "study_date": day_of(text["StudyDate"]),
        "body_part": text["BodyPartExamined"].strip(),
        "instance_number": _number(text["InstanceNumber"]),
        "frames": max(1, _number(text["NumberOfFrames"]) or 1),
        "has_pixels": header.has_pixels,
        "identifiers": [{"kind": each.kind.value, "value": each.value} for each in header.identifiers],
    }


person_of = lru_cache(maxsize=256)(pseudonym)  # the instances of a patient stand together


def _number(written: str) -> int | None:
    try:
        return int(written.strip())
    except ValueError:
        return None


def lacks_identity(row: Row) -> bool:
    """Whether an instance cannot be attributed to a patient, study and series."""
    return not all(row[name] for name in ("patient_key", "study_uid", "series_uid", "sop_uid"))


def settle(rows: Sequence[Row], content: Callable[[Row], bytes], key: bytes) -> tuple[list[Row], list[Refusal]]:
    """Keep one of identical instances; refuse different ones of one SOP Instance UID, and studies of two patients.

    content: reads the bytes of a row's file whole, or raises Rejected; called only for rows that share a SOP
    Instance UID.
    """
    kept: list[Row] = []
    refused: list[Refusal] = []
    mixed = _studies_of_two_patients(rows)
    for group in _grouped(rows, "sop_uid").values():
        verdicts = [
            Reason.PATIENT_MISMATCH if row["study_uid"] in mixed else reason
            for row, reason in zip(group, _duplicates(group, content), strict=True)
        ]
        kept += [row for row, reason in zip(group, verdicts, strict=True) if reason is None]
        names = copy_keys(group[0], key, int(None in verdicts))
        refused += [Refusal("index", each, "instance", next(names)) for each in sorted(filter(None, verdicts))]
    return kept, refused


def copy_keys(row: Row, key: bytes, first: int = 0) -> Iterator[str]:
    """The opaque ids of instances that share a SOP Instance UID: that of the instance, then those of copies."""
    return (content_key(key, row["sop_uid"], number) if number else row["key"] for number in count(first))


def _duplicates(group: Sequence[Row], content: Callable[[Row], bytes]) -> list[Reason | None]:
    """The verdict on each row of one SOP Instance UID: a broken copy costs only itself."""
    if len(group) == 1:
        return [None]
    found = [_content_digest(row, content) for row in group]
    sound = [each for each in found if isinstance(each, bytes)]
    if len(set(sound)) > 1:
        return [each if isinstance(each, Reason) else Reason.CONFLICTING_DUPLICATE for each in found]
    first = next((place for place, each in enumerate(found) if isinstance(each, bytes)), -1)
    return [_verdict(each, place == first) for place, each in enumerate(found)]


def _verdict(found: bytes | Reason, is_first: bool) -> Reason | None:  # noqa: FBT001
    if isinstance(found, Reason):
        return found
    return None if is_first else Reason.DUPLICATE


def _content_digest(row: Row, content: Callable[[Row], bytes]) -> bytes | Reason:
    try:
        return hashlib.sha256(content(row)).digest()
    except Rejected as refused:
        return refused.reason


def _studies_of_two_patients(rows: Iterable[Row]) -> set[str]:
    patients = defaultdict(set)
    for row in rows:
        patients[row["study_uid"]].add(row["patient_key"])
    return {study for study, keys in patients.items() if len(keys) > 1}


def _grouped(rows: Iterable[Row], field: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[field]].append(row)
    return groups


def instance_key(key: bytes, sop_uid: str) -> str:
    """The opaque id of an instance, wherever it was found."""
    return opaque(key, "instance", sop_uid)


def content_key(key: bytes, content: object, times: int = 0) -> str:
    """The opaque id of what has no identity but its content; `times` is how often the same was found before."""
    written = json.dumps(content, sort_keys=True, default=str)
    return opaque(key, "content", f"{times}/{written}")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of one workspace. `folder` holds instances, reports and quarantine as Parquet."""

    folder: Path

    def write(self, table: str, rows: Iterable[Row]) -> int:
        """Write a whole table, atomically; returns the number of rows."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = contracts.load(table).table(rows)
        temporary = self.folder / f".{table}.writing"
        pq.write_table(made, temporary, compression="zstd", row_group_size=_ROW_GROUP)
        temporary.replace(self._path(table))
        return int(made.num_rows)

    def write_parts(self, table: str, parts: Iterable[pa.Table]) -> None:
        """Write a whole table from parts that are in its order, atomically; one part is held at a time."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        contract, temporary = contracts.load(table), self.folder / f".{table}.writing"
        with pq.ParquetWriter(temporary, contract.schema(), compression="zstd") as writer:
            for part in parts:
                writer.write_table(contract.accept(part), row_group_size=_ROW_GROUP)
        temporary.replace(self._path(table))

    def rows(self, table: str, **equal: str) -> list[Row]:
        """The rows of a table whose fields equal the given values, in the order they were written."""
        filters = [(name, "=", value) for name, value in equal.items()] or None
        found: list[Row] = pq.read_table(self._path(table), filters=filters).to_pylist()
        return found

    def each(self, table: str, *columns: str) -> Iterator[Row]:
        """Some columns of the rows of a table, one row after the other; a batch is held at a time."""
        for batch in pq.ParquetFile(self._path(table)).iter_batches(_BATCH, columns=list(columns)):
            yield from batch.to_pylist()

    def of_patients(self, prefix: str) -> list[Row]:
        """The instances of all patients whose key begins with the bits `prefix`, patient by patient."""
        first, end = _bounds(prefix)
        within = [("patient_key", ">=", first), ("patient_key", "<", end)]
        found: list[Row] = pq.read_table(self._path("instances"), filters=within).to_pylist()
        return found

    def reports_of(self, studies: Iterable[str]) -> list[Row]:
        """The reports that were joined to some studies, sorted by key."""
        found: list[Row] = pq.read_table(self._path("reports"), filters=[("study", "in", set(studies))]).to_pylist()
        return found

    def reports_by_patient(self) -> Iterator[Row]:
        """Key, patient key and time of change of every report that was joined to a study, patient by patient."""
        studies = pq.read_table(self._path("instances"), columns=["study_uid", "patient_key"])
        studies = studies.group_by(["study_uid", "patient_key"]).aggregate([])
        reports = pq.read_table(self._path("reports"), columns=["key", "study", "changed"])
        joined = reports.join(studies, "study", "study_uid", "inner").sort_by("patient_key").drop_columns("study")
        for batch in joined.to_batches(_BATCH):
            yield from batch.to_pylist()

    def patients(self, prefix: str = "") -> list[str]:
        """The patient keys that begin with the bits `prefix`, sorted."""
        keys = pc.unique(pq.read_table(self._path("instances"), columns=["patient_key"])["patient_key"]).to_pylist()
        first, end = _bounds(prefix)
        return sorted(key for key in keys if first <= key < end)

    def identities(self) -> list[Row]:
        """PatientID, and id in all domains, of every patient."""
        table = pq.read_table(self._path("instances"), columns=["patient_id", "person"])
        found: list[Row] = table.group_by(["patient_id", "person"]).aggregate([]).to_pylist()
        return found

    def identifiers(self, table: str) -> Iterator[Identifier]:
        """All known identifiers that a table carries, some more than once; a batch is held at a time."""
        for batch in pq.ParquetFile(self._path(table)).iter_batches(_BATCH, columns=["identifiers"]):
            stored = pa.Table.from_struct_array(pc.list_flatten(batch.column(0)))
            yield from map(_identifier, stored.group_by(["kind", "value"]).aggregate([]).to_pylist())

    def holdings(self) -> Holdings:
        """Count what the catalog holds; quarantined files count as what they were tried as."""
        instances = pq.read_table(self._path("instances"), columns=["patient_key", "study_uid"])
        refused = pq.read_table(self._path("quarantine"), columns=["kind"])["kind"].to_pylist()
        return Holdings(
            instances.num_rows + refused.count("instance"),
            pq.read_metadata(self._path("reports")).num_rows + refused.count("report"),
            len(pc.unique(instances["patient_key"])),
            len(pc.unique(instances["study_uid"])),
        )

    def _path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


def quarantine_rows(refusals: Iterable[Refusal]) -> list[Row]:
    """Refusals as rows of schemas/quarantine.json, sorted."""
    return sorted(
        (
            {
                "kind": each.kind,
                "key": each.key,
                "stage": each.stage,
                "reason": str(each.reason),
                "where": each.where,
                "by_policy": Reason(each.reason).by_policy,
            }
            for each in refusals
        ),
        key=lambda row: tuple(map(str, row.values())),
    )


def identifiers_of(rows: Iterable[Mapping[str, Any]]) -> frozenset[Identifier]:
    """All known identifiers that rows of instances or reports carry."""
    return frozenset(_identifier(each) for row in rows for each in row["identifiers"])


def _identifier(stored: Mapping[str, str]) -> Identifier:
    return Identifier(IdentifierKind(stored["kind"]), stored["value"])


def plan(catalog: Catalog, target_bytes: int, circumstances: str) -> list[Shard]:
    """Divide the patients into shards of whole patients of about `target_bytes`.

    A shard is a prefix of the patient keys, deepened bit by bit where a bucket outgrows the target: most are of half
    the target to all of it, and a new patient touches one only. circumstances: whatever else decides the bytes of a
    shard, as one text.
    """
    sizes = pq.read_table(catalog.folder / "instances.parquet", columns=["patient_key", "bytes"])
    of_patient = sizes.group_by("patient_key").aggregate([("bytes", "sum")]).to_pydict()
    weights = dict(zip(of_patient["patient_key"], of_patient["bytes_sum"], strict=True))
    prefixes = list(_prefixes("", sorted(weights), weights, target_bytes))
    instances = catalog.each("instances", "key", "patient_key", "bytes", "changed")
    rows = heapq.merge(instances, catalog.reports_by_patient(), key=itemgetter("patient_key"))
    starts = [_bounds(prefix)[0] for prefix in prefixes]
    groups = groupby(rows, lambda row: prefixes[bisect(starts, row["patient_key"]) - 1])
    return [_shard(prefix, list(group), circumstances) for prefix, group in groups]


def _prefixes(prefix: str, patients: Sequence[str], weights: Mapping[str, int], target: int) -> Iterator[str]:
    if len(patients) <= 1 or sum(weights[each] for each in patients) <= target:
        if patients:
            yield prefix
        return
    middle = bisect_left(patients, _bounds(prefix + "1")[0])
    yield from _prefixes(prefix + "0", patients[:middle], weights, target)
    yield from _prefixes(prefix + "1", patients[middle:], weights, target)


def _bounds(prefix: str) -> tuple[str, str]:
    """The keys that begin with some bits, from the first up to before the other; keys are hexadecimal."""
    missing = -len(prefix) % 4
    first, last = (_in_hexadecimal(prefix + bit * missing) for bit in "01")
    return first, last + "g"


def _in_hexadecimal(bits: str) -> str:
    return f"{int(bits, 2):0{len(bits) // 4}x}" if bits else ""


def _shard(prefix: str, rows: Sequence[Row], circumstances: str) -> Shard:
    """A shard with the digest of everything that decides its bytes: instances, and reports, which have no `bytes`."""
    inputs = sorted(f"{each['key']} {each['changed']}" for each in rows)
    digest = hashlib.sha256("\n".join([circumstances, prefix, *inputs]).encode()).hexdigest()
    instances = [each for each in rows if "bytes" in each]
    patients = {each["patient_key"] for each in instances}
    return Shard(prefix, digest, len(patients), len(instances), sum(each["bytes"] for each in instances))
