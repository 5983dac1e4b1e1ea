"""Who and what an HL7 v2 message names: the fields of its segments, by their data types, as known identifiers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from curate.records import Identifier, IdentifierKind
from curate.sources.hl7 import Segment
from curate.sources.values import identify

Kind = IdentifierKind
Read = Callable[[Sequence[str], str], Iterator[Identifier]]  # components of a field, and what divides them

# Data types of chapter 2A by the fields that hold them
_FIELDS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "MSH": {"HD": (4, 6), "TS": (7,)},
    "PID": {"CX": (2, 3, 4, 18, 19, 20, 21), "XPN": (5, 6, 9), "TS": (7, 29), "XAD": (11, 23), "XTN": (13, 14)},
    "PD1": {"XON": (3,), "XCN": (4,)},
    "NK1": {"XPN": (2, 30), "XAD": (4, 32), "XTN": (5, 6, 31), "XON": (13,), "CX": (33, 37), "TS": (16,)},
    "GT1": {"CX": (2, 12), "XPN": (3, 4), "XAD": (5,), "XTN": (6, 7), "TS": (8,)},
    "IN1": {"XON": (4,), "XAD": (5, 19), "XPN": (6, 16), "XTN": (7,), "TS": (18,), "CX": (36, 49)},
    "PV1": {"PL": (3, 6), "XCN": (7, 8, 9, 17, 52), "CX": (5, 19, 50), "TS": (44, 45)},
    "ORC": {"EI": (2, 3, 4), "TS": (9, 15), "XCN": (10, 11, 12, 19), "XTN": (14, 23), "XON": (21,), "XAD": (22, 24)},
    "OBR": {"EI": (2, 3, 18, 19, 20, 21), "TS": (6, 7, 8, 14, 22, 36), "XCN": (10, 16, 28, 34, 35), "XTN": (17,),
            "NDL": (32, 33, 34, 35)},
    "OBX": {"TS": (14, 19), "XCN": (16, 25), "XON": (23,), "XAD": (24,)},
    "TXA": {"TS": (4, 6, 7, 8), "XCN": (5, 9, 10, 11, 22), "EI": (12, 13, 14)},
    "NTE": {"XCN": (5,), "TS": (6, 7)},
    "ZDS": {"UI": (1,)},
    "IPC": {"EI": (1, 2, 4), "UI": (3,)},
}  # fmt: skip


def identifiers_of(segments: Iterable[Segment]) -> tuple[Identifier, ...]:
    """Every identifier that some segments hold in fields made for one; persons, dates, numbers and UIDs of OBX too."""
    return tuple(found for each in segments for found in _of_segment(each))


def _of_segment(segment: Segment) -> Iterator[Identifier]:
    for kind, numbers in _FIELDS.get(segment.name, {}).items():
        for number in numbers:
            yield from _of_field(segment, kind, number)
    if segment.name == "OBX":
        yield from _observed(segment)


def _observed(observation: Segment) -> Iterator[Identifier]:
    """What an observation holds as its value (OBX-5), when that is of a type that identifies, or a UID."""
    kind = observation.first(2)
    if observation.first(3, 2).upper().endswith((" UID", "DICOM STUDY")):
        yield from _of_field(observation, "UI", 5)
    elif kind in {"XCN", "XPN", "XAD", "XTN", "XON", "CX", "TS"}:
        yield from _of_field(observation, kind, 5)
    elif kind in {"DT", "DTM"}:
        yield from _of_field(observation, "TS", 5)


def _of_field(segment: Segment, kind: str, number: int) -> Iterator[Identifier]:
    for components in segment.repetitions(number):
        yield from _READ[kind](components, segment.marks[4])


def _at(components: Sequence[str], number: int) -> str:
    return components[number - 1] if number <= len(components) else ""


def _simple(kind: Kind) -> Read:
    def read(components: Sequence[str], part: str) -> Iterator[Identifier]:
        yield from identify(kind, components[0].split(part)[0])

    return read


def _person(components: Sequence[str], part: str) -> Iterator[Identifier]:
    """XPN: family (own name first), given, middle; as a DICOM person name."""
    name = [each.split(part)[0] for each in components[:3]]
    yield from identify(Kind.NAME, "^".join(name).rstrip("^"))


def _professional(components: Sequence[str], part: str) -> Iterator[Identifier]:
    """XCN: a number, then a person's name; one that is not divided stands in the first component."""
    if len(components) == 1 and not any(map(str.isdigit, components[0])):
        yield from identify(Kind.NAME, components[0].split(part)[0])
        return
    yield from identify(Kind.ID, components[0])
    yield from _person(components[1:4], part)


def _interpreter(components: Sequence[str], part: str) -> Iterator[Identifier]:
    """NDL: a professional as the parts of the first component, dates after it."""
    yield from _professional(components[0].split(part), part)
    yield from identify(Kind.DATE, _at(components, 2), _at(components, 3))


def _address(components: Sequence[str], part: str) -> Iterator[Identifier]:
    """XAD: street, other, city, state, postal code."""
    written = [each.split(part)[0] for each in components[:5]]
    yield from identify(Kind.ADDRESS, "^".join(filter(None, written)))


def _contact(components: Sequence[str], _part: str) -> Iterator[Identifier]:
    """XTN: a number as one, an address of e-mail, or a number in parts."""
    yield from identify(Kind.PHONE, components[0], "".join(components[4:7]), _at(components, 12))
    yield from identify(Kind.EMAIL, *(each for each in components if "@" in each))


def _place(components: Sequence[str], part: str) -> Iterator[Identifier]:
    """PL: of point of care, room, bed and facility the last alone names an institution."""
    yield from identify(Kind.INSTITUTION, _at(components, 4).split(part)[0])


_READ = {
    "CX": _simple(Kind.ID), "EI": _simple(Kind.ID), "UI": _simple(Kind.UID), "TS": _simple(Kind.DATE),
    "HD": _simple(Kind.INSTITUTION), "XON": _simple(Kind.INSTITUTION),
    "XPN": _person, "XCN": _professional, "NDL": _interpreter, "XAD": _address, "XTN": _contact, "PL": _place,
}  # fmt: skip
