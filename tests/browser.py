"""A real browser, headless: what a page does when it is opened, and how it looks."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not opened")
_QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--mute-audio",
    "--allow-file-access-from-files", "--hide-scrollbars", "--virtual-time-budget=3000",
)  # fmt: skip


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers nothing and notes the first line of each request: its address, and the lines."""
    asked: list[str] = []

    class Note(StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode("latin-1").strip())

    with ThreadingTCPServer(("127.0.0.1", 0), Note) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def open_page(page: Path | str, profile: Path, proxy: str) -> str:
    """The document as it stands once scripts, if any ran, are done; every request goes to the proxy."""
    return _run(profile, f"--proxy-server={proxy}", "--dump-dom", _address(page))


def picture(page: Path | str, profile: Path, out: Path, size: tuple[int, int] = (1000, 1400)) -> Path:
    """A screenshot of the upper part of a page, as PNG."""
    _run(profile, f"--screenshot={out}", f"--window-size={size[0]},{size[1]}", _address(page))
    return out


def _address(page: Path | str) -> str:
    return page if isinstance(page, str) else page.resolve().as_uri()


def _run(profile: Path, *arguments: str) -> str:
    assert CHROMIUM
    done = subprocess.run(
        [CHROMIUM, *_QUIET, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        check=True,
        timeout=120,
        env={**os.environ, "HOME": str(profile)},
    )
    return done.stdout.decode("utf-8")
