"""Presidio as the framework: our rules in its registry, the guesses of models beside them, and nothing of the network.

Presidio's default recognisers are left out: in reports its driver licences are vertebral levels and its dates are
durations. The registry's recognisers are asked directly: Presidio's per-text bookkeeping (context words, explanations
copied) costs 2 ms a report and changes nothing here. Import this module only where it is used: it is slow to load.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from typing import Any, Protocol

import tldextract.tldextract as suffixes
from presidio_analyzer import EntityRecognizer, RecognizerRegistry, RecognizerResult

from curate.policy import TextOptions
from curate.records import Span
from curate.text import described, names, patterns, signatures, unfamiliar
from curate.text.languages import rules
from curate.text.plain import plain_words
from curate.text.shortened import Shortened

_RECOGNISED = ("NAME", "DATE", "ID", "PHONE", "EMAIL", "URL", "ADDRESS", "INSTITUTION", "AGE", "LOCATION", "UID")

# Presidio's e-mail recogniser asks the network for the public suffix list; it is not used, and could not ask.
suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)


class Guesser(Protocol):
    """A model: for each text the spans that it guesses, under a rule of `guard.GUESSED`."""

    def find(self, texts: Sequence[str]) -> Iterable[list[Span]]:
        """Spans of each text, in code points."""


class RuleRecognizer(EntityRecognizer):  # type: ignore[misc]
    """A function text → spans as a Presidio recogniser; the rule's name travels as the recogniser's name."""

    def __init__(self, find: Callable[..., Iterable[Span]], language: str, name: str) -> None:
        self.find = find
        super().__init__(supported_entities=list(_RECOGNISED), supported_language=language, name=name)

    def load(self) -> None:
        """Nothing to load: patterns compile at first use."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What the rule finds, as Presidio results (presidio_analyzer.EntityRecognizer)."""
        del nlp_artifacts
        return [self._result(span) for span in self.find(text) if span.label in entities]

    def _result(self, span: Span) -> RecognizerResult:
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: span.rule,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult(span.label, span.start, span.end, span.score, recognition_metadata=metadata)


class ModelRecognizer(RuleRecognizer):
    """A model text, settled spans → spans as a Presidio recogniser; its `nlp_artifacts` are what is settled already."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What the model finds beside what is settled, as Presidio results."""
        return [self._result(span) for span in self.find(text, nlp_artifacts or ()) if span.label in entities]


class Engine:
    """The recognisers of one language and one model. Raw spans come with the rule that found them."""

    def __init__(self, language: str, model: str, threshold: float) -> None:
        registry = RecognizerRegistry(supported_languages=[language])
        for name, find in _rules(language).items():
            registry.add_recognizer(RuleRecognizer(find, language, name))
        for name, read in _tagger(model, language).items():
            registry.add_recognizer(ModelRecognizer(read, language, name))
        found = registry.get_recognizers(language=language, all_fields=True)
        self._rules = [each for each in found if not isinstance(each, ModelRecognizer)]
        self._models = [each for each in found if isinstance(each, ModelRecognizer)]
        self._guessers = list(_guessers(model))
        self._threshold = threshold

    def find(self, texts: Sequence[str]) -> Iterator[list[Span]]:
        """Spans of each text, sorted; they may overlap."""
        guessed = [guesser.find(texts) for guesser in self._guessers]
        for text, *several in zip(texts, *guessed, strict=True):
            found = self._by_rule(text)
            settled = [span for span in found if span.rule != "unfamiliar"]
            found |= {span for each in self._models for span in _spans(each, text, settled)}
            found.update(span for spans in several for span in spans)
            yield sorted((span for span in _agreed(found) if span.score >= self._threshold), key=_order)

    def _by_rule(self, text: str) -> set[Span]:
        """What rules find in what is left of a text without its plain sentences."""
        short = Shortened(text, plain_words().read(text))
        found = (short.span(span) for each in self._rules for span in _spans(each, short.text))
        return {span for span in found if span.score >= self._threshold}


def _agreed(found: set[Span]) -> Iterator[Span]:
    """All spans, but those of an unfamiliar word only where the tagger, if there is one, doubts it too."""
    doubts = [span for span in found if span.rule == "tagger"]
    for span in found:
        if span.rule != "unfamiliar" or any(each.start < span.end and span.start < each.end for each in doubts):
            yield span


def _tagger(model: str, language: str) -> dict[str, Callable[[str, Iterable[Span]], Iterable[Span]]]:
    """The project's own model as one more recogniser, when the policy asks for it."""
    if model != "tagger":
        return {}
    from curate.text.tagger import Tagger

    return {"tagger": Tagger(language=language).read}


def _guessers(model: str) -> Iterator[Guesser]:
    """The spaCy model that a policy asks for."""
    if model not in {"", "none", "tagger"}:
        from curate.text.newspaper import EntityModel

        yield EntityModel(model)


def _rules(language: str) -> dict[str, Callable[[str], Iterable[Span]]]:
    """The rules of a language by name; each knows what identifies a person in its texts."""
    if language == "en":
        found = (names, described, patterns, signatures, unfamiliar)
        return {module.__name__.rpartition(".")[2]: module.find for module in found}
    return {"rules": partial(rules.find, language=language)}


def _spans(recognizer: EntityRecognizer, text: str, settled: Sequence[Span] = ()) -> Iterator[Span]:
    for result in recognizer.analyze(text, list(_RECOGNISED), settled):
        rule = result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY]
        yield Span(result.start, result.end, result.entity_type, str(rule), float(result.score))


def _order(span: Span) -> tuple[int, int, str, str, float]:
    return span.start, span.end, span.label, span.rule, span.score


@cache
def engine(language: str, model: str, threshold: float) -> Engine:
    """The engine of this process for these settings. Raises PolicyError when the model is not installed."""
    return Engine(language, model, threshold)


def engine_of(options: TextOptions, language: str) -> Engine:
    """The engine that a policy asks for, for texts in `language`; a spaCy model reads English alone."""
    code = language[:2]
    return engine(code, options.model if code == "en" or options.model == "tagger" else "none", options.threshold)
