"""Render a frame for a dataset row: lossless PNG, 8 or 16 bits, and its `image_meta` (schemas/image_text.json)."""

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import Reason, Rejected
from curate.pixels.decode import Frames
from curate.pixels.grayscale import Window, attribute, inverted, modality_values, number, spacing, unwindowed, windowed
from curate.pixels.levels import levels
from curate.policy import OutputOptions
from curate.records import CleanImage

if TYPE_CHECKING:
    from pydicom import Dataset

_TERM = re.compile(r"[A-Z][A-Z0-9_]{0,15}")  # the shape of a defined term (CS, PS3.5 6.2) without blanks


def select_frames(n_frames: int, wanted: int) -> list[int]:
    """Evenly spaced frame numbers from 0, at most `wanted`: the middles of equal parts, so one is the middle frame."""
    wanted = min(n_frames, wanted)
    return [(2 * part + 1) * n_frames // (2 * wanted) for part in range(wanted)]


def render(dataset: "Dataset", frames: Frames, frame: int, options: OutputOptions) -> CleanImage:
    """Render one frame (from 0) as it would be displayed, or with all its grey values; never larger than it is.

    dataset: de-identified; gives the LUTs, windows and the terms in `meta`. The frame is resampled by area before
    the grey scale is applied, so that means are means of measured values. `meta` lacks the keys that only the caller
    knows: instance_key, series_key, boxes. Raises Rejected(PIXELS_UNDECODABLE) for a frame that does not exist.
    """
    if not 0 <= frame < len(frames.values):
        raise Rejected(Reason.PIXELS_UNDECODABLE, "(0028,0008)")
    fine = options.bits == 8 and frames.bits_stored > 8  # so that a mean may be rounded to a stored value
    small = _downsample(frames.values[frame], options.longest_side, fine=fine)
    if frames.colour:
        image, shown = _colour_image(small, frames), {"window": Window("none"), "inverted": False, "hu_applied": False}
    else:
        image, shown = _grey_image(small, dataset, frames, frame, options.bits)
    png = _encode(image)
    meta = {**_terms(dataset, frame), **_geometry(dataset, frames, frame, image), **_shown(shown)}
    meta |= {
        "photometric": _term(dataset.get("PhotometricInterpretation"), r"[A-Z][A-Z0-9_ ]{0,15}") or frames.photometric,
        "bits_stored": int(number(dataset.get("BitsStored")) or frames.bits_stored),
        "sha256": hashlib.sha256(png).hexdigest(),
    }
    return CleanImage(png, meta, image)


def _downsample(values: NDArray[Any], longest_side: int, *, fine: bool) -> NDArray[Any]:
    import cv2

    rows, columns = values.shape[:2]
    scale = longest_side / max(rows, columns)
    if scale >= 1:
        return values
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    values = values if fine and values.dtype in (np.uint16, np.int16) else values.astype(np.float32)
    small: NDArray[Any] = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return small


def _colour_image(values: NDArray[Any], frames: Frames) -> NDArray[np.uint8]:
    """RGB to 8 bits by its high bits."""
    if values.dtype == np.uint8 and frames.bits_stored <= 8:
        return values
    scale = 2.0 ** max(0, frames.bits_stored - 8)
    image: NDArray[np.uint8] = np.clip(np.rint(values / scale), 0, 255).astype(np.uint8)
    return image


def _grey_image(
    values: NDArray[Any], dataset: "Dataset", frames: Frames, frame: int, bits: int
) -> tuple[NDArray[Any], dict[str, Any]]:
    found = levels(values)
    measured, rescaled = modality_values(found.values, dataset, frame)
    grey: NDArray[Any]
    if bits == 16:
        grey, window = unwindowed(measured, dataset, frame, frames.range)
    else:
        grey, window = windowed(replace(found, values=measured), dataset, frame)
    inverse = inverted(dataset, frames.photometric)
    shown = {"window": window, "inverted": inverse, "hu_applied": rescaled}
    return found.at_places(np.invert(grey) if inverse else grey), shown


def _encode(image: NDArray[Any]) -> bytes:
    """PNG by OpenCV's encoder: the same pixels give the same bytes, and it writes no time and no text chunk."""
    import cv2

    _, png = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image)
    return bytes(png)


def _terms(dataset: "Dataset", frame: int) -> dict[str, str | None]:
    """What the image shows, where the header says it in defined terms; anything else is not passed on."""
    laterality = attribute(dataset, frame, "FrameLaterality") or dataset.get("ImageLaterality")
    return {
        "modality": _term(dataset.get("Modality")) or "OT",
        "body_part": _term(dataset.get("BodyPartExamined")),
        "view": _term(dataset.get("ViewPosition")),
        "laterality": _term(laterality or dataset.get("Laterality"), "[LRB]"),
    }


def _term(value: Any, shape: str = _TERM.pattern) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(shape, value) else None


def _geometry(dataset: "Dataset", frames: Frames, frame: int, image: NDArray[Any]) -> dict[str, Any]:
    (rows, columns), (source_rows, source_columns) = image.shape[:2], frames.values.shape[1:3]
    distances = _spacing(dataset, frame)
    return {
        "frame_index": frame,
        "frames": len(frames.values),
        "rows": rows,
        "columns": columns,
        "source_rows": source_rows,
        "source_columns": source_columns,
        "spacing_row": distances and distances[0] * source_rows / rows,
        "spacing_column": distances and distances[1] * source_columns / columns,
    }


def _spacing(dataset: "Dataset", frame: int) -> tuple[float, float] | None:
    """Distances of rows and of columns in mm, in the patient if known, else at the detector (C.7.6.2.1.1, 10.7.1.3)."""
    return spacing(dataset, frame, "PixelSpacing") or spacing(dataset, frame, "ImagerPixelSpacing")


def _shown(shown: dict[str, Any]) -> dict[str, Any]:
    window: Window = shown.pop("window")
    return {
        "window_source": window.source,
        "window_center": window.center,
        "window_width": window.width,
        **shown,
    }
