"""What text may be burned into, drawn from a seed: anatomy, speckle, radiographs, and what looks a little like text.

A ground is (side, side) float32 of 0 to 1, without text.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Grey = Any  # (rows, columns) float32 of 0 to 1
Generator = np.random.Generator


def ground(drawn: Generator, side: int, photos: Sequence[Image]) -> Grey:
    """A piece of a photo or of something drawn, with a gamma, a part of the range, and now and then inverted."""
    if photos and drawn.random() < 0.5:
        values = _piece(drawn, photos[int(drawn.integers(len(photos)))], side)
    else:
        values = _GROUNDS[int(drawn.integers(len(_GROUNDS)))](drawn, side)
    for _ in range(int(drawn.integers(0, 4))):
        _THINGS[int(drawn.integers(len(_THINGS)))](drawn, values)
    if drawn.random() < 0.2:  # bone as bright as white can be
        values = np.minimum(values * np.float32(drawn.uniform(1, 2)), np.float32(drawn.uniform(0.8, 1)))
    values = np.clip(values, 0, 1) ** np.float32(np.exp(drawn.normal(0, 0.4)))
    low, high = np.sort(drawn.uniform(0, 1, 2)) if drawn.random() < 0.3 else (0.0, 1.0)
    values = low + (high - low) * values
    return (1 - values if drawn.random() < 0.2 else values).astype(np.float32)


def _piece(drawn: Generator, photo: Image, side: int) -> Grey:
    """A square of a photo, zoomed, turned and mirrored; past its edge lies its own corner's grey."""
    zoom = float(np.exp(drawn.uniform(np.log(0.4), np.log(2.5))))
    angle, (rows, columns) = float(drawn.choice([0, 90, 180, 270]) + drawn.normal(0, 4)), photo.shape
    centre = drawn.uniform(0, columns), drawn.uniform(0, rows)
    matrix = cv2.getRotationMatrix2D(centre, angle, zoom)
    matrix[:, 2] += side / 2 - np.array(centre)
    kind = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    piece = cv2.warpAffine(photo, matrix, (side, side), flags=kind, borderValue=int(photo[0, 0]))
    return (piece[:, ::-1] if drawn.random() < 0.5 else piece).astype(np.float32) / 255


def _noise(drawn: Generator, side: int, size: float) -> Grey:
    """Noise whose grains have a size in pixels, from 0 to 1."""
    small = max(4, int(side / max(size, 1)))
    grains = drawn.standard_normal((small, small)).astype(np.float32)
    field = cv2.resize(grains, (side, side), interpolation=cv2.INTER_CUBIC)
    low, high = float(field.min()), float(field.max())
    return (field - low) / max(high - low, 1e-6)


def _clouds(drawn: Generator, side: int) -> Grey:
    sizes = ((80, 0.5), (25, 0.3), (8, 0.15), (2, drawn.uniform(0, 0.15)))
    return np.sum([_noise(drawn, side, size) * weight for size, weight in sizes], 0).astype(np.float32)


def _air(drawn: Generator, side: int) -> Grey:
    level = drawn.choice([0.0, 0.02, 0.1, 0.5, 0.95])
    values = level + drawn.standard_normal((side, side)) * drawn.choice([0, 0.005, 0.02])
    return np.clip(values, 0, 1).astype(np.float32)


def _trunk(drawn: Generator, side: int) -> Grey:
    """Ellipses with cortex and organs on air."""
    values = _air(drawn, side) * 0.3
    for _ in range(int(drawn.integers(2, 16))):
        centre, size = drawn.uniform(0, side, 2), drawn.uniform(3, side * 0.7, 2)
        thick = -1 if drawn.random() < 0.7 else int(drawn.integers(1, 9))
        turn, end = float(drawn.uniform(0, 180)), float(drawn.uniform(90, 360))
        place = tuple(map(int, centre)), tuple(map(int, size))
        cv2.ellipse(values, *place, turn, 0, end, float(drawn.uniform(0, 1)), thick)
    values = cv2.GaussianBlur(values, (0, 0), float(drawn.uniform(0.5, 2.5)))
    return values + (_noise(drawn, side, drawn.uniform(1, 6)) - np.float32(0.5)) * np.float32(drawn.uniform(0, 0.3))


def _speckle(drawn: Generator, side: int) -> Grey:
    noise = drawn.rayleigh(1.0, (side, side)).astype(np.float32)
    grain = cv2.GaussianBlur(noise, (0, 0), float(drawn.uniform(0.6, 2.2)))
    return grain * _clouds(drawn, side) * np.float32(drawn.uniform(0.2, 0.9))


