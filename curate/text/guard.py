"""The clinical guard: which guesses of a language model are medicine and not people, places or organisations.

Only guesses pass through here. A known identifier, or a name that a cue announced, is never vetoed: "Foley catheter"
stays, "Dr. Foley" goes. The vocabulary is data (data/clinical_terms.csv, clinical_words.txt, head_nouns.txt).
"""

import re
from functools import cache, lru_cache
from itertools import pairwise

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import alternatives, endings, folded, table, terms, words

GUESSED = frozenset({"ner", "tagger", "unfamiliar"})  # rules that guess
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LEVEL = re.compile(
    r"[CTLS]\d{1,2}(?:[\-/][CTLS]?\d{1,2})?|T[12]\*?w?|[A-Z]{1,5}-?RADS\b.*|[IVX]{1,4}[A-F]?", re.IGNORECASE
)
_MEASURE = re.compile(r"[\d.,:%/+x\- ]+(?:mm|cm|ml|mL|HU|ms|mg|kg|Hz|T|G|Fr|F|kVp?|mCi|%)?", re.IGNORECASE)
_QUANTITY = re.compile(
    r"""(?: (?: [\d.,:/+x\- ] | \b(?:of|to|by|and|or|a|an|the|past|few|several|couple|half|about|bis|und|à|y)\b
      | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|twenty|thirty|forty)\b
      | \b(?:zwei|drei|vier|fünf|sechs|acht|zehn|zwölf|deux|trois|quatre|cinq|huit|dix)\b
      | \b(?:dos|tres|cuatro|cinco|seis|ocho|diez)\b
    )* [ -]?
    (?: mm|cm|m|ml|cc|HU|ms|mg|mcg|g|kg|Hz|T|Fr|F|kVp?|mAs?|mCi|MBq|mSv|m?Gy|%|° | /(?:7|12|52|40)
      | (?: sec(?:ond)?|min(?:ute)?|hour|hr|day|week|wk|month|mo|year|yr|fortnight )s?
      | (?: Sekunde|Minute|Stunde|Tag|Woche|Monat|Jahr )(?:en|e|n)? | SSW | jours?|semaines?|mois|ans?|heures?|SA
      | d[ií]as?|semanas?|mes(?:es)?|a[ñn]os?|horas? )
    (?: [ ](?:ago|old|later|prior|postop|gestation|of[ ]age))? )
    | \d{1,2}[ ]?\+[ ]?\d(?:/7)?(?:[ ]?(?:weeks|wks?|SSW|SA|sem(?:anas)?))?
    | \d{1,2}[ ]?w(?:[ ]?\d[ ]?d)? | \d{1,3}[ ]?[dhmy] | (?:19|20)\d\d-era""",
    re.VERBOSE | re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]{1,5}|(?=\S*\d)[A-Za-z\d\-/.]{1,12}")  # CT, IVC, Tc-99m; a name is longer or in mixed case
_SHORT = re.compile(r"[A-Z]{2,4}")
_SURE = 0.97  # from here on the tagger needs no second voice
_FRACTION = re.compile(r"\d{1,2}/(?:7|12)")
_ARTICLE = re.compile(r"\b(?:the|a|an|this|that|no|right|left|mild|small|large) $", re.IGNORECASE)
_PARTNER = r"[^\W\d_]\w{1,20}"
_TOLD = re.compile(  # whoever is told something is a person, whatever noun follows
    r"\b(?:told|informed|notified|called|rang|phoned|paged|spoke (?:to|with)|discussed with|d/w|per|hi|dear) $",
    re.IGNORECASE,
)
_SUPPORT = re.compile(  # a place or an organisation is named after one of these; elsewhere a guess is mostly wrong
    r"(?:\b(?:at|from|in|near|of|to|visiting|for|by|employed by|works? (?:at|for)) (?:the )?|, |\(|\n *)$",
    re.IGNORECASE,
)


def vetoes(text: str, guess: Span) -> bool:
    """Whether a model's guess in `text` (plain, see view.py) is clinical language."""
    written = text[guess.start : guess.end]
    parts = [fold(word) for word in _WORD.findall(written)]
    if guess.rule != "tagger":
        return _is_no_name(text, guess, parts)
    if guess.label != "NAME":
        weak = guess.score < _SURE or (guess.label == "INSTITUTION" and parts[:1] == ["the"])
        return is_little(written, guess) or (weak and _is_all_words(written, parts))
    if guess.score < _SURE:
        return (_SHORT.fullmatch(written) and not _is_mark(text, guess)) or _is_no_name(text, guess, parts)
    return " " not in written and _is_term(text, guess, parts)


def _is_all_words(written: str, parts: list[str]) -> bool:
    return not any(map(str.isdigit, written)) and _is_vocabulary(written, parts)


