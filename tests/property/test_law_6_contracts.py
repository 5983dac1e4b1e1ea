"""Law 6: every batch equals its contract."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate import contracts
from curate.check import check_release
from curate.errors import ContractBroken
from curate.validate import check_schema
from tests import synth
from tests.pipeline import make_release, make_workspace


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of two patients."""
    root = tmp_path_factory.mktemp("law6")
    synth.write_archive(root / "source", [synth.patient(51, kinds=("CT",)), synth.patient(52, kinds=("US",))])
    make_release(root / "source", make_workspace(root / "ws"), root / "release")
    return root / "release"


def test_every_table_of_a_release_equals_its_contract(release: Path) -> None:
    """Names, types, nullability and stamps are those of schemas/; an independent check agrees with the evidence."""
    for table, folder in (("image_text", "data"), ("journal", "journal")):
        files = sorted((release / folder).rglob("*.parquet"))
        assert files
        for path in files:
            check_schema(path, table)
    assert all(finding.covered > 0 for finding in check_release(release))


@pytest.mark.parametrize("change", ["drop a row", "edit a verdict", "add a file", "cut a file", "rename a column"])
def test_release_that_was_altered_is_found_out(release: Path, tmp_path: Path, change: str) -> None:
    """What is not as the manifest says is a broken contract."""
    import shutil

    altered = tmp_path / "altered"
    shutil.copytree(release, altered)
    table = next(iter(sorted((altered / "data").rglob("*.parquet"))))
    rows = pq.read_table(table)
    match change:
        case "drop a row":
            pq.write_table(rows.slice(1), table)
        case "edit a verdict":
            facts = altered / "evidence" / "facts.json"
            facts.write_text(facts.read_text().replace("passed", "failed", 1))
        case "add a file":
            (altered / "data" / "extra.parquet").touch()
        case "cut a file":
            (altered / "README.md").write_text("short")
        case _:
            pq.write_table(rows.rename_columns([f"x{name}" for name in rows.schema.names]), table)
    with pytest.raises(ContractBroken):
        check_release(altered)


FIELDS = {field["name"]: field["type"] for field in contracts.load("journal").fields}


@given(st.sampled_from(sorted(FIELDS)), st.sampled_from([None, [1], {"a": 1}, b"\xff\xfe"]))
def test_row_that_does_not_fit_is_refused(name: str, value: object) -> None:
    """No value of a wrong type gets into a table, and none gets into the message."""
    row = {field: 1 if kind == "int64" else "SECRETWORD" for field, kind in FIELDS.items()}
    with pytest.raises(ContractBroken) as broken:
        contracts.load("journal").table([{**row, name: value}])
    assert "SECRETWORD" not in str(broken.value)
