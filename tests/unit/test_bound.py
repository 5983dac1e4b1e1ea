"""The bound of a leak rate: figures that statisticians have tabled."""

import pytest

from curate.review.bound import corrected, upper_bound


@pytest.mark.parametrize(
    ("found", "reviewed", "confidence", "bound"),
    [
        (0, 59, 0.95, 0.05), (0, 299, 0.95, 0.01), (0, 2995, 0.95, 0.001), (0, 459, 0.99, 0.01),
        (1, 299, 0.95, 0.0158), (2, 299, 0.95, 0.0209), (10, 12578, 0.95, 0.00135),
    ],
)  # fmt: skip
def test_bounds_are_those_of_clopper_and_pearson(found: int, reviewed: int, confidence: float, bound: float) -> None:
    """One-sided, exact; the rule of three for none found."""
    assert upper_bound(found, reviewed, confidence) == pytest.approx(bound, rel=0.01)


def test_nothing_reviewed_bounds_nothing() -> None:
    """Without a sample, or with leaks only, everybody may leak."""
    assert upper_bound(0, 0) == upper_bound(5, 5) == 1.0
    assert corrected(0, 300, 0, 20) == 1.0  # who notices no planted leak has seen nothing


def test_a_reviewer_who_misses_needs_more_patients() -> None:
    """At a sensitivity of 0.9, 332 clean patients say what 299 say to who misses nothing."""
    assert corrected(0, 332, 18, 20) == pytest.approx(0.01, rel=0.01)
    assert corrected(0, 299, 20, 20) == upper_bound(0, 299)
