"""The clinical guard: which guesses of a language model are medicine and not people, places or organisations.

Only guesses pass through here. A known identifier, or a name that a cue announced, is never vetoed: "Foley catheter"
stays, "Dr. Foley" goes. The vocabulary is data (data/clinical_terms.csv, clinical_words.txt, head_nouns.txt).
"""

import re
from functools import cache, lru_cache
from itertools import pairwise

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.eponyms import TOLD, is_eponym, is_graded, is_piece, is_surely_eponym
from curate.text.figures import REGISTERED
from curate.text.initials import ZONES
from curate.text.lexicon import alternatives, folded, table, terms, words

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
_ONE = re.compile(r"[^\s,_@]+")  # word, and neither a user nor a row
_SHORT = re.compile(r"[A-Z]{2,4}")
TITLED = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]{2,}\.?")  # one word with a capital, as names are written
_CAPITALS = re.compile(r"[A-Z\d]+(?:[a-z]?[A-Z\d]+)?s?")  # EVAR, HFpEF, DVTs
SURE = 0.97  # from here on it needs no second voice, and no table is one against it: "reduced by Bankart on the ice"
NEARLY = 0.9  # from here on common words are no voice against it, but a noun that makes an eponym is
_RATHER_SURE = 0.7  # from here on a word may be a name
_EVEN = 0.5  # from here on "the MacVarish" may be a name, "KO" initials, "shelf K" a place, and so may common words
_NO_PLACE = ("drug", "organism", "sequence")  # kinds that neither a person nor a place is called by
_ALONE = ("eponym", "device", "score", "trial", *_NO_PLACE)  # kinds that count without a noun beside them
_COUNTED = frozenset({"score", "sequence"})
_PLACED = frozenset({"LOCATION", "INSTITUTION", "ADDRESS"})
_FIGURE = r"(?:\d{1,3}(?:\.\d)?[A-Za-z]?|[IVX]{1,4}[A-Fa-f]?)"
_ERA = re.compile(r"(?:19|20)\d\d-era\b")  # a fashion, and no day
_SCORED = re.compile(
    rf"(?P<term>[^\W\d_][\w\-]*)(?: (?:score|grade|stage|index|scale))?(?: of| is| was|:| ?=)? ?{_FIGURE}"
)
_SCORE_FOLLOWS = re.compile(rf"(?: (?:score|grade|stage|index|scale))?(?: of| is| was|:| ?=)? ?{_FIGURE}(?![\w/.\-]\d)")
_NUMBERED = re.compile(r"(?P<trial>[A-Za-z]{3,12})[ \-]?\d{1,4}[A-Z]?")
_DECIMAL = re.compile(r"[-+]?0[.,]\d{1,3}|[-+]?\d{1,3}[.,]\d{3}|[-+]\d{1,3}[.,]\d{1,3}")  # 24.12 may be a day
_PLACE = re.compile(r"[A-Z]\d{1,2}|[IV]{1,3}")  # a room and no level of the spine, for who is sure of it
_SEAT = re.compile(r"\d{1,3} ?[A-Z]|[A-Z][a-z]{2}")  # no French size, no vertebra: "Zimmer 218 F", Vif near Grenoble
_ADDRESSED = frozenset({"sirs", "sir", "madam", "colleague", "colleagues", "team"})  # "Dear Sirs"
_SHORTEST = 2  # figures that nobody can ring
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # a licence is written so in Spanish: "MP 88.140"
_PUBLIC = re.compile(  # numbers of a registry, a study group, a classification, and names of variants: nobody's
    r"""(?:NCT|ISRCTN|DRKS|UMIN0?)\d{8} | ACTRN\d{14} | 20\d\d-[05]\d{5}-\d\d(?:-\d\d)? | (?:PMC|PMID:?[ ]?)\d{6,8}
      | A(?:REN|NBL|ALL|CNS|HOD|EWS|RST|AML|HEP|OST|GCT)\d{4}
      | [A-TV-Z]\d[\dAB]\.[\dA-Z]{1,3}[A-Z]? | CPT:?[ ]?\d{5}
      | \d{1,5}(?:_\d{1,5})?(?:del|ins|dup)[ACGT]{0,6}
      | (?:[A-Z]{2,5}\d[A-Z\d]?|[BHKN]RAF|[HKN]RAS|EGFR|JAK2|KIT|MYD88|PIK3CA)[ ](?:p\.)?[A-Z]\d{2,4}(?:[A-Z*]|fs|del)
      | p\.[A-Z][A-Za-z]{0,2}\d{1,4}[A-Za-z*]{1,5} | c\.[\d_+\-]{1,12}(?:[ACGT]>[ACGT]|del|ins|dup)[ACGT]{0,6}""",
    re.VERBOSE,
)
_REGISTERED = re.compile(REGISTERED)
_NODES = re.compile(r"N[0-3X][a-c]?(?: ?\((?:sn|mi|i[+-])\))? ?\($")  # "N1 (2/19)": two of nineteen (TNM)
_TIME_BEFORE = re.compile(r"\d\d ?(?:[AaPp]\.?[Mm]\.? )?$")
_UNMEASURED = re.compile(  # for who is sure: a day of December, an ordinal, the number of a person, "Ans" in Liège
    r"(?:\d{1,2}(?:/12)?[\-\u2013])?(?:\d{1,2}|(?:19|20)\d\d)/(?:7|12) | (?:twenty[ \-])?second | [A-Z][A-Za-z]{0,2}"
    r" | (?:[A-Z]{1,3}-)?(?=(?:-?\d){4})[\d\-]+[A-Z]",
    re.VERBOSE,
)
_DEED = re.compile(
    r" (?:(?:is|was) (?:on (?:call|page|bleep|pager|leave|nights|\d)|away|back|off)|noted|notes|(?:dis)?agree[ds]|says"
    r"|prefers|favou?rs|wrote|declined|decided|insisted|remembers|recalls|hopes|promised|apologi[sz]es"
    r"|said|thinks|thought|wants|wanted|asks|asked|texted|phoned|rang|signed|dictated|prelim|insists|suspects|doubts)\b"
)
_ROLE = re.compile(
    r"\b(?:resident|registrar|fellow|investigator|consultant|colleague|intern|matron|nurse) $", re.IGNORECASE
)
_ARTICLE = re.compile(r"\b(?:the|a|an|this|that|no|right|left|mild|small|large) $", re.IGNORECASE)
_IN_PLACE = re.compile(r"\b(?:on|to|in|at|from|via|of) (?:the )?$", re.IGNORECASE)  # "on Lister 4" is a ward
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
    if fold(written) in _ADDRESSED:
        return True
    if guess.rule != "tagger":
        return _is_no_name(text, guess, parts)
    if guess.label != "NAME":
        common = parts[:1] == ["the"] or text[max(0, guess.start - 4) : guess.start].lower() == "the "
        weak = guess.score < _EVEN or (guess.label == "INSTITUTION" and common and guess.score < SURE)
        nodes = guess.label == "DATE" and _NODES.search(text[max(0, guess.start - 12) : guess.start])
        era = _ERA.match(text, guess.start) or _ERA.match(text, max(0, guess.start - 4))  # or "-era" alone
        little = nodes or is_little(written, guess) or era
        return bool(little) or _is_no_place(text, guess, parts) or (weak and _is_all_words(written, parts))
    if guess.score < SURE:
        short = guess.score < _EVEN and _SHORT.fullmatch(written) is not None
        return (short and not _is_mark(text, guess)) or _is_no_name(text, guess, parts)
    one = _ONE.fullmatch(_core(written)) is not None
    doubted = _ARTICLE.search(text[max(0, guess.start - 8) : guess.start])
    listed = _is_term(text, guess, parts) and (doubted or is_eponym(text, guess))
    term = one and (listed or is_surely_eponym(text, guess)) and not _is_half_a_term(written, parts)
    return _is_listed(written, parts) or (term and not _acts(text, guess))


