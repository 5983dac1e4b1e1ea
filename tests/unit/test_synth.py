"""The synthetic patients carry their canaries, the bad inputs are bad, and the sweep finds what is hidden."""

import base64
import gzip
import io
import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tests.canaries import Searcher, sweep
from tests.synth import (
    CLINICAL,
    NAMES,
    SOP_CLASSES,
    SYNTAXES,
    bad_patient,
    patient,
    report_text,
    write_archive,
    write_bad_inputs,
)

PLAIN = "Zwolinsky-4711"
UMLAUT = "Öttl Größinger"
KANJI = "田中川 博史"
HANZI = "欧阳 静怡"
ALL = (PLAIN, UMLAUT, KANJI, HANZI)
FILLER = bytes(range(256)) * 40
NOISE = b"".join(sha256(bytes([each])).digest() for each in range(100))


def digest(folder: Path) -> str:
    """One digest of all names and contents under a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return sha256(b"".join(str(each.relative_to(folder)).encode() + each.read_bytes() for each in files)).hexdigest()


def dicom(charset: list[str], deflated: bool = False, **attributes: object) -> bytes:
    """A small DICOM file."""
    dataset, meta = Dataset(), FileMetaDataset()
    dataset.SpecificCharacterSet = charset
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian if deflated else "1.2.840.10008.1.2.1"
    dataset.file_meta = meta
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def nested(value: str, depth: int) -> Dataset:
    """A value `depth` items deep."""
    item = Dataset()
    item.PersonName = value
    if depth:
        outer = Dataset()
        outer.RequestAttributesSequence = [nested(value, depth - 1)]
        return outer
    return item


def parquet(column: pa.Array) -> bytes:
    """A Parquet file of one column that is compressed, so that its bytes show nothing."""
    buffer = io.BytesIO()
    pq.write_table(pa.table({"column": column}), buffer, compression="zstd", write_statistics=False)
    return buffer.getvalue()


def png(kind: bytes, body: bytes) -> bytes:
    """A PNG of one grey pixel with one more chunk."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(kind, body) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def sqlite(value: object) -> bytes:
    """A database with one cell."""
    connection = sqlite3.connect(":memory:")
    connection.execute('CREATE TABLE "odd ""name" (cell)')
    connection.execute('INSERT INTO "odd ""name" VALUES (?)', (value,))
    connection.commit()
    return connection.serialize()


