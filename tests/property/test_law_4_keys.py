"""Law 4: same key, same bytes; another key, nothing in common."""

from pathlib import Path
from typing import Any

from pydicom import dcmread

from tests import synth
from tests.pipeline import digests, make_release, make_workspace, rows

PATIENTS = [synth.patient(seed, kinds=("CT", "MR"), instances=1, charset="ISO_IR 100") for seed in (31, 32)]
KEYED = ("sample_id", "patient_key", "study_key", "text_sha256", "study_date")


def _curate(root: Path, source: Path, key: bytes) -> tuple[list[dict[str, Any]], set[str]]:
    make_release(source, make_workspace(root / "ws", key), root / "release", dicom_out=root / "dicom")
    return rows(root / "release"), {
        str(instance[name].value)
        for path in (root / "dicom").rglob("*.dcm")
        for instance in [dcmread(path)]
        for name in ("SOPInstanceUID", "StudyInstanceUID", "PatientID", "PatientName", "AccessionNumber")
    }


def test_same_key_gives_the_same_bytes_and_another_key_shares_nothing(tmp_path: Path) -> None:
    """Two workspaces with one key make equal releases; with another key no keyed value occurs in both."""
    source = tmp_path / "source"
    synth.write_archive(source, PATIENTS)
    first = _curate(tmp_path / "a", source, b"a" * 32)
    _curate(tmp_path / "again", source, b"a" * 32)
    other = _curate(tmp_path / "b", source, b"b" * 32)

    assert digests(tmp_path / "a" / "release") == digests(tmp_path / "again" / "release")
    assert digests(tmp_path / "a" / "dicom") == digests(tmp_path / "again" / "dicom")
    for name in KEYED:
        assert not {row[name] for row in first[0]} & {row[name] for row in other[0]}, name
    assert not first[1] & other[1]
