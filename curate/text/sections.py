"""A report by its sections. The headers are data (data/sections.csv), in four languages, misspellings included.

Nothing is lost: every character but blanks stands in exactly one section, or in a header. What stands before the first
header, and whatever no header claims, is "other".
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.text.lexicon import alternatives, table

SECTIONS = ("findings", "impression", "indication", "technique", "comparison", "addendum", "other")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_LONG = 5  # letters of a header that needs no colon


def split_sections(text: str) -> dict[str, str]:
    """The sections of a report that has them, in the order of SECTIONS; repeated ones are joined by an empty line."""
    bodies: dict[str, list[str]] = {}
    for section, _, body in cut(text):
        if body.strip():
            bodies.setdefault(section, []).append(body.strip())
    return {section: "\n\n".join(bodies[section]) for section in SECTIONS if section in bodies}


def cut(text: str) -> Iterator[tuple[str, str, str]]:
    """The text as (section, header, body) in its order: headers and bodies joined are the text again."""
    section, header, at = "other", "", 0
    for found in _headers().finditer(text):
        yield section, header, text[at : found.start()]
        name = found["line"] or found["alone"] or found["bare"] or found["inline"]
        section = _section_of(" ".join(name.lower().split()))
        header, at = found[0], found.end()
    yield section, header, text[at:]


def _section_of(header: str) -> str:
    """The section of a header as matched; ignoring case also takes letters that lower() leaves alone (U+017F)."""
    return _sections().get(header) or _sections().get(fold(header), "other")


@cache
def _sections() -> dict[str, str]:
    """Each way to write a header and the section that it opens: with its accents, without, and ü as ue."""
    written = table("sections")
    plain = {fold(header): section for header, section in written.items()}
    umlauts = {header.translate(_UMLAUTS): section for header, section in written.items()}
    return {**plain, **umlauts, **written}


@cache
def _headers() -> re.Pattern[str]:
    """A header at the start of a line with its colon, alone on it, or in capitals before a sentence; or inside a line.

    Inside a line it stands in capitals with a colon, behind the end of a sentence.
    """
    known = alternatives(_sections())
    capitals = alternatives(header.upper() for header in _sections())
    long = (header for header, section in _sections().items() if len(header) >= _LONG and section != "other")
    bare = alternatives(map(str.upper, long))
    mark = r"[^\S\n]*(?:[*#_>]{1,3}[^\S\n]*)?"
    return re.compile(
        rf"(?:^{mark}(?i:(?P<line>{known}))(?:\([sS]\))?[^\S\n]*(?:\*\*)?[^\S\n]?(?::|[^\S\n]-[^\S\n])(?:\*\*)?"
        rf"|^{mark}(?i:(?P<alone>{known}))[^\S\n]*(?:\*\*|_)?[^\S\n]*\r?$"
        rf"|^(?P<bare>{bare})[^\S\n]{{1,3}}(?=[^\W\d_a-z][^\W\d_A-Z])"
        rf"|(?<=[.!?)])[^\S\n]{{1,3}}(?P<inline>{capitals})[^\S\n]?:)",
        re.MULTILINE,
    )
