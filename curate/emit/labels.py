"""What a report says in words that a model learns from: findings with their negation, sides and measurements.

The same rules read a report before and after it was scrubbed; where they differ, de-identification changed the label.
Rules are data (data/findings.json). Negation by trigger and scope after NegEx (Chapman et al., J Biomed Inform 2001;
34:301), with an uncertain value as in CheXpert (Irvin et al., AAAI 2019).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from curate.errors import Reason, Rejected
from curate.records import CleanReport, Span

_BEFORE, _AFTER = 60, 40  # characters of a sentence within which a cue bears on a finding
_STRENGTH = ("negative", "uncertain", "positive")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=\s*[-*\d])")
_UNITS = r"mm|cm|ml|cc|dl|mg|kg|µg|g|hu|mgy|gy|msv|mm²|cm²|cm2|mm2|ml/min|mmhg|bpm|%|t"
_NUMBER = r"\d+(?:[.,]\d+)?"
_MEASURE = re.compile(
    rf"(?<![\w.,/]){_NUMBER}(?:\s?(?:mm|cm)?\s?[x\u00d7*]\s?{_NUMBER}){{0,3}}\s?(?:{_UNITS})(?![\w])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Language:
    """The compiled rules of one language."""

    findings: re.Pattern[str]
    pseudo: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    maybe: re.Pattern[str]
    stops: re.Pattern[str]
    laterality: re.Pattern[str]


def labels_of(text: str, language: str) -> dict[str, str]:
    """Each finding that a text mentions, by name: positive, uncertain or negative; of several mentions the strongest.

    A language without rules has no labels.
    """
    found: dict[str, str] = {}
    for name, value in mentions(text, language):
        found[name] = max(found.get(name, value), value, key=_STRENGTH.index)
    return dict(sorted(found.items()))


def mentions(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Each mention of a finding with its value, in the order of the text."""
    rules = _rules().get(language)
    if rules is None:
        return
    for sentence in _SENTENCE.split(text):
        for found in rules.findings.finditer(sentence):
            yield str(found.lastgroup), _value(sentence, found, rules)


def measures(text: str) -> Counter[str]:
    """Measurements with their units, as "3.2x1.1cm", and how often each stands there."""
    return Counter("".join(found[0].lower().split()) for found in _MEASURE.finditer(text))


def sides(text: str, language: str) -> Counter[str]:
    """Words of laterality and how often each stands there; "Right Care Clinic" is a name, no side."""
    rules = _rules().get(language)
    return Counter(found[0].lower() for found in rules.laterality.finditer(text)) if rules else Counter()


def hold_labels(before: str, report: CleanReport) -> None:
    """Refuse a study whose report no longer says what it said. Raises Rejected(LABEL_CHANGED, what).

    before: the report as it came; nothing of it is in the error. `what` is findings, measurements, laterality or
    numbers: the latter are compared outside the spans that were replaced.
    """
    after, language = report.text, report.language
    pairs = {
        "findings": (Counter(mentions(before, language)), Counter(mentions(after, language))),
        "measurements": (measures(before), measures(after)),
        "laterality": (sides(before, language), sides(after, language)),
    }
    for what, (raw, clean) in pairs.items():
        if raw != clean:
            raise Rejected(Reason.LABEL_CHANGED, what)
    if numbers(_kept(before, report.spans)) - numbers(after):
        raise Rejected(Reason.LABEL_CHANGED, "numbers")


def numbers(text: str) -> Counter[str]:
    """Runs of digits in a text and how often each stands there."""
    return Counter(re.findall(r"\d+", text))


def _kept(text: str, spans: Sequence[Span]) -> str:
    """A text without its spans."""
    starts = [0, *(span.end for span in spans)]
    ends = [*(span.start for span in spans), len(text)]
    return " ".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _value(sentence: str, found: re.Match[str], rules: Language) -> str:
    """Positive, uncertain or negative, by the cues before and after a finding, up to a word that ends their scope."""
    before = rules.stops.split(rules.pseudo.sub("", sentence[max(0, found.start() - _BEFORE) : found.start()]))[-1]
    after = rules.stops.split(sentence[found.end() : found.end() + _AFTER])[0]
    if rules.maybe.search(before) or rules.maybe.search(after):
        return "uncertain"
    return "negative" if rules.before.search(before) or rules.after.search(after) else "positive"


@cache
def _rules() -> Mapping[str, Language]:
    path = files("curate.emit").joinpath("data/findings.json")
    return {name: _compiled(table) for name, table in json.loads(path.read_text(encoding="utf-8")).items()}


def _compiled(table: Mapping[str, Any]) -> Language:
    named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in table["findings"].items())
    cues = {
        name: re.compile(rf"\b(?:{_alternatives(table[name])})(?!\w)", re.IGNORECASE)
        for name in ("pseudo", "before", "after", "maybe", "stops")
    }
    sides = _alternatives(table["laterality"])
    return Language(
        findings=re.compile(rf"\b(?:{named})\b", re.IGNORECASE),
        laterality=re.compile(rf"(?![A-Z][a-z]+\s[A-Z][a-z])\b(?i:{sides})\b"),
        **cues,
    )


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
