"""A profile compiled for elements as bytes: the first six bytes of an element, tag and VR, say what is done with it.

Only what is sure to give the same bytes as the plain path (`curate.dicom.deidentify`) is done here; the rest is PLAIN.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, lru_cache

from curate.dicom import actions, codes, strings, tables
from curate.dicom.encoding import LONG, SHORT, Unfit, encode
from curate.dicom.layout import PIXELS
from curate.dicom.profile import Profile
from curate.dicom.read import tag_text
from curate.dicom.rules import BULK_VRS, COMPOUND_METHODS, TEXT_VRS, Method, Rule
from curate.dicom.texts import fit
from curate.policy import ProfileOptions
from curate.privacy.surrogates import Surrogates

Note = tuple[str, str, str]

_HEAD = struct.Struct("<HH2s")
_CHARACTER_SET = 0x00080005
_SIZES = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}
_DECIMAL = rb"[+-]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})(?:[eE][+-]?\d\d?)?"
_NUMBERS = {
    "DS": re.compile(rb"(?:%b)(?:\\%b)* ?" % (_DECIMAL, _DECIMAL)),
    "IS": re.compile(rb"[+-]?\d{1,9}(?:\\[+-]?\d{1,9})* ?"),
}
_ONE_LINE, _LINES = re.compile(rb"[ -~]*"), re.compile(rb"[ -~\t\r\n]*")
_LINES_VRS = frozenset({"LT", "ST", "UT"})  # one value, in which a backslash is text
_STRINGS = TEXT_VRS | {"CS", "PN"}
_BY_VALUE = frozenset({"UI", "DA", "DT", "TM", "AS"})
_SURELY_READ = (TEXT_VRS | BULK_VRS | {"AE", "CS"}) - {"UN"}
_ON_VALUES = frozenset({
    Method.UID, Method.VALID_UID, Method.DATE, Method.SHIFT, Method.TIME, Method.ZONE, Method.AGE,
})  # fmt: skip
_ON_STRINGS = frozenset({Method.KEEP, Method.STRING, Method.TEXT, Method.NAME, Method.IDENTIFIER, Method.DUMMY})
_CODED = frozenset({Method.CODE, Method.MEANING, Method.VERSION})  # decided by the elements beside
_TEXTS = frozenset({Method.TEXT, *_CODED})
# Where one of these stands, elements depend on each other: declarations of safety, content trees, the claims of an
# earlier de-identification, and offsets of frames.
_ENTANGLED = frozenset({
    0x7FE00001, 0x7FE00002, 0x00080300, 0x0040A040, 0x0040A043, 0x0040A730, 0x00120062, 0x00120063, 0x00120064,
    0x00280303, 0x0040DB73,
})  # fmt: skip
_ENTANGLED_AT_TOP = _ENTANGLED - {0x0040A040, 0x0040A043}


class Kind(IntEnum):
    """What has to be looked at to carry out a step."""

    GONE = 0  # nothing
    NUMBER = 1  # whether it is a binary number, which stays
    VALUE = 2  # the value
    ITEMS = 3  # the items
    CODED = 4  # the coded entry around it
    PIXELS = 5
    CHARACTER_SET = 6
    PLAIN = 7  # for the plain path
    ENTANGLED = 8  # the whole data set, too


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with one attribute of one VR: how many bytes come before its value, its rule, and the note."""

    tag: int
    vr: str
    head: int
    rule: Rule
    note: Note
    kind: Kind

    def encode(self, written: str) -> bytes:
        """The element with another value."""
        return encode(self.tag, self.vr.encode(), written.encode())


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """The clean form of one element: its bytes (none where it goes), and its journal notes."""

    content: bytes
    notes: tuple[Note, ...]


@dataclass(slots=True, repr=False)
class Person:
    """What is carried out on values with: a patient's surrogates and text cleaner. `met` counts what was theirs."""

    surrogates: Surrogates
    options: ProfileOptions
    clean: Callable[[str], str]
    met: int = 0
    _ones: dict[tuple[Method, str], Callable[[str], str]] = field(default_factory=dict)

    def one(self, method: Method, vr: str) -> Callable[[str], str]:
        """What a method does to one value."""
        self.met += 1
        if (method, vr) not in self._ones:
            self._ones[method, vr] = actions.one_value(method, vr, self.surrogates, self.options)
        return self._ones[method, vr]


