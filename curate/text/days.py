"""Days that no arithmetic shifts: in words, by week, by feast, or a month of a year in digits.

A placeholder stands for them, because dates.py has no format to write the shifted day in.
"""

from collections.abc import Iterator
from functools import cache

from curate.text.languages import days as abroad
from curate.text.sparse import Sparse

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_WORD = (
    r"(?:(?:(?:twenty|thirty)[ -])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth)"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_WORD})"
_YEAR = r"(?:,?[ ](?:of[ ]|in[ ])?(?:19|20)\d\d|,?[ ](?:twenty|nineteen)[ -](?:and[ ])?\w{3,9}(?:[ -]\w{3,5})?)"
_MONTH_ABROAD = (  # of letters to English readers
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
)
_MONTH_OF_HIJRA = (
    r"(?i:Muharram|Safar|(?:Rabi'?|Juma?da)[ ](?:al-|ul-)?(?:awwal|ula|thani|akhir|I{1,2})|Rajab|Sha'?ban"
    r"|Ramadan|Shawwal|Dhu[ 'l-]{1,4}(?:Qa'?dah?|Hijjah?))"
)
_FEAST = (
    r"(?:Christmas(?:[ ](?:Eve|Day))?(?![ ][Tt]ree)|New[ ]Year(?:'?s[ ](?:Eve|Day))?(?![ ]?-)"
    r"|Thanksgiving|Easter[ ](?:Sunday|Monday)"
    r"|Boxing[ ]Day|Valentine'?s[ ](?:Day|night|Eve)|Burns[ ]Night|Bonfire[ ]Night|Hogmanay|Advent[ ]Sunday"
    r"|Whitsun(?:tide)?|(?i:Labou?r[ ]Day)|Memorial[ ]Day|Independence[ ]Day|Good[ ]Friday|Halloween"
    r"|(?i:Ash[ ]Wednesday|Maundy[ ]Thursday|Palm[ ]Sunday|Whit[ ](?:Sunday|Monday)|Shrove[ ]Tuesday|Easter[ ]weekend)"
    r"|Corpus[ ]Christi|(?i:Spy[ ]Wednesday|Holy[ ](?:Week|Thursday|Saturday))|Candlemas|Michaelmas|Lammas"
    r"|Sinterklaas|Mawlid|Midsummer(?:[ ](?:Eve|Day|week|weekend))?"
    r"|(?:Canada|Australia|Anzac|ANZAC|Waitangi|Juneteenth|Columbus|Veterans|Presidents|Mothers?'?s?|Fathers?'?s?"
    r"|Republic|Heritage|Emancipation|(?:St\.?|Saint)[ ][A-Z][a-z]{3,9}'?s?)'?[ ]Day"
    r"(?![ ](?:Surgery|Case|Unit|Cent|Hospital|Care|Clinic|Stay|School|Nursery))"
    r"|Diwali|Deepavali|Ramadan|Eid(?:[ ]al-(?:Fitr|Adha))?|Passover|Yom[ ]Kippur|Rosh[ ]Hashanah|Hanukkah|Purim|Pongal"
    r"|Holi|Vesak|Navratri|Onam|Songkran|(?:Lunar|Chinese)[ ]New[ ]Year|Epiphany|Pentecost|All[ ]Saints'?)"
)
_NO_FEAST = (  # days of a week or a course, and those that nothing is known of
    r"(?:Same|Next|Every|Each|Full|Half|First|Second|Third|Fourth|Fifth|Sixth|Seventh|Last|This|That|Other|Another|Post"
    r"|Study|Treatment|Cycle|Business|Working|Good|Nice|Whole|Rest|Clinic|List|Admission|Surgery|Discharge|Transfer|Week"
    r"|Visit|Single|Both|Some|Most|Today|Later|Previous|Following|Follow|Dosing|Infusion|Injection|Scan|Operation|Theatre"
    r"|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|With|From|Until|When)"
)
_WEEKDAY = r"(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_PARTIAL = r"(?:(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])|(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2]))"
_STUDY = r"(?:cxr|cta?|mri?|mra|us|xr|x-?ray|pet|study|exam|films?|scan|mammo\w*|echo|biopsy|bx)"
_AFTER_DAY = r"[.,;)]|[ ]?\n|$|[ ](?i:at|he|she|we|they|i|it|because|via|please|pls|am|pm|around)\b"
_FORMS = (
    rf"\b(?=[\dtfsenTFSEN])(?i:(?:the[ ])?{_DAY}[ ](?:day[ ])?(?:of[ ])?{_MONTH}\b{_YEAR}?)",  # the third of March 2021
    rf"\b(?=[JFMASONDjfmasond])(?i:{_MONTH}[ ](?:the[ ])?{_DAY}{_YEAR}?)"
    r"(?![ -](?:rib|metat|metac|toe|finger|digit|vent))",  # July the 4th
    r"\b(?:19|20)\d\d-?W[0-5]\d(?:-?[1-7])?\b",  # weeks (ISO 8601)
    r"(?<![\w./\-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![\w\-/]|[.]\d)",  # months (ISO 8601)
    r"(?<![\w./\-])(?:0[1-9]|1[0-2])-(?:19|20)\d\d(?![\w\-/])",
    rf"\b{_MONTH}-\d\d\b",  # Mar-24
    r"\b\d{6}[A-Z](?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d\d(?:\d\d)?\b",  # date-time group (ACP 121)
    rf"\b(?:\d{{1,2}}[ ]{_MONTH_OF_HIJRA}[ ]1[34]\d\d|\d{{1,2}}/\d{{1,2}}/1[34]\d\d[ ]?A?H)\b",
    rf"\b{_FEAST}{_YEAR}?(?!\w)",
    rf"\b(?!{_NO_FEAST})[A-Z][a-z]{{3,12}}(?:'s|s')?[ ](?:[Dd]ay|holiday)\b"
    r"(?![ ]?(?:[A-Z\d(]|[a-z]*(?:case|ward|unit|surg|hosp|stay)))",
    rf"\b(?:the[ ])?{_WEEKDAY}[ ](?:before|after|of)[ ](?:the[ ])?{_FEAST}{_YEAR}?(?!\w)",
    rf"(?<![\w/.\-])(?i:{_PARTIAL}(?=[ ]{_STUDY}\b))",  # 2/28 cxr
    rf"\b(?:Mo|Tu|We|Th|Fr|Sa|Su)[ ](?P<value>{_PARTIAL})(?![\w/])",
    r"(?<![\w/.\-])(?P<month>0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])"  # 4/22, 4/24, 4/26
    r"(?:(?:[,;]|[ ]and|[ ]&)[ ](?P=month)/[0-3]?\d(?![\d/]))+",
    rf"(?<!of[ ])(?<!in[ ])\bthe[ ](?P<value>(?:[12]?\d|3[01])(?:st|nd|rd|th))(?={_AFTER_DAY})",  # on the 18th
    rf"\b(?:on|until|till|from|since|by)[ ]the[ ](?P<value>{_WORD})(?=[.,;)\n]|$)",
    rf"\b(?:be|was|is)[ ]the[ ](?P<value>(?=twenty|thirty){_WORD})\b",
    rf"\b(?i:{_STUDY})[ ](?:on[ ])?(?P<value>\d{{1,2}}(?:st|nd|rd|th))\b"
    r"(?![ -](?:rib|meta|toe|digit|finger|day))",
    rf"\b\d{{1,2}}(?:er|\.|º)?[ ](?:de[ ])?(?:{_MONTH_ABROAD})[ ](?:del?[ ])?(?:19|20)\d\d\b",
)

_IN_DIGITS = _FORMS[2:5]  # weeks and months, in every language


def find(text: str, language: str = "en") -> Iterator[tuple[int, int]]:
    """The places of such days in `text` (plain, see view.py) as [start, end); they may overlap."""
    for pattern in _patterns(language[:2]):
        for found in pattern.finditer(text):
            yield found.span("value" if "value" in pattern.groupindex else 0)


@cache
def _patterns(language: str) -> tuple[Sparse, ...]:
    return tuple(map(Sparse, _FORMS if language == "en" else (*_IN_DIGITS, *abroad.forms(language))))
