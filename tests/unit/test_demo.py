"""The demo archive is what it says: real instances, planted identities, and a few inputs that must be refused."""

import csv
import json
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.errors import InvalidDicomError

import curate.demo
from curate.demo import DemoSource, build_source
from curate.demo.headers import PRIVATE_CREATOR
from curate.demo.identities import institution, plans
from curate.demo.reports import write
from curate.errors import PolicyError, Problem
from tests.canaries import sweep

PACKAGE = Path(curate.demo.__file__).parent
SAMPLE = PACKAGE / "sample"
FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "CC-BY-4.0"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> DemoSource:
    """The demo archive."""
    return build_source(tmp_path_factory.mktemp("demo") / "source")


def instances(source: DemoSource) -> list[Path]:
    """The instances that are sound."""
    return sorted(path for path in source.directory.rglob("IM_*.dcm"))


def test_the_sample_is_free_small_and_unchanged() -> None:
    """Each instance has the digest of its manifest, a free licence, and the text of that licence beside it."""
    with (SAMPLE / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = {path.name: path.read_bytes() for path in SAMPLE.glob("*.dcm")}
    assert {row["file"]: row["sha256"] for row in rows} == {
        name: sha256(each).hexdigest() for name, each in files.items()
    }
    assert {row["licence"] for row in rows} <= FREE
    assert all((PACKAGE / "LICENSES" / row["licence_text"]).stat().st_size > 500 for row in rows)
    assert sum(map(len, files.values())) < 3_000_000


def test_the_sample_has_five_modalities_and_codecs_that_decode() -> None:
    """CT, MR, US, CR and NM, in at least five transfer syntaxes, one of several frames; every one decodes."""
    datasets = [dcmread(path) for path in sorted(SAMPLE.glob("*.dcm"))]
    assert {each.Modality for each in datasets} == {"CT", "MR", "US", "CR", "NM"}
    assert len({each.file_meta.TransferSyntaxUID for each in datasets}) >= 5
    assert all(each.pixel_array.std() > 0 for each in datasets)
    assert max(int(each.get("NumberOfFrames", 1)) for each in datasets) > 1


def test_counts_are_those_of_the_files(source: DemoSource) -> None:
    """What DemoSource says is what lies in the directory."""
    datasets = [dcmread(path, stop_before_pixels=True) for path in instances(source)]
    assert len(datasets) == source.instances
    assert len({each.StudyInstanceUID for each in datasets}) == source.studies >= 7
    assert len({each.PatientID for each in datasets}) == source.patients >= 6
    assert len({each.SOPInstanceUID for each in datasets}) == source.instances
    assert len(list(source.directory.rglob("*.dcm"))) == source.instances + source.unusable
    assert len(list(source.directory.rglob("*.txt"))) == source.reports + source.lone_reports
    assert source.studies - source.lone_studies == source.reports
    studies = Counter(each.PatientID for each in {each.StudyInstanceUID: each for each in datasets}.values())
    assert max(studies.values()) >= 2
    assert max(Counter(each.StudyInstanceUID for each in datasets).values()) >= 3


def test_the_same_archive_each_time(source: DemoSource, tmp_path: Path) -> None:
    """No clock and no chance: a second archive is equal byte for byte."""
    again = build_source(tmp_path / "again").directory
    names = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(source.directory) for path in source.directory.rglob("*") if path.is_file())
    assert all((again / name).read_bytes() == (source.directory / name).read_bytes() for name in names)


