"""Retention as a flow, to be scheduled: raises when something lies longer than the policy allows, or removes it."""

from pathlib import Path

from prefect import flow

from curate.errors import ContractBroken
from curate.policy import Policy
from curate.retention import Zone, purge, zones
from flows.alarm import alarm


@flow(name="retention", log_prints=False, persist_result=False, on_failure=[alarm], on_crashed=[alarm])
def retention(
    workspace: Path, releases: list[Path] | None = None, policy_file: Path | None = None, *, remove: bool = False
) -> list[Zone]:
    """Look at every zone of a workspace, and at releases, for what is overdue.

    Args:
        workspace: Directory with the key.
        releases: Directories of releases that have a limit too.
        policy_file: TOML file with the limits, `[retention]`; without it, the default policy.
        remove: Remove what is overdue and leave signed tombstones; else raise when something is.

    """
    options = Policy.load(policy_file).retention
    if remove:
        return purge(workspace, releases or [], options)
    held = zones(workspace, releases or [], options)
    for zone in held:
        if zone.overdue:
            raise ContractBroken("retention", f"{zone.name}: {zone.days} days, {zone.limit} allowed")
    return held
