"""Heads that are imaged so closely that a face can be computed from the slices (PS3.15 E.3.2, recognizable features).

Faces rendered from research MR of 1 mm were matched to photographs of their owners by software (Schwarz et al.
2019, NEJM 381:1684). The gate asks the header alone and is wide: what does not say which region it shows, in a field of
view of a head's size, counts as a head. `deface` cuts the surface away; it does not make a head anonymous.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curate.pixels.decode import Frames
from curate.pixels.grayscale import attribute, number, spacing

if TYPE_CHECKING:
    from pydicom import Dataset

_SECTIONAL = frozenset({"CT", "MR", "PT"})
_THICKEST = 5.0  # mm between slices; from thicker ones no surface was ever matched to a photograph
_COVERED = 40.0  # mm of slices, forehead to nose
_HEADS_FIELD = 140.0, 300.0  # mm; a field of view of this size without a named region may be a head
APART = 32  # slices of one head that may stand in a row: more than 5 mm apart in any head
_NAMES = ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName", "RequestedProcedureDescription")
_HEAD = re.compile(
    r"head|brain|skull|\bfac(?:e|ial)|orbit|sinus|crani|cerebr|neuro|stroke|pituit|mastoid|petrous|temporal.?bone|mandib|maxil"
    r"|jaw|dental|teeth|\bt(?:mj|of)\b|\biac\b|nas[ao]|\beyes?\b|\bears?\b|neck|whole.?body|wholebody|\bwb\b"
    r"|kopf|sch(?:ä|ae)del|gesicht|hirn|nnh|t[êe]te|cr[âa]ne|cerveau|visage|cabeza|cr[áa]neo|cerebro|\bcara\b"
)
_ELSEWHERE = re.compile(
    r"chest|thora|lung|abd|pelvi|liver|kidney|prost|spine|lumb|knee|hip|ankle|foot|hand|wrist|elbow|shoulder|heart"
    r"|card|coron|breast|colon|extrem|leg|arm\b|femur|tibia|uter|bauch|becken|knie|pied|genou|pecho|rodilla|phantom"
)
_SKIN = 8.0  # mm under the skin
_NARROW = 60.0  # mm; what sticks out and is narrower is cut off at its foot: nose, lips, brows
_SMOOTH = 10.0  # mm
_SPECK = 0.003  # of the slice


def slices_of(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many slices each series has, from rows of the catalog; a frame is a slice."""
    slices: Counter[str] = Counter()
    for row in rows:
        slices[row["series_uid"]] += row["frames"]
    return slices


def shows_face(dataset: "Dataset", slices: int) -> bool:
    """Whether an instance, of a series of so many slices, is part of a volume from which a face can be computed."""
    if dataset.get("Modality") not in _SECTIONAL or not _of_head(dataset):
        return False
    distance = _distance(dataset)
    return distance <= _THICKEST and slices * distance >= _COVERED


def _of_head(dataset: "Dataset") -> bool:
    body = str(dataset.get("BodyPartExamined") or "").lower()
    if body and _ELSEWHERE.search(body) and not _HEAD.search(body):
        return False
    told = " ".join(str(dataset.get(name) or "") for name in _NAMES).lower().replace("_", " ")
    if _HEAD.search(told):
        return True
    return not _ELSEWHERE.search(told) and _HEADS_FIELD[0] <= _field(dataset) <= _HEADS_FIELD[1]


def _field(dataset: "Dataset") -> float:
    """The longer side of what a slice shows, in mm; 0 where the header does not say."""
    distances = spacing(dataset, 0, "PixelSpacing")
    sides = number(dataset.get("Rows")) or 0, number(dataset.get("Columns")) or 0
    return max(distances[0] * sides[0], distances[1] * sides[1]) if distances else 0.0


def _distance(dataset: "Dataset") -> float:
    """Between slices, in mm; 1 where the header does not say: it may be thin."""
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        found = number(attribute(dataset, 0, keyword))
        if found:
            return abs(found)
    return 1.0


def deface(frames: Frames, dataset: "Dataset") -> Frames | None:
    """Fill what lies before a smooth line under the skin of the face, in every slice, with its darkest value.

    The line lies 8 mm under the skin as it were without what sticks out and is narrower than 60 mm, so that nose, lips
    and brows go and the brain stays. Everything behind it is bit-identical. None when that cannot be done: colour, no
    spacing, or a slice in which the front of the head is not towards one edge of the image (coronal).
    """
    turns, distances = _turns_to_front(dataset), spacing(dataset, 0, "PixelSpacing")
    if frames.colour or turns is None or distances is None:
        return None
    across, down = distances[::-1] if turns % 2 == 0 else distances
    values = frames.values.copy()
    for frame in values:
        upright = np.rot90(frame, turns)  # a view: what is written to it is written to the frame
        upright[_before_line(upright, across, down)] = frame.min()
    values.setflags(write=False)
    return Frames(values, frames.photometric, frames.bits_stored, frames.signed)


def _turns_to_front(dataset: "Dataset") -> int | None:
    """Quarter turns counterclockwise after which the front of the patient is at the upper edge (PS3.3 C.7.6.2.1.1)."""
    cosines = [number(each) for each in attribute(dataset, 0, "ImageOrientationPatient") or ()]
    if len(cosines) != 6 or None in cosines:
        return None
    along_row, along_column = cosines[1] or 0.0, cosines[4] or 0.0  # y grows towards the back
    if abs(along_column) >= 0.7:
        return 0 if along_column > 0 else 2
    return (3 if along_row > 0 else 1) if abs(along_row) >= 0.7 else None


def _before_line(image: NDArray[Any], across: float, down: float) -> NDArray[np.bool_]:
    """What lies before the line, in an upright slice with so many mm between columns and between rows."""
    import cv2

    head = _head(image)
    columns = head.any(axis=0)
    if not columns.any():
        return np.zeros(image.shape, bool)
    rows = np.flatnonzero(head.any(axis=1))
    middle = (int(rows[0]) + int(rows[-1])) // 2
    skin = np.where(columns, head.argmax(axis=0), middle)
    frontal = np.minimum(skin, middle).astype(np.float32)[None]
    without_nose = cv2.morphologyEx(frontal, cv2.MORPH_CLOSE, np.ones((1, round(_NARROW / across) | 1), np.uint8))
    smooth = cv2.blur(without_nose, (round(_SMOOTH / across) | 1, 1), borderType=cv2.BORDER_REPLICATE)[0]
    line = np.minimum(smooth + _SKIN / down, middle)
    before: NDArray[np.bool_] = np.arange(image.shape[0])[:, None] < np.where(columns, line, 0)[None]
    return before


def _head(image: NDArray[Any]) -> NDArray[np.bool_]:
    """What is brighter than air in a slice, without specks: half the threshold of Otsu (1979), so that fat counts."""
    import cv2

    low, high = (float(each) for each in np.percentile(image, (1, 99)))
    grey = np.clip((image.astype(np.float32) - low) * (255 / max(high - low, 1e-12)), 0, 255).astype(np.uint8)
    smooth = cv2.medianBlur(grey, 5)
    threshold, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((smooth > threshold / 2).astype(np.uint8))
    large = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= _SPECK * image.size) + 1  # 0 is air
    return np.isin(labels, large)
