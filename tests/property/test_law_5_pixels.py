"""Law 5: pixels outside the rectangles that were blacked out are bit-identical."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydicom import dcmread

from curate.pixels.decode import Frames
from curate.pixels.redact import redact
from curate.policy import Limits
from curate.records import Box
from tests import synth
from tests.pipeline import make_release, make_workspace

SHAPES = st.one_of(
    st.tuples(st.integers(1, 3), st.integers(2, 24), st.integers(2, 24)),
    st.tuples(st.integers(1, 3), st.integers(2, 24), st.integers(2, 24), st.just(3)),
)


@given(SHAPES.flatmap(lambda shape: arrays.arrays(np.uint16, shape)), st.data())
def test_redaction_changes_nothing_outside_its_boxes(values: np.ndarray, data: st.DataObject) -> None:
    """Whatever the pixels and the boxes: outside equal, inside one value, input untouched."""
    boxes = data.draw(st.lists(_boxes(values.shape), max_size=3))
    photometric = "RGB" if values.ndim == 4 else "MONOCHROME2"
    before = values.copy()
    after = redact(_frames(values, photometric), boxes).values
    outside = np.ones(values.shape[:3], dtype=bool)
    for box in boxes:
        outside[box.frame, box.top : box.bottom, box.left : box.right] = False
    assert np.array_equal(after[outside], before[outside])
    assert np.array_equal(values, before)
    for box in boxes:
        assert len(np.unique(after[box.frame, box.top : box.bottom, box.left : box.right])) <= 1


def _frames(values: np.ndarray, photometric: str) -> Frames:
    return Frames(values=values, photometric=photometric, bits_stored=16, signed=False)


def _boxes(shape: tuple[int, ...]) -> st.SearchStrategy[Box]:
    def ordered(corners: tuple[int, int, int, int, int]) -> Box:
        frame, x, y, width, height = corners
        return Box(frame, x, y, min(shape[2], x + width), min(shape[1], y + height))

    places = st.tuples(
        st.integers(0, shape[0] - 1), st.integers(0, shape[2] - 1), st.integers(0, shape[1] - 1),
        st.integers(1, shape[2]), st.integers(1, shape[1]),
    )  # fmt: skip
    return places.map(ordered)


@pytest.mark.parametrize("kind", ["CT", "MR", "DX", "SC", "US"])
def test_instance_without_text_keeps_its_pixels(tmp_path: Path, kind: str) -> None:
    """Through the whole path, in five transfer syntaxes, pixels in which nothing was found come out as they went in."""
    person = synth.patient(41, kinds=(kind,), instances=5, charset="ISO_IR 100")
    synth.write_archive(tmp_path / "source", [person])
    make_release(
        tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "release", dicom_out=tmp_path / "dicom"
    )
    raw = {_pixels(path) for path in (tmp_path / "source").rglob("*.dcm")}
    clean = {_pixels(path) for path in (tmp_path / "dicom").rglob("*.dcm")}
    assert len(raw) == 5
    assert clean == raw
    assert Limits().pixels > 0


def _pixels(path: Path) -> bytes:
    return bytes(np.ascontiguousarray(dcmread(path).pixel_array).astype("<i8").tobytes())
