"""Who was erased (Art. 17 GDPR): nobody of them may come in again, and the register itself names nobody.

`erased` in the workspace holds one keyed digest a line. Whoever has the key can ask whether a patient is among them;
nobody can read who is.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from curate.privacy.surrogates import digest, fold

_NAME = "erased"


@dataclass(frozen=True, slots=True, repr=False)
class Erased:
    """The register of one workspace, as it was when it was read."""

    key: bytes = b""
    marks: frozenset[str] = frozenset()

    def covers(self, patient_id: str, person: str = "") -> bool:
        """Whether a patient was erased; leading zeros of a number and the case of letters tell nobody apart."""
        if not self.marks:
            return False
        by_id = bool(patient_id) and _mark(self.key, "id", plain(patient_id)) in self.marks
        return by_id or _mark(self.key, "key", person) in self.marks


def read_erased(workspace: Path, key: bytes) -> Erased:
    """The register of a workspace; empty where nobody was erased."""
    path = workspace / _NAME
    return Erased(key, frozenset(path.read_text(encoding="ascii").split()) if path.exists() else frozenset())


def enter(workspace: Path, key: bytes, patient_id: str, persons: frozenset[str] = frozenset()) -> None:
    """Put a patient on the register, durably: by PatientID, or only as persons where an issuer is named."""
    marks = [_mark(key, "key", each) for each in persons] or [_mark(key, "id", plain(patient_id))]
    held = sorted(read_erased(workspace, key).marks.union(marks))
    temporary = workspace / f".{_NAME}.writing"
    with temporary.open("w", encoding="ascii") as file:
        file.write("".join(f"{mark}\n" for mark in held))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(workspace / _NAME)


def plain(patient_id: str) -> str:
    """A PatientID without what tells nobody apart."""
    return fold(patient_id).strip().lstrip("0") or "0"


def _mark(key: bytes, kind: str, value: str) -> str:
    return digest(key, f"erased/{kind}", value).hex()
