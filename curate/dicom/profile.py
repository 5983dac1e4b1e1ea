"""The effective profile: PS3.15 Annex E with the options of a policy, as one rule per attribute.

Attributes that Table E.1-1 names follow it: the code of the option that is on (K before C), else the basic code. The
dates of devices and of vocabularies follow the basic code even where Modified Dates says C: they are known outside, so
their shift would give the patient's offset away. A K or C that a VR cannot carry out (bulk bytes, URIs) falls back on
the basic code. Texts that Retain Patient Characteristics keeps are cleaned all the same, which is stricter than K.

Attributes that no table names are decided by role (tables/beyond_the_table.csv) and VR:

    PN                 D  keyed surrogate
    DA DT              C  shifted (modified), K (full), Z (remove); what is no date, or a placeholder such as 19000101,
                          is emptied (a dummy where E.1-1 has D)
    TM                 K  if it is a time (modified, full), Z (remove)
    UI                 U  replaced, unless registered for everybody (curate.dicom.uids); K if UIDs are retained
    LO SH ST LT UT UC  C  cleaned as text; parts of coded entries as curate.dicom.codes says
    CS                 K  if it is a coded string, else C as text
    AS                 K  capped, with Retain Patient Characteristics, else X
    AE UR              X  they name devices, sites and servers
    numbers, AT        K  if they are numbers, and the standard has the attribute as one
    SQ                 K  the same rules inside
    OB OD OF OL OV OW  X  but for pixel data, arrays of numbers and ICC profiles (without their texts), by role
    UN                 X  once the dictionary has not helped
    any                X  where the standard has no such attribute: that is private data in a public group
    50xx 60xx          X  whole groups: without its data, a curve or overlay module is invalid
    private            X  but for safe private attributes with Retain Safe Private, which then follow their VR
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from pydicom.datadict import DicomDictionary

from curate.dicom import tables
from curate.dicom.rules import (
    BINARY_VRS,
    BULK_VRS,
    COMPOUND_METHODS,
    NUMBER_VRS,
    TEXT_VRS,
    Method,
    Rule,
    default_codes,
    method_of,
    resolve,
)
from curate.errors import PolicyError, Problem
from curate.policy import ProfileOptions

BASIC = "PS3.15 E.1-1 basic"
_MODIFIED = "retain_longitudinal_modified_dates"
_SETTINGS = {
    "retain_longitudinal_full_dates": "profile.dates = full",
    _MODIFIED: "profile.dates = modified",
}
# CID 7050 (PS3.16); 113101 and 113102 are claimed by whoever cleans pixels
OPTION_CODES = {
    "retain_longitudinal_full_dates": "113106", _MODIFIED: "113107", "retain_patient_characteristics": "113108",
    "retain_device_identity": "113109", "retain_uids": "113110", "retain_safe_private": "113111",
    "retain_institution_identity": "113112", "clean_graphics": "113103", "clean_structured_content": "113104",
    "clean_descriptors": "113105",
}  # fmt: skip
_BASIC_CODE = "113100"
# The attribute that holds the value of a content item, by value type (PS3.3 C.17.3.2), and its VR.
VALUES = {
    "TEXT": (0x0040A160, "UT"), "PNAME": (0x0040A123, "PN"), "UIDREF": (0x0040A124, "UI"), "DATE": (0x0040A121, "DA"),
    "TIME": (0x0040A122, "TM"), "DATETIME": (0x0040A120, "DT"), "NUM": (0x0040A300, "SQ"), "CODE": (0x0040A168, "SQ"),
}  # fmt: skip
_DATED = frozenset({Method.DATE, Method.SHIFT, Method.TIME})
_ZONE_TAG = 0x00080201
_NO_PART = (0x0000, 0x0002, 0x0004)
# How each role of tables/beyond_the_table.csv is carried out
_DEVICES = {"device": ("X", Method.REMOVE), "device_empty": ("Z", Method.EMPTY)}
_UNSHIFTED = frozenset({"device_date", "local_vocabulary"})
_SURROGATES = {"name": (Method.NAME, frozenset({"PN"})), "identifier": (Method.IDENTIFIER, TEXT_VRS)}
_KEPT_BY_ROLE = {
    "vocabulary": (Method.DATE, frozenset({"DT"})),
    "code": (Method.CODE, TEXT_VRS | {"UR"}),
    "code_version": (Method.VERSION, TEXT_VRS),
    "product": (Method.PRODUCT, TEXT_VRS),
    "code_meaning": (Method.MEANING, TEXT_VRS),
    "pixels": (Method.PIXELS, BULK_VRS),
    "colours": (Method.COLOURS, frozenset({"OB"})),
    "audio": (Method.KEEP, BULK_VRS),
    "numbers": (Method.KEEP, BULK_VRS | NUMBER_VRS),
}


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The rules that a policy's options come down to; made by `compile`, used for every instance of a run."""

    options: ProfileOptions
    columns: tuple[str, ...]
    _rows: Mapping[int, tables.Row]
    _defaults: Mapping[str, str]
    _rules: dict[tuple[int, str], Rule] = field(default_factory=dict)

    @classmethod
    def compile(cls, options: ProfileOptions) -> Self:
        """Build the profile. Raises PolicyError(POLICY_CONTRADICTION) where one attribute would be kept and cleaned."""
        columns = _active(options)
        for row in tables.attributes():
            _refuse_contradiction(row, columns)
        rows = {int(row.key, 16): row for row in tables.attributes() if len(row.key) == 8 and "x" not in row.key}
        return cls(options, columns, rows, default_codes(options))

    def rule_for(self, tag: int, vr: str, creator: str = "", *, declared_safe: bool = False) -> Rule:
        """The rule for one attribute.

        creator: of a private attribute. declared_safe: the instance itself says so in (0008,0300).
        """
        if tag >> 16 & 1:
            return self._private(tag, vr, creator, declared_safe=declared_safe)
        rule = self._rules.get((tag, vr))
        if rule is None:
            rule = self._rules[tag, vr] = self._public(tag, vr)
        return rule

    def rule_for_content(self, scheme: str, code: str, value_type: str) -> Rule | None:
        """The rule of Table E.3.4-1 for a content item, or None: then its attributes follow their own rules."""
        row = tables.content_item(scheme, code, value_type)
        if row is None or not self.options.clean_structured_content:
            return None
        action, column = self._effective(row)
        method = method_of(action, VALUES.get(value_type, (0, "SQ"))[1]) or Method.REMOVE
        if method is Method.DUMMY_ITEMS:
            action, method = "U", Method.ITEMS  # a reference whose UIDs are replaced is the dummy of a reference
        return Rule(action, f"PS3.15 E.3.4-1 {column}", method)

    def codes(self) -> list[str]:
        """The codes of CID 7050 that hold for every instance of this profile, sorted."""
        return sorted([_BASIC_CODE, *(OPTION_CODES[column] for column in self.columns)])

    def table(self) -> list[dict[str, str]]:
        """Every rule as a row of tag, name, vr, basic, action, method and source: E.1-1, our roles, then VRs."""
        return [*self._table_rows(), *self._role_rows(), *self._vr_rows()]

    def _public(self, tag: int, vr: str) -> Rule:
        group = tag >> 16
        if group in _NO_PART or not tag & 0xFFFF:
            return Rule("X", "PS3.5 7: no part of the data set", Method.REMOVE)
        if 0x5000 <= group <= 0x50FF or 0x6000 <= group <= 0x60FF:
            return Rule("X", BASIC, Method.REMOVE)
        if not self._is_plausible(tag, vr):
            return Rule("X", "PS3.6: no such attribute of this VR", Method.REMOVE)
        role = tables.roles().get(tag)
        by_role = self._from_role(role.role, tag, vr) if role else None
        return by_role or (self._from_table(tag, vr) if tag in self._rows else self._from_vr(vr))

    def _is_plausible(self, tag: int, vr: str) -> bool:
        """Whether the standard has the attribute, and as a number if it claims to be one: those bytes could be text."""
        if tag not in DicomDictionary and tag not in self._rows:
            return False
        name = self._rows[tag].name if tag in self._rows else ""
        return vr not in BINARY_VRS or any(each in NUMBER_VRS for each in vr_of(tag, name).split(" or "))

    def _from_table(self, tag: int, vr: str, *, without: str = "") -> Rule:
        row = self._rows[tag]
        action, column = self._effective(row, without=without)
        method = method_of(action, vr)
        if tag == _ZONE_TAG and method in {Method.KEEP, Method.TEXT}:
            method = Method.ZONE
        if column == "retain_patient_characteristics" and vr in TEXT_VRS:
            action, method = "C", Method.TEXT
        if method is None:
            action, column = resolve(row.basic), "basic"
            method = method_of(action, vr) or Method.REMOVE
        needs_value = method in _DATED and resolve(row.basic) == "D"
        return Rule(action, f"PS3.15 E.1-1 {column}", method, needs_value)

    def _effective(self, row: tables.Row, *, without: str = "") -> tuple[str, str]:
        """The action code of a row and the column it stands in: K before C before the basic profile."""
        codes = {column: row.options[column] for column in self.columns if column in row.options and column != without}
        for code in ("K", "C"):
            for column, found in codes.items():
                if found == code:
                    return code, column
        return resolve(row.basic), "basic"

    def _from_vr(self, vr: str) -> Rule:
        code = self._defaults.get(vr, "X")
        return Rule(code, f"VR {vr}", method_of(code, vr) or Method.REMOVE)

    def _from_role(self, role: str, tag: int, vr: str) -> Rule | None:
        """The rule of an attribute with a role; None where its VR is not what the role expects: then the VR decides."""
        if role in _DEVICES:
            method = method_of("K", vr) if self.options.retain_device_identity else None
            action, otherwise = _DEVICES[role]
            return Rule("K", "role device", method) if method else Rule(action, "role device", otherwise)
        if role in _UNSHIFTED or (role == "vocabulary" and self.options.dates == "remove"):
            return self._from_table(tag, vr, without=_MODIFIED)
        if role in _SURROGATES:
            method, vrs = _SURROGATES[role]
            basis = self._from_table(tag, vr)
            return Rule(basis.action, basis.source, method) if vr in vrs else basis
        kept, vrs = _KEPT_BY_ROLE.get(role, (Method.REMOVE, frozenset()))
        if kept is Method.REMOVE:
            return Rule("X", "role remove", kept)
        return Rule("C" if kept is Method.COLOURS else "K", f"role {role}", kept) if vr in vrs else None

    def _private(self, tag: int, vr: str, creator: str, *, declared_safe: bool) -> Rule:
        """Keep what a table or the instance calls safe, cleaned by its VR (PS3.15 E.3.10); bulk bytes never.

        A sequence that nobody calls safe is parsed, since what is in it is judged by itself (ibid.).
        """
        removed = Rule("X", BASIC, Method.REMOVE)
        if not self.options.retain_safe_private or not creator:
            return removed
        safe = tables.safe_private().get((creator, tag >> 16, tag & 0xFF))
        rule = self._from_vr(vr)
        if rule.method is Method.REMOVE or not (safe or declared_safe or vr == "SQ"):
            return removed
        source = safe.source if safe else "(0008,0300)" if declared_safe else "PS3.15 E.3.10: parsed"
        return Rule(rule.action, source, rule.method)

    def _table_rows(self) -> Iterator[dict[str, str]]:
        for row in tables.attributes():
            if row.key == "PRIVATE" or "x" in row.key:
                kept = row.key == "PRIVATE" and self.options.retain_safe_private
                rule = Rule("C" if kept else "X", BASIC, Method.KEEP if kept else Method.REMOVE)
                yield _shown(row.key, row.name, "", row.basic, rule)
                continue
            tag = int(row.key, 16)
            vr = vr_of(tag, row.name)
            rule = self._public(tag, vr)
            if rule.method in COMPOUND_METHODS and (0, tag) in tables.optional_places():
                rule = Rule("X", rule.source, Method.REMOVE)  # as it is at the top level
            yield _shown(row.key, row.name, vr, row.basic, rule)

    def _role_rows(self) -> Iterator[dict[str, str]]:
        for tag, role in tables.roles().items():
            if tag not in self._rows:
                vr = vr_of(tag, "")
                yield _shown(f"{tag:08X}", role.reason, vr, "", self._public(tag, vr))

    def _vr_rows(self) -> Iterator[dict[str, str]]:
        for vr in sorted(
            {*TEXT_VRS, *NUMBER_VRS, *BULK_VRS, "AE", "AS", "CS", "DA", "DT", "PN", "SQ", "TM", "UI", "UR"}
        ):
            yield _shown("", "any other attribute", vr, "", self._from_vr(vr))


