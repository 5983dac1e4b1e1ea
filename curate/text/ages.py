"""Ages over 89 that nothing but the person before them tells: "Oupa Daniels 93, wrist", "YOUNG, DOTTIE (96)"."""

import re
from collections.abc import Iterable, Iterator

from curate.records import Span

_BEHIND = re.compile(
    r"(?:,? |, ?| ?\()(?P<age>9\d|1[01]\d)"
    r"(?=[,;)]|\.(?!\d)|[ ]?\n|$|[ ]?[yYMFmfJjaw]\b|[ ][a-z]{3})(?! ?(?:mm|cm|kg|mg|ml|bpm)\b)"
)


def beside(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """High ages directly behind the names among `spans` (45 CFR 164.514(b)(2)(i)(C))."""
    for span in spans:
        found = _BEHIND.match(text, span.end) if span.label == "NAME" else None
        if found:
            yield Span(*found.span("age"), "AGE", "age", 0.8)
