"""Names spelt letter by letter ("that's P-E-R-E-I-R-A", "tango sierra oscar"), and with a nickname inside."""

import re
from collections.abc import Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.sparse import Sparse

_RUN = Sparse(
    r"(?<![^\W_])(?P<before>(?!spel|épel|deletr|buchst)[^\W\d_]{4,30}[ ,.;:\-]{1,4})?"
    r"(?P<cue>(?i:spell(?:ed|ing)?|spelt|épelle[rz]?|deletre[oa](?:do)?|buchstabiert?|that's|that is)[ :,]{1,3})?"
    r"(?P<letters>[^\W\d_](?:(?P<mark>[ \-.]|, )(?:double )?[^\W\d_](?![^\W_])){3,29})(?![^\W_])"
)
_WORDS = (  # ITU Radio Regulations, appendix 14
    "al(?:ph|f)a|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec"
    "|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu"
)
_RADIOED = Sparse(rf"\b(?:{_WORDS})(?:[ ,\-]{{1,2}}(?:double )?(?:{_WORDS})){{2,29}}\b", re.IGNORECASE)
_NICKNAMED = Sparse(
    r"(?<![^\W_])[A-ZÀ-Þ][\w'\-]+ (?P<open>\()?[\"'„“”«][A-ZÀ-Þ][\w\-]{1,14}[\"'“”»](?(open)\)|) [A-ZÀ-Þ][\w'\-]+"
)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def find(text: str) -> Iterator[Span]:
    """Letters in a row behind a word that announces them, behind the name itself, or with hyphens between capitals.

    Headings that are set apart ("F I N D I N G S") and lists ("A-B-C-D-E") are none.
    """
    for found in _RUN.finditer(text):
        letters = re.sub(r"double (.)", r"\1\1", found["letters"])
        joined = fold("".join(filter(str.isalpha, letters)))
        named = found["before"] and joined.startswith(fold(found["before"].strip(" ,.;:-")))
        hyphened = found["mark"] == "-" and found["letters"].isupper()
        if joined not in _ALPHABET and (found["cue"] or hyphened or named):
            yield Span(*found.span("letters"), "NAME", "spelled", 0.9)
    for pattern in (_RADIOED, _NICKNAMED):
        for found in pattern.finditer(text):
            yield Span(*found.span(), "NAME", "spelled", 0.9)
