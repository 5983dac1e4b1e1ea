"""Lines that begin alike: a ward list names a bed and a person, another a number and a person, a chat who speaks.

What two lines or more say of their beginning holds for the others of the same form.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.lexicon import joined, terms
from curate.text.sparse import Sparse
from curate.text.unfamiliar import is_also_name, is_familiar

_ENTRY = re.compile(
    r"(?m)^[ \t>*•\-]{0,4}(?P<mark>(?:[A-Za-z]{1,4}[ .]?)?\d{1,4}(?:[ ]?[\-/][ ]?[A-Z\d]{1,2}|[A-Za-z])?)"
    r"(?P<end>[.):]?)[ \t]{1,4}(?P<rest>[^\s][^\n]*)"
)
_WORD_OF_BED = re.compile(
    r"(?:bed|bd|bay|cot|room|rm|ward|no|st|bett|zi|zimmer|pl|lit|ch|chambre|box|cama|hab)[ .]+", re.IGNORECASE
)
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5][05]")
_TITLE = re.compile(
    r"(?i:(?:mr|mrs|ms|miss|mstr|herr|frau|hr|fr|mme|mlle|m|sra?|srta|d[ñn]?a?)\b\.?[ ])?"
    r"(?:[A-Z]{0,3}\d[\w\-]{3,14}[ ])?"
)
_CAPITALS = r"[A-ZÀ-Þ][A-ZÀ-Þ'\-]{2,24}"
_PERSON = re.compile(  # K. LEVY, SINGH G, CHURCH Ada
    rf"[A-ZÀ-Þ](?:\. ?| ){_CAPITALS}(?: {_CAPITALS})?(?![\w])"
    rf"|{_CAPITALS},? (?:[A-ZÀ-Þ]\.?(?!\w)|[A-ZÀ-Þ][a-zà-ÿ]{{1,20}}(?!\w))"
)
_FIRST = re.compile(r"[^\W\d_]{2,}(?:['\-][^\W\d_]+)*")
_FEWEST, _SPEAKING, _SCORE = 3, 2, 0.8  # entries of a list; entries that speak for the others; score of what is found
_ROLE = re.compile(
    r"(?: (?:med|surg|ortho|paeds|neuro|onc|icu|ed|em|rads?|reg|sho|nav|hca|cons|spr|acp|anp|rn))+$", re.IGNORECASE
)
_SENDER = Sparse(
    r"(?m)^[ \t>]{0,3}\[?(?:\d{1,2}[./\-]\d{1,2}(?:[./\-]\d{2,4})?,? )?\d{1,2}[:.h]\d{2}(?::\d\d)?(?: ?[ap]m)?\]?"
    r"(?: [\-\u2013\u2014|])? (?P<name>[^\W\d_][^\W\d_]+(?:[ .\-'][^\W\d_]+\.?){0,2})"
    r"(?: (?:[A-Z]{1,2}\d|\([^()\n]{1,10}\)))? ?:(?=\s)"
)
_ANGLED = Sparse(r"(?m)^[ \t>]{0,3}\[?\d{1,2}[:.h]\d{2}(?::\d\d)?\]? <(?P<name>[^\W\d_][\w .\-]{1,23})>(?=\s)")
_HANDLE = Sparse(  # t.wuttke 13:30
    r"(?m)^[ \t>]{0,3}@?(?P<name>[a-zà-ÿ]{2,16}[._][a-zà-ÿ]{1,16}(?= \d{1,2}[:.h]\d{2}\b)"
    r"|[a-zà-ÿ]{3,16}(?= \d{1,2}:\d{2}[ ]*$))"
)
_SPEAKER = Sparse(  # a chat without times: "Flor R2:", "Tim (ED):"
    r"(?m)^[ \t>]{0,3}(?P<name>[A-ZÀ-Þ][^\W\d_]+(?:[ '\-][A-ZÀ-Þ][^\W\d_]+)?)"
    r"(?: (?:[A-Z]{1,2}\d|\([^()\n]{1,10}\)|[a-z]{2,4}))?:(?=[ \t]\S)"
)


def find(text: str, spans: Sequence[Span], language: str = "en") -> Iterator[Span]:
    """What the lists in `text` add to `spans`, which are sorted and do not overlap."""
    names = {span.start: span.end for span in spans if span.label == "NAME"}
    for entries in _lists(text):
        people = [_person(text, entry, names, language) for entry in entries]
        rooms = _are_rooms(entries) and any(each.start() <= start < each.end() for each in entries for start in names)
        if sum(each is not None for each in people) < max(_SPEAKING, len(entries) / 2) and not rooms:
            continue
        beds = rooms or not (entries[0]["end"] or _counts(entries) or _are_times(entries))
        for entry, person in zip(entries, people, strict=True):
            if beds:
                yield Span(_figure(entry), entry.end("mark"), "LOCATION", "list", _SCORE)
            place = person or _first(text, entry, language)
            if place:
                yield Span(*place, "NAME", "list", _SCORE)
    yield from _speaking(text, names, language)
    yield from _sending(text, language)


def _sending(text: str, language: str) -> Iterator[Span]:
    """Who writes in a chat, by the time beside the name or by the form of an account."""
    for handles in (_HANDLE, _ANGLED):
        yield from (Span(*found.span("name"), "NAME", "list", _SCORE) for found in handles.finditer(text))
    senders = list(_SENDER.finditer(text))
    often = Counter(found["name"] for found in senders)
    for found in senders:
        told = often[found["name"]] > 1 or (" " in found["name"] and not found["name"].islower())
        if told and not _is_label(found["name"], language):
            yield _speaker(found)


def _speaking(text: str, names: Mapping[int, int], language: str) -> Iterator[Span]:
    """Who speaks twice or more at the beginning of lines, where another who does is known for a name."""
    speakers = list(_SPEAKER.finditer(text))
    if not any(found.start("name") in names for found in speakers):
        return
    often = Counter(found["name"] for found in speakers)
    for found in speakers:
        if often[found["name"]] > 1 and not _is_label(found["name"], language):
            yield _speaker(found)


def _speaker(found: re.Match[str]) -> Span:
    """Who speaks, without the role behind: "Siobhan reg", "Tariq Med Reg"."""
    role = _ROLE.search(found["name"])
    end = found.end("name") - (len(role[0]) if role else 0)
    return Span(found.start("name"), end, "NAME", "list", _SCORE)


def _lists(text: str) -> Iterator[list[re.Match[str]]]:
    """Lines with a mark of the same form before them, three or more, wherever they stand."""
    forms: dict[tuple[bool, str], list[re.Match[str]]] = {}
    for found in _ENTRY.finditer(text):
        letters = re.sub(r"[\d\W]+.*", "", found["mark"])
        forms.setdefault((bool(found["end"]), letters.lower()), []).append(found)
    yield from (entries for entries in forms.values() if len(entries) >= _FEWEST)


def _counts(entries: Iterable[re.Match[str]]) -> bool:
    """Whether the marks are only the numbers of the entries: one more each."""
    marks = [entry["mark"] for entry in entries]
    return all(map(str.isdigit, marks)) and all(int(b) == int(a) + 1 for a, b in pairwise(marks)) and int(marks[0]) < 2


def _are_times(entries: Iterable[re.Match[str]]) -> bool:
    """Whether the marks are times of day, one later than the other, on whole five minutes: "0830", "0850"."""
    marks = [entry["mark"] for entry in entries]
    return all(map(_TIME.fullmatch, marks)) and marks == sorted(marks)


def _figure(entry: re.Match[str]) -> int:
    """Where the mark of an entry begins, behind the word of a bed: "Bed 3", but "K12"."""
    word = _WORD_OF_BED.match(entry["mark"])
    return entry.start("mark") + (word.end() if word else 0)


def _are_rooms(entries: Iterable[re.Match[str]]) -> bool:
    """Whether the marks are rooms of one floor: three or four digits that differ in the last two."""
    floors = {re.sub(r"\D", "", entry["mark"])[:-2] for entry in entries}
    return len(floors) == 1 and len(floors.pop()) in {1, 2}


def _person(text: str, entry: re.Match[str], names: Mapping[int, int], language: str) -> tuple[int, int] | None:
    """Where the person of an entry stands: a name that was found at its beginning, or one of a form that says so."""
    title = _TITLE.match(text, entry.start("rest"))
    starts = sorted({entry.start("rest"), title.end() if title else entry.start("rest")})
    named = [(start, names[start]) for start in starts if start in names]
    forms = [form for start in starts if (form := _PERSON.match(text, start))]
    told = [form.span() for form in forms if not _is_common(form[0], language)]
    return max([*named, *told], key=lambda place: place[1] - place[0], default=None)


def _first(text: str, entry: re.Match[str], language: str) -> tuple[int, int] | None:
    """The first word of an entry in a list of people, if it may be a name."""
    title = _TITLE.match(text, entry.start("rest"))
    word = _FIRST.match(text, title.end() if title else entry.start("rest"))
    if word is None or word[0].islower() or len(word[0]) < 3 or _is_common(word[0], language):
        return None
    return word.span()


def _is_common(written: str, language: str) -> bool:
    """Whether every word is one of the language, of medicine, or an eponym; a name that is a word too is none."""
    known = joined("clinical_words", "function_words", language=language)
    medicine = terms("acronym", "drug", "organism", "eponym", "device")
    return all(fold(word) in known or fold(word) in medicine for word in re.findall(r"[^\W\d_]{2,}", written))


def _is_label(written: str, language: str) -> bool:
    """Whether what stands before a colon is a word, and nobody who speaks."""
    plain = fold(written)
    return _is_common(written, language) or (language == "en" and is_familiar(plain) and not is_also_name(plain))
