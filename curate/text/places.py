"""Addresses, towns, wards and organisations, by the words that begin or end them (data/README.md)."""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import alternatives, endings, joined, table, words
from curate.text.sparse import Sparse
from curate.text.unfamiliar import is_familiar

_CAPITAL = r"[^\W\d_a-z]"
# no verb of a heading in capitals, no number: "Group 0077134"
_PROPER = rf"(?:St\.|(?!(?:BY|SEEN|WAS|AT|FROM|WITH|FOR)\b){_CAPITAL}(?!\w{{0,9}}\d\d)[\w'&\-]{{0,30}})"
_PHRASE = rf"{_PROPER}(?:[ ]{_PROPER}){{0,2}}"
_TOWN = rf"(?:,[ ]?{_PHRASE}(?=[\s,.;)]))?"
_MOVED = r"""
    (?: served[ ]in | born[ ]in | lives?[ ]in | living[ ]in | resident[ ]of | moved[ ](?:from|to) | trip[ ]to
      | visit(?:ing|ed)?(?:[ ](?:to|from))? | travel(?:led|ed|ling|ing)?[ ](?:to|from|in) | back[ ]from | home[ ]in
      | (?:em|im)migra(?:ted|nt)[ ]from | fl(?:ying|ew)(?:[ ]home|[ ]back)?[ ](?:from|to|in) | holiday(?:ing)?[ ]in
      | (?:native|citizen)[ ]of | (?:returned|arrived|originally|transferred)[ ]from
      | on[ ](?:(?:the|her|his)[ ])?way[ ]from )
"""
WARD_CUES = (
    "location", "loc", "room", "rm", "ward", "bed", "bay", "floor", "unit", "cubicle", "pod", "cot", "incubator",
    "isolette", "trolley", "stretcher", "theatre", "patient location", "chair", "resus", "counter", "booth", "suite",
    "rooms", "hall", "cath lab", "conf rm", "waiting area", "clinic room", "bldg", "building",
    "bed space", "bedspace", "bunk", "console", "berth",
)  # fmt: skip
_SPOKEN = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"  # as a dictation writes a number
_BEFORE_TOWN = re.compile(r"(?:\b(?:in|from|of|to|at|near)|,) $")


def find(text: str) -> Iterator[Span]:
    """Addresses, places and organisations in `text` (plain, see view.py); spans may overlap."""
    for label, rule, pattern in _patterns():
        for found in pattern.finditer(text):
            if rule not in {"place", "dateline"} or _generic_lead(found["value"]) < len(
                found["value"]
            ):  # "returned from Recovery"
                yield Span(*found.span("value"), label, rule, 0.8)
    for found in _town_pattern().finditer(text):
        if _is_town(text, found):
            yield Span(*found.span(), "LOCATION", "place", 0.8)
    one_case = in_one_case(text)
    for found in _gazetteer(one_case=one_case).finditer(text):
        if not one_case or fold(found["town"]) not in joined("common_words_en", "clinical_words", "function_words"):
            yield Span(*found.span("town"), "LOCATION", "place", 0.8)
    yield from _organisations(text)


