"""The residue search: what came in and is about to go out is found, and named by its place only."""

from datetime import date
from io import BytesIO

import pytest
from pydicom import Dataset, Sequence
from pydicom.filereader import read_dataset

from curate.errors import Reason, Rejected
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.residue import Residue, Strangers, without
from curate.privacy.surrogates import Surrogates
from curate.records import Identifier, IdentifierKind

Kind = IdentifierKind
SURROGATES = Surrogates(bytes(range(32)), "patient")
OWN = [Identifier(Kind.NAME, "QUILLFEATHER^May"), Identifier(Kind.ID, "AB-1234"), Identifier(Kind.DATE, "20200503")]
THEIRS = [Identifier(Kind.NAME, "TROTTWOOD^Betsey"), Identifier(Kind.ID, "77-001234")]
RESIDUE = Residue(KnownIdentifiers(OWN), Strangers([*OWN, *THEIRS]), SURROGATES)


@pytest.mark.parametrize(
    "text",
    ["Ms Quillfeather", "ab 1234", "on 3 May 2020", "Betsey Trottwood", "TROTTWOOD^BETSEY", "77001234", "77-001-234"],
)
def test_an_identifier_in_an_output_text_is_found(text: str) -> None:
    """The patient's own in any form, everybody's as full names and numbers; the error names the place alone."""
    with pytest.raises(Rejected) as caught:
        RESIDUE.search_text(f"Findings: {text}.", "", "text")
    assert caught.value.args == (Reason.RESIDUE, "text")


@pytest.mark.parametrize(
    "text", ["Normal chest.", "Betsey cyst", "Trottwood sign", "a 77 mm mass, 1234 HU", "in May 2020", ""]
)
def test_a_clean_text_passes(text: str) -> None:
    """One common name of a stranger, or a number like a part of theirs, is no residue."""
    RESIDUE.search_text(text, "", "text")


def test_a_name_in_a_place_that_is_a_term_is_no_residue() -> None:
    """Whoever cleaned the text knows where a name is that of a sign; a number or a date is never one."""
    term = Residue(KnownIdentifiers([Identifier(Kind.NAME, "QUILLFEATHER^May")]), Strangers([]), SURROGATES)
    term.search_text("Quillfeather sign", "", "text", lambda text, span: text[span.end :].startswith(" sign"))
    with pytest.raises(Rejected):
        term.search_text("Quillfeather sings", "", "text", lambda text, span: text[span.end :].startswith(" sign"))


def test_a_known_date_that_is_another_date_moved_is_no_residue() -> None:
    """A shifted date may fall on a true one; it is explained when its origin stands in the source, and only then."""
    origin = "20300520"
    moved = f"{SURROGATES.shift(date(2030, 5, 20)):%Y%m%d}"
    residue = Residue(KnownIdentifiers([Identifier(Kind.DATE, moved)]), Strangers([]), SURROGATES)
    residue.search_text(f"on {moved}", f"on {origin}", "text")
    with pytest.raises(Rejected):
        residue.search_text(f"on {moved}", "on another day", "text")


def test_a_data_set_is_searched_at_any_depth_and_names_the_tag() -> None:
    """Strings, person names and bytes, in nested items too; numbers are not mistaken for IDs."""
    clean, item = Dataset(), Dataset()
    clean.SliceThickness = "5"
    clean.StudyDescription = "CT chest"
    clean.RequestAttributesSequence = Sequence([item])
    RESIDUE.search_dataset(clean)
    item.ScheduledProcedureStepDescription = "for Quillfeather"
    with pytest.raises(Rejected) as caught:
        RESIDUE.search_dataset(clean)
    assert caught.value.where == "(0040,0007)"
    assert "uill" not in str(caught.value).lower()


@pytest.mark.parametrize(("vr", "value"), [("LO", ["chest", "Quillfeather"]), ("UI", ["1.2.3", "1.2.77.1234"])])
def test_every_value_of_an_element_is_searched(vr: str, value: list[str]) -> None:
    """One of several values is as much of an output as a lone one."""
    strangers = Strangers([*THEIRS, Identifier(Kind.UID, "1.2.77.1234")])
    dataset = Dataset()
    dataset.add_new(0x00181020, vr, value)
    with pytest.raises(Rejected) as caught:
        Residue(KnownIdentifiers(OWN), strangers, SURROGATES).search_dataset(dataset)
    assert caught.value.where == "(0018,1020)"


@pytest.mark.parametrize("value", [b"xx QUILLFEATHER xx", "Quillfeather".encode("latin-1")])
def test_bytes_are_searched_too(value: bytes) -> None:
    """An attribute that is bulk data may hold a header of its own."""
    dataset = Dataset()
    dataset.add_new(0x00420011, "OB", value)  # Encapsulated Document
    with pytest.raises(Rejected):
        RESIDUE.search_dataset(dataset)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_bytes_are_searched_as_utf_16_too(encoding: str) -> None:
    """Private blocks and embedded documents of Windows consoles hold wide characters (law 1)."""
    dataset = Dataset()
    dataset.add_new(0x00420011, "OB", "Quillfeather".encode(encoding))
    with pytest.raises(Rejected):
        RESIDUE.search_dataset(dataset)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Kind.UID, "1.2.840.113619.2.55.3"), (Kind.EMAIL, "b.trottwood1@mail.example.org"), (Kind.ID, "12-34-56-78")],
)
def test_the_number_of_a_stranger_is_found_whatever_its_parts(kind: Kind, value: str) -> None:
    """Another patient's UID in this patient's output is a leak like any other."""
    assert Strangers([Identifier(kind, value)]).found_in(f"see {value} for details")


def test_what_the_policy_retains_is_left_out() -> None:
    """With UIDs retained on purpose, a UID in the output is no residue."""
    uid = Identifier(Kind.UID, "1.2.3.4")
    assert without([*OWN, uid], frozenset({Kind.UID})) == frozenset(OWN)


def test_nothing_shows_a_value() -> None:
    """The search holds every identifier of a shard; its `repr` holds none."""
    assert repr([RESIDUE, Strangers(THEIRS)]) == "[<Residue>, <Strangers>]"


def test_what_was_refused_once_is_refused_again() -> None:
    """Only texts in which nothing was found are not searched anew."""
    dataset = Dataset()
    dataset.StudyDescription = "for Quillfeather"
    for _ in range(2):
        with pytest.raises(Rejected):
            RESIDUE.search_dataset(dataset)


def test_elements_as_they_were_read_are_remembered_with_their_vr() -> None:
    """What was no text when it was a number is searched where it is one; what is the same is searched once."""
    own = KnownIdentifiers([Identifier(Kind.ID, "77001234")])
    residue = Residue(own, Strangers([]), SURROGATES)
    for _ in range(2):
        residue.search_dataset(as_read("IS", b"77001234"))
    for _ in range(2):
        with pytest.raises(Rejected):
            residue.search_dataset(as_read("LO", b"77001234"))


def as_read(vr: str, value: bytes) -> Dataset:
    """A data set with one private element that nobody has asked for its value yet."""
    header = b"\x09\x00\x10\x10" + vr.encode() + len(value).to_bytes(2, "little") + value
    return Dataset(read_dataset(BytesIO(header), False, True))
