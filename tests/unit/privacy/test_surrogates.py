"""Surrogates: relations survive, values do not, and another key shares nothing (laws 2 and 4)."""

import re
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from curate.privacy.surrogates import (
    MAX_WEEKS,
    MIN_WEEKS,
    NAME_TOKEN,
    Surrogates,
    digest,
    fold,
    opaque,
    pseudonym,
    subkey,
)

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
MINE, THEIRS = Surrogates(KEY, "patient"), Surrogates(OTHER, "patient")

# UIDs as PS3.5 section 9 has them: components without leading zeroes, at most 64 characters
uids = st.lists(st.integers(0, 10**12), min_size=3, max_size=5).map(lambda parts: "1." + ".".join(map(str, parts)))
ids = st.text(st.characters(categories=["Lu", "Nd"], max_codepoint=127), min_size=1, max_size=16)
names = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1, max_size=12)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(uids)
def test_a_uid_is_replaced_by_a_valid_uid(uid: str) -> None:
    """At most 64 characters, digits and dots, no leading zero in a component (PS3.5 section 9.1)."""
    made = MINE.uid(uid)
    assert len(made) <= 64
    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+", made)
    assert made != uid
    assert made == MINE.uid(uid + "\0") == Surrogates(KEY, "another patient").uid(uid)


@given(uids, uids)
def test_uids_are_replaced_one_for_one(one: str, other: str) -> None:
    """References resolve after the replacement exactly when they did before."""
    assert (MINE.uid(one) == MINE.uid(other)) == (one == other)


@given(uids)
def test_an_own_root_is_kept_whole(uid: str) -> None:
    """A root that an institution owns stands before a number, and the whole still fits 64 characters."""
    made = Surrogates(KEY, "patient", uid_root="1.2.826.0.1.3680043.10.999").uid(uid)
    assert made.startswith("1.2.826.0.1.3680043.10.999.")
    assert len(made) <= 64
    assert not made.endswith(".")


@given(ids, ids)
def test_identifiers_are_replaced_one_for_one(one: str, other: str) -> None:
    """Equal up to case and separators in, equal out; different in, different out."""
    same = fold(one) == fold(other)
    assert (MINE.identifier(one) == MINE.identifier(other)) == same
    assert re.fullmatch(r"R[A-Z2-7]{12}", MINE.identifier(one))


@pytest.mark.parametrize("written", ["AB-1234", "ab 1234", "AB/1234", "a.b.1234", "ÁB1234"])
def test_the_way_in_which_an_identifier_is_written_does_not_matter(written: str) -> None:
    """What the header writes with a hyphen, the report writes with a blank."""
    assert MINE.identifier(written) == MINE.identifier("AB1234")


@given(names, names)
def test_names_of_a_patient_are_replaced_one_for_one(one: str, other: str) -> None:
    """Up to case and diacritics: the report's "Müller" is the header's "MULLER"."""
    same = fold(one) == fold(other)
    assume(len(one) > 1 and len(other) > 1)
    assert (fold(MINE.name_token(one)) == fold(MINE.name_token(other))) == same


@given(st.sampled_from(["quill", "Quill", "QUILL", "q", "Q", "Äq", "ÄQ"]))
def test_a_name_keeps_the_case_that_it_was_written_in(token: str) -> None:
    """Upper stays upper, lower stays lower, an initial stays an initial."""
    made = MINE.name_token(token)
    assert made.isupper() == token.isupper()
    assert made.islower() == token.islower()
    assert (len(made) == 1) == (len(token) == 1)
    assert made.isalpha()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("QUILL^MAY", r"[A-Z][a-z]+\^[A-Z][a-z]+"),
        ("QUILL^MAY^ANN^DR^JR", r"[A-Z][a-z]+\^[A-Z][a-z]+"),
        ("QUILL", r"[A-Z][a-z]+"),
        ("QUILL^M", r"[A-Z][a-z]+\^[A-Z]"),
        ("QUILL-FEATHER^MAY", r"[A-Z][a-z]+-[A-Z][a-z]+\^[A-Z][a-z]+"),
        ("Quill^May=羽^五月", r"[A-Z][a-z]+\^[A-Z][a-z]+"),
        ("=羽^五月", r"[A-Z][a-z]*\^[A-Z][a-z]+"),
        ("4711", r"[A-Z][a-z]+"),
        ("^^^^", ""),
        ("", ""),
    ],
)
def test_a_person_name_keeps_its_form(name: str, form: str) -> None:
    """Family^Given of the first component group that says something (PS3.5 section 6.2.1)."""
    assert re.fullmatch(form, MINE.person_name(name))


def test_a_name_in_a_report_is_replaced_as_in_the_header() -> None:
    """The same words, in the order and with the punctuation of the text."""
    family, given_name = MINE.person_name("QUILL^MAY").split("^")
    assert MINE.name_text("May Quill") == f"{given_name} {family}"
    assert MINE.name_text("QUILL, May.") == f"{family.upper()}, {given_name}."


