"""Further tasks: what a study gives, and what it does not."""

from datetime import date
from typing import Any

import pytest

from curate.emit.tasks import BUILDERS, task_rows
from curate.emit.trainers import TRAINERS, passes


def image(place: int, **changes: Any) -> dict[str, Any]:
    """The description of one image."""
    return {
        "instance_key": f"{place:020x}", "series_key": "s", "frame_index": 0, "sha256": f"{place:064x}",
        "modality": "CT", "body_part": "CHEST", "view": None, "laterality": None, **changes,
    }  # fmt: skip


def study(key: str, day: date | None, images: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A row of image_text, of the columns that tasks read."""
    return {
        "sample_id": key, "study_key": key, "patient_key": "p", "split": "train", "study_date": day, "language": "en",
        "modalities": sorted({each["modality"] for each in images}), "image_meta": images, "text_sha256": "0" * 64,
        "images": [{"bytes": key.encode() + bytes([at]), "path": None} for at in range(len(images))],
        "report": "whole", "findings": "A nodule.", "impression": "Nodule <image>.",
        "labels": [{"name": "nodule", "value": "positive"}, {"name": "effusion", "value": "negative"}], **changes,
    }  # fmt: skip


NOW = study("now", date(2020, 3, 1), [image(1), image(2), image(3)])
BEFORE = study("before", date(2020, 2, 1), [image(4)])
LONG_AGO = study("long", date(2010, 2, 1), [image(5)])
LATER = study("later", date(2021, 1, 1), [image(6)])
OTHER = study("other", date(2020, 2, 20), [image(7, modality="MR")])


def only(row: dict[str, Any], task: str, *others: dict[str, Any]) -> dict[str, Any]:
    """The one row of a task."""
    (made,) = task_rows(row, [row, *others], [task])
    return made


def test_prior_is_the_last_earlier_study_of_the_modality() -> None:
    """Its images stand first with their distance in days; later studies and other modalities are no priors."""
    made = only(NOW, "prior", LONG_AGO, BEFORE, LATER, OTHER)
    assert [each["bytes"] for each in made["images"]] == [b"before\x00", b"now\x00", b"now\x01", b"now\x02"]
    assert [(each["is_prior"], each["days_before"]) for each in made["image_meta"]] == [(True, 29), *[(False, 0)] * 3]
    assert "29 days" in made["messages_flat"][0]["content"]


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("prior", study("now", None, [image(1)])),
        ("impression", study("now", None, [image(1)], findings=None)),
        ("views", study("now", None, [image(1, view="PA")])),
        ("series", study("now", None, [image(1), image(2), image(3, series_key="t")])),
        ("series", study("now", None, [image(1, modality="DX")] * 3)),
    ],
)
def test_a_study_that_lacks_what_a_task_asks_for_gives_no_row(task: str, row: dict[str, Any]) -> None:
    """No date, no findings, one view, two slices, no volume: nothing is made up."""
    assert list(task_rows(row, [row, BEFORE], [task])) == []


def test_impression_is_text_alone() -> None:
    """A row of text has no images column, and no marker even where the report has one."""
    made = only(NOW, "impression")
    assert "images" not in made
    assert "A nodule." in made["messages_flat"][0]["content"]
    assert made["messages_flat"][1]["content"] == "Nodule (image)."


def test_questions_are_answered_from_header_and_labels() -> None:
    """Each answer is a defined term or a label; what is not known is not asked."""
    row = study("now", None, [image(1, view="PA", laterality="L")])
    turns = [each["content"] for each in only(row, "questions")["messages_flat"]]
    assert turns[1::2] == ["CT.", "CHEST.", "PA.", "Left.", "Yes.", "No, it is excluded."]
    assert len(only(study("now", None, [image(1, body_part=None)]), "questions")["messages_flat"]) == 6


def test_series_is_one_series_in_its_order() -> None:
    """Of several series the one with most images is taken, alone."""
    row = study("now", None, [image(1), image(9, series_key="t"), image(2), image(3)])
    assert [each["instance_key"][-1] for each in only(row, "series")["image_meta"]] == ["1", "2", "3"]


@pytest.mark.parametrize("task", BUILDERS)
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl"])
def test_every_task_in_every_language_is_taken_by_the_trainers(task: str, language: str) -> None:
    """Templates exist in four languages, English stands in for others; ids differ by task."""
    row = study("now", date(2020, 3, 1), [image(n, view="PA") for n in range(3)], language=language)
    made = only(row, task, BEFORE)
    assert passes([(made, len(made.get("images", ())))]) == dict.fromkeys(TRAINERS, 1) | {"Axolotl": 0}
    assert made["sample_id"] != only(row, next(each for each in BUILDERS if each != task), BEFORE)["sample_id"]
    assert "{" not in made["messages_flat"][0]["content"]
