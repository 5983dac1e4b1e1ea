"""Copies and near copies between splits, and the list of what must stay out."""

import random
import tracemalloc
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from curate.emit.duplicates import BLANK, distance, like_images, like_texts, perceptual_hash, text_fingerprint
from curate.emit.leaks import TEMPLATE, Fingerprint, find_leaks
from curate.errors import Reason
from curate.policy import DuplicateOptions

OPTIONS = DuplicateOptions()
WORDS = "the heart is not enlarged and the lungs are clear with a nodule of the left upper lobe that needs a follow up"


def picture(seed: int) -> Image.Image:
    """Blobs as large as organs, and noise."""
    draw = np.random.default_rng(seed)
    coarse = Image.fromarray(draw.integers(0, 255, (12, 12), dtype=np.uint8)).resize(
        (256, 256), Image.Resampling.BICUBIC
    )
    return Image.fromarray((np.asarray(coarse) * 0.9 + draw.integers(0, 12, (256, 256))).astype(np.uint8))


def study(number: int, split: str, report: str = "", hashes: Sequence[str] = ()) -> Fingerprint:
    """A study of a patient of its own; without a report, one like no other."""
    own = " ".join(f"w{number}x{word}" for word in range(12))
    return Fingerprint(f"{number:04}", f"p{number}", split, report or own, tuple(hashes))


def test_brightness_contrast_and_size_leave_the_hash_alone() -> None:
    """A copy stays within the bits of the policy; another picture is far away."""
    image = picture(1)
    own = perceptual_hash(np.asarray(image))
    copies = [
        ImageEnhance.Brightness(image).enhance(0.8),
        ImageEnhance.Contrast(image).enhance(0.7),
        image.resize((128, 128)),
    ]
    assert max(distance(own, perceptual_hash(np.asarray(each))) for each in copies) <= OPTIONS.image_bits
    assert (
        min(distance(own, perceptual_hash(np.asarray(picture(seed)))) for seed in range(2, 12)) > 2 * OPTIONS.image_bits
    )


def test_an_image_without_texture_is_like_no_other() -> None:
    """Flat images and ramps would else be copies of each other."""
    ramp = Image.fromarray(np.add.outer(np.arange(128), np.arange(128)).astype(np.uint8))
    assert perceptual_hash(np.asarray(Image.new("L", (64, 64), 9))) == perceptual_hash(np.asarray(ramp)) == BLANK
    leaks = find_leaks([study(1, "train", hashes=[BLANK]), study(2, "test", hashes=[BLANK])], OPTIONS)
    assert leaks.withheld == {}


def test_reports_that_differ_in_a_name_are_alike() -> None:
    """One word of many is changed by de-identification; another report is another."""
    changed = WORDS.replace("follow up", "follow by")
    assert list(like_texts([WORDS, changed, WORDS[::-1]], 0.8)) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other", "gone"),
    [("train", "test", "train"), ("validation", "test", "validation"), ("train", "validation", "train")],
)
@pytest.mark.parametrize("kind", ["image", "report"])
def test_of_two_like_studies_the_one_less_used_for_testing_is_withheld(
    one: str, other: str, gone: str, kind: str
) -> None:
    """Test wins over validation, validation over training; the ledger says what was found and that nothing is left."""
    shared = {"hashes": [perceptual_hash(np.asarray(picture(1)))]} if kind == "image" else {"report": WORDS}
    held = [study(1, one, **shared), study(2, other, **shared), study(3, "train")]
    leaks = find_leaks(held, OPTIONS)
    assert leaks.withheld == {next(each.study_key for each in held if each.split == gone): Reason.ACROSS_SPLITS}
    assert leaks.ledger["pairs_across_splits"] == {"found": 1, "left": 0}
    assert find_leaks(held[::-1], OPTIONS) == leaks


def test_like_studies_of_one_split_stay() -> None:
    """A copy within a split is no leak."""
    assert find_leaks([study(1, "train", WORDS), study(2, "train", WORDS)], OPTIONS).withheld == {}


def test_what_many_patients_share_is_a_template() -> None:
    """A report such as "normal chest" tells no patient from another: it is counted, and no normal study is lost."""
    held = [study(number, "test" if number == 0 else "train", WORDS) for number in range(TEMPLATE + 1)]
    leaks = find_leaks(held, OPTIONS)
    assert leaks.withheld == {}
    assert leaks.ledger["templates"]["reports"] == 1
    assert len(find_leaks(held[:-1], OPTIONS).withheld) == TEMPLATE - 1


def test_withholding_goes_on_until_nothing_is_left() -> None:
    """A template of six patients of which one is withheld for an image is one of five, which counts."""
    image = [perceptual_hash(np.asarray(picture(1)))]
    held = [study(number, "test" if number == 0 else "train", WORDS) for number in range(TEMPLATE)]
    held += [study(10, "train", WORDS, image), study(11, "test", hashes=image)]
    leaks = find_leaks(held, OPTIONS)
    assert len(leaks.withheld) == TEMPLATE
    assert leaks.ledger["pairs_across_splits"]["left"] == 0


def test_a_study_of_the_benchmark_is_withheld_from_every_split() -> None:
    """By an image that is like a listed one, or by the words of its report."""
    image = perceptual_hash(np.asarray(picture(1)))
    listed = DuplicateOptions(benchmark=(f"image:{image}", f"text:{text_fingerprint(WORDS.upper())}"))
    dim = perceptual_hash(np.asarray(ImageEnhance.Brightness(picture(1)).enhance(0.8)))
    held = [study(1, "test", hashes=[dim]), study(2, "train", WORDS), study(3, "train")]
    assert find_leaks(held, listed).withheld == dict.fromkeys(("0001", "0002"), Reason.IN_BENCHMARK)


def test_a_new_patient_moves_nobody() -> None:
    """Studies may be withheld for a new test study, but the split of none changes and no pair is left."""
    held = [study(number, "train") for number in range(5)]
    assert find_leaks([*held, study(9, "test")], OPTIONS).withheld == find_leaks(held, OPTIONS).withheld == {}


def test_candidates_hold_little_for_each_image() -> None:
    """An archive has millions: what is held for each is told in bytes, and the pairs are those of all against all."""
    draw = random.Random(5)
    hashes = [f"{draw.getrandbits(256):064x}" for _ in range(400)]
    hashes += [f"{int(each, 16) ^ draw.getrandbits(256) & draw.getrandbits(256) & 0xFFFF:064x}" for each in hashes]
    hashes += [BLANK, BLANK]
    near = {
        (one, other)
        for one, other in combinations(range(len(hashes) - 2), 2)
        if distance(hashes[one], hashes[other]) <= 6
    }
    assert near
    assert set(like_images(hashes, 6)) == near
    many = [f"{draw.getrandbits(256):064x}" for _ in range(5_000)]
    tracemalloc.start()
    found = list(like_images(many, 6))
    held = tracemalloc.get_traced_memory()[1] / len(many)
    tracemalloc.stop()
    assert not found
    assert held < 1_000  # 2,900 when each bucket was a list
