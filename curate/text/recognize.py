"""What in a report identifies a person: known identifiers first, then rules, then a language model under a guard.

All three are needed: general models miss names in reports (Steinkamp 2020, PMC8082401), rules collapse off their own
style, and neither knows the patient. The DICOM header does.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from curate.policy import TextOptions
from curate.privacy.identifiers import KnownIdentifiers, merge
from curate.privacy.spellings import ambiguous, fold_in_place
from curate.privacy.surrogates import NAME_TOKEN, fold
from curate.records import Identifier, IdentifierKind, Span
from curate.text import (
    ages,
    cleared,
    columns,
    ends,
    eponyms,
    figures,
    guard,
    initials,
    lists,
    misspellings,
    names,
    patterns,
)
from curate.text.date_forms import is_pressure
from curate.text.dates import is_page
from curate.text.languages import rules
from curate.text.languages import terms as foreign
from curate.text.languages.persons import is_word
from curate.text.lexicon import folded, joined, terms
from curate.text.scans import mended
from curate.text.trimming import trimmed
from curate.text.unfamiliar import is_also_name, is_familiar
from curate.text.view import View

if TYPE_CHECKING:
    from curate.text.engine import Engine

_CHUNK, _OVERLAP = 20_000, 400  # characters; a model's memory and Presidio's bookkeeping grow with the text
_BATCH = 64  # texts per call of the model
_INSIDE = {"INSTITUTION": "LOCATION", "ADDRESS": "LOCATION"}  # what may be a part of it: "Hôpital de Martigny"
_AROUND = frozenset({"ADDRESS", "ID"})  # "Bahnhofstr. 88, Steinach am Wald", where a Steinach is known
_JOINED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SURE = frozenset({"title", "cue", "caret", "credential", "signature", "described", "given"})


class Recognizer:
    """Finds what identifies a person in reports. The model is loaded at first use, once per process."""

    def __init__(self, options: TextOptions) -> None:
        self._options = options

    def __repr__(self) -> str:
        return "<Recognizer>"

    def find(
        self, texts: Sequence[str], known: KnownIdentifiers | None = None, languages: Sequence[str] = ()
    ) -> list[list[Span]]:
        """For each text its spans: sorted, not overlapping, in code points of the text; `known` holds for all of them.

        languages: of each text; without it, all are in the policy's.
        Raises PolicyError when the model of the policy is not installed; nothing is ever downloaded.
        """
        views = [View(text) for text in texts]
        spoken = languages or [self._options.language] * len(texts)
        read = [mended(view.plain) for view in views]
        found: list[list[Span]] = [[] for _ in texts]
        for language in sorted(set(spoken)):
            places = [place for place, each in enumerate(spoken) if each == language]
            raw = self._guess([read[place] for place in places], language)
            for place, spans in zip(places, raw, strict=True):
                seen = sorted({views[place].plain, read[place]})  # a known value may look like a misread one
                certain = [span for text in seen for span in find_known(text, known, language[:2])] if known else []
                found[place] = _located(views[place], _settle(read[place], spans, certain, language[:2]))
        return found

    def find_by_rule(self, text: str) -> list[Span]:
        """The spans that a cue or a shape gives, without the model: for short texts that are no sentences.

        Systems print English labels everywhere; the policy's language adds its own.
        """
        view, language = View(text), self._options.language[:2]
        own = () if language == "en" else rules.strong(view.plain, language)
        return _located(view, merge([*names.strong(view.plain), *patterns.find(view.plain), *own]))

    def _engine(self, language: str) -> "Engine":
        from curate.text.engine import engine_of

        return engine_of(self._options, language)

    def _guess(self, texts: Sequence[str], language: str) -> list[list[Span]]:
        """Raw spans of each text; a long one is read in overlapping pieces."""
        engine = self._engine(language)
        pieces = [(number, start) for number, text in enumerate(texts) if text.strip() for start in _starts(text)]
        found: list[list[Span]] = [[] for _ in texts]
        for at in range(0, len(pieces), _BATCH):
            batch = pieces[at : at + _BATCH]
            read = [texts[number][start : start + _CHUNK + _OVERLAP] for number, start in batch]
            for (number, start), spans in zip(batch, engine.find(read), strict=True):
                whole = (span for span in spans if not _is_cut(span, start, len(texts[number])))
                found[number].extend(_moved(span, start) for span in whole)
        return found


@cache
def recognizer(options: TextOptions) -> Recognizer:
    """The recogniser of this process for these options."""
    return Recognizer(options)


def _starts(text: str) -> Iterable[int]:
    return range(0, max(1, len(text) - _OVERLAP), _CHUNK)


def _is_cut(span: Span, start: int, length: int) -> bool:
    """Whether a span touches an end of its piece that is none of the text: the piece beside has all of it."""
    at_start, at_end = start > 0 and span.start == 0, span.end == _CHUNK + _OVERLAP
    return at_start or (at_end and start + span.end < length)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.label, span.rule, span.score)


def _located(view: View, spans: Iterable[Span]) -> list[Span]:
    """The spans of a view as spans of the text as it came."""
    return [Span(*view.source(span.start, span.end), span.label, span.rule, span.score) for span in spans]


def _settle(text: str, raw: Iterable[Span], certain: Iterable[Span], language: str) -> list[Span]:
    """Join what was found: known identifiers and rules as they are, guesses where nothing surer stands."""
    raw = [span for span in raw if not ("REF" in text and figures.is_catalogued(text, span))]
    clear = cleared.places(text, raw, certain)
    ruled = (span for span in raw if span.rule not in {cleared.RULE, *guard.GUESSED})
    sure = merge([*certain, *cleared.without(text, ruled, clear)])
    free = [piece for span in raw if span.rule in guard.GUESSED for piece in _outside(span, sure)]
    guesses = [piece for span in free for piece in trimmed(text, span, language) if not _vetoes(text, piece, language)]
    kept = merge([*sure, *guesses])
    kept = merge([*kept, *columns.find(text, kept, language), *lists.find(text, kept, language)])
    kept = merge([*kept, *ages.beside(text, kept)])
    whole = merge(ends.whole(text, span, language) for span in merge([*kept, *_repeats(text, kept, raw, language)]))
    people = {text[span.start : span.end] for span in whole if span.label == "NAME"}
    named = [*whole, *ends.linked(text, whole), *ends.nicknames(text, whole), *initials.of_people(text, people)]
    return list(cleared.without(text, merge(named), clear))


def _vetoes(text: str, guess: Span, language: str) -> bool:
    """Whether a guess is clinical language."""
    if not any(map(str.isalnum, text[guess.start : guess.end])):
        return True
    counted = is_page(text, guess.start, guess.end) and guess.label in {"DATE", "LOCATION"}
    if counted or (guess.label == "DATE" and is_pressure(text, guess.start, guess.end)):
        return True
    if figures.is_mere(text, guess):
        return True
    return guard.vetoes(text, guess) if language == "en" else foreign.vetoes(text, guess, language)


def find_known(text: str, known: KnownIdentifiers, language: str = "en") -> list[Span]:
    """Known identifiers in a plain text, also misspelt; a name that is a word ("Smith") also behind a preposition.

    `KnownIdentifiers.find` leaves such a part alone where nothing else of the name stands beside it.
    """
    found = [*known.find(text), *misspellings.find(text, known.tokens)]
    if language != "en":
        return merge(span for span in found if span.label != "NAME" or not _is_term(text, span, language))
    words = sorted((known.tokens & ambiguous()) - folded("clinical_words") - folded("function_words"))
    found += _words_as_names(text, words)
    return merge(span for span in found if not is_only_a_term(text, span, language))


def is_only_a_term(text: str, known: Span, language: str) -> bool:
    """Whether a place of a known identifier is a name, but that of a sign or a device and not of the person."""
    if known.label != "NAME":
        return False
    if language == "en":
        return eponyms.is_only_a_term(text, known.start, known.end)
    return foreign.is_only_a_term(text, known.start, known.end, language)


def _words_as_names(text: str, words: Sequence[str]) -> Iterable[Span]:
    """Capitalised words behind a preposition, but no eponym ("with Hill sign") and no month ("of May 2024")."""
    if not words:
        return
    alone = re.compile(
        rf"(?<!\d )(?<!\dst )(?<!\dnd )(?<!\drd )(?<!\dth )(?i:\b(?:for|by|per|from|to|with|of|re|and|pt|patient) )"
        rf"(?P<name>(?i:{'|'.join(map(re.escape, words))}))\b(?!,? ?\d)"
    )
    for found in alone.finditer(fold_in_place(text)):
        start, end = found.span("name")
        if text[start].isupper() and not eponyms.is_before_term(text, end):
            yield Span(start, end, "NAME", "known")


def _outside(guess: Span, sure: Sequence[Span]) -> Iterable[Span]:
    """The guess, unless something surer with another label covers part of it: then what is left of it."""
    at = guess.start
    first = max(0, bisect_right(sure, guess.start, key=lambda each: each.start) - 1)
    last = bisect_left(sure, guess.end, key=lambda each: each.start)
    for span in sure[first:last]:
        within = guess.start <= span.start <= span.end <= guess.end
        confirmed = span.rule == "known" and guess.label in _AROUND and within
        if span.end <= at or confirmed or span.label in {guess.label, _INSIDE.get(guess.label)}:
            continue
        if span.start > at + 1:
            yield Span(at, span.start, guess.label, guess.rule, guess.score)
        at = span.end
    if at < guess.end:
        yield Span(at, guess.end, guess.label, guess.rule, guess.score)


def _repeats(text: str, kept: Sequence[Span], raw: Sequence[Span], language: str) -> Iterable[Span]:
    """Every other place of a name that a cue announced, in any order and case; not where it is an eponym.

    Where several rules found a name only one is kept: then its words count that are no eponyms.
    """
    medicine, eponyms = terms("eponym", "device", "surname"), terms("eponym")
    announced = {
        Identifier(IdentifierKind.NAME, " ".join(tokens))
        for spans, left in ((kept, frozenset[str]()), (raw, medicine))
        for span in spans
        if span.label == "NAME" and span.rule in _SURE
        if (tokens := _tokens(text[span.start : span.end], left | eponyms if span.rule == "given" else left, language))
    }
    halves = _halves([text[span.start : span.end] for span in kept if span.rule in _SURE]) & medicine
    known = KnownIdentifiers(announced)
    for span in (*known.find(text), *_respelt(text, known.tokens)) if announced else ():
        if fold(text[span.start : span.end]) not in halves and not _is_term(text, span, language):
            yield Span(span.start, span.end, "NAME", "repeat", 0.8)


def _respelt(text: str, names: frozenset[str]) -> Iterable[Span]:
    """Where somebody mistyped one of the names, in a text as long as one report: "Platzgumer" beside "Platzgummer"."""
    found = misspellings.find(text, names) if len(text) <= _CHUNK else ()
    return (each for each in found if text[each.start].isupper() and fold(text[each.start : each.end]) not in names)


def _halves(names: Iterable[str]) -> set[str]:
    """What is only ever a part of a joined name, folded: who is called "Seldinger-Moss" is not called "Seldinger"."""
    parts = [fold(part) for name in names for part in _JOINED.findall(name)]
    return {half for part in parts for half in part.split("-") if half != part} - set(parts)


def _tokens(written: str, medicine: frozenset[str], language: str) -> list[str]:
    found = NAME_TOKEN.findall(written)
    return [token for token in found if _distinctive(token, language) and fold(token) not in medicine]


def _is_term(text: str, span: Span, language: str) -> bool:
    if language == "en":
        return eponyms.follows_as_term(text, span.start, span.end)
    return is_word(text, span, language) or foreign.follows_as_term(text, span.start, span.end, language)


def _distinctive(token: str, language: str) -> bool:
    plain = fold(token)
    common = joined("clinical_words", "function_words", language=language)
    word = language == "en" and len(plain) > 3 and is_familiar(plain) and not is_also_name(plain)
    return len(plain) > 2 and plain not in common and not word
