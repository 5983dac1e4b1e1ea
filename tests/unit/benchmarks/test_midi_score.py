"""The scorer of the MIDI-B kind of check: each action passes and fails where it must, and a key survives its file."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tests.benchmarks.midi.corpus import files_of
from tests.benchmarks.midi.key import KINDS, LEAKS, Check, Instance, read_key, write_key
from tests.benchmarks.midi.people import person
from tests.benchmarks.midi.score import Maps, describe, holds, is_free, passes, read_map, score
from tests.benchmarks.midi.values import find, text_of

MAPS = Maps({"1.2.3": "2.25.1"}, {"MRN1": "RNEW"})
IDENTITY = ("MRN1", "1.2.1", "1.2.2", "1.2.3", str(CTImageStorage), "CT")


def made() -> Dataset:
    """A de-identified instance with one attribute of each kind that the scorer looks at."""
    item, dataset = Dataset(), Dataset()
    item.ReferencedSOPInstanceUID = "2.25.1"
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.PatientID = CTImageStorage, "2.25.1", "RNEW"
    dataset.StudyDescription, dataset.SliceThickness, dataset.StudyDate = "CT CHEST for", "1.50", "20100102"
    dataset.PatientName, dataset.ReferencedImageSequence, dataset.WindowCenter = "", [item], ["40.0", "-600"]
    dataset.private_block(0x0019, "OTHER 1", create=True).add_new(0x0C, "IS", "7")
    dataset.private_block(0x0019, "VENDOR 1", create=True).add_new(0x0C, "IS", "1000")
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.PixelRepresentation = 64, 256, 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = bytes(64 * 256)
    dataset["PixelData"].VR = "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, "2.25.1"
    return dataset


PASSING = (
    Check("tag_retained", "(0010,0010)"),
    Check("tag_retained", '(0019,"VENDOR 1",0c)'),
    Check("text_notnull", "(0008,1030)"),
    Check("text_notnull", "(0008,1140)"),
    Check("text_retained", "(0008,1030)", "CT CHEST"),
    Check("text_retained", "(0008,1030)", "chest of the ct"),  # order, case and stop words do not count
    Check("text_retained", "(0018,0050)", "1.5"),  # a number by its value
    Check("text_retained", "(0028,1050)", "['40', '-600.0']"),
    Check("text_retained", '(0019,"VENDOR 1",0C)', "1000"),
    Check("text_removed", "(0008,1030)", "Smith"),
    Check("text_removed", "(0010,4000)", "Smith"),  # absent
    Check("text_removed", "(0010,0010)", "Smith"),  # empty
    Check("date_shifted", "(0008,0020)", value="20240101"),
    Check("date_shifted", "(0008,0021)", value="20240101"),
    Check("uid_changed", "(0008,1140)[0000](0008,1155)", value="1.2.3"),
    Check("uid_consistent", "(0008,1140)[0000](0008,1155)", value="1.2.3"),
    Check("uid_consistent", "(0008,1140)[0001](0008,1155)", value="9.9"),  # absent
    Check("patid_consistent", "(0010,0020)", value="MRN1"),
    Check("pixels_retained", "(7fe0,0010)", "ce338fe6899778aacfc28414f2d9498b"),
    Check("pixels_hidden", "(7fe0,0010)", "SMITH", box=(0, 0, 256, 64)),
)
FAILING = (
    Check("tag_retained", "(0010,0030)"),
    Check("tag_retained", '(0019,"VENDOR 2",0c)'),
    Check("text_notnull", "(0010,0010)"),  # empty
    Check("text_notnull", "(0010,0030)"),  # absent
    Check("text_retained", "(0008,1030)", "CT CHEST CONTRAST"),
    Check("text_retained", "(0018,0050)", "2.5"),
    Check("text_retained", "(0028,1050)", "['40', '600']"),
    Check("text_retained", "(0010,4000)", "CT"),
    Check("text_removed", "(0008,1030)", "John Chest"),  # one token is left, in another case
    Check("text_removed", "(0018,0050)", "1.5"),
    Check("date_shifted", "(0008,0020)", value="20100102"),
    Check("uid_changed", "(0008,1140)[0000](0008,1155)", value="2.25.1"),
    Check("uid_consistent", "(0008,1140)[0000](0008,1155)", value="9.9"),  # not in the map
    Check("patid_consistent", "(0010,0020)", value="MRN2"),
    Check("pixels_retained", "(7fe0,0010)", "0" * 32),
)


@pytest.mark.parametrize("check", PASSING, ids=lambda each: f"{each.action}{each.tag}{each.text}")
def test_an_action_passes(check: Check) -> None:
    """Each action passes where the instance shows it."""
    assert passes(check, made(), MAPS)


@pytest.mark.parametrize("check", FAILING, ids=lambda each: f"{each.action}{each.tag}{each.text}")
def test_an_action_fails(check: Check) -> None:
    """Each action fails where the instance does not show it."""
    assert not passes(check, made(), MAPS)


def test_cases_cover_every_action() -> None:
    """Every action has a case that passes and, but for text in pixels, one that fails."""
    assert {each.action for each in PASSING} == set(KINDS)
    assert {each.action for each in FAILING} == set(KINDS) - {"pixels_hidden"}


def test_text_in_pixels_is_read() -> None:
    """A word drawn into the box fails pixels_hidden, in other words or outside the box it passes."""
    import cv2

    dataset, drawn = made(), np.zeros((64, 256), np.uint8)
    cv2.putText(drawn, "TREVELYAN", (8, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
    dataset.PixelData = drawn.tobytes()
    box = (4, 12, 160, 38)
    assert not passes(Check("pixels_hidden", "(7fe0,0010)", "TREVELYAN", box=box), dataset, MAPS)
    assert passes(Check("pixels_hidden", "(7fe0,0010)", "OTHERWISE", box=box), dataset, MAPS)
    assert passes(Check("pixels_hidden", "(7fe0,0010)", "TREVELYAN", box=(4, 40, 160, 64)), dataset, MAPS)


@pytest.mark.parametrize("action", KINDS)
def test_a_missing_file_leaks_nothing_and_keeps_nothing(action: str) -> None:
    """Without an instance what must be gone passes, and what must be kept fails."""
    assert passes(Check(action, "(0008,1030)", "x"), None, MAPS) == (action in LEAKS)


def test_a_value_that_cannot_be_read_is_not_there() -> None:
    """Bytes that are no multiple of the VR's size stop nothing: the attribute counts as absent."""
    dataset = made()
    dataset[0x00291010] = RawDataElement(Tag(0x00291010), "FD", 6, b"123456", 0, False, True)
    assert find(dataset, "(0029,1010)") is None
    assert passes(Check("text_removed", "(0029,1010)", "123456"), dataset, MAPS)
    assert not passes(Check("tag_retained", "(0029,1010)"), dataset, MAPS)


