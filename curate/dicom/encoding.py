"""Elements as bytes, in explicit VR little endian (PS3.5 section 7.1.2), and rules that are carried out on them."""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from curate.dicom import actions, markers
from curate.dicom.layout import UNDEFINED, end_of_sequence, read_head
from curate.dicom.rules import BULK_VRS, TEXT_VRS, Method, Rule
from curate.policy import ProfileOptions
from curate.privacy.surrogates import Surrogates

_HEAD, _LENGTH, _SHORT_LENGTH = struct.Struct("<HH2sH"), struct.Struct("<L"), struct.Struct("<H")
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_SHORT = frozenset({
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
})  # fmt: skip
_SIZES = {"AT": 4, "FD": 8, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}
_DECIMAL = rb"[+-]?(?:\d{1,9}\.?\d{0,6}|\.\d{1,6})(?:[eE][+-]?\d\d?)?"
_NUMBERS = {
    "DS": re.compile(rb"(?:%b)(?:\\%b)* ?" % (_DECIMAL, _DECIMAL)),
    "IS": re.compile(rb"[+-]?\d{1,9}(?:\\[+-]?\d{1,9})* ?"),
}
_ON_VALUES = frozenset({Method.UID, Method.VALID_UID, Method.DATE, Method.SHIFT, Method.TIME, Method.ZONE, Method.AGE})
_ON_VALUES_VRS = frozenset({"UI", "DA", "DT", "TM", "AS"})
_SURELY_READ = (TEXT_VRS | BULK_VRS | {"AE", "CS"}) - {"UN"}
_ROWS, _COLUMNS, _SAMPLES, _ALLOCATED, _FRAMES = 0x00280010, 0x00280011, 0x00280002, 0x00280100, 0x00280008
_PHOTOMETRIC = 0x00280004
PIXEL_DATA = 0x7FE00010
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
_ITEM, _END_OF_SEQUENCE = 0xE000FFFE, 0xE0DDFFFE  # as one little endian number
NEEDED = frozenset({0x00080016, 0x00080018, _ROWS, _COLUMNS, _SAMPLES, _ALLOCATED, _FRAMES, _PHOTOMETRIC})


class Unfit(Exception):
    """The file, or something in it, is for the plain path."""


@dataclass(frozen=True, slots=True, repr=False)
class Element:
    """One encoded element: its tag, its bytes, and how many of them come before its value."""

    tag: int
    raw: bytes
    head: int

    @property
    def vr(self) -> str:
        """The value representation that the bytes name."""
        return self.raw[4:6].decode("ascii")


def start(data: bytes, size: int) -> tuple[int, str]:
    """Where the data set of a file begins, and its transfer syntax. Raises Unfit without explicit VR little endian."""
    head = read_head(BytesIO(data), size)
    if not head.has_prefix or not (head.transfer_syntax == EXPLICIT_LITTLE or is_encapsulated(head.transfer_syntax)):
        raise Unfit
    return head.start, head.transfer_syntax


def is_encapsulated(transfer_syntax: str) -> bool:
    """Whether a transfer syntax is of the JPEG families or RLE: the header is explicit VR little endian (PS3.5 A.4)."""
    return transfer_syntax.startswith("1.2.840.10008.1.2.4.") or transfer_syntax == "1.2.840.10008.1.2.5"


def end_of_fragments(data: bytes, at: int) -> int:
    """Where the items of encapsulated pixel data end: the offset of the delimiter. Raises Unfit, struct.error."""
    while True:
        tag, length = struct.unpack_from("<LL", data, at)
        if tag == _END_OF_SEQUENCE and not length:
            return at
        if tag != _ITEM or length == UNDEFINED:
            raise Unfit
        at += 8 + length


