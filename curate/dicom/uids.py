"""UIDs: what is registered for everybody stays, whatever could name an instance, a device or a site is replaced.

Registered is what PS3.6 Table A-1 lists under 1.2.840.10008 (SOP classes, transfer syntaxes, coding schemes, well-known
frames of reference, context groups), newer entries included: those have short components, so no date fits into one.
"""

import re
from collections.abc import Callable

from pydicom.uid import UID_dictionary

_VALID = re.compile(r"(?=.{1,64}$)(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+")
_REGISTERED = re.compile(r"1\.2\.840\.10008(?:\.\d{1,4}){2,10}")
_CODING_SYSTEM = re.compile(r"2\.16\.840\.1\.113883\.6\.\d{1,4}")  # HL7's register of coding systems


def is_valid(uid: str) -> bool:
    """Whether a UID keeps PS3.5 section 9.1: digits and dots, no leading zeros, at most 64 characters."""
    return _VALID.fullmatch(uid) is not None


def is_registered(uid: str) -> bool:
    """Whether a UID is a definition that everybody shares."""
    return uid in UID_dictionary or any(each.fullmatch(uid) for each in (_REGISTERED, _CODING_SYSTEM))


def remap(uid: str, replace: Callable[[str], str], *, retain: bool = False) -> str:
    """Replace a UID unless it is registered; with `retain`, only what is no UID at all. Empty stays empty."""
    uid = uid.strip(" \0")
    if not uid or is_registered(uid) or (retain and is_valid(uid)):
        return uid
    return replace(uid)
