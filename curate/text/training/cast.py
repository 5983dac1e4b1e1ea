"""Who and what one composed report is about: its people, institutions and places, and the ways they are written."""

from collections.abc import Callable
from functools import partial
from random import Random

from curate.text.training import values
from curate.text.training.grammar import Piece, Terminals
from curate.text.training.people import People, Person
from curate.text.training.places import Places


class Cast:
    """The people and places of one report; `terminals` are the symbols that a grammar may use for them."""

    def __init__(self, language: str, people: People, places: Places, random: Random) -> None:
        self._language, self._random = language, random
        self._people, self._places = people, places
        self._patient = people.draw(random)
        self._kin = [Person(people.draw(random).given, self._patient.family), people.draw(random)]
        self._staff = [people.draw(random) for _ in range(4)]
        self._institutions = [places.institution(random) for _ in range(2)]

    def terminals(self) -> Terminals:
        """Every symbol that is drawn, not written in a grammar; those with a label identify somebody."""
        random, language = self._random, self._language
        labelled: dict[str, tuple[str, Callable[[], str]]] = {
            "date": ("DATE", partial(values.write_date, random, language)),
            "id": ("ID", partial(values.write_id, random)),
            "phone": ("PHONE", partial(values.write_phone, random, language)),
            "email": ("EMAIL", self._email),
            "url": ("URL", self._url),
            "address": ("ADDRESS", partial(self._places.address, random)),
            "street": ("ADDRESS", partial(self._places.street, random)),
            "postcode": ("ADDRESS", partial(self._places.postcode, random)),
            "city": ("LOCATION", partial(self._places.city, random)),
            "state": ("LOCATION", partial(self._places.state, random)),
            "ward": ("LOCATION", partial(self._places.ward, random)),
            "institution": ("INSTITUTION", lambda: random.choice(self._institutions)),
            "old_age": ("AGE", partial(values.write_old_age, random)),
            "spoken_id": ("ID", partial(values.speak_number, random)),
            "spoken_phone": ("PHONE", partial(values.speak_number, random)),
        }
        made = {name: partial(_piece, draw, label) for name, (label, draw) in labelled.items()}
        return {**made, **self._names(), **self._plain()}

    def _names(self) -> Terminals:
        roles = {"patient": [self._patient], "relative": self._kin, "clinician": self._staff}
        forms = {"": _full, "_given": _given, "_family": _family, "_listed": _listed, "_short": _short}
        return {
            role + suffix: partial(_name, form, persons, self._random)
            for role, persons in roles.items()
            for suffix, form in forms.items()
        } | {"initials": partial(_name, _initials, self._staff, self._random)}

    def _plain(self) -> Terminals:
        """What only looks like an identifier. A family name here is part of a term and stays."""
        random = self._random
        draws: dict[str, Callable[[], str]] = {
            "age": lambda: str(random.randint(1, 89)),
            "digit": lambda: str(random.randint(1, 9)),
            "number": lambda: str(random.randint(1, 99)),
            "hundred": lambda: str(random.randint(100, 999)),
            "thousand": lambda: str(random.randint(1000, 9999)),
            "decimal": lambda: f"{random.randint(0, 14)}{random.choice('..,')}{random.randint(0, 9)}",
            "clock": lambda: f"{random.randint(0, 23):02}{random.choice(('', ':', ':'))}{random.randint(0, 59):02}",
            "rare": partial(values.invent_term, random),
            "drug_like": partial(values.invent_drug, random),
            "acronym": partial(values.invent_acronym, random),
            "surname": partial(self._people.family, random),
        }
        return {name: partial(_piece, draw, "") for name, draw in draws.items()}

    def _email(self) -> str:
        random = self._random
        who, at = random.choice([self._patient, *self._staff]), random.choice(("imaging", "klinik", "mail"))
        forms = (f"{who.given[0]}.{who.family}", f"{who.given}{who.family}", f"{who.family}_{who.given[0]}")
        kept = (each for each in random.choice(forms).lower() if each.isascii() and (each.isalnum() or each in "._"))
        return f"{''.join(kept)}@{at}.example.{random.choice(('org', 'com', 'de', 'fr', 'es', 'nhs.uk', 'edu'))}"

    def _url(self) -> str:
        random = self._random
        start = random.choice(("https://portal.", "www.", "http://", "https://"))
        return f"{start}{random.choice(('clinic', 'hospital', 'pacs'))}.example.com/r/{random.randint(100, 99999)}"


def _piece(draw: Callable[[], str], label: str) -> Piece:
    return Piece(draw(), label)


def _name(form: Callable[[Person, Random], str], persons: list[Person], random: Random) -> Piece:
    return Piece(form(random.choice(persons), random), "NAME")


def _full(person: Person, random: Random) -> str:
    given, family = person.given, person.family
    letters = "ABCDEFGHJKLMRSTW"
    return random.choice((
        *[f"{given} {family}"] * 6, f"{given[0]}. {family}", f"{given} {random.choice(letters)}. {family}",
        f"{given} {random.choice(letters)} {family}", f"{given} {family.upper()}", f"{given} {family}".upper(),
        f"{given[0]}.{random.choice('ABDEJM')}. {family}", f"{given[0]} {family}", f"{given[0]}.{family}",
    ))  # fmt: skip


def _given(person: Person, _: Random) -> str:
    return person.given


def _family(person: Person, random: Random) -> str:
    return person.family.upper() if random.random() < 0.06 else person.family


def _listed(person: Person, random: Random) -> str:
    """Family name first, as in lists, headers and HL7."""
    given, family = person.given, person.family
    initial = random.choice("ABCDEJKLMRST")
    written = random.choice((
        *[f"{family}, {given}"] * 3, f"{family},{given}", f"{family}, {given} {initial}", f"{family}, {given[0]}.",
        f"{family}, {given} {initial}.", f"{family}^{given}", f"{family}^{given}^{initial}", f"{family} {given}",
        f"{family.upper()}, {given}", f"{family.upper()} {given}", f"{family}, {given[0]}",
    ))  # fmt: skip
    return written.upper() if random.random() < 0.4 else written


def _short(person: Person, random: Random) -> str:
    return random.choice((person.given, person.family, f"{person.given[0]}. {person.family}", person.family))


def _initials(person: Person, random: Random) -> str:
    made = person.given[0] + random.choice(("", "", random.choice("ABCDEJKLMRST"))) + person.family[0]
    return random.choice((made.upper(), made.upper(), made.lower(), ".".join(made.upper()) + "."))
