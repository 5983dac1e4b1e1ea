"""Score `curate scrub` on the blind set: what was missed, and what was eaten. No text is printed.

    python tests/golden/score.py [--set second] [--known] [--language en] [--errors FILE]

--known gives the scrubber what the study's headers would know. --errors writes each missed or eaten span with its text
to FILE, for those who mend. An identifier is found when each of its letters and digits lies in a span, whatever the
label; a clinical word is eaten when any of its characters does. A report is clean when no PT, HCW, DATE, ID, LOC, PHONE
or EMAIL is left even in part. Words are those outside every identifier, title, time of day and `either`.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.golden.blind import IDENTIFIERS, SETS, Report, Span, load  # noqa: E402

COMMAND = (sys.executable, "-c", "from flows.cli import main; main()", "scrub", "-")
LEAKS = frozenset({"PT", "HCW", "DATE", "ID", "LOC", "PHONE", "EMAIL"})
_NEUTRAL = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|MD|M\.D|NP|PA|RPA|RPVI|MRN|Patient|PT)\b\.?|\b\d{1,2}:\d{2}(?:\s*[ap]m)?\b"
    r"|\b\d{4}\s*(?:hours|HRS)\b|NHS|GMC|NPI|SSN|LOT|SN",
    re.IGNORECASE,
)
Found = Sequence[tuple[int, int]]


@dataclass
class Score:
    """Counts over reports; keys are labels. INIT is counted but not part of `recall`, as in the open test set."""

    held: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    stay: Counter[str] = field(default_factory=Counter)
    eaten: Counter[str] = field(default_factory=Counter)
    words: int = 0
    removed: int = 0
    reports: int = 0
    clean: int = 0
    errors: list[dict[str, object]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of whole identifiers found, initials of staff apart."""
        core = [label for label in self.held if label != "INIT"]
        return share(sum(self.found[each] for each in core), sum(self.held[each] for each in core))


def share(part: int, whole: int) -> float:
    """Return part / whole; NaN where there is nothing to count."""
    return part / whole if whole else float("nan")


def scrub(reports: Sequence[Report], *, known: bool) -> list[Found]:
    """Return the spans (start, end in the input text) that the product's command gives for each report."""
    lines = [{"id": each.id, "text": each.text, **({"known": each.known} if known else {})} for each in reports]
    given = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run(COMMAND, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in out] == [each.id for each in reports]
    return [[(span["start"], span["end"]) for span in each["spans"]] for each in out]


def score(reports: Sequence[Report], found: Sequence[Found]) -> Score:
    """Count what was found, missed, kept and eaten."""
    total = Score()
    for report, spans in zip(reports, found, strict=True):
        _count(total, report, _characters(spans))
    return total


def _count(total: Score, report: Report, hit: set[int]) -> None:
    gold = _characters((span.start, span.end) for span in report.spans)
    missed = [span for span in report.spans if not _letters(report, span) <= hit]
    eaten = [span for span in report.negatives if (hit - gold).intersection(range(span.start, span.end))]
    for counter, spans in ((total.held, report.spans), (total.stay, report.negatives), (total.eaten, eaten)):
        counter.update(span.label for span in spans)
    total.found.update(span.label for span in report.spans if span not in missed)
    plain = list(_words(report, gold))
    total.words += len(plain)
    total.removed += sum(bool(hit & word) for word in plain)
    total.reports += 1
    total.clean += not any(span.label in LEAKS for span in missed)
    total.errors += [*_errors(report, "missed", missed), *_errors(report, "eaten", eaten)]


def _characters(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def _letters(report: Report, span: Span) -> set[int]:
    return {at for at in range(span.start, span.end) if report.text[at].isalnum()}


def _words(report: Report, gold: set[int]) -> Iterator[set[int]]:
    """The ordinary words of a report, as sets of characters."""
    neutral = _characters(match.span() for match in _NEUTRAL.finditer(report.text))
    neutral |= _characters((span.start, span.end) for span in report.either)
    words = (set(range(*match.span())) for match in re.finditer(r"\w+", report.text))
    return (word for word in words if not word & (gold | neutral))


def _errors(report: Report, kind: str, spans: Iterable[Span]) -> Iterator[dict[str, object]]:
    for span in spans:
        around = report.text[max(0, span.start - 40) : span.end + 40]
        yield {"report": report.id, "style": report.family, "kind": kind, **asdict(span), "around": around}


def table(reports: Sequence[Report], found: Sequence[Found]) -> Iterator[str]:
    """Yield the lines of the table: all, by type, by clinical word, then one line a style."""
    total = score(reports, found)
    yield _line("all", total)
    for label in IDENTIFIERS:
        found_of, held = total.found[label], total.held[label]
        yield f"  {label:<6} {found_of:>4}/{held:<4} {share(found_of, held):.3f}"
    styles = defaultdict(list)
    for pair in zip(reports, found, strict=True):
        styles[pair[0].family].append(pair)
    for style, pairs in sorted(styles.items()):
        yield _line(style, score([report for report, _ in pairs], [spans for _, spans in pairs]))


def _line(name: str, each: Score) -> str:
    eaten = " ".join(
        f"{word} {each.eaten[label]}/{each.stay[label]}"
        for label, word in (("E", "eponyms"), ("C", "traps"), ("T", "durations"))
    )
    return (
        f"{name:<10} recall {each.recall:.3f}  clean {each.clean}/{each.reports}"
        f"  words removed {share(each.removed, each.words):.1%}  eaten: {eaten}"
    )


def main() -> None:
    """Print the table; write the errors where asked."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--set", choices=SETS, default=SETS[-1], help="which blind set")
    options.add_argument("--known", action="store_true", help="give what the headers know")
    options.add_argument("--language", choices=("en", "de", "fr", "es"))
    options.add_argument("--errors", type=Path, help="write missed and eaten spans, with text, as JSON Lines")
    chosen = options.parse_args()
    reports = load(chosen.language, chosen.set)
    found = scrub(reports, known=chosen.known)
    print("\n".join(table(reports, found)))
    if chosen.errors:
        lines = (json.dumps(each, ensure_ascii=False) + "\n" for each in score(reports, found).errors)
        chosen.errors.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
