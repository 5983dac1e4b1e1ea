"""Coded entries (PS3.3 section 8.8): a code of a public vocabulary is no text; its meaning is, unless the standard's.

Operators write names into CodeMeaning, and vendors whole sentences into private codes. So a value is kept only where
it can be nothing but a code, and a meaning only where it is word for word the meaning that PS3.16 gives the code.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from pydicom import Dataset
from pydicom.sr._concepts_dict import concepts

from curate.dicom import tables

# PS3.16 Table 8-1, those in use. "99..." and anything else is somebody's own.
PUBLIC_SCHEMES = frozenset({
    "ACR", "ASTM-sigpurpose", "BARI", "BI", "C4", "CD8", "DCM", "DCMUID", "FMA", "HPC", "I10", "I10P", "I9", "I9C",
    "IBSI", "ICD10", "ICD11", "ICDO3", "IETF4646", "ISO3166_1", "ISO5218_1", "ISO639_1", "ISO639_2", "ISO_OID",
    "ITIS_TSN", "LN", "MDC", "MDNS", "MSH", "NCDR", "NCDR [2.0b]", "NCIt", "NDC", "NEU", "NICIP", "POS", "PUBCHEM_CID",
    "RADELEMENT", "RADLEX", "RFC3066", "RXNORM", "SCT", "SNM3", "SRT", "SNM", "UCUM", "UMLS", "UNS", "99SDM",
})  # fmt: skip
_CODE = re.compile(r"(?=.{1,16}$)(?=.*\d)[A-Za-z]{0,4}[-./]?[A-Za-z]?[0-9][0-9A-Fa-f.\-/]*[A-Za-z]?")
_MDC = re.compile(r"\d{1,2}:\d{1,5}")
_UNIT = re.compile(r"[A-Za-z0-9%\[\]/.*^'\"_()+\-]{1,16}")
_WORD_CODE = re.compile(r"[A-Z]{1,3}")  # ISO countries and languages, RFC 3066
_VERSION = re.compile(r"(?=.{1,16}$)[A-Za-z]{0,2}\d[\d.\-_/]*[A-Za-z]?")
_WORDS = frozenset({"ISO3166_1", "ISO639_1", "ISO639_2", "RFC3066", "IETF4646", "POS"})


@cache
def meanings() -> frozenset[tuple[str, str, str]]:
    """Every (scheme, code, meaning) of PS3.16 that pydicom knows, and those of Table E.3.4-1."""
    shipped = cast("Mapping[str, Mapping[str, Mapping[str, tuple[str, object]]]]", concepts)
    known = {
        (scheme, code, meaning)
        for scheme, by_keyword in shipped.items()
        for by_code in by_keyword.values()
        for code, (meaning, _) in by_code.items()
    }
    return frozenset(known | {(scheme, code, row.name) for (scheme, code, _), row in tables.content_items().items()})


@cache
def _codes() -> frozenset[tuple[str, str]]:
    return frozenset((scheme, code) for scheme, code, _ in meanings())


def is_code(scheme: str, value: str) -> bool:
    """Whether `value`, under a coding scheme designator, can be nothing but an entry of a public vocabulary."""
    if scheme not in PUBLIC_SCHEMES:
        return False
    if value == scheme or (scheme, value) in _codes():
        return True
    if scheme == "UCUM":
        return _UNIT.fullmatch(value) is not None
    return any(each.fullmatch(value) for each in (_CODE, _MDC, *([_WORD_CODE] if scheme in _WORDS else [])))


def is_standard_meaning(scheme: str, code: str, meaning: str) -> bool:
    """Whether a CodeMeaning is word for word the standard's for a code."""
    return (scheme, code, meaning.strip()) in meanings()


def is_version(value: str) -> bool:
    """Whether a coding scheme version is a number or a date, with at most three letters, and so no text."""
    return _VERSION.fullmatch(value) is not None


def scheme_of(item: Dataset) -> str:
    """The coding scheme designator (0008,0102) of a coded entry, "" if it has none."""
    return text_of(item, 0x00080102)


def value_of(item: Dataset) -> str:
    """The code itself: CodeValue (0008,0100) or LongCodeValue (0008,0119)."""
    return text_of(item, 0x00080100) or text_of(item, 0x00080119)


def text_of(item: Dataset, tag: int) -> str:
    """The value of an attribute as text, without padding; "" if it is absent."""
    value = item[tag].value if tag in item else None
    return "" if value is None else str(value).strip(" \0")
