"""The spool: encrypted, whole or not at all, each delivery once."""

import io
import pickle
from pathlib import Path

import pytest

from curate.dicom.read import read
from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.privacy.workspace import load_key
from curate.sources.source import open_unchanged
from curate.sources.spool import Spool, spool_of
from tests import synth

PART = 1 << 20
SECRET = b"WETHERSPOON^IMOGEN"


@pytest.fixture
def spool(workspace: Path) -> Spool:
    """An empty spool."""
    load_key(workspace)
    return spool_of("https://pacs.example/wetherspoon", workspace)


def _read(spool: Spool, path: str) -> bytes:
    with spool.open(path) as stream:
        return stream.read()


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 77])
def test_what_is_stored_is_what_is_read(spool: Spool, size: int) -> None:
    """Whole, from the middle, and beyond the end, whatever the size; also in another process, which gets no key."""
    content = (SECRET + bytes(range(256))) * (size // 274 + 1)
    path = spool.add("1.2.3", io.BytesIO(content[:size]))
    (file,) = spool.walk()
    assert (file.path, file.bytes) == (path, size)
    again = pickle.loads(pickle.dumps(spool))
    assert load_key(spool.workspace) not in pickle.dumps(spool)
    with open_unchanged(again, file) as stream:
        assert stream.read() == content[:size]
        assert stream.seek(size // 2) == size // 2
        assert stream.read(100) == content[size // 2 : size][:100]
        assert stream.seek(size + 5) == size + 5
        assert stream.read() == b""


def test_nothing_of_it_can_be_read_on_disk(spool: Spool) -> None:
    """Neither content nor identity nor address, in bytes or names; and nobody else may read the files."""
    spool.add("1.2.3.WETHERSPOON", io.BytesIO(SECRET * 1000))
    files = [path for path in (spool.workspace / "spool").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert SECRET not in path.read_bytes()
        assert "wetherspoon" not in str(path).lower()
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_delivered_twice_is_stored_once_and_what_differs_beside_it(spool: Spool) -> None:
    """The same bytes under one identity are one file; other bytes are another, so that the conflict is seen."""
    first = spool.add("1.2.3", io.BytesIO(b"one"))
    assert spool.add("1.2.3", io.BytesIO(b"one")) == first
    other = spool.add("1.2.3", io.BytesIO(b"two"))
    assert sorted(file.path for file in spool.walk()) == sorted([first, other])
    assert spool.holds("1.2.3")
    assert not spool.holds("1.2")


def test_instance_is_read_out_of_the_spool_as_from_a_file(spool: Spool, tmp_path: Path) -> None:
    """What reads instances gets the same from either, to the last element."""
    person = synth.patient(3, kinds=("CT",), instances=1)
    made = tmp_path / "a.dcm"
    made.write_bytes(synth.encode(synth.instance(person, person.studies[0], 1)))
    with made.open("rb") as stream:
        path = spool.add("1", stream)
    with spool.open(path) as stored:
        assert read(stored, Limits()) == read(made, Limits())


class _Broken(io.BytesIO):
    """A connection that ends in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(10)


def test_interrupted_delivery_leaves_nothing_that_is_taken_for_one(spool: Spool) -> None:
    """What was half received is not walked, is fetched again, and is removed."""
    with pytest.raises(ConnectionResetError):
        spool.add("1.2.3", _Broken(SECRET * 10))
    assert list(spool.walk()) == []
    assert not spool.holds("1.2.3")
    spool.tidy()
    assert [path for path in spool.folder.rglob("*") if path.is_file()] == []


def _swapped(data: bytes) -> bytes:
    one, two = data[32 : 32 + PART + 16], data[32 + PART + 16 : 32 + 2 * (PART + 16)]
    return data[:32] + two + one + data[32 + 2 * (PART + 16) :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: data[:-20],
        lambda data: data[: 32 + 2 * (PART + 16)],
        lambda data: data[:40],
        lambda data: bytes(32) + data[32:],
        lambda data: data + b"x",
        _swapped,
    ],
    ids=["bit", "end", "part", "head", "salt", "longer", "order"],
)
def test_altered_file_is_refused(spool: Spool, spoil: object) -> None:
    """A flipped bit, a cut at a part's border, an exchange or an addition is never read as if nothing had happened."""
    path = spool.add("1.2.3", io.BytesIO(SECRET * 150_000))
    place = spool.folder / path
    place.write_bytes(spoil(place.read_bytes()))  # type: ignore[operator]
    with pytest.raises(Rejected) as refused, open_unchanged(spool, next(spool.walk())) as stream:
        stream.read()
    assert refused.value.reason is Reason.UNREADABLE


def test_suffix_is_of_the_program_and_never_a_path(spool: Spool) -> None:
    """Nothing that leads elsewhere can be a suffix; that of a report is kept, for it says how to read it."""
    for suffix in ("/../x", ".TXT", "txt", ".a/b", ".\n"):
        with pytest.raises(ValueError, match=r"^$"):
            spool.add("1", io.BytesIO(b"x"), suffix)
    assert spool.add("1", io.BytesIO(b"x"), ".txt").endswith(".txt")
    assert next(spool.walk()).is_report
