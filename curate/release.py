"""The release: an immutable directory that met its contracts, visible all at once or not at all."""

import csv
import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate import __version__, contracts, manifest
from curate.catalog import Catalog, Row, quarantine_rows
from curate.compliance.data_docs import write_data_docs
from curate.compliance.records import write_records
from curate.compliance.report import verdicts_in, write_report
from curate.compliance.words import Words, language_of
from curate.dicom.profile import Profile
from curate.emit.card import write_card
from curate.emit.croissant import write_croissant
from curate.emit.figures import figures_of, funnel_of
from curate.emit.trainer_files import write_trainer_files
from curate.errors import ContractBroken, PolicyError, Problem, ResidueFound
from curate.intake import hold_to_opt_out
from curate.policy import Policy
from curate.privacy import history
from curate.privacy.domains import stated_domain
from curate.privacy.residue import Strangers
from curate.privacy.workspace import load_key, root_of
from curate.readback import strings_of
from curate.records import Refusal, Shard, Spread
from curate.shard import retained, staged
from curate.sharing import candidates, put, recall_releases, remember_release
from curate.validate import Verdict, check_schema, hold, validate

TASKS = ("tasks", "texts")
TABLES = ("image_text", *TASKS, "journal")
SOURCE = ("instances", "reports", "pairing", "quarantine")  # tables of the catalog
_REPEATED = 4096  # texts that are remembered as free of residue during one search


@dataclass(frozen=True, slots=True)
class Staging:
    """The committed shards of one run, and where they are; the last three are by `curate.separation`.

    workspace: the place of the run's domain in it, where there is one.
    """

    shards: Sequence[Shard]
    workspace: Path
    policy: Policy
    separated: Mapping[Path, Path] = field(default_factory=dict)
    leaks: Mapping[str, Any] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folders(self) -> list[Path]:
        """The folder of each shard, or of its copy without what would leak across splits."""
        folders = [staged(self.workspace, shard) for shard in self.shards]
        return [self.separated.get(folder, folder) for folder in folders]

    @property
    def catalog(self) -> Catalog:
        """The catalog that the shards were planned from."""
        return Catalog(self.workspace / "catalog")


def tables_of(root: Path, table: str) -> list[Path]:
    """The Parquet files of one table under a staged shard or a release, sorted."""
    return sorted((root / ("data" if table == "image_text" else table)).rglob("*.parquet"))


def hold_to_expectations(roots: Iterable[Path], spread: Spread = map) -> list[Verdict]:
    """Hold the tables under some folders to their schemas and suites, large ones by `spread`. Raises ContractBroken."""
    folders, verdicts = list(roots), []
    for table in TABLES:
        files = [path for root in folders for path in tables_of(root, table)]
        for path in files:
            check_schema(path, table)
        if any(pq.read_metadata(path).num_rows for path in files):
            verdicts.append(validate(files, table, spread))
            hold(verdicts[-1])
    return verdicts


def hold_catalog(catalog: Catalog) -> list[Verdict]:
    """Hold what the index made of the source to its suites. Raises ContractBroken."""
    tables = ((table, catalog.folder / f"{table}.parquet") for table in SOURCE)
    verdicts = [validate([path], table) for table, path in tables if pq.read_metadata(path).num_rows]
    for each in verdicts:
        hold(each)
    return verdicts


def publish(staging: Staging, verdicts: Sequence[Verdict], release: Path) -> Mapping[str, Any]:
    """Build the release beside its place and rename it there; the manifest is written last. Returns its facts.

    Raises PolicyError when nothing could be published or a different release stands there, ResidueFound and
    ContractBroken when what was built must not go out.
    """
    hold_to_opt_out(staging.catalog, staging.policy, staging.workspace)
    facts = facts_of(staging, verdicts)
    tell_reasons(staging)
    if not facts["counts"]["published"]["studies"]:
        raise PolicyError(Problem.NOTHING_PUBLISHED)
    building = _building(release)
    try:
        earlier = recall_releases(staging.workspace)
        for folder in staging.folders:
            _take_over(folder, building, earlier)
        digests = manifest.Digests()
        write_documents(facts, building, digests)
        search_residue(building, staging)
        root = root_of(staging.workspace)
        manifest.seal(building, facts, load_key(root), digests)
        _reveal(building, release)
        history.record(root, load_key(root), "release", manifest=manifest.digest_of(release / manifest.NAME))
        remember_release(staging.workspace, release)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return facts


