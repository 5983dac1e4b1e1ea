"""The options that a policy holds, section by section, with their defaults."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """Options of the Basic Application Level Confidentiality Profile (PS3.15 Table E.1-1), and the two dates modes.

    `dates` is "modified" (Retain Longitudinal Temporal Information with Modified Dates), "full" or "remove".
    """

    retain_uids: bool = False
    retain_safe_private: bool = True
    retain_device_identity: bool = False
    retain_institution_identity: bool = False
    retain_patient_characteristics: bool = True
    dates: Literal["modified", "full", "remove"] = "modified"
    clean_descriptors: bool = True
    clean_structured_content: bool = True
    clean_graphics: bool = True
    age_cap: int = 90
    uid_root: str = "2.25"


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How reports are scrubbed. `threshold` is the lowest score of a recogniser that counts.

    What was replaced with a score under `review_below` stands in the journal with its place, for people to look at.

    `model` guesses beside the rules: "tagger", the project's own, in all four languages; an installed spaCy pipeline,
    by its name, in English; "none" leaves rules and known identifiers alone.

    Each report is read by the rules of its own language when that is one of `languages`, by those of `language` when it
    is too short to tell. A report in another language is quarantined, or treated as one in `language`.
    """

    language: Literal["en", "en-GB", "de", "fr", "es"] = "en"  # en-GB: the day first
    languages: tuple[Literal["en", "de", "fr", "es"], ...] = ("en", "de", "fr", "es")
    unsupported: Literal["quarantine", "treat_as"] = "quarantine"
    model: str = "tagger"
    threshold: float = 0.1
    review_below: float = 0.6
    replacement: Literal["surrogate", "placeholder"] = "surrogate"


@dataclass(frozen=True, slots=True)
class PixelOptions:
    """How burned-in text is found and what of it is removed. `longest_side` is the detector's input, in pixels.

    `glance`: probability of text from which a place is given to the detector; 0 gives it whole images.
    `second_look`: which part of the images that were called clean is looked at again in another form. `faces`: CT, MR
    and PET of heads in slices thin enough to compute a face from are kept out of DICOM output, with single slices of
    them in rows ("withhold"); their face is cut away where that can be done ("deface"); or they go out ("keep").
    """

    remove: Literal["all_text", "all_but_allowed", "identifiers"] = "all_text"
    longest_side: int = 1920
    score: float = 0.4
    glance: float = 0.07
    second_look: float = 0.02
    faces: Literal["withhold", "deface", "keep"] = "withhold"


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What a row holds. Of more images than `images_per_study`, key images come first, then evenly spaced ones.

    `bits` of grey images: 8 after the window that they are displayed with, or 16 over all values that the instance can
    hold, without a window. Colour has 8. The common trainers clip 16 bits: such a release is for loaders of your own.

    shard_bytes: source bytes that a shard holds at most, unless they are of one patient; most hold half of it or more.
    A shard is one task, and is made anew where a patient of it is new: give less where an archive is small beside the
    number of workers, or grows every day.
    """

    images_per_study: int = 16
    frames_per_instance: int = 3
    longest_side: int = 1024
    bits: Literal[8, 16] = 8
    row_group_rows: int = 64
    shard_bytes: int = 500_000_000
    prompt: str = "Describe the findings of this study and give the impression."


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """Parts per hundred of the patients that go to validation and test; the rest trains."""

    validation: int = 5
    test: int = 5
    salt: str = "split/1"


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """The columns of tables of reports (CSV, Parquet, JSON Lines) by their names there.

    Empty: the usual names are tried (curate/sources/tables.py). `sections` are columns that make up the text in this
    order, each under its name as a header; `names` and `ids` are further columns that identify.
    """

    text: str = ""
    sections: tuple[str, ...] = ()
    patient_id: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""
    order_number: str = ""
    issued: str = ""
    performed: str = ""
    modality: str = ""
    procedure: str = ""
    status: str = ""
    document: str = ""
    version: str = ""
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How what comes in is read.

    `documents`: take SR documents and encapsulated PDF and CDA among the instances for reports too.
    `opt_out`: path of the list of patients who are left out, one PatientID a line, after a tab its issuer; it must not
    be older than `opt_out_max_age_days`, 0 for any age.
    """

    columns: ColumnOptions = field(default_factory=ColumnOptions)
    documents: bool = True
    opt_out: str = ""
    opt_out_max_age_days: int = 30


