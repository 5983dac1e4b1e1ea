"""Whatever is killed, the same command finishes, does nothing twice, and gives the bytes of an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import synth
from tests.pipeline import digests, make_workspace
from tests.prefect_server import server

COMMAND = "from flows.cli import main; main()"
POLICY = "[output]\nshard_bytes = 30000\n"
PEOPLE = [synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100", report="txt") for seed in range(80, 92)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a run: a server that stays, so that each run starts at once."""
    with server(tmp_path_factory.mktemp("prefect")) as found:
        yield {**os.environ, **found}


def start(place: Path, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """`curate run` with two workers, in a process group of its own."""
    arguments = ["run", str(place / "source"), "--release", str(place / "release"), "--workspace", str(place / "ws")]
    arguments += ["--policy", str(place / "policy.toml"), "--workers", "2"]
    with (place / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments], env=settings, stdout=log, stderr=log, start_new_session=True
        )


def prepare(place: Path) -> Path:
    """Source, policy, and a workspace with a known key."""
    place.mkdir()
    synth.write_archive(place / "source", PEOPLE)
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


def test_killed_workers_and_flows_change_no_byte(tmp_path: Path, settings: dict[str, str]) -> None:
    """SIGKILL of workers and of whole runs at drawn moments; committed shards are not done again."""
    calm, wild = prepare(tmp_path / "calm"), prepare(tmp_path / "wild")
    assert start(calm, settings).wait(300) == 0, (calm / "log").read_text()
    draw, seen, losses = random.Random(11), {}, 0
    for _ in range(5):
        running = start(wild, settings)
        while running.poll() is None and not workers_of(running.pid):
            time.sleep(0.05)
        time.sleep(draw.uniform(0.5, 3.5))
        for worker in workers_of(running.pid)[:1]:
            os.kill(worker, signal.SIGKILL)
            losses += 1
        time.sleep(draw.uniform(0, 2.5))
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        now = committed(wild)
        assert {name: moment for name, moment in now.items() if name in seen} == seen
        seen = now
        assert not (wild / "release").exists() or digests(wild / "release") == digests(calm / "release")
    assert losses >= 3
    assert start(wild, settings).wait(300) == 0, (wild / "log").read_text()
    assert digests(wild / "release") == digests(calm / "release")
    assert {name: moment for name, moment in committed(wild).items() if name in seen} == seen


def test_run_goes_on_when_a_worker_is_killed(tmp_path: Path, settings: dict[str, str]) -> None:
    """One worker of two is killed while shards are made: the same run publishes the whole."""
    place = prepare(tmp_path / "one")
    running = start(place, settings)
    while running.poll() is None and not committed(place):
        time.sleep(0.05)
    for worker in workers_of(running.pid)[:1]:
        os.kill(worker, signal.SIGKILL)
    assert running.wait(300) == 0, (place / "log").read_text()
    assert len(committed(place)) > 3
