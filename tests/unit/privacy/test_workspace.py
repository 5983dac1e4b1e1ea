"""The workspace: nobody else may read it, its key is made once, one run at a time."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem
from curate.privacy.workspace import KEY_BYTES, load_key, lock, open_workspace, recall_source, remember_source


def problem(act: Callable[[], object]) -> Problem:
    """Return the problem that an act is refused with."""
    with pytest.raises(PolicyError) as caught:
        act()
    return caught.value.problem


def hold(workspace: Path) -> None:
    """Take the lock and let it go."""
    with lock(workspace):
        pass


def mode(path: Path) -> int:
    """Return the permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_workspace_is_made_for_its_user_alone(workspace: Path) -> None:
    """The directory is 0700, the key 0600, and whatever is written later is nobody else's either."""
    load_key(workspace)
    remember_source(workspace, str(workspace))
    hold(workspace)
    (workspace / "later").write_text("x", encoding="utf-8")
    assert mode(workspace) == 0o700
    assert {path.name: mode(path) for path in workspace.iterdir()} == dict.fromkeys(
        ("key", "source", "lock", "later"), 0o600
    )


def test_a_workspace_that_is_there_is_used_again(workspace: Path) -> None:
    """Opening twice changes nothing, and the key stays."""
    key = load_key(workspace)
    assert open_workspace(workspace) == workspace
    assert load_key(workspace) == key
    assert len(key) == KEY_BYTES


@pytest.mark.parametrize("bits", [0o750, 0o705, 0o701, 0o770])
def test_a_workspace_that_others_could_read_is_refused(workspace: Path, bits: int) -> None:
    """It is refused, not mended: who knows who has read it."""
    workspace.chmod(bits)
    assert problem(lambda: open_workspace(workspace)) is Problem.WORKSPACE_EXPOSED
    assert mode(workspace) == bits


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    """Neither a file nor a place below one."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert problem(lambda: open_workspace(tmp_path / "file")) is Problem.WORKSPACE_INVALID
    assert problem(lambda: open_workspace(tmp_path / "file" / "below")) is Problem.WORKSPACE_INVALID


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_workspace_that_cannot_be_written_is_refused(workspace: Path) -> None:
    """A read-only directory is told at the start, not after an hour."""
    workspace.chmod(0o500)
    assert problem(lambda: open_workspace(workspace)) is Problem.WORKSPACE_INVALID


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o666])
def test_a_key_that_others_could_read_is_refused(workspace: Path, bits: int) -> None:
    """An exposed key is no key."""
    load_key(workspace)
    (workspace / "key").chmod(bits)
    assert problem(lambda: load_key(workspace)) is Problem.KEY_EXPOSED


@pytest.mark.parametrize("size", [0, KEY_BYTES - 1, KEY_BYTES + 1])
def test_a_key_of_another_length_is_refused(workspace: Path, size: int) -> None:
    """256 bits, no less, and no file that happens to be called key."""
    (workspace / "key").write_bytes(bytes(size))
    assert problem(lambda: load_key(workspace)) is Problem.KEY_SHORT


@pytest.mark.parametrize("used", ["catalog", "staging"])
def test_a_lost_key_is_never_made_again(workspace: Path, used: str) -> None:
    """A new key in a used workspace would silently break every relation to what was made before."""
    (workspace / used).mkdir()
    assert problem(lambda: load_key(workspace)) is Problem.KEY_MISSING
    assert not (workspace / "key").exists()


def test_keys_are_drawn_anew_for_each_workspace(tmp_path: Path, workspace: Path) -> None:
    """Two workspaces share nothing."""
    assert load_key(workspace) != load_key(open_workspace(tmp_path / "another"))


def test_making_a_key_leaves_nothing_behind(workspace: Path) -> None:
    """The key is linked into place whole; the file it was written to is gone."""
    load_key(workspace)
    assert [path.name for path in workspace.iterdir()] == ["key"]


def test_a_key_is_made_after_a_run_was_killed_while_making_it(workspace: Path) -> None:
    """In a container every run has the same process id, so the leftover of one stands in the way of the next."""
    (workspace / f".key.{os.getpid()}").touch(0o600)
    assert len(load_key(workspace)) == KEY_BYTES


def test_processes_that_start_together_get_one_key(workspace: Path) -> None:
    """Whoever links first wins; the others read what is there."""
    code = "import sys, pathlib; from curate.privacy.workspace import load_key; "
    code += "print(load_key(pathlib.Path(sys.argv[1])).hex())"
    command = [sys.executable, "-c", code, str(workspace)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0].strip() for process in running}
    assert keys == {load_key(workspace).hex()}


def test_one_run_at_a_time(workspace: Path) -> None:
    """A second process is refused while the first holds the lock, and welcome once that one was killed."""
    code = "import sys, time, pathlib; from curate.privacy.workspace import lock\n"
    code += "with lock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(workspace)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        assert problem(lambda: hold(workspace)) is Problem.WORKSPACE_BUSY
        with pytest.raises(PolicyError, match=f"process {other.pid} on .*, for 0 s"):
            hold(workspace)
        other.kill()
    hold(workspace)
    hold(workspace)


def test_the_lock_is_freed_when_a_run_fails(workspace: Path) -> None:
    """An error inside the run passes through and leaves no lock."""
    with pytest.raises(ZeroDivisionError), lock(workspace):
        _ = 1 / 0
    hold(workspace)


def test_the_source_is_remembered_inside_the_workspace(workspace: Path, tmp_path: Path) -> None:
    """Its path may name a patient, so only the workspace knows it."""
    assert problem(lambda: recall_source(workspace)) is Problem.SOURCE_NOT_FOUND
    remember_source(workspace, str(tmp_path / "raw"))
    assert recall_source(workspace) == str(tmp_path / "raw")
