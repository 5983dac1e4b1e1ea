"""What the card says in numbers: population, labels, funnel, splits, quality and trainers. Small cells are hidden."""

from collections.abc import Iterator, Mapping
from typing import Any

from curate.emit.figures import interval
from curate.emit.tables import counts_table, shown, table, text

Facts = Mapping[str, Any]
_SMALL = 5  # studies: a share of fewer would point to them
_VALUES = ("positive", "uncertain", "negative")
_RIGHT = " ---: |"
_SPLITS = (
    "All studies of a patient are in one split, drawn by a keyed hash: a new patient moves nobody. Studies with like "
    "images or reports in two splits are withheld from the one that is used less for testing, unless so many patients "
    "share them that they are a template. `evidence/leaks.json` is the ledger."
)
_LABELS = (
    "Findings that the reports mention, read by rules with negation; the share is of positive studies, with its 95 % "
    "interval after Wilson. The same rules read each report before and after de-identification; a study of which they "
    "read anything else, or of which a measurement, a side or a number was changed, is quarantined."
)


def sections_of(facts: Facts) -> Iterator[str]:
    """The blocks of the card that are counted, of the facts that there are (see `curate.emit.figures`)."""
    if facts.get("population"):
        yield from ("## Who is in it", *_population(facts))
    if facts.get("labels"):
        yield from ("## What the reports say", _LABELS, _labels(facts), _flips(facts))
    if facts.get("leaks"):
        yield from ("## Splits", _SPLITS, _leaks(facts["leaks"]))
    if facts.get("funnel"):
        yield from ("## What was left out", "Instances by modality, and why they are not in the release:")
        yield _funnel(facts["funnel"]["instances"])
    if facts.get("quality"):
        yield from ("## Quality", "Studies that pass each check of `quality`:")
        yield counts_table("Check", sorted(facts["quality"].items()), parts=False)
    if facts.get("deid"):
        yield from ("## De-identification by modality", _deid(facts["deid"]))
    if facts.get("trainers"):
        yield from ("## Trainers", _trainers(facts), _tasks(facts.get("tasks", {})))


def _population(facts: Facts) -> Iterator[str]:
    for name, counts in facts["population"].items():
        yield counts_table(name.replace("_", " ").capitalize(), sorted(counts.items()))
    if facts.get("risk"):
        yield _risk(facts["risk"])


def _risk(risk: Facts) -> str:
    """How many persons share what the columns say of one; small counts are hidden, as everywhere in the card."""
    options, after = risk["options"], risk["after"]
    names = " and ".join(each.replace("_", " ") for each in options["quasi_identifiers"])
    smallest, few = shown([after["smallest"]], parts=False)[0], shown([after["below"]["5"]], parts=False)[0]
    return (
        f"At least {smallest} persons share each combination of {names} (ages by {options['age_band']} years); "
        f"{few} persons share theirs with fewer than 5. Ages in the rows are {_ages(options)}."
    )


def _ages(options: Facts) -> str:
    return f"the first year of a band of {options['age_band']}" if options["generalise"] else "in years"


def _labels(facts: Facts) -> str:
    studies = facts["counts"]["published"]["studies"]
    rows = []
    for name, found in facts["labels"].items():
        counts = [found.get(value, 0) for value in _VALUES]
        low, high = interval(counts[0], studies)
        share = f"{low:.1%} to {high:.1%}" if counts[0] >= _SMALL or not counts[0] else "not shown"
        rows.append((text(name), *shown(counts, parts=False), share))
    return table(("Finding", *(value.capitalize() for value in _VALUES), "Positive share"), rows, align=_RIGHT)


def _flips(facts: Facts) -> str:
    """Flips per 1,000 of the studies that were published or quarantined for one."""
    flips = facts.get("funnel", {}).get("studies", {}).get("label_changed", 0)
    studies = flips + facts["counts"]["published"]["studies"]
    rate = f"{1000 * flips / max(1, studies):.1f} of 1,000 studies"
    return f"De-identification would have changed what the report says in {rate}; none of them is in the release."


def _leaks(ledger: Facts) -> str:
    pairs, withheld = ledger["pairs_across_splits"], sum(ledger["withheld"].values())
    rows = [
        ("Patients in two splits", str(ledger["patients_in_two_splits"])),
        ("Different images compared", f"{ledger['compared']['images']:,}"),
        ("Different reports compared", f"{ledger['compared']['reports']:,}"),
        ("Pairs of like studies found across splits", *shown([pairs["found"]])),
        ("Studies withheld for them, or as part of a benchmark", *shown([withheld])),
        ("Pairs left", str(pairs["left"])),
        ("Templates among images and reports", f"{ledger['templates']['images']} and {ledger['templates']['reports']}"),
        ("Entries of the list of benchmarks", f"{ledger['benchmark']['entries']:,}"),
    ]
    return table(("Ledger", "Number"), rows, align=_RIGHT)


def _funnel(instances: Mapping[str, Any]) -> str:
    reasons = sorted({reason for each in instances.values() for reason in each["refused"]})
    rows = []
    for name, each in instances.items():
        refused = [each["refused"].get(reason, 0) for reason in reasons]
        rows.append((text(name), *shown([each["in"]]), *shown([*refused, each["in"] - sum(refused)])))
    return table(("Modality", "Came in", *map(text, reasons), "Published"), rows, align=_RIGHT)


def _deid(groups: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        (text(name), *shown([each["studies"]]), *(_mean(each, part) for part in ("spans", "boxes")))
        for name, each in groups.items()
    ]
    return table(("Modality", "Studies", "Spans a report", "Rectangles a study"), rows, align=_RIGHT)


def _mean(group: Mapping[str, int], part: str) -> str:
    return f"{group[part] / group['studies']:.1f}" if group["studies"] >= _SMALL else "not shown"


def _trainers(facts: Facts) -> str:
    """Which trainer takes how many of the studies as they are, by its own rules."""
    studies = facts["counts"]["published"]["studies"]
    rows = [(name, f"{taken / max(1, studies):.0%}") for name, taken in facts["trainers"].items()]
    return table(("Trainer", "Rows it takes as they are"), rows, align=_RIGHT)


def _tasks(tasks: Mapping[str, Mapping[str, int]]) -> str:
    if not tasks:
        return "Axolotl fills the first image of a row only; the others take every image."
    rows = [(f"`{name}`", *shown([sum(counts.values())])) for name, counts in tasks.items()]
    return "Further tasks, each a configuration of its own:\n\n" + table(("Task", "Rows"), rows, align=_RIGHT)
