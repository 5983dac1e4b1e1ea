"""The report that an HL7 v2 ORU^R01 carries: its OBX as text, its other segments as fields and known identifiers."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, RawReport, ReportStatus
from curate.sources.documents import read_pdf
from curate.sources.hl7 import Message, Segment, read_messages
from curate.sources.hl7_identifiers import identifiers_of
from curate.sources.values import decode, parse_date

# Observation identifiers that are sections: LOINC, and the suffixes of chapter 7 (table "Observation ID suffixes")
_SECTIONS = {
    "59776-5": "FINDINGS", "18782-3": "FINDINGS", "GDT": "FINDINGS",
    "19005-8": "IMPRESSION", "IMP": "IMPRESSION", "18785-6": "INDICATION", "11329-0": "HISTORY",
    "18834-2": "COMPARISON", "55111-9": "TECHNIQUE", "55107-7": "ADDENDUM", "ADT": "ADDENDUM", "ADDT": "ADDENDUM",
    "18783-1": "RECOMMENDATION", "REC": "RECOMMENDATION",
}  # fmt: skip
_TITLES = frozenset({*_SECTIONS.values(), "CLINICAL HISTORY", "CONCLUSION", "PROCEDURE", "REASON FOR EXAM"})
_STATUSES = {
    **dict.fromkeys("PRSIO", ReportStatus.PRELIMINARY),
    **dict.fromkeys("FUV", ReportStatus.FINAL),
    "C": ReportStatus.AMENDED,
    **dict.fromkeys("AB", ReportStatus.ADDENDUM),
    **dict.fromkeys("XWD", ReportStatus.WITHDRAWN),
}  # tables 0123 and 0085; "A" is how radiology systems mark an addendum
_MODALITIES = {"CT": "CT", "NMR": "MR", "MR": "MR", "MRI": "MR", "RUS": "US", "US": "US", "NMS": "NM", "XRC": "RF",
               "MG": "MG", "CR": "CR", "DX": "DX", "NM": "NM", "PT": "PT", "XA": "XA"}  # fmt: skip
_UIDS = frozenset({"113014", "STUDY INSTANCE UID", "DICOM STUDY"})


def read_hl7(stream: BinaryIO, limits: Limits) -> Iterator[RawReport | Reason]:
    """Yield each report of each message; a message of another kind than ORU is NOT_A_REPORT."""
    for message in read_messages(stream, limits.document_bytes):
        if isinstance(message, Reason):
            yield message
        elif message.kind != "ORU" or "OBX" not in message.names:
            yield Reason.NOT_A_REPORT if message.kind != "ORU" else Reason.REPORT_EMPTY
        else:
            yield from _reports(message, limits)


def _reports(message: Message, limits: Limits) -> Iterator[RawReport | Reason]:
    """A report for each order (OBR) that has a text; orders without one are parts of the same examination."""
    common, orders = _orders(message)
    made = [_report(common, order, limits) for order in orders]
    told = [each for each in made if isinstance(each, RawReport)] or made[:1]
    shared = identifiers_of(message.segments) if len(told) == 1 else identifiers_of(common)
    for each in told:
        yield each if isinstance(each, Reason) else replace(each, identifiers=(*each.identifiers, *shared))


def _orders(message: Message) -> tuple[list[Segment], list[list[Segment]]]:
    """The segments before the first order, and those of each: an ORC that precedes an OBR belongs to it."""
    groups: list[list[Segment]] = [[]]
    for segment in message.segments:
        opened = groups[-1] and groups[-1][-1].name == "ORC"
        if segment.name == "ORC" or (segment.name == "OBR" and not opened):
            groups.append([])
        groups[-1].append(segment)
    return (groups[0], groups[1:]) if len(groups) > 1 else (groups[0], [groups[0]])


def _report(common: Sequence[Segment], order: Sequence[Segment], limits: Limits) -> RawReport | Reason:
    """The report of one order, or the reason why there is none."""
    try:
        text, extra = _text(order, limits)
    except Rejected as refused:
        return refused.reason
    if not text:
        return Reason.REPORT_EMPTY
    segments = [*common, *(each for each in order if order is not common)]
    numbers = [_first(segments, name, field) for name in ("OBR", "ORC") for field in (2, 3)]
    issued = _first(segments, "OBR", 22) or _first(segments, "OBX", 14) or _first(segments, "MSH", 7)
    accession = _first(segments, "IPC", 1) or _first(segments, "OBR", 18)
    return RawReport(
        key="",
        text=text,
        patient_id=_first(segments, "PID", 3) or _first(segments, "PID", 2),
        accession_number=accession,
        study_instance_uid=_study_uid(segments),
        issued=parse_date(issued),
        identifiers=(*identifiers_of(order), *extra),
        order_numbers=tuple(dict.fromkeys(filter(None, numbers))),
        performed=parse_date(_first(segments, "OBR", 7)),
        modality=_first(segments, "IPC", 5) or _MODALITIES.get(_first(segments, "OBR", 24).upper(), ""),
        procedure=_first(segments, "OBR", 4, 2) or _first(segments, "OBR", 44, 2),
        status=_status(order),
        document=next(filter(None, (numbers[1], numbers[3], accession, numbers[0])), ""),
        version=issued,
    )


def _first(segments: Iterable[Segment], name: str, field: int, component: int = 1) -> str:
    values = (each.first(field, component) for each in segments if each.name == name)
    return next(filter(None, values), "")


def _study_uid(segments: Iterable[Segment]) -> str:
    """The study: ZDS-1 (IHE RAD TF-2 4.1), IPC-3, or an observation that is named so."""
    named = _first(segments, "ZDS", 1) or _first(segments, "IPC", 3)
    observed = (each.first(5) for each in segments if each.name == "OBX" and _is_uid(each))
    return named or next(filter(None, observed), "")


def _is_uid(observation: Segment) -> bool:
    return not _UIDS.isdisjoint({observation.first(3).upper(), observation.first(3, 2).upper()})


def _status(order: Sequence[Segment]) -> ReportStatus:
    """OBR-25, else the first OBX-11; one observation that is withdrawn as wrong (W) withdraws the whole."""
    observed = [each.first(11).upper() for each in order if each.name == "OBX"]
    if "W" in observed:
        return ReportStatus.WITHDRAWN
    told = _first(order, "OBR", 25).upper() or next(filter(None, observed), "F")
    return _STATUSES.get(told, ReportStatus.PRELIMINARY)


def _text(order: Sequence[Segment], limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """The text of an order: its observations under their sections, else a document in one, else its notes."""
    observations = [each for each in order if each.name == "OBX" and each.first(11).upper() not in {"D", "X", "N"}]
    text = "\n".join(_lines(observations)).strip()
    documents = [each for each in observations if each.first(2) == "ED"]
    if not text and documents:
        return _document(documents[0], limits)
    notes = [unbroken(each, 3) for each in order if each.name == "NTE"]
    return text or "\n".join(filter(None, notes)), ()


def _lines(observations: Iterable[Segment]) -> Iterator[str]:
    section = ""
    for each in observations:
        value = _value(each)
        if not value and each.first(2) not in {"TX", "FT", "ST"}:
            continue
        opened = _section(each)
        if opened and opened != section:
            yield from ("", f"{opened}:") if not value.upper().startswith(opened) else ("",)
        section = opened
        yield value


def _section(observation: Segment) -> str:
    """The section that an observation belongs to, by its code, the suffix of its code, or its name."""
    code, _, suffix = observation.field(3).split(observation.marks[1])[0].partition(observation.marks[4])
    name = observation.first(3, 2).upper()
    return _SECTIONS.get(suffix.upper()) or _SECTIONS.get(code.strip()) or (name if name in _TITLES else "")


def _value(observation: Segment) -> str:
    """What an observation says as a line: text as it is, a number with its unit, a code by its meaning."""
    kind, name = observation.first(2), observation.first(3, 2)
    if _is_uid(observation) or name.upper().endswith(" UID") or kind in {"ED", "RP", "HD", "XCN", "XPN"}:
        return ""
    if kind in {"CE", "CWE", "CNE", "CF"}:
        return ", ".join(each[1] if len(each) > 1 and each[1] else each[0] for each in observation.repetitions(5))
    if kind in {"NM", "SN", "DT", "TM", "TS", "DTM"}:
        value = " ".join(filter(None, (part for each in observation.repetitions(5) for part in each)))
        return f"{name}: {value} {observation.first(6)}".strip(" :") if value else ""
    return unbroken(observation, 5)


def unbroken(segment: Segment, field: int) -> str:
    """A field of text: repetitions as lines; marks of components that nobody escaped are text."""
    raw = segment.field(field)
    return "\n".join(_unescaped(segment, each) for each in raw.split(segment.marks[2])) if raw != '""' else ""


def _unescaped(segment: Segment, raw: str) -> str:
    return segment.marks[1].join(segment.components(raw))


def _document(observation: Segment, limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """An encapsulated document (ED: source, type, subtype, encoding, data). Raises Rejected."""
    parts = observation.field(5).split(observation.marks[1])
    if len(parts) < 5:
        raise Rejected(Reason.MALFORMED)
    try:
        data = b64decode(parts[4], validate=False) if parts[3].lower() == "base64" else parts[4].encode()
    except (NoBase64, ValueError):
        raise Rejected(Reason.MALFORMED) from None
    return read_pdf(data, limits) if data.lstrip().startswith(b"%PDF") else (decode(data).strip(), ())
