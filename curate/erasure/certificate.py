"""The certificate of an erasure, signed, and the recall notice for whoever was given the release before."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from curate import __version__, manifest
from curate.erasure.rewriting import Change
from curate.erasure.traces import REGISTER, Person
from curate.privacy.signing import is_signed, sign
from curate.privacy.surrogates import digest

FORMAT = "radcurate-erasure/1"
_BEYOND = (
    "copies of the release that were handed out: send them the recall notice",
    "exports, and DICOM written by --dicom-out or curate deidentify: they lie outside the workspace",
    "the source, which is never changed; while it holds the patient, an index reads those headers to leave them out",
    "models that were trained on the release",
)


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """What is certified; searched: files read back, by place."""

    intent: "Intent"
    person: Person
    change: Change
    purged: list[str]
    searched: dict[str, int]


@dataclass(frozen=True, slots=True, repr=False)
class Intent:
    """What an erasure set out from: the digest of the manifest, sample_id by study_key, and pseudonyms.

    Kept until it is done.
    """

    path: Path
    before: str
    rows: dict[str, str]
    keys: frozenset[str]


def place_for(workspace: Path, key: bytes, *asked: str) -> Path:
    """Where it is noted that something was asked for: a release, a PatientID and its issuer."""
    return workspace / REGISTER / f".{digest(key, 'erasure', *asked).hex()[:20]}.pending"


def noted_place(path: Path) -> str:
    """The domain, as its place in the workspace, of an erasure that was interrupted; without one, the workspace."""
    return str(json.loads(path.read_text(encoding="utf-8"))["place"]) if path.exists() else "."


def intend(path: Path, release: Path, person: Person, place: Path) -> Intent:
    """Note what is about to go, durably, or read what an erasure of this patient that was interrupted had noted."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        before = manifest.digest_of(release / manifest.NAME) if manifest.stands(release) else ""
        held = {"before": before, "rows": dict(person.rows), "keys": sorted(person.keys), "place": place.as_posix()}
        _write(path, held)
    held = json.loads(path.read_text(encoding="utf-8"))
    return Intent(path, held["before"], held["rows"] | dict(person.rows), person.keys.union(held["keys"]))


def certify(workspace: Path, made: Certificate, key: bytes) -> tuple[Path, Path]:
    """Write certificate and recall notice into the workspace; returns their paths."""
    folder = workspace / REGISTER
    folder.mkdir(mode=0o700, exist_ok=True)
    number = f"{1 + sum(1 for _ in folder.glob('*.certificate.json')):04}"
    certificate, recall = (folder / f"{number}.{name}.json" for name in ("certificate", "recall"))
    _write(recall, _recall(made))
    _write(certificate, _signed(_statement(made, recall), key))
    made.intent.path.unlink()
    return certificate, recall


def verify(certificate: Path, public_key: str = "") -> bool:
    """Whether a certificate is as it was signed, and, where a key is given, by that key (32 bytes, hexadecimal)."""
    document = json.loads(certificate.read_text(encoding="utf-8"))
    signature = document.pop("signature")
    return is_signed(_canonical(document), signature, public_key)


def _statement(made: Certificate, recall: Path) -> dict[str, Any]:
    """The patient stands in it as a salted digest: whoever knows key and PatientID can say who, nobody else can."""
    salt = secrets.token_hex(16)
    return {
        "format": FORMAT,
        "version": __version__,
        "date": datetime.now(UTC).date().isoformat(),
        "legal_basis": "Regulation (EU) 2016/679, Article 17",
        "release": {"manifest_before": made.intent.before, "manifest_after": made.change.after or None},
        "withdrawn": made.change.withdrawn,
        "patient": {"salt": salt, "sha256": _commitment(salt, sorted(made.person.keys))},
        "rows_removed": {name: count for name, count in sorted(made.change.rows.items()) if count},
        "studies": len(made.person.rows),
        "files_rewritten": sorted(made.change.rewritten),
        "files_kept": made.change.kept,
        "workspace_purged": made.purged,
        "searched": {**made.searched, "found": 0},
        "blocked": "the patient is refused by every later run in this workspace",
        "not_covered": list(_BEYOND),
        "recall_sha256": sha256(recall.read_bytes()).hexdigest(),
    }


def _commitment(salt: str, keys: list[str]) -> str:
    return sha256(f"{salt}:{','.join(keys)}".encode()).hexdigest()


def _recall(made: Certificate) -> dict[str, Any]:
    return {
        "notice": (
            "A patient was erased from this release. Replace your copy by the new one, or delete the rows listed, also "
            "from exports and caches, and tell us when it is done (Regulation (EU) 2016/679, Article 19)."
        ),
        "manifest_before": made.intent.before,
        "manifest_after": made.change.after or None,
        "withdrawn": made.change.withdrawn,
        "files": sorted(made.change.rewritten),
        "sample_ids": sorted(made.person.rows.values()),
    }


def _signed(document: dict[str, Any], key: bytes) -> dict[str, Any]:
    return {**document, "signature": sign(key, _canonical(document))}


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _write(path: Path, document: dict[str, Any]) -> None:
    """Durably, and whole or not at all."""
    temporary = path.with_name(f".{path.name}.writing")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
