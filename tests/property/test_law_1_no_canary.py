"""Law 1: no canary planted anywhere in the source occurs in any output byte."""

import pickle
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from curate.catalog import Catalog, plan
from curate.errors import ShardFailed
from curate.intake import index
from curate.policy import Policy
from curate.privacy.workspace import remember_source
from curate.shard import curate_shard
from curate.sources.directory import Directory
from tests import canaries, synth
from tests.pipeline import KEY, make_release, make_workspace, rows

PATIENTS = [
    synth.patient(0, kinds=("CT", "SC"), instances=2, charset="ISO_IR 100"),
    synth.patient(1, kinds=("MR",), instances=2, charset="ISO_IR 192", burn=True),
    synth.patient(2, kinds=("US",), instances=2, charset="\\ISO 2022 IR 87"),
    synth.patient(3, kinds=("DX",), instances=2, charset="GB18030"),
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Any]]:
    """A folder with everything that a run leaves outside its workspace: release, DICOM, temporary files."""
    root = tmp_path_factory.mktemp("law1")
    out = root / "out"
    (out / "temporary").mkdir(parents=True)
    synth.write_archive(root / "source", PATIENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(out / "temporary"))
        facts = make_release(root / "source", make_workspace(root / "ws"), out / "release", dicom_out=out / "dicom")
    return out, facts


def test_no_canary_is_in_any_output(outputs: tuple[Path, Mapping[str, Any]]) -> None:
    """Headers, nested items, private blocks, file meta, padding, names, pixels, reports: nothing, in any encoding."""
    out, facts = outputs
    assert facts["counts"]["published"]["studies"] == sum(len(each.studies) for each in PATIENTS)
    planted = sorted({canary for each in PATIENTS for canary in each.canaries})
    assert canaries.sweep([out], [*planted, KEY.hex()]) == []


def test_what_identifies_nobody_survives(outputs: tuple[Path, Mapping[str, Any]]) -> None:
    """In the same run, eponyms, levels, durations and sizes stay in every report."""
    lost = [(phrase, row["study_key"]) for row in rows(outputs[0] / "release") for phrase in synth.CLINICAL
            if phrase not in row["report"]]  # fmt: skip
    assert lost == []


def test_error_of_a_shard_shows_its_type_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw fails the shard; no path, name or value is in the error or in what is printed."""
    source, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(source, PATIENTS[:1])
    remember_source(workspace, str(source))
    index(Directory(source), workspace, Policy(), KEY)
    (shard,) = plan(Catalog(workspace / "catalog"), 10**9, "c")
    table = workspace / "catalog" / "instances.parquet"
    table.write_bytes(table.read_bytes()[:-100])
    with pytest.raises(ShardFailed) as failed:
        curate_shard(shard, Policy(), workspace)
    told = "".join(
        (str(failed.value), repr(failed.value), *traceback.format_exception(failed.value), *capfd.readouterr())
    )
    assert [canary for canary in PATIENTS[0].canaries if canary in told] == []
    assert pickle.loads(pickle.dumps(failed.value)).kind == failed.value.kind


def test_input_that_vanishes_after_the_index_is_quarantined(tmp_path: Path) -> None:
    """A file that is gone when its turn comes has a coded row; the shard goes on."""
    source, workspace = tmp_path / "source", make_workspace(tmp_path / "ws")
    synth.write_archive(source, PATIENTS[:1])
    remember_source(workspace, str(source))
    index(Directory(source), workspace, Policy(), KEY)
    (shard,) = plan(Catalog(workspace / "catalog"), 10**9, "c")
    for path in [*source.rglob("*.dcm")]:
        path.unlink()
    summary = curate_shard(shard, Policy(), workspace)
    assert (summary.studies, summary.refusals) == (0, {"no_usable_image": 2})
