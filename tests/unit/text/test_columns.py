"""Lists and tables: a column that names people names them in every row."""

import pytest

from curate.records import Span
from curate.text import columns

LIST = "Time;Patient;Exam;Ref\n08:10;Osei;CT;Pym\n08:30;Baptist;chest;Tan\n08:50;Field;CT;Wren"


def found(text: str, *known: tuple[str, str], language: str = "en") -> set[tuple[str, str]]:
    """What the columns of a text say, when these words of it are known."""
    spans = sorted(
        (Span(text.index(word), text.index(word) + len(word), label, "title") for word, label in known),
        key=lambda span: span.start,
    )
    return {(text[span.start : span.end], span.label) for span in columns.find(text, spans, language)}


def test_a_heading_speaks_for_its_column() -> None:
    """Without any name known; examinations stay."""
    assert found(LIST) == {(name, "NAME") for name in ("Osei", "Baptist", "Field", "Pym", "Tan", "Wren")}


@pytest.mark.parametrize("separator", [";", " | ", "\t", "   ", " - ", ","])
def test_half_of_the_cells_speak_for_the_others(separator: str) -> None:
    """In any separator; where fewer are known, nothing is found."""
    rows = [("1", "Osei", "knee"), ("2", "Baptist", "chest"), ("3", "Field", "skull"), ("4", "Marsh", "hip")]
    text = "\n".join(separator.join(row) for row in rows)
    assert {("Field", "NAME"), ("Marsh", "NAME")} <= found(text, ("Osei", "NAME"), ("Baptist", "NAME"))
    assert not found(text, ("Osei", "NAME"))
    assert not {"knee", "chest", "skull", "hip"} & {
        word for word, _ in found(text, ("Osei", "NAME"), ("Marsh", "NAME"))
    }


def test_numbers_of_one_shape_are_alike() -> None:
    """What looks like the identifiers of a column is one; another figure is not."""
    text = "a | 44-812 | 3.1\nb | 44-907 | 2.2\nc | 51-330 | 4.0\nd | 17 | 1.9"
    assert ("51-330", "ID") in found(text, ("44-812", "ID"), ("44-907", "ID"))
    assert not {"17", "3.1", "4.0"} & {word for word, _ in found(text, ("44-812", "ID"), ("44-907", "ID"))}


def test_a_name_before_a_number_or_a_bracket_is_read_up_to_it() -> None:
    """The name of "ROE J 3390012" and "Doe, Jane (97F)" is found; beds stand under their heading."""
    text = "BED | PT | STUDY\nT3 | ROE J 3390012 | XR\n12 | DOE, JANE (97F) | CT\nH7 | POE K 3390044 | US"
    assert {("ROE J", "NAME"), ("DOE, JANE", "NAME"), ("POE K", "NAME")} <= found(text)
    assert {("T3", "LOCATION"), ("12", "LOCATION"), ("H7", "LOCATION")} <= found(text)


def test_quoted_cells_and_other_languages() -> None:
    """A comma between quotes separates nothing; headings are those of the language, too."""
    text = 'Name,Befund\n"Rauch, Elfriede",Erguss\n"Lang, Peter",Fraktur\n"Sauer, Ion",Leber'
    names = {word for word, _ in found(text, language="de")}
    assert {"Rauch, Elfriede", "Lang, Peter", "Sauer, Ion"} <= names
    assert not {"Erguss", "Fraktur", "Leber"} & names


def test_prose_is_no_table() -> None:
    """Two lines, or lines of different numbers of commas, say nothing about each other."""
    assert not found("Patient;Exam\nOsei;CT")
    assert not found("Osei, well.\nBaptist, seen, home.\nField.", ("Osei", "NAME"), ("Baptist", "NAME"))
