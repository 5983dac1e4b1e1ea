"""Persons whom a German, French or Spanish sentence names without a title: by a given name, or by what they did.

"noté par Bouchard", "le expliqué a Luz", "Florent veut l'Onyx", "die Dahlke aus der Neurochirurgie": the word must be
of no vocabulary and no eponym ("décrit par Todani").
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.eponyms import is_surely_listed
from curate.text.languages.persons import WORD, Strength, name_at, read_back
from curate.text.languages.terms import follows_as_term
from curate.text.languages.vocabulary import MEDICINE, is_common, vocabulary
from curate.text.lexicon import alternatives, folded, terms, words
from curate.text.sparse import Sparse

_AGED = re.compile(r",? \(?\d{1,3} ?(?:años|ans|Jahre|a\.|J\.|J\b|meses|mois|Mon)")
_NAME = r"(?P<name>(?:de[ ](?:la[ ])?|d')?(?-i:[A-ZÀ-Þ](?:[a-zß-ÿ]|(?<=['\-])[A-ZÀ-Þ])['\-\w]+))"
_BEGINS = r"(?:^|(?<=[\n.;:!?\u2014>\u2192(,\u201c\u201d\u00bb\"][ ])|(?<=\n))"  # a sentence, or a part of one
_FAMILY = re.compile(  # of Austria and Bavaria
    r"[A-ZÄÖÜ][a-zäöüß]{1,12}(?:huber|ma[yi]e?r|me[yi]er|hofer|lechner|leitner|gruber|egger|moser|rieder"
    r"|wieser|thaler|kofler|bacher|bichler|brunner)"
)
_GRADE = re.compile(r"(?:I{2,3}|IV|VI{0,3})[A-Ca-c]?(?!\w)")  # "Lebersegment IVa", and no Iva
_CHAT = Sparse(r"^(?P<name>[A-ZÀ-Þ][\w'\-]{2,14}(?: [A-ZÀ-Þ]\.?)?) {1,3}\d{1,2}[:h]\d\d *$", re.MULTILINE)  # who wrote
_FORMS = {  # what somebody did or was told, or is told apart by
    "de": (
        rf"(?:^|(?<=[\s,(]))die[ ]{_NAME}(?=[ ](?:aus|von)[ ](?:der|dem)\b|[ ]vom[ ])",
        rf"{_BEGINS}{_NAME}(?=[ ]würde[ ])",  # and not "wurde": lists of words are read without their dots
        rf"{_NAME}(?=[ ]hier(?:[,.]|[ ](?:von|vom|aus)\b))",
        rf"\b(?:gegengelesen|abgelegt|geprüft|gefahren)(?:[ ]von)?[ ]{_NAME}",
    ),
    "fr": (
        rf"\b(?P<did>(?:noté|vu|revu|lu|relu|opéré|signalé|évoqué|demandé|adressé|appelé|prévenu|confirmé|validé|dicté"
        rf"|rédigé|suivi|examiné|rassuré|amené|conduit|accompagné)e?s?)(?:[ ][a-zà-ÿ]{{2,10}}){{0,4}}[ ]par[ ]{_NAME}",
        rf"\b\w{{2,12}}(?:é|[uts])e?s?[ ]par[ ]{_NAME}",
        rf"\b(?:expliqué|dit|annoncé|montré|demandé|téléphoné|parlé|transmis|remis|confié)[ ](?:à|avec)[ ]{_NAME}",
        rf"\b(?:au[ ]choix|à[ ]l'avis|au[ ]dire|le[ ]mot|l'avis)[ ]de[ ]{_NAME}",
    ),
    "es": (
        rf"\b(?P<did>(?:visto|vista|revisad[oa]|operad[oa]|informad[oa]|comentad[oa]|avisad[oa]|atendid[oa]|traíd[oa]"
        rf"|acompañad[oa]|llevad[oa]|pedid[oa]|dictad[oa]|hech[oa])s?)[ ]por[ ]{_NAME}",
        rf"\b\w{{2,12}}(?:ad|id|t|ch)[oa]s?[ ]por[ ]{_NAME}",
        rf"\b(?:expliqu[ée]|explicado|dij[eo]|dicho|avis[éeo]|avisado|inform[éeo]|llam[éeo]|pregunt[éeo])[ ]a"
        rf"[ ]{_NAME}",
        rf"\b(?:revisa|leyó|firmó|operó|inyectó|escribió|puso|anotó|temía|ponía|decía|dijo|conviene[ ]que|discutimos)"
        rf"[ ]{_NAME}",
    ),
}


def find(text: str, language: str) -> Iterator[Span]:
    """Names in `text` (plain, see view.py), each with the rule that found it; spans may overlap."""
    yield from _given(text, language)
    yield from _called(text, language)
    for wrote in _CHAT.finditer(text):
        if not is_common(wrote["name"], language):
            yield Span(*wrote.span("name"), "NAME", "called", 0.7)
    for pattern in _patterns(language):
        for found in pattern.finditer(text):
            place = name_at(text, found.start("name"), language, Strength.ACT)
            if place and ("did" in found.groupdict() or not _is_medicine(text[place[0] : place[1]], language)):
                yield Span(*place, "NAME", "act", 0.8)


@cache
def _patterns(language: str) -> tuple[Sparse, ...]:
    verbs = alternatives(words("person_verbs", language))
    does = rf"{_BEGINS}{_NAME}(?=[ ](?:n'|n'y[ ]|ne[ ]|no[ ])?(?:l[aeo][ ])?(?:{verbs})[ .,:])"
    asked = rf"\b(?:l[oae]s?|se[ ]lo)[ ](?:{verbs})[ ]{_NAME}"
    forms = (*_FORMS[language], does, *([asked] if language == "es" else ()))
    return tuple(Sparse(form, re.IGNORECASE | re.MULTILINE) for form in forms)


def _is_medicine(name: str, language: str) -> bool:
    """Whether a word of it is an eponym, or another term."""
    parts = [fold(part) for part in WORD.findall(name)]
    return any(part in terms(*MEDICINE) for part in parts if part not in folded("name_particles", language))


def _called(text: str, language: str) -> Iterator[Span]:
    """A given name alone that is no word and no eponym: of 2,132 in invented reports 2,066 were somebody's.

    In German also a family name of the south, by its ending.
    """
    anywhere, behind_article = _names_alone(language), _names_behind_articles(language)
    for word in WORD.finditer(text):
        plain = fold(word[0]) if word[0][0].isupper() and not word[0].isupper() else ""
        told = plain in behind_article and _article(language).search(text, max(0, word.start() - 6), word.start())
        family = language == "de" and _is_family_name(word[0])
        named = (plain in anywhere or told or family) and not _GRADE.match(text, word.start())
        if named and not follows_as_term(text, *word.span(), language):
            yield Span(*word.span(), "NAME", "called", 0.7)


@cache
def _article(language: str) -> re.Pattern[str]:
    """Before the name of somebody one knows: "der Korbinian", "el Ramón"; French has no such custom."""
    return re.compile(
        {"de": r"\b(?:der|die|den|dem|vom|beim|zum)[ ]$", "es": r"\b(?:el|la)[ ]$", "fr": "(?!)"}[language],
        re.IGNORECASE,
    )


def _is_family_name(word: str) -> bool:
    """Whether a German word ends as family names of the south do, and is no word of reports and no term."""
    return bool(_FAMILY.fullmatch(word)) and not any(
        fold(word) in each for each in (vocabulary("de"), terms(*MEDICINE))
    )


@cache
def _names_behind_articles(language: str) -> frozenset[str]:
    return folded("given_names", language) - vocabulary(language)


@cache
def _names_alone(language: str) -> frozenset[str]:
    names = folded("given_names", language) | folded("given_names")
    return names - vocabulary(language) - folded("ambiguous_names", language) - terms(*MEDICINE)


def _given(text: str, language: str) -> Iterator[Span]:
    """A given name with capitalised words that medicine does not know beside it: "Anna Weber", "GARCÍA, MARÍA"."""
    names = folded("given_names", language)
    at = 0
    for word in WORD.finditer(text):
        if word.start() < at or not word[0][0].isupper() or not _first_part(word[0], names):
            continue
        place = name_at(text, word.start(), language, Strength.ACT)
        before = _family_before(text, word.start(), language)
        graded = _GRADE.match(text, word.end() + 1)  # "Pell und Gregory IIB"
        if place is None or graded or is_surely_listed(text[place[0] : place[1]]):  # "Claude Bernard-Horner"
            continue
        if _AGED.match(text, place[1]) or before is not None or _family_follows(text, word, place, language):
            at = place[1]
            yield Span(word.start() if before is None else before, at, "NAME", "given", 0.9)


def _first_part(word: str, names: frozenset[str]) -> bool:
    return fold(word) in names or fold(word).partition("-")[0] in names


def _family_follows(text: str, word: re.Match[str], place: tuple[int, int], language: str) -> bool:
    return any(
        each[0].isupper() and len(each) > 1 and not is_common(each, language)
        for each in WORD.findall(text, word.end(), place[1])
    )


def _family_before(text: str, start: int, language: str) -> int | None:
    """Where a family name before a given name begins: behind a comma, or in capitals."""
    comma = re.search(r", $", text[max(0, start - 2) : start])
    end = start - 2 if comma else start - 1
    place = read_back(text, end, language) if text[end:start] in {", ", " "} else None
    if place is None or (not comma and not text[place[0] : place[1]].isupper()):
        return None
    return place[0] if place[1] - place[0] > 2 else None
