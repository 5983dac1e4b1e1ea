"""The PP-OCR recogniser: what a line of text says. Needed only where a decision hangs on it."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curate.pixels.detector import READER, Image, Region, session

_HEIGHT = 48  # pixels, the network's
_WIDEST = 2400
_CONFIDENT = 0.7  # mean probability of the characters; below it a line counts as unread


def read_text(image: Image, regions: Sequence[Region]) -> list[str]:
    """Read each region of an 8-bit image as one line; "" for what cannot be read with confidence.

    Vertical text is turned both ways and the better reading counts. What was read stays in the process: it may be
    an identifier.
    """
    return [_read(image[each.top : each.bottom, each.left : each.right]) for each in regions]


def _read(crop: Image) -> str:
    if 0 in crop.shape:
        return ""
    upright = crop.shape[0] < 1.5 * crop.shape[1]
    turned = [crop] if upright else [np.rot90(crop), np.rot90(crop, -1)]
    text, confidence = max(map(_read_upright, turned), key=lambda each: each[1])
    return text if confidence >= _CONFIDENT else ""


def _read_upright(crop: Image) -> tuple[str, float]:
    """Greedy decoding of the network's characters: repeats joined, blanks dropped (CTC, Graves 2006)."""
    import cv2

    width = min(_WIDEST, max(_HEIGHT, round(crop.shape[1] * _HEIGHT / crop.shape[0])))
    resized = np.atleast_3d(cv2.resize(np.ascontiguousarray(crop), (width, _HEIGHT), interpolation=cv2.INTER_CUBIC))
    given: NDArray[np.float32] = resized.astype(np.float32) / 127.5 - 1
    given = np.broadcast_to(given, (_HEIGHT, width, 3)).transpose(2, 0, 1)[None]
    network = session(READER)
    chances = network.run(None, {network.get_inputs()[0].name: np.ascontiguousarray(given)})[0][0]
    best, chance = chances.argmax(1), chances.max(1)
    kept = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    text = "".join(_characters()[index] for index in best[kept])
    return text.strip(), float(chance[kept].mean()) if kept.any() else 0.0


@cache
def _characters() -> tuple[str, ...]:
    """The alphabet in the model's own metadata, between the CTC blank and the space."""
    return "\0", *session(READER).get_modelmeta().custom_metadata_map["character"].splitlines(), " "
