"""Dates in text: found, parsed and written again in their own format."""

from datetime import date, timedelta

import pytest

from curate.privacy.surrogates import Surrogates
from curate.text import dates

SURROGATES = Surrogates(b"k" * 32, "patient")


def moved(year: int, month: int, day: int) -> date:
    """The day after the patient's shift."""
    return SURROGATES.shift(date(year, month, day))


FORMATS = [
    ("03/14/2024", (2024, 3, 14), "%m/%d/%Y"),
    ("14/03/2024", (2024, 3, 14), "%d/%m/%Y"),
    ("03-14-24", (2024, 3, 14), "%m-%d-%y"),
    ("08.11.2023", (2023, 11, 8), "%d.%m.%Y"),
    ("2024-02-29", (2024, 2, 29), "%Y-%m-%d"),
    ("2024/02/29", (2024, 2, 29), "%Y/%m/%d"),
    ("20240118", (2024, 1, 18), "%Y%m%d"),
    ("20240118142233", (2024, 1, 18), "%Y%m%d142233"),
    ("2024-01-18T14:22:33.120+13:00", (2024, 1, 18), "%Y-%m-%dT14:22:33.120+13:00"),
    ("2024-01-18T14:22Z", (2024, 1, 18), "%Y-%m-%dT14:22Z"),
    ("30-JUN-2019", (2019, 6, 30), None),
    ("March 2024", (2024, 3, 15), None),
    ("02/2024", (2024, 2, 15), "%m/%Y"),
]


@pytest.mark.parametrize(("written", "day", "form"), [each for each in FORMATS if each[2]])
def test_date_moves_in_its_own_format(written: str, day: tuple[int, int, int], form: str) -> None:
    """Numeric dates keep order, separators and zeros."""
    assert dates.shift_in_text(written, SURROGATES) == moved(*day).strftime(form)


def test_named_months_keep_their_style() -> None:
    """Abbreviation, case, ordinal and weekday stay as they were written."""
    day = moved(2024, 6, 6)
    assert dates.shift_in_text("Thursday, June 6, 2024", SURROGATES) == f"Thursday, {day:%B} {day.day}, {day.year}"
    assert dates.shift_in_text("6-JUN-24", SURROGATES) == f"{day.day}-{day:%b}-{day:%y}".upper()
    assert dates.shift_in_text("6 jun 2024", SURROGATES) == f"{day.day} {day:%b} {day.year}".lower()
    other = moved(2020, 9, 3)
    written = dates.shift_in_text("Sept 3rd, 2020", SURROGATES)
    assert written is not None
    assert written.startswith(f"{other:%b} {other.day}")
    assert day.strftime("%A") == "Thursday"


def test_intervals_between_dates_of_different_formats_stay() -> None:
    """Two dates of one patient are as far apart as before, whatever their formats."""
    first, second = dates.shift_in_text("2024-02-29", SURROGATES), dates.shift_in_text("03/14/2024", SURROGATES)
    assert first is not None
    assert second is not None
    month, day, year = map(int, second.split("/"))
    assert date(year, month, day) - date.fromisoformat(first) == timedelta(days=14)


def test_partial_dates_move_too() -> None:
    """A month with its year, and a day without one, are dates."""
    assert dates.shift_in_text("March 2024", SURROGATES) == f"{moved(2024, 3, 15):%B %Y}"
    assert dates.shift_in_text("3/14", SURROGATES) == f"{moved(2023, 3, 14).month}/{moved(2023, 3, 14).day}"


def test_language_decides_what_validity_leaves_open() -> None:
    """03/04 is March in English and April elsewhere; 13/04 is April everywhere."""
    assert dates.shift_in_text("03/04/2024", SURROGATES) == f"{moved(2024, 3, 4):%m/%d/%Y}"
    assert dates.shift_in_text("03/04/2024", SURROGATES, "de") == f"{moved(2024, 4, 3):%d/%m/%Y}"
    assert dates.shift_in_text("13/04/2024", SURROGATES) == f"{moved(2024, 4, 13):%d/%m/%Y}"


@pytest.mark.parametrize("written", ["", "99/99/2024", "02/30/2024", "6 weeks", "yesterday", "1.2.3", "6/52", "12:30"])
def test_what_is_no_calendar_date_is_none(written: str) -> None:
    """The caller then writes a placeholder."""
    assert dates.shift_in_text(written, SURROGATES) is None


@pytest.mark.parametrize(
    "text",
    [
        "in 6/52",
        "10/7 ago",
        "strength 5/5",
        "BP 120/80",
        "image 3/14",
        "1.5 x 2.3 cm",
        "may 5 mm",
        "C5/6",
        "T1/T2",
        "3.5.1",
    ],
)
def test_fractions_and_durations_are_not_mistaken(text: str) -> None:
    """What looks like day and month in other uses is none without a cue."""
    assert list(dates.find(text)) == []


@pytest.mark.parametrize("written", [each[0] for each in FORMATS])
def test_date_in_a_sentence_is_found_whole(written: str) -> None:
    """The longest match in running text is the date as written."""
    text = f"Comparison: CT of {written}, chest."
    start, end = max(dates.find(text), key=lambda place: place[1] - place[0])
    assert text[start:end] == written


def test_the_clock_beside_a_date_in_a_column_goes_with_it() -> None:
    """A time stamp of an export is one value; "20240523 0930 hrs" in a sentence is a date and a time."""
    text = "MG;20240523 0930;at;DONE\n20240523 0815 seen"
    assert [text[start:end] for start, end in sorted(dates.find(text))] == ["20240523 0930", "20240523"]
    assert dates.shift_in_text("20240523 0930", SURROGATES) == f"{moved(2024, 5, 23):%Y%m%d} 0930"


@pytest.mark.parametrize(
    ("text", "start", "first", "language"),
    [
        ("BEACH, SAT 17/2/24.", 11, 7, "en"),
        ("link - Weds 06/03/2024", 12, 7, "en"),
        ("le lundi 3 mars", 9, 3, "fr"),
        ("am Do., 3.3.", 8, 3, "de"),
        ("on Monday 3.3.", 10, 3, "de"),
        ("the sunset 3/3/24", 11, 11, "en"),
        ("after MI 3/3/24", 9, 9, "en"),
        ("on 3/3/24", 3, 3, "en"),
    ],
)
def test_a_date_begins_with_its_weekday(text: str, start: int, first: int, language: str) -> None:
    """In any case, only a whole word, and of the language: MI is a Wednesday in German alone."""
    assert dates.with_weekday(text, start, language) == first


def test_a_weekday_before_any_format_stays() -> None:
    """The offset is of whole weeks."""
    day = moved(2024, 2, 17)
    assert dates.shift_in_text("SAT 17/2/24", SURROGATES) == f"SAT {day.day}/{day.month}/{day:%y}"
    assert dates.shift_in_text("SAT", SURROGATES) is None
