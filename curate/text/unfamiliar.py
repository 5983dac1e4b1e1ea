"""Words that neither English nor medicine knows, as guesses of names: the rule that needs no cue.

What an announced name misses is mostly a word of no dictionary ("I rang Jacqui", "bed 14C (Vuong)"). Lists of what is
safe generalise to styles that lists of what is not have never seen (Norgeot 2020, doi:10.1038/s41746-020-0258-y). A
guess: the guard may veto it (guard.py), and a threshold above its score turns it off.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import alternatives, beginnings, endings, folded, table, terms, words

_SCORE = 0.45
_LISTS = ("common_words_en", "medical_words", "clinical_words", "function_words")
_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"(?<![\w@^\\/.'\-])[^\W\d_]{2,}(?:['\-][^\W\d_]+)*(?![\w@^\\])")
_PROPER = re.compile(r"(?:[^\W\d_a-z][^\W\d_A-Z]{0,3})?[^\W\d_a-z]['\-]?[^\W\d_A-Z]{2,}(?:['\-].*)?")  # no SpR
_TOLD = re.compile(
    r"\b(?:by|to|with|w/|from|per|for|and|via|told|called|informed|notified|rang|phoned|paged|hi|dear)[ :,]{1,2}$",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Span]:
    """Runs of unfamiliar words in `text` (plain, see view.py), with the words beside them that are names as well."""
    for line in _LINE.finditer(text):
        one_case = line[0].isupper() or line[0].islower()
        run: list[re.Match[str]] = []
        for word in _WORD.finditer(text, *line.span()):
            if not (one_case or _PROPER.fullmatch(word[0])):
                continue
            unfamiliar = _is_unfamiliar(word[0])
            gap = _joined().fullmatch(text, run[-1].end(), word.start()) if run else None
            if run and (gap is None or ("," in gap[0] and not unfamiliar)):
                yield from _judged(run, one_case=one_case)
                run = []
            if unfamiliar or is_also_name(fold(word[0])):
                run.append(word)
        yield from _judged(run, one_case=one_case)


def _judged(run: list[re.Match[str]], *, one_case: bool) -> Iterator[Span]:
    """A run needs an unfamiliar word; in a line of one case two of them, or somebody who was told."""
    unfamiliar = [word[0] for word in run if _is_unfamiliar(word[0])]
    if not unfamiliar:
        return
    start, text = run[0].start(), run[0].string
    told = _TOLD.search(text, max(0, start - 12), start) is not None
    if not one_case or (max(map(len, unfamiliar)) > 4 and (len(unfamiliar) > 1 or told)):
        yield Span(start, run[-1].end() - 2 * run[-1][0].endswith("'s"), "NAME", "unfamiliar", _SCORE)


def _is_unfamiliar(word: str) -> bool:
    parts = fold(word).removesuffix("'s").split("-")
    return any(len(part) > 2 for part in parts) and not all(is_familiar(part) for part in parts)


@cache
def _joined() -> re.Pattern[str]:
    """What may stand between two words of a name: a blank or a comma, an initial, particles."""
    return re.compile(rf"(?: |, ?)(?:(?:[^\W\d_]\.?|{alternatives(words('name_particles'))}) ){{0,3}}")


@lru_cache(maxsize=1 << 17)
def is_familiar(word: str) -> bool:
    """Whether a folded word is English or medicine, or built of their parts."""
    if len(word) < 3 or word in _familiar():
        return True
    if endings().search(word):
        return True
    front = beginnings().match(word)
    rest = word[front.end() :] if front else ""
    return len(rest) > 3 and rest in _familiar()


@cache
def _familiar() -> frozenset[str]:
    lists = (*_LISTS, "head_nouns", "body_nouns", "ward_words", "short_forms", "proper_words")
    kinds = ("eponym", "device", "score", "sequence", "vendor", "trial", "drug")
    return frozenset().union(*map(folded, lists), map(fold, table("sections")), terms(*kinds))


def is_also_name(word: str) -> bool:
    """Whether a folded word or term is a name of persons too: part of one beside an unfamiliar word, nothing alone."""
    return word in _also_names()


@cache
def _also_names() -> frozenset[str]:
    return folded("names_that_are_words_en") | terms("eponym", "surname", "device")
