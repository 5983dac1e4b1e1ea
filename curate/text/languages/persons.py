"""Names of persons in German, French and Spanish texts: by titles, labels, acts, closings and roles.

German writes every noun with a capital, so a capital alone says nothing here: a cue or a given name must stand beside
the name, and what medicine or grammar knows ends it. The vocabularies are data (data/de, data/fr, data/es).
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text import initials
from curate.text.languages.vocabulary import is_common, stops, vocabulary
from curate.text.lexicon import alternatives, folded, table, terms
from curate.text.sparse import Sparse

WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_GAP = re.compile(r"\.ª ?|\.? {1,2}|\.-|(?P<comma>, ?)|(?<=[^\W\d_])\.|(?P<glued>(?<=\.))")
# Between two people: "Le Goff (chir), Kerbrat S. (rx) et Rose"
_AND = re.compile(r"(?: \([^()\n]{1,24}\))?(?: ?[/&+\u00b7] ?| (?:y|e|et|und|u\.|\.) )| \([^()\n]{1,24}\)[,;] ")
_BAR = re.compile(r" ?/ ?(?=[^\W\d_a-zß-öø-ÿ]{2})")  # "durch WEBER/KOCH"
_PAGED = Sparse(  # at the head of a page
    r"^ *(?P<name>[A-ZÀ-Þ][\w'\-]+(?: [A-ZÀ-Þ][\w'\-]+)?, [A-Z]\.)(?= {2}|$)", re.MULTILINE
)
_INITIALLED = Sparse(
    r"(?:\b(?:par|por|von|durch|avec|con|mit|à|a|an|c/c|(?P<signs>[Ii]hre?|[Ff]do\.|[Uu]nterschr\.)) "
    r"|[(/,] ?|(?:^|\n) *)"
    r"(?=[A-ZÉ]\.[ \-]?(?:[A-Z]\. ?)?[^\W\d_][^\W\d_A-Z])"
    r"|: ?(?=[A-ZÉ]\.[ \-]?(?:[A-Z]\. ?)?[^\W\d_]{2})"
)
_NO_INITIALS = {  # M. Crohn, N. suralis, A. carotis
    "de": re.compile(r"[AMNRV]"),
    "fr": re.compile(r"M\. [^\W\d_][\w'\-]+ [A-ZÀ-Þ]"),  # M. Jean Dupont; M. Dupont may be Michel
}
_SHOUTED = frozenset({"LE", "VAN", "VON", "BEN", "EL"})  # "LE BRIS Jean-Yves"
_PROPER = r"[A-ZÀ-Þ][\w'\-]+"
_MARRIED = Sparse(  # "BLANC épouse ROUX Denise"
    rf"(?<![\w\-])(?P<own>{_PROPER}) (?:épouse|ép\.|veuve|vve|viuda de) (?P<other>{_PROPER}(?: {_PROPER})?)(?![\w\-])"
)
_HEADING = Sparse(
    rf"^ *(?P<name>{_PROPER}, {_PROPER}(?: {_PROPER})?)(?= ?[|;,] ?\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)\d\d)",
    re.MULTILINE,
)
_SENTENCE = re.compile(r"(?:^|[.:!?\n]\s*|- ?)$")
_CELL_ENDS = re.compile(r" {2}| ?(?:\n|\||$)")
_WHENCE = frozenset({"vom", "zum", "zur"})  # behind a family name they say where from
_SHORTENED = frozenset({"v", "d", "z"})  # von der, zu
_TWO_LETTERS = frozenset({"Ch", "Ph", "Th", "Cl", "Fr", "Gu", "Abd"})  # initials: Dr Ch. Le Goff
_APART = frozenset({"", "\n", "  ", " |", " ;", ";"})  # what ends a field
_SMALL = frozenset({"fr", "hr", "i.v."})  # without a capital it is Friday and no lady, intravenous and no deputy
_GIVEN_NAMES, _LONGEST = (1, 2), 7  # words behind a family name and a comma; words of a name


class Strength(Enum):
    """How much a cue says: after a title any word is a name, after a label not only common ones, after an act none."""

    TITLE = "title"
    FIELD = "field"
    ACT = "act"


def find(text: str, language: str) -> Iterator[Span]:
    """Names in `text` (plain, see view.py), each with the rule that found it; spans may overlap."""
    yield from strong(text, language)
    yield from initials.find_in(text, language)
    for found in _INITIALLED.finditer(text):
        other = language in _NO_INITIALS and _NO_INITIALS[language].match(text, found.end())
        place = None if other else name_at(text, found.end(), language, Strength.ACT)
        last = WORD.findall(text, *place)[-1] if place else ""
        if place and (found["signs"] or fold(last) not in terms("eponym", "surname", "organism")):
            yield from _span(place, "by")
    for found in _labels(language).finditer(text):
        place = name_at(text, found.end(), language, Strength.ACT)
        if place and _CELL_ENDS.match(text, place[1]):
            yield from _span(place, "cue")
    yield from _described(text, language)


def _described(text: str, language: str) -> Iterator[Span]:
    """Names by the form of a heading, and by what stands behind them."""
    for found in _PAGED.finditer(text):
        yield Span(*found.span("name"), "NAME", "described", 0.8)
    for found in _HEADING.finditer(text):
        if not all(is_common(word, language) for word in WORD.findall(found["name"])):
            yield Span(*found.span("name"), "NAME", "described", 0.8)
    for found in _MARRIED.finditer(text):
        yield from (span for each in ("own", "other") for span in _span(found.span(each), "described"))
    for found in _after_name(language).finditer(text):
        yield from _span(read_back(text, found.start(), language), "described")


def strong(text: str, language: str) -> Iterator[Span]:
    """Names that a title, a label or an act announces: safe in short texts too."""
    for found in _cues(language).finditer(text):
        kind = found.lastgroup or ""
        written = found[0].strip()
        if written in _SMALL or (kind == "letter" and len(written.rstrip(".")) <= 2 and written[0].islower()):
            continue
        strength = {"title": Strength.TITLE, "field": Strength.FIELD}.get(kind, Strength.ACT)
        if kind in {"act", "relation"} and _ends_in_title(language).search(found[0]):
            strength = Strength.TITLE
        place = name_at(text, found.end(), language, strength)
        if place and written.lower().startswith("enf") and _is_disease(text, place):
            continue
        while place:
            yield from _span(place, "title" if kind == "title" else "cue")
            joint = (_AND if kind in {"title", "field"} else _BAR).match(text, place[1])
            titled = _leading_titles(language).match(text, joint.end()) if joint else None
            led = titled or joint
            place = name_at(text, led.end(), language, Strength.TITLE if titled else Strength.ACT) if led else None


def _is_disease(text: str, place: tuple[int, int]) -> bool:
    """Whether a nurse's short form is that of a disease here: "enf. de Crohn"."""
    particle, _, name = text[slice(*place)].partition(" ")
    return particle == "de" and fold(name) in terms("eponym", "surname")


