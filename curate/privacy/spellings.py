"""The ways in which one identifier is written: regular expressions over folded text (`fold_in_place`)."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files

from curate.privacy.surrogates import NAME_TOKEN, fold
from curate.records import IdentifierKind

Kind = IdentifierKind

MIN_ID = 4  # alphanumerics; a shorter ID is found by its cue, not by its value
TITLES = frozenset({
    "dr", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "mme", "md", "phd", "jr",
    "sr", "ii", "iii", "iv",
})  # fmt: skip
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
# What may stand inside a word unseen: combining marks (text from PDF and macOS), soft hyphens, zero widths, marks of
# direction.
_UNSEEN = "[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]*"
_APOSTROPHES = "'\u2019\u02bc"
_WRITTEN_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "ß": "ss"}
_PAIRS = {"ae": "ae?", "oe": "oe?", "ue": "ue?", "aa": "aa?", "ss": "(?:ss|ß)"}


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


def spelling(part: str) -> str:
    """A regular expression for one part of a name however it is spelt: umlauts written out, marks apart, and so on."""
    made, place = [], 0
    while place < len(part):
        pair, letter = part[place : place + 2], part[place]
        if pair in _PAIRS:
            made.append(_PAIRS[pair])
        else:
            made.append(_letter(letter))
        place += 2 if pair in _PAIRS else 1
    return _UNSEEN.join(made)


def _letter(letter: str) -> str:
    if letter in _APOSTROPHES:
        return f"[{_APOSTROPHES}]?"
    plain = re.escape(fold_in_place(letter))
    if letter in _WRITTEN_OUT:
        return f"(?:{_WRITTEN_OUT[letter]}|{plain}|{letter})"
    return plain


def canonical(part: str) -> str:
    """A part of a name as the lists of words have it: folded, without what is unseen and without apostrophes."""
    return re.sub(f"{_UNSEEN}|[{_APOSTROPHES}]", "", fold(part))


def longest(form: str) -> tuple[int, str]:
    """A key that sorts longer forms first."""
    return -len(form), form


def _id_forms(value: str) -> Iterator[str]:
    """Any separators between the characters; a number with and without its leading zeroes."""
    plain = "".join(each for each in value if each.isalnum())
    if len(plain) < MIN_ID + plain.isdigit() or not any(each.isdigit() for each in plain):
        return
    significant = plain.lstrip("0") if plain.isdigit() else plain
    padded = "0{0,6}" if plain.isdigit() and len(significant) > MIN_ID else ""
    yield padded + r"[\s\-./_]?".join(map(re.escape, significant if padded else plain))


def _phone_forms(value: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", value)
    if len(digits) >= 7:
        for number in {digits, digits.lstrip("0"), digits[-7:]}:
            yield r"[\s\-./()]{0,2}".join(number)


def _phrase_forms(value: str) -> Iterator[str]:
    """An institution or address, whole and by its lines or components; a single common word is none."""
    for part in {value, *re.split(r"[,^\r\n\\]", value)}:
        words = re.findall(r"[^\W_]+", part)
        if len("".join(words)) >= 5 and not (len(words) == 1 and (words[0] in ambiguous() or words[0].isdigit())):
            yield r"[\s,.\-'/&^]{1,3}".join(map(re.escape, words))


def _exact_form(value: str) -> Iterator[str]:
    if len(value) > MIN_ID:
        yield re.escape(value)


def _date_forms(value: str) -> Iterator[str]:
    """The ways in which a day is written; a year alone or an unparsable value has none."""
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return
    month = _MONTHS[day.month - 1]
    short = "sept?" if day.month == 9 else month[:3]
    numbers = rf"0?{day.day}", rf"0?{day.month}", rf"(?:{day.year}|{day.year % 100:02d})"
    yield rf"{day:%Y%m%d}(?:\d{{2}}){{0,3}}"
    yield rf"{day.year}[-/. ]0?{day.month}[-/. ]0?{day.day}(?:t\d\d)?"
    for first, second in ((numbers[0], numbers[1]), (numbers[1], numbers[0])):
        yield rf"{first}[-/. ]{{1,2}}{second}[-/. ]{{1,2}}{numbers[2]}"
    yield rf"(?:{month}|{short})[.,]?[\s-]0?{day.day}(?:st|nd|rd|th)?,?[\s-]{numbers[2]}"
    yield rf"0?{day.day}(?:st|nd|rd|th|\.)?[\s-](?:of )?(?:{month}|{short})[.,]?[\s-]{numbers[2]}"


FORMS = {
    Kind.UID: _exact_form,
    Kind.EMAIL: _exact_form,
    Kind.DATE: _date_forms,
    Kind.PHONE: _phone_forms,
    Kind.ADDRESS: _phrase_forms,
    Kind.INSTITUTION: _phrase_forms,
    Kind.ID: _id_forms,
}


def fold_in_place(text: str) -> str:
    """Fold case and diacritics character by character, so that every offset stays true."""
    return text.translate(_folding(text))


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
