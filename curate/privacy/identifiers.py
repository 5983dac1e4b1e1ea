"""The known identifiers of a patient: collected from headers and report metadata, found again in any text.

What neither a DICOM tool nor a text tool alone can do: the name in the header finds the name in the report, in
the pixels and in whatever would go out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from curate.privacy.surrogates import NAME_TOKEN, fold
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

_REGISTERED = "1.2.840.10008."  # UIDs of the standard itself (PS3.6) are nobody's
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3105-\u312f\u3400-\u9fff\uac00-\ud7af]+")
_MIN_ID = 4  # alphanumerics; a shorter ID is found by its cue, not by its value
_TITLES = frozenset({
    "dr", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "mme", "md", "phd", "jr",
    "sr", "ii", "iii", "iv",
})  # fmt: skip
_TITLE = r"(?:dr|prof|professor|doctor|mr|mrs|ms|miss|mx|herr|frau|m|mme|sr|sra|patient|name|pt)\W{1,3}$"
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip


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
            text = text[:8]
        if text and not text.startswith(_REGISTERED):
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
        return frozenset(part for name in self.values(Kind.NAME) for part in _name_parts(name) if len(part) > 1)

    @cached_property
    def _token_pattern(self) -> re.Pattern[str] | None:
        parts = sorted(self.tokens, key=lambda part: (-len(part), part))
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, parts))})(?![^\W_])") if parts else None

    @cached_property
    def _value_pattern(self) -> re.Pattern[str] | None:
        alternatives = [
            f"(?P<{kind.name}>{'|'.join(forms)})"
            for kind in _FORMS
            if (forms := sorted(self._forms(kind), key=_longest))
        ]
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])") if alternatives else None

    def _forms(self, kind: Kind) -> set[str]:
        """Regular expressions for the ways in which the values of a kind are written."""
        return {form for value in self.values(kind) for form in _FORMS[kind](fold_in_place(value))}

    @cached_property
    def _unspaced_pattern(self) -> re.Pattern[str] | None:
        """Names in scripts without spaces between words, whole; they stand anywhere in a text."""
        groups = [group for name in self.values(Kind.NAME) for group in fold_in_place(name).split("=")]
        parts = [_UNSPACED.findall(group) for group in groups]
        forms = sorted({r"[\s\u3000^\u30fb]?".join(found) for found in parts if len("".join(found)) > 1}, key=_longest)
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
            if run and not re.fullmatch(r"[\s,.^\-'=_]{1,4}(?:[a-z][\s.,^]{1,2})?", plain[run[-1].end() : hit.start()]):
                yield from self._accept(plain, run)
                run = []
            run.append(hit)
        yield from self._accept(plain, run)

    @staticmethod
    def _accept(plain: str, run: list[re.Match[str]]) -> Iterator[Span]:
        """A run counts when one of its parts is distinctive, or there are two different ones, or a title before it."""
        if not run:
            return
        distinctive = any(len(hit[0]) > 2 and hit[0] not in ambiguous() for hit in run)
        before = plain[max(0, run[0].start() - 14) : run[0].start()]
        if distinctive or len({hit[0] for hit in run}) > 1 or re.search(r"\b" + _TITLE, before):
            yield Span(run[0].start(), run[-1].end(), "NAME", "known")

    def _patterns(self, plain: str) -> Iterator[Span]:
        if self._value_pattern is None:
            return
        for hit in self._value_pattern.finditer(plain):
            yield Span(hit.start(), hit.end(), hit.lastgroup or "ID", "known")


def _name_parts(name: str) -> Iterator[str]:
    """Family, given and middle names of every component group of a PN (PS3.5 6.2.1); prefix and suffix are no names."""
    for group in fold_in_place(name).split("="):
        for component in group.split("^")[:3]:
            yield from (part for part in NAME_TOKEN.findall(component) if part not in _TITLES)


def _longest(form: str) -> tuple[int, str]:
    return -len(form), form


def _id_forms(value: str) -> Iterator[str]:
    plain = "".join(each for each in value if each.isalnum())
    if len(plain) >= _MIN_ID + plain.isdigit() and any(each.isdigit() for each in plain):
        yield r"[\s\-./_]?".join(map(re.escape, plain))


def _phone_forms(value: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        for number in {digits, digits.lstrip("0"), digits[-7:]}:
            yield r"[\s\-./()]{0,2}".join(number)


def _phrase_forms(value: str) -> Iterator[str]:
    """An institution or address, whole and by its lines or components; a single common word is none."""
    for part in {value, *re.split(r"[,^\r\n\\]", value)}:
        words = re.findall(r"[^\W_]+", part)
        if len("".join(words)) >= 5 and not (len(words) == 1 and (words[0] in ambiguous() or words[0].isdigit())):
            yield r"[\s,.\-'/&^]{1,3}".join(map(re.escape, words))


def _exact_form(value: str) -> Iterator[str]:
    if len(value) > _MIN_ID:
        yield re.escape(value)


def _date_forms(value: str) -> Iterator[str]:
    """The ways in which a day is written; a year alone or an unparsable value has none."""
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return
    month, short = _MONTHS[day.month - 1], _MONTHS[day.month - 1][:3]
    numbers = rf"0?{day.day}", rf"0?{day.month}", rf"(?:{day.year}|{day.year % 100:02d})"
    yield f"{day:%Y%m%d}"
    yield rf"{day.year}[-/. ]0?{day.month}[-/. ]0?{day.day}"
    for first, second in ((numbers[0], numbers[1]), (numbers[1], numbers[0])):
        yield rf"{first}[-/. ]{{1,2}}{second}[-/. ]{{1,2}}{numbers[2]}"
    yield rf"(?:{month}|{short})[.,]?[\s-]0?{day.day}(?:st|nd|rd|th)?,?[\s-]{numbers[2]}"
    yield rf"0?{day.day}(?:st|nd|rd|th|\.)?[\s-](?:of )?(?:{month}|{short})[.,]?[\s-]{numbers[2]}"


_FORMS = {
    Kind.UID: _exact_form,
    Kind.EMAIL: _exact_form,
    Kind.DATE: _date_forms,
    Kind.PHONE: _phone_forms,
    Kind.ADDRESS: _phrase_forms,
    Kind.INSTITUTION: _phrase_forms,
    Kind.ID: _id_forms,
}


def fold_in_place(text: str) -> str:
    """Fold case and diacritics character by character, so that every offset stays true."""
    return text.translate(_folding(text))


def _folding(text: str) -> dict[int, str]:
    return {ord(each): _fold_one(each) for each in set(text) if not ("a" <= each <= "z" or each.isspace())}


@cache
def _fold_one(character: str) -> str:
    folded = fold(character)
    return folded if len(folded) == 1 else character


@cache
def ambiguous() -> frozenset[str]:
    """Names that are also words of English or of radiology (data: ambiguous_names.txt)."""
    return frozenset((files(__package__) / "ambiguous_names.txt").read_text(encoding="utf-8").split())


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
