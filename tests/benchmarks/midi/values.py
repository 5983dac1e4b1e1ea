"""Reading one value by its path, in the form in which NCI's indexer prints it."""

import re
from collections.abc import Iterator

from pydicom import Dataset
from pydicom.dataelem import DataElement

_STEP = re.compile(r'\(([0-9a-fA-F]{4}),(?:"([^"]*)",)?([0-9a-fA-F]{2,4})\)(?:\[(\d+)\])?')


def find(dataset: Dataset, path: str) -> DataElement | None:
    """The element at a path, or None; one whose value cannot be read counts as not there.

    A private attribute, (gggg,"CREATOR",ee), is found in whatever block its creator reserved.
    """
    found: DataElement | None = None
    here: Dataset | None = dataset
    for group, creator, element, number in _steps(path):
        found = None if here is None else _read(here, _tag(here, group, creator, element))
        here = _item(found, number)
    return found


def text_of(element: DataElement | None) -> str:
    """The value as text; "" for what has none."""
    if element is None or element.value is None:
        return ""
    return str(element.value).strip()


def _steps(path: str) -> Iterator[tuple[int, str, int, int]]:
    for step in _STEP.finditer(path):
        yield int(step[1], 16), step[2] or "", int(step[3], 16), int(step[4] or 0)


def _tag(dataset: Dataset, group: int, creator: str, element: int) -> int:
    """The tag of a step in one data set; 0 where no block is its creator's."""
    if not creator:
        return group << 16 | element
    for block in range(0x10, 0x100):
        reserved = _read(dataset, group << 16 | block)
        if text_of(reserved).upper() == creator.upper():
            tag = group << 16 | block << 8 | element
            if tag in dataset:
                return tag
    return 0


def _read(dataset: Dataset, tag: int) -> DataElement | None:
    """One element; None where it is absent or its bytes are not what its VR says."""
    if not tag or tag not in dataset:
        return None
    try:
        element = dataset[tag]
        str(element.value)
    except Exception:  # noqa: BLE001  pydicom raises many kinds for broken bytes
        return None
    return element


def _item(element: DataElement | None, number: int) -> Dataset | None:
    if element is None or element.VR != "SQ" or len(element.value or ()) <= number:
        return None
    item: Dataset = element.value[number]
    return item
