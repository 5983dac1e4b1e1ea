"""Headers in encoded form: the elements of one patient's files, looked up among those that were met before.

Headers of a series repeat, so three memories stand in a row: runs of elements that two files in succession had alike,
elements by all their bytes, and, across patients, sequences in which nothing is a patient's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import TypeVar

from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from curate.dicom import encoding, private
from curate.dicom.encoding import Unfit
from curate.dicom.items import clean_sequence
from curate.dicom.profile import Profile
from curate.dicom.steps import Kind, Note, Part, Person, Step, carry_out, reservation, steps_of
from curate.dicom.texts import fit

_Key = TypeVar("_Key")
_REMEMBERED = 1 << 15
_WORTH_LEARNING = 32  # elements of a file that no run held
_SHORTEST_RUN = 4

# What the plain path makes of some elements that depend on no others: the clean ones, and the notes
CleanPart = Callable[[Dataset], tuple[Dataset, Mapping[Note, int]]]


@dataclass(slots=True, repr=False)
class Clean:
    """A header as far as it is clean: elements by tag, notes, creators of private blocks, and the last tag read."""

    contents: dict[int, bytes]
    notes: list[Note] = field(default_factory=list)
    creators: dict[int, str] = field(default_factory=dict)
    last: int = -1
    one_by_one: int = 0  # elements that no run held


@dataclass(frozen=True, slots=True, repr=False)
class _Run:
    """Elements in succession and what becomes of them, where the same creators stand before them."""

    raw: bytes
    first: int
    before: Mapping[int, str]
    clean: Clean

    def add_to(self, clean: Clean) -> None:
        clean.contents.update(self.clean.contents)
        clean.notes += self.clean.notes
        clean.creators.update(self.clean.creators)
        clean.last = self.clean.last


class Headers:
    """Cleans the headers of one patient's files that share a character set (Python's names of its encodings)."""

    def __init__(self, profile: Profile, person: Person, encodings: Sequence[str], clean_part: CleanPart) -> None:
        self._steps, self._shared = steps_of(profile), _shared(profile)
        self._person, self._encodings, self._clean_part = person, list(encodings), clean_part
        self._parts: dict[bytes | tuple[str, bytes], Part] = {}
        self._runs: dict[bytes, _Run] = {}
        self._previous = b""

    def __repr__(self) -> str:
        return "<Headers>"

    def clean(self, data: bytes, at: int, clean: Clean) -> int:
        """Add the clean elements from `at` to the pixel data or the end; returns where that is. Raises Unfit."""
        steps, runs = self._steps, self._runs
        while at < len(data):
            key = data[at : at + 6]
            run = runs.get(key)
            if run and data.startswith(run.raw, at) and clean.last < run.first and clean.creators == run.before:
                at += len(run.raw)
                run.add_to(clean)
                continue
            step = steps[key]
            if step.kind is Kind.PIXELS:
                break
            end = encoding.end_of(data, at, step.head)
            if step.tag <= clean.last or step.kind is Kind.ENTANGLED or end > len(data):
                raise Unfit
            self._add(step, data[at:end], clean)
            at, clean.last = end, step.tag
        return at

    def learn(self, header: bytes, clean: Clean) -> None:
        """Find the runs that a header has in common with the one before, if few of its elements were in one."""
        if self._previous and clean.one_by_one > _WORTH_LEARNING:
            self._runs = {run.raw[:6]: run for run in self._common(header)}
        self._previous = header

    def _common(self, header: bytes) -> Iterator[_Run]:
        before = dict(encoding.elements(self._previous))
        run, creators = list[tuple[int, bytes]](), dict[int, str]()
        begun: dict[int, str] = {}
        for tag, raw in [*encoding.elements(header), (-1, b"")]:
            if before.get(tag) == raw:
                begun = begun if run else dict(creators)
                run.append((tag, raw))
            else:
                if len(run) >= _SHORTEST_RUN:
                    yield self._run(run, begun)
                run = []
            if private.is_creator(tag):
                _add_creator(creators, tag, raw)

    def _run(self, elements: list[tuple[int, bytes]], before: dict[int, str]) -> _Run:
        raw = b"".join(each for _, each in elements)
        clean = Clean({}, creators=dict(before))
        self.clean(raw, 0, clean)
        return _Run(raw, elements[0][0], before, clean)

    def _add(self, step: Step, raw: bytes, clean: Clean) -> None:
        """Add one element."""
        clean.one_by_one += 1
        if step.tag & 0x10000:
            self._add_private(step, raw, clean)
        elif step.kind is Kind.GONE and not len(raw) % 2:
            clean.notes.append(step.note)
        elif step.kind is not Kind.CHARACTER_SET:
            part = self._parts.get(raw) or self._remember(step, raw)
            clean.notes += part.notes
            if part.content:
                clean.contents[step.tag] = part.content

    def _add_private(self, step: Step, raw: bytes, clean: Clean) -> None:
        """Add a private element by its creator, and the reservation of its block where it stays."""
        if private.is_creator(step.tag):
            _add_creator(clean.creators, step.tag, raw)
            return
        block = private.creator_tag(step.tag)
        creator = clean.creators.get(block, "")
        part = self._parts.get((creator, raw)) or self._remember(self._steps[raw[:6] + creator.encode()], raw, creator)
        clean.notes += part.notes
        if part.content:
            clean.contents[step.tag] = part.content
            clean.contents[block] = reservation(block, self._shown(creator))

    def _shown(self, creator: str) -> str:
        """The name of a creator as it may be shown: one that no table knows is text of an operator."""
        return creator if private.is_known(creator) else fit(self._person.clean(creator), len(creator), "LO")

    def _remember(self, step: Step, raw: bytes, creator: str = "") -> Part:
        """The clean form of an element that was not met before."""
        met = self._person.met
        part = self._shared.get(raw) or self._by_step(step, raw)
        if part and step.kind is Kind.ITEMS and met == self._person.met and not creator:
            return _keep(self._shared, raw, part)
        part = part or self._by_the_plain_path(step, raw, creator)
        return _keep(self._parts, (creator, raw) if creator else raw, part)

    def _by_step(self, step: Step, raw: bytes) -> Part | None:
        """Carry out a step on bytes where that is sure to be what the plain path does; else None."""
        if step.kind is Kind.ITEMS:
            return clean_sequence(step, self._steps, raw, self._person)
        content = carry_out(step, raw, self._person)
        return None if content is None else Part(content, (step.note,))

    def _by_the_plain_path(self, step: Step, raw: bytes, creator: str) -> Part:
        """The clean form of one element, or of a sequence with all its items, by way of a data set."""
        block = reservation(private.creator_tag(step.tag), creator) if creator else b""
        encodings = list(self._encodings)
        source = Dataset(read_dataset(BytesIO(block + raw), False, True, parent_encoding=encodings))  # noqa: FBT003
        source.set_original_encoding(False, True, encodings)  # noqa: FBT003
        clean, notes = self._clean_part(source)
        content = encode(clean, step.tag) if step.tag in clean else b""
        return Part(content, tuple(Counter(notes).elements()))


def encode(dataset: Dataset, tag: int) -> bytes:
    """One element of a data set in explicit VR little endian, texts in UTF-8."""
    alone = Dataset()
    alone[tag] = dataset[tag]
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, alone, parent_encoding=["utf8"])
    return bytes(buffer.getvalue())


@lru_cache(maxsize=16)
def _shared(_profile: Profile) -> dict[bytes, Part]:
    """The sequences that a process met in which nothing was a patient's."""
    return {}


def _keep(parts: dict[_Key, Part], key: _Key, part: Part) -> Part:
    """Remember a part; now and then everything is forgotten, so that memory stays flat."""
    if len(parts) >= _REMEMBERED:
        parts.clear()
    parts[key] = part
    return part


def _add_creator(creators: dict[int, str], tag: int, raw: bytes) -> None:
    creators[tag] = encoding.text(raw[8:]) if raw[4:6] == b"LO" else ""
