"""The project's own blind test sets: reports of invented people, annotated by hand, apart from every rule.

    python tests/golden/blind.py [--set second] [--language en] > blind.jsonl      the JSON Lines form that scorers read
    python tests/golden/blind.py --set development --files apart dense > some.jsonl      the files that are called so

The first set was written before model and rules and has been scored many times; those from the second to the
fifth were written after them, to say what the first no longer can. Whoever mends looks at the errors of the
development set and of the first alone. A file of a set holds reports one after the other:

    === en-001
    style: letter, faxed referral        family, then what it is
    known: ROE^JANE ; 19570302 ; A1       what the DICOM headers of the study would give; nothing for lists of people
    no_phi: why                           only where a report holds no identifier on purpose
    ---
    Seen by Dr [[HCW|Jane Roe]] for a [[eponym|Colles]] fracture [[duration|3 weeks]] ago in [[either|2016]].

Identifiers: PT patient, relatives · HCW staff · DATE · ID · LOC · ORG · PHONE · EMAIL, URLs · AGE above 89 · INITials.
Clinical words that must stay: eponym (E) · trap (C: levels, devices, drugs, scores, trials, codes) · duration (T).
`either` marks words that may go or stay: bare years, weekdays, a generic head ("Ward"). Titles are never in a name.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

SETS = ("development", "first", "second", "third", "fourth", "fifth")
IDENTIFIERS = ("PT", "HCW", "DATE", "ID", "LOC", "ORG", "PHONE", "EMAIL", "AGE", "INIT")
CLINICAL = {"eponym": "E", "trap": "C", "duration": "T"}
_HEAD = re.compile(r"^=== ([a-z]{2}-\d{3,4})\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"\[\[(\w+)\|((?:(?!\[\[|\]\]).)+)\]\]", re.DOTALL)


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a text; `text` repeats them, so that offsets can be verified."""

    start: int
    end: int
    label: str
    text: str


@dataclass(frozen=True)
class Report:
    """One annotated report. `negatives` must stay, `either` may go or stay; offsets are in characters of `text`."""

    id: str
    lang: str
    style: str
    no_phi: str
    known: tuple[str, ...]
    text: str
    spans: list[Span] = field(default_factory=list)
    negatives: list[Span] = field(default_factory=list)
    either: list[Span] = field(default_factory=list)

    @property
    def family(self) -> str:
        """The first word or two of the style: what figures are grouped by."""
        return self.style.split(",")[0]


def load(language: str | None = None, chosen: str = SETS[-1], names: Iterable[str] = ("",)) -> list[Report]:
    """Return the reports of a set, in order of their ids; of the files whose names begin with one of `names`.

    Raises ValueError where an annotation is malformed.
    """
    paths = sorted((Path(__file__).parent / chosen).glob("*.txt"))
    texts = [path.read_text(encoding="utf-8") for path in paths if path.name.startswith(tuple(names))]
    reports = sorted((each for text in texts for each in parse(text)), key=lambda each: each.id)
    return [each for each in reports if language in (None, each.lang)]


def parse(text: str) -> Iterator[Report]:
    """Yield the reports of one file. Raises ValueError where an annotation is malformed."""
    _, *parts = _HEAD.split(text)
    for name, head, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True):
        fields = dict(re.findall(r"^(\w+): *(.*)$", head, re.MULTILINE))
        known = tuple(each.strip() for each in fields.get("known", "").split(" ; ") if each.strip())
        report = Report(
            name, name[:2], fields["style"], fields.get("no_phi", ""), known, _MARK.sub(r"\2", body).strip()
        )
        yield _annotate(report, body.strip())


def _annotate(report: Report, body: str) -> Report:
    """Fill the lists of a report from its text with marks, and verify every offset."""
    removed = 0
    for mark in _MARK.finditer(body):
        label, text = mark.groups()
        start = mark.start() - removed
        removed += len(mark[0]) - len(text)
        _place(report, label).append(Span(start, start + len(text), CLINICAL.get(label, label), text))
    _verify(report)
    return report


def _place(report: Report, label: str) -> list[Span]:
    """The list that a label belongs to."""
    if label in IDENTIFIERS:
        return report.spans
    if label in CLINICAL:
        return report.negatives
    if label == "either":
        return report.either
    raise ValueError(f"{report.id}: no such label: {label}")  # noqa: EM102, TRY003  for those who write the reports


def _verify(report: Report) -> None:
    """Hold the offsets to the text, and the text to be free of marks."""
    wrong = [each for each in _spans(report) if report.text[each.start : each.end] != each.text]
    if wrong or re.search(r"\[\[\w+\||\]\]", report.text):
        raise ValueError(f"{report.id}: a mark is broken")  # noqa: EM102, TRY003


def _spans(report: Report) -> list[Span]:
    return [*report.spans, *report.negatives, *report.either]


def main() -> None:
    """Print the set as JSON Lines: id, lang, style, known, text, spans, negatives, either."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--language")
    options.add_argument("--set", choices=SETS, default=SETS[-1])
    options.add_argument("--files", nargs="+", default=[""])
    asked = options.parse_args()
    for report in load(asked.language, asked.set, asked.files):
        print(json.dumps(asdict(report), ensure_ascii=False))


if __name__ == "__main__":
    main()
