"""What would leak between splits: copies and near copies of a study in another split, and studies of a benchmark.

Splits stay as the key draws them; of two like studies the one in the split that is used less for testing is withheld.
What more than TEMPLATE patients share is a template ("normal chest", a logo page): it says nothing of any of them, so
it withholds no study and is counted instead.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from curate.emit.duplicates import BLANK, Pair, groups, like_images, like_texts, text_fingerprint
from curate.emit.splits import SPLITS
from curate.errors import Reason
from curate.policy import DuplicateOptions

TEMPLATE = 5  # patients; expectations/image_text.json names the same number
_RANK = {split: rank for rank, split in enumerate(reversed(SPLITS))}  # test first: it is never withheld for another


@dataclass(frozen=True, slots=True, repr=False)
class Fingerprint:
    """What one study can be told by: its report, and the perceptual hashes of its images."""

    study_key: str
    patient_key: str
    split: str
    report: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaks:
    """The studies that are withheld, with the reason of each, and the ledger that is published: counts alone."""

    withheld: Mapping[str, Reason]
    ledger: Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class _Kind:
    """One kind of thing that studies share: who holds each value, and which values are alike."""

    name: str
    holders: Sequence[frozenset[int]]
    alike: Mapping[int, set[int]]


def find_leaks(studies: Iterable[Fingerprint], options: DuplicateOptions, few: AbstractSet[str] = frozenset()) -> Leaks:
    """Find what must be withheld so that nothing crosses, beside `few`, the studies of persons who are too few.

    The order of `studies` changes nothing.

    Withholding can make a template of six patients one of five, so that it counts; hence it is done until nothing more
    is found.
    """
    held = sorted(studies, key=lambda each: each.study_key)
    kinds = _kinds(held, options)
    withheld = {place: Reason.RARE_COMBINATION for place, each in enumerate(held) if each.study_key in few}
    withheld |= dict.fromkeys(_known(held, options), Reason.IN_BENCHMARK)
    while crossing := _crossing(held, kinds, withheld.keys()):
        withheld |= dict.fromkeys(_weaker(held, crossing), Reason.ACROSS_SPLITS)
    reasons = {held[place].study_key: withheld[place] for place in sorted(withheld)}
    return Leaks(reasons, _ledger(held, kinds, withheld, options))


def _kinds(held: Sequence[Fingerprint], options: DuplicateOptions) -> list[_Kind]:
    images = ((value, place) for place, each in enumerate(held) for value in each.hashes if value != BLANK)
    texts = ((each.report, place) for place, each in enumerate(held))
    return [
        _kind("images", images, lambda values: like_images(values, options.image_bits)),
        _kind("reports", texts, lambda values: like_texts(values, options.report_similarity)),
    ]


def _kind(name: str, items: Iterable[tuple[str, int]], like: Callable[[Sequence[str]], Iterator[Pair]]) -> _Kind:
    holders: dict[str, set[int]] = defaultdict(set)
    for value, place in items:
        holders[value].add(place)
    values = sorted(holders)
    return _Kind(name, [frozenset(holders.pop(value)) for value in values], groups(like(values)))


def _crossing(held: Sequence[Fingerprint], kinds: Sequence[_Kind], gone: AbstractSet[int]) -> set[tuple[int, int]]:
    """Pairs of studies in different splits that are alike, the one to be kept first."""
    pairs = (pair for kind in kinds for pair in _pairs(held, kind, gone))
    ranked = (sorted(pair, key=lambda place: _RANK[held[place].split]) for pair in pairs)
    return {(one, other) for one, other in ranked if held[one].split != held[other].split}


def _pairs(held: Sequence[Fingerprint], kind: _Kind, gone: AbstractSet[int]) -> Iterator[tuple[int, int]]:
    """Studies that share a value or have like ones, unless so many patients do that it is a template."""
    for place, holders in enumerate(kind.holders):
        own = holders - gone
        near = own.union(*(kind.holders[each] for each in kind.alike.get(place, ()))) - gone
        for others in (own, near):
            if own and not _is_template(held, others):
                yield from ((one, other) for one in own for other in others)


def _is_template(held: Sequence[Fingerprint], holders: Iterable[int]) -> bool:
    return len({held[place].patient_key for place in holders}) > TEMPLATE


def _weaker(held: Sequence[Fingerprint], crossing: Iterable[tuple[int, int]]) -> set[int]:
    """The studies to withhold: those like a test study, then those like a validation study that stays."""
    gone: set[int] = set()
    for split in ("test", "validation"):
        gone |= {other for one, other in crossing if held[one].split == split and one not in gone}
    return gone


def _known(held: Sequence[Fingerprint], options: DuplicateOptions) -> set[int]:
    """Studies with an image like one of the benchmark, or with the words of one of its reports."""
    listed = [entry.partition(":") for entry in options.benchmark]
    texts = {value for kind, _, value in listed if kind == "text"}
    images = [value for kind, _, value in listed if kind == "image"]
    own = [(value, place) for place, each in enumerate(held) for value in each.hashes]
    alike = like_images([*(value for value, _ in own), *images], options.image_bits) if images else ()
    found = {own[one][1] for one, other in alike if one < len(own) <= other}
    return found | {place for place, each in enumerate(held) if texts and text_fingerprint(each.report) in texts}


def _ledger(
    held: Sequence[Fingerprint], kinds: Sequence[_Kind], withheld: Mapping[int, Reason], options: DuplicateOptions
) -> dict[str, Any]:
    """What was compared and what came of it; `left` is counted anew after everything was withheld."""
    kept = [each for place, each in enumerate(held) if place not in withheld]
    reasons = Counter(reason.value for reason in withheld.values())
    return {
        "method": {
            "image_bits": options.image_bits,
            "report_similarity": options.report_similarity,
            "template_patients": TEMPLATE,
        },
        "patients": {split: len({each.patient_key for each in kept if each.split == split}) for split in SPLITS},
        "patients_in_two_splits": _in_two_splits(kept),
        "compared": {kind.name: len(kind.holders) for kind in kinds},
        "templates": {kind.name: _templates(held, kind) for kind in kinds},
        "pairs_across_splits": {
            "found": len(_crossing(held, kinds, frozenset())),
            "left": len(_crossing(held, kinds, withheld.keys())),
        },
        "withheld": {reason.value: reasons[reason.value] for reason in (Reason.ACROSS_SPLITS, Reason.IN_BENCHMARK)},
        "benchmark": {"entries": len(options.benchmark), "sha256": _digest(options.benchmark)},
    }


def _in_two_splits(held: Iterable[Fingerprint]) -> int:
    splits: dict[str, set[str]] = defaultdict(set)
    for each in held:
        splits[each.patient_key].add(each.split)
    return sum(len(each) > 1 for each in splits.values())


def _templates(held: Sequence[Fingerprint], kind: _Kind) -> int:
    return sum(_is_template(held, holders) for holders in kind.holders)


def _digest(entries: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()
