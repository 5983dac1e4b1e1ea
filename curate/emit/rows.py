"""One study as one row of schemas/image_text.json: images, one text, and that text as chat messages."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from curate.emit.labels import labels_of
from curate.records import CleanImage, CleanReport

_MARKERS = re.compile(r"<(image|video|audio)>", re.IGNORECASE)  # trainers count these in the text
_ROLES, _SPEAKERS = ("user", "assistant"), ("human", "gpt")
_SECTIONS = ("findings", "impression", "indication", "technique", "comparison")


def text_columns(report: CleanReport, images: int, prompt: str) -> dict[str, Any]:
    """The text of a study in every form that trainers read: sections, content blocks, ShareGPT and flat messages."""
    return {
        "report": report.text,
        **{name: report.sections.get(name) or None for name in _SECTIONS},
        "labels": [{"name": name, "value": value} for name, value in labels_of(report.text, report.language).items()],
        "text_sha256": hashlib.sha256(report.text.encode()).hexdigest(),
        **chat_columns([(prompt, target_text(report))], images),
    }


def chat_columns(turns: Sequence[tuple[str, str]], images: int) -> dict[str, Any]:
    """Questions and answers as content blocks, ShareGPT and flat messages; all images stand before the first question.

    A marker that stands in a text literally is written with round brackets, so that it is not counted.
    """
    plain = [_MARKERS.sub(r"(\1)", text) for turn in turns for text in turn]
    marked = ["<image>" * images * (at == 0) + text for at, text in enumerate(plain)]
    blocks = [[{"type": "image", "text": None}] * images * (at == 0) + [_text(text)] for at, text in enumerate(plain)]
    return {
        "messages": [{"role": _ROLES[at % 2], "content": each} for at, each in enumerate(blocks)],
        "conversations": [{"from": _SPEAKERS[at % 2], "value": each} for at, each in enumerate(marked)],
        "messages_flat": [{"role": _ROLES[at % 2], "content": each} for at, each in enumerate(marked)],
    }


def target_text(report: CleanReport) -> str:
    """What a model learns to write: findings and impression, or the whole report where it has neither."""
    return target_of({"report": report.text, **{name: report.sections.get(name) for name in _SECTIONS}})


def target_of(row: Mapping[str, Any]) -> str:
    """What a model learns to write, of a row."""
    return "\n".join(f"{name.upper()}: {row[name]}" for name in _SECTIONS[:2] if row[name]) or str(row["report"])


def image_columns(images: Sequence[CleanImage]) -> dict[str, Any]:
    """Images and their descriptions, in the same order."""
    return {
        "images": [{"bytes": each.png, "path": None} for each in images],
        "image_meta": [dict(each.meta) for each in images],
        "modalities": sorted({str(each.meta["modality"]) for each in images}),
    }


def _text(text: str) -> Mapping[str, Any]:
    return {"type": "text", "text": text}
