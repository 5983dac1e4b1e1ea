"""What the catalog takes from a header: the same by encoded elements and through pydicom."""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from curate.dicom import identity
from curate.dicom.encoding import Unfit
from curate.dicom.identity import read_identity
from curate.dicom.read import BROKEN, read, realise
from curate.errors import Rejected
from curate.policy import Limits
from curate.records import RawHeader
from tests import synth

LIMITS = Limits()


def _slowly(data: bytes) -> RawHeader | str:
    """The whole header through pydicom, every element of it converted."""
    try:
        dataset = read(data, LIMITS, header_only=True)
        realise(dataset)
        return identity._of_dataset(dataset)
    except Rejected as refused:
        return refused.reason.value


def _quickly(data: bytes) -> RawHeader | str:
    try:
        return read_identity(BytesIO(data), LIMITS)
    except Rejected as refused:
        return refused.reason.value


def _is_fast(data: bytes) -> bool:
    try:
        identity._of_elements(BytesIO(data), LIMITS)
    except (Unfit, Rejected, struct.error, *BROKEN):
        return False
    return True


def test_files_of_pydicom_give_the_same_either_way() -> None:
    """Every transfer syntax, broken files and odd ones among them; most are read by their elements."""
    folder = Path(str(pydicom.__file__)).parent / "data"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in {".dcm", ""}]
    contents = {path.name: path.read_bytes() for path in paths if path.stat().st_size < 3_000_000}
    assert len(contents) > 80
    assert [name for name, data in contents.items() if _quickly(data) != _slowly(data)] == []
    assert sum(map(_is_fast, contents.values())) > len(contents) / 2


@pytest.mark.parametrize("charset", sorted(synth.NAMES))
@pytest.mark.parametrize("seed", range(5))
def test_names_in_any_script_give_the_same_either_way(charset: str, seed: int) -> None:
    """Five syntaxes, four character sets, canaries in every VR, nested and private."""
    person = synth.patient(600 + seed, charset=charset, instances=1)
    for study in person.studies:
        for _, data in synth.instance_files(person, study):
            assert _quickly(data) == _slowly(data)


@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192"])
def test_names_beyond_ascii_are_read_by_their_elements(charset: str) -> None:
    """In Latin-1 and UTF-8: an index is not slow for whoever is not English."""
    dataset = dcmread(get_testdata_file("CT_small.dcm"))
    dataset.SpecificCharacterSet, dataset.PatientName = charset, "Bäckströmer^Jörgen"
    data = _encoded(dataset)
    assert _is_fast(data)
    assert _quickly(data) == _slowly(data)


def _encoded(dataset: Dataset, *, implicit: bool = False) -> bytes:
    out = BytesIO()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.save_as(out, implicit_vr=implicit, little_endian=True)
    return out.getvalue()


def _odd() -> Iterator[Dataset]:
    """Headers with one thing unusual each."""
    for keyword, value in {
        "PatientID": "A\\B", "InstanceNumber": "", "NumberOfFrames": "3", "PatientName": "A^B=C=D", "StudyDate": "",
        "IssuerOfPatientID": " X ", "AccessionNumber": "\tA ", "OtherPatientIDs": ["1", "2"],
        "InstitutionAddress": "a\\b", "ContentDate": ["20240101", "20240102"], "OperatorsName": ["A^B", "C"],
        "PatientComments": "x" * 5000, "Rows": None, "BodyPartExamined": "CHEST ", "SOPInstanceUID": "",
        "PatientBirthDate": "1951.02.03", "SpecificCharacterSet": "ISO-IR 100", "Modality": ["CT", "PT"],
    }.items():  # fmt: skip
        dataset = dcmread(get_testdata_file("CT_small.dcm"))
        setattr(dataset, keyword, value)
        yield dataset
    request = Dataset()
    request.PlacerOrderNumberImagingServiceRequest, request.AccessionNumber = "PLC-1", "ACC-1"
    for keyword in ("RequestAttributesSequence", "ReferencedRequestSequence", "ReferencedStudySequence"):
        dataset = dcmread(get_testdata_file("CT_small.dcm"))
        setattr(dataset, keyword, [request])
        yield dataset


@pytest.mark.parametrize("implicit", [False, True])
def test_odd_headers_give_the_same_either_way(implicit: bool) -> None:
    """Several values, none, other separators, padding, orders in sequences."""
    for dataset in _odd():
        data = _encoded(dataset, implicit=implicit)
        assert _quickly(data) == _slowly(data)


def test_orders_of_requests_are_found() -> None:
    """In the two sequences that hold requests, and in no other."""
    found = [_quickly(_encoded(dataset)) for dataset in _odd()][-3:]
    assert [each.orders for each in found if isinstance(each, RawHeader)] == [
        ("ACC-1", "PLC-1"),
        ("ACC-1", "PLC-1"),
        (),
    ]


SMALL = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
HEADER_END = len(SMALL) - 2 * 128 * 128 - 200


@given(st.integers(0, HEADER_END), st.binary(min_size=1, max_size=4))
def test_any_damage_gives_the_same_either_way(place: int, damage: bytes) -> None:
    """Bytes that are wrong anywhere in the header: never another identity, never another reason."""
    data = SMALL[:place] + damage + SMALL[place + len(damage) :]
    assert _quickly(data) == _slowly(data)


@given(st.integers(0, len(SMALL)))
def test_any_cut_gives_the_same_either_way(length: int) -> None:
    """A file that ends anywhere, in its pixels too."""
    assert _quickly(SMALL[:length]) == _slowly(SMALL[:length])


def test_real_files_give_the_same_either_way(shared: Path) -> None:
    """Open data of many makers."""
    paths = [path for path in sorted((shared / "data/real").rglob("*.dcm")) if path.stat().st_size < 2_000_000][:300]
    if not paths:
        pytest.skip("no open DICOM is among the shared test data")
    contents = [path.read_bytes() for path in paths]
    assert [path.name for path, data in zip(paths, contents, strict=True) if _quickly(data) != _slowly(data)] == []
