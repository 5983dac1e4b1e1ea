"""Which burned-in text may stay.

Under the policy "all_but_allowed" markers, scale numbers and units: an exact list of shapes; whatever is not on it
goes, and so does what stands beside something that goes. Under "identifiers" all that is read and identifies nobody:
names of people whom the header does not know stay, so this is for images whose text was looked through.
"""

import re
from collections.abc import Iterator, Sequence
from operator import ne

from curate.pixels.detector import Region
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.spellings import fold_in_place
from curate.records import IdentifierKind

_MARKERS = (
    "L|R|A|P|H|F|S|I|AP|PA|LAT|LL|RL|LT|RT|LEFT|RIGHT|CC|MLO|ML|LM|XCCL|[LR](?:CC|MLO|ML|LM|LAT)|[LR]AO|[LR]PO|"
    "ERECT|SUPINE|PRONE|UPRIGHT|PORTABLE|DECUB|EXP|INSP"
)
_UNITS = "MM|CM|M/S|CM/S|HZ|KHZ|MHZ|DB|HU|%|KV|KVP|MA|MAS|MS|S|BPM|FPS|DEG"
# At most three digits before the point: not a year, and too short for a record number.
_ALLOWED = re.compile(rf"(?:{_MARKERS})|[-+]?\d{{1,3}}(?:[.,]\d{{1,2}})?\s?(?:{_UNITS})?|(?:{_UNITS})")


# A day, or five digits in one line: a record number, a telephone, a day without separators.
_IDENTIFYING = re.compile(r"\d\D{0,2}(?:\d\D{0,2}){3}\d|\d{1,2}\s?[./-]\s?(?:\d{1,2}|[A-Z]{3,9})\s?[./-]\s?\d{2,4}")
_LOOK_ALIKE = str.maketrans("OQDILSBZG", "000115826")  # what a reader of small print mistakes for one another
_SHORTEST = 3  # characters of an identifier that is looked for in what was read
_MISREAD = 6  # one character in so many may be misread


def is_allowed(text: str, known: KnownIdentifiers) -> bool:
    """Whether a text is wholly a marker, a scale number or a unit, and is no identifier of this patient."""
    return bool(_ALLOWED.fullmatch(text.strip().upper())) and not names(text, known)


def is_identifying(text: str, known: KnownIdentifiers) -> bool:
    """Whether a text is unread, holds a day or five digits, or is an identifier of this patient."""
    return sum(map(str.isalnum, text)) < 1 or bool(_IDENTIFYING.search(text.upper())) or names(text, known)


def names(text: str, known: KnownIdentifiers) -> bool:
    """Whether what was read holds an identifier of this patient, as it is or as a reader may have mistaken it."""
    seen = _as_read(text)
    return bool(known.find(text)) or any(_stands_in(each, seen) for each in map(_as_read, _parts(known)))


def _parts(known: KnownIdentifiers) -> Iterator[str]:
    yield from known.tokens
    for each in known.identifiers:
        if each.kind in {IdentifierKind.ID, IdentifierKind.DATE, IdentifierKind.PHONE}:
            yield each.value


def _as_read(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", fold_in_place(text).upper()).translate(_LOOK_ALIKE)


def _stands_in(part: str, seen: str) -> bool:
    """Whether a part stands in what was read, but for one misread character in six."""
    if len(part) < _SHORTEST:
        return False
    most = len(part) // _MISREAD
    windows = (seen[at : at + len(part)] for at in range(len(seen) - len(part) + 1))
    return any(sum(map(ne, part, window)) <= most for window in windows)


def to_remove(regions: Sequence[Region], texts: Sequence[str], known: KnownIdentifiers, policy: str) -> list[Region]:
    """The regions that go under a policy: `remove` of PixelOptions."""
    if policy == "all_text":
        return list(regions)
    if policy == "identifiers":
        return [each for each, text in zip(regions, texts, strict=True) if is_identifying(text, known)]
    return disallowed(regions, texts, known)


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
