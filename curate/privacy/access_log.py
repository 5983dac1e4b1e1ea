"""The access log of a workspace: who asked where a patient is, when and why, and how much was told.

`access.jsonl` has one signed entry a line, each with the digest of the line before: a changed, removed or inserted line
shows. The history of the workspace has the digest of each, so that a missing end shows too.
"""

import json
import os
import pwd
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from curate.errors import ContractBroken
from curate.privacy import history
from curate.privacy.signing import is_signed, public_key, signed
from curate.privacy.workspace import load_key

FORMAT = "radcurate-access/1"
NAME = "access.jsonl"


def enter(workspace: Path, key: bytes, entry: dict[str, Any]) -> int:
    """Append an entry, durably, to a log that holds; returns its number."""
    descriptor = os.open(workspace / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        flock(file, LOCK_EX)
        _mend(file)
        lines = _verified(file, workspace, key)
        document = {
            "format": FORMAT, "number": len(lines) + 1, "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": _user(), **entry, "previous": lines[-1] if lines else "",
        }  # fmt: skip
        line = json.dumps(signed(key, document), sort_keys=True).encode() + b"\n"
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
        history.record(workspace, key, "access", log=sha256(line).hexdigest())
    return len(lines) + 1


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


def verify_log(workspace: Path) -> int:
    """How many entries the access log has. Raises ContractBroken when a line was changed, removed or put in."""
    path, key = workspace / NAME, load_key(workspace)
    if not path.exists():
        return len(_expect_all([], workspace, key))
    with path.open("rb") as file:
        return len(_verified(file, workspace, key))


def _verified(file: BinaryIO, workspace: Path, key: bytes) -> list[str]:
    """The digests of all lines."""
    digests = [""]
    for number, line in enumerate(file, start=1):
        if not _holds(line, number, digests[-1], public_key(key)):
            raise ContractBroken("access", f"line {number}")
        digests.append(sha256(line).hexdigest())
    return _expect_all(digests[1:], workspace, key)


def _expect_all(digests: list[str], workspace: Path, key: bytes) -> list[str]:
    """Hold the lines to the history: what it saw must be there; of a crash the last one may be new to it."""
    if not {each["log"] for each in history.entries(workspace, key, "access")} <= set(digests):
        raise ContractBroken("access", "every entry of the history is in it")
    return digests


def _holds(line: bytes, number: int, previous: str, signed_by: str) -> bool:
    try:
        document = json.loads(line)
        signature = document.pop("signature")
    except (ValueError, KeyError, AttributeError):
        return False
    content = json.dumps(document, sort_keys=True).encode()
    follows = document.get("number") == number and document.get("previous") == previous
    return follows and is_signed(content, signature, signed_by)
