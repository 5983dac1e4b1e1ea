"""What a word is used for counts where the tagger is not sure."""

import pytest

from curate.text.lexicon import folded
from curate.text.training import usage as making
from curate.text.usage import odds, weighed


@pytest.mark.parametrize(
    ("word", "language", "probability", "lower"),
    [
        ("Befund", "de", 0.3, True),
        ("contrast", "en", 0.3, True),
        ("Müller", "de", 0.3, False),
        ("Nguyen", "en", 0.07, False),
    ],
)
def test_lists_move_what_is_not_sure(word: str, language: str, probability: float, *, lower: bool) -> None:
    """A common word down, a name up."""
    assert (weighed(probability, word, language) < probability) is lower


@pytest.mark.parametrize("probability", [0.01, 0.049, 0.8, 0.99])
def test_what_is_sure_stays(probability: float) -> None:
    """One way or the other."""
    assert weighed(probability, "Befund", "de") == probability


@pytest.mark.parametrize("word", ["müller", "Qwrtz", "12", "B12"])
def test_other_words_stay(word: str) -> None:
    """A name in small letters is none for sure, and of unknown words and figures no list knows."""
    assert weighed(0.3, word, "de") == 0.3


@pytest.mark.parametrize(("word", "language", "lower"), [("las", "es", False), ("der", "de", True)])
def test_a_spanish_article_is_left_to_the_tagger(word: str, language: str, *, lower: bool) -> None:
    """It may be part of what a ward is called."""
    assert (weighed(0.3, word, language) < 0.3) is lower


def test_bayes() -> None:
    """Odds of 3 to 7, a fifth of it."""
    assert odds("Befund", "de") == 0.2
    assert weighed(0.3, "Befund", "de") == pytest.approx(0.6 / 7.6)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_a_word_is_on_one_list(language: str) -> None:
    """And no list is empty."""
    words, names = folded("report_words", language), folded("report_names", language)
    assert not words & names
    assert min(len(words), len(names)) > 2000


def test_lists_come_from_marks() -> None:
    """Three uses for nobody make a word common, unless one in ten or more is for somebody."""
    text = "Grey lesion. " * 12 + "Rare. Seen by Grey and Okoro."
    start = text.rindex("Grey")
    spans = [{"start": start, "end": start + 4}, {"start": text.index("Okoro"), "end": text.index("Okoro") + 5}]
    found = making.uses([{"lang": "en", "text": text, "spans": spans}])
    assert making.lists(*found["en"]) == {"report_words": ["grey", "lesion"], "report_names": ["okoro"]}
    assert making.lists(*making.uses([{"lang": "en", "text": text[78:], "spans": []}])["en"])["report_names"] == []
