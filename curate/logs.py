"""Logs that cannot leak: a list of safe fields; everything else is dropped and counted.

Library warnings (pydicom and others put values into theirs) come through the same door and keep only their type.
"""

import logging
import sys
import warnings
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO

import structlog

SAFE_FIELDS = frozenset({
    "event", "level", "timestamp", "stage", "reason", "shard", "key", "count", "studies", "instances", "reports",
    "images", "seconds", "suite", "success", "error", "category", "module", "version", "digest", "dropped",
})  # fmt: skip


_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


@dataclass(slots=True)
class _Output:
    """Where logs go (stderr when None) and from which level on."""

    stream: TextIO | None = None
    level: int = _LEVELS["warning"]


_output = _Output()


class SafeLogger(structlog.BoundLoggerBase):
    """A logger whose events are names and whose fields are on the list; positional arguments are never formatted in."""

    def debug(self, event: str, *_values: object, **fields: object) -> None:
        """Log what only a developer wants to know."""
        self._log("debug", event, fields)

    def info(self, event: str, *_values: object, **fields: object) -> None:
        """Log a step."""
        self._log("info", event, fields)

    def warning(self, event: str, *_values: object, **fields: object) -> None:
        """Log what an operator may have to look at."""
        self._log("warning", event, fields)

    def error(self, event: str, *_values: object, **fields: object) -> None:
        """Log a failure."""
        self._log("error", event, fields)

    def exception(self, event: str, *_values: object, **fields: object) -> None:
        """Log a failure with the type of the exception that is being handled."""
        self._log("error", event, {**fields, "exc_info": True})

    def _log(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if _LEVELS[level] >= _output.level:
            self._proxy_to_logger(level, event, **fields)


def keep_safe(_logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
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
    return {"level": method, **{name: _plain(value) for name, value in event.items()}}


def _plain(value: object) -> object:
    """A value under a safe name, if it is of a kind that holds no text of others; else its type."""
    return value if isinstance(value, str | int | float | bool | None) else type(value).__name__


def configure(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Send our logs to `stream` (stderr by default) and keep the text of library warnings and logs out of them."""
    _output.stream, _output.level = stream, _LEVELS["debug" if verbose else "warning"]
    silence_libraries()


def silence_libraries() -> None:
    """Stop libraries that put source values into warnings and log records from showing them."""
    warnings.showwarning = _show_warning
    for name in (
        "pydicom",
        "highdicom",
        "presidio-analyzer",
        "great_expectations",
        "RapidOCR",
        "pylibjpeg",
        "openjpeg",
        "pypdf",
        "spacy",
        "urllib3",
        "requests",
        "dicomweb_client",
        "pynetdicom",
        "fsspec",
        "s3fs",
        "aiobotocore",
        "botocore",
        "asyncio",
        "py.warnings",
    ):
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
    """Return the logger; fields outside SAFE_FIELDS are dropped, whether or not anything was configured."""
    processors: list[Any] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_safe,
        structlog.processors.JSONRenderer(),
    ]
    return structlog.wrap_logger(structlog.PrintLogger(_output.stream or sys.stderr), processors, SafeLogger)
