"""Expectations: what holds for the rows of a table, as Great Expectations suites in expectations/*.json.

The only module that knows Great Expectations. Results never hold a value: they are counts and coded outcomes.
"""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curate import contracts
from curate.errors import ContractBroken
from curate.frames import Document, by_level, columns_of, divided, frames_of, rows_of
from curate.logs import silence_libraries
from curate.records import Spread

Outcome = Literal["passed", "failed", "error"]

_VALUE_FREE = {"result_format": "SUMMARY", "partial_unexpected_count": 0}  # every other format may hold values
_FEW = 2_000  # rows that are held to everything at once
_MOST = 1_000_000  # values that are held to what each row must be; then the next rows are another part
_WORSE: tuple[Outcome, ...] = ("passed", "failed", "error")


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


def validate(tables: Iterable[Path], suite: str, spread: Spread = map) -> Verdict:
    """Hold all files of one table together to the suite of its name; only the columns that it names are read.

    spread: does what each row of a large table must be, file by file, in this process or elsewhere.

    Raises ContractBroken when a file cannot be read or the suite cannot be made to run as a whole. A check that did
    not pass raises nothing: see `hold`.
    """
    files, document = list(tables), contracts.suite(suite)
    sizes = rows_of(files, suite)
    rows = sum(sizes)
    alone, together = divided(document) if rows > _FEW else ({}, document)
    checks = _checks(next(frames_of(files, together)), together)
    if alone:
        lots = list(_lots(files, sizes))
        checks += _summed(list((spread if len(lots) > 1 else map)(partial(_of_rows, alone), lots)))
    checks = [replace(each, rows=rows) if not each.column else each for each in checks]
    order = [each["meta"]["id"] for each in document["expectations"]]
    if sorted(order) != sorted(check.id for check in checks):
        raise ContractBroken(suite, "not every expectation was checked")
    return Verdict(suite, rows, tuple(sorted(checks, key=lambda check: order.index(check.id))))


def _lots(files: Sequence[Path], sizes: Iterable[int]) -> Iterator[list[Path]]:
    """The files of a table, of so many rows each, by so many values or more: what one process reads."""
    lot, held, columns = list[Path](), 0, pq.read_metadata(files[0]).num_columns
    for path, rows in zip(files, sizes, strict=True):
        lot.append(path)
        held += rows * columns
        if held >= _MOST:
            yield lot
            lot, held = [], 0
    if lot:
        yield lot


def _of_rows(document: Document, files: Sequence[Path]) -> list[Check]:
    """Hold the rows of some files to what each must be, part by part."""
    return _summed([_checks(frames, document) for frames in frames_of(files, document, _MOST)])


def _checks(frames: Mapping[str, Any], document: Document) -> list[Check]:
    levels = by_level(document).items()
    return [check for level, wanted in levels for check in _run(document["name"], frames[level], wanted)]


def _summed(parts: Iterable[Sequence[Check]]) -> list[Check]:
    """The same checks of several parts of a table as those of all of it: the worst outcome counts."""
    return [
        replace(
            several[0],
            rows=sum(each.rows for each in several),
            unexpected=sum(each.unexpected for each in several),
            outcome=max((each.outcome for each in several), key=_WORSE.index),
        )
        for several in zip(*parts, strict=True)
    ]


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
        column="" if of_table else ", ".join(columns_of(looked_at)),
        severity=expectation["severity"],
        outcome=outcome,
        rows=int(result.result.get("element_count", rows)),
        unexpected=int(counted) if counted is not None else int(outcome == "failed"),
    )


def _raised(info: Document | None) -> bool:
    """Whether a check could not be made. GX tells of it once for a result, or once for each metric."""
    told = [info or {}, *(each for each in (info or {}).values() if isinstance(each, Mapping))]
    return any(each.get("raised_exception") for each in told)
