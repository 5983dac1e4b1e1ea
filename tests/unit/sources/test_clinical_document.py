"""CDA documents."""

import time
from base64 import b64encode
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import ReportStatus
from tests.unit.sources.dicom_documents import clinical_document
from tests.unit.sources.papers import known, one, pdf, read, reason

HEAD = """
<id root="1.9" extension="DOC-1"/><setId root="1.9" extension="SET-1"/><versionNumber value="2"/>
<effectiveTime value="20240315101500"/>
<recordTarget><patientRole><id root="1.8" extension="00483921"/>
 <addr><streetAddressLine>12 Larkspur Lane</streetAddressLine><city>Thistledown</city></addr>
 <telecom value="tel:+1-214-555-0142"/><telecom value="mailto:mq@example.org"/>
 <patient><name><given>Marguerite</given><family>Quillfeather</family></name><birthTime value="19510203"/></patient>
 <providerOrganization><name>St Elsewhere</name></providerOrganization></patientRole></recordTarget>
<author><time value="20240315"/><assignedAuthor><id root="1.7" extension="4711"/>
 <assignedPerson><name>Otto Bramble</name></assignedPerson></assignedAuthor></author>
<inFulfillmentOf><order><id root="1.6" extension="PLC-5512"/><accessionNumber extension="ACC-778899"/></order>
</inFulfillmentOf>
<documentationOf><serviceEvent><id root="1.2.3.4"/><code displayName="CT CHEST"/>
 <effectiveTime><low value="20240314"/></effectiveTime></serviceEvent></documentationOf>
"""
SECTIONS = [("Findings", "<paragraph>Clear &amp; normal.</paragraph>"), ("Impression", "No disease.")]


def _enclosed(body: str, attributes: str = "") -> bytes:
    return (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text{attributes}>{body}</text>'
        "</nonXMLBody></component></ClinicalDocument>"
    ).encode()


def test_sections_become_headers_and_lines() -> None:
    """Titles are headers; what the header says joins the document to its study."""
    report = one("a.xml", clinical_document(SECTIONS, HEAD))
    assert report.text == "FINDINGS:\nClear & normal.\n\nIMPRESSION:\nNo disease."
    assert (report.patient_id, report.accession_number, report.study_instance_uid) == (
        "00483921",
        "ACC-778899",
        "1.2.3.4",
    )
    assert (report.issued, report.performed) == (date(2024, 3, 15), date(2024, 3, 14))
    assert (report.order_numbers, report.procedure) == (("PLC-5512",), "CT CHEST")
    assert (report.document, report.version) == ("1.9^SET-1", "2".zfill(20))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", "Quillfeather^Marguerite"),
        ("name", "Otto Bramble"),
        ("id", "00483921"),
        ("id", "4711"),
        ("id", "PLC-5512"),
        ("id", "ACC-778899"),
        ("date", "19510203"),
        ("date", "20240314"),
        ("address", "12 Larkspur Lane^Thistledown"),
        ("phone", "+1-214-555-0142"),
        ("email", "mq@example.org"),
        ("institution", "St Elsewhere"),
        ("uid", "1.2.3.4"),
    ],
)
def test_header_identifies(kind: str, value: str) -> None:
    """Everybody and everything that the header names."""
    assert value in known(one("a.xml", clinical_document(SECTIONS, HEAD)), kind)


@pytest.mark.parametrize(
    ("narrative", "text"),
    [
        ("one<br/>two", "one\ntwo"),
        ("<list><item>one</item><item>two</item></list>", "one\ntwo"),
        ("<table><tr><td>Aorta</td><td>3 cm</td></tr></table>", "Aorta 3 cm"),
        ("a <content>b</content>\n c", "a b c"),
        ("<![CDATA[x < y]]>", "x < y"),
    ],
)
def test_narrative_blocks_are_lines(narrative: str, text: str) -> None:
    """Lists, tables, paragraphs and breaks."""
    assert one("a.xml", clinical_document([("T", narrative)])).text == f"T:\n{text}"


