"""A real Prefect server on loopback, with its database in a folder of the test."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError


@contextmanager
def server(home: Path) -> Iterator[dict[str, str]]:
    """Yield the environment in which a flow finds the server; raises TimeoutError when it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        running = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/api"
        _wait(url)
        yield {**settings, "PREFECT_API_URL": url}
    finally:
        running.terminate()
        running.wait(30)


def _wait(url: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2)  # noqa: S310  loopback
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise TimeoutError
