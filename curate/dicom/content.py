"""Content items of structured documents: which go by Table E.3.4-1, and what that does to references between them.

A content item may point at another by its place in the tree (Referenced Content Item Identifier, PS3.3 C.17.3.2.5).
When items go, places change: so what goes is decided for the whole tree first, and references are counted again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from curate.dicom.codes import scheme_of, text_of, value_of
from curate.dicom.rules import Method, Rule

RuleFor = Callable[[str, str, str], Rule | None]
Place = tuple[int, ...]

REFERENCE = 0x0040DB73
_SUBJECT_AGE, _MEASURED, _UNITS, _NUMERIC = "121033", 0x0040A300, 0x004008EA, 0x0040A30A
_PER_YEAR = {"a": 1.0, "mo": 12.0, "wk": 52.1775, "d": 365.25}
_CONTENT, _CONCEPT_NAME, _VALUE_TYPE = 0x0040A730, 0x0040A043, 0x0040A040


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """What happens to the items of one document: those that go, by identity, and new places by old."""

    removed: frozenset[int] = frozenset()
    places: Mapping[Place, Place] = field(default_factory=dict)

    def place_of(self, place: Place) -> Place:
        """The new place of an item that stays; a reference that pointed nowhere still does."""
        return self.places.get(place, place)


def rule_of(item: Dataset, rule_for: RuleFor) -> Rule | None:
    """The rule of Table E.3.4-1 for an item of any sequence, or None where it is no content item or not listed."""
    if _CONCEPT_NAME not in item or _VALUE_TYPE not in item:
        return None
    names = item[_CONCEPT_NAME].value
    if not names or item[_CONCEPT_NAME].VR != "SQ":
        return None
    return rule_for(scheme_of(names[0]), value_of(names[0]), text_of(item, _VALUE_TYPE))


def plan(document: Dataset, rule_for: RuleFor) -> Tree:
    """Decide which content items of a document go: by rule, below one that goes, or pointing at one that goes."""
    items = dict(_walk(document, (1,)))
    gone = {
        place for place, item in items.items() if (rule := rule_of(item, rule_for)) and rule.method is Method.REMOVE
    }
    references = {place: numbers_of(item[REFERENCE]) for place, item in items.items() if REFERENCE in item}
    more = True
    while more:
        found = {place for place, target in references.items() if place not in gone and _is_below(target, gone)}
        gone |= found
        more = bool(found)
    if not gone:
        return Tree()
    kept = [place for place in items if not _is_below(place, gone)]
    return Tree(frozenset(id(items[place]) for place in gone), _renumber(kept))


def _walk(parent: Dataset, place: Place) -> Iterator[tuple[Place, Dataset]]:
    if _CONTENT in parent and parent[_CONTENT].VR == "SQ":
        for number, item in enumerate(parent[_CONTENT].value or (), start=1):
            yield (*place, number), item
            yield from _walk(item, (*place, number))


def _is_below(place: Place, gone: set[Place]) -> bool:
    """Whether an item or one above it goes."""
    return any(place[:depth] in gone for depth in range(1, len(place) + 1))


def _renumber(kept: list[Place]) -> dict[Place, Place]:
    """Places after removal: items keep their order, and each follows its parent."""
    places: dict[Place, Place] = {(1,): (1,)}
    children: dict[Place, int] = {}
    for place in kept:
        parent = place[:-1]
        children[parent] = children.get(parent, 0) + 1
        places[place] = (*places[parent], children[parent])
    return places


def numbers_of(element: DataElement) -> Place:
    """The place that a reference names, as numbers from the root, which is 1."""
    value = element.value
    numbers = value if isinstance(value, MultiValue | list) else [value]
    return tuple(each for each in numbers if isinstance(each, int))


def cap_age(item: Dataset, cap: int) -> None:
    """Cap the age that a clean NUM item states (Subject Age, DCM 121033) at `cap` years, in any UCUM unit of time."""
    names = item[_CONCEPT_NAME].value if _CONCEPT_NAME in item else None
    if not names or value_of(names[0]) != _SUBJECT_AGE:
        return
    for measured in item[_MEASURED].value or () if _MEASURED in item else ():
        units = measured[_UNITS].value if _UNITS in measured else None
        per_year = _PER_YEAR.get(value_of(units[0]) if units else "", 0)
        value = text_of(measured, _NUMERIC)
        if value and (not per_year or float(value) / per_year >= cap):
            measured[_NUMERIC].value = str(round(cap * (per_year or 1)))
