"""A release without a patient: the files that hold the patient are written anew, all others stay as they are."""

import ctypes
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate import contracts, manifest
from curate.emit.figures import figures_of
from curate.emit.leaks import find_leaks
from curate.emit.shards import ShardWriter, write_journal
from curate.erasure.traces import Person, search_new
from curate.errors import ContractBroken, PolicyError, Problem
from curate.policy import DuplicateOptions
from curate.privacy.signing import public_key
from curate.records import CleanStudy
from curate.release import (
    SOURCE,
    TABLES,
    TASKS,
    actions_of,
    filled,
    hold_to_expectations,
    tables_of,
    tally,
    write_documents,
)
from curate.separation import fingerprints, risk_again

_AT_CWD, _EXCHANGE = -100, 2  # renameat2(2)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a release: rows that went, by table; files written anew; files that stayed; new manifest."""

    rows: Mapping[str, int] = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()
    kept: int = 0
    after: str = ""
    withdrawn: bool = False


def clear(release: Path) -> None:
    """Remove what an interrupted erasure left beside the release: it may hold the patient."""
    shutil.rmtree(_beside(release), ignore_errors=True)


def rewrite(release: Path, person: Person, key: bytes) -> Change:
    """Put a release without the patient in the place of this one, in one step; withdraw it if nobody is left.

    Raises PolicyError when there is no release, ContractBroken when it is not as its manifest and our contracts say.
    """
    if not person.rows:
        return Change(kept=len(manifest.read(release)["files"]) if manifest.stands(release) else 0)
    digests = manifest.Digests()
    _accept(release, public_key(key), digests)
    building = _beside(release)
    building.mkdir(mode=0o755)
    done = [_file(path, release, building, person) for path in _tables(release)]
    rows: Counter[str] = Counter()
    for table, gone, _ in done:
        rows[table] += gone
    rewritten = tuple(name for _, gone, name in done if gone)
    if not any(tables_of(building, "image_text")):
        release.replace(building.with_name(f"{building.name}.old"))
        _remove(building, building.with_name(f"{building.name}.old"))
        return Change(dict(rows), rewritten, withdrawn=True)
    _document(release, building, person, key, digests)
    _exchange(building, release)
    shutil.rmtree(building)
    after = manifest.digest_of(release / manifest.NAME)
    return Change(dict(rows), rewritten, len(done) - len(rewritten), after)


def _accept(release: Path, signed_by: str, digests: manifest.Digests) -> None:
    stated = manifest.read(release)
    manifest.verify(release, stated, signed_by, digests)
    if any(contracts.load(table).version != stated["run"]["contracts"].get(table) for table in TABLES):
        raise ContractBroken("manifest", "contracts of another version; erase with the version that made the release")


def _beside(release: Path) -> Path:
    return release.parent / f".{release.name}.erasing"


def _tables(release: Path) -> Iterator[tuple[str, Path]]:
    for table in TABLES:
        yield from ((table, path) for path in tables_of(release, table))


def _file(found: tuple[str, Path], release: Path, building: Path, person: Person) -> tuple[str, int, str]:
    """Write a table without the patient, or link it as it is; returns its kind, the rows that went, its name."""
    table, path = found
    name = path.relative_to(release).as_posix()
    column, gone = ("study_key", set(person.rows)) if table == "journal" else ("patient_key", set(person.keys))
    lost = sum(each in gone for each in pq.ParquetFile(path).read([column])[column].to_pylist())
    if not lost:
        (building / name).parent.mkdir(parents=True, exist_ok=True)
        _link(path, building / name)
    elif lost < pq.read_metadata(path).num_rows:
        _write(table, path, building / name, (column, gone))
    return table, lost, name


