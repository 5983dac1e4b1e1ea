"""Writing: whole files, the same bytes, and the mode that the user's umask says."""

import os

import pytest
from pydicom import dcmread

from curate.dicom.write import write
from curate.errors import Reason, Rejected


def test_file_appears_whole_and_alone(instance, clean, tmp_path) -> None:
    """The file can be read, nothing else is in its directory, and what stood there before is replaced."""
    path = tmp_path / "clean.dcm"
    path.write_bytes(b"before")
    made = clean(instance()).dataset
    write(made, path)
    assert dcmread(path).SOPInstanceUID == made.SOPInstanceUID
    assert os.listdir(tmp_path) == ["clean.dcm"]  # noqa: PTH208


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_mode_is_that_of_the_umask(umask, mode, instance, clean, tmp_path) -> None:
    """Who may read the file is the user's choice, not ours."""
    before = os.umask(umask)
    try:
        write(clean(instance()).dataset, tmp_path / "clean.dcm")
    finally:
        os.umask(before)
    assert (tmp_path / "clean.dcm").stat().st_mode & 0o777 == mode


def test_what_cannot_be_encoded_leaves_no_file(instance, clean, tmp_path) -> None:
    """A data set that cannot be encoded is MALFORMED, and neither a file nor part of one is left."""
    made = clean(instance()).dataset
    made.add_new(0x00280010, "US", "Canary")
    with pytest.raises(Rejected) as raised:
        write(made, tmp_path / "clean.dcm")
    assert raised.value.reason is Reason.MALFORMED
    assert raised.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []
