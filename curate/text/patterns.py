"""What is recognised by its shape or by the label before it: dates, IDs, phones, addresses of the network, high ages.

Patterns are verbose regular expressions; each is linear: repeats are bounded and no two of them share a character.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from curate.records import Span
from curate.text import corrected, dates, days, insurers, national, places, segments, spelled
from curate.text.figures import REGISTERED
from curate.text.lexicon import alternatives, table
from curate.text.sparse import Sparse

_NO_UNIT = r"(?!\s?(?:mm|cm|ml|mL|kg|mg|HU|ms|msec|Hz|kV|mA|mCi|MBq|%|x\s?\d|cc|mGy|mSv|counts|images|degrees)\b)"

# Numbers of trials, papers and terms are nobody's
_NO_REGISTRY = (
    r"(?!(?:NCT|ISRCTN|DRKS|UMIN|ACTRN|PMC)\d{6}) (?<!PMID[ ]) (?<!PMID:[ ]) (?<!SNOMED[ ]) (?<!SCTID[ ])"
    r" (?<!CT[ ]code[ ])"
)
# What is no telephone: T1 (range 950-1050), b50-800-1400
_NO_RANGE = (
    "(?!(?:"
    + "|".join(rf"(?<={each}[ ])" for each in ("range", "reference", "referencia", "local", "yours", "normal"))
    + r")[89]\d\d-1[0-4]\d\d\b) (?<!b\d\d-) (?<!b[ ]\d\d-)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A labelled pattern; what its group "value" matches is found."""

    label: str
    rule: str
    pattern: Sparse
    score: float = 0.9


def find(text: str) -> Iterator[Span]:
    """All structured identifiers in `text` (plain, see view.py); spans may overlap."""
    for start, end in dates.find(text):
        yield Span(start, end, "DATE", "date", 0.95)
    for start, end in days.find(text):
        yield Span(start, end, "DATE", "day", 0.8)
    for shape in shapes():
        for found in shape.pattern.finditer(text):
            yield Span(*found.span("value"), shape.label, shape.rule, shape.score)
    yield from national.find(text)
    yield from places.find(text)
    yield from segments.find(text)
    yield from spelled.find(text)
    yield from corrected.find(text)
    yield from insurers.find(text)


@cache
def shapes() -> tuple[Shape, ...]:
    """The patterns, compiled once per process."""
    return (*_identifiers(), *_devices(), *_phones(), *_network(), *_ages())


def _verbose(pattern: str, flags: int = 0) -> Sparse:
    return Sparse(pattern, re.VERBOSE | flags)


def _identifiers() -> Iterator[Shape]:
    cues = alternatives(table("id_cues"))
    value = r"""
        (?: (?:LOT|SN|No\.?|[a-z]?[A-Z]{1,4}(?=[ ]\d\d[\d\-]\d)) [ ] )?      # a prefix apart
        (?=[A-Za-z\-/.]{0,9}\d) (?!C\d{1,2}D\d{1,2}\b)              # a digit near the start; no day of a cycle
        [A-Za-z0-9] (?: [A-Za-z0-9] | [\-/_.](?=[A-Za-z0-9]) | [ ](?=\d{2,}\b(?![/.:]\d)) ){2,31}
    """
    yield Shape("ID", "id", _verbose(
        rf"(?<![\w-]) (?i:{cues}) (?!\w) (?:[ ]?|[ .]{{3,40}})"
        r"(?:[ ]?(?:ending|ends)(?:[ ]in)?[ ])?(?:\((?:last[ ])?(?:4|four)\)[ ]?)?"
        rf"(?:[:\#.=]|no\b|is\b|number\b){{0,4}} [ ]{{0,4}} \#? (?P<value>{value})",
        re.ASCII,
    ))  # fmt: skip
    yield Shape("ID", "id", _verbose(
        r"(?:\b(?i:mrn|acc|accession)|\#) [ ]? [:\#]{0,2} [ ]? (?P<value>[A-Za-z]{0,4}\d[\w\-]{2,24})"
    ))  # fmt: skip
    shapes = r"""
        \d{3}-\d{2}-\d{4}                                        # United States social security number
      | [A-Z]{2,5}\#\d{4,12} | \d?[A-Z]{1,5}-?\d{2,8}-\d{3,}(?:-\d+)? | [A-Z]{1,5}\d{6,}(?:-\d+)? | [A-Z]{2,5}-\d{5,}
      | \d{2,3}-\d{3}-\d{4,6} | (?!(?:19|20)\d\d-(?:19|20)\d\d)\d{4}-\d{4}  # no span of years
      | [A-Z]\d{3}-\d{4}-\d{4} | \d{3}[ ]\d{3}[ ]\d{4} | \d{7,20}
    """
    # how VistA heads a report
    yield Shape(
        "ID", "id", _verbose(r"\((?i:case)[ ](?P<value>\d{1,6})[ ](?i:complete|cancell?ed|registered|examined)\)")
    )
    yield Shape("ID", "id", _verbose(  # what somebody's things lie in
        rf"\b(?i:locker|envelope|mailer|pigeonhole|(?:film|record)[ ]jacket|token)[ ](?:(?i:no)\.?[ ]|\#)?"
        rf"(?P<value>\d{{1,5}}[A-Za-z]?)\b {_NO_UNIT}"
    ))  # fmt: skip
    alone = rf"(?<![\w.\-/]) {_NO_REGISTRY} (?P<value>{shapes}) (?![\w]|[.]\d) {_NO_UNIT}"
    yield Shape("ID", "shape", _verbose(alone), 0.6)
    yield Shape(
        "UID", "uid", _verbose(rf"(?<![\w.]) (?!{REGISTERED}) (?P<value>[0-2](?:\.(?:0|[1-9]\d*)){{5,}}) (?!\w)")
    )  # PS3.5 section 9


