"""Reading: whatever a file holds, it becomes a data set or one coded refusal."""

import pytest
from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from curate.dicom.read import read, realise
from curate.dicom.write import encode
from curate.errors import Reason, Rejected
from curate.policy import Limits

LIMITS = Limits()
META = 132 + 12 + 4  # prefix and group length


def reason_of(data: bytes, limits: Limits = LIMITS, **options: bool) -> Reason:
    """The reason why something is refused."""
    with pytest.raises(Rejected) as raised:
        read(data, limits, **options)
    assert raised.value.__cause__ is None
    return raised.value.reason


def in_syntax(source: Dataset, syntax: str) -> bytes:
    """The instance as a file in a transfer syntax."""
    source.file_meta.TransferSyntaxUID = syntax
    return bytes(encode(source))


def nested(depth: int, *, defined: bool) -> Dataset:
    """Sequences within sequences."""
    inner = Dataset()
    for _ in range(depth):
        outer = Dataset()
        outer.ReferencedSeriesSequence = [inner]
        outer["ReferencedSeriesSequence"].is_undefined_length = not defined
        inner.is_undefined_length_sequence_item = not defined
        inner = outer
    return inner


def element(tag: bytes, vr: bytes, value: bytes) -> bytes:
    """One element in Explicit VR Little Endian."""
    return tag + vr + len(value).to_bytes(2, "little") + value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY_FILE),
        (b"hello", Reason.NOT_DICOM),
        (b"%PDF-1.7" + b"x" * 500, Reason.NOT_DICOM),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), Reason.NOT_DICOM),
        (bytes(300), Reason.NOT_DICOM),
        (bytes(128) + b"DICM", Reason.MALFORMED),
        (bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\x14", Reason.TRUNCATED),
    ],
)  # fmt: skip
def test_what_is_no_instance_is_refused(data, reason) -> None:
    """Empty, foreign and broken files have a reason each."""
    if reason is Reason.MALFORMED:
        assert list(read(data, LIMITS).keys()) == []  # a file of meta information alone is whole, if useless
    else:
        assert reason_of(data) is reason


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, "1.2.840.10008.1.2.1", ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_encoding_is_read_and_every_cut_is_noticed(syntax, instance) -> None:
    """A whole file is read; a file cut anywhere within its elements is TRUNCATED, and never half a data set."""
    data = in_syntax(instance(StudyDescription="chest"), syntax)
    dataset = read(data, LIMITS)
    assert realise(dataset) == []
    assert dataset.StudyDescription == "chest"
    assert dataset.PixelData == instance().PixelData
    for end in range(META + 1, len(data), 7):
        try:
            cut = read(data[:end], LIMITS)
        except Rejected as refused:
            assert refused.reason in {Reason.TRUNCATED, Reason.NOT_DICOM}  # noqa: PT017
        else:
            assert realise(cut) == []
            assert dict(cut.items()).items() <= dict(dcmread_all(data)).items()  # cut between two elements


def dcmread_all(data: bytes) -> Dataset:
    """The whole data set, realised."""
    dataset = read(data, LIMITS)
    realise(dataset)
    return dataset


def test_header_only_leaves_pixels_but_notices_their_cut(instance) -> None:
    """Without pixel data, the header is the same; a file whose pixels are cut is refused all the same."""
    data = in_syntax(instance(StudyDescription="chest"), "1.2.840.10008.1.2.1")
    header = read(data, LIMITS, header_only=True)
    assert "PixelData" not in header
    assert header.StudyDescription == "chest"
    assert reason_of(data[:-2], header_only=True) is Reason.TRUNCATED


def test_file_without_prefix_is_read(instance) -> None:
    """Files without preamble and file meta that are real DICOM are accepted, in each plain encoding."""
    for syntax in (ImplicitVRLittleEndian, "1.2.840.10008.1.2.1", ExplicitVRBigEndian):
        data = in_syntax(instance(), syntax)
        length = int.from_bytes(data[140:144], "little")
        dataset = read(data[144 + length :], LIMITS)
        assert dataset.PatientID == "MRN123456"


def test_limits_hold_before_anything_is_allocated(instance) -> None:
    """A file over the limit, and a small file that inflates beyond it, are TOO_LARGE."""
    data = in_syntax(instance(ImageComments="a" * 10_000), DeflatedExplicitVRLittleEndian)
    assert len(data) < 2_000
    assert reason_of(data, Limits(inflated_bytes=5_000)) is Reason.TOO_LARGE
    assert reason_of(data, Limits(file_bytes=100)) is Reason.TOO_LARGE
    assert read(data, LIMITS).ImageComments == "a" * 10_000


