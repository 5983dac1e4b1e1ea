"""The project's own language model: a small token classifier that says which words of a report identify somebody.

It reads windows of at most 126 pieces, one at a time and on one thread: what it finds in a text depends on nothing but
the text, neither on the batch (int8 activations are scaled over all of one) nor on the number of workers.
docs/model-card.md says what it was trained on and what it reaches; `curate.text.training` made it.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curate.networks import Network
from curate.records import Span
from curate.text.cleared import RULE
from curate.text.plain import plain_words
from curate.text.usage import DOUBTED, is_article, weighed
from curate.text.wordpiece import FIRST, GAPS, LAST, LINE, Pieces, WordPiece

LABELS = ("NAME", "DATE", "ID", "PHONE", "EMAIL", "URL", "ADDRESS", "LOCATION", "INSTITUTION", "AGE")
WINDOW = 126  # pieces, and two marks: what the model was trained on
_SHARED = 24  # pieces that two windows have in common where a text has no end of line to cut at
_FOLDER = files(__package__) / "data" / "tagger"
_CLEAR = 0.05  # words below it identify nobody: training calls 0.048 what it is certain of
_THRESHOLD = 0.1  # words above it join what the policy's threshold counts; below it nobody asks

Scores = npt.NDArray[np.float32]


class Window(NamedTuple):
    """Pieces [start, stop) of a text to read; those before `fresh` are context, judged in the window before."""

    start: int
    fresh: int
    stop: int


class Tagger:
    """Finds what identifies somebody, by its model alone. One per process; safe to share between threads."""

    def __init__(self, threshold: float = _THRESHOLD, language: str = "en", *, every_word: bool = False) -> None:
        """`language`: of the texts; `every_word`: read also those words that the closed vocabulary spares it."""
        self._threshold, self._language = threshold, language
        self._plain = None if every_word else plain_words()
        self._network = _network()
        self._wordpiece = WordPiece(_vocabulary())

    def __repr__(self) -> str:
        return "<Tagger>"

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """For each text its spans by rule "tagger": sorted, not overlapping, whole words, in code points."""
        return [[span for span in self.read(text) if span.rule != RULE] for text in texts]

    def read(self, text: str, settled: Iterable[Span] = ()) -> Iterator[Span]:
        """The spans of one text, and what is cleared; it does not look where all words beside `settled` are plain."""
        stretches = list(self._plain.read(text, settled)) if self._plain else [(0, len(text))]
        pieces = self._wordpiece.cut(text, stretches)
        scores = np.zeros((len(pieces.ids), 1 + 2 * len(LABELS)), np.float32)
        for window in windows(pieces):
            scores[window.fresh : window.stop] = self._judge(pieces, window)[window.fresh - window.start :]
        words = _by_word(pieces, scores)
        yield from _cleared(pieces, words, stretches)
        words = _weighed(text, pieces, words, self._language)
        yield from spans(text, pieces, words, self._threshold, self._language)

    def _judge(self, pieces: Pieces, window: Window) -> Scores:
        """The probability of each label for each piece of a window."""
        ids = [FIRST, *pieces.ids[window.start : window.stop], LAST]
        shapes = [0, *pieces.shapes[window.start : window.stop], 0]
        logits = self._network(np.array([ids]), np.array([shapes]))
        exp = np.exp(logits[0, 1:-1] - logits[0, 1:-1].max(axis=1, keepdims=True))
        probabilities: Scores = exp / exp.sum(axis=1, keepdims=True)
        return probabilities


def windows(pieces: Pieces) -> Iterator[Window]:
    """The windows of a text: cut at the last end of a line in their second half, or else overlapping."""
    start, fresh, count = 0, 0, len(pieces.ids)
    while start + WINDOW < count:
        cut = _line_start(pieces, start)
        stop = cut or start + WINDOW
        yield Window(start, fresh, stop)
        fresh = stop if cut else stop - _SHARED // 2
        start = stop if cut else stop - _SHARED
    if start < count:
        yield Window(start, fresh, count)


def _line_start(pieces: Pieces, start: int) -> int:
    """The last piece of a window that opens a line, or 0; not in its first half."""
    places = range(start + WINDOW, start + WINDOW // 2, -1)
    opens = (at for at in places if pieces.shapes[at] % GAPS >= LINE and pieces.word[at] != pieces.word[at - 1])
    return next(opens, 0)


def spans(text: str, pieces: Pieces, words: Scores, threshold: float, language: str = "en") -> Iterator[Span]:
    """The words that probably identify; those of one label that follow each other on a line, and an article, joined."""
    found: list[Span] = []
    for number in np.flatnonzero(1 - words[:, 0] >= threshold).tolist():
        word = _word_span(pieces, number, words[number])
        opens = words[number, 1 + 2 * LABELS.index(word.label)] > 0.5
        last = found[-1] if found else None
        article = last is not None and is_article(text[last.start : last.end].lower(), language)
        joins = last and (article or (not opens and last.label == word.label))
        if last and joins and _together(text[last.end : word.start]):
            found[-1] = Span(last.start, word.end, word.label, word.rule, max(last.score, word.score))
        else:
            found.append(word)
    return (span for span in found if any(map(str.isalnum, text[span.start : span.end])))


def _weighed(text: str, pieces: Pieces, words: Scores, language: str) -> Scores:
    """The scores of words, of which what each word is used for counts where they are not sure."""
    found, (low, high) = 1 - words[:, 0], DOUBTED
    for number in np.flatnonzero((found >= low) & (found < high)).tolist():
        probability = weighed(float(found[number]), text[pieces.starts[number] : pieces.ends[number]], language)
        words[number, 1:] *= probability / found[number]
        words[number, 0] = 1 - probability
    return words


def _cleared(pieces: Pieces, words: Scores, stretches: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """Runs of words that certainly identify nobody, each within one of the stretches that were read."""
    starts = np.array(pieces.starts, np.int64)
    stretch = np.searchsorted([start for start, _ in stretches], starts, side="right")
    kind = np.concatenate([[0], np.where(1 - words[:, 0] < _CLEAR, stretch, 0), [0]])
    edges = np.flatnonzero(np.diff(kind))
    for first, after in pairwise(edges.tolist()):
        if kind[after]:
            yield Span(pieces.starts[first], pieces.ends[after - 1], "NAME", RULE, 1.0)


def _word_span(pieces: Pieces, number: int, scores: Scores) -> Span:
    """A word as a span: the label is the likelier one of those that identify."""
    label = LABELS[int((scores[1::2] + scores[2::2]).argmax())]
    return Span(pieces.starts[number], pieces.ends[number], label, "tagger", round(float(1 - scores[0]), 3))


def _by_word(pieces: Pieces, scores: Scores) -> Scores:
    """The mean of the scores of each word's pieces."""
    word = np.array(pieces.word, np.int64)
    if not len(word):
        return scores
    first = np.flatnonzero(np.diff(word, prepend=-1))
    sums: Scores = np.add.reduceat(scores, first)
    sums /= np.diff(first, append=len(word))[:, None]
    return sums


def _together(between: str) -> bool:
    return not between.strip() and between.count("\n") < 2


@cache
def _vocabulary() -> list[str]:
    return (_FOLDER / "vocabulary.txt").read_text(encoding="utf-8").splitlines()


@cache
def _network() -> Network:
    """The model, by one thread: more would change the order of sums."""
    return Network(_FOLDER / "tagger.onnx", keeps_memory=True)