@dataclass(frozen=True, slots=True)
class PairingOptions:
    """Which reports are joined, and how.

    `by_patient_and_date`: join a report that no number joins to the one study of its patient within `days` whose
    modality and body part it names. `preliminary`: take a report that nobody has signed when there is no other.
    """

    by_patient_and_date: bool = False
    days: int = 3
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """Further tasks that are made of each study, beside its report from its images (`curate.emit.tasks`)."""

    names: tuple[Literal["impression", "prior", "views", "series", "questions"], ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicateOptions:
    """What counts as a copy, which must not stand in two splits.

    image_bits: up to how many of the 256 bits of their perceptual hashes two images are alike (0 to 31).
    report_similarity: from which part of their five-word shingles two reports are alike.
    benchmark: what is kept out of every split: "image:" and a perceptual hash, or "text:" and a text fingerprint, of 64
    hexadecimal digits each (`curate.emit.duplicates`).
    """

    image_bits: int = 24
    report_similarity: float = 0.9
    benchmark: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityOptions:
    """What a study must have to be in the release; whatever is kept out for it is counted under its reason.

    image_side: shortest side of an image before resampling, in pixels. blank_images: whether images without structure
    are taken. report_words: words of the text that a model learns to write. body_parts: defined terms of
    BodyPartExamined (0018,0015) that are taken, with images that name none; empty takes all.
    """

    image_side: int = 16
    blank_images: bool = False
    report_words: int = 1
    body_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskOptions:
    """Which columns together could single a person out, and how many persons must share them.

    age_band: years that count as one age; with `generalise` the column patient_age holds the first year of the band,
    and the reports still say what they say. Persons whose values fewer than `k` share, themselves counted, are kept
    out of the release; 1 keeps nobody out and only measures.
    """

    quasi_identifiers: tuple[Literal["sex", "age", "modality", "body_part"], ...] = ("sex", "age")
    age_band: int = 10
    generalise: bool = False
    k: int = 1


@dataclass(frozen=True, slots=True)
class GovernanceOptions:
    """Who answers for a release, and on what footing: the words of the report, and of nothing else.

    controller, purpose, recipient, transfers (to third countries) and retention are those of Regulation (EU) 2016/679
    Article 30(1) (a), (b), (d), (e) and (f); legal_basis is that of Articles 6 and 9. mandatory: which of them must be
    stated before a run begins. language: that of the report, the Data Docs and the pages of a review.
    """

    controller: str = ""
    purpose: str = ""
    legal_basis: str = ""
    recipient: str = ""
    transfers: str = ""
    retention: str = ""
    mandatory: tuple[Literal["controller", "purpose", "legal_basis", "recipient", "transfers", "retention"], ...] = ()
    language: Literal["en", "de"] = "en"


@dataclass(frozen=True, slots=True)
class RetentionOptions:
    """For how many days each zone of a workspace, and a release, may lie after its newest file; 0 is without limit.

    spool: what a PACS or server delivered; catalog: indexes of the source and what was refused; maps: uid_map.csv and
    patient_map.csv; staging: committed shards; reviews: samples for people.
    """

    spool_days: int = 90
    catalog_days: int = 365
    maps_days: int = 365
    staging_days: int = 180
    reviews_days: int = 365
    release_days: int = 0


@dataclass(frozen=True, slots=True)
class DomainOptions:
    """Whom a release is for: each domain has keys of its own, and shares no surrogate with another (ADR 0008).

    With none of recipient, project and version stated, and without secrets, keys are those of the workspace. A new
    version rotates them. `patient_secrets`: draw a secret for each patient, whose deletion unlinks that patient alone;
    the same key then gives the same bytes in the same workspace only.

    `locate` allows `curate locate` to say where a patient or a pseudonym is; `reidentify`, whose pseudonym it is.
    """

    recipient: str = ""
    project: str = ""
    version: int = 1
    patient_secrets: bool = False
    locate: bool = False
    reidentify: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a file must keep before anything is allocated for it. Sizes in bytes; pixels per instance.

    `report_bytes` bounds the text of one report, `document_bytes` what must be held whole to find it: a PDF, a FHIR
    Bundle, an HL7 message, a row of a table.
    """

    file_bytes: int = 4_000_000_000
    inflated_bytes: int = 500_000_000
    pixels: int = 500_000_000
    nesting: int = 64
    report_bytes: int = 10_000_000
    document_bytes: int = 100_000_000
