"""FHIR DiagnosticReport, alone, in a Bundle, and as NDJSON."""

import json
from base64 import b64encode
from contextlib import suppress
from datetime import date
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason, Rejected
from curate.records import RawReport, ReportStatus
from tests.unit.sources.papers import known, one, pdf, read, reason

PATIENT: dict[str, Any] = {
    "resourceType": "Patient", "id": "p1",
    "identifier": [{"type": {"coding": [{"code": "SS"}]}, "value": "987654321"},
                   {"type": {"coding": [{"code": "MR"}]}, "value": "00483921"}],
    "name": [{"family": "Quillfeather", "given": ["Marguerite", "Anne"]}],
    "telecom": [{"system": "phone", "value": "(214)555-0142"}, {"system": "email", "value": "mq@example.org"}],
    "address": [{"line": ["12 Larkspur Lane"], "city": "Thistledown", "postalCode": "75001"}],
    "birthDate": "1951-02-03",
    "contact": [{"name": {"family": "Lorimer", "given": ["Ezra"]}}],
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
                   "valueString": "Wexcombe"}],
}  # fmt: skip
DOCTOR: dict[str, Any] = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Dr. Otto Bramble"}]}
STUDY: dict[str, Any] = {
    "resourceType": "ImagingStudy", "id": "s1", "started": "2024-03-14T09:30:00Z",
    "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4"},
                   {"type": {"coding": [{"code": "ACSN"}]}, "value": "ACC-778899"}],
    "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}],
}  # fmt: skip
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest", "id": "o1", "authoredOn": "2024-03-13",
    "identifier": [{"type": {"coding": [{"code": "PLAC"}]}, "value": "PLC-5512"}],
    "requester": {"reference": "Practitioner/d2", "display": "Isolde Penhaligon"},
}  # fmt: skip
REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "issued": "2024-03-15T10:00:00+01:00",
    "meta": {"lastUpdated": "2024-03-15T11:00:00Z"},
    "code": {"text": "CT CHEST"}, "subject": {"reference": "Patient/p1"},
    "performer": [{"reference": "Practitioner/d1"}, {"reference": "Organization/x", "display": "Elsewhere General"}],
    "imagingStudy": [{"reference": "ImagingStudy/s1"}], "basedOn": [{"reference": "ServiceRequest/o1"}],
    "text": {"status": "generated",
             "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>FINDINGS: Clear &amp; normal.</p></div>'},
    "conclusion": "No acute disease.",
}  # fmt: skip
OTHERS = (PATIENT, DOCTOR, STUDY, ORDER)


def bundle(report: dict[str, Any] | None = None) -> bytes:
    """A Bundle of everything."""
    entries = [{"resource": each} for each in (report or REPORT, *OTHERS)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1).encode()


