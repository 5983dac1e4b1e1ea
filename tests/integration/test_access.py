"""Where a patient is and whose a pseudonym is: only where the policy allows it, for a reason, and never unseen."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curate.access import Asked, answer
from curate.check import check_release
from curate.errors import ContractBroken, PolicyError, Problem
from curate.policy import DomainOptions, Policy, TaskOptions
from curate.privacy import history
from curate.privacy.access_log import NAME, verify_log
from tests import synth
from tests.pipeline import KEY, make_release, make_workspace, rows

PEOPLE = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in (41, 42)]
SOUGHT = PEOPLE[0]
LOCATE = DomainOptions(locate=True)
IDENTIFY = DomainOptions(locate=True, reidentify=True)
WHY = "request under Art. 15, case 7"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a release without a domain and one for a recipient, in which patients have secrets."""
    place = tmp_path_factory.mktemp("access")
    synth.write_archive(place / "source", PEOPLE)
    workspace = make_workspace(place / "ws")
    policy = replace(Policy(), tasks=TaskOptions(("questions",)))
    secret = DomainOptions(recipient="Uni", patient_secrets=True)
    make_release(place / "source", workspace, place / "plain", policy)
    make_release(place / "source", workspace, place / "secret", replace(policy, domain=secret))
    return place


def key_of(release: Path) -> str:
    """The pseudonym of the patient in a release."""
    found = answer(release.parent / "ws", [release], Asked(SOUGHT.patient_id, reason=WHY), LOCATE).rows
    samples = {each.sample_id for each in found if each.root == str(release)}
    (key,) = {str(row["patient_key"]) for row in rows(release) if row["sample_id"] in samples}
    return key


def refusal(place: Path, asked: Asked, options: DomainOptions) -> PolicyError:
    """How a request is refused."""
    with pytest.raises(PolicyError) as refused:
        answer(place / "ws", [place / "plain"], asked, options)
    return refused.value


def test_every_row_of_a_patient_is_found(made: Path) -> None:
    """Release, file and row of each sample, in every domain and in the shards of the workspace; nobody else's."""
    found = answer(made / "ws", [made / "plain", made / "secret"], Asked(SOUGHT.patient_id, reason=WHY), LOCATE)
    assert not found.identities
    for release in (made / "plain", made / "secret"):
        mine = [each for each in found.rows if each.root == str(release)]
        assert {each.file.split("/")[0] for each in mine} == {"data", "tasks", "texts"} & {
            p.name for p in release.iterdir()
        }
        held = [
            pq.read_table(release / each.file, columns=["sample_id", "patient_key"]).to_pylist()[each.row]
            for each in mine
        ]
        assert [each["sample_id"] for each in held] == [each.sample_id for each in mine]
        (key,) = {each["patient_key"] for each in held}
        assert {row["sample_id"] for row in rows(release) if row["patient_key"] == key} == {
            each.sample_id for each in mine
        }
        assert sum(each.file.startswith("data/") for each in mine) == len(SOUGHT.studies)
    assert {each.file.split("/")[0] for each in found.rows if each.root == str(made / "ws")} == {"staging", "domains"}


@pytest.mark.parametrize("release", ["plain", "secret"])
def test_pseudonym_gives_no_identity_unless_allowed(made: Path, release: str) -> None:
    """Its rows are told; the PatientID is told only where the policy says so, with secrets as without."""
    key = key_of(made / release)
    found = answer(made / "ws", [made / release], Asked(pseudonym=key, reason=WHY), LOCATE)
    assert found.rows
    assert not found.identities
    assert answer(made / "ws", [], Asked(pseudonym=key, reason=WHY), IDENTIFY).identities == [SOUGHT.patient_id]
    assert not answer(made / "ws", [], Asked(pseudonym="0" * 32, reason=WHY), IDENTIFY).identities


def test_nothing_is_told_without_permission_or_reason(made: Path) -> None:
    """Off by default; a reason must be given and must not name the patient; one is asked for, not two or none."""
    asked = Asked(SOUGHT.patient_id, reason=WHY)
    entries = verify_log(made / "ws")
    assert "[domain] locate = true" in str(refusal(made, asked, DomainOptions()))
    assert refusal(made, asked, DomainOptions(reidentify=True)).problem is Problem.LOCATE_OFF
    for reason in ("", " ", f"for {SOUGHT.patient_id.lower()}."):
        assert refusal(made, replace(asked, reason=reason), LOCATE).problem is Problem.LOCATE_REASON
    for other in (Asked(reason=WHY), replace(asked, pseudonym="0" * 32)):
        assert refusal(made, other, LOCATE).problem is Problem.LOCATE_WHOM
    assert verify_log(made / "ws") == entries


