"""Further tasks that a study gives, by policy: rows of images and chats beside the one row of the report itself.

Every answer is the report's own words, a defined term of the header, or a label by rule; templates are data
(data/tasks.json), and no language model writes anything. Tasks are made of rows that will be published, so a study that
is withheld is nobody's earlier study.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from curate.emit.rows import chat_columns, target_of

Row = Mapping[str, Any]
_SLICED = frozenset({"CT", "MR", "PT"})


@dataclass(frozen=True, slots=True, repr=False)
class Example:
    """What a task makes of a study: the chat, and (days before this study, image, its entry of image_meta)."""

    turns: Sequence[tuple[str, str]]
    shown: Sequence[tuple[int, Row, Row]] = ()


def task_rows(row: Row, earlier: Sequence[Row], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of some tasks for one study: of schemas/tasks.json, or of schemas/texts.json where no image is shown.

    row: a study as schemas/image_text.json has it; earlier: other studies of its patient. A study that lacks what a
    task asks for gives no row.
    """
    for name in names:
        example = BUILDERS[name](row, earlier)
        if example and example.turns:
            yield _row(row, name, example)


def impression(row: Row, _: Sequence[Row]) -> Example | None:
    """From the findings to the impression: text alone."""
    if not (row["findings"] and row["impression"]):
        return None
    return Example([(_templates(row)["impression"].format(findings=row["findings"]), row["impression"])])


def prior(row: Row, earlier: Sequence[Row]) -> Example | None:
    """This study with the last one before it that has a modality in common, and the days between them."""
    before = [each for each in earlier if _days(each, row) > 0 and set(each["modalities"]) & set(row["modalities"])]
    if not before:
        return None
    last = min(before, key=lambda each: (_days(each, row), each["study_key"]))
    shown = [*_shown(last, _days(last, row)), *_shown(row)]
    counts = {"earlier": len(last["images"]), "now": len(row["images"]), "days": _days(last, row)}
    return Example([(_templates(row)["prior"].format(**counts), target_of(row))], shown)


def views(row: Row, _: Sequence[Row]) -> Example | None:
    """The images whose view is known, two or more, named in their order."""
    shown = [each for each in _shown(row) if each[2]["view"]]
    named = ", ".join(meta["view"] for _, _, meta in shown)
    return Example([(_templates(row)["views"].format(views=named), target_of(row))], shown) if len(shown) > 1 else None


def series(row: Row, _: Sequence[Row]) -> Example | None:
    """The slices of the series that has most of them, in their order; three or more make a volume."""
    found: dict[str, list[tuple[int, Row, Row]]] = {}
    for each in _shown(row):
        if each[2]["modality"] in _SLICED:
            found.setdefault(each[2]["series_key"], []).append(each)
    slices = max(found.values(), key=len, default=[])
    if len(slices) < 3:
        return None
    asked = _templates(row)["series"].format(images=len(slices), modality=slices[0][2]["modality"])
    return Example([(asked, target_of(row))], slices)


def questions(row: Row, _: Sequence[Row]) -> Example | None:
    """Questions with answers from the header and from the labels of the report, as one conversation."""
    asked, answers, first = _templates(row)["questions"], _templates(row)["answers"], row["image_meta"][0]
    parts = {meta["body_part"] for meta in row["image_meta"]}
    turns = [(asked["modality"], f"{', '.join(row['modalities'])}.")]
    if len(parts) == 1 and None not in parts:
        turns.append((asked["body_part"], f"{first['body_part']}."))
    if first["view"]:
        turns.append((asked["view"], f"{first['view']}."))
    if first["laterality"]:
        turns.append((asked["laterality"], answers[first["laterality"]]))
    turns += [(asked["finding"].format(finding=each["name"]), answers[each["value"]]) for each in row["labels"]]
    return Example(turns, _shown(row))


BUILDERS: Mapping[str, Callable[[Row, Sequence[Row]], Example | None]] = {
    "impression": impression, "prior": prior, "views": views, "series": series, "questions": questions,
}  # fmt: skip
TEXT_ONLY = frozenset({"impression"})


def _row(row: Row, task: str, example: Example) -> dict[str, Any]:
    made = {
        "sample_id": hashlib.sha256(f"{row['sample_id']}/{task}".encode()).hexdigest()[:20],
        "task": task,
        **{name: row[name] for name in ("patient_key", "study_key", "split", "language", "text_sha256")},
        **chat_columns(example.turns, len(example.shown)),
    }
    if example.shown:
        made["images"] = [image for _, image, _ in example.shown]
        names = ("instance_key", "frame_index", "sha256")
        made["image_meta"] = [
            {**{name: meta[name] for name in names}, "is_prior": days > 0, "days_before": days}
            for days, _, meta in example.shown
        ]
    return made


def _shown(row: Row, days: int = 0) -> list[tuple[int, Row, Row]]:
    return [(days, image, meta) for image, meta in zip(row["images"], row["image_meta"], strict=True)]


def _days(one: Row, other: Row) -> int:
    """Days from one study to another; 0 where a date is not known."""
    return (other["study_date"] - one["study_date"]).days if one["study_date"] and other["study_date"] else 0


def _templates(row: Row) -> Mapping[str, Any]:
    """The templates in the language of a study, else in English."""
    known = _data()
    return known.get(row["language"], known["en"])


@cache
def _data() -> Mapping[str, Mapping[str, Any]]:
    path = files("curate.emit").joinpath("data/tasks.json")
    document: dict[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return document
