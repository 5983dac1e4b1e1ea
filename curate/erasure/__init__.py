"""Erasure of one patient (Art. 17 GDPR): out of a release and of the workspace, proven, certified, and kept out.

Block first, then rewrite, purge, search, certify: killed anywhere, the same command finishes. A release is replaced in
one step; a reader sees the old one or the new one. What was handed out before is beyond reach: the recall notice names
the rows for whoever has a copy.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from curate import manifest
from curate.erasure import rewriting, traces
from curate.erasure.certificate import Certificate, certify, intend, noted_place, place_for
from curate.errors import PolicyError, Problem
from curate.privacy import history
from curate.privacy.domains import has_secrets, place_of
from curate.privacy.erased import enter, read_erased
from curate.privacy.patient_secrets import forget
from curate.privacy.surrogates import pseudonym
from curate.privacy.workspace import load_key, lock, open_workspace


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done: where the certificate and the recall notice lie, studies that went, files written anew."""

    certificate: Path
    recall: Path
    rows: int
    files_rewritten: int
    withdrawn: bool


def erase(release: Path, patient_id: str, workspace: Path, issuer: str = "", *, keep_secret: bool = False) -> Erasure:
    """Erase a patient from a release and from its workspace; nobody of that PatientID (and issuer) comes in again.

    The patient's secret in the domain of the release goes too, where there is one; keep_secret: not yet, for other
    releases of the domain hold the patient and must be erased first.

    Raises PolicyError when there is no release, no key, or nobody of that PatientID; ContractBroken when the release is
    not as its manifest says; ResidueFound when the patient is found after all: then nothing is certified.
    """
    if not (workspace / "key").exists():
        raise PolicyError(Problem.KEY_MISSING)
    key = load_key(open_workspace(workspace))
    with lock(workspace):
        rewriting.clear(release)
        note = place_for(workspace, key, f"{release.resolve()}", patient_id, issuer)
        place = _domain(release, workspace, note)
        found = traces.locate(workspace, patient_id, issuer)
        person = replace(found[place], rows=dict(traces.rows_of(release, found[place].keys)))
        marked = pseudonym(key, patient_id, issuer)
        _expect_somebody(person, note, known=read_erased(workspace, key).covers(patient_id, marked))
        enter(workspace, key, patient_id, frozenset({marked} if issuer else ()))
        pending = intend(note, release, person, place.relative_to(workspace))
        change = rewriting.rewrite(release, person, key)
        found[place] = whole = replace(person, rows=pending.rows, keys=person.keys | pending.keys)
        purged = traces.purge(workspace, found)
        searched = traces.search(release, workspace, traces.together(found.values()))
        if has_secrets(place) and not keep_secret:
            forget(place, person.secrets)
            purged.append("secret of the patient")
        made = Certificate(pending, whole, change, purged, searched)
        certificate, recall = certify(workspace, made, key)
        after = manifest.digest_of(release / manifest.NAME) if manifest.stands(release) else ""
        history.record(workspace, key, "erasure", manifest=after, certificate=manifest.digest_of(certificate))
    return Erasure(certificate, recall, len(whole.rows), len(change.rewritten), change.withdrawn)


def _domain(release: Path, workspace: Path, note: Path) -> Path:
    """The place of the domain of a release; of one that was withdrawn already, as it was noted."""
    if manifest.stands(release):
        return place_of(workspace, manifest.read(release)["run"])
    return workspace / noted_place(note)


def _expect_somebody(person: traces.Person, note: Path, *, known: bool) -> None:
    """Go on when the patient is known, or was being erased when something stopped it."""
    if note.exists():
        return
    if not (person.rows or person.files or known):
        raise PolicyError(Problem.PATIENT_UNKNOWN)
    if not person.keys:
        raise PolicyError(Problem.PATIENT_UNLINKED)


__all__ = ["Erasure", "erase"]
