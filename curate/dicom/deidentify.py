"""De-identifying one instance: a new data set is built from nothing, element by element, by the rules of a profile.

What no rule allows cannot be present: preamble, file meta, group lengths, padding and private blocks are not removed
from anything, they are never written. The input is not changed. Texts are collected and cleaned in one call; they are
written in UTF-8 (ISO_IR 192), so that every replacement can be encoded.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from curate.dicom import actions, codes, content, icc, pixeldata, private, strings, tables
from curate.dicom.markers import REFUSED, file_meta, mark, mark_face, mark_pixels
from curate.dicom.profile import VALUES, Profile
from curate.dicom.read import BROKEN, tag_text
from curate.dicom.rules import COMPOUND_METHODS, Method, Rule
from curate.dicom.texts import Texts
from curate.errors import Reason, Rejected
from curate.privacy.surrogates import Surrogates
from curate.records import CleanInstance, RawInstance

__all__ = ["deidentify", "mark_face", "mark_pixels"]

_CHARACTER_SET = 0x00080005
_IDENTITY = (0x00080016, 0x00080018)
_UTF8 = "ISO_IR 192"
_UNREADABLE = Rule("X", "PS3.5 6.2: cannot be read", Method.REMOVE)
# Kept only if the value is what the rule expects; else text
_CONDITIONAL: Mapping[Method, Callable[[Dataset, str], bool]] = {
    Method.CODE: lambda item, value: codes.is_code(codes.scheme_of(item), value),
    Method.MEANING: lambda item, value: codes.is_standard_meaning(codes.scheme_of(item), codes.value_of(item), value),
    Method.VERSION: lambda _item, value: codes.is_version(value),
    Method.PRODUCT: lambda _item, value: strings.is_product(value),
    Method.STRING: lambda _item, value: strings.is_coded_string(value),
}


def deidentify(
    instance: RawInstance,
    profile: Profile,
    surrogates: Surrogates,
    clean_text: Callable[[Sequence[str]], list[str]],
) -> CleanInstance:
    """Build the de-identified form of one instance by PS3.15 Annex E; see `curate.dicom.profile` for the rules.

    clean_text: cleans free texts, many at once, as many out as in. No sample of the pixel data is touched: replace
    them in the result when they were redacted, without the Extended Offset Table then, and call `mark_pixels`.
    Raises Rejected: MISSING_IDENTITY without SOP Class or Instance UID, NOT_AN_IMAGE for audio and documents,
    TOO_DEEP, MALFORMED.
    """
    source = instance.dataset
    try:
        _require_identity(source)
        _refuse_kinds(source)
        builder = _Builder(source, profile, surrogates)
        clean = builder.build(source, _Place(is_top=True))
        transfer_syntax = _transfer_syntax(source)
    except RecursionError:
        raise Rejected(Reason.TOO_DEEP) from None
    except BROKEN:
        raise Rejected(Reason.MALFORMED) from None
    builder.actions.update(pixeldata.settle(clean, transfer_syntax))
    builder.texts.fill(clean_text)
    clean.SpecificCharacterSet = _UTF8
    mark(clean, profile)
    clean.file_meta = file_meta(clean, transfer_syntax)
    return CleanInstance(instance.key, clean, dict(sorted(builder.actions.items())))


def clean_part(
    source: Dataset,
    profile: Profile,
    surrogates: Surrogates,
    clean_text: Callable[[Sequence[str]], list[str]],
) -> tuple[Dataset, Mapping[tuple[str, str, str], int]]:
    """Build the clean form of some elements that do not depend on others, without identity, markers or file meta.

    Returns it with what the journal notes. Raises what pydicom raises for broken values.
    """
    builder = _Builder(source, profile, surrogates)
    clean = builder.build(source, _Place(is_top=True))
    builder.texts.fill(clean_text)
    return clean, builder.actions


def _require_identity(dataset: Dataset) -> None:
    """SOP Class and Instance UID must be there, and be UIDs: nothing can be written without."""
    for tag in _IDENTITY:
        if not codes.text_of(dataset, tag) or dataset[tag].VR != "UI":
            raise Rejected(Reason.MISSING_IDENTITY, tag_text(tag))


def _refuse_kinds(source: Dataset) -> None:
    """Audio and encapsulated documents cannot be made both safe and of use."""
    refused = REFUSED.get(codes.text_of(source, 0x00080016))
    if refused:
        raise Rejected(Reason.NOT_AN_IMAGE, tag_text(refused))


def _transfer_syntax(source: Dataset) -> UID:
    """The transfer syntax of the source, which stays; where file meta is silent, the one it was read in."""
    meta = getattr(source, "file_meta", None)
    named = UID(str(meta.get("TransferSyntaxUID", "") or "")) if meta else UID("")
    if named:
        if named.is_private or not named.is_transfer_syntax:
            raise Rejected(Reason.MALFORMED, tag_text(0x00020010))
        return named
    is_implicit, is_little = source.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRBigEndian if is_little is False else ExplicitVRLittleEndian


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands: at the top level, in a sequence of dummies, in a content item with rules of its own."""

    is_top: bool = False
    is_dummy: bool = False
    parent: int = 0  # the sequence whose item this is
    values: Mapping[int, Rule] = field(default_factory=dict)


