"""Days that no arithmetic shifts in German, French and Spanish: feasts (data/*/feasts.txt), days without a month."""

from collections.abc import Iterator

from curate.text.date_forms import WEEKDAYS, names_of
from curate.text.lexicon import alternatives, words

_YEAR = r"(?:,?[ ](?:del?[ ])?(?:19|20)\d\d)"
_DAY = r"(?:[12]?\d|3[01])"
_UNIT = r"(?![\w/:.,\-]*\d|[ ]?(?:%|[xX]|[cmµ]?m\b|m[lg]\b|T\b|Fr?\b|CH\b|h\b))"  # behind a number that is no day
_EVE = {  # the day before or after one, and the week of it
    "de": r"(?:Vorabend[ ]von[ ]|Tag[ ](?:vor|nach)[ ])",
    "fr": r"(?:(?:veille|lendemain|jour|semaine)[ ](?:de[ ](?:la[ ]|l')?|du[ ])|fin[ ]de[ ])",
    "es": r"(?:(?:víspera|semana|día|feriado|feria|fiestas?)[ ]de(?:l|[ ]la|[ ]los)?[ ])",
}
_ROMAN = r"(?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})"  # a month
_ORDINAL = (  # as a noun: "am Zwölften"
    r"(?:Ersten|Zweiten|Dritten|Vierten|Fünften|Sechsten|Siebten|Achten|Neunten|Zehnten|Elften|Zwölften"
    r"|(?:Drei|Vier|Fünf|Sech|Sieb|Acht|Neun)zehnten|(?:\w{3,6}und)?[Zz]wanzigsten|(?:Einund)?[Dd]reißigsten)"
)
_SPELT = {
    "fr": (
        r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|dix-\w{4,5}"
        r"|vingt(?:[ \-](?:et[ ]un|\w{3,6}))?|trente(?:[ ]et[ ]un)?)"
    ),
    "es": (
        r"(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w{3,6}|veinti?\w{0,7}"
        r"|treinta(?:[ ]y[ ]uno)?)"
    ),
}


def forms(language: str) -> Iterator[str]:
    """The regular expressions of a language; the day is their group "value", or the whole match."""
    yield rf"(?<![\w\-])(?:{_EVE[language]})?(?:{alternatives(words('feasts', language))}){_YEAR}?(?![\w\-])"
    yield rf"\((?P<value>{_DAY}[\-./]{_ROMAN}(?:[\-./](?:19|20)?\d\d)?)\)"
    yield from {"de": _german, "fr": _french, "es": _spanish}[language]()


def _german() -> Iterator[str]:
    advent = r"(?:[1-4]\.|(?:[Ee]rs|[Zz]wei|[Dd]rit|[Vv]ier)te[nr])[ ]Advent"
    yield rf"\b(?:Christi[ ]Himmelfahrt|Mariä[ ]\w{{5,14}}|{advent}){_YEAR}?\b"
    feast = r"(?:Oster|Pfingst|Weihnachts|Advents|Faschings|Karnevals)"
    yield rf"\b{feast}(?:wochenende|woche|feiertagen?|ferien|tagen?|zeit)\b"
    weekday = r"(?i:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend)"
    yield rf"\b{weekday},?[ ](?:de[mnr][ ])?\d{{1,2}}\.(?![ ]?\d)"
    festival = r"(?:[A-ZÄÖÜ]\w{3,20}|ostern|pfingsten|weihnachten|advent)"
    yield rf"\b{weekday}[ ](?:vor|nach)[ ](?:dem[ ]|der[ ])?{festival}\b"
    yield r"\b\d{1,2}\.[ ]?d\.[ ]?[MJ]\."  # of this month
    yield r"\bQuartal:?[ ](?P<value>[1-4]/\d\d)\b"
    yield rf"\b[A-ZÄÖÜ][a-zäöü]{{3,12}}(?:sonntag|samstag|montag|dienstag|mittwoch|donnerstag|freitag){_YEAR}?\b"
    yield rf"(?:(?<=\bam[ ])|(?<=\bvom[ ])|(?<=\bzum[ ])){_ORDINAL}\b"
    yield r"(?<=\bvom[ ])(?:[12]?\d|3[01])\.(?=[ ]bis[ ](?:zum[ ])?\d{1,2}\.[ ]?[\dJFMASOND])"


