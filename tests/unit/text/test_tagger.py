"""The project's own language model: what it finds, and that nothing but the text decides it."""

import hashlib
import re
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from curate.text.tagger import LABELS, Tagger

TAGGER = Tagger()
SEEN = {
    "en": ("spoke with tamsin oyelowo rn about the pneumothorax, pager 31907", ("tamsin oyelowo", "31907")),
    "de": ("Telefonat mit Frau Brandstätter am 4. Juni, kein Erguss.", ("Brandstätter", "4. Juni")),
    "fr": ("Vu avec le docteur Lemoyne le 12 mars 2024, pas d'épanchement.", ("Lemoyne", "12 mars 2024")),
    "es": ("Comentado con la doctora Iturralde el 3 de mayo de 2023, sin derrame.", ("Iturralde", "3 de mayo de 2023")),
}
TEXTS = [text for text, _ in SEEN.values()] + [
    "MRN: 1035333\nDOB: 10/25/1987\nNo focal consolidation. Kerley B lines.\n\nDictated by: Amara Nwosu, MD",
    "The liver is normal.",
    "",
]


def taken(text: str, tagger: Tagger = TAGGER) -> set[int]:
    """The places of a text that the model is sure of."""
    return {at for span in tagger.find([text])[0] if span.score > 0.5 for at in range(span.start, span.end)}


@pytest.mark.parametrize("language", SEEN)
def test_names_and_numbers_without_a_cue_are_found(language: str) -> None:
    """In each language, also without capitals and labels."""
    text, identifying = SEEN[language]
    hit = taken(text)
    for value in identifying:
        start = text.index(value)
        assert set(range(start, start + len(value))) <= hit | {
            at for at in range(start, start + len(value)) if not text[at].isalnum()
        }, value


def test_spans_are_sorted_whole_words_with_a_known_label() -> None:
    """Spans never overlap, never cut a word, and say what they are."""
    for text, spans in zip(TEXTS, TAGGER.find(TEXTS), strict=True):
        assert [span.start for span in spans] == sorted(span.start for span in spans)
        assert all(one.end <= two.start for one, two in pairwise(spans))
        words = list(re.finditer(r"\d+|[^\W\d_]+|[^\w\s]|_", text))
        assert {span.start for span in spans} <= {word.start() for word in words}
        assert {span.end for span in spans} <= {word.end() for word in words}
        assert {span.label for span in spans} <= set(LABELS)


def test_what_is_found_depends_on_the_text_alone() -> None:
    """Scores to the last digit, whatever else is in the batch, in which order, and in another instance."""
    alone = {text: Tagger().find([text])[0] for text in TEXTS}
    for seed in range(3):
        batch = Random(seed).sample(TEXTS * 2, 2 * len(TEXTS))
        assert TAGGER.find(batch) == [alone[text] for text in batch]


def test_a_long_text_is_read_in_windows_like_its_parts() -> None:
    """A name deep in a long report is found as at its beginning, also where no line ends near it."""
    filler = "The quick zorblatt of Quandary Imaging is unremarkable today " * 40
    text = filler + "spoke with tamsin oyelowo rn about it " + filler
    start = text.index("tamsin oyelowo")
    assert set(range(start, start + 6)) <= taken(text)


def test_the_card_describes_the_model_that_is_shipped() -> None:
    """docs/model-card.md names the file's digest."""
    root = Path(__file__).resolve().parents[3]
    digest = hashlib.sha256((files("curate.text") / "data/tagger/tagger.onnx").read_bytes()).hexdigest()
    assert digest in (root / "docs/model-card.md").read_text(encoding="utf-8")