def _bone(drawn: Generator, side: int) -> Grey:
    """Ribs or trabeculae: bands of a width and a direction that wander."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    turn, width = drawn.uniform(0, np.pi), drawn.uniform(4, 60)
    bend = _noise(drawn, side, drawn.uniform(20, 120)) * drawn.uniform(0, 6)
    bands = np.sin((x * np.cos(turn) + y * np.sin(turn)) / width * 2 * np.pi + bend)
    return (0.5 + 0.3 * bands * drawn.uniform(0.2, 1)).astype(np.float32) * _clouds(drawn, side) * np.float32(1.6)


def _gyri(drawn: Generator, side: int) -> Grey:
    """Folds, as of a brain or of bowel: winding bands between two sizes, within a body."""
    size = drawn.uniform(3, 16)
    folds = _noise(drawn, side, size) - _noise(drawn, side, size * drawn.uniform(1.5, 3))
    values = 1 / (1 + np.exp(-folds * np.float32(drawn.uniform(3, 30))))
    return (values * _trunk(drawn, side) if drawn.random() < 0.5 else values * _clouds(drawn, side)).astype(np.float32)


def _lattice(drawn: Generator, side: int) -> Grey:
    """An anti-scatter grid, a mask, or fine texture at the limit of the resolution."""
    values = _clouds(drawn, side)
    values[:: int(drawn.integers(2, 9))] += np.float32(drawn.uniform(-0.1, 0.1))
    return values + drawn.standard_normal((side, side)).astype(np.float32) * np.float32(drawn.uniform(0, 0.1))


def _wire(drawn: Generator, values: Grey) -> None:
    """A catheter, a lead, sternal wire, a vessel."""
    side = len(values)
    points = np.cumsum(drawn.normal(0, 1, (20, 2)), 0)
    points = points / max(np.abs(points).max(), 1e-6) * drawn.uniform(6, side) + drawn.uniform(0, side, 2)
    closed, level, thick = bool(drawn.random() < 0.3), float(drawn.uniform(0, 1)), int(drawn.integers(1, 6))
    cv2.polylines(values, [points.astype(np.int32)], closed, level, thick, cv2.LINE_AA)


def _ruler(drawn: Generator, values: Grey) -> None:
    """Tick marks along a line: a scale, ECG, a caliper."""
    side, gap, level = len(values), int(drawn.integers(3, 30)), float(drawn.uniform(0.4, 1))
    place, length, width = int(drawn.integers(side)), int(drawn.integers(2, 14)), int(drawn.integers(1, 3))
    view = values.T if drawn.random() < 0.5 else values
    for at in range(int(drawn.integers(gap)), side, gap):
        view[at : at + width, place : place + length * (2 if (at // gap) % 5 == 0 else 1)] = level
    if drawn.random() < 0.5:
        view[:, place : place + width] = level


def _edge(drawn: Generator, values: Grey) -> None:
    """A collimator, or the round edge of a field."""
    side = len(values)
    mask, centre = np.zeros_like(values), drawn.uniform(0, side, 2)
    if drawn.random() < 0.5:
        box = tuple(centre), tuple(drawn.uniform(40, side * 1.4, 2)), float(drawn.uniform(-10, 10))
        cv2.fillConvexPoly(mask, cv2.boxPoints(box).astype(np.int32), 1.0)
    else:
        cv2.circle(mask, tuple(map(int, centre)), int(drawn.uniform(30, side)), 1.0, -1)
    level = float(drawn.choice([0.0, 0.05, 1.0]))
    values[:] = np.where(mask > 0, values, level)


def _implants(drawn: Generator, values: Grey) -> None:
    """Screws, clips, seeds, calcifications: small bright things, alone or in a row."""
    side, count, size = len(values), int(drawn.integers(1, 14)), float(drawn.uniform(1, 14))
    start, step = drawn.uniform(0, side, 2), drawn.normal(0, 14, 2) * (drawn.random() < 0.5)
    for number in range(count):
        centre = start + number * step if step.any() else drawn.uniform(0, side, 2)
        sides = size * drawn.uniform(0.3, 1.5), size * drawn.uniform(0.3, 3)
        box = tuple(map(float, centre)), sides, float(drawn.uniform(0, 180))
        cv2.fillConvexPoly(values, cv2.boxPoints(box).astype(np.int32), float(drawn.uniform(0.7, 1)), cv2.LINE_AA)


_GROUNDS: tuple[Callable[[Generator, int], Grey], ...] = (
    _clouds,
    _air,
    _trunk,
    _trunk,
    _gyri,
    _gyri,
    _speckle,
    _bone,
    _lattice,
)
_THINGS: tuple[Callable[[Generator, Grey], None], ...] = (_wire, _ruler, _edge, _implants)
