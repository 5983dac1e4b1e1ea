"""Where a patient is (Art. 15 GDPR), and whose a pseudonym is: off by default, for a reason, logged before it is told.

`access.jsonl` in the workspace has one signed entry a line, each with the digest of the line before: a changed, removed
or inserted line shows. The newest lines can be cut off unseen; copy the log to where the operator cannot write.
"""

import json
import os
import pwd
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from curate import manifest
from curate.erasure.traces import inventory_of, locate
from curate.errors import ContractBroken, PolicyError, Problem
from curate.policy import DomainOptions
from curate.privacy.domains import place_of, places_of
from curate.privacy.erased import plain
from curate.privacy.signing import is_signed, public_key, signed
from curate.privacy.surrogates import digest
from curate.privacy.workspace import load_key, open_workspace
from curate.release import TASKS, tables_of

FORMAT = "radcurate-access/1"
NAME = "access.jsonl"


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
    number = _enter(workspace, key, entry | {"identities": len(identities)})
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


def _enter(workspace: Path, key: bytes, entry: dict[str, Any]) -> int:
    """Append an entry, durably, to a log that holds; returns its number."""
    descriptor = os.open(workspace / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        flock(file, LOCK_EX)
        _mend(file)
        number, previous = _verified(file, public_key(key))
        document = {
            "format": FORMAT, "number": number + 1, "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": _user(), **entry, "previous": previous,
        }  # fmt: skip
        file.write(json.dumps(signed(key, document), sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return number + 1


def _mend(file: BinaryIO) -> None:
    """Take off an entry that a crash cut short: nothing was told on it."""
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1)
    file.seek(0)


def _user() -> str:
    """The operating system's name of who asks; the environment is not believed."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def verify_log(workspace: Path, signed_by: str = "") -> int:
    """How many entries the access log has. Raises ContractBroken when a line was changed, removed or put in.

    signed_by: the public key that must have signed.
    """
    path = workspace / NAME
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return _verified(file, signed_by)[0]


def _verified(file: BinaryIO, signed_by: str) -> tuple[int, str]:
    """The number of entries, and the digest of the last line."""
    number, previous = 0, ""
    for number, line in enumerate(file, start=1):
        if not _holds(line, number, previous, signed_by):
            raise ContractBroken("access", f"line {number}")
        previous = sha256(line).hexdigest()
    return number, previous


def _holds(line: bytes, number: int, previous: str, signed_by: str) -> bool:
    try:
        document = json.loads(line)
        signature = document.pop("signature")
    except (ValueError, KeyError, AttributeError):
        return False
    content = json.dumps(document, sort_keys=True).encode()
    follows = document.get("number") == number and document.get("previous") == previous
    return follows and is_signed(content, signature, signed_by)
