"""What a guess holds beside the identifier: articles, the word of a ward, a department, the next column."""

import re
from collections.abc import Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.guard import NEARLY
from curate.text.lexicon import alternatives, folded
from curate.text.places import WARD_CUES

_CUT = re.compile(r"\n| {2}|[;:|()\[\]]|(?<!\w)\S*\d\S*")
_COLUMN, _CELL = re.compile(r" {3,}"), re.compile(r" {3,}|(?<=\d)\n")
_ARTICLES = r"(?:(?:in|at|on|of|near) )?(?:the|a|an|our|der|die|das|dem|den|le|la|les|el|los|las) "
_MORE = {
    "bd", "cub", "lab", "clinic", "door", "desk", "level", "area", "no", "bett", "zimmer", "zi", "pl", "platz",
    "kabine", "raum", "aufzug", "stock", "cama", "hab", "habitación", "sala", "quirófano", "sillón", "ch", "lit",
    "salle", "box", "fauteuil",
}  # fmt: skip
_UNITS = alternatives({*WARD_CUES, *_MORE} - {"suite", "unit"})  # these are of addresses
_UNIT = rf"(?i:(?:(?:{_UNITS})\.? ){{1,2}}(?=(?:[A-Z]{{1,2}}[ -]?)?\d(?:\d{{1,3}}[A-Z]?|[A-Z])$))"  # the figure tells
_BEFORE = {  # what is none of it
    "LOCATION": re.compile(f"{_ARTICLES}|{_UNIT}"),
    **dict.fromkeys(("INSTITUTION", "ADDRESS"), re.compile(_ARTICLES)),
    "DATE": re.compile(r"(?:the|The|THE) "),
    "PHONE": re.compile(r"(?:(?!loc|poste|pager)[^\W\d_]{2,12}[ .:#]{1,3}){1,2}(?=[\d(+])", re.IGNORECASE),
}
_BEFORE_IN_SPANISH = {**_BEFORE, "LOCATION": re.compile(_UNIT), "INSTITUTION": None}  # "la Sirga" has its article
_LOOSE = re.compile(  # what begins something else: "Monday on a", "Christmette am"
    r"(?: (?:on|in|into|at|to|from|by|of|for|and|or|but|the|a|an|is|was|has|with|that|thats|then"
    r"|im|am|ab|um|vor|bei|mit|und|oder|der|die|das|den|dem|et|ou|dans|sur|avec|est|y|en|con|para|es))+$"
)
_TITLES = frozenset({"M.", "M", "Dª"})
_BEHIND = {"INSTITUTION": re.compile(r",? (?:ED|A&E|ANC|PACS|OPD|ITU|ICU|MDM|MDT|[Dd]epartment of [A-Z]\w+)$")}


def trimmed(text: str, guess: Span, language: str) -> Iterator[Span]:
    """A guess without what stands at its ends and is none of it, in the pieces of it.

    That of a model of sentences is cut at line ends and labels, the tagger's between columns. The tagger judges words,
    and a figure may be one of them; what it takes for a name loses common words where it does not know the language as
    well as English; but for capitals and particles where it is sure.
    """
    if guess.rule != "tagger":
        for start, end in _pieces(text, guess, _CUT):
            yield from _core(text, guess, start, end)
    elif guess.label == "NAME" and language != "en":
        yield from _core(text, guess, guess.start, guess.end, language)
    else:
        cut = _CELL if guess.label == "LOCATION" else _COLUMN
        before = (_BEFORE_IN_SPANISH if language == "es" else _BEFORE).get(guess.label)
        yield from (_bare(text, guess, start, end, before) for start, end in _pieces(text, guess, cut))


def _pieces(text: str, guess: Span, cut: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """What lies between the places where a guess is cut."""
    start = guess.start
    for found in cut.finditer(text, guess.start, guess.end):
        yield start, found.start()
        start = found.end()
    yield start, guess.end


def _bare(text: str, guess: Span, start: int, end: int, cue: re.Pattern[str] | None) -> Span:
    """What is left of [start, end) without what stands before or behind an identifier of this kind."""
    start, end = end - len(text[start:end].lstrip(" ,;:")), start + len(text[start:end].rstrip(" ,;:"))
    before = cue.match(text, start, end) if cue else None
    start = before.end() if before else start
    for loose in (_BEHIND.get(guess.label), _LOOSE):
        behind = loose.search(text, start, end) if loose else None
        end = behind.start() if behind else end
    return Span(start, end, guess.label, guess.rule, guess.score)


def _core(text: str, guess: Span, start: int, end: int, language: str = "en") -> Iterator[Span]:
    common = folded("function_words", language)
    sure = language != "en" and guess.score >= NEARLY
    words = list(re.finditer(r"[^\s,]+", text[start:end]))
    while words and _is_edge(words[0][0], common) and not (sure and _opens_a_name(words[0][0], language)):
        words.pop(0)
    while words and _is_edge(words[-1][0], common) and not (sure and words[-1][0][0].isupper()):
        words.pop()
    if words and any(map(str.isalnum, words[0][0])):
        stop = start + words[-1].end() - (len(words[-1][0]) - len(words[-1][0].rstrip(".,'\"")))
        yield Span(start + words[0].start(), stop, guess.label, guess.rule, guess.score)


def _opens_a_name(word: str, language: str) -> bool:
    """Whether a word of grammar may be the first of a name: "Le Goff", "von der Heyde", "A. Belhadj", no "M. Clot"."""
    if word[0].isupper():
        return word not in _TITLES
    return word in folded("name_particles") or word in folded("name_particles", language)


def _is_edge(word: str, common: frozenset[str]) -> bool:
    plain = fold(word.strip(".,:'\"-#*"))
    return not plain or plain in common or plain.isdigit()
