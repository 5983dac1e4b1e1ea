"""Find burned-in text in every frame of an instance.

Every frame that differs from one already seen is looked at, and so is the mean over the frames, in which text that
stands still stays sharp while noise and moving anatomy blur. A place found anywhere counts in every frame that shows
the same there.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.pixels.allowed import disallowed
from curate.pixels.decode import Frames
from curate.pixels.detector import Image, Region, detect, is_line, views
from curate.pixels.reader import read_text
from curate.policy import PixelOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Box

_SAME = 10  # grey levels of 255, after a 3 x 3 mean: two frames closer than this everywhere hold the same text
_ALIKE = 0.8  # correlation above which two frames show the same text at one place
_WORD = 3  # characters that a region too high for a line must hold to be text
_ROUNDS = 3  # looks at one frame: blacking out the strongest text brings out the weaker


def find_text(frames: Frames, options: PixelOptions, known: KnownIdentifiers | None = None) -> list[Box]:
    """Return the rectangles to black out, sorted by frame, row and column, clipped to the frame.

    Under `options.remove == "all_text"` that is all text; under "all_but_allowed" view and laterality markers, scale
    numbers and units stay unless they match `known`. Raises PolicyError(MODEL_MISSING) without the detector's model.
    """
    seen = [views(frames, values)[0] for values in frames.values]
    found: dict[int, list[Region]] = {}
    for frame in _distinct(seen):
        found[frame] = look(frames, frames.values[frame], options)
    if len(seen) > 1:
        still = look(frames, _mean(frames), options)
        found = {frame: _spread(frame, seen, found, still) for frame in range(len(seen))}
    boxes: list[Box] = []
    for frame, regions in sorted(found.items()):
        if options.remove == "all_but_allowed":
            regions = disallowed(regions, read_text(seen[frame], regions), known or KnownIdentifiers())  # noqa: PLW2901
        boxes += [Box(frame, *each) for each in join(grow(region, seen[frame].shape) for region in regions)]
    return boxes


def look(frames: Frames, values: NDArray[Any], options: PixelOptions) -> list[Region]:
    """Find text in one frame's values, and again with what was found blacked out, until nothing new appears."""
    found: list[Region] = []
    for image in views(frames, values):
        found += _look_again(image, options)
    return found


def _look_again(image: Image, options: PixelOptions) -> list[Region]:
    found: list[Region] = []
    rest = image
    for _ in range(_ROUNDS):
        fresh = [each for each in text_regions(rest, options) if not _covered(each, found)]
        if not fresh:
            break
        found += fresh
        rest = blacken(rest, [grow(each, image.shape) for each in fresh])
    return found


def _covered(region: Region, by: Sequence[Region]) -> bool:
    """Whether a region is no more than what was already blacked out."""
    return any(2 * region.shared(other) > region.area for other in by)


def text_regions(image: Image, options: PixelOptions) -> list[Region]:
    """The detector's regions that are text: lines, and higher ones in which a word can be read."""
    regions = detect(image, options.longest_side, options.score)
    large = [each for each in regions if not is_line(each, image)]
    words = [each for each, text in zip(large, read_text(image, large), strict=True) if len(text) >= _WORD]
    return [each for each in regions if is_line(each, image)] + words


def blacken(image: Image, regions: Iterable[Region]) -> Image:
    """Return a copy of an 8-bit image with the regions black."""
    blacked = image.copy()
    for each in regions:
        blacked[each.top : each.bottom, each.left : each.right] = 0
    return blacked


def grow(region: Region, shape: tuple[int, ...]) -> Region:
    """Widen a region by a margin that covers whole glyphs, more along the line than across it; clipped to `shape`."""
    across = max(2, round(0.15 * region.height))
    along = max(3, round(0.4 * region.height))
    lying = region.right - region.left >= region.bottom - region.top
    x, y = (along, across) if lying else (across, along)
    rows, columns = shape[:2]
    return Region(
        max(0, region.left - x), max(0, region.top - y), min(columns, region.right + x), min(rows, region.bottom + y)
    )


def join(regions: Iterable[Region]) -> list[Region]:
    """Replace regions that cover at least half of one another by their hull; sorted by row and column."""
    joined: list[Region] = []
    for region in sorted(regions, key=lambda each: -each.area):
        hull = region
        while (other := next((each for each in joined if _mostly(hull, each)), None)) is not None:
            joined.remove(other)
            hull = hull.hull(other)
        joined.append(hull)
    return sorted(joined, key=lambda each: (each.top, each.left, each.bottom, each.right))


def _mostly(one: Region, other: Region) -> bool:
    return 2 * one.shared(other) >= min(one.area, other.area)


def _distinct(seen: Sequence[Image]) -> Iterator[int]:
    """The frames that differ visibly somewhere from the last one looked at."""
    import cv2

    last: Image | None = None
    for frame, image in enumerate(seen):
        if last is None or cv2.blur(cv2.absdiff(image, last), (3, 3)).max() >= _SAME:
            last = image
            yield frame


def _mean(frames: Frames) -> NDArray[Any]:
    """The mean over the frames, in their own type, made without a copy of all of them."""
    total = np.zeros(frames.values.shape[1:], np.float64)
    for values in frames.values:
        total += values
    mean: NDArray[Any] = (total / len(frames.values)).astype(frames.values.dtype)
    return mean


def _spread(frame: int, seen: Sequence[Image], found: dict[int, list[Region]], still: list[Region]) -> list[Region]:
    """The regions of one frame: its own, those that stand still, and those of other frames that look the same here."""
    regions = list(found.get(frame, ())) + still
    elsewhere = ((other, each) for other, theirs in sorted(found.items()) if other != frame for each in theirs)
    for other, region in elsewhere:
        if region not in regions and _alike(seen[frame], seen[other], region):
            regions.append(region)
    return regions


def _alike(one: Image, other: Image, region: Region) -> bool:
    """Whether two frames show the same within a region, by the correlation of their values."""
    place = slice(region.top, region.bottom), slice(region.left, region.right)
    first, second = (image[place].astype(np.float32).ravel() for image in (one, other))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return bool(first @ second >= _ALIKE * scale) if scale else False
