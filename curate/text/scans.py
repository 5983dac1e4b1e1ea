"""Texts that came from a scanner: letters read as digits and digits as letters are put right, place by place.

"Pat1ent: R0E, b0rn l9/O4/1951" is read as "Patient: ROE, born 19/04/1951". Only a text in which several words become
words by it is touched, and each character stays in its place.
"""

import re

from curate.privacy.surrogates import fold
from curate.text.languages import SUPPORTED
from curate.text.lexicon import folded
from curate.text.unfamiliar import is_familiar

_FEWEST = 2  # words that show that a text is scanned
_LETTERS = str.maketrans({"0": "o", "1": "i", "5": "s", "8": "b", "|": "l"})
_OTHERS = (_LETTERS, str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b", "|": "l"}))
_FIGURES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
_MIXED = re.compile(r"(?<![\w|])(?=[^\W\d_]*[0158|])(?:[^\W\d_]|[0158|]){4,}(?<![0158|])(?![\w|])")
_NUMBER = re.compile(r"(?<!\w)(?=\w{0,9}[OolI])(?=\w{0,9}\d)[\dOolI]{2,12}(?!\w)")


def mended(text: str) -> str:
    """The text as it was before it was scanned, as far as its words tell; of the same length."""
    words = [found[0] for found in _MIXED.finditer(text)]
    if sum(_is_word(word) for word in words) < _FEWEST:
        return text
    return _NUMBER.sub(lambda found: found[0].translate(_FIGURES), _MIXED.sub(lambda found: _letters(found[0]), text))


def _is_word(written: str) -> bool:
    return any(_is_known(written.translate(each)) for each in _OTHERS)


def _is_known(written: str) -> bool:
    """Whether a word is one of English, of medicine, or of a report in another language."""
    plain = fold(written)
    return is_familiar(plain) or any(plain in folded("clinical_words", each) for each in SUPPORTED)


def _letters(written: str) -> str:
    """A word with the letters that its digits stand for, in its case; what begins with a digit must become a word."""
    letters = sum(map(str.isalpha, written))
    read = next((each for each in _OTHERS if _is_known(written.translate(each))), None)
    if 2 * letters <= len(written) or (read is None and not written[0].isalpha()):
        return written
    made = written.translate(read or _LETTERS)
    return made.upper() if sum(map(str.isupper, written)) * 2 > letters else made
