"""Dates, times and ages in the forms that DICOM gives them (PS3.5 section 6.2, VRs AS, DA, DT, TM).

A shift moves the day and nothing else: precision, time of day, fraction and time zone stay as they are written.
What is no date is emptied, since text in a date attribute is text that nobody cleans.
"""

import re
from collections.abc import Callable
from datetime import date

Shift = Callable[[date], date]

# Days that stand for "unknown": shifted, they would give the offset away.
PLACEHOLDERS = frozenset({"19000101", "19700101", "00010101"})
_DA = re.compile(r"(\d{4})[.\-/]?(\d\d)[.\-/]?(\d\d)")  # with separators: ACR-NEMA 300, and as seen
_DT = re.compile(r"(\d{4})(\d\d)?(\d\d)?((?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d|60)?)?)?(\.\d{1,6})?([+-]\d{4})?")
_TIME = r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_TM = re.compile(rf"(?:{_TIME})?-?(?:{_TIME})?")
_ZONE = re.compile(r"[+-](?:0\d|1[0-4])[0-5]\d")
_AS = re.compile(r"(\d{1,4})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 52.1775, "M": 12.0, "Y": 1.0}


def shift_date(text: str, shift: Shift | None) -> str:
    """Shift a DA or a range of DAs; None keeps what is valid. Returns "" for what is no date, or a placeholder."""
    text = text.strip(" \0")
    first, dash, last = text.partition("-") if len(text) in {9, 17} else (text, "", "")
    shifted = [_shift_day(each, shift) if each else "" for each in (first, last)]
    return dash.join(shifted) if any(shifted) else ""


def shift_datetime(text: str, shift: Shift | None) -> str:
    """Shift a DT of any precision; the first day of a year or month stands for one that names no day."""
    found = _DT.fullmatch(text.strip(" \0"))
    if not found:
        return ""
    year, month, day, time, fraction, zone = (each or "" for each in found.groups())
    moved = _shift_day(f"{year}{month or '01'}{day or '01'}", shift)
    if not moved:
        return ""
    return moved[: len(year + month + day)] + time + fraction + zone


def keep_time(text: str) -> str:
    """A TM, or a range of TMs, as it is; "" for what is no time."""
    text = text.strip(" \0")
    return text if _TM.fullmatch(text) else ""


def keep_zone(text: str) -> str:
    """An offset from UTC (0008,0201) as it is; "" for what is none."""
    text = text.strip(" \0")
    return text if _ZONE.fullmatch(text) else ""


def cap_age(text: str, cap: int) -> str:
    """An AS of at most `cap` years, in any unit; "" for what is no age. GDPR and HIPAA treat great ages as rare."""
    found = _AS.fullmatch(text.strip(" \0"))
    if not found:
        return ""
    number, unit = int(found[1]), found[2]
    if number / _PER_YEAR[unit] >= cap:
        return f"{cap:03d}Y"
    return f"{number:03d}{unit}" if number < 1000 else ""


def _shift_day(text: str, shift: Shift | None) -> str:
    """Move one whole day. A placeholder is kept only where nothing is shifted."""
    found = _DA.fullmatch(text)
    if not found:
        return ""
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return ""
    if shift is None:
        return "".join(found.groups())
    if "".join(found.groups()) in PLACEHOLDERS:
        return ""
    moved = shift(day)
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"
