"""Names in the caret form, as DICOM (PS3.5 6.2.1) and HL7 write them, and what else has carets."""

import re
from collections.abc import Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import joined
from curate.text.sparse import Sparse

_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_CARET = Sparse(
    r"(?<![^\W_])[^\W\d_][\w'\-]{0,40}(?: [^\W\d_][\w'\-]{0,40}){0,2}\^[^\W\d_][\w'.\-]{0,40}(?:\^[\w'.\-]{0,40}){0,3}"
)
# Events of HL7, and modalities behind a station.
_MESSAGE = re.compile(r"(?:.* )?(?:[A-Z]{3}\^[A-Z]\d\d|[A-Z]{2,4}\^(?:CR|CT|DX|MG|MR|NM|PT|RF|US|XA|XR))")
_SERVICE = re.compile(  # a code and its text: OBR-4, OBX-3
    r"(?:^|\n)OB[RX]\|(?:[^|\n]{0,80}\|){2,3}(?:[\w.\-]{1,16}\^[^|^\n]{0,40})?$"
)
_BEFORE = 200  # characters of a segment


def find(text: str) -> Iterator[Span]:
    """Names in the caret form in `text` (plain, see view.py)."""
    for found in _CARET.finditer(text):
        if not (_is_protocol(found[0]) or _MESSAGE.fullmatch(found[0]) or _is_service(text, found.start())):
            yield Span(found.start() + _first_of_name(found[0]), found.end(), "NAME", "caret", 0.95)


def _is_service(text: str, at: int) -> bool:
    """Whether this is what was asked for, or observed, in a message of HL7: "OBR|1||A-1|USTHY^US THYROID"."""
    return _SERVICE.search(text[max(0, at - _BEFORE) : at]) is not None


def _first_of_name(written: str) -> int:
    """Where the family name begins: behind labels and common words that stand before it ("CHEST SMITH^JOHN")."""
    words = list(_WORD.finditer(written.partition("^")[0]))
    common = joined("clinical_words", "function_words")
    return next((word.start() for word in words[:-1] if fold(word[0]) not in common), words[-1].start())


def _is_protocol(written: str) -> bool:
    """Whether carets divide a body region and a protocol ("Abdomen^AbdRoutine"), as one vendor writes descriptions."""
    region, _, rest = written.partition("^")
    common = joined("clinical_words", "function_words")
    if not all(fold(word) in common for word in _LETTERS.findall(region)):
        return False
    words = _LETTERS.findall(rest)
    return all(len(word) == 1 or fold(word) in common or re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]", word) for word in words)
