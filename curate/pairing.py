"""Which report belongs to which study, and on what evidence. Conflicts are refused, never guessed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from curate.errors import Reason
from curate.privacy.surrogates import fold
from curate.records import RawReport

_TOKEN = re.compile(r"[\w.\-/]+")
EXACT = frozenset({"accession_number", "study_instance_uid"})


@dataclass(frozen=True, slots=True, repr=False)
class StudyIdentity:
    """What a study is known by: its UID, accession numbers and the PatientIDs of its instances."""

    study_uid: str
    accession_numbers: frozenset[str]
    patient_ids: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class Join:
    """One report joined to one study, or the reason why it is not. `evidence` names what the join rests on."""

    report: str
    study_uid: str = ""
    evidence: str = ""
    reason: Reason | None = None

    @property
    def grade(self) -> str:
        """Whether a field says so ("exact"), or a file name or the text ("inferred")."""
        return "exact" if self.evidence in EXACT else "inferred"


class Pairing:
    """Joins a report to a study: by StudyInstanceUID, accession number, file name, at last a number in the text."""

    def __init__(self, studies: Iterable[StudyIdentity]) -> None:
        self._by_uid = {each.study_uid: each for each in studies}
        self._by_number: Mapping[str, set[str]] = defaultdict(set)
        for study in self._by_uid.values():
            for number in study.accession_numbers:
                self._by_number[_plain(number)].add(study.study_uid)

    def join(self, report: RawReport) -> Join:
        """Join one report. A number that two studies share, or another patient's ID, is a reason to refuse."""
        for evidence, studies in self._candidates(report):
            if len(studies) > 1:
                return Join(report.key, reason=Reason.REPORTS_DISAGREE)
            if studies:
                return self._agreed(report, studies.pop(), evidence)
        return Join(report.key, reason=Reason.REPORT_WITHOUT_STUDY)

    def _candidates(self, report: RawReport) -> Iterator[tuple[str, set[str]]]:
        yield "study_instance_uid", self._studies(report.study_instance_uid)
        yield "accession_number", self._studies(report.accession_number)
        if not (report.study_instance_uid or report.accession_number):
            yield "file_name", self._studies(report.file_name)
            yield "text", {uid for token in _TOKEN.findall(report.text) for uid in self._in_text(token.strip(".-/"))}

    def _studies(self, number: str) -> set[str]:
        if not number:
            return set()
        return {number} if number in self._by_uid else set(self._by_number.get(_plain(number), ()))

    def _in_text(self, token: str) -> set[str]:
        """Studies that a token of the text names; short and purely alphabetic tokens name none."""
        return self._studies(token) if len(token) >= 6 and any(each.isdigit() for each in token) else set()

    def _agreed(self, report: RawReport, study_uid: str, evidence: str) -> Join:
        patient_ids = {_plain(each) for each in self._by_uid[study_uid].patient_ids}
        if report.patient_id and _plain(report.patient_id) not in patient_ids:
            return Join(report.key, reason=Reason.PATIENT_MISMATCH)
        return Join(report.key, study_uid, evidence)


def _plain(number: str) -> str:
    return fold(number).strip()
