"""Archives as sources: good ones like the folder they hold, hostile ones by coded reasons, nothing on disk."""

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.privacy.workspace import load_key
from curate.sources import archive
from curate.sources.source import Source, open_source, open_unchanged

FILES = {"b/2.dcm": b"two" * 1000, "a/1": b"one", "c.txt": "Größe".encode(), "empty": b""}
NAMES = ("s.zip", "s.tar", "s.tar.gz", "s.tgz", "s.tar.bz2", "s.tar.xz")


def pack(place: Path, files: dict[str, bytes]) -> Path:
    """Write an archive of the kind that its name says."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content in files.items():
                made.writestr(name, content)
        return place
    with tarfile.open(place, f"w:{place.suffix[1:]}" if place.suffix in {".gz", ".bz2", ".xz"} else "w") as made:
        for name, content in files.items():
            made.addfile(member(name, size=len(content)), io.BytesIO(content))
    if place.suffix == ".tgz":
        place.write_bytes(gzip.compress(place.read_bytes()))
    return place


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    """An entry of a tar."""
    made = tarfile.TarInfo(name)
    made.type, made.size, made.mtime, made.linkname = kind, size, 1_600_000_000, "/etc/passwd"
    return made


def found(source: Source) -> dict[str, bytes | Reason]:
    """Every file of a source with its bytes, or the reason why there are none."""
    held: dict[str, bytes | Reason] = {}
    for file in source.walk():
        try:
            with open_unchanged(source, file) as stream:
                held[file.path] = stream.read()
        except Rejected as refused:
            held[file.path] = refused.reason
    return held


@pytest.mark.parametrize("name", NAMES)
def test_archive_holds_what_was_put_into_it(tmp_path: Path, workspace: Path, name: str) -> None:
    """Sorted by name, with sizes; read from any place, also in another process."""
    load_key(workspace)
    source = open_source(str(pack(tmp_path / name, FILES)), workspace)
    assert [(file.path, file.bytes) for file in source.walk()] == [(each, len(FILES[each])) for each in sorted(FILES)]
    assert found(pickle.loads(pickle.dumps(source))) == FILES
    with source.open("b/2.dcm") as stream:
        assert (stream.seek(0, io.SEEK_END), stream.seek(2997), stream.read(9)) == (3000, 2997, b"two")
        assert (stream.seek(3), stream.read(3), stream.tell()) == (3, b"two", 6)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_extracted(tmp_path: Path, workspace: Path, name: str) -> None:
    """No byte of an entry, and no name, is anywhere on disk but in the archive."""
    secret = b"WETHERSPOON^IMOGEN" * 100
    load_key(workspace)
    source = open_source(str(pack(tmp_path / name, {"Wetherspoon/1.dcm": secret})), workspace)
    assert found(source) == {"Wetherspoon/1.dcm": secret}
    others = [path for path in tmp_path.rglob("*") if path.is_file() and path != tmp_path / name]
    assert not any(secret[:18] in path.read_bytes() or "Wetherspoon" in str(path) for path in others)


@pytest.mark.parametrize("name", ["../../up", "/etc/passwd", "a/../../b", "..", "line\nbreak", "C:\\x", "x\x1b[2J"])
@pytest.mark.parametrize("kind", ["s.zip", "s.tar"])
def test_name_that_leads_elsewhere_leads_nowhere(tmp_path: Path, workspace: Path, kind: str, name: str) -> None:
    """Names are looked up, never followed: the entry is read, and its name can be shown on a line."""
    source = open_source(str(pack(tmp_path / kind, {name: b"x"})), workspace)
    ((path, content),) = found(source).items()
    assert content == b"x"
    assert path.isprintable()
    assert ".." not in path.split("/")


@pytest.mark.parametrize("kind", ["s.zip", "s.tar"])
def test_name_that_stands_there_twice_is_two_files(tmp_path: Path, workspace: Path, kind: str) -> None:
    """Neither hides the other."""
    place = tmp_path / kind
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "s.zip":
            with zipfile.ZipFile(place, "w") as made:
                made.writestr("a", b"1")
                made.writestr("a", b"2")
        else:
            with tarfile.open(place, "w") as tar:
                tar.addfile(member("a", size=1), io.BytesIO(b"1"))
                tar.addfile(member("a", size=1), io.BytesIO(b"2"))
    assert sorted(found(open_source(str(place), workspace)).values()) == [b"1", b"2"]  # type: ignore[type-var]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE], ids=str
)
def test_link_or_device_in_a_tar_is_never_followed(tmp_path: Path, workspace: Path, kind: bytes) -> None:
    """It is listed, with a reason."""
    with tarfile.open(tmp_path / "s.tar", "w") as made:
        made.addfile(member("odd", kind))
        made.addfile(member("sound", size=1), io.BytesIO(b"x"))
    assert found(open_source(str(tmp_path / "s.tar"), workspace)) == {"odd": Reason.UNREADABLE, "sound": b"x"}


def _link(made: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("odd")
    info.external_attr = 0o120777 << 16
    made.writestr(info, "/etc/passwd")


def _bomb(made: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("odd")
    info.compress_type = zipfile.ZIP_DEFLATED
    with made.open(info, "w", force_zip64=True) as entry:
        for _ in range(110):
            entry.write(bytes(1 << 20))


def _lying(made: zipfile.ZipFile) -> None:
    made.writestr("odd", b"x" * 5000)
    made.infolist()[0].file_size = 100


def _altered(made: zipfile.ZipFile) -> None:
    made.writestr("odd", b"QQQQQQQQ", zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(_link, Reason.UNREADABLE), (_bomb, Reason.TOO_LARGE), (_lying, Reason.UNREADABLE), (_altered, Reason.UNREADABLE)],
    ids=["link", "bomb", "size that lies", "checksum"],
)
def test_hostile_entry_of_a_zip_costs_only_itself(
    tmp_path: Path, workspace: Path, spoil: Callable[[zipfile.ZipFile], None], reason: Reason
) -> None:
    """A link, a bomb, a size that lies, bytes that do not fit the checksum: a reason each, the rest is read."""
    place = tmp_path / "s.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as made:
            spoil(made)
            made.writestr("sound", b"x")
    place.write_bytes(place.read_bytes().replace(b"QQQQQQQQ", b"QQQQQQQP"))
    held = found(open_source(str(place), workspace))
    assert held.pop("sound") == b"x"
    assert reason in held.values()


def test_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries beyond what an archive may unpack to are too large; a compressed tar that does so is damaged."""
    monkeypatch.setattr(archive, "_FREE", 1 << 20)
    load_key(workspace)
    zeros = {f"{number:02}": bytes(200_000) for number in range(20)}
    held = found(open_source(str(pack(tmp_path / "s.zip", zeros)), workspace))
    assert set(held.values()) == {Reason.TOO_LARGE, bytes(200_000)}
    with pytest.raises(PolicyError) as refused:
        found(open_source(str(pack(tmp_path / "s.tar.xz", zeros)), workspace))
    assert refused.value.problem is Problem.SOURCE_DAMAGED