def zipped(name: str, body: bytes) -> bytes:
    """A zip archive of one deflated member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return buffer.getvalue()


LONG = "filler " * 50


def squeezed(text: str) -> bytes:
    """A zlib stream in which the text does not stand as it is."""
    return zlib.compress((LONG + text + LONG).encode())


# how a string is hidden: name, canary, bytes of the file
HIDDEN: list[tuple[str, str, Callable[[str], bytes]]] = [
    *((f"{code} {text[0]}", text, lambda text, code=code: FILLER + text.encode(code) + FILLER)
      for text in ALL for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030")),
    ("utf-16 at an odd offset", PLAIN, lambda text: b"x" + text.encode("utf-16-le")),
    ("latin-1", UMLAUT, lambda text: text.encode("latin-1")),
    ("latin-1 upper case", "Öttl Grösinger", lambda text: text.upper().encode("latin-1")),
    ("upper case", PLAIN, lambda text: text.upper().encode()),
    ("lower case utf-16", UMLAUT, lambda text: text.lower().encode("utf-16-le")),
    ("decomposed", UMLAUT, lambda text: "O\u0308ttl Gro\u0308ßinger".encode()),
    ("iso 2022", KANJI, lambda text: b"Tanaka " + text.encode("iso2022_jp")),
    *((f"base64 after {shift}", text, lambda text, shift=shift: base64.b64encode(b"abc"[:shift] + text.encode() + b"z"))
      for text in ALL for shift in range(3)),
    ("base64 in lines", PLAIN, lambda text: base64.encodebytes(b"x" * 50 + text.encode() + b"x" * 50)),
    ("base64 for urls", "Øðþÿ-Öttlÿ", lambda text: base64.urlsafe_b64encode(text.encode())),
    ("hex", UMLAUT, lambda text: text.encode().hex().encode()),
    ("hex upper case", PLAIN, lambda text: text.encode().hex().upper().encode()),
    ("json escapes", KANJI, lambda text: json.dumps({"x": text}).encode()),
    ("html entities", "O'Flanagan & Sons", lambda text: b"<td>O&#x27;Flanagan &amp; Sons</td>"),
    ("percent escapes", UMLAUT, lambda text: b"/p/%C3%96ttl%20Gr%C3%B6%C3%9Finger"),
    ("zlib", PLAIN, lambda text: FILLER + squeezed(text) + FILLER),
    ("zlib that breaks off", PLAIN, lambda text: zlib.compress((LONG + text).encode() + NOISE)[:-500]),
    ("damaged zlib", PLAIN, lambda text: zlib.compress((LONG + text).encode())[:-4] + b"\xff" * 70000),
    ("second of two zlib streams", PLAIN, lambda text: zlib.compress(FILLER) + zlib.compress((LONG + text).encode())),
    ("gzip", PLAIN, lambda text: gzip.compress((LONG + text + LONG).encode(), mtime=0)),
    ("zip member", PLAIN, lambda text: zipped("a.txt", (LONG + text).encode())),
    ("zip member name", PLAIN, lambda text: zipped(f"{text}.txt", b"")),
    ("png tEXt", PLAIN, lambda text: png(b"tEXt", b"Comment\0" + text.encode())),
    ("png zTXt", PLAIN, lambda text: png(b"zTXt", b"Comment\0\0" + zlib.compress((LONG + text).encode()))),
    ("png iTXt", UMLAUT, lambda text: png(b"iTXt", b"c\0\1\0\0\0" + zlib.compress((LONG + text).encode()))),
    ("png tail", PLAIN, lambda text: png(b"tEXt", b"a\0b") + text.encode()),
    ("parquet string", UMLAUT, lambda text: parquet(pa.array([LONG + text + LONG, None]))),
    ("parquet large string", PLAIN, lambda text: parquet(pa.array([LONG + text], pa.large_string()))),
    ("parquet binary", PLAIN, lambda text: parquet(pa.array([(LONG + text).encode()]))),
    ("parquet list of structs", PLAIN, lambda text: parquet(pa.array([[{"a": {"b": [LONG + text]}}]]))),
    ("parquet map", PLAIN, lambda text: parquet(pa.array([[("k", LONG + text)]], pa.map_(pa.string(), pa.string())))),
    ("parquet dictionary", PLAIN, lambda text: parquet(pa.array([LONG + text] * 3).dictionary_encode())),
    ("parquet png", PLAIN, lambda text: parquet(pa.array([png(b"zTXt", b"c\0\0" + squeezed(text))]))),
    ("parquet date", "20240229", lambda text: parquet(pa.array([date(2024, 2, 29)]))),
    ("parquet time stamp", "2024-02-29", lambda text: parquet(pa.array([1709164800], pa.timestamp("s", "UTC")))),
    ("parquet integer", "12345678", lambda text: parquet(pa.array([12345678]))),
    ("sqlite text", UMLAUT, sqlite),
    ("sqlite blob of zlib", PLAIN, lambda text: sqlite(zlib.compress((LONG + text).encode()))),
    ("dicom latin-1", UMLAUT, lambda text: dicom(["ISO_IR 100"], PatientComments=text)),
    ("dicom iso 2022 name", "山田^太郎", lambda text: dicom(["", "ISO 2022 IR 87"], PatientName=f"Yamada={text}")),
    ("dicom gb18030 name", HANZI.replace(" ", "^"), lambda text: dicom(["GB18030"], PatientName=f"Ou^Jing={text}")),
    ("dicom arabic name", "قباني^لنزار", lambda text: dicom(["ISO_IR 127"], PatientName=text)),
    ("dicom deflated", PLAIN, lambda text: dicom([""], deflated=True, PatientComments=LONG + text)),
    ("dicom deflated nested", PLAIN, lambda text: dicom([""], True, RequestAttributesSequence=[nested(text, 3)])),
    ("zlib in dicom bytes", PLAIN, lambda text: dicom([""], True, EncapsulatedDocument=squeezed(text) + b"\0")),
    ("zip in gzip", PLAIN, lambda text: gzip.compress(zipped("a", (LONG + text).encode()), mtime=0)),
]  # fmt: skip


@pytest.mark.parametrize(("canary", "hide"), [each[1:] for each in HIDDEN], ids=[each[0] for each in HIDDEN])
def test_the_sweep_finds_every_way_of_hiding(tmp_path: Path, canary: str, hide: Callable[[str], bytes]) -> None:
    """A canary is found through its encoding, compression and container, and no other canary is."""
    (tmp_path / "file.bin").write_bytes(hide(canary))
    others = ["Absent-Person-1", "Nobody^Whatsoever", "19010101"]
    assert {hit.canary for hit in sweep([tmp_path], [*others, canary])} == {3}


CONTAINERS = ("zlib", "damaged", "second", "gzip", "zip", "png", "parquet", "sqlite", "dicom")
WRAPPED = [each for each in HIDDEN if each[0].split()[0] in CONTAINERS]


@pytest.mark.parametrize(("canary", "hide"), [each[1:] for each in WRAPPED], ids=[each[0] for each in WRAPPED])
def test_the_sweep_opens_every_container(tmp_path: Path, canary: str, hide: Callable[[str], bytes]) -> None:
    """What a container holds is found in what it was unpacked to, not by luck in its bytes."""
    (tmp_path / "file.bin").write_bytes(hide(canary))
    assert any(hit.place.startswith("bytes/") for hit in sweep([tmp_path], [canary]))


@pytest.mark.parametrize("keep", [b"Comment", b"", b"\x78\x9c\x00\x00", b"PAR1", b"PK\x03\x04", b"SQLite format 3\0"])
def test_the_sweep_reads_on_where_a_container_is_damaged(tmp_path: Path, keep: bytes) -> None:
    """What only looks like a container is searched as bytes."""
    (tmp_path / "file.bin").write_bytes(keep + FILLER + zlib.compress((LONG + PLAIN).encode()))
    assert [hit.canary for hit in sweep([tmp_path], [PLAIN])] == [0]


def test_the_sweep_reads_parquet_metadata_and_statistics(tmp_path: Path) -> None:
    """Schema metadata, field metadata, field names and column statistics are places too."""
    field = pa.field("column", pa.string(), metadata={"note": "Fieldnote-77"})
    schema = pa.schema([field, pa.field("Named-Column-1", pa.int8())], metadata={"origin": "Schemanote-88"})
    pq.write_table(pa.table([["Statistic-99"], [1]], schema), tmp_path / "file.parquet")
    wanted = ["Fieldnote-77", "Schemanote-88", "Named-Column-1", "Statistic-99"]
    hits = sweep([tmp_path / "file.parquet"], wanted)
    assert {hit.canary for hit in hits if hit.place == "bytes/parquet schema"} == {0, 1, 2}
    assert {hit.canary for hit in hits if hit.place == "bytes/parquet statistics"} == {3}


def test_the_sweep_reads_names_of_files_folders_and_targets(tmp_path: Path) -> None:
    """A canary in a path counts, wherever it stands in it."""
    (tmp_path / f"{UMLAUT} x").mkdir()
    (tmp_path / f"{UMLAUT} x" / "empty").write_bytes(b"")
    (tmp_path / "link").symlink_to(f"/nowhere/{PLAIN}")
    hits = sweep([tmp_path], [PLAIN, UMLAUT])
    assert {(hit.canary, hit.place, hit.path.name) for hit in hits} == {
        (0, "name", "link"),
        (1, "name", "empty"),
        (1, "name", f"{UMLAUT} x"),
    }


def test_the_sweep_finds_nothing_where_nothing_is(tmp_path: Path) -> None:
    """Noise, and base64 in another case, hold no canary."""
    noise = np.random.default_rng(1).integers(0, 256, 4_000_000, np.uint8).tobytes()
    (tmp_path / "noise").write_bytes(noise)
    (tmp_path / "text").write_bytes(base64.b64encode(PLAIN.encode()).swapcase())
    person = patient(3)
    assert sweep([tmp_path], [*ALL, *person.canaries]) == []


def test_a_hit_does_not_show_the_value(tmp_path: Path) -> None:
    """The representation names index, place and encoding; a path that is the finding itself stays out."""
    (tmp_path / PLAIN).write_bytes(PLAIN.encode())
    by_name, by_content = sweep([tmp_path / PLAIN], [PLAIN])
    assert PLAIN not in repr([by_name, by_content])
    assert repr(by_name) == "Hit(canary=0, place=name, encoding=utf-8)"
    assert by_content.place == "bytes"
    (tmp_path / "other").write_bytes(PLAIN.encode())
    assert str(tmp_path / "other") in repr(sweep([tmp_path / "other"], [PLAIN]))


def test_canaries_that_chance_would_find_are_refused() -> None:
    """Four bytes are no evidence."""
    with pytest.raises(ValueError, match="canary 1 is too short"):
        Searcher([PLAIN, "Hill"])


def test_equal_seeds_write_equal_archives(tmp_path: Path) -> None:
    """The same patients give the same bytes, other seeds others."""
    for folder, seed in (("a", 0), ("b", 0), ("c", 7)):
        write_archive(tmp_path / folder, [patient(seed + number, burn=True) for number in range(4)])
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


@pytest.mark.parametrize("kind", sorted(SOP_CLASSES))
def test_every_instance_carries_every_token(tmp_path: Path, kind: str) -> None:
    """In each transfer syntax each token of the patient stands in the file, and its pixels can be decoded."""
    for seed in range(len(SYNTAXES)):
        person = patient(seed, kinds=(kind,), instances=1)
        write_archive(tmp_path / str(seed), [person])
        found = {hit.canary for hit in sweep([tmp_path / str(seed)], person.tokens)}
        assert found == set(range(len(person.tokens)))
        path = next((tmp_path / str(seed)).rglob("*.dcm"))
        dataset = dcmread(path)
        assert dataset.pixel_array.max() > dataset.pixel_array.min()
        assert dataset.file_meta.TransferSyntaxUID == SYNTAXES[(seed + 1) % len(SYNTAXES)]


@pytest.mark.parametrize("charset", sorted(NAMES))
def test_names_are_written_in_their_character_set(tmp_path: Path, charset: str) -> None:
    """PatientName reads back with all its component groups, and the comment with every script."""
    person = patient(5, charset=charset)
    write_archive(tmp_path, [person])
    for path in tmp_path.rglob("*.dcm"):
        dataset = dcmread(path)
        assert str(dataset.PatientName) == person.name
        assert person.written in dataset.PatientComments
        assert "\\".join(dataset["SpecificCharacterSet"].value) == charset or dataset.SpecificCharacterSet == charset


@pytest.mark.parametrize("report", ["txt", "jsonl", "both"])
def test_every_linked_identity_stands_in_header_and_most_in_the_report(tmp_path: Path, report: str) -> None:
    """The sweep of an archive finds all canaries; each report names the patient, the ID and the clinical phrases."""
    person = patient(11, report=report)
    write_archive(tmp_path, [person])
    assert {hit.canary for hit in sweep([tmp_path], person.canaries)} == set(range(len(person.canaries)))
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "reports").iterdir()]
    assert all(person.patient_id in text and person.spoken in text for text in texts)
    assert all(phrase in report_text(person, study) for study in person.studies for phrase in CLINICAL)


def test_no_date_of_a_patient_is_another_date_shifted() -> None:
    """All study dates lie within 52 weeks, as do all birth dates: a shifted one never equals an original."""
    people = [patient(seed) for seed in range(200)]
    for days in ([study.day for each in people for study in each.studies], [each.birth for each in people]):
        assert (max(days) - min(days)).days < 52 * 7
    assert min(each.studies[0].day for each in people).year - max(each.birth for each in people).year > 11


def test_text_is_burned_into_every_frame_on_demand(tmp_path: Path) -> None:
    """`burn` changes the upper rows of all frames and nothing below."""
    for burn in (False, True):
        write_archive(tmp_path / str(burn), [patient(4, kinds=("US",), instances=1, burn=burn)])
    plain, burned = (dcmread(next((tmp_path / str(burn)).rglob("*.dcm"))).pixel_array for burn in (False, True))
    assert (plain[:, 32:] == burned[:, 32:]).all()
    assert all((frame[:32] == burned.max()).any() for frame in burned)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each bad input."""
    return write_bad_inputs(tmp_path_factory.mktemp("bad"))


