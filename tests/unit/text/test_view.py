"""The plain view of a text and its way back to the offsets of the input."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.text.view import View

PLAIN = [
    ("a\u200bb", "ab"),
    ("a<b>b</b>c", "abc"),
    ("a<br/>b", "a\nb"),
    ("a&nbsp;b&amp;c", "a b&c"),
    ("e\u0301", "é"),
    ("a\r\nb\rc", "a\nb\nc"),
    ("\uff21\uff11", "A1"),
    ("O\u2019Brien \u2013 x", "O'Brien - x"),
    ("a\x00b\tc", "a b c"),
    ("BjÃ¶rn Ã…kesson, MÃ©decin", "Björn Åkesson, Médecin"),
    ('<a title="John">', '<a title="John">'),
    ("12:40 <Oriane> seen, <p>normal</p> <Mark> agrees", "12:40 <Oriane> seen, \nnormal\n <Mark> agrees"),
    ("<finding>cyst</finding> <given>Ada</given>", " cyst  <given>Ada</given>"),
]


@pytest.mark.parametrize(("text", "plain"), PLAIN)
def test_view_is_plain(text: str, plain: str) -> None:
    """Invisible characters and styling tags go, blanks and quotes become plain; a tag with an attribute stays."""
    assert View(text).plain == plain


PIECES = [*"ab <>/&;\r\n\u200b\u0301'", "<b>", "&amp;", "<br>"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_every_offset_leads_back_in_order(text: str) -> None:
    """Each plain character stands for a stretch of the input; stretches are in order, apart, and inside the input."""
    view = View(text)
    places = [view.source(at, at + 1) for at in range(len(view.plain))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
