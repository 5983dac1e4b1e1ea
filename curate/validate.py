"""Expectations: what holds for the rows of a table, as Great Expectations suites in expectations/*.json.

The only module that knows Great Expectations. Results never hold a value: they are counts and coded outcomes.
"""

import hashlib
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate import contracts
from curate.errors import ContractBroken
from curate.logs import silence_libraries

Document = Mapping[str, Any]
Outcome = Literal["passed", "failed", "error"]

_BATCH = 1024  # rows; texts are held for one batch at a time
_VALUE_FREE = {"result_format": "SUMMARY", "partial_unexpected_count": 0}  # every other format may hold values
_COLUMNS = "columns"  # the level whose table has the columns of the file and no row
_IN_CONDITION = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and what came of it; never a value.

    rows: entries that were looked at; unexpected: how many of them break it, or 1 for a failed check of a whole table.
    outcome: "error" when the check itself could not be made, for instance because its column is missing.
    """

    id: str
    sentence: str
    type: str
    column: str
    severity: Literal["critical", "warning"]
    outcome: Outcome
    rows: int
    unexpected: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one suite over `rows` rows, in the order of the suite."""

    suite: str
    rows: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every critical check passed; a warning that failed does not count."""
        return all(each.outcome == "passed" for each in self.checks if each.severity == "critical")


def validate(tables: Iterable[Path], suite: str) -> Verdict:
    """Hold all files of one table together to the suite of its name; only the columns that it names are read.

    Raises ContractBroken when a file cannot be read or the suite cannot be made to run as a whole. A check that did
    not pass raises nothing: see `hold`.
    """
    document = contracts.suite(suite)
    frames = _frames(list(tables), document)
    checks = [check for level, wanted in _by_level(document).items() for check in _run(suite, frames[level], wanted)]
    checks = [replace(each, rows=len(frames[""])) if not each.column else each for each in checks]
    order = [each["meta"]["id"] for each in document["expectations"]]
    if sorted(order) != sorted(check.id for check in checks):
        raise ContractBroken(suite, "not every expectation was checked")
    return Verdict(suite, len(frames[""]), tuple(sorted(checks, key=lambda check: order.index(check.id))))


def hold(verdict: Verdict) -> None:
    """Raise ContractBroken with the id of the first critical check that did not pass."""
    for check in verdict.checks:
        if check.severity == "critical" and check.outcome != "passed":
            raise ContractBroken(verdict.suite, check.id)


def check_schema(path: Path, contract: str) -> None:
    """Hold the Arrow schema of a Parquet file to its contract: names, order, types, nullability and stamps.

    Raises ContractBroken with the first column of the contract that differs, or with what else does.
    """
    expected = contracts.load(contract).schema()
    try:
        found = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        raise ContractBroken(contract, "not a readable Parquet file") from None
    for column in expected:
        if column.name not in found.names or not found.field(column.name).equals(column):
            raise ContractBroken(contract, f"column {column.name}")
    if found.names != expected.names:
        raise ContractBroken(contract, "more columns, or another order")
    stamps = found.metadata or {}
    for name, value in expected.metadata.items():
        if stamps.get(name) != value:
            raise ContractBroken(contract, f"metadata {name.decode()}")


# Levels: the rows of the table are level ""; the elements of a list are a level of their own, named by its path.


def _level(column: str) -> str:
    """The level of a path: everything up to its last "[]"."""
    return column[: column.rfind("[]") + 2] if "[]" in column else ""


def _columns_of(kwargs: Document) -> list[str]:
    """The columns that an expectation looks at, those of its condition too."""
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    listed = kwargs.get("column_list", [])
    return [*named, *listed, *_IN_CONDITION.findall(kwargs.get("row_condition", ""))]


def _by_level(document: Document) -> dict[str, list[Document]]:
    """The expectations by the level that they look at."""
    levels: dict[str, list[Document]] = {}
    for each in document["expectations"]:
        of_table = each["type"].startswith("expect_table_column")
        columns = [] if of_table else _columns_of(each["kwargs"])
        levels.setdefault(_COLUMNS if of_table else _level((columns or [""])[0]), []).append(each)
    return levels


def _frames(tables: Sequence[Path], document: Document) -> dict[str, Any]:
    """One pandas frame a level, of the columns that the checks name; texts that are only measured are not kept."""
    grouped = [each for each in document["derived"] if "per" in each]
    measured = {each["name"]: each for each in document["derived"] if "per" not in each}
    paths = _paths(document)
    parts: dict[str, list[pa.Table]] = {level: [] for level in ("", *_by_level(document))}
    for batch in _batches(tables, document["name"], [*paths, *map(_source, measured.values())]):
        columns = _columns(batch, paths, measured)
        for level, found in parts.items():
            found.append(pa.table(columns.get(level, {})))
    frames = {level: _joined(each, document["name"]) for level, each in parts.items()}
    for each in grouped:
        if {each["per"], each["distinct"]} <= set(frames[""].columns):
            frames[""][each["name"]] = frames[""].groupby(each["per"])[each["distinct"]].transform("nunique")
    return {**frames, _COLUMNS: _header(tables, document["name"])}


def _paths(document: Document) -> list[str]:
    """The columns of the contract that the checks need as they are, sorted."""
    derived, levels = document["derived"], _by_level(document)
    wanted = [each for level in levels if level != _COLUMNS for each in levels[level]]
    named = {name for each in wanted for name in _columns_of(each["kwargs"])}
    grouped = {each[name] for each in derived if "per" in each for name in ("distinct", "per")}
    return sorted((named | grouped) - {each["name"] for each in derived})


def _header(tables: Sequence[Path], contract: str) -> Any:
    """A frame with columns and no row: those of the first file that differs from the contract, if any does."""
    import pandas as pd

    expected = contracts.load(contract).columns
    found = [names for path in tables if (names := pq.read_schema(path).names) != expected]
    return pd.DataFrame(columns=found[0] if found else expected)


def _batches(tables: Sequence[Path], contract: str, paths: Iterable[str]) -> Iterator[pa.RecordBatch]:
    """The projected rows of all files, at least one empty batch each; of no file, what the contract says."""
    leaves = sorted({path.replace("[]", ".list.element") for path in paths})  # one leaf of `images` is not its bytes
    if not tables:
        yield pa.RecordBatch.from_pylist([], schema=contracts.load(contract).schema())
    for path in tables:
        try:
            with pq.ParquetFile(path) as file:
                if not file.metadata.num_rows:
                    yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
                yield from file.iter_batches(_BATCH, columns=leaves)
        except (pa.ArrowException, OSError):
            raise ContractBroken(contract, "not a readable Parquet file") from None


def _columns(batch: pa.RecordBatch, paths: Iterable[str], measured: Document) -> dict[str, dict[str, pa.Array]]:
    """The columns of each level from one batch. One that is not there is left out, so that its check is an error."""
    levels: dict[str, dict[str, pa.Array]] = {"": {"(row)": pa.nulls(batch.num_rows)}}
    for path in paths:
        try:
            values, _ = _leaf(batch, path)
        except (KeyError, pa.ArrowException):
            continue
        levels.setdefault(_level(path), {})[path] = values
    for name, measure in measured.items():
        try:
            levels[""][name] = _measure(batch, measure)
        except (KeyError, pa.ArrowException):
            continue
    return levels


def _leaf(batch: pa.RecordBatch, path: str) -> tuple[pa.Array, np.ndarray[Any, np.dtype[np.int64]]]:
    """The values at a path, and for each the row of the batch that it belongs to."""
    first, *steps = path.replace("[]", ".[]").split(".")
    values, rows = batch.column(first), np.arange(batch.num_rows)
    for step in steps:
        if step == "[]":
            rows = rows[pc.list_parent_indices(values).to_numpy(zero_copy_only=False)]
            values = pc.list_flatten(values)
        else:
            values = pc.struct_field(values, step)
    return values, rows


def _joined(parts: Sequence[pa.Table], contract: str) -> Any:
    """All parts of a level as one pandas frame of the columns that every part has."""
    common = [name for name in parts[0].column_names if all(name in part.column_names for part in parts)]
    try:
        return pa.concat_tables([part.select(common) for part in parts]).to_pandas()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise ContractBroken(contract, "a column has two types") from None


# Measures: small columns that are computed for each row, so that neither texts nor images need be held.


def _source(measure: Document) -> str:
    """The path that a measure reads."""
    return next(str(measure[name]) for name in _MEASURES if name in measure)


def _measure(batch: pa.RecordBatch, measure: Document) -> pa.Array:
    """One derived column of a batch, as `derived` in expectations/suite.schema.json says."""
    name = next(each for each in _MEASURES if each in measure)
    values, rows = _leaf(batch, measure[name])
    return pa.array(_MEASURES[name](values, rows, batch.num_rows, measure))


def _count(values: pa.Array, rows: Any, size: int, measure: Document) -> Any:
    if "substring" in measure:
        weights = pc.fill_null(pc.count_substring(values, measure["substring"]), 0)
    elif "equal" in measure:
        weights = pc.fill_null(pc.equal(values, measure["equal"]), fill_value=False)
    elif "present" in measure:
        weights = pc.is_valid(values)
    else:
        return np.bincount(rows, minlength=size)
    return np.bincount(rows, weights.to_numpy(zero_copy_only=False), size).astype(np.int64)


def _sum(values: pa.Array, rows: Any, size: int, _measure: Document) -> Any:
    return np.bincount(rows, pc.fill_null(values, 0).to_numpy(zero_copy_only=False), size).astype(np.int64)


def _distinct(values: pa.Array, rows: Any, size: int, _measure: Document) -> Any:
    codes = pc.fill_null(values.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    pairs = np.unique(np.stack([rows, codes]), axis=1) if len(rows) else np.empty((2, 0), np.int64)
    return np.bincount(pairs[0], minlength=size)


def _length(values: pa.Array, _rows: Any, _size: int, _measure: Document) -> Any:
    return pc.utf8_length(pc.utf8_trim_whitespace(values))


def _sha256(values: pa.Array, _rows: Any, _size: int, _measure: Document) -> Any:
    digests = [None if text is None else hashlib.sha256(text.encode()).hexdigest() for text in values.to_pylist()]
    return pa.array(digests, pa.string())


def _year(values: pa.Array, _rows: Any, _size: int, _measure: Document) -> Any:
    return pc.year(values)


_MEASURES = {
    "count": _count, "sum": _sum, "distinct": _distinct, "length": _length, "sha256": _sha256, "year": _year,
}  # fmt: skip


# Great Expectations


def _run(suite: str, frame: Any, wanted: Sequence[Document]) -> list[Check]:
    """Hold one frame to some expectations. An expectation that did not load is ContractBroken: GX drops it silently."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their texts may hold values
        context, gx = expectations_context()
        loaded = gx.ExpectationSuite(name=suite, expectations=[dict(each) for each in wanted])
        if len(loaded.expectations) != len(wanted):
            raise ContractBroken(suite, "an expectation is unknown or malformed")
        batch = context.data_sources.pandas_default.read_dataframe(frame)
        try:
            results = batch.validate(loaded, result_format=_VALUE_FREE).results
        except Exception as error:  # noqa: BLE001  fail closed; only the type may be told
            raise ContractBroken(suite, type(error).__name__) from None
    by_id = {each["meta"]["id"]: each for each in wanted}
    return [_check(by_id[each.expectation_config.meta["id"]], each, len(frame)) for each in results]