@cache
def _patterns() -> tuple[tuple[str, str, Sparse], ...]:
    forms = {
        ("ADDRESS", "address"): (_street(), _street_abroad(), _box()),
        ("LOCATION", "postcode"): (
            # lines of an address above its postcode
            rf"^[ ]*(?P<value>{_PHRASE})(?=\n(?:[ ]*{_PHRASE}\n)?[ ]*[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}}\b)",
            r"\b(?P<value>[ABCEGHJ-NPRSTVXY]\d[A-Z][ ]\d[A-Z]\d)\b",  # Canada
            r"(?<![\w\-])(?P<value>\d{5}-\d{4})(?![\w\-])",  # ZIP+4
            # Ireland
            r"\b(?P<value>[AC-FHKNPRTV-Y]\d[\dW][ ]?(?=[A-Z\d]{0,3}\d)[\dAC-FHKNPRTV-Y]{4})\b(?=\s|[.,;)]|$)",
            r"\b(?i:zip|zip[ ]code|postal[ ]code|postcode|plz)[: ]{1,3}(?P<value>[A-Z0-9][A-Z0-9 \-]{2,9})",
            # United Kingdom; L4 and S1 alone are vertebrae
            r"\b(?P<value>(?:[A-Z]{2}\d|[BEGMNW]\d|[LS]\d(?=\d))[A-Z\d]?[ ]\d[ABD-HJLNP-UW-Z]{2})\b",
        ),
        ("LOCATION", "place"): (rf"\b(?i:{_MOVED})[ ](?:the[ ])?(?P<value>{_PHRASE})",),
        ("LOCATION", "position"): (_position(),),
        ("LOCATION", "ward"): (
            _ward(),
            # a ward by its name
            r"(?:^|[ ]{2}|[|;][ ]?|\n)(?i:ward)[ ]?:[ ]{1,3}(?P<value>[A-Z][^\n|;:()]{2,36}?)(?=[ ]{2}|[ ]?[|;\n]|$)",
            r"\b(?i:(?:pat(?:ient)?|img|req|ordering)[ ]loc(?:ation)?)[ ]?:[ ]{1,3}"
            r"(?P<value>(?=\w{1,12}[\-/])[A-Z][\w\-/]{3,30})(?=[ ]{2}|[ ]?[|;\n]|$)",
            # a part of a house by its letter
            r"\b(?i:block|rm|room|theatre|bay|pod|wing|tower|cubicle|gate|hall|suite)[ ]"
            r"(?P<value>[A-Z])\b(?![.'\-]?\w)",
            r"\b(?:from|to|on|in|via)[ ](?P<value>[wW]\d{1,2}[a-zA-Z]?)\b(?![ ]?(?:mm|cm|%|/))",
            r"\b(?:ICU|HDU|CCU|ITU|NICU|PICU|MAU|AMU|SAU|PACU|OPD)[ ](?P<value>[A-Z]-?\d{1,2})\b",
            # a place of a unit: "MICU 3", and no stay of "ICU 3 weeks"
            r"\b(?P<value>(?:[CMNPS]?ICU|CVICU|CTICU|HDU|CCU|ITU|PACU|L&D|Peds)[ ]\d{1,3}(?:-\d{1,2}|[A-Z])?)\b"
            r"(?![.,/\-]\d|[ ]?(?:[x%]|d\b|h\b|(?:night|day|week|wk|month|hour|hr|time|pt|patient|bed)s?\b))",
        ),
        ("LOCATION", "dateline"): (
            rf"^[ ]*(?P<value>{_CAPITAL}[\w'\-]{{2,24}}(?:[ ]{_CAPITAL}[\w'\-]{{2,24}}){{0,2}})"
            rf",[ ](?:le[ ])?\d{{1,2}}(?:st|nd|rd|th|er)?[ ](?:de[ ])?{_CAPITAL}?[a-zé]{{2,9}}[ ,](?:de[ ])?[ ]?"
            r"(?:19|20)\d\d",
        ),
    }
    return tuple(
        (*kind, Sparse(form, re.VERBOSE | re.MULTILINE)) for kind, several in forms.items() for form in several
    )


