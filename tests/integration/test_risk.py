"""Who stands out is kept out of a release, counted, and measured again by the check."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.check import check_release
from curate.errors import ContractBroken
from curate.policy import Policy, RiskOptions
from tests import synth
from tests.pipeline import make_release, make_workspace, rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A release of those of nine patients who share sex and band with three others."""
    place = tmp_path_factory.mktemp("risk")
    people = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in range(40, 49)]
    synth.write_archive(place / "source", people)
    policy = replace(Policy(), risk=RiskOptions(age_band=30, generalise=True, k=4))
    return place / "release", make_release(place / "source", make_workspace(place / "ws"), place / "release", policy)


def test_no_combination_is_rarer_than_the_policy_wants(made: tuple[Path, Any]) -> None:
    """Classes of the rows have four persons or more, ages are first years of bands, the rest is accounted for."""
    release, facts = made
    classes: dict[tuple[Any, Any], set[str]] = {}
    for row in rows(release):
        classes.setdefault((row["patient_sex"], row["patient_age"]), set()).add(row["patient_key"])
    assert classes
    assert all(len(each) > 3 for each in classes.values())
    assert {age for _, age in classes} <= {0, 30, 60, 90, None}
    assert facts["risk"]["before"]["smallest"] < 4 <= facts["risk"]["after"]["smallest"]
    assert facts["counts"]["refused_by_policy"]["rare_combination"] > 0
    assert "Risk that a person is singled out" in (release / "compliance" / "report.html").read_text()


def test_the_check_measures_again(made: tuple[Path, Any]) -> None:
    """A risk that was written down smaller is found out."""
    release, _ = made
    assert any("combination" in finding.check and finding.covered for finding in check_release(release))
    path = release / "evidence" / "facts.json"
    before = path.read_bytes()
    told = json.loads(before)
    told["risk"]["after"]["smallest"] = 11
    path.write_text(json.dumps(told))
    with pytest.raises(ContractBroken):
        check_release(release)
    path.write_bytes(before)
