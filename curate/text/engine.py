"""Presidio as the framework: our recognisers and one language model, and nothing that reaches for the network.

Presidio's default recognisers are left out: in reports its driver licences are vertebral levels and its dates are
durations. Import this module only where it is used: Presidio takes seconds to load.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import spacy
import tldextract.tldextract as suffixes
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from curate.errors import PolicyError, Problem
from curate.policy import TextOptions
from curate.records import Span
from curate.text import names, patterns
from curate.text.languages import rules

_LABELS = {
    "PERSON": "NAME",
    "PER": "NAME",
    "ORG": "INSTITUTION",
    "FAC": "INSTITUTION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
}
_RECOGNISED = ("NAME", "DATE", "ID", "PHONE", "EMAIL", "URL", "ADDRESS", "INSTITUTION", "AGE", "LOCATION", "UID")
_UNUSED = ("tagger", "parser", "senter", "lemmatizer", "attribute_ruler", "tok2vec", "morphologizer")
_SPACY_BATCH = 32
_GUESS = 0.5  # below every rule, because Presidio drops a result inside an equal or better one of the same label

# Presidio's e-mail recogniser asks the network for the public suffix list; it is not used, and could not ask.
suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)


class OfflineSpacy(SpacyNlpEngine):  # type: ignore[misc]
    """A spaCy model that is installed, or else refused: Presidio's own engine would download it.

    A model named as a language ("de") is that language's tokenizer alone.
    """

    def load(self) -> None:
        """Load the entity recogniser alone; the other parts of the pipeline do not change what it finds."""
        self.nlp = {}
        for model in self.models:
            name = model["model_name"]
            if name == model["lang_code"]:
                self.nlp[name] = spacy.blank(name)
                continue
            if not (spacy.util.is_package(name) or Path(name).is_dir()):
                raise PolicyError(Problem.MODEL_MISSING, "text.model")
            self.nlp[model["lang_code"]] = _load(name)


def _load(name: str) -> Any:
    try:
        return spacy.load(name, exclude=list(_UNUSED))
    except (OSError, ValueError):
        raise PolicyError(Problem.MODEL_MISSING, "text.model") from None


class RuleRecognizer(EntityRecognizer):  # type: ignore[misc]
    """A function text → spans as a Presidio recogniser; the rule's name travels as the recogniser's name."""

    def __init__(self, find: Callable[[str], Iterable[Span]], language: str, name: str) -> None:
        self.find = find
        super().__init__(supported_entities=list(_RECOGNISED), supported_language=language, name=name)

    def load(self) -> None:
        """Nothing to load: patterns compile at first use."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """What the rule finds, as Presidio results (presidio_analyzer.EntityRecognizer).

        One result per place and label: Presidio keeps one of equals in the order of a set, which is another each run.
        """
        del nlp_artifacts
        best: dict[tuple[int, int, str], Span] = {}
        for span in sorted(self.find(text), key=lambda each: (-each.score, each.rule)):
            best.setdefault((span.start, span.end, span.label), span)
        return [self._result(span) for span in best.values() if span.label in entities]

    def _result(self, span: Span) -> RecognizerResult:
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: span.rule,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult(span.label, span.start, span.end, span.score, recognition_metadata=metadata)


class Engine:
    """One analyser for one language and model. Raw spans come with the rule that found them; "ner" is the model."""

    def __init__(self, language: str, model: str, threshold: float) -> None:
        ner = NerModelConfiguration(
            default_score=_GUESS,
            model_to_presidio_entity_mapping=_LABELS,
            labels_to_ignore=["CARDINAL", "DATE", "EVENT", "LANGUAGE", "LAW", "MONEY", "NORP", "ORDINAL", "PERCENT",
                              "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART", "MISC"],
        )  # fmt: skip
        self._language = language
        self._spacy = OfflineSpacy([{"lang_code": language, "model_name": model}], ner)
        self._spacy.load()
        registry = RecognizerRegistry(supported_languages=[language])
        registry.add_recognizer(SpacyRecognizer(language, sorted(set(_LABELS.values())), name="ner"))
        for name, find in _rules(language).items():
            registry.add_recognizer(RuleRecognizer(find, language, name))
        self._analyzer = AnalyzerEngine(
            registry, self._spacy, default_score_threshold=threshold, supported_languages=[language]
        )

    def find(self, texts: Sequence[str], cased: Sequence[str]) -> Iterator[list[Span]]:
        """Spans of each text; `cased` are the same texts, character for character, as the model should read them.

        The model's strings live in a memory zone, so that a long run does not grow (spaCy 3.8 `memory_zone`).
        """
        nlp = self._spacy.get_nlp(self._language)
        with nlp.memory_zone():
            read = self._spacy.process_batch(cased, self._language, batch_size=_SPACY_BATCH)
            for text, (_, artifacts) in zip(texts, read, strict=True):
                found = self._analyzer.analyze(text, self._language, nlp_artifacts=artifacts)
                yield sorted(map(_span, found), key=lambda each: (each.start, each.end, each.label, each.rule))


def _rules(language: str) -> dict[str, Callable[[str], Iterable[Span]]]:
    """The rules of a language by name; each knows what identifies a person in its texts."""
    if language == "en":
        return {"names": names.find, "patterns": patterns.find}
    return {"rules": partial(rules.find, language=language)}


def _span(result: Any) -> Span:
    rule = result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY]
    return Span(result.start, result.end, result.entity_type, str(rule), float(result.score))


@cache
def engine(language: str, model: str, threshold: float) -> Engine:
    """The engine of this process for these settings. Raises PolicyError when the model is not installed."""
    return Engine(language, model, threshold)


def engine_of(options: TextOptions, language: str) -> Engine:
    """The engine that a policy asks for, for texts in `language`; the model named by the policy reads English."""
    code = language[:2]
    return engine(code, options.model if code == "en" else code, options.threshold)
