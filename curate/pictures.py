"""The pictures of one clean instance: rendered, fingerprinted, and those that the policy does not want kept out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from curate.emit.duplicates import perceptual_hash
from curate.emit.quality import hold_image
from curate.errors import Reason, Rejected
from curate.pixels.render import render, select_frames
from curate.privacy.surrogates import opaque
from curate.records import CleanImage

if TYPE_CHECKING:
    from curate.instance import Cleaned, Rules


def pictures_of(cleaned: "Cleaned", rules: "Rules", wanted: int) -> list[CleanImage]:
    """At most `wanted` frames of an instance, evenly spaced, that the policy wants. Raises Rejected without any."""
    found, refusal = [], Rejected(Reason.NO_USABLE_IMAGE)
    for image in _rendered(cleaned, rules, wanted):
        try:
            hold_image(image, rules.policy.quality)
            found.append(replace(image, pixels=None))
        except Rejected as refused:
            refusal = refused
    if not found:
        raise refusal
    return found


def _rendered(cleaned: "Cleaned", rules: "Rules", wanted: int) -> Iterator[CleanImage]:
    made, frames = cleaned.made, cleaned.frames
    if frames is None:
        return
    series_key = opaque(rules.key, "series", str(made.dataset.get("SeriesInstanceUID", "")))
    for frame in select_frames(len(frames.values), min(wanted, len(frames.values))):
        image = render(made.dataset, frames, frame, rules.policy.output)
        own = sum(box.frame == frame for box in cleaned.boxes)
        meta = {**image.meta, "instance_key": made.key, "series_key": series_key, "boxes": own}
        meta["recognizable_face"] = bool(cleaned.face)
        yield replace(image, meta={**meta, "phash": perceptual_hash(image.pixels)})
