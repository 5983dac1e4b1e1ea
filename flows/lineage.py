"""Lineage of runs for a catalogue of data: OpenLineage events, when CURATE_LINEAGE names a file or an address."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect.runtime import flow_run

from curate import logs
from curate.errors import PolicyError, Problem
from curate.privacy.surrogates import opaque
from curate.privacy.workspace import load_key

SETTING = "CURATE_LINEAGE"  # a file, or the http(s) address of a service such as Marquez

Outcome = Callable[[Mapping[str, Any], Path], None]


@contextmanager
def lineage(workspace: Path, policy_digest: str) -> Iterator[Outcome]:
    """Tell START, then COMPLETE with the outcome that is handed over, or FAIL; without the setting, nothing.

    The archive is named by an opaque id of the workspace. Raises PolicyError when the extra is not installed.
    """
    if not (address := os.environ.get(SETTING)):
        yield lambda _facts, _release: None
        return
    try:
        from flows import lineage_events as events
    except ImportError:
        raise PolicyError(Problem.PACKAGE_MISSING, "lineage") from None
    run, archive = str(flow_run.id or uuid4()), f"archive-{opaque(load_key(workspace), 'lineage', 'archive')}"
    outcomes: list[tuple[Mapping[str, Any], Path]] = []
    _tell(lambda: events.transport_to(address).emit(events.started(run, archive, policy_digest)))
    try:
        yield lambda facts, release: outcomes.append((facts, release))
    except BaseException as error:
        failure = events.failed(run, archive, error)
        _tell(lambda: events.transport_to(address).emit(failure))
        raise
    for facts, release in outcomes:
        _tell(lambda: events.transport_to(address).emit(events.completed(run, archive, facts, release)))  # noqa: B023


def _tell(emit: Callable[[], object]) -> None:
    """Emit an event; a catalogue that cannot be reached costs no release, and is logged without its address."""
    try:
        emit()
    except Exception as error:  # noqa: BLE001
        logs.get().warning("lineage could not be told", error=type(error).__name__)
