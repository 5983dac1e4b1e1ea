"""Where a glance sends the detector: wherever there is text, and seldom elsewhere."""

from typing import Any

import numpy as np
import pytest

from curate.pixels import burned_in, redact
from curate.pixels.burned_in import find_text
from curate.pixels.detector import Image, Region, views
from curate.pixels.glance import around, parts, tiles
from curate.pixels.reader import can_read
from curate.policy import PixelOptions
from tests.benchmarks import pixel_images
from tests.unit.pixels.phantoms import anatomy, covered, grey, write

OPTIONS = PixelOptions()
SIDE, THRESHOLD = OPTIONS.longest_side, OPTIONS.glance


def seen(values: Any) -> Image:
    """The whole range of one frame in 8 bits."""
    return views(grey(values), values)[0]


def inside(place: tuple[int, int, int, int], found: list[Region]) -> bool:
    """Whether one part holds a place, and 16 pixels around it where there are so many."""
    left, top, right, bottom = place
    return any(
        max(0, left - 16) >= each.left
        and max(0, top - 16) >= each.top
        and right <= each.right
        and bottom <= each.bottom
        for each in found
    )


@pytest.mark.parametrize("height", [10, 12, 20, 40, 70, 120])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_text_of_any_size_and_direction_lies_in_a_part(height: int, turns: int) -> None:
    """Bright capitals of 10 to 120 px beside anatomy, lying, standing and upside down."""
    values = anatomy(1000, 1000)
    write(values, "DOE^JANE", (40, 40), height, 1500)
    glyphs = np.zeros_like(values)
    write(glyphs, "DOE^JANE", (40, 40), height, 255)
    y, x = np.nonzero(np.rot90(glyphs, turns) > 64)
    place = int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1
    assert inside(place, parts(seen(np.ascontiguousarray(np.rot90(values, turns))), SIDE, THRESHOLD))


def test_text_of_one_colour_lies_in_a_part() -> None:
    """Blue text on black and red text on white, whose grey is near that of what they stand on."""
    for ground, colour in ((0, (0, 0, 255)), (255, (255, 0, 0))):
        image = np.full((256, 400, 3), ground, np.uint8)
        place = write(image, "ID: 48213377", (30, 100), 16, np.array(colour))
        assert inside(place, parts(image, SIDE, THRESHOLD))


def test_nothing_to_see_needs_no_detector() -> None:
    """An even image, with noise or without, has no part."""
    noise = np.random.default_rng(3).normal(0, 20, (512, 512)) + 100
    for values in (np.zeros((600, 800)), noise):
        assert parts(np.clip(values, 0, 255).astype(np.uint8), SIDE, THRESHOLD) == []


def test_large_images_cost_parts_of_them() -> None:
    """A radiograph with one line has parts that are a small piece of it, and they hold the line."""
    values = anatomy(2500, 2000)
    place = write(values, "HUBER ANNA", (60, 60), 24, 1500)
    found = parts(seen(values), SIDE, THRESHOLD)
    assert inside(place, found)
    assert sum(each.area for each in found) < 0.5 * values.size


def test_what_is_nowhere_more_than_possible_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two groups of cells above the threshold the one counts in which one cell is three times above it."""

    def likely(image: Image) -> Any:
        chances = np.zeros([side // 8 for side in image.shape], np.float32)
        if image.shape == (800, 800):
            chances[10, 10:20] = chances[60, 60:70] = 0.1
            chances[60, 64] = 0.3
        return chances

    monkeypatch.setattr("curate.pixels.glance._look", likely)
    (found,) = parts(np.zeros((800, 800), np.uint8), SIDE, 0.08)
    assert inside((480, 480, 560, 488), [found])
    assert found.left > 200


@pytest.mark.parametrize(("shape", "threshold"), [((300, 300), 0.0), ((24, 400), THRESHOLD)])
def test_the_whole_is_one_part(shape: tuple[int, int], threshold: float) -> None:
    """Where the policy wants no glance, and where an image is too small for one."""
    assert parts(np.zeros(shape, np.uint8), SIDE, threshold) == [Region(0, 0, shape[1], shape[0])]


def test_an_image_full_of_text_is_looked_at_as_a_whole() -> None:
    """A page of a scanner's parameters."""
    page = np.zeros((400, 400), np.uint8)
    for top in range(4, 390, 24):
        write(page, "KVP 120 MAS 210 TI 0.5 GT 0 SW 5.0 FOV 350 AX", (4, top), 12, 255)
    assert parts(page, SIDE, THRESHOLD) == [Region(0, 0, 400, 400)]


