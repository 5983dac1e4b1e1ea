"""Lists of beds and people, numbered lists, and chats: what some lines say holds for the others."""

import pytest

from curate.policy import TextOptions
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


def test_a_numbered_list_of_people() -> None:
    """The numbers of the entries stay, and so does what is no name."""
    assert found(THEATRE) == {"K. LEVY", "SINGH G", "VOSS Tabitha"}


def test_who_speaks_in_a_chat() -> None:
    """Behind a time and before a colon."""
    assert found(CHAT) == {"Nele", "Basti"}


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
