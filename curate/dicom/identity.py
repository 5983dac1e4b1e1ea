"""Who and what an instance is: the few attributes of its header that the catalog takes, and every identifier in it.

They are read from the encoded elements where a file is in explicit VR little endian, native or encapsulated; what is
not, or holds anything unusual, goes through pydicom. Both give the same, which tests hold.
"""

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import SEEK_END
from operator import attrgetter
from re import compile as pattern
from typing import BinaryIO

from pydicom import Dataset
from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import RawDataElement

from curate.dicom import encoding
from curate.dicom.encoding import Unfit
from curate.dicom.layout import PIXELS, Head, survey
from curate.dicom.read import BROKEN, read, realise
from curate.errors import Rejected
from curate.policy import Limits
from curate.privacy.identifiers import collect, identifiers_in, kind_of
from curate.records import Identifier, IdentifierKind, RawHeader

_CHUNK = 1 << 17  # most headers end well before
_REMEMBERED = 1 << 14
_DEEPEST = 8  # sequences in one another; more are for pydicom
_VALUES = (
    "SOPClassUID", "SOPInstanceUID", "StudyDate", "AccessionNumber", "Modality", "PatientID", "IssuerOfPatientID",
    "BodyPartExamined", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber", "NumberOfFrames",
)  # fmt: skip
_ORDERS = ("PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest")
_REQUESTS = ("RequestAttributesSequence", "ReferencedRequestSequence")
_PICTURE = ("Rows", "Columns", "BitsAllocated")


def _tag(keyword: str) -> int:
    return int(tag_for_keyword(keyword) or 0)


_ACCESSION, _CHARACTER_SET = _tag("AccessionNumber"), _tag("SpecificCharacterSet")
_VALUE_TAGS = {_tag(name): name for name in _VALUES}
_ORDER_TAGS, _REQUEST_TAGS, _PICTURE_TAGS = ({_tag(name) for name in names} for names in (_ORDERS, _REQUESTS, _PICTURE))
_TEXT_TAGS = frozenset({*_VALUE_TAGS, *_ORDER_TAGS})
_KEPT = frozenset({*_TEXT_TAGS, *_REQUEST_TAGS, *_PICTURE_TAGS, _CHARACTER_SET})
_TEXT_VRS = frozenset({b"AE", b"AS", b"CS", b"DA", b"DT", b"IS", b"LO", b"PN", b"SH", b"TM", b"UC", b"UI"})
_WHOLE_VRS = frozenset({b"LT", b"ST", b"UT"})  # a backslash divides nothing in these (PS3.5 section 6.2)
_IDENTIFYING_VRS = frozenset({"PN", "DA", "DT", "UI", "SQ", "UN"})
_INTEGER = pattern(r"[+-]?\d{1,9}")


def read_identity(stream: BinaryIO, limits: Limits) -> RawHeader:
    """Read what the catalog takes from one instance. A stream must be seekable. Raises Rejected as `read` does."""
    try:
        return _of_elements(stream, limits)
    except (Unfit, Rejected, struct.error, *BROKEN):
        dataset = read(stream, limits, header_only=True)
    _leave_out(dataset)
    realise(dataset)
    return _of_dataset(dataset)


def _of_dataset(dataset: Dataset) -> RawHeader:
    values = {name: _text(dataset, name).strip(" \0") for name in _VALUES}
    requests = [item for name in _REQUESTS for item in dataset.get(name, None) or ()]
    found = [_text(each, name) for each in (dataset, *requests) for name in _ORDERS]
    found += [_text(each, "AccessionNumber") for each in requests]
    return RawHeader(values, _numbers(found), all(name in dataset for name in _PICTURE), _sorted(collect(dataset)))


def _text(dataset: Dataset, name: str) -> str:
    value = dataset.get(name, None)
    return "" if value is None else str(value)


def _numbers(found: Iterable[str]) -> tuple[str, ...]:
    """The numbers of the orders, of the data set and of its requests: (0040,0275) and (0040,A370)."""
    return tuple(sorted({each.strip(" \0").strip() for each in found} - {""}))