def _building(release: Path) -> Path:
    """A folder beside the release, on the same file system, so that one rename publishes it."""
    building = release.parent / f".{release.name}.building"
    try:
        release.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o755)
        building.chmod(0o755)
    except OSError:
        raise PolicyError(Problem.RELEASE_NOT_WRITABLE) from None
    return building


def _take_over(folder: Path, building: Path, earlier: Sequence[Path]) -> None:
    """Put the tables of a staged shard into the release; what an earlier release has too is shared with it."""
    for path in (each for table in TABLES for each in tables_of(folder, table)):
        name = path.relative_to(folder)
        put(path, building / name, candidates(name, earlier))


def write_documents(facts: Mapping[str, Any], place: Path, digests: manifest.Digests) -> None:
    """Write what people read: card, officer's report, Data Docs, and the contracts the tables hold to."""
    for folder in ("compliance", "schemas", "evidence"):
        (place / folder).mkdir(exist_ok=True)
    write_card(facts, place / "README.md")
    write_croissant(facts, place, place / "croissant.json", digests.of)
    write_trainer_files(facts["splits"], place)
    write_report(facts, place / "compliance" / "report.html")
    write_records(facts, place / "compliance" / "records")
    write_data_docs(verdicts_in(facts), place / "data_docs", Words(language_of(facts)))
    _write_json(place / "evidence" / "facts.json", facts)
    _write_json(place / "evidence" / "leaks.json", facts["leaks"])
    for table in TABLES:
        shutil.copyfile(contracts.directory("schemas") / f"{table}.json", place / "schemas" / f"{table}.json")


