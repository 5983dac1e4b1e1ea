"""What may be a link to a file of an earlier release, and what is copied."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.sharing import candidates, put, recall_releases, remember_release


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A staged file, the same in an earlier release, and where it is to stand in the next one."""
    staged, earlier = tmp_path / "staged.parquet", tmp_path / "one" / "data" / "a.parquet"
    earlier.parent.mkdir(parents=True)
    for path in (staged, earlier):
        path.write_bytes(b"rows")
        path.chmod(0o644)
    return staged, earlier, tmp_path / "two" / "data" / "a.parquet"


def test_equal_bytes_are_linked(files: tuple[Path, Path, Path]) -> None:
    """The same file under both names; the staged one keeps to itself."""
    staged, earlier, target = files
    put(staged, target, [earlier])
    assert target.samefile(earlier)
    assert staged.stat().st_nlink == 1


def _altered(path: Path) -> None:
    path.write_bytes(b"ROWS")


def _longer(path: Path) -> None:
    path.write_bytes(b"rows, and more")


def _open_to_others(path: Path) -> None:
    path.chmod(0o666)


def _held_by_nobody_else(path: Path) -> None:
    path.chmod(0o600)


def _symbolic(path: Path) -> None:
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change", [_altered, _longer, _open_to_others, _held_by_nobody_else, _symbolic, _folder, Path.unlink]
)
def test_what_is_not_as_it_was_published_is_copied(
    files: tuple[Path, Path, Path], change: Callable[[Path], None]
) -> None:
    """Altered, of another mode, a symbolic link, a folder, or gone: the bytes are those of staging, in a new file."""
    staged, earlier, target = files
    change(earlier)
    put(staged, target, [earlier])
    assert target.read_bytes() == b"rows"
    assert not target.is_symlink()
    assert target.stat().st_nlink == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_copied(files: tuple[Path, Path, Path]) -> None:
    """Whoever owns a file can change it."""
    staged, earlier, target = files
    os.chown(earlier, 12345, 12345)
    put(staged, target, [earlier])
    assert target.stat().st_nlink == 1


def test_the_newest_release_comes_first(tmp_path: Path) -> None:
    """Releases are remembered in their order, once each, by absolute path; one that is gone is forgotten."""
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
        remember_release(tmp_path, tmp_path / name)
    remember_release(tmp_path, tmp_path / "one" / ".." / "one")
    (tmp_path / "two" / "manifest.json").unlink()
    assert recall_releases(tmp_path) == [tmp_path / "three", tmp_path / "one"]
    assert candidates(Path("a"), recall_releases(tmp_path)) == [tmp_path / "one" / "a", tmp_path / "three" / "a"]
