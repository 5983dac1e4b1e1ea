"""Carrying out a method on one element: a new element, or None where it goes. Nothing here changes its input."""

from collections.abc import Callable, Sequence
from typing import Any

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from curate.dicom import dates, icc, uids
from curate.dicom.rules import Method
from curate.policy import ProfileOptions
from curate.privacy.surrogates import Surrogates

DUMMY_TEXT = "DEIDENTIFIED"
DUMMIES: dict[str, Any] = {
    "AE": DUMMY_TEXT, "CS": DUMMY_TEXT, "LO": DUMMY_TEXT, "LT": DUMMY_TEXT, "SH": DUMMY_TEXT, "ST": DUMMY_TEXT,
    "UC": DUMMY_TEXT, "UT": DUMMY_TEXT, "AS": "000Y", "DA": "19000101", "DT": "19000101000000", "TM": "000000",
    "DS": "0", "IS": "0", "UR": "urn:deidentified",
}  # fmt: skip
_ITEM_HEAD = 8  # tag and length of a fragment, PS3.5 Table A.4-1
_TWO_ZEROS = b"\0\0"
_EIGHT_ZEROS = bytes(8)
_WIDE = frozenset({"OD", "OF", "OL", "OV"})  # words of four or eight bytes


def make(source: DataElement, values: Sequence[str] | str | float | bytes) -> DataElement:
    """A new element with the tag and VR of `source`; values that break the VR are written as they are."""
    value = list(values) if isinstance(values, list | tuple) else values
    if isinstance(value, list) and len(value) < 2:
        value = value[0] if value else ""
    return DataElement(source.tag, source.VR, value, validation_mode=config.IGNORE)


def copy(source: DataElement) -> DataElement:
    """The same element again, sharing no list with it; bytes are shared, since they cannot be changed."""
    value = source.value
    if isinstance(value, MultiValue | list):
        value = MultiValue(_as_it_is, list(value))
    return DataElement(
        source.tag, source.VR, value, is_undefined_length=source.is_undefined_length, already_converted=True
    )


def values_of(element: DataElement) -> list[str]:
    """The values of a string element, one text per value; [] when it has none."""
    value = element.value
    if value is None or value in ("", b""):
        return []
    return [str(each) for each in value] if isinstance(value, MultiValue | list | tuple) else [str(value)]


def dummy(source: DataElement) -> DataElement:
    """A constant of the VR; what has no value needs no dummy."""
    if source.value is None or len(values_of(source)) == 0:
        return make(source, b"" if source.VR.startswith("O") else "")
    if source.VR in _WIDE:
        return make(source, _EIGHT_ZEROS)
    if source.VR in {"OB", "OW", "UN", "OB or OW"}:
        return make(source, _TWO_ZEROS)
    return make(source, DUMMIES.get(source.VR, 0))


def replace(method: Method, source: DataElement, surrogates: Surrogates, options: ProfileOptions) -> DataElement:
    """Carry out a method that needs nothing but the value, the patient's surrogates and the options."""
    if method is Method.DUMMY:
        return dummy(source)
    if method is Method.EMPTY:
        return DataElement(source.tag, source.VR, [] if source.VR == "SQ" else None)
    if method is Method.COLOURS:
        return make(source, icc.blank(source.value))
    one = one_value(method, source.VR, surrogates, options)
    return make(source, [one(each) for each in values_of(source)])


def pad_last_fragment(encapsulated: bytes) -> bytes:
    """Encapsulated pixel data whose last fragment has an odd length, mended. Raises ValueError when another has."""
    at, last = 0, 0
    while at + _ITEM_HEAD < len(encapsulated):
        last = at
        at += _ITEM_HEAD + int.from_bytes(encapsulated[at + 4 : at + _ITEM_HEAD], "little")
        if at % 2 and at < len(encapsulated):
            raise ValueError
    length = (at + 1 - last - _ITEM_HEAD).to_bytes(4, "little")
    return encapsulated[: last + 4] + length + encapsulated[last + _ITEM_HEAD :] + b"\0"


def one_value(method: Method, vr: str, surrogates: Surrogates, options: ProfileOptions) -> Callable[[str], str]:
    """What the method does to one value."""
    shift = surrogates.shift if method is Method.SHIFT else None
    if method in {Method.SHIFT, Method.DATE}:
        move = dates.shift_datetime if vr == "DT" else dates.shift_date
        return lambda value: move(value, shift)
    by_method: dict[Method, Callable[[str], str]] = {
        Method.NAME: surrogates.person_name,
        Method.IDENTIFIER: lambda value: surrogates.identifier(value) if value.strip() else "",
        Method.UID: lambda value: uids.remap(value, surrogates.uid),
        Method.VALID_UID: lambda value: uids.remap(value, surrogates.uid, retain=True),
        Method.TIME: dates.keep_time,
        Method.ZONE: dates.keep_zone,
        Method.AGE: lambda value: dates.cap_age(value, options.age_cap),
    }
    return by_method[method]


def _as_it_is(value: Any) -> Any:
    return value
