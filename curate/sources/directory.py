"""A directory tree as a source: every file under it, in a fixed order, never followed out of it in a circle."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote_to_bytes

from curate.errors import PolicyError, Problem, Reason
from curate.sources.source import File


@dataclass(frozen=True, slots=True, repr=False)
class Directory:
    """A directory and everything under it; no extension is needed, and a DICOMDIR is a file like any other."""

    root: Path

    def walk(self) -> Iterator[File]:
        """Every file, folder by folder; one that cannot be read, such as a dangling link or a pipe, has its fault.

        Raises PolicyError when the directory, or one in it, cannot be listed: what it holds would be lost silently.
        """
        for folder, folders, names in os.walk(self.root, followlinks=False, onerror=_refuse):
            folders.sort()
            for name in sorted(names):
                path = text_of(os.path.relpath(os.path.join(folder, name), self.root))  # noqa: PTH118  a hot loop
                try:
                    yield self.look(path)
                except OSError:
                    yield File(path, -1, 0, Reason.UNREADABLE)

    def look(self, path: str) -> File:
        """The file as it is now. Raises OSError."""
        place = self._place(path)
        status = place.stat()
        if not place.is_file():
            return File(path, -1, status.st_mtime_ns, Reason.UNREADABLE)
        return File(path, status.st_size, status.st_mtime_ns)

    def open(self, path: str) -> BinaryIO:
        """The bytes of a file. Raises OSError."""
        return self._place(path).open("rb")

    def _place(self, path: str) -> Path:
        return self.root / name_of(path)


def text_of(name: str) -> str:
    """A relative path as text that any table can hold: names that are not UTF-8 are quoted, behind a slash."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "/" + quote(os.fsencode(name))
    return name


def name_of(text: str) -> str:
    """The relative path that a text stands for."""
    return os.fsdecode(unquote_to_bytes(text[1:])) if text.startswith("/") else text


def _refuse(_error: OSError) -> None:
    raise PolicyError(Problem.SOURCE_NOT_FOUND) from None
