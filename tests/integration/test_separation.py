"""Splits of a release: copies are withheld, everything is accounted for, and the check finds what was tampered with."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.check import check_release
from curate.emit.figures import figures_of
from curate.errors import ContractBroken
from curate.policy import DuplicateOptions, Policy, SplitOptions, TaskOptions
from curate.privacy.signing import sign
from curate.release import TASKS, tables_of
from tests import synth
from tests.pipeline import KEY, digests, make_release, make_workspace, rows

# The synthetic reports share most of their sentences: at this similarity each is a copy of the others.
LIKE = replace(
    Policy(), split=SplitOptions(validation=30, test=40), duplicates=DuplicateOptions(report_similarity=0.05)
)
PATIENTS = [synth.patient(seed, kinds=("CT",), instances=1, charset="ISO_IR 100") for seed in range(20, 24)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any]:
    """An archive of four patients with like reports, its release, and the facts."""
    place = tmp_path_factory.mktemp("separation")
    synth.write_archive(place / "source", PATIENTS)
    facts = make_release(place / "source", make_workspace(place / "ws"), place / "release", LIKE)
    return place / "source", place / "release", facts


def test_copies_are_withheld_and_counted(made: tuple[Path, Path, Any]) -> None:
    """One split is left of like studies; what is gone stands under its reason, and the sums are right."""
    _, release, facts = made
    published = rows(release)
    ledger = json.loads((release / "evidence" / "leaks.json").read_text())
    withheld = ledger["withheld"]["across_splits"]
    assert withheld > 0
    assert len({row["split"] for row in published}) == 1
    assert ledger["pairs_across_splits"]["left"] == 0
    assert facts["counts"]["refused_by_policy"]["across_splits"] >= 2 * withheld  # a study has an instance and a report
    assert facts["counts"]["published"]["studies"] == len(published)
    journal = {row["study_key"] for row in rows_of_journal(release)}
    assert journal == {row["study_key"] for row in published}
    assert any("another split" in finding.check for finding in check_release(release))


def test_every_configuration_of_the_card_loads_and_its_figures_are_those_of_the_tables(
    made: tuple[Path, Path, Any], tmp_path: Path
) -> None:
    """`load_dataset` finds the tasks by the card, with PIL images; facts are counted again from the release."""
    datasets = pytest.importorskip("datasets", reason="the package datasets is a development dependency")
    tasks = TaskOptions(("impression", "views", "series", "questions", "prior"))
    release = tmp_path / "release"
    facts = make_release(made[0], make_workspace(tmp_path / "ws"), release, replace(Policy(), tasks=tasks))
    assert set(facts["tasks"]) >= {"impression", "questions"}
    for task, splits in facts["tasks"].items():
        loaded = datasets.load_dataset(str(release), task, cache_dir=str(tmp_path / "cache"))
        assert {split: len(each) for split, each in loaded.items()} == splits
        row = next(iter(loaded.values()))[0]
        images = row.get("images", [])
        assert sum(block["type"] == "image" for turn in row["messages"] for block in turn["content"]) == len(images)
        assert ("images" in row) == (task != "impression")
    again = figures_of(tables_of(release, "image_text"), [p for t in TASKS for p in tables_of(release, t)])
    assert (
        json.loads((release / "evidence" / "facts.json").read_text()).items() >= json.loads(json.dumps(again)).items()
    )
    assert sum(each["in"] for each in facts["funnel"]["instances"].values()) == facts["counts"]["instances_in"]
    card = (release / "README.md").read_text()
    for heading in ("## Who is in it", "## What the reports say", "## Splits", "## What was left out", "## Trainers"):
        assert heading in card
    check_release(release)


def test_images_are_read_through_croissant(made: tuple[Path, Path, Any]) -> None:
    """Mlcroissant finds nothing to complain of, and gives every study with its images and its report."""
    croissant = pytest.importorskip("mlcroissant", reason="the package mlcroissant is a development dependency")
    _, release, facts = made
    dataset = croissant.Dataset(jsonld=str(release / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records("studies"))
    assert len(records) == facts["counts"]["published"]["studies"]
    published = {row["sample_id"]: row for row in rows(release)}
    for record in records:
        row = published[record["studies/sample_id"].decode()]
        assert record["studies/report"].decode() == row["report"]
        assert len(record["studies/images"]) == len(row["images"])


def test_settings_of_trainers_name_files_and_columns_that_exist(made: tuple[Path, Path, Any]) -> None:
    """LLaMA-Factory's dataset_info.json and the others point to folders of the release."""
    _, release, facts = made
    stated = json.loads((release / "dataset_info.json").read_text())
    assert set(stated) == {f"radiology_{split}" for split in facts["splits"]}
    for entry in stated.values():
        assert list((release / entry["file_name"]).glob("*.parquet"))
        assert set(entry["columns"].values()) <= set(rows(release)[0])
    assert {path.name for path in (release / "trainers").iterdir()} == {"verl.yaml", "axolotl.yaml", "ms-swift.yaml"}


def rows_of_journal(release: Path) -> list[dict[str, Any]]:
    """Every row of the journal."""
    import pyarrow.parquet as pq

    return [row for path in sorted((release / "journal").rglob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_shards_and_repetition_change_no_row(made: tuple[Path, Path, Any], tmp_path: Path) -> None:
    """What is withheld does not depend on how patients are divided into shards; the same again gives the same bytes."""
    source, release, _ = made
    make_release(source, make_workspace(tmp_path / "ws"), tmp_path / "again", LIKE)
    assert digests(tmp_path / "again") == digests(release)
    small = replace(LIKE, output=replace(LIKE.output, shard_bytes=1))
    make_release(source, make_workspace(tmp_path / "ws2"), tmp_path / "small", small)
    assert [row["study_key"] for row in rows(tmp_path / "small")] == [row["study_key"] for row in rows(release)]


def test_a_ledger_that_does_not_tell_the_truth_is_found(made: tuple[Path, Path, Any], tmp_path: Path) -> None:
    """The check compares the studies again rather than believing the ledger."""
    _, release, _ = made
    shutil.copytree(release, tmp_path / "release")
    ledger = tmp_path / "release" / "evidence" / "leaks.json"
    ledger.write_text(ledger.read_text().replace('"test": ', '"test": 1'))
    manifest = tmp_path / "release" / "manifest.json"
    stated = json.loads(manifest.read_text())
    for entry in stated["files"]:
        if entry["path"] == "evidence/leaks.json":
            entry["sha256"] = digests(tmp_path / "release")["evidence/leaks.json"]
    manifest.write_text(json.dumps(stated))
    signature = json.dumps(sign(KEY, manifest.read_bytes()))
    manifest.with_suffix(".sig").write_text(signature)
    with pytest.raises(ContractBroken, match="leaks"):
        check_release(tmp_path / "release")
