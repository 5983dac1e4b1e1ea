"""A head in thin slices: rows of single slices go out, the volume does not, unless the policy says so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from curate.check import check_release
from curate.instances import deidentify_source
from curate.policy import Policy
from tests import synth
from tests.pipeline import KEY, make_release, make_workspace, rows

SLICES = 48


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A patient with a head CT of 48 slices of 1 mm and a report."""
    root = tmp_path_factory.mktemp("head") / "source"
    synth.write_archive(root, [synth.patient(7, kinds=("CT",), instances=SLICES, charset="ISO_IR 100")])
    for path in root.rglob("*.dcm"):
        instance = dcmread(path)
        instance.BodyPartExamined, instance.SliceThickness, instance.PixelSpacing = "HEAD", "1", ["1", "1"]
        instance.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        instance.save_as(path)
    return root


def under(faces: str) -> Policy:
    """The default policy but for what becomes of faces."""
    return replace(Policy(), pixels=replace(Policy().pixels, faces=faces))


def test_slices_stand_in_a_row_and_the_volume_stays_behind(archive: Path, tmp_path: Path) -> None:
    """Single slices are marked as what they are; no slice is written as DICOM; each is accounted for."""
    facts = make_release(archive, make_workspace(tmp_path / "ws"), tmp_path / "release", dicom_out=tmp_path / "dicom")
    images = [meta for row in rows(tmp_path / "release") for meta in row["image_meta"]]
    assert images
    assert all(meta["recognizable_face"] for meta in images)
    assert not list((tmp_path / "dicom").rglob("*.dcm"))
    assert check_release(tmp_path / "release")
    withheld = [each for each in facts["actions"] if each["action"] == "withhold"]
    assert [(each["target"], each["count"]) for each in withheld] == [("recognizable_face", 16)]
    assert facts["counts"]["refused_by_policy"]["recognizable_face"] == SLICES - 16


def test_a_row_never_holds_the_slices_between(archive: Path, tmp_path: Path) -> None:
    """However many images the policy takes, those of a head stand apart; the others are refused by policy."""
    policy = replace(Policy(), output=replace(Policy().output, images_per_study=500))
    facts = make_release(archive, make_workspace(tmp_path / "ws"), tmp_path / "release", policy)
    assert facts["counts"]["published"]["images"] == SLICES // 2
    assert facts["counts"]["refused_by_policy"]["recognizable_face"] == SLICES // 2


@pytest.mark.parametrize(("faces", "written"), [("withhold", 0), ("deface", SLICES), ("keep", SLICES)])
def test_deidentify_writes_a_head_only_as_the_policy_says(
    archive: Path, tmp_path: Path, faces: str, written: int
) -> None:
    """Every slice is withheld, defaced or kept, and what is written says that a face may be recognised."""
    counts = deidentify_source(str(archive), tmp_path / "out", make_workspace(tmp_path / "ws", KEY), under(faces))
    assert (counts["written"], counts["quarantined"]) == (written, SLICES - written)
    made = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert len(made) == written
    assert all(each.RecognizableVisualFeatures == "YES" for each in made)
    assert all(("radcurate: face cut away" in each.DeidentificationMethod) == (faces == "deface") for each in made)
    assert all(np.ptp(each.pixel_array) > 0 for each in made)
