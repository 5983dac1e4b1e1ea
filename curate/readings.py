"""Readings: what every file of reports was found to hold, kept in the workspace, so that it is read once.

The texts are not kept: of them, the numbers that may name a study.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from curate.errors import Reason
from curate.pairing import numbers_in
from curate.records import Identifier, IdentifierKind, RawReport, ReportStatus
from curate.sources.source import File

# The number of the record in its file, a digest of what it says, and the report or the reason why it is none.
Reading = tuple[int, str, RawReport | Reason]
_TRANSIENT = frozenset({Reason.UNREADABLE, Reason.CHANGED})  # tried again


class Readings:
    """The readings of one workspace. stamp: a digest of whatever else decides what a file is found to hold."""

    def __init__(self, workspace: Path, stamp: str) -> None:
        self._path, self._stamp = workspace / "readings.jsonl", stamp
        self._old = dict(self._lines())
        self._new: dict[str, str] = {}

    def __repr__(self) -> str:
        return "<Readings>"

    def of(self, file: File, read: Callable[[], Iterable[Reading]]) -> Iterator[Reading]:
        """What a file holds; `read` is called when it is new, has changed, or could not be read."""
        mark = f"{file.bytes} {file.changed}"
        line = self._old.get(file.path, "")
        if line and not file.fault and json.loads(line)["mark"] == mark:
            found = [_reading(each) for each in json.loads(line)["found"]]
        else:
            found = [(entry, content, _without_text(each)) for entry, content, each in read()]
        if not any(each in _TRANSIENT for _, _, each in found if isinstance(each, Reason)):
            written = [[entry, content, _written(each)] for entry, content, each in found]
            self._new[file.path] = json.dumps({"path": file.path, "mark": mark, "found": written}, sort_keys=True)
        yield from found

    def save(self) -> None:
        """Replace the readings of the last run by those of this one, as a whole."""
        temporary = self._path.with_name(".readings.writing")
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in (json.dumps({"stamp": self._stamp}), *self._new.values()))
        temporary.replace(self._path)

    def _lines(self) -> Iterator[tuple[str, str]]:
        """The readings of the last run by path, if it was made under the same circumstances."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            if json.loads(file.readline() or "{}").get("stamp") == self._stamp:
                yield from ((json.loads(line)["path"], line) for line in file)


def _without_text(found: RawReport | Reason) -> RawReport | Reason:
    return found if isinstance(found, Reason) else replace(found, text=" ".join(numbers_in(found.text)))


def _written(found: RawReport | Reason) -> Any:
    if isinstance(found, Reason):
        return found.value
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(found).items()}


def _reading(written: list[Any]) -> Reading:
    entry, content, found = written
    return entry, content, Reason(found) if isinstance(found, str) else _report(found)


def _report(held: dict[str, Any]) -> RawReport:
    days = {name: date.fromisoformat(held[name]) if held[name] else None for name in ("issued", "performed")}
    lists = {name: tuple(held[name]) for name in ("order_numbers", "supersedes")}
    known = tuple(Identifier(IdentifierKind(each["kind"]), each["value"]) for each in held["identifiers"])
    return RawReport(**{**held, **days, **lists, "identifiers": known, "status": ReportStatus(held["status"])})
