"""How far a workspace is, in counts: for `curate status` and for whoever watches a run."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from curate.catalog import Catalog, Holdings
from curate.errors import PolicyError, Problem
from curate.privacy.domains import places_of
from curate.privacy.workspace import lock


def standing(workspace: Path) -> dict[str, Any]:
    """Counts of one workspace, no value: running, indexed, shards, refused by reason, erased. Raises PolicyError.

    What the last index found stands until the next one ends; shards are counted as they are committed. Each domain has
    an index and shards of its own: they are added up.
    """
    if not (workspace / "key").exists():
        raise PolicyError(Problem.WORKSPACE_UNUSED)
    places, register = places_of(workspace), workspace / "erased"
    return {
        "running": _is_running(workspace),
        "indexed": _indexed(places),
        "shards": {
            "committed": sum(1 for place in places for _ in place.glob("staging/shard-*/summary.json")),
            "unfinished": sum(1 for place in places for _ in place.glob("staging/.shard-*")),
        },
        "refused": dict(sorted(Counter(each for place in places for each in _refused(place)).items())),
        "erased": len(register.read_text(encoding="ascii").split()) if register.exists() else 0,
    }


def _indexed(places: list[Path]) -> dict[str, int]:
    held = [asdict(Catalog(place / "catalog").holdings()) for place in places if _is_indexed(place)]
    return {each.name: sum(one[each.name] for one in held) for each in fields(Holdings)}


def _is_indexed(workspace: Path) -> bool:
    return all((workspace / "catalog" / f"{name}.parquet").exists() for name in ("instances", "reports", "quarantine"))


def _is_running(workspace: Path) -> bool:
    try:
        with lock(workspace):
            return False
    except PolicyError:
        return True


def _refused(workspace: Path) -> Iterator[str]:
    """The reason of every refusal, of the index and of the committed shards; studies are not counted beside items."""
    if _is_indexed(workspace):
        yield from (row["reason"] for row in Catalog(workspace / "catalog").rows("quarantine"))
    for path in (workspace / "staging").glob("shard-*/quarantine.json"):
        yield from (row["reason"] for row in json.loads(path.read_text(encoding="utf-8")) if row["kind"] != "study")
