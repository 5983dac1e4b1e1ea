"""What a rule is: the action code of PS3.15 Table E.1-1a, where it comes from, and how it is carried out on a VR."""

from dataclasses import dataclass
from enum import StrEnum

from curate.policy import ProfileOptions


class Method(StrEnum):
    """How an action is carried out; every pair of action code and VR comes down to one of these."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"  # a constant of the VR
    NAME = "name"  # keyed surrogate of a person's name
    IDENTIFIER = "identifier"  # keyed surrogate of an ID
    UID = "uid"  # keyed surrogate, registered UIDs stay
    VALID_UID = "valid uid"  # kept if it is a UID
    DATE = "date"  # kept if it is a date
    SHIFT = "shift"  # moved by the patient's offset
    TIME = "time"  # kept if it is a time
    ZONE = "zone"  # kept if it is an offset from UTC
    AGE = "age"  # capped
    TEXT = "text"  # cleaned by the function handed in
    STRING = "string"  # kept if it is a coded string, else cleaned as text
    CODE = "code"  # kept if a public vocabulary knows it, else cleaned as text
    VERSION = "version"  # kept if it is a version, else cleaned as text
    PRODUCT = "product"  # kept if it names a product or a version of one, else cleaned as text
    MEANING = "meaning"  # kept if it is the standard's, else cleaned as text
    COLOURS = "colours"  # an ICC profile without its texts
    KEEP = "keep"
    ITEMS = "items"  # the same rules inside
    DUMMY_ITEMS = "dummy items"  # the same rules inside, and no text
    PIXELS = "pixels"  # handed on at the top level, removed deeper


@dataclass(frozen=True, slots=True)
class Rule:
    """One effective rule: the action code (D Z X K C U), the table and column it comes from, and the method.

    needs_value: whether a value that the method cannot read becomes a dummy (the attribute may be of Type 1).
    """

    action: str
    source: str
    method: Method
    needs_value: bool = False


TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
BINARY_VRS = frozenset({"AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV", "US or SS"})
NUMBER_VRS = BINARY_VRS | {"DS", "IS"}
BULK_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW", "US or OW", "US or SS or OW"})

# Compound codes depend on the Type of the attribute in the IOD (PS3.15 E.1.1, Table E.1-1a). The Type is not known
# here, so each becomes the first code that keeps the object valid whatever the Type is: a zero length value where it
# may be of Type 2 or 3, a dummy where it may be of Type 1, and for X/Z/U* the sequence with its UIDs replaced.
_COMPOUNDS = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}

# What a compound code comes down to; where the Type is known to be 3, X is meant instead (tables/types.csv)
COMPOUND_METHODS = frozenset({Method.EMPTY, Method.DUMMY, Method.DUMMY_ITEMS})

_KEPT = {
    "UI": Method.VALID_UID, "DA": Method.DATE, "DT": Method.DATE, "TM": Method.TIME, "AS": Method.AGE,
    "CS": Method.STRING, "SQ": Method.ITEMS, "PN": Method.NAME,
}  # fmt: skip
_CLEANED = {
    **_KEPT, "UI": Method.UID, "DA": Method.SHIFT, "DT": Method.SHIFT, "AE": Method.TEXT,
    **dict.fromkeys(TEXT_VRS, Method.TEXT),
}  # fmt: skip
_METHODS: dict[str, tuple[dict[str, Method], Method]] = {
    "X": ({}, Method.REMOVE),
    "Z": ({}, Method.EMPTY),
    "D": ({"PN": Method.NAME, "UI": Method.UID, "SQ": Method.DUMMY_ITEMS}, Method.DUMMY),
    "U": ({"UI": Method.UID, "SQ": Method.ITEMS}, Method.EMPTY),
    "K": (_KEPT, Method.KEEP),
    "C": (_CLEANED, Method.KEEP),
}


def resolve(code: str) -> str:
    """Turn a compound code into the one that keeps the object valid whatever the Type of the attribute."""
    return _COMPOUNDS.get(code, code)


def method_of(code: str, vr: str) -> Method | None:
    """How `code` is carried out on a value of `vr`; None where it cannot be: bulk bytes cannot be kept or cleaned."""
    if code in {"K", "C"} and (vr in BULK_VRS or vr == "UR"):
        return None
    by_vr, otherwise = _METHODS[code]
    return by_vr.get(vr, otherwise)


def default_codes(options: ProfileOptions) -> dict[str, str]:
    """The action code by VR for attributes that neither a table nor a role names; a VR that is not in it is X."""
    dates = {"modified": "C", "full": "K", "remove": "Z"}[options.dates]
    times = "Z" if options.dates == "remove" else "K"
    return {
        **dict.fromkeys(TEXT_VRS, "C"),
        **dict.fromkeys(NUMBER_VRS | {"CS", "SQ"}, "K"),
        "PN": "D",
        "DA": dates,
        "DT": dates,
        "TM": times,
        "UI": "K" if options.retain_uids else "U",
        "AS": "K" if options.retain_patient_characteristics else "X",
    }
