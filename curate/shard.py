"""One shard: whole patients in a fixed order, written once, committed by its summary."""

import gc
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import mkdtemp

from curate import __version__, contracts
from curate.attribution import Papers
from curate.catalog import Catalog, Row, identifiers_of, quarantine_rows
from curate.emit.shards import ShardWriter, write_journal
from curate.errors import CurationError, ShardFailed
from curate.instance import Patient, Rules, rules_of
from curate.logs import silence_libraries
from curate.policy import Policy
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.patient_secrets import read_secrets
from curate.privacy.residue import Residue, Strangers, without
from curate.privacy.surrogates import Surrogates
from curate.privacy.workspace import load_key, recall_source, root_of
from curate.records import Identifier, IdentifierKind, Refusal, Shard, ShardSummary
from curate.sources.source import Source, open_source
from curate.study import Outcome, Study, curate_study


def curate_shard(shard: Shard, policy: Policy, workspace: Path, dicom_out: Path | None = None) -> ShardSummary:
    """Curate the patients of one shard into staging; a shard that is committed already is not done again.

    Raises ShardFailed for whatever nobody foresaw: the text of other errors may hold a path or a value.
    """
    silence_libraries()
    try:
        return _curate(shard, policy, workspace, dicom_out)
    except CurationError:
        raise
    except Exception as error:  # noqa: BLE001
        raise ShardFailed(type(error).__name__) from None


def _curate(shard: Shard, policy: Policy, workspace: Path, dicom_out: Path | None) -> ShardSummary:
    place = staged(workspace, shard)
    if (place / "summary.json").exists():
        return _summary(place)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = Path(mkdtemp(prefix=f".{place.name}.", dir=place.parent))  # a name that no other machine's worker has
    rules, root = rules_of(policy, load_key(workspace)), root_of(workspace)
    summary = _build(
        shard,
        rules,
        Catalog(workspace / "catalog"),
        building,
        (open_source(recall_source(root), root), dicom_out),
    )
    _commit(building, place, summary)
    _hold_what_lasts()
    return summary


