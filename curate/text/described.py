"""Names of persons by what stands behind them: a credential, a role in brackets, an age, a parent, "sir"."""

import re
from collections.abc import Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import folded, joined
from curate.text.names import WORD, place_of, spans_of, without_roles
from curate.text.sparse import Sparse

_CREDENTIAL = Sparse(
    r"""
    ,?[ ]?\(?\b(?: M\.?D\b | D\.O\. | MBBS|MBBCh|MBChB | FRCR|FRCPC|FACR|FRANZCR|DABR | R\.?N\b | RPVI|RPA\b|RDMS|RVT
        | CRNA | PGY-?\d | Ph\.?D\b | FRCS|FRACP|FRCP|FRCOG|MRCS|MRCP|FCPS|FCRad|MMed|DNB\b|DMRD|FPCR|FACS|RRT\b|RVT\b
        | RDCS|CNMT|CCRP )
    | ,[ ]?(?:DO|NP|PA|PA-C|RT|BSN|MSN)\b""",  # without a comma: "DO NOT", "CHEST PA"
    re.VERBOSE,
)
_IN_TEAM = Sparse(  # "Salter (ortho reg)"
    r" \((?:[a-z]{2,12} ){0,2}(?:reg|registrar|spr|SpR|sho|SHO|cons|consultant|rads?|radiologist|radiographer|RN"
    r"|sonographer|intensivist|anaesthetist|anesthesiologist|oncologist|surgeon|pharm|pharmacist|physio|fellow|ODP"
    r"|scrub(?: nurse)?|dietitian|chair|minutes|(?:rad|med|clin)[ -]?onc|RT)(?:, [a-z ]{2,16})?\)"
)
_FRENCH = (
    r"F[ ](?i:glide|sheath|long|short|intro|cath|pigtail|guid|micro|diag|vasc|angio|sim|cobra|access|drain|balloon)"
)
_DESCRIBED = re.compile(
    rf"""
    (?: , | [ ]is[ ]an? | [ ][-|] | ; | [ ]\( | \( )? [ ]?
    (?P<who> (?:aged?[ ])?\b\d{{1,3}}[ \-]?(?:y\.?/?o\b|yrs?\b|years?\b|(?!{_FRENCH})[MF]\b)
        | [MF][ ]\d{{1,3}}[Yy]\b | G\dP\d | DOB\b | D\.O\.B | MRN\b | NHS\b )
    | (?:[ ]{{0,3}}\|[ ]{{0,3}} | [ ]{{1,4}}) (?:[MF][ ]{{1,3}})? (?P<day>\d{{1,2}}[/.\-]\d{{1,2}}[/.\-]\d{{2,4}}\b)""",
    re.VERBOSE,
)
_GAUGE = re.compile(  # a device of so many French: "PowerPort 24F", "Sofia 6F"
    r"(?:[a-z][A-Z]|-[A-Z])[a-z]+ (?:\d|1\d|2[0-4])F$|(?<![\w,|] )(?<!\w)[A-Z][\w\-]* [4-9]F$"
)
_SON_OF = Sparse(r"(?:(?:[A-Z][a-z]{2,20} ){1,3})(?:[sdw]/o|[SDW]/O|a/[lp]) [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20}){0,2}")
_SHORTENED = Sparse(r"(?<![\w.])(?:Md|Mohd|Moh)\. [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20}){0,2}")  # Mohammed
_SIR = Sparse(  # how South Asia speaks of a colleague or an elder
    r"(?<![\w'])(?P<name>[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?) (?:sir|madam|ma'?am|amma|akka|saheb|sahib|bhai|ji)\b"
)


def find(text: str) -> Iterator[Span]:
    """Names in `text` (plain, see view.py), each with the rule that found it."""
    for found in _CREDENTIAL.finditer(text):
        yield from spans_of(_read_back(text, found.start(), 2 if found[0].endswith(("PA", "DO")) else 1), "credential")
    for found in _IN_TEAM.finditer(text):
        yield from spans_of(_read_back(text, found.start(), 1, caps=False), "described")
    for found in _DESCRIBED.finditer(text):
        if _GAUGE.search(text, max(0, found.start() - 30), found.end()):
            continue
        yield from spans_of(_read_back(text, found.start(), 1 if found["who"] else 2, caps=False), "described")
    for found in (each for form in (_SON_OF, _SHORTENED) for each in form.finditer(text)):
        yield Span(*found.span(), "NAME", "described", 0.8)
    for found in _SIR.finditer(text):
        if joined("function_words", "common_words_en").isdisjoint(fold(found["name"]).split()):  # "Respected sir"
            yield Span(*found.span("name"), "NAME", "described", 0.8)


def _read_back(text: str, end: int, least: int, *, caps: bool = True) -> tuple[int, int] | None:
    """Read the name of at least `least` words that ends at `end`; `caps` lets it be all capitals."""
    start = max(0, end - 80)
    words: list[re.Match[str]] = []
    for word in reversed(list(WORD.finditer(text, start, end))):
        gap = text[word.end() : words[0].start() if words else end]
        joined = gap in {" ", ""} or (gap == ". " and len(word[0]) == 1) or (gap == ", " and len(words) == 1)
        particle = bool(words) and word[0] in folded("name_particles")
        if not joined or not (word[0][0].isupper() or particle) or fold(word[0]) in folded("function_words"):
            break
        words.insert(0, word)
    words = without_roles(words)
    common = [fold(word[0]) in folded("clinical_words") for word in words]
    while len(words) > 2 and common[0]:
        words, common = words[1:], common[1:]
    if len(words) < least or all(common) or (not caps and all(word[0].isupper() for word in words)):
        return None
    return place_of(words)
