r"""Grammars of report language: text files of symbols and alternatives, expanded at random into labelled pieces.

A file holds sections. `[finding]` opens a symbol, and each line below it is one alternative; `[organ: words]` opens a
symbol whose lines are lists separated by `|`. In an alternative

    {organ}          is replaced by an alternative of `organ`, or by what a terminal of that name draws
    {^organ}         the same with a capital
    {a|b {organ}|}   is one of the choices, which may be empty; a choice that is the name of a symbol stands for it
    {finding*4}      is one to four of them with blanks between, {field+4} the same on lines of their own
    {ID=RX-###@}     identifies somebody as the label says; `#` is a digit, `@` a capital, `&` a small letter, all drawn

and `\n` and `\t` are a line end and a tabulator. Lines that start with `#` are comments.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from random import Random
from typing import NamedTuple

_SECTION = re.compile(r"\[(\w+)(: words)?\]")
_SLOT = re.compile(r"(\^?)(\w+)(?:([*+])(\d+))?")
_LABELLED = re.compile(r"([A-Z]+)=(.*)", re.DOTALL)
_DRAWN = {"#": "0123456789", "@": "ABCDEFGHJKLMNPRSTUVWXYZ", "&": "abcdefghjklmnprstuvwxyz"}
_SAMPLE = {"#": "0", "@": "A", "&": "a"}


class Piece(NamedTuple):
    """A stretch of a report, and the label of what it identifies, or an empty string."""

    text: str
    label: str = ""


Terminals = Mapping[str, Callable[[], Piece]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a symbol: how many at most, with what between them, and whether capitalised."""

    name: str
    most: int = 1
    between: str = ""
    capital: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences."""

    options: "tuple[Sequence, ...]"


@dataclass(frozen=True, slots=True)
class Literal:
    """A sequence that identifies somebody as a whole, with letters and digits to be drawn."""

    label: str
    sequence: "Sequence"


Sequence = tuple["str | Slot | Choice | Literal", ...]


class Grammar:
    """The symbols of one or more files of data/, later ones added to earlier ones."""

    def __init__(self, *names: str) -> None:
        self._symbols: dict[str, list[Sequence]] = {}
        for name in names:
            text = (files(__package__) / "data" / f"{name}.grammar").read_text(encoding="utf-8")
            for symbol, alternative in _alternatives(text):
                self._symbols.setdefault(symbol, []).append(_parsed(alternative))

    def expand(self, symbol: str, terminals: Terminals, random: Random) -> Iterator[Piece]:
        """A random expansion of `symbol`. Raises KeyError when a symbol is neither in the grammar nor a terminal."""
        if symbol in terminals:
            yield terminals[symbol]()
        else:
            yield from self._sequence(random.choice(self._symbols[symbol]), terminals, random)

    def count(self, symbol: str) -> int:
        """How many alternatives a symbol has."""
        return len(self._symbols.get(symbol, ()))

    def words(self) -> Iterator[str]:
        """Every word that stands in an alternative, in lower case, repeats included."""
        for alternatives in self._symbols.values():
            for alternative in alternatives:
                yield from _words(alternative)

    def literals(self, symbol: str) -> Iterator[tuple[str, str, Callable[[Terminals, Random], Piece]]]:
        """The labelled stretches in a symbol's alternatives: the label, one way to read it, and how it is drawn."""
        for alternative in self._symbols.get(symbol, ()):
            for literal in _literals(alternative):
                yield literal.label, _sample(literal.sequence), partial(self._drawn, literal)

    def _drawn(self, literal: Literal, terminals: Terminals, random: Random) -> Piece:
        return Piece("".join(self._written(literal.sequence, terminals, random)), literal.label)

    def texts(self, symbol: str) -> list[str]:
        """The alternatives of a symbol that holds plain texts only."""
        return ["".join(part for part in alternative if isinstance(part, str)) for alternative in self._symbols[symbol]]

    def _sequence(self, sequence: Sequence, terminals: Terminals, random: Random) -> Iterator[Piece]:
        for part in sequence:
            if isinstance(part, str):
                yield Piece(part)
            elif isinstance(part, Choice):
                yield from self._chosen(random.choice(part.options), terminals, random)
            elif isinstance(part, Literal):
                yield self._drawn(part, terminals, random)
            else:
                yield from self._slot(part, terminals, random)

    def _written(self, sequence: Sequence, terminals: Terminals, random: Random) -> Iterator[str]:
        """The texts of a sequence, with letters and digits drawn where it has their signs."""
        for part in sequence:
            if isinstance(part, str):
                yield "".join(random.choice(_DRAWN.get(sign, sign)) for sign in part)
            else:
                yield from (piece.text for piece in self._sequence((part,), terminals, random))

    def _chosen(self, option: Sequence, terminals: Terminals, random: Random) -> Iterator[Piece]:
        name = option[0] if len(option) == 1 else ""
        if isinstance(name, str) and (name in terminals or name in self._symbols):
            yield from self.expand(name, terminals, random)
        else:
            yield from self._sequence(option, terminals, random)

    def _slot(self, slot: Slot, terminals: Terminals, random: Random) -> Iterator[Piece]:
        for number in range(random.randint(1, slot.most)):
            if number:
                yield Piece(slot.between)
            pieces = self.expand(slot.name, terminals, random)
            yield from _capitalised(pieces) if slot.capital else pieces


