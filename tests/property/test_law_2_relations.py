"""Law 2: relations survive. Same in, same surrogate; different, different; intervals stay; references resolve."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from tests import synth
from tests.pipeline import make_release, make_workspace, rows

PATIENTS = [synth.patient(seed, kinds=("CT", "MR", "CT"), instances=2, charset="ISO_IR 192") for seed in (11, 12)]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Dataset]]:
    """A release, and the de-identified instances of the same run."""
    root = tmp_path_factory.mktemp("law2")
    synth.write_archive(root / "source", PATIENTS)
    make_release(root / "source", make_workspace(root / "ws"), root / "release", dicom_out=root / "dicom")
    return root / "release", [dcmread(path) for path in sorted((root / "dicom").rglob("*.dcm"))]


def _day(value: str) -> date:
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))


def test_every_instance_has_one_surrogate_of_its_own(clean: tuple[Path, list[Dataset]]) -> None:
    """As many SOP, series and study UIDs and patients come out as went in."""
    _, instances = clean
    studies = [study for each in PATIENTS for study in each.studies]
    assert len({each.SOPInstanceUID for each in instances}) == sum(study.instances for study in studies)
    assert len({each.StudyInstanceUID for each in instances}) == len(studies)
    assert len({each.PatientID for each in instances}) == len({str(each.PatientName) for each in instances}) == 2


def test_intervals_in_days_stay(clean: tuple[Path, list[Dataset]]) -> None:
    """The days between the studies of a patient are the same before and after, and no date is."""
    release, instances = clean
    expected = sorted((second.day - first.day).days for each in PATIENTS for first, second in pairwise(each.studies))
    by_patient: dict[str, set[date]] = {}
    for each in instances:
        by_patient.setdefault(each.PatientID, set()).add(_day(each.StudyDate))
    found = sorted((b - a).days for days in by_patient.values() for a, b in pairwise(sorted(days)))
    assert found == expected
    assert not {study.day for each in PATIENTS for study in each.studies} & set().union(*by_patient.values())
    assert {row["study_date"] for row in rows(release)} == set().union(*by_patient.values())


def test_report_and_header_of_a_patient_agree(clean: tuple[Path, list[Dataset]]) -> None:
    """The surrogate of the name, the ID and the date in the text are those of the header."""
    release, instances = clean
    texts = [row["report"] for row in rows(release)]
    for each in instances:
        family, given = str(each.PatientName).split("^")
        assert any(f"{given} {family}" in text and each.PatientID in text for text in texts)
        assert any(f"{_day(each.StudyDate):%d.%m.%Y}" in text for text in texts)


def test_references_between_instances_resolve(tmp_path: Path) -> None:
    """A UID that one instance has and another refers to is the same surrogate in both."""
    from curate.privacy.surrogates import Surrogates

    first, second = Surrogates(b"k" * 32, "patient-a"), Surrogates(b"k" * 32, "patient-b")
    assert first.uid("1.2.3.4") == second.uid("1.2.3.4")
    assert first.uid("1.2.3.4") != first.uid("1.2.3.5")