@cache
def _hold_what_lasts() -> None:
    """Keep models and vocabularies, which the first shard has loaded, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def staged(workspace: Path, shard: Shard) -> Path:
    """Where a shard stands in staging: named by what decides its bytes."""
    return workspace / "staging" / f"{shard.name}-{shard.digest[:16]}"


def stamps_of(policy: Policy) -> dict[str, str]:
    """What is written into the metadata of every Parquet file."""
    return {"policy_digest": policy.digest, "radcurate_version": __version__}


def circumstances(policy: Policy, dicom_out: Path | None) -> str:
    """Whatever decides the bytes of a shard besides its input: policy, version, and what is written beside it."""
    return "\n".join((policy.digest, __version__, str(dicom_out or "")))


def _build(shard: Shard, rules: Rules, catalog: Catalog, place: Path, ends: tuple[Source, Path | None]) -> ShardSummary:
    entries: list[dict[str, str | int]] = []
    refusals: list[Refusal] = []
    holdings: dict[str, list[tuple[str, str]]] = {}
    counts: Counter[str] = Counter()
    image_text, stamps = contracts.load("image_text"), stamps_of(rules.policy)
    with ShardWriter(place, shard.name, image_text, stamps, rules.policy.output.row_group_rows) as writer:
        for outcome in _outcomes(shard, rules, catalog, *ends):
            refusals += outcome.refusals
            if outcome.clean:
                writer.write(outcome.clean)
                holdings[outcome.clean.study_key] = outcome.published
                entries += outcome.journal.rows(outcome.clean.study_key)
                counts.update(studies=1, instances=outcome.published_instances)
                counts.update(reports=sum(kind == "report" for kind, _ in outcome.published))
                counts.update(images=len(outcome.clean.row["images"]))
    write_journal(place / "journal" / f"{shard.name}.parquet", entries, contracts.load("journal"), stamps)
    rows = quarantine_rows(refusals)
    (place / "quarantine.json").write_text(json.dumps(rows), encoding="utf-8")
    (place / "holdings.json").write_text(json.dumps(holdings, sort_keys=True), encoding="utf-8")
    reasons = Counter(row["reason"] for row in rows if row["kind"] == "study")
    return ShardSummary(
        shard.prefix,
        counts["studies"],
        counts["instances"],
        counts["reports"],
        counts["images"],
        dict(sorted(reasons.items())),
    )


def _outcomes(
    shard: Shard, rules: Rules, catalog: Catalog, source: Source, dicom_out: Path | None
) -> Iterator[Outcome]:
    instances = catalog.of_patients(shard.prefix)
    reports = catalog.reports_of({row["study_uid"] for row in instances})
    secrets = read_secrets(catalog.folder.parent, {row["person"] for row in instances})
    papers, joined = Papers(source, reports, rules.policy), _by(reports, "study")
    strangers = Strangers(retained_out(identifiers_of([*instances, *reports]), rules.policy))
    for (patient_key, person), rows in groupby(instances, itemgetter("patient_key", "person")):
        mine = _by(rows, "study_uid")
        studies = [Study(source, papers, uid, mine[uid], joined.get(uid, [])) for uid in sorted(mine)]
        known = [row for study in studies for row in (*study.instances, *study.reports)]
        surrogates = Surrogates(secrets.key_of(person), patient_key, rules.policy.profile.uid_root)
        patient = patient_of((patient_key, surrogates), identifiers_of(known), strangers, rules.policy)
        for study in studies:
            yield curate_study(study, patient, rules, dicom_out)


def _by(rows: Iterable[Row], field: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[field], []).append(row)
    return groups


def patient_of(
    named: tuple[str, Surrogates], identifiers: Iterable[Identifier], strangers: Strangers, policy: Policy
) -> Patient:
    """What is known of a patient, for the stages and for the residue search. named: pseudonym and surrogates."""
    (key, surrogates), known = named, frozenset(identifiers)
    own = KnownIdentifiers(retained_out(known, policy))
    return Patient(key, KnownIdentifiers(known), surrogates, Residue(own, strangers, surrogates))


def retained_out(identifiers: Iterable[Identifier], policy: Policy) -> frozenset[Identifier]:
    """Leave out what the policy retains on purpose, so that it is no residue."""
    return without(identifiers, retained(policy))


def retained(policy: Policy) -> frozenset[IdentifierKind]:
    """The kinds of identifiers that a policy retains on purpose."""
    profile, kinds = policy.profile, set()
    if profile.retain_uids:
        kinds.add(IdentifierKind.UID)
    if profile.dates == "full":
        kinds.add(IdentifierKind.DATE)
    if profile.retain_institution_identity:
        kinds |= {IdentifierKind.INSTITUTION, IdentifierKind.ADDRESS}
    return frozenset(kinds)


def _summary(place: Path) -> ShardSummary:
    return ShardSummary(**json.loads((place / "summary.json").read_text(encoding="utf-8")))


def _commit(building: Path, place: Path, summary: ShardSummary) -> None:
    """Make a shard visible in one step: its summary is written last, all is flushed, then the folder is renamed.

    A worker that was taken for dead may have been here before; its bytes are the same, and they stay.
    """
    (building / "summary.json").write_text(json.dumps(asdict(summary), sort_keys=True), encoding="utf-8")
    for path in (*building.rglob("*"), building):
        _flush(path)
    try:
        building.rename(place)
    except OSError:
        if not (place / "summary.json").exists():
            raise
        shutil.rmtree(building)
    _flush(place.parent)


def _flush(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk: a rename can outlive a power cut that content did not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(workspace: Path) -> None:
    """Remove what killed workers left half made; to be called by the one run that holds the workspace."""
    for path in (workspace / "staging").glob(".shard-*"):
        shutil.rmtree(path, ignore_errors=True)
