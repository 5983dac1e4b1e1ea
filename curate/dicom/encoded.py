"""The fast path: de-identify an instance in its encoded form; what no rule touches travels as the bytes it came in.

Each element is looked up by its first bytes in the compiled profile (`curate.dicom.steps`), and where its value counts,
by all of them among those met before: headers of a series repeat. What no step is sure of goes through the plain path
(`clean_part`) alone, in a data set of its own. The result equals that of the plain path byte for byte, which tests
hold; whatever is not in explicit VR little endian, native or encapsulated, is left to the plain path.
"""

import os
import struct
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset
from pydicom.charset import convert_encodings, python_encoding
from pydicom.dataelem import DataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from curate.dicom import encoding, markers, pixeldata, private
from curate.dicom.deidentify import clean_part, deidentify
from curate.dicom.encoding import Unfit
from curate.dicom.items import clean_sequence
from curate.dicom.layout import UNDEFINED
from curate.dicom.profile import Profile
from curate.dicom.read import BROKEN, read, realise
from curate.dicom.rules import Method
from curate.dicom.steps import Kind, Note, Part, Person, Step, carry_out, reservation, steps_of
from curate.dicom.write import begin, write
from curate.errors import Rejected
from curate.policy import Limits
from curate.privacy.surrogates import Surrogates
from curate.records import RawInstance

_CHUNK = 1 << 17  # most headers end well before
_LARGE_HEADER = 1 << 24
_REMEMBERED = 1 << 15
_CHARACTER_SET, _SOP_CLASS, _SOP_INSTANCE, _FRAMES = 0x00080005, 0x00080016, 0x00080018, 0x00280008


@dataclass(slots=True, repr=False)
class _Memory:
    """The parts that were met, by creator and bytes, for one character set: the same bytes may be another text."""

    encodings: Sequence[str]
    parts: dict[object, Part] = field(default_factory=dict)


@dataclass(slots=True, repr=False)
class _Clean:
    """A file as far as it is taken apart: clean elements by tag, notes, and where pixel data to hand on lie in it."""

    contents: dict[int, bytes]
    notes: list[Note] = field(default_factory=list)
    pixels: tuple[int, int] = (0, 0)
    syntax: str = ""