def is_word(text: str, span: Span, language: str) -> bool:
    """Whether a known name stands here as a word of the language: "klein", "petit", "Izquierdo" behind an organ.

    With a capital inside a sentence it is a name, unless the language has the word as a noun of medicine, or one stands
    before it ("Pulmón Izquierdo").
    """
    written, before = text[span.start : span.end], text[max(0, span.start - 30) : span.start]
    plain = fold(written)
    if plain not in vocabulary(language) or _titled(language).search(before):
        return False
    if written.islower() or written.isupper() or _SENTENCE.search(before):
        return True
    last = WORD.findall(before)[-1:]
    return plain in folded("clinical_words", language) or bool(last and is_common(last[0], language, grammar=False))


def cues_of(language: str, kind: str) -> str:
    """The cues of one kind as alternatives."""
    cues = [cue for cue, each in table("name_cues", language).items() if kind in each.split()]
    return alternatives(cue if kind == "letter" else cue.rstrip(".") for cue in cues) if cues else "(?!)"


@cache
def _cues(language: str) -> Sparse:
    letters = cues_of(language, "letter")
    titles = rf"(?:{cues_of(language, 'title')})(?!\w)\.?(?:\n(?=(?-i:[A-ZÀ-Þ][^\W\d_A-ZÀ-Þ]))|[ ]{{0,2}})"
    led = rf"(?:{titles}|(?:{letters})[ ]{{1,2}})"
    return Sparse(
        r"(?:(?<![\w'\-])|(?<=\b[lLdD]'))"
        rf"(?:(?P<field>(?:{cues_of(language, 'field')})(?!\w)\.?[ ]?(?:\([^()\n]{{0,20}}\))?"
        rf"(?:[ \t.]{{0,40}}[:=|]|[ ]?\.{{3,40}})[ \t]{{0,4}}\n?[ \t]{{0,4}}{led}{{0,3}})"
        rf"|(?P<act>(?:{cues_of(language, 'act')})(?!\w)\.?:?[ \n]{{1,3}}{led}{{0,3}})"
        rf"|(?P<relation>(?:{cues_of(language, 'relation')})(?!\w)(?:,? ?\(|, ?|: ?| ){led}?)"
        rf"|(?P<title>(?:{titles}){{1,4}})|(?P<letter>(?:{letters})[ ]{{1,2}}))(?=[^\W\d_])",
        re.IGNORECASE,
    )


