"""Bad input: each kind gets a coded row or a defined outcome, the rest is published, nothing is lost silently."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.catalog import Catalog
from curate.errors import Reason
from curate.instances import deidentify_source
from curate.policy import Limits, Policy
from tests import canaries, synth
from tests.pipeline import make_release, make_workspace

EXPECTED = {
    "truncated": {Reason.TRUNCATED},
    "empty": {Reason.EMPTY_FILE},
    "not_dicom": {Reason.NOT_DICOM},
    "dangling": {Reason.UNREADABLE},
    "study_without_report": {Reason.STUDY_WITHOUT_REPORT},
    "report_without_study": {Reason.REPORT_WITHOUT_STUDY},
    "reports_disagree": {Reason.REPORTS_DISAGREE},
    "deep_sequence": {Reason.TOO_DEEP},
    "deflate_bomb": {Reason.TOO_LARGE},
    "conflicting_duplicate": {Reason.CONFLICTING_DUPLICATE},
    "identical_duplicate": {Reason.DUPLICATE},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Any], dict[str, Path]]:
    """A run over two sound patients and one of every kind of bad input."""
    root = tmp_path_factory.mktemp("bad")
    synth.write_archive(root / "source", [synth.patient(71, kinds=("CT",)), synth.patient(72, kinds=("MR",))])
    written = synth.write_bad_inputs(root / "source" / "bad")
    policy = replace(Policy(), limits=Limits(inflated_bytes=100_000_000))
    facts = make_release(root / "source", make_workspace(root / "ws"), root / "release", policy)
    return root, facts, written


def test_each_kind_has_its_reason(run: tuple[Path, Mapping[str, Any], dict[str, Path]]) -> None:
    """Every reason that the README names occurs, in the stage that can know it."""
    _, facts, written = run
    found = {**facts["counts"]["quarantined"], **facts["counts"]["refused_by_policy"]}
    assert set(EXPECTED) <= set(written)
    assert {reason.value for reasons in EXPECTED.values() for reason in reasons} <= set(found)


def test_the_rest_is_published_and_everything_is_accounted_for(
    run: tuple[Path, Mapping[str, Any], dict[str, Path]],
) -> None:
    """The sound patients, the Latin-1 report, the odd PatientID and one of two equal files are in the release."""
    _, facts, _ = run
    counts = facts["counts"]
    assert counts["published"]["patients"] >= 2 + 3
    for kind in ("instances", "reports"):
        assert counts[f"{kind}_in"] > counts["published"][kind]
    refused = sum(counts["quarantined"].values()) + sum(counts["refused_by_policy"].values())
    went = counts["published"]["instances"] + counts["published"]["reports"]
    assert counts["instances_in"] + counts["reports_in"] == went + refused


def test_quarantine_names_no_value(run: tuple[Path, Mapping[str, Any], dict[str, Path]]) -> None:
    """Reasons, stages and opaque ids only; and no path was ever built from a PatientID."""
    root, _, _ = run
    persons = [synth.bad_patient(number) for number in range(len(run[2]))]
    rows = Catalog(root / "ws" / "catalog").rows("quarantine")
    assert rows
    told = "\n".join(str(row) for row in rows)
    assert [canary for person in persons for canary in person.canaries if canary in told] == []
    assert canaries.sweep([root / "release"], [canary for person in persons for canary in person.canaries]) == []
    assert not (root.parent / "x").exists()


def test_each_dicom_file_is_written_or_has_its_reason(tmp_path: Path) -> None:
    """DICOM in, DICOM out: copies with one SOP Instance UID are each written, whatever else is bad has its row."""
    synth.write_archive(tmp_path / "source", [synth.patient(73, kinds=("CT",), instances=2)])
    synth.write_bad_inputs(tmp_path / "source" / "bad")
    policy = replace(Policy(), limits=Limits(inflated_bytes=100_000_000))
    workspace = make_workspace(tmp_path / "ws")
    counts = deidentify_source(str(tmp_path / "source"), tmp_path / "out", workspace, policy)
    rows = Catalog(workspace / "catalog").rows("quarantine")
    refused = {row["reason"] for row in rows if row["kind"] == "instance"}
    assert refused == {"truncated", "empty_file", "not_dicom", "unreadable", "too_deep", "too_large"}
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == counts["written"] == counts["instances"] - 6
