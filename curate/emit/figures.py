"""Figures about a release, counted from its tables: population, labels, quality, de-identification, trainers, tasks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate.emit import trainers

_COLUMNS = [
    "split", "patient_sex", "patient_age", "modalities", "image_meta", "language", "labels", "quality", "deid",
    *trainers.COLUMNS,
]  # fmt: skip
_BAND = 10  # years
_Z = 1.96  # of 95 %
_UNKNOWN = "not known"
Counts = Mapping[str, Any]  # of names, or of names of names


def figures_of(tables: Iterable[Path], tasks: Iterable[Path]) -> dict[str, Any]:
    """Count over the files of image_text and of the further tasks; no image is read.

    population {group: {value: studies}}; labels {finding: {value: studies}}; quality {check: studies that pass};
    trainers {trainer: studies it takes as they are}; deid {modality: {studies, spans, boxes}};
    tasks {task: {split: rows}}.
    """
    total = _counted([])
    for path in tables:
        total = _added(total, _counted(list(_rows(path))))  # the rows of one file are held at a time
    return {**total, "tasks": _tasks(tasks)}


def _counted(rows: Sequence[Mapping[str, Any]]) -> Counts:
    return {
        "population": {name: _sorted(Counter(map(read, rows))) for name, read in _GROUPS.items()},
        "labels": _labels(rows),
        "quality": _sorted(Counter(each["check"] for row in rows for each in row["quality"] if each["passed"])),
        "trainers": trainers.passes((row, len(row["image_meta"])) for row in rows),
        "deid": _deid(rows),
    }


def _added(one: Counts, other: Counts) -> Counts:
    """The sums of counts of the same form; a name that only one has counts as it is."""
    named = {name: [each[name] for each in (one, other) if name in each] for name in sorted({*one, *other})}
    return {
        name: _added(found[0], found[-1] if len(found) > 1 else {}) if isinstance(found[0], Mapping) else sum(found)
        for name, found in named.items()
    }


def funnel_of(
    modalities: Iterable[tuple[str, str]], refusals: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What came in and what was refused, by reason; the rest is published.

    modalities: key and modality of every instance that was indexed. refusals: rows of the quarantine. Studies, and
    instances by modality ("not known" where the file could not be indexed).
    """
    refused = list(refusals)
    instances = [row for row in refused if row["kind"] == "instance"]
    keys, came = {row["key"] for row in instances}, Counter[str]()
    of_refused: dict[str, str] = {}
    for key, modality in modalities:
        came[modality or _UNKNOWN] += 1
        if key in keys:
            of_refused[key] = modality or _UNKNOWN
    came.update(_UNKNOWN for _ in keys - of_refused.keys())
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in instances:
        found[of_refused.get(row["key"], _UNKNOWN)][row["reason"]] += 1
    return {
        "studies": _sorted(Counter(row["reason"] for row in refused if row["kind"] == "study")),
        "instances": {name: {"in": came[name], "refused": _sorted(found[name])} for name in sorted(came)},
    }


def interval(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (J Am Stat Assoc 1927; 22:209); 0 to 1 of nothing."""
    if not whole:
        return 0.0, 1.0
    share, spread = part / whole, _Z * _Z / whole
    middle = share + spread / 2
    half = _Z * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(columns=_COLUMNS, batch_size=512):
        yield from batch.to_pylist()


def _age(row: Mapping[str, Any]) -> str:
    if row["patient_age"] is None:
        return _UNKNOWN
    first = row["patient_age"] // _BAND * _BAND
    return f"{first:02}-{first + _BAND - 1}"


def _body_part(row: Mapping[str, Any]) -> str:
    return " and ".join(sorted({meta["body_part"] or _UNKNOWN for meta in row["image_meta"]}))


_GROUPS = {
    "sex": lambda row: row["patient_sex"] or _UNKNOWN,
    "age": _age,
    "body_part": _body_part,
    "language": lambda row: row["language"],
}


def _labels(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for each in row["labels"]:
            found[each["name"]][each["value"]] += 1
    return {name: _sorted(found[name]) for name in sorted(found)}


def _deid(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """What was replaced and blacked out, by modality: a subgroup that loses more than others stands out."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for modality in row["modalities"]:
            found[modality].update(studies=1, spans=row["deid"]["spans"], boxes=row["deid"]["boxes"])
    return {modality: _sorted(found[modality]) for modality in sorted(found)}


def _tasks(files: Iterable[Path]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for path in files:
        *_, task, _, split, _ = path.parts
        found[task][split] += pq.read_metadata(path).num_rows
    return {task: _sorted(found[task]) for task in sorted(found)}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
