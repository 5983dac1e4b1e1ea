"""Reports that are DICOM instances: SR documents (PS3.3 A.35), and encapsulated PDF and CDA (PS3.3 A.45).

An SR is read as a reader would: headings of TID 2000 (PS3.16) as headers, text, numbers and codes in their order.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.privacy.identifiers import collect
from curate.records import Identifier, IdentifierKind, RawReport, ReportStatus
from curate.sources.clinical_document import read_document
from curate.sources.documents import read_pdf
from curate.sources.values import identify, parse_date

if TYPE_CHECKING:
    from pydicom import Dataset

# Basic Text, Enhanced, Comprehensive, Comprehensive 3D and Extensible SR; others hold measurements, doses and marks
_DOCUMENTS = frozenset(f"1.2.840.10008.5.1.4.1.1.88.{each}" for each in (11, 22, 33, 34, 35))
_PDF, _CDA = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.104.2"
SOP_CLASSES = frozenset({*_DOCUMENTS, _PDF, _CDA})
# Titles of documents that a machine wrote (TID 1500, 5000 ff., 10001, 4100, 4000)
_BY_MACHINE = frozenset({"126000", "125000", "125100", "113701", "111400", "111036", "111017", "125200", "113500"})
# Names that say no more than the heading above them (CID 7002): Finding, Impression, Recommendation, ...
_GENERIC = frozenset(
    {"121071", "121073", "121075", "121077", "121069", "121110", "121109", "121065", "121067", "121061"}
)
_CONTEXT = frozenset({"HAS OBS CONTEXT", "HAS ACQ CONTEXT"})
_INSTITUTIONS = frozenset({"121009", "128774"})  # Person Observer's Organization Name
_LIMIT = 100_000  # content items of one document


def report_of(dataset: "Dataset", limits: Limits | None = None) -> RawReport | None:
    """The report that an instance holds; None when its SOP Class, its title or its content is none of a report.

    Raises Rejected when it is a report that cannot be read: TOO_LARGE, MALFORMED, REPORT_EMPTY, REPORT_ENCRYPTED, ...
    """
    sop_class = _text(dataset, "SOPClassUID")
    if sop_class in _DOCUMENTS:
        return _structured(dataset)
    if sop_class == _PDF:
        text, found = read_pdf(bytes(dataset.get("EncapsulatedDocument", None) or b""), limits or Limits())
        return _described(dataset, text, found)
    if sop_class == _CDA:
        data = bytes(dataset.get("EncapsulatedDocument", None) or b"")
        inner = read_document(data.rstrip(b"\0"), limits or Limits())
        return _described(dataset, inner.text, inner.identifiers)
    return None


def _structured(dataset: "Dataset") -> RawReport | None:
    if _code(dataset, "ConceptNameCodeSequence")[0] in _BY_MACHINE:
        return None
    items = [each for _, each in _items(dataset)]
    if not any(_text(each, "ValueType") == "TEXT" and not _is_context(each) for each in items):
        return None
    text = "\n".join(_lines(dataset)).strip()
    if not text:
        raise Rejected(Reason.REPORT_EMPTY)
    return _described(dataset, text, tuple(found for each in items for found in _observed(each)))


def _described(dataset: "Dataset", text: str, found: tuple[Identifier, ...]) -> RawReport:
    """A report with what the header says: the study, the patient, the orders, and how far it has come."""
    orders = [each for item in (dataset, *_sequence(dataset, "ReferencedRequestSequence")) for each in _orders(item)]
    requested = (_text(item, "AccessionNumber") for item in _sequence(dataset, "ReferencedRequestSequence"))
    created = _text(dataset, "ContentDate") or _text(dataset, "InstanceCreationDate")
    return RawReport(
        key="",
        text=text,
        patient_id=_text(dataset, "PatientID"),
        accession_number=_text(dataset, "AccessionNumber") or next(filter(None, requested), ""),
        study_instance_uid=_text(dataset, "StudyInstanceUID"),
        issued=parse_date(created),
        identifiers=(*collect(dataset), *found),
        order_numbers=tuple(dict.fromkeys(orders)),
        performed=parse_date(_text(dataset, "StudyDate")),
        status=_status(dataset),
        document=_text(dataset, "SOPInstanceUID"),
        version=created + _text(dataset, "ContentTime").partition(".")[0],
        supersedes=tuple(_predecessors(dataset)),
    )


def _orders(item: "Dataset") -> list[str]:
    names = ("PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest")
    return [value for name in names if (value := _text(item, name))]


def _status(dataset: "Dataset") -> ReportStatus:
    """Final when it is verified or says so (PS3.3 C.17.2); a document without flags is what its sender stored."""
    verified, preliminary = _text(dataset, "VerificationFlag"), _text(dataset, "PreliminaryFlag")
    if verified == "VERIFIED" or preliminary == "FINAL" or not (verified or preliminary):
        return ReportStatus.FINAL
    return ReportStatus.PRELIMINARY


def _predecessors(dataset: "Dataset") -> Iterator[str]:
    """The documents that this one replaces (Predecessor Documents Sequence, PS3.3 C.17.2)."""
    for study in _sequence(dataset, "PredecessorDocumentsSequence"):
        for series in _sequence(study, "ReferencedSeriesSequence"):
            for each in _sequence(series, "ReferencedSOPSequence"):
                yield _text(each, "ReferencedSOPInstanceUID")


def _items(dataset: "Dataset") -> Iterator[tuple[int, "Dataset"]]:
    """Every content item with its depth, in the order of the document. Raises Rejected(TOO_LARGE)."""
    waiting = [(0, each) for each in reversed(_sequence(dataset, "ContentSequence"))]
    number = 0
    while waiting:
        depth, item = waiting.pop()
        number += 1
        if number > _LIMIT:
            raise Rejected(Reason.TOO_LARGE)
        yield depth, item
        waiting += [(depth + 1, each) for each in reversed(_sequence(item, "ContentSequence"))]


def _lines(dataset: "Dataset") -> Iterator[str]:
    """The document as lines: a container is a header, every other item a line; context is none."""
    hidden = -1
    for depth, item in _items(dataset):
        if 0 <= hidden < depth:
            continue
        hidden = depth if _is_context(item) or _describes_document(depth, item) else -1
        if hidden < 0:
            yield from _line(item)


def _is_context(item: "Dataset") -> bool:
    return _text(item, "RelationshipType") in _CONTEXT


def _describes_document(depth: int, item: "Dataset") -> bool:
    """Whether a modifier says something of the document as a whole, such as its language (TID 1204)."""
    return depth == 0 and _text(item, "RelationshipType") == "HAS CONCEPT MOD"


def _line(item: "Dataset") -> Iterator[str]:
    code, name = _code(item, "ConceptNameCodeSequence")
    if _text(item, "ValueType") == "CONTAINER":
        yield from ("", f"{name.upper().rstrip(':')}:") if name else ("",)
        return
    value = _value(item)
    if value:
        yield value if code in _GENERIC or not name else f"{name}: {value}"


def _value(item: "Dataset") -> str:
    """What an item says; persons, references and coordinates say nothing that belongs in a text."""
    kind = _text(item, "ValueType")
    if kind == "TEXT":
        return _text(item, "TextValue")
    if kind == "CODE":
        return _code(item, "ConceptCodeSequence")[1]
    if kind == "NUM":
        return next((_measured(each) for each in _sequence(item, "MeasuredValueSequence")), "")
    return _text(item, {"DATE": "Date", "DATETIME": "DateTime", "TIME": "Time"}.get(kind, "")) if kind else ""


def _measured(value: "Dataset") -> str:
    """A number with its unit; "1" is the unit of what has none (UCUM)."""
    code, name = _code(value, "MeasurementUnitsCodeSequence")
    unit = "" if code in {"1", "{ratio}"} else code if code.isalnum() or "%" in code or "/" in code else name
    return f"{_text(value, 'NumericValue')} {unit}".strip()


def _observed(item: "Dataset") -> Iterator[Identifier]:
    """What an item of context identifies: names and organisations in text, dates, numbers."""
    kind, (code, name) = _text(item, "ValueType"), _code(item, "ConceptNameCodeSequence")
    if kind in {"DATE", "DATETIME"}:
        yield from identify(IdentifierKind.DATE, _text(item, "Date") or _text(item, "DateTime"))
    if kind != "TEXT" or not _is_context(item):
        return
    called = name.lower()
    if code in _INSTITUTIONS or "organization" in called or "facility" in called:
        yield from identify(IdentifierKind.INSTITUTION, _text(item, "TextValue"))
    elif "name" in called:
        yield from identify(IdentifierKind.NAME, _text(item, "TextValue"))
    else:
        yield from identify(IdentifierKind.ID, _text(item, "TextValue"))


def _code(item: "Dataset", sequence: str) -> tuple[str, str]:
    """The value and the meaning of the first code of a sequence, or empty ones."""
    for each in _sequence(item, sequence):
        return _text(each, "CodeValue") or _text(each, "LongCodeValue"), _text(each, "CodeMeaning")
    return "", ""


def _sequence(item: "Dataset", name: str) -> list["Dataset"]:
    return list(item.get(name, None) or ())


def _text(item: "Dataset", name: str) -> str:
    value = item.get(name, None) if name else None
    return "" if value is None else str(value).strip(" \0")
