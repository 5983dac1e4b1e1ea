"""Law 1 in what a command leaves behind, also when it fails: each branch, each place, each way to write a value.

The places are those outside the workspace's own secrets: release, DICOM output, maps that are printed, what is printed,
temporary files, the home folder with its caches, the working folder, Prefect's database and storage, staged tables, and
the names of files anywhere, the workspace's included. The ways are those of tests/canaries.py, fourteen for each value.
"""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import canaries, runs, synth
from tests.pipeline import modes

CURATE = Path(sys.executable).with_name("curate")
PEOPLE = [
    synth.patient(41, kinds=("CT",), instances=2, charset="ISO_IR 100", burn=True),
    synth.patient(42, kinds=("MR",), instances=2, charset="ISO_IR 192"),
]
PLANTED = sorted({canary for each in PEOPLE for canary in each.canaries})
PERSON = PEOPLE[0]
OPEN = ("release", "dicom", "printed", "tmp", "home", "cwd", "given")  # folders that anybody may see
INNER = ("prefect", "staging")  # of the workspace, and yet free of values
HEARS = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # which a job in the background ignores


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a source, and folders for whatever a command may leave."""

    root: Path

    @property
    def workspace(self) -> Path:
        """The workspace, whose secrets alone may hold values."""
        return self.root / "ws"

    def command(self, *arguments: object) -> "subprocess.Popen[bytes]":
        """Start `curate` with everything it may write to below the root."""
        for name in OPEN:
            (self.root / name).mkdir(exist_ok=True) if name not in {"release", "dicom"} else None
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "XDG_"))}
        home = {"TMPDIR": str(self.root / "tmp"), "HOME": str(self.root / "home"), "COLUMNS": "200"}
        with (self.root / "printed" / "out").open("ab") as out, (self.root / "printed" / "err").open("wb") as err:
            return subprocess.Popen(
                [CURATE, *map(str, arguments)],
                env={**kept, **home}, cwd=self.root / "cwd", stdout=out, stderr=err, start_new_session=True,
                preexec_fn=HEARS,  # noqa: PLW1509  no thread here
            )  # fmt: skip

    def run(self, *more: object, source: object = "") -> "subprocess.Popen[bytes]":
        """Start `curate run` on the source, or on another one."""
        ends = ("--release", self.root / "release", "--workspace", self.workspace)
        return self.command("run", source or self.root / "source", *ends, *more)

    def leaks(self) -> list[canaries.Hit]:
        """What can be found where nothing may be, names of the workspace's files included."""
        names = self.root / "given" / "names"
        names.write_text("\n".join(str(each.relative_to(self.workspace)) for each in self.workspace.rglob("*")))
        inner = [self.workspace / name for name in INNER]
        places = [each for each in (*(self.root / name for name in OPEN), *inner) if each.exists()]
        return canaries.sweep(places, PLANTED)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run that succeeded."""
    place = Place(tmp_path_factory.mktemp("footprints"))
    synth.write_archive(place.root / "source", PEOPLE)
    assert place.run().wait(280) == 0, (place.root / "printed" / "err").read_text()
    written = place.command("deidentify", place.root / "source", "--out", place.root / "dicom")
    assert written.wait(280) == 0, (place.root / "printed" / "err").read_text()
    return place


@pytest.mark.slow
def test_a_run_that_succeeds_leaves_no_value(done: Place) -> None:
    """Nothing in any place; whatever is in the workspace is for its owner alone."""
    assert (done.workspace / "prefect" / "prefect.db").exists()
    assert done.leaks() == []
    assert modes(done.workspace) == {0}


def policy(text: str) -> Callable[[Place], Sequence[object]]:
    """A run under this policy."""

    def arguments(place: Place) -> Sequence[object]:
        file = place.root / "policy.toml"
        file.write_text(text, encoding="utf-8")
        return *_run(place, "other"), "--policy", file

    return arguments


def _run(place: Place, release: str, source: object = "") -> Sequence[object]:
    return (
        "run", source or place.root / "source", "--release", place.root / "given" / release,
        "--workspace", place.workspace,
    )  # fmt: skip


def named_source(place: Place) -> Sequence[object]:
    """A source that does not exist, named after a patient."""
    return _run(place, "other", place.root / PERSON.name / PERSON.patient_id)


def standing_release(place: Place) -> Sequence[object]:
    """Something else stands where the release should be."""
    (place.root / "given" / "taken").mkdir(exist_ok=True)
    (place.root / "given" / "taken" / "file").touch()
    return _run(place, "taken")


def staged_file(place: Place) -> Path:
    """A table of the staged shard."""
    return next((place.workspace / "staging").glob("shard-*/data/*/*.parquet"))


def rewritten(place: Place, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Sequence[object]:
    """A staged table whose rows somebody changed."""
    file = staged_file(place)
    table = pq.read_table(file)
    pq.write_table(pa.Table.from_pylist([change(row) for row in table.to_pylist()], table.schema), file)
    return _run(place, "changed")


def broken_contract(place: Place) -> Sequence[object]:
    """Rows that no longer hold their expectations."""
    return rewritten(place, lambda row: {**row, "patient_key": PERSON.name})


def residue(place: Place) -> Sequence[object]:
    """A PatientID in what would be published, in every column that has the report or a part of it."""

    def change(row: dict[str, Any]) -> dict[str, Any]:
        changed = renamed(row, "Kerley", PERSON.patient_id)
        return {**changed, "text_sha256": hashlib.sha256(changed["report"].encode()).hexdigest()}

    return rewritten(place, change)


def renamed(node: Any, word: str, name: str) -> Any:
    """A row in which a word is a name wherever it stands."""
    if isinstance(node, dict):
        return {key: renamed(each, word, name) for key, each in node.items()}
    if isinstance(node, list):
        return [renamed(each, word, name) for each in node]
    return node.replace(word, name) if isinstance(node, str) else node


def failing_shard(place: Place) -> Sequence[object]:
    """A shard that nobody foresaw: a file stands where staging should be."""
    staging = place.workspace / "staging"
    staging.rename(place.workspace / "staging.away")
    staging.touch(0o600)
    return _run(place, "failed")


def unknown_patient(place: Place) -> Sequence[object]:
    """Somebody asks for a patient who is not there, by what could be anybody's name."""
    return "erase", place.root / "release", "--patient-id", PERSON.token("nobody"), "--workspace", place.workspace


