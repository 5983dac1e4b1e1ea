"""The grey levels of a frame: each stored value once, so that thousands are mapped to grey and not millions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 2**17  # levels that a table may have; a frame of floats, or of values further apart, is taken as it is


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Levels:
    """values (n,) float32; places (rows, columns) in them, where a negative one counts from the end."""

    values: NDArray[np.float32]
    places: NDArray[Any]

    def counts(self) -> NDArray[np.intp]:
        """How many pixels have each level (n,); 0 for one that lies between others."""
        least = min(0, int(self.places.min()))
        found = np.bincount(self.places.ravel().astype(np.intp) - least, minlength=len(self.values))
        return np.roll(found, least)

    def at_places(self, mapped: NDArray[Any]) -> NDArray[Any]:
        """What each level was mapped to (n,), where its pixels are (rows, columns)."""
        return mapped.take(self.places)


def levels(frame: NDArray[Any]) -> Levels:
    """The levels of a grey frame (rows, columns): from 0 on, then those below, so that a value is its own place."""
    if frame.dtype.kind in "iu":
        least, greatest = min(0, int(frame.min())), max(0, int(frame.max()))
        if greatest - least < _MOST:
            values = np.concatenate((np.arange(greatest + 1), np.arange(least, 0)))
            return Levels(values.astype(np.float32), frame.astype(np.intp) if frame.itemsize > 4 else frame)
    return Levels(frame.astype(np.float32).ravel(), np.arange(frame.size).reshape(frame.shape))


def percentiles(levels: NDArray[np.float32], counts: NDArray[np.intp], shares: tuple[float, ...]) -> list[float]:
    """The values below which so many percent of the pixels lie, linear between two of them (Hyndman 1996, type 7)."""
    order = np.argsort(levels, kind="stable")
    values, below = levels[order].astype(np.float64), np.cumsum(counts[order])
    ranks = np.array(shares) / 100 * (below[-1] - 1)
    lower, upper = (values[np.searchsorted(below, each, side="right")] for each in (np.floor(ranks), np.ceil(ranks)))
    return [float(each) for each in lower + (ranks - np.floor(ranks)) * (upper - lower)]
