"""The history of a workspace: what was published, erased, reviewed, purged and asked; appended to, never rewritten.

Lines of JSON under a Merkle tree (RFC 6962); its head, signed, is replaced in one step after each line. A line that the
head does not cover is that of an append that was killed, and the next one takes its place. Whoever noted a head earlier
can have it shown that all up to it still stands.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curate.errors import ContractBroken
from curate.privacy import merkle
from curate.privacy.signing import is_signed, public_key, sign
from curate.privacy.workspace import load_key

NAME, HEAD = "history.jsonl", "history.head.json"
Head = tuple[int, bytes]  # how many entries, and the root over them


def record(workspace: Path, key: bytes, kind: str, **digests: str) -> None:
    """Append an entry of digests, unless the same stands there already: a step that was killed is done again.

    Raises ContractBroken when what is there is not as it was signed.
    """
    entry = json.dumps({"kind": kind, **digests}, sort_keys=True).encode()
    lines, _ = read(workspace, key)
    if entry in lines:
        return
    content = b"".join(line + b"\n" for line in [*lines, entry])
    _replace(workspace / NAME, content)
    size, root = len(lines) + 1, merkle.root([merkle.leaf(line) for line in [*lines, entry]]).hex()
    _replace(workspace / HEAD, json.dumps(_signed(size, root, key), indent=1).encode() + b"\n")


def read(workspace: Path, key: bytes) -> tuple[list[bytes], Head]:
    """The entries that the signed head covers, and that head. Raises ContractBroken when they do not fit together."""
    try:
        lines = (workspace / NAME).read_bytes().split(b"\n")[:-1]
        head = json.loads((workspace / HEAD).read_bytes())
    except FileNotFoundError:
        if (workspace / HEAD).exists():
            raise ContractBroken("history", "is missing") from None
        return [], (0, merkle.root([]))
    except ValueError:
        raise ContractBroken("history", "head") from None
    covered = lines[: head["size"]]
    root = merkle.root([merkle.leaf(line) for line in covered])
    signature = head.pop("signature", None)
    if not is_signed(_canonical(head), signature, public_key(key)):
        raise ContractBroken("history", "signature")
    if (len(covered), root.hex()) != (head["size"], head["root"]):
        raise ContractBroken("history", "root")
    return covered, (len(covered), root)


def entries(workspace: Path, key: bytes, kind: str) -> list[Mapping[str, Any]]:
    """What was recorded of one kind, in order. Raises ContractBroken."""
    return [entry for line in read(workspace, key)[0] if (entry := json.loads(line))["kind"] == kind]


def head_of(workspace: Path) -> str:
    """The head as SIZE@ROOT, for somebody to note down. Raises ContractBroken, and PolicyError without a key."""
    size, root = read(workspace, load_key(workspace))[1]
    return f"{size}@{root.hex()}"


def hold_release(workspace: Path, manifest: str) -> int:
    """Show by an audit path that a manifest is in the history; returns its size. Raises ContractBroken."""
    lines, (size, root) = read(workspace, load_key(workspace))
    leaves = [merkle.leaf(line) for line in lines]
    place = next((at for at, line in enumerate(lines) if _names(line, manifest)), -1)
    if place < 0 or not merkle.is_included(leaves[place], place, size, merkle.audit_path(leaves, place), root):
        raise ContractBroken("history", "the release is in it")
    return size


def hold_head(workspace: Path, earlier: str) -> None:
    """Show that the history begins as its head said earlier, SIZE@ROOT. Raises ContractBroken."""
    lines, head = read(workspace, load_key(workspace))
    if not _begins([merkle.leaf(line) for line in lines], head, earlier):
        raise ContractBroken("history", "the earlier head is its beginning")


def _begins(leaves: Sequence[bytes], head: Head, earlier: str) -> bool:
    size, _, root = earlier.partition("@")
    try:
        before = int(size), bytes.fromhex(root)
        return merkle.is_consistent(before, head, merkle.consistency(leaves, before[0]))
    except (IndexError, ValueError):
        return False


def _names(line: bytes, manifest: str) -> bool:
    entry: Mapping[str, Any] = json.loads(line)
    return entry["kind"] in {"release", "erasure"} and entry.get("manifest") == manifest


def _signed(size: int, root: str, key: bytes) -> dict[str, Any]:
    head = {"size": size, "root": root}
    return {**head, "signature": sign(key, _canonical(head))}


def _canonical(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place in one step, on the disk."""
    writing = path.with_name(f".{path.name}.writing")
    with writing.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    writing.replace(path)