def test_a_path_reaches_private_blocks_and_items() -> None:
    """A private attribute is found by its creator in any block; an item that is not there gives nothing."""
    assert text_of(find(made(), '(0019,"VENDOR 1",0c)')) == "1000"
    assert text_of(find(made(), "(0008,1140)[0000](0008,1155)")) == "2.25.1"
    assert find(made(), "(0008,1140)[0003](0008,1155)") is None


@pytest.mark.parametrize(
    ("value", "text", "is_held", "is_gone"),
    [
        ("CT CHEST", "CT", True, False),
        ("CT CHEST", "MR", False, True),
        ("", "CT", False, True),
        ("007", "7.0", True, False),
        ("-0.50", "-0.5", True, False),
        ("[1, 2.50]", "['1.0', '2.5']", True, False),
        ("Smithers", "Smith", True, False),  # a substring, as NCI has it
        ("CT, smith: left", "John (Smith)", False, False),
    ],
)
def test_texts_are_compared_by_tokens_and_numbers(value: str, text: str, is_held: bool, is_gone: bool) -> None:
    """What is held and what is free of a text, by substring, token and number."""
    assert holds(value, text) == is_held
    assert is_free(value, text) == is_gone


def test_a_score_counts_actions_categories_and_patients(tmp_path: Path) -> None:
    """Totals, categories and leaks are counted; what is printed holds no text of the key and no PatientID."""
    made().save_as(tmp_path / "a.dcm", enforce_file_format=True)
    checks = (
        Check("text_retained", "(0008,1030)", "CT", category="TCIA-P15-DESC-C"),
        Check("text_removed", "(0008,1030)", "chest", category="HIPAA-A"),
    )
    other = (*IDENTITY[:3], "1.2.4", *IDENTITY[4:])
    result = score(tmp_path, [Instance(IDENTITY, checks), Instance(other, checks[:1])], MAPS)
    assert result.by_action() == {"text_removed": (0, 1), "text_retained": (1, 2)}
    assert result.by_category() == {"HIPAA-A": (0, 1), "TCIA-P15-DESC-C": (1, 2)}
    assert (result.files, result.missing, result.leaking) == (1, 1, {"RNEW"})
    assert not result.is_good()
    shown = describe(result)
    assert "33.333 %" in shown
    assert "RNEW" in shown
    assert not any(secret in shown for secret in ("chest", "MRN1", "1.2.3"))


