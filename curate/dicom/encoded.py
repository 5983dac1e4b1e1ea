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
from dataclasses import dataclass
from functools import lru_cache
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset
from pydicom.charset import convert_encodings, python_encoding
from pydicom.dataelem import DataElement
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from curate.dicom import encoding, markers, pixeldata
from curate.dicom.deidentify import clean_part, deidentify
from curate.dicom.encoding import Unfit
from curate.dicom.header import Clean, Headers, encode
from curate.dicom.layout import UNDEFINED
from curate.dicom.markers import file_meta
from curate.dicom.profile import Profile
from curate.dicom.read import BROKEN, read, realise
from curate.dicom.rules import Method
from curate.dicom.steps import Note, Person, Step, steps_of
from curate.dicom.write import begin, write
from curate.errors import Rejected
from curate.policy import Limits
from curate.privacy.surrogates import Surrogates
from curate.records import CleanInstance, RawInstance

_CHUNK = 1 << 17  # most headers end well before
_LARGE_HEADER = 1 << 24
_REMEMBERED = 1 << 15
_CHARACTER_SET, _SOP_CLASS, _SOP_INSTANCE, _FRAMES = 0x00080005, 0x00080016, 0x00080018, 0x00280008


@dataclass(frozen=True, slots=True, repr=False)
class _Taken:
    """A file taken apart: its clean header, its transfer syntax, and where pixel data to hand on lie in it."""

    clean: Clean
    syntax: str
    pixels: tuple[int, int]


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
        self._person = Person(surrogates, profile.options, lru_cache(_REMEMBERED)(self._clean_one))
        self._headers: dict[bytes, Headers] = {}

    def __repr__(self) -> str:
        return "<Encoded>"

    def deidentify_file(self, path: Path, out: Path) -> Mapping[Note, int]:
        """Write the clean form of one file to `out`; returns what the journal notes, as CleanInstance.actions.

        Pixel data are handed on untouched. Raises Rejected as `read` and `deidentify` do, and OSError.
        """
        with path.open("rb") as source:
            taken = self._clean(source, os.fstat(source.fileno()).st_size)
            if taken is None:
                return self._plainly(path, out)
            with begin(out) as target:
                target.write(_beginning(taken))
                _hand_on(source, target, *taken.pixels)
        return Counter(taken.clean.notes)

    def deidentify(self, key: str, source: BinaryIO) -> CleanInstance | None:
        """The clean form of one instance, or None where only the plain path can; `source` must be seekable.

        Pixel data that would be handed on are not in it: the caller has them.
        """
        size = source.seek(0, SEEK_END)
        source.seek(0)
        taken = self._clean(source, size)
        if taken is None:
            return None
        contents = taken.clean.contents
        header = BytesIO(b"".join([contents[tag] for tag in sorted(contents)]))
        dataset = Dataset(read_dataset(header, False, True))  # noqa: FBT003
        dataset.set_original_encoding(False, True, ["utf8"])  # noqa: FBT003
        dataset.file_meta = file_meta(dataset, UID(taken.syntax))
        return CleanInstance(key, dataset, dict(sorted(Counter(taken.clean.notes).items())))

    def _clean_one(self, text: str) -> str:
        return self._clean_text([text])[0]

    def _plainly(self, path: Path, out: Path) -> Mapping[Note, int]:
        dataset = read(path, self._limits)
        realise(dataset, self._limits.nesting)
        made = deidentify(RawInstance("", dataset), self._profile, self._surrogates, self._clean_text)
        write(made.dataset, out)
        return made.actions

    def _clean(self, source: BinaryIO, size: int) -> _Taken | None:
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

    def _take_apart(self, data: bytes, source: BinaryIO, size: int) -> _Taken:
        """Clean every element before and after the pixel data; `data` is how the file begins. Raises Unfit."""
        start, syntax = encoding.start(data, size)
        clean, headers = Clean(dict(_claims(self._profile))), self._headers_like(data, start)
        at = headers.clean(data, start, clean)
        headers.learn(data[start:at], clean)
        _require_identity(clean.contents)
        if at == size:
            return _Taken(clean, syntax, (size, size))
        tag, head, end = encoding.element_at(data, at)
        if end == UNDEFINED:
            data += source.read()
            end = encoding.end_of_fragments(data, at + head) + len(encoding.DELIMITER)
        self._accept_rest(headers, source, (end, size), clean, tag)
        return _with_pixels(clean, steps_of(self._profile)[data[at : at + 6]], data, (at, end), syntax)

    def _accept_rest(self, headers: Headers, source: BinaryIO, rest: tuple[int, int], clean: Clean, tag: int) -> None:
        """Accept what follows the pixel data if all of it goes. Raises Unfit."""
        at, size = rest
        if not 0 <= size - at <= _CHUNK:
            raise Unfit
        source.seek(at)
        after = Clean({}, last=tag)
        if headers.clean(source.read(), 0, after) != size - at or after.contents:
            raise Unfit
        clean.notes += after.notes

    def _headers_like(self, data: bytes, at: int) -> Headers:
        """What is remembered of headers in the character set of this one."""
        terms = encoding.find(data, at, _CHARACTER_SET)
        names = [name.strip() for name in encoding.text(terms).split("\\")]
        known = any(names) and all(name in python_encoding for name in names)
        key = terms if known else encoding.guess(data, at)
        if key not in self._headers:
            encodings = convert_encodings(names) if known else [key.decode()]
            self._headers[key] = Headers(self._profile, self._person, encodings, self._clean_part)
        return self._headers[key]

    def _clean_part(self, source: Dataset) -> tuple[Dataset, Mapping[Note, int]]:
        realise(source, self._limits.nesting)
        return clean_part(source, self._profile, self._surrogates, self._clean_text)


