"""Scrubbed reports and cleaned descriptors."""

from datetime import date

import pytest

from curate.policy import TextOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.surrogates import Surrogates
from curate.records import Identifier, IdentifierKind
from curate.text.replacement import form_of, replace
from curate.text.scrub import Scrubber

SCRUBBER = Scrubber(TextOptions())
SURROGATES = Surrogates(b"k" * 32, "patient")
KNOWN = KnownIdentifiers([Identifier(IdentifierKind.NAME, "SMITH^JOHN"), Identifier(IdentifierKind.ID, "MR-55-018273")])
REPORT = (
    "Patient: Margaret Holloway  MRN: MR-55-018273  DOB: 07/22/1951  Phone: (808) 555-0188\n"
    "FINDINGS: Kerley B lines. A Foley catheter. Seen at Mercy Hill Hospital, 12 Elm Street.\n"
    "Margaret is 94 years old. Mail m.holloway@mercy.org. Dictated by: Amara Nwosu, MD"
)
SECRETS = [
    "Margaret",
    "Holloway",
    "018273",
    "07/22/1951",
    "0188",
    "Mercy Hill",
    "Elm",
    "94 years",
    "mercy",
    "Amara",
    "Nwosu",
]


def test_report_keeps_medicine_and_loses_identifiers() -> None:
    """Nothing of the person is left, everything of the findings is."""
    scrubbed = SCRUBBER.scrub([REPORT], SURROGATES)[0]
    assert not [secret for secret in SECRETS if secret.lower() in scrubbed.text.lower()]
    assert "FINDINGS: Kerley B lines. A Foley catheter. Seen at " in scrubbed.text
    assert " is 90 years old." in scrubbed.text


def test_spans_index_the_input() -> None:
    """Each span points at what was replaced; what stands between spans is unchanged."""
    scrubbed = SCRUBBER.scrub([REPORT], None)[0]
    made, at = "", 0
    for span in scrubbed.spans:
        made += REPORT[at : span.start] + f"[{span.label}]"
        at = span.end
    assert scrubbed.text == made + REPORT[at:]
    assert "Margaret Holloway" in [REPORT[span.start : span.end] for span in scrubbed.spans]


def test_surrogates_are_the_same_throughout_and_shared_with_headers() -> None:
    """One name is one surrogate in every place, and the surrogate that the DICOM stage writes; so are IDs."""
    text = SCRUBBER.scrub([REPORT], SURROGATES)[0].text
    assert text.count(SURROGATES.name_token("Margaret")) == 2
    assert SURROGATES.identifier("MR55018273") in text


def test_same_key_same_text_other_key_other_text() -> None:
    """Scrubbing is a function of key and text."""
    first, again = (SCRUBBER.scrub([REPORT], Surrogates(b"k" * 32, "patient"))[0].text for _ in range(2))
    other = SCRUBBER.scrub([REPORT], Surrogates(b"j" * 32, "patient"))[0].text
    assert first == again != other


def test_markers_where_there_is_no_key() -> None:
    """The label stands in brackets."""
    assert "Patient: [NAME]  MRN: [ID]  DOB: [DATE]" in SCRUBBER.scrub([REPORT], None)[0].text


def test_markers_where_the_policy_asks_for_them() -> None:
    """Under a key each value has one of its own, so that none is frequent; its form is what the journal counts."""
    people = "\n".join(f"Seen by Dr. {name} Nwosu." for name in ("Amara", "Binta", "Chika", "Dayo", "Emeka", "Femi"))
    by_policy = Scrubber(TextOptions(model="none", replacement="placeholder"))
    first, again = (by_policy.scrub([f"{people}\n{people}"], SURROGATES)[0] for _ in range(2))
    markers = [first.text[start:end] for start, end in first.places]
    assert first.text == again.text
    assert markers[:6] == markers[6:]
    assert len(set(markers)) == 6
    assert len({form_of(each) for each in markers} - {""}) > 2
    assert form_of("[NAME]") == "brackets, capitals, code none"
    assert not any(map(form_of, ("Tlalocan", "(normal)", "(normal) and (stable)", "[sic", "[sic]", "")))


def test_known_identifiers_go_with_their_rule() -> None:
    """What the header knows is found and marked as known."""
    scrubbed = SCRUBBER.scrub(["Study of John Smith, mr 55 018273."], SURROGATES, KNOWN)[0]
    assert [span.rule for span in scrubbed.spans] == ["known", "known"]


def test_records_do_not_show_values() -> None:
    """No repr carries text."""
    scrubbed = SCRUBBER.scrub([REPORT], None)[0]
    assert repr(scrubbed) == "<Scrubbed>"
    assert repr(SCRUBBER) == "<Scrubber>"


def test_a_pager_is_called_so_and_has_one_number() -> None:
    """Whether its word belongs to what was found or not."""
    assert replace("PHONE", "pager 38841", SURROGATES) == "pager " + replace("PHONE", "38841", SURROGATES)


