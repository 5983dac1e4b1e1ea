"""The layout of a data set in a file: where it starts and ends, and whether it is whole.

pydicom reads what it can of a broken file and says nothing. This walk reads only tags, VRs and lengths (PS3.5
section 7.1), allocates nothing, never recurses, and so decides about truncation and nesting before pydicom begins.
"""

from dataclasses import dataclass
from io import BytesIO
from struct import unpack
from typing import BinaryIO

from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from curate.errors import Reason, Rejected

UNDEFINED = 0xFFFFFFFF
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ITEM, _END_OF_ITEM, _END_OF_SEQUENCE = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_LONG = frozenset(vr.value.encode() for vr in EXPLICIT_VR_LENGTH_32)
_DEFLATED, _BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True, repr=False)
class Head:
    """What comes before the data set: how many bytes, and the transfer syntax and SOP Class that file meta names."""

    start: int
    has_prefix: bool
    transfer_syntax: str
    sop_class: str

    @property
    def is_deflated(self) -> bool:
        """Whether the data set is compressed as a whole (PS3.5 A.5)."""
        return self.transfer_syntax == _DEFLATED


def read_head(stream: BinaryIO, size: int) -> Head:
    """Read prefix and file meta (PS3.10 section 7.1). Files without either are accepted here. Raises Rejected."""
    stream.seek(128)
    has_prefix = stream.read(4) == b"DICM"
    walk = _Walk(stream, size, little=True)
    position = 132 if has_prefix else 0
    known = {0x00020010: "", 0x00020002: ""}
    while position + 8 <= size and walk.group_at(position) == 0x0002:
        tag, length, value_at = walk.element_at(position)
        position = walk.skip(value_at, length)
        if tag in known:
            stream.seek(value_at)
            known[tag] = stream.read(min(length, 64)).decode("ascii", "replace").strip(" \0")
    return Head(position, has_prefix, known[0x00020010], known[0x00020002])


def survey(stream: BinaryIO, head: Head, size: int, nesting: int) -> int:
    """Walk the data set to its end; return the offset of its pixel data, or of its end when it has none.

    size: bytes of the stream. nesting: the deepest sequence allowed. Raises Rejected(TRUNCATED, TOO_DEEP, MALFORMED).
    """
    big = head.transfer_syntax == _BIG_ENDIAN
    walk = _Walk(stream, size, little=not big)
    if not head.transfer_syntax and head.start + 8 <= size and walk.group_at(head.start) >= 0x0400:
        walk.little = False  # without file meta, a first group of 1024 or more means swapped bytes
    return walk.run(head.start, nesting)


def end_of_sequence(data: bytes, position: int) -> int:
    """The offset after the element at `position`, a sequence of undefined length in explicit VR little endian.

    Raises Rejected(TRUNCATED, MALFORMED).
    """
    walk = _Walk(BytesIO(data), len(data), little=True)
    _, _, position = walk.element_at(position)
    walk.inside.append(False)
    while walk.inside:
        position = walk._step(*walk.element_at(position))  # noqa: SLF001
    return position


class _Walk:
    """The state of a walk. `inside` holds, for every open sequence of undefined length, whether an item is open."""

    def __init__(self, stream: BinaryIO, size: int, *, little: bool) -> None:
        self.stream, self.size, self.little = stream, size, little
        self.inside: list[bool] = []

    def run(self, position: int, nesting: int) -> int:
        pixels = None
        while position < self.size:
            if self.size - position < 8:
                self._accept_padding(position)
                break
            tag, length, value_at = self.element_at(position)
            if not self.inside and tag in PIXELS and pixels is None:
                pixels = position
            position = self._step(tag, length, value_at)
            if len(self.inside) > nesting:
                raise Rejected(Reason.TOO_DEEP)
        if self.inside:
            raise Rejected(Reason.TRUNCATED)
        return self.size if pixels is None else pixels

    def _step(self, tag: int, length: int, value_at: int) -> int:
        """Open or close sequences and items, and go on to the next element."""
        between_items = bool(self.inside) and not self.inside[-1]
        if between_items:
            return self._between_items(tag, length, value_at)
        if tag == _END_OF_ITEM and self.inside:
            self.inside[-1] = False
            return value_at
        if length == UNDEFINED:
            self.inside.append(False)
            return value_at
        return self.skip(value_at, length)

    def _between_items(self, tag: int, length: int, value_at: int) -> int:
        if tag == _END_OF_SEQUENCE:
            self.inside.pop()
            return value_at
        if tag != _ITEM:
            raise Rejected(Reason.MALFORMED)
        if length == UNDEFINED:
            self.inside[-1] = True
            return value_at
        return self.skip(value_at, length)

    def skip(self, value_at: int, length: int) -> int:
        """The offset after a value, which must lie within the stream."""
        if length == UNDEFINED or value_at + length > self.size:
            raise Rejected(Reason.TRUNCATED)
        return value_at + length

    def group_at(self, position: int) -> int:
        self.stream.seek(position)
        return int.from_bytes(self.stream.read(2), "little" if self.little else "big")

    def element_at(self, position: int) -> tuple[int, int, int]:
        """Tag, length and offset of the value of the element at `position`."""
        self.stream.seek(position)
        head = self.stream.read(12)
        order = "<" if self.little else ">"
        group, element, length = unpack(f"{order}HHL", head[:8])
        vr = head[4:6]
        if group == 0xFFFE or not (vr.isalpha() and vr.isupper()):  # items have no VR; nor has implicit VR
            return group << 16 | element, length, position + 8
        if vr not in _LONG:
            return group << 16 | element, unpack(f"{order}H", head[6:8])[0], position + 8
        if len(head) < 12:
            raise Rejected(Reason.TRUNCATED)
        return group << 16 | element, unpack(f"{order}L", head[8:12])[0], position + 12

    def _accept_padding(self, position: int) -> None:
        """Fewer than eight bytes at the end are no element: zeros are padding, anything else was cut."""
        self.stream.seek(position)
        if self.stream.read(8).strip(b"\0"):
            raise Rejected(Reason.TRUNCATED)
