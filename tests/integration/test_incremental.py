"""A second run over an archive that grew does only the new work, and gives what a fresh run gives."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from curate.catalog import Catalog
from curate.errors import ResidueFound
from curate.intake import index
from curate.inventory import Inventory
from curate.policy import Limits, Policy
from curate.release import Staging, search_residue
from curate.sources.directory import Directory
from curate.sources.source import File
from tests import synth
from tests.pipeline import KEY, digests, make_release, make_workspace

FIRST, SECOND, THIRD = (
    synth.patient(number, kinds=("CT", "US"), instances=2, report="txt") for number in (801, 802, 803)
)
TABLES = ("instances", "reports", "pairing", "quarantine")


class Watched(Directory):
    """A directory that notes which files were opened."""

    opened: list[str]

    def open(self, path: str) -> BinaryIO:
        """The bytes of a file, and a note of it."""
        self.opened.append(path)
        return Directory.open(self, path)


def _index(root: Path, workspace: Path, policy: Policy | None = None, *, lenient: bool = False) -> list[str]:
    """Index a directory; returns the files that were opened."""
    source = Watched(root)
    object.__setattr__(source, "opened", [])
    index(source, workspace, policy or Policy(), KEY, lenient=lenient)
    return source.opened


def _tables(workspace: Path) -> dict[str, object]:
    catalog = Catalog(workspace / "catalog")
    return {name: catalog.rows(name) for name in TABLES}


def test_only_new_and_changed_files_are_read(tmp_path: Path) -> None:
    """Nothing the second time; one patient when one came; one file when one was written again."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST])
    assert len(_index(root, workspace)) == 4 + 2
    assert _index(root, workspace) == []
    synth.write_archive(root, [SECOND])
    assert len(_index(root, workspace)) == 4 + 2
    (path, *_) = sorted(root.rglob("*.dcm"))
    os.utime(path, ns=(1, 1))
    assert _index(root, workspace) == [path.relative_to(root).as_posix()]


def _grow(root: Path) -> None:
    synth.write_archive(root, [THIRD])


def _shrink(root: Path) -> None:
    for path in min(root.rglob("*US*")).iterdir():
        path.unlink()


def _spoil(root: Path) -> None:
    path = sorted(root.rglob("*.dcm"))[1]
    path.write_bytes(path.read_bytes()[:-100])


def _mend(root: Path) -> None:
    (root / "broken.dcm").write_bytes(min(root.rglob("*CT*/*.dcm")).read_bytes())


def _double(root: Path) -> None:
    (root / "0 copy.dcm").write_bytes(min(root.rglob("*CT*/*.dcm")).read_bytes())


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("change", [_grow, _shrink, _spoil, _mend, _double])
def test_catalog_is_that_of_a_fresh_run(tmp_path: Path, change: Callable[[Path], None], lenient: bool) -> None:
    """Whatever became of the archive between two runs: more, fewer, broken, mended and doubled files."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST, SECOND])
    (root / "broken.dcm").write_bytes(b"no DICOM")
    _index(root, workspace, lenient=lenient)
    change(root)
    _index(root, workspace, lenient=lenient)
    _index(root, make_workspace(tmp_path / "fresh"), lenient=lenient)
    assert _tables(workspace) == _tables(tmp_path / "fresh")


def test_release_is_that_of_a_fresh_run(tmp_path: Path) -> None:
    """Byte by byte, after the archive grew."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST])
    make_release(root, workspace, tmp_path / "first")
    synth.write_archive(root, [SECOND])
    make_release(root, workspace, tmp_path / "second")
    make_release(root, make_workspace(tmp_path / "fresh"), tmp_path / "third")
    assert digests(tmp_path / "second") == digests(tmp_path / "third")


def test_files_that_are_gone_are_named(tmp_path: Path) -> None:
    """In the workspace, where paths may be; a file that changed is not gone."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST])
    _index(root, workspace)
    assert (workspace / "removed.csv").read_text().splitlines() == ["path"]
    first, second, *_ = sorted(root.rglob("*.dcm"))
    first.unlink()
    os.utime(second, ns=(1, 1))
    _index(root, workspace)
    assert (workspace / "removed.csv").read_text().splitlines() == ["path", first.relative_to(root).as_posix()]


def test_another_policy_reads_everything_again(tmp_path: Path) -> None:
    """What a file is found to be depends on limits, too."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST])
    _index(root, workspace)
    assert len(_index(root, workspace, replace(Policy(), limits=Limits(nesting=8)))) == 4 + 2


def test_file_that_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    """A dangling link may lead somewhere tomorrow, though nothing about it changed."""
    root, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(root, [FIRST])
    (root / "late.dcm").symlink_to(tmp_path / "elsewhere")
    _index(root, workspace)
    assert [row["reason"] for row in Catalog(workspace / "catalog").rows("quarantine")] == ["unreadable"]
    (tmp_path / "elsewhere").write_bytes(b"no DICOM")
    _index(root, workspace)
    assert [row["reason"] for row in Catalog(workspace / "catalog").rows("quarantine")] == ["not_dicom"]


def test_large_archives_are_sorted_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same catalog whether all instances are sorted at once or by the beginnings of patient keys."""
    root = tmp_path / "source"
    synth.write_archive(root, [FIRST, SECOND, THIRD])
    _double(root)
    _index(root, make_workspace(tmp_path / "whole"))
    monkeypatch.setattr("curate.inventory._BUCKET", 3)
    monkeypatch.setattr("curate.inventory._BATCH", 2)
    _index(root, make_workspace(tmp_path / "parts"))
    assert _tables(tmp_path / "parts") == _tables(tmp_path / "whole")
    assert not (tmp_path / "parts/.buckets").exists()


def test_interrupted_index_leaves_the_old_inventory(tmp_path: Path) -> None:
    """It is replaced as a whole or not at all."""
    workspace = make_workspace(tmp_path / "ws")
    synth.write_archive(tmp_path / "source", [FIRST])
    _index(tmp_path / "source", workspace)
    before = (workspace / "inventory.parquet").read_bytes()

    def broken(files: Iterator[File]) -> Iterator[object]:
        next(files)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Inventory(workspace, "other").update(Directory(tmp_path / "source").walk(), broken)  # type: ignore[arg-type]
    assert (workspace / "inventory.parquet").read_bytes() == before


def test_newcomers_are_looked_for_in_what_was_made_before_them(tmp_path: Path) -> None:
    """A text that held nothing of those who were known is searched again, whole, for whoever came since."""
    root, workspace, made = tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "made"
    made.mkdir()
    for name in ("a.md", "b.md"):  # the same text twice: what repeats is looked at once, and is found
        (made / name).write_text(f"Seen by {SECOND.spoken}.", encoding="utf-8")
    staging = Staging((), workspace, Policy())
    synth.write_archive(root, [FIRST])
    _index(root, workspace)
    search_residue(made, staging)
    synth.write_archive(root, [SECOND])
    _index(root, workspace)
    with pytest.raises(ResidueFound):
        search_residue(made, staging)
