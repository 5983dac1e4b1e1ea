"""A directory tree as a source."""

from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem
from curate.sources.directory import check_source, walk


def test_files_come_in_a_fixed_order_with_their_sizes(tmp_path: Path) -> None:
    """The order depends on names alone; a dangling link is listed as unreadable, a circle is not followed."""
    for name in ("b/2", "a/1", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"xy")
    (tmp_path / "a" / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    found = [(file.path, file.bytes) for file in walk(tmp_path)]
    assert found == [("c", 2), ("a/1", 2), ("a/dangling", -1), ("b/2", 2)]


def test_report_is_known_by_its_suffix(tmp_path: Path) -> None:
    """Tables and text are reports; everything else is tried as DICOM."""
    for name in ("a.TXT", "b.jsonl", "c.csv", "d.dcm", "e"):
        (tmp_path / name).touch()
    assert [file.is_report for file in walk(tmp_path)] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("source", "output", "problem"),
    [
        ("missing", "out", Problem.SOURCE_NOT_FOUND),
        ("file", "out", Problem.SOURCE_UNSUPPORTED),
        ("folder", "folder/out", Problem.WORKSPACE_IN_SOURCE),
    ],
)
def test_wrong_source_is_one_clear_problem(tmp_path: Path, source: str, output: str, problem: Problem) -> None:
    """Nothing is made before the source is known to be one and to lie apart."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(PolicyError) as refused:
        check_source(tmp_path / source, tmp_path / output)
    assert refused.value.problem is problem
    assert str(tmp_path) not in str(refused.value)
