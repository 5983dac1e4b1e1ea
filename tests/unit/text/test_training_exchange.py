"""Identifiers of written reports stand in for each other where their forms are alike, and nothing else changes."""

from random import Random

import pytest

from curate.text.training import exchange
from curate.text.training.exchange import Exchange, form
from curate.text.training.grammar import Grammar, Piece

DRAWN = {"surname": lambda: Piece("Okri"), "city": lambda: Piece("Enugu"), "clock": lambda: Piece("12:40")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("7B", "12C"),
        ("Leeds", "Kigali"),
        ("St. Elsewhere", "Sta. Fe"),
        ("14/3/2021", "02/11/1987"),
        ("Dr Müller-Meier", "Mx Smith-Jones"),
        ("a b c d e f", "u v w x y z t"),
    ],
)
def test_like_forms(one: str, other: str) -> None:
    """Figures of any length are alike, and so are capitals."""
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Leeds", "LEEDS"), ("Leeds", "leeds"), ("7B", "B7"), ("Leeds", "St. Ives"), ("a b c d", "a b c d e")],
)
def test_unlike_forms(one: str, other: str) -> None:
    """Capitals, figures and the number of words are told apart."""
    assert form(one) != form(other)


def test_only_identifiers_are_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain words stay, an identifier becomes one of its label and form that some report has, and one without stays."""
    monkeypatch.setattr(exchange, "_REPORTS", 1)
    monkeypatch.setattr(exchange, "_IDENTIFIERS", 1)
    report = [Piece("Seen in "), Piece("Leeds", "LOCATION"), Piece(" by "), Piece("Qx-9-§-w W w", "NAME")]
    made = Exchange(Grammar("en_written"))
    places = {made.exchanged(report, DRAWN, Random(seed))[1] for seed in range(200)}
    assert {piece.label for piece in places} == {"LOCATION"}
    assert {form(piece.text) for piece in places} == {form("Leeds")}
    assert len(places) > 100
    rest = made.exchanged(report, DRAWN, Random(1))
    assert [*rest[:1], *rest[2:]] == [*report[:1], *report[2:]]


def test_the_same_for_a_seed() -> None:
    """Training can be done again."""
    made, report = Exchange(Grammar("de_written")), [Piece("Bern", "LOCATION")] * 9
    assert made.exchanged(report, DRAWN, Random(4)) == made.exchanged(report, DRAWN, Random(4))
