"""Sequences in encoded form: the items of one, cleaned by the steps of the place they stand in."""

from collections.abc import Iterator

from curate.dicom import encoding
from curate.dicom.encoding import Unfit
from curate.dicom.rules import Method
from curate.dicom.steps import Entry, Kind, Note, Part, Person, Step, Steps, carry_out, carry_out_coded, values

_SCHEME, _CODE, _LONG_CODE = 0x00080102, 0x00080100, 0x00080119

Place = tuple[Step, int, int]  # of an element: its step, where it begins, and where it ends


def clean_sequence(step: Step, steps: Steps, raw: bytes, person: Person) -> Part | None:
    """The clean form of a sequence, an element of the top level; None where the plain path must look at anything."""
    notes = [step.note]
    try:
        encoding.inspect(raw)
        content = _sequence((step, 0, len(raw)), steps, raw, person, notes)
    except Unfit:
        return None
    return Part(content, tuple(notes))


def _sequence(place: Place, steps: Steps, data: bytes, person: Person, notes: list[Note]) -> bytes:
    step, at, end = place
    if step.rule.method is Method.REMOVE:
        return b""
    if step.rule.method is Method.EMPTY:
        return step.encode("")
    inside = steps.inside(step)
    items = [_item(inside, data, each, person, notes) for each in encoding.items(data, at, end)]
    return encoding.encode(step.tag, b"SQ", b"".join(map(encoding.encode_item, items)))


def _item(steps: Steps, data: bytes, place: tuple[int, int], person: Person, notes: list[Note]) -> bytes:
    """The clean content of an item; its notes are added. Raises Unfit."""
    elements = list(_elements(steps, data, *place))
    entry, made = _entry(data, elements), []
    for step, at, end in elements:
        if step.kind is Kind.ITEMS:
            notes.append(step.note)
            made.append(_sequence((step, at, end), steps, data, person, notes))
            continue
        done = _carry_out(step, data[at:end], entry, person)
        if done is None:
            raise Unfit
        made.append(done[0])
        notes.append(done[1])
    return b"".join(made)


def _elements(steps: Steps, data: bytes, at: int, stop: int) -> Iterator[Place]:
    last = -1
    while at < stop:
        step = steps[data[at : at + 6]]
        if step.tag <= last or step.kind >= Kind.PIXELS:
            raise Unfit
        begin, at, last = at, encoding.end_of(data, at, step.head), step.tag
        yield step, begin, at


def _carry_out(step: Step, raw: bytes, entry: Entry, person: Person) -> tuple[bytes, Note] | None:
    """The result of a step on one element and its note; None where the plain path must look."""
    if step.kind is Kind.CODED:
        return carry_out_coded(step, raw[step.head :], entry, person)
    made = carry_out(step, raw, person)
    return None if made is None else (made, step.note)


def _entry(data: bytes, elements: list[Place]) -> Entry:
    """What an item says as a coded entry. Raises Unfit where that is no plain text."""
    if all(step.kind is not Kind.CODED for step, _, _ in elements):
        return Entry("", "")
    found = {_SCHEME: "", _CODE: "", _LONG_CODE: ""}
    for step, at, end in elements:
        if step.tag in found:
            texts = values(step.vr, data[at + step.head : end])
            if texts is None or len(texts) > 1:
                raise Unfit
            found[step.tag] = texts[0].strip() if texts else ""
    return Entry(found[_SCHEME], found[_CODE] or found[_LONG_CODE])
