"""The MIDI-B kind of check: an injected corpus through the command, held to 99.9 % of all actions and to no leak."""

from pathlib import Path

import pytest

from tests.benchmarks.midi.__main__ import run
from tests.benchmarks.midi.key import KINDS, LEAKS, read_key
from tests.benchmarks.midi.score import THRESHOLD, Maps, Score, describe, score

PATIENTS = 66
CATEGORIES = (
    "HIPAA-A", "HIPAA-B", "HIPAA-C", "HIPAA-D", "HIPAA-F", "HIPAA-G", "HIPAA-H", "HIPAA-J", "HIPAA-M", "HIPAA-R",
    "DICOM-IOD-1", "DICOM-IOD-2", "DICOM-P15-BASIC-C", "DICOM-P15-BASIC-U",
    "TCIA-P15-BASIC-K", "TCIA-P15-DESC-C", "TCIA-P15-PIX-K", "TCIA-PTKB-K",
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the corpus, its key, the workspace and the de-identified files lie."""
    return tmp_path_factory.mktemp("midi")


@pytest.fixture(scope="module")
def result(place: Path) -> Score:
    """The corpus, de-identified by the command with the default policy, and scored."""
    return run(place, PATIENTS)


@pytest.mark.parametrize("action", KINDS)
def test_every_action_reaches_the_threshold(action: str, result: Score) -> None:
    """Of each kind of action at least 99.9 % were taken."""
    passed, total = result.by_action()[action]
    assert passed >= THRESHOLD * total, describe(result)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_reaches_the_threshold(category: str, result: Score) -> None:
    """Of each category at least 99.9 % of the actions were taken."""
    passed, total = result.by_category()[category]
    assert passed >= THRESHOLD * total, describe(result)


def test_no_patient_leaks(result: Score) -> None:
    """Nothing that must be gone is left of anybody."""
    assert result.leaking == set(), describe(result)


def test_untouched_sources_fail(place: Path, result: Score) -> None:
    """A de-identifier that changes nothing leaks of every patient, in every check; and it loses nothing."""
    key = read_key(place / "answers.db")
    same = Maps({each.uid: each.uid for each in key}, {each.patient: each.patient for each in key})
    untouched = score(place / "source", key, same)
    shares = untouched.by_action()
    assert all(shares[action][0] == 0 for action in LEAKS), shares
    assert all(passed == total for name, (passed, total) in shares.items() if name not in {*LEAKS, "uid_consistent"})
    assert untouched.leaking == {each.patient for each in key}


def test_a_wrong_map_fails(place: Path, result: Score) -> None:
    """Maps that say something else than what was written cost every file and every number."""
    key = read_key(place / "answers.db")[:20]
    nothing = score(place / "out", key, Maps({}, {}))
    assert nothing.missing == len(key)
    assert not nothing.is_good()
