"""Reading: bounded, and typed in what it refuses. Nothing that this module raises carries a value of the file."""

import re
import struct
import warnings
import zlib
from contextlib import suppress
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from pydicom import Dataset, config, dcmread
from pydicom._uid_dict import UID_dictionary
from pydicom.charset import convert_encodings, python_encoding
from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset
from pydicom.uid import MediaStorageDirectoryStorage

from curate.dicom.actions import values_of
from curate.dicom.layout import Head, read_head, survey
from curate.dicom.strings import is_readable
from curate.errors import Reason, Rejected
from curate.policy import Limits

# Everything that pydicom and the codecs beneath it are known to raise on bytes that are not what they claim.
BROKEN = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OSError, OverflowError, ArithmeticError,
    LookupError, AssertionError, NotImplementedError, struct.error, zlib.error, BytesLengthException, InvalidDicomError,
)  # fmt: skip
NESTING = Limits().nesting
_CHARACTER_SET = 0x00080005
_EMPTY_DEFLATED = b"\x03\x00"
_PREFIX_BYTES = 132
_SHORTEST = 8  # no element is shorter; fewer bytes after file meta are what a cut has left of it
_DEFLATED_FRAMES = (
    "1.2.840.10008.1.2.8.1",
    ("Deflated Image Frame Compression", "Transfer Syntax", "", "", "DeflatedImageFrameCompression"),
)
_MISSPELT = re.compile(r"^ISO\D?(?:2022\D?)?IR\D?")


def _prepare() -> None:
    """Let pydicom read values that break their VR, without warnings: those quote the values.

    And let it read and write the one transfer syntax of PS3.6 that its dictionary is too old for.
    """
    config.settings.reading_validation_mode = config.IGNORE
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
    UID_dictionary.setdefault(*_DEFLATED_FRAMES)


_prepare()


def read(source: Path | bytes | BinaryIO, limits: Limits, *, header_only: bool = False) -> Dataset:
    """Read one instance; with `header_only`, without pixel data and what follows them. A stream must be seekable.

    Raises Rejected: UNREADABLE, EMPTY_FILE, TOO_LARGE, NOT_DICOM, TRUNCATED, TOO_DEEP, MEDIA_DIRECTORY, MALFORMED.
    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return read(stream, limits, header_only=header_only)
        opened = BytesIO(source) if isinstance(source, bytes) else source
        return _read(opened, opened.seek(0, SEEK_END), limits, header_only=header_only)
    except RecursionError:
        raise Rejected(Reason.TOO_DEEP) from None
    except OSError:
        raise Rejected(Reason.UNREADABLE) from None


def realise(dataset: Dataset, nesting: int = NESTING) -> list[str]:
    """Convert every element at every depth, so that no later stage can fail on one.

    An element that cannot be converted is mended where a rule says how (a decimal comma), and else dropped.
    Returns the tags of the dropped as "(gggg,eeee)". Raises Rejected(TOO_DEEP).
    """
    dropped: list[str] = []
    try:
        _realise(dataset, nesting, dropped)
    except RecursionError:
        raise Rejected(Reason.TOO_DEEP) from None
    return dropped


def tag_text(tag: int) -> str:
    """Write a tag as "(gggg,eeee)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _read(stream: BinaryIO, size: int, limits: Limits, *, header_only: bool) -> Dataset:
    if size == 0:
        raise Rejected(Reason.EMPTY_FILE)
    if size > limits.file_bytes:
        raise Rejected(Reason.TOO_LARGE)
    head = _head(stream, size)
    if head.sop_class == MediaStorageDirectoryStorage:
        raise Rejected(Reason.MEDIA_DIRECTORY)
    if head.is_deflated:
        return _parse_deflated(stream, head, limits, header_only=header_only)
    end = _survey(stream, head, size, limits.nesting)
    stream.seek(0)
    return _parse(BytesIO(stream.read(end)) if header_only else stream, head)


def _head(stream: BinaryIO, size: int) -> Head:
    try:
        head = read_head(stream, size)
    except (Rejected, struct.error):
        stream.seek(_PREFIX_BYTES - 4)
        raise Rejected(Reason.TRUNCATED if stream.read(4) == b"DICM" else Reason.NOT_DICOM) from None
    if not head.has_prefix and not head.start and not _may_be_dicom(stream):
        raise Rejected(Reason.NOT_DICOM)
    return head


def _may_be_dicom(stream: BinaryIO) -> bool:
    """Whether a file without prefix and file meta begins like a data set: with group 0008, in either byte order."""
    stream.seek(0)
    return stream.read(2) in {b"\x08\x00", b"\x00\x08"}


def _survey(stream: BinaryIO, head: Head, size: int, nesting: int) -> int:
    try:
        return survey(stream, head, size, nesting)
    except struct.error:
        raise Rejected(Reason.TRUNCATED) from None


