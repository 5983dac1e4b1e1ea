"""Elements as bytes, in explicit VR little endian (PS3.5 section 7.1.2): where they lie, and how they are written."""

import struct
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO

from curate.dicom import markers
from curate.dicom.layout import UNDEFINED, read_head

LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
SHORT = frozenset({
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
})  # fmt: skip
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_META = 132  # bytes of preamble and prefix (PS3.10 section 7.1)
PIXEL_DATA = 0x7FE00010
ITEM, DELIMITER, END_OF_ITEM = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xfe\xff\x0d\xe0\0\0\0\0"
_HEAD, _LONG_HEAD = struct.Struct("<HH2sH"), struct.Struct("<HH2sxxL")
_LENGTH, _ITEM_HEAD, _NUMBER = struct.Struct("<L"), struct.Struct("<4sL"), struct.Struct("<H")
_DEEPEST = 8  # sequences in one another; more are for the plain path
_ROWS, _COLUMNS, _SAMPLES, _ALLOCATED, _FRAMES = 0x00280010, 0x00280011, 0x00280002, 0x00280100, 0x00280008
_PHOTOMETRIC = 0x00280004


class Unfit(Exception):
    """The file, or something in it, is for the plain path."""


def start(data: bytes, size: int) -> tuple[int, str]:
    """Where the data set of a file begins, and its transfer syntax. Raises Unfit without explicit VR little endian."""
    head = read_head(BytesIO(data), size)
    if not head.has_prefix or not (head.transfer_syntax == EXPLICIT_LITTLE or is_encapsulated(head.transfer_syntax)):
        raise Unfit
    at = _META
    while at < head.start:  # a VR that nobody knows is for the plain path to judge
        at = element_at(data, at)[2]
    return head.start, head.transfer_syntax


def is_encapsulated(transfer_syntax: str) -> bool:
    """Whether a transfer syntax is of the JPEG families or RLE: the header is explicit VR little endian (PS3.5 A.4)."""
    return transfer_syntax.startswith("1.2.840.10008.1.2.4.") or transfer_syntax == "1.2.840.10008.1.2.5"


def element_at(data: bytes, at: int, depth: int = 0) -> tuple[int, int, int]:
    """Tag, length of the head, and offset of the end of the element at `at`. Raises Unfit, struct.error."""
    group, number, vr, length = _HEAD.unpack_from(data, at)
    tag = group << 16 | number
    if vr in SHORT:
        return tag, 8, at + 8 + length
    if vr not in LONG:
        raise Unfit
    (length,) = _LENGTH.unpack_from(data, at + 8)
    if length != UNDEFINED:
        return tag, 12, at + 12 + length
    if tag == PIXEL_DATA and vr in {b"OB", b"OW"}:
        return tag, 12, UNDEFINED
    if vr != b"SQ":
        raise Unfit
    return tag, 12, _end_of_items(data, at + 12, depth)


def end_of(data: bytes, at: int, head: int) -> int:
    """The offset of the end of the element at `at`, whose head is as long as its VR makes it. Raises as element_at."""
    if head == 8:
        return at + 8 + (data[at + 6] | data[at + 7] << 8)
    (length,) = _LENGTH.unpack_from(data, at + 8)
    return at + 12 + length if length != UNDEFINED else element_at(data, at)[2]


def _end_of_items(data: bytes, at: int, depth: int) -> int:
    """The offset after a sequence of undefined length whose first item is at `at`."""
    if depth > _DEEPEST:
        raise Unfit
    while data[at : at + 8] != DELIMITER:
        head, length = _ITEM_HEAD.unpack_from(data, at)
        if head != ITEM:
            raise Unfit
        at = at + 8 + length if length != UNDEFINED else _end_of_item(data, at + 8, depth) + 8
    return at + 8


def _end_of_item(data: bytes, at: int, depth: int) -> int:
    """The offset of the delimiter of an item of undefined length whose first element is at `at`."""
    while data[at : at + 8] != END_OF_ITEM:
        _, _, at = element_at(data, at, depth + 1)
    return at


