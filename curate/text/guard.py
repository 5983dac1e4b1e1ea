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
    r"[CTLS]\d{1,2}(?:[\-/][CTLS]?\d{1,2})?|T[12]\*?w?|[A-Z]{1,5}-?RADS\b.*|[IVX]{1,4}[A-F]?\d?", re.IGNORECASE
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
_CAPITALS = re.compile(r"[A-Z\d]+(?:[a-z]?[A-Z\d]+)?s?")  # EVAR, HFpEF, DVTs
_TOKEN = re.compile(r"\w+(?:['\-]\w+)*")
_SURE = 0.97  # from here on the tagger needs no second voice
_NO_PLACE = ("drug", "organism", "sequence")  # kinds that neither a person nor a place is called by
_ALONE = ("eponym", "device", "score", "trial", *_NO_PLACE)  # kinds that count without a noun beside them
_PLACED = frozenset({"LOCATION", "INSTITUTION", "ADDRESS"})
_FIGURE = r"(?:\d{1,3}(?:\.\d)?[A-Za-z]?|[IVX]{1,4}[A-Fa-f]?)"
_ERA = re.compile(r"(?:19|20)\d\d-era\b")  # a fashion, and no day
_SCORED = re.compile(
    rf"(?P<term>[^\W\d_][\w\-]*)(?: (?:score|grade|stage|index|scale))?(?: of| is| was|:| ?=)? ?{_FIGURE}"
)
_SCORE_FOLLOWS = re.compile(rf"(?: (?:score|grade|stage|index|scale))?(?: of| is| was|:| ?=)? ?{_FIGURE}(?![\w/.\-]\d)")
_DECIMAL = re.compile(r"[-+]?0[.,]\d{1,3}|[-+]?\d{1,3}[.,]\d{3}|[-+]\d{1,3}[.,]\d{1,3}")  # 24.12 may be a day
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
    parts = [fold(word).removesuffix("'s") for word in _WORD.findall(written)]
    if is_acronym(text, guess) or is_scored(text, guess) or is_piece(text, guess) or is_enumeration(written):
        return True
    if guess.rule != "tagger":
        return _is_no_name(text, guess, parts)
    if guess.label != "NAME":
        weak = guess.score < _SURE or (guess.label == "INSTITUTION" and parts[:1] == ["the"])
        little = is_little(written, guess) or _ERA.match(text, guess.start)
        return bool(little) or _is_no_place(text, guess) or (weak and _is_all_words(written, parts))
    if guess.score < _SURE:
        return (_SHORT.fullmatch(written) and not _is_mark(text, guess)) or _is_no_name(text, guess, parts)
    one = " " not in _core(written)
    return _is_listed(written, parts) or (one and (_is_term(text, guess, parts) or _is_surely_eponym(text, guess)))


def is_acronym(text: str, guess: Span) -> bool:
    """Whether a guess is a short form of medicine in capitals, where no initials stand."""
    written, before = text[guess.start : guess.end], text[max(0, guess.start - 24) : guess.start]
    known = _CAPITALS.fullmatch(written) is not None and fold(written.rstrip("s")) in terms("acronym")
    return known and not (_is_mark(text, guess) or _TOLD.search(before) or before.endswith(("by ", "By ", "BY ")))


def is_piece(text: str, guess: Span) -> bool:
    """Whether a guess is a piece of one longer term: "Sachs" of "Hill-Sachs", "-36" of "SF-36"."""
    start, end = guess.start, guess.end
    while start and (text[start - 1].isalnum() or text[start - 1] == "-"):
        start -= 1
    token = _TOKEN.match(text, start)
    wider = token is not None and token.end() >= end and token.end() - start > end - guess.start
    return wider and table("clinical_terms").get(fold(token[0]) if token else "", "surname") not in {
        "surname",
        "vendor",
    }


def is_enumeration(written: str) -> bool:
    """Whether a guess is a list of terms, doses apart: "Nissen, Heller, Ivor Lewis"; two may be "HARTMANN, PAUL"."""
    items = [re.sub(r" [\d.]+.*", "", item) for item in re.split(r"[,;] ?", written.strip(" ,;."))]
    kinds = [table("clinical_terms").get(fold(item), "") for item in items]
    shouted = all(item.isupper() for item, kind in zip(items, kinds, strict=True) if kind == "acronym")
    enough = len(items) > 2 or (len(items) == 2 and "surname" not in kinds)
    return enough and shouted and all(kinds) and set(kinds) != {"surname"}


def is_scored(text: str, guess: Span) -> bool:
    """Whether a guess is a score with its figure, or one of the two beside the other: "mRS 2", "ASPECTS: 9"."""
    end = guess.end
    if text[guess.start : end].replace(".", "").isdigit():
        line = text[max(0, guess.start - 40) : guess.start].rpartition("\n")[2]
        found = re.search(rf"(?<!\w){_SCORED.pattern.removesuffix(_FIGURE)}$", line)
        figure = _SCORE_FOLLOWS.match(text, guess.start) and re.fullmatch(_FIGURE, text[guess.start : end])
        return found is not None and figure is not None and fold(found["term"]) in terms("score", "sequence")
    if fold(text[guess.start : end]) in terms("score") and _SCORE_FOLLOWS.match(text, end):
        return True
    whole = _SCORED.fullmatch(text, guess.start, end)
    return whole is not None and fold(whole["term"]) in terms("score", "sequence", "device")


