"""Every row of PS3.15 Table E.1-1: a valid value goes in, and what comes out obeys the row's action code."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataelem import DataElement

from curate.dicom import tables, uids
from curate.dicom.profile import vr_of

ROWS = {row.key: row for row in tables.attributes()}
# Table E.1-1a with the compounds resolved for an unknown Type: the first that keeps the object valid
EXPECTED = {"X": "X", "D": "D", "Z": "Z", "U": "U", "X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}
NOT_IN_A_DATA_SET = {0x0000, 0x0002, 0x0004}  # commands, file meta and directories (PS3.7, PS3.10, PS3.3 F)
VALUES: dict[str, Any] = {
    "AE": "CANARYAE", "AS": "042Y", "CS": "CANARYCS", "DA": "20240131", "DS": "1.25", "DT": "20240131101530.5+0100",
    "FD": 1.5, "FL": 1.5, "IS": "7", "LO": "Canary LO", "LT": "Canary LT", "OB": b"Canary", "OW": b"Canary",
    "PN": "Canary^Pn", "SH": "Canary SH", "ST": "Canary ST", "TM": "101530", "UC": "Canary UC",
    "UI": "1.2.3.20240131.9", "UN": b"Canary", "UR": "http://canary.example/x", "US": 7, "UT": "Canary UT",
}  # fmt: skip
SURROGATED = {"00100010", "00080050"}  # Z allows a dummy; a surrogate keeps relations


def tags_of(key: str) -> list[int]:
    """The tags that a key of the table stands for; of repeating groups, three."""
    if key == "PRIVATE":
        return [0x00111001, 0x00E11010, 0x7FE11001]
    if "x" in key:
        rest = int(key[4:].replace("xxxx", "3000"), 16)
        return [int(key[:2] + low, 16) << 16 | rest for low in ("00", "02", "1E")]
    return [int(key, 16)]


def planted(tag: int, vr: str) -> DataElement:
    """A valid value; a sequence holds an item with a text, a UID and a name."""
    if vr != "SQ":
        return DataElement(tag, vr, VALUES[vr])
    item = Dataset()
    item.ReferencedSOPInstanceUID, item.TextValue, item.PersonName = "1.2.3.20240131.9", "Canary", "Canary^Pn"
    item.ValueType = "TEXT"
    return DataElement(tag, vr, [item])


def assert_obeys(code: str, before: DataElement, after: DataElement | None, *, surrogated: bool = False) -> None:
    """Hold one element to an action code of Table E.1-1a."""
    if code == "X":
        assert after is None
        return
    assert after is not None
    if code == "Z":
        assert after.is_empty or (surrogated and str(after.value) != str(before.value))
        return
    assert not after.is_empty
    assert "anary" not in str(after.value)
    if before.VR == "UI":
        assert after.value != before.value
        assert uids.is_valid(after.value)
    if code == "D":
        assert after.value != before.value or before.VR == "SQ"


@pytest.mark.parametrize("key", ROWS)
def test_row_obeys_basic_column(key, instance, clean, nothing_retained) -> None:
    """At the top level and inside a sequence that no row names, the output obeys the basic action code."""
    row = ROWS[key]
    for tag in tags_of(key):
        vr = vr_of(tag, row.name) if len(key) == 8 and "x" not in key else "LO"
        source, item = instance(), Dataset()
        source[tag] = planted(tag, vr)
        item[tag] = planted(tag, vr)
        source.ReferencedSeriesSequence = [item]
        made = clean(source, nothing_retained).dataset
        code = "X" if tag >> 16 in NOT_IN_A_DATA_SET else EXPECTED[row.basic]
        nested = made.ReferencedSeriesSequence[0]
        at_top = "X" if (0, tag) in tables.optional_places() else code
        assert_obeys(at_top, source[tag], made.get(tag), surrogated=key in SURROGATED)
        assert_obeys(code, source[tag], nested.get(tag), surrogated=key in SURROGATED)


def test_all_rows_are_read() -> None:
    """The edition that we name has 657 rows; none is lost on the way."""
    assert len(ROWS) == 657
    assert len(tables.content_items()) == 214


@pytest.mark.parametrize(
    "option", ["retain_device_identity", "retain_institution_identity", "retain_patient_characteristics", "retain_uids"]
)
def test_option_keeps_what_its_column_keeps(option, instance, clean, nothing_retained) -> None:
    """Each attribute that an option gives K has its value still; texts of patients are cleaned all the same."""
    rows = [row for row in ROWS.values() if row.options.get(option) == "K" and row.key != "PRIVATE"]
    assert rows
    for row in rows:
        tag = int(row.key, 16)
        if tag >> 16 in NOT_IN_A_DATA_SET:
            continue
        source, vr = instance(), vr_of(tag, row.name)
        if vr in {"UR", "SQ"}:  # a URI cannot be kept safely; sequences are cleaned inside
            continue
        source[tag] = planted(tag, vr)
        after = clean(source, replace(nothing_retained, **{option: True})).dataset[tag]
        is_cleaned = option == "retain_patient_characteristics" and vr in {"LO", "SH", "UT"}
        assert str(after.value) == (f"removed {vr}" if is_cleaned else str(source[tag].value)), row.name


@pytest.mark.parametrize(
    "row", [row for row in ROWS.values() if "clean_descriptors" in row.options], ids=lambda r: r.key
)
def test_descriptors_are_cleaned_not_lost(row, instance, clean) -> None:
    """With Clean Descriptors, texts pass through the cleaner, and what cannot be cleaned follows the basic column."""
    tag = int(row.key, 16)
    source, vr = instance(), vr_of(tag, row.name)
    source[tag] = planted(tag, vr)
    made = clean(source).dataset
    if vr in {"OB", "UR"}:
        assert tag not in made
    elif vr == "SQ":
        assert "anary" not in str(made[tag])
        assert made[tag].value[0].TextValue == "removed"
    elif vr == "CS":
        assert made[tag].value == source[tag].value
    else:
        assert made[tag].value == f"removed {vr}"


def test_modified_dates_are_shifted_but_for_devices_and_vocabularies(instance, clean, surrogates) -> None:
    """Dates of the subject move by the patient's offset; a device's or a vocabulary's never move."""
    moved = f"{surrogates.shift(date(2024, 1, 31)):%Y%m%d}"
    for row in ROWS.values():
        tag = int(row.key, 16) if row.options.get("retain_longitudinal_modified_dates") else 0
        vr = vr_of(tag, row.name) if tag else ""
        if vr not in {"DA", "DT"} or tag >> 16 in NOT_IN_A_DATA_SET:
            continue
        source = instance()
        source[tag] = planted(tag, vr)
        after = clean(source).dataset.get(tag)
        role = tables.roles().get(tag)
        if role and role.role in {"device_date", "local_vocabulary", "vocabulary"}:
            assert after is None or moved not in str(after.value), row.name
        else:
            assert str(after.value) == VALUES[vr].replace("20240131", moved), row.name


