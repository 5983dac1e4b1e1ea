"""A directory tree as a source: every file under it, in a fixed order, never followed out of it in a circle."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curate.errors import PolicyError, Problem
from curate.sources.reports import SUFFIXES


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """One file of a source: its path relative to the source, its size in bytes and its time of change in ns."""

    path: str
    bytes: int
    changed: int

    @property
    def is_report(self) -> bool:
        """Whether the name says that this holds reports; everything else is tried as DICOM."""
        return Path(self.path).suffix.lower() in SUFFIXES


def check_source(source: Path, output: Path) -> None:
    """Refuse, before anything is made, a source that is none and an output inside the source. Raises PolicyError."""
    if not source.exists():
        raise PolicyError(Problem.SOURCE_NOT_FOUND)
    if not source.is_dir():
        raise PolicyError(Problem.SOURCE_UNSUPPORTED)
    if output.resolve().is_relative_to(source.resolve()):
        raise PolicyError(Problem.WORKSPACE_IN_SOURCE)


def walk(source: Path) -> Iterator[File]:
    """Every regular file under `source`, sorted by path. Size -1 marks one that cannot be read.

    Raises PolicyError when the source is not a directory that can be read.
    """
    if not source.exists():
        raise PolicyError(Problem.SOURCE_NOT_FOUND)
    if not source.is_dir():
        raise PolicyError(Problem.SOURCE_UNSUPPORTED)
    for folder, folders, names in os.walk(source, followlinks=False, onerror=_refuse):
        folders.sort()
        for name in sorted(names):
            yield _file(source, Path(folder) / name)


def _file(source: Path, path: Path) -> File:
    relative = os.fsdecode(os.fsencode(path.relative_to(source)))
    try:
        status = path.stat()
    except OSError:
        return File(relative, -1, 0)
    return File(relative, status.st_size if path.is_file() else -1, status.st_mtime_ns)


def _refuse(_error: OSError) -> None:
    """A folder that cannot be listed would be lost silently: stop instead."""
    raise PolicyError(Problem.SOURCE_NOT_FOUND) from None
