"""Every kind of source: the same studies give the same release, and what goes wrong between us has one coded line."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import FileDataset, dcmread

from curate.errors import PolicyError, Problem
from curate.logs import configure
from curate.privacy.workspace import open_workspace
from curate.sources import server as servers
from curate.sources.address import RECEIVED, join
from curate.sources.server import Fetched, fetch
from curate.sources.source import Source, open_source
from tests import orthanc, synth
from tests.pipeline import digests, make_release, make_workspace

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
pynetdicom = pytest.importorskip("pynetdicom")
pytest.importorskip("dicomweb_client")


def _archive(place: Path) -> list[bytes]:
    """A directory of instances, images/, and one of reports, reports/; returns the instances as a PACS writes them."""
    (place / "images").mkdir(parents=True)
    (place / "reports").mkdir()
    made = []
    for number in (3, 4):
        person = synth.patient(number, kinds=("CT", "MR"), instances=2)
        for study in person.studies:
            made += [_encode(synth.instance(person, study, each)) for each in (1, 2)]
            (place / "reports" / f"{study.accession}.txt").write_text(
                synth.report_text(person, study), encoding="utf-8"
            )
    for number, content in enumerate(made):
        (place / "images" / f"{number}.dcm").write_bytes(content)
    return made


def _encode(instance: FileDataset) -> bytes:
    """An instance without trailing padding, which nobody may rely on (PS3.10 section 7.2) and DCMTK does not send."""
    del instance[0xFFFC, 0xFFFC]
    return synth.encode(instance)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """The archive and its instances."""
    place = tmp_path_factory.mktemp("archive")
    return place, _archive(place)


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, archive: tuple[Path, list[bytes]]) -> Iterator[orthanc.Orthanc]:
    """Orthanc with the archive in it; its credentials are in the environment."""
    configure()
    with pytest.MonkeyPatch.context() as patch, orthanc.running(tmp_path_factory.mktemp("pacs")) as server:
        patch.setenv("CURATE_DICOMWEB_USER", orthanc.USER)
        patch.setenv("CURATE_DICOMWEB_PASSWORD", orthanc.PASSWORD)
        server.store(archive[1])
        yield server


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory, archive: tuple[Path, list[bytes]]) -> Iterator[str]:
    """A bucket of S3 with the archive in it, served on loopback."""
    server = pytest.importorskip("moto.server")
    s3fs = pytest.importorskip("s3fs")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        system = s3fs.S3FileSystem(skip_instance_cache=True)
        system.mkdir("hospital", region_name="eu-central-1")
        system.put(str(archive[0]), "hospital/raw", recursive=True)
        yield "s3://hospital/raw"
    running.stop()


def _release(place: Path, address: str) -> dict[str, str]:
    """The files of the release that an address gives, by digest."""
    workspace = make_workspace(place / "workspace")
    fetch(address, workspace)
    make_release(address, workspace, place / "release")
    return digests(place / "release")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, archive: tuple[Path, list[bytes]]) -> dict[str, str]:
    """What the directory gives."""
    return _release(tmp_path_factory.mktemp("expected"), str(archive[0]))


def test_zip_and_s3_give_the_release_of_the_directory(
    tmp_path: Path, archive: tuple[Path, list[bytes]], bucket: str, expected: dict[str, str]
) -> None:
    """Byte for byte; also where images and reports lie in two places."""
    packed = Path(shutil.make_archive(str(tmp_path / "raw"), "zip", archive[0]))
    assert zipfile.is_zipfile(packed)
    assert _release(tmp_path / "zip", str(packed)) == expected
    assert _release(tmp_path / "s3", bucket) == expected
    both = join(f"{bucket}/images", str(archive[0] / "reports"))
    assert _release(tmp_path / "both", both) == expected


@pytest.mark.parametrize("kind", ["dicomweb", "get", "move"])
def test_pacs_gives_the_release_of_the_directory(
    tmp_path: Path, archive: tuple[Path, list[bytes]], pacs: orthanc.Orthanc, expected: dict[str, str], kind: str
) -> None:
    """Byte for byte, by DICOMweb, C-GET and C-MOVE, with the reports from a directory beside."""
    addresses = {"dicomweb": pacs.dicomweb, "get": pacs.address(), "move": pacs.address(query=f"?listen={pacs.listen}")}
    assert _release(tmp_path, join(addresses[kind], str(archive[0] / "reports"))) == expected


def _held(source: Source) -> list[str]:
    return sorted(file.path for file in source.walk() if file.fault is None)


@pytest.mark.parametrize("by", ["dicomweb", "get"])
def test_only_what_is_new_is_fetched_and_what_is_gone_is_let_go(
    workspace: Path, tmp_path: Path, archive: tuple[Path, list[bytes]], by: str
) -> None:
    """A second run asks for nothing; a study that the server no longer lists leaves the spool; filters are applied."""
    with orthanc.running(tmp_path / "pacs") as pacs, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURATE_DICOMWEB_USER", orthanc.USER)
        patch.setenv("CURATE_DICOMWEB_PASSWORD", orthanc.PASSWORD)
        address = pacs.dicomweb if by == "dicomweb" else pacs.address()
        pacs.store(archive[1][:4])
        assert fetch(address, workspace) == Fetched(new=4)
        pacs.store(archive[1])
        assert fetch(address, workspace) == Fetched(held=4, new=4)
        assert fetch(address, workspace) == Fetched(held=8)
        pacs.forget()
        assert fetch(address, workspace) == Fetched(held=6, removed=2)
        assert len(_held(open_source(address, workspace))) == 6
        assert fetch(f"{address}?PatientID=nobody", workspace) == Fetched()
        assert fetch(f"{address}?StudyDate=19000101-29991231", workspace) == Fetched(new=6)


def test_nothing_of_the_pacs_is_in_the_clear(workspace: Path, pacs: orthanc.Orthanc) -> None:
    """No identity, UID or address in the bytes or names of the spool."""
    fetch(pacs.dicomweb, workspace)
    person = synth.patient(3, kinds=("CT", "MR"), instances=2)
    secrets = [person.patient_id.encode(), b"DICM", b"127.0.0.1", person.studies[0].uid.encode()]
    files = [path for path in (workspace / "spool").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert not any(each in path.read_bytes() or each.decode() in str(path) for each in secrets)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://127.0.0.1:1/dicom-web", Problem.SOURCE_UNREACHABLE),
        ("dimse://CURATE@127.0.0.1:1/ORTHANC", Problem.SOURCE_UNREACHABLE),
        ("dimse://CURATE@127.0.0.1/ORTHANC", Problem.SOURCE_ADDRESS),
        ("dimse://127.0.0.1:104/ORTHANC", Problem.SOURCE_ADDRESS),
        ("dimse://CURATE@127.0.0.1:104/A-TITLE-OF-MORE-THAN-16", Problem.SOURCE_ADDRESS),
        ("https://wetherspoon:secret@pacs/dicom-web", Problem.SOURCE_ADDRESS),
        ("https://pacs/dicom-web?Wetherspoon=1", Problem.SOURCE_ADDRESS),
        ("https://pacs:wetherspoon/dicom-web", Problem.SOURCE_ADDRESS),
    ],
)
def test_server_that_cannot_be_asked(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, address: str, problem: Problem
) -> None:
    """One coded line that holds nothing of the address."""
    monkeypatch.setattr(servers, "DELAYS", (0.01,))
    with pytest.raises(PolicyError) as refused:
        fetch(address, workspace)
    assert refused.value.problem is problem
    assert "wetherspoon" not in str(refused.value).lower()


def test_pacs_that_refuses(workspace: Path, pacs: orthanc.Orthanc, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong AE title, wrong credentials and a wrong path are told apart, and not tried again."""
    with pytest.raises(PolicyError, match="called AE title not recognised"):
        fetch(pacs.address(called="OTHER"), workspace)
    with pytest.raises(PolicyError, match="HTTP 404"):
        fetch(f"http://127.0.0.1:{pacs.http}/other", workspace)
    monkeypatch.setenv("CURATE_DICOMWEB_PASSWORD", "wrong")
    with pytest.raises(PolicyError, match="HTTP 401"):
        fetch(pacs.dicomweb, workspace)


