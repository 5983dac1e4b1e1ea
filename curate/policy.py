"""The policy: what to do, frozen, from TOML, named in every output by its digest."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, get_args, get_origin

from curate.errors import PolicyError, Problem
from curate.options import (
    ColumnOptions,
    DomainOptions,
    DuplicateOptions,
    GovernanceOptions,
    Limits,
    OutputOptions,
    PairingOptions,
    PixelOptions,
    ProfileOptions,
    QualityOptions,
    RetentionOptions,
    RiskOptions,
    SourceOptions,
    SplitOptions,
    TaskOptions,
    TextOptions,
)

__all__ = [
    "ColumnOptions",
    "DomainOptions",
    "DuplicateOptions",
    "GovernanceOptions",
    "Limits",
    "OutputOptions",
    "PairingOptions",
    "PixelOptions",
    "Policy",
    "ProfileOptions",
    "QualityOptions",
    "RetentionOptions",
    "RiskOptions",
    "SourceOptions",
    "SplitOptions",
    "TaskOptions",
    "TextOptions",
]


# They change no table; or, as the domain, change it by the key: a digest would let anybody try names of recipients.
_ASIDE = frozenset({"governance", "retention", "domain"})


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
    sources: SourceOptions = field(default_factory=SourceOptions)
    pairing: PairingOptions = field(default_factory=PairingOptions)
    duplicates: DuplicateOptions = field(default_factory=DuplicateOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tasks: TaskOptions = field(default_factory=TaskOptions)
    risk: RiskOptions = field(default_factory=RiskOptions)
    limits: Limits = field(default_factory=Limits)
    governance: GovernanceOptions = field(default_factory=GovernanceOptions)
    retention: RetentionOptions = field(default_factory=RetentionOptions)
    domain: DomainOptions = field(default_factory=DomainOptions)

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
        for setting in self.governance.mandatory:
            if not getattr(self.governance, setting).strip():
                raise PolicyError(Problem.POLICY_INCOMPLETE, f"governance.{setting}")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, as hexadecimal; without the sections that stand aside."""
        sections = {each.name: _canonical(getattr(self, each.name)) for each in fields(self) if each.name not in _ASIDE}
        canonical = json.dumps(sections, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(section: Any) -> dict[str, Any]:
    """The settings of a section, so that 1 and 1.0 are one number."""
    return {each.name: _plain(getattr(section, each.name), each.type) for each in fields(section)}


def _plain(value: Any, kind: Any) -> Any:
    if is_dataclass(kind):
        return _canonical(value)
    return float(value) if kind is float else value


def _unworkable(policy: Policy) -> Iterator[str]:
    """Settings whose value switches a safeguard off, or that no run can keep."""
    if not policy.split.validation + policy.split.test < 100:
        yield "split.validation + split.test"
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", policy.profile.uid_root) or len(policy.profile.uid_root) > 24:
        yield "profile.uid_root"  # a root longer than this leaves no room for 39 digits (PS3.5 section 9.1)
    if policy.text.language[:2] not in policy.text.languages:
        yield "text.languages"
    yield from _beyond_what_is_safe(policy)
    yield from _unworkable_duplicates(policy.duplicates)
    sections: dict[str, Any] = {
        "output": policy.output,
        "limits": policy.limits,
        "pixels": policy.pixels,
        "text": policy.text,
        "pairing": policy.pairing,
        "risk": policy.risk,
        "domain": policy.domain,
    }
    for name, section in sections.items():
        for setting, value in asdict(section).items():
            too_small = isinstance(value, int) and not isinstance(value, bool) and value < 1
            if too_small or (isinstance(value, float) and not 0 <= value <= 1):
                yield f"{name}.{setting}"


def _beyond_what_is_safe(policy: Policy) -> Iterator[str]:
    if policy.profile.age_cap > 90:
        yield "profile.age_cap"  # ages over 89 identify (45 CFR 164.514(b)(2)(i)(C))
    if policy.pixels.glance > 0.5:
        yield "pixels.glance"  # what is more likely text than not would not be looked at


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
    return make(**{key: _setting(value, known[key], f"{name}.{key}") for key, value in table.items()})


def _setting(value: Any, kind: Any, name: str) -> Any:
    """A TOML value as the annotated type: an integer may stand for a float, an array for a tuple."""
    if is_dataclass(kind):
        return _section(kind, name, value)
    return float(value) if kind is float else tuple(value) if get_origin(kind) is tuple else value


def _fits(value: object, kind: Any) -> bool:
    """Whether a TOML value is of the annotated type; numbers are never negative."""
    if is_dataclass(kind):
        return isinstance(value, Mapping)
    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, list | tuple) and all(_fits(each, get_args(kind)[0]) for each in value)
    if isinstance(kind, UnionType):
        return any(_fits(value, each) for each in get_args(kind))
    return _is_scalar(value, kind)


def _is_scalar(value: object, kind: Any) -> bool:
    """Whether a value is a text, a truth or a number that is not negative, as the annotation wants it."""
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if kind is float:
        return isinstance(value, int | float) and value >= 0
    return isinstance(value, kind) and not (kind is int and value < 0)
