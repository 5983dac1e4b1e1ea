"""Prefect's own server of a run: where none is configured it is started, and its empty tables are kept for the next."""

import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem
from curate.privacy.workspace import open_workspace
from flows import environment


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place without a configured server, with a cache of its own."""
    for name in [each for each in os.environ if each.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))  # what the code sets is taken back after the test
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "CRITICAL")
    return tmp_path


def rows(database: Path) -> dict[str, int]:
    """How many rows each table has that has any."""
    with sqlite3.connect(database) as tables:
        names = [name for (name,) in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: tables.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    return {name: count for name, count in counts.items() if count}


@pytest.mark.slow
def test_the_empty_tables_of_the_first_run_serve_the_next_workspace(alone: Path) -> None:
    """What is kept has no row but the version of the tables; a new workspace starts from it; the server is stopped."""
    for name in ("first", "second"):
        with environment.orchestrator(open_workspace(alone / name)) as ready:
            taken = (alone / name / "prefect" / "prefect.db").exists()
            ready()
            assert "PREFECT_API_URL" in os.environ
        assert taken == (name == "second")
        assert "PREFECT_API_URL" not in os.environ
        (kept,) = (alone / "cache" / "radcurate").iterdir()
        assert set(rows(kept)) == {"alembic_version"}
        assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_run_that_is_killed_takes_its_server_along(alone: Path) -> None:
    """SIGKILL of the run alone, not of its group: nobody is left to stop the server, and it stops."""
    code = (
        "import sys, pathlib; from flows import environment\n"
        "with environment.orchestrator(pathlib.Path(sys.argv[1])) as ready:\n"
        "    ready(); print(environment.os.environ['PREFECT_API_URL'], flush=True); sys.stdin.read()"
    )
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [sys.executable, "-c", code, str(open_workspace(alone / "ws"))]
    with subprocess.Popen(command, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        health = running.stdout.readline().strip() + "/health"
        assert urllib.request.urlopen(health, timeout=20).status == 200  # noqa: S310  loopback
        running.kill()
    until = time.monotonic() + 30
    while answers(health) and time.monotonic() < until:
        time.sleep(0.2)
    assert not answers(health)


def answers(url: str) -> bool:
    """Whether there is a server."""
    try:
        return bool(urllib.request.urlopen(url, timeout=5))  # noqa: S310  loopback
    except OSError:
        return False


def test_a_server_that_cannot_come_up_is_told_in_one_line(alone: Path) -> None:
    """A database that is none ends the wait, long before patience does."""
    database = open_workspace(alone / "ws") / "prefect" / "prefect.db"
    database.parent.mkdir()
    database.write_bytes(b"no database" * 99)
    with environment.orchestrator(alone / "ws") as ready, pytest.raises(PolicyError) as refused:
        ready()
    assert refused.value.problem is Problem.SERVER_SILENT
