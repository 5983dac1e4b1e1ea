"""Models: what they compute with is no number too small to matter."""

import subprocess
import sys

import pytest

LOADS = {
    "tagger": "from curate.text.tagger import Tagger; Tagger()",
    "detector": "from curate.pixels.detector import DETECTOR, session; session(DETECTOR)",
    "glance": "from curate.pixels.glance import _network; _network()",
}
PRODUCT = "import numpy; print(numpy.full(4, 1e-40, numpy.float32) * numpy.float32(1))"


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_denormal_numbers_are_nothing_once_a_model_is_loaded(load: str) -> None:
    """A processor takes a hundred cycles for each: a look for text took three times as long, and found the same."""
    done = subprocess.run([sys.executable, "-c", f"{load}\n{PRODUCT}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[0.", "0.", "0.", "0.]"]