def element_at(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, length of the head, and offset of the end of the element at `at`. Raises Unfit, struct.error."""
    group, number, vr, length = _HEAD.unpack_from(data, at)
    tag = group << 16 | number
    if vr in _SHORT:
        return tag, 8, at + 8 + length
    if vr not in _LONG:
        raise Unfit
    (length,) = _LENGTH.unpack_from(data, at + 8)
    if length != UNDEFINED:
        return tag, 12, at + 12 + length
    if tag == PIXEL_DATA and vr in {b"OB", b"OW"}:
        return tag, 12, UNDEFINED
    if vr != b"SQ":
        raise Unfit
    return tag, 12, end_of_sequence(data, at)


def find(data: bytes, at: int, wanted: int) -> bytes:
    """The value of an attribute among the first of a data set, b"" where it is absent."""
    while at < len(data):
        tag, head, end = element_at(data, at)
        if tag >= wanted:
            return data[at + head : end] if tag == wanted else b""
        at = end
    return b""


def guess(data: bytes, at: int) -> bytes:
    """The encoding of a data set that names no known character set, as `read` guesses it: b"utf8" or b"latin_1"."""
    found = b"latin_1"
    while at < len(data):
        tag, head, end = element_at(data, at)
        if tag >= 0x7FE00000:
            break
        content, at = data[at + head : end], end
        if not content.isascii():
            try:
                content.decode("utf-8")
            except UnicodeDecodeError:
                return b"latin_1"
            found = b"utf8"
    return found


def text(value: bytes) -> str:
    """A value of the default repertoire as text, without padding. Raises UnicodeDecodeError."""
    return value.decode("ascii").strip(" \0")


def value(content: bytes) -> bytes:
    """The value of an encoded element of a short VR, padded as it is; b"" of nothing."""
    return content[8:]


def encode_text(tag: int, vr: bytes, written: str) -> bytes:
    """An element of a short VR, padded to even length (PS3.5 section 6.2)."""
    content = written.encode("utf-8")
    if len(content) % 2:
        content += b"\0" if vr == b"UI" else b" "
    return _HEAD.pack(tag >> 16, tag & 0xFFFF, vr, len(content)) + content


def file_meta(sop_class: bytes, sop_instance: bytes, transfer_syntax: str) -> bytes:
    """Preamble, prefix and file meta from nothing (PS3.10 section 7.1); the UIDs are padded."""
    elements = b"".join([
        b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01",
        _HEAD.pack(2, 2, b"UI", len(sop_class)) + sop_class,
        _HEAD.pack(2, 3, b"UI", len(sop_instance)) + sop_instance,
        _meta_end(transfer_syntax),
    ])  # fmt: skip
    return bytes(128) + b"DICM" + _HEAD.pack(2, 0, b"UL", 4) + _LENGTH.pack(len(elements)) + elements


@cache
def _meta_end(transfer_syntax: str) -> bytes:
    return b"".join([
        encode_text(0x00020010, b"UI", transfer_syntax),
        encode_text(0x00020012, b"UI", str(markers.IMPLEMENTATION_CLASS_UID)),
        encode_text(0x00020013, b"SH", markers.IMPLEMENTATION_VERSION_NAME),
    ])  # fmt: skip


def pixel_bytes(held: Mapping[int, bytes]) -> int:
    """The length of native pixel data that a header says, padded to even; -1 where it does not say (PS3.5 8.1.1)."""
    try:
        rows, columns, samples, allocated = (
            _SHORT_LENGTH.unpack(value(held[tag]))[0] for tag in (_ROWS, _COLUMNS, _SAMPLES, _ALLOCATED)
        )
        frames = int(text(value(held.get(_FRAMES, b""))) or 1)
        halved = "422" in text(value(held[_PHOTOMETRIC]))
    except (KeyError, struct.error, ValueError):
        return -1
    if halved or allocated % 8:
        return -1
    length = int(rows * columns * samples * allocated // 8 * frames)
    return length + length % 2


def carry_out(rule: Rule, element: Element, surrogates: Surrogates, options: ProfileOptions) -> bytes | None:
    """The encoded result of a rule, b"" where the element goes; None where the plain path must look."""
    vr, content = element.vr, element.raw[element.head :]
    if len(content) % 2:
        return None
    if rule.method is Method.REMOVE:
        return b"" if vr in _SURELY_READ else None
    if rule.method is Method.KEEP:
        return element.raw if _is_number(vr, content) else None
    if rule.method in _ON_VALUES and vr in _ON_VALUES_VRS and content.isascii():
        one = actions.one_value(rule.method, vr, surrogates, options)
        return _each_value(element, one, needs_value=rule.needs_value)
    return None


def _is_number(vr: str, content: bytes) -> bool:
    """Whether a number would be written again as the bytes it is."""
    if vr in _SIZES:
        return len(content) % _SIZES[vr] == 0
    return vr in _NUMBERS and _NUMBERS[vr].fullmatch(content) is not None


def _each_value(element: Element, one: Callable[[str], str], *, needs_value: bool) -> bytes | None:
    written = element.raw[element.head :].decode("ascii").rstrip(" \0")
    made = "\\".join(map(one, written.split("\\"))) if written else ""
    if needs_value and not made.strip("\\"):
        return None
    return encode_text(element.tag, element.raw[4:6], made)
