"""Releases of one workspace share the files that are equal, and nothing that is done to one reaches the other."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curate.check import check_release
from curate.erasure import erase
from curate.errors import ContractBroken
from curate.policy import OutputOptions, Policy, RetentionOptions, TaskOptions
from curate.retention import purge
from curate.sharing import recall_releases
from tests import synth
from tests.pipeline import digests, make_release, make_workspace

POLICY = replace(Policy(), output=replace(OutputOptions(), shard_bytes=1), tasks=TaskOptions(("questions",)))
PEOPLE = [
    synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100", report="txt") for seed in range(120, 126)
]
NEW = PEOPLE[-1]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that grew by one patient after its first release; the workspace knows where that release lay."""
    place = tmp_path_factory.mktemp("sharing")
    synth.write_archive(place / "source", PEOPLE[:-1])
    make_release(place / "source", make_workspace(place / "ws"), place / "one", POLICY)
    synth.write_archive(place / "source", [NEW])
    make_release(place / "source", place / "ws", place / "two", POLICY)
    return place


@pytest.fixture
def place(pristine: Path, tmp_path: Path) -> Path:
    """The same with links of its own, to be changed; file by file, since a copy of a folder would part them."""
    copied: dict[int, Path] = {}
    for path in sorted(pristine.rglob("*")):
        target = tmp_path / path.relative_to(pristine)
        if path.is_dir():
            target.mkdir()
        elif (inode := path.stat().st_ino) in copied:
            os.link(copied[inode], target)
        else:
            copied[inode] = Path(shutil.copy2(path, target))
    (tmp_path / "ws").chmod(0o700)
    places = [os.fsencode(tmp_path / name) for name in ("one", "two")]
    (tmp_path / "ws" / "releases").write_bytes(b"\0".join(places))
    return tmp_path


def common(one: Path, other: Path) -> set[str]:
    """The files that are the same file in both."""
    names = [path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file()]
    return {name for name in names if (other / name).exists() and (one / name).samefile(other / name)}


def test_what_is_equal_is_one_file(pristine: Path) -> None:
    """Every table that did not change is shared, the shard of the new patient is not; the note is the owner's alone."""
    one, two = digests(pristine / "one"), digests(pristine / "two")
    tables = {name for name, digest in one.items() if name.endswith(".parquet") and two.get(name) == digest}
    assert len([name for name in tables if name.startswith("data/")]) >= len(PEOPLE) - 2
    assert common(pristine / "one", pristine / "two") == tables
    assert {name for name in two if name.endswith(".parquet")} > tables
    assert recall_releases(pristine / "ws") == [pristine / "one", pristine / "two"]
    assert (pristine / "ws" / "releases").stat().st_mode & 0o777 == 0o600
    check_release(pristine / "two", str(pristine / "source"), pristine / "ws", POLICY)


def test_bytes_do_not_tell_whether_a_file_was_linked(pristine: Path, tmp_path: Path) -> None:
    """A workspace that never saw an earlier release makes the same one; nothing of staging is shared."""
    make_release(pristine / "source", make_workspace(tmp_path / "ws"), tmp_path / "fresh", POLICY)
    assert digests(tmp_path / "fresh") == digests(pristine / "two")
    assert {path.stat().st_nlink for path in (tmp_path / "fresh").rglob("*") if path.is_file()} == {1}
    staged = [path for path in (pristine / "ws" / "staging").rglob("*") if path.is_file()]
    assert staged
    assert {path.stat().st_nlink for path in staged} == {1}


@pytest.mark.parametrize(("changed", "left"), [("one", "two"), ("two", "one")])
def test_erasure_in_one_leaves_the_other(place: Path, changed: str, left: str) -> None:
    """Files that hold the patient are new ones; the other release keeps its bytes and both hold to their manifests."""
    before, gone = digests(place / left), PEOPLE[0]
    assert erase(place / changed, gone.patient_id, place / "ws").files_rewritten
    assert digests(place / left) == before
    assert check_release(place / left)
    assert not (place / changed).exists() or check_release(place / changed)
    assert common(place / "one", place / "two")


@pytest.mark.parametrize(("gone", "left"), [("one", "two"), ("two", "one")])
def test_retention_of_one_leaves_the_other(place: Path, gone: str, left: str) -> None:
    """A release that is removed takes nothing with it; the next run shares with the one that is left."""
    before = digests(place / left)
    limits, later = RetentionOptions(release_days=30), datetime.now(UTC) + timedelta(days=31)
    assert [zone.name for zone in purge(place / "ws", [place / gone], limits, later)] == ["release 1"]
    assert not (place / gone).exists()
    assert digests(place / left) == before
    assert check_release(place / left)
    make_release(place / "source", place / "ws", place / "three", POLICY)
    assert common(place / left, place / "three")
    assert recall_releases(place / "ws") == [place / left, place / "three"]


def test_a_shared_file_does_not_make_a_release_younger(place: Path) -> None:
    """Linking changes no time by which the age of the earlier release is told."""
    times = {path: path.stat().st_mtime_ns for path in (place / "two").rglob("*")}
    make_release(place / "source", place / "ws", place / "three", POLICY)
    assert common(place / "two", place / "three")
    assert {path: path.stat().st_mtime_ns for path in (place / "two").rglob("*")} == times


def test_tampering_with_one_is_found_in_both(place: Path) -> None:
    """Whoever writes into a shared file against all rules has changed both, and the check of each says so."""
    path = place / "one" / min(name for name in common(place / "one", place / "two") if name.startswith("data/"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    for name in ("one", "two"):
        with pytest.raises(ContractBroken, match="digest of data/"):
            check_release(place / name)


def test_another_file_system_is_no_obstacle(place: Path) -> None:
    """A link cannot cross: the release is copied there, and is the same."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == place.stat().st_dev or not os.access(memory, os.W_OK):
        pytest.skip("needs a second file system")
    far = memory / f"radcurate-{os.getpid()}"
    far.mkdir(mode=0o700)
    try:
        make_release(place / "source", place / "ws", far / "three", POLICY)
        assert digests(far / "three") == digests(place / "two")
        assert {path.stat().st_nlink for path in (far / "three").rglob("*") if path.is_file()} == {1}
    finally:
        shutil.rmtree(far)
