"""The fast path over encoded elements equals the plain path, byte for byte and note for note."""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from curate.dicom.encoded import Encoded, Note
from curate.dicom.profile import Profile
from curate.dicom.steps import Person, carry_out, steps_of
from curate.errors import Reason, Rejected
from curate.policy import Limits, ProfileOptions
from curate.privacy.surrogates import Surrogates
from tests import synth

KEPT = replace(ProfileOptions(), retain_safe_private=True)
OPTIONS = {"default": ProfileOptions(), "private": KEPT, "full": replace(KEPT, dates="full"),
           "remove": replace(ProfileOptions(), dates="remove", retain_patient_characteristics=False)}  # fmt: skip


def clean_text(texts: Sequence[str]) -> list[str]:
    """A cleaner that changes every text, so that an uncleaned one would show."""
    return [text.swapcase() for text in texts]


def encoded(options: ProfileOptions) -> Encoded:
    """A fast path with a key of its own."""
    return Encoded(Profile.compile(options), Surrogates(b"k" * 32, "patient"), clean_text, Limits())


def result(
    function: Callable[[Path, Path], Mapping[Note, int]], path: Path, out: Path
) -> tuple[Reason | None, Mapping[Note, int]]:
    """The reason why a file is refused, or the notes of what was written."""
    try:
        return None, function(path, out)
    except Rejected as refused:
        return refused.reason, {}


def both(work: Encoded, path: Path, folder: Path) -> bool:
    """Hold the fast path against the plain one; returns whether the fast path took the file on."""
    with path.open("rb") as source:
        fast = work._clean(source, path.stat().st_size) is not None
    reason, notes = result(work._plainly, path, folder / "plain")
    if reason:
        assert result(work.deidentify_file, path, folder / "fast")[0] is reason
        return fast
    for _ in range(2):  # the second time from memory
        assert dict(work.deidentify_file(path, folder / "fast")) == dict(notes)
        assert (folder / "fast").read_bytes() == (folder / "plain").read_bytes()
    return fast


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_every_real_file_comes_out_as_by_the_plain_path(shared: Path, tmp_path: Path, name: str) -> None:
    """Over all real files, of every transfer syntax: the same bytes, the same notes, or the same refusal."""
    work = encoded(OPTIONS[name])
    files = [path for path in sorted((shared / "data" / "real" / "dicom").rglob("*")) if path.is_file()]
    taken = sum(both(work, path, tmp_path) for path in files)
    assert taken >= 95


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("charset", synth.NAMES)
def test_planted_identities_come_out_as_by_the_plain_path(tmp_path: Path, name: str, charset: str) -> None:
    """Every hard place of the synthetic patients, in four character sets."""
    person = synth.patient(4, kinds=("CT", "US"), instances=1, charset=charset)
    for study in person.studies:
        dataset = synth.instance(person, study, 1)
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        if "FFFC" in {f"{tag.group:04X}" for tag in dataset.keys()}:  # noqa: SIM118
            del dataset[0xFFFCFFFC]
        dataset.PixelData = bytes(encoding_length(dataset))
        dataset.set_original_encoding(False, True, dataset.original_character_set)
        path = tmp_path / f"{study.kind}.dcm"
        path.write_bytes(synth.encode(dataset))
        both(encoded(OPTIONS[name]), path, tmp_path)


def encoding_length(dataset: synth.FileDataset) -> int:
    """The length of native pixel data."""
    samples = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * int(dataset.get("NumberOfFrames", 1))
    return int(samples * dataset.BitsAllocated // 8)


@settings(max_examples=150)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=4))
@example(at=240, damage=b"A")  # a VR in the file meta that there is not
@example(at=434, damage=b"\t")  # a blank inside a UID, which pydicom strips
def test_damaged_files_come_out_as_by_the_plain_path(
    tmp_path_factory: pytest.TempPathFactory, at: int, damage: bytes
) -> None:
    """Bytes of a real header overwritten anywhere: never another result than the plain path's."""
    folder = tmp_path_factory.mktemp("damaged")
    study = (person := synth.patient(9, kinds=("CT",), instances=1, charset="ISO_IR 100")).studies[0]
    dataset = synth.instance(person, study, 1)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.PixelData = bytes(encoding_length(dataset))
    whole = bytearray(synth.encode(dataset))
    whole[at % len(whole) : at % len(whole) + len(damage)] = damage
    path = folder / "x.dcm"
    path.write_bytes(whole)
    both(encoded(KEPT), path, folder)


def test_what_was_met_is_remembered(tmp_path: Path) -> None:
    """A second instance of a series is looked up but for what is new in it."""
    person = synth.patient(9, kinds=("CT",), instances=2, charset="ISO_IR 100")
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[str]:
        calls.append(len(texts))
        return clean_text(texts)

    work = Encoded(Profile.compile(KEPT), Surrogates(b"k" * 32, "p"), counting, Limits())
    counts = []
    for number in (1, 2):
        dataset = synth.instance(person, person.studies[0], number)
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.PixelData = bytes(encoding_length(dataset))
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(synth.encode(dataset))
        work.deidentify_file(path, tmp_path / "out")
        counts.append(sum(calls))
    assert counts[0] == counts[1] > 0


def test_header_that_is_longer_than_the_first_read_is_read_on(tmp_path: Path) -> None:
    """A header of half a megabyte is taken on whole."""
    person = synth.patient(9, kinds=("CT",), instances=1, charset="ISO_IR 100")
    dataset = synth.instance(person, person.studies[0], 1)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.PixelData = bytes(encoding_length(dataset))
    dataset.TextComments = "word " * 100_000
    path = tmp_path / "x.dcm"
    path.write_bytes(synth.encode(dataset))
    assert both(encoded(KEPT), path, tmp_path)


def test_output_reads_back_with_its_pixels(shared: Path, tmp_path: Path) -> None:
    """Pixel data are handed on by the kernel, and are the ones that came in."""
    path = shared / "data/real/dicom/highdicom/ct_image.dcm"
    encoded(KEPT).deidentify_file(path, tmp_path / "out")
    assert dcmread(tmp_path / "out").PixelData == dcmread(path).PixelData


@pytest.mark.parametrize(
    ("content", "fits"),
    [(b"1.5 ", True), (b"1.5", False), (b" 1.5", False), (b"1\\2 ", True), (b"1\\23", True), (b"SMITH ", False),
     (b"1.5\0", False), (b"", True)],
)  # fmt: skip
def test_number_travels_as_bytes_only_in_the_form_that_it_would_be_written(content: bytes, fits: bool) -> None:
    """Odd, padded in another way, or text in a DS: the plain path must look."""
    raw = struct.pack("<HH2sH", 0x18, 0x50, b"DS", len(content)) + content
    step = steps_of(Profile.compile(ProfileOptions()))[raw[:6]]
    made = carry_out(step, raw, Person(Surrogates(b"k" * 32, "p"), ProfileOptions(), str))
    assert (made == raw) is (fits and bool(content))
