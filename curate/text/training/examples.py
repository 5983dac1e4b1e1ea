"""Composed reports as the network reads them: windows of pieces with a label each, in batches of about one size."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from curate.text.tagger import LABELS, windows
from curate.text.training.reports import Composer, Labelled
from curate.text.wordpiece import FIRST, LAST, Pieces, WordPiece

_IGNORED = -100  # cross entropy leaves these out
_CHUNK = 4000  # reports that are sorted by length together
_UNKNOWN_WORDS = 0.5  # of the examples have words replaced by random pieces, so that the context decides
_REPLACED = 0.2  # of the words of these
_ORDINARY = (1996, 30522)  # the pieces of the vocabulary that are letters and words
FREE = "EITHER"  # the label of words of which nobody says whether they identify: they teach nothing


class Example(NamedTuple):
    """A window: piece numbers, shapes, and labels (0 none, 1 + 2k the first word of label k, 2 + 2k a later one)."""

    ids: list[int]
    shapes: list[int]
    labels: list[int]


def batches(composer: Composer, wordpiece: WordPiece, seed: int, pieces: int) -> Iterator[list[Example]]:
    """Endless batches of examples of like length, each of about `pieces` pieces with padding."""
    chunk = seed * 1_000_003
    while True:
        random = Random(chunk)
        yield from batched(composer.compose(chunk, _CHUNK), wordpiece, random, pieces)
        chunk += 1


def batched(reports: Iterable[Labelled], wordpiece: WordPiece, random: Random, pieces: int) -> list[list[Example]]:
    """The examples of reports, in batches of like length and of about `pieces` pieces, in any order."""
    found = [_blurred(each, random) for report in reports for each in examples(report, wordpiece)]
    made = list(_grouped(sorted(found, key=lambda each: len(each.ids)), pieces))
    random.shuffle(made)
    return made


def examples(report: Labelled, wordpiece: WordPiece) -> Iterator[Example]:
    """The windows of a report."""
    pieces = wordpiece.cut(report.text)
    labels = _labels(report, pieces)
    for window in windows(pieces):
        part = slice(window.start, window.stop)
        shown = [_IGNORED] * (window.fresh - window.start) + labels[window.fresh : window.stop]
        yield Example([FIRST, *pieces.ids[part], LAST], [0, *pieces.shapes[part], 0], [_IGNORED, *shown, _IGNORED])


def padded(batch: list[Example]) -> tuple[Any, Any, Any, Any]:
    """The ids, shapes, labels (batch, pieces) and what attention must not see (batch, 1, 1, pieces), as tensors."""
    import torch

    longest = max(len(each.ids) for each in batch)
    ids, shapes, labels = (
        torch.tensor([[*part, *[filler] * (longest - len(part))] for part in parts])
        for parts, filler in zip(zip(*batch, strict=True), (0, 0, _IGNORED), strict=True)
    )
    return ids, shapes, labels, (ids == 0)[:, None, None, :] * -1e4


def _labels(report: Labelled, pieces: Pieces) -> list[int]:
    """The label of each piece; a word that a span only touches belongs to it."""
    of_word = [0] * len(pieces.starts)
    number = 0
    for start, end, label in report.spans:
        while pieces.ends[number] <= start:
            number += 1
        first = number
        while number < len(of_word) and pieces.starts[number] < end:
            of_word[number] = _IGNORED if label == FREE else 1 + 2 * LABELS.index(label) + (number > first)
            number += 1
        number = max(number - 1, 0)
    return [of_word[word] for word in pieces.word]


def _grouped(found: Iterable[Example], pieces: int) -> Iterator[list[Example]]:
    batch: list[Example] = []
    for each in found:
        batch.append(each)
        if len(each.ids) * len(batch) >= pieces:
            yield batch
            batch = []


def _blurred(example: Example, random: Random) -> Example:
    """The example, or one in which some pieces are others; their labels stay."""
    if random.random() > _UNKNOWN_WORDS:
        return example
    inner = range(1, len(example.ids) - 1)
    ids = list(example.ids)
    for at in inner:
        if example.shapes[at] >= 6 and random.random() < _REPLACED:
            ids[at] = random.randrange(*_ORDINARY)
    return example._replace(ids=ids)
