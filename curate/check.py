"""Independent verification of a release: hashes, contracts, evidence, accounting and residue."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate import contracts, manifest
from curate.compliance.records import NAMES, records_of
from curate.emit.leaks import find_leaks
from curate.errors import ContractBroken, ResidueFound
from curate.intake import index
from curate.ledger import hold_ledger
from curate.policy import DuplicateOptions, Policy
from curate.privacy import history
from curate.privacy.access_log import verify_log
from curate.privacy.signing import public_key
from curate.privacy.workspace import load_key, open_workspace
from curate.release import SOURCE, TABLES, Staging, hold_to_expectations, search_residue, tables_of
from curate.separation import fingerprints, risk_again
from curate.sources.source import open_source


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that was made: what it is, and how much it covered."""

    check: str
    covered: int


def check_release(
    release: Path,
    source: str | None = None,
    workspace: Path | None = None,
    policy: Policy | None = None,
    signed_by: str = "",
) -> list[Finding]:
    """Verify a release again; with source and workspace also that no identifier of the source is in it.

    signed_by: the public key that must have signed, in hexadecimal; with a workspace, it is that one's.

    Raises PolicyError when there is no release, ContractBroken when something is not as it says, ResidueFound.
    """
    stated = manifest.read(release)
    signer = signed_by or (public_key(load_key(open_workspace(workspace))) if workspace else "")
    findings = [
        Finding(
            "the manifest is signed, every file has the digest that it states, and no file is unlisted",
            manifest.verify(release, stated, signer),
        ),
        Finding(
            "the ledger holds every fact and a commitment to every patient, under the root in the manifest",
            hold_ledger(release, stated, load_key(workspace) if workspace else None),
        ),
        Finding("every table equals its contract", _contracts(stated)),
        Finding("every expectation holds, as the evidence says", _expectations(release)),
        Finding("instances and reports in = published + quarantined + refused by policy", _accounting(release, stated)),
        Finding("as few persons share a combination as the evidence says", _risk(release)),
        Finding("the records of processing say what the evidence says", _records(release)),
        Finding("no copy of a study stands in another split, as the ledger says", _separated(release)),
    ]
    if workspace:
        covered = history.hold_release(workspace, manifest.digest_of(release / manifest.NAME))
        findings.append(Finding("the history of the workspace is whole and holds this release", covered))
        findings.append(Finding("the access log is whole, as the history says", verify_log(workspace)))
    if source and workspace:
        findings.append(
            Finding(
                "no identifier of the source is in the release",
                _residue(release, source, workspace, policy or Policy()),
            )
        )
    return findings


def _contracts(stated: Mapping[str, Any]) -> int:
    """The schemas in the release are the ones that this software ships, in the versions that the manifest names."""
    for table in TABLES:
        if contracts.load(table).version != stated["run"]["contracts"].get(table):
            raise ContractBroken(table, "version")
    return len(TABLES)


def _expectations(release: Path) -> int:
    """Hold the tables again; of the source, whose catalog is not in the release, see that every check is told."""
    told = _evidence(release)["verdicts"]
    of_source = [each for each in told if each["suite"] in SOURCE]
    for verdict in of_source:
        _expect_whole(verdict)
    again = [asdict(verdict) for verdict in hold_to_expectations([release])]
    if [*of_source, *json.loads(json.dumps(again))] != told:
        raise ContractBroken("evidence", "verdicts")
    return sum(len(verdict["checks"]) for verdict in told)


def _expect_whole(verdict: Mapping[str, Any]) -> None:
    """Every expectation of its suite was looked at, and no critical one failed."""
    wanted = [each["meta"]["id"] for each in contracts.suite(verdict["suite"])["expectations"]]
    failed = [each for each in verdict["checks"] if each["severity"] == "critical" and each["outcome"] != "passed"]
    if failed or [each["id"] for each in verdict["checks"]] != wanted:
        raise ContractBroken("evidence", f"verdict on {verdict['suite']}")


def _accounting(release: Path, stated: Mapping[str, Any]) -> int:
    counts = stated["counts"]
    rows = sum(pq.read_metadata(path).num_rows for path in tables_of(release, "image_text"))
    refused = sum(sum(counts[name].values()) for name in ("quarantined", "refused_by_policy"))
    came, went = (
        counts["instances_in"] + counts["reports_in"],
        counts["published"]["instances"] + counts["published"]["reports"],
    )
    if rows != counts["published"]["studies"] or came != went + refused:
        raise ContractBroken("manifest", "counts")
    return int(rows)


def _separated(release: Path) -> int:
    """Look for copies across splits again, as the ledger says that it was done."""
    ledger = json.loads((release / "evidence" / "leaks.json").read_text(encoding="utf-8"))
    method = {name: ledger["method"][name] for name in ("image_bits", "report_similarity")}
    again = find_leaks(fingerprints(release), DuplicateOptions(**method))
    if again.withheld or again.ledger["patients_in_two_splits"] or again.ledger["patients"] != ledger["patients"]:
        raise ContractBroken("leaks", "splits")
    return sum(again.ledger["compared"].values())


def _evidence(release: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((release / "evidence" / "facts.json").read_text(encoding="utf-8"))
    return facts


def _records(release: Path) -> int:
    """Fill the records again from the evidence."""
    held = {path.stem: path for path in (release / "compliance" / "records").glob("*.json")}
    for name, record in records_of(_evidence(release)):
        if name not in held or json.loads(held.pop(name).read_text(encoding="utf-8")) != record:
            raise ContractBroken("evidence", f"compliance/records/{name}")
    return len(NAMES)


def _risk(release: Path) -> int:
    """Measure again, by person, how far the named columns single somebody out."""
    stated = _evidence(release)["risk"]
    again = risk_again(stated, release)
    if again != stated["after"]:
        raise ContractBroken("evidence", "risk")
    return int(again["persons"])


def _residue(release: Path, source: str, workspace: Path, policy: Policy) -> int:
    """Read the identifiers from the source again, into a folder of its own, and search the release for them."""
    open_workspace(workspace)
    again = open_workspace(workspace / "check")
    everybody = replace(policy, sources=replace(policy.sources, opt_out=""))  # who opted out must not be found either
    index(open_source(source, workspace), again, everybody, load_key(workspace))
    search_residue(release, Staging((), again, everybody))
    return sum(1 for _ in _published(release))


def _published(release: Path) -> Iterator[str]:
    for path in tables_of(release, "image_text"):
        yield from pq.read_table(path, columns=["study_key"])["study_key"].to_pylist()


__all__ = ["Finding", "ResidueFound", "check_release"]
