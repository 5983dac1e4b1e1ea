"""A real PACS for tests: Debian's Orthanc on loopback, with storage that goes with the test."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "curator", "correct horse"


@dataclass(frozen=True)
class Orthanc:
    """A running server: its ports, and the one to which its C-MOVE sends."""

    http: int
    dimse: int
    listen: int

    @property
    def dicomweb(self) -> str:
        """The address of its DICOMweb service."""
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def address(self, calling: str = "CURATE", called: str = "ORTHANC", query: str = "") -> str:
        """Its address by DIMSE."""
        return f"dimse://{calling}@127.0.0.1:{self.dimse}/{called}{query}"

    def store(self, instances: Iterable[bytes]) -> None:
        """Put instances into it."""
        for content in instances:
            self._ask("/instances", content)

    def forget(self) -> None:
        """Remove one study."""
        first = json.loads(self._ask("/studies"))[0]
        self._ask(f"/studies/{first}", method="DELETE")

    def _ask(self, path: str, content: bytes | None = None, method: str | None = None) -> bytes:
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, f"http://127.0.0.1:{self.http}/", USER, PASSWORD, is_authenticated=True)
        opener = urllib.request.build_opener(
            urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.ProxyHandler({})
        )
        asked = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", content, method=method)
        with opener.open(asked, timeout=30) as answer:
            return bytes(answer.read())


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(place: Path) -> Iterator[Orthanc]:
    """Start it, wait until it answers, stop it. Skips where it is not installed."""
    if not shutil.which("Orthanc") or not _PLUGIN.exists():
        pytest.skip("Debian's orthanc and orthanc-dicomweb are not installed")
    made = Orthanc(free_port(), free_port(), free_port())
    settings = {
        "StorageDirectory": str(place / "storage"), "IndexDirectory": str(place / "index"), "Plugins": [str(_PLUGIN)],
        "HttpPort": made.http, "DicomPort": made.dimse, "DicomAet": "ORTHANC", "DicomCheckCalledAet": True,
        "RemoteAccessAllowed": False, "AuthenticationEnabled": True, "RegisteredUsers": {USER: PASSWORD},
        "DicomAlwaysAllowGet": True, "DicomAlwaysAllowFind": True, "DicomAlwaysAllowMove": True,
        "DicomModalities": {"curate": ["CURATE", "127.0.0.1", made.listen]}, "DicomWeb": {"Enable": True},
    }  # fmt: skip
    place.mkdir(parents=True, exist_ok=True)
    (place / "orthanc.json").write_text(json.dumps(settings))
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(["Orthanc", place / "orthanc.json"], stdout=log, stderr=log)
    try:
        _wait(made)
        yield made
    finally:
        server.terminate()
        server.wait(20)


def _wait(server: Orthanc) -> None:
    for _ in range(300):
        try:
            server._ask("/system")
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("Orthanc did not start")