def _is_term(text: str, guess: Span, parts: list[str]) -> bool:
    """Whether a single word is a clinical term by its own name: a noun behind it makes one of a surname."""
    alone = terms("eponym", "device", "score", "sequence", "trial", "drug")
    surname = any(part in terms("surname") for part in parts) and _is_eponym(text, guess)
    return surname or any(part in alone for part in parts)


def _is_no_name(text: str, guess: Span, parts: list[str]) -> bool:
    written = text[guess.start : guess.end]
    if not parts or _MEASURE.fullmatch(written) or _LEVEL.fullmatch(written):
        return True
    if guess.label != "NAME" and (_CODE.fullmatch(written) or parts[0] in terms("vendor")):
        return True
    before = text[max(0, guess.start - 24) : guess.start]
    if _is_vocabulary(written, parts) or _is_eponym(text, guess):
        return True
    if len(parts) == 1 and (_seen_in_lower_case(text, written) or _ARTICLE.search(before)):
        return True
    return guess.rule == "ner" and guess.label != "NAME" and not _SUPPORT.search(before)


def _is_mark(text: str, guess: Span) -> bool:
    """Whether capitals stand where initials do: behind a label, a bar or "by", or alone at the end of a line."""
    before, after = text[max(0, guess.start - 4) : guess.start], text[guess.end : guess.end + 1]
    return before.endswith((":", ": ", "/", "|", "(", "by ", "\t")) and after in {
        "",
        "\n",
        "/",
        "|",
        ")",
        ";",
        ".",
        "\t",
        ":",
    }


def is_little(written: str, guess: Span) -> bool:
    """Whether this is a quantity, an age that many have, or a figure alone that nothing else speaks for."""
    shown = "".join(filter(str.isalnum, written))
    if guess.label == "AGE" and shown.isdigit():
        return int(shown) < 90  # 45 CFR 164.514(b)(2)(i)(C)
    return is_measure(written, guess.score) or (len(shown) < 2 and guess.score < _SURE)


def is_measure(written: str, score: float = 0.0) -> bool:
    """Whether this is a duration, a quantity with its unit, a vertebral level or a score, whatever the language.

    score: of who took it for an identifier; who is sure may call 25/12 a day where it may be 25 months.
    """
    if score >= _SURE and _FRACTION.fullmatch(written):
        return False
    return _QUANTITY.fullmatch(written) is not None or _LEVEL.fullmatch(written) is not None


def _is_eponym(text: str, guess: Span) -> bool:
    """Whether what stands around a guess makes a term of it: "X sign", "circle of X", "X et al.", "modified X"."""
    written, before = text[guess.start : guess.end], text[max(0, guess.start - 32) : guess.start]
    if "," in written or _TOLD.search(before):
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


def _is_vocabulary(written: str, parts: list[str]) -> bool:
    """Whether every word is common, clinical or an eponym, or an eponym stands before a head noun inside the guess."""
    whole = fold(written)
    known = _vocabulary()
    if whole in known or all(
        len(part) == 1 or part in known or _LEVEL.fullmatch(part) or not part.isalpha() for part in parts
    ):
        return True
    heads = folded("head_nouns")
    everyone = terms("eponym", "device", "surname", "score", "sequence")
    return any(part in everyone and following in heads for part, following in pairwise(parts)) or (
        len(parts) > 1 and parts[-1] in heads and parts[-1] in folded("clinical_words")
    )


def follows_as_term(text: str, start: int, end: int) -> bool:
    """Whether the name at [start, end) is used as an eponym there: a clinical term before a head noun."""
    plain = fold(text[start:end])
    return plain in terms("eponym", "device", "surname") and _head_follows(text[end : end + 40])


def is_before_term(text: str, end: int) -> bool:
    """Whether what follows at `end` makes a term of the word before it."""
    return _head_follows(text[end : end + 60])


def _head_follows(after: str, *, alone: bool = True) -> bool:
    """Whether a noun follows that makes a term of the word before it; `alone`: that word is one."""
    found = _head_pattern(alone=alone).match(after)
    if found is None:
        return False
    between = found["between"]  # "Foley urinary catheter", but "Nowak placed a catheter"
    return not between or not (between.endswith(("ed", "ing")) or fold(between) in folded("function_words"))


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


@cache
def _vocabulary() -> frozenset[str]:
    wards = frozenset(map(str.lower, words("ward_words")))
    return (
        folded("function_words") | folded("clinical_words") | folded("head_nouns") | folded("body_nouns") | wards
        | terms("eponym", "device", "score", "sequence", "vendor")
    )  # fmt: skip


def _seen_in_lower_case(text: str, word: str) -> bool:
    """Whether the same report writes the word without a capital: then it is a word."""
    return not word.islower() and word.lower() in _small_words(text[:20000])


@lru_cache(maxsize=2)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
