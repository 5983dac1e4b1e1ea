"""Logs that cannot leak: a list of safe fields; everything else is dropped and counted.

Library warnings (pydicom and others put values into theirs) come through the same door and keep only their type.
"""

import logging
import sys
import warnings
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

SAFE_FIELDS = frozenset({
    "event", "level", "timestamp", "stage", "reason", "shard", "key", "count", "studies", "instances", "reports",
    "images", "seconds", "suite", "success", "error", "category", "module", "version", "digest", "dropped",
})  # fmt: skip


def keep_safe(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field whose name is not known to be safe, and exceptions but for their type."""
    error = event.pop("exc_info", None)
    if error:
        kind = sys.exc_info()[0] if error is True else type(error)
        event["error"] = kind.__name__ if kind else "unknown"
    unsafe = [name for name in event if name not in SAFE_FIELDS]
    for name in unsafe:
        del event[name]
    if unsafe:
        event["dropped"] = len(unsafe)
    return event


def configure(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Send our logs to `stream` (stderr by default) and keep the text of library warnings and logs out of them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_safe,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    silence_libraries()


def silence_libraries() -> None:
    """Stop libraries that put source values into warnings and log records from showing them."""
    warnings.showwarning = _show_warning
    for name in ("pydicom", "highdicom", "presidio-analyzer", "great_expectations", "RapidOCR", "py.warnings"):
        library = logging.getLogger(name)  # noqa: TID251  the one place that is allowed to
        library.handlers[:] = [logging.NullHandler()]
        library.propagate = False


def _show_warning(  # noqa: PLR0913, PLR0917  the signature is that of warnings.showwarning
    message: Warning | str,  # noqa: ARG001
    category: type[Warning],
    filename: str,  # noqa: ARG001
    lineno: int,  # noqa: ARG001
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """Replace `warnings.showwarning`: the category, never the text."""
    get().debug("warning", category=category.__name__)


def get() -> Any:
    """Return the logger; fields outside SAFE_FIELDS are dropped."""
    return structlog.get_logger()
