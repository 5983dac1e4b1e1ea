"""What systems wrote into a text: HL7 version 2 segments, where a field's place tells what it holds, and XML elements.

HL7 v2.5.1, chapters 2, 3, 4 and 7; elements of CDA R2 (EN, AD), FHIR (HumanName, Address) and KMEHR.
"""

import re
from collections.abc import Iterator

from curate.records import Span
from curate.text.sparse import Sparse

_NEXT = r"[ \t](?:MSH|PID|NK1|PV1|ORC|OBR|OBX|NTE|ZDS)\|"
_SEGMENT = Sparse(rf"(?<![A-Za-z0-9|^])(?P<name>MSH|PID|NK1|PV1|ORC|OBR|OBX)(?P<rest>\|(?:(?!{_NEXT})[^\n\r])*)")
_FIELD = re.compile(r"\|([^|\n\r]*)")
_GIVER = re.compile(
    r"(?<=[|~])[^^~|\n]*\^[^^~|\n]*\^[^^~|\n]*\^"
    r"(?!(?:NHS|SSA|MRN|KIS|PAS|ISO|PI|PT|NHC|CIP|INS|DNI|RUT|KVNR|AHV|IPP|NIR)\b)([A-Za-z]\w{1,19})"
)  # CX.4: who gave the number
_FIELDS = {
    "MSH": {4: "INSTITUTION", 6: "INSTITUTION", 10: "ID"},
    "PID": {
        2: "ID", 3: "ID", 4: "ID", 5: "NAME", 6: "NAME", 7: "DATE", 9: "NAME", 11: "ADDRESS", 13: "PHONE", 14: "PHONE",
        18: "ID", 19: "ID", 20: "ID",
    },
    "NK1": {2: "NAME", 4: "ADDRESS", 5: "PHONE", 6: "PHONE"},
    "PV1": {3: "LOCATION", 7: "NAME", 8: "NAME", 9: "NAME", 17: "NAME", 19: "ID"},
    "ORC": {2: "ID", 3: "ID", 10: "NAME", 11: "NAME", 12: "NAME"},
    "OBR": {2: "ID", 3: "ID", 10: "NAME", 16: "NAME", 17: "PHONE", 28: "NAME", 32: "NAME", 33: "NAME", 34: "NAME"},
    "OBX": {16: "NAME"},
}  # fmt: skip


_ELEMENT = Sparse(
    r"<(?:(?P<name>(?i:(?:family|first|last|given|middle|maiden)_?name|family|given|surname))"
    r"|(?i:street(?:name|address|addressline)?|house_?number|city|postal_?code|zip))\b[^<>]{0,60}>"
    r"(?P<value>[^<>\n]{1,60})</"
)


def find(text: str) -> Iterator[Span]:
    """What identifies somebody in segments and elements of `text` (plain, see view.py); empty fields stay."""
    for found in _ELEMENT.finditer(text):
        yield Span(*found.span("value"), "NAME" if found["name"] else "ADDRESS", "segment", 0.95)
    if "|" not in text:
        return
    for found in _SEGMENT.finditer(text):
        yield from _fields(text, found["name"], *found.span("rest"))


def _fields(text: str, name: str, start: int, end: int) -> Iterator[Span]:
    number = 1 if name == "MSH" else 0  # the first separator is a field of MSH
    for field in _FIELD.finditer(text, start, end):
        number += 1
        label = _FIELDS[name].get(number)
        value = field[1].strip(" ^")
        value = value.partition("^")[0] if label == "ID" else value  # its other parts say who gave it (CX, EI)
        if label and re.search(r"[^\W_]{2}", value):
            at = field.start(1) + field[1].index(value)
            yield Span(at, at + len(value), label, "segment", 0.95)
        for giver in _GIVER.finditer(text, *field.span(1)) if label == "ID" else ():
            yield Span(*giver.span(1), "INSTITUTION", "segment", 0.9)
