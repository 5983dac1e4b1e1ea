"""Erasure: the patient is in nothing that is kept, all else is as it was, and nobody sees a half-changed release."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curate import manifest
from curate.check import check_release
from curate.erasure import certificate, erase
from curate.errors import ContractBroken, PolicyError, Problem
from curate.ledger import commitments
from curate.policy import OutputOptions, Policy, TaskOptions
from curate.privacy.surrogates import pseudonym
from curate.review import conclude, open_review
from tests import synth
from tests.pipeline import KEY, digests, make_release, make_workspace, modes

POLICY = replace(Policy(), output=replace(OutputOptions(), shard_bytes=60_000), tasks=TaskOptions(("questions",)))
PEOPLE = [
    synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100", report="jsonl") for seed in range(60, 66)
]
GONE = PEOPLE[2]
PSEUDONYM = pseudonym(KEY, GONE.patient_id)


def made(place: Path, people: list[synth.Patient] = PEOPLE) -> tuple[Path, Path, Path]:
    """Source, workspace and release of some patients, in several shards."""
    synth.write_archive(place / "source", people)
    make_release(place / "source", make_workspace(place / "ws"), place / "release", POLICY)
    return place / "source", place / "ws", place / "release"


def held(root: Path) -> str:
    """Everything under a folder as text: bytes as they are, and the decoded rows of tables without images."""
    told = []
    for path in sorted(each for each in root.rglob("*") if each.is_file() and "erasures" not in each.parts):
        told.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            names = [name for name in pq.read_schema(path).names if name != "images"]
            told.append(str(pq.read_table(path, columns=names).to_pylist()))
    return "\n".join(told)


def ids_of(release: Path, workspace: Path) -> list[str]:
    """Pseudonym, PatientID, and every opaque id of the patient's rows."""
    rows = [
        row
        for path in (release / "data").rglob("*.parquet")
        for row in pq.read_table(path).to_pylist()
        if row["patient_key"] == PSEUDONYM
    ]
    assert rows
    own = [value for row in rows for value in (row["study_key"], row["sample_id"])]
    uids = [row["study_uid"] for row in pq.read_table(workspace / "inventory.parquet").to_pylist()
            if row["patient_key"] == PSEUDONYM]  # fmt: skip
    return [PSEUDONYM, GONE.patient_id, *own, *uids]


def test_nothing_is_left_and_nothing_else_changes(tmp_path: Path) -> None:
    """Neither release nor workspace knows the patient; other files are the same, rewritten ones keep other rows."""
    source, workspace, release = made(tmp_path)
    ids, before, committed = ids_of(release, workspace), digests(release), set(commitments(release, KEY))
    assert all(each in held(release) + held(workspace) for each in ids)
    done = erase(release, GONE.patient_id, workspace)
    assert len(committed - set(commitments(release, KEY))) == 1
    assert done.rows == len(GONE.studies)
    assert [each for each in ids if each in held(release) or each in held(workspace)] == []
    after = digests(release)
    tables = {name for name in before if name.endswith(".parquet")}
    rewritten = {name for name in tables if after.get(name) != before[name]}
    told = json.loads(done.certificate.read_text(encoding="utf-8"))
    assert rewritten == set(told["files_rewritten"])
    assert 0 < len(rewritten) < len(tables)
    assert modes(workspace) == {0}
    assert [each.check for each in check_release(release, str(source), workspace, POLICY)]


def test_release_is_that_of_a_run_without_the_patient(tmp_path: Path) -> None:
    """Tables, counts and card: what a run gives that never met the patient, but for the line that says so."""
    _, workspace, release = made(tmp_path / "a")
    others = [each for each in PEOPLE if each is not GONE]
    _, _, fresh = made(tmp_path / "b", others)
    erase(release, GONE.patient_id, workspace)
    mine, theirs = digests(release), digests(fresh)
    assert {name: each for name, each in mine.items() if name.endswith(".parquet")} == {
        name: each for name, each in theirs.items() if name.endswith(".parquet")
    }
    facts, wanted = (
        json.loads((each / "evidence/facts.json").read_text(encoding="utf-8")) for each in (release, fresh)
    )
    assert facts.pop("erased") == 1
    assert facts["leaks"].pop("pairs_across_splits")
    assert wanted["leaks"].pop("pairs_across_splits")
    assert wanted["risk"].pop("before")  # of studies that were kept out nobody can count again
    assert facts == wanted


def test_sample_of_a_review_goes_along(tmp_path: Path) -> None:
    """A sample that holds the patient is removed from the workspace; what the review found stays."""
    _, workspace, release = made(tmp_path, PEOPLE[1:4])
    held_open = open_review(release, workspace, 3)
    found = conclude(held_open, workspace)
    assert PSEUDONYM in held(workspace)
    erase(release, GONE.patient_id, workspace)
    assert PSEUDONYM not in held(workspace)
    assert {each.name for each in held_open.folder.iterdir()} == {"commitment.json", found.name}


