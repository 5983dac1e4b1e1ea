"""Known identifiers: what must be found again in a text, and what must not be mistaken for one."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, Sequence

from curate.privacy.identifiers import KnownIdentifiers, collect, merge
from curate.privacy.spellings import fold_in_place
from curate.records import Identifier, IdentifierKind, Span

Kind = IdentifierKind


def found(kind: Kind, value: str, text: str) -> list[str]:
    """Return the stretches of a text that are known by one identifier."""
    spans = KnownIdentifiers([Identifier(kind, value)]).find(text)
    return [text[span.start : span.end] for span in spans]


NAMES_FOUND = [
    # order, case, punctuation
    ("QUILLFEATHER^May^Ann", "Seen: May Quillfeather today.", "May Quillfeather"),
    ("QUILLFEATHER^May^Ann", "QUILLFEATHER, MAY ANN", "QUILLFEATHER, MAY ANN"),
    ("QUILLFEATHER^May^Ann", "quillfeather^may", "quillfeather^may"),
    ("QUILLFEATHER^May^Ann", "file QUILLFEATHER_MAY.dcm", "QUILLFEATHER_MAY"),
    ("QUILLFEATHER^May", "May B. Quillfeather", "May B. Quillfeather"),
    ("QUILLFEATHER^May", "Quillfeather's left knee", "Quillfeather"),
    ("QUILL-FEATHER^May", "Ms Feather", "Feather"),
    ("GARCIA-LOPEZ^Eva", "Garcia Lopez, Eva", "Garcia Lopez, Eva"),
    ("O'QUILL^Pat", "Mr O'Quill", "O'Quill"),
    ("NG^Li", "Li Ng was seen", "Li Ng"),
    ("NG^Li", "Mr. Ng was seen", "Ng"),
    # diacritics, on either side
    ("MULLNER^Anna", "Frau Müllner", "Müllner"),
    ("Müllner^Anna", "FRAU MULLNER", "MULLNER"),
    ("Ångvist^Åsa", "angvist", "angvist"),
    # the ideographic group (PS3.5 section 6.2.1.1)
    ("Wang^XiaoDong=王^小東", "seen: 王小東.", "王小東"),
    ("Yamada^Tarou=山田^太郎", "CT for 山田", "山田"),
    # a name that is also a word: beside another part, or after a title
    ("HILL^May", "May Hill", "May Hill"),
    ("HILL^May", "HILL, MAY", "HILL, MAY"),
    ("HILL^Ann", "Dr. Hill agrees", "Hill"),
    ("MAY^John", "Mr. May agrees", "May"),
    # a verb behind a name is no part of it
    ("MAY^April", "April May may take her pills", "April May"),
    ("MAY^Rose", "Rose may have fallen", "Rose"),
    ("MAY^April", "april may may take her pills", "april may may"),
]


@pytest.mark.parametrize(("name", "text", "expected"), NAMES_FOUND)
def test_a_name_is_found_however_it_is_written(name: str, text: str, expected: str) -> None:
    """In any order and case, with or without diacritics, with the punctuation of a text or of a file name."""
    assert found(Kind.NAME, name, text) == [expected]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HILL^Ann", "a Hill-Sachs lesion"),
        ("HILL^Ann", "up the hill"),
        ("MAY^John", "this may represent oedema"),
        ("MAY^John", "compared with May 2020"),
        ("NG^Li", "PSA 5 ng/ml"),
        ("LONG^Wei", "the long head of the biceps"),
        ("QUILL^May", "a tranquillity of quills"),
        ("QUILL^May", "Quillen syndrome"),
        ("BAKER^Tom", "a Baker cyst"),
        ("^^^", "nothing ^^^ at all"),
        ("", "nothing"),
    ],
)
def test_a_word_is_not_mistaken_for_a_name(name: str, text: str) -> None:
    """A finding that loses its words is of no use; a part of a longer word is no name."""
    assert found(Kind.NAME, name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Müllner^Anna", unicodedata.normalize("NFD", "seen by Müllner")),  # text from PDF and macOS
        (unicodedata.normalize("NFD", "Müllner^Anna"), "seen by Müllner"),
        ("MUELLNER^Anna", "seen by Müllner"),  # how German names are written in ASCII headers
        ("WEISSNER^Anna", "seen by Weißner"),
        ("WEIßNER^Anna", "SEEN BY WEISSNER"),
        ("O'QUILL^Pat", "Mr O\u2019Quill"),  # the apostrophe of word processors
        ("O'QUILL^Pat", "Mr OQuill"),
        ("QUILL^May", "MayQuill.dcm"),
        ("Wa\u0142\u0119sowska^\u0141ucja", "seen by Walesowska"),  # letters that Unicode does not decompose
        ("Walesowska^Lucja", "seen by Wa\u0142\u0119sowska"),
        ("Y\u0131ld\u0131ran^Ay\u015fe", "YILDIRAN recheck"),
        ("\u0110or\u0111evska^Ana", "seen by Dordevska"),
    ],
)
def test_a_name_is_found_in_other_spellings(name: str, text: str) -> None:
    """One name, two ways of writing it that hospitals do mix."""
    assert found(Kind.NAME, name, text)


@pytest.mark.parametrize(
    ("name", "text"), [("MAY^John", "The patient may have fallen"), ("WILL^Ann", "Patient will return")]
)
def test_the_word_patient_is_no_title_of_a_verb(name: str, text: str) -> None:
    """The commonest sentence of a report survives a patient called May."""
    assert found(Kind.NAME, name, text) == []


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("12345678", "MRN 12345678.", "12345678"),
        ("12345678", "MRN 12-345-678.", "12-345-678"),
        ("12345678", "MRN 12 345 678", "12 345 678"),
        ("12-345/678", "MRN 12345678", "12345678"),
        ("AB-1234", "ab 1234", "ab 1234"),
        ("AB1234", "AB_1234.dcm", "AB_1234"),
        ("ACC.24.0091", "acc-24-0091", "acc-24-0091"),
    ],
)
def test_an_id_is_found_with_other_separators(value: str, text: str, expected: str) -> None:
    """What the header writes with hyphens, the report writes with blanks."""
    assert found(Kind.ID, value, text) == [expected]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12345678", "x112345678"),
        ("12345678", "123456789"),
        ("12", "a 12 mm nodule"),
        ("4", "segment 4"),
        ("NONE", "none"),
        ("2019", "compared with 2019"),
    ],
)
def test_a_number_is_not_mistaken_for_an_id(value: str, text: str) -> None:
    """Too short to be told from a measurement or a year, or a part of a longer number."""
    assert found(Kind.ID, value, text) == []


@pytest.mark.parametrize(("value", "text"), [("00123456", "MRN 123456"), ("123456", "MRN 00123456")])
def test_an_id_is_found_without_its_leading_zeroes(value: str, text: str) -> None:
    """One system pads an MRN, another does not."""
    assert found(Kind.ID, value, text)


@pytest.mark.parametrize(
    "written",
    [
        "20200503", "2020-05-03", "2020/5/3", "2020.05.03", "05/03/2020", "03.05.2020", "3.5.20", "5/3/20",
        "03-05-2020", "May 3, 2020", "May 3rd, 2020", "MAY 3 2020", "3 May 2020", "3rd of May, 2020", "03-MAY-2020",
    ],
)  # fmt: skip
def test_a_day_is_found_however_it_is_written(written: str) -> None:
    """Numbers in the order of any country, names of months, ordinals."""
    assert found(Kind.DATE, "20200503", f"on {written}.") == [written]


@pytest.mark.parametrize(
    "text", ["2020-05-04", "May 2020", "2020", "May 3", "120200503", "13.5.20", "3.5.2021", "5/30/20"]
)
def test_another_day_is_not_mistaken_for_it(text: str) -> None:
    """A month, a year or a neighbouring day is another thing."""
    assert found(Kind.DATE, "20200503", text) == []


@pytest.mark.parametrize("value", ["2020", "20201399", "20200230", "unknown", ""])
def test_what_is_no_day_finds_nothing(value: str) -> None:
    """A header may hold a year, an impossible day, or anything else."""
    assert found(Kind.DATE, value, "2020, 2020-02-30 and unknown") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("20200503", "2020-05-03T12:00"),  # ISO 8601, as every export writes it
        ("20200503", "20200503120000"),  # DICOM DT and HL7 TS
        ("20200903", "Sept. 3, 2020"),
        ("20200903", "3 Sept 2020"),
    ],
)
def test_a_day_is_found_in_other_forms(value: str, text: str) -> None:
    """A day before a time, and the other short form of September."""
    assert found(Kind.DATE, value, text)


@pytest.mark.parametrize(
    ("kind", "value", "text", "expected"),
    [
        (Kind.PHONE, "(212) 555-0199", "call 212.555.0199", "212.555.0199"),
        (Kind.PHONE, "+49 30 1234567", "Tel. 030/1234567", "1234567"),
        (Kind.INSTITUTION, "St. Quilp Hospital", "at ST QUILP  HOSPITAL", "ST QUILP  HOSPITAL"),
        (Kind.INSTITUTION, "Quilpshire", "the quilpshire unit", "quilpshire"),
        (Kind.ADDRESS, "12 Elm Road^Quilpton", "12 Elm Road, Quilpton", "12 Elm Road, Quilpton"),
        (Kind.ADDRESS, "12 Elm Road^Quilpton", "of Quilpton", "Quilpton"),
        (Kind.UID, "1.2.840.1234", "in 1.2.840.1234.", "1.2.840.1234"),
        (Kind.EMAIL, "a.quilp@example.org", "A.Quilp@Example.org", "A.Quilp@Example.org"),
    ],
)
def test_the_other_kinds_are_found(kind: Kind, value: str, text: str, expected: str) -> None:
    """Phone numbers by their digits, institutions and addresses by their words, UIDs and mail as they are."""
    assert found(kind, value, text) == [expected]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.INSTITUTION, "Hospital", "the hospital course"),
        (Kind.INSTITUTION, "General", "in general"),
        (Kind.ADDRESS, "12345", "a count of 12345"),
        (Kind.UID, "1.2.840.1234", "1.2.840.12345"),
        (Kind.PHONE, "123", "123"),
    ],
)
def test_the_other_kinds_are_not_mistaken(kind: Kind, value: str, text: str) -> None:
    """A common word, a bare number and a longer UID are somebody else's."""
    assert found(kind, value, text) == []


