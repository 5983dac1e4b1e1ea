"""Quality filters by policy, and quality results for each row. What is kept out is refused under a coded reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from curate.emit.rows import target_text
from curate.errors import Reason, Rejected
from curate.policy import QualityOptions
from curate.records import CleanImage, CleanReport


def hold_image(image: CleanImage, options: QualityOptions) -> None:
    """Refuse an image that the policy does not want. Raises Rejected, a refusal by policy."""
    meta = image.meta
    if min(meta["source_rows"], meta["source_columns"]) < options.image_side:
        raise Rejected(Reason.IMAGE_TOO_SMALL)
    if options.body_parts and meta["body_part"] not in {None, *options.body_parts}:
        raise Rejected(Reason.BODY_PART_UNWANTED, "(0018,0015)")
    if not options.blank_images and _is_blank(image):
        raise Rejected(Reason.IMAGE_BLANK)


def hold_report(report: CleanReport, options: QualityOptions) -> None:
    """Refuse a report with too few words to learn from. Raises Rejected, a refusal by policy."""
    if len(target_text(report).split()) < options.report_words:
        raise Rejected(Reason.REPORT_TOO_SHORT)


def quality_columns(report: CleanReport, images: Sequence[CleanImage]) -> dict[str, Any]:
    """What a trainer may select rows by: each check, and whether the row passes it."""
    checks = {
        "findings_present": bool(report.sections.get("findings")),
        "impression_present": bool(report.sections.get("impression")),
        "no_comparison": not report.sections.get("comparison"),
        "one_modality": len({image.meta["modality"] for image in images}) == 1,
        "view_known": _known(images, "view"),
        "body_part_known": _known(images, "body_part"),
        "spacing_known": _known(images, "spacing_row"),
        "nothing_blacked_out": not any(image.meta["boxes"] for image in images),
    }
    return {"quality": [{"check": name, "passed": passed} for name, passed in checks.items()]}


def _known(images: Sequence[CleanImage], name: str) -> bool:
    metas: list[Mapping[str, Any]] = [image.meta for image in images]
    return all(meta[name] is not None for meta in metas)


def _is_blank(image: CleanImage) -> bool:
    """Whether all values of an image, of each of its colours, are within 2 of each other."""
    import cv2

    ends = (cv2.minMaxLoc(colour)[:2] for colour in cv2.split(image.pixels))
    return all(most - least <= 2 for least, most in ends)
