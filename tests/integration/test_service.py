"""Deployments on a real Prefect server: offered, scheduled, run, and their outcome read back through its API."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests import canaries, synth
from tests.pipeline import make_workspace
from tests.prefect_server import server

PERSON = synth.patient(41, kinds=("CT",), instances=1, report="txt")


def ask(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Post to the server's API; a server that is busy says 503 and is asked again, as Prefect's client does."""
    request = Request(f"{url}/{path}", json.dumps(body or {}).encode(), {"Content-Type": "application/json"})  # noqa: S310
    for wait in (0.5, 1, 2, 4, 8):
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310  loopback
                return json.load(answer)
        except HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(wait)
    raise TimeoutError


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A server, and `curate serve` beside it; yields its folder and the address of the API."""
    place = tmp_path_factory.mktemp("service")
    synth.write_archive(place / "source", [PERSON])
    (place / "source" / "empty.dcm").touch()
    make_workspace(place / "ws")
    (place / "prefect").mkdir()
    with server(place / "prefect") as settings:
        command = [sys.executable, "-c", "from flows.cli import main; main()", "serve", str(place / "source")]
        command += ["--release", str(place / "release"), "--workspace", str(place / "ws"), "--cron", "0 2 * * 0"]
        with (place / "serve.log").open("wb") as log:
            running = subprocess.Popen(
                [*command, "--workers", "1"], env={**os.environ, **settings}, stdout=log, stderr=log
            )
        try:
            yield place, settings["PREFECT_API_URL"]
        finally:
            running.terminate()
            running.wait(30)


def until(seconds: float, found: Any) -> Any:
    """What a question gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.5)
    raise TimeoutError


def test_deployments_run_and_tell_their_outcome(service: tuple[Path, str]) -> None:
    """Both are offered, one on a schedule; a run completes, and its artifacts hold counts and no identifier."""
    place, url = service
    offered = until(90, lambda: len(found := ask(url, "deployments/filter")) == 2 and found)
    archive = next(each for each in offered if each["parameters"].get("workers"))
    assert [each["schedule"]["cron"] for each in archive["schedules"]] == ["0 2 * * 0"]
    assert archive["parameter_openapi_schema"]["properties"]["workspace"]["description"]
    run = ask(url, f"deployments/{archive['id']}/create_flow_run")
    state = until(240, lambda: _ended(url, run["id"]))
    assert state == "COMPLETED", (place / "serve.log").read_text()
    assert (place / "release" / "manifest.json").exists()
    told = {each["key"]: each["data"] for each in ask(url, "artifacts/filter")}
    assert {"shards", "outcome", "refused", "report"} <= told.keys()
    assert "1 studies" in told["outcome"]
    assert json.loads(told["refused"]) == [{"reason": "empty_file", "by": "quarantined", "count": 1}]
    verify = next(each for each in offered if each is not archive)
    checked = ask(url, f"deployments/{verify['id']}/create_flow_run")
    assert until(120, lambda: _ended(url, checked["id"])) == "COMPLETED"
    assert canaries.sweep([place / "prefect", place / "serve.log"], PERSON.canaries) == []


def _ended(url: str, run: str) -> str:
    (found,) = ask(url, "flow_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    return str(found["state_type"]) if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else ""


_FAILS = """
import sys
from pathlib import Path
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from flows.check_release import check
block = CustomWebhookNotificationBlock(name="pager", url=sys.argv[1], json_data={"text": "{{body}}"})
block.save("pager", overwrite=True)
try:
    check(release=Path(sys.argv[2]))
except Exception as error:
    print(type(error).__name__)
"""


def test_a_failed_run_raises_the_alarm(service: tuple[Path, str], tmp_path: Path) -> None:
    """A real block sends a real request that says which run failed, and neither why nor where."""
    heard: list[bytes] = []

    class Pager(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pager) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        settings = {
            "PREFECT_API_URL": service[1],
            "PREFECT_HOME": str(tmp_path),
            "CURATE_ALARM": "custom-webhook/pager",
        }
        address = f"http://127.0.0.1:{listening.server_address[1]}/"
        done = subprocess.run(
            [sys.executable, "-c", _FAILS, address, str(tmp_path / "Secretpatient")],
            env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        listening.shutdown()
    assert done.stdout.strip().endswith("PolicyError"), done.stderr
    (said,) = heard
    assert b"check-release: run " in said
    assert b"ended as FAILED." in said
    assert b"Secretpatient" not in said


def test_settings_of_the_checkout_are_deployments() -> None:
    """prefect.yaml names entry points that there are, with parameters that they take."""
    import inspect

    import yaml
    from prefect.utilities.importtools import import_object

    root = Path(__file__).parents[2]
    for each in yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]:
        flow = import_object(f"{root}/{each['entrypoint']}")
        assert set(each["parameters"]) <= set(inspect.signature(flow.fn).parameters)
