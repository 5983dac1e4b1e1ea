"""Decode pixel data of any transfer syntax into one form: stored values, colour as RGB (PS3.3 C.7.6.3, PS3.5 8.2)."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from curate.errors import Reason, Rejected
from curate.pixels import codecs
from curate.policy import Limits

if TYPE_CHECKING:
    from pydicom import Dataset

PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_TAG = "(7FE0,0010)"
_JPEG_FAMILIES = "1.2.840.10008.1.2.4."  # JPEG, JPEG-LS, JPEG 2000, MPEG (PS3.6 Table A-1)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Frames:
    """The decoded frames of one instance; `values` is read only.

    values: (frames, rows, columns) stored values, or (frames, rows, columns, 3) RGB. YBR_* and PALETTE COLOR become
    RGB; a palette becomes 8-bit RGB, so that black is black whatever the palette says and a rewritten instance needs
    no palette. photometric: MONOCHROME1, MONOCHROME2 or RGB, as `values` are. bits_stored: bits of a sample.
    """

    values: NDArray[Any]
    photometric: str
    bits_stored: int
    signed: bool

    def __repr__(self) -> str:
        return "<Frames>"

    @property
    def range(self) -> tuple[int, int]:
        """The least and the greatest value that a sample can hold."""
        low = -(2 ** (self.bits_stored - 1)) if self.signed else 0
        return low, low + 2**self.bits_stored - 1

    @property
    def colour(self) -> bool:
        """Whether the values are RGB triples."""
        return self.values.ndim == 4


def has_image(dataset: "Dataset") -> bool:
    """Whether the instance holds pixels of any kind: an image, a segmentation, a dose grid, a parametric map."""
    return any(keyword in dataset for keyword in PIXEL_KEYWORDS)


def decode(dataset: "Dataset", limits: Limits) -> Frames:
    """Decode every frame.

    Raises Rejected(PIXELS_TOO_LARGE) before anything is allocated when rows x columns x frames x samples is beyond
    `limits.pixels`, and Rejected(PIXELS_UNDECODABLE) when any frame is missing, surplus, cut short or unreadable.
    """
    shape = _declared_shape(dataset)
    if np.prod(shape, dtype=object) > limits.pixels:
        raise Rejected(Reason.PIXELS_TOO_LARGE, _TAG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frames = _decode(dataset, shape)
    except Rejected:
        raise
    except Exception:  # noqa: BLE001  a decoder may raise anything, and its message may quote the file
        raise Rejected(Reason.PIXELS_UNDECODABLE, _TAG) from None
    if frames.values.shape[:3] != shape[:3]:
        raise Rejected(Reason.PIXELS_UNDECODABLE, _TAG)
    frames.values.setflags(write=False)
    return frames


def _declared_shape(dataset: "Dataset") -> tuple[int, int, int, int]:
    """(frames, rows, columns, samples) as the header says."""
    try:
        frames = int(dataset.get("NumberOfFrames") or 1)
        shape = frames, int(dataset.Rows), int(dataset.Columns), int(dataset.get("SamplesPerPixel") or 1)
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise Rejected(Reason.PIXELS_UNDECODABLE, _TAG) from None
    if min(shape) < 1:
        raise Rejected(Reason.PIXELS_UNDECODABLE, _TAG)
    return shape


def _decode(dataset: "Dataset", shape: tuple[int, int, int, int]) -> Frames:
    syntax = _transfer_syntax(dataset)
    if syntax.startswith(_JPEG_FAMILIES):
        _check_streams(dataset, shape[0])
    array, described = codecs.as_array(dataset, syntax)
    photometric = str(described["photometric_interpretation"])
    bits = int(described.get("bits_stored") or dataset.BitsAllocated)
    signed = bool(described.get("pixel_representation", 0))
    values = array.reshape(shape if shape[3] > 1 else shape[:3])
    values = _without_embedded_overlay(dataset, values, bits)
    if photometric == "PALETTE COLOR":
        values, photometric, bits, signed = _expand_palette(dataset, values), "RGB", 8, False
    values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    return Frames(values, photometric, bits, signed)


def _transfer_syntax(dataset: "Dataset") -> UID:
    """The transfer syntax; where file meta is silent, the one that the data set was read in."""
    named = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    if named:
        return UID(named)
    is_implicit, is_little = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRBigEndian if is_little is False else ExplicitVRLittleEndian


def _check_streams(dataset: "Dataset", frames: int) -> None:
    """Refuse a stream without its end marker (FFD9 in JPEG, JPEG-LS, JPEG 2000): decoders would invent the rest."""
    from pydicom.encaps import generate_frames

    tables = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    offsets = tables if all(tables) else None
    for stream in generate_frames(dataset.PixelData, number_of_frames=frames, extended_offsets=offsets):
        if b"\xff\xd9" not in stream[-64:]:  # a little padding may follow
            raise Rejected(Reason.PIXELS_UNDECODABLE, _TAG)


def has_embedded_overlay(dataset: "Dataset") -> bool:
    """Whether the header says that an overlay lies in bits above the stored ones (retired, PS3.5 8.1.2)."""
    places = [(group, 0x0102) for group in range(0x6000, 0x6020, 2)]
    return any(place in dataset and bool(dataset[place].value) for place in places)


def _without_embedded_overlay(dataset: "Dataset", values: NDArray[Any], bits: int) -> NDArray[Any]:
    """Clear the bits above the stored ones where an overlay lies there."""
    spare = values.dtype.itemsize * 8 - bits
    if not has_embedded_overlay(dataset) or spare < 1 or values.dtype.kind not in "iu":
        return values
    cleared: NDArray[Any] = (values << spare) >> spare  # arithmetic on signed samples: the sign comes back
    return cleared


def _expand_palette(dataset: "Dataset", values: NDArray[Any]) -> NDArray[Any]:
    """Palette indices to 8-bit RGB (PS3.3 C.7.6.3.1.5); 16-bit entries lose their low byte."""
    from pydicom.pixels import apply_color_lut

    colours = apply_color_lut(values, dataset)[..., :3]
    if colours.dtype == np.uint8 or colours.max(initial=0) < 256:  # 8-bit entries in 16-bit words
        return colours.astype(np.uint8)
    return (colours >> 8).astype(np.uint8)
