"""What quality filters refuse: judged on the pixels, in grey and in colour."""

from typing import Any

import numpy as np
import pytest

from curate.emit.quality import hold_image
from curate.errors import Reason, Rejected
from curate.policy import QualityOptions
from curate.records import CleanImage

META = {"source_rows": 64, "source_columns": 64, "body_part": None}


@pytest.mark.parametrize("values", [np.full((64, 64), 300, np.uint16), np.full((64, 64, 3), (9, 90, 200), np.uint8)])
def test_one_value_is_a_blank_image(values: Any) -> None:
    """An image of one grey or one colour is refused, also where its values differ by two."""
    values[3, 4] += 2
    with pytest.raises(Rejected) as refused:
        hold_image(CleanImage(b"", META, values), QualityOptions())
    assert refused.value.reason is Reason.IMAGE_BLANK


@pytest.mark.parametrize("shape", [(64, 64), (64, 64, 3)])
def test_a_faint_mark_is_no_blank_image(shape: tuple[int, ...]) -> None:
    """One sample that differs by three is something to see."""
    values = np.full(shape, 250, np.uint8)
    values[(5,) * len(shape) if len(shape) == 2 else (5, 5, 1)] += 3
    hold_image(CleanImage(b"", META, values), QualityOptions())
