"""Levels of a frame: each value once, and the same grey as pixel by pixel."""

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.pixels.levels import levels, percentiles

DRAWN = np.random.default_rng(3)
FRAMES = [
    DRAWN.integers(0, 4096, (40, 50)).astype(np.uint16),
    DRAWN.integers(-1024, 3000, (40, 50)).astype(np.int16),
    DRAWN.integers(-(2**31), 2**31, (40, 50), np.int64).astype(np.int32),
    np.array([[-32768, 32767]], np.int16),
    np.array([[0, 2**32 - 1]], np.uint32),
    np.full((3, 4), 7, np.uint8),
    DRAWN.normal(size=(40, 50)),
]


@pytest.mark.parametrize("frame", FRAMES)
def test_values_stand_at_their_places(frame: NDArray[np.generic]) -> None:
    """A frame can be made again from its levels, and every pixel is counted."""
    found = levels(frame)
    assert np.array_equal(found.at_places(found.values), frame.astype(np.float32))
    counts = found.counts()
    assert np.array_equal(found.at_places(counts), [[(frame == each).sum() for each in row] for row in frame])
    assert (counts.sum(), len(counts)) == (frame.size, len(found.values))


@pytest.mark.parametrize("frame", FRAMES)
def test_percentiles_are_those_of_the_pixels(frame: NDArray[np.generic]) -> None:
    """Whichever way the values run: an inverted modality LUT turns their order round."""
    found = levels(frame)
    seen = found.counts() > 0
    values, counts = found.values[seen], found.counts()[seen]
    expected = np.percentile(frame.astype(np.float32).astype(np.float64), (1.0, 50.0, 99.5))
    assert percentiles(values, counts, (1.0, 50.0, 99.5)) == pytest.approx(list(expected))
    assert percentiles(-values, counts, (99.0, 50.0, 0.5)) == pytest.approx(list(-expected))