def test_a_wrong_map_fails(tmp_path: Path) -> None:
    """Where the map says another UID the file is not found; where another PatientID, it is not consistent."""
    made().save_as(tmp_path / "a.dcm", enforce_file_format=True)
    key = [Instance(IDENTITY, (Check("patid_consistent", "(0010,0020)", value="MRN1"),))]
    assert score(tmp_path, key, MAPS).is_good()
    assert not score(tmp_path, key, Maps(MAPS.uids, {"MRN1": "ROTHER"})).is_good()
    assert score(tmp_path, key, Maps({"1.2.3": "2.25.9"}, MAPS.patients)).missing == 1


def test_nothing_scored_is_no_success(tmp_path: Path) -> None:
    """An empty answer key does not pass."""
    assert not score(tmp_path, [], MAPS).is_good()


def test_a_key_is_read_as_written(tmp_path: Path) -> None:
    """The answer key survives its file, whatever characters its texts hold."""
    checks = (
        Check("text_removed", "(0010,0010)", "Núñez\u0085\u2028田中", "Núñez^田中", "HIPAA-A", "Patient's Name"),
        Check("uid_changed", "(0008,1140)[0000](0008,1155)", "", "1.2.3", "HIPAA-R", "Referenced SOP Instance UID"),
        Check("text_retained", '(0019,"VENDOR 1",0c)', "a < b", "a < b", "TCIA-PTKB-K", "Private"),
        Check("pixels_hidden", "(7fe0,0010)", "A B", "", "HIPAA-A", "Pixel Data", (1, 2, 3, 4)),
    )
    write_key(tmp_path / "answers.db", [Instance(IDENTITY, checks)])
    (read,) = read_key(tmp_path / "answers.db")
    assert read == Instance(IDENTITY, checks)


def test_a_map_is_read_by_its_columns(tmp_path: Path) -> None:
    """CSV with id_old and id_new, quoted where it must be."""
    (tmp_path / "map.csv").write_text('id_old,id_new\n"A,1",R1\n', encoding="utf-8")
    assert read_map(tmp_path / "map.csv") == {"A,1": "R1"}


def test_the_same_seed_gives_the_same_instances() -> None:
    """A corpus depends on its seed alone, and another seed is another patient."""
    one, again, other = (list(files_of(seed)) for seed in (7, 7, 13))
    assert [each.content for each in one] == [each.content for each in again]
    assert not {each.content for each in one} & {each.content for each in other}


def test_people_share_no_number() -> None:
    """No two patients of a corpus share a PatientID, an accession number or any other number of theirs."""
    people = [person(seed) for seed in range(300)]
    for field in ("patient_id", "accession", "phone", "ssn", "email", "serial"):
        assert len({getattr(each, field) for each in people}) == len(people), field
