"""Dates in German, French and Spanish: found, and written again in the same format and language."""

from datetime import date

import pytest

from curate.privacy.surrogates import Surrogates, pseudonym
from curate.text.dates import dialect, find, shift_in_text

KEY = bytes(range(32))
SURROGATES = Surrogates(KEY, pseudonym(KEY, "patient"))

FOUND = [
    ("de", "Vergleich mit CT vom 3. März 2024.", "3. März 2024"),
    ("de", "Voruntersuchung vom 03.03.24 liegt vor", "03.03.24"),
    ("de", "am 14.2. operiert", "14.2."),
    ("de", "Montag, den 3. März 2024", "Montag, den 3. März 2024"),
    ("de", "zuletzt im Oktober 2021", "Oktober 2021"),
    ("de", "im 1. Quartal 2024", "1. Quartal 2024"),
    ("de", "den 5.Okt.22 um", "5.Okt.22"),
    ("de", "Druck 12-MAR-2024 08:00", "12-MAR-2024"),
    ("fr", "le 1er mars 2024", "1er mars 2024"),
    ("fr", "IRM du 12 octobre 2015", "12 octobre 2015"),
    ("fr", "suivie depuis décembre 2014", "décembre 2014"),
    ("fr", "mardi 5 août 2023", "mardi 5 août 2023"),
    ("fr", "opéré le 3/03", "3/03"),
    ("fr", "2ème trimestre 2023", "2ème trimestre 2023"),
    ("es", "Fecha de ingreso: 13/09/2016.", "13/09/2016"),
    ("es", "el 3 de marzo de 2024", "3 de marzo de 2024"),
    ("es", "lunes 3 de marzo", "lunes 3 de marzo"),
    ("es", "en marzo del 2019", "marzo del 2019"),
    ("es", "3-ene-2024", "3-ene-2024"),
    ("de", "Kontrolle Mitte August geplant", "August"),
    ("fr", "revoir en septembre", "septembre"),
    ("es", "desde febrero con tos", "febrero"),
]
KEPT = [
    ("de", "seit 6 Wochen, 3/4 der Zirkumferenz, L5/S1"),
    ("de", "Stadium 1.2. Wirbel 3.4 cm"),
    ("de", "der Mai war kalt, Mai Nguyen"),
    ("fr", "du 1/3 moyen de la diaphyse, depuis 3 mois"),
    ("fr", "séquences T1 et T2"),
    ("es", "del 1/3 medio, hace 6 semanas"),
    ("es", "5ª vértebra lumbar, 2/3 inferiores"),
]


@pytest.mark.parametrize(("language", "text", "written"), FOUND)
def test_dates_are_found_and_moved(language: str, text: str, written: str) -> None:
    """The whole date is one of the places found, and moves to another date of the same format."""
    assert written in {text[start:end] for start, end in find(text, language)}
    moved = shift_in_text(written, SURROGATES, language)
    assert moved
    assert moved != written
    again = text.replace(written, moved)
    assert moved in {again[start:end] for start, end in find(again, language)}


@pytest.mark.parametrize(("language", "text"), KEPT)
def test_what_is_no_date_stays(language: str, text: str) -> None:
    """Durations, fractions, levels, and months that nothing announces are no dates."""
    assert list(find(text, language)) == []


@pytest.mark.parametrize(
    ("language", "written", "form"),
    [
        ("de", "3. März 2024", "{day}. {month} {year}"),
        ("fr", "3 mars 2024", "{day} {month} {year}"),
        ("es", "3 de marzo de 2024", "{day} de {month} de {year}"),
    ],
)
def test_the_offset_is_that_of_the_patient_in_every_language(language: str, written: str, form: str) -> None:
    """The same day moves to the same day, whatever the language it is written in."""
    months = {
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    }
    moved = SURROGATES.shift(date(2024, 3, 3))
    month = months[language].split()[moved.month - 1]
    assert shift_in_text(written, SURROGATES, language) == form.format(day=moved.day, month=month, year=moved.year)


def test_the_day_stands_first_unless_the_text_shows_otherwise() -> None:
    """03/04/2024 is in April, but in a text with 04/25/2024 in March."""
    assert dialect(["03/04/2024"], (), "de") == "de"
    assert dialect(["03/04/2024", "04/25/2024"], (), "es") == "es-US"
    day = shift_in_text("03/04/2024", SURROGATES, "fr")
    assert day == f"{SURROGATES.shift(date(2024, 4, 3)):%d/%m/%Y}"
