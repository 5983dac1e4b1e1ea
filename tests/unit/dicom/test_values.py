"""Dates, times, ages, UIDs and codes: what one value becomes."""

from datetime import date, timedelta

import pytest

from curate.dicom import codes, strings, uids
from curate.dicom.dates import cap_age, keep_time, keep_zone, shift_date, shift_datetime


def a_week_back(day: date) -> date:
    """The shift that the tables below are written for."""
    return day - timedelta(weeks=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20240131", "20240124"),
        ("20240301", "20240223"),
        ("20230307", "20230228"),
        (" 20240131 ", "20240124"),
        ("2024.01.31", "20240124"),  # ACR-NEMA 300
        ("20240131-20240207", "20240124-20240131"),
        ("20240131-", "20240124-"),
        ("-20240131", "-20240124"),
        ("", ""),
        ("20240230", ""),
        ("Canary", ""),
        ("31.01.2024", ""),
        ("19000101", ""),
        ("19700101", ""),
        ("00010101", ""),
        ("1970.01.01", ""),
    ],
)
def test_dates_are_shifted_or_emptied(text, expected) -> None:
    """A DA or a range moves by whole days; what is no date, or stands for "unknown", is emptied."""
    assert shift_date(text, a_week_back) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20240131", "20240124"),
        ("2024013110", "2024012410"),
        ("20240131101530.123456+0100", "20240124101530.123456+0100"),
        ("20240131235959-0500", "20240124235959-0500"),
        ("202403", "202402"),
        ("2024", "2023"),
        ("2024-0500", "2023-0500"),
        ("19700101000000", ""),
        ("20241301", ""),
        ("2024013199", ""),
        ("Canary 2024", ""),
        ("", ""),
    ],
)
def test_datetimes_keep_precision_time_and_zone(text, expected) -> None:
    """Only the day of a DT moves; a DT without a day moves by its first."""
    assert shift_datetime(text, a_week_back) == expected


def test_full_dates_are_kept_only_if_they_are_dates() -> None:
    """Without a shift, valid values stay, placeholders too, and text is emptied."""
    assert shift_date("20240131", None) == "20240131"
    assert shift_date("19000101", None) == "19000101"
    assert shift_date("Canary", None) == ""
    assert shift_datetime("20240131101530+0100", None) == "20240131101530+0100"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10", "10"), ("1015", "1015"), ("101530.123456", "101530.123456"), ("10:15:30", "10:15:30"),
     ("1015-1130", "1015-1130"), ("235960", "235960"), ("250000", ""), ("Canary", ""), ("10h15", "")],
)  # fmt: skip
def test_times_are_kept_only_if_they_are_times(text, expected) -> None:
    """A TM says nothing about the day, so it stays; text in its place does not."""
    assert keep_time(text) == expected


def test_zone_is_kept_only_if_it_is_one() -> None:
    """Timezone Offset From UTC is an SH: text could stand in it."""
    assert keep_zone("+0100") == "+0100"
    assert keep_zone("-0330 ") == "-0330"
    assert keep_zone("Canary") == ""


@pytest.mark.parametrize(
    ("text", "cap", "expected"),
    [("042Y", 90, "042Y"), ("089Y", 90, "089Y"), ("090Y", 90, "090Y"), ("096Y", 90, "090Y"), ("1100M", 90, "090Y"),
     ("999M", 80, "080Y"), ("014D", 90, "014D"), ("7Y", 90, "007Y"), ("", 90, ""), ("old", 90, ""), ("96 Y", 90, "")],
)  # fmt: skip
def test_ages_are_capped_in_every_unit(text, cap, expected) -> None:
    """An age of the cap or more is the cap; anything that is no AS is emptied."""
    assert cap_age(text, cap) == expected


@pytest.mark.parametrize(
    "uid",
    ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.4.1.1", "1.2.840.10008.2.16.4",
     "1.2.840.10008.5.1.4.1.1.999.7", "2.16.840.1.113883.6.96", ""],
)  # fmt: skip
def test_registered_uids_stay(uid) -> None:
    """SOP classes, transfer syntaxes, well-known frames of reference and coding schemes are everybody's."""
    assert uids.remap(uid, lambda _: "2.25.1") == uid


