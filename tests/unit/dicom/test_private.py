"""Private attributes: removed, unless a table or the instance itself calls them safe, and cleaned even then."""

from itertools import starmap

import pytest
from pydicom import Dataset

from curate.dicom import tables
from curate.policy import ProfileOptions

SAFE = ProfileOptions(retain_safe_private=True)


@pytest.fixture
def vendor(instance) -> Dataset:
    """An instance with a Siemens block that was moved to 12, and a block of somebody unknown."""
    source = instance()
    for tag, vr, value in (
        (0x00190012, "LO", "SIEMENS MR HEADER"), (0x0019120C, "IS", "1000"), (0x0019120D, "CS", "DIRECTIONAL"),
        (0x0019120E, "FD", [0.5, 0.5, 0.7]), (0x001912FF, "LO", "unlisted"),
        (0x00290010, "LO", "SOMEBODY"), (0x00291001, "LO", "for Canary"), (0x00291002, "LO", "other"),
        (0x00291003, "DA", "20240131"), (0x00291004, "OB", b"bytes"),
    ):  # fmt: skip
        source.add_new(tag, vr, value)
    return source


def private_tags(dataset: Dataset) -> list[int]:
    """All private tags of a data set."""
    return [int(tag) for tag in dataset.keys() if tag >> 16 & 1]  # noqa: SIM118


def declare(status: str, elements: list[int] | None = None) -> Dataset:
    """One item of Private Data Element Characteristics Sequence, for the block of SOMEBODY."""
    item = Dataset()
    item.PrivateGroupReference, item.PrivateCreatorReference = 0x0029, "SOMEBODY"
    item.BlockIdentifyingInformationStatus = status
    if elements:
        item.NonidentifyingPrivateElements = elements
    return item


def test_private_goes_without_the_option(vendor, clean, nothing_retained) -> None:
    """Without the option, no private element and no creator is left."""
    assert private_tags(clean(vendor, nothing_retained).dataset) == []


def test_safe_private_is_found_by_creator(vendor, clean) -> None:
    """With the option, listed elements stay in the block that their creator reserved, wherever that is."""
    made = clean(vendor, SAFE)
    assert private_tags(made.dataset) == [0x00190012, 0x0019120C, 0x0019120D, 0x0019120E]
    assert made.dataset[0x00190012].value == "SIEMENS MR HEADER"
    assert made.dataset[0x0019120E].value == [0.5, 0.5, 0.7]
    assert made.actions["(0019,120C)", "K", "PS3.15 E.3.10-1"] == 1


@pytest.mark.parametrize(
    ("status", "elements", "kept"),
    [
        ("SAFE", None, {0x01, 0x02, 0x03}),
        ("MIXED", [2], {0x02}),
        ("UNSAFE", None, set()),
        ("UNSAFE", [2], set()),
        ("MIXED", None, set()),
    ],
)
def test_declared_safe_private_is_cleaned(status, elements, kept, vendor, clean, surrogates) -> None:
    """What (0008,0300) calls safe stays, cleaned by VR; bytes that nobody can clean go; so does the declaration."""
    vendor.PrivateDataElementCharacteristicsSequence = [declare(status, elements)]
    made = clean(vendor, SAFE).dataset
    block = {tag & 0xFF for tag in private_tags(made) if tag >> 16 == 0x0029 and tag & 0xFF00}
    assert block == kept
    assert "PrivateDataElementCharacteristicsSequence" not in made
    if 0x01 in kept:
        assert made[0x00291001].value == "for removed"
        assert made[0x00290010].value == "SOMEBODY"
        assert made[0x00291003].value != "20240131"
        assert len(made[0x00291003].value) == 8


