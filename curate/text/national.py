"""Numbers that states give to persons: by shape where the shape is rare, otherwise by shape and check digit.

Ten bare digits with a good check digit are one in eleven of all ten digits: what has no shape of its own needs a cue
(data/id_cues.csv). Sources: NHS Data Dictionary (NHS NUMBER), 42 CFR 435 / SSA ranges, INSEE (NIR), BZSt (Steuer-ID),
Real Decreto 1553/2005 (DNI), HMRC NIM39110 (NINO), Receita Federal (CPF), ISO 13616 (IBAN), ISO/IEC 7812, CMS (MBI),
UPU S10 (parcels).
"""

import re
from collections.abc import Callable, Iterator

from curate.records import Span
from curate.text.sparse import Sparse

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def find(text: str) -> Iterator[Span]:
    """National numbers in `text` (plain, see view.py)."""
    for found in _SHAPES.finditer(text):
        kind = found.lastgroup or ""
        written = "".join(filter(str.isalnum, found[0])).upper()
        if _CHECKS.get(kind, bool)(written):
            yield Span(*found.span(), "ID", "national", 0.85)


def _digits(written: str) -> list[int]:
    return [int(each) for each in written]


def is_nhs(number: str) -> bool:
    """Modulo 11 over ten digits (NHS Data Dictionary)."""
    digits = _digits(number)
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True)) % 11
    return check % 11 == digits[9]


def is_ssn(number: str) -> bool:
    """Areas and groups that are given out (SSA: no 000, 666, 900-999; no group 00, no serial 0000)."""
    return number[:3] not in {"000", "666"} and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


def is_nir(number: str) -> bool:
    """97 less the rest of thirteen digits by 97; Corsica's departments as 19 and 18 (INSEE)."""
    plain = number.replace("2A", "19").replace("2B", "18")
    return plain.isdigit() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def is_steuer_id(number: str) -> bool:
    """ISO 7064 modulo 11, 10 over eleven digits."""
    product = 10
    for digit in _digits(number[:10]):
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[10])


def is_dni(number: str) -> bool:
    """The letter is the rest by 23; X, Y and Z of a foreigner's number stand for 0, 1 and 2."""
    plain = number.translate(str.maketrans("XYZ", "012", ""))[:8] + number[8:]
    return plain[:8].isdigit() and _DNI_LETTERS[int(plain[:8]) % 23] == plain[8]


def is_luhn(number: str) -> bool:
    """ISO/IEC 7812-1 Annex B."""
    doubled = [sum(divmod(digit * 2, 10)) for digit in _digits(number[-2::-2])]
    return (sum(_digits(number[-1::-2])) + sum(doubled)) % 10 == 0


def is_iban(number: str) -> bool:
    """ISO 13616: modulo 97 with letters as numbers from 10."""
    moved = number[4:] + number[:4]
    return int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def may_be_iban(number: str) -> bool:
    """Whether a number is an IBAN, or has its shape with nothing but digits, mistyped: nobody's number has that."""
    return number[4:].isdigit() or is_iban(number)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "nhs": is_nhs,
    "ssn": is_ssn,
    "nir": is_nir,
    "steuer": is_steuer_id,
    "dni": is_dni,
    "card": is_luhn,
    "iban": may_be_iban,
}
_SHAPES = Sparse(
    r"""
    (?<![\w.\-/]) (?:
        (?P<ssn> \d{3}[ ]\d{2}[ ]\d{4} )
      | (?P<nhs> \d{3}-\d{3}-\d{4} )
      | (?P<nir> [12][ ]?\d\d[ ]?(?:0[1-9]|1[0-2]|[2-9]\d)[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d )
      | (?P<steuer> [1-9]\d[ ]\d{3}[ ]\d{3}[ ]\d{3} )
      | (?P<dni> (?:\d{8}|[XYZ]-?\d{7})-?[A-Z] )
      | (?P<nino> [A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ ]?\d\d){3}[ ]?[A-D] )
      | (?P<cpf> \d{3}\.\d{3}\.\d{3}-\d\d )
      | (?P<ahv> 756\.\d{4}\.\d{4}\.\d\d )
      | (?P<mbi> [1-9](?![SLOIBZ])[A-Y][A-Y\d]\d-?[A-Y][A-Y\d]\d-?[A-Y]{2}\d\d )
      | (?P<card> \d{4}(?:[ \-]\d{4}){3} )
      | (?P<parcel> [A-Z]{2}(?:[ ]?\d){9}[ ]?[A-Z]{2} )
      | (?P<iban> [A-Z]{2}\d\d(?:[ ]?[A-Z\d]{4}){2,7}(?:[ ]?[A-Z\d]{1,3})? )
    ) (?![\w]|[.\-]\d)""",
    re.VERBOSE,
)
