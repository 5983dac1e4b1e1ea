"""The known identifiers of a patient: collected from headers and report metadata, found again in any text.

What neither a DICOM tool nor a text tool alone can do: the name in the header finds the name in the report, in
the pixels and in whatever would go out.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from curate.privacy.spellings import FORMS, ambiguous, canonical, fold_in_place, longest, name_parts, spelling
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
    kind = _kind(element)
    if kind is None or not element.value:
        return
    values = element.value if element.VM > 1 else [element.value]
    for value in values:
        text = str(value).strip(" \0^=")
        if kind is Kind.DATE:
            text = re.sub(r"\D", "", text)[:8]  # with separators: ACR-NEMA 300, and as seen
        if text and text not in _PLACEHOLDERS and not text.startswith(_REGISTERED):
            yield Identifier(kind, text)


def _kind(element: "DataElement") -> Kind | None:
    keyword = element.keyword
    if element.VR == "PN":
        return Kind.NAME
    if element.VR in {"DA", "DT"}:
        return None if keyword in _NOT_OF_A_PATIENT else Kind.DATE
    if element.VR == "UI":
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
        found = [*self._names(plain), *self._patterns(plain), *self._unspaced(plain)]
        return merge(found)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The folded parts of all names, of two letters or more; titles and degrees are none."""
        return frozenset(map(fold_in_place, self._parts))

    @cached_property
    def _parts(self) -> frozenset[str]:
        return frozenset(part for name in self.values(Kind.NAME) for part in name_parts(name) if len(part) > 1)

    @cached_property
    def _token_pattern(self) -> re.Pattern[str] | None:
        forms = sorted(map(spelling, self._parts), key=longest)
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(forms)})(?![^\W_])") if forms else None

    @cached_property
    def _value_pattern(self) -> re.Pattern[str] | None:
        alternatives = [
            f"(?P<{kind.name}>{'|'.join(forms)})" for kind in FORMS if (forms := sorted(self._forms(kind), key=longest))
        ]
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])") if alternatives else None

    def _forms(self, kind: Kind) -> set[str]:
        """Regular expressions for the ways in which the values of a kind are written."""
        return {form for value in self.values(kind) for form in FORMS[kind](fold_in_place(value))}

    @cached_property
    def _unspaced_pattern(self) -> re.Pattern[str] | None:
        """Names in scripts without spaces between words, whole; they stand anywhere in a text."""
        groups = [group for name in self.values(Kind.NAME) for group in fold_in_place(name).split("=")]
        parts = [_UNSPACED.findall(group) for group in groups]
        forms = sorted({r"[\s\u3000^\u30fb]?".join(found) for found in parts if len("".join(found)) > 1}, key=longest)
        return re.compile("|".join(forms)) if forms else None

    def _unspaced(self, plain: str) -> Iterator[Span]:
        if self._unspaced_pattern is None:
            return
        for hit in self._unspaced_pattern.finditer(plain):
            yield Span(hit.start(), hit.end(), "NAME", "known")

    def _names(self, plain: str) -> Iterator[Span]:
        """Runs of name parts with at most punctuation between them."""
        if self._token_pattern is None:
            return
        run: list[re.Match[str]] = []
        for hit in self._token_pattern.finditer(plain):
            if run and not re.fullmatch(
                r"(?:[\s,^\-'=_]{1,4}|\.)(?:[a-z][\s.,^]{1,2})?", plain[run[-1].end() : hit.start()]
            ):
                yield from self._accept(plain, run)
                run = []
            run.append(hit)
        yield from self._accept(plain, run)

    @staticmethod
    def _accept(plain: str, run: list[re.Match[str]]) -> Iterator[Span]:
        """A run counts when one of its parts is distinctive, or there are two different ones, or a title before it."""
        if not run:
            return
        parts = {canonical(hit[0]) for hit in run}
        distinctive = any(_says_enough(part) and part not in ambiguous() for part in parts)
        before = plain[max(0, run[0].start() - 14) : run[0].start()]
        if distinctive or len(parts) > 1 or _TITLE.search(before):
            yield Span(run[0].start(), run[-1].end(), "NAME", "known")

    def _patterns(self, plain: str) -> Iterator[Span]:
        if self._value_pattern is None:
            return
        for hit in self._value_pattern.finditer(plain):
            yield Span(hit.start(), hit.end(), hit.lastgroup or "ID", "known")


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
