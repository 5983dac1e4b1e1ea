"""Where raw instances and reports come from, whatever holds them: walked in a fixed order, read in place.

An address is that of a directory, an archive (.zip, .tar, .tar.gz, .tar.bz2, .tar.xz), an object store or a server;
see `curate.sources.address`. What a server sends lies in the spool: `curate.sources.server.fetch` brings it there.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.sources.address import SERVERS, STORES, parse_server, scheme_of, split

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
    """The source at an address, without asking any server; the workspace must lie outside it. Raises PolicyError."""
    from curate.sources.joined import Joined

    places = [_open_place(each, workspace) for each in split(address)]
    return places[0] if len(places) == 1 else Joined(tuple(places))


def expect_source(address: str, output: Path) -> None:
    """Refuse an address that no run could read, before anything is made. Raises PolicyError."""
    for place in split(address):
        if scheme_of(place) in SERVERS:
            parse_server(place)
        elif scheme_of(place) != "spool":
            _open_place(place, output)


def _open_place(address: str, workspace: Path) -> Source:
    from curate.sources.spool import spool_of
    from curate.sources.store import Store

    scheme = scheme_of(address)
    if scheme in SERVERS or scheme == "spool":
        return spool_of(address, workspace)
    if scheme in STORES:
        return Store(address)
    if scheme == "file":
        return _open_path(Path(url2pathname(urlsplit(address).path)), workspace)
    if scheme:
        raise PolicyError(Problem.SOURCE_UNSUPPORTED)
    return _open_path(Path(address), workspace)


def _open_path(place: Path, workspace: Path) -> Source:
    from curate.sources.archive import open_archive
    from curate.sources.directory import Directory

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
