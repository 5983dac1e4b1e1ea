"""FHIR R4 and R5: DiagnosticReport, alone, in a Bundle or as NDJSON, with what it contains and refers to.

Resources are plain JSON. What a report refers to is looked for beside it, in the same file; nothing is fetched.
"""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import Identifier, IdentifierKind, RawReport, ReportStatus
from curate.sources.documents import read_pdf
from curate.sources.fhir_identifiers import identifiers_of
from curate.sources.markup import plain_text
from curate.sources.values import decode, identify, parse_date

Resource = Mapping[str, Any]
_FOLLOWED = 200  # resources that one report may lead to
_LEADING = frozenset({
    "subject", "encounter", "performer", "resultsInterpreter", "basedOn", "imagingStudy", "study", "result",
    "requester", "managingOrganization", "generalPractitioner", "practitioner", "organization", "interpreter",
    "referrer", "patient", "individual", "serviceProvider", "contact", "participant", "location", "actor",
})  # fmt: skip
_STATUSES = {
    **dict.fromkeys(("amended", "corrected", "appended"), ReportStatus.AMENDED),
    **dict.fromkeys(("cancelled", "entered-in-error"), ReportStatus.WITHDRAWN),
    "final": ReportStatus.FINAL,
}  # DiagnosticReport.status; every other one is preliminary


def resources_of(document: Any) -> Iterator[Resource]:
    """The resources of a Bundle, a list or a resource, in order; Bundles in Bundles too."""
    if isinstance(document, list):
        for each in document:
            yield from resources_of(each)
    elif isinstance(document, Mapping) and document.get("resourceType") == "Bundle":
        for entry in _list(document.get("entry")):
            if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
                yield from resources_of(_addressed(entry))
    elif isinstance(document, Mapping):
        yield document


def _addressed(entry: Resource) -> Resource:
    """A resource of a Bundle with its fullUrl, by which others may name it."""
    return {**entry["resource"], "fullUrl": entry.get("fullUrl")}


def index(resources: Iterable[Resource]) -> dict[str, Resource]:
    """Resources other than reports by what references call them: "Type/id" and full URL."""
    found: dict[str, Resource] = {}
    for each in resources:
        if each.get("resourceType") == "DiagnosticReport":
            continue
        for name in (f"{each.get('resourceType')}/{each.get('id')}", each.get("fullUrl")):
            if isinstance(name, str):
                found[name] = each
    return found


def read_resource(resource: Resource, known: Mapping[str, Resource], limits: Limits) -> RawReport | Reason:
    """The report that a DiagnosticReport is; every other resource is NOT_A_REPORT."""
    if resource.get("resourceType") != "DiagnosticReport":
        return Reason.NOT_A_REPORT
    try:
        return _report(resource, known, limits)
    except Rejected as refused:
        return refused.reason
    except RecursionError:
        return Reason.TOO_DEEP


def _report(resource: Resource, known: Mapping[str, Resource], limits: Limits) -> RawReport | Reason:
    reached = _reached(resource, known)
    text, extra = _text(resource, reached, limits)
    if not text:
        return Reason.REPORT_EMPTY
    own = [value for kind, value in _numbers(resource) if kind != "ACSN"]
    orders = [
        value
        for each in reached
        if each.get("resourceType") == "ServiceRequest"
        for kind, value in _numbers(each)
        if kind != "ACSN"
    ]
    studies = [each for each in reached if each.get("resourceType") == "ImagingStudy"]
    issued = _string(resource, "issued")
    return RawReport(
        key="",
        text=text,
        patient_id=_patient_id(resource, reached),
        accession_number=_accession([resource, *reached]),
        study_instance_uid=next((uid for each in [*studies, *_references(resource)] for uid in _study_uids(each)), ""),
        issued=parse_date(issued),
        identifiers=(*identifiers_of([resource, *reached]), *extra),
        order_numbers=tuple(dict.fromkeys([*orders, *own])),
        performed=parse_date(next(filter(None, _performed(resource, studies)), "")),
        modality=next((code for each in studies for code in _codes(each.get("modality"))), ""),
        procedure=_concept(resource.get("code")),
        status=_STATUSES.get(_string(resource, "status"), ReportStatus.PRELIMINARY),
        document=_string(resource, "id") or next(iter(own), ""),
        version=_string(_mapping(resource.get("meta")), "lastUpdated") or issued,
    )


def _reached(resource: Resource, known: Mapping[str, Resource]) -> list[Resource]:
    """The resources that a report leads to: contained, or beside it in the file; each once, in a fixed order."""
    contained = {f"#{each.get('id')}": each for each in _list(resource.get("contained")) if isinstance(each, Mapping)}
    found: dict[str, Resource] = {}
    waiting = [resource]
    while waiting and len(found) < _FOLLOWED:
        for reference in _references(waiting.pop(0)):
            name = _string(reference, "reference")
            target = contained.get(name) or known.get(name) or known.get("/".join(name.split("/")[-2:]))
            if target is not None and name not in found:
                found[name] = target
                waiting.append(target)
    return [*found.values(), *(each for name, each in contained.items() if name not in found)]