def test_document_that_encloses_another_is_that() -> None:
    """nonXMLBody: plain text, text as base64, a PDF."""
    plain = b64encode("Größe".encode()).decode()
    paper = b64encode(pdf([["Of a page."]])).decode()
    assert one("a.xml", _enclosed(" Clear. ")).text == "Clear."
    assert one("a.xml", _enclosed(plain, ' representation="B64"')).text == "Größe"
    assert one("a.xml", _enclosed(paper, ' representation="B64"')).text == "Of a page."


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("", ReportStatus.FINAL),
        ('<relatedDocument typeCode="APND"><parentDocument/></relatedDocument>', ReportStatus.ADDENDUM),
        ('<statusCode code="nullified"/>', ReportStatus.WITHDRAWN),
        ('<statusCode code="active"/>', ReportStatus.PRELIMINARY),
    ],
)
def test_header_says_how_far_it_has_come(head: str, status: ReportStatus) -> None:
    """A document that appends to another is its addendum."""
    assert one("a.xml", clinical_document(SECTIONS, head)).status is status


def test_document_names_the_one_it_replaces() -> None:
    """RPLC with the identifier of the parent."""
    head = '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.9" extension="OLD"/></parentDocument></relatedDocument>'  # noqa: E501  # fmt: skip
    assert one("a.xml", clinical_document(SECTIONS, head)).supersedes == ("1.9^OLD",)


ENTITIES = b'<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><ClinicalDocument>&b;</ClinicalDocument>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><ClinicalDocument/>'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ENTITIES, Reason.MALFORMED),
        (OUTSIDE, Reason.MALFORMED),
        (b"<ClinicalDocument>", Reason.MALFORMED),
        (b"<ClinicalDocument>\0</ClinicalDocument>", Reason.MALFORMED),
        (b'<?xml version="1.0" encoding="no-such"?><ClinicalDocument/>', Reason.MALFORMED),
        (b"<note/>", Reason.NOT_A_REPORT),
        (b"<ClinicalDocument/>", Reason.REPORT_EMPTY),
        (b"<ClinicalDocument>" + b"<a>" * 300 + b"</a>" * 300 + b"</ClinicalDocument>", Reason.TOO_DEEP),
        (b"<ClinicalDocument>" + b"<a>" * 200_000, Reason.MALFORMED),
        (_enclosed("A", ' representation="B64"'), Reason.MALFORMED),
    ],
)
def test_hostile_document_has_a_reason(data: bytes, expected: Reason) -> None:
    """No DTD, no entity, no depth without end, nothing fetched."""
    assert reason("a.xml", data) == expected


def test_document_over_the_limit_is_not_parsed() -> None:
    """Bytes are counted first."""
    assert reason("a.xml", clinical_document(SECTIONS), Limits(document_bytes=50)) is Reason.TOO_LARGE


@given(st.text("<>/ab&;\"'= \n!-[]CDATX", max_size=80))
def test_any_markup_is_a_report_or_has_a_reason(inner: str) -> None:
    """Whatever stands between the tags."""
    try:
        read("a.xml", f"<ClinicalDocument>{inner}</ClinicalDocument>".encode())
    except Rejected as refused:
        assert refused.reason in {Reason.MALFORMED, Reason.REPORT_EMPTY}  # noqa: PT017


def test_ten_megabytes_are_read_in_linear_time() -> None:
    """Twice the size takes about twice as long: a paragraph costs no more for those before it."""
    seconds = []
    for count in (45_000, 90_000):
        narrative = (
            "<paragraph>A finding among many others, of no weight for the whole, and one more.</paragraph>" * count
        )
        began = time.process_time()
        assert one("a.xml", clinical_document([("Findings", narrative)])).text.count("\n") == count
        seconds.append(time.process_time() - began)
    assert seconds[1] < 4 * seconds[0] + 1