class Encoded:
    """De-identifies the files of one patient in their encoded form.

    clean_text: as for `deidentify`; what a text becomes must not depend on the texts beside it.
    """

    def __init__(
        self,
        profile: Profile,
        surrogates: Surrogates,
        clean_text: Callable[[Sequence[str]], list[str]],
        limits: Limits,
    ) -> None:
        self._profile, self._surrogates, self._clean_text, self._limits = profile, surrogates, clean_text, limits
        self._steps, self._claims = steps_of(profile), _claims(profile)
        self._person = Person(surrogates, profile.options, lru_cache(_REMEMBERED)(self._clean_one))
        self._memories: dict[bytes, _Memory] = {}

    def __repr__(self) -> str:
        return "<Encoded>"

    def deidentify_file(self, path: Path, out: Path) -> Mapping[Note, int]:
        """Write the clean form of one file to `out`; returns what the journal notes, as CleanInstance.actions.

        Pixel data are handed on untouched. Raises Rejected as `read` and `deidentify` do, and OSError.
        """
        with path.open("rb") as source:
            clean = self._clean(source, os.fstat(source.fileno()).st_size)
            if clean is None:
                return self._plainly(path, out)
            with begin(out) as target:
                target.write(_beginning(clean))
                _hand_on(source, target, *clean.pixels)
        return Counter(clean.notes)

    def _clean_one(self, text: str) -> str:
        return self._clean_text([text])[0]

    def _plainly(self, path: Path, out: Path) -> Mapping[Note, int]:
        dataset = read(path, self._limits)
        realise(dataset, self._limits.nesting)
        made = deidentify(RawInstance("", dataset), self._profile, self._surrogates, self._clean_text)
        write(made.dataset, out)
        return made.actions

    def _clean(self, source: BinaryIO, size: int) -> _Clean | None:
        """The file taken apart, or None where only the plain path can; a header that goes on is read on."""
        data = source.read(_CHUNK)
        for more in (False, True):
            if more and (len(data) == size or size > _LARGE_HEADER):
                return None
            data += source.read() if more else b""
            try:
                return self._take_apart(data, source, size)
            except (Unfit, Rejected, struct.error, *BROKEN):
                continue
        return None

    def _take_apart(self, data: bytes, source: BinaryIO, size: int) -> _Clean:
        """Clean every element before and after the pixel data; `data` is how the file begins. Raises Unfit."""
        at, syntax = encoding.start(data, size)
        clean, memory = _Clean(dict(self._claims), syntax=syntax), self._memory(data, at)
        at = self._elements(memory, data, at, clean)
        _require_identity(clean.contents)
        if at == size:
            clean.pixels = size, size
            return clean
        tag, head, end = encoding.element_at(data, at)
        if end == UNDEFINED:
            data += source.read()
            end = encoding.end_of_fragments(data, at + head) + len(encoding.DELIMITER)
        if not 0 <= size - end <= _CHUNK:
            raise Unfit
        source.seek(end)
        after = _Clean({})
        rest = source.read()
        if self._elements(memory, rest, 0, after, last=tag) != len(rest) or after.contents:
            raise Unfit
        clean.notes += after.notes
        _add_pixels(clean, self._steps[data[at : at + 6]], data, (at, end))
        return clean

    def _elements(self, memory: _Memory, data: bytes, at: int, clean: _Clean, *, last: int = -1) -> int:
        """Add the clean elements from `at` to the pixel data or the end; returns where that is."""
        steps, contents, notes, parts = self._steps, clean.contents, clean.notes, memory.parts
        creators: dict[int, str] = {}
        while at < len(data):
            step = steps[data[at : at + 6]]
            if step.kind is Kind.PIXELS:
                break
            begin, at = at, encoding.end_of(data, at, step.head)
            if step.tag <= last or step.kind is Kind.ENTANGLED or at > len(data):
                raise Unfit
            last = step.tag
            if last & 0x10000:
                self._add_private(memory, step, data[begin:at], clean, creators)
            elif step.kind is Kind.GONE and not (at - begin) % 2:
                notes.append(step.note)
            elif step.kind is not Kind.CHARACTER_SET:
                raw = data[begin:at]
                part = parts.get(raw) or self._remember(memory, step, raw)
                notes += part.notes
                if part.content:
                    contents[last] = part.content
        return at

    def _add_private(self, memory: _Memory, step: Step, raw: bytes, clean: _Clean, creators: dict[int, str]) -> None:
        """Add a private element by its creator, and the reservation of its block where it stays."""
        if private.is_creator(step.tag):
            creators[step.tag] = encoding.text(raw[step.head :]) if step.vr == "LO" else ""
            return
        block = private.creator_tag(step.tag)
        creator = creators.get(block, "")
        step = self._steps[raw[:6] + creator.encode()]
        part = memory.parts.get((creator, raw)) or self._remember(memory, step, raw, creator)
        clean.notes += part.notes
        if part.content:
            clean.contents[step.tag] = part.content
            clean.contents[block] = reservation(block, creator)

    def _memory(self, data: bytes, at: int) -> _Memory:
        terms = encoding.find(data, at, _CHARACTER_SET)
        names = [name.strip() for name in encoding.text(terms).split("\\")]
        known = any(names) and all(name in python_encoding for name in names)
        key = terms if known else encoding.guess(data, at)
        if key not in self._memories:
            self._memories[key] = _Memory(convert_encodings(names) if known else [key.decode()])
        return self._memories[key]

    def _remember(self, memory: _Memory, step: Step, raw: bytes, creator: str = "") -> Part:
        """The clean form of an element that was not met before."""
        shared, met = _shared(self._profile), self._person.met
        part = shared.get(raw) or self._by_step(step, raw)
        if part and step.kind is Kind.ITEMS and met == self._person.met and not creator:
            _keep(shared, raw, part)
            return part
        part = part or self._by_the_plain_path(memory, step, raw, creator)
        _keep(memory.parts, (creator, raw) if creator else raw, part)
        return part

    def _by_step(self, step: Step, raw: bytes) -> Part | None:
        """Carry out a step on bytes where that is sure to be what the plain path does; else None."""
        if step.kind is Kind.ITEMS:
            return clean_sequence(step, self._steps, raw, self._person)
        content = carry_out(step, raw, self._person)
        return None if content is None else Part(content, (step.note,))

    def _by_the_plain_path(self, memory: _Memory, step: Step, raw: bytes, creator: str) -> Part:
        """The clean form of one element, or of a sequence with all its items, through `clean_part`."""
        block = reservation(private.creator_tag(step.tag), creator) if creator else b""
        encodings = list(memory.encodings)
        alone = read_dataset(BytesIO(block + raw), False, True, parent_encoding=encodings)  # noqa: FBT003
        source = Dataset(alone)
        source.set_original_encoding(False, True, encodings)  # noqa: FBT003
        realise(source, self._limits.nesting)
        clean, notes = clean_part(source, self._profile, self._surrogates, self._clean_text)
        content = _encode(clean, step.tag) if step.tag in clean else b""
        return Part(content, tuple(Counter(notes).elements()))


