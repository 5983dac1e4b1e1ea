"""What identifies a person in a German, French or Spanish text, by rule."""

from collections.abc import Iterator
from functools import partial

from curate.records import Span
from curate.text import corrected, dates, days, insurers, patterns, segments, spelled
from curate.text.languages import closings, mentions, numbers, organisations, persons, places, spoken
from curate.text.languages.vocabulary import is_common


def find(text: str, language: str) -> Iterator[Span]:
    """Identifiers in `text` (plain, see view.py), each with the rule that found it; spans may overlap."""
    for start, end in dates.find(text, language):
        yield Span(start, end, "DATE", "date", 0.95)
    for start, end in days.find(text, language):
        yield Span(start, end, "DATE", "day", 0.8)
    for shape in patterns.shapes():
        if shape.label in _SHARED:
            for found in shape.pattern.finditer(text):
                yield Span(*found.span("value"), shape.label, shape.rule, shape.score)
    yield from segments.find(text)
    yield from spelled.find(text)
    yield from corrected.find(text, partial(is_common, language=language))
    yield from insurers.find(text)
    yield from persons.find(text, language)
    yield from mentions.find(text, language)
    yield from closings.find(text, language)
    yield from numbers.find(text, language)
    yield from places.find(text, language)
    yield from organisations.find(text, language)
    yield from spoken.find(text, language)


def strong(text: str, language: str) -> Iterator[Span]:
    """What is safe in a short text that is no sentence: dates, announced names, numbers by label, addresses."""
    for start, end in dates.find(text, language):
        yield Span(start, end, "DATE", "date", 0.95)
    yield from persons.strong(text, language)
    yield from numbers.find(text, language)
    yield from places.find(text, language)


_SHARED = frozenset({"ID", "UID", "PHONE", "EMAIL", "URL"})  # shapes that are the same in every language