def _require_identity(contents: Mapping[int, bytes]) -> None:
    """Accept a file that names what it is, and is no voice. Raises Unfit."""
    names = [encoding.value(contents.get(tag, b"")) for tag in (_SOP_CLASS, _SOP_INSTANCE)]
    if not all(names) or encoding.text(names[0]) in markers.REFUSED:
        raise Unfit


def _beginning(taken: _Taken) -> bytes:
    """Everything but untouched pixel data: preamble, file meta from nothing, and elements in the order of tags."""
    contents = taken.clean.contents
    sop_class, sop_instance = (encoding.value(contents[tag]) for tag in (_SOP_CLASS, _SOP_INSTANCE))
    meta = encoding.file_meta(sop_class, sop_instance, taken.syntax)
    return meta + b"".join([contents[tag] for tag in sorted(contents)])


def _with_pixels(clean: Clean, step: Step, data: bytes, place: tuple[int, int], syntax: str) -> _Taken:
    """Say where pixel data lie that travel as they are, or add what must be written anew. Raises Unfit, Rejected."""
    if step.rule.method is not Method.PIXELS:
        raise Unfit
    begin, end = place[0] + step.head, place[1]
    clean.notes.append(step.note)
    if syntax == encoding.EXPLICIT_LITTLE:
        if end - begin != encoding.pixel_bytes(clean.contents):
            raise Unfit
        return _Taken(clean, syntax, place)
    fragments = data[begin : end - len(encoding.DELIMITER)]
    made, notes = _settled(step, fragments, clean, syntax)
    clean.notes += notes
    if made is fragments:
        return _Taken(clean, syntax, place)
    clean.contents[step.tag] = data[place[0] : begin] + made + encoding.DELIMITER
    return _Taken(clean, syntax, (end, end))


def _settled(step: Step, fragments: bytes, clean: Clean, syntax: str) -> tuple[bytes, tuple[Note, ...]]:
    """Encapsulated pixel data without free text in any frame, the same object where there was none, and the notes."""
    alone = Dataset()
    alone[step.tag] = DataElement(step.tag, step.vr, fragments, is_undefined_length=True)
    alone.NumberOfFrames = encoding.text(encoding.value(clean.contents.get(_FRAMES, b""))) or "1"
    notes = pixeldata.settle(alone, syntax)
    made: bytes = alone[step.tag].value
    return made, notes


@lru_cache(maxsize=16)
def _claims(profile: Profile) -> Mapping[int, bytes]:
    """The elements that every clean instance of a profile has: its markers, and the character set that it is in."""
    claims = Dataset()
    markers.mark(claims, profile)
    claims.SpecificCharacterSet = "ISO_IR 192"
    return {int(tag): encode(claims, tag) for tag in claims.keys()}  # noqa: SIM118


def _hand_on(source: BinaryIO, target: BinaryIO, at: int, end: int) -> None:
    """Copy the bytes from `at` to `end`, in the kernel."""
    target.flush()
    while at < end:
        sent = os.sendfile(target.fileno(), source.fileno(), at, end - at)
        if not sent:
            raise OSError
        at += sent
