"""Reports that are DICOM instances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import ReportStatus
from curate.sources.structured_report import SOP_CLASSES, report_of
from tests.unit.sources.dicom_documents import (
    CDA,
    COMPREHENSIVE,
    FINDINGS,
    IMPRESSIONS,
    OBSERVER,
    PDF,
    clinical_document,
    code,
    encapsulated,
    item,
    line,
    refusal,
    section,
    structured,
    told,
)
from tests.unit.sources.papers import known, pdf

BODY = (section(FINDINGS, line("Clear lungs.")), section(IMPRESSIONS, line("Normal.")))
TEXT = "FINDINGS:\nClear lungs.\n\nIMPRESSIONS:\nNormal."
DIAMETER, MILLIMETRE = ("81827009", "SCT", "Diameter"), ("mm", "UCUM", "millimeter")


def _measured(value: str, unit: tuple[str, str, str]) -> Dataset:
    number = Dataset()
    number.NumericValue, number.MeasurementUnitsCodeSequence = value, [code(unit)]
    return number


def test_headings_of_the_template_become_headers() -> None:
    """TID 2000: containers are headers, findings under them lines, in the order of the document."""
    assert told(structured(*BODY)).text == TEXT


def test_header_of_the_document_joins_it_to_its_study() -> None:
    """Study, patient, accession number, dates and the document itself come from attributes."""
    report = told(structured(*BODY))
    assert (report.study_instance_uid, report.patient_id, report.accession_number) == (
        "1.2.3.4",
        "00483921",
        "ACC-778899",
    )
    assert (report.issued, report.performed) == (date(2024, 3, 15), date(2024, 3, 14))
    assert (report.document, report.version) == ("1.2.3.4.9.1", "20240315101500")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (item("NUM", DIAMETER, MeasuredValueSequence=[_measured("12", MILLIMETRE)]), "Diameter: 12 mm"),
        (item("NUM", DIAMETER, MeasuredValueSequence=[_measured("2", ("1", "UCUM", "no units"))]), "Diameter: 2"),
        (item("NUM", DIAMETER), ""),
        (
            item("CODE", ("111", "99X", "Lesion"), ConceptCodeSequence=[code(("222", "99X", "Cyst"))]),
            "Lesion: Cyst",
        ),
        (item("TEXT", ("333", "99X", "Bone age"), TextValue="7 years"), "Bone age: 7 years"),
        (item("DATE", ("444", "99X", "Prior"), Date="20230101"), "Prior: 20230101"),
        (item("PNAME", ("555", "99X", "Reader"), PersonName="Bramble^Otto"), ""),
        (item("IMAGE", None), ""),
        (item("UIDREF", ("666", "99X", "Study"), UID="1.2.3"), ""),
        (item("SCOORD", ("777", "99X", "Outline"), GraphicType="POINT"), ""),
    ],
)
def test_item_is_a_line_of_its_kind(held: Dataset, expected: str) -> None:
    """Numbers have their unit, codes their meaning; persons, references and coordinates say nothing."""
    before, _, after = told(structured(line("First."), held, line("Last."))).text.partition("First.")
    assert not before
    assert [each for each in after.strip().split("\n") if each] == [each for each in (expected, "Last.") if each]


def test_context_is_no_text_but_identifies() -> None:
    """Observers, organisations and numbers of the context are known identifiers and are not in the report."""
    context = (
        item("PNAME", OBSERVER, "HAS OBS CONTEXT", PersonName="Bramble^Otto"),
        item("TEXT", ("121009", "DCM", "Person Observer's Organization Name"), "HAS OBS CONTEXT", TextValue="St Else"),
        item("TEXT", ("121029", "DCM", "Subject Name"), "HAS OBS CONTEXT", TextValue="Lorimer^Ezra"),
        item("TEXT", ("121030", "DCM", "Subject ID"), "HAS OBS CONTEXT", TextValue="77-8812"),
        item("DATE", ("121031", "DCM", "Subject Birth Date"), "HAS OBS CONTEXT", Date="19510203"),
        item("CODE", ("121049", "DCM", "Language"), "HAS CONCEPT MOD", ConceptCodeSequence=[code(("en", "RFC", "E"))]),
    )
    report = told(structured(*context, *BODY))
    assert report.text == TEXT
    assert {"Bramble^Otto", "Lorimer^Ezra", "Quillfeather^Marguerite"} <= known(report, "name")
    assert "St Else" in known(report, "institution")
    assert "77-8812" in known(report, "id")
    assert {"19510203", "20240314", "20240315"} <= known(report, "date")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, ReportStatus.FINAL),
        ({"CompletionFlag": "COMPLETE", "VerificationFlag": "VERIFIED"}, ReportStatus.FINAL),
        ({"VerificationFlag": "UNVERIFIED"}, ReportStatus.PRELIMINARY),
        ({"VerificationFlag": "UNVERIFIED", "PreliminaryFlag": "FINAL"}, ReportStatus.FINAL),
        ({"PreliminaryFlag": "PRELIMINARY"}, ReportStatus.PRELIMINARY),
    ],
)
def test_flags_say_how_far_it_has_come(flags: dict[str, str], expected: ReportStatus) -> None:
    """PS3.3 C.17.2: verified, or said to be final."""
    assert told(structured(*BODY, **flags)).status is expected


def test_document_names_those_it_replaces() -> None:
    """Predecessor Documents Sequence."""
    instance, series, study = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPInstanceUID = "1.2.3.4.9.0"
    series.ReferencedSOPSequence, study.ReferencedSeriesSequence = [instance], [series]
    assert told(structured(*BODY, PredecessorDocumentsSequence=[study])).supersedes == ("1.2.3.4.9.0",)


@pytest.mark.parametrize(
    "dataset",
    [
        structured(*BODY, sop_class="1.2.840.10008.5.1.4.1.1.88.67"),  # dose
        structured(*BODY, sop_class="1.2.840.10008.5.1.4.1.1.2"),  # CT
        structured(*BODY, sop_class=COMPREHENSIVE, title=("126000", "DCM", "Imaging Measurement Report")),
        structured(item("NUM", DIAMETER, MeasuredValueSequence=[_measured("1", MILLIMETRE)]), sop_class=COMPREHENSIVE),
        structured(),
        Dataset(),
    ],
)
def test_other_documents_are_no_reports(dataset: Dataset) -> None:
    """Doses, images, measurements of machines and empty trees are instances and nothing else."""
    assert report_of(dataset) is None


def test_encapsulated_documents_are_read() -> None:
    """PDF and CDA with the header of their instance; identifiers of both."""
    head = '<recordTarget><patientRole><patient><name><family>Lorimer</family></name></patient></patientRole></recordTarget>'  # noqa: E501  # fmt: skip
    inner = told(encapsulated(CDA, clinical_document([("Findings", "Clear.")], head)))
    assert (inner.text, inner.accession_number) == ("FINDINGS:\nClear.", "ACC-778899")
    assert {"Lorimer^", "Quillfeather^Marguerite"} <= known(inner, "name")
    assert told(encapsulated(PDF, pdf([["FINDINGS: Clear."]]))).text == "FINDINGS: Clear."


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (encapsulated(PDF, b""), Reason.MALFORMED),
        (encapsulated(PDF, b"%PDF-1.4 cut"), Reason.MALFORMED),
        (encapsulated(PDF, pdf([[]])), Reason.REPORT_WITHOUT_TEXT_LAYER),
        (encapsulated(PDF, pdf([["x"]], password="secret")), Reason.REPORT_ENCRYPTED),
        (encapsulated(CDA, b"<a>"), Reason.MALFORMED),
        (encapsulated(CDA, b"<a/>"), Reason.NOT_A_REPORT),
        (encapsulated(CDA, clinical_document([])), Reason.REPORT_EMPTY),
        (structured(line("  ")), Reason.REPORT_EMPTY),
    ],
)
def test_document_that_cannot_be_read_has_a_reason(dataset: Dataset, reason: Reason) -> None:
    """It is a report, and it is refused as one."""
    assert refusal(dataset) == reason.value


def test_document_of_too_many_items_is_refused() -> None:
    """A tree is walked item by item, to a bound."""
    with pytest.raises(Rejected) as refused:
        report_of(structured(*[line("x")] * 100_001))
    assert refused.value.reason is Reason.TOO_LARGE
    assert refusal(encapsulated(PDF, pdf([["x" * 90]])), Limits(document_bytes=100)) == "too_large"


_KINDS = st.sampled_from(["TEXT", "CODE", "NUM", "CONTAINER", "PNAME", "DATE", "", "ODD"])
_NAMES = st.one_of(st.none(), st.tuples(*[st.text("aé1 ", max_size=4)] * 3))
_LEAVES = st.builds(item, _KINDS, _NAMES, st.sampled_from(["CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", ""]))
_TREES = st.recursive(
    _LEAVES, lambda inner: st.builds(lambda some: section(FINDINGS, *some), st.lists(inner)), max_leaves=20
)


@given(st.lists(_TREES, max_size=5), st.sampled_from(sorted(SOP_CLASSES)))
def test_any_tree_is_a_report_or_has_a_reason(items: list[Dataset], sop_class: str) -> None:
    """Items that lack what their kind needs break nothing."""
    dataset = structured(*items, line("Said."), sop_class=sop_class)
    assert refusal(dataset) or "Said." in told(dataset).text
