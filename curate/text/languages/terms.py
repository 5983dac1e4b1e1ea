"""The clinical guard of German, French and Spanish: which guesses of a model are medicine and not people.

Eponyms are shared by all languages (data/clinical_terms.csv); what makes an eponym of any other word is the noun behind
it in German ("Babinski-Zeichen"), and before it in French and Spanish ("signe de Babinski", "quiste de Baker").
"""

import re
from functools import cache
from unicodedata import normalize

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.eponyms import is_graded, is_judged, is_piece
from curate.text.guard import NEARLY, SURE, TITLED, is_acronym, is_enumeration, is_little, is_scored
from curate.text.languages.vocabulary import is_common, vocabulary
from curate.text.lexicon import alternatives, folded, terms

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_LIKELY = 0.5  # from here on one word with a capital may be a name, whatever else it means: "Schwarz", "el Ricou"
_SURE = 0.95  # from here on no table is a voice against it, but a noun that makes an eponym is
_MEASURE = re.compile(r"[\d.,:%/+x\- ]+[^\W\d]{0,3}")
_LEVEL = re.compile(
    r"[CTLSD]\d{1,2}(?:[\-/][CTLSD]?\d{1,2})?|T[12]\*?w?|[A-Z]{1,5}-?RADS\b.*|[IVX]{1,4}[A-F]?", re.IGNORECASE
)
_ARTICLES = {
    "de": r"\b(?:der|die|das|des|dem|den|ein|eine|einer|eines|kein|keine|keiner|im|am|zum|zur|beim|vom)",
    "fr": r"\b(?:le|la|les|un|une|des|du|cette|ce|aucune?)",
    "es": r"\b(?:el|la|los|las|un|una|unos|unas|del|al|este|esta|ning[uú]n|ninguna)",
}
_CLASSED = re.compile(r"-(?:[A-D]|I{1,3}|IV)(?:-|\b)| (?:II|III|IV)[a-c]?\b(?!\.)")  # Weber-B-Fraktur, Engel III
_ANKLE = re.compile(r"syndesm|mall[eé]ol|fibul|OSG|peron|cheville|tobillo|fra[ck]t", re.IGNORECASE)  # "Weber B"
_SIGNED = re.compile(r"signée?s? (?:[^\W\d_][\w\-]+ et )?$", re.IGNORECASE)  # and no "signe"
_ACCOUNTS = frozenset({"EMAIL", "URL"})  # of persons: words like any
_GOES_ON = re.compile(r" {1,2}\"?[A-ZÀ-Þ]")
_LETTER = re.compile(r" [ABC]\b(?![.\w])")
_LINK = {
    "de": r"(?:nach[ ]|des[ ])?",
    "fr": r"(?:selon[ ]|d'|de[ ]la[ ]|de[ ]l'|du[ ]|des[ ]|de[ ])?",
    "es": r"(?:según[ ]|segun[ ]|de[ ]la[ ]|del[ ]|de[ ])?",
}


def vetoes(text: str, guess: Span, language: str) -> bool:
    """Whether a model's guess in `text` (plain, see view.py) is clinical language."""
    written = text[guess.start : guess.end]
    parts = _WORD.findall(written)
    if is_acronym(text, guess) or is_scored(text, guess) or is_piece(text, guess) or is_enumeration(written):
        return True
    score = guess.score if guess.rule == "tagger" else 0.0
    if guess.rule == "tagger" and guess.label != "NAME":
        worded = not any(map(str.isdigit, written)) and guess.label not in _ACCOUNTS
        return is_little(written, guess) or (worded and _is_no_place(text, guess, language, score))
    listed = fold(written) in _listed() and score < _SURE
    named = listed or (written.isupper() and fold(written) in terms("trial"))
    measured = score < SURE and (_MEASURE.fullmatch(written) or _LEVEL.fullmatch(written))  # "vB" signs
    if named or not parts or measured:
        return True
    if score >= NEARLY:
        doubted = score < SURE or fold(written) in _listed()
        return doubted and follows_as_term(text, guess.start, guess.end, language)
    return _is_no_name(text, guess, parts, language)


