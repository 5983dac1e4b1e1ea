"""The profile: options, contradictions, claims, and the rules for what no table names."""

from dataclasses import replace
from itertools import product

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from curate.dicom.markers import MEANINGS
from curate.dicom.profile import BASIC, Profile
from curate.dicom.rules import Method, resolve
from curate.errors import PolicyError, Problem
from curate.policy import ProfileOptions

SWITCHES = (
    "retain_uids", "retain_safe_private", "retain_device_identity", "retain_institution_identity",
    "retain_patient_characteristics", "clean_descriptors", "clean_structured_content", "clean_graphics",
)  # fmt: skip


@pytest.mark.parametrize("dates", ["modified", "full", "remove"])
def test_only_modified_dates_contradict_device_identity(dates) -> None:
    """Of all combinations of options, those with Modified Dates and Retain Device Identity are refused, by name."""
    for switches in product((False, True), repeat=len(SWITCHES)):
        options = ProfileOptions(**dict(zip(SWITCHES, switches, strict=True)), dates=dates)
        if dates == "modified" and options.retain_device_identity:
            with pytest.raises(PolicyError) as raised:
                Profile.compile(options)
            assert raised.value.problem is Problem.POLICY_CONTRADICTION
            assert raised.value.where == "profile.dates = modified, profile.retain_device_identity"
        else:
            Profile.compile(options)


def test_codes_claim_the_options_that_are_on() -> None:
    """CID 7050 codes follow the options; pixels and faces are never claimed by the header."""
    assert Profile.compile(ProfileOptions()).codes() == [
        "113100", "113103", "113104", "113105", "113107", "113108", "113111",
    ]  # fmt: skip
    everything = ProfileOptions(*(True,) * 5, "full", *(True,) * 3)
    assert Profile.compile(everything).codes() == [
        "113100", "113103", "113104", "113105", "113106", "113108", "113109", "113110", "113111", "113112",
    ]  # fmt: skip


def test_code_meanings_are_the_standards() -> None:
    """Each code that we can claim means in PS3.16 what we say it means."""
    shipped = {
        code: meaning
        for keyword in cid_concepts[7050]["DCM"]
        for code, (meaning, _) in concepts["DCM"][keyword].items()
    }
    assert shipped == MEANINGS


@pytest.mark.parametrize(
    ("code", "expected"),
    [("X/Z", "Z"), ("X/D", "D"), ("Z/D", "D"), ("X/Z/D", "D"), ("X/Z/U*", "U"), ("X", "X"), ("K", "K")],
)
def test_compounds_keep_the_object_valid(code, expected) -> None:
    """Without the IOD's Types, the first code that is valid for each of them is taken."""
    assert resolve(code) == expected


@pytest.mark.parametrize(
    ("tag", "vr", "action", "method"),
    [
        (0x300A00C2, "LO", "C", Method.TEXT),  # BeamName
        (0x3004_0006, "LO", "C", Method.TEXT),  # DoseComment
        (0x30020020, "SH", "Z", Method.EMPTY),  # RadiationMachineName
        (0x00140104, "PN", "D", Method.NAME),
        (0x00080416, "DT", "C", Method.SHIFT),
        (0x00141020, "DA", "C", Method.SHIFT),
        (0x00200032, "DS", "K", Method.KEEP),
        (0x00280010, "US", "K", Method.KEEP),
        (0x00080060, "CS", "K", Method.STRING),
        (0x00080016, "UI", "U", Method.UID),
        (0x00081190, "UR", "X", Method.REMOVE),
        (0x00082200, "AE", "X", Method.REMOVE),  # an attribute that does not exist
        (0x00082200, "UN", "X", Method.REMOVE),
        (0x00281201, "OW", "K", Method.KEEP),  # palette
        (0x00283006, "US or OW", "K", Method.KEEP),  # LUTData
        (0x00281201, "LT", "C", Method.TEXT),  # a palette that is a text is a text
        (0x00282000, "OB", "C", Method.COLOURS),  # ICC profile
        (0x00420011, "OB", "D", Method.DUMMY),  # EncapsulatedDocument
        (0x04000520, "OB", "X", Method.REMOVE),  # EncryptedContent
        (0x60000022, "LO", "X", Method.REMOVE),
        (0x60001500, "LO", "X", Method.REMOVE),
        (0x50000005, "US", "X", Method.REMOVE),
        (0x00080000, "UL", "X", Method.REMOVE),  # group length
        (0x00100033, "LO", "X", Method.REMOVE),  # birth date in another calendar, as text
        (0x00191001, "LO", "X", Method.REMOVE),
    ],
)
def test_attributes_beyond_the_table(tag, vr, action, method) -> None:
    """What Table E.1-1 does not name is decided by role and VR, as the module says."""
    rule = Profile.compile(ProfileOptions()).rule_for(tag, vr, "")
    assert (rule.action, rule.method) == (action, method)
    assert rule.source == BASIC or tag >> 24 not in {0x50, 0x60}


def test_pixel_data_that_are_text_are_text() -> None:
    """A VR that does not fit the role of an attribute loses the role."""
    profile = Profile.compile(ProfileOptions())
    assert profile.rule_for(0x7FE00010, "OW").method is Method.PIXELS
    assert profile.rule_for(0x7FE00010, "LT").method is Method.TEXT


@pytest.mark.parametrize("dates", ["modified", "full", "remove"])
def test_explained_table_is_complete(dates) -> None:
    """`curate explain` shows all 657 rows of the table, our roles and every VR, each with exactly one action."""
    rows = Profile.compile(replace(ProfileOptions(), dates=dates)).table()
    assert sum(bool(row["basic"]) for row in rows) == 657
    assert {row["action"] for row in rows} <= set("DZXKCU")
    assert all(row["source"] and row["method"] for row in rows)
    assert {row["vr"] for row in rows if not row["tag"]} >= {"PN", "LO", "UT", "UN", "OB", "SQ", "UI", "DA"}
