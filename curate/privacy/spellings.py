"""One key for all the ways in which an identifier is written: what is looked up needs no pattern of its own.

Every function but `fold_in_place` and `name_parts` takes text that was folded in place.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from curate.privacy.surrogates import NAME_TOKEN, fold

MIN_ID = 4  # alphanumerics; a shorter ID is found by its cue, not by its value
WORD = re.compile(r"[^\W_]+")
TITLES = frozenset({
    "dr", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "mme", "md", "phd", "jr",
    "sr", "ii", "iii", "iv",
})  # fmt: skip
# What may stand inside a name: apostrophes; and unseen, combining marks (text from PDF and macOS), soft hyphens, zero
# widths, marks of direction.
INSIDE_A_NAME = "'\u2019\u02bc\u00ad\u2060\ufeff" + "".join(map(chr, [*range(0x300, 0x370), *range(0x200B, 0x2010)]))
_INSIDE = {ord(each): None for each in INSIDE_A_NAME}
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ß": "ss"}
_SPELT = str.maketrans({**_WRITTEN_OUT, **dict.fromkeys(INSIDE_A_NAME)})
_PAIR = re.compile("(?<=[aou])e|(?<=a)a")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# Where a day may begin; looked ahead, so that what begins inside another is seen, too
MAY_BE_A_DAY = re.compile(
    r"(?<![^\W_])(?=\d{8}|\d{4}[-/. ]\d|\d\d?[-/. ]{1,2}\d\d?[-/. ]"
    r"|(?:\d\d?(?:st|nd|rd|th|\.)?[\s-](?:of )?)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[.,\s-])"
)
_YEAR = r"(?P<year>\d{4}|\d\d)(?![^\W_])"
_DAYS = tuple(map(re.compile, (
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:\d\d){0,3}(?![^\W_])",
    r"(?P<year>\d{4})[-/. ](?P<month>\d\d?)[-/. ](?P<day>\d\d?)(?:t\d\d)?(?![^\W_])",
    rf"(?P<month>\d\d?)[-/. ]{{1,2}}(?P<day>\d\d?)[-/. ]{{1,2}}{_YEAR}",
    rf"(?P<day>\d\d?)[-/. ]{{1,2}}(?P<month>\d\d?)[-/. ]{{1,2}}{_YEAR}",
    rf"{_MONTH}[.,]?[\s-](?P<day>\d\d?)(?:st|nd|rd|th)?,?[\s-]{_YEAR}",
    rf"(?P<day>\d\d?)(?:st|nd|rd|th|\.)?[\s-](?:of )?{_MONTH}[.,]?[\s-]{_YEAR}",
)))  # fmt: skip


def name_parts(name: str) -> Iterator[str]:
    """Family, given and middle names of every component group of a PN (PS3.5 6.2.1), in lower case.

    Prefix and suffix are no names. Family and given name also joined, as file names and addresses have them.
    """
    for group in unicodedata.normalize("NFC", name).casefold().split("="):
        components = [_tokens(component) for component in group.split("^")[:3]]
        yield from (part for parts in components for part in parts)
        for family in components[0]:
            for given in components[1] if len(components) > 1 else ():
                if len(family + given) >= 7:
                    yield from (family + given, given + family)


def _tokens(component: str) -> list[str]:
    return [part for part in NAME_TOKEN.findall(component) if part not in TITLES]


@lru_cache(maxsize=1 << 16)
def sound(part: str) -> str:
    """A part of a name without what its spellings differ in: umlauts, apostrophes, unseen characters."""
    return _PAIR.sub("", fold(part.translate(_SPELT)))


@lru_cache(maxsize=1 << 16)
def canonical(part: str) -> str:
    """A part of a name as the lists of words have it: folded, without what is unseen and without apostrophes."""
    return fold(part).translate(_INSIDE)


def id_keys(value: str) -> Iterator[str]:
    """An ID as one word without separators, and a number without its leading zeroes."""
    plain = "".join(WORD.findall(value))
    if len(plain) < MIN_ID + plain.isdigit() or not any(map(str.isdigit, plain)):
        return
    significant = plain.lstrip("0") if plain.isdigit() else plain
    yield significant if len(significant) > MIN_ID else plain


def phone_keys(value: str) -> Iterator[str]:
    """The digits of a phone number: all of them, without leading zeroes, and the last seven."""
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        yield from (digits, digits.lstrip("0"), digits[-7:])


def phrase_keys(value: str) -> Iterator[str]:
    """An institution or address, whole and by its lines or components; a single common word is none."""
    for part in (value, *re.split(r"[,^\r\n\\]", value)):
        words = WORD.findall(part)
        if len("".join(words)) >= 5 and not (len(words) == 1 and (words[0] in ambiguous() or words[0].isdigit())):
            yield " ".join(words)


def exact_keys(value: str) -> Iterator[str]:
    """A UID or an e-mail address by its words."""
    if len(value) > MIN_ID:
        yield " ".join(WORD.findall(value))


def day_of(value: str) -> date | None:
    """A DA as a day; None for a year alone, and for what is no date."""
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return None


def days_at(plain: str, at: int) -> Iterator[tuple[date, int]]:
    """The days that a text may name at one place, with where each ends; a year of two digits is of either century."""
    for form in _DAYS:
        found = form.match(plain, at)
        if found is None:
            continue
        month = found["month"] if found["month"].isdigit() else f"{_MONTHS.index(found['month'][:3]) + 1}"
        for century in ("",) if len(found["year"]) == 4 else ("19", "20"):
            day = day_of(f"{century}{found['year']}{month:0>2}{found['day']:0>2}")
            if day:
                yield day, found.end()


def fold_in_place(text: str) -> str:
    """Fold case and diacritics character by character, so that every offset stays true."""
    return text.lower() if text.isascii() else text.translate(_folding(text))


def _folding(text: str) -> dict[int, str]:
    return {ord(each): _fold_one(each) for each in set(text) if not ("a" <= each <= "z" or each.isspace())}


@cache
def _fold_one(character: str) -> str:
    folded = fold(character)
    return folded if len(folded) == 1 else character


@cache
def ambiguous() -> frozenset[str]:
    """Names that are also words of English or of radiology (data: ambiguous_names.txt)."""
    return frozenset((files(__package__) / "ambiguous_names.txt").read_text(encoding="utf-8").split())
