"""How one instance is looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from curate import instance
from curate.errors import Rejected
from curate.instance import Part, Patient, _clean_instance, _wary, place_of, rules_of, write_instance
from curate.policy import Policy
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.residue import Residue, Strangers
from curate.privacy.surrogates import Surrogates
from curate.records import Identifier, IdentifierKind
from tests import synth

RULES = rules_of(Policy(), bytes(32))


@pytest.mark.parametrize(
    ("keyword", "value", "whole"),
    [
        ("BurnedInAnnotation", "YES", True),
        ("BurnedInAnnotation", "NO", False),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7", True),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7.2", True),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2", False),
    ],
)
def test_a_header_can_only_make_the_look_closer(keyword: str, value: str, whole: bool) -> None:
    """Where it speaks of text or of a captured screen, the detector gets the whole image; else the policy decides."""
    dataset = Dataset()
    setattr(dataset, keyword, value)
    assert _wary(RULES, dataset).policy.pixels.glance == (0 if whole else Policy().pixels.glance)


class _NoFastPath:
    """Leaves every header to the plain path."""

    def deidentify(self, *_: object) -> None:
        return None


def patient() -> Patient:
    """One patient of whom a name is known."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "ROE^JANE")])
    surrogates = Surrogates(bytes(32), "p")
    return Patient("p", known, surrogates, Residue(known, Strangers([]), surrogates))


def cleaned(path: Path, out: Path, person: Patient) -> tuple[str, Mapping[Any, int], Any, bytes]:
    """Why a file is refused, or the notes, frames and bytes of its clean form."""
    try:
        with path.open("rb") as stream:
            found = _clean_instance(stream, {"key": path.stem}, person, RULES, Part())
        write_instance(found, place_of(out, "aa"))
    except Rejected as refused:
        return refused.reason.value, {}, None, b""
    frames = None if found.frames is None else found.frames.values.tobytes()
    return "", found.made.actions, frames, place_of(out, "aa").read_bytes()


def hold_both_ways(paths: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Hold the fast path over headers to the plain one; returns how many files were published."""
    person = patient()
    fast = [cleaned(path, out, person) for path in paths]
    monkeypatch.setattr(instance, "_headers_of", lambda *_: _NoFastPath())
    assert [cleaned(path, out, patient()) for path in paths] == fast
    return sum(not reason for reason, *_ in fast)


def test_the_fast_path_over_headers_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, frames and notes of instances of several kinds, and of one whose pixels cannot be read."""
    person = synth.patient(4, kinds=("CT", "US", "DX"), instances=3, charset="ISO_IR 100")
    synth.write_archive(tmp_path / "in", [person])
    paths = sorted((tmp_path / "in").rglob("*.dcm"))
    paths[0].write_bytes(paths[0].read_bytes()[:-200])
    assert hold_both_ways(paths, tmp_path / "out", monkeypatch) >= len(paths) - 1


@pytest.mark.slow
def test_the_fast_path_changes_no_real_file(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every real file, of every transfer syntax."""
    paths = [each for each in sorted((shared / "data" / "real" / "dicom").rglob("*")) if each.is_file()]
    assert hold_both_ways(paths, tmp_path / "out", monkeypatch) > 50
