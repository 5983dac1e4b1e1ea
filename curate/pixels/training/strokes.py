"""Lines of text as coverage, in the fonts of the machine: any script that they have, any height, any direction."""

import subprocess
from functools import cache
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Grey = Any  # (rows, columns) float32 of 0 to 1
Generator = np.random.Generator

_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTS = "ÄÖÜßÉÈÇÑÅØŁŻÓÊÍ"
_GREEK, _CYRILLIC = "ΑΒΓΔΕΖΗΘΚΛΜΝΞΠΡΣΤΦΧΨΩ", "АБВГДЕЖЗИКЛМНПРСТУФХЦЧШЭЮЯ"
_CJK = "山田太郎東京大学病院王明李華患者氏名生年月日男女歳科医師検査胸部正面"
_MARKS = "^,.:;-/()[]#*=+ "
_DATES = ("{0:02}.{1:02}.{2}", "{1}/{0}/{2}", "{2}-{1:02}-{0:02}", "{2}{1:02}{0:02}", "{0:02}:{1:02}:30", "{0}Y")
_HERSHEY = (0, 1, 2, 3, 4, 5, 6, 7)
_WORDS = (
    "ID", "DOB", "NAME", "MRN", "ACC", "SEX", "M", "F", "AGE", "DR", "TEL", "HOSPITAL", "CLINIC", "ST", "UNIV", "PAT",
    "EXAM", "SERIES", "IMA", "kV", "mA", "SUPINE", "PORTABLE", "ERECT", "WL", "WW", "geb.", "Klinikum", "CHU",
)  # fmt: skip


def line(drawn: Generator, height: int) -> Grey:
    """One line as coverage of 0 to 1, cut tight; its capitals are about `height` pixels high before it is turned."""
    text = _text(drawn)
    canvas = _hershey(drawn, text, height) if drawn.random() < 0.15 else _typed(drawn, text, height)
    canvas = _printed(drawn, canvas, height)
    canvas = _turned(drawn, canvas)
    y, x = np.nonzero(canvas > 0.25)
    if not len(y):
        return line(drawn, height)
    return canvas[y.min() : y.max() + 1, x.min() : x.max() + 1]


def _text(drawn: Generator) -> str:
    """A name, a number, a date, a word or any mixture, of three characters at least."""
    parts = [_PARTS[int(drawn.integers(len(_PARTS)))](drawn) for _ in range(int(drawn.integers(1, 4)))]
    text = drawn.choice([" ", " ", "^", ", ", ": "]).join(parts)[: int(drawn.integers(4, 34))].strip()
    return str(text) if len(text) >= 3 else _text(drawn)


def _word(drawn: Generator) -> str:
    script = drawn.choice([_LATIN] * 12 + [_LATIN + _ACCENTS] * 3 + [_GREEK, _CYRILLIC])
    letters = "".join(drawn.choice(list(script), int(drawn.integers(2, 11))))
    return str([letters, letters.capitalize(), letters.lower()][int(drawn.choice([0, 0, 1, 1, 2]))])


def _han(drawn: Generator) -> str:
    return "".join(drawn.choice(list(_CJK), int(drawn.integers(2, 8))))


def _number(drawn: Generator) -> str:
    digits = "".join(map(str, drawn.integers(0, 10, int(drawn.integers(2, 11)))))
    return digits if drawn.random() < 0.7 else f"{digits[:3]}{drawn.choice(list('-./ :'))}{digits[3:]}"


def _date(drawn: Generator) -> str:
    day, month, year = int(drawn.integers(1, 29)), int(drawn.integers(1, 13)), int(drawn.integers(1930, 2027))
    return str(drawn.choice(_DATES)).format(day, month, year)


def _listed(drawn: Generator) -> str:
    return str(drawn.choice(_WORDS)) + str(drawn.choice(["", "", ":", "#"]))


def _mixed(drawn: Generator) -> str:
    return "".join(drawn.choice(list(_LATIN + _LATIN.lower() + "0123456789" * 2 + _MARKS), int(drawn.integers(3, 14))))


_PARTS = (_word, _word, _word, _number, _number, _date, _listed, _mixed, _han)


@cache
def fonts(*pattern: str) -> tuple[str, ...]:
    """The files of the machine's fonts that match a pattern of fontconfig, such as ":lang=ja"; all without one."""
    told = subprocess.run(["fc-list", *pattern, "--format", "%{file}\n"], check=True, capture_output=True, text=True)
    return tuple(sorted({path for path in told.stdout.splitlines() if path.endswith((".ttf", ".otf", ".ttc"))}))


@cache
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _typed(drawn: Generator, text: str, height: int) -> Grey:
    eastern = fonts(":lang=ja") if any(each in _CJK for each in text) else ()
    files = eastern or fonts()
    font = _font(files[int(drawn.integers(len(files)))], max(6, round(height * 1.38)))
    canvas = Image.new("L", (height * (len(text) + 2) * 2, height * 4))
    pen = ImageDraw.Draw(canvas)
    pen.fontmode = "1" if drawn.random() < 0.25 else "L"
    pen.text((height, height), text, 255, font=font, stroke_width=int(drawn.random() < 0.06) * max(1, height // 14))
    return np.asarray(canvas, np.float32) / 255


def _hershey(drawn: Generator, text: str, height: int) -> Grey:
    """The line fonts of old consoles."""
    canvas = np.zeros((height * 4, height * (len(text) + 2) * 2), np.uint8)
    plain = text.encode("ascii", "replace").decode()
    thick = max(1, round(height / drawn.uniform(6, 20)))
    smooth = cv2.LINE_AA if drawn.random() < 0.6 else cv2.LINE_8
    cv2.putText(canvas, plain, (height, height * 2), int(drawn.choice(_HERSHEY)), height / 21, 255, thick, smooth)
    return canvas.astype(np.float32) / 255


def _printed(drawn: Generator, canvas: Grey, height: int) -> Grey:
    """As it is, as dots, as outlines, enlarged from a small bitmap, or stretched."""
    kind = drawn.random()
    if kind < 0.05 and height > 12:
        dots = np.zeros_like(canvas)
        step = max(2, height // 8)
        dots[::step, ::step] = canvas[::step, ::step]
        return cv2.dilate(dots, np.ones((max(1, step - 1),) * 2))
    if kind < 0.1 and height > 16:
        return cv2.morphologyEx(canvas, cv2.MORPH_GRADIENT, np.ones((3, 3)))
    if kind < 0.2 and height > 12:
        factor = int(drawn.integers(2, max(3, height // 6)))
        small = cv2.resize(canvas, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
        return cv2.resize((small > 0.4).astype(np.float32), None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
    if kind < 0.3:
        return cv2.resize(canvas, None, fx=float(drawn.uniform(0.65, 1.5)), fy=1.0, interpolation=cv2.INTER_AREA)
    return canvas


def _turned(drawn: Generator, canvas: Grey) -> Grey:
    kind = drawn.random()
    if kind < 0.5:
        return canvas
    if kind < 0.82:
        return np.ascontiguousarray(np.rot90(canvas, int(drawn.choice([1, 3]))))
    if kind < 0.87:
        return np.ascontiguousarray(canvas[::-1, ::-1])
    rows, columns = canvas.shape
    side = int(np.hypot(rows, columns))
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), float(drawn.normal(0, 12)), 1)
    matrix[:, 2] += (side - columns) / 2, (side - rows) / 2
    return cv2.warpAffine(canvas, matrix, (side, side))
