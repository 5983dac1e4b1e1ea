"""Looks for planted strings in everything that a run left behind, through encodings, compression and containers.

A sweep that finds nothing proves something only because tests/unit/test_synth.py shows that it finds each encoding.
"""

import base64
import html
import json
import os
import re
import sqlite3
import struct
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydicom import Dataset, dcmread

MIN_BYTES = 5  # shorter strings are found by chance
_DEPTH = 4  # containers in containers
_INFLATED = 256 * 2**20  # bytes that one compressed stream may give
_TABLE_BITS = 22
_DIRECT = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "latin-1", "gb18030")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_ISO_2022 = re.compile(rb"\x1b\$[@B][\x1b\x20-\x7e]+")  # JIS X 0208 runs, PS3.5 H.1.2


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """A canary that was found: `canary` is its index, `place` the kind of container, "name" for a path or link target.

    The representation shows the path unless the path itself holds a canary.
    """

    path: Path
    place: str
    canary: int
    encoding: str
    opaque: bool = True

    def __repr__(self) -> str:
        where = f", path={self.path}" if self.opaque else ""
        return f"Hit(canary={self.canary}, place={self.place}, encoding={self.encoding}{where})"


@dataclass(frozen=True, slots=True)
class _Needle:
    """One way in which one canary may be written; `exact`: case counts; `anchor`: where its four rarest bytes start."""

    canary: int
    encoding: str
    form: bytes
    exact: bool
    anchor: int


def sweep(paths: Iterable[Path], canaries: Iterable[str]) -> list[Hit]:
    """Every canary in every file, directories recursively. Raises ValueError for canaries that chance would find."""
    searcher = Searcher(canaries)
    return list(dict.fromkeys(hit for path in paths for hit in _sweep_path(path, searcher)))


def _sweep_path(path: Path, searcher: "Searcher") -> Iterator[Hit]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        name = str(file.relative_to(path) if path.is_dir() else file.name)
        named = os.fsencode(name) + (b"\n" + bytes(file.readlink()) if file.is_symlink() else b"")
        hits = searcher.find(named)
        yield from (Hit(file, "name", canary, encoding, opaque=False) for canary, encoding in hits)
        for place, data in unpack(file.read_bytes()) if file.is_file() else ():
            for canary, encoding in searcher.find(data):
                yield Hit(file, place, canary, encoding, opaque=not hits)


class Searcher:
    """Finds many strings at once: a table of hashed four-byte anchors picks the places, a comparison decides."""

    def __init__(self, canaries: Iterable[str]) -> None:
        self._by_anchor: dict[int, list[_Needle]] = defaultdict(list)
        for index, canary in enumerate(canaries):
            if len(canary.encode()) < MIN_BYTES:
                message = f"canary {index} is too short"
                raise ValueError(message)
            for needle in _needles(index, canary):
                self._by_anchor[_word(needle.form.lower(), needle.anchor)].append(needle)
        self._words = np.array(sorted(self._by_anchor), np.uint32)
        self._table = np.zeros(1 << _TABLE_BITS, bool)
        self._table[_hash(self._words)] = True

    def find(self, data: bytes) -> set[tuple[int, str]]:
        """The (canary, encoding) pairs that occur in `data`."""
        found = self._match(data)
        for run in _ISO_2022.findall(data):
            text = run.decode("iso2022_jp", "ignore")
            found |= {(canary, "iso-2022-jp") for canary, _ in self._match(text.encode())}
        if b"\0" not in data and b"\n" in data:  # base64 in lines, RFC 2045
            found |= self._match(data.translate(None, b"\r\n"))
        return found

    def _match(self, data: bytes) -> set[tuple[int, str]]:
        lowered = data.lower()
        found = set()
        for at, word in self._candidates(lowered):
            for needle in self._by_anchor[word]:
                start = at - needle.anchor
                text, form = (data, needle.form) if needle.exact else (lowered, needle.form.lower())
                if start >= 0 and text.startswith(form, start):
                    found.add((needle.canary, needle.encoding))
        return found

    def _candidates(self, lowered: bytes) -> Iterator[tuple[int, int]]:
        """Positions whose four bytes are an anchor. Four passes, one for each alignment."""
        for shift in range(4):
            count = (len(lowered) - shift) // 4
            if count <= 0:
                continue
            words = np.frombuffer(lowered, "<u4", count, shift)
            likely = np.flatnonzero(self._table[_hash(words)])
            sure = likely[np.isin(words[likely], self._words)]
            yield from zip((sure * 4 + shift).tolist(), words[sure].tolist(), strict=True)


