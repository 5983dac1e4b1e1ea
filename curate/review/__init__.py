"""How many patients of a release leak, at most: people look at a sample, and the bound says how far that goes.

Sample, planted leaks and verdicts lie in the workspace (`reviews/NNNN`); the release is not changed. Zero leaks in 299
patients, noticed by a reviewer who misses nothing, bound the rate at 1 % with 95 % confidence.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from curate import manifest
from curate.compliance.pages import render
from curate.compliance.words import ENGLISH, Words, language_of
from curate.errors import PolicyError, Problem
from curate.privacy import history
from curate.privacy.signing import signed
from curate.privacy.surrogates import digest
from curate.privacy.workspace import load_key, open_workspace
from curate.review.bound import corrected, upper_bound
from curate.review.planted import plant
from curate.review.sample import Item, draw, items_of, patients_of

_PLANTED = 0.05  # of the studies, and
_LEAST_PLANTED = 20  # so that a share of noticed ones says something


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a review came to: counts, and the greatest share of patients that may leak, with 95 % confidence."""

    studies: int
    open: int
    patients: int
    leaking: int
    planted: int
    noticed: int
    bound: float
    corrected_bound: float


@dataclass(frozen=True, slots=True)
class Review:
    """A review in the workspace: `items.parquet`, who they are of, and the verdicts so far.

    words: of the language that the release speaks, for the pages.
    """

    folder: Path
    words: Words = ENGLISH

    @property
    def items(self) -> int:
        """How many studies there are to look at."""
        return int(pq.read_metadata(self.folder / "items.parquet").num_rows)

    def item(self, number: int) -> Item:
        """One of them, from 0."""
        file = pq.ParquetFile(self.folder / "items.parquet")
        (row,) = file.read_row_group(number).to_pylist()
        return Item("", row["text"], tuple(row["images"]))

    def verdicts(self) -> dict[int, bool]:
        """Whether each item that was looked at leaks; of two verdicts the later counts."""
        path = self.folder / "verdicts.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return {each["item"]: each["leaks"] for each in map(json.loads, lines)}

    def judge(self, number: int, *, leaks: bool) -> None:
        """Write a verdict down, durably."""
        with (self.folder / "verdicts.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"item": number, "leaks": leaks}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def outcome(self) -> Outcome:
        """Counts and bounds over the patients of whom every study was looked at."""
        owners = json.loads((self.folder / "owners.json").read_text(encoding="utf-8"))
        verdicts = self.verdicts()
        planted = [number for number, owner in enumerate(owners) if owner is None and number in verdicts]
        noticed = sum(verdicts[number] for number in planted)
        patients = _whole(owners, verdicts)
        leaking = sum(patients.values())
        return Outcome(
            studies=len(owners),
            open=len(owners) - len(verdicts),
            patients=len(patients),
            leaking=leaking,
            planted=len(planted),
            noticed=noticed,
            bound=upper_bound(leaking, len(patients)) if patients else 1.0,
            corrected_bound=corrected(leaking, len(patients), noticed, len(planted)) if patients else 1.0,
        )


def open_review(release: Path, workspace: Path, patients: int) -> Review:
    """The review of a release that is under way, or a new one of so many patients. Raises PolicyError."""
    stated = manifest.digest_of(release / manifest.NAME) if manifest.stands(release) else ""
    if not stated:
        raise PolicyError(Problem.RELEASE_NOT_FOUND)
    key = load_key(open_workspace(workspace))
    seed = digest(key, "review", stated, str(patients))
    folder = workspace / "reviews" / seed.hex()[:12]
    if not (folder / "owners.json").exists():
        _draw(release, folder, key, seed, patients)
        history.record(workspace, key, "review", commitment=manifest.digest_of(folder / "commitment.json"))
    return Review(folder, Words(language_of(json.loads((release / "evidence" / "facts.json").read_text("utf-8")))))


def conclude(review: Review, workspace: Path) -> Path:
    """Write the outcome, signed, and beside it a page that says it in words; a later verdict needs new ones."""
    commitment = json.loads((review.folder / "commitment.json").read_text(encoding="utf-8"))
    outcome = review.outcome()
    document = {"format": "radcurate-review/1", "commitment": commitment, **asdict(outcome)}
    path = review.folder / "outcome.json"
    path.write_text(json.dumps(signed(load_key(workspace), document), indent=1) + "\n")
    page = render("outcome.html.j2", review.words, outcome=outcome, commitment=commitment)
    path.with_suffix(".html").write_text(page, encoding="utf-8")
    history.record(workspace, load_key(workspace), "review outcome", outcome=manifest.digest_of(path))
    return path


def _draw(release: Path, folder: Path, key: bytes, seed: bytes, patients: int) -> None:
    """Commit to the seed, then draw, plant, shuffle and write; `owners.json` last, so that half a draw is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    committed = {
        "manifest": manifest.digest_of(release / manifest.NAME),
        "seed_sha256": hashlib.sha256(seed).hexdigest(),
    }
    (folder / "commitment.json").write_text(json.dumps(signed(key, committed), indent=1) + "\n")
    random = Random(seed)
    chosen = draw(release, patients, random)
    held: list[tuple[Item, str | None]] = [(item, item.patient) for item in items_of(release, chosen)]
    held += [(item, None) for item in _planted(release, chosen, len(held), random)]
    random.shuffle(held)
    _write(folder / "items.parquet", [item for item, _ in held])
    (folder / "owners.json").write_text(json.dumps([owner for _, owner in held]) + "\n")


def _planted(release: Path, chosen: Sequence[str], studies: int, random: Random) -> Iterator[Item]:
    """Studies with a planted leak: of patients outside the sample, or of those in it where there are no others."""
    wanted = max(_LEAST_PLANTED, round(_PLANTED * studies))
    others = sorted(patients_of(release).keys() - set(chosen))
    hosts = list(items_of(release, random.sample(others, min(len(others), wanted)) or chosen))
    for _ in range(wanted):
        yield plant(random.choice(hosts), random)


def _write(path: Path, items: Sequence[Item]) -> None:
    schema = pa.schema([("text", pa.string()), ("images", pa.list_(pa.binary()))])
    with pq.ParquetWriter(path, schema, write_statistics=False) as writer:
        for item in items:  # a row group each, so that one is read alone
            writer.write_table(pa.table({"text": [item.text], "images": [list(item.images)]}, schema=schema))


def _whole(owners: Sequence[str | None], verdicts: dict[int, bool]) -> dict[str, bool]:
    """The patients of whom every study was looked at, and whether one of them leaks."""
    mine: dict[str, list[int]] = {}
    for number, owner in enumerate(owners):
        if owner is not None:
            mine.setdefault(owner, []).append(number)
    done = {owner: numbers for owner, numbers in mine.items() if all(each in verdicts for each in numbers)}
    return {owner: any(verdicts[each] for each in numbers) for owner, numbers in done.items()}


__all__ = ["Outcome", "Review", "conclude", "open_review"]
