"""Growth: wall time, CPU time and peak memory of `curate run` against the size of the archive, as a table and a plot.

    python -m tests.benchmarks.growth [--instances 1000 10000] [--workers 2] [--shard-bytes N] [--plot FILE.svg]
        [--json FILE]

Small synthetic instances (CT and US of 32 x 48 pixels to 64 x 80, with private blocks and all else that headers have)
and a report for each patient, each archive run in a workspace of its own, in shards of 10 MB (seconds of work each).
Linear time and flat memory are what is meant.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks import whole

_SHARD = 10_000_000  # bytes
_A_PATIENT = 4  # instances of one in `whole.archive`
_TITLES = {"wall_s": "seconds, up to", "peak_mib": "MiB of the largest process, up to"}
_WIDE, _HIGH, _EDGE = 640, 220, 50  # of a plot


def measure(instances: int, workers: int, shard: int, place: Path) -> dict[str, Any]:
    """One size: seconds and MiB of the largest process."""
    made = whole.archive(place / "source", instances // _A_PATIENT, large=False)
    (place / "run").mkdir()
    wall, cpu = whole.ours(place / "source", place / "run", workers, shard)
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {"instances": made, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "peak_mib": held}


def alone(instances: int, workers: int, shard: int) -> dict[str, Any]:
    """One size in a process of its own, whose children's peak is then that of this size alone."""
    command = [sys.executable, "-m", "tests.benchmarks.growth", "--one", "--instances", str(instances)]
    command += ["--workers", str(workers), "--shard-bytes", str(shard)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def plot(rows: list[dict[str, Any]]) -> str:
    """Wall seconds (left scale) and peak MiB (right scale) against instances, as SVG."""
    most = {name: max(row[name] for row in rows) for name in ("instances", "wall_s", "peak_mib")}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="sans-serif">',
        "<style>text { font-size: 12px }</style>",
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="white"/>',
        f'<path d="M{_EDGE},20V{_HIGH - 30}H{_WIDE - _EDGE}V20" fill="none" stroke="#999"/>',
    ]
    for name, colour, at, side in (("wall_s", "#1f6f8b", 8, "start"), ("peak_mib", "#b5532a", _WIDE - 8, "end")):
        points = [_point(row["instances"] / most["instances"], row[name] / most[name]) for row in rows]
        lines.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(
            f'<text x="{at}" y="14" text-anchor="{side}" fill="{colour}">{_TITLES[name]} {most[name]:g}</text>'
        )
    for row in rows:
        x = _point(row["instances"] / most["instances"], 0).split(",")[0]
        lines.append(f'<text x="{x}" y="{_HIGH - 12}" text-anchor="middle">{row["instances"]:,}</text>')
    return "\n".join([*lines, "</svg>"])


def _point(along: float, up: float) -> str:
    return f"{_EDGE + along * (_WIDE - 2 * _EDGE):.0f},{_HIGH - 30 - up * (_HIGH - 60):.0f}"


def main() -> None:
    """Measure every size, print a line each, and what a further instance costs between two sizes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--instances", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shard-bytes", type=int, default=_SHARD)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if asked.one:
        with tempfile.TemporaryDirectory() as scratch:
            sys.stdout.write(json.dumps(measure(asked.instances[0], asked.workers, asked.shard_bytes, Path(scratch))))
        return
    rows = []
    for instances in asked.instances:
        rows.append(alone(instances, asked.workers, asked.shard_bytes))
        print(*(f"{name}={value}" for name, value in rows[-1].items()), flush=True)
    for less, more in pairwise(rows):
        cost = (more["wall_s"] - less["wall_s"]) / (more["instances"] - less["instances"])
        print(f"{less['instances']} to {more['instances']}: {1000 * cost:.1f} ms a further instance")
    if asked.plot:
        asked.plot.write_text(plot(rows), encoding="utf-8")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
