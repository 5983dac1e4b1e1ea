"""Scenes to learn from: a ground, lines of text in half of them, and the damage of compression and resampling.

A scene is an 8-bit image and, for each cell of 8 x 8 pixels, whether text covers it: 1 most of it, 0 none of it, -1
not to be judged.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.pixels.training import strokes
from curate.pixels.training.backgrounds import Grey, ground

Generator = np.random.Generator
Scene = tuple[NDArray[np.uint8], NDArray[np.int8]]
CELL = 8
_LOWEST, _HIGHEST = 7, 64  # pixels of a capital; higher text is seen on the image made smaller
_CONTRAST = 0.12  # of the grey scale, at the least
_LOST = 0.25  # of the lines are white wherever most of their strokes can be told from the ground


def scene(drawn: Generator, side: int, photos: Sequence[NDArray[np.uint8]]) -> Scene:
    """A scene with up to four lines of text, or with none."""
    values, text = ground(drawn, side, photos), np.zeros((side, side), np.float32)
    if drawn.random() < 0.55:
        for _ in range(int(drawn.integers(1, 5))):
            _write(drawn, values, text)
    elif drawn.random() < 0.3:
        _write_mark(drawn, values, text)
    return _damaged(drawn, values), _cells(text)


def _write(drawn: Generator, values: Grey, text: Grey) -> None:
    """One line, somewhere, a part of it beyond the edge now and then; not over another."""
    height = round(float(np.exp(drawn.uniform(np.log(_LOWEST), np.log(_HIGHEST)))))
    glyphs = strokes.line(drawn, height)
    for _ in range(8):
        top, left = (int(drawn.uniform(-0.3 * size, max(1, len(values) - 0.7 * size))) for size in glyphs.shape)
        place, part = _overlap(values, glyphs, top, left)
        if part.size and part.max() > 0.5 and not text[place].any():
            _draw(drawn, values, place, part)
            text[place] = 1
            return


def _overlap(values: Grey, glyphs: Grey, top: int, left: int) -> tuple[tuple[slice, slice], Grey]:
    side = len(values)
    rows = slice(max(0, top), max(0, min(side, top + glyphs.shape[0])))
    columns = slice(max(0, left), max(0, min(side, left + glyphs.shape[1])))
    return (rows, columns), glyphs[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def _draw(drawn: Generator, values: Grey, place: tuple[slice, slice], glyphs: Grey) -> None:
    """Brighter or darker than what lies under it, on a bar now and then."""
    under = values[place]
    if drawn.random() < 0.15:
        under[:] = drawn.choice([0.0, 0.0, 1.0, drawn.random()])
    level = _level(drawn, under[glyphs > 0.5])
    under[:] = under * (1 - glyphs) + np.float32(level) * glyphs


def _level(drawn: Generator, under: Grey) -> float:
    """A grey that differs from most of what lies under the strokes; white is the commonest, and may be lost in part."""
    middle, spread = float(np.median(under)), float(under.std())
    if drawn.random() < _LOST and (np.abs(1 - under) > 2 * _CONTRAST).mean() > 0.6:
        return 1.0
    least = min(0.45, _CONTRAST + 1.6 * spread)
    if drawn.random() < 0.5 and middle < 1 - least:
        return 1.0
    up = bool(drawn.random() < 0.75) if least < middle < 1 - least else middle < 0.5
    return float(drawn.uniform(min(1, middle + least), 1) if up else drawn.uniform(0, max(0, middle - least)))


def _write_mark(drawn: Generator, values: Grey, text: Grey) -> None:
    """One letter, as a side marker has: neither text nor none."""
    glyphs = strokes.line(drawn, int(drawn.integers(12, 50)))
    glyphs = glyphs[:, : max(4, glyphs.shape[0])]
    top, left = (int(drawn.integers(0, max(1, len(values) - size))) for size in glyphs.shape)
    place, part = _overlap(values, glyphs, top, left)
    if part.size and part.max() > 0.5:
        _draw(drawn, values, place, part)
        text[place] = -1


def _damaged(drawn: Generator, values: Grey) -> NDArray[np.uint8]:
    if drawn.random() < 0.3:
        values = cv2.GaussianBlur(values, (0, 0), float(drawn.uniform(0.3, 0.9)))
    if drawn.random() < 0.4:
        values = values + drawn.standard_normal(values.shape).astype(np.float32) * np.float32(drawn.uniform(0, 0.03))
    image: Any = np.clip(values * 255, 0, 255).astype(np.uint8)
    if drawn.random() < 0.3:
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(drawn.integers(35, 96))])[1], 0)
    return np.ascontiguousarray(image)


def _cells(text: Grey) -> NDArray[np.int8]:
    """Shares of cells that are covered, as what is to be learned of them; cells beside text are not judged."""
    size = len(text) // CELL
    shares = [cv2.resize(np.maximum(each, 0), (size, size), interpolation=cv2.INTER_AREA) for each in (text, -text)]
    covered, marked = shares
    near = cv2.dilate(covered + marked, np.ones((3, 3))) > 0
    return np.where(covered > 0.5, 1, np.where(near, -1, 0)).astype(np.int8)
