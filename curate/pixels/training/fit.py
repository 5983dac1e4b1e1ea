"""Trains the glance's network on drawn scenes and writes it where `curate.pixels.glance` reads it.

python -m curate.pixels.training.fit OUT.onnx [--photos FOLDER] [--steps 6000] [--seed 5] [--start EARLIER.onnx]

FOLDER holds 8-bit grey PNGs of images without text, to be written over; without it all grounds are drawn. The fonts
are those that `fc-list` names.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from curate.pixels.training.scenes import Scene, scene

_SIDE, _BATCH = 256, 12
_RATE, _SECOND_RATE = 2e-3, 4e-4  # of a first training, and of one that goes on
_HARD = 0.05  # the part of the cells without text that count twice more: those that look most like it
_WARM_UP = 100


def network() -> Any:
    """From (n, 1, rows, columns) grey, -1 to 1, to log odds of text in cells of 8 x 8 pixels, (n, 1, cells, cells)."""
    from torch import nn

    def layer(given: int, made: int, stride: int = 1, apart: int = 1) -> Any:
        convolution = nn.Conv2d(given, made, 3, stride, apart, apart, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(made), nn.ReLU())

    return nn.Sequential(
        layer(1, 12, 2), layer(12, 16, 2), layer(16, 40, 2),
        layer(40, 40), layer(40, 40, apart=2), layer(40, 40, apart=4),
        nn.Conv2d(40, 1, 1),
    )  # fmt: skip


class Scenes:
    """Batches of scenes without end, each worker's and each batch's from a seed of its own."""

    def __init__(self, seed: int, photos: Sequence[NDArray[np.uint8]]) -> None:
        self.seed, self.photos = seed, photos

    def __getitem__(self, number: int) -> Scene:
        return scene(np.random.default_rng([self.seed, number]), _SIDE, self.photos)


def batches(steps: int, seed: int, photos: Sequence[NDArray[np.uint8]]) -> Iterator[tuple[Any, Any]]:
    """(n, 1, side, side) grey from -1 to 1, and (n, 1, cells, cells) of 1, 0 and -1."""
    import torch

    loader = torch.utils.data.DataLoader(Scenes(seed, photos), _BATCH, sampler=range(steps * _BATCH), num_workers=1)
    for images, cells in loader:
        yield images[:, None].float() / 127.5 - 1, cells[:, None].float()


def loss_of(odds: Any, cells: Any) -> Any:
    """Cross entropy of the cells with text, of those without, and of the hardest of these."""
    import torch

    each = torch.nn.functional.binary_cross_entropy_with_logits(odds, cells.clamp(0), reduction="none")
    text, none = each[cells == 1], each[cells == 0]
    hard = none.topk(max(1, int(len(none) * _HARD))).values
    return text.sum() / max(1, len(text)) + none.mean() + 2 * hard.mean()


def fit(net: Any, rate: float, made: Iterator[tuple[Any, Any]], steps: int, out: Path) -> None:
    """Train by AdamW (Loshchilov 2019) with one cycle of the rate (Smith 2018), and export now and then."""
    import torch

    began, normalizes = time.monotonic(), net.training
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps + 1, pct_start=0.1)
    for step, (images, cells) in enumerate(made, 1):
        loss = loss_of(net(images), cells)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 50 == 0:
            print(step, f"{loss.item():.4f}", f"{(time.monotonic() - began) / step:.2f} s a step", flush=True)
        if step % 500 == 0 or step == steps:
            export(net.eval(), out)
            net.train(normalizes)


def export(net: Any, out: Path) -> None:
    """Write the network as ONNX, its probabilities for log odds, for an image of any size."""
    import torch

    whole = torch.nn.Sequential(net, torch.nn.Sigmoid())
    sizes = {"image": {2: "rows", 3: "columns"}, "text": {2: "cell_rows", 3: "cell_columns"}}
    torch.onnx.export(
        whole, (torch.zeros(1, 1, 64, 64),), str(out), input_names=["image"], output_names=["text"],
        dynamic_axes=sizes, opset_version=17, dynamo=False,
    )  # fmt: skip


def resume(net: Any, path: Path) -> None:
    """Take over the weights of an exported network, whose normalizations lie in its weights: they stay as they are."""
    import onnx
    import torch

    held = [torch.tensor(onnx.numpy_helper.to_array(each)) for each in onnx.load(path).graph.initializer]
    *layers, last = net
    for (convolution, shift, _), weight, bias in zip(layers, held[2::2], held[3::2], strict=True):
        convolution.weight.data.copy_(weight)
        shift.bias.data.copy_(bias)
    last.weight.data.copy_(held[0])
    last.bias.data.copy_(held[1])
    net.eval()


def main() -> None:
    """Read the photos, train, export."""
    import torch

    parser = argparse.ArgumentParser(description="Train the glance.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--start", type=Path, help="the network of an earlier run to go on from")
    asked = parser.parse_args()
    paths = sorted(asked.photos.glob("*.png")) if asked.photos else []
    photos: list[Any] = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    torch.manual_seed(asked.seed)
    net = network()
    if asked.start:
        resume(net, asked.start)
    rate = _SECOND_RATE if asked.start else _RATE
    fit(net, rate, batches(asked.steps, asked.seed, photos), asked.steps, asked.out)


if __name__ == "__main__":
    main()
