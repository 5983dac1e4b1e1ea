"""Writing: whole files, the same bytes, and the mode that the user's umask says."""

import os

import numpy as np
import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from curate.dicom.read import read, realise
from curate.dicom.write import write
from curate.errors import Reason, Rejected
from curate.policy import Limits


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


@pytest.mark.parametrize("order", "<>")
def test_words_keep_their_byte_order(order, instance, clean, tmp_path) -> None:
    """Entries of tables, floats and pixel data are the same numbers before and after, in each order."""
    syntax = ExplicitVRLittleEndian if order == "<" else ExplicitVRBigEndian
    table, values = np.arange(256, dtype="u2") * 7, np.array([[1, 500], [1000, 4095]], "u2")
    item = Dataset()
    item.LUTDescriptor, item.ModalityLUTType = [256, 0, 16], "US"
    item.add_new(0x00283006, "OW", table.astype(f"{order}u2").tobytes())
    source = instance(ModalityLUTSequence=[item], RedPaletteColorLookupTableDescriptor=[256, 0, 16])
    source.add_new(0x00281201, "OW", table.astype(f"{order}u2").tobytes())
    source.add_new(0x00660016, "OF", table.astype(f"{order}f4").tobytes())  # Point Coordinates Data
    source.PixelData = values.astype(f"{order}u2").tobytes()
    source.file_meta.TransferSyntaxUID = syntax
    dcmwrite(tmp_path / "source.dcm", source, enforce_file_format=True)
    read_back = read(tmp_path / "source.dcm", Limits())
    realise(read_back)
    write(clean(read_back).dataset, tmp_path / "clean.dcm")
    made = dcmread(tmp_path / "clean.dcm")
    assert made.file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(np.frombuffer(made.ModalityLUTSequence[0].LUTData, f"{order}u2"), table)
    assert np.array_equal(np.frombuffer(made.RedPaletteColorLookupTableData, f"{order}u2"), table)
    assert np.array_equal(np.frombuffer(made.PointCoordinatesData, f"{order}f4"), table)
    assert np.array_equal(made.pixel_array, values)


def test_what_cannot_be_encoded_leaves_no_file(instance, clean, tmp_path) -> None:
    """A data set that cannot be encoded is MALFORMED, and neither a file nor part of one is left."""
    made = clean(instance()).dataset
    made.add_new(0x00280010, "US", "Canary")
    with pytest.raises(Rejected) as raised:
        write(made, tmp_path / "clean.dcm")
    assert raised.value.reason is Reason.MALFORMED
    assert raised.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []
