"""How far a workspace is, in counts: for `curate status` and for whoever watches a run."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curate.catalog import Catalog, Holdings
from curate.errors import PolicyError, Problem
from curate.privacy.workspace import lock


def standing(workspace: Path) -> dict[str, Any]:
    """Counts of one workspace, no value: running, indexed, shards, refused by reason, erased. Raises PolicyError.

    What the last index found stands until the next one ends; shards are counted as they are committed.
    """
    if not (workspace / "key").exists():
        raise PolicyError(Problem.WORKSPACE_UNUSED)
    staging, register = workspace / "staging", workspace / "erased"
    indexed = Catalog(workspace / "catalog").holdings() if _is_indexed(workspace) else Holdings(0, 0, 0, 0)
    return {
        "running": _is_running(workspace),
        "indexed": asdict(indexed),
        "shards": {
            "committed": sum(1 for _ in staging.glob("shard-*/summary.json")),
            "unfinished": sum(1 for _ in staging.glob(".shard-*")),
        },
        "refused": dict(sorted(Counter(_refused(workspace)).items())),
        "erased": len(register.read_text(encoding="ascii").split()) if register.exists() else 0,
    }


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
