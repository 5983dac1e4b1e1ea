"""Calendar dates as they are written in reports: found, parsed, and written again in the same format and language.

Durations ("6 weeks"), ages and times of day are no dates. A day without a year is read in a common reference year, so
that its interval to a full date may be off by a day or two; month and year alone are read as the fifteenth, a quarter
as its middle. How each language writes dates is in date_forms.py.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from curate.privacy.surrogates import Surrogates
from curate.text.date_forms import WEEKDAYS, finders, months, names_of, patterns

_REFERENCE_YEAR = 2023  # not a leap year
_PIVOT = 69  # POSIX strptime: 69-99 are 1969-1999; the written form stays two digits, so little hangs on it
_AMBIGUOUS = frozenset({"may", "mar", "march", "dec", "sep", "sept", "jan", "jun"})
_FRACTION = re.compile(r"1/[234]|2/3|3/4")
_ROMAN = ("I", "II", "III", "IV")


def _weekday(*languages: str) -> re.Pattern[str]:
    """A weekday and the blank behind it, before a date."""
    words = "|".join(WEEKDAYS[each] for each in languages)
    return re.compile(rf"(?<![^\W_])(?:{words})(?:\.,|[.,])?[ ]{{1,2}}", re.IGNORECASE)


WEEKDAY = _weekday(*WEEKDAYS)
_BEFORE = {each: re.compile(f"{_weekday('en', each).pattern}$", re.IGNORECASE) for each in WEEKDAYS}


def find(text: str, language: str = "en") -> Iterator[tuple[int, int]]:
    """The places of calendar dates in `text` as [start, end); they may overlap."""
    for pattern in finders(language[:2]):
        for found in pattern.finditer(text):
            short = found.lastgroup if found.lastgroup in {"named", "timed", "last", "entry", "bare"} else "date"
            start, end = found.span(short)
            if _is_date(text[start:end], language[:2]) and not (short == "last" and is_page(text, start, end)):
                yield start, end


def is_page(text: str, start: int, end: int) -> bool:
    """Whether this counts pages, whose last one the text counts too: "1/2" where "2/2" stands at an end of line."""
    page, _, pages = text[start:end].partition("/")
    return len(pages) == 1 and page <= pages and re.search(rf"  {pages}/{pages} *(?:\n|$)", text) is not None


def _is_date(written: str, language: str) -> bool:
    """Whether a match is meant as a date: names that are also words need a capital or a year; dots must parse."""
    found = _match(written, language)
    if found is None:
        return False
    parts = found.groupdict()
    name = parts.get("name")
    if name and language == "en" and not parts.get("year") and name.lower() in _AMBIGUOUS and name.islower():
        return False
    if language != "en" and _FRACTION.fullmatch(written):
        return False
    short = len(parts.get("year") or "") == 2 and "separator" in parts
    return not short or any(_read(found, each) is not None for each in ("en", "de"))


def with_weekday(text: str, start: int, language: str = "en") -> int:
    """Where the date that begins at `start` begins with its weekday: "SAT 17/2/24", "Weds 06/03/2024"."""
    found = _BEFORE.get(language, _BEFORE["en"]).search(text, max(0, start - 14), start)
    return found.start() if found else start


def shift_in_text(text: str, surrogates: Surrogates, language: str = "en") -> str | None:
    """Write the date `text` moved by the patient's offset in the same format; None when it is no calendar date.

    Month and day in digits: what only one order allows decides, then dots (day first, DIN 5008), then `language` (see
    `dialect`). Weekday names stay true, because the offset is of whole weeks.
    """
    found = _match(text, language[:2])
    if found is None and (weekday := WEEKDAY.match(text)):
        rest = shift_in_text(text[weekday.end() :], surrogates, language)
        return rest and weekday[0] + rest
    day = _read(found, language) if found else None
    if found is None or day is None:
        return None
    return _write(found, surrogates.shift(day), language)


def dialect(written: Iterable[str], known: Collection[str], language: str) -> str:
    """The language to read the dates of one text by, with the order of day and month that it speaks for.

    "en" and "de-US" put the month first, "en-GB" and "de" the day. A date that only one order allows speaks for the
    whole text, and so does one that is a known date (YYYYMMDD) in one order only; else `language` decides.
    """
    code = language[:2]
    votes = {order for text in written if (found := _match(text, code)) for order in _orders(found, known)}
    if len(votes) != 1:
        return language
    if votes == {"month"}:
        return "en" if code == "en" else f"{code}-US"
    return "en-GB" if code == "en" else code


def _orders(found: re.Match[str], known: Collection[str]) -> Iterator[str]:
    """What one date in digits puts first, "month" or "day", if it tells."""
    if "first" not in found.groupdict() or found["separator"] == ".":
        return
    if int(found["first"]) > 12 or int(found["second"]) > 12:
        yield "month" if int(found["first"]) <= 12 else "day"
        return
    days = {"month": _read(found, "en"), "day": _read(found, "en-GB")}
    fitting = [order for order, day in days.items() if day and f"{day:%Y%m%d}" in known]
    if len(fitting) == 1:
        yield fitting[0]


def _match(text: str, language: str) -> re.Match[str] | None:
    return next((found for pattern in patterns(language) if (found := pattern.fullmatch(text))), None)


def _read(found: re.Match[str], language: str) -> date | None:
    try:
        return date(_year(found.groupdict().get("year")), *_month_and_day(found, language))
    except ValueError:
        return None


def _month_and_day(found: re.Match[str], language: str) -> tuple[int, int]:
    parts = found.groupdict()
    if parts.get("first"):
        numbers = int(parts["first"]), int(parts["second"])
        return numbers if _month_first(found, language) else numbers[::-1]
    if parts.get("quarter"):
        return _quarter(parts["quarter"]) * 3 - 1, 15
    month = months(language[:2])[parts["name"].lower()] if parts.get("name") else int(parts["month"])
    return month, int(parts["day"]) if parts.get("day") else 15


def _month_first(found: re.Match[str], language: str) -> bool:
    first, second = int(found["first"]), int(found["second"])
    if first > 12 or second > 12:
        return first <= 12
    return found["separator"] != "." and (language == "en" or language.endswith("-US"))


def _year(written: str | None) -> int:
    if written is None:
        return _REFERENCE_YEAR
    digits = written.lstrip("'")
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _PIVOT else 2000)


def _quarter(written: str) -> int:
    return int(written) if written.isdigit() else _ROMAN.index(written.upper()) + 1


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
        "name": _month_name(parts.get("name", ""), moved.month, language[:2]),
        "ordinal": _ordinal(parts.get("ordinal", ""), moved.day),
        "quarter": _written_quarter(parts.get("quarter", ""), moved.month),
    }
    text = found.string
    for name in sorted(parts, key=found.start, reverse=True):
        text = text[: found.start(name)] + made[name] + text[found.end(name) :]
    return text


def _written_year(written: str, year: int) -> str:
    return f"{year:04d}" if len(written) == 4 else written[:-2] + f"{year % 100:02d}"


def _written_quarter(written: str, month: int) -> str:
    quarter = (month + 2) // 3
    return str(quarter) if written.isdigit() else _ROMAN[quarter - 1]


def _ordinal(written: str, day: int) -> str:
    """The ending of an ordinal: 1st, and in French and Spanish only the first (1er, 1º)."""
    if written.lower() in {"er", "º"}:
        return written if day == 1 else ""
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _month_name(written: str, month: int, language: str) -> str:
    """The month in the language, length and case of the written one."""
    if not written:
        return ""
    own = written.lower() in {form for forms in names_of(language).values() for form in forms}
    names = names_of(language if own else "en")
    forms = names[month]
    short = any(written.lower() in each[1:] for each in names.values())
    made = forms[1 if short and len(forms) > 1 else 0]
    return made.upper() if written.isupper() else made if written.islower() else made.capitalize()
