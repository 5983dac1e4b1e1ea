"""Addresses, towns, wards and organisations in German, French and Spanish texts, by the words around them.

Towns, provinces and postcodes go; a country goes beside a town or behind its label, and stays in running text.
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.languages.numbers import NO_UNIT
from curate.text.lexicon import alternatives, folded, table, words

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_LINK = {
    "de": r"(?:am[ ]|an[ ]der[ ]|auf[ ]der[ ]|im[ ]|in[ ]der[ ]|ob[ ]der[ ]|a\.[ ]?|bei[ ]|der[ ]|des[ ]|vom[ ]|zum[ ]|zur[ ]|St\.[ ]?)",
    "fr": r"(?:de[ ]la[ ]|de[ ]l'|de[ ]|du[ ]|des[ ]|d'|l'|la[ ]|le[ ]|les[ ]|en[ ]|sur[ ]|sous[ ]|à[ ]|au[ ]|aux[ ]|et[ ])",
    "es": r"(?:de[ ]la[ ]|de[ ]los[ ]|de[ ]las[ ]|del[ ]|de[ ]|la[ ]|el[ ]|los[ ]|las[ ]|y[ ]|i[ ]|d'|en[ ])",
}
_POSTCODE = {
    "de": r"(?:(?:D|DE)-?[ ]?)?\d{5}|(?:A|AT|CH|L)-[ ]?\d{4}",
    "fr": r"(?:F-?[ ]?)?\d{5}|B-?[ ]?\d{4}",
    "es": r"(?:E-?[ ]?)?(?:0[1-9]|[1-4]\d|5[0-2])\.?\d{3}",
}
_AFTER_TOWN = {"de": "(?!)", "fr": r"[ ](?i:cedex)(?:[ ]\d{1,2})?", "es": r"[ ]?\([^\W\d_][^()\n\d]{2,30}\)"}
_SUPPORT = {  # a town is named behind one of these; elsewhere its name may be an eponym or a person's
    "de": r"(?:\b(?:in|aus|nach|bei|von|Raum)[ ]|[,(/\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
    "fr": r"(?:\b(?:à|de|d'|en|sur|vers|pour|près[ ]de)[ ]?|[,(/\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
    "es": r"(?:\b(?:en|de|a|desde|hacia|por|cerca[ ]de)[ ]|[,(/.\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
}
_WEAK_STREET = rf"""
    (?:{_CAPITAL}[\w\-]{{1,30}}(?:weg|ring|hof|markt|graben|ufer|steig|wall|winkel|berg)
      |(?:Am|An[ ]der|An[ ]den|Auf[ ]der|Auf[ ]dem|Im|In[ ]der|In[ ]den|Zum|Zur|Unter[ ]den|Vor[ ]dem|Hinter[ ]der)
       [ ](?:{_CAPITAL}[\w\-]{{1,24}}[ ]?){{1,2}})
    [ ]?\d{{1,4}}(?:[ ]?[a-h])?(?=[ ]?[,\n][ ]?(?:D-)?\d{{5}}\b)"""


def find(text: str, language: str) -> Iterator[Span]:
    """Addresses, places, wards and organisations in `text` (plain, see view.py); spans may overlap."""
    for label, rule, pattern in _patterns(language):
        for found in pattern.finditer(text):
            value = found["value"]
            if label in {"ADDRESS", "LOCATION"} and rule != "ward" and not _is_proper(value, language):
                continue
            yield Span(found.start("value"), found.start("value") + len(value.rstrip(" ,.-")), label, rule, 0.8)
    yield from _towns(text, language)
    yield from _organisations(text, language)


@cache
def _patterns(language: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    town = _town(language)
    street = {"de": _street_de, "fr": _street_fr, "es": _street_es}[language]()
    after = _AFTER_TOWN[language]
    forms = [
        ("ADDRESS", "address", rf"(?<![\w\-])(?P<value>{street}(?:[ ]?,?[ ]?\n?(?:{_POSTCODE[language]})[ ]{town}(?:{after})?)?)"),
        ("LOCATION", "postcode", rf"(?<![\w.,])(?P<value>(?:{_POSTCODE[language]})(?:[ ]|,[ ]|[ ]-[ ]){town}(?:{after})?)(?!\w)"),
        ("ADDRESS", "address", _labelled("address", language, r"[^\n|;]{3,80}?(?=\.?[ ]*\n|\.?[ ]*$|\.?[ ]{2}|;|\||\.[ ])")),
        ("LOCATION", "place", _labelled("town", language, rf"\d{{4,5}}(?:[ ]{town})?|{town}(?:[ ]?[/,][ ]?{town})?")),
        ("LOCATION", "place", _labelled("country", language, town)),
        ("LOCATION", "place", rf"\b(?i:{_cues('moved', language)})[ ](?P<value>{town}(?:{after})?)"),
        ("LOCATION", "ward", _ward(language)),
    ]  # fmt: skip
    if language == "de":
        forms.append(("ADDRESS", "address", rf"(?<![\w\-])(?P<value>{_WEAK_STREET})"))
    return tuple((label, rule, re.compile(form, re.VERBOSE)) for label, rule, form in forms)


def _street_de() -> str:
    """Lindenstr. 12a, Berliner Straße 3-5, Straße des 17. Juni 135."""
    return rf"""
        (?:{_CAPITAL}[\w\-]{{1,30}}(?:straße|strasse|str\.|-Str\.|gasse|allee|chaussee|platz|damm)
          |(?:{_CAPITAL}[\w\-]{{1,24}}[ ]){{1,2}}(?:Straße|Strasse|Str\.|Gasse|Allee|Platz|Weg|Damm|Ring|Ufer)
          |(?:Straße|Platz)[ ](?:der|des)[ ][\w. ]{{2,24}}?{_CAPITAL}[\w\-]{{2,20}})
        [ ]{{0,2}}\d{{1,4}}(?:[ ]?[a-h])?(?:[ ]?[\-/][ ]?\d{{1,4}})?(?!\w)"""


def _street_fr() -> str:
    """12 bis, rue de la République; without a number only rue, avenue and boulevard count."""
    kind, link, word = alternatives(words("street_words", "fr")), _LINK["fr"], rf"{_CAPITAL}[\w'\-]{{0,24}}"
    return rf"""
        (?: \d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-D]))?[ ]?,?[ ](?i:{kind})(?!\w)\.? | (?i:rue|avenue|boulevard) )
        [ ]{link}{{0,2}}{word}(?:[ ]{link}{{0,2}}{word}){{0,4}}"""


def _street_es() -> str:
    """Avda. de la Constitución nº 14, 3º B; C/ Valencia, 2, 5 C."""
    kind, link, word = alternatives(words("street_words", "es")), _LINK["es"], rf"{_CAPITAL}[\wª.'\-]{{0,24}}"
    floor = r"(?:\d{1,2}[ºª°]?(?![\d/])|[A-H]\b|(?i:bajo|piso|esc|pta|puerta|portal|bloque|izq|izda|dcha)\b\.?)"
    return rf"""
        (?i:{kind})(?!\w)\.?[ ]?{link}{{0,2}}{word}(?:,?[ ]{link}{{0,2}}{word}){{0,5}}
        (?: [ ]?,?[ ]?(?:(?:nº|n\.º|n°|núm\.?|num\.?)[ ]?)?(?:\d{{1,4}}(?![\d/])|s/n) (?:[ ]?[,\-]?[ ]?{floor}){{0,6}} )?"""


def _cues(kind: str, language: str) -> str:
    return alternatives(cue for cue, each in table("place_cues", language).items() if each == kind)


def _labelled(kind: str, language: str, value: str) -> str:
    return rf"(?<![\w\-])(?i:{_cues(kind, language)})[ ]?[.]?[ ]?:[ ]{{0,3}}(?P<value>{value})"


def _town(language: str) -> str:
    """A proper name of up to five capitalised words, with small ones between them."""
    word = rf"{_CAPITAL}[\w'\-]{{1,25}}"
    return rf"(?:(?:L'|La[ ]|Le[ ]|El[ ]|Los[ ]|Las[ ]|St\.[ ]?)?{word}(?:[ \-]{_LINK[language]}{{0,2}}{word}){{0,3}})"


def _ward(language: str) -> str:
    """Station 3B, chambre 214, cama 12-A: a digit is needed."""
    value = r"(?=[\w.\-]{0,4}\d)[A-Za-z]{0,3}[.\-]?\d{1,4}(?!\d)[A-Za-zªº]{0,2}(?:[.\-/][A-Za-z\d]{1,4})?"
    return rf"(?<![\w\-])(?i:{_cues('ward', language)})(?:[ ]?[:\#][ ]?|[ ]n[°º][ ]?|[ ])(?P<value>{value})(?!\w|,\d){NO_UNIT}"


def _is_proper(value: str, language: str) -> bool:
    """Whether any word of a place is more than grammar and medicine."""
    known = folded("function_words", language) | folded("clinical_words", language)
    return any(character.isdigit() for character in value) and _has_word(value, known) or _has_word(value, known)


def _has_word(value: str, known: frozenset[str]) -> bool:
    plain = [fold(word) for word in re.findall(r"[^\W\d_]+", value)]
    return not plain or any(word not in known for word in plain)


@cache
def _place_pattern(language: str) -> re.Pattern[str]:
    places, countries = alternatives(words("places", language)), alternatives(words("countries", language))
    return re.compile(
        rf"(?<![\w\-])(?P<value>(?:{places})(?:(?:,[ ]?|[ ]?\(|[ ]-[ ]|\.[ ])(?:{places}|{countries})\)?){{0,2}})(?![\w\-])".replace(
            "[ ]{1,3}", " "
        )
    )


def _towns(text: str, language: str) -> Iterator[Span]:
    """Towns and provinces of the gazetteer behind a preposition or a mark."""
    support = re.compile(_SUPPORT[language])
    for found in _place_pattern(language).finditer(text):
        if support.search(text, max(0, found.start() - 12), found.start()):
            yield Span(*found.span("value"), "LOCATION", "place", 0.8)


@cache
def _organisation_pattern(language: str) -> re.Pattern[str]:
    word = rf"(?:{_CAPITAL}[\w'\-]{{0,30}}|\d{{1,2}}[ ]de[ ]{_CAPITAL}\w{{2,15}})"
    names = alternatives(words("institution_words", language))
    hyphened = (
        r"|[^\W\d_][\w.\-]{2,40}-(?:Klinik|Klinikum|Krankenhaus|Hospital|Stift|Spital)" if language == "de" else ""
    )
    return re.compile(
        rf"(?<![\w\-])(?P<value>(?P<kind>(?i:{names}){hyphened})(?P<name>(?:[ ]{_LINK[language]}{{0,2}}\"?{word}\"?){{0,6}}))(?![\w])",
        re.VERBOSE,
    )


_COMPOUND = re.compile(r"(?<![\w\-])(?P<lead>[A-ZÄÖÜ]\w{2,20}?)(?:krankenhaus|klinikum|hospital|spital|stift)(?![\w])")
_KINDS_OF_HOUSE = frozenset({"kreis", "stadt", "land", "landes", "fach", "zentral", "bundeswehr", "kanton", "kantons", "bezirks", "universitats", "akut", "plan", "lehr", "kinder", "unfall", "militar"})  # fmt: skip


def _organisations(text: str, language: str) -> Iterator[Span]:
    """Organisations by the word before their name ("Klinikum Hohenfels", "CHU de Nantes"), or their last part."""
    known = folded("function_words", language) | folded("clinical_words", language)
    for found in _organisation_pattern(language).finditer(text):
        own = [fold(word) for word in re.findall(r"[^\W\d_]{2,}", found["name"])]
        hyphened = "-" in found["kind"] and not found["name"]
        if found["kind"][0].islower() and language == "de":
            continue
        numbered = re.search(r"\d", found["name"]) is not None
        if hyphened or numbered or any(word not in known and word not in {"de", "la", "du", "der"} for word in own):
            yield Span(*found.span("value"), "INSTITUTION", "organisation", 0.8)
    if language == "de":
        for found in _COMPOUND.finditer(text):
            if fold(found["lead"]) not in _KINDS_OF_HOUSE:
                yield Span(*found.span(), "INSTITUTION", "organisation", 0.8)
