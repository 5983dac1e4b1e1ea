"""The error tree: it travels between processes, speaks in enum members, and ends the command line with its code."""

import copy
import pickle

import pytest

from curate.errors import (
    ContractBroken,
    CurationError,
    PolicyError,
    Problem,
    Reason,
    Rejected,
    ResidueFound,
    ShardFailed,
)

ERRORS = [
    PolicyError(Problem.KEY_SHORT),
    PolicyError(Problem.POLICY_BAD_VALUE, "text.threshold"),
    Rejected(Reason.TRUNCATED),
    Rejected(Reason.TEXT_REMAINS, "(7FE0,0010)"),
    ContractBroken("image_text", "images"),
    ResidueFound("a pixel plane"),
    ShardFailed("ValueError"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
def test_an_error_survives_the_way_between_processes(error: CurationError) -> None:
    """Pickling, as process pools and Dask do it, and copying keep the type, the members and the sentence."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert again.args == error.args
        assert vars(again) == vars(error)
        assert str(again) == str(error)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PolicyError(Problem.KEY_SHORT), "the key is not 32 bytes long"),
        (
            PolicyError(Problem.POLICY_BAD_VALUE, "split.test"),
            "the policy gives a setting a value that it cannot take (split.test)",
        ),
        (Rejected(Reason.EMPTY_FILE), "empty_file"),
        (Rejected(Reason.RESIDUE, "(0010,0010)"), "residue (0010,0010)"),
        (ContractBroken("journal", "count"), "contract journal is broken: count"),
        (ResidueFound("the text of a report"), "a source identifier was found in the text of a report"),
        (
            ShardFailed("KeyError"),
            "a shard failed with KeyError; what is committed stays, run the same command again",
        ),
    ],
)
def test_an_error_says_its_member_and_where_and_nothing_else(error: CurationError, sentence: str) -> None:
    """The sentence is made of enum members and names of places alone."""
    assert str(error) == sentence


def test_exit_codes_tell_the_kinds_apart() -> None:
    """1 was not foreseen, 2 is the operator's to mend, 3 a broken contract, 4 a leak that was stopped."""
    assert [each.exit_code for each in (ShardFailed, PolicyError, ContractBroken, ResidueFound)] == [1, 2, 3, 4]
    assert all(issubclass(type(each), CurationError) for each in ERRORS)


@pytest.mark.parametrize("kind", [Problem, Reason])
def test_every_member_says_something_of_its_own(kind: type[Problem] | type[Reason]) -> None:
    """No two members share a sentence, or the operator could not tell them apart."""
    members = list(kind)
    assert len(members) == len(kind.__members__)
    assert all(each.value for each in members)


def test_refusals_by_policy_are_told_from_faults() -> None:
    """What the policy does not want is not counted as a fault of the item."""
    assert Reason.DUPLICATE.by_policy
    assert Reason.NOT_AN_IMAGE.by_policy
    assert not Reason.UNREADABLE.by_policy
    assert not Reason.RESIDUE.by_policy
