"""The command line as a user has it: real Prefect, real processes, real Dask, in a place of its own."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from curate.demo import DemoSource, build_source
from curate.release import SOURCE
from tests import canaries, synth
from tests.pipeline import digests, modes

ROOT = Path(__file__).parents[2]
CURATE = Path(sys.executable).with_name("curate")


def run(place: Path, *arguments: object, text: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `curate` with its temporary files in a folder of the place; what it prints is kept there too."""
    (place / "tmp").mkdir(exist_ok=True, parents=True)
    environment = {**os.environ, "TMPDIR": str(place / "tmp"), "HOME": str(place / "tmp"), "COLUMNS": "200"}
    environment = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [CURATE, *map(str, arguments)],
        env=environment,
        cwd=place,
        text=True,
        input=text,
        capture_output=True,
        check=False,
    )
    with (place / "printed.log").open("a", encoding="utf-8") as log:
        log.write(done.stdout + done.stderr)
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoSource, str]:
    """The demo, run once: its place, what was planted, and what it printed."""
    place = tmp_path_factory.mktemp("demo")
    planted = build_source(place / "again")
    done = run(place, "demo", "--out", "demo")
    assert done.returncode == 0, done.stderr
    return place, planted, done.stdout


@pytest.mark.slow
def test_demo_publishes_and_says_where_to_look(demo: tuple[Path, DemoSource, str]) -> None:
    """All sound studies with a report are published; the report, the Data Docs and the reasons are where it says."""
    place, planted, printed = demo
    counts = json.loads((place / "demo/release/manifest.json").read_text())["counts"]
    assert counts["published"]["studies"] == planted.studies - planted.lone_studies
    assert counts["published"]["patients"] >= 6
    for line in ("compliance/report.html", "data_docs/index.html", "study_without_report", "load_dataset"):
        assert line in printed
    for file in ("README.md", "compliance/report.html", "data_docs/index.html", "evidence/facts.json"):
        assert (place / "demo/release" / file).stat().st_size > 500
    facts = json.loads((place / "demo/release/evidence/facts.json").read_text())
    assert [each["suite"] for each in facts["verdicts"]] == [*SOURCE, "image_text", "journal"]
    assert all((place / f"demo/release/data_docs/{suite}.html").exists() for suite in SOURCE)


@pytest.mark.slow
def test_release_loads_as_pil_images(demo: tuple[Path, DemoSource, str]) -> None:
    """`datasets` decodes the images without a cast, and the texts are there."""
    code = (
        "from datasets import load_dataset\n"
        "d = load_dataset('parquet', data_dir='demo/release/data', cache_dir='cache')\n"
        "print(d['train'][0]['images'][0].size, d['train'].features['images'])"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=demo[0], env=environment, text=True, capture_output=True, check=True
    )
    assert done.stdout.startswith("(")
    assert "Image(" in done.stdout


@pytest.mark.slow
def test_no_planted_identity_is_anywhere_outside_the_workspace(demo: tuple[Path, DemoSource, str]) -> None:
    """Release, printed lines, Prefect's database and storage, temporary files: none, in any encoding."""
    place, planted, _ = demo
    prefect = place / "demo/release.workspace/prefect"
    assert list(prefect.glob("*.db"))
    swept = [place / "demo/release", place / "printed.log", place / "tmp", prefect]
    assert canaries.sweep(swept, planted.planted) == []


@pytest.mark.slow
def test_clinical_words_of_the_demo_survive(demo: tuple[Path, DemoSource, str]) -> None:
    """In the same run, what the reports say clinically is still there."""
    from tests.pipeline import rows

    place, planted, _ = demo
    texts = " ".join(" ".join(row["report"].split()) for row in rows(place / "demo/release"))
    lost = [phrase for phrase in planted.clinical if phrase not in texts]
    assert len(lost) <= 0.05 * len(planted.clinical), lost


@pytest.mark.slow
def test_workspace_is_closed_to_others(demo: tuple[Path, DemoSource, str]) -> None:
    """Every file and folder of the workspace is the owner's alone."""
    assert modes(demo[0] / "demo/release.workspace") == {0}


