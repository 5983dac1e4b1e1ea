"""Decoding: every codec gives stored values or a coded refusal, and never a value in a message."""

import copy
import io
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels import pixel_array
from pydicom.uid import RLELossless

from curate.errors import Reason, Rejected
from curate.pixels.decode import Frames, decode, has_image
from curate.policy import Limits
from tests.unit.pixels.phantoms import REAL, dataset

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real DICOM files are not beside this checkout")
VALUES = np.arange(48, dtype=np.uint16).reshape(6, 8)


def read(name: str) -> Dataset:
    """Read one of the real files."""
    return dcmread(REAL / name, force=True)


def images() -> list[Path]:
    """All real files that hold pixels."""
    paths = [path for path in sorted(REAL.rglob("*")) if path.is_file()] if REAL.is_dir() else []
    return [path for path in paths if "volume" not in path.parts or path.stem.endswith("0")]


@needs_real
def test_every_real_file_decodes_or_is_refused_with_a_code() -> None:
    """All codecs of the corpus give frames of the declared shape or PIXELS_UNDECODABLE; most decode."""
    outcomes = Counter(outcome(path) for path in images())
    assert set(outcomes) <= {"decoded", "no pixels", Reason.PIXELS_UNDECODABLE}
    assert outcomes["decoded"] > 100
    assert outcomes[Reason.PIXELS_UNDECODABLE] < 10


def outcome(path: Path) -> str:
    """What becomes of one file."""
    try:
        raw = dcmread(path, force=True)
    except Exception:  # noqa: BLE001  files that are no DICOM belong to another stage
        return "no pixels"
    if not has_image(raw):
        return "no pixels"
    try:
        frames = decode(raw, Limits())
    except Rejected as refusal:
        return refusal.reason
    return "decoded" if frames.values.shape[1:3] == (raw.Rows, raw.Columns) else "another shape"


@needs_real
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_RLE.dcm"),
        ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_jpeg_ls_lossless.dcm"),
        ("pydicom-data/emri_small.dcm", "pydicom-data/emri_small_big_endian.dcm"),
        ("pydicom/test_files/MR_small.dcm", "pydicom/test_files/MR_small_jp2klossless.dcm"),
        ("pydicom-data/liver.dcm", "pydicom-data/liver_j2k.dcm"),
        ("pydicom-data/liver.dcm", "pydicom-data/liver_deflate.dcm"),
    ],
)
def test_lossless_codecs_agree_bit_for_bit(one: str, other: str) -> None:
    """The same pixels in another lossless transfer syntax or byte order decode to the same array and type."""
    first, second = (decode(read(name), Limits()) for name in (one, other))
    assert first.values.dtype == second.values.dtype
    assert np.array_equal(first.values, second.values)


@needs_real
def test_single_bits_that_fill_no_byte_are_decoded() -> None:
    """Frames of 510 by 510 bits under RLE: those of the uncropped instance, each beginning with a byte of its own."""
    cropped = decode(read("pydicom-data/liver_nonbyte_aligned_rle.dcm"), Limits()).values
    assert np.array_equal(cropped, decode(read("pydicom-data/liver.dcm"), Limits()).values[:, :510, :510])


@needs_real
def test_jpeg_of_twelve_bits_is_decoded_by_every_process() -> None:
    """Sequential, spectral selection and full progression of one CT agree, and look like its lossless form."""
    start = "cornerstone/CTImage.dcm_"
    sequential, spectral, progressive, lossless = (
        decode(read(f"{start}{name}.dcm"), Limits()).values.astype(int)
        for name in (
            "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
            "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
            "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
            "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
        )
    )
    assert sequential.max() > 255
    assert np.array_equal(sequential, spectral)
    assert np.array_equal(sequential, progressive)
    assert np.corrcoef(sequential.ravel(), lossless.ravel())[0, 1] > 0.99


@needs_real
@pytest.mark.parametrize("tail", [-40, 40])
def test_deflated_frame_of_another_length_is_refused(tail: int) -> None:
    """A stream that was cut, and one that inflates to more than the header says, are both refused."""
    segmentation = read("pydicom-data/liver_deflate.dcm")
    frames = list(generate_frames(segmentation.PixelData, number_of_frames=3))
    samples = zlib.decompress(frames[0], -15) + bytes(max(tail, 0))
    packer = zlib.compressobj(wbits=-15)
    frames[0] = (packer.compress(samples) + packer.flush())[: tail if tail < 0 else None]
    segmentation.PixelData = encapsulate(frames)
    with pytest.raises(Rejected):
        decode(segmentation, Limits())


@needs_real
def test_silent_file_meta_is_no_obstacle() -> None:
    """Without a transfer syntax in file meta, the encoding in which the data set was read is taken."""
    assert decode(read("pydicom-data/OT-PAL-8-face.dcm"), Limits()).values.shape == (1, 480, 640, 3)


