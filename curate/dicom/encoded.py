"""The fast path: de-identify an instance in its encoded form; what no rule touches travels as the bytes it came in.

Each top-level element is looked up by its own bytes. What is new goes through the plain path (`clean_part`) alone, in
a data set of its own, and its encoded result is remembered: headers of a series repeat, so most elements are looked
up. Methods whose values change from instance to instance (UIDs, dates, numbers) are carried out on bytes. The result
equals that of the plain path byte for byte, which tests hold; whatever is not in explicit VR little endian, native or
encapsulated, is left to the plain path.
"""

import os
import struct
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from curate.dicom.encoding import Element, Unfit
from curate.dicom.layout import PIXELS, UNDEFINED
from curate.dicom.profile import Profile
from curate.dicom.read import BROKEN, read, realise, tag_text
from curate.dicom.rules import Method
from curate.dicom.write import begin, write
from curate.errors import Rejected
from curate.policy import Limits
from curate.privacy.surrogates import Surrogates
from curate.records import RawInstance

Note = tuple[str, str, str]

_CHUNK = 1 << 17  # most headers end well before
_LARGE_HEADER = 1 << 24
_REMEMBERED = 1 << 15
_CHARACTER_SET, _SOP_CLASS, _SOP_INSTANCE = 0x00080005, 0x00080016, 0x00080018
# Where one of these stands at the top level, elements depend on each other: content trees, declarations of safety,
# and the claims of an earlier de-identification.
_ENTANGLED = frozenset(
    {0x7FE00001, 0x7FE00002, 0x00080300, 0x0040A730, 0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x0040DB73}
)
_SIBLINGS = frozenset({Method.CODE, Method.MEANING, Method.VERSION})  # decided by the elements beside


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """The clean form of one element: tag, bytes (empty where it goes), journal notes, and its block's reservation."""

    tag: int
    content: bytes
    notes: tuple[Note, ...]
    reserved: tuple[tuple[int, bytes], ...] = ()


