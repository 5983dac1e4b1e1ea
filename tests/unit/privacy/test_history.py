"""The history of a workspace: appended to, signed, and found out when it was rewritten."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.errors import ContractBroken
from curate.privacy import history, merkle
from curate.privacy.signing import sign
from tests.pipeline import KEY, make_workspace

STRANGER = bytes(range(1, 33))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace in which five things happened."""
    place = make_workspace(tmp_path / "ws")
    for number in range(5):
        history.record(place, KEY, "release", manifest=f"{number:064x}")
    return place


def test_what_happened_is_in_it_once_and_for_nobody_else(workspace: Path) -> None:
    """Recording the same again changes nothing; both files are for the owner alone."""
    before = (workspace / history.NAME).read_bytes()
    history.record(workspace, KEY, "release", manifest=f"{3:064x}")
    assert (workspace / history.NAME).read_bytes() == before
    assert history.hold_release(workspace, f"{3:064x}") == 5
    with pytest.raises(ContractBroken):
        history.hold_release(workspace, f"{9:064x}")
    assert {(workspace / name).stat().st_mode & 0o077 for name in (history.NAME, history.HEAD)} == {0}


def test_an_earlier_head_is_the_beginning_of_a_later_history(workspace: Path) -> None:
    """Whoever noted a head can have it shown later; a head of another history, or none, is refused."""
    noted = history.head_of(workspace)
    history.record(workspace, KEY, "erasure", manifest="a" * 64, certificate="b" * 64)
    history.hold_head(workspace, noted)
    size, _, root = noted.partition("@")
    for wrong in (f"{int(size) - 1}@{root}", f"{size}@{'0' * 64}", f"99@{root}", "nonsense", "0@", ""):
        with pytest.raises(ContractBroken):
            history.hold_head(workspace, wrong)


def test_an_append_that_was_killed_leaves_the_old_history(workspace: Path) -> None:
    """A line that the head does not cover, whole or torn, is as if it had never been; the next one takes its place."""
    noted = history.head_of(workspace)
    with (workspace / history.NAME).open("ab") as file:
        file.write(b'{"kind": "release", "manifest": "tor')
    assert history.head_of(workspace) == noted
    history.record(workspace, KEY, "tombstone", tombstone="c" * 64)
    assert len((workspace / history.NAME).read_text().splitlines()) == 6
    history.hold_head(workspace, noted)


def lines(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """A change of the lines."""

    def apply(workspace: Path) -> None:
        file = workspace / history.NAME
        file.write_text("".join(f"{each}\n" for each in change(file.read_text().splitlines())))

    return apply


def signed_anew(key: bytes) -> Callable[[Path], None]:
    """The first lines alone, with a head that fits, signed by some key."""

    def apply(workspace: Path) -> None:
        lines(lambda held: held[:3])(workspace)
        leaves = [merkle.leaf(each.encode()) for each in (workspace / history.NAME).read_text().splitlines()]
        head = {"size": 3, "root": merkle.root(leaves).hex()}
        signature = sign(key, json.dumps(head, sort_keys=True).encode())
        (workspace / history.HEAD).write_text(json.dumps({**head, "signature": signature}))

    return apply


FORGERIES = {
    "a line was changed": lines(lambda held: [held[0].replace("0", "1"), *held[1:]]),
    "a line was removed": lines(lambda held: held[1:]),
    "the end was cut": lines(lambda held: held[:-1]),
    "two lines changed places": lines(lambda held: [held[1], held[0], *held[2:]]),
    "a line was put in": lines(lambda held: [held[0], held[0], *held[1:]]),
    "the lines are gone": lambda workspace: (workspace / history.NAME).unlink(),
    "the head is no JSON": lambda workspace: (workspace / history.HEAD).write_text("{"),
    "somebody else signed": signed_anew(STRANGER),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_history_that_was_rewritten_is_found_out(workspace: Path, forge: Callable[[Path], None]) -> None:
    """Neither read nor appended to."""
    forge(workspace)
    for act in (lambda: history.head_of(workspace), lambda: history.record(workspace, KEY, "release", manifest="d")):
        with pytest.raises(ContractBroken):
            act()


def test_whoever_has_the_key_is_found_out_by_a_head_that_was_noted(workspace: Path) -> None:
    """A history that was cut and signed anew by the key itself holds together, and not with what somebody noted."""
    noted = history.head_of(workspace)
    signed_anew(KEY)(workspace)
    assert history.hold_release(workspace, f"{1:064x}") == 3
    with pytest.raises(ContractBroken):
        history.hold_head(workspace, noted)