def facts_of(staging: Staging, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Everything that the documents say, counted from the staged tables and the catalog; never a value."""
    refusals = quarantine_rows(_refusals(staging))
    tables = [path for folder in staging.folders for path in tables_of(folder, "image_text")]
    published = _published(staging, tables)
    modalities = map(itemgetter("key", "modality"), staging.catalog.each("instances", "key", "modality"))
    counts: dict[str, Any] = {**_holdings(staging.catalog), "published": published, **_refused(refusals)}
    _account(counts, refusals)
    return {
        "run": {
            "version": __version__,
            "policy_digest": staging.policy.digest,
            **stated_domain(staging.workspace),
            "contracts": {table: contracts.load(table).version for table in TABLES},
            "profile_codes": sorted(Profile.compile(staging.policy.profile).codes()),
            "governance": {
                name: text for name, text in asdict(staging.policy.governance).items() if name != "mandatory"
            },
        },
        "counts": counts,
        "splits": tally(tables, "split"),
        "modalities": tally(tables, "modalities"),
        "sections": filled(tables),
        "actions": actions_of(staging.folders),
        "leaks": staging.leaks,
        "risk": staging.risk,
        "funnel": funnel_of(modalities, refusals),
        **figures_of(
            tables, [path for folder in staging.folders for table in TASKS for path in tables_of(folder, table)]
        ),
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "residue": {
            "searched": published["studies"],
            "hits": sum(r["reason"] == "residue" for r in refusals),
        },
    }


def _holdings(catalog: Catalog) -> dict[str, int]:
    held = catalog.holdings()
    return {f"{name}_in": count for name, count in asdict(held).items()}


def _published(staging: Staging, tables: Sequence[Path]) -> dict[str, int]:
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in staging.folders]
    names = ("studies", "instances", "reports", "images")
    totals = {name: sum(summary[name] for summary in summaries) for name in names}
    return {"patients": len(tally(tables, "patient_key")), **totals}


def _refusals(staging: Staging) -> Iterator[Refusal]:
    """Everything that was not published: what the index refused, and what the shards refused."""
    shards = (row for folder in staging.folders for row in json.loads((folder / "quarantine.json").read_text()))
    for row in (*staging.catalog.rows("quarantine"), *shards):
        yield Refusal(row["stage"], row["reason"], row["kind"], row["key"], row["where"])


def tell_reasons(staging: Staging) -> None:
    """Write quarantine.csv into the workspace: every refusal with the path of its file, for whoever must mend it."""
    refused = sorted(_refusals(staging), key=lambda each: (each.kind, each.reason, each.key))
    keys = {each.key for each in refused}
    rows = (row for table in ("instances", "reports") for row in staging.catalog.each(table, "key", "path"))
    places = {row["key"]: row["path"] for row in rows if row["key"] in keys}
    with (staging.workspace / "quarantine.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "stage", "reason", "where", "key", "path"))
        for each in refused:
            writer.writerow((each.kind, each.stage, each.reason, each.where, each.key, places.get(each.key, "")))


def _refused(refusals: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Instances and reports by reason, apart: at fault (quarantined) and not wanted (refused by policy)."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in refusals:
        if row["kind"] != "study":
            found["refused_by_policy" if row["by_policy"] else "quarantined"][row["reason"]] += 1
    return {name: dict(sorted(found[name].items())) for name in ("quarantined", "refused_by_policy")}


def _account(counts: Mapping[str, Any], refusals: Sequence[Row]) -> None:
    """Nothing is lost silently: instances and reports in = published + quarantined + refused by policy."""
    for kind in ("instance", "report"):
        accounted = counts["published"][f"{kind}s"] + sum(row["kind"] == kind for row in refusals)
        if counts[f"{kind}s_in"] != accounted:
            raise ContractBroken("manifest", f"{kind}s in = published + quarantined + refused by policy")


def tally(tables: Iterable[Path], column: str) -> dict[str, int]:
    """How often each value stands in a column, or in its lists."""
    found: Counter[str] = Counter()
    for path in tables:
        values = pq.ParquetFile(path).read([column])[column].to_pylist()
        found.update(each for value in values for each in (value if isinstance(value, list) else [value]))
    return dict(sorted(found.items()))


def filled(tables: Iterable[Path]) -> dict[str, int]:
    """How many studies have each section."""
    found: Counter[str] = Counter()
    names = ["findings", "impression", "indication", "technique", "comparison"]
    for path in tables:
        table = pq.ParquetFile(path).read(names)
        found.update({name: table.num_rows - table[name].null_count for name in names})
    return {name: found[name] for name in names}


def actions_of(folders: Iterable[Path]) -> list[dict[str, Any]]:
    """The journal, summed over all studies; places to review are counted, not listed."""
    total: Counter[tuple[str, ...]] = Counter()
    fields = ["stage", "target", "action", "rule"]
    for path in (path for folder in folders for path in tables_of(folder, "journal")):
        lines = pq.ParquetFile(path).read([*fields, "count"]).group_by(fields).aggregate([("count", "sum")])
        for row in lines.to_pylist():
            rule = row["rule"].partition(", ")[0] if row["action"] == "review" else row["rule"]
            total[row["stage"], row["target"], row["action"], rule] += row["count_sum"]
    return [{**dict(zip(fields, key, strict=True)), "count": count} for key, count in sorted(total.items())]


def search_residue(place: Path, staging: Staging) -> None:
    """Read back everything that would go out and search it for every patient. Raises ResidueFound."""
    kept, catalog = retained(staging.policy), staging.catalog
    of_images = (each for each in catalog.identifiers("instances") if each.kind not in kept)
    strangers = Strangers(chain(of_images, catalog.identifiers("reports")))
    found_in = lru_cache(_REPEATED)(strangers.found_in)  # most texts of a table are those of its other rows
    for where, text in strings_of(place):
        if found_in(text):
            raise ResidueFound(where)


def _reveal(building: Path, release: Path) -> None:
    """Rename the finished release into its place; an equal one that stands there already is left as it is."""
    standing = release / manifest.NAME
    if standing.exists() and standing.read_bytes() == (building / manifest.NAME).read_bytes():
        return
    try:
        building.rename(release)
    except OSError:
        raise PolicyError(Problem.RELEASE_EXISTS) from None
    descriptor = os.open(release.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _write_json(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def rebuild_report(release: Path) -> str:
    """Build the officer's report again from the evidence in the release; says whether it is the one that was published.

    Raises PolicyError when there is no release. A release is immutable: a report that differs is never written over.
    """
    evidence, page = release / "evidence" / "facts.json", release / "compliance" / "report.html"
    if not evidence.exists():
        raise PolicyError(Problem.RELEASE_NOT_FOUND)
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "report.html"
        write_report(json.loads(evidence.read_text(encoding="utf-8")), again)
        for made in (again, again.with_suffix(".pdf")):
            standing = page.with_suffix(made.suffix)
            if standing.exists() and standing.read_bytes() != made.read_bytes():
                raise ContractBroken("report", f"compliance/{made.name} = evidence")
            shutil.copyfile(made, standing)
    return "unchanged"
