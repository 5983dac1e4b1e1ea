"""Between curation and publication: what would leak or single people out is withheld, further tasks are made."""

import json
import shutil
from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate import contracts
from curate.catalog import quarantine_rows
from curate.emit.leaks import Fingerprint, Leaks, find_leaks
from curate.emit.risk import COLUMNS, Person, persons_of, rare, risk_of
from curate.emit.shards import ShardWriter, write_journal
from curate.emit.tasks import TEXT_ONLY, task_rows
from curate.errors import Reason
from curate.policy import Policy, RiskOptions
from curate.records import CleanStudy, Refusal, Spread
from curate.release import Staging, tables_of
from curate.shard import stamps_of

_COLUMNS = ["study_key", "patient_key", "split", "report", "image_meta"]
_DERIVED = ("tasks", "texts")
_FEW, _MANY = 16, 1024  # rows that are Python objects at once, with images and without


def separate(staging: Staging, spread: Spread = map) -> Staging:
    """Withhold what would leak and who would stand out: shards that hold such studies are replaced by copies.

    spread: copies the shards, in this process or elsewhere.

    Whoever goes for one may leave others too few, or make a copy of what was a template, so it is done until nobody
    more goes. A function of the staged studies alone: the order, number and size of shards change nothing.
    """
    roots, options = staging.folders, staging.policy.risk
    leaks = leaks_in(roots, staging.policy)
    before = after = persons_in(roots, leaks.withheld, options)
    few: set[str] = set()
    while more := rare(after, options):
        few |= more
        leaks = leaks_in(roots, staging.policy, few)
        after = persons_in(roots, leaks.withheld, options)
    stated = {"options": asdict(options), "before": risk_of(before, options), "after": risk_of(after, options)}
    torn = {folder: mine for folder in roots if (mine := _withheld_in(folder, leaks.withheld))}
    copies = dict(spread(partial(_without, policy=staging.policy), torn.items()))
    return replace(staging, separated=copies, leaks=leaks.ledger, risk=stated)


def persons_in(roots: Iterable[Path], gone: Container[str], options: RiskOptions) -> dict[str, Person]:
    """The persons of the tables under some folders, by studies that are not gone."""
    found = (row for root in roots for path in tables_of(root, "image_text") for row in _rows(path, COLUMNS))
    return persons_of((row for row in found if row["study_key"] not in gone), options)


