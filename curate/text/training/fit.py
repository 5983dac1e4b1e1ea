"""Trains the tagger's model on composed reports and writes it where `curate.text.tagger` reads it.

python -m curate.text.training.fit MINILM_FOLDER OUT_FOLDER [--layers 6] [--steps 3000] [--rate 1] [--seed 11]
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curate.text.tagger import LABELS
from curate.text.training import examples, network
from curate.text.training.export import export
from curate.text.training.reports import Composer
from curate.text.wordpiece import SHAPES, WordPiece

_BATCH = 2048  # pieces
_DROPPED, _SMOOTHED = 0.1, 0.05  # the composed reports are soon known by heart: without these new ones gain nothing
_RATES = {"encoder": 2e-4, "embeddings": 1e-4, "other": 1e-3}  # at their highest
_KEEP = 200  # steps between two writings of the weights
_WARM_UP = 100  # steps; then linearly to nothing


def fit(
    weights: dict[str, Any], vocabulary: list[str], steps: int, seed: int, rate: float = 1.0
) -> Iterator[dict[str, Any]]:
    """The weights after each of `steps` batches of new reports, by AdamW (Loshchilov 2019); `rate` times as fast."""
    import torch

    parts = {name: torch.nn.Parameter(value) for name, value in weights.items()}
    optimizer = torch.optim.AdamW(
        [{"params": [value], "rate": rate * _rate(name)} for name, value in parts.items()], fused=True
    )
    began, seen = time.monotonic(), 0
    for step, batch in enumerate(_batches(vocabulary, steps, seed)):
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min((step + 1) / _WARM_UP, 1 - step / steps)
        loss = _loss(parts, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parts.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seen += sum(len(each.ids) for each in batch)
        if step % 25 == 0:
            print(step, f"{loss.item():.4f}", round(seen / (time.monotonic() - began)), "pieces/s", flush=True)
        yield {name: value.detach() for name, value in parts.items()}


def _batches(vocabulary: list[str], steps: int, seed: int) -> Iterator[list[examples.Example]]:
    made = examples.batches(Composer(), WordPiece(vocabulary), seed, _BATCH)
    return (batch for batch, _ in zip(made, range(steps), strict=False))


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
    from safetensors.torch import load_file, save_file

    asked = _arguments()
    torch.manual_seed(asked.seed)
    vocabulary = (asked.minilm / "vocab.txt").read_text(encoding="utf-8").splitlines()
    if asked.start:
        weights = load_file(asked.start)
    else:
        weights = network.read_weights(asked.minilm / "model.safetensors", asked.layers)
        weights = network.add_head(weights, SHAPES, 1 + 2 * len(LABELS), asked.seed)
    asked.out.mkdir(parents=True, exist_ok=True)
    trained = weights
    for step, trained in enumerate(fit(weights, vocabulary, asked.steps, asked.seed, asked.rate), 1):
        if step % _KEEP == 0 or step == asked.steps:
            save_file(trained, asked.out / "weights.safetensors")
    export(trained, asked.out / "tagger.onnx")
    (asked.out / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the tagger.")
    parser.add_argument("minilm", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=1.0, help="times the rates of learning")
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args()


if __name__ == "__main__":
    main()
