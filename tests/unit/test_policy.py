"""The policy: what it does not know it refuses, and its digest names what a run does."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import PolicyError, Problem
from curate.policy import Limits, OutputOptions, PixelOptions, Policy, SplitOptions, TextOptions


def refused(document: dict[str, Any]) -> PolicyError:
    """Return the error that a document is refused with."""
    with pytest.raises(PolicyError) as caught:
        Policy.parse(document)
    return caught.value


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"profil": {}}, "[profil]"),
        ({"profile": {"retain_uid": True}}, "profile.retain_uid"),
        ({"text": {"threshhold": 0.5}}, "text.threshhold"),
        ({"limits": {"": 1}}, "limits."),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(document: dict[str, Any], where: str) -> None:
    """A slip of the pen must not silently leave the default in force."""
    error = refused(document)
    assert (error.problem, error.where) == (Problem.POLICY_UNKNOWN_SETTING, where)


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("profile", "retain_uids", "yes"),
        ("profile", "retain_uids", 1),
        ("profile", "dates", "shifted"),
        ("profile", "dates", True),
        ("profile", "dates", ["full"]),
        ("profile", "age_cap", "90"),
        ("profile", "age_cap", 89.5),
        ("profile", "age_cap", True),
        ("profile", "uid_root", 2.25),
        ("text", "threshold", "0.4"),
        ("text", "threshold", -0.1),
        ("text", "threshold", math.nan),
        ("text", "replacement", "fake"),
        ("pixels", "remove", "none"),
        ("output", "images_per_study", -1),
        ("output", "prompt", 3),
        ("limits", "file_bytes", 1.5),
        ("split", "salt", 1),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_setting(section: str, setting: str, value: object) -> None:
    """The error names the setting, and never repeats the value."""
    error = refused({section: {setting: value}})
    assert (error.problem, error.where) == (Problem.POLICY_BAD_VALUE, f"{section}.{setting}")


@pytest.mark.parametrize(
    ("section", "setting", "value"),
    [
        ("text", "threshold", 1.5),  # no recogniser could ever count: reports would go out as they came in
        ("text", "threshold", math.inf),
        ("pixels", "score", 1.5),  # likewise for burned-in text
        ("pixels", "longest_side", 0),
        ("pixels", "glance", 0.6),
        ("output", "longest_side", 0),
        ("output", "row_group_rows", 0),
        ("output", "shard_bytes", 0),
        ("profile", "uid_root", "radcurate"),
        ("profile", "uid_root", "1." * 30 + "1"),  # leaves 4 digits of 39: UIDs would collide
    ],
)
def test_a_value_that_cannot_work_is_refused(section: str, setting: str, value: object) -> None:
    """A value of the right kind that switches a safeguard off, or that no run can keep, is a bad value."""
    assert refused({section: {setting: value}}).problem is Problem.POLICY_BAD_VALUE


@pytest.mark.parametrize("table", [3, "text", [1], True])
def test_a_section_that_is_no_table_is_refused(table: object) -> None:
    """`text = 3` is not a section."""
    error = refused({"text": table})
    assert (error.problem, error.where) == (Problem.POLICY_BAD_VALUE, "[text]")


def test_contradictions_are_refused() -> None:
    """Modified dates and retained device dates exclude each other (PS3.15 Table E.1-1: C against K)."""
    error = refused({"profile": {"dates": "modified", "retain_device_identity": True}})
    assert error.problem is Problem.POLICY_CONTRADICTION
    assert Policy.parse({"profile": {"dates": "full", "retain_device_identity": True}}).profile.retain_device_identity


@pytest.mark.parametrize(("validation", "test"), [(50, 50), (100, 0), (0, 101)])
def test_a_split_must_leave_something_to_train_on(validation: int, test: int) -> None:
    """Validation and test together stay below a hundred parts."""
    assert refused({"split": {"validation": validation, "test": test}}).problem is Problem.POLICY_BAD_VALUE
    assert Policy.parse({"split": {"validation": 49, "test": 50}}).split == SplitOptions(49, 50)


def test_a_file_that_is_not_there_is_told_from_one_that_is_not_toml(tmp_path: Path) -> None:
    """Each has its own sentence for the operator."""
    broken, binary = tmp_path / "broken.toml", tmp_path / "binary.toml"
    broken.write_text("[profile", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    problems = {
        tmp_path / "missing.toml": Problem.POLICY_NOT_FOUND,
        tmp_path: Problem.POLICY_NOT_FOUND,
        broken: Problem.POLICY_NOT_TOML,
        binary: Problem.POLICY_NOT_TOML,
    }
    for path, problem in problems.items():
        with pytest.raises(PolicyError) as caught:
            Policy.load(path)
        assert caught.value.problem is problem


def test_a_file_says_only_what_differs(tmp_path: Path) -> None:
    """No file and an empty file are the default; a file changes what it names and nothing else."""
    path = tmp_path / "policy.toml"
    path.write_text("", encoding="utf-8")
    assert Policy.load(None) == Policy.load(path) == Policy()
    path.write_text('[text]\nthreshold = 1\n[profile]\ndates = "remove"\n', encoding="utf-8")
    policy = Policy.load(path)
    assert (policy.text.threshold, policy.profile.dates) == (1, "remove")
    assert (policy.output, policy.pixels, policy.limits) == (OutputOptions(), PixelOptions(), Limits())


def test_the_digest_is_a_sha256_that_does_not_move_by_itself(tmp_path: Path) -> None:
    """Equal policies have equal digests, in whatever order a file names its settings."""
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text("[split]\ntest = 7\nvalidation = 3\n[text]\nthreshold = 0.5\n", encoding="utf-8")
    other.write_text("[text]\nthreshold = 0.5\n[split]\nvalidation = 3\ntest = 7\n", encoding="utf-8")
    assert Policy.load(one).digest == Policy.load(other).digest
    assert re.fullmatch(r"[0-9a-f]{64}", Policy().digest)


@given(threshold=st.floats(0.1, 0.9), images=st.integers(1, 99), uids=st.booleans())
def test_every_setting_reaches_the_digest(threshold: float, images: int, uids: bool) -> None:
    """Two policies have the same digest exactly when they are equal."""
    document = {
        "text": {"threshold": threshold},
        "output": {"images_per_study": images},
        "profile": {"retain_uids": uids},
    }
    policy = Policy.parse(document)
    assert policy.digest == Policy.parse(document).digest
    assert (policy.digest == Policy().digest) == (policy == Policy())


def test_one_number_has_one_digest() -> None:
    """`threshold = 1` and `threshold = 1.0` are one policy and must be named alike."""
    one, other = Policy(text=TextOptions(threshold=1)), Policy(text=TextOptions(threshold=1.0))
    assert one == other
    assert one.digest == other.digest


def test_domain_is_not_in_the_digest() -> None:
    """The digest stands in the release, where it would let anybody try names of recipients; version 0 is none."""
    stated = Policy.parse({"domain": {"recipient": "Uni", "project": "Lung", "version": 2, "patient_secrets": True}})
    assert stated.digest == Policy().digest
    error = refused({"domain": {"version": 0}})
    assert (error.problem, error.where) == (Problem.POLICY_BAD_VALUE, "domain.version")


def test_mandatory_statements_must_be_made() -> None:
    """Who answers for a release is asked before anything is read; a blank is no statement."""
    for said in ({}, {"controller": "  "}):
        error = refused({"governance": {**said, "mandatory": ["controller"]}})
        assert (error.problem, error.where) == (Problem.POLICY_INCOMPLETE, "governance.controller")
    stated = Policy.parse({"governance": {"controller": "Hospital", "mandatory": ["controller"]}})
    assert stated.digest == Policy().digest  # no table has other bytes for it


def test_the_language_is_one_that_exists_and_changes_no_table() -> None:
    """Pages speak English unless the policy says otherwise; another language is a bad value, not silence."""
    assert Policy().governance.language == "en"
    assert Policy.parse({"governance": {"language": "de"}}).digest == Policy().digest
    for value in ("fr", "DE", "", 1, ["de"]):
        error = refused({"governance": {"language": value}})
        assert (error.problem, error.where) == (Problem.POLICY_BAD_VALUE, "governance.language")
