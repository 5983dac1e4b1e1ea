"""Structured documents: every row of PS3.15 Table E.3.4-1, and references between content items."""

from typing import Any

import pytest
from pydicom import Dataset

from curate.dicom import tables
from curate.dicom.profile import VALUES
from curate.dicom.rules import resolve

ROWS = tables.content_items()
DATES = {"DATE": "20240131", "TIME": "101530", "DATETIME": "20240131101530"}
BASIC_ONLY: dict[str, Any] = {
    "retain_patient_characteristics": False, "dates": "remove", "clean_descriptors": False,
}  # fmt: skip


def coded(scheme: str, code: str, meaning: str) -> Dataset:
    """A coded entry."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, meaning
    return item


def content_item(name: Dataset, value_type: str) -> Dataset:
    """A content item of any value type, with a canary wherever one fits."""
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = "CONTAINS", value_type, [name]
    if value_type in {"IMAGE", "COMPOSITE", "WAVEFORM"}:
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.9"
        item.ReferencedSOPSequence = [reference]
    elif value_type == "NUM":
        measured = Dataset()
        measured.NumericValue, measured.MeasurementUnitsCodeSequence = "42", [coded("UCUM", "a", "year")]
        item.MeasuredValueSequence = [measured]
    elif value_type == "CODE":
        item.ConceptCodeSequence = [coded("99LOCAL", "Canary", "Canary")]
    elif value_type in VALUES:
        tag, vr = VALUES[value_type]
        value = DATES.get(value_type) or {"PN": "Canary^A", "UI": "1.2.3.9"}.get(vr, "Canary text")
        item.add_new(tag, vr, value)
    return item


def text_item(text: str, *children: Dataset) -> Dataset:
    """A finding with items below it."""
    item = content_item(coded("DCM", "121071", "Finding"), "TEXT")
    item.TextValue = text
    if children:
        item.ContentSequence = list(children)
    return item


def pointer(*place: int) -> Dataset:
    """An item that points at another by its place."""
    item = Dataset()
    item.RelationshipType, item.ReferencedContentItemIdentifier = "INFERRED FROM", list(place)
    return item


@pytest.mark.parametrize("key", ROWS, ids="-".join)
def test_row_obeys_basic_column(key, instance, clean) -> None:
    """In a document and in an acquisition context, an item goes or holds a dummy as its row says."""
    from curate.policy import ProfileOptions

    scheme, code, value_type = key
    source = instance(
        ContentSequence=[content_item(coded(scheme, code, "Canary"), value_type)],
        AcquisitionContextSequence=[content_item(coded(scheme, code, "Canary"), value_type)],
    )
    made = clean(source, ProfileOptions(**BASIC_ONLY)).dataset
    assert "anary" not in str(made)
    for items in (made.ContentSequence, made.AcquisitionContextSequence):
        if resolve(ROWS[key].basic) == "X":
            assert len(items) == 0
            continue
        assert len(items) == 1
        assert "1.2.3.9" not in str(items[0])
        if value_type in VALUES:
            value = items[0][VALUES[value_type][0]]
            assert not value.is_empty
            assert str(value.value) != DATES.get(value_type)


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if "C" in row.options.values()], ids="-".join)
def test_row_is_cleaned_where_an_option_says_so(key, instance, clean, surrogates) -> None:
    """With the default options, descriptors are cleaned, dates shifted, and the item stays."""
    scheme, code, value_type = key
    made = clean(instance(ContentSequence=[content_item(coded(scheme, code, "x"), value_type)])).dataset
    value = made.ContentSequence[0][VALUES[value_type][0]].value
    expected = {"TEXT": "removed text", "TIME": "101530"}.get(value_type)
    assert value == expected if expected else value[:4] != "2024"


def test_names_and_references_follow_their_attributes(instance, clean, surrogates) -> None:
    """Items that no row lists keep their form: names become surrogates, and references still resolve."""
    name = coded("99LOCAL", "1", "x")
    items = [content_item(name, each) for each in ("PNAME", "UIDREF", "IMAGE", "DATE")]
    made = clean(instance(ContentSequence=items, SOPInstanceUID="1.2.3.9")).dataset
    person, uid, image, day = made.ContentSequence
    assert person.PersonName == surrogates.person_name("Canary^A")
    assert uid.UID == image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == made.SOPInstanceUID
    assert len(day.Date) == 8
    assert day.Date != "20240131"


@pytest.mark.parametrize(
    ("value", "unit", "expected"), [("42", "a", "42"), ("96", "a", "90"), ("1200", "mo", "1080"), ("300", "mo", "300")]
)
def test_ages_in_documents_are_capped(value, unit, expected, instance, clean) -> None:
    """Subject Age is capped in whatever unit it is measured."""
    item = content_item(coded("DCM", "121033", "Subject Age"), "NUM")
    item.MeasuredValueSequence[0].NumericValue = value
    item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence = [coded("UCUM", unit, "x")]
    made = clean(instance(ContentSequence=[item])).dataset
    assert str(made.ContentSequence[0].MeasuredValueSequence[0].NumericValue) == expected


def test_references_are_counted_again(instance, clean) -> None:
    """When an item goes, references point at the new place of their target, and those to what went go too."""
    gone = content_item(coded("DCM", "121022", "Accession Number"), "TEXT")
    items = [gone, text_item("a", pointer(1, 3), pointer(1, 1)), text_item("b", text_item("c"), pointer(1, 2, 2))]
    made = clean(instance(ContentSequence=items)).dataset
    first, second = made.ContentSequence
    assert [first.TextValue, second.TextValue] == ["a", "b"]
    assert [list(each.ReferencedContentItemIdentifier) for each in first.ContentSequence] == [[1, 2]]
    assert len(second.ContentSequence) == 1  # it pointed at a pointer that went


def test_documents_are_dummies_without_the_option(instance, clean, nothing_retained) -> None:
    """Without Clean Structured Content, no text of a document is left, not even the standard's own."""
    made = clean(instance(ContentSequence=[text_item("all clear")]), nothing_retained).dataset
    assert made.ContentSequence[0].TextValue == "DEIDENTIFIED"
    assert made.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning == "DEIDENTIFIED"


def test_legacy_code_follows_the_row_of_its_concept(instance, clean) -> None:
    """A concept under its SNOMED RT code goes as under its SNOMED CT code, in every spelling of the scheme."""
    from pydicom.sr._snomed_dict import mapping

    rows = [(code, value_type) for scheme, code, value_type in ROWS if scheme == "SCT" and code in mapping["SCT"]]
    assert len(rows) >= 8
    for code, value_type in rows:
        for scheme, spelt in (("SCT", code), *((each, mapping["SCT"][code]) for each in ("SRT", "SNM3", "99SDM"))):
            assert tables.content_item(scheme, spelt, value_type) is ROWS["SCT", code, value_type]
        item = content_item(coded("SRT", mapping["SCT"][code], "x"), value_type)
        twin = content_item(coded("SCT", code, "x"), value_type)
        legacy, current = (clean(instance(ContentSequence=[each])).dataset for each in (item, twin))
        assert len(legacy.ContentSequence) == len(current.ContentSequence)
    assert tables.content_item("99LOCAL", mapping["SCT"][code], value_type) is None