@pytest.mark.slow
def test_check_verifies_the_demo_with_its_source(demo: tuple[Path, DemoSource, str]) -> None:
    """An independent check reads the source again and finds nothing of it."""
    place = demo[0]
    release, source, workspace = "demo/release", "demo/source", "demo/release.workspace"
    done = run(place, "check", release, "--source", source, "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    assert "no identifier of the source is in the release" in done.stdout
    assert run(place, "report", release).returncode == 0


@pytest.mark.slow
def test_same_run_again_changes_nothing(demo: tuple[Path, DemoSource, str]) -> None:
    """The command is idempotent: the release that stands there is left as it is."""
    place = demo[0]
    before = digests(place / "demo/release")
    assert run(place, "demo", "--out", "demo").returncode == 0
    assert digests(place / "demo/release") == before


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[str]:
    """A Dask scheduler with one worker process on loopback; its scratch space lies in the test's folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    host = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    scheduler = subprocess.Popen([*dask, "scheduler", *host, "--port", address.rsplit(":", 1)[1]], **quiet)
    scratch = ["--local-directory", str(tmp_path / "scratch"), "--nthreads", "1", "--no-nanny"]
    worker = subprocess.Popen([*dask, "worker", address, *host, *scratch], **quiet)
    time.sleep(1)
    yield address
    for process in (worker, scheduler):
        process.kill()
        process.wait(20)


@pytest.mark.slow
def test_dask_workers_make_the_bytes_of_local_processes(tmp_path: Path, dask: str) -> None:
    """The same flow on a scheduler at an address makes the same release; its scratch space holds no identity."""
    patients = [synth.patient(seed, kinds=("CT",), instances=1) for seed in (81, 82)]
    synth.write_archive(tmp_path / "source", patients)
    workspace = tmp_path / "ws"
    for name, extra in (("local", ()), ("dask", ("--dask", dask))):
        done = run(tmp_path, "run", "source", "--release", name, "--workspace", workspace, *extra)
        assert done.returncode == 0, done.stderr
        for staged in (workspace / "staging").glob("shard-*"):
            staged.rename(tmp_path / f"{name}-{staged.name}")
    assert digests(tmp_path / "local") == digests(tmp_path / "dask")
    planted = [canary for each in patients for canary in each.canaries]
    places = [tmp_path / "scratch", tmp_path / "printed.log", tmp_path / "tmp", workspace / "prefect"]
    assert canaries.sweep(places, planted) == []


def test_deidentify_writes_dicom_and_keeps_the_maps_in_the_workspace(tmp_path: Path) -> None:
    """Opaque names, valid DICOM, and maps (id_old, id_new) that agree with what was written."""
    person = synth.patient(91, kinds=("CT", "US"), instances=1)
    synth.write_archive(tmp_path / "source", [person])
    done = run(tmp_path, "deidentify", "source", "--out", "clean", "--workspace", "ws", "--workers", 1)
    assert done.returncode == 0, done.stderr
    written = [dcmread(path) for path in (tmp_path / "clean").rglob("*.dcm")]
    assert len(written) == 2
    with (tmp_path / "ws/patient_map.csv").open() as file:
        assert {(row["id_old"], row["id_new"]) for row in csv.DictReader(file)} == {
            (person.patient_id, written[0].PatientID)
        }
    with (tmp_path / "ws/uid_map.csv").open() as file:
        mapped = {row["id_old"]: row["id_new"] for row in csv.DictReader(file)}
    assert {mapped[study.uid] for study in person.studies} == {each.StudyInstanceUID for each in written}
    assert canaries.sweep([tmp_path / "clean", tmp_path / "printed.log", tmp_path / "tmp"], person.canaries) == []


def test_scrub_reads_and_writes_json_lines(tmp_path: Path) -> None:
    """Spans index the input text; no value of the input stands in the output; known identifiers are found."""
    text = "Mr. Wetherspoon, MRN 00483921, has Kerley B lines for 6 weeks. Seen by Quandrell."
    line = json.dumps({"id": "a", "text": text, "known": ["Quandrell^Ann"]})
    done = run(tmp_path, "scrub", text=line + "\n")
    assert done.returncode == 0, done.stderr
    (made,) = map(json.loads, done.stdout.splitlines())
    assert made["id"] == "a"
    assert {text[span["start"] : span["end"]] for span in made["spans"]} >= {"00483921", "Quandrell"}
    for value in ("Wetherspoon", "00483921", "Quandrell"):
        assert value not in done.stdout
    assert "Kerley B lines for 6 weeks" in made["text"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nowhere", "--release", "out"), "the source does not exist"),
        (("run", ".", "--release", "out", "--policy", "none.toml"), "the policy file does not exist"),
        (("deidentify", "nowhere", "--out", "out"), "the source does not exist"),
        (("check", "nowhere"), "there is no release there"),
        (("scrub", "nowhere.jsonl"), "the source does not exist"),
    ],
)
def test_wrong_argument_is_one_line_and_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """A refusal is one clear line on stderr."""
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_help_teaches() -> None:
    """Every command has a line in the help."""
    done = subprocess.run([CURATE, "--help"], text=True, capture_output=True, check=True)
    for command in ("run", "demo", "deidentify", "scrub", "check", "report", "explain"):
        assert command in done.stdout


def test_explain_prints_promises_policy_and_attributes() -> None:
    """What is promised, what the policy is, and what happens to each attribute."""
    done = subprocess.run([CURATE, "explain"], text=True, capture_output=True, check=True)
    for part in ("| law | promise | held by |", "[profile]", "(0010,0010)", "Patient's Name"):
        assert part in done.stdout


@pytest.mark.slow
def test_run_that_can_publish_nothing_says_so_in_one_line(tmp_path: Path) -> None:
    """A refusal inside the flow ends like one before it: one line, exit code 2, no traceback, no release."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "note.dcm").write_text("This is no instance.")
    done = run(tmp_path, "run", "source", "--release", "release")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "curate: no study could be published; the reasons are in the workspace"
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "release").exists()
    assert "not_dicom" in (tmp_path / "release.workspace" / "quarantine.csv").read_text()