def expectations_context() -> tuple[Any, Any]:
    """An ephemeral context of Great Expectations: no analytics, no progress bars, nothing written, nothing logged."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    silence_libraries()
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context, gx


def _check(expectation: Document, result: Any, rows: int) -> Check:
    """Copy the outcome and the counts of a result, and nothing else: the rest may hold values."""
    outcome: Outcome = "error" if _raised(result.exception_info) else "passed" if result.success else "failed"
    of_table = expectation["type"].startswith("expect_table")
    looked_at = {name: value for name, value in expectation["kwargs"].items() if name != "row_condition"}
    counted = result.result.get("unexpected_count")
    return Check(
        id=expectation["meta"]["id"],
        sentence=expectation["meta"]["sentence"],
        type=expectation["type"],
        column="" if of_table else ", ".join(_columns_of(looked_at)),
        severity=expectation["severity"],
        outcome=outcome,
        rows=int(result.result.get("element_count", rows)),
        unexpected=int(counted) if counted is not None else int(outcome == "failed"),
    )


def _raised(info: Document | None) -> bool:
    """Whether a check could not be made. GX tells of it once for a result, or once for each metric."""
    told = [info or {}, *(each for each in (info or {}).values() if isinstance(each, Mapping))]
    return any(each.get("raised_exception") for each in told)
