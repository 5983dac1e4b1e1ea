"""Many values looked up in a text at once, by words: the time depends on the text, hardly on how many they are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from curate.privacy.spellings import exact_keys, id_keys, phone_keys, phrase_keys
from curate.records import IdentifierKind as Kind

Places = Sequence[tuple[int, int]]  # of words in a text: where each begins and ends

_LONGEST = 40  # words of a value
_BLANKS = " \t\n\r\f\v\u00a0\u2007\u2009\u202f\u3000"


@dataclass(frozen=True, slots=True)
class Writing:
    """How values of a kind are written: their keys, and what and how much may stand between the words of one.

    joint: what stands between the words of a key; where it is "", a text may divide a value anywhere.
    """

    keys: Callable[[str], Iterable[str]]
    between: str
    most: int
    joint: str


WRITINGS = {
    Kind.UID: Writing(exact_keys, ".", 1, " "),
    Kind.EMAIL: Writing(exact_keys, "@._+-", 1, " "),
    Kind.PHONE: Writing(phone_keys, _BLANKS + "-./()", 2, ""),
    Kind.ADDRESS: Writing(phrase_keys, _BLANKS + ",.-'/&^", 3, " "),
    Kind.INSTITUTION: Writing(phrase_keys, _BLANKS + ",.-'/&^", 3, " "),
    Kind.ID: Writing(id_keys, _BLANKS + "-./_", 1, ""),
}


class Phrases:
    """Values of one kind, found in folded text at word boundaries, the longest at each place."""

    def __init__(self, values: Iterable[str], writing: Writing) -> None:
        self._writing = writing
        self._keys = frozenset(key for value in values for key in writing.keys(value) if key)
        self.beginnings = frozenset(start for key in self._keys for start in _beginnings(key, writing.joint))

    def __repr__(self) -> str:
        return "<Phrases>"

    def find(self, plain: str, words: Places) -> Iterator[tuple[int, int]]:
        """Where values stand in a text with these words, from left to right; places do not overlap."""
        after = 0
        for number, (start, stop) in enumerate(words):
            first = plain[start:stop]
            first = first if first in self.beginnings else first.lstrip("0")  # a number may be padded
            if start >= after and first in self.beginnings:
                end = self._read(plain, words, number, first)
                if end:
                    yield start, end
                    after = end

    def _read(self, plain: str, words: Places, number: int, key: str) -> int:
        """Where the longest value ends that begins with a word, 0 if none does."""
        writing, end = self._writing, words[number][1] if key in self._keys else 0
        for (_, last), (start, stop) in pairwise(words[number : number + _LONGEST]):
            key += writing.joint + plain[start:stop]
            apart = start - last > writing.most or plain[last:start].strip(writing.between)
            if apart or key not in self.beginnings:
                break
            end = stop if key in self._keys else end
        return end


def _beginnings(key: str, joint: str) -> Iterator[str]:
    """What a text can have read of a key so far, itself included."""
    if not joint:
        yield from (key[:length] for length in range(1, len(key) + 1))
        return
    words = key.split(joint)
    yield from (joint.join(words[:count]) for count in range(1, len(words) + 1))