def _parse_deflated(stream: BinaryIO, head: Head, limits: Limits, *, header_only: bool) -> Dataset:
    """Inflate within the limit, then read: a small file must not become a large one unnoticed."""
    stream.seek(0)
    before, packed = stream.read(head.start), stream.read()
    if len(packed) < _SHORTEST:
        raise Rejected(Reason.TRUNCATED)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(packed, limits.inflated_bytes)
    except zlib.error:
        raise Rejected(Reason.MALFORMED) from None
    if inflater.unconsumed_tail:
        raise Rejected(Reason.TOO_LARGE)
    if not inflater.eof:
        raise Rejected(Reason.TRUNCATED)
    inflated = Head(0, has_prefix=True, transfer_syntax="1.2.840.10008.1.2.1", sop_class="")
    end = _survey(BytesIO(plain), inflated, len(plain), limits.nesting)
    dataset = _parse(BytesIO(before + _EMPTY_DEFLATED), head, is_whole=False)
    dataset.update(_guard(read_dataset, BytesIO(plain[:end] if header_only else plain), False, True))  # noqa: FBT003
    if _CHARACTER_SET in dataset:
        terms = values_of(dataset[_CHARACTER_SET])
        dataset.set_original_encoding(False, True, _guard(convert_encodings, terms))  # noqa: FBT003
    return _accept(dataset, head)


def _parse(stream: BinaryIO, head: Head, *, is_whole: bool = True) -> Dataset:
    stream.seek(0)
    dataset: Dataset = _guard(dcmread, stream, force=True)
    return _accept(dataset, head) if is_whole else dataset


def _guard(function: Any, *arguments: Any, **options: Any) -> Any:
    """Call pydicom; whatever goes wrong is MALFORMED, without the cause, which may quote a value."""
    try:
        return function(*arguments, **options)
    except BROKEN:
        raise Rejected(Reason.MALFORMED) from None


def _accept(dataset: Dataset, head: Head) -> Dataset:
    """Refuse media directories, and files without prefix that name no SOP Class."""
    if 0x00041220 in dataset:  # Directory Record Sequence (PS3.3 F.3)
        raise Rejected(Reason.MEDIA_DIRECTORY)
    if not head.has_prefix and 0x00080016 not in dataset:
        raise Rejected(Reason.NOT_DICOM)
    _guard(_mend_character_set, dataset)
    return dataset


def _mend_character_set(dataset: Dataset) -> None:
    """Fall back where the character set is empty or unknown: UTF-8 if the texts are that, else Latin-1."""
    terms = values_of(dataset[_CHARACTER_SET]) if _CHARACTER_SET in dataset else []
    if any(map(str.strip, terms)) and all(_MISSPELT.sub(_spell, each.strip()) in python_encoding for each in terms):
        return
    _set_encoding(dataset, "utf8" if _texts_are_utf8(dataset) else "latin_1")


def _spell(term: re.Match[str]) -> str:
    """Spell a defined term as PS3.3 C.12.1.1.2 does; pydicom forgives the same misspellings."""
    return "ISO 2022 IR " if "2022" in term[0] else "ISO_IR "


def _set_encoding(dataset: Dataset, encoding: str) -> None:
    """Decode a data set, and the items that pydicom has already made of it, by an encoding that it does not name."""
    is_implicit, is_little = dataset.original_encoding
    dataset.set_original_encoding(is_implicit, is_little, encoding)
    for tag in list(dataset.keys()):
        element: object = dataset.get_item(tag)
        if isinstance(element, DataElement) and element.VR == "SQ":
            for item in element.value or ():
                if _CHARACTER_SET not in item:
                    _set_encoding(item, encoding)


def _texts_are_utf8(dataset: Dataset) -> bool:
    values = (getattr(dataset.get_item(tag), "value", b"") for tag in dataset.keys() if tag >> 16 < 0x7FE0)  # noqa: SIM118
    with suppress(UnicodeDecodeError):
        texts = [each.decode("utf-8") for each in values if isinstance(each, bytes) and not each.isascii()]
        return bool(texts)
    return False


def _realise(dataset: Dataset, nesting: int, dropped: list[str]) -> None:
    for tag in list(dataset.keys()):
        element = _convert(dataset, tag)
        if element is None:
            del dataset[tag]
            dropped.append(tag_text(tag))
        elif element.VR == "SQ":
            if nesting == 0 and element.value:
                raise Rejected(Reason.TOO_DEEP)
            for item in element.value or ():
                _realise(item, nesting - 1, dropped)


def _convert(dataset: Dataset, tag: int) -> DataElement | None:
    """One element as pydicom converts it; None when it cannot be converted, nor mended."""
    try:
        raw = dataset.get_item(tag)
        element = dataset[tag]
        if element.VR == "PN":
            str(element.value)  # names are decoded as late as this
    except BROKEN:
        return None
    return element if is_readable(element) else _mend(dataset, tag, raw)


def _mend(dataset: Dataset, tag: int, raw: object) -> DataElement | None:
    """Read a decimal comma as a point, in an element of VR DS or IS that holds no number."""
    if not isinstance(raw, RawDataElement) or not isinstance(raw.value, bytes):
        return None
    mended = convert_raw_data_element(raw._replace(value=raw.value.replace(b",", b".")), ds=dataset)
    if not is_readable(mended):
        return None
    dataset[tag] = mended
    return mended
