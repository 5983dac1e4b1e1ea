"""Lists of several people: worklists, theatre lists, boards, whiteboards, exports. Each has columns of its own.

What a cell holds is told by its column, and often by nothing else: half of them have no heading.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from random import Random

from curate.text.training import values
from curate.text.training.grammar import Grammar, Piece, Terminals
from curate.text.training.people import People, Person

Row = list[list[Piece]]
Cell = Callable[[Person, Person], list[Piece]]  # of a patient and a clinician

_SEPARATORS = (
    ",",
    ", ",
    ";",
    "; ",
    "\t",
    "\t",
    "|",
    " | ",
    " | ",
    " - ",
    " / ",
    "  ",
    "   ",
    "      ",
    " · ",
    ": ",
    "\n",
)
_BIRTHS = (
    "{d:02}/{m:02}/{y}", "{m}/{d}/{y}", "{y}-{m:02}-{d:02}", "{d}.{m}.{s:02}", "{d:02}.{m:02}.{y}", "{y}{m:02}{d:02}",
    "{d}/{m}/{s:02}", "{d:02}-{m:02}-{y}", "*{d:02}.{m:02}.{s:02}",
)  # fmt: skip
_BEDS = ("{n}{l}", "{n}", "{n}-{k}", "{k}/{n}", "{l}{n}", "{k}{c}-{n}{l}", "{c}{c} {k}", "{k} {c}", "{n}.{k}")
_AGES = ("{a}{s}", "{a} {s}", "{s}{a}", "{s} {a}", "{s}/{a}", "{a}/{s}", "{a}", "{a}y", "{a} yo {s}")
_ONES = ("{g} {f}", "{f}", "{F}", "{f}, {g}", "{F}, {G}", "{F} {g}", "{f} {i}", "{i}. {f}", "{f}, {i}.", "{f} ({g})",
         "{F},{G}", "{F} {G}", "{f} {g}", "{g}", "{i} {f}")  # fmt: skip
_DOCTORS = ("{f}", "{f}", "{f}", "{F}", "{i}. {f}", "{g} {f}", "{g}", "{i}{j}", "{f}, {i}", "Dr {f}", "Dr. {f}")
_KINDS = ("number", "clock", "age", "birth", "id", "bed", "exam", "finding", "doctor", "phone", "status", "plain")
_SHARES = (0.4, 0.3, 0.4, 0.45, 0.45, 0.3, 0.5, 0.5, 0.65, 0.1, 0.35, 0.15)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes a list: the language, whom and what there is to draw."""

    people: People
    grammar: Grammar
    terminals: Terminals
    random: Random

    def drawn(self, symbol: str) -> list[Piece]:
        """What the grammar says for a symbol."""
        return list(self.grammar.expand(symbol, self.terminals, self.random))


def write_roster(hand: Hand) -> list[Piece]:
    """A title, a heading, rows, and a note about some of those in the rows; all but the rows may be missing."""
    random = hand.random
    columns, separator = _columns(hand), random.choice(_SEPARATORS)
    persons = [(hand.people.draw(random), hand.people.draw(random)) for _ in range(random.randint(2, 8))]
    staff = [clinician for _, clinician in persons[:3]]
    rows = [[cell(patient, random.choice(staff)) for cell in columns.values()] for patient, _ in persons]
    head = [[[Piece(hand.drawn(f"head_{kind}")[0].text)] for kind in columns]] if random.random() < 0.5 else []
    lines = [list(_joined(row, separator, random)) for row in (*head, *rows)]
    notes = [_note(hand, random.choice(persons)) for _ in range(random.choice((0, 0, 1, 1, 2, 3)))]
    title = [hand.drawn("roster_title")] if random.random() < 0.6 else []
    between = "\n\n" if separator == "\n" else "\n"
    return _stacked([*title, *lines, *notes], between)


def _columns(hand: Hand) -> dict[str, Cell]:
    """The kinds of cells of one list, in the order of its columns; there is always a name."""
    kinds = [kind for kind, share in zip(_KINDS, _SHARES, strict=True) if hand.random.random() < share]
    if hand.random.random() < 0.4:
        hand.random.shuffle(kinds)
    kinds.insert(hand.random.choice((0, 0, 1, 1, 2)), "name")
    return {kind: _cell(kind, hand) for kind in kinds}


def _cell(kind: str, hand: Hand) -> Cell:
    """What writes the cells of one column, all in one form."""
    random = hand.random
    if kind in {"name", "doctor"}:
        form = random.choice(_ONES if kind == "name" else _DOCTORS)
        return lambda patient, doctor: _named(form, patient if kind == "name" else doctor)
    forms = {"birth": _BIRTHS, "bed": _BEDS, "age": _AGES, "id": (values.draw_id_form(random),)}
    if kind in forms:
        label = {"birth": "DATE", "bed": "LOCATION", "id": "ID"}.get(kind, "")
        form = random.choice(forms[kind])
        return lambda _, __: [Piece(values.fill(_figures(form, random), random), label)]
    if kind == "number":
        form, places = random.choice(("{}", "{}.", "{:02}", "{})")), count(1)
        return lambda _, __: [Piece(form.format(next(places)))]
    symbol = {"phone": "phone", "clock": "clock", "finding": "roster_finding"}.get(kind, f"roster_{kind}")
    return lambda _, __: hand.drawn(symbol)


def _named(form: str, person: Person) -> list[Piece]:
    """A person in one of the forms of lists; a title stays outside."""
    title, _, rest = form.rpartition("Dr. " if "Dr. " in form else "Dr ")
    given, family = person.given, person.family
    letters = {"i": given[0], "j": family[0], "g": given, "f": family, "G": given.upper(), "F": family.upper()}
    lead = [Piece(form[: len(form) - len(rest)])] if rest != form else []
    return [*lead, Piece((title + rest).format(**letters), "NAME")]


def _figures(form: str, random: Random) -> str:
    """A date of birth, a bed or an age in a form; other forms stay as they are."""
    year = random.randint(1928, 2022)
    drawn = {
        "d": random.randint(1, 31), "m": random.randint(1, 12), "y": year, "a": random.randint(1, 89),
        "n": random.randint(1, 40), "k": random.randint(1, 9), "l": random.choice("ABCD"),
        "c": random.choice("CEHINSUW"),
    }  # fmt: skip
    return form.format(**drawn, s=random.choice("MF") if "{a}" in form else year % 100)


def _joined(row: Row, separator: str, random: Random) -> Iterator[Piece]:
    """The cells of a row with what stands between them; a cell that holds a comma is quoted among commas."""
    for number, cell in enumerate(row):
        if number:
            yield Piece(separator)
        quoted = separator in {",", ";"} and any("," in piece.text for piece in cell)
        yield from [Piece('"'), *cell, Piece('"')] if quoted else cell
    if separator in {"|", " | "} and random.random() < 0.3:
        yield Piece(separator.rstrip())


def _note(hand: Hand, persons: tuple[Person, Person]) -> list[Piece]:
    """A remark below a list, which calls people by one name."""
    patient, clinician = persons
    named = {
        "listed": partial(_one_name, patient, hand.random),
        "caller": partial(_one_name, clinician, hand.random),
    }
    return list(hand.grammar.expand("roster_note", {**hand.terminals, **named}, hand.random))


def _one_name(person: Person, random: Random) -> Piece:
    return Piece(person.given if random.random() < 0.25 else person.family, "NAME")


def _stacked(lines: list[list[Piece]], between: str) -> list[Piece]:
    pieces = [piece for line in lines for piece in (*line, Piece(between))]
    return pieces[:-1]
