"""HL7 v2 messages: one or many in a file, with or without MLLP framing, divided as chapter 2 of the standard says.

The parsers that there are were measured and not taken: python-hl7 needs 30 s and 1 GB for a message of 10 MB, and its
`unescape` writes the value of a field into the log. A test holds this one to what that one reads.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from curate.errors import Reason, Rejected
from curate.sources.values import decode

_FRAMING = "\x0b\x1c\x1e\x1f \t\n\r"
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_ENVELOPES = frozenset({"FHS", "BHS", "BTS", "FTS"})  # batches (2.10.3): what they enclose are messages all the same
# HL7 table 0211, as Python names them; UTF-8 is tried before
_CHARACTER_SETS = {
    **{f"8859/{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "8859/1": "cp1252",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "ISO IR87": "iso2022_jp",
    "UNICODE UTF-16": "utf-16",
}
_REPEATED = 20  # blank lines that one escape sequence may ask for


@dataclass(frozen=True, repr=False)
class Segment:
    """One segment: its name and its fields, counted from 1 as the standard does."""

    name: str
    fields: Sequence[str]
    marks: str

    def field(self, number: int) -> str:
        """A field as it stands, or empty."""
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[list[str]]:
        """The repetitions of a field, each as its components, unescaped; a field that says nothing has none."""
        raw = self.field(number)
        return [self.components(each) for each in raw.split(self.marks[2])] if raw.strip('"') else []

    def components(self, raw: str) -> list[str]:
        """The components of one repetition, unescaped; subcomponents stay joined."""
        return [unescape(each, self.marks).strip() for each in raw.split(self.marks[1])]

    def first(self, number: int, component: int = 1) -> str:
        """One component of the first repetition, its first subcomponent only."""
        found = self.field(number).split(self.marks[2], 1)[0].split(self.marks[1])
        raw = found[component - 1] if component <= len(found) else ""
        return unescape(raw.split(self.marks[4], 1)[0], self.marks).strip().strip('"')


@dataclass(frozen=True, repr=False)
class Message:
    """One message: its segments, with the marks of MSH-1 and MSH-2: field, component, repetition, escape, part."""

    segments: Sequence[Segment]

    @property
    def kind(self) -> str:
        """MSH-9.1, such as "ORU"."""
        return self.segments[0].first(9)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the segments that there are."""
        return frozenset(each.name for each in self.segments)

    def all(self, name: str) -> list[Segment]:
        """The segments of one name, in order."""
        return [each for each in self.segments if each.name == name]


def read_messages(stream: BinaryIO, limit: int) -> Iterator[Message | Reason]:
    """Yield each message of a file, or the reason why it is none: TOO_LARGE (bytes), MALFORMED, REPORT_UNDECODABLE."""
    for lines in _divided(stream, limit):
        if isinstance(lines, Reason):
            yield lines
            continue
        try:
            yield parse("\n".join(lines))
        except Rejected as refused:
            yield refused.reason


def _divided(stream: BinaryIO, limit: int) -> Iterator[list[str] | Reason]:
    """The segments of each message; bytes stand as Latin-1 until MSH-18 is known. A line that is none goes on."""
    held: list[str] = []
    size = 0
    for line in _lines(stream, limit):
        size += len(line)
        if line.startswith("MSH"):
            yield from _complete(held, size - len(line), limit)
            held, size = [line], len(line)
        elif size > limit:
            held = held[:1]
        elif held and line[:3] not in _ENVELOPES:
            held.append(line)
        elif line and line[:3] not in _ENVELOPES:
            held = [line]  # what comes before the first header is no message, and is told of as one
    yield from _complete(held, size, limit)


def _complete(lines: list[str], size: int, limit: int) -> Iterator[list[str] | Reason]:
    if lines:
        yield Reason.TOO_LARGE if size > limit else lines


def _lines(stream: BinaryIO, limit: int) -> Iterator[str]:
    """Lines of any ending, without framing; no more of one is held than the limit and a little."""
    text = io.TextIOWrapper(stream, encoding="latin-1", newline=None)
    first = True
    while line := text.readline(limit + 2):
        yield line.removeprefix("ï»¿").strip(_FRAMING) if first else line.strip(_FRAMING)
        first = False
    with suppress(ValueError):
        text.detach()


def parse(raw: str) -> Message:
    """A message from its lines, bytes as Latin-1. Raises Rejected: MALFORMED, REPORT_UNDECODABLE."""
    if not re.match(r"MSH[^\w\s]{2}", raw):
        raise Rejected(Reason.MALFORMED)
    marks = _marks(raw)
    header = raw.partition("\n")[0].split(marks[0])
    declared = header[17].split(marks[2])[0].strip() if len(header) > 17 else ""
    text = decode(raw.encode("latin-1"), _CHARACTER_SETS.get(declared, declared))
    return Message([_segment(line, marks) for line in _joined(text, marks[0])])


def _marks(raw: str) -> str:
    """Field, component, repetition, escape and subcomponent; those that MSH-2 leaves out are the usual ones."""
    written = raw[4:].split(raw[3], 1)[0][:4].strip()
    return raw[3] + written + "^~\\&"[len(written) :]


def _joined(text: str, mark: str) -> Iterator[str]:
    """The segments: a line that begins like none belongs to the one before it."""
    held: list[str] = []
    for line in text.split("\n"):
        if held and line[3:4] == mark and _SEGMENT.match(line):
            yield "\n".join(held)
            held = []
        held.append(line)
    yield "\n".join(held)


def _segment(line: str, marks: str) -> Segment:
    fields = line.split(marks[0])
    if fields[0] == "MSH":
        fields.insert(1, marks[0])
    return Segment(fields[0], fields, marks)


def unescape(raw: str, marks: str) -> str:
    """Text without escape sequences (2.7): marks, hexadecimal bytes and formatting; what is none stays as it is."""
    escape = marks[3]
    if escape not in raw:
        return raw
    parts = raw.split(escape)
    made, number = [parts[0]], 1
    while number < len(parts):
        meant = _meaning(parts[number], marks) if number + 1 < len(parts) else None
        made.append(escape + parts[number] if meant is None else meant + parts[number + 1])
        number += 1 if meant is None else 2
    return "".join(made)


def _meaning(sequence: str, marks: str) -> str | None:
    """What stands for the inside of an escape sequence; None when it is none."""
    plain = {"F": marks[0], "S": marks[1], "R": marks[2], "E": marks[3], "T": marks[4], "H": "", "N": ""}
    if sequence in plain:
        return plain[sequence]
    if sequence[:1] == "X" and len(sequence) % 2 and re.fullmatch(r"X[0-9A-Fa-f]+", sequence):
        return _bytes(sequence[1:])
    if command := re.fullmatch(r"\.(br|sp|ce|fi|nf|in|ti|sk)\+?-?(\d{0,4})", sequence):
        return _formatted(command[1], int(command[2] or 1))
    return "" if re.fullmatch(r"(?:C[0-9A-Fa-f]{4}|M[0-9A-Fa-f]{4,6})", sequence) else None


def _formatted(command: str, count: int) -> str:
    """Formatting commands (2.7.6) as blanks and line breaks."""
    if command in {"br", "sp", "ce"}:
        return "\n" * min(count, _REPEATED)
    return " " if command in {"sk", "in", "ti"} else ""


def _bytes(digits: str) -> str:
    """Hexadecimal bytes as text; line ends as one."""
    try:
        return decode(bytes.fromhex(digits)).replace("\r\n", "\n").replace("\r", "\n")
    except Rejected:
        return ""
