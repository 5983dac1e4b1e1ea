"""Days that no arithmetic shifts: in words, by week, by feast, or a month of a year in digits.

A placeholder stands for them, because dates.py has no format to write the shifted day in.
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.text.lexicon import alternatives, words

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
    r"|(?:Canada|Australia|Anzac|ANZAC|Waitangi|Juneteenth|Columbus|Veterans|Presidents|Mothers?'?s?|Fathers?'?s?"
    r"|Republic|Heritage|Emancipation|(?:St\.?|Saint)[ ][A-Z][a-z]{3,9}'?s?)'?[ ]Day"
    r"(?![ ](?:Surgery|Case|Unit|Cent|Hospital|Care|Clinic|Stay|School|Nursery))"
    r"|Diwali|Deepavali|Ramadan|Eid(?:[ ]al-(?:Fitr|Adha))?|Passover|Yom[ ]Kippur|Rosh[ ]Hashanah|Hanukkah|Purim|Pongal"
    r"|Holi|Vesak|Navratri|Onam|Songkran|(?:Lunar|Chinese)[ ]New[ ]Year|Epiphany|Pentecost|All[ ]Saints'?)"
)
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
    rf"(?<![\w/.\-])(?i:{_PARTIAL}(?=[ ]{_STUDY}\b))",  # 2/28 cxr
    r"(?<![\w/.\-])(?P<month>0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])"  # 4/22, 4/24, 4/26
    r"(?:(?:[,;]|[ ]and|[ ]&)[ ](?P=month)/[0-3]?\d(?![\d/]))+",
    rf"(?<!of[ ])(?<!in[ ])\bthe[ ](?P<value>(?:[12]?\d|3[01])(?:st|nd|rd|th))(?={_AFTER_DAY})",  # on the 18th
    rf"\b(?:on|until|till|from|since|by)[ ]the[ ](?P<value>{_WORD})(?=[.,;)\n]|$)",
    r"\b(?:be|was|is)[ ]the[ ](?P<value>(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))\b",
    rf"\b(?i:{_STUDY})[ ](?:on[ ])?(?P<value>\d{{1,2}}(?:st|nd|rd|th))\b"
    r"(?![ -](?:rib|meta|toe|digit|finger|day))",
    rf"\b\d{{1,2}}(?:er|\.|º)?[ ](?:de[ ])?(?:{_MONTH_ABROAD})[ ](?:del?[ ])?(?:19|20)\d\d\b",
)


_ANYWHERE = _FORMS[2:5]  # weeks and months in digits
_UNIT = r"(?![\w/:.,\-]*\d|[ ]?(?:%|[xX×]|[cmµ]?m\b|m[lg]\b|T\b|Fr?\b|CH\b|h\b))"  # behind a number that is no day
_EVE = {  # the day before or after one, and the week of it
    "de": r"(?:Vorabend[ ]von[ ]|Tag[ ](?:vor|nach)[ ])",
    "fr": r"(?:(?:veille|lendemain|jour|semaine)[ ](?:de[ ](?:la[ ]|l')?|du[ ])|fin[ ]de[ ])",
    "es": r"(?:(?:víspera|semana|día|feriado|feria|fiestas?)[ ]de(?:l|[ ]la)?[ ])",
}
_ABROAD = {  # feasts, and a weekday with a day
    "de": (
        rf"\b(?:(?:Oster|Pfingst)(?:n|en|montag|sonntag|dienstag)|Karfreitag|Gründonnerstag|Aschermittwoch|Rosenmontag"
        rf"|Fronleichnam|Christi[ ]Himmelfahrt|Mariä[ ]\w{{5,14}}|Allerheiligen|Heilig(?:er[ ])?[Aa]bend|Weihnachten"
        rf"|(?:[1-4]\.|[Ee]rste[nr]|[Zz]weite[nr]|[Dd]ritte[nr]|[Vv]ierte[nr])[ ]Advent"
        rf"|Silvester|Neujahr|Nikolaustag|Dreikönig(?:e|en|stag)|Buß-[ ]und[ ]Bettag|Reformationstag){_YEAR}?\b",
        r"\b(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag,?[ ](?:de[mnr][ ])?\d{1,2}\.(?![ ]?\d)"
        r"|\bMittwoch,?[ ](?:de[mnr][ ])?\d{1,2}\.(?![ ]?\d)",
        r"\b\d{1,2}\.[ ]?d\.[ ]?[MJ]\.",  # of this month
        r"\bQuartal:?[ ](?P<value>[1-4]/\d\d)\b",
        r"\b[A-ZÄÖÜ][a-zäöü]{3,12}(?:sonntag|samstag|montag|dienstag|mittwoch|donnerstag|freitag)\b",
        r"(?:(?<=\bam[ ])|(?<=\bvom[ ])|(?<=\bzum[ ]))(?:Ersten|Zweiten|Dritten|Vierten|Fünften|Sechsten|Siebten|Achten|Neunten|Zehnten|Elften|Zwölften"
        r"|(?:Drei|Vier|Fünf|Sech|Sieb|Acht|Neun)zehnten|(?:\w{3,6}und)?[Zz]wanzigsten|(?:Einund)?[Dd]reißigsten)\b",
        r"(?<=\bvom[ ])(?:[12]?\d|3[01])\.(?=[ ]bis[ ](?:zum[ ])?\d{1,2}\.[ ]?[\dJFMASOND])",
    ),
    "fr": (
        rf"(?i:\b(?:lundi[ ]de[ ])?(?:Pâques|Pentecôte)|\b(?:la[ ])?Toussaint"
        rf"|\bl'(?:Ascension|Assomption|Épiphanie|Aïd)\b"
        rf"|\bmardi[ ]gras|\bmercredi[ ]des[ ]Cendres|\bSaint-Sylvestre|\bNouvel[ ]An|\bVendredi[ ]saint|\bRamadan)"
        rf"{_YEAR}?\b|\b(?:à|depuis|avant|après|de)[ ]Noël{_YEAR}?\b",
        r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|[Ss]amedi|[Dd]imanche)[ ](?:saint|gras|de[ ]P[âa]ques|d[ue]s?[ ](?:Jeûne|Rameaux))\b",
        r"(?<=\bla[ ])Saint(?:e)?-[A-ZÉ][a-zéèï]{2,12}(?=[ ]?[,.;)\n]|[ ](?:19|20)\d\d|$)",
        r"(?<=\bjusqu'au[ ])(?:[12]?\d|3[01])\b(?![ ]?[\w/.:%]|[.,]\d)",
        r"(?<![\w./\-])(?:[12]?\d|3[01])(?:-|[ ])(?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})(?=\.?[ ]*$|[.][ ]?\n)",
        r"\b(?i:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:lun|mar|mer|jeu|ven|sam|dim)\.)[ ](?:le[ ])?"
        r"(?:[12]?\d|3[01])(?![\w/.:,]?\d|[ ]?(?:h|heures|ans|mm|cm|à[ ]\d)\b)",
        rf"(?<=\ble[ ])(?:[12]?\d|3[01])\b(?!°|[ ]\d){_UNIT}",
        rf"(?<=\bdu[ ])(?:[12]?\d|3[01])\b(?!°|[ ]\d|[ ]?(?:bis|ter)\b){_UNIT}",
        r"(?<=\ble[ ])(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|dix-\w{4,5}"
        r"|vingt(?:[ \-](?:et[ ]un|\w{3,6}))?|trente(?:[ ]et[ ]un)?)(?=[ ]?[,.;)\n]|$)",
        r"(?<=\ble[ ])(?:[12]?\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?!\d)",
        r"(?<=\bdu[ ])(?:[12]?\d|3[01])(?=[ ]au[ ]\d{1,2}[/.]\d)",
    ),
    "es": (
        rf"\b(?:Navidad|Nochebuena|Nochevieja|Año[ ]Nuevo|(?:Día[ ]de[ ])Reyes|Reyes[ ]Magos|Semana[ ]Santa"
        rf"|(?:Jueves|Viernes|Sábado)[ ]Santo|Domingo[ ]de[ ]\w{{5,12}}|Corpus[ ]Christi|Todos[ ]los[ ]Santos"
        rf"|(?:Día[ ]de[ ](?:los[ ])?)Muertos|Miércoles[ ]de[ ]Ceniza|Lunes[ ]de[ ]Pascua){_YEAR}?\b",
        r"\b(?:[Dd]ía|[Ff]iestas?|[Ff]eria|[Vv]íspera|[Ss]emana|[Rr]omería)[ ]de[ ](?:(?:San|Santa|Santo|Sant|la[ ]Virgen[ ]del?)[ ][A-ZÁÉÍÓÚ]\w+"
        r"|la[ ](?:Mercè|Madre|Candelaria|Patrona|Virgen)|los[ ](?:Muertos|Santos|Inocentes)|las[ ][A-Z][a-z]\w+|Pascua|Reyes)",
        r"\bviernes[ ]de[ ](?:la[ ]Patrona|Dolores)\b",
        r"(?<=\bdesde[ ])Reyes\b",
        r"\bfiestas[ ](?:agostinas|patrias|julias|patronales)\b",
        r"\b(?i:lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo)[ ](?:d[íi]a[ ])?"
        r"(?:[12]?\d|3[01])(?![\w/.:,]?\d|[ ]?(?:h|horas|años|mm|cm|de[ ][a-z]|a[ ]las)\b)",
        rf"(?<=\bel[ ])(?:[12]?\d|3[01])\b(?!º|[ ]\d){_UNIT}",
        rf"(?<=\bdel[ ])(?:[12]?\d|3[01])\b(?!º|[ ]\d){_UNIT}",
        r"(?:(?<=\bel[ ])|(?<=\bel[ ]día[ ]))(?<!en[ ]el[ ])(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece"
        r"|catorce|quince|dieci\w{3,6}|veinti?\w{0,7}|treinta(?:[ ]y[ ]uno)?)(?=[ ]?[,.;)\n]|$|[ ](?:donde|que|y[ ]ya)\b)",
        r"(?<=\bel[ ]día[ ])(?:[12]?\d|3[01])\b(?![ ]?[/.\-]\d)",
        r"(?<=\bdel[ ])(?:[12]?\d|3[01])(?=[ ]al[ ]\d{1,2}[/.]\d)",
        rf"\bprimeros[ ]de[ ](?:{_MONTH_ABROAD})(?:[ ]del?[ ](?:19|20)\d\d)?\b",
        rf"(?<!\d[ ])(?<!\d[ ]de[ ])\b(?:{_MONTH_ABROAD})[ ]del[ ]\d\d\b(?![/.\-]\d)",
    ),
}


def find(text: str, language: str = "en") -> Iterator[tuple[int, int]]:
    """The places of such days in `text` (plain, see view.py) as [start, end); they may overlap."""
    for pattern in _patterns(language[:2]):
        for found in pattern.finditer(text):
            yield found.span("value" if "value" in pattern.groupindex else 0)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    if language == "en":
        return tuple(map(re.compile, _FORMS))
    feast = rf"(?<![\w\-])(?:{_EVE[language]})?(?:{alternatives(words('feasts', language))}){_YEAR}?(?![\w\-])"
    return tuple(map(re.compile, (*_ANYWHERE, *_ABROAD[language], feast)))
