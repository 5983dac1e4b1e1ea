"""The spool: what a remote source sent, encrypted in the workspace, until it is curated.

A file is named by keyed digests of what it is and of its bytes: what is delivered twice is stored once, what differs
under one identity is stored beside it. Its parts of 1 MiB are sealed one by one with AES-256-GCM (NIST SP 800-38D)
under a key of its own; the nonce is the number of the part and whether it is the last (STREAM, Hoang et al. 2015), so
that parts cannot be cut off, exchanged or repeated, and a header is read without what follows it.
"""

import hashlib
import hmac
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from curate.errors import Reason, Rejected
from curate.privacy.surrogates import opaque, subkey
from curate.privacy.workspace import load_key
from curate.sources.source import File

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PART, _TAG, _SALT = 1 << 20, 16, 32  # bytes
_SUFFIX = re.compile(r"(?:\.[a-z0-9]{1,8})?")
_WRITING, _MISSING = ".writing.", ".missing"
_STEM_END = re.compile(r"[-.]")


@dataclass(frozen=True, slots=True, repr=False)
class Spool:
    """The encrypted files of one remote source, itself a source. `name` is opaque; the key is not held."""

    workspace: Path
    name: str

    @property
    def folder(self) -> Path:
        """Where the files of this spool lie."""
        return self.workspace / "spool" / self.name

    def add(self, identity: str, stream: BinaryIO, suffix: str = "") -> str:
        """Store what a stream holds to its end; returns its path. It is there whole or not at all, also after a crash.

        identity: what the sender knows it by, such as a SOP Instance UID; it is stored as a keyed digest only.
        suffix: ".txt" and the like, for reports; never made of a value of the source. Raises OSError, ValueError.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError
        key = load_key(self.workspace)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=_WRITING, dir=self.folder)  # mode 0600
        with os.fdopen(descriptor, "wb") as target:
            content = _seal(stream, target, subkey(key, "spool"))
            target.flush()
            os.fsync(target.fileno())
        path = f"{self._stem(identity, key)}-{opaque(key, 'spool/content', content)}{suffix}"
        self._reveal(Path(temporary), self.folder / path)
        self.remove(f"{self._stem(identity, key)}{_MISSING}")
        return path

    def miss(self, identity: str) -> None:
        """Note that the sender lists this and did not deliver it; it is walked with that fault until it is added."""
        place = self.folder / f"{self._stem(identity, load_key(self.workspace))}{_MISSING}"
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.touch(mode=0o600)

    def retain(self, identities: Iterable[str]) -> int:
        """Let go of everything but some identities; returns how many files that were."""
        key = load_key(self.workspace)
        kept = {self._stem(each, key) for each in identities}
        gone = [file.path for file in self.walk() if _STEM_END.split(file.path)[0] not in kept]
        for path in gone:
            self.remove(path)
        return len(gone)

    def holds(self, identity: str) -> bool:
        """Whether anything was stored under an identity: it need not be fetched again."""
        return bool(self.find(identity))

    def find(self, identity: str) -> list[str]:
        """The paths of what was stored under an identity, sorted; more than one where deliveries differ."""
        place = self.folder / self._stem(identity, load_key(self.workspace))
        return sorted(path.relative_to(self.folder).as_posix() for path in place.parent.glob(f"{place.name}-*"))

    def remove(self, path: str) -> None:
        """Let go of one file."""
        (self.folder / path).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what an interrupted run left half written; only while no other run writes."""
        for leftover in self.folder.glob(f"{_WRITING}*"):
            leftover.unlink()

    def walk(self) -> Iterator[File]:
        """Every file, sorted by its opaque path."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            yield self.look(path.relative_to(self.folder).as_posix())

    def look(self, path: str) -> File:
        """The file as it is: its name says what bytes it holds, so it has no time of change. Raises OSError."""
        size = _plain_size((self.folder / path).stat().st_size)
        broken = Reason.NOT_DELIVERED if path.endswith(_MISSING) else Reason.UNREADABLE
        return File(path, size, 0, None if size >= 0 else broken)

    def open(self, path: str) -> BinaryIO:
        """The bytes that were stored, decrypted as they are read. Raises OSError, Rejected where they were altered."""
        file = (self.folder / path).open("rb")
        return cast("BinaryIO", io.BufferedReader(_Opened(file, subkey(load_key(self.workspace), "spool")), _PART))

    def _stem(self, identity: str, key: bytes) -> str:
        name = opaque(key, "spool", identity)
        return f"{name[:2]}/{name}"

    def _reveal(self, temporary: Path, place: Path) -> None:
        """Give a file its name, durably; one that is there already has the same content."""
        place.parent.mkdir(mode=0o700, exist_ok=True)
        temporary.replace(place)
        descriptor = os.open(place.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def spool_of(address: str, workspace: Path) -> Spool:
    """The spool of a remote source, under an opaque name. Raises PolicyError as `load_key`."""
    return Spool(workspace, opaque(load_key(workspace), "spool/source", address))


def _seal(stream: BinaryIO, target: BinaryIO, key: bytes) -> str:
    """Encrypt a stream part by part; returns the SHA-256 of its bytes, as hexadecimal."""
    salt, digest = os.urandom(_SALT), hashlib.sha256()
    cipher = _cipher(key, salt)
    target.write(salt)
    part = _whole_part(stream)
    for number in count():
        digest.update(part)
        following = _whole_part(stream)
        target.write(cipher.encrypt(_nonce(number, is_last=not following), part, None))
        if not following:
            break
        part = following
    return digest.hexdigest()


def _whole_part(stream: BinaryIO) -> bytes:
    """The next part of a stream; shorter only at its end, however little a read gives."""
    parts, wanted = [], _PART
    while wanted and (got := stream.read(wanted)):
        parts.append(got)
        wanted -= len(got)
    return b"".join(parts)


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    """The cipher of one file: a key of its own, so that no nonce is ever used twice."""
    return AESGCM(hmac.digest(key, salt, "sha256"))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(8, "big") + int(is_last).to_bytes(4, "big")


def _plain_size(stored: int) -> int:
    """How many bytes a stored file holds; -1 where it is too short to be one."""
    sealed = stored - _SALT
    return sealed - _TAG * -(-sealed // (_PART + _TAG)) if sealed >= _TAG else -1


class _Opened(io.RawIOBase):
    """A stored file, decrypted part by part as it is read."""

    name = ""  # pydicom asks for it

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._position = file, 0
        self._cipher = _cipher(key, file.read(_SALT))
        self._size = _plain_size(os.fstat(file.fileno()).st_size)
        self._part, self._number = b"", -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        number, begin = divmod(self._position, _PART)
        if self._position >= self._size and self._size:
            return 0
        self._load(number)
        view = memoryview(buffer).cast("B")
        given = self._part[begin : begin + len(view)]
        view[: len(given)] = given
        self._position += len(given)
        return len(given)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        """Decrypt a part unless it is the one at hand. Raises Rejected."""
        if number == self._number:
            return
        self._file.seek(_SALT + number * (_PART + _TAG))
        is_last = (number + 1) * _PART >= self._size
        try:
            self._part = self._cipher.decrypt(_nonce(number, is_last=is_last), self._file.read(_PART + _TAG), None)
        except InvalidTag:
            raise Rejected(Reason.UNREADABLE) from None
        self._number = number
