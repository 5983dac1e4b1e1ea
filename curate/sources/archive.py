"""Archives as sources: zip and tar, read in place and never extracted.

Names in an archive lead nowhere: they are looked up, never joined to a path. An archive inside an archive is not
opened. A compressed tar cannot be read from the middle, so it is decompressed once into the encrypted spool.
"""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from urllib.parse import quote

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.sources.source import File, Source
from curate.sources.spool import Spool, spool_of

LARGEST = 2 << 30  # bytes of one entry of a zip, which is inflated in memory
_RATIO, _FREE = 200, 1 << 30  # an archive may unpack to a GiB and 200 times its size, and no further
_SMALL = 100 << 20  # below, any ratio: a blank image shrinks to a thousandth
_ZEROS = bytes(tarfile.BLOCKSIZE)
_BROKEN = (
    OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
    tarfile.TarError,
)  # fmt: skip
_TARS = {
    ".tar": "", ".tar.gz": "gz", ".tgz": "gz", ".tar.bz2": "bz2", ".tbz2": "bz2", ".tar.xz": "xz", ".txz": "xz",
}  # fmt: skip
_OPENERS: dict[str, Callable[[Path], Any]] = {"gz": gzip.GzipFile, "bz2": bz2.BZ2File, "xz": lzma.LZMAFile}


def open_archive(place: Path, workspace: Path) -> Source | None:
    """The archive that a file is by its name, or None. Raises PolicyError when it cannot be read."""
    name = place.name.lower()
    if name.endswith(".zip"):
        return Zip(place)
    return next((Tar(place, workspace, packing) for suffix, packing in _TARS.items() if name.endswith(suffix)), None)


@dataclass(frozen=True, slots=True, repr=False)
class Zip:
    """A zip archive; its entries are inflated in memory, one at a time."""

    place: Path

    def walk(self) -> Iterator[File]:
        """Every entry that is no folder, sorted by name; what is no plain file, or too large, has its fault.

        Raises PolicyError when it is no zip archive.
        """
        yield from (file for file, _ in _sorted(_zip_entries(*_stamped(self.place))[1]))

    def look(self, path: str) -> File:
        """The entry as it is now. Raises Rejected."""
        return _find(_zip_entries(*_stamped(self.place))[1], path)[0]

    def open(self, path: str) -> BinaryIO:
        """The bytes of an entry, checked against its checksum. Raises Rejected."""
        archive, entries = _zip_entries(*_stamped(self.place))
        file, info = _find(entries, path)
        if file.fault:
            raise Rejected(file.fault)
        try:
            content = archive.read(info)
        except _BROKEN:
            raise Rejected(Reason.UNREADABLE) from None
        if len(content) != file.bytes:
            raise Rejected(Reason.TRUNCATED)
        return io.BytesIO(content)


@dataclass(frozen=True, slots=True, repr=False)
class Tar:
    """A tar archive; where it is packed ("gz", "bz2" or "xz"), its plain form lies in the spool of `workspace`."""

    place: Path
    workspace: Path
    packing: str = ""

    def walk(self) -> Iterator[File]:
        """Every entry that is no folder, sorted by name; links and devices have their fault.

        Raises PolicyError when it is no tar archive, or not one to its end: what is missing would be lost silently.
        """
        yield from (file for file, _ in _sorted(_tar_entries(self, *_stamped(self.place))))

    def look(self, path: str) -> File:
        """The entry as it is now. Raises Rejected."""
        return _find(_tar_entries(self, *_stamped(self.place)), path)[0]

    def open(self, path: str) -> BinaryIO:
        """The bytes of an entry, read from their place in the archive. Raises OSError, Rejected."""
        file, offset = _find(_tar_entries(self, *_stamped(self.place)), path)
        if file.fault:
            raise Rejected(file.fault)
        return cast("BinaryIO", io.BufferedReader(_Slice(self.plain(), offset, file.bytes)))

    def plain(self) -> BinaryIO:
        """The archive without compression. Raises PolicyError."""
        if not self.packing:
            return self.place.open("rb")
        spool = spool_of(str(self.place.resolve()), self.workspace)
        stamp = "/".join(map(str, _stamped(self.place)))
        if not spool.holds(stamp):
            self._decompress(spool, stamp)
        return spool.open(*spool.find(stamp))

    def _decompress(self, spool: Spool, stamp: str) -> None:
        """Take the plain form into the spool, and let go of those of what the archive was before."""
        before = [file.path for file in spool.walk()]
        spool.tidy()
        try:
            with _OPENERS[self.packing](self.place) as packed:
                spool.add(stamp, cast("BinaryIO", _Bounded(packed, _allowance(self.place.stat().st_size))))
        except _BROKEN:
            raise PolicyError(Problem.SOURCE_DAMAGED) from None
        for path in before:
            spool.remove(path)