def _devices() -> Iterator[Shape]:
    """Numbers of implants and vehicles."""
    yield Shape("ID", "udi", _verbose(
        r"(?P<value>\(01\)\d{14} (?:[ ]?\((?:1[017]|2[01]|240|30)\)[ ]?[\w\-./]{1,20}){0,5})"  # GS1 (21 CFR 830)
    ))  # fmt: skip
    yield Shape("ID", "udi", _verbose(
        r"(?<![\w+])(?P<value>\+[A-Z][A-Z\d]{3}[A-Z\d]{2,18}(?:/\$?[\w+$/.\-]{2,40})?)"  # HIBC (ANSI/HIBC 2.6)
    ))  # fmt: skip
    yield Shape("ID", "plate", _verbose(r"""
        \b(?i:plate|tag|rego|vrm|vrn|vehicle|reg(?:istration)?|car) (?:[ ](?i:reg|plate|no\.?|number)){0,2}
        [ :\#]{1,3} (?P<value> (?=[A-Z\d\- ]{0,7}\d) (?=[\d\- ]{0,4}[A-Z])
                     [A-Z\d]{1,4}[ \-]?[A-Z\d]{2,5} (?:[ ][A-Z\d]{2,4})? )\b
    """))  # fmt: skip
    yield Shape("ID", "login", _verbose(  # "verified by SMITHJ3"
        r"\b(?i:(?:verified|validated|signed|dictated|entered|approved|typed|transcribed|reviewed|scanned|released)"
        r"[ ]by)[ :]{1,2}(?P<value>[A-Z]{4,12}\d{1,3})\b"
    ))  # fmt: skip
    yield Shape("ID", "login", _verbose(
        r"\b(?i:log-?in|user(?:[ ]?name|[ ]?id)|logged[ ]in[ ]as)[ ]?[:=]?[ ]{1,2}"
        r"(?P<value>(?=[\w.\-]{0,30}[\d._])[\w.\-]{3,30}\w)"
    ))  # fmt: skip


def _phones() -> Iterator[Shape]:
    extension = r"""(?:,?[ ]?(?:ext\.?|x|extension|local|loc\.?|poste|anexo|interno|int\.?|DW|Durchwahl)
                       [ ]?[.:]?[ ]?\d{1,6})?"""
    shapes = rf"""
        \+\d (?:[ ().\-/]{{0,2}}\d){{7,14}} {extension}          # international (ITU-T E.123)
      | \(\d{{2,5}}\)[ \-]?\d{{3,4}}[ .\-]?\d{{3,5}} {extension}
      | \d{{3}}[ .\-/]\d{{3}}[ .\-]\d{{4}} {extension} | 1-\d{{3}}-\d{{3}}-\d{{4}}
      | 0\d{{2,4}}[ \-/]\d{{3,4}}[ \-]?\d{{3,5}} | \d{{3}}-\d{{4}} | x\d-?\d{{3,4}}
      | 0\d{{4}}[ ]\d{{6}} | \+\d{{1,3}}[ ]?\(0\)[ ]?\d{{2,5}}(?:[ ]\d{{3,4}}){{1,3}}
    """
    yield Shape("PHONE", "phone", _verbose(rf"(?<![\w.+]) {_NO_RANGE} (?P<value>{shapes}) (?![\w]|[.\-]\d) {_NO_UNIT}"))
    called = r"\b(?:(?=pager[ ]\d) | (?i:pager?|beeper|bleep|pgr)[ ]?[:\#]?[ ]?)"
    yield Shape("PHONE", "pager", _verbose(rf"{called} (?P<value>(?:pager[ ])?\d[\d\-]{{2,7}})\b"))
    yield Shape("PHONE", "phone", _verbose(r"""
        \b(?i:rang|ring|phoned?|call(?:ed|s)?|bleep(?:ed)?|text(?:ed)?|dial(?:led)?|reach(?:ed|able)?|contact(?:ed|able)?)
        \b [^.;\n\d]{0,40}? [ ](?:on|via)[ ] (?P<value>\d[\d\- ]{2,12}\d)\b
    """))  # fmt: skip
    cue = r"""
        (?: phone|telephone|tel|mobile|cell|fax|pager|pgr|direct[ ]line|paged?|bleep|beeper|extension|ext
          | call(?:ed)?(?:[ ]back)?[ ](?:at|on) | contact(?:able)?(?:[ ](?:at|on))? )
    """
    yield Shape("PHONE", "phone", _verbose(rf"""
        \b(?i:{cue}) [ ]? [.:\#]{{0,2}} [ ]{{0,3}} (?:(?:no|number)[.:]?[ ])?
        (?P<value> (?:\(\d{{2,5}}\)[ ]?|\+)? \d[\d \-]{{1,18}}\d {extension} ) {_NO_UNIT}
    """))  # fmt: skip