@cache
def _labels(language: str) -> Sparse:
    """A label of a form without its colon: "Nom ZEROUAL   Prénom Yanis"."""
    return Sparse(rf"(?:^|(?<= {{2}}|\| ))(?i:{cues_of(language, 'field')}) {{1,3}}(?=[^\W\d_a-z])", re.MULTILINE)


@cache
def _ends_in_title(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{cues_of(language, 'title')})\.?[ ]{{1,2}}$", re.IGNORECASE)


@cache
def _leading_titles(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?i:{cues_of(language, 'title')})(?!\w)\.?[ ]{{1,2}}){{1,3}}")


@cache
def _titled(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:{cues_of(language, 'title')}|{cues_of(language, 'field')})\.?:?[ ]{{0,3}}$")


@cache
def _after_name(language: str) -> Sparse:
    """What stands behind a name: the date of birth, a number of the patient, a role, a department in brackets."""
    roles, teams = cues_of(language, "role"), cues_of(language, "team")
    return Sparse(
        r"(?:, ?| ?\(| ;? ?)?(?:\bgeb(?:oren|\.)? ?(?:am )?\d"
        r"|(?:[ ][mwfMWF][ ]{1,4})?\* ?\d{1,2}[./]|\bnée? (?:le|en) |\bnacid[oa] (?:el|en) "
        r"|(?<=[ ,(])[FMHW],[ ]\d{1,3}[ ](?:ans|Jahre|J\.|años)(?!\w)"
        rf"|\b[Dd]\.?N\.?I\.?\b|\bNHC\b|\bGeb\.? ?-? ?[Dd]at)|(?:, ?| ?\(| - )(?:{roles})\b"
        rf"| \((?:{teams})\.?(?:[ ,/][^()\n]{{1,14}})?\)",
        re.IGNORECASE,
    )


def name_at(text: str, at: int, language: str, strength: Strength) -> tuple[int, int] | None:
    """The name that begins at `at`, as far as its words go; None when no name stands there."""
    read: list[re.Match[str]] = []
    commas = 0
    while len(read) < _LONGEST:
        gap = _GAP.match(text, read[-1].end()) if read else None
        if read and (gap is None or not _joins(gap, read, commas, strength, language)):
            break
        word = WORD.match(text, gap.end() if gap else at)
        commas += bool(gap and gap["comma"])
        if word is None or not _continues(word, read, language, strength, after_comma=bool(gap and gap["comma"])):
            break
        read.append(word)
    return _checked(read, language, strength)


def _joins(gap: re.Match[str], read: Sequence[re.Match[str]], commas: int, strength: Strength, language: str) -> bool:
    """Whether a name may go on behind this gap: a full stop ends it but behind an initial; one comma may divide it.

    What begins with a given name and has a family name is whole: "Ruth Käslin, Helvorsa Versicherung".
    """
    if gap["comma"]:
        whole = len(read) > 1 and fold(read[0][0]) in folded("given_names", language)
        return commas == 0 and strength is Strength.FIELD and not whole
    return "." not in gap[0] or len(read[-1][0]) <= 2 or read[-1][0] == "Abd"


