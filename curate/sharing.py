"""What a release has in common with earlier ones is the same file under both names: a hard link, never a copy of it.

That is safe because nobody writes into a release: a file of it is only ever replaced by another one under its name. The
bytes of a release do not depend on whether a file was linked.
"""

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from curate import manifest

NAME = "releases"
_MODE = 0o644  # of every file of a release; one of another mode is not as we left it


def remember_release(workspace: Path, release: Path) -> None:
    """Note where a release was published, behind those that still stand; only the workspace knows the paths."""
    own = release.resolve()
    places = [*(each for each in recall_releases(workspace) if each != own), own]
    temporary = workspace / f".{NAME}.writing"
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_bytes(b"\0".join(map(os.fsencode, places)))
    temporary.replace(workspace / NAME)


def recall_releases(workspace: Path) -> list[Path]:
    """The releases of a workspace that still stand where they were published, the newest last."""
    note = workspace / NAME
    places = note.read_bytes().split(b"\0") if note.exists() else []
    return [place for place in map(Path, map(os.fsdecode, places)) if manifest.stands(place)]


def put(path: Path, target: Path, candidates: Iterable[Path]) -> None:
    """Put a file into a release: as a link to the first candidate that has its bytes, else as a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not any(_link(path, each, target) for each in candidates):
        shutil.copyfile(path, target)


def candidates(name: Path, releases: Sequence[Path]) -> list[Path]:
    """Where a file of this name stands in earlier releases, in the newest first."""
    return [each / name for each in reversed(releases)]


def _link(path: Path, candidate: Path, target: Path) -> bool:
    """Link the candidate as the target when it holds the bytes of `path` now, and nobody touched it meanwhile."""
    try:
        before = candidate.lstat()
        if not _is_ours(before) or before.st_size != path.stat().st_size:
            return False
        if manifest.digest_of(candidate) != manifest.digest_of(path):
            return False
        os.link(candidate, target, follow_symlinks=False)
    except OSError:  # gone, on another file system, one that knows no links, or with too many already
        return False
    if _identity(target.lstat()) == _identity(before):
        return True
    target.unlink()
    return False


def _is_ours(found: os.stat_result) -> bool:
    """A regular file of this user that nobody else may write: what others can change is no part of a release."""
    return stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == _MODE and found.st_uid == os.geteuid()


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode
