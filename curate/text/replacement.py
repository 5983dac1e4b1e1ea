"""What stands in place of an identifier: a surrogate under the workspace key, or a marker with its label.

A surrogate is keyed, so that the same name, number or place gets the same one throughout a patient's reports and
headers, and it never contains what it replaces. Hiding in plain sight lowers what a missed identifier gives away
(Carrell 2019, PMC6857511), as long as surrogates look like what they replace. Constant markers are what a model
remembers best of its reports (arXiv 2502.07516): under a key they have 24 forms and a code of the value.
"""

import re
from collections.abc import Callable

from curate.privacy.surrogates import Surrogates, fold
from curate.text import dates
from curate.text.lexicon import folded

TOP_AGE = "90"  # ages above are one group: 45 CFR 164.514(b)(2)(i)(C)


_FORMS = {
    "brackets": "[]", "parentheses": "()", "asterisks": "**", "underscores": "__", "tildes": "~~", "quotes": '""',
}  # fmt: skip
_CONSONANTS = "FGHJKMPQRVWXYZ"  # none that vertebrae, nerves or stages begin with
_CODE = rf"[{_CONSONANTS}]\d[{_CONSONANTS}]\d"
_MARKER = re.compile(rf"(?P<first>{_CODE}-)?(?P<label>[A-Z]+|[a-z]+)(?P<last>-{_CODE})?")


def marker(label: str, value: str = "", surrogates: Surrogates | None = None) -> str:
    """The label in brackets: "[NAME]"; under a key in one of 24 forms with a code: "(name-G4K7)", "*H2Z9-NAME*"."""
    if surrogates is None:
        return f"[{label}]"
    drawn = _number(f"{label} {value}", surrogates, 24 * 14 * 10 * 14 * 10)
    places = []
    for base in (6, 2, 2, 14, 10, 14, 10):
        drawn, place = divmod(drawn, base)
        places.append(place)
    form, small, first, *digits = places
    code = f"{_CONSONANTS[digits[0]]}{digits[1]}{_CONSONANTS[digits[2]]}{digits[3]}"
    parts = [label.lower() if small else label, code]
    pair = [*_FORMS.values()][form]
    return f"{pair[0]}{'-'.join(parts[::-1] if first else parts)}{pair[1]}"


def form_of(written: str) -> str:
    """The form of a marker, as the journal names it: "brackets, capitals, code first"; "" of what is none."""
    form = next((name for name, pair in _FORMS.items() if written[:1] + written[-1:] == pair), "")
    found = _MARKER.fullmatch(written[1:-1])
    coded = "first" if found and found["first"] else "last" if found and found["last"] else "none"
    if not form or not found or (coded == "none" and written != f"[{found['label'].upper()}]"):
        return ""
    return f"{form}, {'capitals' if found['label'].isupper() else 'small'}, code {coded}"


def replace(label: str, value: str, surrogates: Surrogates, language: str = "en") -> str:
    """The surrogate of a value found in text (plain, see view.py), or a marker where none can be made."""
    made = _MAKERS.get(label, _nothing)(value, surrogates, language)
    if not made or (label != "AGE" and _contains(made, value)):
        return marker(label, value, surrogates)
    return made


def _contains(made: str, value: str) -> bool:
    """Whether a surrogate has the value in it; a single letter proves nothing."""
    plain = _letters(value)
    return len(plain) > 1 and plain in _letters(made)


def _letters(text: str) -> str:
    return "".join(each for each in fold(text) if each.isalnum())


def _nothing(_value: str, _surrogates: Surrogates, _language: str) -> str:
    return ""


def _name(value: str, surrogates: Surrogates, _language: str) -> str:
    return re.sub(r"\d", "0", surrogates.name_text(value))


def _date(value: str, surrogates: Surrogates, language: str) -> str:
    return dates.shift_in_text(value, surrogates, language) or ""


def _identifier(value: str, surrogates: Surrogates, _language: str) -> str:
    return surrogates.identifier(value)


def _number(value: str, surrogates: Surrogates, below: int) -> int:
    """A keyed number; base-32 digits of the keyed identifier, because a text's own digits must not show through."""
    return int(surrogates.identifier(value)[1:].translate(_BASE32), 32) % below


_BASE32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")


def _word(value: str, surrogates: Surrogates) -> str:
    """One keyed word that reads like a proper name."""
    return surrogates.name_token(f"place {_letters(value)}").capitalize()


def _phone(value: str, surrogates: Surrogates, _language: str) -> str:
    alone = value.removeprefix("pager ")
    called = value[: len(value) - len(alone)]
    return f"{called}555-01{_number(alone, surrogates, 100):02d}"  # 555-0100 to -0199 are reserved for fiction (NANPA)


def _email(value: str, surrogates: Surrogates, _language: str) -> str:
    return f"{_word(value, surrogates).lower()}@example.org"  # reserved: RFC 2606


def _url(value: str, surrogates: Surrogates, _language: str) -> str:
    return f"https://example.org/{_word(value, surrogates).lower()}"


def _address(value: str, surrogates: Surrogates, _language: str) -> str:
    return f"{1 + _number(value, surrogates, 199)} {_word(value, surrogates)} Street"


def _institution(value: str, surrogates: Surrogates, _language: str) -> str:
    last = fold(value).split()[-1].strip(".,") if value.split() else ""
    kind = last.capitalize() if last in folded("organisation_words") else "Hospital"
    return f"{_word(value, surrogates)} {kind}"


def _location(value: str, surrogates: Surrogates, _language: str) -> str:
    ward = value[:1].isdigit() or (value.isupper() and any(map(str.isdigit, value)))
    return f"Unit {1 + _number(value, surrogates, 99)}" if ward else _word(value, surrogates)


def _age(_value: str, _surrogates: Surrogates, _language: str) -> str:
    return TOP_AGE


def _uid(value: str, surrogates: Surrogates, _language: str) -> str:
    return surrogates.uid(value)


_MAKERS: dict[str, Callable[[str, Surrogates, str], str]] = {
    "NAME": _name,
    "DATE": _date,
    "ID": _identifier,
    "PHONE": _phone,
    "EMAIL": _email,
    "URL": _url,
    "ADDRESS": _address,
    "INSTITUTION": _institution,
    "LOCATION": _location,
    "AGE": _age,
    "UID": _uid,
}
