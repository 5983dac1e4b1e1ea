"""Dates and numbers that were dictated in words in German, French and Spanish: "vierter März", "zéro sept onze".

Five words for numbers in a row count nothing: they spell an identifier or a telephone number. Fewer may be a measure.
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.records import Span
from curate.text.date_forms import names_of
from curate.text.lexicon import alternatives, table, words
from curate.text.sparse import Sparse

_FEWEST = 5  # words for numbers that make an identifier
_ONES = {
    "de": "null eins zwei zwo drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
}
_MORE = {
    "de": (
        "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig "
        "sechzig siebzig achtzig neunzig hundert tausend doppel"
    ),
    "fr": (
        "dix onze douze treize quatorze quinze seize vingt vingts trente quarante cinquante soixante septante huitante "
        "nonante cent cents mille "
        "double"
    ),
    "es": (
        "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós "
        "veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta cuarenta cincuenta "
        "sesenta setenta ochenta noventa cien ciento mil doble "
        "doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
    ),
}
_ORDINALS = {
    "de": (
        r"(?:ers|zwei|drit|vier|fünf|sechs|sieb|sieben|ach|neun|zehn|elf|zwölf|(?:drei|vier|fünf|sech|sieb|acht|neun)"
        r"zehn|(?:(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und)?(?:zwanzigs|dreißigs))te[nrm]?"
    ),
    "fr": r"premier|1er",
    "es": r"primero|uno",
}
_BETWEEN = {"de": r"[ ]", "fr": r"(?:[ ]et[ ]|[ \-])", "es": r"(?:[ ]y[ ]|[ ])"}
_APART = {"de": r"(?:[ ]Strich[ ]|,[ ])", "fr": r"(?:[ ]tiret[ ]|,[ ])", "es": r"(?:[ ]gui[oó]n[ ]|,[ ])"}  # of groups
_OF = {"de": r"[ ]", "fr": r"[ ](?:de[ ])?", "es": r"[ ]de[ ]"}
_OF_YEAR = {"de": r"[ ]", "fr": r"[ ]", "es": r"[ ](?:del?[ ])?"}


def find(text: str, language: str) -> Iterator[Span]:
    """Spoken dates and numbers in `text` (plain, see view.py); spans may overlap."""
    for found in _dates(language).finditer(text):
        yield Span(*found.span(), "DATE", "date", 0.9)
    for found in _beds(language).finditer(text):
        yield Span(*found.span("value"), "LOCATION", "spoken", 0.9)
    for found in _extensions(language).finditer(text):
        yield Span(*found.span("value"), "PHONE", "spoken", 0.9)
    for found in _numbers(language).finditer(text):
        if len(re.split(r"[ \-]", found[0])) >= _FEWEST:
            yield Span(*found.span(), "ID", "spoken", 0.9)


def _number(language: str) -> str:
    """A word for a number, of German compounds all of them: "einunddreißig"."""
    compound = (
        r"|(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(?:[a-zßü]{3,6}zig|dreißig)"
        r"|(?:neunzehnhundert|zweitausend)[a-zßöü]*"
    )
    words = alternatives([*_ONES[language].split(), *_MORE[language].split()])
    return rf"(?:{words}{compound if language == 'de' else ''})(?![^\W\d_])"


def _run(language: str, most: int) -> str:
    number = _number(language)
    return rf"{number}(?:{_BETWEEN[language]}{number}){{0,{most}}}"


@cache
def _beds(language: str) -> Sparse:
    cues = alternatives(cue for cue, kind in table("place_cues", language).items() if "ward" in kind.split())
    return Sparse(rf"(?<![\w\-])(?:{cues})[ ](?P<value>{_run(language, 2)})(?![^\W\d_])", re.IGNORECASE)


@cache
def _extensions(language: str) -> Sparse:
    cues = alternatives(words("phone_cues", language))
    return Sparse(rf"(?<![\w\-])(?:{cues})[ ](?P<value>{_run(language, 6)})(?![^\W\d_])", re.IGNORECASE)


@cache
def _numbers(language: str) -> Sparse:
    return Sparse(rf"(?<![\w\-]){_run(language, 24)}(?:{_APART[language]}{_run(language, 6)}){{0,8}}", re.IGNORECASE)


@cache
def _dates(language: str) -> Sparse:
    """A day and a month, in German also by its number ("vierter vierter"), and the year if it is said."""
    month = alternatives(forms[0] for forms in names_of(language).values())
    german = language == "de"
    months = rf"(?:{month}|{_ORDINALS['de']})" if german else rf"(?:{month})"
    said = rf"(?:{_ORDINALS[language]})" if german else rf"(?:{_ORDINALS[language]}|{_run(language, 2)})"
    year = rf"(?:{_OF_YEAR[language]}{_run(language, 8)})?"
    return Sparse(rf"(?<![\w\-]){said}{_OF[language]}{months}(?![^\W\d_]){year}", re.IGNORECASE)