def _network() -> Iterator[Shape]:
    yield Shape("EMAIL", "email", _verbose(r"(?P<value>[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,5})"))
    yield Shape("EMAIL", "email", _verbose(  # as it is dictated
        r"\b(?P<value>[\w.\-]{2,40}[ ](?:at[ ][\w\-]{2,40}(?:[ ]dot[ ][\w\-]{2,20}){1,3}"
        r"|arroba[ ][\w\-]{2,40}(?:[ ]punto[ ][\w\-]{2,20}){1,3}|arobase[ ][\w\-]{2,40}(?:[ ]point[ ][\w\-]{2,20}){1,3}"
        r"|(?:at|ät)[ ][\w\-]{2,40}(?:[ ]punkt[ ][\w\-]{2,20}){1,3}))\b"
    ))  # fmt: skip
    yield Shape("URL", "url", _verbose(
        r"(?P<value>(?:\b(?:https?|ftp|file|dicom)://|\bwww\.|\\\\(?!\.br))[^\s<>\"'\])]{3,200}[^\s<>\"'\]).,;])"
    ))  # fmt: skip
    yield Shape("URL", "path", _verbose(r"(?<!\w)(?P<value>[A-Za-z]:\\[^\s<>\"'|]{2,200})"))
    host = r"(?:[a-z\d][a-z\d\-]{1,40}\.)"
    yield Shape("URL", "host", _verbose(
        rf"(?<![\w@.\-]) (?P<value>{host}{{1,3}}(?:com|org|net|edu|gov|example|health|co\.uk|nhs\.uk|ac\.uk)"
        rf"|{host}{{2,3}}(?:uk|de|fr|es|ch|at|be|ca|au|nz|in|ie|mx|ar|cl|co|pe|it|eu|info"
        r"|bo|uy|py|ec|gt|cu|do|cr|pa|ve|pt|lu|ma|dz|tn|sn|jp|za|sg|my|ae)) (?![\w\-]|\.\w)"
    ))  # fmt: skip
    byte, start = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)", r"(?<![\d.vV]) (?=\d{1,3}\.\d{1,3}\.)"
    start += "".join(rf"(?<!{each}[ ])" for each in ("oftware", "ersion", "irmware", "elease", "uild"))
    yield Shape("URL", "ip", _verbose(rf"{start} (?P<value>(?:{byte}\.){{3}}{byte}) (?!\d|\.\d)"), 0.6)


def _ages() -> Iterator[Shape]:
    """Ages over 89 (45 CFR 164.514(b)(2)(i)(C)), in digits and in words."""
    ones = "(?:one|two|three|four|five|six|seven|eight|nine)"
    spelt = rf"(?:ninety(?:-{ones})?|(?:(?:one|a)[ ])?hundred(?:[ ]and[ ]{ones})?)"
    old = r"(?:9\d|1[0-4]\d)"
    unit = r"(?:years?|yrs?|y/?o|y\.o|yo)\b"
    yield Shape("AGE", "age", _verbose(
        rf"(?<![\w\-.]) (?P<value>{old}|{spelt}) (?=[ \-]{{0,2}}{unit} (?!s?[ ](?:ago|history|supply)))", re.IGNORECASE
    ))  # fmt: skip
    yield Shape("AGE", "age", _verbose(rf"(?<![\w\-.]) (?P<value>{old}) (?=[ ]?(?:[MF]|male|female|man|woman)\b)"))
    yield Shape("AGE", "age", _verbose(rf"(?<![\w\-.]) (?P<value>{old}) (?=[ ]?y[fmFM]?\b)"))
    yield Shape("AGE", "age", _verbose(r"(?<!\w) (?P<value>(?:09\d|1[0-4]\d)Y) (?!\w)"))  # AS (PS3.5, 6.2)
    yield Shape("AGE", "age", _verbose(rf"\bage[ds]?[: ]{{1,3}}(?:of[ ])?(?P<value>{old})\b", re.IGNORECASE))
    yield Shape("AGE", "age", _verbose(
        r"\b(?P<value>(?:nineties|nonagenarian|centenarian|supercentenarian|90s|90's|90\+))(?!\w)", re.IGNORECASE
    ))  # fmt: skip
