"""The page on the dataset: its examples run, and it names what there is."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.emit.tasks import BUILDERS
from curate.policy import Policy, TaskOptions
from tests import synth
from tests.pipeline import make_release, make_workspace

PAGE = (Path(__file__).parents[2] / "docs" / "dataset.md").read_text(encoding="utf-8")


def test_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of Python runs over a release; the one for PyTorch where PyTorch is installed."""
    datasets = pytest.importorskip("datasets", reason="the package datasets is a development dependency")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    people = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in range(20, 23)]
    synth.write_archive(tmp_path / "source", people)
    policy = replace(Policy(), tasks=TaskOptions(("questions",)), split=replace(Policy().split, validation=0, test=0))
    make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "path" / "to" / "release", policy)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    for block in blocks[: 3 if _has_torch() else 2]:
        exec(block, names)  # noqa: S102  the page's own lines
    assert names["single"].num_rows == names["release"]["train"].num_rows == names["table"].num_rows > 0


def _has_torch() -> bool:
    from importlib.util import find_spec

    return find_spec("torch") is not None


def test_page_names_every_task() -> None:
    """A task that is not explained would not be found."""
    assert all(f"`{name}`" in PAGE for name in BUILDERS)
