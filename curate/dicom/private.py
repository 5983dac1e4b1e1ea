"""Private blocks (PS3.5 section 7.8): who reserved them, and what the instance itself says of their safety."""

from dataclasses import dataclass
from functools import cache

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag
from pydicom.values import convert_value

from curate.dicom import tables
from curate.dicom.actions import values_of
from curate.dicom.codes import text_of
from curate.dicom.read import BROKEN
from curate.dicom.rules import BULK_VRS

_CHARACTERISTICS, _GROUP, _CREATOR = 0x00080300, 0x00080301, 0x00080302
_STATUS, _NONIDENTIFYING = 0x00080303, 0x00080304


@dataclass(frozen=True, slots=True, repr=False)
class Declared:
    """What Private Data Element Characteristics Sequence (0008,0300) calls safe: whole blocks, or single elements."""

    blocks: frozenset[tuple[int, str]] = frozenset()
    elements: frozenset[tuple[int, str, int]] = frozenset()

    def is_safe(self, tag: int, creator: str) -> bool:
        """Whether the instance calls a private attribute safe."""
        group = tag >> 16
        return (group, creator) in self.blocks or (group, creator, tag & 0xFF) in self.elements


def declared(dataset: Dataset) -> Declared:
    """Read (0008,0300) of a data set (PS3.3 C.12.1.1.7). An item that is not complete says nothing."""
    blocks, elements = set(), set()
    items = dataset[_CHARACTERISTICS].value if _CHARACTERISTICS in dataset else ()
    for item in items or ():
        group, creator, status = text_of(item, _GROUP), text_of(item, _CREATOR), text_of(item, _STATUS)
        if not (group.isdigit() and creator):
            continue
        if status == "SAFE":
            blocks.add((int(group), creator))
        elif status == "MIXED" and _NONIDENTIFYING in item:
            named = [each for each in values_of(item[_NONIDENTIFYING]) if each.isdigit()]
            elements |= {(int(group), creator, int(each) & 0xFF) for each in named}
    return Declared(frozenset(blocks), frozenset(elements))


def is_creator(tag: int) -> bool:
    """Whether a tag reserves a private block."""
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def creator_tag(tag: int) -> int:
    """The tag that reserves the block of a private attribute."""
    return tag & 0xFFFF0000 | (tag >> 8 & 0xFF)


def creator_of(dataset: Dataset, tag: int) -> str:
    """The creator of the block of a private attribute in the same data set, or item; "" if nobody reserved it."""
    return text_of(dataset, creator_tag(tag)) if tag & 0xFF00 >= 0x1000 else ""


def is_known(creator: str) -> bool:
    """Whether a creator stands in a table: its name is then public, and no text of an operator."""
    return creator in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(creator for creator, _, _ in tables.safe_private())


def as_listed(element: DataElement, creator: str, *, is_little: bool) -> DataElement:
    """An element of VR UN with the VR that a table gives it, where its bytes can be read as that."""
    safe = tables.safe_private().get((creator, element.tag.group, element.tag.element & 0xFF))
    if element.VR != "UN" or safe is None or not isinstance(element.value, bytes):
        return element
    if not safe.vr or safe.vr == "SQ" or safe.vr.split("/")[0] in BULK_VRS:
        return element
    raw = RawDataElement(
        BaseTag(element.tag),
        safe.vr,
        len(element.value),
        element.value,
        0,
        is_implicit_VR=True,
        is_little_endian=is_little,
    )
    try:
        return DataElement(element.tag, safe.vr, convert_value(safe.vr, raw, ["utf8"]), already_converted=True)
    except BROKEN:
        return element
