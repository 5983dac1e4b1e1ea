"""Figures that say nothing of anybody: a piece of a decimal, a score out of its total, a weight, a number in a word."""

import re

from curate.records import Span

# UIDs that DICOM registers, code systems, templates and value sets of HL7 (hl7.org/oid): no date fits into one
REGISTERED = (
    r"(?:1\.2\.840\.10008(?:\.\d{1,4}){2,10}|2\.16\.840\.1\.113883\.(?:5|6|10|11)(?:\.\d{1,4}){1,6})(?!\d|\.\d)"
)
_FIGURES = frozenset("0123456789.,x")
_LONGEST = 16  # of a size
_WHOLE = re.compile(r"\d{1,4}[.,]\d{1,2}|0[.,]\d{1,4}|\d{1,4}(?:[.,]\d{1,3})?(?:x\d{1,4}(?:[.,]\d{1,3})?)+")
_SHARE = re.compile(r"\d{1,3}/\d{1,3}")
_SCORE = re.compile(r"\b(?:score|index|scale|total|sum|points?|mmse|moca|gcs|edss|nihss)[ :=]{1,3}$", re.IGNORECASE)
_MEASURED = re.compile(
    r"(?:(?:HU|HE|UH)[ :=]{0,2}-?|(?:SUV\w{0,4}|ADC|EF|LVEF|FEV1|PSA|Hb|CRP|TE|TR|TI|FA|ETL|DLP)[ :=]{0,2})"
    r"\d{1,4}(?:[.,]\d{1,3})?"
)
_NTH = re.compile(  # "9th and 10th ribs": no days
    r"\d{1,2}(?:st|nd|rd|th)(?: (?:and|to|through|or) \d{1,2}th)?(?: [a-z]{4,12})? (?:ribs?|interspaces?|intercostal"
    r"|toes?|fingers?|digits?|metacarpals?|metatarsals?|rays?|nerves?|ventricle|percentile|centile)\b"
)
_NUMBERED = re.compile(  # the third day after an operation, a page, a level of care: neither a bed nor a day
    r"(?:POD|EE|DOL|(?:so |cycle )?days?|weeks?|wk|visit|cycle|pp?\.?|page|image|series|slice|grade|stage|phase|arm|"
    r"(?:activation|ED|trauma|care) level|iPad|model(?: \w+)?)[ .:#]{0,2}\d{1,3}",
    re.IGNORECASE,
)
_ACUITY = re.compile(r"\b(?:VA|Snellen|acuity|Ishihara|O[DSU]|[LR]E)\b[^\n]{0,24}$")  # 6/24, 20/60, 4/17
_VERSION = re.compile(r"v?\d{1,3}(?:\.\d{1,4}){1,4}[a-z]?")
_SOFTWARE = re.compile(r"\b(?:software|version|ver|release|firmware|build|sw)[ :.]{1,3}$", re.IGNORECASE)
_PROCEDURES = re.compile(  # of a bill (CPT)
    r"(?<![\w\-])(?=[\d, ]{5,40}-\d\d\b)\d{5}(?:-\d\d)?(?:, ?\d{5}(?:-\d\d)?)+(?![\w\-])"
)
_PAGE = re.compile(r"(?:^|\t| {2})\d/\d(?=\t| {2}|$)", re.MULTILINE)  # in a column of its own
_COUNTED = re.compile(r" (?:(?:wo)?men|people|patients|children|go|in every|per)\b")  # of them, and no age
_UNIT = re.compile(r"\s?(?:kg|lbs?|cm|mm|ml|mg|mcg|bpm|mmHg|kcal|mmol|IU|%)(?![A-Za-z])")
_CELL, _SIZE = re.compile(r" {2,}|\t|\||;"), re.compile(r"[+\-]?\d{1,3}(?:[.,]\d)?(?: ?(?:mm|cm|%))?(?: \([^()]*\))?")
_COLUMNS, _BESIDE = 3, 120  # figures; characters of a line that are looked at before and behind one
_WORDS = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty)",
    re.IGNORECASE,
)

_CATALOGUE = re.compile(  # of a maker, for all that it sells (EN ISO 15223-1, 5.1.6); a lot or a serial number follows
    r"\bREF[ :.]{1,5}(?P<number>[\w.\-/]{3,24})(?=[ ,;|\t/]{1,12}(?:LOT|Lot|lot|S/?N|batch|Batch|Charge|Ch\.-?B)\b)"
)


