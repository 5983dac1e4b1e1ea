"""Compressed frames without what encoders write beside the picture, and without re-encoding one.

JPEG and JPEG-LS streams lose their application and comment segments (ISO 10918-1 B.2.4.5 and B.2.4.6): cameras, editors
and archives put names, dates, places and whole thumbnails there. JPEG 2000 streams lose comments (ISO 15444-1 A.9.2),
and wrapped ones their XML and UUID boxes (ISO 15444-1 I.7). Kept are the few bytes that say how colours are coded:
JFIF, Adobe's APP14, and HP's colour transform of JPEG-LS. Entropy-coded bytes are copied as they are. Deflated frames
end where their stream ends (PS3.5 A.4.13).
"""

import re
import zlib
from collections.abc import Iterator

from curate.dicom import icc

JPEG = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (50, 51, 53, 55, 57, 70, 80, 81))
JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (90, 91, 92, 93, 201, 202, 203))
DEFLATED = frozenset({"1.2.840.10008.1.2.8.1"})
KNOWN = JPEG | JPEG_2000 | DEFLATED
# SOF, DHT, DAC, SOS, DQT, DNL, DRI, DHP, EXP of ISO 10918-1 Table B.1; SOF55 and LSE of ISO 14495-1 Table C.1
_SEGMENTS = frozenset({*range(0xC0, 0xC8), *range(0xC9, 0xD0), *range(0xDA, 0xE0), 0xF7, 0xF8})
# Application segments that decide colours: marker, how they begin, bytes of their fixed fields
_COLOUR = ((0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12), (0xE8, b"mrfx", 5))
_JFIF_SIZED = 12  # JFIF ends with the size of its thumbnail, 0 by 0 once that is gone
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")  # in a scan; stuffed bytes and restart markers belong to it
_PIECE = 1 << 20
_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_BOXES = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c"})
_HEADER_BOXES = frozenset({b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef"})


def strip(frame: bytes, transfer_syntax: str) -> bytes:
    """One frame without free text; the very same object where there was none, or in any other transfer syntax.

    Raises ValueError or zlib.error when the stream cannot be followed to its end.
    """
    if transfer_syntax in JPEG:
        made = b"".join(_jpeg(frame))
    elif transfer_syntax in JPEG_2000:
        made = _boxes(frame, _BOXES) if frame.startswith(_SIGNATURE) else b"".join(_codestream(frame))
    elif transfer_syntax in DEFLATED:
        made = _deflated(frame)
    else:
        return frame
    return frame if made.rstrip(b"\0") == frame.rstrip(b"\0") else made


def _deflated(frame: bytes) -> bytes:
    """The stream itself (RFC 1951); inflated piece by piece, and nothing of it kept."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    left = frame
    while not stream.eof:
        if not stream.decompress(left, _PIECE) and not stream.eof:
            raise ValueError
        left = stream.unconsumed_tail
    return frame[: len(frame) - len(stream.unused_data)]


def _jpeg(frame: bytes) -> Iterator[bytes]:
    """The segments and scans that stay (ISO 10918-1 B.1), to the end of image; what follows that goes."""
    if frame[:2] != b"\xff\xd8":
        raise ValueError
    yield frame[:2]
    at = 2
    while True:
        at, code = _marker(frame, at)
        if code == _END:
            yield b"\xff\xd9"
            return
        end = _segment_end(frame, at)
        yield from _segment(code, frame[at + 2 : end])
        at = end
        if code == _SCAN:
            found = _MARKER.search(frame, end)
            if not found:
                raise ValueError
            at = found.start()
            yield frame[end:at]


def _marker(frame: bytes, at: int) -> tuple[int, int]:
    """The offset after the marker at `at`, and its code; any number of fill bytes may come before (B.1.1.2)."""
    start = at
    while frame[at : at + 1] == b"\xff":
        at += 1
    if at == start or at >= len(frame) or frame[at] in {0, _START}:
        raise ValueError
    return at + 1, frame[at]


def _segment_end(frame: bytes, at: int) -> int:
    length = int.from_bytes(frame[at : at + 2])
    if length < 2 or at + length > len(frame):
        raise ValueError
    return at + length


def _segment(code: int, content: bytes) -> Iterator[bytes]:
    """A segment that decoders need, without free bytes."""
    for marker, begins, size in _COLOUR:
        if code == marker and content.startswith(begins) and len(content) >= size:
            content = content[:_JFIF_SIZED] + b"\0\0" if begins == b"JFIF\0" else content[:size]
            break
    else:
        if code not in _SEGMENTS:
            return
    yield bytes((0xFF, code)) + (len(content) + 2).to_bytes(2) + content


def _codestream(frame: bytes) -> Iterator[bytes]:
    """A JPEG 2000 codestream: comments of the main header go, those of tile-parts become zeros of the same length."""
    if frame[:2] != b"\xff\x4f":
        raise ValueError
    yield frame[:2]
    at = 2
    while (code := frame[at : at + 2]) != b"\xff\x90":
        end = _parameters_end(frame, at)
        if code != b"\xff\x64":
            yield frame[at:end]
        at = end
    while frame[at : at + 2] == b"\xff\x90":
        end = _tile_part_end(frame, at)
        yield _tile_part(frame[at:end])
        at = end
    if at < len(frame) and frame[at : at + 2] != b"\xff\xd9" and frame[-2:] != b"\xff\xd9":
        raise ValueError
    yield b"\xff\xd9"


def _parameters_end(stream: bytes, at: int) -> int:
    """The end of a marker segment of a header (ISO 15444-1 A.1.3)."""
    if stream[at : at + 1] != b"\xff":
        raise ValueError
    return _segment_end(stream, at + 2)


def _tile_part_end(frame: bytes, at: int) -> int:
    """The end of the tile-part at `at`; a length of 0 means to the end of the codestream (ISO 15444-1 A.4.2)."""
    length = int.from_bytes(frame[at + 6 : at + 10])
    end = at + length if length else frame.rfind(b"\xff\xd9")
    if end < at + 12 or end > len(frame):
        raise ValueError
    return end


def _tile_part(part: bytes) -> bytes:
    """A tile-part whose comments are zeros, so that every length and pointer still holds."""
    made, at = bytearray(part), 0
    while part[at : at + 2] != b"\xff\x93":
        end = _parameters_end(part, at)
        if part[at : at + 2] == b"\xff\x64":
            made[at + 4 : end] = bytes(end - at - 4)
        at = end
    return bytes(made)


def _boxes(content: bytes, allowed: frozenset[bytes]) -> bytes:
    """The boxes of a JP2 file, or of its header, that a decoder needs (ISO 15444-1 I.4)."""
    made, at = b"", 0
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + length if length else len(content)
        if (length and length < 8) or end > len(content):
            raise ValueError
        if kind in allowed:
            inside = _box(kind, content[at + 8 : end])
            made += (len(inside) + 8).to_bytes(4) + kind + inside
        at = end
    return made


def _box(kind: bytes, inside: bytes) -> bytes:
    if kind == b"jp2h":
        return _boxes(inside, _HEADER_BOXES)
    if kind == b"jp2c":
        return b"".join(_codestream(inside))
    if kind == b"colr" and inside[:1] == b"\x02":  # a restricted ICC profile
        return inside[:3] + icc.blank(inside[3:])
    return inside