LABELS = ["NAME", "DATE", "ID", "PHONE", "EMAIL", "URL", "ADDRESS", "INSTITUTION", "LOCATION", "UID", "X"]
VALUES = ["Li Wei", "A", "2024-01-18", "555-0142", "a@example.org", "1.2.840.1.2.3", "Unit 7", "J2 Q9", "", "90"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("value", VALUES)
def test_replacement_never_contains_the_value(label: str, value: str) -> None:
    """Whatever label a value gets, what replaces it is not empty and does not show it."""
    made = replace(label, value, SURROGATES)
    assert made
    assert len(value) < 2 or value.lower() not in made.lower()


UNTOUCHED = [
    "AX T1 FLAIR",
    "CHEST PA",
    "Routine Brain",
    "LUNG 1.5 B70f",
    "MR BRAIN W/O",
    "DR CHEST AP",
    "MS LESIONS",
    "T2W_TSE_AX",
    "CHEST, PA AND LATERAL",
    "Abdomen^AbdRoutine",
    "Head^01_HeadRoutine (Adult)",
    "Foley catheter",
    "ABD 2.0 I30f 3",
    "t1_mprage_sag_p2_iso",
    "PROTOCOL NAME: BRAIN",
    "Liver 3 phase",
    "ep2d_diff_3scan_trace_p2_ADC",
    "",
    "  ",
    "L-SPINE AP/LAT",
    "Name: Brain",
    "W/O CONTRAST 5/8 mm",
    "Cardiac 3.0 CE",
    "SE 4 IM 12",
]


@pytest.mark.parametrize("value", UNTOUCHED)
def test_technical_descriptor_survives_untouched(value: str) -> None:
    """Series and protocol descriptions are technical until a rule or a known identifier says otherwise."""
    assert SCRUBBER.clean([value], SURROGATES, KNOWN) == [value]


REMOVED = [
    ("CT CHEST for Smith, call 555-0134", "CT CHEST for, call"),
    ("AX T2 SMITH JOHN", "AX T2"),
    ("smith_john chest", "chest"),
    ("Dr. Jones abdomen", "Dr. abdomen"),
    ("SMITH^JOHN", ""),
    ("MPR COR 2024-03-14", "MPR COR"),
    ("KNEE MRN 12345678 LEFT", "KNEE MRN LEFT"),
    ("CHEST Sm\u200bith^John", "CHEST"),
]


@pytest.mark.parametrize(("value", "cleaned"), REMOVED)
def test_descriptor_loses_identifiers_without_surrogates(value: str, cleaned: str) -> None:
    """Names, numbers and dates are taken out; the rest of the descriptor stays, without double blanks."""
    assert SCRUBBER.clean([value], SURROGATES, KNOWN) == [cleaned]


def test_cleaning_does_not_mix_up_patients() -> None:
    """The cache of rules knows nothing of a patient: the same descriptor loses a name only where it is known."""
    value = "CT Quagmire"
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "QUAGMIRE^G")])
    assert SCRUBBER.clean([value], None, known) == ["CT"]
    assert SCRUBBER.clean([value], None, None) == [value]


@pytest.mark.parametrize(
    ("text", "known", "year"),
    [
        ("DOB: 12/04/1958", "19580412", 1958),  # the header says which order
        ("DOB: 04/12/1958", "19580412", 1958),
        ("Seen 22/11/2023, born 12/04/1958", "", 1958),  # the first date can only be read day first
    ],
)
def test_one_text_has_one_order_of_day_and_month(text: str, known: str, year: int) -> None:
    """A date that fits one order only, or that the header knows, decides for all dates of the text."""
    surrogates = Surrogates(b"k" * 32, "patient")
    identifiers = KnownIdentifiers([Identifier(IdentifierKind.DATE, known)] if known else [])
    made = Scrubber(TextOptions()).scrub([text], surrogates, identifiers)[0].text.rsplit(" ", 1)[1]
    moved = surrogates.shift(date(year, 4, 12))
    order = ("%d/%m/%Y", "%m/%d/%Y")[text.endswith("04/12/1958")]
    assert made == f"{moved:{order}}"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("Dr. Abercrombie THYROID TRANS", "Dr. THYROID TRANS"),
        ("Prof. Jayawardene CARDIAC SSFP 4CH", "Prof. CARDIAC SSFP 4CH"),
        ("Dr. Havisham Liver", "Dr. Liver"),
        ("Prof. Yellowley Swan-Ganz catheter placement", "Prof. Swan-Ganz catheter placement"),
        ("Dr. Jessamyn Kerley B lines", "Dr. Kerley B lines"),
        ("Dr. Jean DUPONT", "Dr."),
        ("Dr. Wei LI", "Dr."),
        ("Dr. John Wall", "Dr."),
        ("Dr. Maria Gomez line", "Dr. line"),
    ],
)
def test_what_follows_a_name_stays(value: str, cleaned: str) -> None:
    """Behind a title and a name, a clinical word is the next thing said; a surname is still part of the name."""
    assert Scrubber(TextOptions()).clean([value], None) == [cleaned]


def test_places_of_replacements_lie_in_the_text_that_goes_out() -> None:
    """A reviewer finds each replacement in the released report by its offsets."""
    placeholders = Scrubber(TextOptions(model="none", replacement="placeholder"))
    scrubbed = placeholders.scrub([REPORT], SURROGATES)[0]
    found = [scrubbed.text[start:end] for start, end in scrubbed.places]
    assert all(span.label in each.upper() for each, span in zip(found, scrubbed.spans, strict=True))
    assert all(map(form_of, found))
    assert found