def ndjson() -> bytes:
    """The same resources, one a line, the report first."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in (REPORT, *OTHERS))


def contained() -> bytes:
    """The same resources inside of the report."""
    inner = json.dumps({**REPORT, "contained": OTHERS})
    for kind, name in (("Patient", "p1"), ("Practitioner", "d1"), ("ImagingStudy", "s1"), ("ServiceRequest", "o1")):
        inner = inner.replace(f'"{kind}/{name}"', f'"#{name}"')
    return inner.encode()


def by_url() -> bytes:
    """A Bundle whose references are full URLs."""
    urls = {f"{each['resourceType']}/{each['id']}": f"urn:uuid:{number}" for number, each in enumerate(OTHERS)}
    entries = [{"fullUrl": urls[f"{each['resourceType']}/{each['id']}"], "resource": each} for each in OTHERS]
    text = json.dumps({"resourceType": "Bundle", "entry": [{"resource": REPORT}, *entries]})
    for name, url in urls.items():
        text = text.replace(f'"{name}"', f'"{url}"')
    return text.encode()


FORMS = {"bundle": bundle, "ndjson": ndjson, "contained": contained, "by_url": by_url}


def _report(name: str) -> RawReport:
    found = [each for each in read("a.json", FORMS[name]()) if isinstance(each, RawReport)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("form", FORMS)
def test_report_is_the_same_in_every_form(form: str) -> None:
    """Text, study, patient and orders, whether what it refers to is contained, beside it, or called by its URL."""
    report = _report(form)
    assert report.text == "FINDINGS: Clear & normal.\n\nIMPRESSION: No acute disease."
    assert (report.patient_id, report.accession_number) == ("00483921", "ACC-778899")
    assert (report.study_instance_uid, report.order_numbers) == ("1.2.3.4", ("PLC-5512",))
    assert (report.issued, report.performed) == (date(2024, 3, 15), date(2024, 3, 14))
    assert (report.modality, report.procedure) == ("CT", "CT CHEST")
    assert (report.document, report.version) == ("r1", "2024-03-15T11:00:00Z")


@pytest.mark.parametrize("form", FORMS)
def test_who_a_report_leads_to_identifies(form: str) -> None:
    """Patient, relatives, practitioners, orderers and organisations; numbers, addresses, contacts, dates, UIDs."""
    report = _report(form)
    names = {"Quillfeather^Marguerite Anne", "Lorimer^Ezra", "Wexcombe", "Dr. Otto Bramble", "Isolde Penhaligon"}
    assert known(report, "name") == names
    assert {"987654321", "00483921", "ACC-778899", "PLC-5512"} <= known(report, "id")
    assert known(report, "date") == {"19510203", "20240313", "20240314", "20240315"}
    assert known(report, "phone") == {"(214)555-0142"}
    assert known(report, "email") == {"mq@example.org"}
    assert known(report, "address") == {"12 Larkspur Lane^Thistledown^75001"}
    assert "Elsewhere General" in known(report, "institution")
    assert known(report, "uid") == {"1.2.3.4"}


def test_other_resources_are_no_reports() -> None:
    """Every entry of a file is accounted for."""
    assert read("a.json", bundle())[1:] == [Reason.NOT_A_REPORT] * 4


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("text/plain", b"Plain text.", "Plain text."),
        (
            "text/html",
            b"<html><body><h1>FINDINGS</h1><p>None.</p><script>x()</script></body></html>",
            "FINDINGS\n\nNone.",
        ),
        ("application/pdf", pdf([["Of a page."]]), "Of a page."),
        ("", "Größe".encode("latin-1"), "Größe"),
    ],
)
def test_presented_form_comes_before_the_narrative(kind: str, data: bytes, text: str) -> None:
    """What was presented is the report; the conclusion is added when it is not in it."""
    form = {"contentType": kind, "data": b64encode(data).decode()}
    report = one("a.json", json.dumps({**REPORT, "presentedForm": [form]}).encode())
    assert report.text == f"{text}\n\nIMPRESSION: No acute disease."


def test_conclusion_that_the_text_holds_is_not_repeated() -> None:
    """The same words under their header are one impression."""
    narrative = {"div": "<div><p>FINDINGS: x</p><p>Impression<br/>No acute  disease.</p></div>"}
    report = one(
        "a.json", json.dumps({**REPORT, "text": narrative, "conclusion": "Impression: No acute disease."}).encode()
    )
    assert report.text == "FINDINGS: x\n\nImpression\nNo acute  disease."


def test_results_are_the_text_where_there_is_no_other() -> None:
    """Observations of text, under their names."""
    result = {"resourceType": "Observation", "id": "f", "code": {"text": "Findings"}, "valueString": "Clear."}
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "contained": [result],
        "result": [{"reference": "#f"}],
    }
    assert one("a.json", json.dumps(report).encode()).text == "Findings: Clear."


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("registered", ReportStatus.PRELIMINARY),
        ("preliminary", ReportStatus.PRELIMINARY),
        ("final", ReportStatus.FINAL),
        ("amended", ReportStatus.AMENDED),
        ("appended", ReportStatus.AMENDED),
        ("unknown", ReportStatus.PRELIMINARY),
        ("entered-in-error", ReportStatus.WITHDRAWN),
        ("cancelled", ReportStatus.WITHDRAWN),
        (None, ReportStatus.PRELIMINARY),
    ],
)
def test_status_is_mapped(status: str | None, expected: ReportStatus) -> None:
    """DiagnosticReport.status of R4 and R5; without one nobody has signed."""
    assert one("a.json", json.dumps({**REPORT, "status": status}).encode()).status is expected


def test_study_of_r5_is_found() -> None:
    """R5 renamed imagingStudy, and made modality a CodeableConcept."""
    study = {**STUDY, "modality": [{"coding": [{"code": "MR"}]}]}
    report = {name: value for name, value in REPORT.items() if name != "imagingStudy"}
    data = json.dumps({**report, "study": [{"reference": "#s1"}], "contained": [study]}).encode()
    assert (one("a.json", data).study_instance_uid, one("a.json", data).modality) == ("1.2.3.4", "MR")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (json.dumps(PATIENT).encode(), Reason.NOT_A_REPORT),
        (b'{"resourceType": "DiagnosticReport"}', Reason.REPORT_EMPTY),
        (b'{"resourceType": "DiagnosticReport", "presentedForm": [{"data": "%%%"}]}', Reason.REPORT_EMPTY),
        (b'{"resourceType": "DiagnosticReport", "presentedForm": [{"data": "A"}]}', Reason.MALFORMED),
        (
            b'{"resourceType": "DiagnosticReport", "presentedForm": [{"contentType": "image/png", "data": "AAAA"}]}',
            Reason.NOT_A_REPORT,
        ),
        (b'{"resourceType": "DiagnosticReport", "presentedForm": [{"url": "http://x"}]}', Reason.REPORT_EMPTY),
        (b'{"resourceType": "Diag', Reason.MALFORMED),
        (b'{"resourceType": "DiagnosticReport", "conclusion": "\\ud800"}', Reason.REPORT_UNDECODABLE),
        (b'{"resourceType": "DiagnosticReport", "conclusion": "a\\u0000"}', Reason.REPORT_UNDECODABLE),
        (b'{"resourceType": "Bundle", "entry": ' + b"[" * 100_000, Reason.TOO_DEEP),
    ],
)
def test_resource_without_a_report_has_a_reason(data: bytes, expected: Reason) -> None:
    """Nothing is fetched, nothing is guessed."""
    assert reason("a.json", data) == expected


@pytest.mark.parametrize("value", [None, 7, "x", [], [[]], {}, [None], {"reference": 7}, [{"reference": None}], True])
@pytest.mark.parametrize("name", [*REPORT, "presentedForm", "contained", "result", "identifier", "study"])
def test_element_of_the_wrong_type_breaks_nothing(name: str, value: object) -> None:
    """JSON that is no FHIR is a report without that element, or has a reason."""
    if name != "resourceType":
        read("a.json", json.dumps({**REPORT, name: value}).encode())
        inner = {**PATIENT, name: value, "name": value, "telecom": value, "address": value, "identifier": value}
        read("a.json", json.dumps({**REPORT, "contained": [inner], "subject": {"reference": "#p1"}}).encode())


def test_references_in_a_circle_end() -> None:
    """Two resources that refer to each other are each read once."""
    one_way = {"resourceType": "Organization", "id": "a", "name": "Alpha House", "contact": [{"reference": "#b"}]}
    other = {"resourceType": "Organization", "id": "b", "name": "Beta House", "contact": [{"reference": "#a"}]}
    report = {**REPORT, "contained": [one_way, other], "performer": [{"reference": "#a"}]}
    assert {"Alpha House", "Beta House"} <= known(one("a.json", json.dumps(report).encode()), "institution")


def test_report_of_a_hackathon_is_read(shared: Path) -> None:
    """A resource of DSTU2 form: its narrative, its dates, its performer."""
    folder = shared / "data/real/reports/fhir_siim_MIT"
    report = one("a.json", (folder / "diagnostic_report_4077.ct544.json").read_bytes())
    assert report.text.startswith("CT Head and Neck with contrast")
    assert report.text.count("mass in the base of the right tongue as detailed above") == 1
    assert (report.status, report.performed) == (ReportStatus.FINAL, date(1996, 4, 28))
    assert "Society of Imaging Informatics in Medicine" in known(report, "institution")


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_ANYTHING = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def places_of(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value of a JSON document, but for its own."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [each for key, value in inner for each in [(*path, key), *places_of(value, (*path, key))]]


_PLACES = places_of(json.loads(bundle()))


@given(st.lists(st.tuples(st.sampled_from(_PLACES), _ANYTHING), min_size=1, max_size=3))
def test_any_value_anywhere_is_read_or_has_a_reason(changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    """Values of a Bundle exchanged for any JSON: a report or a reason, never another exception."""
    document = json.loads(bundle())
    for path, value in changes:
        with suppress(LookupError, TypeError):  # an earlier change took the place away
            reduce(getitem, path[:-1], document)[path[-1]] = value
    try:
        found = list(read("b.json", json.dumps(document).encode()))
    except Rejected as refused:
        assert refused.reason in Reason  # noqa: PT017
    else:
        assert all(isinstance(each, RawReport | Reason) for each in found)
