"""Law 3: order, shard size, number of workers, and a kill followed by a resume change nothing in the release."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from curate.policy import Policy
from tests import synth
from tests.pipeline import digests, make_release, make_workspace, rows

PATIENTS = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in range(20, 25)]
SMALL = replace(Policy(), output=replace(Policy().output, shard_bytes=1))  # one patient a shard


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of five patients."""
    place = tmp_path_factory.mktemp("law3") / "source"
    synth.write_archive(place, PATIENTS)
    return place


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a release made by one process without disturbance."""
    root = tmp_path_factory.mktemp("undisturbed")
    make_release(source, make_workspace(root / "ws"), root / "release", SMALL)
    return digests(root / "release")


def test_two_workers_make_the_bytes_of_one(source: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """Shards in two processes, finished in any order, make the same release."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        make_release(source, make_workspace(tmp_path / "ws"), tmp_path / "release", SMALL, pool)
    assert digests(tmp_path / "release") == undisturbed


def test_order_and_names_of_files_change_nothing(undisturbed: dict[str, str], tmp_path: Path) -> None:
    """The same archive written in reverse, under other folder names, makes the same release."""
    place = tmp_path / "elsewhere"
    synth.write_archive(place, PATIENTS[::-1])
    for number, folder in enumerate(sorted(each for each in place.iterdir() if each.name != "reports")):
        folder.rename(place / f"{9 - number}")
    make_release(place, make_workspace(tmp_path / "ws"), tmp_path / "release", SMALL)
    assert digests(tmp_path / "release") == undisturbed


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_archive_makes_the_bytes_of_its_directory(
    source: Path, undisturbed: dict[str, str], tmp_path: Path, kind: str
) -> None:
    """The same studies out of an archive make the same release."""
    packed = shutil.make_archive(str(tmp_path / "packed"), kind, source)
    make_release(packed, make_workspace(tmp_path / "ws"), tmp_path / "release", SMALL)
    assert digests(tmp_path / "release") == undisturbed


def test_shard_size_changes_no_row(source: Path, tmp_path: Path) -> None:
    """Rows do not depend on how patients are divided into shards; only the policy's own digest differs."""
    found = []
    for name, policy in (("small", SMALL), ("large", Policy())):
        make_release(source, make_workspace(tmp_path / name), tmp_path / f"{name}-release", policy)
        found.append([{**row, "deid": None} for row in rows(tmp_path / f"{name}-release")])
    assert found[0] == found[1]


RUN = """
import sys
from pathlib import Path
from tests.pipeline import make_release, make_workspace
from tests.property.test_law_3_determinism import SMALL
source, root = map(Path, sys.argv[1:])
make_release(source, make_workspace(root / "ws"), root / "release", SMALL)
"""


def _run(source: Path, root: Path) -> "subprocess.Popen[bytes]":
    here = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(here)}
    return subprocess.Popen([sys.executable, "-c", RUN, str(source), str(root)], env=environment, cwd=here)


def _staged(root: Path) -> int:
    return len(list(root.glob("ws/staging/shard-*/summary.json")))


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3])
def test_kill_and_resume_make_the_bytes_of_an_undisturbed_run(
    source: Path, undisturbed: dict[str, str], tmp_path: Path, after: int
) -> None:
    """SIGKILL after some committed shards, then the same command: committed work is kept, the bytes are equal."""
    first = _run(source, tmp_path)
    deadline = time.monotonic() + 120
    while _staged(tmp_path) < after and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    committed = {path: path.stat().st_mtime_ns for path in tmp_path.glob("ws/staging/shard-*/summary.json")}
    assert len(committed) >= after
    assert not (tmp_path / "release").exists() or digests(tmp_path / "release") == undisturbed
    assert _run(source, tmp_path).wait() == 0
    assert {path: path.stat().st_mtime_ns for path in committed} == committed
    assert digests(tmp_path / "release") == undisturbed