@pytest.mark.parametrize("fault", ["empty", "not_dicom"])
def test_bad_inputs_that_are_no_dicom(bad: dict[str, Path], fault: str) -> None:
    """They are refused as such."""
    with pytest.raises((InvalidDicomError, EOFError)):
        dcmread(bad[fault])


def test_bad_inputs_that_cannot_be_opened(bad: dict[str, Path]) -> None:
    """A folder and a dangling link that are named like instances."""
    assert bad["directory"].is_dir()
    assert bad["dangling"].is_symlink()
    assert not bad["dangling"].exists()


def test_bad_inputs_that_break_off(bad: dict[str, Path]) -> None:
    """The header reads, the pixels do not."""
    dataset = dcmread(bad["truncated"])
    with pytest.raises(ValueError, match="less than expected"):
        dataset.pixel_array.sum()


def test_bad_inputs_that_are_too_deep(bad: dict[str, Path]) -> None:
    """Three hundred levels defeat a reader that recurses, yet hold an identity."""
    with pytest.raises(RecursionError):
        str(dcmread(bad["deep_sequence"]))
    assert bad["deep_sequence"].read_bytes().count(b"\xfa\xff\xfa\xffSQ") == 300


def test_bad_inputs_that_inflate(bad: dict[str, Path]) -> None:
    """Under a megabyte on disk, over 200 MB when inflated, and otherwise a sound deflated data set."""
    data = bad["deflate_bomb"].read_bytes()
    assert len(data) < 2**20
    dataset = dcmread(io.BytesIO(data))
    assert dataset.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    assert len(dataset[0xFFFCFFFC].value) > 200 * 10**6
    assert dataset.PatientID == bad_patient(list(bad).index("deflate_bomb")).patient_id


