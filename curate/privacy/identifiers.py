"""The known identifiers of a patient: collected from headers and report metadata, found again in any text.

What neither a DICOM tool nor a text tool alone can do: the name in the header finds the name in the report, in
the pixels and in whatever would go out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from curate.privacy.phrases import WRITINGS, Phrases, Places
from curate.privacy.spellings import (
    INSIDE_A_NAME,
    MAY_BE_A_DAY,
    WORD,
    ambiguous,
    canonical,
    day_of,
    days_at,
    fold_in_place,
    name_parts,
    sound,
)
from curate.records import Identifier, IdentifierKind, Span

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

Kind = IdentifierKind

# Attributes whose value identifies, beyond those whose VR says so (PN: a name; DA and DT: a date; UI: a UID).
_BY_KEYWORD: dict[str, Kind] = {
    **dict.fromkeys(
        (
            "PatientID", "OtherPatientIDs", "AccessionNumber", "StudyID", "AdmissionID", "ServiceEpisodeID",
            "PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest", "IssuerOfPatientID",
            "RequestedProcedureID", "ScheduledProcedureStepID", "PerformedProcedureStepID", "DeviceSerialNumber",
            "MedicalRecordLocator", "InsurancePlanIdentification",
            "DeviceUID", "GantryID", "PlateID", "CassetteID", "DetectorID", "StationName",
        ),
        Kind.ID,
    ),
    **dict.fromkeys(("PatientAddress", "InstitutionAddress", "PersonAddress", "RegionOfResidence"), Kind.ADDRESS),
    **dict.fromkeys(
        ("PatientTelephoneNumbers", "ReferringPhysicianTelephoneNumbers", "PersonTelephoneNumbers"), Kind.PHONE
    ),
    **dict.fromkeys(
        ("InstitutionName", "InstitutionalDepartmentName", "RequestingService", "PerformedLocation"), Kind.INSTITUTION
    ),
    **dict.fromkeys(
        ("ScheduledStudyLocation", "CurrentPatientLocation", "PatientInstitutionResidence"), Kind.INSTITUTION
    ),
    **dict.fromkeys(("OrderCallbackPhoneNumber", "PatientTelecomInformation", "PersonTelecomInformation"), Kind.PHONE),
}  # fmt: skip
# Dates of devices and vocabularies are nobody's (dicom-deid: shifting or matching them would say more than it hides).
_NOT_OF_A_PATIENT = frozenset({"ContextGroupVersion", "ContextGroupLocalVersion", "DateOfLastCalibration"})

_PLACEHOLDERS = frozenset({"19000101", "19700101", "00010101"})  # days that stand for "unknown" are nobody's
_REGISTERED = "1.2.840.10008."  # UIDs of the standard itself (PS3.6) are nobody's
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7af]+")
_BETWEEN_PARTS = re.compile(r"(?:[\s,^\-'=_]{1,4}|\.)(?:[a-z][\s.,^]{1,2})?")
_LONGEST = 5  # words that one name is divided into
_SHORT = 4  # letters; two spellings of a shorter name are too often two words, such as "Haas" and "has"
# A title makes the next word a name; so does a label, but only with its colon: "the patient may have fallen".
_TITLE = re.compile(
    r"\b(?:(?:dr|prof|professor|doctor|mr|mrs|ms|miss|mx|herr|frau|mme|sr|sra)\b\.?|(?:patient|name|pt)\s?[:=])\s{0,3}$"
)


def collect(dataset: "Dataset") -> frozenset[Identifier]:
    """Every identifier in a data set, at any depth. Raises RecursionError when it is nested without end."""
    return frozenset(identifier for element in dataset for identifier in _of_element(element))


def _of_element(element: "DataElement") -> Iterator[Identifier]:
    if element.VR == "SQ":
        for item in element.value or ():
            yield from collect(item)
        return
    kind = kind_of(element.VR, element.keyword)
    if kind is None or not element.value:
        return
    yield from identifiers_in(kind, map(str, element.value if element.VM > 1 else [element.value]))


def identifiers_in(kind: Kind, values: Iterable[str]) -> Iterator[Identifier]:
    """The identifiers that the values of one attribute are; padding, placeholders and registered UIDs are none."""
    for value in values:
        text = value.strip(" \0^=")
        if kind is Kind.DATE:
            text = re.sub(r"\D", "", text)[:8]  # with separators: ACR-NEMA 300, and as seen
        if text and text not in _PLACEHOLDERS and not text.startswith(_REGISTERED):
            yield Identifier(kind, text)


def kind_of(vr: str, keyword: str) -> Kind | None:
    """What the values of an attribute identify; None when they identify nobody."""
    if vr == "PN":
        return Kind.NAME
    if vr in {"DA", "DT"}:
        return None if keyword in _NOT_OF_A_PATIENT else Kind.DATE
    if vr == "UI":
        return None if keyword.startswith("Implementation") else Kind.UID
    return _BY_KEYWORD.get(keyword)


class KnownIdentifiers:
    """Finds the identifiers of one patient in text: names in any order and case, IDs with other separators, dates.

    A name that is also a word ("Hill", "May") counts only beside another part of a name or after a title.
    """

    def __init__(self, identifiers: Iterable[Identifier] = ()) -> None:
        self.identifiers = frozenset(identifiers)

    def __repr__(self) -> str:
        return "<KnownIdentifiers>"

    def values(self, kind: Kind) -> list[str]:
        """All values of one kind, sorted."""
        return sorted(each.value for each in self.identifiers if each.kind is kind)

    def find(self, text: str) -> list[Span]:
        """All places of known identifiers in `text`, sorted, not overlapping; offsets are code points of `text`."""
        plain = fold_in_place(text)
        words = WORD.findall(plain)
        words += [word.lstrip("0") for word in words if word[0] == "0"]
        names = not plain.isascii() or "'" in plain or not self._sounds.isdisjoint(map(sound, words))
        values = not self._beginnings.isdisjoint(words) or bool(self._days and MAY_BE_A_DAY.search(plain))
        if not (names or values):  # so it is for most texts
            return []
        places = [found.span() for found in WORD.finditer(plain)]
        found = [*self._names(text, plain, places), *self._values(plain, places), *self._unspaced(plain)]
        return merge(found)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The folded parts of all names, of two letters or more; titles and degrees are none."""
        return frozenset(map(fold_in_place, self._parts))

    @cached_property
    def _parts(self) -> frozenset[str]:
        return frozenset(part for name in self.values(Kind.NAME) for part in name_parts(name) if len(part) > 1)

    @cached_property
    def _sounds(self) -> frozenset[str]:
        return frozenset(map(sound, self._parts))

    @cached_property
    def _spellings(self) -> frozenset[str]:
        return frozenset(map(canonical, self._parts))

    @cached_property
    def _phrases(self) -> list[tuple[Kind, Phrases]]:
        """The values of each kind that there is, to be looked up."""
        values = {kind: list(map(fold_in_place, self.values(kind))) for kind in WRITINGS}
        return [(kind, Phrases(found, WRITINGS[kind])) for kind, found in values.items() if found]

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(start for _, phrases in self._phrases for start in phrases.beginnings)

    @cached_property
    def _days(self) -> frozenset[date | None]:
        return frozenset(map(day_of, self.values(Kind.DATE))) - {None}

    @cached_property
    def _unspaced_pattern(self) -> re.Pattern[str] | None:
        """Names in scripts without spaces between words, whole; they stand anywhere in a text."""
        groups = [group for name in self.values(Kind.NAME) for group in fold_in_place(name).split("=")]
        parts = [_UNSPACED.findall(group) for group in groups]
        forms = {r"[\s\u3000^\u30fb]?".join(found) for found in parts if len("".join(found)) > 1}
        return re.compile("|".join(sorted(forms, key=lambda form: (-len(form), form)))) if forms else None

    def _unspaced(self, plain: str) -> Iterator[Span]:
        if self._unspaced_pattern is None:
            return
        for hit in self._unspaced_pattern.finditer(plain):
            yield Span(hit.start(), hit.end(), "NAME", "known")

    def _names(self, text: str, plain: str, words: Places) -> Iterator[Span]:
        """Runs of name parts with at most punctuation between them."""
        run: list[tuple[int, int]] = []
        for place in self._places_of_parts(text, plain, words):
            if run and not _BETWEEN_PARTS.fullmatch(plain, run[-1][1], place[0]):
                yield from self._accept(text, plain, run)
                run = []
            run.append(place)
        yield from self._accept(text, plain, run)

    def _places_of_parts(self, text: str, plain: str, words: Places) -> Iterator[tuple[int, int]]:
        """Where parts of names stand; words that only an apostrophe or something unseen divides are also one."""
        after = 0
        for number, (start, stop) in enumerate(words):
            if start < after:
                continue
            ends = [stop]
            for more, end in words[number + 1 : number + _LONGEST]:
                if plain[ends[-1] : more].strip(INSIDE_A_NAME):
                    break
                ends.append(end)
            for end in reversed(ends):
                if self._is_part(text[start:end], plain[start:end]):
                    yield start, end
                    after = end
                    break

    def _is_part(self, written: str, plain: str) -> bool:
        """Whether a word is part of a name, however spelt; a short one as it stands or with its marks."""
        if sound(plain) not in self._sounds:
            return False
        return len(plain) >= _SHORT or not written.isascii() or canonical(plain) in self._spellings

    @staticmethod
    def _accept(text: str, plain: str, run: list[tuple[int, int]]) -> Iterator[Span]:
        """A run counts when one of its parts is distinctive, or there are two different ones, or a title before it.

        Words in lower case at the end of a name with capitals are words ("April May may"), and stay.
        """
        if not run:
            return
        start = run[0][0]
        parts = {canonical(plain[first:last]) for first, last in run}
        distinctive = any(_says_enough(part) and part not in ambiguous() for part in parts)
        if distinctive or len(parts) > 1 or _TITLE.search(plain[max(0, start - 14) : start]):
            while text[start].isupper() and text[run[-1][0]].islower() and plain[slice(*run[-1])] in ambiguous():
                run = run[:-1]
            yield Span(start, run[-1][1], "NAME", "known")

    def _values(self, plain: str, words: Places) -> Iterator[Span]:
        for kind, phrases in self._phrases:
            yield from (Span(start, end, kind.name, "known") for start, end in phrases.find(plain, words))
        for found in MAY_BE_A_DAY.finditer(plain) if self._days else ():
            start = found.start()
            yield from (Span(start, end, "DATE", "known") for day, end in days_at(plain, start) if day in self._days)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that overlap; the longest of a group names it."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end, each.label, each.rule)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            name = max(last, span, key=lambda each: each.end - each.start)
            merged[-1] = Span(last.start, max(last.end, span.end), name.label, name.rule, max(last.score, span.score))
        else:
            merged.append(span)
    return merged


def _says_enough(part: str) -> bool:
    """Whether a part of a name is one by its length: two characters of a script without spaces are a family name."""
    return len(part) > (1 if _UNSPACED.fullmatch(part) else 2)