@pytest.mark.parametrize("defined", [True, False])
def test_nesting_is_bounded(defined, instance) -> None:
    """Sequences nested deeper than the limit are TOO_DEEP, whether their lengths are defined or not."""
    source = instance()
    source.update(nested(70, defined=defined))
    data = in_syntax(source, "1.2.840.10008.1.2.1")
    with pytest.raises(Rejected) as raised:
        realise(read(data, LIMITS))
    assert raised.value.reason is Reason.TOO_DEEP
    source.update(nested(60, defined=defined))
    assert realise(read(in_syntax(source, "1.2.840.10008.1.2.1"), LIMITS)) == []


def test_bottomless_file_is_too_deep() -> None:
    """A hundred thousand opened sequences cost neither a crash nor a stack."""
    opened = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    assert reason_of(bytes(128) + b"DICM" + opened * 100_000) is Reason.TOO_DEEP


def test_media_directory_is_refused_by_policy(instance) -> None:
    """A DICOMDIR lists instances and is none."""
    source = instance()
    source.file_meta.MediaStorageSOPClassUID = source.SOPClassUID = "1.2.840.10008.1.3.10"
    reason = reason_of(in_syntax(source, "1.2.840.10008.1.2.1"))
    assert reason is Reason.MEDIA_DIRECTORY
    assert reason.by_policy


def test_missing_file_is_unreadable(tmp_path) -> None:
    """What cannot be opened is UNREADABLE, without its path in the refusal."""
    with pytest.raises(Rejected) as raised:
        read(tmp_path / "canary.dcm", LIMITS)
    assert raised.value.reason is Reason.UNREADABLE
    assert "canary" not in repr(raised.value)


def test_broken_elements_are_dropped_and_named(instance) -> None:
    """What cannot be converted is dropped, at any depth, and reported by tag; what is misspelt is mended."""
    broken = b"".join((
        element(b"\x20\x00\x13\x00", b"IS", b"seven "), element(b"\x20\x00\x32\x00", b"DS", b"1\\Canary"),
        element(b"\x20\x00\x52\x00", b"SQ", b"")[:-2] + b"\0\0\x04\0\0\0abcd",
        element(b"\x28\x00\x02\x00", b"US", b"abc"),
        element(b"\x28\x00\x04\x00", b"ZZ", b"abcd"),
        element(b"\x28\x00\x30\x00", b"DS", b"0,7\\0,7 "),
    ))  # fmt: skip
    source = instance()
    del source.PhotometricInterpretation
    data = in_syntax(source, "1.2.840.10008.1.2.1")
    at = data.index(b"\x28\x00\x02\x00US")
    dataset = read(data[:at] + broken + data[at + 10 :], LIMITS)
    assert sorted(realise(dataset)) == ["(0020,0013)", "(0020,0032)", "(0020,0052)", "(0028,0002)", "(0028,0004)"]
    assert dataset.PixelSpacing == [0.7, 0.7]
    assert "InstanceNumber" not in dataset


@pytest.mark.parametrize(
    ("charset", "raw", "expected"),
    [
        (b"", "Müller".encode(), "Müller"),
        (b"", "Müller".encode("latin-1"), "Müller"),
        (b"ISO_IR 999 ", "Müller".encode(), "Müller"),
        (b"ISO-IR 100", "Müller".encode("latin-1"), "Müller"),
        (b"ISO_IR 192", "Müller".encode(), "Müller"),
    ],
)
def test_character_sets_fall_back(charset, raw, expected) -> None:
    """Without a known character set, texts are UTF-8 if they can be, else Latin-1; a misspelt one is understood."""
    value = raw + b" " * (len(raw) % 2)
    data = b"".join((
        element(b"\x08\x00\x05\x00", b"CS", charset), element(b"\x08\x00\x16\x00", b"UI", b"1.2\0"),
        element(b"\x10\x00\x10\x00", b"PN", value), element(b"\x10\x00\x00\x40", b"LT", value),
    ))  # fmt: skip
    dataset = read(data, LIMITS)
    assert realise(dataset) == []
    assert str(dataset.PatientName) == dataset.PatientComments == expected
