"""Findings with negation, and the gate that holds them over de-identification."""

import pytest

from curate.emit.labels import hold_labels, labels_of, measures, sides
from curate.errors import Reason, Rejected
from curate.records import CleanReport, Span

SAID = "Dr. Hill saw a 3.2 x 1.1 cm nodule in the right lower lobe. No effusion."


def clean(text: str, start: int = 0, end: int = 8) -> CleanReport:
    """A report made from SAID with one span replaced."""
    return CleanReport("r", text, {}, (Span(start, end, "NAME", "rule"),))


@pytest.mark.parametrize(
    ("text", "language", "labels"),
    [
        ("No pleural effusion or pneumothorax.", "en", {"effusion": "negative", "pneumothorax": "negative"}),
        ("Small left effusion, not seen before.", "en", {"effusion": "negative"}),
        ("No change in the left effusion.", "en", {"effusion": "positive"}),
        ("Pneumonia cannot be excluded.", "en", {"pneumonia": "uncertain"}),
        ("No consolidation but a small nodule.", "en", {"consolidation": "negative", "nodule": "positive"}),
        ("Effusion has resolved. New effusion on the left.", "en", {"effusion": "positive"}),
        ("The heart is enlarged.", "en", {"cardiomegaly": "positive"}),
        ("Kein Pleuraerguss. Verdacht auf Pneumonie.", "de", {"effusion": "negative", "pneumonia": "uncertain"}),
        ("Pas d'épanchement. Opacité droite.", "fr", {"effusion": "negative", "opacity": "positive"}),
        ("Sin derrame. Nódulo izquierdo.", "es", {"effusion": "negative", "nodule": "positive"}),
        ("No effusion.", "nl", {}),
    ],
)
def test_findings_are_positive_uncertain_or_negative(text: str, language: str, labels: dict[str, str]) -> None:
    """A cue bears on the findings of its sentence, up to a word that ends its scope; the strongest mention counts."""
    assert labels_of(text, language) == labels


def test_replacing_a_name_changes_no_label() -> None:
    """What the gate lets pass is every report of which only names were replaced."""
    hold_labels(SAID, clean(SAID.replace("Dr. Hill", "Dr. Moss")))


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (SAID.replace("No effusion", "Effusion"), "findings"),
        (SAID.replace("a 3.2 x 1.1 cm nodule", "a 3.2 x 1.1 cm shadow"), "findings"),
        (SAID.replace("1.1 cm", "1.1 mm"), "measurements"),
        (SAID.replace("3.2", "3.4"), "measurements"),
        (SAID.replace("right", "left"), "laterality"),
    ],
)
def test_a_changed_label_refuses_the_study(after: str, what: str) -> None:
    """The error names the kind of change, and no word of the report."""
    with pytest.raises(Rejected) as caught:
        hold_labels(SAID, clean(after))
    assert (caught.value.reason, caught.value.where) == (Reason.LABEL_CHANGED, what)


def test_a_number_outside_the_replaced_spans_must_stay() -> None:
    """Numbers without a unit are held too: a level, a series, a score."""
    said = "Dr. Hill: BI-RADS 4 at level 7."
    with pytest.raises(Rejected, match="numbers"):
        hold_labels(said, clean("Dr. Moss: BI-RADS 4 at level."))


def test_measurements_and_sides_are_read() -> None:
    """Units and the dimensions of a measurement belong to it; a capitalised name is no side."""
    assert measures("12mm and 3.2 x 1.1 cm, 40 HU, in 2019") == {"12mm": 1, "3.2x1.1cm": 1, "40hu": 1}
    assert sides("Right Care Clinic: left lung, LEFT hip", "en") == {"left": 2}
