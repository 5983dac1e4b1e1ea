"""Names of persons by what stands beside them: titles, field labels, relatives, credentials, signatures, carets.

A cue is strong evidence: what it finds is never vetoed. The vocabularies are data (data/README.md).
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text import carets, initials
from curate.text.eponyms import is_before_term, is_class, is_graded, is_surely_listed
from curate.text.lexicon import alternatives, folded, joined, table, terms
from curate.text.sparse import Sparse
from curate.text.unfamiliar import is_familiar

WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_GAP = re.compile(r"(?P<dot>\.)?(?:(?P<comma>, ?)|(?P<line> ?\n ?)| |(?<=\.))")
_DASHED = Sparse(r"(?<= )-- ?(?=[^\W\d_])")
_FIRST_PERSON = Sparse(r"\bI, (?=[^\W\d_])")
_INITIALLED = Sparse(r"(?:\b(?:by|with|to|and|from|per|cc)|[(/,:]) ?(?=[A-Z]\. ?[^\W\d_]{2})")
_SIGNED = re.compile(r" (?:on|at) \d")  # "signed by Robert Brain on 08.11.2023"
_YOUNGER = re.compile(r",? (?:Jr|JR|Sr|SR)\b\.?(?! [A-Z][a-z])")
_DOSE = re.compile(r" (?:[A-Z]{2} )?\d")  # "T. Metolar XR 25" is a tablet
_WEAK = re.compile(r"(?:\b(?:by|from|with|and|to)|\(|[,:.]) ?(?=[^\W\d_a-z])")
_CODE = re.compile(r"\b(?:MR|MS|DR) ")  # also a modality or a diagnosis: "MR ABDOMEN", "MS LESIONS"
_AND = re.compile(r"(?: \([^()\n]{1,24}\))?(?:,? (?:and|or|&) |, | ?(?<! [SDW])/ ?(?=[^\W\d_a-z]))")
_CLOSED = re.compile(r"\s*(?:[,.;:()|/\[\]]|$|\n| {2}|\d|at\b|on\b|mrn\b|dob\b|acc|id\b|age\b|sex\b)", re.IGNORECASE)
_LETTER = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr) [A-Z](?![\w/+\-])")
_LETTERED = re.compile(r" [A-Z]\b")  # Kerley B
_LABEL_ENDS = re.compile(r"(?: [a-z]{2,12}){0,2} ?:")
_LONGEST, _ABBREVIATED = 6, 5  # words of a name; letters of a label that a full stop may shorten
_INITIALS = 3  # letters, at most


class Cue(Enum):
    """How much a cue says: after a title any word is a name; after a bare label it must look like one."""

    TITLE = "title"
    FIELD = "field"  # a label with a colon
    BARE = "bare"


def find(text: str) -> Iterator[Span]:
    """Names in `text` (plain, see view.py), each with the rule that found it."""
    yield from strong(text)
    for pattern in (_INITIALLED, _WEAK):
        for found in pattern.finditer(text):
            yield from spans_of(_full_name(text, found.end()), "by")
    yield from initials.find(text)


def strong(text: str) -> Iterator[Span]:
    """Names that a title, a label, an act or the caret form (PS3.5 6.2.1) announces: safe in short texts too."""
    for found in _cues().finditer(text):
        yield from _after_cue(text, found)
    yield from carets.find(text)
    for pattern in (_DASHED, _FIRST_PERSON):
        for found in pattern.finditer(text):
            yield from spans_of(read(text, found.end(), Cue.BARE), "cue")


@cache
def _cues() -> re.Pattern[str]:
    cues = table("name_cues")
    titles = alternatives(cue for cue, kind in cues.items() if kind == "title")
    labels = alternatives(cue for cue, kind in cues.items() if kind != "title")
    return re.compile(
        r"(?<![\w'+])(?!(?<=\d )(?-i:ms)\b)(?!(?<=\w-)(?-i:doctor)\b)"  # 12 ms, a two-doctor form
        rf"(?:(?P<title>{titles})\b(?:\.?(?:\n| {{1,2}})|\.(?=(?-i:[^\W\d_a-z])))|(?P<label>{labels})\b\.?(?:\(s\))?"
        rf"(?:(?:[ \t.]{{0,40}}(?P<colon>[:=#\]])|(?P<dots>[ ]?\.{{3,40}}))[ \n]{{0,4}}|,? {{1,3}}\(?| ?\n))"
        r"(?=[^\W\d_])",
        re.IGNORECASE,
    )


@cache
def _title() -> re.Pattern[str]:
    titles = alternatives(cue for cue, kind in table("name_cues").items() if kind == "title")
    return re.compile(rf"(?:{titles})\b\.? {{1,2}}", re.IGNORECASE)


def _after_cue(text: str, found: re.Match[str]) -> Iterator[Span]:
    """The name after a cue, and further ones that "and" or a comma adds to it."""
    at = found.end("label")
    if found["title"] and found.start() and text[found.end()].islower() and _YOUNGER.match(text, found.start() - 1):
        return  # "Earl Price Sr. died"
    if found["label"] and len(found["label"]) > _ABBREVIATED and text[at : at + 1] == "." != text[at + 1 : at + 2]:
        return  # the end of a sentence, not of a short form: "Seen by the resident. Lungs are clear."
    cue = Cue.TITLE if found["title"] else Cue.FIELD if found["colon"] or found["dots"] else Cue.BARE
    rule = "title" if found["title"] else "cue"
    at, more = found.end(), 4
    while more:
        titled = _title().match(text, at)
        if titled:
            at, cue, rule = titled.end(), Cue.TITLE, "title"
        place = read(text, at, cue)
        yield from spans_of(place, rule)
        joint = _AND.match(text, place[1]) if place else None
        if joint is None or (found["title"] and found["title"].lower() != "drs"):
            return
        at, more = joint.end(), more - 1
        cue = Cue.TITLE if found["title"] else Cue.BARE


def spans_of(place: tuple[int, int] | None, rule: str) -> Iterator[Span]:
    """The place of a name as a span of that rule; none where there is no place."""
    if place:
        yield Span(*place, "NAME", rule, 0.9)


def read(text: str, at: int, cue: Cue) -> tuple[int, int] | None:
    """Read the name that begins at `at`, as far as its words go; None when no name stands there."""
    words: list[re.Match[str]] = []
    commas = 0
    while len(words) < _LONGEST:
        gap = _GAP.match(text, words[-1].end()) if words else None
        if words and not (gap and _joins(gap, words, cue, commas)):
            break
        word = WORD.match(text, gap.end() if gap else at)
        if word is None or not _continues(word, words, cue, after_comma=bool(gap and gap["comma"])):
            break
        commas += bool(gap and gap["comma"])
        words.append(word)
    while words and words[-1][0] in folded("name_particles"):
        words.pop()
    return place_of(words) if words and _is_name(text, words, cue) else None


def _joins(gap: re.Match[str], words: list[re.Match[str]], cue: Cue, commas: int) -> bool:
    """Whether a name may go on behind this gap: a full stop ends it but behind an initial, one comma may divide it."""
    if gap["dot"] and len(words[-1][0]) > 2:
        return False
    if gap["comma"]:
        return commas == 0 and cue is not Cue.TITLE and len(words) <= 3
    return not gap["line"] or (len(words) == 1 and not (words[0][0].isupper() and len(words[0][0]) <= _INITIALS))


def _continues(word: re.Match[str], words: list[re.Match[str]], cue: Cue, *, after_comma: bool) -> bool:
    """Whether a word can be part of the name that `words` began."""
    written, plain = word[0], fold(word[0])
    following = word.string[word.end() : word.end() + 1]
    if len(written) == 1 and written.isupper() and (following == "." or (cue is Cue.TITLE and not words)):
        return True  # an initial, as in "Mr A Penrose"
    called = (
        cue is Cue.TITLE and not words and written.istitle() and plain not in folded("never_names")
    )  # Dr Child, Mrs Still
    if (plain in folded("function_words") and not called) or following.isdigit() or following in set("_@^"):
        return False
    if _is_apart(word, words, after_comma=after_comma):
        return False
    clinical = plain in folded("clinical_words")
    broken = bool(words) and "\n" in word.string[words[-1].end() : word.start()]
    signed = len(words) == 1 and _SIGNED.match(word.string, word.end())
    if words and not signed and _begins_description(word, words[0][0], clinical=clinical):
        return False
    apart = bool(words) and (after_comma or broken)
    if (clinical and (apart or following == ":")) or (following == ":" and not words and cue is not Cue.TITLE):
        return False
    apart = after_comma and len(written) > 1 and is_familiar(plain)
    return _fits_case(word, words, cue, clinical=clinical or apart)


def _is_apart(word: re.Match[str], words: list[re.Match[str]], *, after_comma: bool) -> bool:
    """Whether a word is a credential ("Ann Greene, CCRP"), begins "W/O Muhammad", or is the label of the next line."""
    if after_comma and word[0].isupper() and len(words) > 1 and not words[0][0].isupper():
        return True
    broken = bool(words) and "\n" in word.string[words[-1].end() : word.start()]
    related = len(word[0]) == 1 and word.string.startswith(("/O", "/o"), word.end())
    return related or (broken and _LABEL_ENDS.match(word.string, word.end()) is not None)


def _begins_description(word: re.Match[str], first: str, *, clinical: bool) -> bool:
    """Whether a word behind a name is the next thing said: "Dr. Ames THYROID", "Dr. Ames Kerley B lines"."""
    plain = fold(word[0])
    if plain in folded("surname_words") or first.isupper():
        return False
    if plain in terms("eponym", "device"):
        end = word.end() + 2 * bool(_LETTERED.match(word.string, word.end()))
        return "-" in plain or is_before_term(word.string, end)
    return clinical or plain in terms("sequence", "score")


def _fits_case(word: re.Match[str], words: list[re.Match[str]], cue: Cue, *, clinical: bool) -> bool:
    """Names are capitalised throughout or not at all; small ones count behind a title, a colon or small words."""
    written = word[0]
    first = words[0][0] if words else written
    if written in folded("name_particles"):
        return True
    if written[0].islower():
        small = first[0].islower() if words else cue is not Cue.BARE or _in_lower_case(word)
        return small and len(words) < 3 and not clinical
    return not first[0].islower() or first in folded("name_particles")


def _in_lower_case(word: re.Match[str]) -> bool:
    """Whether the words before this one on its line are typed without capitals, as all of some reports are."""
    line = word.string[max(0, word.start() - 60) : word.start()].rpartition("\n")[2]
    return not any(map(str.isupper, re.sub(r"\S*\d\S*", "", line)[1:]))


def _is_name(text: str, words: list[re.Match[str]], cue: Cue) -> bool:
    """Whether what was read is a name: any word behind a title, otherwise not only common words."""
    plain = [fold(word[0]) for word in words]
    lists = (joined("clinical_words", "ward_words"), terms("sequence", "score"))
    clinical = [any(part in each for each in lists for part in (word, word.rpartition("-")[2])) for word in plain]
    if cue is Cue.TITLE:
        shouted = _CODE.search(text, max(0, words[0].start() - 4), words[0].start())
        lettered = _LETTER.search(text, max(0, words[0].start() - 6), words[-1].end() + 1)  # "Mr K"
        return (len(plain[0]) > 1 or len(plain) > 1 or lettered is not None) and not (shouted and clinical[0])
    written = [word[0] for word in words]
    common = [one or (len(word) == 1 and cue is Cue.BARE) for one, word in zip(clinical, plain, strict=True)]
    if all(common) or (cue is Cue.BARE and common[0] and len(plain[0]) > 1):
        return False
    if written[0][0].islower():
        closed = len(words) > 1 and _CLOSED.match(text, words[-1].end()) is not None
        known = any(common) or all(map(is_familiar, plain))
        return not known or (closed and cue is Cue.FIELD)
    if cue is Cue.BARE and all(word.isupper() for word in written):
        closed = _CLOSED.match(text, words[-1].end()) is not None
        return closed and not any(clinical) and (len(words) > 1 or not is_familiar(plain[0]))
    return not _head(cue).match(text, words[-1].end())


@cache
def _head(cue: Cue) -> re.Pattern[str]:
    """What makes an eponym of the word before it, or an author."""
    heads = rf"|(?:'s)? (?:{alternatives(folded('head_nouns') | folded('body_nouns'))})\b" if cue is Cue.BARE else ""
    return re.compile(rf",? et al\b{heads}", re.IGNORECASE)


def _full_name(text: str, at: int) -> tuple[int, int] | None:
    """Two or three capitalised words, none of them known to medicine, that a preposition or a bracket sets apart."""
    place = read(text, at, Cue.BARE)
    if place and (named := without_roles(list(WORD.finditer(text, *place)))):
        place = named[0].start(), place[1]
    words = text[place[0] : place[1]].split(",", maxsplit=1)[0] if place else ""
    plain = [fold(word) for word in WORD.findall(words)]
    cased = all(part[1:2].islower() or len(part) == 1 or part.islower() for part in WORD.findall(words))
    if (
        place is None
        or _DOSE.match(text, place[1])
        or len(plain) not in {2, 3}
        or not cased
        or not _known_words().isdisjoint(plain)
        or (len(plain[-1]) == 1 and text[place[1] - 1] != "." and is_familiar(plain[0]))  # "Sore L flank"
        or is_surely_listed(words.removesuffix("'s"))
        or is_graded(text, place[0], place[0] + len(words))
        or is_class(text, place[0], words)
    ):
        return None
    return place[0], place[0] + len(words)


def without_roles(words: list[re.Match[str]]) -> list[re.Match[str]]:
    """What follows the words that say who somebody is: "Aunt Delphine"; in "Driver, Will" the first is a name."""
    first = next((at for at, word in enumerate(words) if not _is_role(word)), len(words))
    return words[first:]


def _is_role(word: re.Match[str]) -> bool:
    return fold(word[0]) in table("name_cues") and not word.string.startswith(",", word.end())


@cache
def _known_words() -> frozenset[str]:
    kinds = ("eponym", "device", "score", "sequence", "drug", "organism")
    return terms(*kinds) | folded("clinical_words") | folded("head_nouns")


def place_of(words: list[re.Match[str]]) -> tuple[int, int]:
    """From the first word to the last, without a possessive, with the full stop of an initial, and with "Jr."."""
    end = words[-1].end()
    if words[-1][0].endswith("'s"):
        end -= 2
    elif younger := _YOUNGER.match(words[-1].string, end):
        end = younger.end()
    elif len(words[-1][0]) == 1 and words[-1].string[end : end + 1] == ".":
        end += 1
    return words[0].start(), end
