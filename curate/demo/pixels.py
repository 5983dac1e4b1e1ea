"""Burning of text into the pixels of an instance, as scanners and film printers do it."""

from typing import TYPE_CHECKING

from pydicom.dataset import FileDataset
from pydicom.uid import ExplicitVRLittleEndian

from curate.demo.identities import Plan, components
from curate.privacy.surrogates import fold

if TYPE_CHECKING:
    import numpy as np

_MARGIN = 6  # pixels
_CAP_HEIGHT = 20.0  # of Hershey Simplex at scale 1, in pixels


def lines(plan: Plan) -> tuple[str, str]:
    """What a device writes into the corner: the name and, below it, MRN and date; Latin capitals only."""
    family, given, *_ = components(plan.patient.name)
    return fold(f"{family} {given}").upper(), f"{plan.patient.mrn}  {plan.date:%d-%m-%Y}"


def burn(instance: FileDataset, text: tuple[str, ...], corner: str) -> None:
    """Write `text` into every frame at the left of "top" or "bottom"; the instance becomes Explicit VR Little Endian.

    Letters are 14 to 24 pixels high, by the size of the image, and stand on a dark ground.
    """
    if instance.file_meta.TransferSyntaxUID.is_compressed:
        instance.decompress(generate_instance_uid=False)
    instance.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pixels = instance.pixel_array.copy()
    ground, ink = _tones(pixels, instance.PhotometricInterpretation)
    box, stroke = _letters(text, instance.Rows)
    rows, columns = box.shape
    top = _MARGIN if corner == "top" else instance.Rows - rows - _MARGIN
    # one frame or many, one sample a pixel or three: rows and columns are the two axes after the frames
    frames = pixels.reshape(-1, instance.Rows, instance.Columns, instance.SamplesPerPixel)
    view = frames[:, top : top + rows, _MARGIN : _MARGIN + columns]
    view[:, box[:, : view.shape[2]]] = ground
    view[:, stroke[:, : view.shape[2]]] = ink
    _store(instance, pixels)


def _store(instance: FileDataset, pixels: "np.ndarray") -> None:
    """Put native pixels back, samples of a pixel together, at even length (PS3.5 section 8.1.1)."""
    if instance.SamplesPerPixel > 1:
        instance.PlanarConfiguration = 0
    instance.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    instance["PixelData"].VR = "OB" if instance.BitsAllocated == 8 else "OW"


def _tones(pixels: "np.ndarray", interpretation: str) -> tuple[int, int]:
    """The stored values that show as black and as white; in MONOCHROME1 the lowest value is white."""
    low, high = int(pixels.min()), int(pixels.max())
    return (high, low) if interpretation == "MONOCHROME1" else (low, high)


def _letters(text: tuple[str, ...], image_rows: int) -> tuple["np.ndarray", "np.ndarray"]:
    """Masks (rows, columns) of the ground and of the strokes of some lines of text."""
    import cv2
    import numpy as np

    height = min(24, max(14, image_rows // 40))
    scale, weight = height / _CAP_HEIGHT, 1 if height < 18 else 2
    width = max(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)[0][0] for line in text)
    step = height + height // 2 + 2
    strokes = np.zeros((step * len(text) + 4, width + 8), np.uint8)
    for number, line in enumerate(text, start=1):
        origin = (4, number * step - height // 4)
        cv2.putText(strokes, line, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, 1, weight)
    return np.ones(strokes.shape, bool), strokes.astype(bool)
