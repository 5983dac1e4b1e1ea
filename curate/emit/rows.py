"""One study as one row of schemas/image_text.json: images, one text, and that text as chat messages."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from curate.emit.labels import labels_of
from curate.records import CleanImage, CleanReport

_MARKERS = re.compile(r"<(image|video|audio)>", re.IGNORECASE)  # trainers count these in the text
_SECTIONS = ("findings", "impression", "indication", "technique", "comparison")


def text_columns(report: CleanReport, images: int, prompt: str) -> dict[str, Any]:
    """The text of a study in every form that trainers read: sections, content blocks, ShareGPT and flat messages."""
    target = _MARKERS.sub(r"(\1)", target_text(report))
    prompt = _MARKERS.sub(r"(\1)", prompt)
    markers = "<image>" * images
    return {
        "report": report.text,
        **{name: report.sections.get(name) or None for name in _SECTIONS},
        "labels": [{"name": name, "value": value} for name, value in labels_of(report.text, report.language).items()],
        "text_sha256": hashlib.sha256(report.text.encode()).hexdigest(),
        "messages": _blocks(images, prompt, target),
        "conversations": [{"from": "human", "value": markers + prompt}, {"from": "gpt", "value": target}],
        "messages_flat": [{"role": "user", "content": markers + prompt}, {"role": "assistant", "content": target}],
    }


def target_text(report: CleanReport) -> str:
    """What a model learns to write: findings and impression, or the whole report where it has neither."""
    parts = [f"{name.upper()}: {report.sections[name]}" for name in _SECTIONS[:2] if report.sections.get(name)]
    return "\n".join(parts) or report.text


def image_columns(images: Sequence[CleanImage]) -> dict[str, Any]:
    """Images and their descriptions, in the same order."""
    return {
        "images": [{"bytes": each.png, "path": None} for each in images],
        "image_meta": [dict(each.meta) for each in images],
        "modalities": sorted({str(each.meta["modality"]) for each in images}),
    }


def _blocks(images: int, prompt: str, target: str) -> list[Mapping[str, Any]]:
    asked = [{"type": "image", "text": None}] * images + [{"type": "text", "text": prompt}]
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": [{"type": "text", "text": target}]}]