def _street() -> str:
    """1428 Elm Street, Apt 4B, Springfield; without a number only the full words count."""
    street = alternatives(words("street_words"))
    return rf"""
        (?:\b|(?=\#))(?P<value>
            (?: (?i:flat|apartment|apt|unit|suite)\.?[ ]\w{{1,5}},?[ ] | \#\w{{1,5}}(?:,|[ ]-)?[ ]
              | The[ ](?:{_PROPER}[ ]){{0,2}}{_PROPER},[ ] )?
            \d{{1,5}}[A-Za-z]?[ ] (?:[NSEW]{{1,2}}\.?[ ])?
            (?:(?:{_CAPITAL}|\d)[\w'\-]{{0,20}}\.?[ ]){{1,4}} (?i:{street})\b (?!(?<=[Dd]r)\.?[ ][A-Z]) \.?
            (?:[ ][NSEW]{{1,2}}\b\.?)?
            (?: ,?[ ] (?:(?i:apt|apartment|suite|unit|floor|fl|ste)\.?[ ]?|\#[ ]?) \w{{1,6}} )?
            (?: \^[^|\n]{{0,80}} | {_TOWN} )  # the components of an XAD (HL7 v2 2.A.88)
          | (?i:block|blk|plot|house|flat|shop|unit|lot)[ ]\d{{1,4}}[A-Z]?(?:/\d{{1,4}})?,?[ ]
              (?:{_CAPITAL}[\w'\-]{{1,20}}[ ]){{1,3}} (?i:{street})\b (?:[ ]\d{{1,3}}\b)? {_TOWN}
          | \d{{2,5}}[ ] {_CAPITAL}[\w'\-]{{1,20}}(?:[ ]{_CAPITAL}[\w'\-]{{1,20}}){{0,2}},[ ]
              (?i:suite|ste\.?|apt\.?|unit)[ ]\w{{1,5}}\b
          | (?:{_CAPITAL}[\w'\-]{{1,20}}[ ]){{1,2}} (?:Lane|Street|Road|Avenue|Drive|Boulevard|Crescent)\b (?=[.,;\n])
          | (?:(?<=[ ]on[ ])|(?<=[ ]at[ ])) (?:{_CAPITAL}[\w'\-]{{1,20}}[ ]){{1,2}}
              (?:St|Street|Rd|Road|Ave|Avenue|Ln|Blvd|Hwy)\b
          | (?<=[ ]on[ ]) (?:(?:I|US|SR)-\d{{1,3}}|(?:Route|Highway|Hwy)[ ]\d{{1,4}}|[AM]\d{{1,3}}(?=[ ]near))
            (?:[ ]near[ ]{_PHRASE})?
        )"""


def _street_abroad() -> str:
    """15 Rue des Lilas, Lindenstraße 7."""
    return rf"""
        \b(?P<value>
            \d{{1,4}},?[ ] (?i:rue|avenue|calle|via|rua|place)[ ] (?i:des[ ]|de[ ]la[ ]|de[ ]|du[ ]|della[ ]|d')?
            {_PHRASE} {_TOWN}
          | {_CAPITAL}[\w\-]{{2,25}} (?:straße|strasse|str\.|weg|platz|allee|gasse) [ ]\d{{1,4}}[a-z]?
        )"""


def _position() -> str:
    """62 14 N 001 40 W; 51.5072 N, 0.1276 W: latitude and longitude (ISO 6709, annex D)."""
    minutes = r"(?:[ °.]{1,2}\d{1,4}(?:[.,]\d{1,3})?'?(?:[ ]?\d{1,2}\")?)?"
    return (
        rf"(?<![\w.])(?P<value>\d{{1,2}}{minutes}[° ]{{0,2}}[NS],?[ ]{{1,2}}\d{{1,3}}{minutes}[° ]{{0,2}}[EWO])(?!\w)"
    )


def _box() -> str:
    """PO Box 88-214, Whangārei 0148; P.M.B. 2114."""
    return rf"""
        \b(?P<value> (?i: (?:G\.?)?P\.?[ ]?O\.?[ ]Box | P\.?M\.?B\.? | (?:private|locked)[ ](?:mail[ ])?bag ) [ ]
            [A-Z]?\d[\d\-]{{0,8}} (?: ,[ ]{_PHRASE}(?:[ ]\d{{4,5}})?(?=[\s,.;)]|$) )? )"""


