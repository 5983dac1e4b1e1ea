"""Eponyms: where a name stands for a sign, a fracture or a catheter, and not for a person.

What makes one is the noun beside it ("Baker cyst", "circle of Willis"): data/head_nouns.txt, sure_heads.txt,
of_nouns.txt and the table of clinical terms.
"""

import re
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import alternatives, endings, folded, table, terms

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TOKEN = re.compile(r"\w+(?:['\-]\w+)*")
_PARTNER = r"[^\W\d_]\w{1,20}"
TOLD = re.compile(  # whoever is told something is a person, whatever noun follows
    r"\b(?:told|informed|notified|called|rang|phoned|paged|spoke (?:to|with)|discussed with|d/w|per|hi|dear) $",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(  # a title, or the start of a longer name
    r"(?:\b(?:dr|prof|professor|doctor|mr|mrs|ms|miss|mx|sister|nurse)\b\.?|\b(?:patient|pt|name) ?:|\b[A-Z]\.|[\^=])"
    r" ?$",
    re.IGNORECASE,
)

_QUALIFIED = re.compile(  # "urinary Foley", "14 Fr Foley", "no Murphy"
    r"(?:\b\d{1,2} ?Fr|\b(?:urinary|suprapubic|indwelling|tunnell?ed|silicone|biplane|old|prior|no|positive|negative"
    r"|\+ve|-ve|[+#])) ?$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|not an?) $", re.IGNORECASE)
_JUDGED = re.compile(  # "Murphy (+)", "DeBakey I", "Lynch pos"
    r" by (?:Dr|Mr|Mrs|Ms|Prof)\b"
    r"| ?\([+\-]{1,2}\)| ?(?:\+ve|-ve|pos|neg|(?:positi[fv]|n[eé]gati[fv])[aeos]{0,2})\b"
    r"| (?:[IVX]{1,3}|\d)[A-Ca-c]?(?=[.,;)\n]|$)",
    re.IGNORECASE,
)

_AND_BEHIND = re.compile(r" (?:and|und|et|y|e|&) (?P<other>[^\W\d_]{3,14})\b")
_AND_BEFORE = re.compile(r"\b(?P<other>[^\W\d_]{3,14}) (?:and|und|et|y|e|&) $")
_NOUN = re.compile(r"(?:'s)?\)?[ -](?P<noun>\w{1,16})\b(?! (?:clinic|list|slot|patient|lady|man|family)\b)")
_TERM = re.compile(r"[^\W\d_][\w\-]+")
_GRADE = re.compile(
    r" (?:[1-5] ?\+ ?[1-5](?: ?= ?\d\d?)?\b|(?:I{1,3}|IV|VI?)[A-Fa-fsL]\d?\b)"
)  # "Gleason 3+4", "Forrest Ib", "Kudo IIIs"
_NUMBERED = re.compile(r" (?:\d|I{1,3}|IV|VI?)[A-Fa-f]?(?= [a-z])")  # "Palmer 1B tear"; without a noun it may be a bed
_SCORED = re.compile(
    r" (?:is |of |score )?\d{1,2}(?:\+\d|[A-Da-d])?(?= [a-z(]|[,.;)]|$)(?! ?[ap]m|\.\d)"
)  # "Mirels 9 right"
_CLASSES = frozenset("ABCD")
_OTHERWISE = re.compile(r" (?:vs\.?|versus) (?P<term>[^\W\d_][\w\-]+)")  # "Bennett vs Rolando"; courts have surnames


def is_piece(text: str, guess: Span) -> bool:
    """Whether a guess is a piece of one longer term: "Sachs" of "Hill-Sachs", "-36" of "SF-36"."""
    start, end = guess.start, guess.end
    while start and (text[start - 1].isalnum() or text[start - 1] == "-"):
        start -= 1
    token = _TOKEN.match(text, start)
    if _is_of_two(text, guess):
        return True
    wider = token is not None and token.end() >= end and token.end() - start > end - guess.start
    return wider and table("clinical_terms").get(fold(token[0]) if token else "", "surname") not in {
        "surname",
        "vendor",
    }


def _is_of_two(text: str, guess: Span) -> bool:
    """Whether a guess is one of two who gave a term their names: "Gleser" of "Trotter and Gleser"."""
    behind = _AND_BEHIND.match(text, guess.end)
    before = _AND_BEFORE.search(text[max(0, guess.start - 24) : guess.start])
    written = fold(text[guess.start : guess.end])
    pairs = [f"{written}-{fold(behind['other'])}"] if behind else []
    pairs += [f"{fold(before['other'])}-{written}"] if before else []
    return any(table("clinical_terms").get(pair) == "eponym" for pair in pairs)


def is_surely_eponym(text: str, guess: Span) -> bool:
    """Whether a noun follows that no person has: "X syndrome", "X et al."; many have a line or a fracture."""
    before, after = text[max(0, guess.start - 32) : guess.start], text[guess.end : guess.end + 60]
    return not TOLD.search(before) and _sure_head().match(after) is not None


@cache
def _sure_head() -> re.Pattern[str]:
    heads = alternatives(folded("sure_heads"))
    signs = r"signs?\b(?!\s(?:off|out|up|in|here|the|this|these|that|it|a|and|for|by|on|before|with|your|my|his|her)\b)"
    return re.compile(rf"(?:'s?)?(?: et al\b|[ \-](?:(?:{heads})\b(?! out\b)|{signs}))", re.IGNORECASE)


def is_eponym(text: str, guess: Span) -> bool:
    """Whether what stands around a guess makes a term of it: "X sign", "circle of X", "X et al.", "modified X"."""
    written, before = text[guess.start : guess.end], text[max(0, guess.start - 32) : guess.start]
    if "," in written or TOLD.search(before):
        return False
    after = text[guess.end : guess.end + 60]
    whole = _compound(written, after)
    if whole and table("clinical_terms")[whole] != "surname":
        return True
    after = after[len(whole) - len(written) :] if whole else after
    return _head_follows(after, alone=" " not in written) or _of_pattern().search(before) is not None


def _compound(written: str, after: str) -> str:
    """The clinical term of two words that a guess begins ("Ann" Arbor), or an empty string."""
    following = _WORD.match(after, 1) if after[:1] in {" ", "-"} else None
    whole = fold(f"{written} {following[0]}") if following else ""
    return whole if whole in table("clinical_terms") else ""


def follows_as_term(text: str, start: int, end: int) -> bool:
    """Whether the name at [start, end) is used as an eponym there: a clinical term beside a noun or in a longer one."""
    guess = Span(start, end, "NAME", "repeat")
    if is_piece(text, guess) or is_surely_eponym(text, guess):
        return True
    if fold(text[start:end]) not in terms("eponym", "device", "surname", "score"):
        return False
    if is_graded(text, start, end):
        return True
    before = text[max(0, start - 32) : start]
    if is_surely_listed(text[start:end]) and _SCORED.match(text, end):
        return True
    if is_judged(text, start, end) or (is_surely_listed(text[start:end]) and _QUALIFIED.search(before)):
        return True
    return _of_pattern().search(before) is not None or _head_follows(text[end : end + 40])


def is_judged(text: str, start: int, end: int) -> bool:
    """Whether an eponym, and no surname that many have, is said to be there or not: "Murphy (+)", "Engel III."."""
    judged = _JUDGED.match(text, end) or _is_denied(text, start, end)
    return bool(judged) and is_surely_listed(text[start:end])


def is_surely_listed(written: str) -> bool:
    """Whether the table of clinical terms holds this, and not as a surname that many have."""
    return table("clinical_terms").get(fold(written), "surname") != "surname"


def _is_denied(text: str, start: int, end: int) -> bool:
    """Whether a term ends a denial: "not a Jones, just the apophysis", "no Sheehan."."""
    closed = text[end : end + 1] in {"", ",", ".", ";", "\n"} or text.startswith(" (", end)
    return closed and _DENIED.search(text[max(0, start - 8) : start]) is not None


def is_graded(text: str, start: int, end: int) -> bool:
    """Whether a clinical term has a grade that no person has, within [start, end) or behind it: "Forrest Ib"."""
    word = _TERM.match(text, start, end)
    if word is None or fold(word[0]) not in terms("eponym", "device", "surname", "score"):
        return False
    graded, numbered = _GRADE.match(text, word.end()), _NUMBERED.match(text, word.end())
    if graded or (numbered and _head_follows(text[numbered.end() : numbered.end() + 30])):
        return word.end() == end or (graded is not None and graded.end() >= end)
    other = _OTHERWISE.match(text, end)
    return word.end() == end and other is not None and fold(other["term"]) in terms("eponym")


_LISTED = re.compile(r"[A-Z][\w'\-]+ [A-Z], ?$")


def is_class(text: str, at: int, words: str) -> bool:
    """Whether this is an eponym and its class behind a mark: "Ankle: Weber B", and not who did something."""
    named, _, grade = words.rpartition(" ")
    mark = text[max(0, at - 4) : at].rstrip()[-1:]
    alone = mark != "," or not _LISTED.search(text[max(0, at - 24) : at])  # "Patel R, Weber B"
    kinds = ("eponym", "device", "score", *(("surname",) if alone else ()))
    return mark in {":", "(", ",", "."} and grade in _CLASSES and fold(named) in terms(*kinds)


def is_only_a_term(text: str, start: int, end: int) -> bool:
    """Whether the name at [start, end), of a person who is known, can be nothing but an eponym there.

    "Foley catheter" and "Cobb angle" are of nobody's. A surname that many have ("Baker") must stand before a noun that
    no person has; what stands behind a title, beside another name or before a part of the body is the person.
    """
    if " " in text[start:end] or _ADDRESSED.search(text[max(0, start - 16) : start]):
        return False
    guess = Span(start, end, "NAME", "known")
    if is_piece(text, guess):
        return True
    kind = table("clinical_terms").get(fold(text[start:end]), "")
    if _is_whole(text, start, end) or (kind and _is_denied(text, start, end)):
        return True
    named_after = _of_pattern().search(text[max(0, start - 32) : start]) is not None
    if kind in {"eponym", "device"} and (named_after or _close_head().match(text, end) is not None):
        return True
    return bool(kind) and is_surely_eponym(text, guess)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether the noun behind a name makes one listed term of both: "Jones fracture", but "Jones fracture clinic"."""
    found = _NOUN.match(text, end)
    pair = f"{fold(text[start:end])}-{found['noun'].lower()}" if found else ""
    return bool({pair, pair.removesuffix("s")} & folded("whole_terms"))


@cache
def _close_head() -> re.Pattern[str]:
    heads = alternatives(folded("head_nouns"))
    return re.compile(
        rf"(?:'s)?(?:[\-/]{_PARTNER})?[ \-](?:(?:{heads})\b(?! out\b)|(?:type|grade|stage|class|group|zone)[ ][IVX\d])",
        re.IGNORECASE,
    )


def is_before_term(text: str, end: int) -> bool:
    """Whether what follows at `end` makes a term of the word before it."""
    return _head_follows(text[end : end + 60])


_ACTS = re.compile(r"(?:ed|ing|[^iou]s)$")  # "Nowak placed a catheter", "prefers resection"; no "venous", "pelvis"


def _head_follows(after: str, *, alone: bool = True) -> bool:
    """Whether a noun follows that makes a term of the word before it; `alone`: that word is one."""
    found = _head_pattern(alone=alone).match(after)
    if found is None:
        return False
    between = found["between"]  # "Foley urinary catheter", but "Nowak placed a catheter"
    return not between or not (_ACTS.search(between) or fold(between) in folded("function_words"))


@cache
def _head_pattern(*, alone: bool) -> re.Pattern[str]:
    heads = alternatives(folded("head_nouns") | (folded("body_nouns") if alone else frozenset()))
    ends = rf"(?=[a-z]{{5,30}}\b)[a-z]{{0,30}}?{endings().pattern}"
    return re.compile(
        rf"""
        (?:'s?)? (?:[ ]?[\-/,][ ]?{_PARTNER}|[ ](?:and|or|&)[ ]{_PARTNER}){{0,2}}
        (?: ,?[ \-](?:(?P<between>[a-z]{{2,14}})[ ])?? (?:(?i:{heads})\b|{ends}) | ,?[ ]et[ ]al\b
          | ,?[ ]\(?(?i:type|grade|stage|class|group|zone)[ :]{{1,2}}(?:[IVX]+|\d)[A-Fa-f]?\b
          | [ ](?:II|III|IV(?=[A-F]))[A-Fa-f]?\b )""",
        re.VERBOSE,
    )


@cache
def _of_pattern() -> re.Pattern[str]:
    nouns = alternatives(folded("of_nouns"))
    return re.compile(
        rf"""
        (?: \b(?:{nouns})[ ]of[ ](?:the[ ])? | \b(?:modified|classified|graded|staged)[ ](?:(?:after|by|per)[ ])?
          | \b(?:bone[ ]age|LVEF|EF|LV[ ]mass|volume|dating)[ ](?:\w{{1,8}}[ ])?(?:by|per|of|after|using)[ ]
            (?:{_PARTNER}[ ](?:and|&)[ ])? ) $""",
        re.VERBOSE | re.IGNORECASE,
    )
