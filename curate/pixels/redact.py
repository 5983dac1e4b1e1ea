"""Black out rectangles, look a second time, and write the pixels back: bit-identical outside the rectangles."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from curate.pixels.allowed import to_remove
from curate.pixels.burned_in import blacken, text_near, text_regions
from curate.pixels.byte_order import to_little_endian
from curate.pixels.decode import PIXEL_KEYWORDS, Frames
from curate.pixels.detector import Image, Region, views
from curate.pixels.reader import read_text
from curate.policy import PixelOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Box

if TYPE_CHECKING:
    from pydicom import Dataset

# What describes the encoding that is left behind, or shows the pixels as they were (a thumbnail, a web address).
_STALE = (
    *PIXEL_KEYWORDS, "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "IconImageSequence", "PixelDataProviderURL",
    "PlanarConfiguration",
)  # fmt: skip
_WORD = 3  # characters
_PALETTE = range(0x00281101, 0x0028122F)  # PS3.3 C.7.9: descriptors, UID, data, segmented data


def redact(frames: Frames, boxes: Sequence[Box]) -> Frames:
    """Fill boxes with the darkest value that their frame holds; every other sample stays bit for bit.

    Returns `frames` itself when there is nothing to fill.
    """
    if not boxes:
        return frames
    values = frames.values.copy()
    for frame, regions in _by_frame(boxes).items():
        values[frame] = blacken(frames, frames.values[frame], regions)
    values.setflags(write=False)
    return Frames(values, frames.photometric, frames.bits_stored, frames.signed)


def _by_frame(boxes: Sequence[Box]) -> dict[int, list[Region]]:
    regions: dict[int, list[Region]] = {}
    for box in boxes:
        regions.setdefault(box.frame, []).append(Region(box.left, box.top, box.right, box.bottom))
    return regions


def remains(frames: Frames, boxes: Sequence[Box], options: PixelOptions) -> list[Box]:
    """Look a second time at every frame that has boxes: text that is still found in them or reaches out of them.

    Text overlapping a box counts when the part inside is not blank (it was not blacked out) or when the region can
    still be read (a glyph sticks out). An empty list is what a redacted instance must give.
    """
    left: list[Box] = []
    for frame, blacked in sorted(_by_frame(boxes).items()):
        for image in views(frames, frames.values[frame]):
            again = [each for each in text_near(image, blacked, options) if any(map(each.shared, blacked))]
            left += [Box(frame, *each) for each in _legible(image, again, blacked, options)]
    return list(dict.fromkeys(left))


def _legible(image: Image, again: list[Region], blacked: list[Region], options: PixelOptions) -> list[Region]:
    """Those regions that still show something."""
    texts = read_text(image, again)
    if options.remove != "all_text":
        again, texts = _without_allowed(again, texts, options)
    return [
        each
        for each, text in zip(again, texts, strict=True)
        if sum(map(str.isalnum, text)) > 1 or not all(_blank(image, each, box) for box in blacked)
    ]


def _without_allowed(regions: list[Region], texts: list[str], options: PixelOptions) -> tuple[list[Region], list[str]]:
    told = dict(zip(regions, texts, strict=True))
    removed = to_remove(regions, texts, KnownIdentifiers(), options.remove)
    return removed, [told[each] for each in removed]


def _blank(image: Image, region: Region, box: Region) -> bool:
    """Whether what a region shares with a box is of one value."""
    top, bottom = max(region.top, box.top), min(region.bottom, box.bottom)
    left, right = max(region.left, box.left), min(region.right, box.right)
    shared = image[top:bottom, left:right] if bottom > top and right > left else image[:0]
    return shared.size == 0 or bool((shared == shared.flat[0]).all())


def overlooked(frames: Frames, frame: int, options: PixelOptions) -> bool:
    """Whether words can be read in a frame that was called clean, half as large again and with its contrast evened.

    The contrast is limited by neighbourhood (CLAHE, Zuiderveld 1994), so that grey on grey stands out; a word has three
    characters, because anatomy looks like one or two. The whole image is looked at: what a glance left out counts too.
    """
    import cv2

    options = replace(options, glance=0.0)
    for image in views(frames, frames.values[frame]):
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        evened = cv2.createCLAHE(3.0, (8, 8)).apply(cv2.resize(grey, None, fx=1.5, fy=1.5))
        regions = text_regions(evened, options)
        if options.remove != "all_text":
            regions = to_remove(regions, read_text(evened, regions), KnownIdentifiers(), options.remove)
        if any(sum(map(str.isalnum, text)) >= _WORD for text in read_text(evened, regions)):
            return True
    return False


def store(dataset: "Dataset", frames: Frames) -> "Dataset":
    """Return a shallow copy of a data set that holds these frames, natively, in Explicit VR Little Endian.

    pydicom reads the same array back (PS3.5 A.2; C.7.6.3). Nothing of the former pixel data remains: no fragment,
    trailing padding, palette or icon. The input is not changed; elements that stay are shared with it.
    """
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

    stored = Dataset()
    stored.update({tag: dataset.get_item(tag) for tag in dataset.keys() if not _is_stale(tag, frames)})  # noqa: SIM118
    if getattr(dataset, "file_meta", {}).get("TransferSyntaxUID") == ExplicitVRBigEndian:
        stored = to_little_endian(stored)
    stored.file_meta = FileMetaDataset()
    stored.file_meta.update(getattr(dataset, "file_meta", {}))
    stored.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword, value in _description(frames).items():
        setattr(stored, keyword, value)
    stored.add_new(*_encode(frames))
    return stored


def _is_stale(tag: Any, frames: Frames) -> bool:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag) in _STALE or (frames.colour and int(tag) in _PALETTE)


def _description(frames: Frames) -> dict[str, Any]:
    """The Image Pixel attributes (PS3.3 C.7.6.3) of frames that are written natively."""
    allocated = 1 if frames.bits_stored == 1 else frames.values.dtype.itemsize * 8
    described: dict[str, Any] = {
        "SamplesPerPixel": 3 if frames.colour else 1,
        "PhotometricInterpretation": frames.photometric,
        "Rows": frames.values.shape[1],
        "Columns": frames.values.shape[2],
        "BitsAllocated": allocated,
    }
    if frames.values.dtype.kind != "f":
        stored = min(frames.bits_stored, allocated)
        described |= {"BitsStored": stored, "HighBit": stored - 1, "PixelRepresentation": int(frames.signed)}
    if len(frames.values) > 1:
        described["NumberOfFrames"] = str(len(frames.values))
    if frames.colour:
        described["PlanarConfiguration"] = 0
    return described


def _encode(frames: Frames) -> tuple[int, str, bytes]:
    """Tag, VR and value of the pixel data: little endian, one-bit samples packed, padded to an even length."""
    from pydicom.pixels import pack_bits

    values: NDArray[Any] = frames.values.astype(frames.values.dtype.newbyteorder("<"), copy=False)
    if values.dtype.kind == "f":
        tag, representation = (0x7FE00008, "OF") if values.dtype.itemsize == 4 else (0x7FE00009, "OD")
        return tag, representation, values.tobytes()
    content = pack_bits(values.ravel(), pad=False) if frames.bits_stored == 1 else values.tobytes()
    return 0x7FE00010, "OB" if values.dtype.itemsize == 1 else "OW", content + b"\0" * (len(content) % 2)