def test_bad_inputs_that_contradict_each_other(bad: dict[str, Path]) -> None:
    """Two instances of one UID differ or are equal; two reports of one study differ; an ID climbs out of its folder."""
    again = dcmread(bad["conflicting_duplicate"])
    first = dcmread(next(path for path in again_siblings(bad["conflicting_duplicate"])))
    assert again.SOPInstanceUID == first.SOPInstanceUID
    assert again.PixelData != first.PixelData
    copy = bad["identical_duplicate"]
    assert copy.read_bytes() == again_siblings(copy)[0].read_bytes()
    first_text, second_text = (json.loads(line)["text"] for line in bad["reports_disagree"].open(encoding="utf-8"))
    assert first_text != second_text
    assert dcmread(bad["escaping_patient_id"]).PatientID == "../../x"


def again_siblings(path: Path) -> list[Path]:
    """The other files of its folder."""
    return [each for each in path.parent.iterdir() if each != path]


def test_bad_inputs_with_missing_or_odd_reports(bad: dict[str, Path]) -> None:
    """A study alone, a report alone, and a report that is Latin-1 and not UTF-8."""
    assert not list(bad["study_without_report"].parents[2].rglob("*.txt"))
    assert not list(bad["report_without_study"].parents[1].rglob("*.dcm"))
    assert "Café-au-lait" in bad["latin1_report"].read_bytes().decode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        bad["latin1_report"].read_bytes().decode("utf-8")
