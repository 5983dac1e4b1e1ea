"""Markup as text: the narrative of FHIR, and HTML reports. Blocks become lines, tags go, nothing is run.

By one pattern in linear time: html.parser, in the Pythons that are in use, is quadratic on what is malformed.
"""

import re
from collections.abc import Iterator
from html import unescape

_BLOCKS = frozenset({
    "p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "section", "title",
    "pre", "blockquote", "dt", "dd", "head", "body",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "!--"})
_TAG = re.compile(r"<(!--)|(--)>|<(/?)([A-Za-z][\w:.-]{0,40})[^<>]*>|<[!?][^<>]*>")


def plain_text(markup: str) -> str:
    """The text of HTML or XHTML; runs of empty lines become one."""
    if "<" not in markup:
        return markup.strip()
    text = unescape("".join(_parts(markup))).replace("\r", "\n").replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()


def _parts(markup: str) -> Iterator[str]:
    """What is seen between the tags, and what stands for them."""
    at, hidden = 0, ""
    for found in _TAG.finditer(markup):
        name, closes = found[1] or (found[2] and "!--") or (found[4] or "").lower(), bool(found[2] or found[3])
        if not hidden:
            yield markup[at : found.start()]
            yield "\n" if name in _BLOCKS else "  " if name in _CELLS else ""
        hidden = "" if closes and name == hidden else hidden or (name if name in _UNSEEN and not closes else "")
        at = found.end()
    yield "" if hidden else markup[at:]
