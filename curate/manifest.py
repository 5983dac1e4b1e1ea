"""The manifest of a release: every file with its digest, signed; written last, read first, believed by nobody."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from curate.errors import ContractBroken, PolicyError, Problem
from curate.ledger import write_ledger
from curate.privacy.signing import is_signed, read_signature, sign

FORMAT = "radcurate-release/1"
NAME, SIGNATURE = "manifest.json", "manifest.sig"


class Digests:
    """SHA-256 of files, each read once; one is known again by inode, size and time of its last change."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], str] = {}

    def of(self, path: Path) -> str:
        """SHA-256 of a file, as hexadecimal."""
        state = path.stat()
        same = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
        if same not in self._known:
            self._known[same] = digest_of(path)
        return self._known[same]


def seal(release: Path, facts: Mapping[str, Any], key: bytes, digests: Digests | None = None) -> None:
    """Write the ledger, then the manifest, the digest and size of every file and the counts, and its signature.

    key: of the workspace. digests: of files that were read before, in this run.
    """
    known = digests or Digests()
    ledger = write_ledger(release, facts, key)
    files = sorted(each for each in release.rglob("*") if each.is_file())
    listed = [_entry(release, path, known) for path in files]
    document = {"format": FORMAT, "run": facts["run"], "counts": facts["counts"], "ledger": ledger, "files": listed}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    content = f"{text}\n".encode()
    (release / NAME).write_bytes(content)
    (release / SIGNATURE).write_text(json.dumps(sign(key, content), indent=1) + "\n", encoding="utf-8")
    for path in [*files, release / NAME, release / SIGNATURE]:
        path.chmod(0o644)
        with path.open("rb") as written:
            os.fsync(written.fileno())
    for folder in (each for each in release.rglob("*") if each.is_dir()):
        folder.chmod(0o755)


def _entry(root: Path, path: Path, digests: Digests) -> dict[str, Any]:
    return {"path": path.relative_to(root).as_posix(), "bytes": path.stat().st_size, "sha256": digests.of(path)}


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


def verify(release: Path, manifest: Mapping[str, Any], signed_by: str = "", digests: Digests | None = None) -> int:
    """Read every file again and return how many there are. signed_by: the public key that must have signed, if known.

    digests: remembers what was read here.

    Raises ContractBroken when the signature does not hold, when a file is missing, was added, is a link, or has another
    digest than the manifest says. Without `signed_by`, whoever changed a release can have signed it anew.
    """
    if not is_signed((release / NAME).read_bytes(), read_signature(release / SIGNATURE), signed_by):
        raise ContractBroken("manifest", "signature")
    stated = {each["path"]: each for each in manifest["files"]}
    folders = {parent.as_posix() for name in stated for parent in Path(name).parents} - {"."}
    present = {path.relative_to(release).as_posix() for path in release.rglob("*")} - {NAME, SIGNATURE}
    if present != stated.keys() | folders or any(path.is_symlink() for path in release.rglob("*")):
        raise ContractBroken("manifest", "files listed = files present")
    with ThreadPoolExecutor() as readers:
        found = readers.map((digests or Digests()).of, (release / name for name in stated))
        for (name, entry), digest in zip(stated.items(), found, strict=True):
            if digest != entry["sha256"]:
                raise ContractBroken("manifest", f"digest of {name}")
    return len(stated)


def signer_of(release: Path) -> str:
    """The public key that the signature of a release names; whether it holds is for `verify` to say."""
    return str((read_signature(release / SIGNATURE) or {}).get("public_key", "nobody"))
