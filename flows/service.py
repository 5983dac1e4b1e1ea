"""`curate serve`: the deployments of a small site, scheduled and run by one process, without a work pool."""

from pathlib import Path
from typing import Any

from prefect import serve

from flows.check_release import check
from flows.curate_dataset import curate_dataset


def serve_deployments(parameters: dict[str, Any], cron: str | None, timezone: str) -> None:
    """Offer `curate-dataset/archive` and `check-release/archive` to the Prefect server, until the process is stopped.

    parameters: of the flow; what the release is called is added by whoever starts a run. cron: when to curate; None is
    on demand. One run at a time: a second one waits.
    """
    from prefect.schedules import Cron

    schedule = Cron(cron, timezone=timezone) if cron else None
    checked = {name: parameters[name] for name in ("release", "workspace", "policy_file")}
    serve(
        curate_dataset.to_deployment(  # type: ignore[arg-type]  # a coroutine inside a loop only
            "archive", parameters=parameters, schedule=schedule, concurrency_limit=1, tags=["de-identification"]
        ),
        check.to_deployment(  # type: ignore[arg-type]  # as above
            "archive", parameters=checked, tags=["de-identification"]
        ),
        pause_on_shutdown=False,
        print_starting_message=False,
        limit=2,
    )


def parameters_of(workspace: Path, release: Path, policy: Path | None, workers: int) -> dict[str, Any]:
    """The parameters that Prefect stores: references alone; the source is named in the workspace."""
    return {
        "workspace": str(workspace.resolve()),
        "release": str(release.resolve()),
        "policy_file": str(policy.resolve()) if policy else None,
        "workers": workers,
    }
