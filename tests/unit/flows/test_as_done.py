"""Shards under way: some of them at a time, each once, in the order in which they end."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from curate.records import Shard, ShardSummary
from flows import curate_dataset as flow

SHARDS = [Shard(f"{number:03x}", "0" * 64, 1, 1, 1) for number in range(40)]


class Threads:
    """Starts work on threads, as a task of Prefect does, and counts what was started and has not been taken."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool, self.open, self.most = pool, 0, 0

    def submit(self, shard: Shard, run: Callable[[Shard], ShardSummary]) -> Future[ShardSummary]:
        """Start one."""
        self.open += 1
        self.most = max(self.most, self.open)
        return self.pool.submit(run, shard)

    def taken(self, futures: Iterator[Any]) -> Iterator[Any]:
        """Pass on what has ended."""
        for future in futures:
            self.open -= 1
            yield future


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Threads]:
    """Threads in place of Prefect's tasks, and five of them under way."""
    with ThreadPoolExecutor() as pool:
        made = Threads(pool)
        monkeypatch.setattr(flow, "curate_one", made)
        monkeypatch.setattr(flow, "_UNDER_WAY", 5)
        yield made


def summary(shard: Shard) -> ShardSummary:
    """What came of a shard, later or sooner."""
    time.sleep(int(shard.prefix, 16) % 3 / 500)
    return ShardSummary(shard.prefix, 1, 1, 0, 1, {})


def test_each_shard_is_done_once_and_few_wait(threads: Threads) -> None:
    """However many shards there are, no more are started than may be under way."""
    done = [each.result().prefix for each in threads.taken(flow.as_done(SHARDS, summary))]
    assert sorted(done) == [each.prefix for each in SHARDS]
    assert threads.most == 5


def test_no_shard_is_started_after_one_failed_for_good(threads: Threads) -> None:
    """What a shard raises comes out of its future, and those that wait are left."""
    calls = count()

    def broken(_shard: Shard) -> ShardSummary:
        next(calls)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        next(flow.as_done(SHARDS, broken)).result()
    threads.pool.shutdown()
    assert next(calls) <= 5


def test_fewer_shards_than_may_be_under_way(threads: Threads) -> None:
    """None, and two."""
    assert not list(flow.as_done([], summary))
    assert len(list(flow.as_done(SHARDS[:2], summary))) == 2
    assert threads.most == 2


def test_the_largest_shards_are_started_first(threads: Threads) -> None:
    """Whatever their order: none of the largest is what the end waits for."""
    began: list[int] = []
    sized = [replace(shard, bytes=number * 7 % 40) for number, shard in enumerate(SHARDS)]

    def noted(shard: Shard) -> ShardSummary:
        began.append(shard.bytes)
        return summary(shard)

    assert len(list(flow.as_done(sized, noted))) == len(sized)
    assert set(began[:5]) == set(range(35, 40))
    assert began[-1] < 5
