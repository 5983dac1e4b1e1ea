"""Which report belongs to which study."""

import pytest

from curate.errors import Reason
from curate.pairing import Pairing, StudyIdentity
from curate.records import RawReport

STUDIES = (
    StudyIdentity("1.2.3", frozenset({"ACC-0001"}), frozenset({"MRN1"})),
    StudyIdentity("1.2.4", frozenset({"ACC-0002", "SHARED1"}), frozenset({"MRN2"})),
    StudyIdentity("1.2.5", frozenset({"SHARED1"}), frozenset({"MRN2"})),
)


@pytest.mark.parametrize(
    ("report", "study", "evidence"),
    [
        (RawReport("r", "x", study_instance_uid="1.2.4"), "1.2.4", "study_instance_uid"),
        (RawReport("r", "x", accession_number="acc-0001 "), "1.2.3", "accession_number"),
        (RawReport("r", "x", file_name="ACC-0001"), "1.2.3", "file_name"),
        (RawReport("r", "x", file_name="1.2.5"), "1.2.5", "file_name"),
        (RawReport("r", "Accession: ACC-0002. Normal.", file_name="note"), "1.2.4", "text"),
        (RawReport("r", "x", accession_number="ACC-0001", patient_id="mrn1"), "1.2.3", "accession_number"),
    ],
)
def test_report_is_joined_by_the_strongest_evidence(report: RawReport, study: str, evidence: str) -> None:
    """A UID comes before an accession number, a field before a file name, a file name before the text."""
    join = Pairing(STUDIES).join(report)
    assert (join.study_uid, join.evidence, join.reason) == (study, evidence, None)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (RawReport("r", "x"), Reason.REPORT_WITHOUT_STUDY),
        (RawReport("r", "x", accession_number="ACC-9999"), Reason.REPORT_WITHOUT_STUDY),
        (RawReport("r", "ACC-0001", accession_number="ACC-9999"), Reason.REPORT_WITHOUT_STUDY),
        (RawReport("r", "x", accession_number="SHARED1"), Reason.STUDY_AMBIGUOUS),
        (RawReport("r", "ACC-0001 and ACC-0002"), Reason.STUDY_AMBIGUOUS),
        (RawReport("r", "x", study_instance_uid="1.2.3", accession_number="ACC-0002"), Reason.STUDY_AMBIGUOUS),
        (RawReport("r", "x", accession_number="ACC-0001", patient_id="MRN2"), Reason.PATIENT_MISMATCH),
    ],
)
def test_conflict_is_refused_never_guessed(report: RawReport, reason: Reason) -> None:
    """A number of two studies, another patient's ID, or nothing to go by: there is a reason and no study."""
    join = Pairing(STUDIES).join(report)
    assert (join.study_uid, join.reason) == ("", reason)


def test_field_is_exact_and_text_is_inferred() -> None:
    """The grade says whether a field of the source or a guess from its name or text made the join."""
    pairing = Pairing(STUDIES)
    assert pairing.join(RawReport("r", "x", accession_number="ACC-0001")).grade == "exact"
    assert pairing.join(RawReport("r", "see ACC-0001")).grade == "inferred"
