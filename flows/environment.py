"""Prefect's settings for a run of the command line: no telemetry, its database in the workspace, its logs quiet."""

import os
from pathlib import Path


def prepare(workspace: Path) -> None:
    """Set what Prefect reads from the environment, before it is imported; a server that is configured is used."""
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # errors are told once, by the command line
    if "PREFECT_API_URL" in os.environ:
        return
    os.environ["PREFECT_HOME"] = str(workspace.resolve() / "prefect")
    # a fresh database and a busy machine need longer than Prefect's own 20 s
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