def vr_of(tag: int, name: str) -> str:
    """The VR of a standard attribute; by its name where the dictionary at hand is older than the table."""
    if tag in DicomDictionary:
        return DicomDictionary[tag][0]
    by_ending = {"DateTime": "DT", "Sequence": "SQ", "Comment": "UT", "Reference": "UR", "URI": "UR"}
    ending = next((each for each in by_ending if name.endswith(each)), "")
    return by_ending.get(ending, "SQ" if name == "Ethnic Groups" else "LO")


def _active(options: ProfileOptions) -> tuple[str, ...]:
    dates = {"full": "retain_longitudinal_full_dates", "modified": _MODIFIED}.get(options.dates)
    return tuple(each for each in tables.OPTIONS if each == dates or getattr(options, each, False))


def _refuse_contradiction(row: tables.Row, columns: tuple[str, ...]) -> None:
    """Retain Device Identity keeps what Modified Dates changes: no instance can claim both (PS3.15 E.3)."""
    asked = {column: row.options[column] for column in columns if column in row.options}
    if {"K", "C"} <= set(asked.values()):
        names = ", ".join(sorted(_SETTINGS.get(column, f"profile.{column}") for column in asked))
        raise PolicyError(Problem.POLICY_CONTRADICTION, names)


def _shown(tag: str, name: str, vr: str, basic: str, rule: Rule) -> dict[str, str]:
    return {
        "tag": tag,
        "name": name,
        "vr": vr,
        "basic": basic,
        "action": rule.action,
        "method": rule.method.value,
        "source": rule.source,
    }
