"""A secret for each patient of a domain: 32 random bytes, without which no surrogate of the patient can be computed.

They lie in `secrets` of the domain's place, one patient a line: keyed marks of the person and of the PatientID, and the
secret. Deleting a line unlinks that patient for good, also for whoever has the key.
"""

import os
import secrets
from collections.abc import Container, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from curate.errors import PolicyError, Problem
from curate.privacy.domains import Keys, has_secrets, keys_of
from curate.privacy.erased import plain
from curate.privacy.surrogates import digest, opaque

_NAME = "secrets"
_BYTES = 32
_Line = tuple[str, str, str]  # mark of the person, mark of the PatientID, secret


@dataclass(slots=True, repr=False)
class Secrets:
    """The secrets of one place, by mark; in a place without secrets every person has the key of the run."""

    place: Path
    keys: Keys
    _held: dict[str, _Line] = field(default_factory=dict)

    def draw(self, persons: Iterable[tuple[str, str]]) -> None:
        """Draw a secret for each who has none yet; `save` makes them last. persons: id of the person, and PatientID."""
        for person, patient_id in persons:
            mark = _mark(self.keys, person)
            if mark not in self._held:
                self._held[mark] = (mark, _mark_of_id(self.keys, patient_id), secrets.token_hex(_BYTES))

    def save(self) -> None:
        """Write them, durably, before anything that was named by them."""
        _write(self.place, self._held.values())

    def key_of(self, person: str) -> bytes:
        """The key of everything that is named or moved for one patient. Raises PolicyError when the secret is gone."""
        if not has_secrets(self.place):
            return self.keys.run
        return self._own(_mark(self.keys, person))

    def patient_key(self, person: str) -> str:
        """The pseudonym of a person. Raises PolicyError as `key_of`."""
        return self._named(_mark(self.keys, person)) if has_secrets(self.place) else self.keys.patient_key(person)

    def marks(self, persons: Iterable[str], patient_id: str = "") -> frozenset[str]:
        """The marks of some persons, and of all under a PatientID, who have a secret."""
        wanted = {_mark(self.keys, each) for each in persons}
        number = _mark_of_id(self.keys, patient_id) if patient_id else ""
        return frozenset(mark for mark, held, _ in self._held.values() if mark in wanted or held == number)

    def pseudonyms(self, persons: Iterable[str], patient_id: str = "") -> frozenset[str]:
        """The pseudonyms of the same; whoever has lost the secret is called nobody can say what."""
        if has_secrets(self.place):
            return frozenset(map(self._named, self.marks(persons, patient_id)))
        return frozenset(map(self.keys.patient_key, persons))

    def _named(self, mark: str) -> str:
        return digest(self._own(mark), "patient", mark).hex()[:32]

    def _own(self, mark: str) -> bytes:
        if mark not in self._held:
            raise PolicyError(Problem.PATIENT_UNLINKED)
        return _mixed(self.keys.run, bytes.fromhex(self._held[mark][2]))


@lru_cache(maxsize=256)
def _mixed(key: bytes, secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=secret, info=b"radcurate/1/secret").derive(key)


def read_secrets(place: Path, persons: AbstractSet[str] | None = None) -> Secrets:
    """The secrets of a place: all, or those of some persons. Raises PolicyError as `load_key`."""
    held, keys = _held(place) if has_secrets(place) else {}, keys_of(place)
    wanted = held if persons is None else held.keys() & {_mark(keys, each) for each in persons}
    return Secrets(place, keys, {each: held[each] for each in wanted})


def forget(place: Path, marks: Container[str]) -> bool:
    """Delete the secrets of some persons by their marks, durably; returns whether there were any."""
    held = _held(place) if has_secrets(place) else {}
    kept = [line for mark, line in held.items() if mark not in marks]
    if len(kept) < len(held):
        _write(place, kept)
    return len(kept) < len(held)


def _mark(keys: Keys, person: str) -> str:
    """Another id of a person than the one that names it in a release without a domain."""
    return digest(keys.run, "secret", person).hex()[:32]


def _mark_of_id(keys: Keys, patient_id: str) -> str:
    return opaque(keys.run, "secret", plain(patient_id)) if patient_id.strip() else "-"


def _held(place: Path) -> Mapping[str, _Line]:
    path = place / _NAME
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Mapping[str, _Line]:
    """The lines of the file, by mark; read once a process while it stays as it is."""
    return {each[0]: each for each in _lines(path)}


def _lines(path: Path) -> Iterator[_Line]:
    with path.open(encoding="ascii") as file:
        for line in file:
            mark, number, secret = line.split()
            yield mark, number, secret


def _write(place: Path, lines: Iterable[_Line]) -> None:
    """Whole or not at all, on the disk when this returns."""
    temporary = place / f".{_NAME}.writing"
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    with temporary.open("w", encoding="ascii") as file:
        file.writelines(f"{' '.join(each)}\n" for each in lines)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place / _NAME)
    folder = os.open(place, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
