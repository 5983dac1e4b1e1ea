"""Logs: whatever a caller hands over, only what is known to be safe comes out."""

import io
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from curate import logs

CANARY = "QUILLFEATHER^MAY"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Return where logs go, at their most talkative; everything that `configure` sets is put back."""
    shown = warnings.showwarning
    out = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.configure(out, verbose=True)
        yield out
    warnings.showwarning = shown
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the log lines as they were written."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_fields_that_are_not_known_to_be_safe_are_dropped_and_counted(stream: io.StringIO) -> None:
    """A field is dropped by its name, whatever it holds."""
    logs.get().warning("study_refused", reason="truncated", patient_name=CANARY, path=f"/data/{CANARY}")
    (line,) = lines(stream)
    assert CANARY not in stream.getvalue()
    assert (line["event"], line["reason"], line["dropped"], line["level"]) == (
        "study_refused",
        "truncated",
        2,
        "warning",
    )
    assert set(line) <= logs.SAFE_FIELDS


def test_bound_fields_pass_the_same_door(stream: io.StringIO) -> None:
    """Binding a field to a logger is no way around."""
    logs.get().bind(accession=CANARY, stage="dicom").error("failed")
    (line,) = lines(stream)
    assert CANARY not in stream.getvalue()
    assert (line["stage"], line["dropped"]) == ("dicom", 1)


def test_an_exception_is_shown_by_its_type_only(stream: io.StringIO) -> None:
    """No message and no traceback: both quote values."""
    try:
        raise ValueError(CANARY)  # noqa: TRY301
    except ValueError as error:
        logs.get().exception("failed")
        logs.get().error("failed", exc_info=error)
    assert CANARY not in stream.getvalue()
    assert [line["error"] for line in lines(stream)] == ["ValueError", "ValueError"]


def test_a_stack_is_not_shown(stream: io.StringIO) -> None:
    """`stack_info` would print source lines and, with some renderers, locals."""
    logs.get().warning("here", stack_info=True)
    (line,) = lines(stream)
    assert "stack" not in line
    assert "stack_info" not in line


def test_an_exception_under_a_safe_name_is_shown_by_its_type_only(stream: io.StringIO) -> None:
    """`error=` is a safe field, but an exception in it still carries its message."""
    logs.get().warning("failed", error=ValueError(CANARY))
    assert lines(stream)
    assert CANARY not in stream.getvalue()


def test_positional_arguments_are_not_formatted_into_the_event(stream: io.StringIO) -> None:
    """`warning("name %s", value)` is the habit of the standard library, and must not open a way out."""
    logs.get().warning("no report for %s", CANARY)
    assert lines(stream)
    assert CANARY not in stream.getvalue()


def test_a_logger_is_safe_before_anything_is_configured() -> None:
    """The library can be used without the command line, and then nobody has called `configure`."""
    code = f"from curate import logs; logs.get().warning('refused', patient_name={CANARY!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "refused" in done.stdout + done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_the_text_of_a_warning_is_never_shown(stream: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    """Libraries quote values in warnings; the category is all that is logged."""
    warnings.warn(f"Invalid value for VR DA: {CANARY}", UserWarning, stacklevel=1)
    captured = capfd.readouterr()
    assert CANARY not in stream.getvalue() + captured.out + captured.err
    assert [line["category"] for line in lines(stream)] == ["UserWarning"]


def test_pydicom_cannot_speak_of_a_value(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real warning of the real library, for a date that is none."""
    from pydicom import Dataset, config

    monkeypatch.setattr(config.settings, "_writing_validation_mode", config.WARN)
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.WARN)
    dataset = Dataset()
    dataset.PatientBirthDate = CANARY
    captured = capfd.readouterr()
    assert lines(stream), "pydicom did not warn, so this test shows nothing"
    assert CANARY not in stream.getvalue() + captured.out + captured.err


def test_the_records_of_libraries_end_nowhere() -> None:
    """Library loggers and their children do not reach a handler of the application, while others do."""
    code = f"""
import logging
from curate import logs
logging.basicConfig(level="DEBUG")
logs.configure(verbose=True)
for name in ("pydicom", "pydicom.dataset", "presidio-analyzer", "great_expectations.core", "RapidOCR"):
    logging.getLogger(name).error("Value: %s", {CANARY!r})
logging.getLogger("somebody").error("else")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "else" in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_quiet_means_warnings_and_above() -> None:
    """Without `verbose`, debug and info lines are not made at all."""
    out = io.StringIO()
    shown = warnings.showwarning
    try:
        logs.configure(out)
        logs.get().info("nothing")
        logs.get().warning("something")
    finally:
        warnings.showwarning = shown
        structlog.reset_defaults()
    assert [line["event"] for line in lines(out)] == ["something"]
