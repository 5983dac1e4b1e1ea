"""How dates are written in English, German, French and Spanish: patterns in running text and of a single date.

Month names are data (data/months.csv). English forms count in every language, because systems print them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from curate.text.lexicon import alternatives, table
from curate.text.sparse import Sparse

_YEAR4 = r"(?P<year>(?:18|19|20)\d\d)(?!\d)"
_YEAR = r"(?P<year>(?:18|19|20)\d\d(?!\d)|'?\d\d(?![\d:]))"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_SEPARATOR = r"[ ]?(?P<separator>[/.\-])[ ]?"
_MONTH_YEAR = rf"(?P<month>0?[1-9]|1[0-2])/{_YEAR4}"
_SHORT_DAY, _SHORT_MONTH = r"(?P<first>0?[1-9]|[12]\d|3[01])", r"(?P<second>0?[1-9]|[12]\d|3[01])"
_TIME = r"(?:T[0-2]\d:?[0-5]\d(?::?[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+\-]\d\d:?\d\d)?(?![\w:]))?"  # ISO 8601: one word
_CLOCK = r"(?:[ ](?:[01]\d|2[0-3])[0-5]\d(?=[;|,\t]|$))?"  # in a column: "20240523 0815;"
_PRESSURE = re.compile(r"(?<![\d/.\-])\d{3} ?/ ?\d{2,3}(?![\d/.\-]*\d)")  # systolic and diastolic, mmHg
_NO_UNIT = r"(?!\d|[./]\d|\s?(?:cm|mm|%|weeks?|views?|power|strength))"


@dataclass(frozen=True, slots=True)
class Speech:
    """What a language puts around the parts of a date; each is a regular expression.

    ordinal: after a day · of, of_year: before a month and a year · weekday: with what follows it · cue: what stands
    before a day and month in digits alone · quarter: a quarter of a year in the groups "quarter" and "year".
    """

    ordinal: str
    of: str
    of_year: str
    weekday: str
    cue: str
    time: str
    quarter: str
    within: str


WEEKDAYS = {  # in each language, in lower case
    "en": "(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
    "de": "(?:mo|di|mi|do|fr|sa|so|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend)",
    "fr": "(?:lun|mar|mer|jeu|ven|sam|dim|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)",
    "es": "(?:lun|mar|mi[ée]|jue|vie|s[áa]b|dom|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo)",
}
_ENGLISH = Speech(
    ordinal="st|nd|rd|th",
    of="(?:of[ ])?",
    of_year="(?:of[ ])?",
    weekday=rf"(?:{WEEKDAYS['en']}\.?,?[ ])?",
    cue=(
        r"(?:on|dated?|since|of|born|from|until|till|prior|previous|comparison|compared (?:to|with)|signed|addendum"
        r"|dictated|transcribed|typed|scheduled|due|appointment|surgery|biopsy|bx|follow-?up|approved|performed|exam"
        r"|study|lmp|edd|edc|dob|seen|by|and|between|through|ct|mri?|us|cxr|x-?ray|pet|dexa|echo|mammo|ret|rtc|rv|tci|admitted"
        r"|discharged|d/c|last|cosign(?:ed)?|transfused|(?:in|ex)tubated|received|rec'd|collected|drawn|died)"
    ),
    time="(?:at[ ])?",
    quarter=rf"Q(?P<quarter>[1-4])[ /\-]?{_YEAR4}",
    within="(?:in|since|until|till|before|after|for|by|from|last|next|early|mid|late|end of|beginning of|due|this)",
)
_SPEECH = {
    "en": _ENGLISH,
    "de": Speech(
        ordinal="(?!)",
        of="",
        of_year="",
        weekday=rf"(?:{WEEKDAYS['de']}\.?,?[ ](?:de[nmr][ ])?)?",
        cue=(
            r"(?:am|vom|seit(?:[ ]dem)?|bis(?:[ ]zum)?|zum|ab|dem|den|datum|ct|mrt|rö(?:ntgen)?|sono|op"
            r"|voraufnahmen?|geb\.|frühestens|spätestens)"
        ),
        time="(?:um[ ])?",
        quarter=rf"(?:Q|(?=[1-4I]))(?P<quarter>[1-4]|I{{1,3}}|IV)(?:\.?[ ]Quartal)?[ /]{_YEAR4}",
        within=(
            "(?:im|seit|bis|ab|vom|anfang|mitte|ende|termin|letzten|nächsten|kommenden|diesen|für"
            "|(?:ct|mrt|mrcp|pet-ct|sono|rö|röntgen|ercp|biopsie|kontrolle) von)"
        ),
    ),
    "fr": Speech(
        ordinal="er",
        of="(?:de[ ])?",
        of_year="(?:de[ ])?",
        weekday=rf"(?:{WEEKDAYS['fr']}\.?,?[ ](?:le[ ])?)?",
        cue=r"(?:le|du|au|depuis le|date|datant du|scanner|irm|tdm|échographie)",
        time="(?:à[ ])?",
        quarter=rf"(?P<quarter>[1-4])(?:er|e|ème|eme|ère)[ ]trimestre[ ](?:de[ ]|d')?{_YEAR4}",
        within=(
            "(?:en|depuis|fin|mi|début|courant|jusqu'en|dès|pour|avant|après"
            "|(?:scanner|tdm|irm|échographie|bilan|contrôle|biopsie|examen|tep|radio) de)"
        ),
    ),
    "es": Speech(
        ordinal="º",
        of="(?:de[ ])?",
        of_year="(?:del?[ ])?",
        weekday=rf"(?:{WEEKDAYS['es']}\.?,?[ ])?",
        cue=r"(?:el(?:[ ]d[íi]a)?|del(?:[ ]d[íi]a)?|al|desde el|fecha|f\.|tac|tc|rm|rx|ecograf[íi]a)",
        time="(?:a las[ ])?",
        quarter=rf"(?P<quarter>[1-4])(?:er|º|o|\.º)?[ ]?(?:T|trimestre)[ ]?(?:del?[ ])?{_YEAR4}",
        within=(
            "(?:en|desde|hasta|para|finales de|mediados de|principios de|inicios de"
            "|(?:biopsia|tac|tc|rm|rx|control|ecograf[íi]a|anal[íi]tica|pet|revisi[óo]n|informe|ingreso) de)"
        ),
    ),
}


@cache
def names_of(language: str) -> dict[int, tuple[str, ...]]:
    """The months of a language by number: full name, then short forms."""
    rows = ([*key.split(), forms] for key, forms in table("months").items())
    return {int(number): tuple(forms.split()) for code, number, forms in rows if code == language}


@cache
def months(language: str) -> dict[str, int]:
    """Every written form of a month, lower case, and its number; English forms where they do not contradict."""
    both = (names_of("en"), names_of(language))
    return {form: number for names in both for number, forms in names.items() for form in forms}


@cache
def patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """What a whole date may look like; tried in this order."""
    forms = (*_forms(language), _MONTH_YEAR, *_short_forms(language), _month(language))
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)


@cache
def finders(language: str) -> tuple[Sparse, ...]:
    """The formats in running text; a day and month in digits, and a month alone, need a cue or a time beside them."""
    whole = [rf"(?<![\w/.])(?P<date>{form})" for form in (*_forms(language), _MONTH_YEAR)]
    alone = rf"(?<![\w]){_SPEECH[language].within}[ \-](?P<date>{_month(language)})(?![\w.]?[ ]?\d)"
    noted = rf"\((?P<date>{_month(language)})(?=:)"
    forms = (*whole, _in_digits(language), alone, noted, *_by_itself(language))
    return tuple(Sparse(form, re.IGNORECASE) for form in forms)


def _is_long(form: str) -> bool:
    """Whether a second form of a month is no short one: "Jänner"."""
    return len(form) > 4


def _by_itself(language: str) -> Iterator[str]:
    """A month without anything beside it, where its name is no word and nobody's: written small but in German."""
    if language != "en":
        names = (form for first, *more in names_of(language).values() for form in (first, *filter(_is_long, more)))
        said = {name.capitalize() if language == "de" else name for name in names} - {"Mai", "August"}
        yield rf"(?<![\w\-'])(?:d')?(?-i:(?P<date>(?P<name>{alternatives(said)})))(?![\w\-]|[ ]?\.?\d)"


