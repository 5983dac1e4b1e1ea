"""Whatever is killed, the same command finishes, does nothing twice, and gives the bytes of an undisturbed run."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline import digests
from tests.prefect_server import server
from tests.runs import committed, prepare, start, workers_of


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a run: a server that stays, so that each run starts at once."""
    with server(tmp_path_factory.mktemp("prefect")) as found:
        yield {**os.environ, **found}


def start_until(shards: int, place: Path, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A run that has its workers and so many committed shards, so that no machine is too fast to be killed."""
    running = start(place, settings)
    while running.poll() is None and not (workers_of(running.pid) and len(committed(place)) >= shards):
        time.sleep(0.02)
    return running


def test_killed_workers_and_flows_change_no_byte(tmp_path: Path, settings: dict[str, str]) -> None:
    """SIGKILL of workers and of whole runs at drawn moments; committed shards are not done again."""
    calm, wild = prepare(tmp_path / "calm"), prepare(tmp_path / "wild")
    assert start(calm, settings).wait(300) == 0, (calm / "log").read_text()
    draw, seen, losses = random.Random(11), {}, 0
    for more in (0, 1, 2, 1, 2):
        running = start_until(len(seen) + more, wild, settings)
        time.sleep(draw.uniform(0, 0.25))
        for worker in workers_of(running.pid)[:1]:
            os.kill(worker, signal.SIGKILL)
            losses += 1
        time.sleep(draw.uniform(0, 0.25))
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
    running = start_until(1, place, settings)
    for worker in workers_of(running.pid)[:1]:
        os.kill(worker, signal.SIGKILL)
    assert running.wait(300) == 0, (place / "log").read_text()
    assert len(committed(place)) > 3


def test_killed_run_goes_on_under_its_own_policy_alone(tmp_path: Path, settings: dict[str, str]) -> None:
    """A run that was killed is not gone on with under another policy: one line names both digests, nothing changes."""
    place = prepare(tmp_path / "two")
    running = start_until(1, place, settings)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = committed(place)
    policy = (place / "policy.toml").read_text(encoding="utf-8")
    (place / "policy.toml").write_text(policy + "[text]\nreplacement = 'placeholder'\n", encoding="utf-8")
    assert start(place, settings).wait(300) == 2
    assert "was killed under another policy" in (place / "log").read_text(encoding="utf-8")
    assert committed(place) == before
    (place / "policy.toml").write_text(policy, encoding="utf-8")
    assert start(place, settings).wait(300) == 0, (place / "log").read_text(encoding="utf-8")
