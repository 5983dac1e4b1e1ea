"""Where a patient is (Art. 15 GDPR), and whose a pseudonym is: off by default, for a reason, logged before told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from curate import manifest
from curate.erasure.traces import inventory_of, locate
from curate.errors import PolicyError, Problem
from curate.policy import DomainOptions
from curate.privacy.access_log import enter
from curate.privacy.domains import place_of, places_of
from curate.privacy.erased import plain
from curate.privacy.surrogates import digest
from curate.privacy.workspace import load_key, open_workspace
from curate.release import TASKS, tables_of


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """Who is asked for, by PatientID and issuer or by pseudonym, and why."""

    patient_id: str = ""
    pseudonym: str = ""
    reason: str = ""
    issuer: str = ""

    def request(self, options: DomainOptions) -> str:
        """What kind of request it is. Raises PolicyError when it is not allowed, not clear, or without a reason."""
        if not options.locate:
            raise PolicyError(Problem.LOCATE_OFF, "[domain] locate = true")
        if bool(self.patient_id.strip()) == bool(self.pseudonym.strip()):
            raise PolicyError(Problem.LOCATE_WHOM)
        named = re.escape((self.patient_id or self.pseudonym).strip())
        if not self.reason.strip() or re.search(rf"(?<!\w){named}(?!\w)", self.reason, re.IGNORECASE):
            raise PolicyError(Problem.LOCATE_REASON)
        return "patient" if self.patient_id else "reidentification" if options.reidentify else "pseudonym"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds the patient: of a release, or of the workspace."""

    root: str
    file: str
    row: int
    sample_id: str


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """The rows, the PatientIDs where they may be told, and the number of the entry in the access log."""

    rows: Sequence[Row]
    identities: Sequence[str]
    number: int


def answer(workspace: Path, releases: Iterable[Path], asked: Asked, options: DomainOptions) -> Answer:
    """Say where a patient is, and by pseudonym, where the policy says so, who it is; the log has it first.

    Raises PolicyError when the policy does not allow it, there is no reason, or no such workspace or release;
    ContractBroken when the access log is not as it was written.
    """
    request = asked.request(options)
    if not (workspace / "key").exists():
        raise PolicyError(Problem.WORKSPACE_UNUSED)
    key = load_key(open_workspace(workspace))
    keys = _keys(workspace, asked)
    rows = [row for release in releases for row in _in_release(release, workspace, keys)]
    rows += [row for place in keys for row in _in_staging(place, workspace, keys[place])]
    identities = sorted(_identities(workspace, asked.pseudonym.strip())) if request == "reidentification" else []
    entry = {"request": request, "subject": _subject(key, asked), "reason": asked.reason.strip(), "rows": len(rows)}
    number = enter(workspace, key, entry | {"identities": len(identities)})
    return Answer(rows, identities, number)


def _keys(workspace: Path, asked: Asked) -> dict[Path, frozenset[str]]:
    """What the patient is called in the workspace and in each domain; a pseudonym is that everywhere."""
    if asked.pseudonym:
        return dict.fromkeys(places_of(workspace), frozenset({asked.pseudonym.strip()}))
    return {place: person.keys for place, person in locate(workspace, asked.patient_id, asked.issuer).items()}


def _in_release(release: Path, workspace: Path, keys: dict[Path, frozenset[str]]) -> Iterator[Row]:
    place = place_of(workspace, manifest.read(release)["run"])
    yield from _rows(release, release, keys[place])


def _in_staging(place: Path, workspace: Path, keys: frozenset[str]) -> Iterator[Row]:
    for folder in sorted((place / "staging").glob("shard-*")):
        yield from _rows(folder, workspace, keys)


def _rows(folder: Path, root: Path, keys: frozenset[str]) -> Iterator[Row]:
    """The rows of tables with samples, numbered from 0 in their file."""
    for path in (path for table in ("image_text", *TASKS) for path in tables_of(folder, table)):
        held = pq.read_table(path, columns=["patient_key", "sample_id"])
        for number, row in enumerate(held.to_pylist()):
            if row["patient_key"] in keys:
                yield Row(str(root), path.relative_to(root).as_posix(), number, row["sample_id"])


def _identities(workspace: Path, pseudonym: str) -> set[str]:
    """The PatientIDs that a pseudonym stands for in any domain, as the last index of each read them."""
    held = (row for place in places_of(workspace) for row in inventory_of(place))
    return {row["patient_id"] for row in held if row["patient_key"] == pseudonym} - {""}


def _subject(key: bytes, asked: Asked) -> str:
    """Who was asked for as a keyed hash: whoever has the key can say whether it was a certain one."""
    if asked.patient_id:
        return digest(key, "access/patient", plain(asked.patient_id), asked.issuer.strip()).hex()
    return digest(key, "access/pseudonym", asked.pseudonym.strip()).hex()
