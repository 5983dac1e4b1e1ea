"""Where an identifier ends: what belongs to it goes with it, and no more."""

import pytest

from curate.records import Span
from curate.text.ends import linked, nicknames, whole

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
    ("DATE", "en", "camp, 3 & 4 Feb 2024", "4 Feb 2024", "3 & 4 Feb 2024"),
    ("DATE", "en", "BI-RADS 4 - 12/03/2024", "12/03/2024", "12/03/2024"),
    ("NAME", "en", "MRI ?CES Eccles P RQ0081937, PVR", "Eccles", "Eccles P"),
    ("NAME", "en", "|PHAM NL|Volume", "PHAM", "PHAM NL"),
    ("NAME", "en", "Roe, Jane F 4471203", "Roe, Jane", "Roe, Jane"),  # her sex
    ("NAME", "en", "Roe CT 4471203", "Roe", "Roe"),
    ("ID", "en", "Lab S24:03391 of today", "03391", "S24:03391"),
    ("ID", "en", "MRN:4471203", "4471203", "4471203"),
    ("LOCATION", "fr", "BP 60 - 97460 Saint-Paul", "60 - 97460 Saint-Paul", "BP 60 - 97460 Saint-Paul"),
    ("INSTITUTION", "en", "undertaker Philip Ford & Son.", "Philip Ford", "Philip Ford & Son"),
]
NICKNAMES = [
    ('Pike, Levi, "Skipper Lee", born', "Pike, Levi", ["Skipper Lee"]),
    ("Rogelio Bazán, alias «el Chato», mecánico", "Rogelio Bazán", ["el Chato"]),
    ("Gstrein Josef („Seppl“) geb.", "Gstrein Josef", ["Seppl"]),
    ('told Miriam "can\'t hold it"', "Miriam", []),
    ('Dr Roe reads "no change".', "Roe", []),
]
LINKED = [
    ("the farm Rietfontein outside Prieska was", "Rietfontein", "Prieska", ["Rietfontein outside Prieska"]),
    ("4893 Zell am Moos", "4893 Zell", "Moos", ["4893 Zell am Moos"]),
    ("from Leeds and Bradford", "Leeds", "Bradford", []),
    ("Leeds. By Bradford", "Leeds", "Bradford", []),
]


@pytest.mark.parametrize(("label", "language", "text", "part", "all_of_it"), BELONGS)
def test_what_belongs_to_an_identifier_goes_with_it(
    label: str, language: str, text: str, part: str, all_of_it: str
) -> None:
    """Initials, the other of two people's, an extension, a weekday; titles, grades and anatomy stay."""
    start = text.index(part)
    found = whole(text, Span(start, start + len(part), label, "tagger"), language)
    assert text[found.start : found.end] == all_of_it


@pytest.mark.parametrize(("text", "first", "second", "found"), LINKED)
def test_what_links_two_halves_of_a_place_goes_with_them(text: str, first: str, second: str, found: list[str]) -> None:
    """A preposition between them; two places that are only named together stay two."""
    spans = [Span(text.index(each), text.index(each) + len(each), "LOCATION", "tagger") for each in (first, second)]
    assert [text[span.start : span.end] for span in linked(text, spans)] == found


@pytest.mark.parametrize(("text", "name", "besides"), NICKNAMES)
def test_a_nickname_goes_with_the_name(text: str, name: str, besides: list[str]) -> None:
    """In quotation marks behind it, with a capital or an article; what somebody says stays."""
    start = text.index(name)
    found = nicknames(text, [Span(start, start + len(name), "NAME", "title")])
    assert [text[span.start : span.end] for span in found] == besides
