"""Initials of those who dictated, typed, checked or took part: two or three letters that no word explains."""

import re
from collections.abc import Iterator

from curate.records import Span
from curate.text.lexicon import folded, terms

_LETTERS = r"(?:[A-Z]{2,3}|[a-z]{2,3})"
_PLACES = tuple(
    re.compile(form, re.VERBOSE | re.MULTILINE)
    for form in (
        r"(?<=[.\s])/[ ]?(?P<one>[A-Z]{2,3})\s*\Z | \b(?P<two>[A-Z]{2,3}[:/][A-Za-z]{2,3})\s*\Z",  # "/RS", "SG:AN"
        rf"^[ ]*(?:DD|DT|TD|TT|d|t):[ ]?(?P<one>{_LETTERS})\b",
        rf"""
        \b(?i:dictated|dictator|transcribed|transcriptionist|typed|typist|checked|verified|proofread|scanned|signed|read
            |reported|reviewed|approved|entered|performed|assay|attested|final|initials|tech|technologist|radiographer)
        (?:[ ]by)? [ ]?[:\-]?[ ] (?P<one>{_LETTERS}) (?:[ ]?[/:][ ]?(?P<two>[A-Za-z]{{2,3}}))? \b(?![ ]?[\w(]*[a-z])""",
        r"\bby[ ](?P<one>[A-Z]{2,3})(?=[ ]*(?:[.,;)]|$|[ ]\d))",
        rf"(?:[ ]--?[ ]?|^--?[ ]?)(?P<one>{_LETTERS})[ ]*$",  # "- dkl"
        r"\d{1,4}[ ]{1,3}(?P<one>[A-Z]{2,3})[ ]*$",  # behind a date or time
        rf"(?:^|[.!]\s)[ ]*(?P<one>{_LETTERS})\.?\s*\Z",  # the last word of all
        r"\b(?i:initials)(?:[ ]are)?[ ]?:?[ ](?P<one>[A-Z](?:[.\- ]{0,2}[A-Z]){1,2})\b",
    )
)


def find(text: str) -> Iterator[Span]:
    """Initials in `text` (plain, see view.py), where a label, a date or the end of the report says so."""
    for pattern in _PLACES:
        for found in pattern.finditer(text):
            for name, letters in found.groupdict().items():
                if letters and not _means_something(letters):
                    yield Span(*found.span(name), "NAME", "initials", 0.6)


def _means_something(letters: str) -> bool:
    """Whether the letters are a word or a short form of medicine: "by CT", "read as"."""
    plain = letters.lower()
    lists = ("common_words_en", "clinical_words", "function_words", "short_forms", "ward_words")
    small = letters.islower() and plain in folded("common_words_en")
    return small or plain in terms("score", "sequence", "vendor") or any(plain in folded(each) for each in lists[1:])
