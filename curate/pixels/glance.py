"""A glance: where in an image text may be, so that the detector reads there and not everywhere.

A small network of our own says of each cell of 8 x 8 pixels whether it looks like text, at full size, half and a
quarter. It only decides where to look: at a low threshold, with a margin, and where much of an image may be text all of
it is looked at. docs/pixels.md says what it was trained on and what it misses; `curate.pixels.training` made it.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from importlib.resources import files
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from curate.networks import Network
from curate.pixels.detector import Image, Region, load, scale_of

_CELL = 8  # pixels, the network's stride
_LEVELS = 3  # sizes that are looked at, each half the one before: letters of 7 to 250 pixels
_SMALLEST = 32  # pixels of the shorter side; below it an image is not worth a glance
_COARSEST = (
    256  # pixels of the shorter side: letters of a quarter of it are seen, and a head looks like a letter on less
)
_SURE = 3  # times the threshold: what a cell of every group that counts must reach, as no text is only just likely
_MARGIN = 4  # cells around what may be text: the detector needs to see beyond the ends of a line
_MUCH = 0.6  # of an image: beyond it parts save nothing
_LARGE = 800  # pixels at the scale of the detector: larger images are looked at in pieces
_TILE, _SHARED = 640, 128  # pixels of a piece, and of what two have in common

Cells = NDArray[np.bool_]


def parts(image: Image, longest_side: int, threshold: float, within: Sequence[Region] = ()) -> list[Region]:
    """Rectangles of an (rows, columns[, 3]) image that hold whatever may be text; they may share pixels.

    threshold: probability of text from which a cell counts; with 0 the whole image is the one part. within: where to
    look; without it, everywhere.
    """
    rows, columns = image.shape[:2]
    whole = Region(0, 0, columns, rows)
    if threshold <= 0 or min(rows, columns) < _SMALLEST:
        return [whole]
    scale = scale_of(image, longest_side)
    found = [each for place in within or [whole] for each in _parts(image, place, scale, threshold)]
    return found if sum(each.area for each in found) <= _MUCH * whole.area else [whole]


def _parts(image: Image, place: Region, scale: float, threshold: float) -> Iterator[Region]:
    """What may be text in one place of an image."""
    part = image[place.top : place.bottom, place.left : place.right]
    limits = Region(0, 0, part.shape[1], part.shape[0])
    for box in _boxes(_cells(_scaled(part, scale), threshold)):
        yield _in_pixels(box, scale, limits).moved(place.left, place.top)


def _in_pixels(box: Region, scale: float, whole: Region) -> Region:
    """A box of cells as pixels of the image as it is."""
    left, top, right, bottom = (each * _CELL / scale for each in box)
    return Region(int(left), int(top), min(whole.right, int(right) + 1), min(whole.bottom, int(bottom) + 1))


def _scaled(image: Image, scale: float) -> Image:
    import cv2

    if scale == 1:
        return image
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled: Image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=kind)
    return scaled


def _cells(image: Image, threshold: float) -> Cells:
    """The cells that may be text, and their margin; in colour, those of the brightest and of the darkest channel."""
    import cv2

    marked = np.zeros([-(-side // _CELL) for side in image.shape[:2]], np.uint8)
    channels = [image] if image.ndim == 2 else cv2.split(image)
    for grey in channels if len(channels) == 1 else [reduce(cv2.max, channels), reduce(cv2.min, channels)]:
        for level in _pyramid(grey):
            seen = _likely(_look(level), threshold)
            marked |= cv2.resize(seen, marked.shape[::-1], interpolation=cv2.INTER_NEAREST)
    widened: Cells = cv2.dilate(marked, np.ones((2 * _MARGIN + 1,) * 2, np.uint8)).astype(bool)
    return widened


def _likely(probability: NDArray[np.float32], threshold: float) -> NDArray[np.uint8]:
    """The cells above a threshold whose group holds a sure one (hysteresis, Canny 1986): 1, the others 0."""
    import cv2

    count, groups = cv2.connectedComponents((probability > threshold).astype(np.uint8))
    sure = np.zeros(count, np.uint8)
    sure[groups[probability > min(_SURE * threshold, (1 + threshold) / 2)]] = 1
    likely: NDArray[np.uint8] = sure[groups]
    return likely


def _pyramid(grey: Image) -> Iterator[Image]:
    import cv2

    yield grey
    for _ in range(_LEVELS - 1):
        if min(grey.shape) <= _COARSEST:
            return
        grey = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        yield grey


def _look(grey: Image) -> NDArray[np.float32]:
    """Probability of text in each cell of an (rows, columns) image, that of the last ones over a repeated edge."""
    rows, columns = grey.shape
    padded = np.pad(grey, ((0, -rows % _CELL), (0, -columns % _CELL)), "edge")
    given = padded.astype(np.float32)  # and then in place
    given /= 127.5
    given -= 1
    probability: NDArray[np.float32] = _network()(given[None, None])[0, 0]
    return probability


@cache
def _network() -> Network:
    return load(files(__package__) / "data" / "glance.onnx", keeps_memory=True)


def _boxes(cells: Cells) -> list[Region]:
    """The rectangles around connected cells, few rather than many."""
    import cv2

    _count, _labels, found, _centres = cv2.connectedComponentsWithStats(cells.astype(np.uint8))
    return _joined([Region(left, top, left + wide, top + high) for left, top, wide, high, _ in found[1:].tolist()])


def around(regions: Sequence[Region], image: Image, scale: float, margin: int = _MARGIN * _CELL) -> list[Region]:
    """The parts of an image in which these regions lie, with a margin in pixels at a scale; the detector needs some."""
    rows, columns = image.shape[:2]
    more = round(margin / min(1.0, scale))
    return _joined([each.widened(more, rows, columns) for each in regions])


def tiles(image: Image, scale: float) -> list[Region]:
    """All of an image, in overlapping squares where it is large at a scale.

    In an image of 1,024 pixels and more the detector passes over a small line that stands alone.
    """
    rows, columns = image.shape[:2]
    if max(rows, columns) * scale <= _LARGE:
        return [Region(0, 0, columns, rows)]
    side, shared = int(_TILE / scale), int(_SHARED / scale)
    return [
        Region(left, top, min(columns, left + side), min(rows, top + side))
        for top in _starts(rows, side, shared)
        for left in _starts(columns, side, shared)
    ]


def _starts(length: int, side: int, shared: int) -> list[int]:
    """Where pieces of a length begin that share so many pixels or more."""
    count = max(1, math.ceil((length - shared) / (side - shared)))
    return [round(number * (length - side) / max(1, count - 1)) for number in range(count)] if length > side else [0]


def _joined(regions: Sequence[Region]) -> list[Region]:
    """Regions replaced by their hull where that is no larger than both, until none are; sorted by row and column."""
    boxes = list(regions)
    while pair := next(((a, b) for a, b in combinations(boxes, 2) if a.hull(b).area <= a.area + b.area), None):
        boxes = [each for each in boxes if each not in pair] + [pair[0].hull(pair[1])]
    return sorted(boxes, key=lambda each: (each.top, each.left))
