"""Marked reports become examples: each word with the label of its mark, and none where nobody says."""

import json
from pathlib import Path

import pytest

from curate.text.tagger import LABELS
from curate.text.training import examples, marked
from curate.text.training.examples import Example
from curate.text.training.marked import Marked
from curate.text.wordpiece import WordPiece
from tests.golden import blind

TEXT = """=== en-999
style: note, two lines
known: ROE^JANE
---
Seen by [[HCW|Jane Roe]] at [[ORG|Moss Clinic]] in [[LOC|Leeds]] on [[either|Friday]],
see [[EMAIL|http://roe.org]] ([[INIT|JR]]).
"""
WORDS = WordPiece(Path(marked.__file__).parents[1].joinpath("data/tagger/vocabulary.txt").read_text().splitlines())


@pytest.fixture
def read(tmp_path: Path) -> Marked:
    """The report above, as it is printed and read."""
    (report,) = blind.parse(TEXT)
    lines = {
        "lang": report.lang,
        "text": report.text,
        "spans": [vars(each) for each in report.spans],
        "either": [vars(each) for each in report.either],
    }
    path = tmp_path / "marked.jsonl"
    path.write_text(json.dumps(lines) + "\n", encoding="utf-8")
    return Marked(path, WORDS)


def _only(made: Marked, seed: int = 1) -> Example:
    (example,) = next(made.batches(seed, 10))
    return example


def test_words_have_the_labels_of_their_marks(read: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons and initials are names, an address of the web is one; a word that may go or stay teaches nothing."""
    for name in ("_EXCHANGED", "_LAID_OUT"):
        monkeypatch.setattr(marked, name, 0)
    monkeypatch.setattr(examples, "_UNKNOWN_WORDS", 0)
    labels = _only(read).labels
    named = {LABELS[(each - 1) // 2] for each in labels if each > 0}
    assert {"NAME", "INSTITUTION", "URL"} <= named <= {"NAME", "INSTITUTION", "URL", "LOCATION", "ADDRESS"}
    assert sum(each > 0 and each % 2 for each in labels) >= 5
    assert labels.count(examples._IGNORED) == 2 + 1  # both ends, and Friday


def test_an_identifier_is_exchanged_for_another_of_its_kind(read: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one report each identifier is the only one of its kind, and the text stays."""
    monkeypatch.setattr(marked, "_LAID_OUT", 0)
    monkeypatch.setattr(examples, "_UNKNOWN_WORDS", 0)
    monkeypatch.setattr(marked, "_IDENTIFIERS", 1)
    monkeypatch.setattr(marked, "_EXCHANGED", 1)
    assert len({tuple(_only(read, seed).ids) for seed in range(9)}) == 1


def test_the_same_for_a_seed(read: Marked) -> None:
    """Training can be done again, and another seed lays out the reports in another way."""
    assert _only(read, 3) == _only(read, 3)
    assert len({tuple(_only(read, seed).ids) for seed in range(20)}) > 5


def test_places_are_what_the_tagger_calls_them() -> None:
    """Without a guess a place is a location."""
    assert marked._place(["NAME", "INSTITUTION", "ADDRESS"]) == "INSTITUTION"
    assert marked._place(["NAME"]) == marked._place([]) == "LOCATION"
