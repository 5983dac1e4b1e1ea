"""Names that stand alone on a line at the end of an English report."""

import re
from collections.abc import Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import folded, joined, terms

_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_SIGNATURE = re.compile(r"^ *(?:-{1,2} ?)?(?P<name>[^\W\d_][^,|:;(/\n]{3,48}?) *(?:,[^\n]*)?$", re.MULTILINE)
_LINES = 8
_CLASSES = frozenset("ABCD")


def find(text: str) -> Iterator[Span]:
    """Lines at the end of `text` (plain, see view.py) with nothing but a name and what follows it after a comma."""
    tail = text.rstrip()
    start = len(tail)
    for _ in range(_LINES):
        start = max(0, tail.rfind("\n", 0, start))
    for found in _SIGNATURE.finditer(tail, start):
        words = list(_WORD.finditer(text, *found.span("name")))
        written = [word[0] for word in words if word[0] not in folded("name_particles")]
        if not 2 <= len(words) <= 5 or not all(each[0].isupper() and not each[1:].isupper() for each in written):
            continue
        if written[-1] in _CLASSES and fold(written[0]) in terms("eponym", "surname", "score"):
            continue  # "Stanford B, DeBakey IIIb"
        if not any(fold(word) in joined("clinical_words", "function_words") for word in written):
            end = words[-1].end() + (len(words[-1][0]) == 1 and text.startswith(".", words[-1].end()))
            yield Span(words[0].start(), end, "NAME", "signature", 0.9)
