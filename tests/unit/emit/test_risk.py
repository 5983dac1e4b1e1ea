"""Risk by person: classes, bounds, and who is kept out."""

from typing import Any

import pytest

from curate.emit.risk import banded, persons_of, rare, risk_of
from curate.policy import RiskOptions


def row(
    patient: str, sex: str | None, age: int | None, study: str = "", findings: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A row of image_text, of the columns that are read."""
    return {
        "patient_key": patient, "study_key": study or f"s{patient}", "patient_sex": sex, "patient_age": age,
        "modalities": ["CT"], "image_meta": [{"body_part": "CHEST"}],
        "labels": [{"name": each, "value": "positive"} for each in findings],
    }  # fmt: skip


def test_twenty_studies_of_one_person_are_one_person() -> None:
    """Rows are no persons: who alone is a woman of her decade stands out, however many images there are of her."""
    rows = [row("a", "F", 44, f"s{each}") for each in range(20)] + [row(each, "M", 52) for each in "bcdefg"]
    found = risk_of(persons_of(rows, RiskOptions()), RiskOptions())
    assert (found["persons"], found["classes"], found["smallest"]) == (7, 2, 1)
    assert found["below"] == {"5": 1, "11": 7}
    assert found["highest_risk"] == 1.0
    assert found["average_risk"] == pytest.approx(2 / 7, abs=1e-4)


def test_whoever_is_too_few_goes_with_all_studies() -> None:
    """Below k, all studies of a person are kept out; what is left has no class below k."""
    rows = [
        row("a", "F", 44, "s1"),
        row("a", "F", 44, "s2"),
        row("b", "M", 51),
        row("c", "M", 58),
        row("d", None, None),
    ]
    options = RiskOptions(k=2)
    persons = persons_of(rows, options)
    assert rare(persons, options) == {"s1", "s2", "sd"}
    left = {key: each for key, each in persons.items() if not each.studies & rare(persons, options)}
    assert risk_of(left, options)["smallest"] == 2


def test_ages_count_by_band_and_across_a_birthday() -> None:
    """Two of one band are alike; a person whose studies span two bands is in a class of such persons."""
    assert [banded(each, RiskOptions(age_band=5)) for each in (0, 4, 5, 89, None)] == [0, 0, 5, 85, None]
    persons = persons_of(
        [row("a", "F", 40), row("b", "F", 49), row("c", "F", 49, "s1"), row("c", "F", 50, "s2")], RiskOptions()
    )
    assert risk_of(persons, RiskOptions())["classes"] == 2


def test_equal_findings_in_a_class_are_no_diversity() -> None:
    """Whoever knows the class knows the finding where all in it share it."""
    rows = [row(each, "F", 40, findings=("fracture",)) for each in "ab"]
    assert risk_of(persons_of(rows, RiskOptions()), RiskOptions())["least_diverse"] == 1


def test_nothing_has_no_risk() -> None:
    """An empty release divides by nothing."""
    assert risk_of({}, RiskOptions())["persons"] == 0
