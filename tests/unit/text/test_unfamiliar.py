"""Words of no dictionary are guesses of names."""

import pytest

from curate.text.unfamiliar import find, is_familiar

GUESSED = [
    ("I rang Jacqui at noon.", "Jacqui"),
    ("On bed 14C (Vuong) the tube is high.", "Vuong"),
    ("driver Lachlan Ferreira, RTC", "Lachlan Ferreira"),
    ("Rasmussen, Pernille   MR Lumbar", "Rasmussen, Pernille"),
    ("GRZYBOWSKI WIESLAW CT HEAD", "GRZYBOWSKI WIESLAW"),
    ("pt oluwadamilare ige came in", "oluwadamilare ige"),
    ("seen by marisol in clinic", "marisol"),
    ("Findings by MacDougall today", "MacDougall"),
]


@pytest.mark.parametrize(("text", "name"), GUESSED)
def test_unfamiliar_words_are_guessed(text: str, name: str) -> None:
    """A word of no list, with the names beside it that are words too."""
    assert name in [text[span.start : span.end] for span in find(text)]


@pytest.mark.parametrize("text", [
    "Cholecystolithiasis. Bronchovascular crowding. Acromioclavicular arthrosis. Leukoaraiosis is seen.",
    "Pembrolizumab, Rivaroxaban, Atorvastatin and Piperacillin were given.",
    "ADCs, SpR and DWIs are short forms.",
    "Wood, stone and Grace are words; a rose is a rose.",
    "x@quibbly.org, /quibbly/ and 7Quibbly are no words.",
])  # fmt: skip
def test_english_and_medicine_are_familiar(text: str) -> None:
    """Words of the lists, words that medicine builds, short forms and parts of codes are no guesses."""
    assert [text[span.start : span.end] for span in find(text)] == []


def test_a_line_in_one_case_needs_more_than_a_word() -> None:
    """Dictation in small letters is full of slips: one unfamiliar word there is none."""
    assert list(find("the hert is mildly enlarjed.")) == []


def test_common_words_know_no_names() -> None:
    """The list of English words is one without proper names."""
    assert not any(map(is_familiar, ["jacqui", "pernille", "wieslaw", "oluwadamilare", "patel", "nguyen"]))