def _sorted(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(sorted(identifiers, key=attrgetter("kind", "value")))


def _leave_out(dataset: Dataset) -> None:
    """Drop the elements that say nothing of identity before anything is made of them."""
    for tag in list(dataset.keys()):
        raw = dataset.get_item(tag)
        if isinstance(raw, RawDataElement) and not _counts(int(tag), raw.VR):
            del dataset[tag]


@lru_cache(_REMEMBERED)
def _counts(tag: int, vr: str | None) -> bool:
    """Whether an element may identify; of private ones whose VR nobody wrote down, creators and all others count."""
    is_private = bool(tag >> 16 & 1)
    if tag in _KEPT or (is_private and (vr in {None, "UN"} or tag & 0xFF00 == 0)):
        return True
    try:
        vr = dictionary_VR(tag) if vr in {None, "UN"} else vr
    except KeyError:
        return True
    return vr in _IDENTIFYING_VRS or kind_of(str(vr), keyword_for_tag(tag)) is not None


def _of_elements(stream: BinaryIO, limits: Limits) -> RawHeader:
    """The same from the encoded elements. Raises Unfit, and what broken bytes provoke."""
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    data = stream.read(_CHUNK)
    start, syntax = encoding.start(data, size)
    found = _Elements(data)
    at = found.scan(start, len(data))
    if size > limits.file_bytes or (at < size and (at >= len(data) or found.pixels_at != at)):
        raise Unfit
    if at < size:
        survey(stream, Head(at, has_prefix=True, transfer_syntax=syntax, sop_class=""), size, limits.nesting)
    values = {name: found.values.get(tag, "") for tag, name in _VALUE_TAGS.items()}
    if any(values[name] and not _INTEGER.fullmatch(values[name]) for name in ("InstanceNumber", "NumberOfFrames")):
        raise Unfit
    return RawHeader(values, _numbers(found.orders), len(found.picture) == len(_PICTURE), _sorted(found.identifiers))


class _Elements:
    """What was found in the encoded elements of one header."""

    def __init__(self, data: bytes) -> None:
        self.data, self.codec, self.pixels_at = data, "", -1
        self.values: dict[int, str] = {}
        self.orders: list[str] = []
        self.picture: set[int] = set()
        self.identifiers: set[Identifier] = set()

    def scan(self, at: int, end: int, depth: int = 0, inside: int = 0) -> int:
        """Read elements up to `end` or to the pixel data; returns where that is. inside: the sequence they are in."""
        data, last = self.data, 0x0007FFFF  # groups 0000 to 0007 are none of a data set (PS3.6)
        if depth > _DEEPEST:
            raise Unfit
        while at < end:
            tag, head, stop = encoding.element_at(data, at)
            if not depth and tag in PIXELS:
                self.pixels_at = at
                return at
            if tag <= last or stop > end:
                raise Unfit
            vr = data[at + 4 : at + 6]
            if vr == b"SQ":
                for begin, close in encoding.items(data, at, stop):
                    self.scan(begin, close, depth + 1, tag if not depth else -1)
            elif _is_read(tag, vr):
                self._take(tag, vr, data[at + head : stop], inside)
            last, at = tag, stop
        return at

    def _take(self, tag: int, vr: bytes, content: bytes, inside: int) -> None:
        """Take one element in. Raises Unfit, UnicodeDecodeError."""
        if tag == _CHARACTER_SET:
            self.codec = _codec(content, inside)
        elif tag in _PICTURE_TAGS:
            self._take_picture(tag, content, inside)
        else:
            codec = self.codec if vr in {b"LO", b"PN", b"SH", b"UC"} or vr in _WHOLE_VRS else ""
            text, found = _read_element(tag, vr, content, codec)
            self.identifiers.update(found)
            if tag in _TEXT_TAGS:
                self._note(tag, text, inside)

    def _take_picture(self, tag: int, content: bytes, inside: int) -> None:
        if len(content) not in {0, 2}:
            raise Unfit
        if not inside:
            self.picture.add(tag)

    def _note(self, tag: int, text: str, inside: int) -> None:
        """Keep a value of the data set itself, and the numbers of orders."""
        if "\\" in text:
            raise Unfit
        if not inside:
            self.values[tag] = text.strip(" \0")
        if tag in _ORDER_TAGS if not inside else inside in _REQUEST_TAGS and tag in {*_ORDER_TAGS, _ACCESSION}:
            self.orders.append(text)


@lru_cache(_REMEMBERED)
def _is_read(tag: int, vr: bytes) -> bool:
    """Whether the catalog takes anything from an element. Raises Unfit where only pydicom knows what its value is."""
    if vr == b"UN":
        raise Unfit
    identifies = kind_of(vr.decode(), keyword_for_tag(tag)) is not None
    if tag in _PICTURE_TAGS and vr != b"US":
        raise Unfit
    if (identifies or tag in _TEXT_TAGS) and vr not in _TEXT_VRS | _WHOLE_VRS:
        raise Unfit
    return identifies or tag in _KEPT


def _codec(content: bytes, inside: int) -> str:
    """The encoding that one character set names if it is a plain one; "" where only ASCII can be read. Raises Unfit."""
    if inside:
        raise Unfit
    codec = str(python_encoding.get(encoding.text(content), ""))
    return codec if codec.lower() in {"utf8", "latin_1"} or codec.startswith("iso8859_") else ""


@lru_cache(_REMEMBERED)
def _read_element(tag: int, vr: bytes, content: bytes, codec: str) -> tuple[str, tuple[Identifier, ...]]:
    """The text of an element, and the identifiers in it. Raises Unfit, UnicodeDecodeError."""
    if b"\x1b" in content or (content.count(b"=") > 2 and vr == b"PN"):
        raise Unfit
    text = content.decode(codec or "ascii")
    kind = kind_of(vr.decode(), keyword_for_tag(tag))
    return text, tuple(_identified(kind, text, vr)) if kind else ()


def _identified(kind: IdentifierKind, text: str, vr: bytes) -> Iterator[Identifier]:
    yield from identifiers_in(kind, [text] if vr in _WHOLE_VRS else text.split("\\"))
