"""Runners outlive the death of a worker: real processes, really killed."""

import os
import signal
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from curate.errors import WorkerLost
from flows.runners import Processes, persist, runner, spread


def die_once(mark: Path, number: int) -> int:
    """Kill the process that runs this, the first time; then return the number."""
    if number == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_always(number: int) -> int:
    """Kill the process that runs this, for one number each time."""
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_work_of_a_killed_process_is_done_elsewhere(tmp_path: Path) -> None:
    """One process of two is killed in the middle: every result comes, none twice."""
    with runner(2, None) as run:
        results = spread(run, partial(die_once, tmp_path / "mark"), range(6))
    assert results == list(range(6))
    assert (tmp_path / "mark").exists()


def test_work_that_kills_each_time_fails_alone() -> None:
    """What kills its process each time is a coded error; what ran beside it and after it succeeds."""
    local = Processes(2)
    with ThreadPoolExecutor(4) as callers:
        futures = [callers.submit(local, die_always, number) for number in range(4)]
    local.close()
    assert isinstance(futures[0].exception(), WorkerLost)
    assert [future.result() for future in futures[1:]] == [1, 2, 3]


def test_a_step_is_done_again_from_the_start(tmp_path: Path) -> None:
    """A step over a pool that breaks is done again in a new one; at last it is a coded error."""

    def step(work: object, pool: Executor) -> list[int]:
        return list(pool.map(work, range(3)))  # type: ignore[arg-type]  # either function of this module

    assert persist(partial(step, partial(die_once, tmp_path / "mark")), 1) == [0, 1, 2]
    with pytest.raises(WorkerLost):
        persist(partial(step, die_always), 1)
