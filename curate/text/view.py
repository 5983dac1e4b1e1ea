"""A text as recognisers should see it, and the way back to the offsets of the text as it came.

What hides a name from a rule or a model is folded away: zero-width and bidirectional controls, HTML remains, combining
marks, control characters, typographic quotes and dashes. Every offset in the plain text leads back to the source.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from functools import cache

from curate.text.lexicon import words
from curate.text.sparse import Sparse

# Removed: soft hyphen, zero-width, bidirectional and other invisible format characters (Unicode category Cf),
# variation selectors, and HTML tags that only style (an attribute may hide a value: such a tag stays visible).
_INVISIBLE = "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
_STYLE = r"</?(?:b|i|u|em|strong|span|font|small|sub|sup)>"
_TAG = r"</?(?P<element>[a-z][a-z0-9]{0,9}) ?/?>"
# HTML elements; any other is one where the text closes it, for people stand between such brackets too: "<Oriane> seen"
_ELEMENTS = words("html_elements")
_TELLING = frozenset({"family", "given", "surname", "name", "first", "last", "city", "street", "zip"})  # segments.py
_CLOSING = re.compile(r"</([a-z][a-z0-9]{0,9}) ?>", re.IGNORECASE)
_ENTITY = r"&(?:[a-z]{2,8}|#[0-9]{2,6}|#x[0-9a-f]{2,5});"
# UTF-8 that was read as Windows-1252
_TWICE = "[\u00c2-\u00c5][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
_COMPOSED = "[^\\W\\d_][\u0300-\u036f]{1,8}"
_FOLDED = Sparse(
    rf"(?P<removed>{_INVISIBLE}|{_STYLE})|(?P<tag>{_TAG})|(?P<entity>{_ENTITY})|(?P<composed>{_COMPOSED})"
    rf"|(?P<line>\r\n?)|(?P<twice>(?-i:{_TWICE}))",
    re.IGNORECASE,
)
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u0410\u0412\u0415\u0405"
    "\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u03b1\u03bf\u03bd\u03c1\u0391"
    "\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "aeopcyxijsdhABESIJKMHOPCTXYaovpABEZHIKMNOPTYX",
)
_MIXED = re.compile(r"\b(?=\w{0,30}[A-Za-z])(?=\w{0,30}[\u0370-\u052f])\w{2,40}\b")
_BREAKS = "\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"


class View:
    """`plain` is what recognisers read; `source` maps a stretch of it to code points of the text as it came."""

    __slots__ = ("_from", "_starts", "_widths", "plain")

    def __init__(self, text: str) -> None:
        self._starts, self._from, self._widths = [0], [0], [1]  # pieces: offset in plain, offset in source, width
        pieces, at, length = [], 0, 0
        closed = {each.lower() for each in _CLOSING.findall(text)} if "</" in text else set()
        elements = _ELEMENTS | closed - _TELLING if closed else _ELEMENTS
        for found in _FOLDED.finditer(text):
            if found["element"] and found["element"].lower() not in elements:
                continue
            pieces.append(text[at : found.start()])
            length += found.start() - at
            made = _replacement(found)
            if made:
                self._add(length, found.start(), found.end() - found.start())
                pieces.append(made)
                length += 1
            self._add(length, found.end(), 1)
            at = found.end()
        pieces.append(text[at:])
        joined = "".join(pieces)
        self.plain = _unmixed(joined.translate({ord(each): _one(each) for each in set(joined)}))

    def __repr__(self) -> str:
        return "<View>"

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The code points [start, end) of the source that stand behind plain[start:end]; end > start."""
        first, last = self._piece(start), self._piece(end - 1)
        return (
            self._from[first] + start - self._starts[first],
            self._from[last] + end - 1 - self._starts[last] + self._widths[last],
        )

    def _add(self, start: int, source: int, width: int) -> None:
        self._starts.append(start)
        self._from.append(source)
        self._widths.append(width)

    def _piece(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


def _replacement(found: re.Match[str]) -> str:
    """Nothing or one character, so that a piece of the plain text is one character wide."""
    if found["removed"]:
        return ""
    if found["tag"]:
        return "\n" if re.match(r"</?(?:br|p|div|li|tr|h\d)\b", found[0], re.IGNORECASE) else " "
    if found["line"]:
        return "\n"
    if found["twice"]:
        return _read_again(found[0])
    made = html.unescape(found[0]) if found["entity"] else unicodedata.normalize("NFC", found[0])
    return made[:1] if made != found[0] else found[0][:1]


def _read_again(written: str) -> str:
    """The letter that became two when its UTF-8 was read as Windows-1252: "Ã¼" was "ü"."""
    octets = b"".join(each.encode("latin-1" if each < "\u0100" else "cp1252", "replace") for each in written)
    return octets.decode("utf-8", "replace")[:1]


def _unmixed(text: str) -> str:
    """Cyrillic and Greek letters inside Latin words as the Latin letters that they look like (UTS 39, confusables)."""
    return text if text.isascii() else _MIXED.sub(lambda word: word[0].translate(_LOOKALIKES), text)


@cache
def _one(character: str) -> str:
    """The plain form of one character, of length one."""
    if character in _BREAKS:
        return "\n"
    if character in "'\u2018\u2019\u02bc\u00b4`":
        return "'"
    if character in "\u2010\u2011\u2012\u2013\u2014\u2212":
        return "-"
    if unicodedata.category(character) in {"Zs", "Cc"}:
        return " "
    if unicodedata.category(character) in {"Cs", "Co"}:
        return "\ufffd"  # a lone surrogate cannot be encoded for the model; private use is ours
    wide = "\uff01" <= character <= "\uff5e"  # full-width forms
    return chr(ord(character) - 0xFEE0) if wide else character
