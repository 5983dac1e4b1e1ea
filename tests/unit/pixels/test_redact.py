"""Blacking out: exact inside, untouched outside, looked at twice, and read back as written."""

import copy
import io

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from curate.pixels.burned_in import find_text
from curate.pixels.decode import Frames, decode
from curate.pixels.redact import overlooked, redact, remains, store
from curate.policy import Limits, PixelOptions
from curate.records import Box
from tests.unit.pixels.phantoms import REAL, anatomy, dataset, grey, write

OPTIONS = PixelOptions()
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real DICOM files are not beside this checkout")


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2", "RGB"])
def test_pixels_outside_the_boxes_are_bit_identical(photometric: str) -> None:
    """Law 5: two boxes in two of three frames change nothing else, and the input not at all."""
    drawn = np.random.default_rng(3)
    shape = (3, 40, 50, 3) if photometric == "RGB" else (3, 40, 50)
    frames = Frames(drawn.integers(5, 200, shape).astype(np.uint8), photometric, 8, signed=False)
    before = frames.values.copy()
    clean = redact(frames, [Box(0, 3, 4, 20, 9), Box(2, 45, 30, 50, 40)])
    inside = np.zeros(shape[:3], bool)
    inside[0, 4:9, 3:20] = inside[2, 30:40, 45:50] = True
    assert np.array_equal(clean.values[~inside], before[~inside])
    assert np.array_equal(frames.values, before)
    darkest = {"RGB": 0, "MONOCHROME1": before[0].max(), "MONOCHROME2": before[0].min()}[photometric]
    assert (clean.values[0, 4:9, 3:20] == darkest).all()


def test_no_boxes_give_the_same_object() -> None:
    """Nothing is copied when nothing is to be blacked out."""
    frames = grey(anatomy(32, 32))
    assert redact(frames, []) is frames


def test_after_redaction_nothing_remains() -> None:
    """The second look finds nothing where text was blacked out."""
    values = anatomy(256, 256)
    for line, text in enumerate(("DOE^JANE", "DOB 07.22.1943", "St. Mary Hospital")):
        write(values, text, (8, 8 + 22 * line), 13, 1500)
    frames = grey(values)
    boxes = find_text(frames, OPTIONS)
    assert len(boxes) == 3
    assert remains(redact(frames, boxes), boxes, OPTIONS) == []


