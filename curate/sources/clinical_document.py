"""CDA Release 2 documents (HL7 v3): sections as text, the header as fields and known identifiers. No DTD, no entity."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator
from typing import TYPE_CHECKING

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, IdentifierKind, RawReport, ReportStatus
from curate.sources.documents import read_pdf
from curate.sources.values import decode, identify, parse_date

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Kind = IdentifierKind
_LINES = frozenset({"paragraph", "item", "tr", "br", "caption", "list", "table", "text", "title"})
_DATES = frozenset({"effectiveTime", "birthTime", "time", "low", "high"})
_NO_PERSONS = ("rganization", "evice", "lace", "acility", "ntity")
_DEEPEST = 200


def read_document(data: bytes, limits: Limits) -> RawReport:
    """The report that a CDA is. Raises Rejected: MALFORMED, TOO_DEEP, TOO_LARGE, NOT_A_REPORT, REPORT_EMPTY."""
    root = _parse(data, limits)
    if _name(root) != "ClinicalDocument":
        raise Rejected(Reason.NOT_A_REPORT)
    text, extra = _text(root, limits)
    if not text:
        raise Rejected(Reason.REPORT_EMPTY)
    issued = _value(root, "effectiveTime")
    return RawReport(
        key="",
        text=text,
        patient_id=_attribute(root, "recordTarget/patientRole/id", "extension"),
        accession_number=_attribute(root, "inFulfillmentOf/order/accessionNumber", "extension"),
        study_instance_uid=_attribute(root, "documentationOf/serviceEvent/id", "root"),
        issued=parse_date(issued),
        identifiers=(*_identifiers(root), *extra),
        order_numbers=tuple(filter(None, [_attribute(root, "inFulfillmentOf/order/id", "extension")])),
        performed=parse_date(
            _value(root, "documentationOf/serviceEvent/effectiveTime/low")
            or _value(root, "documentationOf/serviceEvent/effectiveTime")
        ),
        procedure=_attribute(root, "documentationOf/serviceEvent/code", "displayName"),
        status=_status(root),
        document=_called(root, "setId") or _called(root, "id"),
        version=(_attribute(root, "versionNumber", "value") or issued).zfill(20),
        supersedes=tuple(_replaced(root)),
    )


def _parse(data: bytes, limits: Limits) -> "Element":
    """The root of a document whose nesting is bounded. Raises Rejected."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(data) > limits.document_bytes:
        raise Rejected(Reason.TOO_LARGE)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Rejected(Reason.MALFORMED) from None
    level, depth = [root], 0
    while level:
        level, depth = [child for each in level for child in each], depth + 1
        if depth > _DEEPEST:
            raise Rejected(Reason.TOO_DEEP)
    return root


def _name(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _all(element: "Element", path: str) -> Iterator["Element"]:
    """The elements at a path of names, in whatever namespace."""
    first, _, rest = path.partition("/")
    for child in element:
        if _name(child) == first:
            yield from _all(child, rest) if rest else [child]


def _attribute(element: "Element", path: str, name: str) -> str:
    return next(filter(None, (each.get(name, "").strip() for each in _all(element, path))), "")


def _value(element: "Element", path: str) -> str:
    return _attribute(element, path, "value")


def _called(element: "Element", path: str) -> str:
    """An instance identifier (II) as one text."""
    return next((f"{each.get('root', '')}^{each.get('extension', '')}".strip("^") for each in _all(element, path)), "")


def _status(root: "Element") -> ReportStatus:
    """A document that appends to another is an addendum; a statusCode may withdraw a document or hold it back."""
    status = _attribute(root, "statusCode", "code").lower()
    if status in {"aborted", "cancelled", "nullified", "obsolete"}:
        return ReportStatus.WITHDRAWN
    if status in {"active", "held", "new", "suspended"}:
        return ReportStatus.PRELIMINARY
    kinds = {each.get("typeCode") for each in _all(root, "relatedDocument")}
    return ReportStatus.ADDENDUM if "APND" in kinds else ReportStatus.FINAL


def _replaced(root: "Element") -> Iterator[str]:
    for each in _all(root, "relatedDocument"):
        if each.get("typeCode") == "RPLC":
            yield from filter(None, (_called(each, "parentDocument/setId"), _called(each, "parentDocument/id")))


def _text(root: "Element", limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """The sections, or the one document that stands for them (nonXMLBody)."""
    for body in _all(root, "component/nonXMLBody/text"):
        return _unstructured(body, limits)
    lines = [line for each in _all(root, "component/structuredBody/component/section") for line in _section(each)]
    return "\n".join(lines).strip(), ()


def _unstructured(body: "Element", limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    written = "".join(body.itertext())
    if body.get("representation") != "B64":
        return written.strip(), ()
    try:
        data = b64decode(written)
    except (NoBase64, ValueError):
        raise Rejected(Reason.MALFORMED) from None
    return read_pdf(data, limits) if data.startswith(b"%PDF") else (decode(data).strip(), ())


def _section(section: "Element") -> Iterator[str]:
    """A section and those in it: its title as a header, its narrative as lines."""
    for child in section:
        if _name(child) == "title":
            title = " ".join("".join(child.itertext()).split())
            yield from ("", f"{title.upper().rstrip(':')}:") if title else ()
        elif _name(child) == "text":
            yield from filter(None, (" ".join(line.split()) for line in "".join(_narrated(child)).split("\n")))
        elif _name(child) == "component":
            for inner in _all(child, "section"):
                yield from _section(inner)


def _narrated(element: "Element") -> Iterator[str]:
    """A narrative block: its lists, tables and paragraphs as lines, line breaks of the source as blanks."""
    name = _name(element)
    yield "\n" if name in _LINES else "  " if name in {"td", "th"} else ""
    yield (element.text or "").replace("\n", " ")
    for child in element:
        yield from _narrated(child)
        yield (child.tail or "").replace("\n", " ")
    yield "\n" if name in _LINES else ""


def _identifiers(element: "Element") -> Iterator[Identifier]:
    """Every identifier of the header: numbers, names, addresses, contacts and dates; sections are text."""
    for child in element:
        name = _name(child)
        if name in {"structuredBody", "nonXMLBody"}:
            continue
        yield from _of_element(child, name, _name(element))
        yield from _identifiers(child)


def _of_element(element: "Element", name: str, parent: str) -> Iterator[Identifier]:
    if name in {"id", "setId", "accessionNumber"}:
        yield from identify(Kind.ID, element.get("extension", ""))
        yield from identify(Kind.UID, *([element.get("root", "")] if parent == "serviceEvent" else []))
    elif name == "name":
        yield from _named(element, parent)
    elif name == "addr":
        yield from identify(Kind.ADDRESS, "^".join(part.strip() for part in element.itertext() if part.strip()))
    elif name == "telecom":
        scheme, _, number = element.get("value", "").rpartition(":")
        yield from identify(Kind.EMAIL if scheme == "mailto" else Kind.PHONE, number)
    elif name in _DATES:
        yield from identify(Kind.DATE, element.get("value", ""))


def _named(element: "Element", parent: str) -> Iterator[Identifier]:
    """A person by family and given name, or as a whole; an organisation or a place by its name as a whole."""
    family, given = (
        " ".join("".join(each.itertext()).strip() for each in _all(element, part)) for part in ("family", "given")
    )
    if family or given:
        yield from identify(Kind.NAME, f"{family}^{given}".strip())
    else:
        kind = Kind.INSTITUTION if parent.endswith(_NO_PERSONS) else Kind.NAME
        yield from identify(kind, " ".join("".join(element.itertext()).split()))