def test_a_directory_that_holds_something_is_refused(tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        build_source(tmp_path)
    assert refused.value.problem is Problem.OUTPUT_EXISTS
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_identities_stand_in_headers_in_their_character_sets(source: DemoSource) -> None:
    """Each instance names its patient, with every component group, its physicians and its accession number."""
    by_accession = {plan.accession: plan for plan in plans()}
    for path in instances(source):
        dataset = dcmread(path)
        plan = by_accession[dataset.AccessionNumber]
        assert str(dataset.PatientName) == plan.patient.name
        assert dataset.PatientID == plan.patient.mrn
        assert dataset.PatientAddress == plan.patient.address
        assert dataset.ReferringPhysicianName == plan.referrer
        assert dataset.StudyDate == f"{plan.date:%Y%m%d}"
        assert plan.patient.family.upper() in dataset.StudyDescription
        assert plan.patient.mrn in dataset.private_block(0x0029, PRIVATE_CREATOR)[0x10].value
        assert plan.patient.mrn.encode() in dataset.preamble
        assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
        corrected = dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
        assert str(corrected.PatientName).startswith(f"{plan.patient.family}-Former")


def test_every_identity_is_planted_somewhere(source: DemoSource) -> None:
    """The sweep finds names, numbers, addresses, telephones and UIDs of everybody in the archive."""
    hospital = institution()
    wanted = [hospital.name, hospital.department, hospital.address, hospital.phone]
    for plan in plans():
        patient = plan.patient
        wanted += [patient.name.split("=")[0], *(group.replace("^", " ") for group in patient.name.split("=")[1:2])]
        wanted += [patient.mrn, patient.address, patient.phone, f"{patient.birth:%Y%m%d}"]
        wanted += [plan.accession, plan.referrer, plan.operator, plan.radiologist, f"{plan.date:%Y%m%d}"]
    found = {wanted[hit.canary] for hit in sweep([source.directory], wanted)}
    assert found == set(wanted)
    assert {
        hit.place for hit in sweep([source.directory], [patient.mrn for patient in (plan.patient for plan in plans())])
    } > {"name"}


def test_what_must_not_come_out_covers_what_was_planted(source: DemoSource) -> None:
    """`planted` holds the identities in the forms that header, report and path use, and no bare word such as "Hill"."""
    planted = set(source.planted)
    for plan in plans():
        assert {
            plan.accession,
            plan.patient.mrn,
            plan.patient.name,
            plan.patient.phone,
            f"{plan.date:%Y%m%d}",
        } <= planted
    assert {"MRN-0090001", "AC24-999999", "Mr. Hill", "HILL MARCUS", "山田 太郎"} <= planted
    assert not {"Hill", "May", "Rose", "April"} & planted
    assert min(len(each.encode()) for each in planted) >= 5


def test_no_date_is_another_one_shifted() -> None:
    """A shift of 52 to 520 weeks never turns one planted date into another, so that a hit is always a leak."""
    days = {plan.date for plan in plans()} | {plan.prior for plan in plans()}
    births = {plan.patient.birth for plan in plans()}
    shifted = {day - timedelta(weeks=weeks) for day in days | births for weeks in range(52, 521)}
    assert not shifted & (days | births)


def test_reports_have_sections_and_keep_clinical_phrases(source: DemoSource) -> None:
    """Each report has the five sections in order, names its patient, and holds every phrase that must survive."""
    for plan in (plan for plan in plans() if plan.report):
        text = (source.directory / "reports" / f"{plan.accession}.txt").read_text(encoding="utf-8")
        sections = [
            text.index(f"{name}:") for name in ("INDICATION", "TECHNIQUE", "COMPARISON", "FINDINGS", "IMPRESSION")
        ]
        assert sections == sorted(sections)
        assert all(phrase in text for phrase in plan.keep)
        assert plan.patient.mrn in text
        assert "{" not in text
    assert {"Kerley B lines", "Foley catheter", "L4-L5", "6 weeks", "3.2 x 1.1 cm"} <= set(source.clinical)


def test_both_formats_of_a_report_agree(source: DemoSource) -> None:
    """Each line of reports.jsonl has the text of the file that its accession number names, and the study's UID."""
    lines = (source.directory / "reports" / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    studies = {dcmread(path, stop_before_pixels=True).StudyInstanceUID for path in instances(source)}
    for record in map(json.loads, lines):
        path = source.directory / "reports" / f"{record['accession_number']}.txt"
        assert record["text"] == path.read_text(encoding="utf-8")
        assert record["study_instance_uid"] in studies
        assert set(record) == {"report_id", "patient_id", "accession_number", "study_instance_uid", "issued", "text"}
    assert len(lines) == source.reports


def test_text_is_burned_into_pixels_and_the_rest_is_untouched(source: DemoSource) -> None:
    """Four or more instances differ from their sample in one corner only, and are then native."""
    burned = 0
    for plan in plans():
        for number, sample in enumerate(plan.instances, start=1):
            path = next(source.directory.rglob(f"{plan.date:%Y-%m-%d}_*")) / "SE001" / f"IM_{number:04d}.dcm"
            planted, original = dcmread(path), dcmread(SAMPLE / f"{sample}.dcm")
            changed = (
                np.argwhere((planted.pixel_array != original.pixel_array).reshape(planted.Rows, -1))
                if sample in plan.burn
                else None
            )
            if changed is None:
                assert planted.PixelData == original.PixelData
                continue
            burned += 1
            assert not planted.file_meta.TransferSyntaxUID.is_compressed
            assert len(changed) > 300
            assert np.ptp(changed[:, 0]) < 90
    assert burned == source.burned >= 4


def test_burned_text_can_be_read() -> None:
    """Two lines of capitals, 14 to 24 pixels high, light on dark as the interpretation shows it."""
    from curate.demo.pixels import _letters, lines

    for plan in plans():
        ground, strokes = _letters(lines(plan), 512)
        assert ground.shape == strokes.shape
        assert 0.05 < strokes.mean() < 0.4
        rows = np.flatnonzero(strokes.any(axis=1))
        assert 14 <= len(rows) / 2 <= 24


def test_two_files_are_unusable(source: DemoSource) -> None:
    """One breaks off in its pixels, one is no DICOM at all though it is named so."""
    folder = next((source.directory / "incoming").iterdir())
    with pytest.raises(ValueError, match=r"less than expected|decod"):
        dcmread(folder / "interrupted.dcm").pixel_array.sum()
    with pytest.raises(InvalidDicomError):
        dcmread(folder / "note.dcm")


def test_a_report_is_as_old_as_its_patient() -> None:
    """Ages in reports are completed years on the day of the study."""
    plan = plans()[0]
    assert "66-year-old man" in write(plan, institution())


def test_the_representation_shows_no_identity(source: DemoSource) -> None:
    """A DemoSource in a log says how many studies, nothing else."""
    assert repr(source) == f"<DemoSource of {source.studies} studies>"