def malformed_lines(place: Place) -> Sequence[object]:
    """Lines for `curate scrub` of which one is no JSON."""
    lines = place.root / "lines.jsonl"
    good = json.dumps({"id": "1", "text": f"Seen by Dr. {PERSON.spoken}.", "known": [PERSON.spoken]})
    lines.write_text(f'{good}\n{{"id": "2", "text": "{PERSON.patient_id}', encoding="utf-8")
    return "scrub", lines


def altered_release(place: Place) -> Sequence[object]:
    """A published file that somebody wrote a name into."""
    file = next((place.root / "release").rglob("*.parquet"))
    copy = place.workspace / "altered"  # where it may be: it holds a name now
    subprocess.run(["cp", "-r", place.root / "release", copy], check=True)
    (copy / file.relative_to(place.root / "release")).write_bytes(file.read_bytes() + PERSON.spoken.encode())
    return "check", copy, "--workspace", place.workspace


def exposed_workspace(place: Place) -> Sequence[object]:
    """A workspace that others can read."""
    (place.root / "open").mkdir(mode=0o755)
    (place.root / "open").chmod(0o755)
    return "run", place.root / "source", "--release", place.root / "given" / "x", "--workspace", place.root / "open"


@contextmanager
def cluster(scratch: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A Dask scheduler, and one worker with its scratch space there; yields the address and the scheduler."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    dask, host = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address = f"tcp://127.0.0.1:{port}"
    scheduler = subprocess.Popen([*dask, "scheduler", *host, "--port", str(port)], **quiet)
    own = ["--local-directory", str(scratch / "dask"), "--nthreads", "1", "--no-nanny"]
    worker = subprocess.Popen([*dask, "worker", address, *host, *own], **quiet)
    yield address, scheduler
    for process in (worker, scheduler):
        process.kill()
        process.wait(20)


FAILURES: list[tuple[Callable[[Place], Sequence[object]], int]] = [
    (policy(f"[text]\nthreshold = '{PERSON.spoken}'\n"), 2),
    (policy(f"[sources]\nopt_out = '{PERSON.patient_id}.csv'\n"), 2),
    (policy("[quality]\nreport_words = 5000\n"), 2),
    (named_source, 2),
    (exposed_workspace, 2),
    (unknown_patient, 2),
    (malformed_lines, 2),
    (altered_release, 3),
    (standing_release, 2),
    (broken_contract, 3),
    (residue, 4),
    (failing_shard, 1),
]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(FAILURES)))
def test_a_command_that_fails_leaves_no_value(done: Place, tmp_path: Path, number: int) -> None:
    """One line on stderr, the right exit code, and nothing anywhere, whatever it was that failed."""
    prepare, code = FAILURES[number]
    place = Place(tmp_path / "place")
    subprocess.run(["cp", "-a", done.root, place.root], check=True)
    (place.workspace / "source").write_bytes(os.fsencode(place.root / "source"))
    assert place.command(*prepare(place)).wait(280) == code, (place.root / "printed" / "err").read_text()
    told = (place.root / "printed" / "err").read_text()
    assert told.splitlines()[-1].startswith("curate: ")
    assert "Traceback" not in told
    if prepare in {residue, broken_contract}:
        (place.workspace / "staging").rename(place.workspace / "touched")  # the names that the test wrote into it
    assert place.leaks() == []