class _Builder:
    """Builds one clean data set; holds what concerns the instance as a whole."""

    def __init__(self, source: Dataset, profile: Profile, surrogates: Surrogates) -> None:
        self._profile, self._surrogates = profile, surrogates
        self._declared = private.declared(source) if profile.options.retain_safe_private else private.Declared()
        self._tree = content.plan(source, profile.rule_for_content)
        self._is_little = source.original_encoding[1] is not False
        self.texts = Texts()
        self.actions: Counter[tuple[str, str, str]] = Counter()

    def build(self, source: Dataset, place: _Place) -> Dataset:
        """The clean form of a data set or an item."""
        clean = Dataset()
        for tag in sorted(source.keys()):
            if tag == _CHARACTER_SET or private.is_creator(tag):
                continue
            made = self._private(source, tag, clean) if tag >> 16 & 1 else self._public(source, tag, place)
            if made is not None:
                clean[tag] = made
        return clean

    def _public(self, source: Dataset, tag: int, place: _Place) -> DataElement | None:
        element = self._read(source, tag)
        if element is None:
            return None
        if tag == content.REFERENCE:
            return self._reference(element)
        rule = place.values.get(tag) or self._profile.rule_for(tag, element.VR)
        return self._apply(source, element, rule, place)

    def _private(self, source: Dataset, tag: int, clean: Dataset) -> DataElement | None:
        creator = private.creator_of(source, tag)
        element = self._read(source, tag) if self._profile.options.retain_safe_private else None
        if element is None:
            self._note(tag, self._profile.rule_for(tag, "UN"))
            return None
        element = private.as_listed(element, creator, is_little=self._is_little)
        safe = self._declared.is_safe(tag, creator)
        rule = self._profile.rule_for(tag, element.VR, creator, declared_safe=safe)
        made = self._apply(source, element, rule, _Place())
        if made is not None:
            self._reserve(private.creator_tag(tag), creator, clean)
        return made

    def _reserve(self, tag: int, creator: str, clean: Dataset) -> None:
        """Reserve the block of a retained attribute. A creator that no table knows is text of an operator."""
        if tag in clean:
            return
        clean[tag] = DataElement(tag, "LO", creator if private.is_known(creator) else "")
        if not private.is_known(creator):
            self.texts.add(clean[tag], [creator])

    def _read(self, source: Dataset, tag: int) -> DataElement | None:
        """One element, or None, noted, where its value is not what its VR says."""
        try:
            element = source[tag]
        except BROKEN:
            element = None
        if element is not None and strings.is_readable(element):
            return element
        self._note(tag, _UNREADABLE)
        return None

    def _apply(self, source: Dataset, element: DataElement, rule: Rule, place: _Place) -> DataElement | None:
        """Carry out a rule on one element of `source`."""
        rule = _narrow(source, element, rule, place)
        self._note(element.tag, rule)
        if rule.method is Method.REMOVE:
            return None
        if rule.method is Method.KEEP:
            return actions.copy(element)
        if rule.method in {Method.ITEMS, Method.DUMMY_ITEMS}:
            inside = _Place(is_dummy=place.is_dummy or rule.method is Method.DUMMY_ITEMS, parent=element.tag)
            return self._items(element, inside)
        if rule.method is Method.TEXT:
            waiting = DataElement(element.tag, element.VR, "")
            self.texts.add(waiting, actions.values_of(element))
            return waiting
        made = actions.replace(rule.method, element, self._surrogates, self._profile.options)
        return actions.dummy(element) if rule.needs_value and made.is_empty else made

    def _items(self, element: DataElement, place: _Place) -> DataElement:
        made = [self._item(element.tag, item, place) for item in element.value or ()]
        return DataElement(element.tag, "SQ", Items([item for item in made if item is not None]))

    def _item(self, tag: int, item: Dataset, place: _Place) -> Dataset | None:
        """One item; a content item follows Table E.3.4-1 where that lists its concept."""
        rule = content.rule_of(item, self._profile.rule_for_content)
        if id(item) in self._tree.removed or (rule and rule.method is Method.REMOVE):
            self._note(tag, rule if rule and rule.action == "X" else Rule("X", "PS3.15 E.3.4-1 basic", Method.REMOVE))
            return None
        if rule is None:
            return self.build(item, place)
        value = VALUES.get(codes.text_of(item, 0x0040A040))
        made = self.build(item, replace(place, values={value[0]: rule}) if value else place)
        content.cap_age(made, self._profile.options.age_cap)
        return made

    def _reference(self, element: DataElement) -> DataElement:
        """A pointer to another content item follows it to its new place."""
        return DataElement(element.tag, element.VR, list(self._tree.place_of(content.numbers_of(element))))

    def _note(self, tag: int, rule: Rule) -> None:
        self.actions[tag_text(tag), rule.action, rule.source] += 1


def _narrow(source: Dataset, element: DataElement, rule: Rule, place: _Place) -> Rule:
    """Decide the methods that depend on the value or the place: what is not what it should be is cleaned as text."""
    if rule.method is Method.PIXELS and place.is_top:
        return replace(rule, method=Method.KEEP)
    if _must_go(element, rule, place):
        return Rule("X", rule.source, Method.REMOVE)
    if place.is_dummy and rule.method in {Method.TEXT, Method.CODE, Method.MEANING, Method.VERSION, Method.PRODUCT}:
        return Rule("D", rule.source, Method.DUMMY)
    holds = _CONDITIONAL.get(rule.method)
    if holds is None:
        return rule
    if all(holds(source, value) for value in actions.values_of(element)):
        return replace(rule, method=Method.KEEP)
    return Rule("C", rule.source, Method.TEXT)


def _must_go(element: DataElement, rule: Rule, place: _Place) -> bool:
    """Pixels below the top level, bytes that are no ICC profile, and what a compound code removes where it stands."""
    if rule.method is Method.COLOURS:
        return not icc.is_profile(element.value)
    is_optional = (place.parent, element.tag) in tables.optional_places()
    return rule.method is Method.PIXELS or (rule.method in COMPOUND_METHODS and is_optional)
