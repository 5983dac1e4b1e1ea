"""Where raw instances and reports come from, whatever holds them: walked in a fixed order, read in place.

An address is the path of a directory or of an archive (.zip, .tar, .tar.gz, .tar.bz2, .tar.xz).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from curate.errors import PolicyError, Problem, Reason, Rejected

_PART = 1 << 20
REPORT_SUFFIXES = frozenset({
    ".txt", ".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pdf", ".hl7", ".oru", ".xml", ".cda", ".fhir",
    ".html", ".htm",
})  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """One file of a source: what `Source.open` knows it by, its size in bytes and its stamp of change.

    changed: time of change in ns, or whatever else differs when the bytes do. fault: why it cannot be read at all.
    """

    path: str
    bytes: int
    changed: int
    fault: Reason | None = None

    @property
    def is_report(self) -> bool:
        """Whether the name says that this holds reports; everything else is tried as DICOM."""
        return PurePosixPath(self.path).suffix.lower() in REPORT_SUFFIXES


class Source(Protocol):
    """A place that holds raw instances and reports. Never changed; picklable, for it holds no more than an address."""

    def walk(self) -> Iterator[File]:
        """Every file, in an order that depends on names alone. Raises PolicyError when it cannot be listed."""
        ...

    def look(self, path: str) -> File:
        """The file as it is now. Raises OSError, Rejected."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A seekable stream, read only, to be closed by the caller. Raises OSError, Rejected."""
        ...


def open_source(address: str, workspace: Path) -> Source:
    """The source at an address; the workspace must lie outside it. Raises PolicyError."""
    from curate.sources.archive import open_archive
    from curate.sources.directory import Directory

    place = Path(address)
    if not place.exists():
        raise PolicyError(Problem.SOURCE_NOT_FOUND)
    if not place.is_dir():
        if archive := open_archive(place, workspace):
            return archive
        raise PolicyError(Problem.SOURCE_UNSUPPORTED)
    if workspace.resolve().is_relative_to(place.resolve()):
        raise PolicyError(Problem.WORKSPACE_IN_SOURCE)  # the next run would take it for input
    return Directory(place)


def open_unchanged(source: Source, file: File) -> BinaryIO:
    """Open a file that is still as it was found. Raises Rejected: CHANGED when it is not, UNREADABLE, its fault."""
    if file.fault:
        raise Rejected(file.fault)
    try:
        now = source.look(file.path)
        if (now.bytes, now.changed) != (file.bytes, file.changed):
            raise Rejected(Reason.CHANGED)
        return source.open(file.path)
    except OSError:
        raise Rejected(Reason.UNREADABLE) from None


def open_row(source: Source, row: Mapping[str, Any]) -> BinaryIO:
    """Open the file that a row of the catalog was read from. Raises Rejected, as `open_unchanged`."""
    return open_unchanged(source, File(row["path"], row["bytes"], row["changed"]))


def digest_of(source: Source, file: File) -> str:
    """SHA-256 of the bytes of a file, as hexadecimal; of its path where it has none that can be read."""
    found = hashlib.sha256()
    try:
        with open_unchanged(source, file) as stream:
            while part := stream.read(_PART):
                found.update(part)
    except (OSError, Rejected):
        return hashlib.sha256(file.path.encode("utf-8")).hexdigest()
    return found.hexdigest()
