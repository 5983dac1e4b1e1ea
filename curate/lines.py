"""JSON Lines in, JSON Lines out: texts scrubbed outside any study, as `curate scrub` does it."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.policy import Policy
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.surrogates import Surrogates, pseudonym
from curate.records import Identifier, IdentifierKind
from curate.sources.values import parse_date
from curate.text.scrub import Scrubber

_BATCH = 64
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d(?:T.*)?")


def scrub_lines(file: str, policy: Policy, key: bytes | None) -> Iterator[str]:
    """Scrub each line of a JSON Lines file ("-" is stdin) and yield its JSON: id, text, spans.

    key: for surrogates; without it, placeholders. A text that cannot be scrubbed comes back empty, with the reason
    as "refused", and costs only itself. Raises PolicyError when a line has no id or text.
    """
    scrubber = Scrubber(policy.text)
    lines = iter(_lines(file))
    while batch := [_record(line) for line in islice(lines, _BATCH)]:
        yield from _scrubbed(batch, scrubber, key)


def _lines(file: str) -> Iterable[bytes]:
    if file == "-":
        source = sys.stdin.buffer
    else:
        try:
            source = Path(file).open("rb")  # noqa: SIM115  closed when the process ends; lines are read lazily
        except OSError:
            raise PolicyError(Problem.SOURCE_NOT_FOUND) from None
    return (line for line in source if line.strip())


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise PolicyError(Problem.INPUT_NOT_JSON_LINES) from None
    if not isinstance(record, dict) or "id" not in record or not isinstance(record.get("text"), str):
        raise PolicyError(Problem.INPUT_NOT_JSON_LINES)
    return record


def _scrubbed(batch: Sequence[dict[str, Any]], scrubber: Scrubber, key: bytes | None) -> Iterator[str]:
    """Texts without known identifiers go through the models together, the others one by one; some are refused."""
    known = [_known(record.get("known") or ()) for record in batch]
    refused = {place: reason for place, record in enumerate(batch) if (reason := _refusal(record["text"], scrubber))}
    plain = [place for place, each in enumerate(known) if not each.identifiers and place not in refused]
    surrogates = Surrogates(key, pseudonym(key, "scrub")) if key else None
    done = dict(zip(plain, scrubber.scrub([batch[at]["text"] for at in plain], surrogates), strict=True))
    for place, record in enumerate(batch):
        if place in refused:
            yield json.dumps({"id": record["id"], "text": "", "spans": [], "refused": refused[place].value})
            continue
        made = done.get(place) or scrubber.scrub([record["text"]], surrogates, known[place])[0]
        spans = [{"start": s.start, "end": s.end, "label": s.label, "rule": s.rule} for s in made.spans]
        yield json.dumps({"id": record["id"], "text": made.text, "spans": spans}, ensure_ascii=False)


def _refusal(text: str, scrubber: Scrubber) -> Reason | None:
    """Why a text cannot be scrubbed, if so: its language has no rules, or the policy does not take it."""
    try:
        scrubber.language(text)
    except Rejected as refused:
        return refused.reason
    return None


def _known(values: Iterable[object]) -> KnownIdentifiers:
    return KnownIdentifiers(each for value in values for each in _identifiers(str(value).strip()))


def _identifiers(value: str) -> Iterator[Identifier]:
    """A value of unknown kind as every kind that its form allows."""
    if "@" in value:
        yield Identifier(IdentifierKind.EMAIL, value)
    elif any(each.isdigit() for each in value):
        if day := parse_date(value):
            yield Identifier(IdentifierKind.DATE, f"{day:%Y%m%d}")
        if day and _DAY.fullmatch(value):
            return
        yield Identifier(IdentifierKind.ID, value)
        yield Identifier(IdentifierKind.PHONE, value)
        yield Identifier(IdentifierKind.ADDRESS, value)
    else:
        yield Identifier(IdentifierKind.NAME, value)
        if " " in value and "^" not in value:  # a PN (PS3.5 6.2)
            yield Identifier(IdentifierKind.INSTITUTION, value)
