"""What the tagger finds in composed reports of held-out styles and names, and what it takes that is no identifier.

python -m curate.text.training.measure [--reports 1000] [--seed 5]
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable

from curate.records import Span
from curate.text.tagger import Tagger
from curate.text.training.reports import LANGUAGES, Composer, Labelled

_WORD = re.compile(r"\w+")


def measure(reports: Iterable[Labelled], tagger: Tagger) -> dict[str, float]:
    """Whole-span recall of each label and of all, and `ordinary`: the share of words outside all spans that is taken.

    A span is found when each of its letters and digits is covered, by whatever label.
    """
    counts: Counter[str] = Counter()
    for report in reports:
        (found,) = tagger.find([report.text])
        taken = _mask(report.text, found)
        for start, end, label in report.spans:
            hit = all(taken[at] for at in range(start, end) if report.text[at].isalnum())
            counts.update({f"{label} all": 1, f"{label} found": hit, "ALL all": 1, "ALL found": hit})
        held = _mask(report.text, [Span(*span, "") for span in report.spans])
        ordinary = [word.start() for word in _WORD.finditer(report.text) if not any(held[slice(*word.span())])]
        counts.update({"words": len(ordinary), "taken": sum(taken[at] for at in ordinary)})
    labels = sorted(name.removesuffix(" all") for name in counts if name.endswith(" all"))
    recall = {label: round(counts[f"{label} found"] / counts[f"{label} all"], 4) for label in labels}
    return {**recall, "ordinary": round(counts["taken"] / max(1, counts["words"]), 4)}


def _mask(text: str, spans: Iterable[Span]) -> bytearray:
    mask = bytearray(len(text))
    for span in spans:
        mask[span.start : span.end] = b"\1" * (span.end - span.start)
    return mask


def main() -> None:
    """Print the figures of the shipped model, one language a line."""
    parser = argparse.ArgumentParser(description="Measure the tagger on held-out styles.")
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    tagger = Tagger()
    for language in LANGUAGES:
        reports = Composer(held_out=True).compose(asked.seed, asked.reports, (language,))
        print(language, measure(reports, tagger))


if __name__ == "__main__":
    main()