def _french() -> Iterator[str]:
    yield (
        r"\b(?i:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)[ ]"
        rf"(?i:saint|gras|de[ ]P[âa]ques|de[ ]Pentecôte|d[ue]s?[ ](?:Jeûne|Rameaux|Cendres)|de[ ]l'Ascension){_YEAR}?\b"
    )
    yield r"(?<=\bla[ ])Sainte?-[A-ZÉ][a-zéèï]{2,12}(?=[ ]?[,.;)\n]|[ ](?:19|20)\d\d|$)"
    done = r"(?i:\b(?:re[çc]u|rendu|dict[ée]|valid[ée]|saisi|fait)e?s?)"
    yield rf"{done}[ ](?:le[ ])?(?P<value>{_DAY}/(?:0?[1-9]|1[0-2]))(?![\w/.])"
    yield rf"(?<=\bjusqu'au[ ]){_DAY}\b(?![ ]?[\w/.:%]|[.,]\d)"
    yield rf"(?<![\w./\-]){_DAY}[\- ]{_ROMAN}(?=\.?[ ]*$|[.][ ]?\n)"
    weekday = rf"(?i:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|{WEEKDAYS['fr']}\.)"
    yield rf"\b{weekday}[ ](?:le[ ])?{_DAY}(?![\w/.:,]?\d|[ ]?(?:h|heures|ans|mm|cm|à[ ]\d)\b)"
    yield rf"(?<=\ble[ ]){_DAY}\b(?!°|[ ]\d){_UNIT}"
    yield rf"(?<=\bdu[ ]){_DAY}\b(?!°|[ ]\d|[ ]?(?:bis|ter)\b){_UNIT}"
    yield rf"(?<=\ble[ ]){_SPELT['fr']}(?=[ ]?[,.;)\n]|$)"
    yield rf"(?<=\ble[ ]){_DAY}\.(?:0?[1-9]|1[0-2])\.(?!\d)"
    yield rf"(?<=\bdu[ ]){_DAY}(?=[ ]au[ ]\d{{1,2}}[/.]\d)"
    yield rf"(?<=\bdu[ ]){_SPELT['fr']}(?=[ ]au[ ])"
    yield rf"\bdu[ ]{_SPELT['fr']}[ ]au[ ](?P<value>{_SPELT['fr']})(?=[ ]?[,.;)\n])"


def _spanish() -> Iterator[str]:
    holy = r"(?:San|Santa|Santo|Sant|la[ ]Virgen[ ]del?)[ ][A-ZÁÉÍÓÚ]\w+"
    yield (
        rf"\b(?i:día|fiestas?|feria|víspera|semana|romería)[ ]de[ ](?:{holy}"
        r"|[Ll]a[ ](?:Mercè|Madre|Candelaria|Patrona|Virgen|Tirana|Merced|Vendimia)"
        r"|(?:los[ ])?(?:Muertos|Santos|Inocentes|Reyes)"
        r"|las[ ][A-Z][a-z]\w+|Pascua)"
    )
    yield rf"\b(?:[Jj]ueves|[Vv]iernes|[Ss]ábado)[ ](?:[Ss]anto|de[ ](?:la[ ]Patrona|Dolores|Gloria|Pasión)){_YEAR}?\b"
    yield rf"\b(?:Domingo[ ]de[ ]\w{{5,12}}|Miércoles[ ]de[ ]Ceniza|Lunes[ ]de[ ]Pascua){_YEAR}?\b"
    yield rf"\b[Dd][íi]a[ ]de[ ](?:los[ ]|las[ ]|la[ ]|San[ ])?[A-ZÁÉÍÓÚ]\w{{3,14}}{_YEAR}?"
    yield r"\b(?:la[ ])?romería[ ]de[ ](?P<value>(?:la|el|los)[ ][A-ZÁÉÍÓÚ]\w+)"
    yield rf"(?:^|(?<=\n))(?P<value>{_DAY}-{_ROMAN}(?:-(?:19|20)?\d\d)?)(?=[,:;][ ])"
    yield r"(?<=\bdesde[ ])Reyes\b"
    yield r"\bfiestas[ ](?:agostinas|patrias|julias|patronales)\b"
    weekday = r"(?i:lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo)"
    yield rf"\b(?:primer|segundo|tercer|cuarto|último)[ ]{weekday}[ ]de[ ]\w{{4,10}}\b"
    yield rf"\b{weekday}[ ](?:d[íi]a[ ])?{_DAY}(?![\w/.:,]?\d|[ ]?(?:h|horas|años|mm|cm|de[ ][a-z]|a[ ]las)\b)"
    yield rf"(?<=\bel[ ]){_DAY}\b(?!º|[ ]\d){_UNIT}"
    yield rf"(?<=\bdel[ ]){_DAY}\b(?!º|[ ]\d){_UNIT}"
    yield (
        rf"(?:(?<=\bel[ ])|(?<=\bel[ ]día[ ]))(?<!en[ ]el[ ]){_SPELT['es']}"
        r"(?=[ ]?[,.;)\n]|$|[ ](?:donde|que|y[ ]ya)\b)"
    )
    yield rf"(?<=\bel[ ]día[ ]){_DAY}\b(?![ ]?[/.\-]\d)"
    yield rf"(?<=\bdel[ ]){_DAY}(?=[ ]al[ ]\d{{1,2}}[/.]\d)"
    month = alternatives(form for several in names_of("es").values() for form in several if len(form) > 3)
    yield rf"\b(?:primeros[ ]de[ ](?:{month}){_YEAR}?|(?:{month})[ ](?:pasado|próximo|entrante))\b"
    yield rf"(?<!\d[ ])(?<!\d[ ]de[ ])\b(?:{month})[ ]del[ ]\d\d\b(?![/.\-]\d)"
