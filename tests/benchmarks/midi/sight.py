"""What a reader that is not the product's own can make out within a box of the pixels."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels import pixel_array

_ENLARGED = 3  # letters of a dozen pixels are read better at this size


def read_box(dataset: Dataset, box: tuple[int, ...]) -> str:
    """Read the first frame within left, top, right, bottom; "" where nothing can be made out."""
    import cv2

    left, top, right, bottom = box
    crop = _as_shown(dataset)[top:bottom, left:right]
    if not crop.size or crop.min() == crop.max():
        return ""
    size = (_ENLARGED * crop.shape[1], _ENLARGED * crop.shape[0])
    enlarged = cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC)
    found = _reader()(enlarged, use_det=False, use_cls=False)  # the box is one line: nothing to be looked for
    return " ".join(found.txts or ())


def _as_shown(dataset: Dataset) -> NDArray[np.uint8]:
    """The first frame as 8-bit grey, bright where it is displayed so."""
    values = pixel_array(dataset, raw=True, index=0).astype(np.float32)
    grey = values.mean(axis=2) if values.ndim == 3 else values
    low, high = float(grey.min()), float(grey.max())
    shown = ((grey - low) * (255 / max(high - low, 1.0))).astype(np.uint8)
    return 255 - shown if dataset.get("PhotometricInterpretation") == "MONOCHROME1" else shown


@cache
def _reader() -> Any:
    """RapidOCR as it is shipped; its models are in the wheel."""
    from rapidocr import RapidOCR

    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
    return RapidOCR(params={"Global.log_level": "critical", **threads})
