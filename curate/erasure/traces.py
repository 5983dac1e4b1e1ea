"""Where a patient is, and that the patient is there no more: in a release, and in all that the workspace keeps."""

import csv
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.errors import ResidueFound
from curate.privacy.domains import places_of
from curate.privacy.erased import plain
from curate.privacy.patient_secrets import Secrets, read_secrets
from curate.privacy.surrogates import opaque, pseudonym
from curate.privacy.workspace import load_key
from curate.release import tables_of

REGISTER = "erasures"  # certificates, which name rows on purpose
_CACHES = ("catalog", "check", "readings.jsonl", "quarantine.csv", "removed.csv", ".buckets")  # made anew by an index
_MAPS = ("patient_map.csv", "uid_map.csv")
_OUTCOME_OF_REVIEW = {"commitment.json", "outcome.json"}  # counts, and no row
_SHORTEST = 4  # characters: a shorter id is found everywhere


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """What must go from one place, or all.

    secrets: their marks; keys: pseudonyms; rows: sample_id by study_key; names: opaque ids; files: paths in
    the inventory.
    """

    patient_id: str
    secrets: frozenset[str]
    keys: frozenset[str]
    rows: Mapping[str, str]
    names: frozenset[str]
    values: frozenset[str]
    files: Sequence[str]

    @property
    def ids(self) -> list[str]:
        """All that names the patient."""
        return sorted({*self.keys, *self.rows, *self.rows.values(), *self.names, *self.values})


def locate(workspace: Path, patient_id: str, issuer: str = "") -> dict[Path, Person]:
    """Find a patient by PatientID (0010,0020) and, where that tells two apart, its issuer (0010,0021).

    Returns what is the patient's in the workspace and in each domain in it, by place; rows of releases not yet.
    """
    places = places_of(workspace)
    secrets = {place: read_secrets(place) for place in places}
    found = {place: list(inventory_of(place)) for place in places}
    persons = {pseudonym(load_key(workspace), patient_id, issuer)}
    if not issuer:
        for place in places:
            persons |= {row["person"] for row in found[place] if _is_numbered(row, patient_id)}
    asked = (patient_id, issuer)
    return {place: _person(asked, frozenset(persons), found[place], secrets[place]) for place in places}


def _person(
    asked: tuple[str, str], persons: frozenset[str], inventory: list[dict[str, Any]], secrets: Secrets
) -> Person:
    """A patient in one place, asked for by PatientID and issuer."""
    patient_id, number = asked[0], "" if asked[1] else asked[0]
    rows = [row for row in inventory if row["person"] in persons]
    uids = {row[name] for row in rows for name in ("study_uid", "series_uid", "sop_uid") if row[name]}
    names = {row["key"] for row in rows}
    names |= {opaque(secrets.key_of(row["person"]), "study", row["study_uid"]) for row in rows}
    values = {each for each in (patient_id.strip(), *uids) if len(each) >= _SHORTEST}
    files = [row["path"] for row in rows]
    marks, keys = secrets.marks(persons, number), secrets.pseudonyms(persons, number)
    return Person(patient_id, marks, keys, {}, frozenset(names), frozenset(values), files)


def together(found: Iterable[Person]) -> Person:
    """One patient of several places."""
    each = list(found)
    sets = (frozenset().union(*(getattr(one, name) for one in each)) for name in ("secrets", "keys", "names", "values"))
    secrets, keys, names, values = sets
    rows = {study: sample for one in each for study, sample in one.rows.items()}
    return Person(each[0].patient_id, secrets, keys, rows, names, values, [path for one in each for path in one.files])


def inventory_of(place: Path) -> Iterator[dict[str, Any]]:
    """The instances of an inventory; in one of an older version a person is what the pseudonym is."""
    path = place / "inventory.parquet"
    columns = ["key", "path", "patient_id", "patient_key", "person", "study_uid", "series_uid", "sop_uid"]
    for row in pq.ParquetFile(path).read(columns).to_pylist() if path.exists() else ():
        yield {**row, "person": row.get("person") or row["patient_key"]}


def _is_numbered(row: Mapping[str, Any], patient_id: str) -> bool:
    return bool(row["patient_id"]) and plain(row["patient_id"]) == plain(patient_id)