def test_parts_lie_in_the_image() -> None:
    """Parts of text in four corners end at its edges; so do those around given regions, of which none holds another."""
    values = anatomy(700, 900)
    for at in ((4, 4), (760, 4), (4, 680), (760, 680)):
        write(values, "ID 4821", at, 14, 1500)
    image = seen(values)
    for found in (parts(image, SIDE, THRESHOLD), around([Region(2, 2, 90, 20), Region(60, 30, 160, 50)], image, 1.0)):
        assert all(0 <= each.left < each.right <= 900 and 0 <= each.top < each.bottom <= 700 for each in found)
        assert not any(one.hull(other) == one for one in found for other in found if one is not other)


@pytest.mark.parametrize("side", [300, 600, 1400])
def test_lines_are_covered_with_a_glance_as_without(side: int) -> None:
    """Lying and upright."""
    values = anatomy(side, side)
    places = [write(values, "HUBER ANNA", (12, 12), 14, 1500), write(values, "1961-04-02", (120, side - 40), 14, 1500)]
    left, top, right, bottom = places[0]
    turned = np.rot90(values[top:bottom, left:right])
    upright = side - 60, 40, side - 60 + turned.shape[1], 40 + turned.shape[0]
    values[upright[1] : upright[3], upright[0] : upright[2]] = turned
    for options in (OPTIONS, PixelOptions(glance=0.0)):
        assert [covered(each, find_text(grey(values), options)) for each in (*places, upright)] == [1, 1, 1]