def _link(path: Path, target: Path) -> None:
    """The same file under both names where the file system can, else a copy."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _write(table: str, path: Path, target: Path, gone: tuple[str, set[str]]) -> None:
    """The rows that stay, in their order, laid out as a run would lay them out."""
    file, contract = pq.ParquetFile(path), contracts.load(table)
    stamps = {
        name: file.schema_arrow.metadata[name.encode()].decode() for name in ("policy_digest", "radcurate_version")
    }
    kept = (row for batch in file.iter_batches(16) for row in batch.to_pylist() if row[gone[0]] not in gone[1])
    if table == "journal":
        write_journal(target, kept, contract, stamps)
        return
    rows = file.metadata.row_group(0).num_rows
    with ShardWriter(target.parents[2], target.stem, contract, stamps, rows) as writer:
        for row in kept:
            writer.write(CleanStudy(row["study_key"], row["patient_key"], row))


def _document(release: Path, building: Path, person: Person, key: bytes, digests: manifest.Digests) -> None:
    """Count everything anew from the tables that stay, hold them to their expectations, and seal them."""
    before = json.loads((release / "evidence" / "facts.json").read_text(encoding="utf-8"))
    facts = _facts(before, release, building, person)
    of_source = [each for each in before["verdicts"] if each["suite"] in SOURCE]  # of the run, which is past
    facts["verdicts"] = [*of_source, *map(asdict, hold_to_expectations([building]))]
    write_documents(facts, building, digests)
    search_new(building, person)  # all of it is searched once it stands
    manifest.seal(building, facts, key, digests)


def _facts(before: Mapping[str, Any], release: Path, building: Path, person: Person) -> dict[str, Any]:
    """The facts of the release with what the patient had in it taken off: published, and so also come in."""
    tables = tables_of(building, "image_text")
    gone = _images(tables_of(release, "image_text"), set(person.rows))
    published = before["counts"]["published"]
    lost = {"patients": 0, "studies": len(person.rows), "reports": len(person.rows), "instances": sum(gone.values())}
    lost["patients"] = published["patients"] - len(tally(tables, "patient_key"))
    left = {name: published[name] - count for name, count in lost.items()}
    left["images"] = sum(each for each in _lengths(tables))
    came = {f"{name}_in": before["counts"][f"{name}_in"] - count for name, count in lost.items()}
    return {
        **before,
        "counts": {**before["counts"], **came, "published": left},
        "splits": tally(tables, "split"),
        "modalities": tally(tables, "modalities"),
        "sections": filled(tables),
        "actions": actions_of([building]),
        "leaks": _ledger(before["leaks"], building),
        "risk": {"options": before["risk"]["options"], "after": risk_again(before["risk"], building)},
        "funnel": _funnel(before["funnel"], gone),
        "residue": {**before["residue"], "searched": left["studies"]},
        "erased": before.get("erased", 0) + lost["patients"],
        **figures_of(tables, [path for table in TASKS for path in tables_of(building, table)]),
    }


def _images(tables: Iterable[Path], studies: set[str]) -> Counter[str]:
    """How many instances of some studies are in the tables, by modality."""
    held: dict[str, str] = {}
    for path in tables:
        for row in pq.ParquetFile(path).read(["study_key", "image_meta"]).to_pylist():
            if row["study_key"] in studies:
                held |= {each["instance_key"]: each["modality"] for each in row["image_meta"]}
    return Counter(held.values())


def _lengths(tables: Iterable[Path]) -> Iterator[int]:
    for path in tables:
        column = pq.ParquetFile(path).read(["image_meta"])["image_meta"]
        yield sum(len(each) for each in column.to_pylist())


def _ledger(before: Mapping[str, Any], building: Path) -> dict[str, Any]:
    """The ledger of splits counted again; what was withheld and which benchmark was kept out stay as they were."""
    method = {name: before["method"][name] for name in ("image_bits", "report_similarity")}
    again = dict(find_leaks(fingerprints(building), DuplicateOptions(**method)).ledger)
    kept = {name: before[name] for name in ("withheld", "benchmark")}
    return {**again, **kept, "pairs_across_splits": before["pairs_across_splits"]}


def _funnel(before: Mapping[str, Any], gone: Counter[str]) -> dict[str, Any]:
    rows = {name: {**row, "in": row["in"] - gone[name]} for name, row in before["instances"].items()}
    return {**before, "instances": {name: row for name, row in rows.items() if row["in"] > 0}}


def _exchange(building: Path, release: Path) -> None:
    """Swap two folders in one step (renameat2, RENAME_EXCHANGE), or in two where the file system cannot."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call and call(_AT_CWD, os.fsencode(building), _AT_CWD, os.fsencode(release), _EXCHANGE) == 0:
        _sync(release.parent)
        return
    old = building.with_name(f"{building.name}.old")
    try:
        release.replace(old)
        building.replace(release)
        old.replace(building)
    except OSError:
        raise PolicyError(Problem.RELEASE_NOT_WRITABLE) from None
    _sync(release.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _remove(*folders: Path) -> None:
    for each in folders:
        shutil.rmtree(each)
