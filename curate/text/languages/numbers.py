"""What German, French and Spanish reports give in digits, by its label or form: IDs, telephones and ages over 89."""

import re
from collections.abc import Iterator
from functools import cache

from curate.records import Span
from curate.text.languages import national
from curate.text.lexicon import alternatives, table, words
from curate.text.sparse import Sparse

NO_UNIT = (
    r"(?![ ]?(?:mm|cm|ml|mL|kg|mg|µg|HE|UH|HU|ms|Hz|kV|mA|mCi|MBq|%|x[ ]?\d|cc|mGy|mSv|Jahre|ans|años|h|Uhr)\b|[ ]?%)"
)
_ID = r"""
    (?: [A-Z]{1,4}[ ](?=\d{3}) )?                                   # a prefix apart
    (?=[A-Za-z\-/.]{0,9}\d) [A-Za-z0-9]
    (?: [A-Za-z0-9] | [\-/_.](?=[A-Za-z0-9]) | [ ](?=\d{1,}\b(?![/.:,]\d)) ){2,31}
"""
# Files of German and Austrian courts: 7 St 118/24m, 12 O 345/22
_COURT = r"""
    (?<![\w.,])
    (?P<value>\d{1,4}[ ](?:St|Js|UJs|Ss|Ws|KLs|Ls|Ds|Cs|Gs|Hv|Bs|Bl|HSt|O|C|U|Ca|Sa|KR)[ ]\d{1,5}/\d\d[a-z]?)
    (?![\w/])"""
_OCCUPATIONAL = r"(?!bk(?:-nr)?\.?[ :]{0,2}[1-6][1-5]\d\d(?![\w/.\-]*\d))"  # a disease (BKV, annex 1): "BK 4101"
_COLLEGE = r"\b[Cc]ol(?:eg)?\.[ ](?P<value>\d{1,3}[.,]\d{3})\b"  # of physicians
_OLD = r"(?:9\d|1[0-2]\d)"
_ONES = {
    "de": "(?:(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und)?neunzig|hundert(?:ein|zwei|drei)?",
    "fr": (
        "quatre[ -]vingt[ -](?:dix(?:[ -](?:sept|huit|neuf))?|onze|douze|treize|quatorze|quinze|seize)"
        "|cent(?:[ ]un|[ ]deux)?"
    ),
    "es": "noventa(?:[ ]y[ ](?:uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?|cien(?:to[ ](?:un|uno|dos))?",
}
_AGES = {  # ages over 89 (45 CFR 164.514(b)(2)(i)(C)), in digits and in words
    "de": rf"""
        (?<!vor[ ])(?<!seit[ ]) (?P<value>{_OLD}|{_ONES["de"]}) (?=[ \-]?(?:jährig|Jahre\b|Lebensjahr|j\.))
        | \bAlter[ ]?:?[ ]{{1,2}}(?P<aged>{_OLD})\b""",
    "fr": rf"""
        (?<!a[ ])(?<!depuis[ ]) (?P<value>{_OLD}|{_ONES["fr"]}) (?=[ ](?:ans\b|a\.|a[ ]?(?:[,;)\n]|$)))
        | \b[âa]ge[ ]?:?[ ]{{1,2}}(?P<aged>{_OLD})\b""",
    "es": rf"""
        (?<!hace[ ]) (?P<value>{_OLD}|{_ONES["es"]}) (?=[ ](?:años\b|a\.|a[ ]?(?:[,;)\n]|$)))
        | \bde[ ](?P<spelt>{_ONES["es"].replace("|cien(?:to[ ](?:un|uno|dos))?", "")})(?=[ ]?[,.;)])
        | \bedad[ ]?:?[ ]{{1,2}}(?P<aged>{_OLD})\b""",
}
_PHONES = {
    "de": r"""
        \(?0[1-9]\d{1,4}\)? [ ]?[/\-][ ]?\d{2,4}(?:[ \-]?\d{2,4}){1,3}      # 030/1234567, 0911 - 123 45-67
      | \(0[ ]?\d[ ]?\d(?:[ ]?\d){0,3}\)[ ]?\d{2,4}(?:[ \-]?\d{2,4}){1,3}    # (0 30) 12 34-567
      | 01[567]\d[ /\-]?\d{3,4}[ ]?\d{3,5} | 0[2-9]\d{1,4}[ ]\d{3,4}(?:[ \-]?\d{2,4}){1,2}
    """,
    "fr": r"0[1-9](?:[ .\-]?\d\d){4}",
    "es": r"[6789]\d{2}(?:[ .\-]?\d{3}){2} | [6789]\d{2}(?:[ .\-]?\d\d){3} | 9\d[ .\-]\d{3}[ .\-]\d\d[ .\-]?\d\d",
}


def find(text: str, language: str) -> Iterator[Span]:
    """IDs, telephone numbers and high ages in `text` (plain, see view.py); spans may overlap."""
    yield from national.find(text)
    for label, rule, pattern in _patterns(language):
        for found in pattern.finditer(text):
            yield Span(*found.span(found.lastgroup or "value"), label, rule, 0.9)


@cache
def _patterns(language: str) -> tuple[tuple[str, str, Sparse], ...]:
    ids = rf"""
        (?<![\w\-]) (?i:{_OCCUPATIONAL}{alternatives(table("id_cues", language))}) (?!\w)
        [ ]{{0,2}} (?:[.:\#=º°]|[Nn]\.?[°º]|nr\.?|no\.?){{0,3}} [ ]{{0,4}} (?P<value>{_ID})"""
    cued = rf"""
        (?<![\w\-]) (?i:{alternatives(words("phone_cues", language))}) (?!\w)
        [ ]?[.:\-]{{0,2}} (?:[ ]?(?:n[°º]|nr)\.?)? [ ]{{0,3}}
        (?P<value> (?:\+|\()?\d(?:[ \-/().]{{0,2}}\d){{1,16}} ) {NO_UNIT}"""
    plain = rf"(?<![\w.,+\-]) (?P<value>{_PHONES[language]}) (?![\w]|[.,\-]\d) {NO_UNIT}"
    abroad = r"(?<![\w.+]) (?P<value>(?:\+|00)\d{2,3}(?:[ ().\-/]{0,3}\d){7,13}) (?!\w)"
    kinds = (
        ("ID", "id", ids, 0), ("ID", "id", _COURT, 0), ("ID", "id", _COLLEGE, 0),
        ("PHONE", "phone", cued, 0), ("PHONE", "phone", plain, 0), ("PHONE", "phone", abroad, 0),
        ("AGE", "age", _AGES[language], re.IGNORECASE),
    )  # fmt: skip
    return tuple((label, rule, Sparse(form, re.VERBOSE | flags)) for label, rule, form, flags in kinds)
