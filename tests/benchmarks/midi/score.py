"""Scoring de-identified files against an answer key, by the rules of NCI's validation script for MIDI-B.

    python -m tests.benchmarks.midi.score DIRECTORY ANSWERS UID_MAP PATIENT_MAP

DIRECTORY holds the de-identified files; ANSWERS is SQLite (see key.py); the maps are CSV with id_old and id_new, made
by the de-identifier. Written anew from the published description; no text of a source is ever printed.
"""

import argparse
import csv
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pydicom import Dataset, dcmread

from tests.benchmarks.midi.key import LEAKS, Check, Instance, read_key
from tests.benchmarks.midi.sight import read_box
from tests.benchmarks.midi.values import find, text_of

THRESHOLD = 0.999
_NEARLY = 0.75  # part of the letters in common
# Words without content: whether they stay or go says nothing (as NLTK's English list, shortened).
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").split())
_NUMBER = re.compile(r"[+-]?\d*\.?\d+(?:e[+-]?\d+)?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;:?!()\[\]{}\"&$#%]+")
_EDGES = "'.`-*/\u201c\u201d\u2018\u2019\u2022"


@dataclass(frozen=True, slots=True, repr=False)
class Maps:
    """What the de-identifier says it has put in place of each UID and PatientID."""

    uids: Mapping[str, str]
    patients: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What became of one check; `patient` is the identifier that the de-identifier gave."""

    check: Check
    patient: str
    passed: bool


@dataclass(slots=True, repr=False)
class Score:
    """The results of all checks of a key, and how many of its instances had a file."""

    results: list[Result] = field(default_factory=list)
    files: int = 0
    missing: int = 0

    def by_action(self) -> dict[str, tuple[int, int]]:
        """Passed and all checks of each action."""
        return _count(self.results, lambda each: each.check.action)

    def by_category(self) -> dict[str, tuple[int, int]]:
        """Passed and all checks of each category."""
        return _count(self.results, lambda each: each.check.reported)

    @property
    def leaking(self) -> set[str]:
        """The patients of whom something is left that must be gone."""
        return {each.patient for each in self.results if not each.passed and each.check.action in LEAKS}

    def failures(self) -> Counter[tuple[str, str]]:
        """How many checks failed by action and path; creators of private blocks are left out, they may be text."""
        failed = [each.check for each in self.results if not each.passed]
        return Counter((each.action, re.sub(r'"[^"]*"', '"*"', each.tag)) for each in failed)

    def is_good(self) -> bool:
        """Whether each action and each category reaches the threshold, and no patient leaks."""
        shares = [*self.by_action().values(), *self.by_category().values()]
        return bool(shares) and not self.leaking and all(passed >= THRESHOLD * all_ for passed, all_ in shares)


def score(directory: Path, answers: Iterable[Instance], maps: Maps) -> Score:
    """Hold every file of a directory to the key; an instance without a file keeps nothing and leaks nothing."""
    places = _index(directory)
    made = Score(files=len(places))
    for instance in answers:
        place = places.get(maps.uids.get(instance.uid, ""))
        made.missing += place is None
        dataset = None if place is None else dcmread(place, force=True)
        patient = maps.patients.get(instance.patient, "not in the map")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom's quote values
            made.results += [Result(each, patient, passes(each, dataset, maps)) for each in instance.checks]
    return made


def passes(check: Check, dataset: Dataset | None, maps: Maps) -> bool:
    """Whether a de-identified instance, or None where there is none, shows that an action was taken."""
    if dataset is None:
        return check.action in LEAKS
    return _RULES[check.action](check, dataset, maps)


def _index(directory: Path) -> dict[str, Path]:
    """The files of a directory by their SOP Instance UID."""
    found = {}
    for path in sorted(each for each in directory.rglob("*") if each.is_file()):
        dataset = dcmread(path, force=True, specific_tags=["SOPInstanceUID"], stop_before_pixels=True)
        found[str(dataset.get("SOPInstanceUID", ""))] = path
    return found


def _tag_retained(check: Check, dataset: Dataset, maps: Maps) -> bool:
    return find(dataset, check.tag) is not None


def _text_notnull(check: Check, dataset: Dataset, maps: Maps) -> bool:
    return text_of(find(dataset, check.tag)) not in {"", "[]"}


def _text_retained(check: Check, dataset: Dataset, maps: Maps) -> bool:
    element = find(dataset, check.tag)
    return element is not None and holds(text_of(element), check.text)


def _text_removed(check: Check, dataset: Dataset, maps: Maps) -> bool:
    return is_free(text_of(find(dataset, check.tag)), check.text)


def _is_new(check: Check, dataset: Dataset, maps: Maps) -> bool:
    return not check.value or check.value not in text_of(find(dataset, check.tag))


def _is_mapped(of: Callable[[Maps], Mapping[str, str]]) -> Callable[[Check, Dataset, Maps], bool]:
    def rule(check: Check, dataset: Dataset, maps: Maps) -> bool:
        element = find(dataset, check.tag)
        return element is None or text_of(element) == of(maps).get(check.value)

    return rule


def _pixels_retained(check: Check, dataset: Dataset, maps: Maps) -> bool:
    content = dataset.get("PixelData", b"") or b""
    return hashlib.md5(content, usedforsecurity=False).hexdigest() == check.text


def _pixels_hidden(check: Check, dataset: Dataset, maps: Maps) -> bool:
    """No token may be read, nor nearly: a letter that the reader takes for another hides nobody."""
    read = read_box(dataset, check.box).lower()
    sought = [token for token in tokens(check.text) if len(token) > 2]
    return not any(token in read or get_close_matches(token, read.split(), 1, _NEARLY) for token in sought)


_RULES: dict[str, Callable[[Check, Dataset, Maps], bool]] = {
    "tag_retained": _tag_retained,
    "text_notnull": _text_notnull,
    "text_retained": _text_retained,
    "text_removed": _text_removed,
    "date_shifted": _is_new,
    "uid_changed": _is_new,
    "uid_consistent": _is_mapped(lambda maps: maps.uids),
    "patid_consistent": _is_mapped(lambda maps: maps.patients),
    "pixels_retained": _pixels_retained,
    "pixels_hidden": _pixels_hidden,
}


def holds(value: str, wanted: str) -> bool:
    """Whether a value holds a text, or all its tokens; numbers are compared as numbers, list by list."""
    numbers = _numbers(value), _numbers(wanted)
    if all(numbers):
        return numbers[0] == numbers[1]
    value, wanted = value.lower(), wanted.lower()
    return wanted in value or all(token in value for token in tokens(wanted))


def is_free(value: str, banned: str) -> bool:
    """Whether neither a text nor any of its tokens stands in a value; an empty value is free of everything."""
    numbers = _numbers(value), _numbers(banned)
    if all(numbers):
        return numbers[0] != numbers[1]
    value, banned = value.lower(), banned.lower()
    return not value or not (banned in value or any(token in value for token in tokens(banned)))


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without stop words and punctuation."""
    words = [each.strip(_EDGES) for each in _BETWEEN.split(text.lower().replace("<", "").replace(">", ""))]
    return [each for each in words if each and each not in _STOP_WORDS]