def _ward() -> str:
    """Room 512B, WARD: 6A-CARDIOLOGY, LOCATION 4 WEST ICU BED 12; a digit is needed."""
    part = rf"""
        (?: [A-Z0-9]{{1,6}}(?:-[A-Z0-9]{{1,14}}){{1,3}} | \d{{1,5}}[A-Z]{{0,2}}(?:-[A-Z0-9]{{1,14}})?
          | [A-Z]{{1,2}}-?\d{{1,4}}[A-Z]?
          | (?i:{alternatives(words("ward_words"))}) | [NSEW] | North|South|East|West | NORTH|SOUTH|EAST|WEST )"""
    return rf"""
        \b(?!POD[ ]\#?\d)(?i:{alternatives(WARD_CUES)}) \.?(?:[ ]?[:\#][ ]{{0,3}}|[ ])
        (?P<value> \d{{1,4}}[a-z]\b | (?i:{_SPOKEN})\b
          | {_CAPITAL}[a-z]{{2,14}}[ ]\d{{1,2}}[A-Z]?\b(?![ ]?(?:mm|cm|ml|HU|%|x))
          | (?=[\w\- ]{{0,24}}\d) {part} (?:[ ]{part}){{0,5}} )\b (?![ ]?(?:mm|cm|ml|HU|%)\b)"""


@cache
def _town_pattern() -> Sparse:
    state = alternatives(words("states"))
    word = rf"{_CAPITAL}(?:[^\W\d]|['.\-]){{1,25}}"
    marker = r"(?<=CA) (?:19-9|125|15-3|27|72-4)\b"  # of a tumour
    return Sparse(rf"\b(?P<town>{word}(?: {word}){{0,2}}), ?(?:{state})(?!-|{marker})(?:,? \d{{5}}(?:-\d{{4}})?)?\b")


def in_one_case(text: str) -> bool:
    """Whether a text is typed without capitals, or in nothing else: all but one letter in fifty."""
    upper, lower = sum(map(str.isupper, text)), sum(map(str.islower, text))
    return min(upper, lower) * 50 < upper + lower


@cache
def _gazetteer(*, one_case: bool) -> Sparse:
    """A town that the list knows; where no capitals tell it from a word, behind a preposition or a mark."""
    behind = "|".join(rf"(?<=\b{word} )" for word in ("in", "to", "at", "of", "from", "near", "via"))
    before = rf"(?:{behind}|(?<=, )|(?<=\()|(?<=\n))" if one_case else r"(?<![\w'\-])"
    part = "(?:(?:North|South|East|West|New|Port|Lake|Fort|Mount)[ ])?"
    return Sparse(
        rf"{before}(?P<town>{part}(?:{alternatives(words('places'))}))(?=[\s,.;:)]|$)"
        r"(?![ ](?:class|criteri|score|consensus|sign|index|protocol|grad|study|trial|virus|disease))",
        re.IGNORECASE if one_case else re.NOFLAG,
    )


def _is_town(text: str, found: re.Match[str]) -> bool:
    """A town that is also a word of reports needs a preposition: "from Reading, PA", never "CHEST, PA"."""
    if _generic_lead(found["town"]) < len(found["town"]):
        return True
    return not found[0].isupper() and _BEFORE_TOWN.search(text, max(0, found.start() - 8), found.start()) is not None


def _organisations(text: str) -> Iterator[Span]:
    """Organisations by their last word ("Mercy Hill Hospital") or by what stands before ("Klinikum Hohenfels")."""
    for found in _organisation_pattern().finditer(text):
        start = found.start() + _generic_lead(found["lead"])
        if start < found.end("lead") and not _CLASS.search(text, found.end() - 6, found.end() + 3):
            start = found.start() if _is_called_the(text, found.start()) else start
            yield Span(start, found.end(), "INSTITUTION", "organisation", 0.8)
            yield from _town_of(text, found.end())
    for pattern in (_FACILITY, _PREFIXED, _FIRM, _TYPED_SMALL, _AUTHORITY, _VESSEL, _AFLOAT, _FAX):
        for found in pattern.finditer(text):
            if _generic_lead(found["lead"]) < len(found["lead"]) and not _SAINTS.match(text, found.end("value")):
                yield Span(*found.span("value"), "INSTITUTION", "organisation", 0.8)
                yield from _town_of(text, found.end("value"))
    for found in _weak_pattern().finditer(text):
        if found["at"] or any(not is_familiar(fold(word)) for word in re.findall(r"[^\W\d_]+", found["lead"])):
            yield Span(*found.span("value"), "INSTITUTION", "organisation", 0.7)


