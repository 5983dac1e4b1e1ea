"""Known names as dictation, typing and OCR misspell them: one edit from six letters on, two from ten.

Only words that neither English nor medicine knows are compared, so that no clinical word is ever taken for a name.
"""

import re
from collections.abc import Iterator

from curate.privacy.spellings import fold_in_place
from curate.records import Span
from curate.text.unfamiliar import is_familiar

_WORD = re.compile(r"(?<![\w@])(?=\d{0,9}[^\W\d_])[^\W_]{5,30}(?![\w@])")
_SHORTEST, _LONG = 6, 10
_READ_AS = str.maketrans("015", "ols")  # what OCR makes of letters


def find(text: str, names: frozenset[str]) -> Iterator[Span]:
    """Words of `text` (plain, see view.py) that are nearly one of the folded `names`."""
    long = sorted(name for name in names if len(name) >= _SHORTEST and not is_familiar(name))
    if not long:
        return
    for word in _WORD.finditer(fold_in_place(text)):
        if not is_familiar(word[0]) and any(is_near(word[0].translate(_READ_AS), name) for name in long):
            yield Span(*word.span(), "NAME", "misspelt", 0.8)


def is_near(word: str, name: str) -> bool:
    """Whether a word is a name but for one edit, or two where the name is long (Damerau 1964: also two swapped)."""
    most = 1 if len(name) < _LONG else 2
    if abs(len(word) - len(name)) > most or len(set(word) ^ set(name)) > 2 * most:  # an edit trades one letter at most
        return False
    return distance(word, name) <= most


def distance(one: str, other: str) -> int:
    """Edits, and swaps of neighbours, that make one word of the other (optimal string alignment)."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, wanted in enumerate(other, 1):
            best = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            here.append(best)
        before, last = last, here
    return last[-1]
