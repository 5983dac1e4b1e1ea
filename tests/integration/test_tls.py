"""A Dask cluster under TLS with a certificate made for the test: the same bytes, and nobody in without one."""

import datetime as dt
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import synth
from tests.integration.test_command_line import ROOT, run
from tests.pipeline import digests


def certificate(folder: Path) -> dict[str, str]:
    """A self-signed certificate of 127.0.0.1, as the settings with which Dask uses it for every role."""
    folder.mkdir(parents=True)
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    settings = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(folder / "cert.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(folder / "cert.pem")
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(folder / "key.pem")
    return settings


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A scheduler and a worker that speak TLS alone; yields the address and the settings of who may come in."""
    settings = certificate(tmp_path / "tls")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, **settings, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT, "env": environment}
    host = ["--host", "127.0.0.1", "--protocol", "tls", "--dashboard-address", "127.0.0.1:0"]
    address = f"tls://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    scratch = ["--local-directory", str(tmp_path / "scratch"), "--nthreads", "1", "--no-nanny"]
    started = [
        subprocess.Popen([*dask, "scheduler", *host, "--port", str(port)], **quiet),
        subprocess.Popen([*dask, "worker", address, *host, *scratch], **quiet),
    ]
    time.sleep(1)
    yield address, settings
    for process in reversed(started):
        process.kill()
        process.wait(20)


@pytest.mark.slow
def test_a_cluster_under_tls_makes_the_same_bytes_and_refuses_strangers(
    tmp_path: Path, cluster: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the certificate the release is that of local processes; with another one the run ends with exit 2."""
    address, settings = cluster
    synth.write_archive(tmp_path / "source", [synth.patient(83, kinds=("CT",), instances=1)])
    workspace = tmp_path / "ws"
    with monkeypatch.context() as stranger:
        for name, value in certificate(tmp_path / "other").items():
            stranger.setenv(name, value)
        refused = run(tmp_path, "run", "source", "--release", "no", "--workspace", workspace, "--dask", address)
    assert refused.returncode == 2, refused.stderr
    assert "certificate" in refused.stderr
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = run(tmp_path, "run", "source", "--release", "remote", "--workspace", workspace, "--dask", address)
    assert done.returncode == 0, done.stderr
    for staged in (workspace / "staging").glob("shard-*"):
        staged.rename(tmp_path / f"remote-{staged.name}")
    done = run(tmp_path, "run", "source", "--release", "local", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "local") == digests(tmp_path / "remote")
