"""A secret for each patient of a domain: 32 random bytes, without which no surrogate of the patient can be computed.

They lie in `secrets` of the domain's place, one patient a line: the id of the person, a keyed mark of the PatientID,
the secret. Deleting a line unlinks that patient for good, also for whoever has the key.
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
from curate.privacy.domains import Keys, has_secrets, keys_of, pseudonym_under
from curate.privacy.erased import plain
from curate.privacy.surrogates import opaque

_NAME = "secrets"
_BYTES = 32
_Line = tuple[str, str, str]  # person, mark of the PatientID, secret


@dataclass(slots=True, repr=False)
class Secrets:
    """The secrets of one place, by person; in a place without secrets every person has the key of the run."""

    place: Path
    keys: Keys
    _held: dict[str, _Line] = field(default_factory=dict)

    def draw(self, persons: Iterable[tuple[str, str]]) -> None:
        """Draw a secret for each who has none yet; `save` makes them last. persons: id of the person, and PatientID."""
        for person, patient_id in persons:
            if person not in self._held:
                self._held[person] = (person, _mark(self.keys, patient_id), secrets.token_hex(_BYTES))

    def save(self) -> None:
        """Write them, durably, before anything that was named by them."""
        _write(self.place, self._held.values())

    def key_of(self, person: str) -> bytes:
        """The key of everything that is named or moved for one patient. Raises PolicyError when the secret is gone."""
        if not has_secrets(self.place):
            return self.keys.run
        if person not in self._held:
            raise PolicyError(Problem.PATIENT_UNLINKED)
        return _mixed(self.keys.run, bytes.fromhex(self._held[person][2]))

    def patient_key(self, person: str) -> str:
        """The pseudonym of a person. Raises PolicyError as `key_of`."""
        return pseudonym_under(self.key_of(person), self.keys.root, person)

    def persons(self, patient_id: str) -> set[str]:
        """Who has a secret under a PatientID, whoever issued it."""
        mark = _mark(self.keys, patient_id)
        return {person for person, held, _ in self._held.values() if held == mark}

    def __contains__(self, person: object) -> bool:
        """Whether the pseudonym of a person can be computed."""
        return not has_secrets(self.place) or person in self._held


@lru_cache(maxsize=256)
def _mixed(key: bytes, secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=secret, info=b"radcurate/1/secret").derive(key)


def read_secrets(place: Path, persons: AbstractSet[str] | None = None) -> Secrets:
    """The secrets of a place: all, or those of some persons. Raises PolicyError as `load_key`."""
    held = _held(place) if has_secrets(place) else {}
    wanted = held if persons is None else persons & held.keys()
    return Secrets(place, keys_of(place), {each: held[each] for each in wanted})


def forget(place: Path, persons: Container[str]) -> bool:
    """Delete the secrets of some persons, durably; returns whether there were any."""
    held = _held(place) if has_secrets(place) else {}
    kept = [line for person, line in held.items() if person not in persons]
    if len(kept) < len(held):
        _write(place, kept)
    return len(kept) < len(held)


def _mark(keys: Keys, patient_id: str) -> str:
    return opaque(keys.run, "secret", plain(patient_id)) if patient_id.strip() else "-"


def _held(place: Path) -> Mapping[str, _Line]:
    path = place / _NAME
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Mapping[str, _Line]:
    """The lines of the file, by person; read once a process while it stays as it is."""
    return {each[0]: each for each in _lines(path)}


def _lines(path: Path) -> Iterator[_Line]:
    with path.open(encoding="ascii") as file:
        for line in file:
            person, mark, secret = line.split()
            yield person, mark, secret


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
