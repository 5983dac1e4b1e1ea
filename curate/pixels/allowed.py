"""Which burned-in text may stay under the policy "all_but_allowed": markers, scale numbers and units.

An exact list of shapes; whatever is not on it goes, and so does what stands beside something that goes.
"""

import re
from collections.abc import Sequence

from curate.pixels.detector import Region
from curate.privacy.identifiers import KnownIdentifiers

_MARKERS = (
    "L|R|A|P|H|F|S|I|AP|PA|LAT|LL|RL|LT|RT|LEFT|RIGHT|CC|MLO|ML|LM|XCCL|[LR](?:CC|MLO|ML|LM|LAT)|[LR]AO|[LR]PO|"
    "ERECT|SUPINE|PRONE|UPRIGHT|PORTABLE|DECUB|EXP|INSP"
)
_UNITS = "MM|CM|M/S|CM/S|HZ|KHZ|MHZ|DB|HU|%|KV|KVP|MA|MAS|MS|S|BPM|FPS|DEG"
# At most three digits before the point: not a year, and too short for a record number.
_ALLOWED = re.compile(rf"(?:{_MARKERS})|[-+]?\d{{1,3}}(?:[.,]\d{{1,2}})?\s?(?:{_UNITS})?|(?:{_UNITS})")


def is_allowed(text: str, known: KnownIdentifiers) -> bool:
    """Whether a text is wholly a marker, a scale number or a unit, and is no identifier of this patient."""
    return bool(_ALLOWED.fullmatch(text.strip().upper())) and not known.find(text)


def disallowed(regions: Sequence[Region], texts: Sequence[str], known: KnownIdentifiers) -> list[Region]:
    """The regions to remove: those whose text is not allowed or unread, and, time and again, their neighbours.

    A date or a number that the detector split ("03", "09", "2012") must not keep its short parts.
    """
    kept = [each for each, text in zip(regions, texts, strict=True) if is_allowed(text, known)]
    removed = [each for each in regions if each not in kept]
    while touched := [each for each in kept if any(_beside(each, other) for other in removed)]:
        kept = [each for each in kept if each not in touched]
        removed += touched
    return removed


def _beside(one: Region, other: Region) -> bool:
    """Whether two regions stand in one line with less than a line's height between them."""
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    gap = max(one.left, other.left) - min(one.right, other.right)
    height = min(one.bottom - one.top, other.bottom - other.top)
    return 2 * overlap > height and gap < height