def _hash(words: "np.ndarray") -> "np.ndarray":
    return (words * np.uint32(2654435761)) >> np.uint32(32 - _TABLE_BITS)  # Knuth's multiplicative hash


def _word(form: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", form, at)[0])


def _needles(index: int, canary: str) -> Iterator[_Needle]:
    seen = set()
    for encoding, form, exact in _forms(canary):
        if len(form) >= MIN_BYTES and (form if exact else form.lower(), exact) not in seen:
            seen.add((form if exact else form.lower(), exact))
            yield _Needle(index, encoding, form, exact, _anchor(form.lower()))


def _anchor(form: bytes) -> int:
    """Where the four most telling bytes start: different ones, and few zeros and digits."""

    def worth(at: int) -> tuple[int, int]:
        four = form[at : at + 4]
        return len(set(four)), sum(each > 57 for each in four)

    return max(range(len(form) - 3), key=worth)


def _forms(canary: str) -> Iterator[tuple[str, bytes, bool]]:
    """(encoding, bytes, whether case counts) of a canary as given, composed, decomposed, and in one case."""
    spellings = {canary, unicodedata.normalize("NFC", canary), unicodedata.normalize("NFD", canary)}
    for text in sorted(spellings | {each.upper() for each in spellings} | {each.lower() for each in spellings}):
        for encoding in _DIRECT:
            encoded = text.encode(encoding, "ignore")
            if encoded.decode(encoding) == text:
                yield encoding, encoded, False
        plain = text.encode()
        yield "hex", plain.hex().encode(), False
        for form in _base64(plain):
            yield "base64", form, True
            yield "base64", form.translate(bytes.maketrans(b"+/", b"-_")), True
        yield "json", json.dumps(text)[1:-1].encode(), False
        yield "html", html.escape(text).encode(), False
        yield "html", text.encode("ascii", "xmlcharrefreplace"), False
        yield "url", urllib.parse.quote(text).encode(), False
        yield "url", urllib.parse.quote_plus(text).encode(), False


def _base64(plain: bytes) -> Iterator[bytes]:
    """The characters that depend on `plain` alone, at each of the three alignments (RFC 4648 section 4)."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + plain)
        yield encoded[(before * 8 + 5) // 6 : (before + len(plain)) * 8 // 6]


# Containers ----------------------------------------------------------------------------------------------------------


def unpack(data: bytes, place: str = "bytes", depth: int = _DEPTH) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of everything to search in `data`: itself, and what it holds in other forms."""
    yield place, data
    if depth == 0:
        return
    for kind, part in _parts(data):
        yield from unpack(part, f"{place}/{kind}", depth - 1)


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a container holds; a damaged one gives what could be read."""
    reader = next((reader for test, reader in _READERS if test(data)), None)
    if reader is None:
        yield from _streams(data)
        return
    try:
        yield from reader(data)
    except Exception:  # noqa: BLE001  damaged containers of any kind are searched as bytes
        yield from _streams(data)


def _streams(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What zlib and gzip streams anywhere in `data` inflate to; as far as they go when they are not streams at all."""
    end = 0
    for start in (found.start() for found in _ZLIB.finditer(data)):
        if start >= end:
            inflated, used = _inflate(data, start)
            end = start + used
            if inflated:
                yield "deflate", inflated


def _inflate(data: bytes, start: int) -> tuple[bytes, int]:
    """What the stream at `start` inflates to, and its length if it is whole."""
    stream = zlib.decompressobj(wbits=47)  # zlib or gzip header
    pieces: list[bytes] = []
    for at in range(start, len(data), 65536):
        before, block = stream.copy(), data[at : at + 65536]
        try:
            pieces.append(stream.decompress(block, _INFLATED))
        except zlib.error:
            return b"".join([*pieces, *_salvage(before, block)]), 0
        if stream.eof:
            return b"".join(pieces), at + len(block) - len(stream.unused_data) - start
    return b"".join(pieces), 0


def _salvage(stream: Any, block: bytes) -> Iterator[bytes]:
    """What can be had from a block that is damaged: byte by byte up to the fault."""
    for byte in block:
        try:
            yield stream.decompress(bytes([byte]))
        except zlib.error:
            return


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        yield "zip comment", archive.comment
        for member in archive.infolist():
            yield "zip name", member.filename.encode() + member.comment + member.extra
            yield "zip", archive.read(member)


def _png_chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every chunk but pixels as it is, compressed text inflated, the pixels inflated as one (PNG, third edition, 5)."""
    pixels, at = [], 8
    kind = b""
    while kind != b"IEND" and at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            pixels.append(body)
        else:
            yield f"png {kind.decode()}" if kind.isalpha() else "png chunk", body
    yield from _streams(b"".join(pixels))
    if at < len(data):
        yield "png tail", data[at:]


def _parquet_values(data: bytes) -> Iterator[tuple[str, bytes]]:
    file = pq.ParquetFile(BytesIO(data))
    yield "parquet schema", _lines([*_schema_texts(file.schema_arrow), *_flat(file.metadata.metadata or {})])
    yield "parquet statistics", _lines(_statistics(file.metadata))
    for group in range(file.num_row_groups):
        for name, column in zip(file.schema_arrow.names, file.read_row_group(group).columns, strict=True):
            for leaf in (leaf for chunk in column.chunks for leaf in _leaves(chunk)):
                yield from ((f"parquet {name}", value) for value in _values(leaf))


def _schema_texts(schema: Any) -> Iterator[Any]:
    yield from (str(schema), *_flat(schema.metadata or {}))
    for field in schema:
        yield from _flat(field.metadata or {})


def _flat(mapping: dict[bytes, bytes]) -> Iterator[bytes]:
    for key, value in mapping.items():
        yield from (key, value)


def _statistics(metadata: Any) -> Iterator[Any]:
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            statistics = metadata.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                yield from (statistics.min, statistics.max)


def _leaves(array: Any) -> Iterator[Any]:
    """The arrays of plain values in a nested array."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from _leaves(array.dictionary_decode())
    elif pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _leaves(child)
    elif pa.types.is_map(kind):
        yield from (*_leaves(array.keys), *_leaves(array.items))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(array.flatten())
    else:
        yield array


def _values(leaf: Any) -> Iterator[bytes]:
    """Binary values one by one, for they may be containers; all others as lines of text, dates in two forms."""
    kind = leaf.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        yield from (value for value in leaf.to_pylist() if value)
        return
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind) and not pa.types.is_time(kind):
        yield _lines(pc.strftime(leaf, format="%Y%m%d").to_pylist())
    yield _lines(leaf.to_pylist())


