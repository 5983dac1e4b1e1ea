"""The trained network as the file that is shipped: ONNX, weights in eight bits, one window at a time.

python -m curate.text.training.export OUT_FOLDER WEIGHTS.safetensors [WEIGHTS.safetensors ...]
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from curate.text.training import network

_PRODUCTS = (  # of a layer, in the order of the network
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")
_OTHERS = ("head.weight", "head.bias", "shapes", *network.EMBEDDINGS, *network.NORM)


def export(weights: dict[str, Any], target: Path) -> None:
    """Write `weights` to `target` as ONNX with inputs ids and shapes (1, pieces) and output logits (1, pieces, labels).

    Weights become int8 with one scale per column: one scale per matrix costs names (docs/model-card.md). They have
    seven bits, because sums of pairs of longer ones overflow on processors without VNNI, which would find other spans.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        _trace(dict(sorted(weights.items())), exact)  # numbered in the file in the order of their names
        quantize_dynamic(exact, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def read_exported(path: Path) -> dict[str, Any]:
    """The weights of a file that `export` wrote, rounded as they are there."""
    import onnx
    import torch
    from onnx.numpy_helper import to_array

    graph = onnx.load(str(path)).graph
    held = {each.name: to_array(each) for each in graph.initializer}
    products = [node.input[1].removesuffix("_quantized") for node in graph.node if node.op_type == "MatMulInteger"]
    layers = [f"encoder.layer.{number}." for number in range(len(products) // len(_PRODUCTS))]
    matrices = dict(
        zip(
            [*(f"{layer}{part}.weight" for layer in layers for part in _PRODUCTS), "head.weight"], products, strict=True
        )
    )
    names = [
        f"{layer}{part}.{kind}" for layer in layers for part in (*_PRODUCTS, *_NORMS) for kind in ("weight", "bias")
    ]
    weights = {}
    for number, name in enumerate(sorted([*names, *_OTHERS])):
        value = _dequantized(held, matrices.get(name, f"values.{number}"))
        weights[name] = torch.tensor(value.T if name in matrices else value).contiguous()
    return weights


def _dequantized(held: Mapping[str, Any], name: str) -> Any:
    """A weight that is stored as it is, or as int8 with a zero and a scale."""
    if name in held:
        return held[name]
    whole = held[f"{name}_quantized"].astype("float32") - held[f"{name}_zero_point"].astype("float32")
    return (whole * held[f"{name}_scale"]).astype("float32")


def _trace(weights: dict[str, Any], target: Path) -> None:
    import torch

    ids = torch.ones(1, 32, dtype=torch.long)
    dynamic = {name: {1: "pieces"} for name in ("ids", "shapes", "logits")}
    torch.onnx.export(
        _module(weights),
        (ids, ids),
        str(target),
        input_names=["ids", "shapes"],
        output_names=["logits"],
        dynamic_axes=dynamic,
        opset_version=17,
        dynamo=False,
    )


def _module(weights: dict[str, Any]) -> Any:
    """The network as a torch module, which is what torch exports."""
    import torch

    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.values = torch.nn.ParameterList(weights.values())

        def forward(self, ids: Any, shapes: Any) -> Any:
            return network.forward(dict(zip(weights, self.values, strict=True)), ids, shapes)

    return Network().eval()


def mean(several: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mean of the weights of runs that began alike (Wortsman 2022)."""
    return {name: sum(each[name] for each in several) / len(several) for name in several[0]}


def main() -> None:
    """Write the mean of the weights of one or more runs, and that model."""
    from safetensors.torch import load_file, save_file

    parser = argparse.ArgumentParser(description="Write the model of one run, or the mean of several.")
    parser.add_argument("out", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    weights = mean([load_file(each) for each in asked.weights])
    save_file(weights, asked.out / "weights.safetensors")
    export(weights, asked.out / "tagger.onnx")


if __name__ == "__main__":
    main()
