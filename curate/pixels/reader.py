"""The PP-OCR recogniser: what a line of text says. Needed only where a decision hangs on it."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curate.pixels.detector import READER, Image, Region, network

_HEIGHT = 48  # pixels, the network's
_WIDEST = 2400
_PIECE, _LONG = 3, 4.5  # times the height of a line: a piece of it that holds some characters; a line that is cut
_SIDES = frozenset("LRlr")  # markers of a side stand alone
_CONFIDENT = 0.7  # mean probability of the characters; below it a line counts as unread


def read_text(image: Image, regions: Sequence[Region]) -> list[str]:
    """Read each region of an 8-bit image as one line; "" for what cannot be read with confidence.

    Vertical text is turned both ways and the better reading counts. What was read stays in the process: it may be
    an identifier.
    """
    return [_read(image[each.top : each.bottom, each.left : each.right]) for each in regions]


def can_read(image: Image, region: Region) -> bool:
    """Whether a region can be read, as two letters or digits or as the mark of a side; of a long line its middle does.

    Reading takes as long as a line is. Where the middle cannot be read all of the line is.
    """
    crop = image[region.top : region.bottom, region.left : region.right]
    pieces = [_middle(crop), crop] if max(crop.shape[:2]) > _LONG * min(crop.shape[:2]) else [crop]
    return any(_says_something(*_read_upright(turned)) for piece in pieces for turned in _turned(piece))


def _says_something(text: str, confidence: float) -> bool:
    return confidence >= _CONFIDENT and (text in _SIDES or sum(map(str.isalnum, text)) > 1)


def _middle(crop: Image) -> Image:
    """The middle of a line, along it."""
    rows, columns = crop.shape[:2]
    if columns >= rows:
        start = (columns - _PIECE * rows) // 2
        return crop[:, start : start + _PIECE * rows]
    start = (rows - _PIECE * columns) // 2
    return crop[start : start + _PIECE * columns]


def _read(crop: Image) -> str:
    text, confidence = max(map(_read_upright, _turned(crop)), key=lambda each: each[1], default=("", 0.0))
    return text if confidence >= _CONFIDENT else ""


def _turned(crop: Image) -> list[Image]:
    """A crop as it may have to be turned to be read: both ways where it is upright; none where it is empty."""
    if 0 in crop.shape:
        return []
    return [crop] if crop.shape[0] < 1.5 * crop.shape[1] else [np.rot90(crop), np.rot90(crop, -1)]


def _read_upright(crop: Image) -> tuple[str, float]:
    """Greedy decoding of the network's characters: repeats joined, blanks dropped (CTC, Graves 2006)."""
    import cv2

    width = min(_WIDEST, max(_HEIGHT, round(crop.shape[1] * _HEIGHT / crop.shape[0])))
    resized = np.atleast_3d(cv2.resize(np.ascontiguousarray(crop), (width, _HEIGHT), interpolation=cv2.INTER_CUBIC))
    given: NDArray[np.float32] = resized.astype(np.float32) / 127.5 - 1
    given = np.broadcast_to(given, (_HEIGHT, width, 3)).transpose(2, 0, 1)[None]
    chances = network(READER)(np.ascontiguousarray(given))[0]
    best, chance = chances.argmax(1), chances.max(1)
    kept = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    text = "".join(_characters()[index] for index in best[kept])
    return text.strip(), float(chance[kept].mean()) if kept.any() else 0.0


@cache
def _characters() -> tuple[str, ...]:
    """The alphabet in the model's own metadata, between the CTC blank and the space."""
    return "\0", *network(READER).notes["character"].splitlines(), " "