def test_listed_element_of_unknown_vr_is_read_as_listed(instance, clean) -> None:
    """An element written as UN is kept where its bytes are what the table says, and only then."""
    creator, group, element = next(
        key for key, safe in tables.safe_private().items() if safe.vr == "FL" and key[1] == 0x0043
    )
    for value, is_kept in ((b"\x00\x00\x80\x3f", True), (b"Canary", False)):
        source = instance()
        source.add_new(group << 16 | 0x10, "LO", creator)
        source.add_new(group << 16 | 0x1000 | element, "UN", value)
        made = clean(source, SAFE).dataset
        assert (private_tags(made) != []) == is_kept
        if is_kept:
            assert made[group << 16 | 0x1000 | element].value == 1.0


def test_public_attributes_in_private_sequences_follow_their_rules(instance, clean) -> None:
    """A safe private sequence is cleaned inside: names, UIDs and nested private blocks by the same rules."""
    creator, group, element = next(
        key for key, safe in tables.safe_private().items() if safe.vr == "SQ" and safe.source.startswith("PS3.15")
    )
    item = Dataset()
    item.PatientName, item.ReferencedSOPInstanceUID, item.SeriesDescription = "Canary^A", "1.2.3", "Canary"
    item.add_new(0x00290010, "LO", "SOMEBODY")
    item.add_new(0x00291001, "LO", "Canary")
    source = instance()
    source.add_new(group << 16 | 0x10, "LO", creator)
    source.add_new(group << 16 | 0x1000 | element, "SQ", [item])
    made = clean(source, SAFE).dataset[group << 16 | 0x1000 | element].value[0]
    assert private_tags(made) == []
    assert made.SeriesDescription == "removed"
    assert made.ReferencedSOPInstanceUID not in {"", "1.2.3"}
    assert made.PatientName != "Canary^A"


def test_unlisted_private_sequence_is_parsed(vendor, clean, nothing_retained) -> None:
    """What is in a sequence of an unknown vendor is judged by itself: safe private stays, the rest by its own rules."""
    item = Dataset()
    item.PatientName, item.SeriesDescription, item.Rows = "Canary^A", "Canary chest", 7
    for tag, vr, value in (
        (0x00190010, "LO", "SIEMENS MR HEADER"), (0x0019100C, "IS", "1000"),
        (0x00290010, "LO", "SOMEBODY"), (0x00291001, "LO", "Canary"),
    ):  # fmt: skip
        item.add_new(tag, vr, value)
    vendor.add_new(0x00291010, "SQ", [item])
    made = clean(vendor, SAFE)
    inside = made.dataset[0x00291010].value[0]
    assert private_tags(inside) == [0x00190010, 0x0019100C]
    assert (inside.SeriesDescription, inside.Rows) == ("removed chest", 7)
    assert "Canary" not in str(made.dataset)
    assert made.actions["(0029,1010)", "K", "PS3.15 E.3.10: parsed"] == 1
    assert 0x00291010 not in clean(vendor, nothing_retained).dataset


def test_identifiers_that_were_hashed_elsewhere_are_not_safe() -> None:
    """What the TCIA base hashes or shifts is taken over only where its VR says that it is a UID or a date."""
    known = tables.safe_private()
    assert ("GEMS_PETD_01", 0x0009, 0x5E) not in known  # exam_id, LO
    assert known["GEMS_PETD_01", 0x0009, 0x05].vr == "DT"


def test_every_listed_element_obeys_its_vr(instance, clean) -> None:
    """Of all elements that tables call safe, those of bulk VRs go, and texts go through the cleaner."""
    texts = {"LO", "SH", "LT", "ST", "UT"}

    def left(key: tuple[str, int, int], safe: tables.SafePrivate) -> str:
        creator, group, element = key
        source = instance()
        source.add_new(group << 16 | 0x10, "LO", creator)
        source.add_new(
            group << 16 | 0x1000 | element, safe.vr, b"Canary" if safe.vr in {"OB", "OW", "UN"} else "Canary"
        )
        return str(clean(source, SAFE).dataset)

    listed = [(key, safe) for key, safe in tables.safe_private().items() if safe.vr in texts | {"OB", "OW", "UN"}]
    assert len(listed) > 500
    assert not any("anary" in each for each in starmap(left, listed))
