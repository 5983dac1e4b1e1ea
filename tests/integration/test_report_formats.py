"""Reports in every form that hospitals send, beside the images or among them, from the source to the release."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.catalog import Catalog
from curate.policy import Policy, SourceOptions
from tests import canaries, synth
from tests.pipeline import make_release, make_workspace, rows
from tests.unit.sources.dicom_documents import (
    BASIC_TEXT,
    CDA,
    FINDINGS,
    IMPRESSIONS,
    PDF,
    clinical_document,
    encapsulated,
    encode,
    line,
    section,
    structured,
)
from tests.unit.sources.papers import pdf

FINDING = "A nodule measures 3.2 x 1.1 cm. Kerley B lines at both bases."
FORMS = ("sr", "encapsulated_pdf", "encapsulated_cda", "hl7", "fhir", "cda", "csv", "pdf")


def _identity(person: synth.Patient) -> dict[str, object]:
    """The header of a document of the patient's one study."""
    (study,) = person.studies
    return {
        "PatientName": person.name, "PatientID": person.patient_id, "StudyInstanceUID": study.uid,
        "SeriesInstanceUID": f"{study.uid}.77", "SOPInstanceUID": f"{study.uid}.77.1",
        "AccessionNumber": study.accession, "StudyDate": f"{study.day:%Y%m%d}", "ContentDate": f"{study.day:%Y%m%d}",
        "Modality": "SR",
    }  # fmt: skip


def _hl7(person: synth.Patient, impression: str) -> bytes:
    (study,) = person.studies
    return "\r".join([
        "MSH|^~\\&|RIS|H|P|C|20240315||ORU^R01|1|P|2.5.1||||||UNICODE UTF-8",
        f"PID|1||{person.patient_id}||{person.name.partition('=')[0]}",
        f"OBR|1|||1^X|||{study.day:%Y%m%d}|||||||||||{study.accession}||||{study.day:%Y%m%d}|||F",
        f"OBX|1|TX|59776-5^Findings^LN||{FINDING}||||||F",
        f"OBX|2|TX|19005-8^Impression^LN||{impression}||||||F",
    ]).encode()  # fmt: skip


def _fhir(person: synth.Patient, impression: str) -> bytes:
    (study,) = person.studies
    return json.dumps({
        "resourceType": "DiagnosticReport", "status": "final", "issued": study.day.isoformat(),
        "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": study.accession}],
        "text": {"div": f"<div><p>FINDINGS: {FINDING}</p></div>"}, "conclusion": impression,
    }).encode()  # fmt: skip


def _csv(person: synth.Patient, impression: str) -> bytes:
    (study,) = person.studies
    return f"accession;findings;impression\n{study.accession};{FINDING};{impression}\n".encode()


def _lines(impression: str) -> list[list[str]]:
    return [["FINDINGS:", FINDING, "IMPRESSION:", impression]]


def _sections(impression: str) -> list[tuple[str, str]]:
    return [("Findings", FINDING), ("Impression", impression)]


def _write(folder: Path, form: str, person: synth.Patient) -> None:
    """The report of a patient's one study in one form; in every form its last sentence names the patient."""
    (study,) = person.studies
    impression = f"Nodule of 3.2 cm. {person.spoken} was informed."
    header = f'<inFulfillmentOf><order><accessionNumber extension="{study.accession}"/></order></inFulfillmentOf>'
    made: dict[str, Any] = {
        "sr": lambda: ("sr", encode(structured(
            section(FINDINGS, line(FINDING)), section(IMPRESSIONS, line(impression)),
            sop_class=BASIC_TEXT, **_identity(person)))),
        "encapsulated_pdf": lambda: ("pdf", encode(encapsulated(PDF, pdf(_lines(impression)), _identity(person)))),
        "encapsulated_cda": lambda: (
            "cda", encode(encapsulated(CDA, clinical_document(_sections(impression)), _identity(person)))),
        "hl7": lambda: ("a.hl7", _hl7(person, impression)),
        "fhir": lambda: ("a.json", _fhir(person, impression)),
        "cda": lambda: ("a.xml", clinical_document(_sections(impression), header)),
        "csv": lambda: ("a.csv", _csv(person, impression)),
        "pdf": lambda: (f"{study.accession}.pdf", pdf(_lines(impression))),
    }  # fmt: skip
    name, content = made[form]()
    (folder / form).mkdir(parents=True)
    (folder / form / name).write_bytes(content)


def _patients() -> dict[str, synth.Patient]:
    """A patient for each form, with one study and a name that every encoding of the forms can write."""
    made = {}
    for number, form in enumerate(FORMS):
        person = synth.patient(300 + number, kinds=("CT",), report="none")
        made[form] = replace(person, name=f"Trevelyan{'abcdefgh'[number]}^Morwenna", studies=person.studies[:1])
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, synth.Patient]]:
    """A release of one patient for each form."""
    root, people = tmp_path_factory.mktemp("forms"), _patients()
    synth.write_archive(root / "source", list(people.values()))
    for form, person in people.items():
        _write(root / "source" / "papers", form, person)
    facts = make_release(root / "source", make_workspace(root / "ws"), root / "release")
    return root, dict(facts), people


def test_every_form_gives_the_same_sections(run: tuple[Path, dict[str, Any], dict[str, synth.Patient]]) -> None:
    """SR and encapsulated documents are read as reports of their study, like messages, resources and tables."""
    root, facts, _ = run
    assert facts["counts"]["published"]["studies"] == len(FORMS), facts["counts"]
    assert {row["findings"] for row in rows(root / "release")} == {FINDING}
    assert all(row["impression"].startswith("Nodule of 3.2 cm.") for row in rows(root / "release"))


def test_the_patient_is_named_in_no_form(run: tuple[Path, dict[str, Any], dict[str, synth.Patient]]) -> None:
    """The name in the header of the message or of the document finds the name in its text."""
    root, _, people = run
    planted = [word for person in people.values() for word in (person.spoken, person.patient_id)]
    assert canaries.sweep([root / "release"], planted) == []


def test_every_instance_and_report_is_accounted_for(run: tuple[Path, dict[str, Any], dict[str, synth.Patient]]) -> None:
    """A document is an instance that is no image, and a report."""
    root, facts, _ = run
    counts = facts["counts"]
    assert counts["reports_in"] == len(FORMS) == counts["published"]["reports"]
    assert counts["refused_by_policy"]["not_an_image"] == 3
    joined = Catalog(root / "ws/catalog").rows("reports")
    assert sorted(row["entry"] for row in joined)[:4] == [-1, -1, -1, 0]


def test_documents_are_left_alone_when_the_policy_says_so(tmp_path: Path) -> None:
    """With `sources.documents = false` an SR is an instance only, and the study has the report beside it."""
    person = _patients()["sr"]
    synth.write_archive(tmp_path / "source", [replace(person, report="txt")])
    _write(tmp_path / "source" / "papers", "sr", person)
    policy = replace(Policy(), sources=SourceOptions(documents=False))
    counts = make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "out", policy)["counts"]
    assert (counts["reports_in"], counts["published"]["reports"]) == (1, 1)