Entries = dict[str, tuple[File, Any]]


def _stamped(place: Path) -> tuple[Path, int, int]:
    """An archive and what tells it from what it was before. Raises PolicyError."""
    try:
        status = place.stat()
    except OSError:
        raise PolicyError(Problem.SOURCE_NOT_FOUND) from None
    return place, status.st_size, status.st_mtime_ns


def _sorted(entries: Entries) -> Iterable[tuple[File, Any]]:
    return (entries[path] for path in sorted(entries))


def _find(entries: Entries, path: str) -> tuple[File, Any]:
    try:
        return entries[path]
    except KeyError:
        raise Rejected(Reason.UNREADABLE) from None


def _allowance(size: int) -> int:
    return _RATIO * size + _FREE


@lru_cache(maxsize=2)
def _zip_entries(place: Path, size: int, _changed: int) -> tuple[zipfile.ZipFile, Entries]:
    """The open archive and its entries. Raises PolicyError."""
    entries: Entries = {}
    total = 0
    try:
        archive = zipfile.ZipFile(place)
    except _BROKEN:
        raise PolicyError(Problem.SOURCE_DAMAGED) from None
    for number, info in enumerate(archive.infolist()):
        if info.is_dir():
            continue
        total += info.file_size
        fault = Reason.TOO_LARGE if total > _allowance(size) else _fault_of(info)
        path = _path_of(info.filename, number, entries)
        changed = info.CRC << 31 | _day(info.date_time)
        entries[path] = File(path, -1 if fault else info.file_size, changed, fault), info
    return archive, entries


def _fault_of(info: zipfile.ZipInfo) -> Reason | None:
    """Why an entry of a zip is not read: it is a link, a device or encrypted, or far larger than it looks."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG} or info.flag_bits & 1:
        return Reason.UNREADABLE
    is_bomb = info.file_size > _SMALL and info.file_size > _RATIO * info.compress_size
    return Reason.TOO_LARGE if is_bomb or info.file_size > LARGEST else None


def _day(moment: tuple[int, ...]) -> int:
    """The time of an entry as one number of at most 31 bits."""
    year, month, day, hour, minute, second = moment
    return ((((year - 1980) * 12 + month) * 31 + day) * 24 + hour) * 3600 + minute * 60 + second


@lru_cache(maxsize=2)
def _tar_entries(tar: Tar, _place: Path, _size: int, _changed: int) -> Entries:
    """The entries of a tar with the offsets of their bytes. Raises PolicyError."""
    with tar.plain() as stream:
        try:
            return _read_entries(stream)
        except _BROKEN:
            raise PolicyError(Problem.SOURCE_DAMAGED) from None


def _read_entries(stream: BinaryIO) -> Entries:
    entries: Entries = {}
    archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115  the stream is the caller's
    for number in count():
        member = archive.next()
        if member is None:
            break
        vars(archive)["members"] = []  # or it keeps every one
        if member.isdir():
            continue
        path = _path_of(member.name, number, entries)
        fault = None if member.isreg() and not member.issparse() else Reason.UNREADABLE  # a link or a device
        changed = int(member.mtime * 1_000_000_000)
        entries[path] = File(path, -1 if fault else member.size, changed, fault), member.offset_data
    _expect_end(stream, archive.offset)
    return entries


def _expect_end(stream: BinaryIO, offset: int) -> None:
    """Refuse a tar with a broken header in its middle, which `tarfile` takes for its end. Raises PolicyError."""
    stream.seek(offset)
    if stream.read(len(_ZEROS)).strip(b"\0"):
        raise PolicyError(Problem.SOURCE_DAMAGED)


def _path_of(name: str, number: int, taken: Entries) -> str:
    """What an entry is known by: its name, or, where that is none to be shown or stands there twice, its number too."""
    is_plain = name.isprintable() and not name.startswith("/") and ".." not in name.split("/") and "\\" not in name
    if is_plain and name and name not in taken:
        return name
    return f"/{number}/" + quote(name, errors="surrogateescape").replace("..", "%2E%2E")


class _Slice(io.RawIOBase):
    """The bytes of a stream from `start` on, `size` of them; closes the stream with itself."""

    name = ""  # pydicom asks for it

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._position = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        self._stream.seek(self._start + self._position)
        got = self._stream.read(min(len(view), max(0, self._size - self._position)))
        view[: len(got)] = got
        self._position += len(got)
        return len(got)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Bounded:
    """A stream that ends in an error when it gives more than it may."""

    def __init__(self, stream: IO[bytes], allowance: int) -> None:
        self._stream, self._left = stream, allowance

    def read(self, size: int) -> bytes:
        got = self._stream.read(size)
        self._left -= len(got)
        if self._left < 0:
            raise PolicyError(Problem.SOURCE_DAMAGED)
        return got
