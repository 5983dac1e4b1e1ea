"""The records that travel between stages. All are frozen; none shows a value in its `repr`.

`Raw…` may hold identifiers and never leaves the process that read it; `Clean…` is what a stage built from
nothing and what `curate.emit` accepts. The type checker is the first privacy check.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom import Dataset

Spread = Callable[..., Iterable[Any]]  # as `map`: calls a function with each of some arguments, here or elsewhere


class _Silent:
    """Shows the type only: values of these records must not reach logs, exceptions or dashboards."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class IdentifierKind(StrEnum):
    """What a known identifier is; decides how it is matched and what replaces it."""

    NAME = "name"  # a person: patient, relative, physician, operator
    ID = "id"  # MRN, accession number, order number, serial number
    DATE = "date"  # YYYYMMDD
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    INSTITUTION = "institution"
    UID = "uid"


@dataclass(frozen=True, slots=True, repr=False)
class Identifier(_Silent):
    """One identifier of a patient, as it stands in the source (names as DICOM PN component groups)."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A set of whole patients that is curated in one task. Only opaque values.

    prefix: the bits that the keyed patient pseudonyms begin with; digest: SHA-256 of everything that decides its bytes.
    """

    prefix: str
    digest: str
    patients: int
    instances: int
    bytes: int

    @property
    def name(self) -> str:
        """What its files and its task are called."""
        return f"shard-{self.prefix or 'all'}"


@dataclass(frozen=True, slots=True, repr=False)
class RawInstance(_Silent):
    """One SOP Instance as read. `key` is its opaque id; `dataset` includes file meta."""

    key: str
    dataset: "Dataset"


@dataclass(frozen=True, slots=True, repr=False)
class RawHeader(_Silent):
    """What the catalog takes from the header of one instance.

    `values`: attributes by keyword, without padding, empty where absent. `orders`: the numbers of its orders, sorted.
    `identifiers`: every identifier in it, at any depth, sorted by kind and value.
    """

    values: Mapping[str, str]
    orders: tuple[str, ...]
    has_pixels: bool
    identifiers: tuple[Identifier, ...]


class ReportStatus(StrEnum):
    """How far a report has come; HL7 table 0123, FHIR DiagnosticReport.status and DICOM flags are mapped to these."""

    PRELIMINARY = "preliminary"  # not signed: nobody answers for it yet
    FINAL = "final"
    AMENDED = "amended"  # replaces what was final
    ADDENDUM = "addendum"  # adds to what was final, which stays
    WITHDRAWN = "withdrawn"  # cancelled, or sent for another patient


@dataclass(frozen=True, slots=True, repr=False)
class RawReport(_Silent):
    """One report as read. Empty where the source says nothing.

    `file_name` is the stem of the file it alone fills, else empty: hospitals name such files by accession number.
    `issued` is the date of the report, `performed` that of the examination; `procedure` names body part or procedure.
    `document` is what all versions of one report share, `version` sorts them, `supersedes` names other documents.
    """

    key: str
    text: str
    file_name: str = ""
    patient_id: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""
    issued: date | None = None
    identifiers: tuple[Identifier, ...] = ()
    order_numbers: tuple[str, ...] = ()
    performed: date | None = None
    modality: str = ""
    procedure: str = ""
    status: ReportStatus = ReportStatus.FINAL
    document: str = ""
    version: str = ""
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of a text, in code points, with the label and the rule that found it; never the value."""

    start: int
    end: int
    label: str
    rule: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels: columns [left, right), rows [top, bottom), in frame `frame` (0-based)."""

    frame: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, repr=False)
class CleanInstance(_Silent):
    """One de-identified SOP Instance, built from nothing.

    `actions` counts (tag, action, rule) as the journal writes them.
    """

    key: str
    dataset: "Dataset"
    actions: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class CleanReport(_Silent):
    """One de-identified report: the text, its sections by name, the spans of the *input* that were replaced.

    `language` is an ISO 639-1 code.
    """

    key: str
    text: str
    sections: Mapping[str, str]
    spans: tuple[Span, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True, repr=False)
class CleanImage(_Silent):
    """One rendered image: lossless PNG, and its row of `image_meta` as schemas/image_text.json lays it out.

    pixels: what the PNG holds, (rows, columns) or (rows, columns, 3), until it was judged.
    """

    png: bytes
    meta: Mapping[str, Any]
    pixels: Any = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, repr=False)
class CleanStudy(_Silent):
    """One study ready to be emitted: `row` has the fields of schemas/image_text.json."""

    study_key: str
    patient_key: str
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that is not published: stage, reason and opaque id. `kind` is instance, report or study."""

    stage: str
    reason: str
    kind: str
    key: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class ShardSummary:
    """What a shard task returns: counts and opaque references, nothing else."""

    prefix: str
    studies: int
    instances: int
    reports: int
    images: int
    refusals: Mapping[str, int] = field(default_factory=dict)
