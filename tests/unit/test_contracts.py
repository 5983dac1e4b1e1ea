"""Contracts: each holds to the metaschema, becomes an Arrow schema, and refuses a row without repeating its value."""

import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from curate import contracts
from curate.contracts import Contract
from curate.errors import ContractBroken

CANARY = "QUILLFEATHER^MAY"
NAMES = contracts.names()


def document(name: str) -> dict[str, Any]:
    """Return a contract as it stands in schemas/."""
    found: dict[str, Any] = json.loads((contracts.directory("schemas") / f"{name}.json").read_text(encoding="utf-8"))
    return found


def metaschema(path: Path) -> Draft202012Validator:
    """Return the validator of one of the two metaschemas, which must itself be one."""
    found = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def example(field: dict[str, Any]) -> object:
    """Return a value that fits a field."""
    kind = field["type"]
    if kind == "list":
        items = field["items"]
        return [example(items if isinstance(items, dict) else {"type": items})]
    if kind == "struct":
        return {each["name"]: example(each) for each in field["fields"]}
    if kind == "image":
        return {"bytes": png(7), "path": None}
    if kind.endswith(("string", "binary")):
        return "text" if kind.endswith("string") else b"bytes"
    return {"bool": True, "date32": date(2020, 5, 3)}.get(kind, 1)


def png(level: int) -> bytes:
    """Return a PNG of 4 by 3 pixels of one grey level."""
    out = io.BytesIO()
    Image.new("L", (4, 3), level).save(out, "PNG")
    return out.getvalue()


def row(contract: Contract) -> dict[str, object]:
    """Return a row that fits a contract."""
    return {each["name"]: example(dict(each)) for each in contract.fields}


def test_there_are_contracts_and_the_metaschema_is_none_of_them() -> None:
    """A list that is empty, or holds the metaschema, would make the tests below say nothing."""
    assert {"image_text", "journal", "quarantine"} <= set(NAMES)
    assert not any("schema" in name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_holds_to_the_metaschema(name: str) -> None:
    """Every file says its own name, a version, and what each field is."""
    errors = metaschema(contracts.directory("schemas") / "contract.schema.json").iter_errors(document(name))
    assert [error.json_path for error in errors] == []
    assert document(name)["name"] == name


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1"},
        {"doc": ""},
        {"fields": []},
        {"fields": [{"name": "Patient", "type": "string"}]},
        {"fields": [{"name": "patient", "type": "text"}]},
        {"fields": [{"name": "image", "type": "image"}]},
        {"fields": [{"name": "modalities", "type": "list"}]},
        {"fields": [{"name": "image_meta", "type": "struct"}]},
        {"extra": 1},
    ],
)
def test_the_metaschema_refuses_what_is_no_contract(change: dict[str, Any]) -> None:
    """A metaschema that lets anything pass would be no check."""
    contract = metaschema(contracts.directory("schemas") / "contract.schema.json")
    assert not contract.is_valid({**document("journal"), **change})


@pytest.mark.parametrize("name", contracts.names("expectations"))
def test_a_suite_holds_to_its_metaschema_and_to_its_contract(name: str) -> None:
    """A suite bears the name of its table; an expectation of a column that is not there could never hold."""
    suite = contracts.suite(name)
    errors = metaschema(contracts.directory("expectations") / "suite.schema.json").iter_errors(suite)
    assert [error.json_path for error in errors] == []
    assert suite["name"] == name
    asked = {each["kwargs"]["column"] for each in suite["expectations"] if "column" in each["kwargs"]}
    there = {*contracts.load(name).columns, *(each["name"] for each in suite["derived"])}
    assert {re.split(r"[.\[]", column)[0] for column in asked} <= there


def test_every_suite_has_a_contract() -> None:
    """A suite without a table would never be asked."""
    assert set(contracts.names("expectations")) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_comes_back_from_parquet_as_it_went(name: str, tmp_path: Path) -> None:
    """The Arrow schema survives the file, with the contract's name, its version and the stamps in the metadata."""
    contract = contracts.load(name)
    table = contract.table([row(contract)], {"policy": "abc"})
    pq.write_table(table, tmp_path / "part.parquet")
    again = pq.read_table(tmp_path / "part.parquet")
    assert again.schema.equals(contract.schema())
    assert again.schema.metadata == contract.schema({"policy": "abc"}).metadata
    assert again.to_pylist() == [row(contract)]
    assert again.schema.metadata[b"contract"].decode() == name
    assert again.schema.metadata[b"contract_version"].decode() == contract.version
    assert again.schema.metadata[b"policy"] == b"abc"


