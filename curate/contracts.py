"""Contracts as data: finds schemas/ and expectations/ in a wheel or a checkout, and derives Arrow schemas from them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import ContractBroken

_ALIASES = {
    "string": pa.string(),
    "large_string": pa.large_string(),
    "binary": pa.binary(),
    "large_binary": pa.large_binary(),
    "bool": pa.bool_(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "date32": pa.date32(),
}


@dataclass(frozen=True, slots=True)
class Contract:
    """One table's contract: name, version, and fields with type, unit, doc and origin (schemas/*.json)."""

    name: str
    version: str
    fields: tuple[Mapping[str, Any], ...]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [each["name"] for each in self.fields]

    def schema(self, stamps: Mapping[str, str] | None = None) -> pa.Schema:
        """The Arrow schema, with the contract's name and version and `stamps` in its key-value metadata."""
        metadata = {"contract": self.name, "contract_version": self.version, **(stamps or {})}
        if any(map(_holds_images, self.fields)):
            metadata["huggingface"] = json.dumps({"info": {"features": self._features()}}, sort_keys=True)
        return pa.schema([_arrow_field(each) for each in self.fields], metadata=metadata)

    def table(self, rows: Iterable[Mapping[str, Any]], stamps: Mapping[str, str] | None = None) -> pa.Table:
        """Build a table from rows; a row that does not fit is ContractBroken, without its value."""
        held = list(rows)
        if any(set(row) - set(self.columns) for row in held):
            raise ContractBroken(self.name, "a row has a field that the contract does not name")
        try:
            table = pa.Table.from_pylist(held, schema=self.schema(stamps))
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            raise ContractBroken(self.name, "a row does not fit the schema") from None
        for field in self.fields:
            _check_nulls(self.name, field, table[field["name"]].combine_chunks())
        return table

    def accept(self, table: pa.Table) -> pa.Table:
        """A table whose columns have the types of the contract as one that bears its schema. Raises ContractBroken."""
        for field in self.fields:
            _check_nulls(self.name, field, table[field["name"]].combine_chunks())
        return pa.Table.from_arrays([table[name] for name in self.columns], schema=self.schema())

    def _features(self) -> dict[str, Any]:
        """The columns as Hugging Face `datasets` features, so that images load as images."""
        return {each["name"]: _feature(each) for each in self.fields}


@cache
def load(name: str) -> Contract:
    """Read the contract of one table by its name."""
    document = json.loads((directory("schemas") / f"{name}.json").read_text(encoding="utf-8"))
    return Contract(document["name"], document["version"], tuple(document["fields"]))


@cache
def suite(name: str) -> Mapping[str, Any]:
    """Read the Great Expectations suite of one table by its name."""
    document: dict[str, Any] = json.loads((directory("expectations") / f"{name}.json").read_text(encoding="utf-8"))
    return document


def names(kind: str = "schemas") -> list[str]:
    """The names of all contracts of a kind ("schemas" or "expectations"), sorted; the metaschema is none."""
    return sorted(path.stem for path in directory(kind).glob("*.json") if not path.stem.endswith(".schema"))


@cache
def directory(kind: str) -> Path:
    """Where the contracts of a kind are: inside the installed package, else beside it in a checkout."""
    packaged = Path(str(files("curate"))) / "_contracts" / kind
    return packaged if packaged.is_dir() else Path(str(files("curate"))).parent / kind


def _check_nulls(contract: str, field: Mapping[str, Any], values: pa.Array) -> None:
    """Refuse a null where a field, at any depth, is not nullable: Arrow itself does not look."""
    if values.null_count and not field.get("nullable", False):
        raise ContractBroken(contract, "null in " + field["name"])
    if field["type"] == "list" and isinstance(field["items"], Mapping):
        _check_nulls(contract, {"name": field["name"], **field["items"]}, values.flatten())
    elif field["type"] == "struct":
        for each in field["fields"]:
            _check_nulls(contract, each, pc.struct_field(values.drop_null(), each["name"]))


def _arrow_field(field: Mapping[str, Any]) -> pa.Field:
    # datasets forgets that a column holds images when Arrow calls it not nullable; nulls are refused all the same
    nullable = field.get("nullable", False) or _holds_images(field)
    return pa.field(field["name"], _arrow_type(field), nullable=nullable)


def _holds_images(field: Mapping[str, Any]) -> bool:
    return field["type"] == "image" or field.get("items") == "image"


def _arrow_type(field: Mapping[str, Any]) -> pa.DataType:
    """An Arrow type from its description: an alias, "image", "list" with `items`, or "struct" with `fields`."""
    kind = field["type"]
    if kind == "list":
        items = field["items"]
        return pa.list_(_arrow_type(items if isinstance(items, Mapping) else {"type": items}))
    if kind == "struct":
        return pa.struct([_arrow_field(each) for each in field["fields"]])
    if kind == "image":
        return pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
    return _ALIASES[kind]


def _feature(field: Mapping[str, Any]) -> Any:
    kind = field["type"]
    if kind == "image":
        return {"_type": "Image"}
    if kind == "list":
        items = field["items"]
        return {"feature": _feature(items if isinstance(items, Mapping) else {"type": items}), "_type": "List"}
    if kind == "struct":
        return {each["name"]: _feature(each) for each in field["fields"]}
    return {"dtype": kind, "_type": "Value"}
