"""The journal: what was done where by which rule. It never holds a value.

A journal is a counter of (study key, stage, target, action, rule); it is written beside the shard it belongs to
and holds to schemas/journal.json.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log2


@dataclass(slots=True)
class Journal:
    """Counts what the stages did to one study.

    `target` is a DICOM tag, a span label or a pixel region kind; `action` an action code or verb; `rule` its source.
    """

    counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def note(self, stage: str, target: str, action: str, rule: str, times: int = 1) -> None:
        """Count one action."""
        self.counts[stage, target, action, rule] += times

    def absorb(self, stage: str, actions: Mapping[tuple[str, str, str], int]) -> None:
        """Add the (target, action, rule) counts that a stage returned."""
        for (target, action, rule), times in actions.items():
            self.note(stage, target, action, rule, times)

    def rows(self, study_key: str) -> Iterator[dict[str, str | int]]:
        """The entries of one study as rows of schemas/journal.json, sorted."""
        for (stage, target, action, rule), times in sorted(self.counts.items()):
            yield {
                "study_key": study_key,
                "stage": stage,
                "target": target,
                "action": action,
                "rule": rule,
                "count": times,
            }


def entropy(counts: Iterable[int]) -> float:
    """The entropy of a distribution in bits (Shannon, Bell Syst Tech J 1948; 27:379); 0 of nothing.

    Of the markers that the journal counts by form it says how hard they are to learn by heart.
    """
    found = [each for each in counts if each]
    return sum(each / sum(found) * log2(sum(found) / each) for each in found)