def _numbers(text: str) -> list[float]:
    """The numbers of a value that is nothing else, or of a list of such values; else []."""
    parts = re.split(r"[\[\],'\s]+", text.strip("[]' "))
    return [float(each) for each in parts] if all(map(_NUMBER.fullmatch, parts)) else []


def _count(results: Iterable[Result], of: Callable[[Result], str]) -> dict[str, tuple[int, int]]:
    """Passed and all results by what a function says of each."""
    passed, total = Counter[str](), Counter[str]()
    for each in results:
        total[of(each)] += 1
        passed[of(each)] += each.passed
    return {name: (passed[name], total[name]) for name in sorted(total)}


def describe(made: Score) -> str:
    """A table by action, one by category, what failed where, and who leaks: no text of any source."""
    lines = [f"{made.files} files, {made.missing} instances of the key without one", ""]
    for title, rows in (("action", made.by_action()), ("category", made.by_category())):
        lines += [f"| {title} | passed | of | % |", "|---|---|---|---|"]
        lines += [
            f"| {name} | {passed} | {total} | {100 * passed / total:.3f} |" for name, (passed, total) in rows.items()
        ]
        lines += [""]
    passed, total = sum(each.passed for each in made.results), len(made.results)
    lines += [f"all: {passed} of {total}, {100 * passed / max(1, total):.3f} %"]
    lines += [f"failed {count:5}  {action:17} {path}" for (action, path), count in made.failures().most_common()]
    return "\n".join([*lines, f"patients with a leak: {len(made.leaking)}", *sorted(made.leaking)])


def read_map(path: Path) -> dict[str, str]:
    """Read a map: CSV with the columns id_old and id_new."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id_old"]: row["id_new"] for row in csv.DictReader(file)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Score a directory and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("directory", "answers", "uid_map", "patient_map"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(arguments)
    maps = Maps(read_map(given.uid_map), read_map(given.patient_map))
    print(describe(score(given.directory, read_key(given.answers), maps)))


if __name__ == "__main__":
    main()