def _forms(language: str) -> tuple[str, ...]:
    """A language's own formats, then those of English that differ."""
    own = (*_numeric(), *_named(language))
    return own if language == "en" else (*own, *_named("en"))


def _numeric() -> tuple[str, ...]:
    day_of_da = r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"  # PS3.5 DA, DT
    return (
        rf"{_YEAR4}{_SEPARATOR}(?P<month>\d\d?)[ ]?(?P=separator)[ ]?(?P<day>\d\d?)(?!\d){_TIME}",  # 2024-02-29
        rf"{day_of_da}(?:\d{{4}}(?:\d\d(?:\.\d{{1,6}})?)?(?:[+\-]\d{{4}})?)?(?!\d){_CLOCK}",
        rf"(?P<first>\d\d?){_SEPARATOR}(?P<second>\d\d?)[ ]?(?P=separator)[ ]?(?P<year>\d{{4}}|\d\d)(?![\d/]|[.]\d)",
    )


def _month(language: str) -> str:
    return rf"(?P<name>{alternatives(form for forms in names_of(language).values() for form in forms)})(?![^\W\d_])\.?"


def _named(language: str) -> tuple[str, ...]:
    """The formats with a month's name, and quarters."""
    said, name = _SPEECH[language], _month(language)
    ordinal = rf"(?P<ordinal>{said.ordinal})?(?![\w])"
    day = rf"{said.weekday}{_DAY}(?P<ordinal>{said.ordinal})?"
    gap = r"[ \-]" if language == "en" else r"\.?[ \-]?"
    return (
        rf"{_YEAR4}[ \-]{name}[ \-]{_DAY}(?!\d)",  # 2024-Mar-14
        rf"{day}\.?[ \-/]?{said.of}{name},?[ \-/]{{0,2}}{said.of_year}{_YEAR}",
        rf"{said.weekday}{name},?[ \-]{{0,2}}{_DAY}{ordinal},?[ ]{{1,2}}{said.of}{_YEAR4}",  # March 14th, 2024
        rf"{said.weekday}{name}[ ]{_DAY}{ordinal},?[ ](?P<year>'\d\d)(?!\d)",
        rf"{name}-{_DAY}-{_YEAR4}",  # JUN-11-2024
        rf"{name},?[ \-/]{{0,2}}{said.of_year}{_YEAR4}",  # October 2021
        rf"{name}[ \-](?P<year>'\d\d)(?!\d)",
        *((rf"{said.weekday}{name}[ ]{_DAY}{ordinal}(?![ ]?(?:mm|cm|mg|ml|%|[./]\d))",) if language == "en" else ()),
        rf"{day}{gap}{said.of}{name}(?![\w-])",  # 3rd of March
        *((rf"{name}[ ](?P<year>\d\d)(?=[).,;]|[ ]*(?:\n|$))",) if language != "en" else ()),  # "Control junio 24."
        said.quarter,
    )


