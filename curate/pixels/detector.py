"""The PP-OCR text detector: where in an 8-bit image there is text (differentiable binarization, Liao 2020).

The model is the one inside the `rapidocr` wheel; nothing is ever fetched. One thread a process, loaded once.
"""

import math
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.errors import PolicyError, Problem
from curate.networks import Network
from curate.pixels.decode import Frames
from curate.pixels.levels import levels, percentiles

Image = NDArray[np.uint8]
DETECTOR, READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"

_ENLARGE_BELOW = 512  # pixels; text of 10 px and less needs twice the size on small matrices (measured)
_STRIDE = 32  # the network's
_LINE_PIXELS = 48  # a line as high as this may have any form
_LINE_FORMS = ((2, 0.125), (4, 0.25))  # a higher one is so many times as long, and no higher than a part of the image
_MANY = 2**16  # values of 16 bits: as many pixels or more are looked up and not reckoned
_CROWDED = 0.4  # below this part of the whole range, the middle 98 % of the values get a view of their own


class Region(NamedTuple):
    """A rectangle in pixels of the image that was looked at: columns [left, right), rows [top, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """The shorter side: the height of a line of text, whichever way it runs."""
        return min(self.right - self.left, self.bottom - self.top)

    @property
    def tall(self) -> int:
        """From its first row to its last."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Pixels; 0 when it is empty."""
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def shared(self, other: "Region") -> int:
        """Pixels that both cover."""
        return Region(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area

    def moved(self, left: int, top: int) -> "Region":
        """The same rectangle, so many pixels to the right and down."""
        return Region(self.left + left, self.top + top, self.right + left, self.bottom + top)

    def widened(self, by: int, rows: int, columns: int) -> "Region":
        """The rectangle and so many pixels on each side, clipped to an image of so many rows and columns."""
        left, top = max(0, self.left - by), max(0, self.top - by)
        return Region(left, top, min(columns, self.right + by), min(rows, self.bottom + by))

    def hull(self, other: "Region") -> "Region":
        """The smallest rectangle around both."""
        return Region(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@cache
def network(model: str) -> Network:
    """One of rapidocr's models. Raises PolicyError(MODEL_MISSING) when the wheel lacks it."""
    path = files("rapidocr") / "models" / model
    if not path.is_file():
        raise PolicyError(Problem.MODEL_MISSING, model)
    return load(path)


def load(path: Traversable, *, keeps_memory: bool = False) -> Network:
    """Load a model, and have OpenCV on one thread as well."""
    import cv2

    cv2.setNumThreads(1)
    return Network(path, keeps_memory=keeps_memory)


@cache
def _postprocess(score: float) -> Any:
    from rapidocr.ch_ppocr_det.utils import DBPostProcess

    return DBPostProcess(thresh=0.3, box_thresh=score, unclip_ratio=1.6, use_dilation=True, score_mode="fast")


def detect(image: Image, scale: float, score: float) -> list[Region]:
    """Find text in an (rows, columns) or (rows, columns, 3) image; not grown, but clipped to the image.

    scale: of the network's input, see `scale_of`. score: lowest mean probability of a region.
    """
    rows, columns = image.shape[:2]
    given = np.atleast_3d(_resize(image, scale)).astype(np.float32) / 127.5 - 1
    given = np.broadcast_to(given, (*given.shape[:2], 3)).transpose(2, 0, 1)[None]
    probability = network(DETECTOR)(np.ascontiguousarray(given))
    corners, _scores = _postprocess(score)(probability, (rows, columns))
    return [
        Region(int(x.min()), int(y.min()), min(columns, int(x.max()) + 1), min(rows, int(y.max()) + 1))
        for x, y in (each.T for each in corners)
    ]


def scale_of(image: Image, longest_side: int) -> float:
    """How the network sees an image: small ones twice as large, large ones down to `longest_side` pixels."""
    longest: int = max(image.shape[:2])
    return min(2.0 if longest < _ENLARGE_BELOW else 1.0, longest_side / longest)


def _resize(image: Image, scale: float) -> Image:
    """To a multiple of the network's stride."""
    import cv2

    rows, columns = image.shape[:2]
    size = [math.ceil(side * scale / _STRIDE) * _STRIDE for side in (columns, rows)]
    resized: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return resized


def is_line(region: Region, image: Image) -> bool:
    """Whether a region can be a line of text by its form; heads, trunks and colour boxes look like text to the net."""
    tall = max(region.right - region.left, region.bottom - region.top)
    high = region.height
    longest = max(image.shape[:2])
    return high <= _LINE_PIXELS or any(
        tall >= form * high and high <= int(part * longest) for form, part in _LINE_FORMS
    )


def views(frames: Frames, values: NDArray[Any]) -> list[Image]:
    """8-bit forms of one frame (or of a projection over frames) that together show all its text; the first is whole.

    The whole range, and where most values crowd in a small part of it (an outlier, an implant, a padding value) that
    part as well. Text is bright in MONOCHROME1 too, as it is displayed.
    """
    if frames.colour:
        shift = max(0, frames.bits_stored - 8)
        return [(values >> shift if values.dtype.kind == "u" else values).astype(np.uint8)]
    finite = np.nan_to_num(values, posinf=0, neginf=0) if values.dtype.kind == "f" else values
    low, high = float(finite.min()), float(finite.max())
    ranges = [(low, high)]
    if values.dtype.itemsize > 1:
        first, last = _middle(finite[::3, ::3])
        if 0 < last - first < _CROWDED * (high - low):
            ranges.append((first, last))
    return [_shown(finite, each, inverted=frames.photometric == "MONOCHROME1") for each in ranges]


def _middle(values: NDArray[Any]) -> tuple[float, float]:
    """Between which the middle 98 % of the values lie."""
    if values.dtype.kind == "f":
        first, last = np.percentile(values, (1, 99)).tolist()
    else:
        found = levels(values)
        first, last = percentiles(found.values, found.counts(), (1, 99))
    return first, last


def _shown(values: NDArray[Any], limits: tuple[float, float], *, inverted: bool) -> Image:
    """The values between two limits in 8 bits; many of 16 bits by a table of all that there can be."""
    import cv2

    if values.dtype not in (np.uint16, np.int16) or values.size < _MANY:
        return _stretch(values, limits, inverted=inverted)
    table = _stretch(np.arange(_MANY, dtype=np.uint16).view(values.dtype), limits, inverted=inverted)
    image: Image = cv2.LUT(np.ascontiguousarray(values).view(np.uint16), table)
    return image


def _stretch(values: NDArray[Any], limits: tuple[float, float], *, inverted: bool) -> Image:
    low, high = limits
    scaled = values.astype(np.float32)  # and then in place
    scaled -= low
    scaled *= 255 / max(high - low, 1e-12)
    image: Image = np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)
    return 255 - image if inverted else image
