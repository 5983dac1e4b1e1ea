"""A spaCy model, trained on newspaper text, as a guesser of names, places and organisations in reports."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy

from curate.errors import PolicyError, Problem
from curate.records import Span

_LABELS = {
    "PERSON": "NAME",
    "PER": "NAME",
    "ORG": "INSTITUTION",
    "FAC": "INSTITUTION",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
}
_UNUSED = ("tagger", "parser", "senter", "lemmatizer", "attribute_ruler", "tok2vec", "morphologizer")
_BATCH = 32  # texts per pass of the network
_SCORE = 0.5  # a guess: below every rule
_LINE = re.compile(r"[^\n]+")
_ENDLESS = re.compile(r"(\S{40})\S")  # spaCy's tokenizer takes quadratic time on a word without end


class EntityModel:
    """A spaCy pipeline that is installed; nothing is ever downloaded. Raises PolicyError when it is not."""

    def __init__(self, name: str) -> None:
        if not (spacy.util.is_package(name) or Path(name).is_dir()):
            raise PolicyError(Problem.MODEL_MISSING, "text.model")
        self._nlp = _load(name)

    def find(self, texts: Sequence[str]) -> Iterator[list[Span]]:
        """Entities of each text under the rule "ner".

        The model's strings live in a memory zone, so that a long run does not grow (spaCy 3.8 `memory_zone`).
        """
        with self._nlp.memory_zone():
            for read in self._nlp.pipe(map(_calmed, texts), batch_size=_BATCH):
                yield [
                    Span(each.start_char, each.end_char, _LABELS[each.label_], "ner", _SCORE)
                    for each in read.ents
                    if each.label_ in _LABELS
                ]


def _load(name: str) -> Any:
    """The entity recogniser alone; the other parts of the pipeline do not change what it finds."""
    try:
        return spacy.load(name, exclude=list(_UNUSED))
    except (OSError, ValueError):
        raise PolicyError(Problem.MODEL_MISSING, "text.model") from None


def _calmed(text: str) -> str:
    """The text, character for character, as the model should read it."""
    return _LINE.sub(_calm, _ENDLESS.sub(r"\1 ", text))


def _calm(line: re.Match[str]) -> str:
    """A line in capitals in mixed case: models of newspaper text know "Smith", not "SMITH"."""
    written = line[0]
    if sum(map(str.islower, written)) * 4 > sum(map(str.isupper, written)):
        return written
    made = "".join(each.lower() if at and written[at - 1].isalpha() else each for at, each in enumerate(written))
    return made if len(made) == len(written) else written