def _require_identity(contents: Mapping[int, bytes]) -> None:
    """Accept a file that names what it is, and is no voice. Raises Unfit."""
    names = [encoding.value(contents.get(tag, b"")) for tag in (_SOP_CLASS, _SOP_INSTANCE)]
    if not all(names) or encoding.text(names[0]) in markers.AUDIO:
        raise Unfit


def _beginning(clean: _Clean) -> bytes:
    """Everything but untouched pixel data: preamble, file meta from nothing, and elements in the order of tags."""
    contents = clean.contents
    sop_class, sop_instance = (encoding.value(contents[tag]) for tag in (_SOP_CLASS, _SOP_INSTANCE))
    meta = encoding.file_meta(sop_class, sop_instance, clean.syntax)
    return meta + b"".join([contents[tag] for tag in sorted(contents)])


def _add_pixels(clean: _Clean, step: Step, data: bytes, place: tuple[int, int]) -> None:
    """Say where pixel data lie that travel as they are, or add what must be written anew. Raises Unfit, Rejected."""
    if step.rule.method is not Method.PIXELS:
        raise Unfit
    begin, end = place[0] + step.head, place[1]
    clean.notes.append(step.note)
    clean.pixels = place
    if clean.syntax == encoding.EXPLICIT_LITTLE:
        if end - begin != encoding.pixel_bytes(clean.contents):
            raise Unfit
        return
    fragments = data[begin : end - len(encoding.DELIMITER)]
    made = _settled(step, fragments, clean)
    if made is not fragments:
        clean.contents[step.tag] = data[place[0] : begin] + made + encoding.DELIMITER
        clean.pixels = end, end


def _settled(step: Step, fragments: bytes, clean: _Clean) -> bytes:
    """Encapsulated pixel data without free text in any frame; the same object where there was none."""
    alone = Dataset()
    alone[step.tag] = DataElement(step.tag, step.vr, fragments, is_undefined_length=True)
    alone.NumberOfFrames = encoding.text(encoding.value(clean.contents.get(_FRAMES, b""))) or "1"
    pixeldata.settle(alone, clean.syntax)
    made: bytes = alone[step.tag].value
    return made


@lru_cache(maxsize=16)
def _shared(_profile: Profile) -> dict[object, Part]:
    """The sequences that a process met in which nothing was a patient's."""
    return {}


@lru_cache(maxsize=16)
def _claims(profile: Profile) -> Mapping[int, bytes]:
    """The elements that every clean instance of a profile has: its markers, and the character set that it is in."""
    claims = Dataset()
    markers.mark(claims, profile)
    claims.SpecificCharacterSet = "ISO_IR 192"
    return {int(tag): _encode(claims, tag) for tag in claims.keys()}  # noqa: SIM118


def _keep(parts: dict[object, Part], key: object, part: Part) -> None:
    """Remember a part; now and then everything is forgotten, so that memory stays flat."""
    if len(parts) >= _REMEMBERED:
        parts.clear()
    parts[key] = part


def _encode(dataset: Dataset, tag: int) -> bytes:
    """One element in explicit VR little endian, texts in UTF-8."""
    alone = Dataset()
    alone[tag] = dataset[tag]
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, alone, parent_encoding=["utf8"])
    return bytes(buffer.getvalue())


def _hand_on(source: BinaryIO, target: BinaryIO, at: int, end: int) -> None:
    """Copy the bytes from `at` to `end`, in the kernel."""
    target.flush()
    while at < end:
        sent = os.sendfile(target.fileno(), source.fileno(), at, end - at)
        if not sent:
            raise OSError
        at += sent
