"""The whole path without the orchestrator: what a flow does, as one call, for property tests."""

import hashlib
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate.catalog import Catalog, plan
from curate.intake import index
from curate.policy import Policy
from curate.privacy.domains import enter_domain
from curate.privacy.workspace import load_key, open_workspace, remember_source
from curate.release import Staging, hold_catalog, hold_to_expectations, publish
from curate.separation import derive, separate
from curate.shard import circumstances, curate_shard
from curate.sources.source import open_source

KEY = bytes(range(32))


def make_workspace(path: Path, key: bytes = KEY) -> Path:
    """A workspace with a given key."""
    open_workspace(path)
    file = path / "key"
    file.write_bytes(key)
    file.chmod(0o600)
    return path


def make_release(
    source: Path | str,
    workspace: Path,
    release: Path,
    policy: Policy | None = None,
    executor: Executor | None = None,
    dicom_out: Path | None = None,
    *,
    held: bool = False,
) -> Mapping[str, Any]:
    """Index, plan, curate every shard, hold to expectations, publish; returns the facts. held: the catalog too."""
    policy = policy or Policy()
    remember_source(workspace, str(source))
    place = enter_domain(workspace, policy.domain)
    index(open_source(str(source), workspace), place, policy, load_key(place), executor)
    shards = plan(Catalog(place / "catalog"), policy.output.shard_bytes, circumstances(policy, dicom_out))
    if executor:
        n = len(shards)
        list(executor.map(curate_shard, shards, [policy] * n, [place] * n, [dicom_out] * n))
    else:
        for shard in shards:
            curate_shard(shard, policy, place, dicom_out)
    staging = separate(Staging(shards, place, policy))
    derive(staging)
    of_source = hold_catalog(staging.catalog) if held else []
    return publish(staging, [*of_source, *hold_to_expectations(staging.folders)], release)


def digests(root: Path) -> dict[str, str]:
    """SHA-256 of every file under a folder, by relative path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def modes(root: Path) -> set[int]:
    """The permission bits that any file or folder under a folder, or the folder itself, gives to others."""
    return {path.stat().st_mode & 0o077 for path in (root, *root.rglob("*"))}


def rows(release: Path) -> list[dict[str, Any]]:
    """Every row of a release, sorted by study."""
    found = [row for path in sorted(release.rglob("data/*/*.parquet")) for row in pq.read_table(path).to_pylist()]
    return sorted(found, key=lambda row: str(row["study_key"]))