def _alternatives(text: str) -> Iterator[tuple[str, str]]:
    symbol, listed = "", False
    for line in text.splitlines():
        if opened := _SECTION.fullmatch(line):
            symbol, listed = opened[1], bool(opened[2])
        elif line and not line.startswith("#"):
            for alternative in line.split("|") if listed else [line]:
                yield symbol, alternative.replace("\\n", "\n").replace("\\t", "\t")


def _parsed(alternative: str) -> Sequence:
    """The parts of an alternative; braces nest."""
    parts: list[str | Slot | Choice | Literal] = []
    at = 0
    for start, end in _braces(alternative):
        parts.extend([alternative[at:start]] if start > at else [])
        parts.append(_slot_or_choice(alternative[start + 1 : end - 1]))
        at = end
    return (*parts, alternative[at:]) if at < len(alternative) else tuple(parts)


def _braces(text: str) -> Iterator[tuple[int, int]]:
    """The places of the outermost braces. Raises ValueError when they do not match."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        if letter == "{":
            start = start if depth else at
            depth += 1
        elif letter == "}":
            depth -= 1
            if not depth:
                yield start, at + 1
    if depth:
        raise ValueError(text)


def _slot_or_choice(inside: str) -> Slot | Choice | Literal:
    if labelled := _LABELLED.fullmatch(inside):
        return Literal(labelled[1], _parsed(labelled[2]))
    slot = _SLOT.fullmatch(inside)
    if slot is None:
        return Choice(tuple(_parsed(option) for option in _options(inside)))
    between = {"*": " ", "+": "\n"}.get(slot[3] or "", "")
    return Slot(slot[2], int(slot[4] or 1), between, bool(slot[1]))


def _options(inside: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, letter in enumerate(inside):
        depth += (letter == "{") - (letter == "}")
        if letter == "|" and not depth:
            yield inside[start:at]
            start = at + 1
    yield inside[start:]


def _capitalised(pieces: Iterable[Piece]) -> Iterator[Piece]:
    rest = iter(pieces)
    for piece in rest:
        yield Piece(piece.text[:1].upper() + piece.text[1:], piece.label)
        if piece.text:
            break
    yield from rest


def _literals(sequence: Sequence) -> Iterator[Literal]:
    for part in sequence:
        if isinstance(part, Literal):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _literals(option)


def _sample(sequence: Sequence) -> str:
    """A text of the form that a sequence has: a figure, a letter and a name where such are drawn."""
    texts = (part if isinstance(part, str) else "Name" for part in sequence)
    return "".join(_SAMPLE.get(sign, sign) for text in texts for sign in text)


def _words(sequence: Sequence) -> Iterator[str]:
    for part in sequence:
        if isinstance(part, str):
            yield from re.findall(r"[^\W\d_]+", part.lower())
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _words(option)