def _is_half_a_term(written: str, parts: list[str]) -> bool:
    """Whether a joined name has a part that no eponym has: "Okafor-Walsh", "Marchetti-Bone"."""
    return "-" in written and any(part not in terms("surname", *_ALONE) for part in parts)


def _acts(text: str, guess: Span) -> bool:
    """Whether a guess does what only people do, or has their role before it."""
    return (
        _DEED.match(text, guess.end) is not None
        or _ROLE.search(text[max(0, guess.start - 16) : guess.start]) is not None
    )


def is_acronym(text: str, guess: Span) -> bool:
    """Whether a guess is a short form of medicine in capitals, where no initials stand."""
    written, before = text[guess.start : guess.end], text[max(0, guess.start - 24) : guess.start]
    if fold(written) in ZONES and _TIME_BEFORE.search(before):
        return True
    known = _CAPITALS.fullmatch(written) is not None and fold(written.rstrip("s")) in terms("acronym")
    return known and not (_is_mark(text, guess) or TOLD.search(before) or before.endswith(("by ", "By ", "BY ")))


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
        return found is not None and figure is not None and table("clinical_terms").get(fold(found["term"])) in _COUNTED
    if fold(text[guess.start : end]) in terms("score") and _SCORE_FOLLOWS.match(text, end):
        return True
    trial = _NUMBERED.fullmatch(text, guess.start, end)
    if trial and fold(trial["trial"]) in terms("trial"):
        return True
    if is_graded(text, guess.start, end):
        return True
    whole = _SCORED.fullmatch(text, guess.start, end)
    if whole and guess.label == "LOCATION" and fold(whole["term"]) in _wards():  # "ICU 1"
        return False
    named = ("eponym",) if not _IN_PLACE.search(text[max(0, guess.start - 12) : guess.start]) else ()
    return whole is not None and fold(whole["term"]) in terms("score", "sequence", "device", *named)


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


