"""National identifiers of Germany, France and Spain, by their form and their check digits.

A number that only looks like one of these is left to the labels beside it; one whose check digit is right is no chance.
"""

import re
from collections.abc import Callable, Iterator

from curate.records import Span

_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def find(text: str) -> Iterator[Span]:
    """National identifiers in `text` (plain, see view.py) whose check digits are right, or whose form is enough."""
    for rule, (pattern, holds) in _KINDS.items():
        for found in pattern.finditer(text):
            if holds(re.sub(r"[\s.\-/]|clé", "", found[0]).upper()):
                yield Span(*found.span(), "ID", rule, 0.95)


def is_tax_number(number: str) -> bool:
    """Steuerliche Identifikationsnummer: 11 digits, ISO 7064 MOD 11,10; one of the first ten occurs again."""
    product = 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    repeated = sorted(number[:10].count(digit) for digit in set(number[:10]))
    return (11 - product) % 10 == int(number[10]) and repeated[-1] in {2, 3} and repeated[-2] == 1


def is_health_insurance_number(number: str) -> bool:
    """Krankenversichertennummer (KVNR): a letter, eight digits, and a check digit as in Luhn's, weights 1 and 2."""
    digits = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[9])


def is_pension_number(number: str) -> bool:
    """Rentenversicherungsnummer (VKVV § 4): area, day of birth, letter, serial number, check digit."""
    digits = number[:8] + f"{ord(number[8]) - 64:02d}" + number[9:11]
    products = (int(digit) * weight for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[11])


def is_nir(number: str) -> bool:
    """NIR (numéro de sécurité sociale): 13 digits and 97 minus their remainder by 97; Corsica writes 2A and 2B."""
    digits = number[:13].replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits) % 97 == int(number[13:])


def is_rpps(number: str) -> bool:
    """RPPS, the number of a French practitioner: 11 digits with Luhn's check digit (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(product // 10 + product % 10 for product in doubled) % 10 == 0


def is_dni(number: str) -> bool:
    """DNI or NIE: seven or eight digits and a letter, their remainder by 23 (Real Decreto 1553/2005)."""
    digits = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _SPANISH_LETTERS[int(digits) % 23] == number[-1]


def is_nass(number: str) -> bool:
    """NASS, the number of Spain's social security: province, eight digits, and their remainder by 97."""
    province, serial, check = number[:2], number[2:10], int(number[10:])
    whole = province + serial if int(serial) >= 10_000_000 else province + serial.lstrip("0").zfill(7)
    return int(whole) % 97 == check


def _has_its_form(_number: str) -> bool:
    """Belgium's numéro de registre national and Catalonia's CIP are like nothing else."""
    return True


_KINDS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "steuer_id": (re.compile(r"(?<![\w.,])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w,]|\.\d)"), is_tax_number),
    "kvnr": (re.compile(r"(?<!\w)[A-Z]\d{3} ?\d{3} ?\d{3}(?!\w)"), is_health_insurance_number),
    "rvnr": (re.compile(r"(?<!\w)\d{2} ?[0-3]\d[01]\d\d{2} ?[A-Z] ?\d{3}(?!\w)"), is_pension_number),
    "nir": (
        re.compile(r"(?<!\w)[12378] ?\d\d ?[0-9]\d ?(?:\d\d|2[ABab]) ?\d{3} ?\d{3} ?[-/]?(?:clé)? ?\d\d(?!\w)"),
        is_nir,
    ),
    "rpps": (re.compile(r"(?<![\w.,])[18]\d{10}(?![\w,]|\.\d)"), is_rpps),
    "niss": (re.compile(r"(?<![\w.])\d\d\.[01]\d\.[0-3]\d-\d{3}\.\d\d(?![\w.])"), _has_its_form),
    "cip": (re.compile(r"(?<!\w)[A-Z]{4} ?[01] ?\d{6} ?\d{2} ?\d(?!\w)"), _has_its_form),
    "dni": (re.compile(r"(?<!\w)(?:\d{1,2}\.?\d{3}\.?\d{3}|[XYZxyz][ \-]?\d{7})[ \-]?[A-Za-z](?!\w)"), is_dni),
    "nass": (re.compile(r"(?<![\w.,])\d\d[ /\-]?\d{8}[ /\-]?\d\d(?![\w,]|\.\d)"), is_nass),
}