def items(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the items of the sequence in data[at:end] begin and end, without delimiters. Raises Unfit, struct.error."""
    stop = end - 8 if _LENGTH.unpack_from(data, at + 8)[0] == UNDEFINED else end
    at += 12
    while at < stop:
        head, length = _ITEM_HEAD.unpack_from(data, at)
        if head != ITEM:
            raise Unfit
        last = at + 8 + length if length != UNDEFINED else _end_of_item(data, at + 8, 0)
        yield at + 8, last
        at = last if length != UNDEFINED else last + 8
    if at != stop:
        raise Unfit


def inspect(data: bytes, at: int = 0, end: int = -1, depth: int = 0) -> None:
    """Accept elements at any depth that lie within what holds them. Raises Unfit, struct.error."""
    end = len(data) if end < 0 else end
    while at < end:
        begin = at
        _, _, at = element_at(data, begin, depth)
        if at > end or depth > _DEEPEST:
            raise Unfit
        if data[begin + 4 : begin + 6] == b"SQ":
            for first, last in items(data, begin, at):
                inspect(data, first, last, depth + 1)


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a data set by tag. Raises Unfit, struct.error."""
    at = 0
    while at < len(data):
        begin = at
        tag, _, at = element_at(data, begin)
        yield tag, data[begin:at]


def end_of_fragments(data: bytes, at: int) -> int:
    """Where the items of encapsulated pixel data end: the offset of the delimiter. Raises Unfit, struct.error."""
    while data[at : at + 8] != DELIMITER:
        head, length = _ITEM_HEAD.unpack_from(data, at)
        if head != ITEM or length == UNDEFINED:
            raise Unfit
        at += 8 + length
    return at


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


def encode(tag: int, vr: bytes, content: bytes) -> bytes:
    """An element, padded to even length (PS3.5 section 6.2). Raises Unfit where the VR cannot say the length."""
    if len(content) % 2:
        content += b"\0" if vr == b"UI" else b" "
    if vr in LONG:
        return _LONG_HEAD.pack(tag >> 16, tag & 0xFFFF, vr, len(content)) + content
    if len(content) > 0xFFFF:
        raise Unfit
    return _HEAD.pack(tag >> 16, tag & 0xFFFF, vr, len(content)) + content


def encode_item(content: bytes) -> bytes:
    """An item of defined length."""
    return _ITEM_HEAD.pack(ITEM, len(content)) + content


def file_meta(sop_class: bytes, sop_instance: bytes, transfer_syntax: str) -> bytes:
    """Preamble, prefix and file meta from nothing (PS3.10 section 7.1); the UIDs are padded."""
    elements = b"".join([
        b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01",
        encode(0x00020002, b"UI", sop_class),
        encode(0x00020003, b"UI", sop_instance),
        _meta_end(transfer_syntax),
    ])  # fmt: skip
    return bytes(128) + b"DICM" + encode(0x00020000, b"UL", _LENGTH.pack(len(elements))) + elements


@cache
def _meta_end(transfer_syntax: str) -> bytes:
    return b"".join([
        encode(0x00020010, b"UI", transfer_syntax.encode()),
        encode(0x00020012, b"UI", str(markers.IMPLEMENTATION_CLASS_UID).encode()),
        encode(0x00020013, b"SH", markers.IMPLEMENTATION_VERSION_NAME.encode()),
    ])  # fmt: skip


def pixel_bytes(held: Mapping[int, bytes]) -> int:
    """The length of native pixel data that a header says, padded to even; -1 where it does not say (PS3.5 8.1.1).

    held: encoded elements by tag.
    """
    try:
        rows, columns, samples, allocated = (
            _NUMBER.unpack(value(held[tag]))[0] for tag in (_ROWS, _COLUMNS, _SAMPLES, _ALLOCATED)
        )
        frames = int(text(value(held.get(_FRAMES, b""))) or 1)
        halved = "422" in text(value(held[_PHOTOMETRIC]))
    except (KeyError, struct.error, ValueError):
        return -1
    if halved or allocated % 8:
        return -1
    length = int(rows * columns * samples * allocated // 8 * frames)
    return length + length % 2