def test_a_failed_redaction_is_noticed() -> None:
    """The second look finds text in a box that was not blacked out, and text of which a part sticks out of its box."""
    values = anatomy(256, 256)
    left, top, right, bottom = write(values, "HUBER ANNA 0092", (30, 20), 16, 1500)
    frames = grey(values)
    whole, half = Box(0, left, top, right, bottom), Box(0, left, top, (left + right) // 2, bottom)
    assert remains(frames, [whole], OPTIONS)
    assert remains(redact(frames, [half]), [half], OPTIONS)


def test_words_in_what_was_called_clean_are_noticed() -> None:
    """The keyed second look reads words, and takes no anatomy for one."""
    values = anatomy(256, 256)
    assert not overlooked(grey(values), 0, OPTIONS)
    write(values, "HUBER ANNA", (30, 20), 12, 400)
    assert overlooked(grey(values), 0, OPTIONS)


def test_no_boxes_need_no_second_look() -> None:
    """Without boxes there is nothing that could remain in them."""
    assert remains(grey(anatomy(64, 64)), [], OPTIONS) == []


@needs_real
@pytest.mark.parametrize(
    "name",
    [
        "pydicom/test_files/examples_rgb_color.dcm",
        "pydicom/test_files/examples_jpeg2k.dcm",
        "presidio/2_ORIGINAL.dcm",
        "rsna-anonymizer/us_rgb_single_frame/US_RGB_SingleFrame.dcm",
    ],
)
def test_real_instances_are_clean_after_redaction(name: str) -> None:
    """Real burned-in text is found, and the second look finds no legible rest."""
    frames = decode(dcmread(REAL / name), Limits())
    boxes = find_text(frames, OPTIONS)
    clean = redact(frames, boxes)
    assert boxes
    assert remains(clean, boxes, OPTIONS) == []


def through_a_file(stored: Dataset) -> Dataset:
    """Write and read again."""
    written = io.BytesIO()
    stored.save_as(written, enforce_file_format=True)
    return dcmread(io.BytesIO(written.getvalue()))


@needs_real
@pytest.mark.parametrize(
    "name",
    [
        "pydicom-data/emri_small_RLE.dcm",
        "pydicom-data/emri_small_big_endian.dcm",
        "pydicom-data/liver.dcm",
        "pydicom-data/gdcm-US-ALOKA-16.dcm",
        "pydicom-data/parametric_map_float.dcm",
        "pydicom-data/RG3_J2KR.dcm",
        "pydicom/test_files/examples_ybr_color.dcm",
        "pydicom/test_files/SC_rgb_small_odd_big_endian.dcm",
        "pydicom/test_files/SC_rgb_rle_32bit.dcm",
        "pydicom/test_files/SC_ybr_full_422_uncompressed.dcm",
        "highdicom/dx_image.dcm",
    ],
)
def test_stored_frames_read_back_the_same(name: str) -> None:
    """Any source is stored natively, and reads back to the same array, type and description."""
    raw = dcmread(REAL / name)
    frames = decode(raw, Limits())
    stored = through_a_file(store(raw, frames))
    again = decode(stored, Limits())
    assert stored.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert again.values.dtype == frames.values.dtype
    assert np.array_equal(again.values, frames.values)
    assert (again.photometric, again.bits_stored, again.signed) == (
        frames.photometric,
        frames.bits_stored,
        frames.signed,
    )
    assert np.array_equal(stored.pixel_array, frames.values.squeeze(0) if len(frames.values) == 1 else frames.values)


def test_words_are_stored_in_the_order_that_the_file_says() -> None:
    """A lookup table of a big endian source, below the top level, holds the same entries once stored little endian."""
    values = np.arange(48, dtype=np.uint16).reshape(6, 8)
    raw, item = dataset(values), Dataset()
    entries = np.arange(256, dtype=np.uint16) * 7
    item.LUTDescriptor, item.ModalityLUTType = [256, 0, 16], "US"
    item.add_new(0x00283006, "OW", entries.astype(">u2").tobytes())
    raw.ModalityLUTSequence = [item]
    raw.PixelData = values.astype(">u2").tobytes()
    raw.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    frames = decode(raw, Limits())
    assert np.array_equal(frames.values[0], values)
    again = store(raw, frames)
    assert np.array_equal(np.frombuffer(again.ModalityLUTSequence[0].LUTData, "<u2"), entries)
    assert item.LUTData == entries.astype(">u2").tobytes()


def test_storing_leaves_nothing_of_the_former_pixels() -> None:
    """Trailing bytes after the last frame and the icon, where text would survive, are gone; the input is unchanged."""
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    raw = dataset(values, SOPClassUID="1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID="1.2.3", PatientID="X")
    raw.PixelData = raw.PixelData + b"CANARY"
    raw.IconImageSequence = [dataset(values)]
    before = copy.deepcopy(raw)
    stored = store(raw, decode(raw, Limits()))
    assert stored.PixelData == values.tobytes()
    assert "IconImageSequence" not in stored
    assert stored.PatientID == "X"
    assert raw == before
    assert raw.file_meta == before.file_meta


def test_storing_needs_no_former_pixels() -> None:
    """A data set built from nothing, without pixel data and file meta, takes the frames as well."""
    frames = grey(anatomy(16, 24))
    bare = Dataset()
    bare.SOPClassUID, bare.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    assert np.array_equal(decode(through_a_file(store(bare, frames)), Limits()).values, frames.values)


@needs_real
def test_a_stored_palette_instance_needs_no_palette() -> None:
    """What was PALETTE COLOR is RGB, and holds no lookup table."""
    raw = dcmread(REAL / "pydicom" / "test_files" / "examples_palette.dcm")
    stored = store(raw, decode(raw, Limits()))
    assert stored.PhotometricInterpretation == "RGB"
    assert not [each.keyword for each in stored if "Palette" in each.keyword]
