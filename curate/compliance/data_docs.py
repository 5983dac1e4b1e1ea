"""Data Docs: one page a suite and an index, from value-free verdicts.

The Data Docs of Great Expectations write failing values unescaped and load their style from other servers
(seen with 1.24.1), so they are never made.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from curate.compliance.pages import render
from curate.compliance.words import ENGLISH, Words
from curate.errors import ContractBroken

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Verdict(Protocol):
    """What is read of a verdict of `curate.validate`: the suite, its rows, and its checks in their order."""

    @property
    def suite(self) -> str:
        """The name of the suite."""

    @property
    def rows(self) -> int:
        """The rows of the table."""

    @property
    def checks(self) -> Sequence[Any]:
        """Checks with id, sentence, type, column, severity, outcome, rows and unexpected."""


def write_data_docs(verdicts: Sequence[Verdict], directory: Path, words: Words = ENGLISH) -> None:
    """Write index.html and one page a suite into `directory`, which is made where it does not exist.

    The same verdicts give the same bytes. Raises ContractBroken when a suite has a name that is no file name.
    """
    suites = [standing(verdict.suite, verdict.rows, verdict.checks, words) for verdict in verdicts]
    if not all(_NAME.match(suite["name"]) for suite in suites):
        raise ContractBroken("expectations", "name of a suite")
    directory.mkdir(parents=True, exist_ok=True)
    for suite, verdict in zip(suites, verdicts, strict=True):
        page = render("suite.html.j2", words, suite=suite, verdict=verdict)
        (directory / f"{suite['name']}.html").write_text(page, encoding="utf-8")
    index = render("index.html.j2", words, suites=suites, sound=all(suite["sound"] for suite in suites))
    (directory / "index.html").write_text(index, encoding="utf-8")


def standing(suite: str, rows: int, checks: Sequence[Any], words: Words = ENGLISH) -> Mapping[str, Any]:
    """How a suite stands: its counts, whether it is sound, and one plain sentence that says so."""
    failed = sum(each.outcome == "failed" and each.severity == "critical" for each in checks)
    errors = sum(each.outcome == "error" for each in checks)
    sound = all(each.outcome == "passed" for each in checks if each.severity == "critical")
    noted = sum(each.outcome == "failed" and each.severity == "warning" for each in checks)
    return {
        "name": suite,
        "rows": rows,
        "checks": len(checks),
        "passed": sum(each.outcome == "passed" for each in checks),
        "failed": failed,
        "noted": noted,
        "errors": errors,
        "sound": sound,
        "sentence": _sentence(suite, checks, words, sound=sound, noted=noted),
    }


def _sentence(suite: str, checks: Sequence[Any], words: Words, *, sound: bool, noted: int) -> str:
    critical = [each.outcome == "passed" for each in checks if each.severity == "critical"]
    counts = {
        "critical": len(critical),
        "failed": critical.count(False),
        "noted": noted,
        "warnings": len(checks) - len(critical),
    }
    figures = {name: words.number(count) for name, count in counts.items()}
    name = ("sound" if sound else "unsound") + ("_but" if noted else "")
    return words.phrase(name, suite=suite, **figures)
