"""The sample of a review: whole patients, by stratum, drawn by a seed that nobody can choose.

The seed follows from the key of the workspace and the manifest of the release, so drawing again gives the same sample.
Its digest is written and signed before anything is looked at.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq

from curate.release import tables_of


@dataclass(frozen=True, slots=True)
class Item:
    """One study that is looked at: its text and its images as PNG; `patient` is the pseudonym."""

    patient: str
    text: str
    images: tuple[bytes, ...]


def draw(release: Path, wanted: int, random: Random) -> list[str]:
    """The pseudonyms of `wanted` patients, of each stratum in proportion and of each at least one."""
    strata = _strata(release)
    total = sum(map(len, strata.values()))
    drawn: list[str] = []
    for name in sorted(strata):
        share = max(1, round(wanted * len(strata[name]) / total))
        drawn += random.sample(strata[name], min(share, len(strata[name])))
    rest = sorted({each for members in strata.values() for each in members} - set(drawn))
    random.shuffle(rest)
    return (drawn + rest)[: max(wanted, len(strata))]


def patients_of(release: Path) -> dict[str, set[str]]:
    """The pseudonyms of a release, and the modalities of each one's studies."""
    modalities: dict[str, set[str]] = defaultdict(set)
    for path in tables_of(release, "image_text"):
        for row in pq.read_table(path, columns=["patient_key", "modalities"]).to_pylist():
            modalities[row["patient_key"]] |= set(row["modalities"])
    return modalities


def _strata(release: Path) -> dict[str, list[str]]:
    """Patients by what their studies show: the set of their modalities."""
    strata: dict[str, list[str]] = defaultdict(list)
    for patient, modalities in sorted(patients_of(release).items()):
        strata[" ".join(sorted(modalities))].append(patient)
    return strata


def items_of(release: Path, patients: Sequence[str]) -> Iterator[Item]:
    """Every study of some patients, in the order of the tables."""
    wanted = set(patients)
    for path in tables_of(release, "image_text"):
        for batch in pq.ParquetFile(path).iter_batches(16, columns=["patient_key", "report", "images"]):
            yield from (_item(row) for row in batch.to_pylist() if row["patient_key"] in wanted)


def _item(row: Mapping[str, Any]) -> Item:
    return Item(row["patient_key"], row["report"], tuple(image["bytes"] for image in row["images"]))
