"""Initials of those who dictated, typed, checked or took part: two or three letters that no word explains."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import alternatives, folded, joined, table, terms
from curate.text.sparse import Sparse

_LETTERS = r"(?:[A-Z]{2,3}|[a-z]{2,3})"
_CUES = (
    "dictated", "dict", "dictator", "transcribed", "trans", "transcriptionist", "typed", "typist", "checked",
    "verified", "proofread", "scanned", "signed", "read", "reported", "reviewed", "approved", "entered", "performed",
    "assay", "attested", "final", "initials", "tech", "technologist", "radiographer", "analysed", "analyzed", "scribe",
    "chaperone", "keyed", "minutes", "recorder", "reporter", "tr", "tx",
)  # fmt: skip
_PLACES = tuple(
    Sparse(form, re.VERBOSE | re.MULTILINE)
    for form in (
        r"(?<=[.\s])/[ ]?(?P<one>[A-Z]{2,3})\s*\Z | \b(?P<two>[A-Z]{2,3}[:/][A-Za-z]{2,3})\s*\Z",  # "/RS", "SG:AN"
        rf"^[ ]*(?:DD|DT|TD|TT|d|t):[ ]?(?P<one>{_LETTERS})\b",
        rf"""
        \b(?i:{alternatives(_CUES)})
        (?:[ ]by)? [ ]?[:\-]?[ ]<? (?P<one>{_LETTERS})
        (?:[ ]?[/:][ ]?(?P<two>[A-Za-z]{{2,3}}))? \b(?![ ]?[\w(]*[a-z])""",
        r"\bby[ ](?P<one>[A-Z]{2,3})(?=[ ]*(?:[.,;)]|$|[ ]\d)|[ ]{2})",
        rf"(?:[ ]--?[ ]?|^--?[ ]?)(?P<one>{_LETTERS})[ ]*$",  # "- dkl"
        r"\d{1,4}[ ]{1,3}(?P<one>[A-Z]{2,3})[ ]*$",  # behind a date or time
        rf"(?:^|[.!]\s)[ ]*(?P<one>{_LETTERS})\.?\s*\Z",  # the last word of all
        r"[a-z\d)][.!][ ]{1,3}(?P<one>[A-Z]{2,3})[ ]*$",  # or of a line
        rf"""
        \b(?:(?i:recorded|countersigned|minutes|typist|transcriptionist)[ ]?:|(?i:typed|transcribed)[ ]by|Typed|Q[AC]:?)
        [ ](?P<sure>{_LETTERS})(?=[.;)]|[ ]*$|[ ]{{2}})""",
        r"^[ ]*(?P<sure>[A-Z]{2,3}),[ ](?=\d{1,2}[/.]\d{1,2}[/.]\d{2,4}[ ]*$)",
        r"\d/\d{2,4},[ ](?P<one>[A-Z]{2,3})(?=,)",  # "4/10/24, FYS, corrected"
        r"\((?P<one>[a-z]{2,3})\)\s*\Z",
        r"^[ ]*(?P<sure>[a-z]\.[ ]?[a-z]\.(?:[ ]?[a-z]\.)?)\s*\Z",
        r"[A-Z][a-z]+[ ]\((?P<sure>(?:[A-Z]\.){2,4})\)",  # "Dr Huda M. Al Qahtani (H.M.Q.)"
        r"\b[a-z]{4,20}_by\"[ ]?:[ ]?\"(?P<one>[A-Z]{2,3})\"",  # "protocolled_by": "AB"
        r"\b(?i:initials)(?:[ ]are)?[ ]?:?[ ](?P<one>[A-Z](?:[.\- ]{0,2}[A-Z]){1,2})\b",
    )
)
_SIGNING = (
    *_CUES, "ck'd", "chk'd", "rec'd", "received", "cosign", "cosigned", "vetted", "justified", "protocolled", "filed",
    "booked", "diktat", "dikt", "gez", "geschr", "schr", "aufgen", "dicté", "tapé", "rédigé", "relu", "saisi", "validé",
    "fdo", "firmado", "transcrito", "revisado", "vu",
)  # fmt: skip
# Where somebody signs, in any language
_CLOSING = Sparse(
    r"(?<![^\W_])[A-Z]{2,3}(?=\)|[.;]? *(?:$|\n)| {2}| ?[/:] ?[A-Za-z]{2,3} *(?:$|\n| {2}))", re.MULTILINE
)
_SIGNED = re.compile(
    rf"(?:\d{{1,4}} {{1,3}}|[.!] {{1,3}}|(?:^|\n) *(?:--? ?)?| --? ?|/ ?|\("
    rf"|\b(?i:{alternatives(_SIGNING)})\b\.?(?: by)?(?: ?[:\-])? )$"
)
_LONGEST = 24  # characters before it
ZONES = frozenset(["est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "hst", "gmt", "utc", "bst", "cet", "ist"])
_MODALITIES = frozenset({"CT", "MR", "US", "XR", "CR", "DX", "NM", "PT", "MG"})  # PS3.3 C.7.3.1.1.1
_MODALITIES_ABROAD = frozenset({"TC", "RM", "TDM", "IRM", "MRT", "TEP", "RX"})
_NO_INITIALS = r"(?!(?:S\.A|E\.V|U\.S|D\.C|A\.P|M\.D|I\.V|P\.O|C\.V|S\.L)\.)"
_NO_SMALL = r"(?!(?:e\.v|i\.v|s\.c|p\.o|o\.b|a\.p|u\.a|z\.b|v\.a)\.?)"
# Letters with full stops, or at the end of a line or a text, in German, French and Spanish
_DOTTED = tuple(
    Sparse(form, re.MULTILINE)
    for form in (
        r"\b(?i:par|por|durch)[ ](?P<sure>(?:[A-Z]\.-?){2,4})(?!\w|[ ][A-Z])",
        r"\b(?:par|por|durch|von)[ ](?P<sure>(?:[a-z]\.){2,4})",
        r"(?:\d[:h]\d\d|[./]\d{4})[ ](?P<sure>(?:[A-Z]\.){2,4})(?=[ ]*(?:$|-))",  # behind a time or a date
        r"^[ ]*(?P<sure>(?:[A-Z]\.[ ]?){1,3}(?:del?[ ])?(?:[A-Z]\.[ ]?){1,2})(?=[ ]*$|[ ]{2})",  # "M. del C. F."
        r"^[ ]*(?P<sure>(?:[A-Z]\.[ ]?){2,4})(?=[ ]*[,/])",
        r"^[ ]*(?P<sure>[a-zà-ÿ]{2,3})[ ]?/[ ]?(?P<also>(?:[A-Z]\.){2,3})[ ]*$",  # "fam / R.L."
        rf"(?:\(|[-;,][ ]|[a-zà-ÿ][ ]|^[ ]*)(?P<sure>{_NO_INITIALS}[A-Z]\.-?(?:[ ]?[A-Z]\.){{1,3}})(?=\)|[ ]*$|[ ];)",
        r"\((?P<sure>(?:[a-zà-ÿ]\.){2,4}|[a-zà-ÿ]{2,3}/[a-zà-ÿ]{2,3}|[A-ZÀ-Þ]\.[ ][A-ZÀ-Þ]\.)\)",  # "(mp/zec)"
        rf"[-,:][ ](?P<sure>{_NO_SMALL}[a-z]\.(?:[a-z]\.?){{1,2}})[ ]*$",
        r"(?:^|[ ])(?P<sure>(?:[A-Z]\.){2,3}/[a-z]{2,3})[ ]*$",  # "B.T./si"
        r"[ ]-[ ](?P<one>[A-Z]{2,3}|[a-z]{2,3}|[A-Z][a-z][A-Z])[ ]*$",
        r"^[ ]*(?P<one>[a-z]{2,3})\s*\Z",
        r"^\((?P<one>[a-zà-ÿ]{2,3})\)[ ]*$",
        r"^(?P<sure>[a-zà-ÿ]\.[ ]?[a-zà-ÿ]\.(?:[ ]?[a-zà-ÿ]\.)?)\s*\Z",
        r"\b(?:Sekretariat|Sekr\.|secr[ée]tariat|secr\.|secretar[íi]a|Sitzung)[ ]\(?(?P<sure>[a-zà-ÿ]{2,3})[)\]]",
        r"\((?P<one>[a-zà-ÿ]{2,3})\)\s*\Z",
    )
)
_BAR = re.compile(r"/ ?")
_PAIR = Sparse(r"(?:^|[ ]{2,}|[.);] |\()(?P<pair>[^\W\d_]{2,3}(?:/[^\W\d_]{2,3}){1,2})(?=\)?[ ]*$)", re.MULTILINE)


def find(text: str) -> Iterator[Span]:
    """Initials in `text` (plain, see view.py), where a label, a date or the end of the report says so."""
    for pattern in _PLACES:
        for found in pattern.finditer(text):
            told = {
                name: not (_is_word(letters) or _means_something(letters, sure=name == "sure"))
                for name, letters in found.groupdict().items()
                if letters
            }
            for name, alone in told.items():
                if alone or (name == "two" and told.get("one")):  # "typed dq/aa"
                    yield Span(*found.span(name), "NAME", "initials", 0.6)
    yield from _pairs(text, joined("clinical_words", "function_words", "common_words_en"))


def find_in(text: str, language: str) -> Iterator[Span]:
    """The same in German, French or Spanish: behind a label ("Diktat: tan / Schrift: gk"), or the last word of all."""
    words = joined("clinical_words", "function_words", language=language)
    for found in (each for pattern in (_places_in(language), *_DOTTED) for each in pattern.finditer(text)):
        for name, letters in found.groupdict().items():
            told = letters and letters not in _MODALITIES_ABROAD and fold(letters) not in words
            if told and not _means_something(letters, sure=name in {"sure", "also"}):
                yield Span(found.start(name), found.start(name) + len(letters.rstrip()), "NAME", "initials", 0.6)
    yield from _pairs(text, words)


def of_people(text: str, people: Iterable[str]) -> Iterator[Span]:
    """Letters where somebody signs that are those of a person of the report: "Raj Varghese ... RV"."""
    known = {letters for each in people for letters in _letters(each)} - _MODALITIES
    for found in _CLOSING.finditer(text) if known else ():
        if found[0] in known and _SIGNED.search(text, max(0, found.start() - _LONGEST), found.start()):
            yield Span(*found.span(), "NAME", "initials", 0.6)


def _letters(name: str) -> Iterator[str]:
    """The initials of a name of several words, in both orders, with and without those between."""
    first = [word[0] for word in re.findall(r"[^\W\d_]+", name) if word[0].isupper()]
    for order in (first, first[1:] + first[:1], first[-1:] + first[:-1]):
        if len(order) > 1:
            yield "".join(order)
            yield order[0] + order[-1]


def _pairs(text: str, words: frozenset[str]) -> Iterator[Span]:
    """Who dictated and who typed, at the end of a line: "tz/va"; both must be nothing else ("AP/lat", "re/li").

    Of three, one may: "AW/tq/pm"; of two where the first alone has capitals, as a typist writes them: "YQ/ml".
    """
    for found in _PAIR.finditer(text):
        pair = found["pair"].split("/")
        told = [fold(each) in words or _means_something(each) for each in pair]
        typed = len(pair) == 2 and pair[0].isupper() and pair[1].islower()
        if sum(told) < len(told) - (not typed):
            yield Span(*found.span("pair"), "NAME", "initials", 0.6)


@cache
def _places_in(language: str) -> Sparse:
    cues = table("name_cues", language)
    marks = alternatives(cue for cue, kind in cues.items() if "initials" in kind.split())
    sure = alternatives(cue for cue, kind in cues.items() if "sure" in kind.split())
    labels = alternatives(cue.rstrip(".") for cue, kind in cues.items() if {"field", "act"} & {*kind.split()})
    letters = r"(?:[^\W\d_]{2,3}|(?:[^\W\d_]\.-?){2,4}|[A-Z]-[A-Z])"  # "tan", "KfN", "J.M.T.", "k.z.", "A-K"
    behind = rf"(?P<one>{letters})(?:[ ]?[/-][ ]?(?P<two>{letters}))?(?![ ]?[\w(]*[^\W\d_])(?!\w)"
    return Sparse(
        rf"\b(?i:{sure})(?:[ ]?:[ ]{{0,2}}|[ ]{{0,20}}\|[ ]?|[ ])(?P<sure>{letters})(?![ ]?[\w(]*[^\W\d_])(?!\w)|"
        rf"\b(?:(?i:{marks})\b\.?(?:[ ]?:[ ]{{0,2}}|[ ]{{0,20}}\|[ ]?|[ ]{{1,3}})|(?i:{labels})\b\.?[ ]?:[ ]?){behind}"
        r"|\b(?i:par|por|durch)[ ](?P<by>[A-Z]{2,3})(?=[ ]*(?:[.,;)]|$))"
        r"|(?:^|[.!,]\s)[ ]*(?P<last>[A-Z]{2,3}|(?:[A-Z]\.-?){2,4})\s*\Z",
        re.MULTILINE,
    )


def _is_word(letters: str) -> bool:
    """Whether they are an English word: "read as"."""
    return letters.islower() and letters in folded("common_words_en")


def _means_something(letters: str, *, sure: bool = False) -> bool:
    """Whether the letters, or two between a bar, are short forms of medicine: "by CT", "AP/LAT".

    sure: initials are all that can stand there, but for what machines are called.
    """
    if sure:
        return letters.upper() in _MODALITIES
    known = (
        joined("clinical_words", "function_words", "short_forms", "ward_words"),
        terms("score", "sequence", "vendor"),
    )
    return all(any(each in words for words in (*known, ZONES)) for each in _BAR.split(letters.lower()))
