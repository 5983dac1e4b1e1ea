"""Prefect for a run of the command line: no telemetry, its logs quiet, and a server where none is configured.

The server's database is in the workspace. It starts beside the imports that a run needs anyway, and a new workspace
takes over an empty database of an earlier one of this user: making its tables takes longer than everything else.
"""

import ctypes
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path

from curate.errors import PolicyError, Problem

_ON_DEATH_OF_PARENT = 1
_PATIENCE = 180  # seconds: a fresh database on a busy machine


def prepare(workspace: Path) -> Path:
    """Set what Prefect reads from the environment, before it is imported; returns the folder of a server of its own."""
    home = workspace.resolve() / "prefect"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # errors are told once, by the command line
    if "PREFECT_API_URL" not in os.environ:
        os.environ["PREFECT_HOME"] = str(home)
    return home


@contextmanager
def orchestrator(workspace: Path) -> Iterator[Callable[[], None]]:
    """Start a server unless one is configured; yield what waits until it answers, and stop it at the end.

    Waiting raises PolicyError when the server ends or stays silent.
    """
    database = prepare(workspace) / "prefect.db"
    if "PREFECT_API_URL" in os.environ:
        yield lambda: None
        return
    known = _take_over(database)
    server, url = _start()
    os.environ["PREFECT_API_URL"] = url
    try:
        yield lambda: _settle(server, url, None if known else database)
    finally:
        _drain()
        server.terminate()
        server.wait()
        del os.environ["PREFECT_API_URL"]


@contextmanager
def connected() -> Iterator[None]:
    """Turn the end of the connection to Prefect, which its client has tried to mend for minutes, into our error."""
    import httpx

    try:
        yield
    except httpx.TransportError:
        raise PolicyError(Problem.SERVER_LOST, "prefect") from None


def _start() -> tuple["subprocess.Popen[bytes]", str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603  words of our own
        [*command, "--no-ui", "--no-services"],
        stdin=quiet, stdout=quiet, stderr=quiet, preexec_fn=_ends_with_us(),  # noqa: PLW1509  we have no thread yet
    )  # fmt: skip
    return started, f"http://127.0.0.1:{port}/api"


def _ends_with_us() -> Callable[[], object] | None:
    """What a process does to be stopped when we are killed: prctl(2) with PR_SET_PDEATHSIG, which Linux alone has."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    return prctl and partial(prctl, _ON_DEATH_OF_PARENT, signal.SIGTERM)


def _settle(server: "subprocess.Popen[bytes]", url: str, fresh: Path | None) -> None:
    """Wait for the server; a database that it made anew serves the next workspace too."""
    _wait(server, url)
    if fresh:
        _keep_blank(fresh)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=2):  # noqa: S310  loopback
            return
        time.sleep(0.05)
    raise PolicyError(Problem.SERVER_SILENT)


def _drain() -> None:
    """Let Prefect hand over the events of the run while there is a server to take them."""
    if events := sys.modules.get("prefect.events.worker"):
        events.EventsWorker.drain_all(timeout=5)


def _blank() -> Path:
    """Where the empty database of this version of Prefect is kept."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return kept / "radcurate" / f"prefect-{version('prefect')}.db"


def _take_over(database: Path) -> bool:
    """Put the empty database where there is none; says whether nothing is left to keep."""
    database.parent.mkdir(mode=0o700, exist_ok=True)
    if database.exists():
        return True
    with suppress(OSError, RuntimeError):  # no cache yet, or no home to keep it in
        shutil.copyfile(_blank(), database)
    return database.exists()


def _keep_blank(database: Path) -> None:
    """Keep a copy of the tables without a row; whoever cannot write there does without."""
    with suppress(OSError, RuntimeError, sqlite3.Error):
        _blank().parent.mkdir(parents=True, exist_ok=True)
        made = _blank().with_suffix(f".{os.getpid()}")
        with sqlite3.connect(database) as whole:
            whole.execute("VACUUM INTO ?", (str(made),))
        _empty(made)
        made.replace(_blank())


def _empty(database: Path) -> None:
    """Remove every row but the version of the tables."""
    with sqlite3.connect(database) as tables:
        names = tables.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in names.fetchall():
            if name != "alembic_version":
                tables.execute(f'DELETE FROM "{name}"')  # noqa: S608  a name of the schema
    tables.close()
