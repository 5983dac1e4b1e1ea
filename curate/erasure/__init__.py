"""Erasure of one patient (Art. 17 GDPR): out of a release and of the workspace, proven, certified, and kept out.

Block first, then rewrite, purge, search, certify: killed anywhere, the same command finishes. A release is replaced in
one step; a reader sees the old one or the new one. What was handed out before is beyond reach: the recall notice names
the rows for whoever has a copy.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from curate.erasure import rewriting, traces
from curate.erasure.certificate import Certificate, certify, intend
from curate.errors import PolicyError, Problem
from curate.privacy.erased import enter, read_erased
from curate.privacy.workspace import load_key, lock, open_workspace


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done: where the certificate and the recall notice lie, studies that went, files written anew."""

    certificate: Path
    recall: Path
    rows: int
    files_rewritten: int
    withdrawn: bool


def erase(release: Path, patient_id: str, workspace: Path, issuer: str = "") -> Erasure:
    """Erase a patient from a release and from its workspace; nobody of that PatientID (and issuer) comes in again.

    Raises PolicyError when there is no release, no key, or nobody of that PatientID; ContractBroken when the release is
    not as its manifest says; ResidueFound when the patient is found after all: then nothing is certified.
    """
    if not (workspace / "key").exists():
        raise PolicyError(Problem.KEY_MISSING)
    key = load_key(open_workspace(workspace))
    with lock(workspace):
        rewriting.clear(release)
        person = traces.locate(release, workspace, key, patient_id, issuer)
        _expect_somebody(person, workspace, key)
        enter(workspace, key, patient_id, person.keys if issuer else frozenset())
        pending = intend(workspace, release, person)
        change = rewriting.rewrite(release, person, key)
        whole = replace(person, rows=pending.rows)
        purged = traces.purge(workspace, whole)
        searched = traces.search(release, workspace, whole)
        made = Certificate(pending, whole, change, purged, searched)
        certificate, recall = certify(workspace, made, key)
    return Erasure(certificate, recall, len(whole.rows), len(change.rewritten), change.withdrawn)


def _expect_somebody(person: traces.Person, workspace: Path, key: bytes) -> None:
    """Go on when the patient is known, or was being erased when something stopped it."""
    if not (person.rows or person.files) and not read_erased(workspace, key).covers(person.patient_id, *person.keys):
        raise PolicyError(Problem.PATIENT_UNKNOWN)


__all__ = ["Erasure", "erase"]