def _core(written: str) -> str:
    """What is left of a guess without the common words before it: "Query Kirner"."""
    first, _, rest = written.partition(" ")
    common = fold(first) in folded("clinical_words") or fold(first) in folded("function_words")
    return _core(rest) if rest and common else written


def _is_listed(written: str, parts: list[str]) -> bool:
    """Whether several words are one term of the table ("de Quervain"), or a species or a drug each."""
    kind = table("clinical_terms").get(fold(_core(written)).removesuffix("'s"), "surname")
    return (kind != "surname" and not written.isalpha()) or (
        bool(parts) and all(part in terms("drug", "organism") for part in parts)
    )


def _is_no_place(text: str, guess: Span) -> bool:
    """Whether no place, organisation, date or number is called so; a maker counts with the name of a machine."""
    written = text[guess.start : guess.end]
    if _machine().match(text, guess.start, guess.end + 24):
        return True
    kind = table("clinical_terms").get(fold(written), "")
    return kind in _NO_PLACE or (guess.label not in _PLACED and kind in _ALONE)


@cache
def _machine() -> re.Pattern[str]:
    """A maker before what it makes: "Siemens scanner", "GE 3T magnet"."""
    makers = alternatives(term for term, kind in table("clinical_terms").items() if kind == "vendor")
    nouns = alternatives(folded("machine_nouns"))
    return re.compile(
        rf"(?:an? |the )?(?:{makers})(?:'s)? (?:[\d.]{{1,4}} ?-?(?:T|Tesla|slice) )?(?:{nouns})\b", re.IGNORECASE
    )


def _is_all_words(written: str, parts: list[str]) -> bool:
    return not any(map(str.isdigit, written)) and _is_vocabulary(written, parts)


def _is_term(text: str, guess: Span, parts: list[str]) -> bool:
    """Whether a single word is a clinical term by its own name: a noun behind it makes one of a surname."""
    alone = terms(*_ALONE)
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
    return before.endswith((":", ": ", "/", "|", "(", "by ", "\t")) and after in "\n/|);.\t:"  # or nothing


def is_little(written: str, guess: Span) -> bool:
    """Whether this is a quantity, an age that many have, or a figure alone that nothing else speaks for."""
    shown = "".join(filter(str.isalnum, written))
    if guess.label == "AGE" and shown.isdigit():
        return int(shown) < 90  # 45 CFR 164.514(b)(2)(i)(C)
    decimal = guess.label in {"ID", "DATE", "PHONE"} and _DECIMAL.fullmatch(written)
    return bool(decimal) or is_measure(written, guess.score) or (len(shown) < 2 and guess.score < _SURE)


def is_measure(written: str, score: float = 0.0) -> bool:
    """Whether this is a duration, a quantity with its unit, a vertebral level or a score, whatever the language.

    score: of who took it for an identifier; who is sure may call 25/12 a day where it may be 25 months.
    """
    if score >= _SURE and _FRACTION.fullmatch(written):
        return False
    return _QUANTITY.fullmatch(written) is not None or _LEVEL.fullmatch(written) is not None


def _is_surely_eponym(text: str, guess: Span) -> bool:
    """Whether a noun follows that no person has: "X syndrome", "X et al."; many have a line or a fracture."""
    before, after = text[max(0, guess.start - 32) : guess.start], text[guess.end : guess.end + 60]
    return not _TOLD.search(before) and _sure_head().match(after) is not None


@cache
def _sure_head() -> re.Pattern[str]:
    heads = alternatives(folded("sure_heads"))
    signs = r"signs?\b(?!\s(?:off|out|up|in|here|the|this|these|that|it|a|and|for|by|on|before|with|your|my|his|her)\b)"
    return re.compile(rf"(?:'s?)?(?: et al\b|[ \-](?:(?:{heads})\b|{signs}))", re.IGNORECASE)


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
    """Whether the name at [start, end) is used as an eponym there: a clinical term beside a noun or in a longer one."""
    guess = Span(start, end, "NAME", "repeat")
    if is_piece(text, guess) or _is_surely_eponym(text, guess):
        return True
    if fold(text[start:end]) not in terms("eponym", "device", "surname"):
        return False
    named_after = _of_pattern().search(text[max(0, start - 32) : start]) is not None
    return named_after or _head_follows(text[end : end + 40])


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
        | terms("vendor", *_ALONE)
    )  # fmt: skip


def _seen_in_lower_case(text: str, word: str) -> bool:
    """Whether the same report writes the word without a capital: then it is a word."""
    return not word.islower() and word.lower() in _small_words(text[:20000])


@lru_cache(maxsize=2)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
