"""Synthetic frames and data sets with text drawn at known places."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from curate.pixels.decode import Frames
from curate.records import Box

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real" / "dicom"
Place = tuple[int, int, int, int]  # left, top, right, bottom of the glyphs


def anatomy(rows: int, columns: int, seed: int = 0) -> NDArray[np.float64]:
    """A noisy ellipse with organs, in Hounsfield-like units from about -1000 to 1500, as (rows, columns)."""
    drawn = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    body = ((y - rows / 2) / (rows * 0.35)) ** 2 + ((x - columns / 2) / (columns * 0.4)) ** 2
    values = np.where(body < 1, 40.0, -1000.0)
    values[(body < 1) & (body > 0.9)] = 900
    for _ in range(8):
        centre, size = drawn.uniform(0.3, 0.7, 2) * (rows, columns), drawn.uniform(0.02, 0.1, 2) * (rows, columns)
        organ = ((y - centre[0]) / size[0]) ** 2 + ((x - centre[1]) / size[1]) ** 2
        values[organ < 1] = drawn.uniform(-800, 1200)
    return cv2.GaussianBlur(values, (0, 0), 1) + drawn.normal(0, 20, values.shape)


def write(values: NDArray[Any], text: str, at: tuple[int, int], height: int, level: float) -> Place:
    """Draw a line of text with capitals `height` pixels high, its upper left corner at (x, y), into `values`."""
    thickness = 1 if height < 16 else max(1, height // 10)
    (_, unit), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, thickness)
    glyphs = np.zeros(values.shape[:2], np.uint8)
    foot = (at[0], at[1] + height)
    cv2.putText(glyphs, text, foot, cv2.FONT_HERSHEY_SIMPLEX, height / unit, 255, thickness, cv2.LINE_AA)
    share = (glyphs / 255.0).reshape(glyphs.shape + (1,) * (values.ndim - 2))
    values[:] = (values * (1 - share) + level * share).astype(values.dtype)
    y, x = np.nonzero(glyphs > 64)
    return int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1


def grey(values: NDArray[Any], photometric: str = "MONOCHROME2", bits: int = 16) -> Frames:
    """Frames of (rows, columns) or (frames, rows, columns) values, cast to the smallest type of `bits`."""
    stack = values if values.ndim == 3 else values[None]
    signed = bool(stack.min() < 0)
    kind = np.uint8 if bits <= 8 else np.int16 if signed else np.uint16
    return Frames(np.ascontiguousarray(stack.astype(kind)), photometric, bits, signed)


def covered(place: Place, boxes: list[Box], frame: int = 0) -> float:
    """The part of a place that the boxes of a frame cover."""
    left, top, right, bottom = place
    mask = np.zeros((bottom, right), bool)
    for box in boxes:
        if box.frame == frame:
            mask[box.top : box.bottom, box.left : box.right] = True
    return float(mask[top:bottom, left:right].mean())


def dataset(values: NDArray[Any], **attributes: Any) -> Dataset:
    """A native Explicit VR Little Endian data set around (rows, columns) or (frames, rows, columns) integers."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.Rows, made.Columns = values.shape[-2:]
    made.SamplesPerPixel, made.PhotometricInterpretation, made.Modality = 1, "MONOCHROME2", "CT"
    made.BitsAllocated = made.BitsStored = values.dtype.itemsize * 8
    made.HighBit, made.PixelRepresentation = made.BitsStored - 1, int(values.dtype.kind == "i")
    if values.ndim == 3:
        made.NumberOfFrames = values.shape[0]
    content = values.tobytes()
    made.add_new(0x7FE00010, "OW" if values.dtype.itemsize > 1 else "OB", content + b"\0" * (len(content) % 2))
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made