@pytest.mark.parametrize("name", ["Müller", "Señor", "Ångström"])
def test_a_decomposed_name_is_the_same_name(name: str) -> None:
    """Text from PDF and macOS writes letters and diacritics apart (Unicode NFD)."""
    assert MINE.name_text(unicodedata.normalize("NFD", name)) == MINE.name_text(name)


@given(days, days)
def test_intervals_and_weekdays_survive(one: date, other: date) -> None:
    """All dates of a patient move by one offset: whole weeks, backwards, one to ten years."""
    moved = MINE.shift(one)
    assert MINE.shift(other) - moved == other - one
    assert moved.weekday() == one.weekday()
    assert timedelta(weeks=MIN_WEEKS) <= one - moved <= timedelta(weeks=MAX_WEEKS)


@given(ids)
def test_every_patient_has_an_offset_within_the_bounds(patient: str) -> None:
    """Whole weeks between the bounds, both included."""
    weeks, rest = divmod(-Surrogates(KEY, patient).offset, timedelta(weeks=1))
    assert not rest
    assert MIN_WEEKS <= weeks <= MAX_WEEKS


def test_patients_have_offsets_of_their_own() -> None:
    """Knowing one patient's true date says nothing of another's: the offsets spread over the whole range."""
    offsets = {Surrogates(KEY, f"patient {number}").offset for number in range(400)}
    assert len(offsets) > 200
    assert max(offsets) - min(offsets) > timedelta(weeks=400)


def test_a_date_before_all_dates_does_not_fail() -> None:
    """A broken clock's year 1 ends at the first day there is."""
    assert MINE.shift(date(1, 1, 1)) == date.min


@given(ids, uids, names)
def test_another_key_shares_nothing(identifier: str, uid: str, name: str) -> None:
    """Releases under two keys cannot be joined by any surrogate."""
    assert MINE.identifier(identifier) != THEIRS.identifier(identifier)
    assert MINE.uid(uid) != THEIRS.uid(uid)
    assert pseudonym(KEY, identifier) != pseudonym(OTHER, identifier)
    assert opaque(KEY, "study", uid) != opaque(OTHER, "study", uid)
    if len(name) > 1:
        assert fold(MINE.name_token(name)) != fold(THEIRS.name_token(name))


@given(ids)
def test_purposes_share_nothing(value: str) -> None:
    """The same value as an ID, a patient or a study gives unrelated surrogates: each has its own sub-key (RFC 5869)."""
    purposes = ["uid", "id", "patient", "opaque/study", "opaque/instance"]
    assert len({digest(KEY, purpose, value) for purpose in purposes}) == len(purposes)
    assert len({subkey(KEY, purpose) for purpose in purposes}) == len(purposes)


@given(st.lists(st.text(max_size=4), max_size=3), st.lists(st.text(max_size=4), max_size=3))
def test_lists_of_parts_do_not_run_together(one: list[str], other: list[str]) -> None:
    """("ab", "c") is not ("a", "bc"), and a colon in a part changes nothing."""
    assert (digest(KEY, "p", *one) == digest(KEY, "p", *other)) == (one == other)


@given(ids, ids, ids)
def test_a_patient_is_an_id_and_its_issuer(patient: str, issuer: str, other: str) -> None:
    """Two hospitals may give out the same PatientID; they mean two patients."""
    assume(fold(issuer) != fold(other))
    assert re.fullmatch(r"[0-9a-f]{32}", pseudonym(KEY, patient, issuer))
    assert pseudonym(KEY, patient, issuer) != pseudonym(KEY, patient, other)
    assert pseudonym(KEY, patient, issuer) == pseudonym(KEY, f" {patient.lower()} ", issuer)


@given(st.text())
def test_nothing_makes_a_surrogate_fail(value: str) -> None:
    """Whatever stands in a header, a surrogate is made, in any process alike."""
    again = Surrogates(KEY, "patient")
    assert MINE.identifier(value) == again.identifier(value)
    assert MINE.person_name(value) == again.person_name(value)
    assert NAME_TOKEN.sub("", MINE.name_text(value)) == NAME_TOKEN.sub("", value)


def test_surrogates_do_not_show_their_key() -> None:
    """Neither key nor patient is in what a log or a debugger would print."""
    assert repr(Surrogates(KEY, "4711")) == str(Surrogates(KEY, "4711")) == "<Surrogates>"


def test_surrogates_are_what_they_were() -> None:
    """Release N+1 meets release N only if these never change; the changelog says when they do."""
    assert MINE.uid("1.2.3") == "2.25.34809011396790134740925721084781918223"
    assert MINE.identifier("AB-1234") == "R22YVVD4JO5ZT"
    assert MINE.person_name("QUILL^MAY") == "Dupadaruv^Vubozesev"
    assert pseudonym(KEY, "AB-1234", "QH") == "065de50ad538f892ed7bb1c9a814e876"
    assert MINE.offset == timedelta(weeks=-187)
