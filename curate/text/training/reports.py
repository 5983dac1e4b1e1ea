"""Composed reports with labelled spans: no line of them was ever about anybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from curate.text.training.cast import Cast
from curate.text.training.exchange import Exchange
from curate.text.training.grammar import Grammar, Piece
from curate.text.training.layout import lay_out
from curate.text.training.people import People
from curate.text.training.places import Places
from curate.text.training.rosters import Hand, write_roster

_WRITTEN, _ENOUGH = 0.6, 200  # share of reports that were written as a whole; as many lines earn it
_ROSTERS = 0.1  # share of lists of several people
LANGUAGES = {"en": 0.48, "de": 0.16, "fr": 0.18, "es": 0.18}  # share of each


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its identifiers as [start, end, label]; spans are sorted and do not overlap."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


class Composer:
    """Composes reports of all languages; `held_out` ones use styles and names that the others never do."""

    def __init__(self, *, held_out: bool = False) -> None:
        self._root = "held_out_report" if held_out else "report"
        self._rosters = 0.0 if held_out else _ROSTERS
        self._parts = {language: _parts(language, held_out=held_out) for language in LANGUAGES}
        self._exchange = {language: Exchange(grammar) for language, (_, _, grammar) in self._parts.items()}
        self._written = {
            language: 0.0 if held_out else min(_WRITTEN, grammar.count("written") / _ENOUGH)
            for language, (_, _, grammar) in self._parts.items()
        }

    def compose(self, seed: int, count: int, languages: tuple[str, ...] = tuple(LANGUAGES)) -> Iterator[Labelled]:
        """`count` reports; the same for the same seed and count, whatever else was composed before."""
        random = Random(seed)
        for _ in range(count):
            (language,) = random.choices(languages, [LANGUAGES[each] for each in languages])
            people, places, grammar = self._parts[language]
            cast = Cast(language, people, places, random)
            root = "written" if random.random() < self._written[language] else self._root
            hand = Hand(people, grammar, cast.terminals(), random)
            pieces = write_roster(hand) if random.random() < self._rosters else hand.drawn(root)
            if root == "written":
                pieces = self._exchange[language].exchanged(pieces, hand.terminals, random)
            yield joined(lay_out(pieces, random))


def _parts(language: str, *, held_out: bool) -> tuple[People, Places, Grammar]:
    people = People(language, held_out=held_out)
    files = (
        "any",
        *(("en_vocabulary",) if language == "en" else ()),
        language,
        f"{language}_general",
        f"{language}_written",
        f"{language}_rosters",
    )
    held_out_file = (f"{language}_held_out",) if held_out else ()
    return people, Places(language, people), Grammar(*files, *held_out_file)


def joined(pieces: list[Piece]) -> Labelled:
    """The pieces as one text; a given and a family name that stand side by side are one name."""
    written = "".join(piece.text for piece in pieces)
    spans: list[tuple[int, int, str]] = []
    at = 0
    for text, label in pieces:
        if label and text.strip():
            start, end = at + len(text) - len(text.lstrip()), at + len(text.rstrip())
            if spans and label == spans[-1][2] == "NAME" and written[spans[-1][1] : start] == " ":
                start = spans.pop()[0]
            spans.append((start, end, label))
        at += len(text)
    return Labelled(written, tuple(spans))
