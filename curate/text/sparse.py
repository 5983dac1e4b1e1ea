"""Patterns that hardly ever match, asked of compiled code first.

Most rules find nothing in most texts, and to find nothing `re` looks at every character. PCRE2 compiles a pattern to
machine code (extra `speed`) and says ten times as fast from where on it may match; what matches there says `re`. So
what is found is the same without PCRE2, in texts with characters that the two do not read alike, and where PCRE2 gives
up because its stack or its number of steps is spent: there `re` looks alone.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

try:
    import pcre2
except ImportError:
    pcre2 = None

_FLAGS = ("ASCII", "DOTALL", "IGNORECASE", "MULTILINE", "VERBOSE")
# ASCII without control characters, European letters but the Turkish i's and the long s, basic Greek, punctuation,
# arrows and signs: in these both know the same letters, figures, blanks, and capitals
_READ_ALIKE = "\t\n -~\xa0-\u012f\u0132-\u017e\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u2010-\u2027\u20ac\u2190-\u22ff"
_STRANGE = re.compile(f"[^{_READ_ALIKE}]")
_REMEMBERED = 64  # texts


class Sparse:
    """A pattern of `re`, for whole texts in most of which it does not match."""

    __slots__ = ("_compiled", "_pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = re.compile(pattern, flags)
        self._compiled = _compiled(self._pattern)

    def __repr__(self) -> str:
        return "<Sparse>"

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The numbers of its named groups."""
        return self._pattern.groupindex

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`."""
        start = self._start(text)
        return iter(()) if start is None else self._pattern.finditer(text, start)

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        start = self._start(text)
        return None if start is None else self._pattern.search(text, start)

    def _start(self, text: str) -> int | None:
        """From where on it may match; None where it does not match."""
        if self._compiled is None or not _is_read_alike(text):
            return 0
        try:
            found = self._compiled.search(text)
        except pcre2.LibraryError:
            return 0
        return int(found.start()) if found else None


def _compiled(pattern: re.Pattern[str]) -> Any:
    """The pattern in machine code; None without PCRE2, and where memory may not hold code."""
    if pcre2 is None:
        return None
    flags = sum(getattr(pcre2, name) for name in _FLAGS if pattern.flags & getattr(re, name))
    try:
        return pcre2.compile(f"(*LF){pattern.pattern}", flags)
    except pcre2.LibraryError:
        return None


@lru_cache(_REMEMBERED)
def _is_read_alike(text: str) -> bool:
    return _STRANGE.search(text) is None
