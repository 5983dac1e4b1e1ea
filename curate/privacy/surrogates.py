"""Keyed surrogates: the same value under the same key gets the same replacement; another key shares nothing.

HMAC-SHA-256 (RFC 2104) under sub-keys drawn by HKDF (RFC 5869), one per domain and type, from the 256-bit workspace
key. Nothing is stored: a surrogate is computed again whenever it is needed, in any process and any order.
"""

import hmac
import re
import unicodedata
from base64 import b32encode
from datetime import date, timedelta
from functools import lru_cache
from itertools import zip_longest

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_WEEKS, MAX_WEEKS = 52, 520  # the shift of dates goes back by one to ten years
_ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "ei", "io")
_CODAS = ("n", "l", "r", "s", "t", "k", "m", "v")
NAME_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


@lru_cache(maxsize=64)
def subkey(key: bytes, purpose: str) -> bytes:
    """Draw the 256-bit key of one purpose, such as "uid" or "patient", from the workspace key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"radcurate/1/{purpose}".encode()).derive(key)


def digest(key: bytes, purpose: str, *parts: str) -> bytes:
    """The 32 keyed bytes of a value; parts are joined so that no two lists of parts collide."""
    message = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.digest(subkey(key, purpose), message.encode("utf-8", "surrogatepass"), "sha256")


# Letters with a stroke, and the Turkish ones, that Unicode does not decompose
_UNDECOMPOSED = str.maketrans("łŁđĐøØħĦŧŦı", "lLdDoOhHtTi")


def fold(text: str) -> str:
    """Lower case without diacritics: "Müller" and "MULLER" are one name, and so are "Łuczak" and "Luczak"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).translate(_UNDECOMPOSED)
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()


def pseudonym(key: bytes, patient_id: str, issuer: str = "") -> str:
    """The patient key: 32 hexadecimal digits from PatientID (0010,0020) and its issuer (0010,0021)."""
    return digest(key, "patient", fold(issuer).strip(), fold(patient_id).strip()).hex()[:32]


def opaque(key: bytes, kind: str, value: str) -> str:
    """An opaque id for anything that must be named outside: 20 hexadecimal digits."""
    return digest(key, f"opaque/{kind}", value).hex()[:20]


def share_of(key: bytes, purpose: str, value: str) -> float:
    """A number from 0 up to 1 that a value has for a purpose: those below a share are a keyed sample of that size."""
    return int.from_bytes(digest(key, f"share/{purpose}", value)[:8]) / 2**64


class Surrogates:
    """The replacements of one patient; UIDs and identifiers are the same for all patients of a release.

    key: 32 bytes. patient: the patient's pseudonym. uid_root: "2.25" (UUID form, PS3.5 B.2) or an own root.
    """

    __slots__ = ("_key", "_patient", "_uid_root", "offset")

    def __init__(self, key: bytes, patient: str, uid_root: str = "2.25") -> None:
        self._key, self._patient, self._uid_root = key, patient, uid_root
        drawn = int.from_bytes(digest(key, "date", patient)[:8])
        self.offset = timedelta(weeks=-(MIN_WEEKS + drawn % (MAX_WEEKS - MIN_WEEKS + 1)))

    def __repr__(self) -> str:
        return "<Surrogates>"

    def opaque(self, kind: str, value: str) -> str:
        """An opaque id, as `opaque`, of what is this patient's."""
        return opaque(self._key, kind, value)

    def uid(self, uid: str) -> str:
        """A valid UID (PS3.5 section 9) of at most 64 characters, one for one."""
        return _uid(self._key, self._uid_root, uid.strip(" \0"))

    def identifier(self, value: str) -> str:
        """Replace an ID: 13 characters A-Z and 2-7, a letter first; case and separators do not matter."""
        plain = "".join(each for each in fold(value) if each.isalnum()) or value
        return "R" + b32encode(digest(self._key, "id", plain))[:12].decode()

    def name_token(self, token: str) -> str:
        """Replace one part of a person's name in the case it was written in; an initial becomes an initial."""
        made = _pronounceable(digest(self._key, "name", self._patient, fold(token)))
        if len(token.rstrip(".")) == 1:
            made = made[0]
        return made.upper() if token.isupper() else made if token.islower() else made.capitalize()

    def name_text(self, text: str) -> str:
        """Replace every part of a name as it stands in text; order, punctuation and case stay."""
        return NAME_TOKEN.sub(lambda found: self.name_token(found[0]), unicodedata.normalize("NFC", text))

    def person_name(self, name: str) -> str:
        """Replace a DICOM person name (PN) by "Family^Given", from the first component group that says something."""
        groups = [group for group in unicodedata.normalize("NFC", name).split("=") if group.strip("^ ")]
        if not groups:
            return ""
        tokens = [NAME_TOKEN.findall(component) for component in groups[0].split("^")[:2]]
        parts = ["-".join(self.name_token(token.lower()).capitalize() for token in found[:2]) for found in tokens]
        return "^".join(parts).rstrip("^") or self.name_token(fold(groups[0])).capitalize()

    def shift(self, day: date) -> date:
        """Move a date by the patient's offset: whole weeks, backwards; intervals and weekdays stay."""
        try:
            return day + self.offset
        except OverflowError:
            return date.min


@lru_cache(maxsize=65536)
def _uid(key: bytes, root: str, uid: str) -> str:
    number = int.from_bytes(digest(key, "uid", uid)[:16])
    made = f"{root}.{number}"
    return made[:64].rstrip(".")


def _pronounceable(drawn: bytes) -> str:
    """A word of three syllables that reads like a name and is nobody's: about 2**29 of them."""
    syllables = [
        _ONSETS[onset % len(_ONSETS)] + _VOWELS[vowel % len(_VOWELS)]
        for onset, vowel in zip_longest(drawn[0:8:2], drawn[1:8:2])
    ]
    return "".join(syllables[:3]) + _CODAS[drawn[6] % len(_CODAS)] + _VOWELS[drawn[7] % 5] + _CODAS[drawn[8] % 8]
