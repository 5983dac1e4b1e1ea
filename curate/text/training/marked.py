"""Reports that people wrote and marked, as examples: one epoch after the other, each time laid out in another way.

A file holds one report a line, as `tests/golden/blind.py` prints them. Their labels are fewer than the tagger's: what
kind of place a place is says the tagger that there is. As in the composed reports identifiers stand in for others of
their language, label and form, so that none is known by heart.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from curate.text.tagger import LABELS, Tagger
from curate.text.training import examples
from curate.text.training.exchange import form
from curate.text.training.grammar import Piece
from curate.text.training.layout import lay_out
from curate.text.training.reports import joined
from curate.text.wordpiece import WordPiece

_PEOPLE = dict.fromkeys(("PT", "HCW", "INIT"), "NAME")
_LABELS = {**_PEOPLE, "ORG": "INSTITUTION", **{label: label for label in LABELS}}
_PLACES = ("LOCATION", "INSTITUTION", "ADDRESS")
_EXCHANGED, _IDENTIFIERS = 0.5, 0.6  # share of reports in which, and of their identifiers that, are exchanged
_LAID_OUT = 0.5  # share of reports whose layout is that of an export

Report = tuple[str, list[Piece]]  # language, and the whole text in pieces


class Marked:
    """The reports of a file; `batches` never ends."""

    def __init__(self, path: Path, wordpiece: WordPiece) -> None:
        tagger = Tagger(0.01, every_word=True)
        lines = path.read_text(encoding="utf-8").splitlines()
        self._wordpiece = wordpiece
        self._reports = [_report(json.loads(line), tagger) for line in lines]
        self._stock: dict[tuple[str, Piece], list[str]] = defaultdict(list)
        for language, pieces in self._reports:
            for piece in pieces:
                self._stock[_kind(language, piece)].append(piece.text)

    def batches(self, seed: int, size: int) -> Iterator[list[examples.Example]]:
        """Batches of about `size` word pieces with padding: all reports, then all of them anew."""
        epoch = seed * 1_000_003
        while True:
            random = Random(epoch)
            reports = (joined(self._varied(language, pieces, random)) for language, pieces in self._reports)
            yield from examples.batched(reports, self._wordpiece, random, size)
            epoch += 1

    def _varied(self, language: str, pieces: list[Piece], random: Random) -> list[Piece]:
        if random.random() < _EXCHANGED:
            pieces = [self._other(language, each, random) for each in pieces]
        return lay_out(pieces, random) if random.random() < _LAID_OUT else pieces

    def _other(self, language: str, piece: Piece, random: Random) -> Piece:
        if piece.label not in LABELS or random.random() > _IDENTIFIERS:
            return piece
        return piece._replace(text=random.choice(self._stock[_kind(language, piece)]))


def _kind(language: str, piece: Piece) -> tuple[str, Piece]:
    """What an identifier may be exchanged for: others of its language, form and label."""
    return language, Piece(form(piece.text), piece.label)


def _report(document: dict[str, Any], tagger: Tagger) -> Report:
    """The text of a line in pieces: labelled where an identifier is, or where nobody says whether there is one."""
    text, at = document["text"], 0
    pieces: list[Piece] = []
    guesses = list(tagger.read(text))
    for start, end, label in sorted(_spans(document)):
        place = _place(span.label for span in guesses if span.start < end and span.end > start)
        if start >= at:
            pieces += [Piece(text[at:start]), Piece(text[start:end], label or place)]
            at = end
    return document["lang"], [each for each in (*pieces, Piece(text[at:])) if each.text]


def _spans(document: dict[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Start, end and label of each mark; a place has none yet."""
    for each in document["spans"]:
        address = each["label"] == "EMAIL" and "@" not in each["text"]
        yield each["start"], each["end"], "URL" if address else _LABELS.get(each["label"], "")
    yield from ((each["start"], each["end"], examples.FREE) for each in document["either"])


def _place(labels: Iterable[str]) -> str:
    return next((label for label in labels if label in _PLACES), _PLACES[0])
