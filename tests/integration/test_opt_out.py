"""Patients who opted out are in no release, and a list that cannot be relied on stops the run."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curate.catalog import Catalog, plan
from curate.errors import PolicyError, Problem
from curate.instances import deidentify_source
from curate.intake import index
from curate.policy import Policy, SourceOptions
from curate.privacy.opt_out import OptOut, read_opt_out
from curate.privacy.surrogates import pseudonym
from curate.privacy.workspace import load_key, remember_source
from curate.release import Staging, hold_to_expectations, publish
from curate.shard import circumstances, curate_shard
from curate.sources.source import open_source
from tests import canaries, synth
from tests.pipeline import KEY, digests, make_release, make_workspace

STAYS, GOES = (synth.patient(number, kinds=("CT",), instances=1, report="jsonl") for number in (501, 502))


def _policy(path: Path, *lines: str, days: int = 30) -> Policy:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return replace(Policy(), sources=SourceOptions(opt_out=str(path), opt_out_max_age_days=days))


def test_patient_on_the_list_is_as_good_as_never_there(tmp_path: Path) -> None:
    """Instances and reports are refused by policy and counted; nothing of them is in the release."""
    synth.write_archive(tmp_path / "source", [STAYS, GOES])
    policy = _policy(tmp_path / "list", f"  {GOES.patient_id.lower()} ", "", "unknown")
    facts = make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "out", policy)
    assert facts["counts"]["published"]["patients"] == 1
    assert facts["counts"]["refused_by_policy"] == {"opted_out": 2}
    assert (facts["counts"]["instances_in"], facts["counts"]["reports_in"]) == (2, 2)
    assert canaries.sweep([tmp_path / "out"], GOES.canaries) == []
    page = (tmp_path / "out/compliance/report.html").read_text()
    assert "opt-out list" in page


def test_list_that_grows_during_the_run_stops_the_publication(tmp_path: Path) -> None:
    """The list is read again before anything goes out; the next run leaves the patient out."""
    synth.write_archive(tmp_path / "source", [STAYS, GOES])
    ws, policy = make_workspace(tmp_path / "ws"), _policy(tmp_path / "list")
    remember_source(ws, str(tmp_path / "source"))
    index(open_source(str(tmp_path / "source"), ws), ws, policy, load_key(ws))
    shards = plan(Catalog(ws / "catalog"), policy.output.shard_bytes, circumstances(policy, None))
    for shard in shards:
        curate_shard(shard, policy, ws)
    staging = Staging(shards, ws, policy)
    _policy(tmp_path / "list", GOES.patient_id)
    with pytest.raises(PolicyError) as refused:
        publish(staging, hold_to_expectations(staging.folders), tmp_path / "out")
    assert refused.value.problem is Problem.OPT_OUT_GREW
    assert not (tmp_path / "out").exists()
    make_release(tmp_path / "source", ws, tmp_path / "out", policy)
    assert canaries.sweep([tmp_path / "out"], GOES.canaries) == []


def test_dicom_of_a_patient_on_the_list_is_not_written(tmp_path: Path) -> None:
    """DICOM in, DICOM out keeps to the list too."""
    synth.write_archive(tmp_path / "source", [STAYS, GOES])
    policy = _policy(tmp_path / "list", GOES.patient_id)
    counts = deidentify_source(str(tmp_path / "source"), tmp_path / "out", make_workspace(tmp_path / "ws"), policy)
    assert counts == {"instances": 2, "written": 1, "quarantined": 1}
    assert len(digests(tmp_path / "out")) == 1


def _missing(path: Path) -> None:
    path.unlink()


def _stale(path: Path) -> None:
    os.utime(path, (time.time() - 31 * 86_400,) * 2)


def _binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00x")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [(_missing, Problem.OPT_OUT_MISSING), (_stale, Problem.OPT_OUT_STALE), (_binary, Problem.OPT_OUT_MISSING)],
)
def test_list_that_cannot_be_relied_on_stops_the_run(
    tmp_path: Path, spoil: Callable[[Path], None], problem: Problem
) -> None:
    """Before anything is read; the line names the setting and no value."""
    synth.write_archive(tmp_path / "source", [STAYS])
    policy = _policy(tmp_path / "list", GOES.patient_id)
    spoil(tmp_path / "list")
    with pytest.raises(PolicyError) as refused:
        make_release(tmp_path / "source", make_workspace(tmp_path / "ws"), tmp_path / "out", policy)
    assert (refused.value.problem, refused.value.exit_code) == (problem, 2)
    assert GOES.patient_id not in str(refused.value)
    assert not (tmp_path / "ws/catalog").exists()


def test_old_list_is_taken_when_the_policy_sets_no_age(tmp_path: Path) -> None:
    """0 days: of any age."""
    policy = _policy(tmp_path / "list", GOES.patient_id, days=0)
    _stale(tmp_path / "list")
    assert read_opt_out(policy.sources, tmp_path, KEY).covers(GOES.patient_id)


@pytest.mark.parametrize(
    ("line", "covered", "others"),
    [
        ("00471", ("471", "00471", " 0471 "), ("4710", "", "0", "47")),
        ("abc-1", ("ABC-1",), ("ABC1",)),
        ("Ä1", ("ä1",), ("B1",)),
        ("0", ("000",), ("",)),
    ],
)
def test_number_is_found_as_it_may_be_written(
    tmp_path: Path, line: str, covered: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """Case and leading zeros tell nobody apart."""
    listed = read_opt_out(_policy(tmp_path / "list", line).sources, tmp_path, KEY)
    assert all(listed.covers(each) for each in covered)
    assert not any(listed.covers(each) for each in others)


def test_issuer_tells_patients_of_one_number_apart(tmp_path: Path) -> None:
    """After a tab; only the patient of that issuer is left out."""
    listed = read_opt_out(_policy(tmp_path / "list", "7\tNORTH").sources, tmp_path, KEY)
    assert listed.covers("7", pseudonym(KEY, "7", "NORTH"))
    assert not listed.covers("7", pseudonym(KEY, "7", "SOUTH"))
    assert not listed.covers("7")


def test_list_shows_nobody() -> None:
    """Its repr is its type."""
    assert "PAT-471" not in repr(OptOut(frozenset({"PAT-471"})))