@dataclass(slots=True, repr=False)
class _Memory:
    """The parts that were met, for one character set: the same bytes may be other text in another one."""

    encodings: Sequence[str]
    parts: dict[tuple[str, bytes], Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class _Clean:
    """A file taken apart: clean parts, and where its pixel data lie in it, header included."""

    parts: list[Part]
    pixels: tuple[int, int]
    transfer_syntax: str


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
        self._memories: dict[bytes, _Memory] = {}
        self._claims = _claims(profile)

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
                target.write(self._beginning(clean))
                _hand_on(source, target, *clean.pixels)
        return Counter(note for part in clean.parts for note in part.notes)

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
        memory = self._memory(data, at)
        parts, at = self._parts(memory, data, at)
        if at == size:
            return self._whole(parts, None, (size, size), syntax)
        tag, head, end = encoding.element_at(data, at)
        pixels = Element(tag, data[at : at + head], head)
        if end == UNDEFINED:
            data += source.read()
            end = encoding.end_of_fragments(data, at + head) + len(encoding.DELIMITER)
            pixels = Element(tag, data[at:end], head)
        if not 0 <= size - end <= _CHUNK:
            raise Unfit
        source.seek(end)
        after, rest = self._parts(memory, source.read(), 0)
        if rest != size - end or any(part.content for part in after) or (after and after[0].tag <= tag):
            raise Unfit
        return self._whole([*parts, *after], pixels, (at, end), syntax)

    def _parts(self, memory: _Memory, data: bytes, at: int) -> tuple[list[Part], int]:
        """The clean elements from `at` to the pixel data or the end, and where that is."""
        last, parts, creators = -1, list[Part](), dict[int, str]()
        while at < len(data):
            tag, head, end = encoding.element_at(data, at)
            if tag in PIXELS:
                break
            if tag <= last or tag in _ENTANGLED or end > len(data):
                raise Unfit
            raw, last, at = data[at:end], tag, end
            if tag & 0x10000 and private.is_creator(tag):
                creators[tag] = encoding.text(raw[head:])
            elif tag != _CHARACTER_SET:
                creator = creators.get(private.creator_tag(tag), "") if tag & 0x10000 else ""
                part = memory.parts.get((creator, raw))
                parts.append(part or self._remember(memory, creator, Element(tag, raw, head)))
        return parts, at

    def _whole(self, parts: list[Part], pixels: Element | None, place: tuple[int, int], syntax: str) -> _Clean:
        """Accept a file that names what it is, and whose native pixel data are as long as its header says."""
        held = {part.tag: part.content for part in parts if part.tag in encoding.NEEDED}
        if not encoding.value(held.get(_SOP_CLASS, b"")) or not encoding.value(held.get(_SOP_INSTANCE, b"")):
            raise Unfit
        if encoding.text(encoding.value(held[_SOP_CLASS])) in markers.REFUSED:
            raise Unfit
        if pixels is None:
            return _Clean(parts, place, syntax)
        rule = self._profile.rule_for(pixels.tag, pixels.vr)
        if rule.method is not Method.PIXELS:
            raise Unfit
        content, cut = _pixels(pixels, place, held, syntax)
        part = Part(pixels.tag, content, ((tag_text(pixels.tag), rule.action, rule.source), *cut))
        return _Clean([*parts, part], (place[1], place[1]) if content else place, syntax)

    def _memory(self, data: bytes, at: int) -> _Memory:
        terms = encoding.find(data, at, _CHARACTER_SET)
        names = [name.strip() for name in encoding.text(terms).split("\\")]
        known = any(names) and all(name in python_encoding for name in names)
        key = terms if known else encoding.guess(data, at)
        if key not in self._memories:
            self._memories[key] = _Memory(convert_encodings(names) if known else [key.decode()])
        return self._memories[key]

    def _remember(self, memory: _Memory, creator: str, element: Element) -> Part:
        """The clean form of an element that was not met before."""
        part = None if element.tag & 0x10000 else self._on_bytes(element)
        if part is None:
            part = self._by_the_plain_path(memory, creator, element)
        if len(memory.parts) >= _REMEMBERED:
            memory.parts.clear()
        memory.parts[creator, element.raw] = part
        return part

    def _on_bytes(self, element: Element) -> Part | None:
        """Carry out a rule on bytes where that is sure to be what the plain path does; else None."""
        rule = self._profile.rule_for(element.tag, element.vr)
        if rule.method in _SIBLINGS:
            raise Unfit
        content = encoding.carry_out(rule, element, self._surrogates, self._profile.options)
        if content is None:
            return None
        return Part(element.tag, content, ((tag_text(element.tag), rule.action, rule.source),))

    def _by_the_plain_path(self, memory: _Memory, creator: str, element: Element) -> Part:
        """The clean form of one element, or of a sequence with all its items, through `clean_part`."""
        reservation = encoding.encode_text(private.creator_tag(element.tag), b"LO", creator) if creator else b""
        encodings = list(memory.encodings)
        alone = read_dataset(BytesIO(reservation + element.raw), False, True, parent_encoding=encodings)  # noqa: FBT003
        source = Dataset(alone)
        source.set_original_encoding(False, True, encodings)  # noqa: FBT003
        realise(source, self._limits.nesting)
        clean, notes = clean_part(source, self._profile, self._surrogates, self._clean_text)
        made = {int(tag): _encode(clean, tag) for tag in clean.keys()}  # noqa: SIM118
        content = made.pop(element.tag, b"")
        counted = tuple(note for note, times in notes.items() for _ in range(times))
        return Part(element.tag, content, counted, tuple(made.items()))

    def _beginning(self, clean: _Clean) -> bytes:
        """Everything but untouched pixel data: preamble, file meta from nothing, and the parts in the order of tags."""
        contents = dict(self._claims)
        for part in clean.parts:
            if part.content:
                contents[part.tag] = part.content
                contents.update(part.reserved)
        sop_class, sop_instance = (encoding.value(contents[tag]) for tag in (_SOP_CLASS, _SOP_INSTANCE))
        meta = encoding.file_meta(sop_class, sop_instance, clean.transfer_syntax)
        return meta + b"".join(contents[tag] for tag in sorted(contents))


def _pixels(
    pixels: Element, place: tuple[int, int], held: Mapping[int, bytes], syntax: str
) -> tuple[bytes, tuple[Note, ...]]:
    """The pixel data where they must be written anew, b"" where they travel as they are, and what the journal notes.

    Raises Unfit, Rejected.
    """
    if syntax == encoding.EXPLICIT_LITTLE:
        if place[1] - place[0] - pixels.head != encoding.pixel_bytes(held):
            raise Unfit
        return b"", ()
    fragments = pixels.raw[pixels.head : -len(encoding.DELIMITER)]
    alone = Dataset()
    alone[pixels.tag] = DataElement(pixels.tag, pixels.vr, fragments, is_undefined_length=True)
    alone.NumberOfFrames = encoding.text(encoding.value(held.get(0x00280008, b""))) or "1"
    cut = pixeldata.settle(alone, syntax)
    made: bytes = alone[pixels.tag].value
    return (b"" if made is fragments else pixels.raw[: pixels.head] + made + encoding.DELIMITER), cut


def _claims(profile: Profile) -> dict[int, bytes]:
    """The elements that every clean instance of a profile has: its markers, and the character set that it is in."""
    claims = Dataset()
    markers.mark(claims, profile)
    claims.SpecificCharacterSet = "ISO_IR 192"
    return {int(tag): _encode(claims, tag) for tag in claims.keys()}  # noqa: SIM118


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
