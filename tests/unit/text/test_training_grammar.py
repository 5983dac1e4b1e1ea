"""The grammars that training composes reports from: literals carry their label, whole reports expand."""

from random import Random

import pytest

from curate.text.training.grammar import Grammar, Piece

SLOTS = (
    "patient patient_given patient_family patient_listed patient_short relative relative_given relative_family "
    "relative_listed relative_short clinician clinician_given clinician_family clinician_listed clinician_short "
    "initials date id phone email url address street postcode city state ward institution old_age spoken_id "
    "spoken_phone age digit number hundred thousand decimal clock rare drug_like acronym surname"
)
TERMINALS = {name: lambda name=name: Piece(f"<{name}>") for name in SLOTS.split()}
LABELS = {"", "NAME", "DATE", "ID", "PHONE", "EMAIL", "URL", "ADDRESS", "LOCATION", "INSTITUTION", "AGE"}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_whole_reports_expand_to_labelled_pieces(language: str) -> None:
    """No brace, sign or unknown slot is left, and every literal has a label of the tagger."""
    grammar, random = Grammar(f"{language}_written"), Random(5)
    pieces = [piece for _ in range(300) for piece in grammar.expand("written", TERMINALS, random)]
    assert {piece.label for piece in pieces} <= LABELS
    labelled = [piece.text for piece in pieces if piece.label]
    assert len(labelled) > 200
    assert [text for text in labelled if "#" in text or "{" in text] == []
    assert [piece.text for piece in pieces if "{" in piece.text or "}" in piece.text] == []


def test_the_same_seed_composes_the_same() -> None:
    """Letters and digits are drawn from the random numbers that are given."""
    texts = [
        "".join(piece.text for piece in Grammar("en_written").expand("written", TERMINALS, Random(7))) for _ in range(2)
    ]
    assert texts[0] == texts[1]
