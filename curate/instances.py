"""DICOM in, de-identified DICOM out: every instance of a source under an opaque name, and the maps in the workspace."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from curate.catalog import Catalog, Row, identifiers_of, quarantine_rows
from curate.errors import CurationError, PolicyError, Problem, Reason, Rejected, ShardFailed
from curate.instance import Part, clean_instance, place_of, rules_of, write_instance
from curate.intake import hold_to_opt_out, index
from curate.logs import silence_libraries
from curate.pixels.faces import slices_of
from curate.policy import Policy
from curate.privacy.domains import enter_domain
from curate.privacy.patient_secrets import read_secrets
from curate.privacy.residue import Strangers
from curate.privacy.surrogates import Surrogates
from curate.privacy.workspace import load_key, recall_source, remember_source, root_of
from curate.records import IdentifierKind, Refusal
from curate.shard import patient_of, retained_out
from curate.sources.server import fetch
from curate.sources.source import open_source


def deidentify_source(
    address: str, out: Path, workspace: Path, policy: Policy, executor: Executor | None = None
) -> dict[str, int]:
    """De-identify every DICOM instance of the source at `address` into `out`; returns counts: in, written, quarantined.

    uid_map.csv and patient_map.csv (id_old, id_new) are written into the workspace. Raises PolicyError.
    """
    if out.exists() and any(out.iterdir()):
        raise PolicyError(Problem.OUTPUT_EXISTS)
    out.mkdir(parents=True, exist_ok=True)
    remember_source(workspace, address)
    fetch(address, workspace)
    place = enter_domain(workspace, policy.domain)
    held = index(open_source(address, workspace), place, policy, load_key(place), executor, lenient=True)
    catalog = Catalog(place / "catalog")
    work = partial(_deidentify_patient, policy=policy, place=place, out=out)
    parts = (executor.map if executor else map)(work, catalog.patients())
    refusals = [refusal for part in parts for refusal in part]
    catalog.write("quarantine", [*catalog.rows("quarantine"), *quarantine_rows(refusals)])
    hold_to_opt_out(catalog, policy, place)
    _write_maps(catalog, place, policy)
    refused = sum(row["kind"] == "instance" for row in catalog.rows("quarantine"))
    return {"instances": held.instances, "written": held.instances - refused, "quarantined": refused}


def _deidentify_patient(patient_key: str, policy: Policy, place: Path, out: Path) -> list[Refusal]:
    """De-identify the instances of one patient; returns the refusals."""
    silence_libraries()
    try:
        return list(_refusals(patient_key, policy, place, out))
    except CurationError:
        raise
    except Exception as error:  # noqa: BLE001  its text may hold a path or a value
        raise ShardFailed(type(error).__name__) from None


def _refusals(patient_key: str, policy: Policy, place: Path, out: Path) -> Iterator[Refusal]:
    rules, root = rules_of(policy, load_key(place)), root_of(place)
    source = open_source(recall_source(root), root)
    rows: Sequence[Row] = Catalog(place / "catalog").rows("instances", patient_key=patient_key)
    identifiers = identifiers_of(rows)
    strangers, surrogates = Strangers(retained_out(identifiers, policy)), _surrogates_of(rows, place, policy)
    patient = patient_of((patient_key, surrogates[patient_key]), identifiers, strangers, policy)
    slices = slices_of(rows)
    for row in rows:
        try:
            cleaned = clean_instance(source, row, patient, rules, Part(slices[row["series_uid"]]))
            if cleaned.withheld:
                raise Rejected(Reason.RECOGNIZABLE_FACE)  # noqa: TRY301
            write_instance(cleaned, place_of(out, row["key"]))
        except Rejected as refused:
            yield Refusal("instance", refused.reason.value, "instance", row["key"], refused.where)


def _surrogates_of(rows: Iterable[Row], place: Path, policy: Policy) -> dict[str, Surrogates]:
    """The surrogates of the patients of some instances, by pseudonym."""
    persons = {row["patient_key"]: row["person"] for row in rows}
    secrets = read_secrets(place, set(persons.values()))
    root = policy.profile.uid_root
    return {key: Surrogates(secrets.key_of(person), key, root) for key, person in persons.items()}


def _write_maps(catalog: Catalog, place: Path, policy: Policy) -> None:
    """The mapping of UIDs and PatientIDs: in the workspace, where alone it may be."""
    rows = catalog.rows("instances")
    surrogates = _surrogates_of(rows, place, policy)
    uids: set[tuple[str, str]] = set()
    patients: set[tuple[str, str]] = set()
    for row in rows:
        own = surrogates[row["patient_key"]]
        known = [each.value for each in identifiers_of([row]) if each.kind is IdentifierKind.UID]
        uids.update((each, each if policy.profile.retain_uids else own.uid(each)) for each in known)
        patients.add((row["patient_id"], own.identifier(row["patient_id"])))
    _write_map(place / "uid_map.csv", sorted(uids))
    _write_map(place / "patient_map.csv", sorted(each for each in patients if each[0]))


def _write_map(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id_old", "id_new"))
        writer.writerows(pairs)
