"""ICC profiles (ISO 15076-1): the numbers that define colours stay, the texts become zeros.

A profile names its maker, its device, its owner and the day it was made, in tags of text types and in its header. The
profile is built again from nothing at the same offsets, so that it stays valid and gaps between tags hold nothing.
"""

import struct

_HEADER, _ENTRY, _MOST_TAGS = 128, 12, 200
# ISO 15076-1 section 10, types of numbers; "vcgt" is Apple's table of video card gammas
_NUMBERS = frozenset({
    b"XYZ ", b"chrm", b"cicp", b"curv", b"mAB ", b"mBA ", b"meas", b"mft1", b"mft2", b"mpet", b"para", b"sf32",
    b"sig ", b"uf32", b"ui08", b"ui16", b"ui32", b"ui64", b"vcgt", b"view",
})  # fmt: skip
_DAY = struct.pack(">6H", 1900, 1, 1, 0, 0, 0)
_VERSIONED = ((8, 24), (36, 48), (56, 80))  # version to colour space; signature to flags; attributes to illuminant


def blank(profile: bytes) -> bytes:
    """The profile without text, day, maker, model and unknown tags. Raises ValueError when it cannot be walked."""
    size = int.from_bytes(profile[:4])
    count = int.from_bytes(profile[_HEADER : _HEADER + 4])
    first = _HEADER + 4 + count * _ENTRY
    if profile[36:40] != b"acsp" or count > _MOST_TAGS or not first <= size <= len(profile):
        raise ValueError
    entries = [struct.unpack_from(">4sLL", profile, _HEADER + 4 + number * _ENTRY) for number in range(count)]
    made = bytearray(size)
    kept = b""
    for name, offset, length in entries:
        if offset < first or offset + length > size or length < 8:
            raise ValueError
        tag = _tag(profile[offset : offset + length])
        if tag:
            made[offset : offset + length] = tag
            kept += struct.pack(">4sLL", name, offset, length)
    _write_header(made, profile, kept)
    return bytes(made)


def is_profile(value: object) -> bool:
    """Whether a value is an ICC profile that can be walked."""
    try:
        return isinstance(value, bytes) and bool(blank(value))
    except (ValueError, struct.error):
        return False


def _write_header(made: bytearray, profile: bytes, kept: bytes) -> None:
    """The header (ISO 15076-1 section 7.2) without day, maker, model, creator and checksum, and the table of tags."""
    made[:4] = profile[:4]
    for start, end in _VERSIONED:
        made[start:end] = profile[start:end]
    made[24:36] = _DAY
    made[_HEADER : _HEADER + 4] = (len(kept) // _ENTRY).to_bytes(4)
    made[_HEADER + 4 : _HEADER + 4 + len(kept)] = kept


def _tag(data: bytes) -> bytes:
    """The data of one tag without text; empty where its type is none that we know."""
    kind = data[:4]
    if kind in _NUMBERS:
        return kind + bytes(4) + data[8:]
    if kind == b"text":
        return kind + bytes(len(data) - 4)
    if kind == b"dtim":
        return kind + bytes(4) + _DAY[: len(data) - 8] + bytes(max(0, len(data) - 20))
    if kind == b"mluc":
        return _localised(data)
    return _description(data) if kind == b"desc" else b""


def _localised(data: bytes) -> bytes:
    """Multi-localised text (10.15): its records, their language, country and place, and no characters."""
    end = 16 + 12 * int.from_bytes(data[8:12])
    if len(data) < end or data[12:16] != b"\0\0\0\x0c":
        raise ValueError
    return data[:4] + bytes(4) + data[8:end] + bytes(len(data) - end)


def _description(data: bytes) -> bytes:
    """Text description (ICC.1:2001-04, 6.5.17): the counts of its three texts, and no characters."""
    ascii_end = 12 + int.from_bytes(data[8:12])
    made = bytearray(data[:4] + bytes(len(data) - 4))
    made[8:12] = data[8:12]
    if ascii_end + 8 <= len(data):
        made[ascii_end + 4 : ascii_end + 8] = data[ascii_end + 4 : ascii_end + 8]
    elif ascii_end > len(data):
        raise ValueError
    return bytes(made)
