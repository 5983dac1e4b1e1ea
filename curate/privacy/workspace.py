"""The workspace: the only place that may know an identifier. Mode 0700, files 0600, one run at a time."""

import fcntl
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curate.errors import PolicyError, Problem
from curate.privacy.surrogates import subkey

KEY_BYTES = 32
DOMAINS = "domains"  # each folder in it is the place of a pseudonym domain


def open_workspace(path: Path) -> Path:
    """Create the workspace or check the one that is there. Raises PolicyError when others could read it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode
    except OSError:
        raise PolicyError(Problem.WORKSPACE_INVALID) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise PolicyError(Problem.WORKSPACE_INVALID)
    if mode & 0o077:
        raise PolicyError(Problem.WORKSPACE_EXPOSED)
    os.umask(0o077)
    return path


def load_key(workspace: Path) -> bytes:
    """Return the workspace's 256-bit key, made at first use. Raises PolicyError when it is missing, short or exposed.

    Of a domain in a workspace it is drawn from that key and the name of the domain. A key is never made again for a
    workspace that has been used: that would silently break every relation.
    """
    if (root := root_of(workspace)) != workspace:
        return subkey(load_key(root), f"{DOMAINS}/{workspace.name}")
    path = workspace / "key"
    if not path.exists():
        if any((workspace / each).exists() for each in ("catalog", "staging", DOMAINS)):
            raise PolicyError(Problem.KEY_MISSING)
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise PolicyError(Problem.KEY_EXPOSED)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise PolicyError(Problem.KEY_SHORT)
    return key


def root_of(place: Path) -> Path:
    """The workspace that a place is of: itself, but for the place of a domain (`curate.privacy.domains`)."""
    return place.parent.parent if place.parent.name == DOMAINS else place


def _make_key(path: Path) -> None:
    """Write a fresh key so that no reader can ever see half of it or a wider mode."""
    descriptor, name = tempfile.mkstemp(prefix=".key.", dir=path.parent)  # mode 0600
    temporary = Path(name)
    try:
        os.write(descriptor, secrets.token_bytes(KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        temporary.unlink()


def remember_source(workspace: Path, address: str) -> None:
    """Note where the source is: the address stays in the workspace, tasks and their parameters do without it."""
    places = [each if "://" in each or each == "spool:" else str(Path(each).resolve()) for each in address.split("\0")]
    (workspace / "source").write_bytes(os.fsencode("\0".join(places)))


def recall_source(workspace: Path) -> str:
    """The address of the source. Raises PolicyError when the workspace has none."""
    try:
        return os.fsdecode((workspace / "source").read_bytes())
    except OSError:
        raise PolicyError(Problem.SOURCE_NOT_FOUND) from None


@contextmanager
def lock(workspace: Path) -> Iterator[None]:
    """Hold the workspace for one run. Raises PolicyError when another run holds it; the kernel frees it on a crash."""
    descriptor = os.open(workspace / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PolicyError(Problem.WORKSPACE_BUSY, _owner(workspace)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} {socket.gethostname()} {time.time():.0f}".encode())
        yield
    finally:
        os.close(descriptor)


def _owner(workspace: Path) -> str:
    """Who holds the lock, and for how long."""
    process, host, since = (workspace / "lock").read_text(encoding="utf-8").split() or ("unknown", "unknown", "0")
    return f"process {process} on {host}, for {max(0, time.time() - float(since)):.0f} s"


@contextmanager
def underway(workspace: Path, policy_digest: str) -> Iterator[None]:
    """Note the policy of a run while it goes on. Raises PolicyError when one that was killed here had another."""
    note = workspace / "underway"
    held = note.read_text(encoding="ascii") if note.exists() else ""
    if held not in {"", policy_digest}:
        raise PolicyError(Problem.POLICY_CHANGED, f"{held[:12]}, now {policy_digest[:12]}")
    note.write_text(policy_digest, encoding="ascii")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)
