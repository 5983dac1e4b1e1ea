"""Find burned-in text in every frame of an instance.

Every frame that goes out and differs from one already seen is looked at, and so is the mean over all frames, in which
text that stands still stays sharp while noise and moving anatomy blur. A place found anywhere counts in every frame
that shows the same there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.pixels.allowed import to_remove
from curate.pixels.decode import Frames
from curate.pixels.detector import Image, Region, detect, is_line, scale_of, views
from curate.pixels.glance import around, parts, tiles
from curate.pixels.reader import can_read, read_text
from curate.policy import PixelOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Box

_SAME = 10  # grey levels of 255, after a 3 x 3 mean: two frames closer than this everywhere hold the same text
_ALIKE = 0.6  # correlation above which two frames show the same text at one place
_WORD = 3  # characters that a region too high for a line must hold to be text
_TURNED = 1.5  # so many times as high as wide, a region is upright text, and the image is looked at sideways too
_CONTEXT = 256  # pixels at the detector's scale around what was found in a part and cannot be read
_NEIGHBOURHOOD = 96  # pixels at the detector's scale: as far as a glance is changed by what is blacked out
_ROUNDS = 3  # looks at one frame: blacking out the strongest text brings out the weaker


def find_text(
    frames: Frames, options: PixelOptions, known: KnownIdentifiers | None = None, shown: Iterable[int] | None = None
) -> list[Box]:
    """Return the rectangles to black out, sorted by frame, row and column, clipped to the frame.

    Under `options.remove == "all_text"` that is all text; under "all_but_allowed" view and laterality markers, scale
    numbers and units stay unless they match `known`; under "identifiers" only what identifies goes. `shown` are the
    frames that go out, None for all: others are not looked at one by one, and have no boxes. Raises
    PolicyError(MODEL_MISSING) without the detector's model.
    """
    wanted = range(len(frames.values)) if shown is None else sorted(set(shown))
    seen, found = dict[int, Image](), dict[int, list[Region]]()
    for frame, images, fresh in _viewed(frames, wanted):
        seen[frame] = images[0]
        if fresh:
            found[frame] = look(frames, frames.values[frame], options, images)
    if len(frames.values) > 1:
        found = _spread(seen, [*_places(seen, found), *_still(frames, options)])
    boxes: list[Box] = []
    for frame, regions in sorted(found.items()):
        if options.remove != "all_text":
            told = read_text(seen[frame], regions)
            regions = to_remove(regions, told, known or KnownIdentifiers(), options.remove)  # noqa: PLW2901
        boxes += [Box(frame, *each) for each in join(grow(region, seen[frame].shape) for region in regions)]
    return boxes


def look(frames: Frames, values: NDArray[Any], options: PixelOptions, images: Sequence[Image]) -> list[Region]:
    """Find text in one frame's values, and again with what was found blacked out, until nothing new appears.

    images: the views of these values. The grey scale is stretched anew each time, so text hidden by the contrast of
    stronger text comes out.
    """
    found, boxes = list[Region](), list[Region]()
    before: Sequence[Image] = ()
    for _ in range(_ROUNDS):
        regions = [each for image in images for each in text_regions(image, options, _changed(image, before, boxes))]
        fresh = [each for each in regions if not _covered(each, found)]
        if not fresh:
            break
        found += fresh
        boxes, before = [grow(each, values.shape) for each in fresh], images
        values = blacken(frames, values, boxes)
        images = views(frames, values)
    return found


def _changed(image: Image, before: Sequence[Image], boxes: Sequence[Region]) -> Sequence[Region]:
    """The boxes that were blacked out, where an image is outside of them as one was before; else nothing."""
    for other in before:
        changed = image != other
        for each in boxes:
            changed[each.top : each.bottom, each.left : each.right] = False
        if not changed.any():
            return boxes
    return ()


def blacken(frames: Frames, values: NDArray[Any], regions: Iterable[Region]) -> NDArray[Any]:
    """Return a copy of one frame's values with regions filled with the darkest value that it holds.

    Black in RGB, the greatest value in MONOCHROME1, the least otherwise: within the frame's own range, so that no
    window or percentile moves.
    """
    darkest = 0 if frames.colour else (np.nanmax if frames.photometric == "MONOCHROME1" else np.nanmin)(values)
    blacked = values.copy()
    for each in regions:
        blacked[each.top : each.bottom, each.left : each.right] = darkest
    return blacked


def _covered(region: Region, by: Sequence[Region]) -> bool:
    """Whether a region is no more than what was already blacked out."""
    return any(2 * region.shared(other) > region.area for other in by)


def text_regions(image: Image, options: PixelOptions, changed: Sequence[Region] = ()) -> list[Region]:
    """The detector's regions that are text: lines, and higher ones in which a word can be read.

    Looked for where a glance finds that text may be; it is only cast around `changed` if these are given. What is found
    there and cannot be read is looked at again with more of the image around it: in a part the detector may take a
    piece of anatomy for a line, or see only the beginning of one. Where much of an image may be text, or without a
    glance, all is looked at.
    """
    scale, whole = scale_of(image, options.longest_side), Region(0, 0, image.shape[1], image.shape[0])
    within = around(changed, image, scale, _NEIGHBOURHOOD) if options.glance else ()
    places = parts(image, options.longest_side, options.glance, within)
    if places == [whole]:
        return _text_in(image, tiles(image, scale), options)
    found = _text_in(image, places, options)
    ended = [each for each in found if any(_ends_in(each, place, whole) for place in places)]
    sure = [each for each in ended if can_read(image, each)]
    wider = around([each for each in found if each not in sure], image, scale, _CONTEXT)
    return sure + _text_in(image, wider, options)


def text_near(image: Image, regions: Sequence[Region], options: PixelOptions) -> list[Region]:
    """The detector's regions that are text, around these regions, wherever a glance would look."""
    return _text_in(image, around(regions, image, scale_of(image, options.longest_side)), options)