def test_archive_in_an_archive_is_not_opened(tmp_path: Path, workspace: Path) -> None:
    """It is one file, which is no instance."""
    inner = pack(tmp_path / "inner.zip", FILES).read_bytes()
    assert found(open_source(str(pack(tmp_path / "s.zip", {"inner.zip": inner})), workspace)) == {"inner.zip": inner}


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _middle(data: bytes) -> bytes:
    return data[:1024] + b"\xff" * 512 + data[1536:]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.zip", b""), ("s.zip", b"PK\3\4 and no more"), ("s.tar", b"x" * 2048), ("s.tar.gz", b"no gzip"),
        ("s.tar.gz", _cut(gzip.compress(bytes(range(256)) * 99))), ("s.tar.bz2", _cut(bz2.compress(b"x" * 9999))),
        ("s.tar.xz", _cut(lzma.compress(b"x" * 9999))), ("s.tar.xz", lzma.compress(b"x" * 9999)),
    ],
)  # fmt: skip
def test_what_is_no_whole_archive_is_one_clear_problem(
    tmp_path: Path, workspace: Path, name: str, content: bytes
) -> None:
    """Nothing of a damaged archive is lost silently: the run stops."""
    load_key(workspace)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PolicyError) as refused:
        found(open_source(str(tmp_path / name), workspace))
    assert refused.value.problem is Problem.SOURCE_DAMAGED


