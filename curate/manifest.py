"""The manifest of a release: every file with its digest, written last, read first, and believed by nobody untested."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.errors import ContractBroken, PolicyError, Problem

FORMAT = "radcurate-release/1"
NAME = "manifest.json"


def seal(release: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest: the digest and size of every file, and the counts; last, after everything is on disk."""
    files = sorted(each for each in release.rglob("*") if each.is_file())
    listed = [_entry(release, path) for path in files]
    document = {"format": FORMAT, "run": facts["run"], "counts": facts["counts"], "files": listed}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    (release / NAME).write_text(text + "\n", encoding="utf-8")
    for path in [*files, release / NAME]:
        path.chmod(0o644)
        with path.open("rb") as written:
            os.fsync(written.fileno())
    for folder in (each for each in release.rglob("*") if each.is_dir()):
        folder.chmod(0o755)


def _entry(root: Path, path: Path) -> dict[str, Any]:
    return {"path": path.relative_to(root).as_posix(), "bytes": path.stat().st_size, "sha256": digest_of(path)}


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stands(release: Path) -> bool:
    """Whether there is a release."""
    return (release / NAME).is_file()


def read(release: Path) -> Mapping[str, Any]:
    """The manifest of a release. Raises PolicyError when there is none, ContractBroken when it is not one of ours."""
    try:
        manifest: dict[str, Any] = json.loads((release / NAME).read_text(encoding="utf-8"))
    except OSError:
        raise PolicyError(Problem.RELEASE_NOT_FOUND) from None
    except ValueError:
        raise ContractBroken("manifest", "is not JSON") from None
    if manifest.get("format") != FORMAT:
        raise ContractBroken("manifest", "format")
    return manifest


def verify(release: Path, manifest: Mapping[str, Any]) -> int:
    """Read every file again and return how many there are.

    Raises ContractBroken when one is missing, was added, or has another digest than the manifest says.
    """
    stated = {each["path"]: each for each in manifest["files"]}
    present = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()} - {NAME}
    if present != set(stated):
        raise ContractBroken("manifest", "files listed = files present")
    for name, entry in stated.items():
        if digest_of(release / name) != entry["sha256"]:
            raise ContractBroken("manifest", f"digest of {name}")
    return len(stated)
