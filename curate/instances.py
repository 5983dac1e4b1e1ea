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
from curate.privacy.residue import Strangers
from curate.privacy.surrogates import Surrogates
from curate.privacy.workspace import load_key, recall_source, remember_source
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
    held = index(open_source(address, workspace), workspace, policy, load_key(workspace), executor, lenient=True)
    catalog = Catalog(workspace / "catalog")
    work = partial(_deidentify_patient, policy=policy, workspace=workspace, out=out)
    parts = (executor.map if executor else map)(work, catalog.patients())
    refusals = [refusal for part in parts for refusal in part]
    catalog.write("quarantine", [*catalog.rows("quarantine"), *quarantine_rows(refusals)])
    hold_to_opt_out(catalog, policy, workspace)
    _write_maps(catalog, workspace, policy)
    refused = sum(row["kind"] == "instance" for row in catalog.rows("quarantine"))
    return {"instances": held.instances, "written": held.instances - refused, "quarantined": refused}


def _deidentify_patient(patient_key: str, policy: Policy, workspace: Path, out: Path) -> list[Refusal]:
    """De-identify the instances of one patient; returns the refusals."""
    silence_libraries()
    try:
        return list(_refusals(patient_key, policy, workspace, out))
    except CurationError:
        raise
    except Exception as error:  # noqa: BLE001  its text may hold a path or a value
        raise ShardFailed(type(error).__name__) from None


def _refusals(patient_key: str, policy: Policy, workspace: Path, out: Path) -> Iterator[Refusal]:
    rules = rules_of(policy, load_key(workspace))
    source = open_source(recall_source(workspace), workspace)
    rows: Sequence[Row] = Catalog(workspace / "catalog").rows("instances", patient_key=patient_key)
    identifiers = identifiers_of(rows)
    patient = patient_of(patient_key, identifiers, Strangers(retained_out(identifiers, policy)), rules)
    slices = slices_of(rows)
    for row in rows:
        try:
            cleaned = clean_instance(source, row, patient, rules, Part(slices[row["series_uid"]]))
            if cleaned.withheld:
                raise Rejected(Reason.RECOGNIZABLE_FACE)  # noqa: TRY301
            write_instance(cleaned, place_of(out, row["key"]))
        except Rejected as refused:
            yield Refusal("instance", refused.reason.value, "instance", row["key"], refused.where)


def _write_maps(catalog: Catalog, workspace: Path, policy: Policy) -> None:
    """The mapping of UIDs and PatientIDs: in the workspace, where alone it may be."""
    rows = catalog.rows("instances")
    surrogates = Surrogates(load_key(workspace), "", policy.profile.uid_root)
    uids = sorted({each.value for each in identifiers_of(rows) if each.kind is IdentifierKind.UID})
    mapped = uids if policy.profile.retain_uids else map(surrogates.uid, uids)
    _write_map(workspace / "uid_map.csv", zip(uids, mapped, strict=True))
    patients = sorted({row["patient_id"] for row in rows if row["patient_id"]})
    _write_map(workspace / "patient_map.csv", ((each, surrogates.identifier(each)) for each in patients))


def _write_map(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id_old", "id_new"))
        writer.writerows(pairs)
