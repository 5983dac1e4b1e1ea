"""The texts of one instance, collected while it is built and cleaned in one call."""

import re
from collections.abc import Callable, Sequence

from pydicom.dataelem import DataElement

Clean = Callable[[Sequence[str]], list[str]]

# PS3.5 Table 6.2-1: characters of a value. A surrogate may be longer than what it replaces.
_LENGTHS = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "ST": 1024, "LT": 10240}
_ONE_VALUE = frozenset({"LT", "ST", "UT", "UR"})  # a backslash is part of their text
_DEFAULT_REPERTOIRE = frozenset({"AE", "CS"})  # no character set applies to them
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class Texts:
    """Elements that wait for their cleaned values. They hold nothing until `fill`, so nothing uncleaned can leave."""

    def __init__(self) -> None:
        self._waiting: list[tuple[DataElement, list[str]]] = []

    def __repr__(self) -> str:
        return "<Texts>"

    def add(self, element: DataElement, values: Sequence[str]) -> None:
        """Let an element, still without value, wait for these texts."""
        self._waiting.append((element, list(values)))

    def fill(self, clean: Clean) -> None:
        """Clean every distinct text in one call, in the order of the data set, and hand out the results."""
        distinct = dict.fromkeys(text for _, texts in self._waiting for text in texts if text.strip())
        cleaned = dict(zip(distinct, clean(list(distinct)), strict=True)) if distinct else {}
        for element, texts in self._waiting:
            values = [fit(cleaned.get(text, ""), len(text), element.VR) for text in texts]
            element.value = values if len(values) > 1 else values[0] if values else ""


def fit(text: str, before: int, vr: str) -> str:
    """A cleaned text that the VR can hold, though one that was too long to begin with may stay so.

    before: characters of the text as it came.
    """
    text = _CONTROLS.sub("", text)
    if vr in _DEFAULT_REPERTOIRE:
        text = text.encode("ascii", "ignore").decode()
    if vr not in _ONE_VALUE:
        text = text.replace("\\", "/")
    return text[: max(_LENGTHS[vr], before)].rstrip() if vr in _LENGTHS else text
