"""Whole runs of the command line in processes of their own, to be killed."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests import synth
from tests.pipeline import make_workspace

COMMAND = "from flows.cli import main; main()"
POLICY = "[output]\nshard_bytes = 30000\n"
PEOPLE = [synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100", report="txt") for seed in range(80, 92)]


def start(place: Path, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """`curate run` with two workers, in a process group of its own."""
    arguments = ["run", str(place / "source"), "--release", str(place / "release"), "--workspace", str(place / "ws")]
    arguments += ["--policy", str(place / "policy.toml"), "--workers", "2"]
    with (place / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments], env=settings, stdout=log, stderr=log, start_new_session=True
        )


def prepare(place: Path, people: Sequence[synth.Patient] = tuple(PEOPLE)) -> Path:
    """Source, policy, and a workspace with a known key."""
    place.mkdir()
    synth.write_archive(place / "source", people)
    (place / "policy.toml").write_text(POLICY, encoding="utf-8")
    make_workspace(place / "ws")
    return place


def committed(place: Path) -> dict[str, int]:
    """Every shard that is committed, with the moment."""
    return {
        path.parent.name: path.stat().st_mtime_ns for path in (place / "ws" / "staging").glob("shard-*/summary.json")
    }


def workers_of(parent: int) -> list[int]:
    """The processes that a process started, without the resource tracker of Python."""
    told = (path.read_text(encoding="ascii") for path in Path(f"/proc/{parent}/task").glob("*/children"))
    found = [each for line in told for each in line.split()]
    return [int(each) for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