def _is_called_the(text: str, at: int) -> bool:
    """Whether an article is part of a name: "then The Moncton Hospital", or at the beginning of a line."""
    return text.startswith("The ", at) and re.search(r"[a-z,] $|(?:^|\n) *$", text[max(0, at - 12) : at]) is not None


def _town_of(text: str, at: int) -> Iterator[Span]:
    """The town behind an organisation: "Mary Hospital, Springfield."; not its department, nor who works there."""
    found = _TOWN_BEHIND.match(text, at)
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", found["town"])] if found else []
    if found and not any(word in _no_town() for word in words):
        yield Span(*found.span("town"), "LOCATION", "place", 0.8)


@cache
def _no_town() -> frozenset[str]:
    common = joined("clinical_words", "function_words", "organisation_words", "ward_words", "head_nouns")
    return common | {word for cue in table("name_cues") for word in cue.split()}


def _generic_lead(lead: str) -> int:
    """How many characters of a phrase say nothing about which place is meant ("Pediatric", "the", "at")."""
    generic = joined("function_words", "clinical_words", "organisation_words")
    kept = 0
    for word in re.finditer(r"[^\s]+", lead):
        plain = fold(word[0].strip(".,'"))
        if plain not in generic and not endings().search(plain):
            return kept
        kept = word.end() + 1
    return len(lead)


@cache
def _organisation_pattern() -> Sparse:
    return Sparse(
        rf"""
        (?<![\w']) (?P<lead>{_PROPER}(?:[ ](?:{_PROPER}|of|and|&|the|de|la)){{0,5}}?) [ ]
        (?i: (?:(?:medical|health|imaging|cancer|surgery|heart|cardiac|elementary|high|national|university|VA)[ ])?
             (?:{alternatives(words("organisation_words"))}|park)
           | nursing[ ]home | (?:freight|air|bus)[ ]lines | FC )\b
        (?: [ ](?:of|for|at)[ ](?:the[ ])?{_PHRASE} | ,?[ ](?:PLLC|LLC|LLP|Inc|Ltd|GmbH)\b )?
        (?: ,[ ]{_PHRASE}(?=\)|[ ]Tel) )?  # its town""",
        re.VERBOSE,
    )


@cache
def _weak_pattern() -> Sparse:
    """Halverson Foundry, at Golden Meadows Assisted Living."""
    lead = rf"(?P<lead>(?:St\.|{_CAPITAL})[^\W\d]{{2,20}}(?:[ ]{_CAPITAL}[^\W\d]{{2,20}}){{0,2}})"
    ends = "|".join(map(str.capitalize, sorted(words("organisation_ends"))))
    return Sparse(rf"(?:\b(?P<at>at|from|for|by) )?(?<![\w'])(?P<value>{lead} (?:{ends}))\b".replace("[ ]", " "))


