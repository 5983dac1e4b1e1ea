"""Retention: what lies too long is told, removed on demand, and leaves a tombstone."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from curate.check import check_release
from curate.errors import PolicyError
from curate.policy import Policy, RetentionOptions
from curate.privacy.signing import is_signed
from curate.privacy.workspace import lock
from curate.retention import purge, zones
from tests import synth
from tests.pipeline import make_release, make_workspace

LIMITS = RetentionOptions(staging_days=30, catalog_days=60, release_days=90)


def later(days: int) -> datetime:
    """The time in so many days."""
    return datetime.now(UTC) + timedelta(days=days, hours=1)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace and its release."""
    synth.write_archive(tmp_path / "source", [synth.patient(70, kinds=("CT",), instances=1, charset="ISO_IR 100")])
    make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "release")
    return tmp_path / "ws", tmp_path / "release"


@pytest.mark.parametrize(
    ("days", "overdue"),
    [
        (10, set()),
        (30, set()),
        (31, {"staging"}),
        (61, {"staging", "catalog"}),
        (91, {"staging", "catalog", "release 1"}),
    ],
)
def test_a_zone_is_overdue_after_its_days(made: tuple[Path, Path], days: int, overdue: set[str]) -> None:
    """Each zone has its own limit; one without stays."""
    found = zones(made[0], [made[1]], LIMITS, later(days))
    assert {zone.name for zone in found if zone.overdue} == overdue
    assert not any(
        zone.overdue for zone in zones(made[0], [made[1]], replace(LIMITS, release_days=0, staging_days=0), later(50))
    )


def test_what_is_purged_is_gone_and_leaves_a_tombstone(made: tuple[Path, Path]) -> None:
    """Only what is overdue goes; the tombstone is signed and names no value; the key stays, so the next run works."""
    workspace, release = made
    gone = purge(workspace, [release], LIMITS, later(61))
    assert {zone.name for zone in gone} == {"staging", "catalog"}
    assert not (workspace / "staging").exists()
    assert not (workspace / "catalog").exists()
    assert (workspace / "key").exists()
    assert check_release(release)
    stones = sorted((workspace / "tombstones").iterdir())
    assert len(stones) == 2
    for stone in stones:
        told = json.loads(stone.read_text())
        signature = told.pop("signature")
        assert is_signed(json.dumps(told, sort_keys=True).encode(), signature)
        assert told["files"] > 0
    assert not purge(workspace, [release], LIMITS, later(61))
    make_release(release.parent / "source", workspace, release)  # done again, the same


def test_a_release_goes_whole_and_its_tombstone_names_its_manifest(made: tuple[Path, Path]) -> None:
    """A release past its days is removed; which it was can be told from its digest."""
    workspace, release = made
    purge(workspace, [release], LIMITS, later(91))
    assert not release.exists()
    told = [json.loads(each.read_text()) for each in (workspace / "tombstones").iterdir()]
    assert [len(each["manifest_sha256"]) for each in told if each["name"] == "release 1"] == [64]


def test_nothing_is_purged_under_a_run(made: tuple[Path, Path]) -> None:
    """A workspace that a run holds is left alone."""
    with lock(made[0]), pytest.raises(PolicyError):
        purge(made[0], [], LIMITS, later(61))
    assert (made[0] / "staging").exists()


def test_old_files_count_by_the_newest(made: tuple[Path, Path]) -> None:
    """One fresh file keeps its zone."""
    old = later(-100).timestamp()
    for path in (made[0] / "catalog").iterdir():
        os.utime(path, (old, old))
    assert {zone.name: zone.days for zone in zones(made[0], [], LIMITS)}["catalog"] == 0  # the inventory is of today


def test_limits_change_no_table() -> None:
    """Retention is not part of what decides bytes."""
    assert replace(Policy(), retention=LIMITS).digest == Policy().digest
