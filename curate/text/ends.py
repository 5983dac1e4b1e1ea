"""Where an identifier ends: what is beside a span and belongs to it, so that nothing of it is left.

The weekday of a date, an initial before or behind a name, the other of two people's initials, an extension of a phone,
what stands between two halves of a place.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.dates import with_weekday
from curate.text.lexicon import folded, joined

_INITIAL_BEFORE = re.compile(
    r"(?:(?P<word>[^\W\d_]+) |^|(?<=[(/,:;|\-\n])|(?<=[\n:/,] )|(?<= {2}))(?P<one>[A-ZÉÖÜÁ])\. ?$"
)
_INITIAL_BEHIND = re.compile(r" [A-ZÉÖÜÁ]\.(?=[,;:)/|]| ?\n| {2}| \d|$)")
_TITLES = {"fr": "M", "de": "MANRV", "es": "D"}  # Monsieur, Don; M., A., N., R., V. of anatomy
_PAIR = re.compile(r"[A-Za-z]{2,3}")
_PARTNER_BEHIND = re.compile(r"[/:][A-Za-z]{2,3}(?![\w/])")
_PARTNER_BEFORE = re.compile(r"(?<![\w/])[A-Za-z]{2,3}[/:]$")
_BEFORE = {  # what stands before a span and is a part of it
    "DATE": re.compile(r"(?<![\w/.\-])\d{1,2} ?(?:&|and|und|et|y) ?$"),  # 3 & 4 Feb 2024
    "ID": re.compile(r"(?<![\w.,:/\-])[A-Z]{0,4}\d{1,6}[:/\-]$"),  # S24:03391
    **dict.fromkeys(
        ("ADDRESS", "LOCATION"),
        re.compile(
            r"\b(?:unit|flat|b\.?p\.?|case postale|postfach|apartado|route de|chemin d[eu]|rue d[eu]) $", re.IGNORECASE
        ),
    ),
}
_BEHIND = {
    "PHONE": re.compile(r",? ?\(?(?:ext|extn|poste|DW|Apparat|anexo|interno)\.?:? ?\d{1,6}\b", re.IGNORECASE),
    "INSTITUTION": re.compile(
        r" (?:(?:&|and|et|y|und) (?:sons?|co|fils|hijos|söhne)|convent|(?:med )?ctr|fam med|breast screening)\b",
        re.IGNORECASE,
    ),
}
_NEAR = 24  # characters
_ON_LIST = re.compile(  # F, M: sex; two letters may be the modality
    r",? (?!CT|CR|DX|MG|MR|NM|PT|US|XA|XR)(?:[A-EG-LN-Z]|[A-Z]{2})(?=,? (?:[A-Z]{1,4}-?)?\d{5,}\b| *[|\t])"
)
_PLACES = frozenset({"LOCATION", "INSTITUTION", "ADDRESS"})
_LINK = re.compile(
    r",? (?:am|an der|ob der|bei|by|near|outside|upon|sur|sous|lès|près de|en|de|de la|del|du|des|d'|junto a|cerca de) "
)
_NICKNAME = re.compile(
    r",? ?\(?(?:(?:alias|aka|genannt|gen\.|known as|called|dite?|surnommée?|apodad[oa]) )?[\"„«“] ?"
    r"(?P<name>(?:el|la|le|der|die) [^\W\d_]{3,14}|[^\W\d_a-z][^\W\d_]{2,14}(?: [^\W\d_a-z][^\W\d_]{2,14})?) ?[\"”»“]"
)


def whole(text: str, span: Span, language: str) -> Span:
    """The span with what belongs to it; `text` is plain (see view.py)."""
    start, end = span.start, span.end
    if before := _BEFORE.get(span.label):
        found = before.search(text[max(0, start - _NEAR) : start])
        start -= found.end() - found.start() if found else 0
    if behind := _BEHIND.get(span.label):
        found = behind.match(text, end)
        end = found.end() if found else end
    if span.label == "DATE":
        start = with_weekday(text, start, language)
    elif span.label == "NAME" and _PAIR.fullmatch(text, start, end):
        start, end = _both(text, start, end, language)
    elif span.label == "NAME":
        start, end = _with_initials(text, start, end, language)
    return Span(start, end, span.label, span.rule, span.score)


def linked(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Spans of places, and what links two that are one: "Rietfontein outside Prieska", "Zell am Moos"."""
    places = [span for span in spans if span.label in _PLACES]
    for first, second in pairwise(places):
        if _LINK.fullmatch(text, first.end, second.start):
            yield Span(first.start, second.end, second.label, second.rule, second.score)


def nicknames(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """What somebody is called besides, in quotation marks behind the name: 'Pike, Levi, "Skipper Lee"'."""
    for span in spans:
        if span.label == "NAME" and (found := _NICKNAME.match(text, span.end)):
            yield Span(*found.span("name"), "NAME", "nickname", 0.8)


def _with_initials(text: str, start: int, end: int, language: str) -> tuple[int, int]:
    """A name with an initial that its finder left: "S. Chance-Maillot", "Ibou D.", but no "Grade B. Smith"."""
    before = _INITIAL_BEFORE.search(text[max(0, start - _NEAR) : start])
    titled = before is not None and before["one"] in _TITLES.get(language, "")
    if before and not titled and fold(before["word"] or "") not in folded("clinical_words", language):
        start -= before.end() - before.start("one")
    behind = _INITIAL_BEHIND.match(text, end) or _ON_LIST.match(text, end)
    return start, behind.end() if behind else end


def _both(text: str, start: int, end: int, language: str) -> tuple[int, int]:
    """Initials with those of who typed: "RS:pjm"; no short form of medicine."""
    behind, before = _PARTNER_BEHIND.match(text, end), _PARTNER_BEFORE.search(text[max(0, start - 4) : start])
    if behind and _is_nobody(behind[0][1:], language):
        behind = None
    if before and _is_nobody(before[0][:-1], language):
        before = None
    return start - len(before[0]) if before else start, behind.end() if behind else end


def _is_nobody(letters: str, language: str) -> bool:
    words = joined("clinical_words", "function_words", language=language) | folded("short_forms")
    return letters.lower() in words
