"""Calendar dates as they are written in reports: found, parsed, and written again in the same format.

Durations ("6 weeks"), ages and times of day are no dates. A day without a year is read in a common reference year, so
that its interval to a full date may be off by a day or two; month and year alone are read as the fifteenth.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import cache

from curate.privacy.surrogates import Surrogates

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
_REFERENCE_YEAR = 2023  # not a leap year
_PIVOT = 69  # POSIX strptime: 69-99 are 1969-1999; the written form stays two digits, so little hangs on it

_NAME = (
    r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![a-z])\.?"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?[ ])?"
_YEAR4 = r"(?P<year>(?:18|19|20)\d\d)(?!\d)"
_YEAR = r"(?P<year>(?:18|19|20)\d\d(?!\d)|'?\d\d(?![\d:]))"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_ORDINAL = r"(?P<ordinal>st|nd|rd|th)?(?![\w])"
_SEPARATOR = r"[ ]?(?P<separator>[/.\-])[ ]?"
_FORMATS = (
    rf"{_YEAR4}{_SEPARATOR}(?P<month>\d\d?)[ ]?(?P=separator)[ ]?(?P<day>\d\d?)(?!\d)",  # 2024-02-29 (ISO 8601)
    r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d\d)?)?(?!\d)",  # DA, DT
    rf"(?P<first>\d\d?){_SEPARATOR}(?P<second>\d\d?)[ ]?(?P=separator)[ ]?(?P<year>\d{{4}}|\d\d)(?![\d/]|[.]\d)",
    rf"{_YEAR4}[ \-]{_NAME}[ \-]{_DAY}(?!\d)",  # 2024-Mar-14
    rf"{_WEEKDAY}{_DAY}(?P<ordinal>st|nd|rd|th)?\.?[ \-/]?(?:of[ ])?{_NAME},?[ \-/]{{0,2}}{_YEAR}",  # 30-JUN-2019
    rf"{_WEEKDAY}{_NAME},?[ \-]{{0,2}}{_DAY}{_ORDINAL},?[ ]{{1,2}}(?:of[ ])?{_YEAR4}",  # March 14th, 2024
    rf"{_WEEKDAY}{_NAME}[ ]{_DAY}{_ORDINAL},?[ ](?P<year>'\d\d)(?!\d)",
    rf"{_NAME},?[ \-/]{{0,2}}(?:of[ ])?{_YEAR4}",  # October 2021
    rf"{_NAME}[ \-](?P<year>'\d\d)(?!\d)",
    rf"{_WEEKDAY}{_NAME}[ ]{_DAY}{_ORDINAL}(?![ ]?(?:mm|cm|mg|ml|%|[./]\d))",  # June 6
    rf"{_WEEKDAY}{_DAY}(?P<ordinal>st|nd|rd|th)?[ \-](?:of[ ])?{_NAME}(?![\w-])",  # 3rd of March
)
_MONTH_YEAR = rf"(?P<month>0?[1-9]|1[0-2])/{_YEAR4}"
_CUE = (
    r"(?:on|dated?|since|of|born|from|until|till|prior|previous|comparison|compared (?:to|with)|signed|addendum"
    r"|dictated|transcribed|typed|scheduled|due|appointment|surgery|biopsy|bx|follow-?up|approved|performed|exam|study"
    r"|lmp|edd|edc|dob|seen|by|and|between|through|ct|mri?|us|cxr|x-?ray)"
)
_PARTIAL = (
    r"(?P<first>0?[1-9]|[12]\d|3[01])(?P<separator>/)(?P<second>0?[1-9]|[12]\d|3[01])"  # 3/14; never 6/52 (weeks)
)
_NO_UNIT = r"(?!\d|[./]\d|\s?(?:cm|mm|%|weeks?|views?|power|strength))"
_TIME = r"(?=[ ](?:at[ ])?(?:[01]?\d|2[0-3]):?[0-5]\d\b)"
_AMBIGUOUS = frozenset({"may", "mar", "march", "dec", "sep", "sept", "jan", "jun"})


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form, re.IGNORECASE) for form in (*_FORMATS, _MONTH_YEAR, _PARTIAL))


@cache
def _finders() -> tuple[re.Pattern[str], ...]:
    """The formats in running text; a day and month in digits alone need a cue or a time beside them."""
    short = r"\d\d?/\d\d?"
    cued = (
        rf"\b{_CUE}[ :]{{1,3}}(?P<date>{short}){_NO_UNIT}|(?<![\w/.\-])(?P<timed>{short}){_TIME}"
        rf"|(?<=[ ][ ])(?P<last>{short})(?=[ ]*\n)"
    )
    whole = [rf"(?<![\w/.])(?P<date>{form})" for form in (*_FORMATS, _MONTH_YEAR)]
    return tuple(re.compile(form, re.IGNORECASE) for form in (*whole, cued))


def find(text: str) -> Iterator[tuple[int, int]]:
    """The places of calendar dates in `text` as [start, end); they may overlap."""
    for pattern in _finders():
        for found in pattern.finditer(text):
            short = found.lastgroup if found.lastgroup in {"timed", "last"} else "date"
            start, end = found.span(short)
            if _is_date(text[start:end]):
                yield start, end


def _is_date(written: str) -> bool:
    """Whether a match is meant as a date: names that are also words need a capital or a year; dots must parse."""
    found = _match(written)
    if found is None:
        return False
    parts = found.groupdict()
    name = parts.get("name")
    if name and not parts.get("year") and name.lower() in _AMBIGUOUS and name.islower():
        return False
    short = len(parts.get("year") or "") == 2 and "separator" in parts
    return not short or any(_read(found, language) is not None for language in ("en", "de"))


def shift_in_text(text: str, surrogates: Surrogates, language: str = "en") -> str | None:
    """Write the date `text` moved by the patient's offset in the same format; None when it is no calendar date.

    Month and day in digits: what only one order allows decides, then dots (day first, DIN 5008), then `language`
    ("en": month first). Weekday names stay true, because the offset is of whole weeks.
    """
    found = _match(text)
    day = _read(found, language) if found else None
    if found is None or day is None:
        return None
    return _write(found, surrogates.shift(day), language)


def dialect(written: Iterable[str], known: Collection[str], language: str) -> str:
    """The language to read the dates of one text by: "en" (month first), or "en-GB" (day first, as most others).

    A date that only one order allows speaks for the whole text, and so does one that is a known date (YYYYMMDD) in one
    order only; without such a date, `language` decides.
    """
    votes = {order for text in written if (found := _match(text)) for order in _orders(found, known)}
    return votes.pop() if len(votes) == 1 else language


def _orders(found: re.Match[str], known: Collection[str]) -> Iterator[str]:
    """The order of day and month that one date in digits speaks for, if any."""
    if "first" not in found.groupdict() or found["separator"] == ".":
        return
    if int(found["first"]) > 12 or int(found["second"]) > 12:
        yield "en" if int(found["first"]) <= 12 else "en-GB"
        return
    days = {language: _read(found, language) for language in ("en", "en-GB")}
    fitting = [language for language, day in days.items() if day and f"{day:%Y%m%d}" in known]
    if len(fitting) == 1:
        yield fitting[0]


def _match(text: str) -> re.Match[str] | None:
    return next((found for pattern in _patterns() if (found := pattern.fullmatch(text))), None)


def _read(found: re.Match[str], language: str) -> date | None:
    parts = found.groupdict()
    year = _year(parts.get("year"))
    if parts.get("first"):
        numbers = int(parts["first"]), int(parts["second"])
        month, day = numbers if _month_first(found, language) else numbers[::-1]
    else:
        month = _month(parts["name"]) if parts.get("name") else int(parts["month"])
        day = int(parts["day"]) if parts.get("day") else 15
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_first(found: re.Match[str], language: str) -> bool:
    first, second = int(found["first"]), int(found["second"])
    if first > 12 or second > 12:
        return first <= 12
    return found["separator"] != "." and language == "en"


def _year(written: str | None) -> int:
    if written is None:
        return _REFERENCE_YEAR
    digits = written.lstrip("'")
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _PIVOT else 2000)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.lower().startswith(name.lower()[:3]))


def _write(found: re.Match[str], moved: date, language: str) -> str:
    """Put the moved date's parts where the parts of the written one stood."""
    parts = {name: part for name, part in found.groupdict().items() if part and name != "separator"}
    numbers = [part for name, part in parts.items() if name in {"first", "second", "month", "day"}]
    padded = all(len(number) == 2 for number in numbers) and ("name" not in parts or numbers[:1] < ["1"])
    width = 2 if padded else 1
    month, day = f"{moved.month:0{width}d}", f"{moved.day:0{width}d}"
    first, second = (month, day) if "first" in parts and _month_first(found, language) else (day, month)
    made = {
        "first": first,
        "second": second,
        "month": month,
        "day": day,
        "year": _written_year(parts.get("year", ""), moved.year),
        "name": _month_name(parts.get("name", ""), moved.month),
        "ordinal": _ordinal(moved.day),
    }
    text = found.string
    for name in sorted(parts, key=found.start, reverse=True):
        text = text[: found.start(name)] + made[name] + text[found.end(name) :]
    return text


def _written_year(written: str, year: int) -> str:
    return f"{year:04d}" if len(written) == 4 else written[:-2] + f"{year % 100:02d}"


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _month_name(written: str, month: int) -> str:
    full = len(written) > 4 or written.lower() in {"may", "june", "july"}
    made = MONTHS[month - 1] if full else MONTHS[month - 1][:3]
    return made.upper() if written.isupper() else made.lower() if written.islower() else made