def _ends_in(region: Region, place: Region, whole: Region) -> bool:
    """Whether a region ends inside a part of the image, so that the line does not go on beyond it."""
    starts = all(a > b or b == c for a, b, c in zip(region[:2], place[:2], whole[:2], strict=True))
    return starts and all(a < b or b == c for a, b, c in zip(region[2:], place[2:], whole[2:], strict=True))


def _text_in(image: Image, places: Sequence[Region], options: PixelOptions) -> list[Region]:
    """The regions of text in parts of an image."""
    scale = scale_of(image, options.longest_side)
    regions = [each for place in places for each in _detected(image, place, scale, options.score)]
    large = [each for each in regions if not is_line(each, image)]
    words = [each for each, text in zip(large, read_text(image, large), strict=True) if len(text) >= _WORD]
    return [each for each in regions if is_line(each, image)] + words


def _detected(image: Image, place: Region, scale: float, score: float) -> list[Region]:
    """What the detector finds in a part of an image, as regions of the image."""
    part = np.ascontiguousarray(image[place.top : place.bottom, place.left : place.right])
    regions = detect(part, scale, score)
    upright = [each for each in regions if _TURNED * (each.right - each.left) < each.tall]
    for each in around([_longer(each) for each in upright], part, scale):
        regions += _look_sideways(part, each, scale, score)
    return [each.moved(place.left, place.top) for each in regions]


def _longer(region: Region) -> Region:
    """A region and as much again above and below it: of an upright line the detector may have seen a part only."""
    return region._replace(top=region.top - region.tall, bottom=region.bottom + region.tall)


def _look_sideways(image: Image, place: Region, scale: float, score: float) -> list[Region]:
    """What the detector finds when a part of an image lies on its side: it sees the whole of upright lines then."""
    part = image[place.top : place.bottom, place.left : place.right]
    turned = detect(np.ascontiguousarray(np.rot90(part)), scale, score)
    columns = part.shape[1]
    return [
        Region(columns - each.bottom, each.left, columns - each.top, each.right).moved(place.left, place.top)
        for each in turned
    ]


def grow(region: Region, shape: tuple[int, ...]) -> Region:
    """Widen a region by a margin that covers whole glyphs, more along the line than across it; clipped to `shape`."""
    across = max(2, round(0.2 * region.height))
    along = max(3, round(0.8 * region.height))
    lying = region.right - region.left >= region.bottom - region.top
    x, y = (along, across) if lying else (across, along)
    rows, columns = shape[:2]
    return Region(
        max(0, region.left - x), max(0, region.top - y), min(columns, region.right + x), min(rows, region.bottom + y)
    )


def join(regions: Iterable[Region]) -> list[Region]:
    """Replace regions that cover at least half of one another by their hull; sorted by row and column."""
    joined: list[Region] = []
    for region in sorted(regions, key=lambda each: -each.area):
        hull = region
        while (other := next((each for each in joined if _mostly(hull, each)), None)) is not None:
            joined.remove(other)
            hull = hull.hull(other)
        joined.append(hull)
    return sorted(joined, key=lambda each: (each.top, each.left, each.bottom, each.right))


def _mostly(one: Region, other: Region) -> bool:
    return 2 * one.shared(other) >= min(one.area, other.area)


def _viewed(frames: Frames, wanted: Iterable[int]) -> Iterator[tuple[int, list[Image], bool]]:
    """The views of each frame, and whether it differs visibly somewhere from the last one that did."""
    import cv2

    last: Image | None = None
    for frame in wanted:
        images = views(frames, frames.values[frame])
        fresh = last is None or bool(cv2.blur(cv2.absdiff(images[0], last), (3, 3)).max() >= _SAME)
        last = images[0] if fresh else last
        yield frame, images, fresh


def _places(seen: Mapping[int, Image], found: Mapping[int, list[Region]]) -> Iterator[tuple[Image, Region]]:
    """What was found, each with the frame that shows it."""
    return ((seen[frame], region) for frame, regions in found.items() for region in regions)


def _still(frames: Frames, options: PixelOptions) -> Iterator[tuple[Image, Region]]:
    """What is found in the mean over the frames, with that mean; made without a copy of all frames."""
    total = np.zeros(frames.values.shape[1:], np.float64)
    for values in frames.values:
        total += values
    mean = (total / len(frames.values)).astype(frames.values.dtype)
    images = views(frames, mean)
    return ((images[0], region) for region in look(frames, mean, options, images))


def _spread(seen: Mapping[int, Image], places: Sequence[tuple[Image, Region]]) -> dict[int, list[Region]]:
    """The regions of every frame: those found in it, and those found elsewhere that look the same in it."""
    spread: dict[int, list[Region]] = {}
    for frame, image in seen.items():
        regions = dict.fromkeys(region for source, region in places if source is image)
        for source, region in places:
            if region not in regions and _alike(image, source, region):
                regions[region] = None
        spread[frame] = list(regions)
    return spread


def _alike(one: Image, other: Image, region: Region) -> bool:
    """Whether two frames show the same within a region, by the correlation of their values."""
    place = slice(region.top, region.bottom), slice(region.left, region.right)
    first, second = (image[place].astype(np.float32).ravel() for image in (one, other))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return bool(first @ second >= _ALIKE * scale) if scale else False
