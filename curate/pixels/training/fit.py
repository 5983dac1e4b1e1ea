"""Trains the glance's network on drawn scenes and writes it where `curate.pixels.glance` reads it.

python -m curate.pixels.training.fit OUT.onnx [--photos FOLDER] [--steps 6000] [--seed 5] [--rate 0.002]
    [--start EARLIER.onnx] [--teacher EARLIER.onnx]

FOLDER holds 8-bit grey PNGs of images without text, to be written over; without it all grounds are drawn. The fonts
are those that `fc-list` names. A wider network than the present one may be started from: of its channels the strongest
stay. From a teacher the network learns what that one says of each cell (Hinton 2015), as well as what is there.
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
_RATE = 2e-3  # of a first training; one that goes on wants less
_WIDTHS = (16, 16, 32)  # channels at 2, 4 and 8 pixels: in sixteens, as wide processors reckon them
_HARD = 0.05  # the part of the cells without text that count twice more: those that look most like it


def network(widths: Sequence[int] = _WIDTHS) -> Any:
    """From (n, 1, rows, columns) grey, -1 to 1, to log odds of text in cells of 8 x 8 pixels, (n, 1, cells, cells)."""
    from torch import nn

    def layer(given: int, made: int, stride: int = 1, apart: int = 1) -> Any:
        convolution = nn.Conv2d(given, made, 3, stride, apart, apart, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(made), nn.ReLU())

    half, quarter, eighth = widths
    return nn.Sequential(
        layer(1, half, 2), layer(half, quarter, 2), layer(quarter, eighth, 2),
        layer(eighth, eighth), layer(eighth, eighth, apart=2), layer(eighth, eighth, apart=4),
        nn.Conv2d(eighth, 1, 1),
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


def told_by(teacher: Any, images: Any, odds: Any) -> Any:
    """Cross entropy against what a teacher says of all cells; those of which it is not sure count most."""
    import torch

    with torch.no_grad():
        told = torch.sigmoid(teacher(images))
    return 4 * torch.nn.functional.binary_cross_entropy_with_logits(odds, told)


def fit(net: Any, asked: argparse.Namespace, made: Iterator[tuple[Any, Any]], teacher: Any = None) -> None:
    """Train by AdamW (Loshchilov 2019) with one cycle of the rate (Smith 2018), and export now and then."""
    import torch

    began, normalizes = time.monotonic(), net.training
    optimizer = torch.optim.AdamW(net.parameters(), asked.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, asked.rate, asked.steps + 1, pct_start=0.1)
    for step, (images, cells) in enumerate(made, 1):
        odds = net(images)
        loss = loss_of(odds, cells) + (told_by(teacher, images, odds) if teacher else 0)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 50 == 0:
            print(step, f"{loss.item():.4f}", f"{(time.monotonic() - began) / step:.2f} s a step", flush=True)
        if step % 500 == 0 or step == asked.steps:
            export(net.eval(), asked.out)
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


def read(path: Path) -> Any:
    """An exported network, whose normalizations lie in its weights: they stay as they are."""
    import onnx
    import torch

    held = [torch.tensor(onnx.numpy_helper.to_array(each)) for each in onnx.load(path).graph.initializer]
    weights, shifts = held[2::2], held[3::2]  # behind those of the last
    net = network([len(each) for each in weights[:3]])
    *layers, last = net
    for (convolution, shift, _), weight, bias in zip(layers, weights, shifts, strict=True):
        convolution.weight.data.copy_(weight)
        shift.bias.data.copy_(bias)
    last.weight.data.copy_(held[0])
    last.bias.data.copy_(held[1])
    return net.eval()


def take_over(net: Any, other: Any) -> None:
    """The weights of another network: of more channels the strongest; of fewer all, the others count for nothing."""
    kept, following = range(1), [*(layer[0] for layer in other[1:-1]), other[-1]]
    for (convolution, shift, _), (theirs, their_shift, _), after in zip(net[:-1], other[:-1], following, strict=True):
        strength = _norms(theirs.weight.data) * _norms(after.weight.data.transpose(0, 1))
        strongest = strength.topk(min(len(strength), len(shift.bias))).indices.sort().values
        convolution.weight.data[:, len(kept) :] = 0
        convolution.weight.data[: len(strongest), : len(kept)] = theirs.weight.data[strongest][:, kept]
        shift.bias.data[: len(strongest)] = their_shift.bias.data[strongest]
        kept = strongest
    net[-1].weight.data[:, len(kept) :] = 0
    net[-1].weight.data[:, : len(kept)] = other[-1].weight.data[:, kept]
    net[-1].bias.data.copy_(other[-1].bias.data)
    net.eval()


def _norms(weights: Any) -> Any:
    return weights.flatten(1).norm(dim=1)


def main() -> None:
    """Read the photos, train, export."""
    import torch

    parser = argparse.ArgumentParser(description="Train the glance.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--rate", type=float, default=_RATE)
    parser.add_argument("--start", type=Path, help="the network of an earlier run to go on from")
    parser.add_argument("--teacher", type=Path, help="a network to learn from")
    asked = parser.parse_args()
    paths = sorted(asked.photos.glob("*.png")) if asked.photos else []
    photos: list[Any] = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    torch.manual_seed(asked.seed)
    net = network()
    if asked.start:
        take_over(net, read(asked.start))
    fit(net, asked, batches(asked.steps, asked.seed, photos), asked.teacher and read(asked.teacher))


if __name__ == "__main__":
    main()