def _references(resource: Resource) -> Iterator[Resource]:
    """The references of a resource that lead to persons, places, orders, studies and results."""
    for name, value in resource.items():
        if name in _LEADING:
            for each in _list(value):
                inner = _mapping(each)
                yield from (_mapping(part) for part in (inner, inner.get("actor"), inner.get("individual")) if part)


def _text(resource: Resource, reached: Iterable[Resource], limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """The text: what is presented, else the narrative or the results; the conclusion where it is not in it."""
    presented, extra = _presented(resource, limits)
    narrative = plain_text(_string(_mapping(resource.get("text")), "div"))
    body = presented or narrative or "\n".join(filter(None, map(_observed, reached)))
    conclusion = _string(resource, "conclusion").strip()
    if conclusion and not (body and _squeezed(conclusion) in _squeezed(body)):
        body += (
            f"\n\nIMPRESSION: {conclusion}" if not conclusion.lower().startswith("impression") else f"\n\n{conclusion}"
        )
    return body.strip(), extra


def _presented(resource: Resource, limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    """The first attachment of presentedForm that can be read. Raises Rejected when there are only others."""
    refused: Rejected | None = None
    for each in filter(None, map(_mapping, _list(resource.get("presentedForm")))):
        try:
            if _string(each, "data"):
                text, found = _attachment(each, limits)
                return text, (*found, *identify(IdentifierKind.DATE, _string(each, "creation")))
        except Rejected as error:
            refused = refused or error
    if refused and not (resource.get("conclusion") or resource.get("text")):
        raise refused
    return "", ()


def _attachment(attachment: Resource, limits: Limits) -> tuple[str, tuple[Identifier, ...]]:
    kind = _string(attachment, "contentType").lower()
    try:
        data = b64decode(_string(attachment, "data"))
    except (NoBase64, ValueError):
        raise Rejected(Reason.MALFORMED) from None
    if kind.startswith("application/pdf") or data.startswith(b"%PDF"):
        return read_pdf(data, limits)
    if not kind.startswith("text/") and kind:
        raise Rejected(Reason.NOT_A_REPORT)
    text = decode(data)
    return (plain_text(text) if "html" in kind else text), ()


def _observed(resource: Resource) -> str:
    """An Observation of text as a line under its name."""
    if resource.get("resourceType") != "Observation":
        return ""
    value = _string(resource, "valueString") or _concept(resource.get("valueCodeableConcept"))
    return f"{_concept(resource.get('code'))}: {value}".strip(": ") if value else ""


def _numbers(resource: Resource) -> Iterator[tuple[str, str]]:
    """The identifiers of a resource with the code of their type (HL7 table 0203), or an empty one."""
    for each in map(_mapping, _list(resource.get("identifier"))):
        value = _string(each, "value")
        if value:
            yield next(iter(_codes(each.get("type"))), ""), value


def _patient_id(resource: Resource, reached: Iterable[Resource]) -> str:
    """The number of the patient: of type MR, else the first, else that of the reference."""
    for each in reached:
        if each.get("resourceType") == "Patient":
            numbers = list(_numbers(each))
            return next((value for kind, value in numbers if kind == "MR"), numbers[0][1] if numbers else "")
    return next((value for _, value in _numbers(_mapping(resource.get("subject")))), "")


def _accession(resources: Iterable[Resource]) -> str:
    return next((value for each in resources for kind, value in _numbers(each) if kind == "ACSN"), "")


def _study_uids(resource: Resource) -> Iterator[str]:
    """Identifiers under urn:dicom:uid (R4 ImagingStudy.identifier), and the uid of earlier versions."""
    for each in map(_mapping, _list(resource.get("identifier"))):
        if _string(each, "system") == "urn:dicom:uid":
            yield _string(each, "value").removeprefix("urn:oid:")


def _performed(resource: Resource, studies: Iterable[Resource]) -> Iterator[str]:
    yield from (_string(each, "started") for each in studies)
    yield _string(resource, "effectiveDateTime")
    yield _string(_mapping(resource.get("effectivePeriod")), "start")


def _concept(value: Any) -> str:
    """The text of a CodeableConcept, else the display of its first coding."""
    concept = _mapping(value)
    shown = (_string(_mapping(each), "display") for each in _list(concept.get("coding")))
    return _string(concept, "text") or next(filter(None, shown), "")


def _codes(value: Any) -> Iterator[str]:
    """The codes of a Coding, a CodeableConcept, or a list of either."""
    for each in map(_mapping, _list(value)):
        codings: Sequence[Any] = _list(each.get("coding")) or [each]
        yield from filter(None, (_string(_mapping(coding), "code") for coding in codings))


def _squeezed(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum()).removeprefix("impression")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _mapping(value: Any) -> Resource:
    return value if isinstance(value, Mapping) else {}


def _string(resource: Resource, name: str) -> str:
    value = resource.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