def _short_forms(language: str) -> tuple[str, ...]:
    """A day and a month in digits: 3/14; never 6/52 (weeks). German writes 14.3."""
    weekday = _SPEECH[language].weekday
    slashed = rf"{weekday}{_SHORT_DAY}(?P<separator>/){_SHORT_MONTH}"
    return (slashed, rf"{weekday}{_SHORT_DAY}(?P<separator>\.){_SHORT_MONTH}\.") if language == "de" else (slashed,)


# A day and a month before a comma or in brackets, as in "Kontrolle 9.12., Befund"
_BARE_DE = r"|(?<=[ (])(?P<bare>(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.)(?=[,;)])"


def _in_digits(language: str) -> str:
    said = _SPEECH[language]
    short = r"(?:\d\d?/\d\d?|\d\d?\.\d\d?\.)" if language == "de" else r"\d\d?/\d\d?"
    time = rf"(?=[ ]{said.time}(?:[01]?\d|2[0-3]):?[0-5]\d\b)"
    return (
        rf"(?<!\w)(?P<named>(?=[^\W\d]){said.weekday}{short}){_NO_UNIT}"
        rf"|\b{said.cue}[ :]{{1,3}}(?P<date>{short}){_NO_UNIT}|(?<![\w/.\-])(?P<timed>{short}){time}"
        r"|(?<=[ ][ ])(?P<last>\d\d?/\d\d?)(?=[ ]*\n)"
        rf"|(?:^|\n)[ >*\-]{{0,4}}(?P<entry>{short})(?=[ ]?[:>])"  # an entry of a log
        + (_BARE_DE if language == "de" else "")
    )


def is_pressure(text: str, start: int, end: int) -> bool:
    """Whether this is a blood pressure or a part of one: three digits before a bar are no day and no month."""
    around = _PRESSURE.finditer(text, max(0, start - 6), end + 6)
    return any(found.start() <= start and end <= found.end() for found in around)
