"""Files per CPU-second of header de-identification, beside other tools and beside a bare copy through pydicom.

    python tests/benchmarks/headers.py [--rounds 5] [--sets ct dx ...] [--path plain encoded] [--json FILE]

Each peer lives in a virtual environment of its own under --cache, and runs in a process of its own, pinned to one
core; the order of the peers turns around from round to round. See docs/benchmarks.md for what the figures mean.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from header_corpus import Patient, build  # noqa: E402
from header_peer import OURS, PEERS  # noqa: E402

OTHERS = [peer for peer in PEERS if peer not in OURS and peer != "pydicom"]
# Patients and files of each; the last patient's first file warms up and is not counted.
SIZES = {"ct": (3, 50), "ct-single": (60, 1), "dx": (6, 1), "us": (5, 1), "us-jpeg": (6, 4)}
_GENERATOR = {"ct-single": "ct"}


@dataclass
class Peer:
    """A peer, the Python that runs it, and what was measured."""

    name: str
    python: Path
    results: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    @property
    def rates(self) -> list[float]:
        """Files per CPU-second, one for each round, sorted."""
        return sorted(each["files"] / each["cpu_seconds"] for each in self.results)

    @property
    def rate(self) -> float:
        """The median of the rounds; 0 when there was none."""
        return statistics.median(self.rates) if self.results else 0.0


def main() -> None:
    """Measure and print; a peer that cannot be installed or fails is named, and the others go on."""
    arguments = parse()
    pythons = {name: install(name, arguments.cache) for name in arguments.peers}
    ours = [path for path in arguments.path if path == "plain" or find_spec("curate.dicom.encoded")]
    report: dict[str, Any] = {"machine": machine(), "rounds": arguments.rounds, "sets": {}}
    print(report["machine"], flush=True)
    for name in arguments.sets:
        with tempfile.TemporaryDirectory(dir=arguments.cache) as folder:
            peers = [Peer(each, Path(sys.executable)) for each in ("pydicom", *ours)]
            peers += [Peer(each, python or Path(), failure="" if python else "cannot be installed")
                      for each, python in pythons.items()]  # fmt: skip
            report["sets"][name] = compare(name, peers, Path(folder), arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def parse() -> argparse.Namespace:
    """Read the command line."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "radcurate-benchmarks"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--path", nargs="+", choices=sorted(OURS), default=["plain", "encoded"])
    parser.add_argument("--peers", nargs="*", choices=OTHERS, default=OTHERS)
    parser.add_argument("--cache", type=Path, default=home, help="where the environments of the peers are kept")
    parser.add_argument("--core", type=int, default=(os.cpu_count() or 1) - 1)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    return arguments


def install(name: str, cache: Path) -> Path | None:
    """The Python of a peer's own environment, made on first use; None, told, when it cannot be installed."""
    folder = cache / f"{name}-py{sys.version_info.major}{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    print(f"installing {name}", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", name], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{name} cannot be installed: {last_line(done.stderr)}", flush=True)
        return None
    (folder / "complete").touch()
    return python


def compare(name: str, peers: list[Peer], folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """All rounds over one set, forward and backward in turn."""
    studies, size = SIZES[name]
    patients = build(folder / "corpus", _GENERATOR.get(name, name), studies + 1, size)
    job = folder / "job.json"
    counted, warm_up = patients[:-1], patients[-1].files[0]
    job.write_text(json.dumps({"warm_up": str(warm_up), "patients": [list(map(str, each.files)) for each in counted]}))
    for turn in range(arguments.rounds):
        for peer in peers if turn % 2 == 0 else reversed(peers):
            if not peer.failure:
                measure(peer, job, folder / "out", arguments.core)
            if turn == 0 and not peer.failure:
                peer.results[0]["outputs"], peer.results[0]["with_name"] = inspect(folder / "out", counted)
    files = [path for each in counted for path in each.files]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    print_table(f"{name}: {studies} patients, {len(files)} files, {megabytes:.0f} MB", peers)
    return {each.name: {"failure": each.failure, "rounds": each.results, "median": each.rate} for each in peers}


def measure(peer: Peer, job: Path, out: Path, core: int) -> None:
    """One peer, one round, one process."""
    command = [str(each) for each in (peer.python, HERE / "header_peer.py", peer.name, out, job, core)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    if peer.name in OURS:
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        peer.failure, peer.results = last_line(done.stderr), []
    else:
        peer.results.append(json.loads(done.stdout.splitlines()[-1]))


def inspect(out: Path, patients: list[Patient]) -> tuple[int, int]:
    """How many files a peer wrote, and how many hold the family name or the PatientID of any patient of the set.

    No measure of leaks (that is another benchmark), but of whether a peer did its work at all.
    """
    wanted = {each.person.family.lower().encode() for each in patients}
    wanted |= {each.person.patient_id.lower().encode() for each in patients}
    written = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    heads = [content[: 1 << 17].lower() for content in written]  # no header of the corpus is longer
    return len(written), sum(any(each in head for each in wanted) for head in heads)


def print_table(title: str, peers: list[Peer]) -> None:
    """One row a peer: rate, ratios, peak memory, files written and files with a name left in them."""
    rates = {each.name: each.rate for each in peers}
    print(f"\n{title}\n")
    print("| peer | files/CPU-s, median [min-max] | x pydicom | x dcmanon | peak MiB | written | name left |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for peer in peers:
        if peer.failure:
            print(f"| {peer.name} | {peer.failure} | | | | | |")
            continue
        first, span = peer.results[0], f"{peer.rate:.1f} [{peer.rates[0]:.1f}-{peer.rates[-1]:.1f}]"
        ratios = " | ".join(ratio(peer.rate, rates.get(each, 0)) for each in ("pydicom", "dcmanon"))
        memory = max(each["peak_mib"] for each in peer.results)
        named = f"{first['outputs']} | {first['with_name']}"
        print(f"| {peer.name} {first['version']} | {span} | {ratios} | {memory:.0f} | {named} |")
    sys.stdout.flush()


def ratio(rate: float, other: float) -> str:
    """A ratio of two rates, or a dash where the other was not measured."""
    return f"{rate / other:.2f}" if other else "-"


def machine() -> str:
    """The machine in general terms."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, load {load:.1f}"
    )


def last_line(text: str) -> str:
    """The last line of what a program said."""
    return ["", *text.strip().splitlines()][-1][:160]


if __name__ == "__main__":
    main()