@pytest.mark.parametrize("glance", [OPTIONS.glance, 0.0])
@pytest.mark.parametrize("shape", [(512, 512), (600, 800), (1024, 1024), (1080, 1920)])
@pytest.mark.parametrize("height", [10, 16])
def test_a_line_alone_is_found_in_an_image_of_any_size(shape: tuple[int, int], glance: float, height: int) -> None:
    """In a large image that is dark but for one line, seen whole, the detector finds nothing."""
    values = np.full(shape, 60.0)
    place = write(values, "HUBER ANNA", (shape[1] // 3, shape[0] // 3), height, 1500)
    assert covered(place, find_text(grey(values), PixelOptions(glance=glance))) == 1


def test_tiles_hold_all_of_a_large_image_and_share_a_margin() -> None:
    """A small one is one tile."""
    assert tiles(np.zeros((600, 800), np.uint8), 1.0) == [Region(0, 0, 800, 600)]
    for rows, columns, scale in ((3000, 2500, 0.64), (1080, 1920, 1.0), (200, 1700, 1.0), (641, 801, 1.0)):
        seen_by = np.zeros((rows, columns), np.uint8)
        found = tiles(np.zeros((rows, columns), np.uint8), scale)
        for each in found:
            seen_by[each.top : each.bottom, each.left : each.right] += 1
            assert max(each.right - each.left, each.bottom - each.top) <= 641 / scale
        assert seen_by.min() >= 1
        assert len(found) < 2 + rows * columns * scale**2 / (512 - 32) ** 2 + (rows + columns) * scale / 512


def test_a_glance_is_cast_only_where_it_is_told_to() -> None:
    """With the same finding there, and none elsewhere."""
    values = anatomy(1000, 1000)
    first, second = (write(values, "DOE^JANE", place, 20, 1500) for place in ((40, 40), (600, 900)))
    image = seen(values)
    assert inside(first, parts(image, SIDE, THRESHOLD))
    assert inside(second, parts(image, SIDE, THRESHOLD))
    near = parts(image, SIDE, THRESHOLD, [Region(0, 0, 400, 200)])
    assert inside(first, near)
    assert not inside(second, near)


def test_a_second_glance_sees_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Around what was blacked out where the grey scale stays, and everywhere where it is stretched anew."""
    looked: list[int] = []
    cast = burned_in.parts

    def counted(image: Image, *given: Any) -> list[Region]:
        looked.append(sum(each.area for each in given[2]) or image.shape[0] * image.shape[1])
        return cast(image, *given)

    monkeypatch.setattr(burned_in, "parts", counted)
    for brightest in (1500, 4000):  # anatomy has the brightest value, or the text
        values = anatomy(1400, 1400)
        values[1300:1310, 1300:1310] = 1500
        write(values, "HUBER ANNA", (12, 12), 20, brightest)
        looked.clear()
        assert find_text(grey(values), OPTIONS)
        assert looked[0] == 1400 * 1400
        assert (looked[-1] < 1400 * 1400 / 4) == (brightest == 1500)


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_long_line_is_read_by_its_middle(turns: int) -> None:
    """Whichever way it runs; what holds nothing cannot be read, nor can nothing."""
    image = np.zeros((400, 400), np.uint8)
    place = write(image, "HUBER ANNA 1957", (40, 40), 20, 255)
    image = np.ascontiguousarray(np.rot90(image, turns))
    y, x = np.nonzero(image > 64)
    line = Region(int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1)
    assert place
    assert can_read(image, line)
    assert not can_read(image, Region(300, 300, 390, 320))
    assert not can_read(image, Region(300, 300, 300, 320))


def test_what_can_be_read_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector gets the part of the image where the line is, and never the whole."""
    values = anatomy(1400, 1400)
    write(values, "HUBER ANNA", (12, 12), 20, 1500)
    areas = seen_by_the_detector(monkeypatch)
    assert find_text(grey(values), OPTIONS)
    assert max(areas) < 0.1 * 1400 * 1400


def test_what_cannot_be_read_is_looked_at_with_more_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a part alone a piece of anatomy may pass for a line."""
    values = anatomy(1400, 1400)
    write(values, "HUBER ANNA", (500, 500), 20, 1500)
    monkeypatch.setattr(burned_in, "can_read", lambda _image, _region: False)
    areas = seen_by_the_detector(monkeypatch)
    assert find_text(grey(values), OPTIONS)
    assert max(areas) > 512 * 512


def seen_by_the_detector(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The areas of what the detector is given from now on, in pixels."""
    areas: list[int] = []
    whole = burned_in.detect

    def measured(image: Image, scale: float, score: float) -> list[Region]:
        areas.append(image.size)
        return whole(image, scale, score)

    monkeypatch.setattr(burned_in, "detect", measured)
    return areas


def test_a_second_look_does_not_trust_the_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that a glance would pass over is found by the look at a sample of what was called clean."""
    values = anatomy(256, 256)
    write(values, "MUELLER HANS", (20, 10), 14, 1500)
    whole = burned_in.parts
    monkeypatch.setattr(burned_in, "parts", lambda *given: whole(*given) if not given[2] else [])
    assert find_text(grey(values), OPTIONS) == []
    assert redact.overlooked(grey(values), 0, OPTIONS)


def test_what_is_left_of_a_line_is_found_though_it_looks_like_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at what was blacked out goes to its boxes, whatever a glance finds."""
    values = anatomy(256, 256)
    place = write(values, "MUELLER HANS", (20, 10), 14, 1500)
    boxes = find_text(grey(values), OPTIONS)
    assert covered(place, boxes) == 1
    monkeypatch.setattr(burned_in, "parts", lambda *_given: [])
    assert redact.remains(grey(values), boxes, OPTIONS)
    assert not redact.remains(redact.redact(grey(values), boxes), boxes, OPTIONS)


@pytest.mark.parametrize("kind", ["mr", "ct"])
def test_folds_of_a_head_are_no_text(kind: str) -> None:
    """Made as small as a letter a whole head looks like one; a few hundredths of drawn slices are looked at."""
    drawn = np.random.default_rng(5)
    pictures = [pixel_images.MODALITIES[kind](drawn, 0).frames for _ in range(8)]
    shown = [views(frames, frames.values[0])[0] for frames in pictures]
    looked = sum(each.area for image in shown for each in parts(image, SIDE, THRESHOLD))
    assert looked < 0.15 * sum(image.size for image in shown)


@pytest.mark.parametrize("height", [8, 10, 16, 30, 60])
def test_small_images_are_looked_at_as_large_as_the_detector_sees_them(height: int) -> None:
    """Letters of 8 px on a slice of 256 x 256, and letters of a quarter of it."""
    values = anatomy(256, 256)
    write(values, "DOE^J", (30, 12), height, 1500)
    glyphs = np.zeros_like(values)
    write(glyphs, "DOE^J", (30, 12), height, 255)
    y, x = np.nonzero(glyphs > 64)
    place = int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1
    assert inside(place, parts(seen(values), SIDE, THRESHOLD))


def test_a_high_line_that_cannot_be_read_is_text() -> None:
    """A Cyrillic name of 33 px across a slice: the reader makes nothing of it, and its form speaks for it."""
    page = list(pixel_images.pages("ct", 6, 2))[5]
    (line,) = [each for each in page.lines if each.height == 33]
    boxes = find_text(page.frames, OPTIONS)
    assert any(
        each.left <= line.left and each.top <= line.top and each.right >= line.right and each.bottom >= line.bottom
        for each in boxes
    )
