"""Pixels: small patterns without text, and a few with an identity drawn into a known box."""

from random import Random

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from tests.benchmarks.midi.page import Page
from tests.benchmarks.midi.people import Person

# Rows, columns, samples, bits allocated, bits stored, signed, photometric interpretation
_LAYOUTS = {
    "CT": (64, 64, 1, 16, 12, 1, "MONOCHROME2"),
    "MR": (64, 64, 1, 16, 12, 0, "MONOCHROME2"),
    "PT": (64, 64, 1, 16, 15, 1, "MONOCHROME2"),
    "DX": (96, 80, 1, 16, 12, 0, "MONOCHROME1"),
    "US": (96, 128, 3, 8, 8, 0, "RGB"),
    "SC": (96, 128, 1, 8, 8, 0, "MONOCHROME2"),
}
_BURNED = (192, 320)  # rows and columns of an instance that text is drawn into


def picture(page: Page, kind: str, draw: Random, burn: Person | None) -> None:
    """Give an instance pixels; with `burn`, that patient's name and number stand in them."""
    rows, columns, samples, bits, stored, signed, photometric = _LAYOUTS[kind]
    if burn is not None:
        rows, columns = _BURNED
    page.keep(
        Rows=rows, Columns=columns, BitsAllocated=bits, BitsStored=stored, HighBit=stored - 1, SamplesPerPixel=samples,
        PixelRepresentation=signed, PhotometricInterpretation=photometric,
    )  # fmt: skip
    if samples == 3:
        page.write(PlanarConfiguration=0)
    values = _anatomy(rows, columns, (1 << (min(stored, 12) - 1)) - 1, draw)
    if burn is not None:
        _write(page, values, burn, draw, dark=photometric == "MONOCHROME1")
    shaded = np.repeat(values[..., None], samples, axis=2) if samples == 3 else values
    page.dataset.PixelData = np.ascontiguousarray(shaded, dtype=f"<u{bits // 8}").tobytes()
    page.dataset["PixelData"].VR = "OB" if bits == 8 else "OW"


def _anatomy(rows: int, columns: int, top: int, draw: Random) -> NDArray[np.uint16]:
    """A body with a few organs and noise: no straight lines that a detector could take for strokes."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    values = 0.35 * (x**2 + y**2 < 0.8)
    for _ in range(4):
        centre_x, centre_y, width = draw.uniform(-0.5, 0.5), draw.uniform(-0.4, 0.5), draw.uniform(0.15, 0.4)
        values = values + draw.uniform(0.05, 0.2) * np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / width**2)
    noise = np.random.default_rng(draw.randrange(1 << 30)).normal(0, 0.01, values.shape)
    return np.clip((values + noise + 0.05) * top, 0, top).astype(np.uint16)


def _write(page: Page, values: NDArray[np.uint16], person: Person, draw: Random, *, dark: bool) -> None:
    """Draw two lines as a device does: bright as displayed, on the plain upper margin."""
    import cv2

    lines = [_latin(person.family).upper(), draw.choice((f"ID {person.patient_id}", f"{person.day:%d.%m.%Y}"))]
    margin = 28 * len(lines) + 8
    background, ink = (values.max(), 0) if dark else (0, values.max())
    values[:margin] = background
    strokes = np.zeros(values.shape, np.uint8)
    for number, text in enumerate(lines):
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        bottom = 24 + 28 * number
        cv2.putText(strokes, text, (8, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1, 1, cv2.LINE_8)
        page.pixels(text, (4, bottom - height - 5, min(values.shape[1], 8 + width + 4), bottom + 7))
    values[strokes.astype(bool)] = ink


def _latin(name: str) -> str:
    """A family name in letters that Hershey's fonts have."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("Ø", "O").replace("ø", "o"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return ascii_only if len(ascii_only) > 4 else "Wexcombe-Quill"


def compress(page: Page) -> None:
    """Encode the pixel data as RLE (PS3.5 annex G), which loses nothing."""
    page.dataset.compress(RLELossless, generate_instance_uid=False)