def test_transfer_that_is_killed_goes_on_where_it_was(workspace: Path, pacs: orthanc.Orthanc) -> None:
    """After a kill -9 in the middle nothing is half there, and only the rest is fetched."""
    fetch(pacs.dicomweb, open_workspace(workspace))
    code = (
        "import os, sys; from pathlib import Path; from curate.sources import server, spool\n"
        "add, left = spool.Spool.add, [3]\n"
        "def kill(self, identity, stream, suffix=''):\n"
        "    left[0] -= 1\n"
        "    if not left[0]: os.kill(os.getpid(), 9)\n"
        "    return add(self, identity, stream, suffix)\n"
        "spool.Spool.add = kill\n"
        "server.fetch(sys.argv[1], Path(sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, pacs.address(), workspace], env=environment, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert fetch(pacs.address(), workspace) == Fetched(held=2, new=6)


def _send(port: int, title: str, instances: list[bytes], place: Path) -> list[int]:
    """Send instances by C-STORE; returns the statuses, none where the association is refused."""
    sender = pynetdicom.AE("SENDER")
    datasets = []
    for number, content in enumerate(instances):
        (place / f"{number}").write_bytes(content)
        datasets.append(dcmread(place / f"{number}"))
    for sop_class, syntax in {(each.SOPClassUID, each.file_meta.TransferSyntaxUID) for each in datasets}:
        sender.add_requested_context(sop_class, syntax)
    association = sender.associate("127.0.0.1", port, ae_title=title)
    if not association.is_established:
        return []
    statuses = [association.send_c_store(each).Status for each in datasets]
    association.release()
    return statuses


def test_received_instances_are_curated(
    tmp_path: Path, archive: tuple[Path, list[bytes]], expected: dict[str, str]
) -> None:
    """`curate receive` keeps what is sent, each once, to its AE title alone, until it is told to stop."""
    workspace, port = make_workspace(tmp_path / "workspace"), orthanc.free_port()
    command = [sys.executable, "-c", "from flows.cli import main; main()", "receive", "--workspace", str(workspace)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    listener = subprocess.Popen(
        [*command, "--port", str(port), "--accept", "SENDER"], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert listener.stderr is not None
        assert "listening as CURATE" in listener.stderr.readline()
        assert _send(port, "CURATE", archive[1], tmp_path) == [0] * 8
        assert _send(port, "CURATE", archive[1][:2], tmp_path) == [0] * 2
        assert _send(port, "OTHER", archive[1][:1], tmp_path) == []
        second = subprocess.run([*command, "--port", str(port)], env=environment, capture_output=True, check=False)
        assert (second.returncode, second.stderr.count(b"\n")) == (2, 1)
    finally:
        listener.terminate()
    assert listener.wait(60) == 0
    address = join(RECEIVED, str(archive[0] / "reports"))
    make_release(address, workspace, tmp_path / "release")
    assert digests(tmp_path / "release") == expected
