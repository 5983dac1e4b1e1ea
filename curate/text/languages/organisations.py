"""Organisations in German, French and Spanish texts, by the word before their name or their last part."""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.languages.places import CAPITAL, LINK
from curate.text.languages.vocabulary import vocabulary
from curate.text.lexicon import alternatives, folded, joined, terms, words
from curate.text.sparse import Sparse

_SMALL = frozenset({"de", "la", "du", "der", "des", "del"})
_COMPOUND = Sparse(r"(?<![\w\-])(?P<lead>[A-ZÄÖÜ]\w{2,20}?)(?:krankenhaus|klinikum|hospital|spital|stift)(?![\w])")
# "ehpad les glycines", "hospital santa lucía", "lkh murau": kinds and their names typed small
_SMALL_NAMES = {
    "de": r"(?:lkh|bkh|khs|sankt|st\.|klinikum|krankenhaus)[ ](?:st\.?[ ]|sankt[ ])?[a-zäöüß\-]{4,20}",
    "fr": (
        r"(?:(?:ehpad|r[ée]sidence|lyc[ée]e|[ée]cole|foyer|mas|ime|ssr|maison[ ]de[ ]retraite|cabinet)"
        r"[ ](?:les?[ ]|la[ ]|l')"
        r"|(?:polyclinique|h[ôo]pital)[ ](?:de[ ]l'|de[ ]la[ ]|du[ ]|des[ ])"
        r"|(?:clinique|polyclinique|h[ôo]pital|ch|chu|ehpad)[ ](?:saint|sainte|st|ste|notre|sacr[ée])[ \-])"
        r"[a-zà-ÿ\-]{3,20}"
    ),
    "es": (
        r"(?:hospital|cl[ií]nica|sanatorio|residencia|colegio|centro[ ]de[ ]salud|c\.?s\.?|cap)[ ]"
        r"(?:(?:san|santa|santo|virgen[ ]de(?:l|[ ]la)?|nuestra[ ]señora[ ]de(?:l|[ ]la)?)[ ])[a-zà-ÿ]{3,20}"
    ),
}
_LOOSE = frozenset({"réseau", "association", "société", "red", "asociación", "sociedad"})  # also of anatomy, of signs
_LEGAL = {
    "de": r"gGmbH|eG|GmbH(?:[ ]&[ ]Co\.[ ]KG)?|e\.[ ]?V\.|OHG|GesmbH",
    "fr": r"SARL|S\.A\.R\.L\.|SELARL|SELAS|S\.A\.S\.?|SPRL|ASBL",
    "es": r"S\.?A\.?[ ](?:DE|de)[ ]C\.?V\.?|S\.R\.L\.?|S\.A\.S\.?|S\.L\.U?\.?|E\.I\.R\.L\.?|Ltda\.?|LTDA\.?",
}
_HYPHENED = r"|[^\W\d_][\w.\-]{2,40}-(?:Klinik|Klinikum|Krankenhaus|Hospital|Stift|Spital|Kaserne)"
_FUND = Sparse(r"(?<![\w\-])[A-ZÄÖÜ][\wäöüß\-]{2,20}[ ](?:BKK|IKK)\b|\b[A-ZÄÖÜ][a-zäöü]{2,12}knappschaft\b")


def find(text: str, language: str) -> Iterator[Span]:
    """Organisations in `text` (plain, see view.py) that have a name; "CHU" or "Frauenklinik" alone stay."""
    for found in _pattern(language).finditer(text):
        if _has_name(found, language):
            yield Span(*found.span("value"), "INSTITUTION", "organisation", 0.8)
    for found in _small_names(language).finditer(text):
        if fold(found["value"].split()[-1]) not in vocabulary(language):
            yield Span(*found.span("value"), "INSTITUTION", "organisation", 0.7)
    yield from _firms(text, language)
    for found in _FUND.finditer(text) if language == "de" else ():
        yield Span(*found.span(), "INSTITUTION", "organisation", 0.8)
    for found in _COMPOUND.finditer(text) if language == "de" else ():
        if fold(found["lead"]) not in folded("kinds_of_hospital", "de"):
            yield Span(*found.span(), "INSTITUTION", "organisation", 0.8)


def _firms(text: str, language: str) -> Iterator[Span]:
    known = joined("clinical_words", "function_words", language=language)
    for found in _firm(language).finditer(text):
        if any(fold(word) not in known for word in re.findall(r"[^\W\d_]{3,}", found["name"])):
            yield Span(*found.span(), "INSTITUTION", "organisation", 0.8)


@cache
def _firm(language: str) -> Sparse:
    """Names before a legal form: "DIAGNÓSTICO LA HUASTECA, S.A. DE C.V.", "Transport Meier GmbH"."""
    word = rf"{CAPITAL}[\w'&\-]{{1,30}}"
    return Sparse(
        rf"(?<![\w\-])(?P<name>{word}(?:[ ]{LINK[language]}{{0,2}}{word}){{0,6}})"
        rf"(?:,[ ]|[ ])(?:{_LEGAL[language]})(?![\w])",
        re.VERBOSE,
    )


@cache
def _small_names(language: str) -> Sparse:
    return Sparse(rf"(?<![\w\-])(?P<value>{_SMALL_NAMES[language]})(?![\w\-])")


@cache
def _pattern(language: str) -> Sparse:
    short = rf"{CAPITAL}\w{{0,5}}[.ª]\.?(?=[ ]{CAPITAL})"  # Ntra. Sra., St., Nª
    word = rf"(?:{short}|{CAPITAL}[\w'\-]{{0,30}}|\d{{1,2}}[ ](?:de[ ]|d')[^\W\d_]\w{{2,15}})"
    kind = rf"(?i:{alternatives(words('institution_words', language))}){_HYPHENED if language == 'de' else ''}"
    name = rf"(?:[ ]{LINK[language]}{{0,2}}\"?{word}\"?){{0,6}}"
    return Sparse(rf"(?<![\w\-])(?P<value>(?P<kind>{kind})(?P<name>{name}))(?![\w])", re.VERBOSE)


def _has_name(found: re.Match[str], language: str) -> bool:
    """Whether something stands there that is neither grammar nor medicine; German writes the kind with a capital."""
    if language == "de" and found["kind"][0].islower():
        return False
    if found["kind"] == "Firma" and fold(found["name"].strip()) in terms("vendor"):
        return False
    several = " " in found["kind"] and found["kind"].istitle() and language != "de"  # "Hospital Universitario"
    if several or not found["name"]:
        return several or "-" in found["kind"]
    known = joined("clinical_words", "function_words", language=language)
    if found["kind"].lower() in _LOOSE:
        known |= terms("eponym")  # "réseau de Chiari"
    own = [fold(word) for word in re.findall(r"[^\W\d_]{2,}", found["name"])]
    return re.search(r"\d", found["name"]) is not None or any(word not in known and word not in _SMALL for word in own)
