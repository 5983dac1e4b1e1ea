"""A report by its sections. The headers are data (data/sections.csv), misspellings included.

Nothing is lost: every character but blanks stands in exactly one section, or in a header. What stands before the first
header, and whatever no header claims, is "other".
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.text.lexicon import alternatives, table

SECTIONS = ("findings", "impression", "indication", "technique", "comparison", "addendum", "other")


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
        name = found["line"] or found["alone"] or found["inline"]
        section = table("sections")[" ".join(name.lower().split())]
        header, at = found[0], found.end()
    yield section, header, text[at:]


@cache
def _headers() -> re.Pattern[str]:
    """A header with its colon at the start of a line, alone on a line, or in capitals with a colon after a sentence."""
    known = alternatives(table("sections"))
    capitals = alternatives(header.upper() for header in table("sections"))
    mark = r"[ \t]*(?:[*#_>]{1,3}[ \t]*)?"
    return re.compile(
        rf"(?:^{mark}(?i:(?P<line>{known}))(?:\([sS]\))?[ \t]*(?:\*\*)?[ \t]?(?::|[ \t]-[ \t])(?:\*\*)?"
        rf"|^{mark}(?i:(?P<alone>{known}))[ \t]*(?:\*\*|_)?[ \t]*\r?$"
        rf"|(?<=[.!?)])[ \t]{{1,3}}(?P<inline>{capitals})[ \t]?:)",
        re.MULTILINE,
    )