@pytest.mark.parametrize("limit", [47, 1])
def test_dimensions_are_checked_before_decoding(limit: int) -> None:
    """An instance beyond the limit is refused by its header alone, although its pixel data is not even there."""
    large = dataset(VALUES)
    large.PixelData = b""
    with pytest.raises(Rejected) as refusal:
        decode(large, Limits(pixels=limit))
    assert refusal.value.reason is Reason.PIXELS_TOO_LARGE


def test_dimensions_at_the_limit_pass() -> None:
    """The limit itself is allowed."""
    assert decode(dataset(VALUES), Limits(pixels=48)).values.shape == (1, 6, 8)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PixelData": VALUES.tobytes()[:-2]},
        {"NumberOfFrames": 2},
        {"Rows": 0},
        {"BitsAllocated": 7},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"PhotometricInterpretation": "SMITH"},
    ],
)
def test_what_cannot_be_decoded_is_refused_without_its_values(wrong: dict[str, object]) -> None:
    """Truncation, a wrong count of frames and nonsense give PIXELS_UNDECODABLE, with no cause that could speak."""
    with pytest.raises(Rejected) as refusal:
        decode(dataset(VALUES, **wrong), Limits())
    assert refusal.value.reason is Reason.PIXELS_UNDECODABLE
    assert refusal.value.__cause__ is None
    assert "SMITH" not in str(refusal.value)


@needs_real
@pytest.mark.parametrize(
    "name",
    [
        "pydicom/test_files/examples_ybr_color.dcm",
        "pydicom/test_files/examples_jpeg2k.dcm",
        "pydicom-data/emri_small_jpeg_ls_lossless.dcm",
        "pydicom-data/RG3_J2KR.dcm",
        "pydicom-data/emri_small_RLE.dcm",
        "weasis/CT-JPEGLosslessSV1.dcm",
    ],
)
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_truncated_stream_is_refused(name: str, part: float) -> None:
    """No decoder may invent the rest of a frame that was cut short."""
    cut = read(name)
    cut.PixelData = cut.PixelData[: int(len(cut.PixelData) * part)]
    with pytest.raises(Rejected):
        decode(cut, Limits())


@needs_real
def test_ybr_becomes_rgb() -> None:
    """YBR_FULL is converted by the equations of PS3.3 C.7.6.3.1.2, to within rounding."""
    raw = read("pydicom/test_files/examples_ybr_color.dcm")
    y, blue, red = np.moveaxis(pixel_array(raw, raw=True).astype(float), -1, 0)
    blue, red = blue - 128, red - 128
    expected = np.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], -1)
    frames = decode(raw, Limits())
    assert (frames.photometric, frames.bits_stored, frames.colour) == ("RGB", 8, True)
    assert np.abs(frames.values - np.clip(expected, 0, 255)).max() <= 1


@needs_real
def test_a_palette_becomes_8_bit_rgb() -> None:
    """Indices are looked up, and 16-bit entries keep their high byte."""
    raw = read("pydicom-data/OBXXXX1A_rle.dcm")
    frames = decode(raw, Limits())
    reds = np.frombuffer(raw.RedPaletteColorLookupTableData, "<u2")
    assert (frames.photometric, frames.bits_stored, frames.values.dtype) == ("RGB", 8, np.uint8)
    assert np.array_equal(frames.values[0, ..., 0], reds[pixel_array(raw)] >> 8)


def test_bits_of_an_embedded_overlay_are_cleared() -> None:
    """A retired overlay in the bits above the stored ones (PS3.5 8.1.2) does not survive decoding."""
    hidden = VALUES | np.uint16(0xF000)
    described = dataset(hidden, BitsStored=12, HighBit=11)
    described.add_new(0x60000100, "US", 16)
    described.add_new(0x60000102, "US", 12)
    assert np.array_equal(decode(described, Limits()).values[0], VALUES)


def test_the_input_is_not_changed_and_the_output_is_read_only() -> None:
    """Law 7: decoding leaves the data set as it was; the frames cannot be written to by accident."""
    raw = dataset(VALUES)
    before = copy.deepcopy(raw)
    frames = decode(raw, Limits())
    assert raw == before
    with pytest.raises(ValueError, match="read-only"):
        frames.values[0, 0, 0] = 1


def test_frames_are_silent() -> None:
    """The repr of decoded frames shows no value."""
    assert repr(Frames(VALUES[None], "MONOCHROME2", 16, signed=False)) == "<Frames>"


def test_has_image() -> None:
    """Pixel data of any kind counts, a data set without it does not."""
    assert has_image(dataset(VALUES))
    assert not has_image(Dataset())


def test_an_rle_round_trip_through_a_file_decodes() -> None:
    """A compressed instance written and read again decodes to what was compressed."""
    compressed = dataset(VALUES, SOPClassUID="1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID="1.2.3")
    compressed.compress(RLELossless, generate_instance_uid=False)
    written = io.BytesIO()
    compressed.save_as(written, enforce_file_format=True)
    assert np.array_equal(decode(dcmread(io.BytesIO(written.getvalue())), Limits()).values[0], VALUES)
