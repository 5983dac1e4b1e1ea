"""The pictures of one clean instance: rendered, fingerprinted, and those that the policy does not want kept out."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from curate.emit.duplicates import perceptual_hash
from curate.emit.quality import hold_image
from curate.errors import Reason, Rejected
from curate.pixels.decode import Frames
from curate.pixels.render import render, select_frames
from curate.privacy.surrogates import opaque
from curate.records import Box, CleanImage, CleanInstance

if TYPE_CHECKING:
    from curate.study import Rules


def pictures_of(
    made: CleanInstance, frames: Frames, boxes: Sequence[Box], rules: "Rules", wanted: int
) -> list[CleanImage]:
    """At most `wanted` frames of an instance, evenly spaced, that the policy wants. Raises Rejected without any."""
    found, refusal = [], Rejected(Reason.NO_USABLE_IMAGE)
    for image in _rendered(made, frames, boxes, rules, wanted):
        try:
            hold_image(image, rules.policy.quality)
            found.append(image)
        except Rejected as refused:
            refusal = refused
    if not found:
        raise refusal
    return found


def _rendered(
    made: CleanInstance, frames: Frames, boxes: Sequence[Box], rules: "Rules", wanted: int
) -> Iterator[CleanImage]:
    series_key = opaque(rules.key, "series", str(made.dataset.get("SeriesInstanceUID", "")))
    for frame in select_frames(len(frames.values), min(wanted, len(frames.values))):
        image = render(made.dataset, frames, frame, rules.policy.output)
        own = sum(box.frame == frame for box in boxes)
        meta = {**image.meta, "instance_key": made.key, "series_key": series_key, "boxes": own}
        yield CleanImage(image.png, {**meta, "phash": perceptual_hash(image.png)})
