"""How long what was made may lie (Regulation (EU) 2016/679, Article 5(1)(e)): what is overdue, and its removal.

A zone is as old as its newest file. What is purged leaves a signed tombstone in the workspace: what it was, how much,
when, and under which limit, never a value. Key, secrets of patients, opt-out register and certificates of erasures are
no zones: they name alike, or keep people out of, later runs.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from curate import manifest
from curate.policy import RetentionOptions
from curate.privacy import history
from curate.privacy.domains import places_of
from curate.privacy.signing import signed
from curate.privacy.workspace import load_key, lock, open_workspace

# What lies in a workspace, by zone: copies of the source, indexes of it, work in progress, samples for people.
_ZONES = {
    "spool": ("spool",),
    "catalog": ("catalog", "inventory.parquet", "readings.jsonl", "removed.csv", "quarantine.csv", "check"),
    "maps": ("uid_map.csv", "patient_map.csv"),
    "staging": ("staging", ".buckets"),
    "reviews": ("reviews",),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone: its name, files, bytes, age and limit in days; a limit of 0 is none."""

    name: str
    files: int
    bytes: int
    days: int
    limit: int

    @property
    def overdue(self) -> bool:
        """Whether it lies longer than it may."""
        return bool(self.limit) and self.days > self.limit


def zones(
    workspace: Path, releases: Iterable[Path], options: RetentionOptions, today: datetime | None = None
) -> list[Zone]:
    """Every zone that holds anything, and each release, named by its place in the list."""
    now, places = today or datetime.now(UTC), _places(workspace, releases)
    found = (_zone(name, files_of(roots), _limit(name, options), now) for name, roots in places.items())
    return [zone for zone in found if zone.files]


def purge(
    workspace: Path, releases: Iterable[Path], options: RetentionOptions, today: datetime | None = None
) -> list[Zone]:
    """Remove every zone that is overdue, and write its tombstone. Raises PolicyError while a run goes on."""
    held, now = list(releases), today or datetime.now(UTC)
    with lock(open_workspace(workspace)):
        gone = [zone for zone in zones(workspace, held, options, now) if zone.overdue]
        for zone in gone:
            roots = _places(workspace, held)[zone.name]
            manifests = [manifest.digest_of(root / manifest.NAME) for root in roots if manifest.stands(root)]
            for root in roots:
                _remove(root)
            _bury(workspace, zone, manifests, now)
    return gone


def _places(workspace: Path, releases: Iterable[Path]) -> dict[str, list[Path]]:
    """Where each zone lies."""
    places = {
        name: [place / each for place in places_of(workspace) for each in parts] for name, parts in _ZONES.items()
    }
    return places | {f"release {number}": [release] for number, release in enumerate(releases, start=1)}


def files_of(roots: Iterable[Path]) -> Iterator[Path]:
    """The files under some places, those that are files themselves among them."""
    for root in roots:
        yield from [root] if root.is_file() else (each for each in root.rglob("*") if each.is_file())


def _limit(name: str, options: RetentionOptions) -> int:
    return int(getattr(options, f"{name.partition(' ')[0]}_days"))


def _zone(name: str, files: Iterable[Path], limit: int, now: datetime) -> Zone:
    stats = [each.stat() for each in files]
    newest = max((each.st_mtime for each in stats), default=now.timestamp())
    days = max(0, int((now.timestamp() - newest) // 86400))
    return Zone(name, len(stats), sum(each.st_size for each in stats), days, limit)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _bury(workspace: Path, zone: Zone, manifests: list[str], now: datetime) -> None:
    folder = workspace / "tombstones"
    folder.mkdir(mode=0o700, exist_ok=True)
    document = {
        "format": "radcurate-tombstone/1",
        "date": now.date().isoformat(),
        "legal_basis": "Regulation (EU) 2016/679, Article 5(1)(e)",
        **asdict(zone),
        "manifest_sha256": manifests[0] if manifests else None,
    }
    path = folder / f"{1 + sum(1 for _ in folder.iterdir()):04}.json"
    key = load_key(workspace)
    path.write_text(json.dumps(signed(key, document), indent=1) + "\n", encoding="utf-8")
    history.record(workspace, key, "tombstone", tombstone=manifest.digest_of(path))
