"""What a string value must look like to be more than text that somebody typed (PS3.5 Table 6.2-1)."""

import re
from functools import cache
from importlib.resources import files

from pydicom.dataelem import DataElement

from curate.dicom.actions import values_of

_CODED_STRING = re.compile(r"[A-Z0-9 _]{0,16}")
_NUMBER = re.compile(r"(?=.{1,32}$)[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
# Release numbers as consoles write them: B17, VA48A, 24, DV24.0, 1344.a, 5.1.7.2. No run of digits is as long as a
# year, a record number or a telephone number.
_RELEASE = re.compile(
    r"[A-Za-z]{0,2}\d{1,3}(?:\.\d{1,3}){0,4}(?:[A-Za-z]{1,3}\d{0,3})?|\d?[A-Z]{1,3}\d{1,3}[A-Z]?|\d{4}\.?[A-Za-z]"
)
_BETWEEN = re.compile(r"[\s:;,_]+")


@cache
def _product_words() -> frozenset[str]:
    return frozenset((files("curate.dicom") / "tables" / "product_words.txt").read_text(encoding="utf-8").split())


def is_product(value: str) -> bool:
    """Whether a maker, model or version holds product words and release numbers alone, at most one a bare number.

    What is kept so need not pass for prose: in that, "B17" is a number of somebody and "MR Software" a gentleman.
    """
    words = _BETWEEN.split(value.strip(" \0"))
    known = all(_RELEASE.fullmatch(each) or each.lower() in _product_words() for each in words)
    return known and sum(map(str.isdigit, words)) < 2


def is_coded_string(value: str) -> bool:
    """Whether a CS value keeps its VR."""
    return _CODED_STRING.fullmatch(value) is not None


def is_readable(element: DataElement) -> bool:
    """Whether an element of VR DS or IS holds numbers and nothing else; pydicom lets text pass. Others always are."""
    if element.VR not in {"DS", "IS"}:
        return True
    return all(_NUMBER.fullmatch(each.strip(" \0")) or not each.strip(" \0") for each in values_of(element))
