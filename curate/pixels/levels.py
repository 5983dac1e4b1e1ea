"""The grey levels of a frame: each stored value once, so that thousands are mapped to grey and not millions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 2**17  # levels that a table may have; a frame of floats, or of values further apart, is taken as it is


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Levels:
    """values (n,) float32; counts (n,) of pixels, 0 for a level between others; places (rows, columns) in both."""

    values: NDArray[np.float32]
    counts: NDArray[np.intp]
    places: NDArray[np.intp]


def levels(frame: NDArray[Any]) -> Levels:
    """The levels of a grey frame (rows, columns)."""
    least, greatest = (int(frame.min()), int(frame.max())) if frame.dtype.kind in "iu" else (0, _MOST)
    if greatest - least < _MOST:
        places = frame.astype(np.intp) - least
        return Levels(np.arange(least, greatest + 1).astype(np.float32), np.bincount(places.ravel()), places)
    places = np.arange(frame.size).reshape(frame.shape)
    return Levels(frame.astype(np.float32).ravel(), np.ones(frame.size, np.intp), places)


def percentiles(found: Levels, shares: tuple[float, ...]) -> list[float]:
    """The values below which so many percent of the pixels lie, linear between two of them (Hyndman 1996, type 7)."""
    order = np.argsort(found.values, kind="stable")
    values, below = found.values[order].astype(np.float64), np.cumsum(found.counts[order])
    ranks = np.array(shares) / 100 * (below[-1] - 1)
    lower, upper = (values[np.searchsorted(below, each, side="right")] for each in (np.floor(ranks), np.ceil(ranks)))
    return [float(each) for each in lower + (ranks - np.floor(ranks)) * (upper - lower)]
