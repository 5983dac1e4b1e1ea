"""Figures that a model takes for an identifier and that say nothing of anybody."""

import pytest

from curate.records import Span
from curate.text.figures import is_catalogued, is_mere


def guess(marked: str, label: str) -> bool:
    """Whether what stands in brackets is a mere figure."""
    start, end = marked.index("["), marked.index("]")
    return is_mere(marked.replace("[", "").replace("]", ""), Span(start, end - 1, label, "tagger", 0.99))


@pytest.mark.parametrize(("marked", "label"), [
    ("ratio 0.[981] today", "DATE"), ("[51]x18x17 mm", "ID"), ("left [48x]15x16", "ID"), ("30    [1].2", "LOCATION"),
    ("Mackay score [11/24].", "DATE"), ("MoCA: [26/30]", "DATE"), ("smoked till [ten] years ago", "DATE"),
    ("[fifty]-six", "DATE"), ("wt [104] kg", "AGE"), ("SpO2 [95]% on air", "AGE"),
    ("left [9th] and 10th interspaces", "DATE"), ("the [3rd] left rib", "DATE"), ("[HU 34]", "LOCATION"),
    ("s/p Whipple [POD 3]", "LOCATION"), ("on [cycle day 9] by Lettice", "DATE"), ("LOG [p. 114]", "LOCATION"),
    ("T1 RUL    [31]    29    30\nT2", "LOCATION"), ("| T2 gg | 21 | [14] | 9 (petit axe) |", "LOCATION"),
    ("LEFT HIP    1/[2]\nX", "LOCATION"), ("HOSPITAL    [2]/2", "LOCATION"),
    ("port [placement 36561, 76937]-26, 77001-26.", "ID"), ("76937-26, [77001-26 R]", "ID"),
    ("VA Snellen 6/9 R, [6/24] L", "DATE"), ("on Ishihara [4/17].", "DATE"), ("[ED LEVEL 4]", "LOCATION"),
])  # fmt: skip
def test_a_mere_figure_stays(marked: str, label: str) -> None:
    """A piece of a decimal or a size, a score of so many, a number in a word, a figure with its unit."""
    assert guess(marked, label)


@pytest.mark.parametrize(("marked", "label"), [
    ("the [19.12], by Lacour", "DATE"), ("[12] | Roe, Jane | 45 | 3 | 2", "LOCATION"),
    ("bed [12] |  45", "LOCATION"), ("board [4.12.].", "DATE"),
    ("on [11/24] we saw", "DATE"), ("seen [3.12.2024] again", "DATE"), ("[3].12.2024", "DATE"), ("age [94]", "AGE"),
    ("MRN [104]", "ID"), ("[Kahn] 104 kg", "NAME"), ("[twenty nineteen]", "DATE"), ("call [0.981]", "PHONE"),
    ("on the [9th] we met", "DATE"), ("[HU 34 x]", "ID"),
    ("MRN [4471, 76937]-26, 77001-26.", "ID"), ("bed 2/[3] by the door", "LOCATION"), ("Ward  12/[3]", "LOCATION"),
    ("mrn\n[SL-240413-07],60-12278-9,ROE JANE", "ID"), ("SL-1,[60-12278-9],1999-04-08", "ID"), ("Nr. [TR-5518]", "ID"),
    ("seen [6/24] in clinic", "DATE"), ("in [pod 3B]", "LOCATION"), ("[3 May day 9]", "DATE"),
])  # fmt: skip
def test_what_may_identify_is_not_mere(marked: str, label: str) -> None:
    """A day, an age, a number behind its label, and whatever is a name."""
    assert not guess(marked, label)


@pytest.mark.parametrize(("marked", "is_one"), [
    ("REF [0580-1-441]    LOT G8821077", True), ("REF [L20312]   LOT J81VK3", True), ("REF 01.[00013].310, SN 5", True),
    ("REF [0580-1-441], seen today", False), ("REF 0580-1-441 LOT [G8821077]", False), ("Our ref [77-12] LOT 3", False),
    ("REF [A1]\nREF 123 LOT 4", False),
])  # fmt: skip
def test_a_catalogue_number_stays(marked: str, is_one: bool) -> None:
    """That of a maker beside the lot; the lot itself, and a reference without one, may tell of somebody."""
    start, end = marked.index("["), marked.index("]")
    span = Span(start, end - 1, "ID", "id", 1.0)
    assert is_catalogued(marked.replace("[", "").replace("]", ""), span) == is_one