def _is_no_place(text: str, guess: Span, parts: list[str]) -> bool:
    """Whether no place, organisation, date or number is called so; a maker counts with the name of a machine."""
    written = text[guess.start : guess.end]
    if _machine().match(text, guess.start, guess.end + 24):
        return True
    in_place = _IN_PLACE.search(text[max(0, guess.start - 12) : guess.start])
    if guess.label in _PLACED and not in_place and _is_people(parts):  # "in Congo" may be where somebody lives
        return True
    if fold(written) in terms("eponym", "device", "surname") and is_eponym(text, guess):
        return True
    kind = table("clinical_terms").get(fold(written), "")
    return kind in _NO_PLACE or (kind == "device" and " " in written) or (guess.label not in _PLACED and kind in _ALONE)


def _is_people(parts: list[str]) -> bool:
    """Whether a guess is only the name of a people or a language: "Farsi", "Cape Malay"."""
    return bool(parts) and all(part in folded("proper_words") for part in parts)


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
    surname = any(part in terms("surname") for part in parts) and is_eponym(text, guess)
    return surname or any(part in alone for part in parts)


def _is_no_name(text: str, guess: Span, parts: list[str]) -> bool:
    written = text[guess.start : guess.end]
    if not parts or _MEASURE.fullmatch(written) or _LEVEL.fullmatch(written) or is_eponym(text, guess):
        return True
    if guess.label != "NAME" and (_CODE.fullmatch(written) or parts[0] in terms("vendor")):
        return True
    before, common = text[max(0, guess.start - 24) : guess.start], _is_vocabulary(written, parts)
    if guess.rule == "tagger" and guess.score >= NEARLY:
        shouted = common and _CAPITALS.fullmatch(written.rstrip(".")) is not None
        return shouted or not terms(*_ALONE).isdisjoint(parts)
    if common:
        return not _is_called(written, guess, parts)
    doubted = guess.rule != "tagger" or guess.score < _EVEN
    if doubted and len(parts) == 1 and (_seen_in_lower_case(text, written) or _ARTICLE.search(before)):
        return True
    return guess.rule == "ner" and guess.label != "NAME" and not _SUPPORT.search(before)


def _is_called(written: str, guess: Span, parts: list[str]) -> bool:
    """Whether the tagger is rather sure that somebody is called by one common word: "Swallow", "Monday"."""
    sure = guess.rule == "tagger" and guess.score >= _RATHER_SURE
    return sure and TITLED.fullmatch(written) is not None and terms("surname", *_ALONE).isdisjoint(parts)


def _is_mark(text: str, guess: Span) -> bool:
    """Whether capitals stand where initials do: behind a label, a bar or "by", or alone at the end of a line."""
    before, after = text[max(0, guess.start - 4) : guess.start], text[guess.end : guess.end + 1]
    return before.endswith((":", ": ", "/", "|", "(", "by ", "\t")) and after in "\n/|);.\t:"  # or nothing


def is_little(written: str, guess: Span) -> bool:
    """Whether this is a quantity, an age that many have, or a figure alone that nothing else speaks for."""
    shown = "".join(filter(str.isalnum, written))
    if guess.label == "AGE" and shown.isdigit():
        return int(shown) < 90  # 45 CFR 164.514(b)(2)(i)(C)
    figure = guess.label in {"ID", "DATE", "PHONE"}
    numbered = guess.label == "ID" and guess.score >= NEARLY and _THOUSANDS.fullmatch(written)
    decimal = not numbered and _DECIMAL.fullmatch(written)
    nobody = figure and (decimal or _PUBLIC.fullmatch(written) or _REGISTERED.fullmatch(written))
    if guess.label == "LOCATION" and guess.score >= _RATHER_SURE and _PLACE.fullmatch(written):
        return False
    if guess.label in {"LOCATION", "ID"} and guess.score >= SURE and _SEAT.fullmatch(written):
        return bool(nobody)
    if guess.label == "PHONE" and guess.score >= NEARLY and sum(map(str.isdigit, shown)) > _SHORTEST:
        return False  # "auf 5518 an" is no age in French
    return bool(nobody) or is_measure(written, guess.score) or (len(shown) < 2 and guess.score < _EVEN)


def is_measure(written: str, score: float = 0.0) -> bool:
    """Whether this is a duration, a quantity with its unit, a vertebral level or a score, whatever the language.

    score: of who took it for an identifier; who is sure may call 25/12 a day where it may be 25 months, and "0502848M"
    the number of a person where it may be metres.
    """
    if score >= NEARLY and _UNMEASURED.fullmatch(written):
        return _LEVEL.fullmatch(written) is not None
    return _QUANTITY.fullmatch(written) is not None or _LEVEL.fullmatch(written) is not None


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


@cache
def _vocabulary() -> frozenset[str]:
    return (
        folded("function_words") | folded("clinical_words") | folded("head_nouns") | folded("body_nouns") | _wards()
        | terms("vendor", *_ALONE)
    )  # fmt: skip


@cache
def _wards() -> frozenset[str]:
    return frozenset(map(str.lower, words("ward_words")))


def _seen_in_lower_case(text: str, word: str) -> bool:
    """Whether the same report writes the word without a capital: then it is a word."""
    return not word.islower() and word.lower() in _small_words(text[:20000])


@lru_cache(maxsize=2)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
