"""How people use a word in the reports that were marked: for nobody again and again, or more often for somebody.

The tagger reads pieces of words and forgets most of the words themselves, German ones above all; where it is not sure
a list tells more. Of the words of 640 reports that neither a run nor a list had and of which it was 0.1 to 0.8 sure,
one in thirteen identified somebody where the list calls the word common, and five in six where it calls it a name
(docs/model-card.md). What it is sure of, one way or the other, stays as it is.
"""

from curate.privacy.surrogates import fold
from curate.text.lexicon import folded

DOUBTED = (0.05, 0.8)  # between these the tagger is not sure
_COMMON, _NAME = 0.2, 2.5  # times the odds
_ARTICLES = frozenset({"el", "la", "los", "las"})


def odds(word: str, language: str) -> float:
    """By how much the odds that this word of a text identifies somebody are higher than the tagger says; mostly 1."""
    plain = fold(word)
    if is_article(plain, language):
        return 1.0
    if plain in folded("report_words", language):
        return _COMMON
    named = plain in folded("report_names", language) or plain in folded("given_names", language)
    return _NAME if named and not word.islower() else 1.0


def weighed(probability: float, word: str, language: str) -> float:
    """The probability that a word identifies somebody, what it is used for considered (Bayes' rule)."""
    low, high = DOUBTED
    if not (low <= probability < high and word.isalpha()):
        return probability
    ratio = odds(word, language) * probability / (1 - probability)
    return ratio / (1 + ratio)


def is_article(word: str, language: str) -> bool:
    """Whether an article may be a part of what a place is called: "la Sirga", a ward; the tagger knows best.

    Of those that it thought of as one (0.1 and more) 26 of 33 were, in Spanish; in the other languages 13 of 39.
    """
    return language == "es" and word in _ARTICLES
