"""Models: what they compute with is no number too small to matter, and nothing else of the process knows."""

import platform
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest

from curate.networks import Network

GLANCE = files("curate.pixels") / "data" / "glance.onnx"
FRAME = np.zeros((1, 1, 64, 64), np.float32)
RUNS = {
    "tagger": "from curate.text.tagger import Tagger; Tagger().find(['Seen by Dr. Quillfeather.'])",
    "glance": "from curate.pixels.glance import _look; _look(numpy.zeros((64, 64), numpy.uint8))",
}
PRODUCT = "print(*(numpy.full(2, 1e-40, numpy.float32) * numpy.float32(1)))"


def product() -> list[float]:
    """What becomes of denormal numbers."""
    return (np.full(4, 1e-40, np.float32) * np.float32(1)).tolist()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only there it is known how, and what it costs")
def test_denormal_numbers_are_nothing_while_a_model_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor takes a hundred cycles for each: a look for text took three times as long, and found the same."""
    network, seen = Network(GLANCE), list[list[float]]()
    run = network._session.run
    monkeypatch.setattr(network._session, "run", lambda *given: (seen.append(product()), run(*given))[1])
    assert network(FRAME).shape == (1, 1, 8, 8)
    assert seen == [[0.0] * 4]


def test_they_are_what_they_were_when_it_has_run_or_failed() -> None:
    """Numbers of the rest of a process are none of its business."""
    network, before = Network(GLANCE), product()
    network(FRAME)
    assert product() == before != [0.0] * 4
    with pytest.raises(Exception, match="rank"):
        network(FRAME[0])
    assert product() == before


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_so_they_are_in_a_process_that_has_run_a_model(run: str) -> None:
    """The first session of a process decides for all, if it is asked to."""
    done = subprocess.run([sys.executable, "-c", f"import numpy; {run}; {PRODUCT}"], capture_output=True, check=True)
    assert done.stdout.split() == [b"1e-40", b"1e-40"]


def test_it_shows_nothing_of_the_machine() -> None:
    """A representation may end in a log."""
    assert repr(Network(GLANCE)) == "<Network>"
