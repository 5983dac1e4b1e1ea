"""SIGKILL at drawn moments of publishing, of erasing, and of whole runs; after each, what stands is whole.

    python -m tests.benchmarks.kills [--publish 500] [--erase 500] [--run 200] [--seed 1]

A release that is neither absent nor byte for byte the undisturbed one ends the benchmark with an error; so does a shard
that was committed and is made again. What was killed is gone on with, until it is done; then it begins anew.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curate import manifest
from curate.catalog import Catalog, plan
from curate.erasure import certificate, erase
from curate.policy import OutputOptions, Policy
from curate.release import Staging, hold_to_expectations, publish
from curate.separation import derive, separate
from curate.shard import circumstances
from tests import runs
from tests.pipeline import digests, make_release
from tests.prefect_server import server

_POLICY = replace(Policy(), output=replace(OutputOptions(), shard_bytes=30_000))
_PERSON = runs.PEOPLE[2].patient_id
_TOLD = 20  # deeds between two words of progress
_SPARE = 1.1  # of the time of an undisturbed one: some are done before they are killed


@dataclass(frozen=True, slots=True)
class Deed:
    """What is killed: its work, done in a process of its own, what must hold after it, and what begins it anew."""

    work: Callable[[], object]
    holds: Callable[[], str]
    anew: Callable[[], object]


def publishing(place: Path) -> Deed:
    """Publish a staged run; what stands is nothing or the release."""
    make_release(place / "source", place / "ws", place / "wanted", _POLICY)
    wanted = digests(place / "wanted")

    def holds() -> str:
        if not (place / "release").exists():
            return "absent"
        assert digests(place / "release") == wanted
        return "published"

    return Deed(Publication(place), holds, lambda: shutil.rmtree(place / "release", ignore_errors=True))


@dataclass(frozen=True, slots=True)
class Publication:
    """The last step of a run."""

    place: Path

    def __call__(self) -> None:
        """Separate, hold to expectations, publish."""
        workspace = self.place / "ws"
        shards = plan(Catalog(workspace / "catalog"), _POLICY.output.shard_bytes, circumstances(_POLICY, None))
        staging = separate(Staging(shards, workspace, _POLICY))
        derive(staging)
        publish(staging, hold_to_expectations(staging.folders), self.place / "release")


def erasing(place: Path) -> Deed:
    """Erase a patient; what stands is the release before or the one after, and it ends with a certificate."""
    make_release(place / "source", place / "ws", place / "release", _POLICY)
    kept = place / "kept"
    for name in ("ws", "release"):
        shutil.copytree(place / name, kept / name)
    before = digests(place / "release")
    erase(place / "release", _PERSON, place / "ws")
    after = digests(place / "release")

    def anew() -> None:
        for name in ("ws", "release"):
            shutil.rmtree(place / name)
            shutil.copytree(kept / name, place / name)

    def holds() -> str:
        found = digests(place / "release")
        assert found in (before, after)
        manifest.verify(place / "release", manifest.read(place / "release"))
        assert all(map(certificate.verify, (place / "ws").glob("erasures/*.certificate.json")))
        return "old" if found == before else "new"

    anew()
    return Deed(Erasing(place), holds, anew)


@dataclass(frozen=True, slots=True)
class Erasing:
    """The erasure of one patient."""

    place: Path

    def __call__(self) -> None:
        """Erase."""
        erase(self.place / "release", _PERSON, self.place / "ws")


def killed(work: Callable[[], object], after: float | None) -> tuple[float, bool]:
    """Do work in a fresh process and kill it after some seconds; returns how long it lived, and whether it was done."""
    process = multiprocessing.get_context("forkserver").Process(target=work)
    began = time.monotonic()
    process.start()
    process.join(after)
    process.kill()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return time.monotonic() - began, process.exitcode == 0


def hunt(deed: Deed, times: int, draw: random.Random) -> Iterator[str]:
    """Kill so many times; tell what stood after each."""
    killed(deed.work, None)
    deed.anew()
    lasts, _ = killed(deed.work, None)
    deed.anew()
    while times:
        _, done = killed(deed.work, draw.uniform(0, _SPARE * lasts))
        yield deed.holds() if not done else "done before"
        times -= not done
        if done:
            deed.holds()
            deed.anew()


def whole_runs(place: Path, times: int, draw: random.Random) -> Iterator[str]:
    """Kill workers and runs of the command line; what is committed is not done again."""
    (place / "prefect").mkdir()
    with server(place / "prefect") as found:
        settings = {**os.environ, **found}
        calm = runs.prepare(place / "calm")
        assert runs.start(calm, settings).wait(600) == 0
        wanted, wild, seen = digests(calm / "release"), runs.prepare(place / "wild"), dict[str, int]()
        while times:
            running = runs.start(wild, settings)
            time.sleep(draw.uniform(5, 45))  # starting alone takes some ten seconds
            for worker in runs.workers_of(running.pid)[: draw.randrange(2)] if running.poll() is None else []:
                os.kill(worker, signal.SIGKILL)
            done = running.poll() is not None
            if not done:
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            now = runs.committed(wild)
            assert {name: moment for name, moment in now.items() if name in seen} == seen
            seen, stands = now, (wild / "release").exists()
            assert not stands or digests(wild / "release") == wanted
            yield "done before" if done else "published" if stands else f"absent, {len(now)} shards"
            times -= not done
            if stands:
                shutil.rmtree(wild)
                wild, seen = runs.prepare(place / "wild"), {}


def tell(name: str, stood: Iterator[str]) -> None:
    """Print how often each state stood, and now and then how far it is."""
    began, counts = time.monotonic(), Counter[str]()
    for state in stood:
        counts[state] += 1
        if sum(counts.values()) % _TOLD == 0:
            print(f"{name}: {sum(counts.values())} so far", file=sys.stderr, flush=True)
    kills = sum(counts.values()) - counts["done before"]
    told = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
    print(f"{name}: {kills} kills, 0 broken ({told}) in {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Kill, and print a line for each deed."""
    parser = argparse.ArgumentParser()
    for name, times in (("publish", 500), ("erase", 500), ("run", 200)):
        parser.add_argument(f"--{name}", type=int, default=times)
    parser.add_argument("--seed", type=int, default=1)
    asked: Any = parser.parse_args()
    multiprocessing.set_forkserver_preload(["curate.release", "curate.erasure", "great_expectations", "tests.runs"])
    draw = random.Random(asked.seed)
    for name, make in (("publish", publishing), ("erase", erasing)):
        with tempfile.TemporaryDirectory() as scratch:
            place = runs.prepare(Path(scratch) / name)
            tell(name, hunt(make(place), getattr(asked, name), draw))
    with tempfile.TemporaryDirectory() as scratch:
        tell("run", whole_runs(Path(scratch), asked.run, draw))


if __name__ == "__main__":
    main()
