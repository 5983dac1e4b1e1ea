"""From stored values to grey: modality LUT, VOI LUT or window, inversion (PS3.3 C.11.1, C.11.2; PS3.4 N.2)."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curate.pixels.levels import Levels, percentiles

if TYPE_CHECKING:
    from pydicom import Dataset

Values = NDArray[np.float32]
_PERCENTILES = (1.0, 99.5)


@dataclass(frozen=True, slots=True)
class Window:
    """What mapped a frame to grey: `source` is voi_lut, header, percentile, full or none; centre and width if any."""

    source: str
    center: float | None = None
    width: float | None = None


def attribute(dataset: "Dataset", frame: int, keyword: str) -> Any:
    """The value of an attribute for one frame (from 0), or None.

    Looked for in the frame's functional groups, then in the shared ones (PS3.3 C.7.6.16), then at the top.
    """
    groups: list[Dataset] = []
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    if frame < len(per_frame):
        groups.append(per_frame[frame])
    groups += dataset.get("SharedFunctionalGroupsSequence") or ()
    macros = [item for group in groups for each in group if each.VR == "SQ" for item in each.value or ()]
    for place in (*macros, dataset):
        value = place.get(keyword)
        if value is not None and value != "":
            return value
    return None


def number(value: Any) -> float | None:
    """The first value of an attribute as a finite number, or None."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if len(value) else None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def spacing(dataset: "Dataset", frame: int, keyword: str) -> tuple[float, float] | None:
    """The distances of rows and of columns in mm that an attribute gives, when it is two positive numbers."""
    value = attribute(dataset, frame, keyword)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        row, column = number(value[0]), number(value[1])
        if row and column and min(row, column) > 0:
            return row, column
    return None


def modality_values(values: Values, dataset: "Dataset", frame: int) -> tuple[Values, bool]:
    """Apply the Modality LUT Sequence, or rescale slope and intercept; say whether the latter were applied."""
    table = attribute(dataset, frame, "ModalityLUTSequence")
    if table and (mapped := _look_up(values, table[0], signed=_is_signed(dataset))):
        return mapped[0], False
    slope = number(attribute(dataset, frame, "RescaleSlope"))
    intercept = number(attribute(dataset, frame, "RescaleIntercept"))
    if slope is None or intercept is None:
        return values, False
    return values * np.float32(slope) + np.float32(intercept), True


def windowed(found: Levels, dataset: "Dataset", frame: int) -> tuple[NDArray[np.uint8], Window]:
    """Map levels of modality values to 8 bits: first VOI LUT, else first window, else the 1st to 99.5th percentile.

    A window without a centre, or narrower than 1 under LINEAR (C.11.2.1.2), or not above 0, is no window.
    """
    values, table = found.values, attribute(dataset, frame, "VOILUTSequence")
    if table and (mapped := _look_up(values, table[0], signed=_is_signed(dataset))):
        values, bits = mapped
        return _to_8_bit(values / np.float32(2**bits - 1)), Window("voi_lut")
    function = str(attribute(dataset, frame, "VOILUTFunction") or "LINEAR")
    center = number(attribute(dataset, frame, "WindowCenter"))
    width = number(attribute(dataset, frame, "WindowWidth"))
    if center is not None and width is not None and width > 0 and (width >= 1 or function != "LINEAR"):
        apply = _FUNCTIONS.get(function, _linear)
        return _to_8_bit(apply(values, center, width)), Window("header", center, width)
    return _by_percentile(found, _padding(dataset))


def unwindowed(
    values: Values, dataset: "Dataset", frame: int, stored: tuple[int, int]
) -> tuple[NDArray[np.uint16], Window]:
    """Map modality values to 16 bits, from the least to the greatest that the instance can hold.

    stored: those two, before the modality LUT. Grey 0 is centre - width / 2, and 65535 is centre + width / 2, so the
    values can be told from the grey ones: exactly, where the frame was not resampled.
    """
    ends = modality_values(np.array(stored, np.float32), dataset, frame)[0]
    low, high = float(ends.min()), float(ends.max())
    if high <= low:
        return np.zeros(values.shape, np.uint16), Window("none")
    scaled = (values.astype(np.float64) - low) / (high - low)
    return _to_bits(scaled, 16).astype(np.uint16), Window("full", (low + high) / 2, high - low)