def test_every_answer_is_in_the_log(made: Path) -> None:
    """Who, when, why, what kind and how much; of whom it was, a keyed hash alone."""
    key = key_of(made / "plain")
    before = verify_log(made / "ws")
    asks = [Asked(SOUGHT.patient_id, reason=WHY), Asked(pseudonym=key, reason=WHY), Asked("nobody", reason=WHY)]
    told = [answer(made / "ws", [made / "plain"], each, IDENTIFY) for each in asks]
    assert [each.number for each in told] == [before + 1, before + 2, before + 3]
    assert verify_log(made / "ws") == before + 3
    path = made / "ws" / NAME
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text(encoding="utf-8")
    assert not any(each in text for each in (SOUGHT.patient_id, key))
    entries = [json.loads(line) for line in text.splitlines()[-3:]]
    assert [each["request"] for each in entries] == ["patient", "reidentification", "patient"]
    assert [(each["rows"], each["identities"]) for each in entries] == [
        (len(one.rows), len(one.identities)) for one in told
    ]
    assert entries[2]["rows"] == 0
    assert {(each["who"], each["reason"]) for each in entries} == {(pwd.getpwuid(os.getuid()).pw_name, WHY)}
    assert all(
        abs((datetime.now(UTC) - datetime.fromisoformat(each["when"])).total_seconds()) < 600 for each in entries
    )
    assert len({each["subject"] for each in entries}) == 3


def _change(lines: list[str]) -> list[str]:
    return [lines[0].replace(WHY, "another"), *lines[1:]]


def _drop(lines: list[str]) -> list[str]:
    return [lines[0], *lines[2:]]


def _swap(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


def _cut(lines: list[str]) -> list[str]:
    return lines[:-1]


def _empty(_: list[str]) -> list[str]:
    return []


@pytest.mark.parametrize("alter", [_change, _drop, _swap, _cut, _empty])
def test_log_that_was_altered_shows_and_gets_no_further_entry(made: Path, tmp_path: Path, alter: object) -> None:
    """A changed, a removed or a moved line breaks it, and so does a missing end; then nothing more is told."""
    workspace = make_workspace(tmp_path / "ws")
    for number in range(3):
        answer(workspace, [], Asked(f"nobody {number}", reason=WHY), LOCATE)
    path = workspace / NAME
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(alter(lines)), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(ContractBroken):
        verify_log(workspace)
    with pytest.raises(ContractBroken):
        answer(workspace, [made / "plain"], Asked(SOUGHT.patient_id, reason=WHY), LOCATE)


def test_entry_that_a_crash_cut_short_is_taken_off(tmp_path: Path) -> None:
    """Nothing was told on it, so the log goes on after the last whole line."""
    workspace = make_workspace(tmp_path / "ws")
    answer(workspace, [], Asked("nobody", reason=WHY), LOCATE)
    with (workspace / NAME).open("a", encoding="utf-8") as file:
        file.write('{"format": "radcur')
    assert answer(workspace, [], Asked("nobody", reason=WHY), LOCATE).number == 2
    assert verify_log(workspace) == 2


def test_log_that_is_gone_shows(made: Path, tmp_path: Path) -> None:
    """The history of the workspace knows that there was one; a check of a release asks it."""
    workspace = tmp_path / "ws"
    shutil.copytree(made / "ws", workspace)
    answer(workspace, [], Asked("nobody", reason=WHY), LOCATE)
    assert "access log" in check_release(made / "plain", workspace=workspace)[-1].check
    (workspace / NAME).unlink()
    with pytest.raises(ContractBroken):
        check_release(made / "plain", workspace=workspace)


def test_entry_that_the_history_missed_is_followed_by_the_next(tmp_path: Path) -> None:
    """A crash between log and history: the line stands, and the next entry covers it."""
    workspace = make_workspace(tmp_path / "ws")
    for _ in range(2):
        answer(workspace, [], Asked("nobody", reason=WHY), LOCATE)
    for name in (history.NAME, history.HEAD):
        (workspace / name).unlink()
    history.record(
        workspace, KEY, "access", log=sha256((workspace / NAME).read_bytes().splitlines(True)[0]).hexdigest()
    )
    assert answer(workspace, [], Asked("nobody", reason=WHY), LOCATE).number == 3
    assert verify_log(workspace) == 3


def test_log_of_another_key_does_not_hold(tmp_path: Path) -> None:
    """Whoever writes a whole log anew cannot sign it as the workspace."""
    workspace = make_workspace(tmp_path / "ws")
    answer(workspace, [], Asked("nobody", reason=WHY), LOCATE)
    other = make_workspace(tmp_path / "other", b"o" * 32)
    (other / NAME).write_bytes((workspace / NAME).read_bytes())
    with pytest.raises(ContractBroken):
        answer(other, [], Asked("nobody", reason=WHY), LOCATE)


def test_command_says_which_setting_allows_it_and_tells_on_stdout(made: Path, tmp_path: Path) -> None:
    """Exit 2 with one line when it is off or has no reason; else rows and PatientID on stdout, the rest on stderr."""
    (tmp_path / "policy.toml").write_text("[domain]\nlocate = true\nreidentify = true\n", encoding="utf-8")
    command = [sys.executable, "-c", "from flows.cli import main; main()", "locate"]
    command += ["--workspace", str(made / "ws"), "--pseudonym", key_of(made / "plain")]

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)

    off = call("--reason", WHY)
    assert (off.returncode, off.stdout, off.stderr.count("\n")) == (2, "", 1)
    assert "[domain] locate = true" in off.stderr
    silent = call("--policy", str(tmp_path / "policy.toml"))
    assert (silent.returncode, silent.stdout, silent.stderr.count("\n")) == (2, "", 1)
    told = call("--policy", str(tmp_path / "policy.toml"), "--reason", WHY, "--release", str(made / "plain"))
    assert told.returncode == 0
    assert f"PatientID\t{SOUGHT.patient_id}\n" in told.stdout
    assert f"{made / 'plain'}\tdata/" in told.stdout
    assert SOUGHT.patient_id not in told.stderr