def test_patient_does_not_come_back(tmp_path: Path) -> None:
    """The next run refuses the patient, who is still in the source; the register names nobody."""
    source, workspace, release = made(tmp_path)
    erase(release, GONE.patient_id.lower(), workspace)
    facts = make_release(source, workspace, tmp_path / "again", POLICY)
    assert facts["counts"]["refused_by_policy"]["opted_out"] > 0
    assert PSEUDONYM not in held(tmp_path / "again")
    register = (workspace / "erased").read_text(encoding="ascii")
    assert re.fullmatch(r"[0-9a-f]{64}\n", register)
    assert GONE.patient_id not in register


def test_certificate_is_signed_and_names_nobody(tmp_path: Path) -> None:
    """Any change of it shows; the recall notice lists the rows for whoever has a copy."""
    _, workspace, release = made(tmp_path)
    samples = {row["sample_id"] for path in (release / "data").rglob("*.parquet")
               for row in pq.read_table(path).to_pylist() if row["patient_key"] == PSEUDONYM}  # fmt: skip
    before = manifest.digest_of(release / manifest.NAME)
    done = erase(release, GONE.patient_id, workspace)
    document: dict[str, Any] = json.loads(done.certificate.read_text(encoding="utf-8"))
    assert certificate.verify(done.certificate, document["signature"]["public_key"])
    assert not certificate.verify(done.certificate, "00" * 32)
    assert document["release"] == {
        "manifest_before": before,
        "manifest_after": manifest.digest_of(release / manifest.NAME),
    }
    assert not any(each in done.certificate.read_text(encoding="utf-8") for each in (PSEUDONYM, GONE.patient_id))
    assert set(json.loads(done.recall.read_text(encoding="utf-8"))["sample_ids"]) == samples
    for name in document.keys() - {"signature"}:
        done.certificate.write_text(json.dumps({**document, name: "else"}), encoding="utf-8")
        assert not certificate.verify(done.certificate)


def test_last_patient_takes_the_release_along(tmp_path: Path) -> None:
    """A release in which nobody is left is withdrawn."""
    _, workspace, release = made(tmp_path, [GONE])
    assert erase(release, GONE.patient_id, workspace).withdrawn
    assert [each.name for each in tmp_path.iterdir() if "release" in each.name] == []


def _alter(release: Path, _workspace: Path) -> None:
    (release / "README.md").write_text("x", encoding="utf-8")


def _lose_key(_release: Path, workspace: Path) -> None:
    (workspace / "key").unlink()


@pytest.mark.parametrize(("change", "patient", "error"), [
    (lambda *_: None, "NOBODY-KNOWN", PolicyError),
    (_alter, GONE.patient_id, ContractBroken),
    (_lose_key, GONE.patient_id, PolicyError),
])  # fmt: skip
def test_refusals_change_nothing(
    tmp_path: Path, change: Callable[[Path, Path], None], patient: str, error: type[Exception]
) -> None:
    """Nobody of that PatientID, an altered release, a lost key: said, and the release stands as it was."""
    _, workspace, release = made(tmp_path, PEOPLE[2:4])
    change(release, workspace)
    before = digests(release)
    with pytest.raises(error) as refused:
        erase(release, patient, workspace)
    assert digests(release) == before
    if patient == "NOBODY-KNOWN":
        assert refused.value.problem is Problem.PATIENT_UNKNOWN  # type: ignore[attr-defined]
        assert not (workspace / "erased").exists()


COMMAND = "from flows.cli import main; main()"


def test_kills_leave_the_old_release_or_the_new_one(tmp_path: Path) -> None:
    """SIGKILL at drawn moments: the release is whole each time; the same command finishes, with the rows to recall."""
    _, workspace, release = made(tmp_path)
    draw, old = random.Random(5), manifest.digest_of(release / manifest.NAME)
    command = [sys.executable, "-c", COMMAND, "erase", str(release), "--patient-id", GONE.patient_id]
    command += ["--workspace", str(workspace)]
    seen = set()
    for _ in range(8):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            time.sleep(draw.uniform(1.0, 5.0))
            running.send_signal(signal.SIGKILL)
        manifest.verify(release, manifest.read(release))
        seen.add(manifest.digest_of(release / manifest.NAME) == old)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 2}, done.stderr
    recalls = sorted((workspace / "erasures").glob("*.recall.json"))
    assert any(json.loads(each.read_text(encoding="utf-8"))["sample_ids"] for each in recalls)
    assert PSEUDONYM not in held(release) + held(workspace)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
