"""The MIDI-B kind of check: the scorer's own rules, and a small injected corpus held to the benchmark's threshold."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tests.benchmarks import midi
from tests.benchmarks.midi_corpus import build, templates
from tests.benchmarks.midi_observe import observe
from tests.benchmarks.midi_people import person
from tests.benchmarks.midi_score import ACTIONS, LEAKS, Check, Maps, digest, find, passes, read_key, score, write_key

MAPS = Maps({"1.2.3": "2.25.1"}, {"MRN1": "RNEW"})


def made() -> Dataset:
    """A de-identified instance with one attribute of each kind that the scorer looks at."""
    item, dataset = Dataset(), Dataset()
    item.ReferencedSOPInstanceUID = "2.25.1"
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.PatientID = CTImageStorage, "2.25.1", "RNEW"
    dataset.StudyDescription, dataset.SliceThickness, dataset.StudyDate = "CT CHEST for", "1.50", "20100102"
    dataset.PatientName, dataset.ReferencedImageSequence = "", [item]
    dataset.private_block(0x0019, "VENDOR 1", create=True).add_new(0x0C, "IS", "1000")
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.PixelRepresentation = 64, 160, 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = bytes(64 * 160)
    dataset["PixelData"].VR = "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, "2.25.1"
    return dataset


def check(action: str, tag: str, text: str = "", instance: str = "1.2.3") -> Check:
    """One row of an answer key about patient MRN1."""
    return Check(action, tag, text, ("TCIA-P15-C",), "MRN1", instance, (0, 0, 160, 64))


BLACK = digest(made()["PixelData"])
PASSING = (
    ("tag_retained", "(0010,0010)", ""),
    ("text_notnull", "(0008,1030)", ""),
    ("text_retained", "(0008,1030)", "CT CHEST"),
    ("text_retained", "(0008,1030)", "CHEST of the CT"),  # order and stop words do not count
    ("text_retained", "(0018,0050)", "1.5"),  # a number by its value
    ("text_retained", '(0019,"VENDOR 1",0C)', "1000"),
    ("text_removed", "(0008,1030)", "Smith"),
    ("text_removed", "(0010,4000)", "Smith"),  # absent
    ("date_shifted", "(0008,0020)", "20240101"),
    ("uid_changed", "(0008,1140)[0](0008,1155)", "1.2.3"),
    ("uid_consistent", "(0008,1140)[0](0008,1155)", "1.2.3"),
    ("uid_consistent", "(0008,1140)[1](0008,1155)", "9.9"),  # absent
    ("patid_consistent", "(0010,0020)", "MRN1"),
    ("pixels_retained", "(7FE0,0010)", BLACK),
    ("pixels_hidden", "(7FE0,0010)", "SMITH"),
)
FAILING = (
    ("tag_retained", "(0010,0030)", ""),
    ("tag_retained", '(0019,"VENDOR 2",0C)', ""),
    ("text_notnull", "(0010,0010)", ""),
    ("text_notnull", "(0010,0030)", ""),
    ("text_retained", "(0008,1030)", "CT CHEST CONTRAST"),
    ("text_retained", "(0018,0050)", "2.5"),
    ("text_retained", "(0010,4000)", "CT"),
    ("text_removed", "(0008,1030)", "John Chest"),  # one token is left, in another case
    ("date_shifted", "(0008,0020)", "20100102"),
    ("uid_changed", "(0008,1140)[0](0008,1155)", "2.25.1"),
    ("uid_consistent", "(0008,1140)[0](0008,1155)", "9.9"),
    ("patid_consistent", "(0010,0020)", "MRN2"),
    ("pixels_retained", "(7FE0,0010)", "0" * 32),
)


@pytest.mark.parametrize(("action", "tag", "text"), PASSING)
def test_action_passes(action, tag, text) -> None:
    """Each action passes where the instance shows it."""
    assert passes(check(action, tag, text), made(), MAPS)


@pytest.mark.parametrize(("action", "tag", "text"), FAILING)
def test_action_fails(action, tag, text) -> None:
    """Each action fails where the instance does not show it."""
    assert not passes(check(action, tag, text), made(), MAPS)


def test_text_in_pixels_is_found() -> None:
    """A word drawn into the pixels fails pixels_hidden, and passes once it is blacked out."""
    import cv2

    dataset, drawn = made(), np.zeros((64, 160), np.uint8)
    cv2.putText(drawn, "SMITH", (12, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, 255, 2)
    dataset.PixelData = drawn.tobytes()
    assert not passes(check("pixels_hidden", "(7FE0,0010)", "SMITH"), dataset, MAPS)
    assert passes(check("pixels_hidden", "(7FE0,0010)", "OTHERWISE"), dataset, MAPS)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_missing_file(action) -> None:
    """Without an instance what must be gone passes, and what must be kept fails."""
    assert passes(check(action, "(0008,1030)", "x"), None, MAPS) == (action in LEAKS)


def test_find_reaches_private_blocks_and_items() -> None:
    """A private attribute is found by its creator in any block; an item that is not there gives nothing."""
    dataset = made()
    assert find(dataset, '(0019,"VENDOR 1",0C)').value == 1000
    assert find(dataset, "(0008,1140)[0](0008,1155)").value == "2.25.1"
    assert find(dataset, "(0008,1140)[3](0008,1155)") is None


def test_score_counts_by_category_action_and_patient(tmp_path) -> None:
    """Totals, categories and leaks are counted; a missing instance loses what should have been kept."""
    made().save_as(tmp_path / "a.dcm", enforce_file_format=True)
    key = [
        check("text_retained", "(0008,1030)", "CT"),
        check("text_removed", "(0008,1030)", "chest"),
        check("text_retained", "(0008,1030)", "CT", instance="1.2.4"),
    ]
    result = score(key, tmp_path, MAPS)
    assert (result.passed, result.total, result.leaking) == (1, 3, {"MRN1"})
    assert result.categories == {"TCIA-P15-C": [1, 3]}
    assert result.actions == {"text_retained": [1, 2], "text_removed": [0, 1]}
    assert not midi.is_good(result)
    shown = midi.describe(result)
    assert "33.333 %" in shown
    assert "chest" not in shown


def test_nothing_scored_is_no_success(tmp_path) -> None:
    """An empty answer key does not pass."""
    assert not midi.is_good(score([], tmp_path, MAPS))


def test_key_is_read_as_written(tmp_path) -> None:
    """The answer key survives its file, whatever characters its texts hold."""
    key = [check("text_removed", "(0010,0010)", "Núñez\u0085\u2028田中"), check("pixels_hidden", "(7FE0,0010)", "A B")]
    write_key(tmp_path / "key.jsonl", key)
    assert read_key(tmp_path / "key.jsonl") == key


def test_people_differ() -> None:
    """No two patients of a corpus share a name, a PatientID or an accession number."""
    people = [person(seed) for seed in range(200)]
    for field in ("name", "patient_id", "accession", "phone", "ssn"):
        assert len({getattr(each, field) for each in people}) == len(people), field


def test_dates_uids_and_technique_are_observed() -> None:
    """The key asks for UIDs that change, dates that move, technique that stays and pixels that are kept."""
    expected = {(each.action, each.tag, each.text) for each in observe(made(), redacted=False)}
    assert ("uid_changed", "(0008,1140)[0](0008,1155)", "2.25.1") in expected
    assert ("date_shifted", "(0008,0020)", "20100102") in expected
    assert ("text_retained", "(0018,0050)", "1.50") in expected
    assert ("pixels_retained", "(7FE0,0010)", BLACK) in expected
    assert not any(each.action == "pixels_retained" for each in observe(made(), redacted=True))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for one corpus; skips where the real headers are not beside the checkout."""
    if not templates():
        pytest.skip("the folder of shared test data is not beside this checkout")
    return tmp_path_factory.mktemp("midi")


@pytest.mark.slow
def test_untouched_sources_fail(corpus) -> None:
    """A de-identifier that changes nothing leaks of every patient: the key asks for something everywhere."""
    key = build(corpus / "raw", 8, 1)
    same = Maps({each.instance: each.instance for each in key}, {each.patient: each.patient for each in key})
    result = score(key, corpus / "raw", same)
    assert result.leaking == {each.patient for each in key}
    kept = {name: row for name, row in result.actions.items() if name not in LEAKS | {"uid_consistent"}}
    assert all(passed == total for passed, total in kept.values()), kept
    assert all(result.actions[name][0] == 0 for name in LEAKS - {"date_shifted", "uid_changed"}), result.actions


@pytest.mark.slow
def test_injected_corpus_reaches_the_threshold(corpus) -> None:
    """Of an injected corpus at least 99.9 % of all actions pass, and no patient has a leak."""
    result = midi.run(corpus, patients=35, instances=2)
    assert result.total > 8000
    assert len(result.patients) == 35
    assert midi.is_good(result), midi.describe(result)
