"""The one-sided upper bound of a rate from a sample (Clopper and Pearson, Biometrika 1934; 26:404)."""

from math import comb

_STEPS = 60  # halvings: far below any figure that is shown


def upper_bound(found: int, reviewed: int, confidence: float = 0.95) -> float:
    """The greatest rate at which `found` or fewer in `reviewed` still have a chance of 1 - confidence; 1 of nothing."""
    if found >= reviewed:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        rate = (low + high) / 2
        low, high = (rate, high) if _at_most(found, reviewed, rate) > 1 - confidence else (low, rate)
    return high


def corrected(found: int, reviewed: int, noticed: int, planted: int, confidence: float = 0.95) -> float:
    """The bound when the reviewer notices only so many of the leaks that were planted: divided by that share."""
    return min(1.0, upper_bound(found, reviewed, confidence) * planted / noticed) if noticed else 1.0


def _at_most(found: int, reviewed: int, rate: float) -> float:
    return sum(comb(reviewed, each) * rate**each * (1 - rate) ** (reviewed - each) for each in range(found + 1))
