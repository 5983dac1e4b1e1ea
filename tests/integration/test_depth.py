"""A release of 16 bits a grey value: whole, checked, and loaded."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
from PIL import Image

from curate.check import check_release
from curate.policy import Policy
from tests import synth
from tests.pipeline import make_release, make_workspace


def test_grey_values_of_a_whole_release_are_measured_ones(tmp_path: Path) -> None:
    """The release holds to every check; its images have 16 bits, and the card names no trainer that takes them."""
    people = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in range(20, 23)]
    synth.write_archive(tmp_path / "source", people)
    policy = replace(Policy(), output=replace(Policy().output, bits=16))
    facts = make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "release", policy)
    assert not any(facts["trainers"].values())
    rows = ds.dataset(tmp_path / "release" / "data").to_table(columns=["images", "image_meta"]).to_pylist()
    assert rows
    for row in rows:
        for image, meta in zip(row["images"], row["image_meta"], strict=True):
            assert meta["window_source"] == "full"
            assert np.asarray(Image.open(io.BytesIO(image["bytes"]))).dtype == np.uint16
    assert check_release(tmp_path / "release")