def rows_of(release: Path, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """study_key and sample_id of the rows of a patient."""
    wanted = pa.array(sorted(keys), pa.string())
    for path in tables_of(release, "image_text"):
        table = pq.ParquetFile(path).read(["patient_key", "study_key", "sample_id"])
        for row in table.filter(pc.is_in(table["patient_key"], wanted)).to_pylist():
            yield row["study_key"], row["sample_id"]


def purge(workspace: Path, found: Mapping[Path, Person]) -> list[str]:
    """Take the patient out of what the workspace keeps; returns what was purged. What an index makes is removed."""
    kinds = {kind: None for place, person in found.items() for kind in _purge(place, person)}  # once each, in order
    whole = together(found.values())  # what follows is one for all domains
    reviewed = sum(_purge_review(each, whole) for each in _folders(workspace / "reviews"))
    received = sum(_purge_file(workspace / "spool", each) for each in set(whole.files))
    return [*kinds, *["samples for review"] * (reviewed > 0), *["received files"] * (received > 0)]


def _purge(place: Path, person: Person) -> list[str]:
    """Take the patient out of one place."""
    for name in _CACHES:
        cache = place / name
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink(missing_ok=True)
    kinds = ["what the index had made"]
    kinds += ["inventory"] * _purge_inventory(place, person)
    kinds += ["staged shards"] * (sum(_purge_shard(each, person) for each in _folders(place / "staging")) > 0)
    kinds += ["maps of identifiers"] * (sum(_purge_map(place / name, person) for name in _MAPS) > 0)
    return kinds


def _purge_inventory(workspace: Path, person: Person) -> bool:
    path = workspace / "inventory.parquet"
    if not path.exists():
        return False
    temporary, gone = path.with_name(".inventory.writing"), pa.array(sorted(person.files), pa.string())
    with pq.ParquetFile(path) as held, pq.ParquetWriter(temporary, held.schema_arrow, compression="zstd") as writer:
        for batch in held.iter_batches():
            table = pa.Table.from_batches([batch], held.schema_arrow)
            writer.write_table(table.filter(pc.invert(pc.is_in(table["path"], gone))))
    temporary.replace(path)
    return bool(person.files)


def _folders(place: Path) -> list[Path]:
    return sorted(each for each in place.iterdir() if each.is_dir()) if place.is_dir() else []


def _purge_shard(folder: Path, person: Person) -> bool:
    """Remove a staged shard that holds the patient, and what an interrupted run left; another run makes it anew."""
    if not folder.name.startswith(".") and not _finder(person)(_files(folder)):
        return False
    shutil.rmtree(folder)
    return True


def _purge_review(folder: Path, person: Person) -> bool:
    """Remove a sample that holds the patient, and whose studies they were; what was committed to and found stays."""
    if not _finder(person)(_files(folder)):
        return False
    for path in folder.iterdir():
        if path.name not in _OUTCOME_OF_REVIEW:
            path.unlink()
    return True


def _purge_map(path: Path, person: Person) -> bool:
    """Take the rows of the patient out of a map from old to new identifiers."""
    if not path.exists():
        return False
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [row for row in rows if row[0] not in person.values and plain(row[0]) != plain(person.patient_id)]
    temporary = path.with_name(f".{path.name}.writing")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(kept)
    temporary.replace(path)
    return len(kept) < len(rows)


def _purge_file(spool: Path, path: str) -> bool:
    """Remove a received file; its name in the inventory is that in one of the spools."""
    found = [each for each in spool.glob(f"*/??/{Path(path).name}") if each.as_posix().endswith(path[-30:])]
    for each in found:
        each.unlink()
    return bool(found)


def search(release: Path, workspace: Path, person: Person) -> dict[str, int]:
    """Read everything back, bytes and decoded content; returns how many files were searched. Raises ResidueFound."""
    counts = {}
    for name, root in (("release", release), ("workspace", workspace)):
        files = [path for path in _files(root) if REGISTER not in path.relative_to(root).parts]
        _expect_none(files, person, name)
        counts[name] = len(files)
    return counts


def search_new(building: Path, person: Person) -> None:
    """Read back the files that are no links to those of another release. Raises ResidueFound."""
    _expect_none((path for path in _files(building) if path.stat().st_nlink == 1), person, "release")


def _expect_none(files: Iterable[Path], person: Person, place: str) -> None:
    """Raise ResidueFound when a file holds the patient."""
    if _finder(person)(files):
        raise ResidueFound(place)


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


def _finder(person: Person) -> Callable[[Iterable[Path]], bool]:
    """Whether any of some files holds an id of the patient as a whole word."""
    ids = person.ids
    whole = re.compile(rf"(?<![0-9A-Za-z.])(?:{'|'.join(map(re.escape, ids))})(?![0-9A-Za-z]|\.\d)")

    def is_in(text: str) -> bool:
        return any(each in text for each in ids) and whole.search(text) is not None

    return lambda files: any(is_in(text) for path in files for text in _texts_of(path))


def _texts_of(path: Path) -> Iterator[str]:
    """The text of a file: of Parquet every string at any depth and the metadata, of others their bytes as they are."""
    if path.suffix != ".parquet":
        yield path.read_bytes().decode("latin-1")
        return
    with pq.ParquetFile(path) as file:
        yield str(file.metadata.metadata)
        names = [each for each in file.schema_arrow.names if each != "images"]
        for column in file.read(names).columns:
            yield from (text for chunk in column.chunks for text in _strings(chunk))


def _strings(array: pa.Array) -> Iterator[str]:
    """The strings in a column, at any depth, each on a line of its own."""
    if not pa.types.is_nested(array.type):
        yield "\n".join(map(str, pc.unique(array).to_pylist()))
        return
    for inner in _parts(array):
        yield from _strings(inner)


def _parts(array: pa.Array) -> list[pa.Array]:
    """What a struct, a map or a list holds."""
    if pa.types.is_map(array.type):
        return [array.keys, array.items]
    return array.flatten() if pa.types.is_struct(array.type) else [array.flatten()]
