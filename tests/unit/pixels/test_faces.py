"""Heads: which volumes show a face, and what cutting it away leaves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from curate.pixels.faces import deface, shows_face, slices_of
from tests.unit.pixels.phantoms import grey

AXIAL, SAGITTAL, CORONAL = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]
HEAD = {"Modality": "CT", "BodyPartExamined": "HEAD", "SliceThickness": "1.0", "PixelSpacing": [1, 1]}


Y, X = np.mgrid[:256, :256]
BRAIN = ((Y - 135) / 72) ** 2 + ((X - 128) / 52) ** 2 < 1  # 23 mm under the skin everywhere


def header(values: Mapping[str, Any]) -> Dataset:
    """A data set of these attributes, of a square of 256."""
    made = Dataset()
    for keyword, value in {"Rows": 256, "Columns": 256, **values}.items():
        setattr(made, keyword, value)
    return made


def slice_of_head() -> NDArray[np.float64]:
    """An axial slice, the front above: an ellipse of 150 x 190 mm with a nose of 25 mm and a skull, 1 mm a pixel."""
    inside = ((Y - 135) / 95) ** 2 + ((X - 128) / 75) ** 2
    nose = (abs(X - 128) < 14) & (Y > 18) & (Y < 60)
    values = np.where((inside < 1) | nose, 1040.0, 0.0)
    values[(inside < 0.9) & (inside > 0.8)] = 2000
    return values + np.random.default_rng(3).integers(0, 20, values.shape)


@pytest.mark.parametrize(
    ("changes", "slices", "face"),
    [
        ({}, 150, True),
        ({"Modality": "MR", "BodyPartExamined": "", "SeriesDescription": "t1_mprage_brain"}, 176, True),
        ({"BodyPartExamined": "", "StudyDescription": "CCT Schädel nativ"}, 150, True),
        ({"BodyPartExamined": "WHOLEBODY", "Modality": "PT", "SliceThickness": "3"}, 300, True),
        ({"BodyPartExamined": "", "PixelSpacing": [0.9, 0.9]}, 150, True),  # no region, a head's field of view
        ({"BodyPartExamined": "", "PixelSpacing": [0.3, 0.3]}, 150, False),  # no head fits in 77 mm
        ({"BodyPartExamined": "", "PixelSpacing": None}, 150, False),  # nothing names a head, and there is no scale
        ({"PixelSpacing": None}, 150, True),
        ({"SliceThickness": None}, 150, True),
        ({"BodyPartExamined": "CHEST"}, 300, False),
        ({"BodyPartExamined": "CHEST", "SeriesDescription": "coronary sinus"}, 300, False),
        ({"BodyPartExamined": "", "SeriesDescription": "surface coil knee"}, 300, False),
        ({"BodyPartExamined": "", "PixelSpacing": [1.6, 1.6]}, 150, False),
        ({"SliceThickness": "8"}, 24, False),
        ({}, 12, False),
        ({"Modality": "DX"}, 150, False),
    ],
)
def test_a_head_in_thin_slices_shows_a_face(changes: Mapping[str, Any], slices: int, *, face: bool) -> None:
    """By modality, region, distance of slices and what they cover; what the header does not say counts against it."""
    assert shows_face(header(HEAD | changes), slices) is face


def test_a_frame_is_a_slice() -> None:
    """Multi-frame instances and single ones of one series count together."""
    rows = [{"series_uid": "1", "frames": 30}, {"series_uid": "1", "frames": 1}, {"series_uid": "2", "frames": 1}]
    assert slices_of(rows) == {"1": 31, "2": 1}


@pytest.mark.parametrize(("orientation", "turns"), [(AXIAL, 0), (SAGITTAL, 1), ([-1, 0, 0, 0, -1, 0], 2)])
def test_the_face_goes_and_the_rest_stays_bit_for_bit(orientation: list[int], turns: int) -> None:
    """Whichever edge is the front: nose and skin are air, the depth of the head is what it was, the input too."""
    upright = slice_of_head()
    given = np.rot90(upright, turns)
    frames = grey(np.stack([given, given]))
    before = frames.values.copy()
    made = deface(frames, header(HEAD | {"ImageOrientationPatient": orientation}))
    assert made is not None
    assert (frames.values == before).all()
    for old, new in zip(frames.values, made.values, strict=True):
        old_up, new_up = np.rot90(old, -turns), np.rot90(new, -turns)
        assert (new_up[:44, 110:146] == old.min()).all()  # the nose, and the skin under it
        assert (new_up[136:] == old_up[136:]).all()  # the back of the head
        assert (new_up[BRAIN] == old_up[BRAIN]).all()
        assert (new_up != old_up).mean() < 0.2


def test_a_profile_does_not_tell_nose_from_cheek() -> None:
    """The line that is left runs smoothly where the nose was: no step higher than 2 mm between columns."""
    frames = grey(slice_of_head())
    made = deface(frames, header(HEAD | {"ImageOrientationPatient": AXIAL}))
    assert made is not None
    edge = (made.values[0][:, 100:157] > 500).argmax(axis=0)
    assert np.abs(np.diff(edge)).max() <= 2


@pytest.mark.parametrize("changes", [{"ImageOrientationPatient": CORONAL}, {}, {"PixelSpacing": None}])
def test_what_cannot_be_defaced_is_not_said_to_be(changes: Mapping[str, Any]) -> None:
    """Without a front at an edge, an orientation or a scale there is no result."""
    assert deface(grey(slice_of_head()), header(HEAD | {"ImageOrientationPatient": None} | changes)) is None


def test_an_empty_slice_stays_as_it_is() -> None:
    """Air above the head has no face."""
    frames = grey(np.zeros((64, 64)))
    made = deface(frames, header(HEAD | {"ImageOrientationPatient": AXIAL}))
    assert made is not None
    assert (made.values == frames.values).all()
