"""Which language a report is written in, by its commonest words (data/languages.csv): small, and always the same.

A word counts the more, the fewer languages share it (Grefenstette 1995, "Comparing two language identification
schemes": small words suffice from a sentence on). Too little to go by is said so, and the policy's language holds.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

from curate.errors import Reason, Rejected
from curate.policy import TextOptions
from curate.privacy.surrogates import fold
from curate.text.languages import SUPPORTED
from curate.text.lexicon import folded, table
from curate.text.view import View

OTHER = "und"  # ISO 639-2: undetermined
_ENGLISH = ("common_words_en", "clinical_words", "medical_words", "short_forms")
_WORD = re.compile(r"\b(?:[cdjlmns]|qu)['\u2019]|[^\W\d_]{2,}|\b[a-zà-ÿ](?=\s[^\W\d_]{2})")  # "M", "L." are no words
_MARKUP = re.compile(r"[<&\\]")  # what remains of HTML and RTF begin with
_READ = 20_000  # characters
_ENOUGH, _LEAD = 2.0, 1.25  # weight of the evidence, and how far it must be ahead of the next language
_LITTLE, _FAR = 1.0, 4.0  # in a line or two less is enough, if it is far ahead
_LONG, _SPARSE = 40, 0.045  # words of a text that must show some language, and the weight per word that shows none
_CLEAR = 2.0  # the farther ahead, up to this, the fewer words of sentences telegrams, forms and tables need
_FULL, _VOCABULARY, _WORDS = 3, 0.45, 6  # letters of a full word; share and number of full words that are English


def detect(text: str) -> str | None:
    """The ISO 639-1 code of the language of `text`, "und" where it is none of those known, None where it is too short.

    Only the first 20,000 characters are read.
    """
    begins = text[:_READ]
    begins = View(begins).plain if _MARKUP.search(begins) else begins
    read = [found[0].casefold().replace("\u2019", "'") for found in _WORD.finditer(begins)]
    if _in_another_script(read):
        return OTHER
    scores = _scores(Counter(read))
    best, second = sorted(scores, key=lambda each: (-scores[each], each))[:2]
    most, next_most = scores[best], scores[second]
    sparse = _SPARSE * len(read) / max(1, min(_CLEAR, most / (next_most or 1)))
    plain = most >= _ENOUGH and most >= _LEAD * next_most
    if most >= sparse and (plain or (most >= _LITTLE and most >= _FAR * next_most)):
        return best
    if _is_english(read):
        return "en"
    return OTHER if len(read) >= _LONG and most < sparse else None


def _is_english(read: list[str]) -> bool:
    """Whether a list, a chat or jottings, which have no sentences to tell, are made of English words nevertheless.

    Of reports in German, French or Spanish two words in five at most stand in the English vocabulary.
    """
    full = [fold(word) for word in read if len(word) >= _FULL]
    known = sum(any(word in folded(name) for name in _ENGLISH) for word in full)
    return known >= max(_WORDS, _VOCABULARY * len(full))


def language_of(text: str, options: TextOptions) -> str:
    """The language whose rules read `text`: its own, or the policy's where it is too short to tell.

    Raises Rejected when the policy does not take its language.
    """
    found = detect(text)
    if found is None or options.language.startswith(found):
        return options.language
    if found in options.languages:
        return found
    if options.unsupported == "treat_as":
        return options.language
    raise Rejected(Reason.LANGUAGE_UNSUPPORTED)


def _scores(read: Counter[str]) -> dict[str, float]:
    """The weight of the words of each language."""
    scores = dict.fromkeys(table("languages"), 0.0)
    for word, times in read.items():
        for language, weight in _weights().get(word) or _weights().get(fold(word), ()):
            scores[language] += weight * times
    return scores


@cache
def _weights() -> dict[str, tuple[tuple[str, float], ...]]:
    """Each word with its languages and what it weighs for them; words of reports weigh half.

    Of those of English reports only English ones: "mm", "subdural" and "Gelfoam" are written everywhere.
    """
    small = {language: frozenset(line.split()) for language, line in table("languages").items()}
    clinical = {language: folded("clinical_words", language) - small[language] for language in SUPPORTED}
    clinical["en"] &= frozenset(word for word in folded("common_words_en") if len(word) >= _FULL)
    owners: dict[str, list[tuple[str, float]]] = {}
    for weight, lists in ((1.0, small), (0.5, clinical)):
        for language, several in lists.items():
            for word in several:
                owners.setdefault(word, []).append((language, weight))
    return {
        word: tuple((each, weight / len(several) ** 2) for each, weight in several) for word, several in owners.items()
    }


def _in_another_script(read: list[str]) -> bool:
    """Whether most letters are not Latin."""
    letters = "".join(read)
    foreign = sum(not _is_latin(letter) for letter in letters)
    return foreign * 2 > len(letters)


@cache
def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
