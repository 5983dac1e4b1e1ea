"""Stretches of a report that hold nobody: every word of them is a clinical or an ordinary one.

Closed lists decide. `plain` words share nothing with any list of names or cues, and count in any case. `lower` words
are ordinary English ones that no list of names holds: they count in lower case, in a stretch that has capitals too, and
as its first word. Two kinds count in lower case where they cannot meet each other or a name: *cues* ("by size
criteria"), and *familiar* words that some list of names has as well ("a simple cyst", "hill"). Whatever else a stretch
holds, a date, an initial, an unknown word, a high age, makes it one to read. Known identifiers are looked for in every
word all the same.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache, lru_cache
from itertools import pairwise
from operator import attrgetter

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.date_forms import names_of
from curate.text.dates import WEEKDAY
from curate.text.lexicon import alternatives, table, terms, words
from curate.text.sparse import Sparse
from curate.text.unfamiliar import is_also_name, is_familiar

_SETTLED = "\ue000"  # stands for each character that somebody has settled already
_SHORTENED = "|".join(
    rf"(?<=\b{letters}\.)" for letters in ("[A-Z][a-z]{3}", "[A-Z][a-z]{2}", "GEZ", "[A-Za-z]{2}", "[A-Z]")
)
# To the end of a line, or to a full stop before a capital, but not that of "Dr." or "St."
_STRETCH = re.compile(rf"(?:[^\n.]|\.(?=\S|[ ]+[^\sA-ZÀ-Þ])|\.(?:{_SHORTENED}))+\.?")
_WORD = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|\S")
_FIGURE = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
# May be a date, a telephone, a code
_FIGURES = Sparse(
    r"\d[ /.:\-]{1,3}\d{1,4}[ /.:\-]{1,3}\d|\d ?[/\-] ?\d|\d \d|[^\W\d_]\d|\d\.\d{1,2}\.|\d(?:st|nd|rd|th)\b"
)
_VISIBLE = re.compile(r"\S")
_ITEM = re.compile(r" *(?:\(?\d{1,2}[.)]|[-*]) *")  # the number of a list alone
_LETTERS = re.compile(r"[^\W\d_]+")
# A sentence without a subject that acts: "Small hiatal hernia", not "Stone reports pain"
_OPENS = re.compile(
    r" *[^\W\d_a-z][^\W\d_A-Z]+ (?=[a-z])(?![a-z]+(?:s|ed|en|own)\b|(?:is|was|has|had|to|will|may|can|and)\b)"
)
_BEFORE = frozenset(["to", "by", "with", "from", "for", "and", "per", "re", "via", "told"])
_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?: ?[AaPp]\.?[Mm]\b\.?)?(?!\d)")
_SIZE = re.compile(r"\d{1,3}(?:\.\d{1,2})?(?: ?x ?\d{1,3}(?:\.\d{1,2})?){1,2}(?= ?[cm]m\b)")
_NUMBER = (
    "(?:zero|one|two|three|four|five|six|seven|eight|nine|double|treble"
    "|null|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun"
    "|zéro|deux|trois|quatre|cinq|huit|neuf|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
)
_DAY = "(?:fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\\w{3,5}teenth|twentieth|thirtieth)"
# A number or a day as it is dictated
_SPOKEN = Sparse(rf"\b(?:{_NUMBER}[ ,.\-]{{1,2}}{_NUMBER}|(?:the|on) (?:twenty |thirty )?{_DAY})\b", re.IGNORECASE)
_OLD = Sparse(r"(?<![\d.])(?:9\d|1[0-4]\d)(?!\d|\.\d| ?(?:mm|cm|ml|mL|HU|mg|mGy|degrees|%)(?!\w))")
_OLD_SPOKEN = Sparse(
    r"\b(?:ninet|hundred|nonag|centen|\w*neunzig|quatre.vingt.(?:dix|onz|douz|treiz|quatorz|quinz|seiz)|nonante|novent)",
    re.IGNORECASE,
)
_DATED = Sparse(rf"{WEEKDAY.pattern}(?:d[íi]a[ ]|le[ ]|de[nmr][ ])?\d", WEEKDAY.flags)  # "el lunes 8"
_SIGNED = Sparse(  # "--bb", "MLT" alone, "Minutes: LM"
    r"^ *--? ?[^\W\d_]{2,3} *$|^ *[A-Z]{2,3} *$"
    r"|\b(?:[Mm]inutes|[Rr]ecorded|[Tt]ypist) ?: |\b(?:Typed|Q[AC]:?|(?i:gez)\.?) [^\W\d_]{2,3}\b"
)
_NUMBERED = (
    "cabin|berth|bunk|chair|console|gate|platform|door|lodge|hut|chalet|no\\.?|loc\\.|locker|cubicle|room|seat|dis[ck]"
    "|shelf|drawer|token|tray|fridge|page|envelope|mailer|pigeonhole|jacket"
)
_PLACED = Sparse(  # "cabin 14", "Pattern day", "on the 16." before a month, "del 10.", "30.i.34"
    rf"\b(?i:{_NUMBERED}) \d{{1,3}}(?! ?(?:mm|cm)\b)|\b[A-Z][a-z]{{3,12}}(?:'s|s')? (?:[Dd]ay|holiday)\b"
    r"|\b(?:the|del) \d{1,2}\.$|\d\.[ivx]{1,4}\.\d"
)
_NAMED = Sparse(r"[a-z] (?:in|at|from|near|of|by) [A-Z][a-z]{2,}\b")  # "lives in Deal", "films of Low Sunday"
_TELLING = (_PLACED, _NAMED, _FIGURES, _OLD, _OLD_SPOKEN, _SPOKEN, _DATED, _SIGNED)
_MARKS = frozenset(".,;:()%<>+'\"*?![]=-")
_LONGEST = 400  # characters; a longer stretch is read
_REMEMBERED = 50_000  # stretches
_LANGUAGES = ("en", "de", "fr", "es")


class Kind(Enum):
    """What a stretch holds: nobody; what is settled and nothing beside it; something to be read."""

    PLAIN = "plain"
    SETTLED = "settled"
    OPEN = "open"


class PlainWords:
    """The closed vocabulary. What it said of a stretch is remembered: reports repeat their sentences."""

    def __init__(self) -> None:
        self._plain = words("tagger/plain_words") | terms("drug", "organism", "sequence")  # nobody is called so
        self._lower = self._plain | words("tagger/lower_words")
        self._judged = lru_cache(_REMEMBERED)(self._judge)

    def __repr__(self) -> str:
        return "<PlainWords>"

    def read(self, text: str, settled: Iterable[Span] = ()) -> Iterator[tuple[int, int]]:
        """The stretches [start, end) of a text that must be read, in order.

        One where nothing but plain words and cues stands beside `settled` spans needs no more reading, unless it is the
        neighbour of one that must be read, which its layout may explain. So may the one before it, whatever it holds.
        """
        found = list(_STRETCH.finditer(_without(text, settled)))
        kinds = [self._judged(each[0]) if len(each[0]) <= _LONGEST else Kind.OPEN for each in found]
        for at, (kind, each) in enumerate(zip(kinds, found, strict=True)):
            explains = Kind.OPEN in kinds[at : at + 2]
            if explains or (kind is Kind.SETTLED and Kind.OPEN in kinds[max(0, at - 2) : at + 3]):
                yield each.span()

    def _judge(self, stretch: str) -> Kind:
        if _SETTLED in stretch:
            return Kind.SETTLED if _is_accounted(stretch) else Kind.OPEN
        return Kind.PLAIN if self._is_plain(stretch) else Kind.OPEN

    def _is_plain(self, stretch: str) -> bool:
        if _ITEM.fullmatch(stretch):
            return True
        sized = _SIZE.sub("1", stretch)
        if any(each.search(sized) for each in (*_TELLING, _dialled(), _monthly())) or not any(map(str.isalpha, sized)):
            return False
        found, cased = _WORD.findall(sized), any(map(str.isupper, sized))
        opener = bool(_OPENS.match(sized)) and _is_common(found[0].lower())
        doubted = [word for word in found[opener:] if not self._is_ordinary(word, cased=cased)]
        return not doubted or _is_told(doubted, found, sized)

    def _is_ordinary(self, word: str, *, cased: bool) -> bool:
        if not word.isalpha():
            return word in _MARKS or bool(_FIGURE.fullmatch(word))
        if word.islower():
            return word in (self._lower if cased else self._plain)
        return word.lower() in self._plain


@cache
def plain_words() -> PlainWords:
    """The closed vocabulary of this process."""
    return PlainWords()


def _is_told(doubted: list[str], found: list[str], stretch: str) -> bool:
    """Whether words that lists of names or cues have say nothing here: in lower case, of one kind, none announced."""
    if stretch.islower() or not all(map(str.islower, doubted)):
        return False
    if all(word in _cues() or word in _small() for word in doubted):
        return found[-1] not in doubted and found[-2:-1] != doubted[-1:]
    announced = {word for before, word in pairwise(found) if before in _BEFORE}
    return all(map(_is_known, doubted)) and _cues().isdisjoint(found) and announced.isdisjoint(doubted)


def _without(text: str, settled: Iterable[Span]) -> str:
    """The text with something else in the place of each character of these spans, blanks apart."""
    pieces, at = [], 0
    for span in sorted(settled, key=attrgetter("start")):
        start = max(at, span.start)
        pieces += [text[at:start], _VISIBLE.sub(_SETTLED, text[start : span.end])]
        at = max(at, span.end)
    return "".join([*pieces, text[at:]])


def _is_accounted(stretch: str) -> bool:
    """Whether only ordinary words, cues and times of day are left beside what is settled."""
    left = _TIME.sub("", stretch)
    found = _LETTERS.findall(left)
    return not any(map(str.isdigit, left)) and all(
        word.lower() in _expected() or ((word.islower() or not at) and _is_common(fold(word)))
        for at, word in enumerate(found)
    )


def _is_common(word: str) -> bool:
    return is_familiar(word) and not is_also_name(word)


def _is_known(word: str) -> bool:
    return word in _small() or (len(word) > 3 and is_familiar(fold(word)))


@cache
def _cues() -> frozenset[str]:
    """Words that announce a name or a number, in lower case; not titles, and not words that stand everywhere."""
    cues = [cue for cue, kind in _announcing().items() if kind != "title"]
    return frozenset({word for cue in cues for word in cue.split()} - words("function_words") | {"by"})


@cache
def _expected() -> frozenset[str]:
    """Words that stand beside a name and are none: plain ones, those of cues and titles."""
    return words("tagger/plain_words") | {word for cue in _announcing() for word in cue.split()} | {"md"}


@cache
def _dialled() -> Sparse:
    """A telephone of a few figures behind what announces one: "busca 662", "interno 12"."""
    cues = {cue for language in _LANGUAGES if language != "en" for cue in words("phone_cues", language)}
    return Sparse(rf"(?<![^\W_])(?:{alternatives(cues)})[.:]{{0,2}} {{0,2}}\d", re.IGNORECASE)


@cache
def _monthly() -> Sparse:
    """A month beside a figure, where its short form is a word too: "control junio 24", "before 1 Sept."."""
    months = alternatives({form for language in _LANGUAGES for forms in names_of(language).values() for form in forms})
    return Sparse(rf"(?<![^\W_])(?:{months})\.? \d|\d\.? (?:{months})(?![^\W_])", re.IGNORECASE)


def _announcing() -> dict[str, str]:
    return {**table("name_cues"), **table("id_cues")}


@cache
def _small() -> frozenset[str]:
    """Articles, particles and other small words of four languages."""
    return frozenset(word for language in _LANGUAGES for word in words("function_words", language))
