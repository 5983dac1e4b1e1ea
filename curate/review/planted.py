"""Leaks that are planted to measure the reviewer: invented people, in a text or burned into an image."""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from random import Random

import numpy as np

from curate.review.sample import Item

_FORMS = (
    "{name} was seen on {day}.",
    "Discussed with Dr. {family}.",
    "Patient: {name}",
    "DOB {day}",
    "MRN {number}",
    "Copy to {given} {family}, {city}.",
    "{family}, {given} {number}",
    "Please call {number}.",
)


def plant(item: Item, random: Random) -> Item:
    """The item with one leak, in its text or in one of its images."""
    person = _person(random)
    return _in_image(item, person, random) if item.images and random.random() < 0.4 else _in_text(item, person, random)


def _person(random: Random) -> dict[str, str]:
    given, family, city = (random.choice(_people()[name]) for name in ("given", "family", "city"))
    day = f"{random.randint(1, 28):02}.{random.randint(1, 12):02}.{random.randint(1931, 1999)}"
    number = str(random.randint(10**6, 10**8))
    return {"given": given, "family": family, "name": f"{given} {family}", "day": day, "number": number, "city": city}


def _in_text(item: Item, person: dict[str, str], random: Random) -> Item:
    """A sentence between two lines or sentences of the text."""
    said = random.choice(_FORMS).format(**person)
    places = [at + 1 for at, letter in enumerate(item.text) if letter in ".\n"] or [len(item.text)]
    at = random.choice(places)
    return replace(item, text=f"{item.text[:at]} {said} {item.text[at:].lstrip(' ')}")


def _in_image(item: Item, person: dict[str, str], random: Random) -> Item:
    import cv2

    place = random.randrange(len(item.images))
    image = cv2.imdecode(np.frombuffer(item.images[place], np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return _in_text(item, person, random)
    said = random.choice(("{family}^{given}", "{name}", "{number} {day}")).format(**person)
    height = max(0.4, image.shape[0] / 900)
    foot = (random.randint(2, max(3, image.shape[1] // 3)), random.randint(24, max(25, image.shape[0] - 8)))
    cv2.putText(image, said, foot, cv2.FONT_HERSHEY_SIMPLEX, height, (225, 225, 225), 1, cv2.LINE_AA)
    images = (*item.images[:place], bytes(cv2.imencode(".png", image)[1]), *item.images[place + 1 :])
    return replace(item, images=images)


@cache
def _people() -> dict[str, list[str]]:
    """Common names of several languages: surrogates look like nobody's, so a real one is what a leak looks like."""
    names: dict[str, list[str]] = json.loads((files(__package__) / "people.json").read_text(encoding="utf-8"))
    return names
