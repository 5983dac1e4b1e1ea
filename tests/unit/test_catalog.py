"""Index and plan: duplicates, patients and shards."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.catalog import Catalog, plan, settle
from curate.errors import Reason, Rejected
from tests.pipeline import KEY


def _row(name: str, sop: str, study: str = "1", patient: str = "p", size: int = 10) -> dict[str, Any]:
    return {
        "key": name, "path": name, "bytes": size, "changed": 1, "patient_id": "x", "patient_key": patient,
        "person": patient,
        "study_uid": study, "series_uid": "s", "sop_uid": sop, "sop_class": "c", "modality": "CT",
        "accession_number": "", "order_numbers": [], "study_date": None, "body_part": "",
        "instance_number": 1, "frames": 1, "has_pixels": True, "identifiers": [],
    }  # fmt: skip


def _report(name: str, study: str, changed: int) -> dict[str, Any]:
    return {
        "key": name, "path": name, "entry": 0, "bytes": 1, "changed": changed, "patient_id": "x",
        "accession_number": "", "study_uid": study, "issued": None, "status": "final", "version": "",
        "identifiers": [], "study": study, "evidence": "study_uid" if study else "", "grade": "exact" if study else "",
    }  # fmt: skip


def _content(contents: dict[str, bytes]) -> Any:
    def read(row: dict[str, Any]) -> bytes:
        if contents[row["key"]] == b"broken":
            raise Rejected(Reason.TRUNCATED)
        return contents[row["key"]]

    return read


@pytest.mark.parametrize(
    ("contents", "kept", "reasons"),
    [
        ({"a": b"1", "b": b"1"}, ["a"], [Reason.DUPLICATE]),
        ({"a": b"1", "b": b"2"}, [], [Reason.CONFLICTING_DUPLICATE, Reason.CONFLICTING_DUPLICATE]),
        ({"a": b"broken", "b": b"2"}, ["b"], [Reason.TRUNCATED]),
        ({"a": b"broken", "b": b"2", "c": b"2"}, ["b"], [Reason.TRUNCATED, Reason.DUPLICATE]),
        ({"a": b"broken", "b": b"broken"}, [], [Reason.TRUNCATED, Reason.TRUNCATED]),
    ],
)
def test_one_of_equal_copies_is_kept_and_different_ones_are_refused(
    contents: dict[str, bytes], kept: list[str], reasons: list[Reason]
) -> None:
    """A broken copy never takes the sound one with it."""
    rows, refused = settle([_row(name, "1.1") for name in contents], _content(contents), KEY)
    assert [row["key"] for row in rows] == kept
    assert [each.reason for each in refused] == sorted(reasons)


def test_study_of_two_patients_is_refused_whole() -> None:
    """A study that two patients claim belongs to neither."""
    rows = [_row("a", "1", "S", "p1"), _row("b", "2", "S", "p2"), _row("c", "3", "T", "p1")]
    kept, refused = settle(rows, _content({}), KEY)
    assert [row["key"] for row in kept] == ["c"]
    assert {each.reason for each in refused} == {Reason.PATIENT_MISMATCH}


def _planned(folder: Path, sizes: dict[str, int], target: int) -> dict[str, list[str]]:
    catalog = Catalog(folder)
    rows = [_row(f"f{n}", str(n), str(n), patient, size) for n, (patient, size) in enumerate(sorted(sizes.items()))]
    catalog.write("instances", rows)
    catalog.write("reports", [])
    return {shard.prefix: catalog.patients(shard.prefix) for shard in plan(catalog, target, "c")}


@given(st.dictionaries(st.integers(0, 2**64 - 1), st.integers(1, 100), min_size=1, max_size=30), st.integers(1, 400))
def test_shards_divide_the_patients(tmp_path_factory: Any, sizes: dict[int, int], target: int) -> None:
    """Every patient is in exactly one shard; a shard of two or more patients is not over the target."""
    patients = {f"{number:032x}"[::-1]: size for number, size in sizes.items()}
    planned = _planned(tmp_path_factory.mktemp("catalog"), patients, target)
    assert sorted(each for group in planned.values() for each in group) == sorted(patients)
    assert all(len(group) == 1 or sum(patients[each] for each in group) <= target for group in planned.values())


@pytest.mark.parametrize("patients", [300, 600, 1000, 4000])
def test_shards_are_about_as_large_as_asked(tmp_path: Path, patients: int) -> None:
    """Whatever the number of patients: a shard has work for seconds, and is no sixteenth of what was asked for."""
    sizes = {hashlib.sha256(bytes([n % 256, n // 256])).hexdigest()[:32]: 10 for n in range(patients)}
    planned = _planned(tmp_path, sizes, 400)
    assert 20 <= patients / len(planned) <= 40


def test_new_patient_touches_one_shard(tmp_path: Path) -> None:
    """Only the shard whose prefix a new patient has changes its digest."""
    patients = {f"{n:x}".ljust(32, "0"): 10 for n in range(16)}
    before = _shards(tmp_path / "a", patients)
    after = _shards(tmp_path / "b", {**patients, "3f".ljust(32, "0"): 1})
    assert {prefix for prefix in before if before[prefix] != after[prefix]} == {"0011"}


def test_new_report_touches_the_shard_of_its_study(tmp_path: Path) -> None:
    """One that was joined to no study touches none; a report is neither an instance nor a patient of a shard."""
    patients = {f"{n:x}".ljust(32, "0"): 10 for n in range(16)}
    before = _shards(tmp_path / "a", patients)
    after = _shards(tmp_path / "b", patients, {"r1": "5".ljust(32, "0"), "r2": ""})
    changed = _shards(tmp_path / "c", patients, {"r1": "5".ljust(32, "0"), "r2": ""}, changed=2)
    for first, then in ((before, after), (after, changed)):
        assert {prefix for prefix in first if first[prefix] != then[prefix]} == {"0101"}
    (shard,) = (each for each in plan(Catalog(tmp_path / "b"), 12, "c") if each.prefix == "0101")
    assert (shard.patients, shard.instances, shard.bytes) == (1, 1, 10)


def _shards(
    folder: Path, patients: dict[str, int], reports: Mapping[str, str] = MappingProxyType({}), changed: int = 1
) -> dict[str, str]:
    catalog = Catalog(folder)
    catalog.write("instances", [_row(f"f{key}", key, key, key, size) for key, size in sorted(patients.items())])
    catalog.write("reports", [_report(key, study, changed) for key, study in reports.items()])
    return {shard.prefix: shard.digest for shard in plan(catalog, 12, "c")}


def test_columns_come_row_by_row_as_the_whole_table_has_them(tmp_path: Path) -> None:
    """Of many batches too, lists of items with them."""
    catalog = Catalog(tmp_path)
    found = [{"kind": "NAME", "value": "Doe^Jane"}]
    catalog.write("instances", [_row(f"{n:04}", f"1.{n}") | {"identifiers": found} for n in range(5000)])
    rows = catalog.rows("instances")
    assert list(catalog.each("instances", "key", "identifiers")) == [
        {"key": row["key"], "identifiers": row["identifiers"]} for row in rows
    ]
    assert len(rows) == 5000


@pytest.mark.parametrize(("chosen", "used"), [({}, "system"), ({"ARROW_DEFAULT_MEMORY_POOL": "mimalloc"}, "mimalloc")])
def test_memory_that_is_freed_goes_back_to_the_machine(chosen: dict[str, str], used: str) -> None:
    """Arrow takes it from the system allocator, unless an operator chose another."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("ARROW_")} | chosen
    ask = "import curate.catalog, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", ask], env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == used
