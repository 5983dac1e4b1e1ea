"""Names that stand alone on a line behind the closing of a German, French or Spanish letter."""

import re
from collections.abc import Iterator
from functools import cache

from curate.records import Span
from curate.text.languages.persons import WORD, Strength, cues_of, name_at
from curate.text.sparse import Sparse

_CLOSING, _CLOSING_LINES = 400, 6  # characters, lines


def find(text: str, language: str) -> Iterator[Span]:
    """Lines with nothing but a name behind a closing ("Mit freundlichen Grüßen") of `text` (plain, see view.py)."""
    for found in _closing(language).finditer(text):
        lines = list(re.finditer(r"[^\n]+", text[found.end() : found.end() + _CLOSING]))[:_CLOSING_LINES]
        for number, line in enumerate(lines):
            place = name_at(line[0], len(line[0]) - len(line[0].lstrip(" -")), language, Strength.ACT)
            rest = line[0][place[1] :] if place else "?"
            words_read = len(WORD.findall(line[0][place[0] : place[1]])) if place else 0
            if place and (not rest.strip(" .") or rest[:1] == ",") and (words_read > 1 or number == 0):
                start = found.end() + line.start()
                yield Span(start + place[0], start + place[1], "NAME", "signature", 0.9)


@cache
def _closing(language: str) -> Sparse:
    return Sparse(rf"(?<!\w)(?i:{cues_of(language, 'closing')})[ ]{{0,2}}[,.:]?[ ]{{0,2}}(?=\n|$)")