def inverted(dataset: "Dataset", photometric: str) -> bool:
    """Whether the least value is shown white: MONOCHROME1, or a presentation LUT shape of INVERSE (C.11.6)."""
    return photometric == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE"


def _linear(values: Values, center: float, width: float) -> Values:
    """PS3.3 C.11.2.1.2.1."""
    if width == 1:
        return (values > center - 0.5).astype(np.float32)
    return (values - np.float32(center - 0.5)) / np.float32(width - 1) + np.float32(0.5)


def _linear_exact(values: Values, center: float, width: float) -> Values:
    """PS3.3 C.11.2.1.3.2."""
    return (values - np.float32(center)) / np.float32(width) + np.float32(0.5)


def _sigmoid(values: Values, center: float, width: float) -> Values:
    """PS3.3 C.11.2.1.3.1; the exponent is bounded so that it cannot overflow."""
    exponent = np.clip(-4 * (values - np.float32(center)) / np.float32(width), -80, 80)
    sigmoid: Values = (1 / (1 + np.exp(exponent))).astype(np.float32)
    return sigmoid


_FUNCTIONS: dict[str, Callable[[Values, float, float], Values]] = {
    "LINEAR": _linear, "LINEAR_EXACT": _linear_exact, "SIGMOID": _sigmoid,
}  # fmt: skip


def _by_percentile(found: Levels, padding: float | None) -> tuple[NDArray[np.uint8], Window]:
    """Stretch between percentiles of the finite values that are not padding."""
    values, nothing = found.values, (np.zeros(found.values.shape, np.uint8), Window("none"))
    counts = found.counts()
    counted = np.isfinite(values) & (values != padding) & (counts > 0)
    if not counted.any():
        return nothing
    finite = values[counted]
    low, high = percentiles(finite, counts[counted], _PERCENTILES)
    if high <= low:  # nearly all values are one, as in a mask
        low, high = float(finite.min()), float(finite.max())
    if high <= low:
        return nothing
    scaled = (values - np.float32(low)) / np.float32(high - low)
    return _to_8_bit(scaled), Window("percentile", (low + high) / 2, high - low)


def _padding(dataset: "Dataset") -> float | None:
    """Pixel Padding Value in units of the modality LUT."""
    padding = number(dataset.get("PixelPaddingValue"))
    if padding is None:
        return None
    return float(modality_values(np.array([padding], np.float32), dataset, 0)[0][0])


def _look_up(values: Values, item: "Dataset", *, signed: bool) -> tuple[Values, int] | None:
    """Map values by a LUT item (C.11.1.1, C.11.2.1.1); return them and the bits of an entry; None if broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            entries, first, bits = (int(each) for each in item.LUTDescriptor)
            data = item.LUTData
        table = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.atleast_1d(np.asarray(data, np.int64))
        table = table[: entries % 65536 or 65536].astype(np.float32)
    except (AttributeError, TypeError, ValueError):
        return None
    if table.size == 0 or not 1 <= bits <= 16:
        return None
    first = first - 65536 if signed and first > 32767 else first
    index = np.clip(np.nan_to_num(np.rint(values)) - first, 0, table.size - 1).astype(np.int64)
    return table[index], bits


def _is_signed(dataset: "Dataset") -> bool:
    return bool(dataset.get("PixelRepresentation") == 1)


def _to_8_bit(values: Values) -> NDArray[np.uint8]:
    return _to_bits(values, 8).astype(np.uint8)


def _to_bits(values: NDArray[Any], bits: int) -> NDArray[Any]:
    """0..1 to 0..the greatest grey value, rounded half to even; NaN is black."""
    grey: NDArray[Any] = np.rint(np.clip(np.nan_to_num(values), 0, 1) * (2**bits - 1))
    return grey