def test_the_label_says_the_kind_and_the_rule_that_it_was_known() -> None:
    """What the scrubber and the journal go by."""
    known = KnownIdentifiers([Identifier(Kind.NAME, "QUILL^May"), Identifier(Kind.DATE, "20200503")])
    assert known.find("Quill 2020-05-03") == [Span(0, 5, "NAME", "known"), Span(6, 16, "DATE", "known")]


@given(st.text(max_size=40), st.text(max_size=40))
def test_offsets_are_those_of_the_text(before: str, after: str) -> None:
    """Folding changes no position, whatever characters stand around; nothing overlaps."""
    text = f"{before} Quillfeather {after}"
    spans = KnownIdentifiers([Identifier(Kind.NAME, "QUILLFEATHER^XENIA")]).find(text)
    assert len(fold_in_place(text)) == len(text)
    assert any(fold_in_place(text[span.start : span.end]).startswith("quillfeather") for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(
    st.lists(st.builds(lambda start, size: Span(start, start + size, "A", "r"), st.integers(0, 30), st.integers(1, 9)))
)
def test_merged_spans_cover_the_same_and_do_not_overlap(spans: list[Span]) -> None:
    """Merging loses no character and adds none, whatever the order of the spans."""
    merged = merge(spans)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert {at for span in merged for at in range(span.start, span.end)} == covered
    assert sum(span.end - span.start for span in merged) == len(covered)
    assert merged == merge(reversed(spans))


def test_identifiers_are_collected_at_any_depth() -> None:
    """By VR or by keyword; multiple values one by one; vocabularies, devices' calibration and empty values are none."""
    item = Dataset()
    item.PersonName = "HOUSE^Greg"
    item.ContextGroupVersion = "20200101"
    dataset = Dataset()
    dataset.PatientName = "QUILL^May"
    dataset.PatientID = "AB-1234"
    dataset.OtherPatientIDs = ["X-1", "X-2"]
    dataset.StudyDate = "20200503"
    dataset.AcquisitionDateTime = "20200503120000.5"
    dataset.DateOfLastCalibration = "20190101"
    dataset.StudyInstanceUID = "1.2.3.4"
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    dataset.InstitutionName = "St. Quilp"
    dataset.AccessionNumber = ""
    dataset.Modality = "CT"
    dataset.PersonIdentificationCodeSequence = Sequence([item])
    assert collect(dataset) == {
        Identifier(Kind.NAME, "QUILL^May"), Identifier(Kind.NAME, "HOUSE^Greg"), Identifier(Kind.ID, "AB-1234"),
        Identifier(Kind.ID, "X-1"), Identifier(Kind.ID, "X-2"), Identifier(Kind.DATE, "20200503"),
        Identifier(Kind.UID, "1.2.3.4"), Identifier(Kind.INSTITUTION, "St. Quilp"),
    }  # fmt: skip


def test_nothing_shows_a_value() -> None:
    """Neither an identifier nor the set of them has a telling `repr`."""
    identifier = Identifier(Kind.NAME, "QUILL^May")
    assert repr([identifier, KnownIdentifiers([identifier])]) == "[<Identifier>, <KnownIdentifiers>]"


@pytest.mark.parametrize(
    ("written", "known"), [("19000101", []), ("2020.05.03", ["20200503"]), ("20200503", ["20200503"])]
)
def test_a_day_that_stands_for_unknown_is_nobodys(written: str, known: list[str]) -> None:
    """Placeholders are everybody's, and would be found in every output; separators of old files do not hide a day."""
    dataset = Dataset()
    dataset.ContentDate = written
    assert [each.value for each in collect(dataset) if each.kind is Kind.DATE] == known
