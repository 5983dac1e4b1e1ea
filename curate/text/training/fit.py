"""Trains the tagger's model on composed reports and writes it where `curate.text.tagger` reads it.

python -m curate.text.training.fit MINILM_FOLDER OUT_FOLDER [--layers 6] [--steps 3000] [--rate 1] [--seed 11]
python -m curate.text.training.fit TAGGER_FOLDER OUT_FOLDER --start TAGGER_FOLDER/tagger.onnx --marked FILE [--mean]
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from curate.text.tagger import LABELS
from curate.text.training import examples, network
from curate.text.training.export import export, read_exported
from curate.text.training.marked import Marked
from curate.text.training.reports import Composer
from curate.text.wordpiece import SHAPES, WordPiece

_BATCH = 2048  # pieces
_DROPPED, _SMOOTHED = 0.1, 0.05  # the composed reports are soon known by heart: without these new ones gain nothing
_RATES = {"encoder": 2e-4, "embeddings": 1e-4, "other": 1e-3}  # at their highest
_KEEP = 200  # steps between two writings of the weights
_WARM_UP = 100  # steps; then linearly to nothing, or on at the same rate where a mean is taken
_BEFORE, _EVERY = 1 / 3, 25  # the part of the steps before a mean begins; steps between two of which it is taken
_MARKED = 0.85  # of the batches, where there are marked reports; the others are composed
_FROZEN = ("embeddings.word_embeddings", "embeddings.position_embeddings")  # then: so few words teach them nothing

_VOCABULARIES = ("vocabulary.txt", "vocab.txt")  # as the tagger and as MiniLM call it

Batches = Iterator[list[examples.Example]]
Weights = dict[str, Any]


class Pace(NamedTuple):
    """How fast weights learn: `times` the rates of learning, and whether they fall to nothing at the end."""

    times: float = 1.0
    slows: bool = True

    def at(self, step: int, steps: int) -> float:
        """Times the rates at a step of so many."""
        return self.times * min((step + 1) / _WARM_UP, 1 - step / steps if self.slows else 1)


def fit(weights: Weights, batches: Batches, steps: int, pace: Pace, frozen: tuple[str, ...] = ()) -> Iterator[Weights]:
    """The weights after each of `steps` batches, by AdamW (Loshchilov 2019).

    Those whose name starts with one of `frozen` stay as they are.
    """
    import torch

    parts = {name: torch.nn.Parameter(value, not name.startswith(frozen)) for name, value in weights.items()}
    free = {name: value for name, value in parts.items() if value.requires_grad}
    optimizer = torch.optim.AdamW(
        [{"params": [value], "rate": _rate(name)} for name, value in free.items()], fused=True
    )
    began, seen = time.monotonic(), 0
    for step, batch in zip(range(steps), batches, strict=False):
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * pace.at(step, steps)
        loss = _loss(parts, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(free.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seen += sum(len(each.ids) for each in batch)
        if step % 25 == 0:
            print(step, f"{loss.item():.4f}", round(seen / (time.monotonic() - began)), "pieces/s", flush=True)
        yield {name: value.detach() for name, value in parts.items()}


def averaged(steps: Iterable[Weights], before: int) -> Iterator[Weights]:
    """In place of the weights after each step their mean over each 25th step behind `before` (Izmailov 2018)."""
    mean: Weights = {}
    for step, weights in enumerate(steps, 1):
        if step > before and step % _EVERY == 0:
            share = 1 / (step // _EVERY - before // _EVERY)
            mean = {name: (1 - share) * mean.get(name, 0) + share * value for name, value in weights.items()}
        yield mean or weights


def _batches(vocabulary: list[str], seed: int, marked: Path | None) -> Batches:
    """Batches without end: of composed reports, or of those and marked ones."""
    wordpiece = WordPiece(vocabulary)
    composed = examples.batches(Composer(), wordpiece, seed, _BATCH)
    if marked is None:
        return composed
    return _mixed(composed, Marked(marked, wordpiece).batches(seed, _BATCH), Random(seed))


def _mixed(composed: Batches, marked: Batches, random: Random) -> Batches:
    while True:
        yield next(marked if random.random() < _MARKED else composed)


def _loss(weights: network.Weights, batch: list[examples.Example]) -> Any:
    import torch

    ids, shapes, labels, blind = examples.padded(batch)
    fast = torch.backends.cpu.get_cpu_capability() != "AVX2"  # which has none: there it is fifty times slower
    with torch.autocast("cpu", torch.bfloat16, enabled=fast):
        logits = network.forward(weights, ids, shapes, blind, _DROPPED)
    return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), label_smoothing=_SMOOTHED)


def _rate(name: str) -> float:
    return _RATES.get(name.split(".", 1)[0], _RATES["other"])


def main() -> None:
    """Read MiniLM, train, keep the weights, export."""
    import torch
    from safetensors.torch import save_file

    asked = _arguments()
    torch.manual_seed(asked.seed)
    words = next(path for name in _VOCABULARIES if (path := asked.minilm / name).exists())
    vocabulary = words.read_text(encoding="utf-8").splitlines()
    asked.out.mkdir(parents=True, exist_ok=True)
    weights = trained = _start(asked)
    batches = _batches(vocabulary, asked.seed, asked.marked)
    frozen = _FROZEN if asked.marked else ()
    trains = fit(weights, batches, asked.steps, Pace(asked.rate, not asked.mean), frozen)
    if asked.mean:
        trains = averaged(trains, int(asked.steps * _BEFORE))
    for step, trained in enumerate(trains, 1):
        if step % _KEEP == 0 or step == asked.steps:
            save_file(trained, asked.out / "weights.safetensors")
    export(trained, asked.out / "tagger.onnx")
    (asked.out / _VOCABULARIES[0]).write_text("\n".join(vocabulary) + "\n", encoding="utf-8")


def _start(asked: argparse.Namespace) -> Weights:
    """The weights to begin with: those of an earlier run, of a file that is shipped, or MiniLM's."""
    from safetensors.torch import load_file

    if asked.start:
        return read_exported(asked.start) if asked.start.suffix == ".onnx" else load_file(asked.start)
    weights = network.read_weights(asked.minilm / "model.safetensors", asked.layers)
    return network.add_head(weights, SHAPES, 1 + 2 * len(LABELS), asked.seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the tagger.")
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from, or a tagger.onnx")
    parser.add_argument("--marked", type=Path, help="reports that people marked, as tests/golden/blind.py prints them")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=1.0, help="times the rates of learning")
    parser.add_argument("--mean", action="store_true", help="of the last two thirds of the steps, at a rate that stays")
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args()


if __name__ == "__main__":
    main()
