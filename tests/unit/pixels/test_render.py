"""Rendering: the standard's grey scale pipeline, one lossless PNG, one honest row of meta."""

import copy
import hashlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import Dataset

from curate import contracts
from curate.emit.duplicates import distance, perceptual_hash
from curate.errors import Rejected
from curate.pixels.decode import Frames, decode
from curate.pixels.render import render, select_frames
from curate.policy import Limits, OutputOptions
from curate.records import CleanImage
from tests.unit.pixels.phantoms import anatomy, dataset

OPTIONS = OutputOptions()
DEEP = OutputOptions(bits=16)
STORED = np.array([[0, 1024, 1064, 1104], [1000, 1044, 1084, 4000]], np.uint16)
CT: dict[str, Any] = {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 40, "WindowWidth": 81}


def shown(raw: Dataset, frame: int = 0, options: OutputOptions = OPTIONS) -> tuple[np.ndarray, CleanImage]:
    """Render and open the PNG again."""
    image = render(raw, decode(raw, Limits()), frame, options)
    read = np.asarray(Image.open(io.BytesIO(image.png)))
    assert np.array_equal(read, image.pixels)
    return read, image


def item(**attributes: Any) -> Dataset:
    """A sequence item."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def lut(first: int, bits: int, entries: list[int]) -> Dataset:
    """A LUT item with 16-bit entries."""
    made = Dataset()
    made.add_new(0x00283002, "US", [len(entries), first, bits])
    made.add_new(0x00283006, "US", entries)
    return made


def test_a_ct_window_is_applied_as_the_standard_says() -> None:
    """HU = stored - 1024; y = (HU - (c - 0.5)) / (w - 1) + 0.5 (PS3.3 C.11.2.1.2.1), clipped, times 255."""
    png, image = shown(dataset(STORED, **CT))
    expected = np.clip((STORED.astype(float) - 1024 - 39.5) / 80 + 0.5, 0, 1) * 255
    assert np.abs(png - expected).max() <= 0.5
    assert image.meta["window_source"] == "header"
    assert (image.meta["window_center"], image.meta["window_width"]) == (40.0, 81.0)
    assert image.meta["hu_applied"] is True
    assert image.meta["inverted"] is False


@pytest.mark.parametrize("inverse", [{"PhotometricInterpretation": "MONOCHROME1"}, {"PresentationLUTShape": "INVERSE"}])
def test_inverse_instances_are_inverted_once(inverse: dict[str, str]) -> None:
    """MONOCHROME1 and an INVERSE presentation shape, alone or both, give the negative."""
    plain, _ = shown(dataset(STORED, **CT))
    one, image = shown(dataset(STORED, **CT, **inverse))
    both, _ = shown(dataset(STORED, **CT, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"))
    assert np.array_equal(one, 255 - plain)
    assert np.array_equal(both, one)
    assert image.meta["inverted"] is True


@pytest.mark.parametrize(
    "odd",
    [
        {"WindowCenter": 40, "WindowWidth": 0},
        {"WindowCenter": 40, "WindowWidth": 0.5},
        {"WindowCenter": 40, "WindowWidth": -100},
        {"WindowWidth": 400},
        {"WindowCenter": 40},
        {"WindowCenter": None, "WindowWidth": None},
        {},
    ],
)
def test_an_odd_window_falls_back_to_percentiles(odd: dict[str, Any]) -> None:
    """A window that the standard forbids or that lacks a part is not used; the image still spans the grey scale."""
    png, image = shown(dataset(anatomy(64, 64).astype(np.int16), **odd))
    assert image.meta["window_source"] == "percentile"
    assert image.meta["window_width"] > 0
    assert (png.min(), png.max()) == (0, 255)


def test_the_first_of_several_windows_counts() -> None:
    """Multi-valued windows: the first pair."""
    _, image = shown(dataset(STORED, **{**CT, "WindowCenter": [40, 300], "WindowWidth": [81, 1500]}))
    assert (image.meta["window_center"], image.meta["window_width"]) == (40.0, 81.0)


@pytest.mark.parametrize(("function", "middle"), [("LINEAR_EXACT", 128), ("SIGMOID", 128), ("LINEAR", 128)])
def test_every_voi_function_maps_the_centre_to_the_middle(function: str, middle: int) -> None:
    """The centre is the middle grey under each function (C.11.2.1.2, C.11.2.1.3), give or take one level."""
    centre = np.full((4, 4), 100, np.uint16)
    png, _ = shown(dataset(centre, WindowCenter=100, WindowWidth=200, VOILUTFunction=function))
    assert abs(int(png[0, 0]) - middle) <= 1


def test_a_voi_lut_goes_before_a_window() -> None:
    """The VOI LUT Sequence is used when there is one; values beyond it take its ends."""
    raw = dataset(np.array([[0, 1, 2, 9]], np.uint16), **CT | {"RescaleIntercept": 0})
    raw.VOILUTSequence = [lut(0, 8, [10, 20, 30])]
    png, image = shown(raw)
    assert png.tolist() == [[10, 20, 30, 30]]
    assert image.meta["window_source"] == "voi_lut"
    assert image.meta["window_center"] is None


def test_a_modality_lut_goes_before_the_window() -> None:
    """The Modality LUT Sequence replaces rescale; it gives no Hounsfield units."""
    raw = dataset(np.array([[0, 1, 2, 3]], np.uint16), WindowCenter=128, WindowWidth=256)
    raw.ModalityLUTSequence = [lut(0, 16, [255, 128, 0, 255])]
    png, image = shown(raw)
    assert png.tolist() == [[255, 128, 0, 255]]
    assert image.meta["hu_applied"] is False


def test_functional_groups_of_a_frame_go_before_shared_ones() -> None:
    """Enhanced multi-frame: window of the frame, rescale and spacing of all (C.7.6.16)."""
    raw = dataset(np.stack([STORED, STORED]))
    raw.SharedFunctionalGroupsSequence = [
        item(
            PixelValueTransformationSequence=[item(RescaleSlope=1, RescaleIntercept=-1024)],
            PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.7])],
        )
    ]
    raw.PerFrameFunctionalGroupsSequence = [
        item(FrameVOILUTSequence=[item(WindowCenter=centre, WindowWidth=81)]) for centre in (40, 2000)
    ]
    first, image = shown(raw, 0)
    second, other = shown(raw, 1)
    assert np.array_equal(first, shown(dataset(STORED, **CT))[0])
    assert not np.array_equal(first, second)
    assert (image.meta["window_center"], other.meta["window_center"]) == (40.0, 2000.0)
    assert (image.meta["spacing_row"], image.meta["spacing_column"]) == (0.5, 0.7)
    assert (other.meta["frame_index"], other.meta["frames"]) == (1, 2)


def test_padding_does_not_move_the_percentiles() -> None:
    """A third of the frame at Pixel Padding Value leaves the window where it is."""
    values = np.random.default_rng(0).integers(100, 200, (60, 60)).astype(np.int16)
    values[:20] = -2000
    _, image = shown(dataset(values, PixelPaddingValue=-2000))
    assert 100 <= image.meta["window_center"] <= 200
    assert image.meta["window_width"] < 110


def test_large_frames_shrink_and_small_ones_stay() -> None:
    """The longest side is bounded, spacing grows by the same measure, and nothing is enlarged."""
    values = anatomy(300, 200).astype(np.int16)
    small, image = shown(dataset(values, PixelSpacing=[0.2, 0.3]), options=OutputOptions(longest_side=100))
    assert small.shape == (100, 67)
    assert (image.meta["rows"], image.meta["columns"]) == (100, 67)
    assert (image.meta["source_rows"], image.meta["source_columns"]) == (300, 200)
    assert image.meta["spacing_row"] == pytest.approx(0.6)
    assert image.meta["spacing_column"] == pytest.approx(0.3 * 200 / 67)
    assert shown(dataset(values))[0].shape == (300, 200)


@pytest.mark.parametrize("spacing", [None, [0, 0.3], [-1, 0.3]])
def test_impossible_spacing_is_not_passed_on(spacing: list[float] | None) -> None:
    """Spacing is null unless both distances are above zero."""
    _, image = shown(dataset(STORED, PixelSpacing=spacing))
    assert image.meta["spacing_row"] is None
    assert image.meta["spacing_column"] is None


def test_colour_stays_rgb() -> None:
    """An RGB frame comes out of the PNG with its channels in place, 16-bit samples by their high bits."""
    colours = np.array([[[255, 128, 0], [0, 1, 2]]], np.uint8)
    for values, bits in ((colours, 8), (colours.astype(np.uint16) << 8, 16)):
        image = render(Dataset(), Frames(values[None], "RGB", bits, signed=False), 0, OPTIONS)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(image.png))), colours)
        assert image.meta["window_source"] == "none"


def test_meta_fits_the_contract() -> None:
    """The keys are those of image_meta, but for the four that only the caller knows, and Arrow takes the values."""
    fields = next(each for each in contracts.load("image_text").fields if each["name"] == "image_meta")
    names = {each["name"] for each in fields["items"]["fields"]}
    _, image = shown(dataset(STORED, **CT))
    assert set(image.meta) == names - {"instance_key", "series_key", "boxes", "recognizable_face", "phash"}
    entry = {**image.meta, "instance_key": "i", "series_key": "s", "boxes": 0, "phash": "0" * 16}
    entry["recognizable_face"] = False
    kind = contracts.load("image_text").schema().field("image_meta").type
    assert contracts.pa.array([[entry]], type=kind).to_pylist() == [[entry]]
    assert image.meta["sha256"] == hashlib.sha256(image.png).hexdigest()


def test_only_defined_terms_are_passed_on() -> None:
    """Free text in an attribute of terms does not reach the row."""
    _, free = shown(dataset(STORED, BodyPartExamined="chest of Mr Doe", ViewPosition="AP, Doe", Laterality="X"))
    assert [free.meta[key] for key in ("body_part", "view", "laterality")] == [None, None, None]
    _, term = shown(dataset(STORED, BodyPartExamined="CHEST", ViewPosition="AP", ImageLaterality="L"))
    assert [term.meta[key] for key in ("modality", "body_part", "view", "laterality")] == ["CT", "CHEST", "AP", "L"]


def test_rendering_is_deterministic_and_leaves_its_input_alone() -> None:
    """The same frame gives the same bytes; neither the data set nor the frames change (laws 3 and 7)."""
    raw = dataset(anatomy(80, 90).astype(np.int16), **CT)
    before = copy.deepcopy(raw)
    first, second = shown(raw)[1], shown(raw)[1]
    assert first.png == second.png
    assert first.meta == second.meta
    assert raw == before


def test_a_frame_that_does_not_exist_is_refused() -> None:
    """Frame numbers run from 0 to frames - 1."""
    frames = decode(dataset(STORED), Limits())
    for frame in (-1, 1):
        with pytest.raises(Rejected):
            render(dataset(STORED), frames, frame, OPTIONS)


@given(frames=st.integers(0, 500), wanted=st.integers(0, 64))
def test_selected_frames_are_distinct_sorted_and_within(frames: int, wanted: int) -> None:
    """As many as wanted, or all; evenly spaced to within one frame."""
    chosen = select_frames(frames, wanted)
    assert len(chosen) == min(frames, wanted)
    assert chosen == sorted(set(chosen))
    assert all(0 <= each < frames for each in chosen)
    steps = np.diff(chosen)
    assert steps.size == 0 or steps.max() - steps.min() <= 1


def test_one_frame_is_the_middle_one() -> None:
    """Of 9 frames the fifth."""
    assert select_frames(9, 1) == [4]


@pytest.mark.parametrize(
    ("stored", "signed", "slope", "intercept"),
    [(np.uint16, False, 1, -1024), (np.int16, True, 1, 0), (np.uint16, False, 0.37, 0), (np.uint16, False, -1, 100)],
)
def test_sixteen_bits_give_back_every_value(stored: type, signed: bool, slope: float, intercept: float) -> None:
    """Without resampling, centre and width lead from grey values back to the measured ones."""
    values = np.array([[-2048 if signed else 0, 1, 700], [701, 2047, 2047 if signed else 4095]], stored)
    raw = dataset(values, WindowCenter=40, WindowWidth=80, RescaleSlope=slope, RescaleIntercept=intercept)
    raw.BitsStored = 12
    png, image = shown(raw, options=DEEP)
    assert png.dtype == np.uint16
    meta = image.meta
    assert (meta["window_source"], meta["hu_applied"]) == ("full", True)
    measured = meta["window_center"] + (png / 65535 - 0.5) * meta["window_width"]
    assert np.array_equal(np.rint((measured - intercept) / slope), values)


def test_sixteen_bits_are_inverted_like_eight() -> None:
    """MONOCHROME1 is the negative; `inverted` says so."""
    plain, _ = shown(dataset(STORED, **CT), options=DEEP)
    negative, image = shown(dataset(STORED, **CT, PhotometricInterpretation="MONOCHROME1"), options=DEEP)
    assert np.array_equal(negative, 65535 - plain)
    assert image.meta["inverted"] is True


def test_perceptual_hashes_of_both_depths_are_near() -> None:
    """A copy is found whatever depth a release has."""
    raw = dataset(anatomy(64, 64).astype(np.int16))
    hashes = [perceptual_hash(shown(raw, options=each)[1].pixels) for each in (OPTIONS, DEEP)]
    assert distance(*hashes) <= 24