def is_catalogued(text: str, span: Span) -> bool:
    """Whether a span lies in a catalogue number of an implant: "REF 0580-1-441 LOT G8821077"."""
    line = text.rfind("\n", 0, span.start) + 1
    found = _CATALOGUE.search(text, max(line, span.start - 32), span.end + 20)
    return found is not None and found.start("number") <= span.start and span.end <= found.end("number")


def is_mere(text: str, guess: Span) -> bool:
    """Whether a model's guess in `text` is such a figure; what a rule found, or a name, is not for this to say."""
    written = text[guess.start : guess.end]
    if guess.label in {"NAME", "PHONE", "EMAIL", "URL"}:
        return guess.label != "NAME" and _is_billed(text, guess)
    if _is_billed(text, guess) or _is_version(text, guess):
        return True
    if guess.label == "AGE" and _COUNTED.match(text, guess.end):
        return True
    if guess.label == "DATE" and (_WORDS.fullmatch(written) or _is_score(text, guess) or _NTH.match(text, guess.start)):
        return True
    if _MEASURED.fullmatch(written) or (guess.label in {"DATE", "LOCATION"} and _NUMBERED.fullmatch(written)):
        return True
    torn = guess.label != "AGE" and _is_torn(text, guess)
    measured = guess.label == "LOCATION" and written.isdigit() and (_is_in_table(text, guess) or _is_page(text, guess))
    return torn or measured or (written.isdigit() and _UNIT.match(text, guess.end) is not None)


def _is_in_table(text: str, guess: Span) -> bool:
    """Whether this is one of three or more figures in the columns of a line, and not its first: a table of sizes."""
    before = text[max(0, guess.start - _BESIDE) : guess.start].rpartition("\n")[2]
    behind = text[guess.end : guess.end + _BESIDE].partition("\n")[0]
    cells = _CELL.split(before + text[guess.start : guess.end] + behind)
    return bool(before.strip(" |")) and sum(_SIZE.fullmatch(cell.strip()) is not None for cell in cells) >= _COLUMNS


def _is_page(text: str, guess: Span) -> bool:
    around = _PAGE.finditer(text, max(0, guess.start - 5), guess.end + 5)
    return any(found.start() <= guess.start and guess.end <= found.end() for found in around)


def _is_version(text: str, guess: Span) -> bool:
    written = _VERSION.fullmatch(text, guess.start, guess.end)
    return written is not None and _SOFTWARE.search(text, max(0, guess.start - 12), guess.start) is not None


def _is_billed(text: str, guess: Span) -> bool:
    """Whether all figures of a guess are those of procedures on a bill."""
    around = [found.span() for found in _PROCEDURES.finditer(text, max(0, guess.start - 40), guess.end + 40)]
    figures = [at for at in range(guess.start, guess.end) if text[at].isdigit()]
    return bool(figures) and any(all(start <= at < end for at in figures) for start, end in around)


def _is_score(text: str, guess: Span) -> bool:
    of = _SHARE.fullmatch(text, guess.start, guess.end)
    before = text[max(0, guess.start - 36) : guess.start]
    return of is not None and (_SCORE.search(before) or _ACUITY.search(before)) is not None


def _is_torn(text: str, guess: Span) -> bool:
    """Whether an end of the guess divides a decimal or a size: ".388" of "0.388", "51" of "51x18x17".

    No decimal has a hyphen beside it in the guess: "SL-240413-07,60-12278-9" are two cells of a row.
    """
    return any(
        (start < guess.start or end > guess.end)
        and _WHOLE.fullmatch(text, start, end) is not None
        and "-" not in text[max(guess.start, start - 1) : start] + text[end : min(guess.end, end + 1)]
        for start, end in (_run(text, guess.start), _run(text, guess.end - 1))
    )


def _run(text: str, at: int) -> tuple[int, int]:
    """Where the figures, points and times signs around a place begin and end; a point behind them ends a sentence."""
    start = end = at
    while start and at - start < _LONGEST and text[start - 1] in _FIGURES:
        start -= 1
    while end < len(text) and end - at < _LONGEST and text[end] in _FIGURES:
        end += 1
    return start, start + len(text[start:end].rstrip(".,"))