def _continues(
    word: re.Match[str], read: list[re.Match[str]], language: str, strength: Strength, *, after_comma: bool
) -> bool:
    """Whether a word can be part of the name that `read` began."""
    written, plain = word[0], fold(word[0])
    following = word.string[word.end() : word.end() + 2]
    initial = len(written) == 1 and written.isupper()
    dictated = strength is Strength.TITLE and len(written) == 1 and not read  # dr. o. ludwig
    short = written in _SHORTENED or (written in _TWO_LETTERS and strength is Strength.TITLE)
    if following[:1] == "." and (short or initial or dictated):
        return True
    if written.lower() in folded("name_particles", language):
        dictated = strength is Strength.TITLE and _is_typed_small(word)
        given = all(fold(each[0]) in folded("given_names", language) for each in read)
        whence = written in _WHENCE and not given  # "Frau Ott vom Empfang", but "Anna vom Bruch"
        return not whence and (bool(read) or dictated or _leads_to_name(word, language))
    last = initial and bool(read) and strength is Strength.FIELD and following in _APART  # "OPERATEUR: MURAT L"
    ends = (plain in stops(language) and not last) or (following[:1] == "/" and not following[1:].isupper())
    if ends or following[:1] in set("_@^0123456789") or (following[:1] == ":" and read):
        return False
    if read and (after_comma or strength is not Strength.FIELD) and is_common(written, language):
        return False
    small = strength is Strength.FIELD and plain in folded("given_names", language)
    if strength is Strength.TITLE and _is_typed_small(word):
        led = all(len(each[0]) == 1 or each[0] in folded("name_particles", language) for each in read)
        called = len(read) == 1 and fold(read[0][0]) in folded("given_names", language)
        return led or (called and not is_common(written, language))  # a dictation: behind a title any word is a name
    return written[0].isupper() or small or (bool(read) and read[0][0].islower() and strength is Strength.FIELD)


def _is_typed_small(word: re.Match[str]) -> bool:
    """Whether the words beside this one are typed without capitals, as a dictation or a jotting is."""
    line = word.string[max(0, word.start() - 40) : word.end() + 40]
    return not any(map(str.isupper, line))


def _leads_to_name(particle: re.Match[str], language: str) -> bool:
    """Whether a small word stands before a capital or another small word: "von der Heide", "Le Goff"."""
    following = WORD.match(particle.string, particle.end() + 1)
    if following is None:
        return False
    return following[0][0].isupper() or (particle[0].islower() and following[0] in folded("name_particles", language))


def _checked(read: list[re.Match[str]], language: str, strength: Strength) -> tuple[int, int] | None:
    """From the first word to the last that is none of the small ones, when there is a name among them."""
    while read and read[-1][0].lower() in folded("name_particles", language):
        read.pop()
    while len(read) > 1 and strength is Strength.FIELD and len(read[-1][0]) > 1 and is_common(read[-1][0], language):
        read.pop()
    capital = [word for word in read if word[0].lower() not in folded("name_particles", language)]
    if not capital or all(len(word[0]) == 1 for word in capital):
        return None
    if strength is not Strength.TITLE:
        whole = [word for word in capital if len(word[0]) > 1]
        judged = whole if strength is Strength.FIELD else whole[:1]
        if all(is_common(word[0], language) for word in judged):
            return None
    while len(read) > 1 and _says_who(read[0], language):
        read.pop(0)
    dot = len(read[-1][0]) == 1 and read[-1].string[read[-1].end() :][:1] == "."
    return read[0].start(), read[-1].end() + dot


def _says_who(word: re.Match[str], language: str) -> bool:
    """Whether a first word is a relation or a title: "Betreuer: Neffe Rolf Schöne"; not "Koch, R."."""
    kinds = {*table("name_cues", language).get(word[0].lower(), "").split()}
    return not kinds.isdisjoint({"relation", "title"}) and not word.string.startswith(",", word.end())


def read_back(text: str, end: int, language: str) -> tuple[int, int] | None:
    """The name that ends at `end`."""
    read: list[re.Match[str]] = []
    for word in reversed(list(WORD.finditer(text, max(0, end - 80), end))):
        gap = text[word.end() : read[0].start() if read else end]
        comma = gap == ", " and len(read) in _GIVEN_NAMES
        joined = gap in {"", " "} or (gap == ". " and len(word[0]) == 1) or comma
        particle = bool(read) and (word[0] in _SHOUTED or word[0] in folded("name_particles", language))
        if not joined or not (word[0][0].isupper() or particle) or (is_common(word[0], language) and not particle):
            break
        read.insert(0, word)
    while read and read[0][0] in folded("name_particles", language):
        read.pop(0)
    return (read[0].start(), read[-1].end()) if read else None


def _span(place: tuple[int, int] | None, rule: str) -> Iterator[Span]:
    if place:
        yield Span(*place, "NAME", rule, 0.9)
