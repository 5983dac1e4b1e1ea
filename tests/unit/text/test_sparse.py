"""What PCRE2 says of a rule that hardly ever matches, `re` would have said too."""

import gc
import re
from collections.abc import Iterator
from itertools import chain

import pytest

from curate.policy import TextOptions
from curate.text import sparse
from curate.text.recognize import Recognizer
from curate.text.sparse import Sparse
from curate.text.view import View
from tests.golden import blind

LANGUAGES = ("en", "de", "fr", "es")
READ_ALIKE = [each for each in map(chr, range(0x3000)) if not sparse._STRANGE.match(each)]
CLASSES = (
    r"\w", r"\d", r"\s",
    r"[^\W\d_a-z]", r"[^\W\d_A-Z]", r"[A-ZÀ-Þ]", r"(?i:[a-zà-ÿ])", r"(?i:k|s|i|ß|é|µ)", r"[\w.+\-]",
)  # fmt: skip


def texts(language: str) -> list[str]:
    """Reports in a language, as they came and as rules see them."""
    reports = [*blind.load(language, "first"), *blind.load(language, "development", ["apart_"])]
    found = [each.text for each in reports[::2]]
    return [*found, *(View(text).plain for text in found)]


def patterns() -> Iterator[Sparse]:
    """Every pattern of the rules of all languages; they are made at first use."""
    for language in LANGUAGES:
        Recognizer(TextOptions(model="none", language=language)).find([texts(language)[0]])
    return (each for each in gc.get_objects() if isinstance(each, Sparse))


def spans(found: Iterator[re.Match[str]]) -> list[tuple[int, int]]:
    """The places of what was found."""
    return [each.span() for each in found]


def test_every_rule_finds_what_re_alone_finds() -> None:
    """Whatever PCRE2 passes over, `re` passes over."""
    every, asked = list(patterns()), list(chain.from_iterable(map(texts, LANGUAGES)))
    assert len(every) > 150
    for each in every:
        for text in asked:
            assert spans(each.finditer(text)) == spans(each._pattern.finditer(text))


def test_the_rules_are_compiled_and_most_texts_read_alike() -> None:
    """Machine code is asked of nearly all rules and texts."""
    every, asked = list(patterns()), list(chain.from_iterable(map(texts, LANGUAGES)))
    assert sum(each._compiled is None for each in every) < 0.04 * len(every)  # long lists of towns are too much for it
    assert sum(map(sparse._is_read_alike, asked)) > 0.8 * len(asked)


@pytest.mark.parametrize("written", CLASSES)
def test_the_characters_that_both_read_alike(written: str) -> None:
    """Letters, figures, blanks and capitals are the same to both."""
    pattern = Sparse(written)
    assert pattern._compiled is not None
    assert len(READ_ALIKE) > 700
    for each in READ_ALIKE:
        assert (pattern._compiled.search(each) is None) == (pattern._pattern.search(each) is None), hex(ord(each))


@pytest.mark.parametrize("text", ["e\u0301 Ann", "\u017f", "\u212a", "a\x1cb", "x \u0130", "Ann \u0e31"])
def test_of_other_characters_only_re_is_asked(text: str) -> None:
    """Marks, control characters, the long s and the Turkish i are not trusted to it."""
    assert Sparse(r"(?!)")._start(text) == 0


def test_where_pcre2_gives_up_re_looks() -> None:
    """Its stack holds 32 KiB: a text that needs more is none without a match."""
    pattern, text = Sparse(r"^(?:(?:a|b)(?:c|d)?)*$"), "acb" * 20_000
    assert pattern._start(text) == 0
    assert spans(pattern.finditer(text)) == [(0, len(text))]


@pytest.mark.parametrize("text", ["", "seen by Dr. Quill", "x\nDr. Quill, Dr. Penn"])
def test_lookbehinds_and_lines_see_what_stands_before(text: str) -> None:
    """`re` begins where PCRE2 says, and sees the text before it."""
    pattern = Sparse(r"(?<=\. )(?P<name>[A-Z]\w+)|^x$", re.MULTILINE)
    assert spans(pattern.finditer(text)) == spans(re.finditer(r"(?<=\. )[A-Z]\w+|^x$", text, re.MULTILINE))
    assert (pattern.search(text) is None) == ("Quill" not in text)
    assert pattern.groupindex == {"name": 1}


def test_without_the_extra_the_rules_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is a matter of speed."""
    monkeypatch.setattr(sparse, "pcre2", None)
    pattern = Sparse(r"\bDr\. \w+")
    assert pattern._compiled is None
    assert spans(pattern.finditer("seen by Dr. Quill")) == [(8, 17)]


def test_it_shows_no_text_and_no_pattern() -> None:
    """A representation may end in a log."""
    assert repr(Sparse("Quill")) == "<Sparse>"
