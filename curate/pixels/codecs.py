"""Codecs that pydicom 3 lacks: JPEG of more than 8 bits, frames of Deflate, and RLE of single bits.

GDCM decodes the lossy JPEG processes 2, 4, 6, 8, 10 and 12 at 12 bits as it does at 8; pydicom asks it for 8 only.
"""

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGExtended12Bit, RLELossless

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.pixels.decoders.base import Decoder, DecodeRunner

DEFLATED = "1.2.840.10008.1.2.8.1"  # Deflated Image Frame Compression (PS3.5 A.4.13)
_NUMBER_OF_FRAMES = 0x00280008
_RETIRED_JPEG = frozenset({"1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55"})  # processes 6 and 8, 10 and 12
DECODER_DEPENDENCIES = {JPEGExtended12Bit: ("gdcm",), **{UID(each): ("gdcm",) for each in _RETIRED_JPEG}}


def as_array(dataset: "Dataset", syntax: UID) -> tuple[NDArray[Any], Any]:
    """All frames, colour as RGB, and what describes them, as `Decoder.as_array` of pydicom gives both.

    Raises what codecs raise, which is anything; ValueError for a frame of another length than the header says.
    """
    if syntax == DEFLATED:
        return _native(dataset, _inflated(dataset))
    if syntax == RLELossless and dataset.BitsAllocated == 1:
        return _native(dataset, _run_lengths(dataset))
    options: Any = {"allow_excess_frames": False}
    return _decoder(syntax, int(dataset.get("BitsStored") or 0)).as_array(dataset, raw=False, **options)


def is_available(uid: str) -> bool:
    """Whether `decode_frame` decodes a transfer syntax; asked by pydicom of each of its plugins."""
    return uid in DECODER_DEPENDENCIES


def decode_frame(frame: bytes, runner: "DecodeRunner") -> bytes:
    """The samples of one JPEG frame, by GDCM: a plugin of pydicom."""
    import gdcm

    fragment, fragments = gdcm.Fragment(), gdcm.SequenceOfFragments.New()
    fragment.SetByteStringValue(frame)
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(element)
    colours = gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(colours))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(runner.transfer_syntax))))
    bits, samples = runner.bits_stored, runner.samples_per_pixel
    image.SetPixelFormat(gdcm.PixelFormat(samples, runner.bits_allocated, bits, bits - 1, runner.pixel_representation))
    decoded: str = image.GetBuffer()  # bytes, in the form that SWIG gives to char*
    return decoded.encode("utf-8", "surrogateescape")


def _decoder(syntax: UID, bits: int) -> "Decoder":
    """The decoder of a transfer syntax: pydicom's, but for JPEG that it does not take on."""
    from pydicom.pixels import get_decoder
    from pydicom.pixels.decoders.base import Decoder

    if syntax not in _RETIRED_JPEG and not (syntax == JPEGExtended12Bit and bits > 8):
        return get_decoder(syntax)
    decoder = Decoder(syntax)
    decoder.add_plugin("gdcm at 12 bits", (__name__, "decode_frame"))
    return decoder


def _inflated(dataset: "Dataset") -> Iterator[bytes]:
    """Each frame inflated (RFC 1951), and not beyond what the header says."""
    for frame in _encapsulated(dataset):
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        samples = stream.decompress(frame, _frame_bytes(dataset) + 2)
        if not stream.eof:
            raise ValueError
        yield samples


def _run_lengths(dataset: "Dataset") -> Iterator[bytes]:
    """Each frame of single bits, packed: to the decoder one row of bytes (PS3.5 G.2)."""
    from pydicom.encaps import encapsulate
    from pydicom.pixels import get_decoder

    options: Any = {
        "rows": 1, "columns": _frame_bytes(dataset), "samples_per_pixel": 1, "bits_allocated": 8, "bits_stored": 8,
        "pixel_representation": 0, "number_of_frames": 1, "photometric_interpretation": "MONOCHROME2",
        "pixel_keyword": "PixelData", "allow_excess_frames": False,
    }  # fmt: skip
    for frame in _encapsulated(dataset):
        samples, _ = get_decoder(RLELossless).as_array(encapsulate([frame]), raw=True, **options)
        yield samples.tobytes()


def _encapsulated(dataset: "Dataset") -> Iterator[bytes]:
    from pydicom.encaps import generate_frames

    tables = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    frames = int(dataset.get("NumberOfFrames") or 1)
    return generate_frames(dataset.PixelData, number_of_frames=frames, extended_offsets=tables if all(tables) else None)


def _frame_bytes(dataset: "Dataset") -> int:
    """Bytes of one frame by itself; single bits are packed, and each frame begins with a byte of its own."""
    samples = int(dataset.Rows) * int(dataset.Columns) * int(dataset.SamplesPerPixel)
    return (samples * int(dataset.BitsAllocated) + 7) // 8


def _native(dataset: "Dataset", frames: Iterator[bytes]) -> tuple[NDArray[Any], Any]:
    """Frames of native samples, each decoded by itself; a byte of padding may follow one."""
    from pydicom.pixels import get_decoder

    arrays: list[NDArray[Any]] = []
    described: Any = {}
    length = _frame_bytes(dataset)
    for frame in frames:
        if len(frame) not in {length, length + length % 2}:
            raise ValueError
        alone = dataset.group_dataset(0x0028)
        alone.pop(_NUMBER_OF_FRAMES, None)
        alone.add_new(0x7FE00010, "OW", frame)
        array, described = get_decoder(ExplicitVRLittleEndian).as_array(alone, raw=False)
        arrays.append(array)
    if len(arrays) != int(dataset.get("NumberOfFrames") or 1):
        raise ValueError
    return np.stack(arrays), described
