"""curate status tells how far a workspace is, in counts, while a run is under way and after it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem
from curate.privacy.workspace import lock
from curate.standing import standing
from tests import synth
from tests.pipeline import make_release, make_workspace


def test_counts_are_those_of_the_release(tmp_path: Path) -> None:
    """What is indexed, committed and refused; nothing in it is a value of the source."""
    people = [synth.patient(seed, kinds=("CT",), instances=1, report="txt") for seed in (1, 2)]
    synth.write_archive(tmp_path / "source", people)
    (tmp_path / "source" / "empty.dcm").touch()
    workspace = make_workspace(tmp_path / "ws")
    assert standing(workspace)["indexed"]["instances"] == 0
    facts = make_release(tmp_path / "source", workspace, tmp_path / "release")
    found = standing(workspace)
    assert found["indexed"] == {name: facts["counts"][f"{name}_in"] for name in found["indexed"]}
    assert found["shards"] == {"committed": 1, "unfinished": 0}
    assert found["refused"] == {**facts["counts"]["quarantined"], **facts["counts"]["refused_by_policy"]}
    assert not found["running"]
    with lock(workspace):
        assert standing(workspace)["running"]
    with pytest.raises(PolicyError) as refused:
        standing(tmp_path / "nowhere")
    assert refused.value.problem is Problem.WORKSPACE_UNUSED


def test_command_prints_json(tmp_path: Path) -> None:
    """--json is one object; without it, lines for people."""
    workspace = make_workspace(tmp_path / "ws")
    command = [sys.executable, "-c", "from flows.cli import main; main()", "status", "--workspace", str(workspace)]
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout
    assert json.loads(told)["shards"] == {"committed": 0, "unfinished": 0}
    assert "No run is under way." in subprocess.run(command, capture_output=True, text=True, check=True).stdout
