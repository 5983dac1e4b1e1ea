"""Where an identifier ends: what belongs to it goes with it, and no more."""

import pytest

from curate.records import Span
from curate.text.ends import whole

BELONGS = [
    ("NAME", "fr", "Manip : Ibou D., salle 2", "Ibou", "Ibou D."),
    ("NAME", "fr", "Kerouani S.\nScanner", "Kerouani", "Kerouani S."),
    ("NAME", "fr", "vu par S. Chance-Maillot hier", "Chance-Maillot", "S. Chance-Maillot"),
    ("NAME", "fr", "demandeur : M. Martin", "Martin", "Martin"),  # Monsieur
    ("NAME", "de", "Verschluss der A. Brachialis", "Brachialis", "Brachialis"),
    ("NAME", "en", "Grade B. Smith agrees", "Smith", "Smith"),
    ("NAME", "en", "seen by Tom B. He agrees", "Tom", "Tom"),
    ("NAME", "en", "Transcribed: RS:pjm", "pjm", "RS:pjm"),
    ("NAME", "en", "Transcribed: RS:pjm", "RS", "RS:pjm"),
    ("NAME", "en", "CT/kd done", "kd", "kd"),
    ("PHONE", "en", "ring 020 7946 0000 ext. 22 now", "020 7946 0000", "020 7946 0000 ext. 22"),
    ("DATE", "en", "on Sat 17/2/24", "17/2/24", "Sat 17/2/24"),
]


@pytest.mark.parametrize(("label", "language", "text", "part", "all_of_it"), BELONGS)
def test_what_belongs_to_an_identifier_goes_with_it(
    label: str, language: str, text: str, part: str, all_of_it: str
) -> None:
    """Initials, the other of two people's, an extension, a weekday; titles, grades and anatomy stay."""
    start = text.index(part)
    found = whole(text, Span(start, start + len(part), label, "tagger"), language)
    assert text[found.start : found.end] == all_of_it
