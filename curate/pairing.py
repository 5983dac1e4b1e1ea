"""Which report belongs to which study, and on what evidence. Conflicts are refused, never guessed."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from curate.errors import Reason
from curate.policy import PairingOptions
from curate.privacy.surrogates import fold
from curate.records import RawReport

_TOKEN = re.compile(r"[\w.\-/]+")
EXACT = frozenset({"accession_number", "study_instance_uid"})
STRONG = frozenset({"order_number"})
_EARLIER = 1  # days that a report may seem older than its study: one was dated in another time zone
_NO_PART = frozenset({"", "wholebody", "unknown", "other"})


@dataclass(frozen=True, slots=True, repr=False)
class StudyIdentity:
    """What a study is known by: its UID and numbers, its patient, its day, and what was examined how."""

    study_uid: str
    accession_numbers: frozenset[str]
    patient_ids: frozenset[str]
    order_numbers: frozenset[str] = frozenset()
    day: date | None = None
    modalities: frozenset[str] = frozenset()
    body_parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Join:
    """One report joined to one study, or the reason why it is not.

    `evidence` names what the join rests on, `agreeing` everything that speaks for it; `grade` is "exact" (a field
    names the study), "strong" (an order does, or another field names a study that is not there) or "inferred" (a file
    name, the text, or patient and date). `days`: from the study to the report.
    """

    report: str
    study_uid: str = ""
    evidence: str = ""
    agreeing: tuple[str, ...] = ()
    grade: str = ""
    days: int | None = None
    reason: Reason | None = None


class Pairing:
    """Joins a report to a study: by accession number, UID, order number; else by file name, by a number in the text.

    At last, if the policy allows, by patient, day, modality and body part.
    """

    def __init__(self, studies: Iterable[StudyIdentity], options: PairingOptions | None = None) -> None:
        self._options = options or PairingOptions()
        self._by_uid = {each.study_uid: each for each in studies}
        self._by_number: Mapping[str, set[str]] = defaultdict(set)
        self._by_order: Mapping[str, set[str]] = defaultdict(set)
        self._by_patient: Mapping[str, set[str]] = defaultdict(set)
        for study in self._by_uid.values():
            for numbers, index in (
                (study.accession_numbers, self._by_number),
                (study.accession_numbers | study.order_numbers, self._by_order),
                (study.patient_ids, self._by_patient),
            ):
                for number in filter(None, map(_plain, numbers)):
                    index[number].add(study.study_uid)

    def join(self, report: RawReport) -> Join:
        """Join one report. Evidence that disagrees, another patient, a report older than the study: it is refused."""
        named = dict(self._named(report))
        found = {evidence: studies for evidence, studies in named.items() if studies} or self._hinted(report)
        if not found:
            return Join(report.key, reason=Reason.REPORT_WITHOUT_STUDY)
        common = set.intersection(*found.values())
        if len(common) != 1:
            return Join(report.key, agreeing=tuple(found), reason=Reason.STUDY_AMBIGUOUS)
        (study_uid,) = common
        evidence = next((each for each in found if found[each] == common), next(iter(found)))
        contradicted = any(not studies for each, studies in named.items() if each in EXACT)
        return self._agreed(report, Join(report.key, study_uid, evidence, tuple(found), _grade(evidence, contradicted)))

    def _named(self, report: RawReport) -> Iterator[tuple[str, set[str]]]:
        """The studies that each field of a report names; a field that says nothing is left out."""
        if report.accession_number:
            yield "accession_number", self._studies(report.accession_number)
        if report.study_instance_uid:
            yield "study_instance_uid", self._studies(report.study_instance_uid)
        if report.order_numbers:
            yield "order_number", {uid for each in report.order_numbers for uid in self._by_order.get(_plain(each), ())}

    def _hinted(self, report: RawReport) -> dict[str, set[str]]:
        """The studies that a report without a number of its own points to, by the first hint that points anywhere."""
        if report.accession_number or report.study_instance_uid:
            return {}
        hints: dict[str, Callable[[RawReport], set[str]]] = {
            "file_name": lambda report: self._studies(report.file_name),
            "text": self._in_text,
            "patient_and_date": lambda report: set(self._same_patient_and_day(report)),
        }
        return next(({evidence: studies} for evidence, look in hints.items() if (studies := look(report))), {})

    def _studies(self, number: str) -> set[str]:
        """The studies that a UID or an accession number names."""
        if not _plain(number):
            return set()
        return {number} if number in self._by_uid else set(self._by_number.get(_plain(number), ()))

    def _in_text(self, report: RawReport) -> set[str]:
        """Studies that the text names."""
        return {uid for number in numbers_in(report.text) for uid in self._studies(number)}

    def _same_patient_and_day(self, report: RawReport) -> Iterator[str]:
        """The studies of the same patient, within the window, of the same modality and body part."""
        if not self._options.by_patient_and_date:
            return
        for uid in self._by_patient.get(_plain(report.patient_id), ()):
            study = self._by_uid[uid]
            days = _days(study, report.performed or report.issued)
            is_near = days is not None and -_EARLIER <= days <= self._options.days
            if is_near and report.modality.upper() in study.modalities and _is_same_part(study, report):
                yield uid

    def _agreed(self, report: RawReport, join: Join) -> Join:
        """Hold a join to what else is known: the patient and the order of days."""
        study = self._by_uid[join.study_uid]
        if report.patient_id and _plain(report.patient_id) not in set(map(_plain, study.patient_ids)):
            return Join(report.key, agreeing=join.agreeing, reason=Reason.PATIENT_MISMATCH)
        days = _days(study, report.issued)
        if days is not None and days < -_EARLIER:
            return Join(report.key, agreeing=join.agreeing, days=days, reason=Reason.REPORT_BEFORE_STUDY)
        return Join(join.report, join.study_uid, join.evidence, join.agreeing, join.grade, days)


def numbers_in(text: str) -> list[str]:
    """What in a text may name a study: tokens of six characters or more with a digit, each once."""
    tokens = dict.fromkeys(token.strip(".-/") for token in _TOKEN.findall(text))
    return [each for each in tokens if len(each) >= 6 and any(map(str.isdigit, each))]


def _grade(evidence: str, contradicted: bool) -> str:  # noqa: FBT001
    if evidence in EXACT:
        return "strong" if contradicted else "exact"
    return "strong" if evidence in STRONG else "inferred"


def _days(study: StudyIdentity, day: date | None) -> int | None:
    return (day - study.day).days if study.day and day else None


def _is_same_part(study: StudyIdentity, report: RawReport) -> bool:
    """Whether the report names a body part of the study; who says nothing contradicts nothing."""
    parts = {_letters(each) for each in study.body_parts} - _NO_PART
    procedure = _letters(report.procedure)
    return not (parts and procedure) or any(part in procedure for part in parts)


def _letters(text: str) -> str:
    return "".join(each for each in fold(text) if each.isalpha())


def _plain(number: str) -> str:
    return fold(number).strip()


def pairing_row(join: Join, status: str) -> dict[str, Any]:
    """A join as a row of schemas/pairing.json. status: of the report."""
    return {
        "report": join.report,
        "study": join.study_uid,
        "evidence": join.evidence,
        "agreeing": list(join.agreeing),
        "grade": join.grade,
        "days": join.days,
        "status": status,
        "outcome": join.reason.value if join.reason else "joined",
    }
