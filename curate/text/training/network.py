"""The network: the first layers of MiniLM (Wang 2020), one embedding more for shapes, and a label for each piece.

Weights are a plain mapping from names, as in the file they come from, to tensors; functions take them as they are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

WIDTH, HEADS = 384, 12
EMBEDDINGS = ("embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight")
NORM = ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias")
_LENGTH = 128  # positions kept; a window is no longer

Weights = Mapping[str, Any]


def read_weights(path: Path, layers: int) -> dict[str, Any]:
    """The embeddings and first `layers` layers of a BERT in a safetensors file; its segment 0 joins the positions."""
    from safetensors.torch import load_file

    read = load_file(path)
    kept = {name: read[name] for name in (*EMBEDDINGS, *NORM)}
    segment = read["embeddings.token_type_embeddings.weight"][0]
    kept[EMBEDDINGS[1]] = kept[EMBEDDINGS[1]][:_LENGTH] + segment
    wanted = tuple(f"encoder.layer.{number}." for number in range(layers))
    return kept | {name: value for name, value in read.items() if name.startswith(wanted)}


def add_head(weights: Weights, shapes: int, labels: int, seed: int) -> dict[str, Any]:
    """The weights with an embedding of shapes that says nothing yet, and a random last layer."""
    import torch

    random = torch.Generator().manual_seed(seed)
    return {
        **weights,
        "shapes": torch.zeros(shapes, WIDTH),
        "head.weight": torch.randn(labels, WIDTH, generator=random) * 0.02,
        "head.bias": torch.zeros(labels),
    }


def forward(weights: Weights, ids: Any, shapes: Any, blind: Any = None, drop: float = 0.0) -> Any:
    """Logits (batch, pieces, labels) of piece numbers and shapes (batch, pieces).

    `blind` (batch, 1, 1, pieces) is added to the attention: 0 for a piece, very negative for padding.
    """
    from torch.nn.functional import embedding, linear

    hidden = embedding(ids, weights[EMBEDDINGS[0]]) + embedding(shapes, weights["shapes"])
    hidden = _dropped(_norm(hidden + weights[EMBEDDINGS[1]][: ids.shape[1]], weights, "embeddings.LayerNorm"), drop)
    for number in range(sum(name.endswith("query.weight") for name in weights)):
        hidden = _layer(hidden, weights, f"encoder.layer.{number}.", blind, drop)
    return linear(hidden, weights["head.weight"], weights["head.bias"])


def _layer(hidden: Any, weights: Weights, name: str, blind: Any, drop: float) -> Any:
    from torch.nn.functional import gelu

    attended = _linear(_attention(hidden, weights, name, blind), weights, name + "attention.output.dense")
    hidden = _norm(hidden + _dropped(attended, drop), weights, name + "attention.output.LayerNorm")
    wide = gelu(_linear(hidden, weights, name + "intermediate.dense"))
    narrow = _dropped(_linear(wide, weights, name + "output.dense"), drop)
    return _norm(hidden + narrow, weights, name + "output.LayerNorm")


def _dropped(hidden: Any, drop: float) -> Any:
    """Dropout (Srivastava 2014) while training."""
    from torch.nn.functional import dropout

    return dropout(hidden, drop) if drop else hidden


def _attention(hidden: Any, weights: Weights, name: str, blind: Any) -> Any:
    """Scaled dot products of 12 heads (Vaswani 2017)."""
    parts = [_linear(hidden, weights, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
    shape = (hidden.shape[0], hidden.shape[1], HEADS, WIDTH // HEADS)
    query, key, value = (part.view(shape).transpose(1, 2) for part in parts)
    scores = query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
    scores = scores if blind is None else scores + blind
    return (scores.softmax(-1) @ value).transpose(1, 2).reshape(hidden.shape)


def _linear(hidden: Any, weights: Weights, name: str) -> Any:
    from torch.nn.functional import linear

    return linear(hidden, weights[name + ".weight"], weights[name + ".bias"])


def _norm(hidden: Any, weights: Weights, name: str) -> Any:
    from torch.nn.functional import layer_norm

    return layer_norm(hidden, (WIDTH,), weights[name + ".weight"], weights[name + ".bias"], 1e-12)
