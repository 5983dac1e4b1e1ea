"""A directory tree as a source."""

import os
from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.sources.directory import Directory
from curate.sources.source import File, open_source, open_unchanged


def test_files_come_in_a_fixed_order_with_their_sizes(tmp_path: Path) -> None:
    """The order depends on names alone; a dangling link is listed with its fault, a circle is not followed."""
    for name in ("b/2", "a/1", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"xy")
    (tmp_path / "a" / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    found = [(file.path, file.bytes, file.fault) for file in Directory(tmp_path).walk()]
    broken = Reason.UNREADABLE
    assert found == [
        ("c", 2, None), ("a/1", 2, None), ("a/dangling", -1, broken), ("a/self", -1, broken), ("b/2", 2, None),
    ]  # fmt: skip


def test_pipe_and_folder_of_links_never_hold_a_run_up(tmp_path: Path) -> None:
    """A named pipe would block for ever when opened: it is a fault."""
    os.mkfifo(tmp_path / "pipe")
    (file,) = Directory(tmp_path).walk()
    with pytest.raises(Rejected) as refused:
        open_unchanged(Directory(tmp_path), file)
    assert refused.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("name", [b"new\nline", b"..dots..", b"caf\xe9.txt", b"\xff\xfe", b"%41", "ž.txt".encode()])
def test_any_name_that_a_file_system_allows_is_read_and_can_be_told(tmp_path: Path, name: bytes) -> None:
    """Names that are not UTF-8 become text that a table can hold, and lead back to the file."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name)
    (file,) = Directory(tmp_path).walk()
    assert file.path.encode("utf-8")
    with open_unchanged(Directory(tmp_path), file) as stream:
        assert stream.read() == name


def test_report_is_known_by_its_suffix(tmp_path: Path) -> None:
    """Tables and text are reports; everything else is tried as DICOM."""
    for name in ("a.TXT", "b.jsonl", "c.csv", "d.dcm", "e"):
        (tmp_path / name).touch()
    assert [file.is_report for file in Directory(tmp_path).walk()] == [True, True, True, False, False]


def test_file_that_changed_since_it_was_found_is_not_read(tmp_path: Path) -> None:
    """A file that grows, shrinks, is touched or goes away has a coded reason."""
    path, source = tmp_path / "a", Directory(tmp_path)
    path.write_bytes(b"half of")
    (file,) = source.walk()
    open_unchanged(source, file).close()
    for other in (File("a", 6, file.changed), File("a", 7, file.changed + 1)):
        with pytest.raises(Rejected) as refused:
            open_unchanged(source, other)
        assert refused.value.reason is Reason.CHANGED
    path.unlink()
    with pytest.raises(Rejected) as gone:
        open_unchanged(source, file)
    assert gone.value.reason is Reason.UNREADABLE


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
        open_source(str(tmp_path / source), tmp_path / output)
    assert refused.value.problem is problem
    assert str(tmp_path) not in str(refused.value)
