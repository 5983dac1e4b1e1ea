"""Records that a data protection officer keeps or hands on, as JSON, filled from the facts of a release.

The words are templates (records/*.json). `{/a/b}` in them is a JSON pointer (RFC 6901) into evidence/facts.json, and
`{/actions?stage=text&target=NAME}` the sum of the entries of the journal that have these values. A text that has any
becomes {text, from}, so that every number can be looked up where it comes from; a text that is one alone becomes the
number. Each record is held to its schema in schemas/records.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from curate import contracts
from curate.errors import ContractBroken

Facts = Mapping[str, Any]
NAMES = ("article_30", "dpia_annex", "healthdcat_ap", "hipaa_safe_harbor", "measures")
_POINTER = re.compile(r"\{(/[^{}]*)\}")
_UNSAID = "not stated"
_FOREIGN = frozenset({"healthdcat_ap"})  # in a form that is not ours: texts are texts there


def write_records(facts: Facts, directory: Path) -> None:
    """Write each record as `NAME.json`; equal facts give equal bytes. Raises ContractBroken when one has a gap."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, record in records_of(facts):
        (directory / f"{name}.json").write_text(_as_json(record), encoding="utf-8")


def records_of(facts: Facts) -> Iterator[tuple[str, Any]]:
    """Name and document of each record."""
    for name in NAMES:
        template = json.loads((files(__package__) / "records" / f"{name}.json").read_text(encoding="utf-8"))
        record = _filled(template, facts, _plain if name in _FOREIGN else _told)
        schema = json.loads((contracts.directory("schemas") / "records" / f"{name}.schema.json").read_text("utf-8"))
        if not jsonschema.Draft202012Validator(schema).is_valid(record):
            raise ContractBroken("records", name)
        yield name, record


def look_up(facts: Facts, pointer: str) -> Any:
    """What a pointer leads to; 0 where the last step leads to nothing, as counts that are 0 are not listed."""
    path, _, query = pointer.partition("?")
    *steps, last = path.strip("/").split("/")
    place: Any = facts
    for step in steps:
        place = place[step]
    if not query:
        return place.get(last, 0)
    wanted = dict(each.split("=") for each in query.split("&"))
    return sum(entry["count"] for entry in place[last] if wanted.items() <= entry.items())


def _filled(part: Any, facts: Facts, told: Callable[[str, Facts], Any]) -> Any:
    if isinstance(part, Mapping):
        return {name: _filled(each, facts, told) for name, each in part.items()}
    if isinstance(part, list):
        return [_filled(each, facts, told) for each in part]
    return told(part, facts) if isinstance(part, str) else part


def _told(text: str, facts: Facts) -> Any:
    """A text with its pointers followed; one that is a pointer alone becomes what is there, or says that nothing is."""
    if alone := _POINTER.fullmatch(text):
        found = look_up(facts, alone[1])
        return _UNSAID if found == "" else found
    pointers = _POINTER.findall(text)
    written = _POINTER.sub(lambda match: _shown(look_up(facts, match[1])), text)
    return {"text": written, "from": pointers} if pointers else text


def _plain(text: str, facts: Facts) -> Any:
    found = _told(text, facts)
    return found["text"] if isinstance(found, dict) else found


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value) or _UNSAID


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