def risk_again(stated: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The risk of a release as it stands, by the options that its facts name."""
    named: dict[str, Any] = {**stated["options"], "quasi_identifiers": tuple(stated["options"]["quasi_identifiers"])}
    options = RiskOptions(**named)
    return risk_of(persons_in([root], (), options), options)


def derive(staging: Staging, spread: Spread = map) -> None:
    """Make the further tasks that the policy names, of the studies that stay, into the staged shards."""
    made = [folder for folder in staging.folders if staging.policy.tasks.names or _has_tasks(folder)]
    deque(spread(partial(_derive_all, policy=staging.policy), made), maxlen=0)


def _has_tasks(folder: Path) -> bool:
    return any((folder / table).exists() for table in _DERIVED)


def _derive_all(folder: Path, policy: Policy) -> None:
    for table in _DERIVED:
        shutil.rmtree(folder / table, ignore_errors=True)
    for name in policy.tasks.names:
        for path in tables_of(folder, "image_text"):
            _derive(path, name, folder, policy)


def _derive(path: Path, name: str, folder: Path, policy: Policy) -> None:
    """The rows of one task from one file: patients stand together in it, so one at a time is held."""
    table = "texts" if name in TEXT_ONLY else "tasks"
    stamps, rows = stamps_of(policy), policy.output.row_group_rows
    with ShardWriter(folder / table / name, path.stem, contracts.load(table), stamps, rows) as writer:
        columns = [each for each in contracts.load("image_text").columns if each != "images" or table == "tasks"]
        for _, group in groupby(_rows(path, columns), itemgetter("patient_key")):
            studies = list(group)
            for study in studies:
                for row in task_rows(study, studies, [name]):
                    writer.write(CleanStudy(row["study_key"], row["patient_key"], row))


def leaks_in(roots: Iterable[Path], policy: Policy, few: AbstractSet[str] = frozenset()) -> Leaks:
    """What leaks between the splits of the tables under some folders, some studies being gone already."""
    return find_leaks((each for root in roots for each in fingerprints(root)), policy.duplicates, few)


def fingerprints(root: Path) -> Iterator[Fingerprint]:
    """The fingerprint of every study under a folder; no image is read."""
    for path in tables_of(root, "image_text"):
        for batch in pq.ParquetFile(path).iter_batches(columns=_COLUMNS):
            for row in batch.to_pylist():
                hashes = tuple(image["phash"] for image in row.pop("image_meta"))
                yield Fingerprint(**row, hashes=hashes)


def _withheld_in(folder: Path, withheld: Mapping[str, Reason]) -> dict[str, Reason]:
    """Those of some studies that a staged shard has."""
    holdings = json.loads((folder / "holdings.json").read_text(encoding="utf-8"))
    return {key: reason for key, reason in withheld.items() if key in holdings}


def _without(torn: tuple[Path, Mapping[str, Reason]], policy: Policy) -> tuple[Path, Path]:
    """A staged shard, and its copy beside it without some of its studies."""
    folder, gone = torn
    holdings = json.loads((folder / "holdings.json").read_text(encoding="utf-8"))
    place = folder.with_name(f"{folder.name}.separated")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    refused = [refusal for key, reason in gone.items() for refusal in _refusals(key, reason, holdings[key])]
    _copy_tables(folder, place, gone, policy)
    _correct(folder, place, refused)
    return folder, place


def _refusals(key: str, reason: Reason, parts: Iterable[tuple[str, str]]) -> Iterator[Refusal]:
    """A study that is withheld is refused by policy, and so is each of its instances and reports."""
    for kind, each in [("study", key), *parts]:
        yield Refusal("separation", reason.value, kind, each)


def _copy_tables(folder: Path, place: Path, gone: Mapping[str, Reason], policy: Policy) -> None:
    image_text, stamps = contracts.load("image_text"), stamps_of(policy)
    for path in tables_of(folder, "image_text"):
        with ShardWriter(place, path.stem, image_text, stamps, policy.output.row_group_rows) as writer:
            for row in _rows(path):
                if row["study_key"] not in gone:
                    writer.write(CleanStudy(row["study_key"], row["patient_key"], row))
    for path in tables_of(folder, "journal"):
        kept = [row for row in _rows(path) if row["study_key"] not in gone]
        write_journal(place / path.relative_to(folder), kept, contracts.load("journal"), stamps)


def _rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    file = pq.ParquetFile(path)
    size = _FEW if "images" in (columns or file.schema_arrow.names) else _MANY
    for batch in file.iter_batches(batch_size=size, columns=columns):
        yield from batch.to_pylist()


def _correct(folder: Path, place: Path, refused: list[Refusal]) -> None:
    """The refusals and the counts of a shard after some of its studies were taken out."""
    before = json.loads((folder / "quarantine.json").read_text(encoding="utf-8"))
    rows = [*before, *quarantine_rows(refused)]
    (place / "quarantine.json").write_text(json.dumps(rows), encoding="utf-8")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    gone = Counter(each.kind for each in refused)
    summary |= {
        "studies": summary["studies"] - gone["study"],
        "instances": summary["instances"] - gone["instance"],
        "reports": summary["reports"] - gone["report"],
        "images": sum(_images(path) for path in tables_of(place, "image_text")),
        "refusals": dict(sorted(Counter(row["reason"] for row in rows if row["kind"] == "study").items())),
    }
    (place / "summary.json").write_text(json.dumps(summary, sort_keys=True), encoding="utf-8")


def _images(path: Path) -> int:
    lengths = pc.list_value_length(pq.read_table(path, columns=["image_meta"])["image_meta"])
    return int(pc.sum(lengths).as_py() or 0)
