"""Reports with what identifies a person replaced, and short descriptors with it removed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from curate.policy import TextOptions
from curate.privacy.identifiers import KnownIdentifiers, merge
from curate.privacy.surrogates import Surrogates
from curate.records import IdentifierKind, Span
from curate.text.dates import dialect
from curate.text.languages.detection import language_of
from curate.text.recognize import find_known, recognizer
from curate.text.replacement import marker, replace
from curate.text.view import View

_BLANKS = re.compile(r"\s{2,}")
_DANGLING = re.compile(r"\s+(?=[,;.)\]])|(?<=[(\[])\s+")
_EDGES = " ,;:^/|-_"


@dataclass(frozen=True, slots=True, repr=False)
class Scrubbed:
    """A text without identifiers, the spans of the *input* text that were replaced, and the language it was read in.

    places: of each span, where its replacement stands in `text` (start, end), in code points.
    """

    text: str
    spans: tuple[Span, ...]
    language: str
    places: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Scrubber:
    """Takes identifiers out of text under the policy's text options."""

    def __init__(self, options: TextOptions) -> None:
        self._options = options
        self._recognizer = recognizer(options)
        self._rule_spans = lru_cache(maxsize=16384)(self._find_by_rule)

    def __repr__(self) -> str:
        return "<Scrubber>"

    def scrub(
        self, texts: Sequence[str], surrogates: Surrogates | None, known: KnownIdentifiers | None = None
    ) -> list[Scrubbed]:
        """Replace what identifies a person in each report; without surrogates by markers such as "[NAME]".

        Raises PolicyError when the model of the policy is not installed, Rejected when a text is in no language that
        the policy takes (see `language`).
        """
        languages = [self.language(text) for text in texts]
        found = self._recognizer.find(texts, known, languages)
        return [
            self._rewrite(text, spans, surrogates, (_dialect(text, spans, known, language), language))
            for text, spans, language in zip(texts, found, languages, strict=True)
        ]

    def language(self, text: str) -> str:
        """The language whose rules read this text. Raises Rejected when the policy does not take it."""
        return language_of(text, self._options)

    def clean(
        self, values: Sequence[str], surrogates: Surrogates | None, known: KnownIdentifiers | None = None
    ) -> list[str]:
        """Remove what identifies a person from short descriptors (Clean Descriptors Option, PS3.15 E.3.5).

        Known identifiers and rules decide, not the language model: "AX T1 FLAIR" is no sentence, and a model of
        newspaper text guesses names into it. Nothing is put in place, because a surrogate name in a series
        description would read as a finding. `surrogates` is taken so that both methods are called alike.
        """
        del surrogates
        return [self._clean_one(value, known) for value in values]

    def _clean_one(self, value: str, known: KnownIdentifiers | None) -> str:
        spans = self._rule_spans(value)
        if known is not None:
            spans = tuple(merge([*_known(value, known), *spans]))
        if not spans:
            return value
        for span in reversed(spans):
            value = value[: span.start] + " " + value[span.end :]
        return _DANGLING.sub("", _BLANKS.sub(" ", value)).strip(_EDGES)

    def _find_by_rule(self, value: str) -> tuple[Span, ...]:
        return tuple(self._recognizer.find_by_rule(value)) if value.strip() else ()

    def _rewrite(
        self, text: str, spans: Sequence[Span], surrogates: Surrogates | None, tongue: tuple[str, str]
    ) -> Scrubbed:
        """The text with its spans replaced; pieces are joined once, so that a long report costs linear time."""
        dialect, language = tongue
        pieces, places, at, length = [], [], 0, 0
        for span in spans:
            put = self._replacement(text[span.start : span.end], span.label, surrogates, dialect)
            pieces += [text[at : span.start], put]
            length += span.start - at + len(put)
            places.append((length - len(put), length))
            at = span.end
        return Scrubbed("".join([*pieces, text[at:]]), tuple(spans), language, tuple(places))

    def _replacement(self, value: str, label: str, surrogates: Surrogates | None, language: str) -> str:
        if surrogates is None or self._options.replacement == "placeholder":
            return marker(label, View(value).plain, surrogates)
        return replace(label, View(value).plain, surrogates, language)


def _dialect(text: str, spans: Sequence[Span], known: KnownIdentifiers | None, language: str) -> str:
    """How the dates of this text are to be read: 03/04/2024 is in March or in April."""
    written = (View(text[span.start : span.end]).plain for span in spans if span.label == "DATE")
    days = known.values(IdentifierKind.DATE) if known else ()
    return dialect(written, days, language)


def _known(value: str, known: KnownIdentifiers) -> list[Span]:
    """Known identifiers of a short text, in its own offsets."""
    view = View(value)
    return [Span(*view.source(span.start, span.end), span.label, span.rule) for span in find_known(view.plain, known)]
