"""Lists of beds and people, numbered lists, and chats: what some lines say holds for the others."""

import pytest

from curate.policy import TextOptions
from curate.records import Span
from curate.text.lists import find
from curate.text.recognize import recognizer

RULES = recognizer(TextOptions(model="none"))

WARD = "412 Mr Ouellette 67M HFrEF\n413-2 Mrs Young 88F UTI\n418 Thibodeau cellulitis\n420 EMPTY - holding"
THEATRE = "1. K. LEVY 71 R TKR - latex!\n2. SINGH G carpal tunnel LA\n3. VOSS Tabitha, wrist\n4. Foley change"
CHAT = "[18:03] Nele: please look\n[18:04] Basti: which one?\n[18:05] Nele: the hip\n[18:09] Basti: done"


def found(text: str) -> set[str]:
    """What goes without the model."""
    return {text[span.start : span.end] for span in RULES.find([text])[0]}


def test_a_ward_list_names_beds_and_people() -> None:
    """Also in the lines where no title says so; a bed that is empty is a bed all the same."""
    assert {"412", "413-2", "418", "420", "Ouellette", "Young", "Thibodeau"} <= found(WARD)
    assert not {"cellulitis", "HFrEF", "UTI"} & found(WARD)


def test_times_before_people_are_no_beds() -> None:
    """A clinic list by the hour; and of a bed its figure goes, not the word."""
    times = "0830 Lamb J 0771826 abdo\n0850 SINGH G 0993100 coil\n0910 Bishop Gary 0018273 testis\n0930 VOSS Ada, neck"
    assert not {"0830", "0850", "0910", "0930"} & found(times)
    assert {"SINGH G", "VOSS Ada"} <= found(times)
    beds = found("Bed 3 Mr Ouellette 67M\nBed 5 Mrs Young 88F\nBed 16 Thibodeau cellulitis")
    assert {"3", "5", "16"} <= beds
    assert not any("Bed" in each for each in beds)


def test_a_numbered_list_of_people() -> None:
    """The numbers of the entries stay, and so does what is no name."""
    assert found(THEATRE) == {"K. LEVY", "SINGH G", "VOSS Tabitha"}


def test_who_speaks_in_a_chat() -> None:
    """Behind a time and before a colon, with a role or without; or as an account before the time."""
    assert found(CHAT) == {"Nele", "Basti"}
    assert found(CHAT.replace("Nele:", "Nele R2:").replace("Basti:", "Basti (ED):")) == {"Nele", "Basti"}
    assert found("ulla.tecnica 02:17 > look at the knee\nulla.tecnica 02:31 > done") == {"ulla.tecnica"}


@pytest.mark.parametrize(
    ("text", "first", "more"),
    [
        ("Dario adj: look\nFlor R2: yes\nDario adj: well?\nFlor R2: clear", "Dario", {"Flor"}),
        ("Nele: look\nBosniak: two\nPlan: wait\nNele: so\nPlan: scan\nBosniak: one", "Nele", set[str]()),
        ("Seen by Nele\nOrla: look\nOrla: so", "Nele", set[str]()),
    ],
)
def test_who_speaks_in_a_chat_without_times(text: str, first: str, more: set[str]) -> None:
    """Where one who speaks is known for a name, so are the others who speak twice; no label and no eponym is."""
    spans = [Span(text.index(first), text.index(first) + len(first), "NAME", "tagger")]
    assert {text[span.start : span.end] for span in find(text, spans)} - {first} == more


@pytest.mark.parametrize(
    "text",
    [
        "1. Mild Hill-Sachs lesion\n2. Baker cyst\n3. Segond fracture\n4. Bankart tear",
        "L1 normal\nL2 normal disc\nL3 Schmorl node\nL4 normal",
        "12 Foley catheter\n14 Foley catheter\n16 Coude",
        "08:30 Plan: bloods\n10:15 Plan: discharge\n11:00 Obs: stable",
    ],
)
def test_lists_of_findings_stay(text: str) -> None:
    """Numbers before what medicine knows say nothing."""
    assert not found(text)


@pytest.mark.parametrize(("text", "age"), [("Mr Oupa Daniels 93, wrist.", "93"), ("Mrs Ada Winter (96) fell.", "96")])
def test_a_high_age_behind_a_name(text: str, age: str) -> None:
    """Nothing but the name before it tells that it is one."""
    assert age in found(text)
