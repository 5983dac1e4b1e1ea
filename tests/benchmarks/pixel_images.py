"""Images with text at known places, drawn from a seed: modalities, fonts, grey levels, backgrounds, frames.

Nothing but numpy and the fonts inside OpenCV and Pillow. Text is 10 to 40 pixels high (the capitals), and legible: it
differs from what lies under most of its strokes by a third of the grey scale at least. A page is one instance; a line
is one line of text in one frame.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from curate.pixels.decode import Frames

Grey = NDArray[np.float32]  # (rows, columns), 0 to 1
Generator = np.random.Generator

TEXTS = (
    "DOE^JANE", "ID: 48213377", "DOB 07.22.1943", "St. Mary Hospital", "03.09.2012 14:05", "MRN 00921187", "HUBER ANNA",
    "Dr. Okafor", "KAUFMAN SCOTT [M]", "Acc 2291-0415", "Tel 0221 4786-0", "F 067Y",
)  # fmt: skip
FOREIGN = (
    "Müller-Weiß, Jörg", "geb. 12.03.1960", "Łukasz Żółć", "José Núñez Ibáñez", "Hôpital Saint-Éloi", "Åse Sørensen",
    "Иванов Пётр", "患者 王小明", "Ελένη Παππά",
)  # fmt: skip
_WEIGHTS = {"light": 300, "sans": 400, "bold": 700}


class Line(NamedTuple):
    """The tight rectangle of one line's glyphs in one frame, and of what kind it is."""

    frame: int
    left: int
    top: int
    right: int
    bottom: int
    kind: str
    height: int


class Page(NamedTuple):
    """One instance and all its text."""

    modality: str
    frames: Frames
    lines: tuple[Line, ...]


def pages(modality: str, count: int, seed: int = 0) -> Iterator[Page]:
    """`count` instances of a modality, each from a seed of its own; every fourth holds no text."""
    for number in range(count):
        drawn = np.random.default_rng([seed, number, *modality.encode()])
        yield MODALITIES[modality](drawn, 0 if number % 4 == 3 else 1)


def ct(drawn: Generator, texts: int) -> Page:
    """One slice, 512 x 512, 16 bits signed: white, grey and dark text beside and over anatomy and bone."""
    values = body(drawn, 512, 512) * 0.6
    lines = written(drawn, values, texts * 5, ("white", "grey", "dark", "foreign", "turned", "border"))
    return Page("ct", _signed(values[None], 2500, -1000), lines)


def bone(drawn: Generator, texts: int) -> Page:
    """One slice whose bone is as bright as text can be: white text touches and crosses it."""
    values = body(drawn, 512, 512)
    for _ in range(6):
        y, x = drawn.integers(40, 470, 2)
        cv2.ellipse(values, (int(x), int(y)), tuple(map(int, drawn.integers(15, 50, 2))), 0, 0, 360, 1.0, -1)
    values = _noisy(drawn, np.minimum(cv2.GaussianBlur(values, (0, 0), 1.2), drawn.choice([0.85, 0.92, 1.0])), 0.01)
    lines = written(drawn, values, texts * 5, ("white", "bone", "bone"))
    return Page("bone", _signed(values[None], 3000, -1000), lines)


def mr(drawn: Generator, texts: int) -> Page:
    """One slice, 256 x 256, 12 bits in 16."""
    values = body(drawn, 256, 256)
    lines = written(drawn, values, texts * 3, ("white", "grey", "dark"), tallest=16)
    return Page("mr", Frames((values[None] * 4095).astype(np.uint16), "MONOCHROME2", 12, signed=False), lines)


def us(drawn: Generator, texts: int) -> Page:
    """One frame, 800 x 600, 8 bits: white and grey text beside and on the speckle of a sector."""
    values = speckle(drawn, 600, 800)
    lines = written(drawn, values, texts * 6, ("white", "speckle", "grey", "foreign", "turned"))
    return Page("us", Frames((values[None] * 255).astype(np.uint8), "MONOCHROME2", 8, signed=False), lines)