def at_work(place: Place, *more: object) -> "subprocess.Popen[bytes]":
    """A run that has begun with a shard."""
    running = place.run(*more)
    until = time.monotonic() + 200
    while not [*(place.workspace / "staging").glob(".shard-*")] and time.monotonic() < until:
        time.sleep(0.1)
    assert running.poll() is None, (place.root / "printed" / "err").read_text()
    return running


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_value(tmp_path: Path) -> None:
    """SIGKILL while the shards are made: nothing in temporary files, databases, or half-made tables."""
    place = Place(tmp_path)
    synth.write_archive(place.root / "source", PEOPLE)
    running = at_work(place)
    time.sleep(3)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert place.leaks() == []


@pytest.mark.slow
def test_workers_that_are_killed_each_time_leave_no_value(tmp_path: Path) -> None:
    """Every process that takes the shard dies of it: one line that says so."""
    place = Place(tmp_path)
    synth.write_archive(place.root / "source", PEOPLE)
    running = at_work(place)
    while running.poll() is None:
        for worker in runs.workers_of(running.pid):
            os.kill(worker, signal.SIGKILL)
        time.sleep(0.2)
    assert running.returncode == 1
    assert (place.root / "printed" / "err").read_text().splitlines()[-1].startswith("curate: ")
    assert place.leaks() == []


@pytest.mark.slow
def test_a_cluster_that_is_lost_leaves_no_value(tmp_path: Path) -> None:
    """The Dask scheduler goes while its worker is at a shard; the scratch space of the worker is a place too."""
    place = Place(tmp_path)
    synth.write_archive(place.root / "source", PEOPLE)
    with cluster(place.root / "tmp") as (address, scheduler):
        running = at_work(place, "--dask", address)
        scheduler.kill()
        assert running.wait(280) == 2, (place.root / "printed" / "err").read_text()
        assert "scheduler was lost" in (place.root / "printed" / "err").read_text().splitlines()[-1]
    assert place.leaks() == []


@pytest.mark.slow
def test_a_review_that_is_stopped_leaves_no_value(done: Place, tmp_path: Path) -> None:
    """Ctrl-C while the pages are served: its sample, pages and outcome lie in the workspace."""
    place = Place(tmp_path / "place")
    subprocess.run(["cp", "-a", done.root, place.root], check=True)
    reviewing = place.command("review", place.root / "release", "--workspace", place.workspace)
    until = time.monotonic() + 200
    while b"Ctrl-C" not in (place.root / "printed" / "out").read_bytes() and time.monotonic() < until:
        time.sleep(0.1)
    reviewing.send_signal(signal.SIGINT)
    assert reviewing.wait(200) == 0, (place.root / "printed" / "err").read_text()
    assert b"In words" in (place.root / "printed" / "out").read_bytes()
    assert place.leaks() == []
    assert modes(place.workspace) == {0}


@pytest.mark.heavy
def test_a_server_that_is_lost_leaves_no_value(tmp_path: Path) -> None:
    """Prefect's own server goes while a shard is made; its client tries again for minutes, then one line says so."""
    place = Place(tmp_path)
    synth.write_archive(place.root / "source", PEOPLE)
    running = at_work(place)
    told = subprocess.run(["pgrep", "-P", str(running.pid), "-f", "prefect server"], capture_output=True, check=True)
    os.kill(int(told.stdout.split()[0]), signal.SIGKILL)
    assert running.wait(400) == 2, (place.root / "printed" / "err").read_text()
    assert "server was lost" in (place.root / "printed" / "err").read_text().splitlines()[-1]
    assert place.leaks() == []