class Steps(dict[bytes, Step]):
    """The steps of one place, compiled when they are first needed: the top level, or the items of one sequence.

    A private element is looked up by its first six bytes and its creator.
    """

    def __init__(self, profile: Profile, parent: int = 0, *, is_dummy: bool = False) -> None:
        super().__init__()
        self._profile, self._parent, self.is_dummy = profile, parent, is_dummy

    def __missing__(self, key: bytes) -> Step:
        self[key] = step = self._compile(key[:6], key[6:].decode("ascii"))
        return step

    def inside(self, step: Step) -> "Steps":
        """The steps for the items of a sequence."""
        return _inside(self._profile, step.tag, self.is_dummy or step.rule.method is Method.DUMMY_ITEMS)

    def _compile(self, head: bytes, creator: str) -> Step:
        group, number, vr = _HEAD.unpack(head)
        if vr not in SHORT and vr not in LONG:
            raise Unfit
        tag, name = group << 16 | number, vr.decode("ascii")
        rule = self._rule(tag, name, creator)
        note = tag_text(tag), rule.action, rule.source
        return Step(tag, name, 12 if vr in LONG else 8, rule, note, self._kind(tag, name, rule))

    def _rule(self, tag: int, vr: str, creator: str) -> Rule:
        is_private = bool(tag >> 16 & 1)
        listed = "UN" if is_private and not self._profile.options.retain_safe_private else vr
        rule = self._profile.rule_for(tag, listed, creator)
        if rule.method in COMPOUND_METHODS and (self._parent, tag) in tables.optional_places():
            return Rule("X", rule.source, Method.REMOVE)
        if self.is_dummy and not is_private and rule.method in _TEXTS:
            return Rule("D", rule.source, Method.DUMMY)
        return rule

    def _kind(self, tag: int, vr: str, rule: Rule) -> Kind:
        if tag == _CHARACTER_SET or tag in (_ENTANGLED if self._parent else _ENTANGLED_AT_TOP):
            return Kind.CHARACTER_SET if tag == _CHARACTER_SET and not self._parent else Kind.ENTANGLED
        if tag in PIXELS:
            return Kind.ENTANGLED if self._parent else Kind.PIXELS
        if self._parent and tag >> 16 & 1:
            return Kind.PLAIN
        return _kind_of(vr, rule.method, is_top=not self._parent)


def _kind_of(vr: str, method: Method, *, is_top: bool) -> Kind:
    if vr == "SQ":
        return Kind.ITEMS if method in {Method.ITEMS, Method.DUMMY_ITEMS, Method.REMOVE, Method.EMPTY} else Kind.PLAIN
    if method is Method.REMOVE and vr in _SURELY_READ:
        return Kind.GONE
    if method is Method.KEEP and vr in _SIZES:
        return Kind.NUMBER
    if method in _CODED:
        return Kind.ENTANGLED if is_top else Kind.CODED
    read = vr in _STRINGS or vr in _BY_VALUE or vr in _NUMBERS or vr in _SIZES
    return Kind.VALUE if read else Kind.PLAIN


@lru_cache(maxsize=1 << 12)
def _inside(profile: Profile, parent: int, is_dummy: bool) -> Steps:  # noqa: FBT001
    return Steps(profile, parent, is_dummy=is_dummy)


@lru_cache(maxsize=16)
def steps_of(profile: Profile) -> Steps:
    """The steps of the top level, compiled once for all instances of a process."""
    return Steps(profile)


def carry_out(step: Step, raw: bytes, person: Person) -> bytes | None:
    """The encoded result of a step on an element, b"" where it goes; None where the plain path must look."""
    if len(raw) % 2 or step.kind > Kind.VALUE:
        return None
    if step.kind is Kind.VALUE:
        return _on_value(step, raw[step.head :], person)
    if step.kind is Kind.GONE:
        return b""
    return raw if _is_number(step.vr, raw[step.head :]) else None


def _on_value(step: Step, content: bytes, person: Person) -> bytes | None:
    method = step.rule.method
    if method in {Method.REMOVE, Method.EMPTY} or step.vr in _SIZES or step.vr in _NUMBERS:
        return _bare(step, content)
    if method in _ON_VALUES and (step.vr in _BY_VALUE or method is Method.ZONE):
        return _each_value(step, content, person)
    texts = values(step.vr, content) if method in _ON_STRINGS else None
    if texts is None or (method is Method.STRING and not all(map(strings.is_coded_string, texts))):
        return None
    return step.encode("\\".join(_each_text(step, texts, person)))


