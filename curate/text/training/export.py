"""The trained network as the file that is shipped: ONNX, weights in eight bits, one window at a time."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from curate.text.training import network


def export(weights: dict[str, Any], target: Path) -> None:
    """Write `weights` to `target` as ONNX with inputs ids and shapes (1, pieces) and output logits (1, pieces, labels).

    Weights become int8 with one scale per column: one scale per matrix costs names (docs/model-card.md).
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        _trace(weights, exact)
        quantize_dynamic(exact, target, weight_type=QuantType.QInt8, per_channel=True)


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
