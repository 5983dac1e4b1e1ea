"""Law 7: no stage changes its input."""

from pathlib import Path

from curate.instances import deidentify_source
from curate.policy import Policy
from tests import synth
from tests.pipeline import digests, make_release, make_workspace


def test_archive_is_the_same_before_and_after(tmp_path: Path) -> None:
    """Bytes, times and names of the source do not change, whatever was good or bad in it."""
    source = tmp_path / "source"
    synth.write_archive(source, [synth.patient(61, kinds=("CT", "US"), burn=True)])
    synth.write_bad_inputs(source / "bad")
    before = digests(source), _times(source)
    make_release(source, make_workspace(tmp_path / "ws"), tmp_path / "release", dicom_out=tmp_path / "out")
    deidentify_source(str(source), tmp_path / "dicom", make_workspace(tmp_path / "ws2"), Policy())
    assert (digests(source), _times(source)) == before


def _times(root: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in root.rglob("*")}