_SAINTS = re.compile(r"(?i:'s)? (?:ratio|grade|score|index|classification|criteri)")  # "St Mary's ratio 36"
_CLASS = re.compile(r" group (?:[IVX]+|[A-F\d])(?!\w)")  # "Herring group B"
_TOWN_BEHIND = re.compile(
    rf",[ ](?P<town>{_CAPITAL}[^\W\dA-Z_]{{2,20}}(?:[ \-]{_CAPITAL}[^\W\dA-Z_]{{2,20}}){{0,2}})(?=[.,;)\n]|[ ]*$)"
)
# the mill street surgery
_TYPED_SMALL = Sparse(
    r"\b(?P<value>(?P<lead>[a-z]{3,14}(?: [a-z]{3,14})?) (?:street|road|lane|avenue|park|hill|green|grove|square)"
    r" (?:surgery|practice|clinic|medical cent(?:re|er)|health cent(?:re|er)|hospital|pharmacy))\b"
)
# GREAT LAKES PATHOLOGISTS, P.C.
_FIRM = Sparse(
    rf"(?P<value>(?P<lead>{_CAPITAL}[\w'&.\-]{{1,24}}(?: (?:of|and|&|{_CAPITAL}[\w'&.\-]{{1,24}})){{1,5}})"
    r",? (?:P\.C\.|P\.A\.|P\.L\.L\.C\.|PLLC|LLC|LLP|L\.L\.C\.|S\.C\.|Ltd\b\.?|LTD\b\.?|Pty\b|Limited\b|plc\b))"
)
# GAUTENG DEPARTMENT OF HEALTH
_AUTHORITY = Sparse(
    rf"(?<![\w'])(?P<value>(?P<lead>{_CAPITAL}[\w'\-]{{2,20}}(?: {_CAPITAL}[\w'\-]{{2,20}}){{0,2}})"
    r" (?i:(?:department|ministry) of (?:public )?(?:health|corrections?|education|defen[cs]e|veterans affairs)"
    r"|health (?:authority|board|district)))\b"
)
# M/V Stella Bicol
_VESSEL = Sparse(
    r"(?<![\w/])(?P<value>(?:(?i:[MFS]/V)|HMS|HMAS|HMCS|HMNZS|USNS|USCGC) "
    rf"(?P<lead>{_PROPER}(?: {_PROPER})?))"
)
# the cruise ship MS Halcyon Tern
_AFLOAT = Sparse(
    r"\b(?i:ship|ferry|liner|vessel|trawler|tanker|yacht) "
    rf"(?P<value>(?:(?:M[SVY]|SS|RMS) )?(?P<lead>{_PROPER} {_PROPER}))"
)
# the line that a fax machine prints: "FROM: LAKESIDE VEIN&VASC    6625550111    TO: ..."
_FAX = Sparse(
    r"\b(?:FROM|From|TO|To): ?(?P<value>(?P<lead>[^\W\d_](?:[^\n\d:]|\d(?!\d\d)){3,40}?))"
    r"(?: {2,}(?=\+?\(?\d[\d ().\-]{6,16}(?: |$))| (?=\+?\d{10,12} {2}))",
    re.MULTILINE,
)
_FACILITY = Sparse(
    rf"""
    \b(?: (?i:hosp(?:ital)?|facility|institution|clinic|practice|employer|school|imaging[ ]site|site|cent(?:re|er))
            [ ]?:[ ]{{0,3}}
      | (?i:works?|working|worked|employed|studies|student|pupil|resident|lives)[ ](?:at|for|by)[ ](?:the[ ])? )
    (?P<value>(?P<lead>{_PROPER}(?:[ ]{_PROPER}){{0,3}}))""",
    re.VERBOSE,
)
_PREFIXED = Sparse(
    rf"""
    \b(?P<value>(?: Hôpital|Hopital|Clinique|Klinikum|Krankenhaus|Hospital|Ospedale|Universitätsklinikum
        | Good[ ]Samaritan | NHS(?=[ ][A-Z][a-z]{{3}})(?![ ](?:Num|Trust|Found|Digital|Login|Mail|Patient|Blood|Test))
        | Children's[ ]Hospital|University|Institute|Saint|St\.
        | S[Tt]\.?(?=[ ][A-Z][A-Za-z]{{2,20}}'[sS]\b) )
    [ ] (?:(?:of|de[ ]la|de|du|des)[ ])? (?P<lead>{_PROPER}(?:[ \-](?:of[ ])?{_PROPER}){{0,3}}))""",
    re.VERBOSE,
)
