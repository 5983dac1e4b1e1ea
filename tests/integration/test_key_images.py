"""Key images: what a reader marked goes into the row before what is evenly spaced."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from curate.catalog import Catalog
from curate.policy import Policy
from tests import synth
from tests.pipeline import make_release, make_workspace, rows

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def key_object(images: list[Path], place: Path, numbers: tuple[int, ...]) -> None:
    """Write a Key Object Selection document of the study that names some of its instances."""
    sources = {int(each.InstanceNumber): each for each in map(dcmread, images)}
    made = deepcopy(sources[min(sources)])
    for name in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"):
        if name in made:
            delattr(made, name)
    made.SOPClassUID, made.Modality = KEY_OBJECTS, "KO"
    made.SOPInstanceUID, made.SeriesInstanceUID = generate_uid(entropy_srcs=["ko"]), generate_uid(entropy_srcs=["kos"])
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = KEY_OBJECTS, made.SOPInstanceUID
    made.ContentSequence = []
    for number in numbers:
        item, reference = Dataset(), Dataset()
        item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
        reference.ReferencedSOPClassUID = sources[number].SOPClassUID
        reference.ReferencedSOPInstanceUID = sources[number].SOPInstanceUID
        item.ReferencedSOPSequence = [reference]
        made.ContentSequence.append(item)
    made.save_as(place)


@pytest.mark.parametrize(("marked", "limit", "taken"), [((), 2, {4, 10}), ((1, 2), 2, {1, 2}), ((12,), 3, {3, 9, 12})])
def test_marked_images_come_first(tmp_path: Path, marked: tuple[int, ...], limit: int, taken: set[int]) -> None:
    """Those that a key object names are in the row; the room that is left is evenly spaced over the others."""
    synth.write_archive(tmp_path / "source", [synth.patient(75, kinds=("CT",), instances=12, charset="ISO_IR 100")])
    images = sorted((tmp_path / "source").rglob("*.dcm"))
    uids = {}
    for number, path in enumerate(images, start=1):
        instance = dcmread(path)
        instance.InstanceNumber, instance.BodyPartExamined = number, "CHEST"
        instance.save_as(path)
        uids[number] = instance.SOPInstanceUID
    if marked:
        key_object(images, tmp_path / "source" / "ko.dcm", marked)
    policy = replace(Policy(), output=replace(Policy().output, images_per_study=limit))
    workspace = make_workspace(tmp_path / "ws")
    make_release(tmp_path / "source", workspace, tmp_path / "release", policy)
    numbers = {row["key"]: row["instance_number"] for row in Catalog(workspace / "catalog").rows("instances")}
    (row,) = rows(tmp_path / "release")
    assert {numbers[meta["instance_key"]] for meta in row["image_meta"]} == taken
