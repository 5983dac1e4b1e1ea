"""Every stage in order: the page to read first.

    read -> known identifiers -> burned-in text -> header -> report -> images -> row -> residue

Pixels are inspected before the header is scrubbed, because the header says what to look for. A stage reads raw and
builds clean from nothing; what is refused costs only itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate import __version__, contracts
from curate.attribution import Papers, gather
from curate.emit.labels import hold_labels
from curate.emit.quality import hold_report, quality_columns
from curate.emit.risk import banded
from curate.emit.rows import image_columns, text_columns
from curate.emit.splits import split_of
from curate.errors import Reason, Rejected
from curate.instance import Part, Patient, Rules, clean_instance, place_of, write_instance
from curate.journal import Journal
from curate.key_images import marked
from curate.pictures import pictures_of
from curate.pixels.faces import APART, slices_of
from curate.pixels.render import select_frames
from curate.policy import Policy, RiskOptions
from curate.records import CleanImage, CleanInstance, CleanReport, CleanStudy, RawReport, Refusal
from curate.sources.source import Source
from curate.text.recognize import is_only_a_term
from curate.text.replacement import form_of
from curate.text.sections import split_sections

if TYPE_CHECKING:
    from pydicom import Dataset

Row = Mapping[str, Any]
# Storage classes with pixels that are no pictures: Segmentation, Parametric Map, RT Dose, Surface and Label Map.
_NOT_PICTURES = ("1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.30", "1.2.840.10008.5.1.4.1.1.481.2")


@dataclass(frozen=True, slots=True, repr=False)
class Study:
    """One raw study: rows of the catalog, read when their turn comes, instances from `source`, reports by `papers`."""

    source: Source
    papers: Papers
    study_uid: str
    instances: Sequence[Row]
    reports: Sequence[Row]


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """What a row is made of: one report, its row of the catalog, and the images of clean instances."""

    report: CleanReport
    joined: Row
    images: Sequence[CleanImage]
    clean: Sequence[CleanInstance]


@dataclass(slots=True, repr=False)
class Outcome:
    """What became of one study. `clean` is None when it was refused; `published` are kind and key of what it holds."""

    clean: CleanStudy | None = None
    journal: Journal = field(default_factory=Journal)
    refusals: list[Refusal] = field(default_factory=list)
    published_instances: int = 0
    published: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, stage: str, kind: str, key: str, refused: Rejected) -> None:
        """Note that one item is not published."""
        self.refusals.append(Refusal(stage, refused.reason.value, kind, key, refused.where))


def curate_study(study: Study, patient: Patient, rules: Rules, dicom_out: Path | None = None) -> Outcome:
    """Take one study through every stage. A refusal of the study refuses each of its instances and reports."""
    outcome = Outcome()
    study_key = patient.surrogates.opaque("study", study.study_uid)
    try:
        report, joined = _report_of(study, patient, rules, outcome)
        images, clean = _images_of(study, patient, rules, outcome, dicom_out)
        outcome.clean = _row(study_key, patient, rules, Parts(report, joined, images, clean))
        outcome.published = _untold(study, outcome)
    except Rejected as refused:
        _refuse_study(study, study_key, refused, outcome)
    return outcome


def _report_of(study: Study, patient: Patient, rules: Rules, outcome: Outcome) -> tuple[CleanReport, Row]:
    """The one de-identified report of a study with its addenda, and the row that says what joined it."""
    whole = gather(study.papers, study.reports)
    for row in whole.copies:
        outcome.refuse("pairing", "report", row["key"], Rejected(Reason.DUPLICATE))
    outcome.journal.note("pairing", whole.row["evidence"], "join", "pairing")
    return scrub_report(whole.report, patient, rules, outcome.journal), whole.row


def scrub_report(report: RawReport, patient: Patient, rules: Rules, journal: Journal) -> CleanReport:
    """Scrub one report and search it for residue."""
    scrubbed = rules.scrubber.scrub([report.text], patient.surrogates, patient.known)[0]
    for span, (start, end) in zip(scrubbed.spans, scrubbed.places, strict=True):
        journal.note("text", span.label, "replace", span.rule)
        if form := form_of(scrubbed.text[start:end]):
            journal.note("text", span.label, "mark", form)
        if span.score < rules.policy.text.review_below:
            journal.note("text", span.label, "review", f"{span.rule}, {start}-{end}")
    if not scrubbed.text.strip():
        raise Rejected(Reason.REPORT_EMPTY)
    is_term = partial(is_only_a_term, language=scrubbed.language[:2])
    patient.residue.search_text(scrubbed.text, report.text, "report", is_term)
    sections = split_sections(scrubbed.text)
    clean = CleanReport(report.key, scrubbed.text, sections, scrubbed.spans, scrubbed.language[:2])
    hold_labels(report.text, clean)
    hold_report(clean, rules.policy.quality)
    return clean


def _images_of(
    study: Study, patient: Patient, rules: Rules, outcome: Outcome, dicom_out: Path | None
) -> tuple[list[CleanImage], list[CleanInstance]]:
    """The rendered images of a study; an instance that cannot be made safe costs only itself."""
    images: list[CleanImage] = []
    clean: list[CleanInstance] = []
    slices = slices_of(study.instances)
    for row, apart, frames in _parts(study, rules, outcome, every=dicom_out is not None):
        part = Part(slices[row["series_uid"]], None if dicom_out else frames)
        try:
            cleaned = clean_instance(study.source, row, patient, rules, part)
            shown = is_picture(row) and len(images) < rules.policy.output.images_per_study
            if cleaned.withheld and not (shown and apart):
                raise Rejected(Reason.RECOGNIZABLE_FACE)  # noqa: TRY301
            if dicom_out and not cleaned.withheld:
                write_instance(cleaned, place_of(dicom_out, cleaned.made.key))
            if shown and cleaned.frames is not None:
                images += pictures_of(cleaned, rules, min(frames, APART) if cleaned.withheld else frames)
        except Rejected as refused:
            outcome.refuse("instance", "instance", row["key"], refused)
            continue
        cleaned.note(outcome.journal)
        clean.append(cleaned.made)
    if not images:
        raise Rejected(Reason.NO_USABLE_IMAGE)
    outcome.published_instances = len(clean)
    return images, clean


def _parts(study: Study, rules: Rules, outcome: Outcome, *, every: bool) -> Iterator[tuple[Row, bool, int]]:
    """The instances that are taken on, each with whether it stands apart in its series, and how many frames it gives.

    Of a head, no more slices than stand apart may go out: the others would fill in its surface.
    """
    output = rules.policy.output
    chosen = _chosen(study, rules.policy, outcome, every=every)
    frames = max(1, min(output.frames_per_instance, output.images_per_study // max(1, len(chosen))))
    total, seen = Counter(row["series_uid"] for row in chosen[: output.images_per_study]), Counter[str]()
    for row in chosen:
        step = max(1, -(-total[row["series_uid"]] // APART))
        yield row, seen[row["series_uid"]] % step == 0, frames
        seen[row["series_uid"]] += 1


def is_picture(row: Row) -> bool:
    """Whether an instance is a picture for a row, rather than a document, a plan or a map of labels."""
    return bool(row["has_pixels"]) and not row["sop_class"].startswith(_NOT_PICTURES)


def _chosen(study: Study, policy: Policy, outcome: Outcome, *, every: bool) -> list[Row]:
    """The instances that are taken on: key images first, then evenly spaced over the rest; all for DICOM out."""
    ordered = sorted(study.instances, key=lambda row: (row["series_uid"], row["instance_number"] or 0, row["sop_uid"]))
    pictures = [row for row in ordered if is_picture(row)]
    wanted = {row["key"] for row in _preferred(study, pictures, policy)}
    if every:
        return [
            *(row for row in ordered if row["key"] in wanted),
            *(row for row in ordered if row["key"] not in wanted),
        ]
    for row in ordered:
        if row["key"] not in wanted:
            reason = Reason.BEYOND_IMAGE_LIMIT if is_picture(row) else Reason.NOT_AN_IMAGE
            outcome.refuse("study", "instance", row["key"], Rejected(reason))
    return [row for row in ordered if row["key"] in wanted]


def _preferred(study: Study, pictures: Sequence[Row], policy: Policy) -> Sequence[Row]:
    """All where there is room; else what key objects name, and of the rest as many as fit, evenly spaced."""
    limit = policy.output.images_per_study
    if len(pictures) <= limit:
        return pictures
    names = marked(study.source, study.instances, policy.limits)
    keys = [row for row in pictures if row["sop_uid"] in names][:limit]
    rest = [row for row in pictures if row["sop_uid"] not in names]
    room = limit - len(keys)
    return keys + [rest[place] for place in (select_frames(len(rest), room) if room and rest else ())]


def _row(study_key: str, patient: Patient, rules: Rules, parts: Parts) -> CleanStudy:
    """One study as one row of schemas/image_text.json."""
    text, images = parts.report, parts.images
    row = {
        "sample_id": patient.surrogates.opaque("sample", study_key),
        "patient_key": patient.key,
        "study_key": study_key,
        "split": split_of(rules.key, patient.key, rules.policy.split),
        **_population(parts.clean[0].dataset, rules.policy.risk),
        **image_columns(images),
        **text_columns(text, len(images), rules.policy.output.prompt),
        "language": text.language,
        **quality_columns(text, images),
        "pairing": {name: parts.joined[name] for name in ("evidence", "grade")},
        "deid": {
            "profile": "+".join(sorted(rules.profile.codes())),
            "policy_digest": rules.policy.digest,
            "version": __version__,
            "spans": len(text.spans),
            "boxes": sum(image.meta["boxes"] for image in images),
        },
    }
    return CleanStudy(study_key, patient.key, {name: row[name] for name in contracts.load("image_text").columns})


def _population(dataset: "Dataset", options: RiskOptions) -> dict[str, Any]:
    """Sex, age or its band, and shifted date of a study from its de-identified header."""
    sex, age = str(dataset.get("PatientSex", None) or ""), str(dataset.get("PatientAge", None) or "")
    day = str(dataset.get("StudyDate", None) or "")
    years = int(age[:3]) if len(age) == 4 and age[:3].isdigit() and age.endswith("Y") else None
    if years is None and age[:3].isdigit() and age[3:] in {"D", "W", "M"}:
        years = 0
    return {
        "study_date": date(int(day[:4]), int(day[4:6]), int(day[6:8])) if len(day) == 8 and day.isdigit() else None,
        "patient_sex": sex if sex in {"F", "M", "O"} else None,
        "patient_age": banded(years, options) if options.generalise else years,
    }


def _refuse_study(study: Study, study_key: str, refused: Rejected, outcome: Outcome) -> None:
    """Quarantine a study: it, and each of its instances and reports that has no reason of its own yet."""
    outcome.clean, outcome.published_instances = None, 0
    outcome.refuse("study", "study", study_key, refused)
    for kind, key in _untold(study, outcome):
        outcome.refuse("study", kind, key, refused)


def _untold(study: Study, outcome: Outcome) -> list[tuple[str, str]]:
    """Kind and key of each instance and report of a study that was not refused."""
    told = {each.key for each in outcome.refusals}
    rows = (("instance", study.instances), ("report", study.reports))
    return [(kind, row["key"]) for kind, each in rows for row in each if row["key"] not in told]
