"""Who and what FHIR resources name: elements by their names, at any depth, as known identifiers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from curate.records import Identifier, IdentifierKind
from curate.sources.values import identify

Kind = IdentifierKind
_TEXTS = frozenset(
    {"text", "presentedForm", "conclusion", "div", "contained", "photo", "data"}
)  # scrubbed, or read apart
_DATES = frozenset({
    "birthDate", "issued", "effectiveDateTime", "effectiveInstant", "start", "end", "authoredOn", "started", "recorded",
    "deceasedDateTime", "occurrenceDateTime", "date", "time", "sent", "lastUpdated",
})  # fmt: skip
_PERSONS = ("Patient", "Practitioner", "RelatedPerson", "Person")
_PLACES = ("Organization", "Location", "HealthcareService")


def identifiers_of(resources: Iterable[Mapping[str, Any]]) -> tuple[Identifier, ...]:
    """Every identifier in some resources but for their texts. Raises RecursionError when they nest without end."""
    return tuple(found for each in resources for found in _of_mapping(each))


def _of_mapping(element: Mapping[str, Any]) -> Iterator[Identifier]:
    for name, value in element.items():
        if name in _TEXTS:
            continue
        values = value if isinstance(value, list) else [value]
        for each in values:
            yield from _of_element(name, each)
    yield from _of_reference(element)
    yield from _of_extension(element)


def _of_element(name: str, value: Any) -> Iterator[Identifier]:
    read = _READ.get(name)
    if read:
        yield from read(value)
    elif name in _DATES and isinstance(value, str):
        yield from identify(Kind.DATE, value)
    if isinstance(value, Mapping):
        yield from _of_mapping(value)


def _texts(element: Mapping[str, Any], *names: str) -> list[str]:
    """The strings under some names; lists of strings are joined."""
    found = (element.get(name) for name in names)
    return [
        " ".join(filter(_is_text, each)) if isinstance(each, list) else each
        for each in found
        if each and isinstance(each, str | list)
    ]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _name(value: Any) -> Iterator[Identifier]:
    """A HumanName as a DICOM person name; the name of an organisation or a place is a string."""
    if isinstance(value, str):
        yield from identify(Kind.INSTITUTION, value)
    elif isinstance(value, Mapping):
        family, given = (" ".join(_texts(value, part)).strip() for part in ("family", "given"))
        yield from identify(Kind.NAME, f"{family}^{given}".rstrip("^"), *_texts(value, "text"))


def _number(value: Any) -> Iterator[Identifier]:
    if isinstance(value, Mapping):
        for text in _texts(value, "value"):
            is_uid = value.get("system") == "urn:dicom:uid" or text.startswith("urn:oid:")
            yield from identify(Kind.UID if is_uid else Kind.ID, text.removeprefix("urn:oid:"))


def _contact(value: Any) -> Iterator[Identifier]:
    if isinstance(value, Mapping):
        for text in _texts(value, "value"):
            yield from identify(Kind.EMAIL if "@" in text else Kind.PHONE, text)


def _address(value: Any) -> Iterator[Identifier]:
    if isinstance(value, Mapping):
        lines = value.get("line")
        streets = (
            [each for each in lines if isinstance(each, str)] if isinstance(lines, list) else _texts(value, "line")
        )
        parts = [*streets, *_texts(value, "city", "district", "state", "postalCode")]
        yield from identify(Kind.ADDRESS, "^".join(parts), *_texts(value, "text"))


def _uid(value: Any) -> Iterator[Identifier]:
    if isinstance(value, str) and value.removeprefix("urn:oid:").replace(".", "").isdigit():
        yield from identify(Kind.UID, value.removeprefix("urn:oid:"))


def _author(value: Any) -> Iterator[Identifier]:
    if isinstance(value, str):
        yield from identify(Kind.NAME, value)


def _of_reference(element: Mapping[str, Any]) -> Iterator[Identifier]:
    """What a Reference shows and calls: a person, a place, or a resource by its id."""
    called = element.get("reference")
    if not isinstance(called, str) and not isinstance(element.get("display"), str):
        return
    target = str(element.get("type") or "") or (called if isinstance(called, str) else "")
    shown = _texts(element, "display")
    if any(each in target for each in _PERSONS):
        yield from identify(Kind.NAME, *shown)
        yield from identify(Kind.ID, target.rpartition("/")[2])
    elif any(each in target for each in _PLACES):
        yield from identify(Kind.INSTITUTION, *shown)


def _of_extension(element: Mapping[str, Any]) -> Iterator[Identifier]:
    """Names and addresses in extensions, such as patient-mothersMaidenName."""
    url = element.get("url")
    if isinstance(url, str) and "name" in url.rpartition("/")[2].lower():
        yield from identify(Kind.NAME, *_texts(element, "valueString"))
    for kind, read in (("valueHumanName", _name), ("valueAddress", _address), ("valueIdentifier", _number)):
        if isinstance(element.get(kind), Mapping):
            yield from read(element[kind])


_READ: Mapping[str, Callable[[Any], Iterator[Identifier]]] = {
    "name": _name, "identifier": _number, "telecom": _contact, "address": _address, "authorString": _author,
    "uid": _uid,
}  # fmt: skip