def us_colour(drawn: Generator, texts: int) -> Page:
    """One RGB frame, 800 x 600, with yellow, white and green text and a colour box."""
    values = speckle(drawn, 600, 800)
    image = np.repeat((values * 255).astype(np.uint8)[..., None], 3, -1)
    image[250:330, 380:470] = np.clip(image[250:330, 380:470] * (1.0, 0.3, 0.2) + (90, 0, 0), 0, 255)
    lines = written(drawn, image, texts * 6, ("yellow", "white", "green", "speckle"))
    return Page("us_colour", Frames(image[None], "RGB", 8, signed=False), lines)


def dx(drawn: Generator, texts: int) -> Page:
    """A radiograph, 3000 x 2500, 12 bits, every second MONOCHROME1; text from 14 pixels."""
    values = cv2.resize(body(drawn, 750, 625), (2500, 3000), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    values = _noisy(drawn, values, 0.01)
    lines = written(drawn, values, texts * 8, ("white", "grey", "dark", "turned", "border"), shortest=14)
    photometric = ("MONOCHROME1", "MONOCHROME2")[int(drawn.integers(2))]
    stored = 1 - values if photometric == "MONOCHROME1" else values
    return Page("dx", Frames((stored[None] * 4095).astype(np.uint16), photometric, 12, signed=False), lines)


def xa(drawn: Generator, texts: int) -> Page:
    """A run of 24 frames, 512 x 512, 8 bits, a vessel that fills: static, moving, and flashing text."""
    still = 0.75 - 0.5 * body(drawn, 512, 512)
    stack = np.stack([_noisy(drawn, _filled(still, part / 24), 0.02) for part in range(24)])
    lines = _through_frames(drawn, stack) if texts else ()
    return Page("xa", Frames((stack * 255).astype(np.uint8), "MONOCHROME2", 8, signed=False), lines)


def series(drawn: Generator, texts: int) -> Page:
    """A volume of 40 slices, 512 x 512, 16 bits, whose anatomy changes from slice to slice; text as in `xa`."""
    shape = drawn.uniform(0.8, 1.2, 4)
    slices = [body(np.random.default_rng(1000 + place // 5), 512, 512, place / 40 * shape[0]) for place in range(40)]
    stack = np.stack([_noisy(drawn, each * 0.6, 0.01) for each in slices])
    lines = _through_frames(drawn, stack) if texts else ()
    return Page("series", _signed(stack, 2500, -1000), lines)


MODALITIES: dict[str, Callable[[Generator, int], Page]] = {
    each.__name__: each for each in (ct, bone, mr, us, us_colour, dx, xa, series)
}


def body(drawn: Generator, rows: int, columns: int, along: float = 0.5) -> Grey:
    """An ellipse with a cortex, organs and texture, on air; `along` (0 to 1) is the place in a volume."""
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    size = 0.75 + 0.5 * np.sin(np.pi * min(max(along, 0.05), 0.95))
    radius = ((y - rows / 2) / (rows * 0.34 * size)) ** 2 + ((x - columns / 2) / (columns * 0.36 * size)) ** 2
    values = np.where(radius < 1, 0.45, 0.0).astype(np.float32)
    values[(radius < 1) & (radius > 0.92)] = 0.9
    for _ in range(10):
        centre, extent = drawn.uniform(0.3, 0.7, 2) * (rows, columns), drawn.uniform(0.02, 0.1, 2) * (rows, columns)
        level = drawn.uniform(0.1, 0.95)
        extent = extent * (0.6 + 0.8 * along)
        organ = ((y - centre[0]) / extent[0]) ** 2 + ((x - centre[1]) / extent[1]) ** 2
        values[(organ < 1) & (radius < 0.9)] = level
    texture = cv2.GaussianBlur(drawn.normal(0, 1, (rows, columns)).astype(np.float32), (0, 0), 2.0)
    values += np.where(radius < 1, texture * 0.25, 0).astype(np.float32)
    return _noisy(drawn, cv2.GaussianBlur(values, (0, 0), 1.0), 0.01)


def speckle(drawn: Generator, rows: int, columns: int) -> Grey:
    """A sector of Rayleigh noise on black, with dark and bright regions."""
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    depth, angle = np.hypot(y - 20, x - columns / 2), np.arctan2(x - columns / 2, y - 20)
    noise = cv2.GaussianBlur(drawn.rayleigh(1.0, (rows, columns)).astype(np.float32), (0, 0), 1.1)
    level = 0.14 + 0.12 * np.sin(depth / 60 + drawn.uniform(0, 6)) + 0.05 * np.cos(angle * 9)
    values = np.where((np.abs(angle) < 0.7) & (depth < rows * 0.85) & (depth > 30), noise * level * 1.4, 0)
    clipped: Grey = np.clip(values, 0, 1).astype(np.float32)
    return clipped


def written(
    drawn: Generator, values: NDArray[Any], count: int, kinds: tuple[str, ...], shortest: int = 10, tallest: int = 40
) -> tuple[Line, ...]:
    """Draw up to `count` lines of the kinds that fit, none over another, into (rows, columns[, 3]) values."""
    taken = np.zeros(values.shape[:2], bool)
    lines: list[Line] = []
    for number in range(count):
        kind = kinds[(number + int(drawn.integers(len(kinds)))) % len(kinds)]
        height = int(np.exp(drawn.uniform(np.log(shortest), np.log(tallest + 1))))
        glyphs = stroke(drawn, kind, min(height, tallest))
        place = _place(drawn, values, taken, glyphs, kind)
        if place is not None:
            lines.append(_draw(values, glyphs, place, kind, min(height, tallest)))
            left, top, right, bottom = lines[-1][1:5]
            taken[max(0, top - 8) : bottom + 8, max(0, left - 24) : right + 24] = True
    return tuple(lines)


def stroke(drawn: Generator, kind: str, height: int) -> Grey:
    """One line of text as coverage of 0 to 1, cut tight."""
    texts = FOREIGN if kind == "foreign" else TEXTS
    text = texts[int(drawn.integers(len(texts)))]
    style = "uni" if kind == "foreign" else ("sans", "light", "bitmap", "bold")[int(drawn.integers(4))]
    canvas = _bitmap(text, height) if style == "bitmap" else _outlined(text, height, style)
    y, x = np.nonzero(canvas > 64)
    cut = canvas[y.min() : y.max() + 1, x.min() : x.max() + 1].astype(np.float32) / 255
    return np.rot90(cut, int(drawn.choice([1, 3]))).copy() if kind == "turned" else cut


def _outlined(text: str, height: int, style: str) -> NDArray[np.uint8]:
    """Text in one of OpenCV's own fonts: Rubik in three weights, WenQuanYi for every script."""
    canvas = np.zeros((height * 4, height * len(text) * 2 + 40), np.uint8)
    face, weight = cv2.FontFace("uni" if style == "uni" else "sans"), _WEIGHTS.get(style, 0)
    cv2.putText(canvas, text, (10, height * 2 + 10), 255, face, round(height * 1.38), weight)
    return canvas


def _bitmap(text: str, height: int) -> NDArray[np.uint8]:
    """Text in Pillow's bitmap font, with strokes of one pixel at the lowest height, enlarged without smoothing."""
    canvas = Image.new("L", (8 * len(text) + 8, 20))
    ImageDraw.Draw(canvas).text((2, 2), text.replace("^", " "), 255, font=ImageFont.load_default_imagefont())
    return cv2.resize(
        np.asarray(canvas), None, fx=1 + height // 16, fy=(1 + height // 9), interpolation=cv2.INTER_NEAREST
    )


def _place(
    drawn: Generator, values: NDArray[Any], taken: NDArray[np.bool_], glyphs: Grey, kind: str
) -> tuple[int, int] | None:
    """A free place (left, top) where a line of that kind can be read, or None after 200 tries."""
    (rows, columns), (high, wide) = values.shape[:2], glyphs.shape
    if high >= rows or wide >= columns:
        return None
    grey = values if values.ndim == 2 else values.max(-1) / 255.0
    for _ in range(200):
        left, top = int(drawn.integers(columns - wide)), int(drawn.integers(rows - high))
        if kind == "border":
            left, top = [(0, top), (columns - wide, top), (left, 0), (left, rows - high)][int(drawn.integers(4))]
        under = grey[top : top + high, left : left + wide][glyphs > 0.5]
        if not taken[top : top + high, left : left + wide].any() and _legible(kind, under):
            return left, top
    return None


def _level(kind: str, under: Grey) -> float:
    if kind == "dark":
        return 0.0
    return float(np.clip(np.median(under) + 0.4, 0.45, 0.8)) if kind in {"grey", "speckle"} else 1.0


def _legible(kind: str, under: Grey) -> bool:
    """Whether most strokes differ enough from what lies under them; and the kind's own background."""
    differs = float((np.abs(under - _level(kind, under)) > 0.33).mean())
    if kind == "bone":  # some strokes lie on bone of nearly their own level, most beside it
        return 0.65 < differs < 0.92
    return differs > 0.97 and (kind != "speckle" or float(np.median(under)) > 0.12)


def _draw(values: NDArray[Any], glyphs: Grey, place: tuple[int, int], kind: str, height: int) -> Line:
    (left, top), (high, wide) = place, glyphs.shape
    part = values[top : top + high, left : left + wide]
    if values.ndim == 3:
        colour = {"yellow": (255, 255, 0), "green": (60, 255, 90)}.get(kind, (225, 225, 225))
        part[:] = (part * (1 - glyphs[..., None]) + np.array(colour) * glyphs[..., None]).astype(np.uint8)
    else:
        part[:] = part * (1 - glyphs) + _level(kind, part[glyphs > 0.5]) * glyphs
    return Line(0, left, top, left + wide, top + high, kind, height)


def _through_frames(drawn: Generator, stack: Grey) -> tuple[Line, ...]:
    """Two static lines, one that moves a little each frame, and two that show in one frame only."""
    lines: list[Line] = []
    for top, height in ((12, 12), (40, 20)):
        glyphs = stroke(drawn, "white", height)[:, :490]
        lines += [_draw(each, glyphs, (10, top), "static", height)._replace(frame=at) for at, each in enumerate(stack)]
    height, glyphs = 14, stroke(drawn, "white", 14)
    for at, each in enumerate(stack):
        place = 20 + 7 * at % (490 - glyphs.shape[1]), 420 + at % 3
        lines.append(_draw(each, glyphs, place, "moving", height)._replace(frame=at))
    for kind in ("white", "dark"):
        at, height = int(drawn.integers(len(stack))), int(drawn.integers(10, 24))
        glyphs = stroke(drawn, "white", height)
        taken = np.zeros(stack.shape[1:], bool)
        taken[:80], taken[400:460] = True, True
        if place := _place(drawn, stack[at], taken, glyphs, kind):
            lines.append(_draw(stack[at], glyphs, place, kind, height)._replace(frame=at, kind=f"one {kind}"))
    return tuple(lines)


def _filled(still: Grey, part: float) -> Grey:
    """A vessel that is dark up to a part of its length."""
    image = still.copy()
    course = [(int(120 + 280 * t), int(256 + 90 * np.sin(t * 9))) for t in np.linspace(0, part, 40)]
    cv2.polylines(image, [np.array(course, np.int32)], isClosed=False, color=0.15, thickness=7)
    return cv2.GaussianBlur(image, (0, 0), 1)


def _noisy(drawn: Generator, values: Grey, sigma: float) -> Grey:
    noise = drawn.standard_normal(values.shape, np.float32) * np.float32(sigma)
    noisy: Grey = np.clip(values + noise, 0, 1).astype(np.float32)
    return noisy


def _signed(stack: Grey, width: float, low: float) -> Frames:
    return Frames((stack * width + low).astype(np.int16), "MONOCHROME2", 16, signed=True)
