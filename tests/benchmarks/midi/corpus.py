"""A seeded corpus with identifiers injected in every kind of place, and its answer key.

    python -m tests.benchmarks.midi.corpus DIRECTORY [--patients 66] [--seed 0]

Writes DIRECTORY/source, one folder a patient, and DIRECTORY/answers.db. The same arguments give the same bytes.
"""

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from tests.benchmarks.midi.documents import referring
from tests.benchmarks.midi.key import COLUMNS, Instance, write_key
from tests.benchmarks.midi.page import Page
from tests.benchmarks.midi.people import Person, person
from tests.benchmarks.midi.phrases import ACCOUNT, NAME
from tests.benchmarks.midi.pictures import compress, picture
from tests.benchmarks.midi.studies import Place, acquire, begin
from tests.benchmarks.midi.vendors import add_nested, add_private

# The series of a patient by the seed: kind and number of instances. The first is what documents refer to.
_STUDIES: tuple[tuple[tuple[str, int], ...], ...] = (
    (("CT", 3), ("SEG", 1), ("SR", 1)),
    (("MR", 4), ("PR", 1)),
    (("PT", 2), ("CT", 2), ("RTSTRUCT", 1)),
    (("DX", 3), ("SC", 1), ("PR", 1)),
    (("US", 3), ("SR", 1)),
    (("CT", 3), ("RTSTRUCT", 1), ("SC", 1)),
)
_DOCUMENTS = frozenset({"SR", "SEG", "RTSTRUCT", "PR"})
_SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless)


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """One instance of the corpus: its path below the source, its bytes, and its row of the key."""

    path: str
    content: bytes
    answers: Instance


def build(directory: Path, patients: int, first: int = 0) -> list[Instance]:
    """Write the patients of `patients` seeds from `first` on, and answers.db beside them; returns the key."""
    source = directory / "source"
    answers = []
    for file in (file for seed in range(first, first + patients) for file in files_of(seed)):
        target = source / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        answers.append(file.answers)
    write_key(directory / "answers.db", answers)
    return answers


def files_of(seed: int) -> Iterator[File]:
    """The instances of one patient."""
    one = person(seed)
    for series, (kind, count) in enumerate(_STUDIES[seed % len(_STUDIES)], start=1):
        for number in range(1, count + 1):
            place = Place(seed, series, number, kind)
            yield _file(place, one)


def _file(place: Place, one: Person) -> File:
    draw = Random(f"instance/{place.sop_uid}")
    page = begin(place, one, draw)
    if place.kind in _DOCUMENTS:
        referring(page, place, one, draw)
    else:
        acquire(page, place, one, draw)
        add_private(page, place, one, draw)
        picture(page, place.kind, draw, one if _is_burned(place) else None)
    syntax = _syntax(place)
    if syntax != ImplicitVRLittleEndian:
        page.unknown("PatientMotherBirthName", one.referrer.split("^")[0], NAME)
        page.unknown("ServiceEpisodeID", f"SE{one.accession[-5:]}", ACCOUNT)
        add_nested(page, one)
    return _finish(page, place, one, syntax)


def _is_burned(place: Place) -> bool:
    """Whether text stands in the pixels: of every other patient with DX, US or SC, the first of the series."""
    return place.kind in {"DX", "US", "SC"} and place.number == 1 and place.seed // 6 % 2 == 0


def _syntax(place: Place) -> UID:
    """Explicit, implicit and run-length encoding in turn; documents are never compressed."""
    chosen = _SYNTAXES[(place.seed + place.number) % len(_SYNTAXES)]
    return ExplicitVRLittleEndian if place.kind in _DOCUMENTS and chosen == RLELossless else chosen


def _finish(page: Page, place: Place, one: Person, syntax: UID) -> File:
    """Encode an instance and read it back: the key holds values as a reader sees them."""
    dataset = page.dataset
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == RLELossless else syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if syntax == RLELossless:
        compress(page)
    if "PixelData" in dataset and not _is_burned(place):
        page.untouched(hashlib.md5(dataset.PixelData, usedforsecurity=False).hexdigest())
    content = _encode(dataset)
    written = dcmread(BytesIO(content))
    identity = tuple(str(written[name].value) for name in COLUMNS)
    path = f"{one.patient_id}/{place.series:02d}_{place.kind}/{place.number:04d}.dcm"
    return File(path, content, Instance(identity, tuple(page.settle(written))))


def _encode(dataset: Dataset) -> bytes:
    """The bytes of a file."""
    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def counts(answers: Iterable[Instance]) -> dict[str, int]:
    """How many checks a key has of each action."""
    actions = [check.action for each in answers for check in each.checks]
    return {action: actions.count(action) for action in sorted(set(actions))}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a corpus and print its size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--patients", type=int, default=66)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    answers = build(given.directory, given.patients, given.seed)
    print(f"{len(answers)} instances of {len({each.patient for each in answers})} patients")
    for action, count in counts(answers).items():
        print(f"{action:18}{count:8}")


if __name__ == "__main__":
    main()
