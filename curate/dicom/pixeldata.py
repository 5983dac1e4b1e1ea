"""Pixel data as they are passed on: every sample untouched, and nothing beside the samples."""

from pydicom import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import get_expected_length

from curate.dicom import bitstream
from curate.dicom.actions import make, pad_last_fragment
from curate.dicom.read import BROKEN, tag_text
from curate.errors import Reason, Rejected

_PIXEL_DATA = 0x7FE00010
_OFFSETS, _LENGTHS = 0x7FE00001, 0x7FE00002
_DESCRIBED_BY = ("Rows", "Columns", "BitsAllocated", "SamplesPerPixel", "PhotometricInterpretation")


def settle(dataset: Dataset, transfer_syntax: str) -> tuple[tuple[str, str, str], ...]:
    """Rid the pixel data of a clean data set of all that is no picture; what is nothing else stays byte for byte.

    Native: bytes beyond what Rows, Columns and the rest describe are cut. Encapsulated: see `curate.dicom.bitstream`;
    where a frame changes, each becomes one fragment, with a Basic Offset Table and no extended one (PS3.5 A.4). A last
    fragment of odd length gets the byte of padding that it lacks; fragments before it cannot be mended, since frame
    offsets count from the first. Returns what the journal notes: that something was cut, or nothing. Raises
    Rejected(MALFORMED, "(7FE0,0010)").
    """
    if _PIXEL_DATA not in dataset or not dataset[_PIXEL_DATA].value:
        return ()
    element = dataset[_PIXEL_DATA]
    is_encapsulated = element.is_undefined_length
    try:
        kept = _stripped(dataset, transfer_syntax) if is_encapsulated else _cut(dataset)
        value = pad_last_fragment(kept) if is_encapsulated and len(kept) % 2 else kept
    except BROKEN:
        raise Rejected(Reason.MALFORMED, tag_text(_PIXEL_DATA)) from None
    if value is not element.value:
        made = make(element, value)
        made.is_undefined_length = is_encapsulated
        dataset[_PIXEL_DATA] = made
    source = "bit stream: no part of the picture" if is_encapsulated else "PS3.5 8.1.1: beyond the last pixel"
    return () if kept is element.value else ((tag_text(_PIXEL_DATA), "C", source),)


def _cut(dataset: Dataset) -> bytes:
    """Native pixel data of the length that the header describes, with the byte that makes it even."""
    value: bytes = dataset[_PIXEL_DATA].value
    if any(dataset.get(keyword) in {None, ""} for keyword in _DESCRIBED_BY):
        return value
    length = get_expected_length(dataset)
    if dataset.PhotometricInterpretation == "YBR_FULL_422" and len(value) >= length // 2 * 3:
        length = length // 2 * 3  # mislabelled: nothing is subsampled
    length += length % 2
    return value if len(value) <= length else value[:length]


def _stripped(dataset: Dataset, transfer_syntax: str) -> bytes:
    """Encapsulated pixel data without free text in any frame."""
    value: bytes = dataset[_PIXEL_DATA].value
    if transfer_syntax in bitstream.KNOWN:
        extended = [dataset[tag].value for tag in (_OFFSETS, _LENGTHS) if tag in dataset and dataset[tag].value]
        count = int(dataset.get("NumberOfFrames") or 1)
        offsets = (extended[0], extended[1]) if len(extended) == 2 else None
        frames = list(generate_frames(value, number_of_frames=count, extended_offsets=offsets))
        made = [bitstream.strip(frame, transfer_syntax) for frame in frames]
        if any(after is not before for after, before in zip(made, frames, strict=True)):
            for tag in (_OFFSETS, _LENGTHS):
                dataset.pop(tag, None)
            return encapsulate(made)
    return value
