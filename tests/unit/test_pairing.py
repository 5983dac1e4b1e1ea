"""Which report belongs to which study."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason
from curate.pairing import Pairing, StudyIdentity, pairing_row
from curate.policy import PairingOptions
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


DAY = date(2024, 3, 14)
CHEST = StudyIdentity(
    "1.2.6", frozenset({"A-6"}), frozenset({"P6"}), frozenset({"PLC-6", "FIL-6"}), DAY, frozenset({"CT"}),
    frozenset({"CHEST"}),
)  # fmt: skip
HEAD = replace(CHEST, study_uid="1.2.7", accession_numbers=frozenset({"A-7"}), order_numbers=frozenset({"PLC-7"}),
               body_parts=frozenset({"HEAD"}))  # fmt: skip
BY_DATE = PairingOptions(by_patient_and_date=True)


@pytest.mark.parametrize(
    ("report", "evidence", "agreeing", "grade"),
    [
        (RawReport("r", "", order_numbers=("plc-6",)), "order_number", ("order_number",), "strong"),
        (RawReport("r", "", order_numbers=("X", "FIL-6")), "order_number", ("order_number",), "strong"),
        (RawReport("r", "", order_numbers=("A-6",)), "order_number", ("order_number",), "strong"),
        (
            RawReport("r", "", accession_number="A-6", order_numbers=("PLC-6",)),
            "accession_number",
            ("accession_number", "order_number"),
            "exact",
        ),
        (
            RawReport("r", "", accession_number="A-6", study_instance_uid="9.9"),
            "accession_number",
            ("accession_number",),
            "strong",
        ),
        (
            RawReport("r", "", accession_number="gone", order_numbers=("PLC-6",)),
            "order_number",
            ("order_number",),
            "strong",
        ),
    ],
)
def test_join_names_all_that_speaks_for_it(
    report: RawReport, evidence: str, agreeing: tuple[str, ...], grade: str
) -> None:
    """An order is strong; so is a number when another field names a study that is not there."""
    join = Pairing((CHEST, HEAD)).join(report)
    assert (join.study_uid, join.evidence, join.agreeing, join.grade) == ("1.2.6", evidence, agreeing, grade)


def _of_patient(**others: object) -> RawReport:
    return replace(RawReport("r", "", patient_id="P6", modality="CT", performed=DAY, procedure="CT chest"), **others)


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (_of_patient(), "1.2.6"),
        (_of_patient(performed=None, issued=date(2024, 3, 16)), "1.2.6"),
        (_of_patient(performed=date(2024, 3, 13)), "1.2.6"),
        (_of_patient(performed=date(2024, 3, 18)), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(performed=None), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(modality="MR"), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(modality=""), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(patient_id="P9"), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(procedure=""), Reason.STUDY_AMBIGUOUS),
        (_of_patient(procedure="CT abdomen"), Reason.REPORT_WITHOUT_STUDY),
        (_of_patient(accession_number="A-9"), Reason.REPORT_WITHOUT_STUDY),
    ],
)
def test_patient_and_day_join_only_one_study_of_the_same_kind(report: RawReport, outcome: object) -> None:
    """Within the window, of the same modality and body part; a report with a number of its own is never guessed."""
    join = Pairing((CHEST, HEAD), BY_DATE).join(report)
    assert (join.reason or join.study_uid) == outcome
    if not join.reason:
        assert (join.evidence, join.grade) == ("patient_and_date", "inferred")


def test_patient_and_day_join_nothing_unless_the_policy_says_so() -> None:
    """It is a guess, and the default is not to guess."""
    assert Pairing((CHEST, HEAD)).join(_of_patient()).reason is Reason.REPORT_WITHOUT_STUDY


@pytest.mark.parametrize(("issued", "days"), [(13, -1), (14, 0), (30, 16)])
def test_join_says_how_many_days_lie_between(issued: int, days: int) -> None:
    """One day too early may be another time zone."""
    assert Pairing((CHEST,)).join(RawReport("r", "", accession_number="A-6", issued=date(2024, 3, issued))).days == days


def test_report_older_than_its_study_is_refused() -> None:
    """Nobody reports what was not yet examined."""
    join = Pairing((CHEST,)).join(RawReport("r", "", accession_number="A-6", issued=date(2024, 3, 12)))
    assert (join.reason, join.study_uid) == (Reason.REPORT_BEFORE_STUDY, "")


def test_refused_join_is_a_row_too() -> None:
    """The table says of every report what became of it."""
    row = pairing_row(Pairing((CHEST,)).join(RawReport("r", "")), "final")
    assert (row["report"], row["study"], row["outcome"]) == ("r", "", "report_without_study")


_WORDS = st.sampled_from(["", "A-6", "A-7", "PLC-6", "PLC-7", "1.2.6", "1.2.7", "P6", "zz"])


@given(st.builds(
    RawReport, st.just("r"), _WORDS, _WORDS, _WORDS, _WORDS, _WORDS, st.sampled_from([None, DAY, date(2020, 1, 1)])
))  # fmt: skip
def test_no_join_contradicts_a_field_of_the_report(report: RawReport) -> None:
    """Whatever a report says, the study it is joined to is one that no present number of it excludes."""
    join = Pairing((CHEST, HEAD), BY_DATE).join(report)
    assert bool(join.reason) != bool(join.study_uid)
    numbers = {"1.2.6": "A-6", "1.2.7": "A-7"}
    other = {number for uid, number in numbers.items() if uid != join.study_uid}
    if join.study_uid:
        assert report.accession_number not in other
        assert report.study_instance_uid not in set(numbers) - {join.study_uid}
        assert report.patient_id in {"", "P6"}
