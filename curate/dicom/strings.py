"""What a string value must look like to be more than text that somebody typed (PS3.5 Table 6.2-1)."""

import re

from pydicom.dataelem import DataElement

from curate.dicom.actions import values_of

_CODED_STRING = re.compile(r"[A-Z0-9 _]{0,16}")
_NUMBER = re.compile(r"(?=.{1,32}$)[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def is_coded_string(value: str) -> bool:
    """Whether a CS value keeps its VR."""
    return _CODED_STRING.fullmatch(value) is not None


def is_readable(element: DataElement) -> bool:
    """Whether an element of VR DS or IS holds numbers and nothing else; pydicom lets text pass. Others always are."""
    if element.VR not in {"DS", "IS"}:
        return True
    return all(_NUMBER.fullmatch(each.strip(" \0")) or not each.strip(" \0") for each in values_of(element))
