"""Which stretches of a report nobody needs to read, and that nothing found in a report hangs on it."""

import re

import pytest

from curate.policy import TextOptions
from curate.records import Span
from curate.text.engine import Engine
from curate.text.plain import PlainWords
from curate.text.shortened import Shortened
from curate.text.view import View
from tests.golden import blind

PLAIN = (
    "The liver is normal.",
    "Small hiatal hernia.",
    "No lymphadenopathy by size criteria.",
    "Compatible with a simple cyst, 16 x 42 mm.",
    "A right-sided chest port terminates in the lower SVC.",
    "80 mL Isovue-370 intravenously.",
    "2.",
)
READ = (
    "The liver of Zwiesel is normal.",
    "Seen 12/3 and stable.",
    "The LIVER of qwrtz.",
    "Seen by stone in clinic.",
    "She is 94 and well.",
    "She is ninety-four and well.",
    "The report was given to hill.",
    "Dr. Wall will review.",
    "Stone reports pain.",
    "On the eleventh.",
    "The number is five five two.",
    "Station US3.",
    "Fr 17.01. Kontrolle.",
    "dictated by hand surgery fellow moss",
    "--bb",
    "Contacto: busca 662.",
    "we say before 1 Sept.",
    "The family stays in cabin 14 on the last week.",
    "Return for ultrasound on the 16. January",
    "Born in the city 30.i.34.",
    "Sent from the canteen; loc. 227",
    "Dialysis chair 9.",
    "Doble firma del 10.",
    "MLT",
    "The original is kept in locker 44.",
    "Lives in Deal.",
    "Standing films of Low Sunday in brace.",
    "She is 92.",
    "Start Monday week unless the Pattern holiday.",
)


def stretches(text: str, *settled: str) -> list[str]:
    """What is left to read of a text, when the first places of some values are settled."""
    places = [Span(text.index(each), text.index(each) + len(each), "NAME", "cue") for each in settled]
    return [text[start:end].strip() for start, end in PlainWords().read(text, places)]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_stretch_is_not_read(text: str) -> None:
    """All words are clinical or ordinary, in a place where they are nobody's."""
    assert stretches(text) == []


@pytest.mark.parametrize("text", READ)
def test_whatever_may_hold_somebody_is_read(text: str) -> None:
    """A name, also in lower case behind a cue, a day, a code, a high age, a number as it is dictated."""
    assert "".join(stretches(text)) != ""


def test_a_settled_line_is_read_only_beside_an_open_one() -> None:
    """Two lines around an open one stay its context; a settled line further off needs no reading."""
    lines = [
        "ORDERED BY: Ida Zwie",
        "PATIENT: Ulf Obn",
        "MRN: 4711082",
        "No effusion.",
        "SEEN: Qvrix Lom",
        "CC: Eva Rell",
    ]
    text, known = "\n".join(lines), ("Ida Zwie", "Ulf Obn", "4711082", "Eva Rell")
    assert stretches(text, *known) == lines[2:]
    assert stretches(text, *known, "Qvrix Lom") == []


def test_the_stretch_before_an_open_one_is_read_too() -> None:
    """It may explain what the next one means; one behind it is read for its own sake alone."""
    before, named, behind = "The liver is normal.", "Qvrix agreed.", "No effusion."
    assert stretches(f"{before}\n{before}\n{named}\n{behind}") == [before, named]


def test_what_stands_beside_a_settled_value_is_read() -> None:
    """A figure or a word of no list beside it may be part of it."""
    assert stretches("Seen by Ida Zwie in Obn.", "Ida Zwie") == ["Seen by Ida Zwie in Obn."]
    assert stretches("At 27 Quarry Road, flat 11.", "27 Quarry Road") == ["At 27 Quarry Road, flat 11."]


def test_a_private_character_of_a_text_settles_nothing() -> None:
    """What stands for settled characters is nothing that a text can hold."""
    assert View("Seen by \ue000").plain == "Seen by \ufffd"


def test_a_span_of_a_shortened_text_leads_back() -> None:
    """Each word that is left stands where the whole text has it."""
    text = f"Ida Zwie\n{'The liver is normal. ' * 9}Seen by Ulf Obn.\n{'No effusion. ' * 9}"
    short = Shortened(text, PlainWords().read(text))
    assert len(short.text) < len(text) / 2
    for word in re.finditer(r"\w+", short.text):
        span = short.span(Span(*word.span(), "NAME", "cue"))
        assert text[span.start : span.end] == word[0]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_no_rule_finds_anybody_in_a_plain_stretch(language: str) -> None:
    """Every identifier of the annotated reports that rules find in whole texts lies in what is read."""
    engine, plain, found = Engine(language, "none", 0.2), PlainWords(), 0
    for report in blind.load(language, "development") + blind.load(language, "first"):
        whole = {span for each in engine._rules for span in each.find(report.text)}
        right = [
            span for span in whole if any(gold.start < span.end and span.start < gold.end for gold in report.spans)
        ]
        read = list(plain.read(report.text))
        lost = [span for span in right if not any(start < span.end and span.start < end for start, end in read)]
        found += len(right)
        assert lost == [], report.id
    assert found > 3000


def test_the_same_is_found_in_a_text_between_plain_ones() -> None:
    """Findings before and behind a line change nothing in what rules find in it."""
    line = "PATIENT: Ida Zwie, seen by Dr. Obn on 3/4/2024"
    filler = "The lungs are clear. No pleural effusion or pneumothorax. Heart size is normal.\n" * 3
    engine = Engine("en", TextOptions(model="none").model, 0.3)
    (alone, between) = engine.find([line, filler + line + "\n" + filler])
    moved = [(span.start + len(filler), span.end + len(filler), span.label) for span in alone]
    assert moved
    assert [(span.start, span.end, span.label) for span in between] == moved
