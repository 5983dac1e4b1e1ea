"""Which split a patient is in."""

from collections import Counter

from curate.emit.splits import split_of
from curate.policy import SplitOptions

KEY = b"k" * 32


def test_shares_are_about_what_the_policy_says() -> None:
    """Of 4,000 patients about 10 in a hundred validate and 20 test."""
    options = SplitOptions(validation=10, test=20)
    counts = Counter(split_of(KEY, f"{n:032x}", options) for n in range(4000))
    assert 300 < counts["validation"] < 500
    assert 680 < counts["test"] < 920


def test_growing_a_split_moves_nobody_out_of_it() -> None:
    """A patient in validation stays there when validation grows."""
    patients = [f"{n:032x}" for n in range(500)]
    small = {p for p in patients if split_of(KEY, p, SplitOptions(validation=5)) == "validation"}
    large = {p for p in patients if split_of(KEY, p, SplitOptions(validation=10)) == "validation"}
    assert small
    assert small < large


def test_another_key_draws_other_splits() -> None:
    """Splits follow the key, so that nobody can compute them from the outside."""
    patients = [f"{n:032x}" for n in range(300)]
    options = SplitOptions(validation=25, test=25)
    assert [split_of(KEY, p, options) for p in patients] != [split_of(b"o" * 32, p, options) for p in patients]
