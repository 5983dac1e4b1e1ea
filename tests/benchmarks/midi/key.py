"""The answer key, in the shape of the one that NCI published with MIDI-B: SQLite, one row an instance.

Table answer_data: PatientID, StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, SOPClassUID, Modality, AnswerData.
AnswerData is a JSON object of checks; every text stands in angle brackets.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

COLUMNS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Modality")
KINDS = (
    "tag_retained", "text_notnull", "text_retained", "text_removed", "date_shifted", "uid_changed", "uid_consistent",
    "patid_consistent", "pixels_retained", "pixels_hidden",
)  # fmt: skip
# What must be gone: a file that is missing cannot leak, and an action of these that fails is a leak.
LEAKS = frozenset({"text_removed", "date_shifted", "uid_changed", "pixels_hidden"})
_CATEGORIES = {
    "tag_retained": "DICOM-IOD-2", "text_notnull": "DICOM-IOD-1", "date_shifted": "HIPAA-C", "uid_changed": "HIPAA-R",
    "uid_consistent": "DICOM-P15-BASIC-U", "patid_consistent": "DICOM-P15-BASIC-C", "pixels_hidden": "HIPAA-A",
    "pixels_retained": "TCIA-P15-PIX-K",
}  # fmt: skip

_COMPARTMENTS = {
    "HIPAA": ("hipaa", "z"), "DICOM-P15": ("dicom", "p15"), "DICOM-IOD": ("dicom", "iod"),
    "TCIA-PTKB": ("tcia", "ptkb"), "TCIA-P15": ("tcia", "p15"), "TCIA-REV": ("tcia", "rev"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """One action that a de-identifier must have taken.

    tag: a path such as "(0008,1140)[0000](0008,1155)", a private attribute as (gggg,"CREATOR",ee). text: what is
    looked for. value: the whole source value. box: left, top, right, bottom in pixels, of pixels_hidden alone.
    """

    action: str
    tag: str
    text: str = ""
    value: str = ""
    category: str = ""
    name: str = ""
    box: tuple[int, ...] = ()

    @property
    def reported(self) -> str:
        """The category under which the result is counted."""
        return self.category or _CATEGORIES[self.action]


@dataclass(frozen=True, slots=True, repr=False)
class Instance:
    """One row of the key: who the instance is of, by the source's identifiers in the order of COLUMNS."""

    identity: tuple[str, ...]
    checks: Sequence[Check] = field(default_factory=tuple)

    @property
    def patient(self) -> str:
        """PatientID of the source."""
        return self.identity[0]

    @property
    def uid(self) -> str:
        """SOP Instance UID of the source."""
        return self.identity[3]


def write_key(path: Path, instances: Iterable[Instance]) -> None:
    """Write a key as SQLite."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE answer_data ({', '.join(COLUMNS)}, AnswerData)")
        rows = [(*each.identity, json.dumps(dict(_entries(each)), ensure_ascii=False)) for each in instances]
        database.executemany(f"INSERT INTO answer_data VALUES ({', '.join('?' * 7)})", rows)  # noqa: S608  constants
    database.close()


def read_key(path: Path) -> list[Instance]:
    """Read a key; the angle brackets of every text are taken off. Rows of one instance are one."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(f"SELECT {', '.join(COLUMNS)}, AnswerData FROM answer_data").fetchall()  # noqa: S608
    database.close()
    found = []
    for identity, group in groupby(rows, key=lambda row: tuple(map(_bare, row[:6]))):
        checks = [_check(each) for row in group for each in json.loads(row[6]).values()]
        found.append(Instance(identity, tuple(checks)))
    return found


def _entries(instance: Instance) -> Iterator[tuple[str, dict[str, Any]]]:
    """The checks of a row as JSON objects, numbered."""
    for number, each in enumerate(instance.checks):
        path = each.tag.replace("[", ">[<").replace("]", ">]<")
        texts = {
            "action": each.action,
            "action_text": each.text,
            "value": each.value,
            "tag": each.tag.rpartition("]")[2],
            "tag_name": each.name,
        }
        entry: dict[str, Any] = {name: f"<{text}>" for name, text in texts.items()}
        entry |= {"tag_ds": f"<{path}>", "answer_category_v2": _spread(each)}
        yield str(number), entry | ({"box": each.box} if each.box else {})


def _spread(check: Check) -> dict[str, Any]:
    """A category in the compartments that NCI's key has for it; an action that implies its own leaves them empty."""
    spread: dict[str, Any] = {
        "hipaa": {"z": "", "m": ""}, "dicom": {"p15": "", "iod": "", "safe": ""},
        "tcia": {"ptkb": "", "p15": "", "rev": ""}, "prev_cat": "",
    }  # fmt: skip
    house, part = next(place for prefix, place in _COMPARTMENTS.items() if check.reported.startswith(prefix))
    spread[house][part] = check.reported
    return spread


def _check(entry: dict[str, Any]) -> Check:
    """One JSON object as a check."""
    spread = entry.get("answer_category_v2") or {}
    named = [part for house in spread.values() if isinstance(house, dict) for part in house.values() if part]
    return Check(
        action=_bare(entry["action"]),
        tag=entry["tag_ds"].replace("<", "").replace(">", ""),
        text=_bare(entry["action_text"]),
        value=_bare(entry["value"]),
        category=_CATEGORIES.get(_bare(entry["action"])) or (named[0] if named else "unknown"),
        name=_bare(entry["tag_name"]),
        box=tuple(entry.get("box", ())),
    )


def _bare(text: object) -> str:
    """A text without the angle brackets around it."""
    return str(text).removeprefix("<").removesuffix(">")