def _bare(step: Step, content: bytes) -> bytes | None:
    """Remove, empty or keep a value that is in the form in which it would be written."""
    method = step.rule.method
    if not (_is_number(step.vr, content) or _is_string(step.vr, content)):
        return None
    if method is Method.REMOVE:
        return b""
    if method is Method.EMPTY:
        return step.encode("")
    return step.encode(content.decode("ascii")) if method is Method.KEEP and step.vr in _NUMBERS else None


def _is_number(vr: str, content: bytes) -> bool:
    """Whether a number would be written again as the bytes it is."""
    if vr in _SIZES:
        return len(content) % _SIZES[vr] == 0 and not (vr == "FL" and _holds_nan(content))
    return vr in _NUMBERS and _NUMBERS[vr].fullmatch(content) is not None


def _holds_nan(content: bytes) -> bool:
    """Whether a single precision number is none: a signalling one is written again as a quiet one."""
    return any(number != number for (number,) in struct.iter_unpack("<f", content))  # noqa: PLR0124


def _is_string(vr: str, content: bytes) -> bool:
    return vr in _BY_VALUE and content.isascii() if vr not in _STRINGS else values(vr, content) is not None


def values(vr: str, content: bytes) -> list[str] | None:
    """The values of a string in printable ASCII, which every character set has alike; None for any other."""
    if vr == "UC" or not (_LINES if vr in _LINES_VRS else _ONE_LINE).fullmatch(content):
        return None
    text = content.decode("ascii").rstrip(" ")
    if vr in _LINES_VRS:
        return [text] if text else []
    if " \\" in text or (vr == "PN" and "=" in text):
        return None
    return text.split("\\") if text else []


def _each_value(step: Step, content: bytes, person: Person) -> bytes | None:
    if not content.isascii():
        return None
    one = person.one(step.rule.method, step.vr)
    written = content.decode("ascii").rstrip(" \0")
    several = written.split("\\") if written else []
    if step.vr == "UI":
        several = [each.strip() for each in several]  # as pydicom.uid.UID does, of any blank
    made = "\\".join(map(one, several))
    return None if step.rule.needs_value and not made.strip("\\") else step.encode(made)


def _each_text(step: Step, texts: list[str], person: Person) -> list[str]:
    method = step.rule.method
    if method is Method.DUMMY:
        return [actions.DUMMIES[step.vr]] if texts else []
    if method in {Method.KEEP, Method.STRING}:
        return texts
    if method in {Method.NAME, Method.IDENTIFIER}:
        return list(map(person.one(method, step.vr), texts))
    return clean_texts(step, texts, person)


def clean_texts(step: Step, texts: list[str], person: Person) -> list[str]:
    """Texts cleaned as `curate.dicom.texts` does."""
    person.met += bool(texts)
    return [fit(person.clean(text) if text.strip() else "", len(text), step.vr) for text in texts]


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """The three texts of a coded entry that decide about its others (PS3.3 section 8.8)."""

    scheme: str
    code: str

    def holds(self, method: Method, text: str) -> bool:
        """Whether a text is nothing but an entry of the vocabulary, or its standard meaning."""
        if method is Method.CODE:
            return codes.is_code(self.scheme, text)
        return codes.is_version(text) if method is Method.VERSION else self._is_meaning(text)

    def _is_meaning(self, text: str) -> bool:
        return codes.is_standard_meaning(self.scheme, self.code, text)


def carry_out_coded(step: Step, content: bytes, entry: Entry, person: Person) -> tuple[bytes, Note] | None:
    """The encoded result of a step of kind CODED and its note; None where the plain path must look."""
    texts = values(step.vr, content)
    if texts is None or len(content) % 2:
        return None
    if all(entry.holds(step.rule.method, text) for text in texts):
        return step.encode("\\".join(texts)), step.note
    cleaned = clean_texts(step, texts, person)
    return step.encode("\\".join(cleaned)), (step.note[0], "C", step.note[2])


@cache
def reservation(block: int, creator: str) -> bytes:
    """The element that reserves a private block for its creator."""
    return encode(block, b"LO", creator.encode())