def test_tar_with_a_broken_header_in_its_middle_is_not_taken_for_a_short_one(tmp_path: Path, workspace: Path) -> None:
    """What follows the break would be lost silently."""
    place = pack(tmp_path / "s.tar", {"a": b"1", "b": b"2", "c": b"3"})
    place.write_bytes(_middle(place.read_bytes()))
    with pytest.raises(PolicyError) as refused:
        found(open_source(str(place), workspace))
    assert refused.value.problem is Problem.SOURCE_DAMAGED


@pytest.mark.parametrize("size", [1500, 2048, 3000])
def test_tar_that_is_still_being_written_is_refused(tmp_path: Path, workspace: Path, size: int) -> None:
    """A study of which the rest is still to come would be curated without it."""
    place = pack(tmp_path / "s.tar", {"a": b"1", "b": b"2" * 5000})
    place.write_bytes(place.read_bytes()[:size])
    with pytest.raises(PolicyError) as refused:
        found(open_source(str(place), workspace))
    assert refused.value.problem is Problem.SOURCE_DAMAGED


@pytest.mark.parametrize("name", ["s.zip", "s.tar", "s.tar.gz"])
def test_entry_that_changed_since_it_was_found_is_not_read(tmp_path: Path, workspace: Path, name: str) -> None:
    """An archive that is written anew is seen as what it is now; of the packed one before nothing stays."""
    load_key(workspace)
    place = tmp_path / name
    source = open_source(str(pack(place, {"a": b"1", "b": b"2"})), workspace)
    before = {file.path: file for file in source.walk()}
    pack(place, {"a": b"1", "b": b"22"})
    open_unchanged(source, before["a"]).close()
    with pytest.raises(Rejected) as refused:
        open_unchanged(source, before["b"])
    assert refused.value.reason is Reason.CHANGED
    assert sum(path.is_file() for path in (workspace / "spool").rglob("*")) == int(name == "s.tar.gz")


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bytes of whole archives by their name."""
    place = tmp_path_factory.mktemp("packed")
    return {name: pack(place / name, FILES).read_bytes() for name in ("s.zip", "s.tar", "s.tar.gz")}


@settings(max_examples=150)
@given(st.sampled_from(["s.zip", "s.tar", "s.tar.gz"]), st.floats(0, 1), st.binary(max_size=4))
def test_any_damage_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, packed: dict[str, bytes], name: str, at: float, damage: bytes
) -> None:
    """Bytes overwritten anywhere, or the file ends there: files, their reasons, or one coded problem."""
    folder, whole = tmp_path_factory.mktemp("damaged"), packed[name]
    place = int(at * (len(whole) - 1))
    (folder / name).write_bytes(whole[:place] if not damage else whole[:place] + damage + whole[place + len(damage) :])
    workspace = folder / "workspace"
    workspace.mkdir(0o700)
    load_key(workspace)
    try:
        held = found(open_source(str(folder / name), workspace))
    except (PolicyError, Rejected):
        return
    assert all(isinstance(each, bytes | Reason) for each in held.values())
    assert sorted(path.name for path in folder.iterdir()) == [name, "workspace"]
