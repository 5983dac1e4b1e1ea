"""The residue search: is anything that came in going out? Run on what was built, not on what was meant.

A patient's own outputs are searched for every form of every known identifier; everybody's outputs for the exact
names and numbers of all patients of the shard. A hit refuses the study: the place is named, the value never.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from curate.errors import Reason, Rejected
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.spellings import fold_in_place
from curate.privacy.surrogates import NAME_TOKEN, Surrogates
from curate.records import Identifier, IdentifierKind, Span

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
_BINARY = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"})
_NUMERIC = frozenset({*_BINARY, "DS", "IS", "TM", "AS"})  # numbers that are no identifiers, but may look like one
_NUMBERS = re.compile(rb"[-+.:\\ \0\deEDWMY]*")  # as the last four are written
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"(?<![^\W_])[^\W_]++(?:[.\-/@_+][^\W_]++)++")  # a UID, an address, a number with separators
_PIXEL_DATA = 0x7FE00010
_MIN_NUMBER = 6  # a shorter number of another patient says nothing
_REMEMBERED, _SHORT = 1 << 14, 256  # texts that were searched, and characters of one: headers of a series repeat
_SHORT_ELEMENT = 1024  # bytes


def _never(_text: str, _span: Span) -> bool:
    return False


class Strangers:
    """Finds the exact names and numbers of many patients in a text: linear in the text, whatever their number."""

    def __init__(self, identifiers: Iterable[Identifier]) -> None:
        self._pairs: set[tuple[str, str]] = set()
        self._numbers: set[str] = set()
        for each in identifiers:
            if each.kind is IdentifierKind.NAME:
                self._add_name(each.value)
            elif each.kind in {IdentifierKind.ID, IdentifierKind.UID, IdentifierKind.EMAIL}:
                self._add_number(each.value)

    def __repr__(self) -> str:
        return "<Strangers>"

    def _add_name(self, name: str) -> None:
        """Both orders of family and given name, when both have three letters or more."""
        components = [NAME_TOKEN.findall(fold_in_place(part)) for part in name.split("=", maxsplit=1)[0].split("^")[:2]]
        for family in components[0]:
            for given in components[1] if len(components) > 1 else ():
                if len(family) > 2 and len(given) > 2:
                    self._pairs |= {(family, given), (given, family)}

    def _add_number(self, number: str) -> None:
        plain = "".join(_WORD.findall(fold_in_place(number)))
        if len(plain) >= _MIN_NUMBER and any(each.isdigit() for each in plain):
            self._numbers.add(plain)

    def found_in(self, text: str) -> bool:
        """Whether a full name or a number of six characters or more stands in the text."""
        folded = fold_in_place(text)
        words = _WORD.findall(folded)
        if not self._pairs.isdisjoint(pairwise(words)):
            return True
        if not any(map(str.isdigit, folded)):
            return False  # each number has a digit
        joined = ("".join(_WORD.findall(each)) for each in _JOINED.findall(folded))
        several = (map("".join, zip(*(words[at:] for at in range(n)), strict=False)) for n in (1, 2, 3))
        return not (self._numbers.isdisjoint(joined) and all(map(self._numbers.isdisjoint, several)))


class Residue:
    """The search over one patient's outputs.

    own: the patient's identifiers, without those that the policy retains. strangers: those of the whole shard.
    """

    def __init__(self, own: KnownIdentifiers, strangers: Strangers, surrogates: Surrogates) -> None:
        self._own, self._strangers, self._offset = own, strangers, surrogates.offset
        self._clear: set[str | bytes] = set()

    def __repr__(self) -> str:
        return "<Residue>"

    def search_text(self, text: str, source: str, place: str, is_term: Callable[[str, Span], bool] = _never) -> None:
        """Search an output text that was made from `source`. Raises Rejected(RESIDUE) with the place.

        is_term: whether the name at a place is that of a sign or a device ("Foley catheter"), and not the person's.
        """
        for span in self._own.find(text):
            moved = span.label == "DATE" and self._explained(text[span.start : span.end], source)
            if not (moved or is_term(text, span)):
                raise Rejected(Reason.RESIDUE, place)
        if self._strangers.found_in(text):
            raise Rejected(Reason.RESIDUE, place)

    def search_dataset(self, dataset: "Dataset", is_term: Callable[[str, Span], bool] = _never) -> None:
        """Search every value of a de-identified data set, at any depth. Raises Rejected(RESIDUE) with the tag."""
        for tag in list(dataset.keys()):
            item = dataset.get_item(tag)
            raw = _encoded(item)
            if raw is not None and (raw in self._clear or _is_numeric(item)):
                continue
            for place, text in _strings([dataset[tag]]):
                if text not in self._clear:
                    self.search_text(text, "", place, is_term)
                    self._remember(text)
            if raw is not None:
                self._remember(raw)

    def _remember(self, text: str | bytes) -> None:
        """Keep a text, or an element as it is encoded, in which nothing was found."""
        if len(self._clear) == _REMEMBERED:
            self._clear.clear()
        if len(text) <= (_SHORT if isinstance(text, str) else _SHORT_ELEMENT):
            self._clear.add(text)

    def _explained(self, written: str, source: str) -> bool:
        """Whether a known date in an output is the shifted form of another date of the source."""
        for day in self._own.values(IdentifierKind.DATE):
            origin = _moved(day, -self._offset)
            if origin and KnownIdentifiers([Identifier(IdentifierKind.DATE, day)]).find(written):
                known = origin in self._own.values(IdentifierKind.DATE)
                return known or bool(KnownIdentifiers([Identifier(IdentifierKind.DATE, origin)]).find(source))
        return False


def _moved(day: str, by: timedelta) -> str:
    try:
        return f"{date(int(day[:4]), int(day[4:6]), int(day[6:8])) + by:%Y%m%d}"
    except (ValueError, OverflowError):
        return ""


def _encoded(item: Any) -> bytes | None:
    """A short element as it was read, tag, VR and value, where nobody has asked for its value yet."""
    if not getattr(item, "is_raw", False) or not isinstance(item.value, bytes) or len(item.value) > _SHORT_ELEMENT:
        return None
    return b"%08x%s" % (item.tag, str(item.VR).encode()) + item.value


def _is_numeric(raw: Any) -> bool:
    """Whether an element as it was read holds numbers, and nothing else."""
    return raw.VR in _BINARY or (raw.VR in _NUMERIC and _NUMBERS.fullmatch(raw.value) is not None)


def _strings(elements: "Iterable[DataElement]") -> Iterator[tuple[str, str]]:
    """Every (tag, text) of elements but numbers and bulk data; nested items too."""
    for element in elements:
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _strings(item)
        elif isinstance(element.value, bytes):
            if element.tag != _PIXEL_DATA:
                yield from ((str(element.tag), element.value.decode(each, "ignore")) for each in _ENCODINGS)
        elif element.VR not in _NUMERIC and element.value is not None:
            yield str(element.tag), "\n".join(map(str, element.value if element.VM > 1 else [element.value]))


def without(identifiers: Iterable[Identifier], kinds: frozenset[IdentifierKind]) -> frozenset[Identifier]:
    """Leave out the kinds that a policy retains on purpose."""
    return frozenset(each for each in identifiers if each.kind not in kinds)
