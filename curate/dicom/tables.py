"""The tables of PS3.15 Annex E as data: read once, never interpreted here (see tables/README.md for their editions)."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydicom.sr._snomed_dict import mapping

OPTIONS = (
    "retain_safe_private", "retain_uids", "retain_device_identity", "retain_institution_identity",
    "retain_patient_characteristics", "retain_longitudinal_full_dates", "retain_longitudinal_modified_dates",
    "clean_descriptors", "clean_structured_content", "clean_graphics",
)  # fmt: skip
# PS3.16 section 8.1: designators of SNOMED RT, retired
_SNOMED_RT = frozenset({"SRT", "SNM3", "99SDM"})
_SAME_CONCEPT: Mapping[str, str] = mapping["SRT"]
_DATE_VRS = frozenset({"DA", "DT", "TM"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of Table E.1-1 or E.3.4-1: its key as printed, the basic action code, and the codes of options."""

    key: str
    name: str
    basic: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """What an attribute is for, where its VR does not say it (tables/beyond_the_table.csv)."""

    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class SafePrivate:
    """A private attribute known to be safe: its VR ("" where the table says none) and the table that says so."""

    vr: str
    source: str


@cache
def attributes() -> tuple[Row, ...]:
    """Table E.1-1, in the order of the standard; keys are "GGGGEEEE", "50xxxxxx", "60xx3000", "60xx4000", "PRIVATE"."""
    return tuple(_row(each["tag"], each["name"], each) for each in _read("ps315_2026d_table_E1-1.csv"))


@cache
def content_items() -> Mapping[tuple[str, str, str], Row]:
    """Table E.3.4-1 by (coding scheme designator, code value, value type) of the concept name."""
    rows = _read("ps315_2026d_table_E3.4-1_sr_content_items.csv")
    return {
        (each["scheme"], each["code"], each["value_type"]): _row(each["code"], each["meaning"], each) for each in rows
    }


def content_item(scheme: str, code: str, value_type: str) -> Row | None:
    """The row of a content item, under its own code or, for SNOMED RT, the SNOMED CT code of the same concept."""
    row = content_items().get((scheme, code, value_type))
    if row is None and scheme in _SNOMED_RT and code in _SAME_CONCEPT:
        row = content_items().get(("SCT", _SAME_CONCEPT[code], value_type))
    return row


@cache
def roles() -> Mapping[int, Role]:
    """Our own roles of attributes by tag."""
    return {int(each["tag"], 16): Role(each["role"], each["reason"]) for each in _read("beyond_the_table.csv")}


@cache
def safe_private() -> Mapping[tuple[str, int, int], SafePrivate]:
    """Safe private attributes by (creator, group, low byte of the element): Table E.3.10-1, then the TCIA base.

    Of the TCIA base only what it keeps as it is, hashes as a UID or shifts as a date can be done by VR; the rest is
    not taken over.
    """
    known: dict[tuple[str, int, int], SafePrivate] = {}
    for each in _read("tcia_private_tag_kb_20240201_kept.csv"):
        if _can_be_done(each["action"], each["vr"]):
            known[_private_key(each)] = SafePrivate(each["vr"], "TCIA KB 2024-02-01")
    for each in _read("ps315_table_E3.10-1_safe_private.csv"):
        known[_private_key(each)] = SafePrivate(each["vr"], "PS3.15 E.3.10-1")
    return known


@cache
def optional_places() -> frozenset[tuple[int, int]]:
    """Attributes of a compound code that are of Type 3 where they stand, as (tag of the parent sequence or 0, tag)."""
    return frozenset((int(each["parent"], 16), int(each["tag"], 16)) for each in types() if each["types"] == "3")


@cache
def types() -> tuple[Mapping[str, str], ...]:
    """Types of attributes of a compound code, by the sequence that they stand in: rows of tables/types.csv."""
    return tuple(_read("types.csv"))


@cache
def requirements() -> tuple[Mapping[str, str], ...]:
    """What Annex E demands, in our words: section, kind ("shall", "note", "ours"), requirement, answer, and test."""
    return tuple(_read("requirements.csv"))


def _can_be_done(action: str, vr: str) -> bool:
    if "uid" in action:
        return vr == "UI"
    return vr in _DATE_VRS if "date" in action else action == "keep"


def _private_key(row: Mapping[str, str]) -> tuple[str, int, int]:
    return row["private_creator"].strip(), int(row["group"], 16), int(row["element"][-2:], 16)


def _row(key: str, name: str, columns: Mapping[str, str]) -> Row:
    return Row(key, name, columns["basic"], {each: columns[each] for each in OPTIONS if columns.get(each)})


def _read(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader((files("curate.dicom") / "tables" / name).read_text(encoding="utf-8").splitlines())