SETTINGS: dict[str, dict[str, Any]] = {
    "retain_longitudinal_full_dates": {"dates": "full"},
    "retain_longitudinal_modified_dates": {"dates": "modified"},
}
WITHOUT_SHIFT = {"device_date", "local_vocabulary", "remove"}  # roles that the option does not reach, ADR 0006
BULK = {"OB", "OW", "UN", "UR"}  # nothing keeps or cleans them


def falls_back(code: str, option: str, tag: int, vr: str) -> bool:
    """Whether the cell of an option gives way to the basic code: where its code cannot be carried out safely."""
    role = tables.roles().get(tag)
    unshifted = option.endswith("modified_dates") and role is not None and role.role in WITHOUT_SHIFT
    return not code or vr in BULK or unshifted or (role is not None and role.role == "remove")


def is_public(tag: int) -> bool:
    """Whether a date is the version of a public vocabulary, which stays as it is."""
    return tag in tables.roles() and tables.roles()[tag].role == "vocabulary"


def assert_kept_or_cleaned(code: str, option: str, before: DataElement, after: DataElement | None) -> None:
    """Hold one element to K or C: the value itself, or one without the canary, with everything else."""
    assert after is not None
    assert not after.is_empty
    text = before.VR in {"LO", "SH", "ST", "LT", "UT", "UC"} and before.tag != 0x00080201
    if before.VR == "SQ":
        assert "anary" not in str(after)
    elif text and (code == "C" or option == "retain_patient_characteristics"):
        assert after.value == f"removed {before.VR}"
    elif before.VR == "AE" and code == "C":
        assert after.value == "removed"
    elif before.VR in {"DA", "DT"} and code == "C" and not is_public(before.tag):
        assert str(after.value)[:8] != str(before.value)[:8]
        assert str(after.value)[8:] == str(before.value)[8:]
    elif before.VR != "UI" or code == "K":
        assert str(after.value) == str(before.value)


def cell_of(row: tables.Row, option: str, tag: int) -> tuple[str, DataElement]:
    """The code of a row in the column of an option, "" where the basic code holds, and a value to try it on."""
    vr = vr_of(tag, row.name) if "x" not in row.key and row.key != "PRIVATE" else "LO"
    before = planted(tag, vr) if tag != 0x00080201 else DataElement(tag, vr, "+0100")
    whole_group = "x" in row.key or row.key == "PRIVATE" or tag >> 16 in NOT_IN_A_DATA_SET
    code = "" if whole_group else row.options.get(option, "")
    return ("" if falls_back(code, option, tag, vr) else code), before


@pytest.mark.parametrize("option", tables.OPTIONS)
def test_every_row_obeys_every_column(option, instance, clean, nothing_retained) -> None:
    """With one option on, each of the 657 rows follows its code in that column, else the basic code."""
    options = replace(nothing_retained, **SETTINGS.get(option, {option: True}))
    obeyed = {"K": 0, "C": 0, "": 0}
    for key, row in ROWS.items():
        tag = tags_of(key)[0]
        code, before = cell_of(row, option, tag)
        source = instance()
        source[tag] = before
        after = clean(source, options).dataset.get(tag)
        obeyed[code] += 1
        if code:
            assert_kept_or_cleaned(code, option, before, after)
            continue
        basic = "X" if tag >> 16 in NOT_IN_A_DATA_SET or (0, tag) in tables.optional_places() else EXPECTED[row.basic]
        assert_obeys(basic, before, after, surrogated=key in SURROGATED)
    assert sum(obeyed.values()) == 657
    assert obeyed["K"] + obeyed["C"] or option in {"retain_safe_private", "clean_graphics"}
