"""The rows of a table as frames for its expectations: one a level, with the columns that the checks name.

The rows of the table are level ""; the elements of a list are a level of their own, named by its path. Texts and images
are measured batch by batch and never held.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate import contracts
from curate.errors import ContractBroken

Document = Mapping[str, Any]

_BATCH = 4096  # rows; texts are held for one batch at a time
COLUMNS = "columns"  # the level whose table has the columns of the file and no row
_OF_A_ROW = ("expect_column_values_", "expect_column_pair_values_")  # types that look at one row at a time
_OF_A_GROUP, _IN_ONE_FILE = "expect_compound_columns_to_be_unique", "study_key"  # all rows of a study are in one file
_IN_CONDITION = re.compile(r"`([^`]+)`")


def _level(column: str) -> str:
    """The level of a path: everything up to its last "[]"."""
    return column[: column.rfind("[]") + 2] if "[]" in column else ""


def columns_of(kwargs: Document) -> list[str]:
    """The columns that an expectation looks at, those of its condition too."""
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    listed = kwargs.get("column_list", [])
    return [*named, *listed, *_IN_CONDITION.findall(kwargs.get("row_condition", ""))]


def by_level(document: Document) -> dict[str, list[Document]]:
    """The expectations by the level that they look at."""
    levels: dict[str, list[Document]] = {}
    for each in document["expectations"]:
        of_table = each["type"].startswith("expect_table_column")
        columns = [] if of_table else columns_of(each["kwargs"])
        levels.setdefault(COLUMNS if of_table else _level((columns or [""])[0]), []).append(each)
    return levels


def frames_of(tables: Sequence[Path], document: Document, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Pandas frames of the columns that the checks name, one a level: of all files, or of some with so many values.

    Texts that are only measured are not kept. At least one, with no rows where there are none.
    """
    measured = {each["name"]: each for each in document["derived"] if "per" not in each}
    paths, levels = _paths(document), ("", *by_level(document))
    header = _header(tables, document["name"]) if COLUMNS in levels else None
    parts, held = {level: list[pa.Table]() for level in levels}, 0
    files = _files(tables, document["name"], [*paths, *map(_source, measured.values())])
    in_one_file = any(each["type"] == _OF_A_GROUP for each in document["expectations"])
    for batches in files if in_one_file else ([batch] for file in files for batch in file):
        if most and held > most:
            yield _frames(parts, document, header)
            parts, held = {level: [] for level in levels}, 0
        for batch in batches:
            columns = _columns(batch, paths, measured)
            for level, found in parts.items():
                found.append(pa.table(columns.get(level, {})))
                held += found[-1].num_rows * found[-1].num_columns
    yield _frames(parts, document, header)


def _frames(parts: Mapping[str, list[pa.Table]], document: Document, header: Any) -> dict[str, Any]:
    frames = {level: _joined(each, document["name"]) for level, each in parts.items()}
    for each in document["derived"]:
        if "per" in each and {each["per"], each["distinct"]} <= set(frames[""].columns):
            frames[""][each["name"]] = frames[""].groupby(each["per"])[each["distinct"]].transform("nunique")
    return {**frames, COLUMNS: header}


def divided(document: Document) -> tuple[Document, Document]:
    """A suite as two: what each row breaks or holds by itself, and what only all rows together show."""
    grouped = {each["name"] for each in document["derived"] if "per" in each}
    alone, together = list[Document](), list[Document]()
    for each in document["expectations"]:
        columns = columns_of(each["kwargs"])
        apart = each["type"].startswith(_OF_A_ROW) and not each["type"].endswith("unique")
        apart |= each["type"] == _OF_A_GROUP and _IN_ONE_FILE in columns
        (alone if apart and grouped.isdisjoint(columns) else together).append(each)
    return _only(document, alone), _only(document, together)


def _only(document: Document, wanted: Sequence[Document]) -> Document:
    """A suite of some of its expectations, with what they need to be derived."""
    named = {name for each in wanted for name in columns_of(each["kwargs"])}
    return {
        **document,
        "expectations": list(wanted),
        "derived": [each for each in document["derived"] if each["name"] in named],
    }


def rows_of(tables: Iterable[Path], contract: str) -> list[int]:
    """Rows of each file. Raises ContractBroken where one cannot be read."""
    try:
        return [pq.read_metadata(path).num_rows for path in tables]
    except (pa.ArrowException, OSError):
        raise ContractBroken(contract, "not a readable Parquet file") from None


def _paths(document: Document) -> list[str]:
    """The columns of the contract that the checks need as they are, sorted."""
    derived, levels = document["derived"], by_level(document)
    wanted = [each for level in levels if level != COLUMNS for each in levels[level]]
    named = {name for each in wanted for name in columns_of(each["kwargs"])}
    grouped = {each[name] for each in derived if "per" in each for name in ("distinct", "per")}
    return sorted((named | grouped) - {each["name"] for each in derived})


def _header(tables: Sequence[Path], contract: str) -> Any:
    """A frame with columns and no row: those of the first file that differs from the contract, if any does."""
    import pandas as pd

    expected = contracts.load(contract).columns
    found = [names for path in tables if (names := pq.read_schema(path).names) != expected]
    return pd.DataFrame(columns=found[0] if found else expected)


def _files(tables: Sequence[Path], contract: str, paths: Iterable[str]) -> Iterator[Iterable[pa.RecordBatch]]:
    """The batches of each file; of no file, what the contract says."""
    leaves = sorted({path.replace("[]", ".list.element") for path in paths})  # one leaf of `images` is not its bytes
    if not tables:
        yield [pa.RecordBatch.from_pylist([], schema=contracts.load(contract).schema())]
    for path in tables:
        yield _batches(path, contract, leaves)


def _batches(path: Path, contract: str, leaves: list[str]) -> Iterator[pa.RecordBatch]:
    """The projected rows of a file, at least one empty batch."""
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
        return pa.concat_tables([part.select(common) for part in parts]).combine_chunks().to_pandas()
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
