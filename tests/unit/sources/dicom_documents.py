"""DICOM documents made for tests: SR, encapsulated PDF and CDA; every person in them is invented."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from curate.errors import Rejected
from curate.policy import Limits
from curate.records import RawReport
from curate.sources.structured_report import report_of

BASIC_TEXT, COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.88.33"
PDF, CDA = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.104.2"
REPORT, FINDING, OBSERVER = (
    ("18748-4", "LN", "Report"),
    ("121071", "DCM", "Finding"),
    ("121008", "DCM", "Observer Name"),
)
FINDINGS, IMPRESSIONS = ("121070", "DCM", "Findings"), ("121072", "DCM", "Impressions")
IDENTITY: Mapping[str, str] = {
    "PatientName": "Quillfeather^Marguerite", "PatientID": "00483921", "PatientBirthDate": "19510203",
    "StudyInstanceUID": "1.2.3.4", "SeriesInstanceUID": "1.2.3.4.9", "SOPInstanceUID": "1.2.3.4.9.1",
    "AccessionNumber": "ACC-778899", "StudyDate": "20240314", "ContentDate": "20240315", "ContentTime": "101500.5",
    "Modality": "SR",
}  # fmt: skip


def code(value: tuple[str, str, str]) -> Dataset:
    """A coded entry: value, scheme, meaning."""
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value
    return made


def item(
    kind: str, name: tuple[str, str, str] | None = None, relationship: str = "CONTAINS", **held: object
) -> Dataset:
    """A content item; `held` are its attributes."""
    made = Dataset()
    made.RelationshipType, made.ValueType = relationship, kind
    if name:
        made.ConceptNameCodeSequence = [code(name)]
    for keyword, value in held.items():
        setattr(made, keyword, value)
    return made


def section(name: tuple[str, str, str], *items: Dataset) -> Dataset:
    """A container of TID 2000 with what is in it."""
    return item("CONTAINER", name, ContentSequence=list(items))


def line(text: str, name: tuple[str, str, str] = FINDING) -> Dataset:
    """A text item."""
    return item("TEXT", name, TextValue=text)


def document(sop_class: str, identity: Mapping[str, object] = IDENTITY, **held: object) -> Dataset:
    """An instance of a SOP Class with an identity and further attributes."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SpecificCharacterSet, made.SOPClassUID = "ISO_IR 192", sop_class
    for keyword, value in {**identity, **held}.items():
        setattr(made, keyword, value)
    return made


def structured(
    *items: Dataset, sop_class: str = BASIC_TEXT, title: tuple[str, str, str] = REPORT, **held: object
) -> Dataset:
    """An SR document with its content."""
    return document(sop_class, ValueType="CONTAINER", ConceptNameCodeSequence=[code(title)],
                    ContentSequence=list(items), **held)  # fmt: skip


def encapsulated(sop_class: str, data: bytes, identity: Mapping[str, object] = IDENTITY) -> Dataset:
    """An encapsulated document, padded as PS3.5 wants it."""
    return document(sop_class, identity, EncapsulatedDocument=data + b"\0" * (len(data) % 2))


def told(dataset: Dataset, limits: Limits | None = None) -> RawReport:
    """The report that an instance holds."""
    found = report_of(dataset, limits)
    assert found is not None
    return found


def refusal(dataset: Dataset, limits: Limits | None = None) -> str:
    """The reason that an instance is refused with, "" when it is none."""
    try:
        report_of(dataset, limits)
    except Rejected as refused:
        return refused.reason.value
    return ""


def encode(dataset: Dataset) -> bytes:
    """The instance as a file."""
    out = BytesIO()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def clinical_document(sections: Sequence[tuple[str, str]], head: str = "") -> bytes:
    """A CDA of sections (title, narrative); `head` is what stands before its body."""
    body = "".join(
        f"<component><section><title>{title}</title><text>{text}</text></section></component>"
        for title, text in sections
    )
    return (
        f'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">{head}'
        f"<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"
    ).encode()
