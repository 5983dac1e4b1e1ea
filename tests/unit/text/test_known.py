"""Known identifiers in reports: misspelt names, names that are words, and never a clinical word."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.lines import scrub_lines
from curate.policy import Policy, TextOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Identifier, IdentifierKind
from curate.text.misspellings import distance, is_near
from curate.text.recognize import find_known, is_only_a_term, recognizer

RULES = recognizer(TextOptions(model="none"))


def known(*names: str) -> KnownIdentifiers:
    """Known identifiers with these names."""
    return KnownIdentifiers(Identifier(IdentifierKind.NAME, name) for name in names)


def found(text: str, *names: str) -> list[str]:
    """What of a text is found when these names are known."""
    return [text[span.start : span.end] for span in find_known(text, known(*names))]


@pytest.mark.parametrize(("text", "name", "written"), [
    ("the heart of holoway is enlarged", "HOLLOWAY^MARGARET", "holoway"),
    ("seen with Hollaway today", "HOLLOWAY^MARGARET", "Hollaway"),
    ("seen with Hollowya today", "HOLLOWAY^MARGARET", "Hollowya"),
    ("Scan: H0LL0WAY", "HOLLOWAYS^MARGARET", "H0LL0WAY"),
    ("CHEST OF KRZYZANOWKSA", "Krzyżanowska^Halina", "KRZYZANOWKSA"),
    ("pt oyelarran", "Oyelaran^Tunde", "oyelarran"),
])  # fmt: skip
def test_misspelt_name_is_found(text: str, name: str, written: str) -> None:
    """One slip in six letters, two in ten, and letters that OCR reads as digits."""
    assert written in found(text, name)


def test_a_known_name_does_not_take_an_address_apart() -> None:
    """What the model takes for one stays whole around a piece of it that is known."""
    text = "Unsere neue Adresse ist Bahnhofstr. 88, Steinach am Wald.\n\nHerzliche Grüße\nHeidrun Apfelbaum"
    spans = recognizer(TextOptions()).find([text], known("STEINACH^ZOHRA"), ["de"])[0]
    assert "Bahnhofstr. 88, Steinach am Wald" in [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(("text", "name"), [
    ("The lesion is hollow. Colonic wall. Thoracic aorta. Cardiac size.", "Hollows^Colonia"),
    ("Marginal ulcer, marginated.", "Marginel^Ann"),
    ("Femoral neck.", "Femorel^Ann"),
    ("Stenosis of the renal artery.", "Stenosi^Renalo"),
])  # fmt: skip
def test_clinical_word_is_never_a_misspelt_name(text: str, name: str) -> None:
    """However near a known name is to a word of medicine or English, the word stays."""
    assert found(text, name) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("CT of the chest for Hill was normal.", ["Hill"]),
    ("Mr Hill was told. Hill, May returned.", ["Hill", "Hill, May"]),
    ("May Hill is a 54-year-old.", ["May Hill"]),
    ("Seen with Hill sign and Hill-Sachs lesion.", []),
    ("Exam of May 2024, due by May 3.", []),
    ("This may be old. The hill of the graph.", []),
])  # fmt: skip
def test_name_that_is_a_word_goes_by_context(text: str, expected: list[str]) -> None:
    """A patient called May Hill takes away neither a month, nor a verb, nor a sign."""
    assert found(text, "HILL^MAY") == expected


def test_known_identifier_with_moved_separators_is_found() -> None:
    """An ID is found however its characters are grouped."""
    numbers = KnownIdentifiers([Identifier(IdentifierKind.ID, "MR-0048.3921")])
    text = "Chart MR0048-3921 and MR 00483921."
    assert len(find_known(text, numbers)) == 2


@given(st.text("abcdeé", max_size=12), st.text("abcdeé", max_size=12))
def test_distance_is_one(one: str, other: str) -> None:
    """Zero for equals only, the same in both directions, never more than the longer word."""
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) <= max(len(one), len(other))


@given(st.text("abcdefgh", min_size=6, max_size=9), st.integers(0, 4))
def test_swapped_neighbours_are_near(name: str, at: int) -> None:
    """Two letters swapped are one slip."""
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    assert is_near(swapped, name)


def test_known_name_in_the_caret_form_is_no_institution(tmp_path: Path) -> None:
    """So that it stays where it can only be a term, also with a second given name."""
    file = tmp_path / "reports.jsonl"
    text = "Consistent with Wilson disease in Mr Wilson."
    file.write_text(json.dumps({"id": 1, "text": text, "known": ["WILSON^PETER J"]}) + "\n")
    (made,) = map(json.loads, scrub_lines(str(file), Policy(text=TextOptions(model="none")), None))
    assert [(span["start"], span["end"]) for span in made["spans"]] == [(37, 43)]


def test_known_value_that_begins_like_a_date_is_an_identifier_too(tmp_path: Path) -> None:
    """An accession number may begin with the day: "20230522-0091" is found wherever it stands."""
    file = tmp_path / "reports.jsonl"
    file.write_text(json.dumps({"id": 1, "text": "See 20230522-0091 for more.", "known": ["20230522-0091"]}) + "\n")
    (made,) = map(json.loads, scrub_lines(str(file), Policy(text=TextOptions(model="none")), None))
    assert "0091" not in made["text"]


@pytest.mark.parametrize(("text", "name", "language"), [
    ("Foley catheter in place, FOLEY BALLOON inflated.", "FOLEY^ANN", "en"),
    ("Zenker's diverticulum; Zenker pouch of 2 cm.", "Zenker^Ruth", "en"),
    ("Castleman disease, Child-Pugh A6, Hill-Sachs lesion.", "CASTLEMAN^PUGH^SACHS", "en"),
    ("Bone age by Greulich and Pyle.", "Greulich^Ida", "en"),
    ("Cobb angle 12 degrees; Salter-Harris type II.", "Cobb^Salter", "en"),
    ("This is not a Jones, just the apophysis; no Jones. Dukes stage B.", "Jones^Dukes", "en"),
    ("Terry-Thomas interval 2 mm, Broviac track.", "THOMAS^TERRY^BROVIAC", "en"),
    (
        "Graves disease; no Ross procedure, Hawkins test equivocal, Auer rods, Dukes C.",
        "GRAVES^ROSS^HAWKINS^AUER^DUKES",
        "en",
    ),
    ("SUGGESTIVE OF BARRETT ESOPHAGUS. (Jones fracture), a (Chance) injury.", "BARRETT^JONES^CHANCE", "en"),
    ("Zenker-Divertikel ohne Retention.", "Zenker^Ruth", "de"),
    ("Diverticule de Zenker de 2 cm.", "Zenker^Ruth", "fr"),
    ("Divertículo de Zenker de 2 cm.", "Zenker^Ruth", "es"),
])  # fmt: skip
def test_a_term_named_like_a_known_person_stays_and_is_no_residue(text: str, name: str, language: str) -> None:
    """What a sign, a device or a disease is called says nothing of a person who has the same name."""
    people = known(name)
    assert find_known(text, people, language) == []
    assert all(is_only_a_term(text, span, language) for span in people.find(text))


@pytest.mark.parametrize(("text", "name"), [
    ("Dr. Foley catheter clinic.", "FOLEY^ANN"),
    ("Seen by Foley. Foley placed a catheter.", "FOLEY^ANN"),
    ("Foley, Ann: catheter", "FOLEY^ANN"),
    ("Ann Foley catheter check", "FOLEY^ANN"),
    ("Told Zenker results.", "Zenker^Ruth"),
    ("Holloway catheter check. HOLLOWAY PORT.", "HOLLOWAY^MARGARET"),
    ("There was no Jones on the list, and a Jones family.", "JONES^ANN"),
    ("Jones fracture clinic, Mr Jones fracture", "JONES^ANN"),
    ("Murray knee, Murray chest radiograph", "MURRAY^ANN"),
    ("Patient: Zenker pouch seen", "Zenker^Ruth"),
    ("Featherby rule out embolism. Featherby position checked.", "FEATHERBY^ANN"),
    ("Zenker rule out embolism", "Zenker^Ruth"),
])  # fmt: skip
def test_a_known_person_named_like_a_term_goes(text: str, name: str) -> None:
    """Behind a title, beside another name, before a verb, or where no table lists the name."""
    hits = found(text, name)
    assert hits
    assert len(hits) == len(known(name).find(text))


def test_a_person_named_like_a_term_goes_in_the_same_phrase_in_every_language() -> None:
    """A fracture may be the patient's own: only a listed term is one."""
    for text, language in (
        ("Fracture de Tremblet.", "fr"),
        ("Fractura de Tremblet.", "es"),
        ("Tremblet-Fraktur", "de"),
    ):
        assert not is_only_a_term(text, known("Tremblet^Ann").find(text)[0], language)