def _is_no_place(text: str, guess: Span, language: str, score: float) -> bool:
    """Whether no place is called so: words of the language; for who is sure those of the table, or half a place.

    Half a place is one where a capital follows, since somebody else found the other half: "Centro El" of "El Ángel".
    """
    words = [fold(word) for word in _LETTERS.findall(text, guess.start, guess.end)]
    if not words or not all(_is_term(word, language) for word in words):
        return False
    half = words[-1] in folded("function_words", language) and not _GOES_ON.match(text, guess.end)
    half = half and not (guess.label == "DATE" and len(words) > 1 and score >= SURE)  # "Ende Mai"
    doubted = score < SURE or follows_as_term(text, guess.start, guess.end, language)
    return score < NEARLY or half or (doubted and all(word in _listed() for word in words))


def _is_no_name(text: str, guess: Span, parts: list[str], language: str) -> bool:
    """Whether words of the language, or those around them, say that a guess is nobody: the tagger may be surer."""
    before, written = text[max(0, guess.start - 12) : guess.start], text[guess.start : guess.end]
    likely = guess.rule == "tagger" and guess.score >= _LIKELY
    called = likely and TITLED.fullmatch(written)
    if not called and all(len(part) == 1 or not part.isalpha() or _is_term(part, language) for part in parts):
        return True
    if follows_as_term(text, guess.start, guess.end, language):
        return True
    article = re.search(rf"{_ARTICLES[language]} $", before, re.IGNORECASE)
    return not likely and len(parts) == 1 and (article is not None or _in_lower_case(text, written))


def follows_as_term(text: str, start: int, end: int, language: str) -> bool:
    """Whether the words at [start, end) are used as an eponym there: beside a noun that makes a term of them."""
    near = text[max(0, start - 48) : start]
    before, after = _unmarked(near), _unmarked(text[end : end + 40])
    heads = _heads(language)
    headed = heads[0].search(before) is not None and not _SIGNED.search(near)
    beside = headed or heads[1].match(after) is not None
    beside = beside or is_piece(text, Span(start, end, "NAME", "repeat"))
    return beside or is_judged(text, start, end) or is_graded(text, start, end) or _is_classed(text, start, end)


def _is_classed(text: str, start: int, end: int) -> bool:
    """Whether a clinical term has a class behind it: "Engel III", "Weber-C-Fraktur", beside an ankle "Weber B"."""
    if fold(text[start:end]) not in terms("eponym", "device", "surname", "score"):
        return False
    lettered = _LETTER.match(text, end) and _ANKLE.search(text, max(0, start - 60), end + 40)
    return bool(_CLASSED.match(text, end) or lettered)


def _unmarked(text: str) -> str:
    """The text without diacritics and in its own case: the lists of nouns have none."""
    return normalize("NFD", text).encode("ascii", "ignore").decode() if not text.isascii() else text


def is_only_a_term(text: str, start: int, end: int, language: str) -> bool:
    """Whether the name at [start, end), of a person who is known, can be nothing but an eponym there."""
    listed = fold(text[start:end]) in terms("eponym", "device")
    return listed and follows_as_term(text, start, end, language)


@cache
def _heads(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of what stands before an eponym, and of what stands behind it."""
    nouns = alternatives(folded("head_nouns", language))
    if language == "de":
        lead = alternatives(folded("heads_before", "de"))
        return re.compile(rf"(?<!\w)(?i:{lead})[ ]$"), re.compile(
            rf"(?:-[^\W\d_]\w{{1,20}})?[ \-](?i:\w{{0,12}}(?:{nouns}))s?\b"
        )
    partner = r"[^\W\d_]\w{2,20}(?:-|[ ](?:y|et)[ ](?:de[ ])?)"
    lead = rf"(?<!\w)(?i:{nouns})(?:[ ](?:[^\W\d_A-Z]{{3,14}}|[IVX\d]{{1,4}}))?[ ](?i:{_LINK[language]})(?:{partner})?$"
    return re.compile(lead), re.compile(r"(?!)")


def _is_term(part: str, language: str) -> bool:
    plain = fold(part)
    return plain in _everywhere() or plain in vocabulary(language) or is_common(part, language)


@cache
def _everywhere() -> frozenset[str]:
    """What is a term in every language."""
    return _listed() | folded("clinical_words")


@cache
def _listed() -> frozenset[str]:
    """What the table of terms says is one."""
    return terms("eponym", "device", "score", "sequence", "vendor", "drug", "organism")


def _in_lower_case(text: str, word: str) -> bool:
    """Whether the same report writes the word without a capital: then it is a word."""
    return not word.islower() and re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", text[:20000]) is not None
