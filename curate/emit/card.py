"""The dataset card: README.md of a release, which `datasets.load_dataset` and people read."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from curate import contracts
from curate.emit.plots import write_plots
from curate.emit.splits import SPLITS
from curate.emit.statistics import sections_of
from curate.emit.tables import counts_table, present, shown, table, text
from curate.emit.tasks import TEXT_ONLY

Facts = Mapping[str, Any]

# What a profile option (DICOM PS3.16, CID 7050) means for who trains on the data: with it, and without it.
_OPTIONS = (
    ("113107", "Dates were moved by an offset that is the same for all studies of a patient: intervals are true.", ""),
    ("113106", "Dates are the true ones.", ""),
    ("113105", "Descriptions in the headers were cleaned like the reports.", ""),
    ("113108", "Sex and age are kept where they were known; high ages are capped.", "Sex and age were removed."),
    ("113110", "UIDs in the headers are the true ones.", "UIDs were replaced, and references between them kept."),
)
_LIMITS = (
    "The data are pseudonymised and stay personal data: use them for the purpose and under the terms they came with.",
    "Do not try to find out who a patient is. Images of the body can identify a person even without a name.",
    "Recognition of names in free text is not perfect. Whoever finds an identifier that was missed should report it to "
    "the institution that gave the data.",
    "Images are renderings for training, resampled and windowed as `image_meta` says; they are no use in care.",
    "Reports are as they were written for care. What they do not mention is not thereby absent.",
)


def write_card(facts: Facts, path: Path) -> None:
    """Write the card and its plots beside it; equal facts give equal bytes, whatever their order.

    facts, of those that `curate.release.facts_of` makes: run {version, policy_digest, contracts {table: version},
    profile_codes}, counts.published {patients, studies, images}, splits {split: studies}, modalities
    {modality: studies}, sections {section: studies that have it}. Counts from 1 to 4 are shown as "<5".
    """
    blocks = [
        _front_matter(facts["splits"], facts.get("tasks", {})),
        "# Radiology studies: images and reports",
        _summary(facts["counts"]["published"]),
        "## Load it",
        _example(facts["splits"]),
        "## What is in it",
        _tables(facts),
        write_plots(facts, path.parent / "plots"),
        *sections_of(facts),
        "## Fields",
        _fields(facts["run"]["contracts"]),
        "## How it was de-identified",
        _deidentified(facts["run"]),
        "## Methods, to be cited",
        _methods(facts["run"]),
        "## Limits",
        _bullets(_LIMITS),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _methods(run: Facts) -> str:
    """A paragraph for a paper, of what this release was made by."""
    codes = ", ".join(text(code) for code in sorted(run["profile_codes"]))
    return (
        f"Images and reports were curated with radcurate {text(run['version'])} (policy {text(run['policy_digest'])}). "
        f"DICOM headers were de-identified after PS3.15 Annex E (profile and options, CID 7050: {codes}), burned-in "
        "text was found by a text detector and blacked out, and identifiers in reports were replaced by keyed "
        "surrogates. Studies whose findings, measurements, numbers or sides would change were left out. Splits are by "
        "patient. Every table was held to its contract and to Great Expectations suites before it was published."
    )


def _front_matter(splits: Mapping[str, int], tasks: Mapping[str, Mapping[str, int]]) -> str:
    """YAML that tells `load_dataset` where the files of each split are; JSON strings are YAML strings.

    The reports of the studies are the default configuration, and each further task is one of its own.
    """
    lines = ["---", 'pretty_name: "Radiology studies: images and reports"', "task_categories:", "- image-text-to-text"]
    lines += ["tags:", "- medical", "- radiology", "configs:", *_configuration("default", "data", splits)]
    for task in sorted(tasks):
        folder = f"{'texts' if task in TEXT_ONLY else 'tasks'}/{task}/data"
        lines += _configuration(task, folder, tasks[task])
    return "\n".join([*lines, "---"])


def _configuration(name: str, folder: str, splits: Mapping[str, int]) -> list[str]:
    files = [f"  - split: {each}\n    path: {json.dumps(f'{folder}/{each}/*.parquet')}" for each in present(splits)]
    return [f"- config_name: {name}", "  data_files:", *files]


def _summary(published: Mapping[str, int]) -> str:
    patients, studies, images = (shown([published[name]])[0] for name in ("patients", "studies", "images"))
    return (
        f"{studies} radiology studies of {patients} patients with {images} images. A row is one study: its images as "
        "lossless PNG, its one de-identified report, the sections of that report, and the same text as chat messages."
    )


def _example(splits: Mapping[str, int]) -> str:
    split = next(iter(present(splits)), "train")
    return "\n".join(
        [
            "```python",
            "from datasets import load_dataset",
            'release = load_dataset("path/to/release")',
            f'study = release["{split}"][0]',
            'study["images"][0].show()',
            'print(study["report"])',
            "```",
            "",
            "`messages` suits TRL, ms-swift and Axolotl, `conversations` LLaMA-Factory, `messages_flat` verl.",
        ]
    )


def _tables(facts: Facts) -> str:
    """Counts of studies by split, modality and section."""
    order = [*present(facts["splits"]), *sorted(set(facts["splits"]) - set(SPLITS))]
    splits = [(each, facts["splits"][each]) for each in order]
    parts = [
        "All studies of a patient are in one split.",
        counts_table("Split", splits),
        "A study with two modalities counts in both.",
        counts_table("Modality", sorted(facts["modalities"].items())),
        "Studies whose report has the section:",
        counts_table("Section", sorted(facts["sections"].items()), parts=False),
    ]
    return "\n\n".join(parts)


def _fields(versions: Mapping[str, str]) -> str:
    """The fields of the table, from its contract; `a.b` is a field of a struct, `a[]` the elements of a list."""
    contract = contracts.load("image_text")
    rows = [row for field in contract.fields for row in _field_rows(field, "")]
    version = text(versions.get(contract.name, contract.version))
    intro = (
        f"Contract `{contract.name}` {version}, in `schemas/{contract.name}.json`. "
        "`a.b` is a field of `a`, `a[]` each element of `a`."
    )
    return f"{intro}\n\n{table(('Field', 'Type', 'Unit', 'What it is', 'From'), rows)}"


def _field_rows(field: Facts, prefix: str) -> Iterator[tuple[str, ...]]:
    name = f"{prefix}{field['name']}"
    kind = f"{_kind(field)}, may be null" if field.get("nullable") else _kind(field)
    yield f"`{name}`", kind, field.get("unit", ""), text(field.get("doc", "")), text(field.get("origin", ""))
    yield from (row for inner, path in _inside(field, name) for row in _field_rows(inner, path))


def _inside(field: Facts, name: str) -> Iterator[tuple[Facts, str]]:
    """The fields of a struct or of the structs of a list, and the prefix of their names."""
    items = field.get("items")
    owner, path = (items, f"{name}[].") if isinstance(items, Mapping) else (field, f"{name}.")
    yield from ((each, path) for each in owner.get("fields", ()))


def _kind(field: Facts) -> str:
    if field["type"] != "list":
        return str(field["type"])
    items = field["items"]
    return f"list of {items if isinstance(items, str) else items['type']}"


def _deidentified(run: Facts) -> str:
    codes = set(run["profile_codes"])
    told = [present if code in codes else absent for code, present, absent in _OPTIONS]
    steps = [
        "Headers were built anew after the Basic Application Level Confidentiality Profile of DICOM PS3.15, with the "
        f"options {', '.join(f'`{text(code)}`' for code in sorted(codes))} (PS3.16, CID 7050).",
        "Names, numbers, dates, addresses and institutions in reports were replaced: those that the headers of the "
        "patient name, and those that rules and a language model recognise.",
        "Text that was found burned into the pixels was blacked out.",
        *filter(None, told),
        "What was about to go out was searched for every known identifier of its patient. The journal in `journal/` "
        "says what was done to each study, and `compliance/report.html` sums it up.",
        f"Made by radcurate {text(run['version'])} under the policy with SHA-256 `{text(run['policy_digest'])}`.",
    ]
    return _bullets(steps)


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {each}" for each in sentences)
