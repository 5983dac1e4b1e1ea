"""The expectations of an erasure are held in a process of their own: the same verdicts, and it ends with ours."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate.erasure import holding
from curate.erasure.holding import Holder
from curate.errors import ContractBroken
from curate.release import hold_to_expectations, tables_of
from tests import synth
from tests.pipeline import make_release, make_workspace

PEOPLE = [synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100", report="jsonl") for seed in (70, 71)]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of two patients."""
    place = tmp_path_factory.mktemp("holding")
    synth.write_archive(place / "source", PEOPLE)
    make_release(place / "source", make_workspace(place / "ws"), place / "release")
    return place / "release"


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a command that starts anew: the library is not loaded."""
    monkeypatch.setattr(holding, "_LIBRARY", "nothing that is loaded")


@pytest.mark.usefixtures("unloaded")
def test_the_other_process_finds_what_ours_would(release: Path) -> None:
    """Suite by suite, check by check."""
    with Holder() as holder:
        told = holder.begin(release)()
    ours = [asdict(verdict) for verdict in hold_to_expectations([release])]
    assert told == json.loads(json.dumps(ours))  # JSON has no tuples
    assert {each["suite"] for each in told} >= {"image_text", "journal"}


@pytest.mark.usefixtures("unloaded")
def test_a_broken_contract_comes_back(release: Path, tmp_path: Path) -> None:
    """With its name and place, as it would be raised here."""
    copy = shutil.copytree(release, tmp_path / "copy")
    (path, *_) = tables_of(copy, "journal")
    pq.write_table(pq.read_table(path).drop_columns(["rule"]), path)
    with pytest.raises(ContractBroken) as here:
        hold_to_expectations([copy])
    with Holder() as holder, pytest.raises(ContractBroken) as there:
        holder.begin(copy)()
    assert (there.value.contract, there.value.where) == (here.value.contract, here.value.where)


def test_the_other_process_ends_when_nobody_asks() -> None:
    """The end of its input is the end of it: a killed erasure leaves no process."""
    command = [sys.executable, "-m", "curate.erasure.holding"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == ""