def _sqlite_cells(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every cell of every table; journals and freed pages are searched as bytes."""
    connection = sqlite3.connect(":memory:")
    connection.text_factory = bytes
    try:
        connection.deserialize(data)
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        for name, sql in tables:
            yield "sqlite schema", sql or b""
            quoted = name.decode().replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608  the name is quoted
                yield from (("sqlite", cell) for cell in row if isinstance(cell, bytes))
    finally:
        connection.close()


def _dicom_values(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Texts of all elements, decoded by their character set, as UTF-8; byte values as they are."""
    dataset = dcmread(BytesIO(data), force=True)
    texts = [*_texts(dataset), *_texts(dataset.file_meta)]
    yield "dicom text", _lines(value for value in texts if not isinstance(value, bytes))
    yield from (("dicom bytes", value) for value in texts if isinstance(value, bytes))


def _texts(dataset: Dataset) -> Iterator[Any]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _texts(item)
        elif isinstance(element.value, bytes):
            yield element.value
        else:
            yield from (element.value if element.VM > 1 else [element.value])


def _lines(values: Iterable[Any]) -> bytes:
    texts = (value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape") for value in values)
    return b"\n".join(texts)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Iterator[tuple[str, bytes]]]], ...] = (
    (lambda data: data.startswith(b"PK\x03\x04"), _zip_members),
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png_chunks),
    (lambda data: data.startswith(b"PAR1"), _parquet_values),
    (lambda data: data.startswith(b"SQLite format 3\0"), _sqlite_cells),
    (lambda data: data[128:132] == b"DICM", _dicom_values),
)
