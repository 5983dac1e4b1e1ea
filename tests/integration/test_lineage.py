"""OpenLineage events of runs: what began, what came of it, counted and named without a value."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from curate import manifest
from curate.errors import ContractBroken, PolicyError, Problem
from flows.lineage import SETTING, lineage
from tests import canaries, synth
from tests.pipeline import make_workspace

pytest.importorskip("openlineage.client", reason="the extra lineage is not installed")
PERSON = synth.patient(43, kinds=("CT",), instances=1, report="txt")
COMMAND = "from flows.cli import main; main()"


def curate(place: Path, source: str, release: str) -> "subprocess.CompletedProcess[str]":
    """`curate run` with the setting; events go to a file."""
    command = [sys.executable, "-c", COMMAND, "run", str(place / source), "--release", str(place / release)]
    command += ["--workspace", str(place / "ws"), "--workers", "1", "--quiet"]
    environment = {**os.environ, SETTING: str(place / "events.jsonl")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=280)


def events(file: Path) -> list[dict[str, Any]]:
    """The events of a file, in their order."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_runs_are_told_without_a_value(tmp_path: Path) -> None:
    """A run that publishes and one that fails: each begins and ends under one id; no identifier and no path is told."""
    synth.write_archive(tmp_path / "source", [PERSON])
    make_workspace(tmp_path / "ws")
    done = curate(tmp_path, "source", "release")
    assert done.returncode == 0, done.stderr
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / f"{PERSON.patient_id}.dcm").touch()
    assert curate(tmp_path, "empty", "other").returncode == 2
    told = events(tmp_path / "events.jsonl")
    assert [each["eventType"] for each in told] == ["START", "COMPLETE", "START", "FAIL"]
    runs = [UUID(each["run"]["runId"]) for each in told]
    assert runs[0] == runs[1] != runs[2] == runs[3]
    assert {each["job"]["name"] for each in told} == {"curate-dataset"}
    assert len({each["inputs"][0]["name"] for each in told}) == 1
    published(told[1], tmp_path / "release")
    assert told[3]["run"]["facets"]["errorMessage"]["message"] == Problem.NOTHING_PUBLISHED.value
    assert canaries.sweep([tmp_path / "events.jsonl"], PERSON.canaries) == []
    assert str(tmp_path) not in (tmp_path / "events.jsonl").read_text()


def published(event: dict[str, Any], release: Path) -> None:
    """Hold the event of a release to what stands in the release."""
    facts = json.loads((release / "evidence" / "facts.json").read_text())
    assert event["run"]["facets"]["radcurate"]["counts"] == facts["counts"]
    assert event["run"]["facets"]["radcurate"]["policy_digest"] == facts["run"]["policy_digest"]
    (output,) = event["outputs"]
    assert output["name"] == f"release-{manifest.digest_of(release / manifest.NAME)}"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == facts["counts"]["published"]["studies"]
    checks = [check for verdict in facts["verdicts"] for check in verdict["checks"]]
    assertions = output["facets"]["dataQualityAssertions"]["assertions"]
    assert [(each["assertion"], each["success"]) for each in assertions] == [
        (each["id"], each["outcome"] == "passed") for each in checks
    ]


@pytest.fixture
def catalogue() -> Iterator[tuple[str, list[Any]]]:
    """A service on loopback that keeps what it is sent."""
    heard: list[Any] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}", heard
        listening.shutdown()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("Trevelyan^Morwenna"), "ValueError"),
        (ContractBroken("image_text", "row_id"), "contract image_text is broken: row_id"),
    ],
)
def test_failures_reach_a_service_without_their_text(
    catalogue: tuple[str, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    """Of an error that nobody foresaw the type is told; the error goes on as it was."""
    address, heard = catalogue
    monkeypatch.setenv(SETTING, address)
    with pytest.raises(type(error)), lineage(make_workspace(tmp_path / "ws"), "0" * 64):
        raise error
    assert [(path, event["eventType"]) for path, event in heard] == [
        ("/api/v1/lineage", "START"),
        ("/api/v1/lineage", "FAIL"),
    ]
    assert heard[1][1]["run"]["facets"]["errorMessage"]["message"] == message
    assert "Trevelyan" not in json.dumps(heard)


def test_a_place_that_cannot_be_written_costs_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The run goes on; a line of the log says that its lineage is missing, and not where it should have gone."""
    monkeypatch.setenv(SETTING, str(tmp_path / "nowhere" / "events.jsonl"))
    with lineage(make_workspace(tmp_path / "ws"), "0" * 64):
        reached = True
    assert reached
    said = "".join(capfd.readouterr())
    assert "lineage could not be told" in said
    assert "nowhere" not in said


def test_without_the_package_the_run_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the name of the extra; without the setting the package is not needed."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "openlineage"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "flows.lineage_events", raising=False)
    monkeypatch.delattr("flows.lineage_events", raising=False)
    monkeypatch.setitem(sys.modules, "openlineage", None)
    monkeypatch.setenv(SETTING, str(tmp_path / "events.jsonl"))
    with pytest.raises(PolicyError) as refused, lineage(make_workspace(tmp_path / "ws"), "0" * 64):
        pass
    assert refused.value.problem is Problem.PACKAGE_MISSING
    assert refused.value.exit_code == 2
    assert "lineage" in str(refused.value)
    monkeypatch.delenv(SETTING)
    with lineage(tmp_path / "ws", "0" * 64):
        pass
    assert not (tmp_path / "events.jsonl").exists()
