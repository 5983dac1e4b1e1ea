"""Composed lists of several people: every cell that names somebody is labelled, in each language."""

from random import Random

import pytest

from curate.text.training.grammar import Grammar, Piece
from curate.text.training.people import Person
from curate.text.training.rosters import Hand, write_roster
from tests.unit.text.test_training_grammar import LABELS, TERMINALS

SEVERAL = [Person(f"Givn{letter}", f"Famly{letter}") for letter in "abcdefghijklmnop"]


class Crowd:
    """Draws one of several people with names that stand nowhere else."""

    def draw(self, random: Random) -> Person:
        """One of them."""
        return random.choice(SEVERAL)


def rosters(language: str, count: int) -> list[list[Piece]]:
    """As many lists, from seeds of their own."""
    more = ("en_vocabulary",) if language == "en" else ()
    grammar = Grammar("any", *more, language, f"{language}_general", f"{language}_rosters")
    return [write_roster(Hand(Crowd(), grammar, TERMINALS, Random(seed))) for seed in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_who_is_in_a_list_is_labelled(language: str) -> None:
    """No part of a drawn name stands outside a NAME, titles stand outside, and nothing is left to be drawn."""
    for pieces in rosters(language, 200):
        assert {piece.label for piece in pieces} <= LABELS
        plain = "".join(piece.text for piece in pieces if piece.label != "NAME").lower()
        assert "famly" not in plain
        assert "givn" not in plain
        names = [piece.text for piece in pieces if piece.label == "NAME"]
        assert len(names) >= 2
        assert not any(name.startswith(("Dr", "{")) for name in names)
        assert not any("#" in piece.text for piece in pieces if piece.label)


def test_lists_differ_in_columns_and_are_the_same_for_a_seed() -> None:
    """Dates of birth, beds and identifiers are in some lists and not in others."""
    made = rosters("de", 60)
    assert made == rosters("de", 60)
    for label in ("DATE", "LOCATION", "ID"):
        having = [any(piece.label == label for piece in pieces) for pieces in made]
        assert any(having)
        assert not all(having)