@pytest.mark.parametrize("name", NAMES)
def test_only_what_a_contract_calls_nullable_is_nullable(name: str) -> None:
    """Nullability is part of the contract; only images are nullable to Arrow, for `datasets` to see them as such."""
    contract = contracts.load(name)
    for field, described in zip(contract.schema(), contract.fields, strict=True):
        nullable = described.get("nullable", False) or described["name"] == "images"
        assert (field.name, field.nullable) == (described["name"], nullable)


@pytest.mark.parametrize("value", [CANARY, 2**40, [1], {"a": 1}])
def test_a_row_of_the_wrong_type_breaks_the_contract_without_its_value(value: object) -> None:
    """The error names the contract; what was in the row stays in the row."""
    contract = contracts.load("image_text")
    with pytest.raises(ContractBroken) as caught:
        contract.table([{**row(contract), "patient_age": value}])
    error = caught.value
    assert error.contract == "image_text"
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert str(value) not in f"{error} {error!r}"


@pytest.mark.parametrize("change", [{"study_key": None}, {"patient_name": CANARY}])
def test_a_null_or_an_unknown_field_breaks_the_contract(change: dict[str, object]) -> None:
    """A field that must be there is there, and a field that no contract names is refused, not left out in silence."""
    contract = contracts.load("journal")
    with pytest.raises(ContractBroken):
        contract.table([{**row(contract), **change}])


def test_a_missing_field_breaks_the_contract() -> None:
    """A row must name every field that cannot be null."""
    contract = contracts.load("journal")
    short = row(contract)
    del short["study_key"]
    with pytest.raises(ContractBroken):
        contract.table([short])


@pytest.mark.parametrize("change", [{"count": 2**70}, {"target": f"{CANARY}\ud800"}])
def test_a_value_that_arrow_cannot_hold_breaks_the_contract(change: dict[str, object]) -> None:
    """UnicodeEncodeError carries the whole text in `object`: it must not leave the table."""
    contract = contracts.load("journal")
    with pytest.raises(ContractBroken):
        contract.table([{**row(contract), **change}])


def test_images_load_as_images_for_those_who_train(tmp_path: Path) -> None:
    """`datasets.load_dataset("parquet")` gives PIL images with the pixels that went in, with no further word."""
    datasets = pytest.importorskip("datasets")
    contract = contracts.load("image_text")
    images = [{"bytes": png(level), "path": None} for level in (7, 200)]
    pq.write_table(contract.table([{**row(contract), "images": images}]), tmp_path / "part.parquet")
    loaded = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "part.parquet"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded.column_names == contract.columns
    found = loaded[0]["images"]
    assert all(isinstance(each, Image.Image) for each in found)
    assert [(each.size, each.getpixel((0, 0))) for each in found] == [((4, 3), 7), ((4, 3), 200)]
    assert loaded[0]["study_date"] == date(2020, 5, 3)


def test_no_table_without_images_speaks_of_hugging_face() -> None:
    """The features are stamped only where they are needed."""
    assert b"huggingface" in contracts.load("image_text").schema().metadata
    assert b"huggingface" not in contracts.load("journal").schema().metadata


def test_every_alias_of_the_metaschema_becomes_a_type() -> None:
    """A type that the metaschema allows and the library does not know would fail only when it is first used."""
    kinds = json.loads((contracts.directory("schemas") / "contract.schema.json").read_text(encoding="utf-8"))
    more: dict[str, dict[str, Any]] = {
        "list": {"items": "string"},
        "struct": {"fields": [{"name": "part", "type": "int16"}]},
    }
    for kind in kinds["$defs"]["type"]["enum"]:
        field = {"name": "field", "type": kind, **more.get(kind, {})}
        assert isinstance(Contract("probe", "1.0", (field,)).schema().field("field").type, pa.DataType)