@pytest.mark.parametrize(
    "uid",
    ["1.2.3.20240131", "1.2.840.113619.2.1", "1.2.840.10008.20240131.7", "1.2.840.100080.1", "Canary", "1.2.840.10008"],
)
def test_other_uids_are_replaced(uid) -> None:
    """A UID that could hold a date, a device or a site is replaced, even under the root of DICOM."""
    assert uids.remap(uid, lambda _: "2.25.1") == "2.25.1"


def test_retained_uids_must_be_uids() -> None:
    """Retain UIDs keeps what is a UID; text in its place is replaced."""
    assert uids.remap("1.2.3.4", lambda _: "2.25.1", retain=True) == "1.2.3.4"
    assert uids.remap("Canary^Ada", lambda _: "2.25.1", retain=True) == "2.25.1"


@pytest.mark.parametrize(
    ("value", "scheme"),
    [("121071", "DCM"), ("T-D1100", "SRT"), ("39607008", "SCT"), ("18782-3", "LN"), ("mm", "UCUM"),
     ("RID28662", "RADLEX"), ("CT", "DCM"), ("US", "ISO3166_1"), ("DCM", "DCM")],
)  # fmt: skip
def test_public_codes_are_no_text(value, scheme) -> None:
    """A code of a public vocabulary is never sent to a text cleaner, which could take it for a number of a patient."""
    assert codes.is_code(scheme, value)


@pytest.mark.parametrize(
    ("value", "scheme"),
    [("Canary", "DCM"), ("Canary Ada", "SRT"), ("121071", "99LOCAL"), ("{Canary}", "UCUM"),
     ("121071", ""), ("", "DCM")],
)  # fmt: skip
def test_other_codes_are_text(value, scheme) -> None:
    """Words in place of a code, and codes that somebody made up, are cleaned like text."""
    assert not codes.is_code(scheme, value)


def test_meaning_must_be_the_standards() -> None:
    """CodeMeaning passes uncleaned only where it is word for word that of PS3.16."""
    assert codes.is_standard_meaning("DCM", "121071", "Finding")
    assert not codes.is_standard_meaning("DCM", "121071", "Finding of Dr Canary")
    assert not codes.is_standard_meaning("99LOCAL", "121071", "Finding")


def test_versions_hold_no_words() -> None:
    """A coding scheme version is a number or a date, which is a vocabulary's and no patient's."""
    assert all(map(codes.is_version, ("01", "20020904", "2.0b", "V3")))
    assert not any(map(codes.is_version, ("Canary", "v1 Canary", "")))


@pytest.mark.parametrize(
    "version",
    [
        "syngo MR B17", "syngo MR 2004A 4VA25A", "syngo CT VA48A", "MR Software release:DV24.0_R01_1344.a", "LX", "24",
        "5.1.7.2", "Release 11.2.2.4", "1.2.0.5 build 339", "PET 2009A", "VB10B", "V4.51ER008",
        "DR CALNEO", "United Imaging Healthcare",
    ],
)  # fmt: skip
def test_a_product_is_kept(version) -> None:
    """What consoles write of themselves is no record number, no title, no hospital and no network address."""
    assert strings.is_product(version)


@pytest.mark.parametrize(
    "text",
    [
        "", "Canary", "MR Canary", "syngo for Dr Canary", "555-0134", "555 013 444", "04839221", "MRN 483921",
        "03.04.2024", "03/04/19", "20240131", "2024-01-31", "release of 2024", "syngo MR B17 Canary", "10.5.0.2024",
        "Quarrendon General Hospital",
    ],
)  # fmt: skip
def test_what_is_no_product_is_cleaned(text) -> None:
    """Words, names, dates and long numbers are texts, wherever they stand."""
    assert not strings.is_product(text)
