"""Compressed frames: text beside the picture goes, and the picture is the same to the last sample."""

import struct
import zlib

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.encaps import encapsulate, generate_frames, parse_basic_offsets
from pydicom.pixels import get_decoder

from curate.dicom import bitstream, pixeldata
from curate.dicom.read import read, realise
from curate.errors import Reason, Rejected
from curate.policy import Limits
from curate.records import CleanInstance

JPEG, JPEG_LS, JPEG_2000 = (f"1.2.840.10008.1.2.4.{each}" for each in (50, 80, 90))


def segment(code: int, content: bytes) -> bytes:
    """A marker segment, of JPEG or JPEG 2000."""
    return bytes((0xFF, code)) + (len(content) + 2).to_bytes(2) + content


QUANTISATION = segment(0xDB, bytes(65))
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"ab\xff\x00c\xff\xd3d"
PLAIN = b"\xff\xd8" + QUANTISATION + SCAN + b"\xff\xd9"
TEXTS = {
    "comment": segment(0xFE, b"Canary"),
    "exif": segment(0xE1, b"Exif\0\0Canary"),
    "xmp": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0Canary"),
    "icc": segment(0xE2, b"ICC_PROFILE\0\x01\x01Canary"),
    "iptc": segment(0xED, b"Photoshop 3.0\0Canary"),
    "jumbf": segment(0xEB, b"JPCanary"),
    "jfxx": segment(0xE0, b"JFXX\0\x10Canary"),
    "spiff": segment(0xE8, b"SPIFF\0Canary"),
    "extension": segment(0xF0, b"Canary"),
}


@pytest.mark.parametrize("place", TEXTS)
def test_text_segments_of_jpeg_go(place) -> None:
    """Every kind of application, comment or unknown segment goes, before and after the scan; the rest stays."""
    frame = b"\xff\xd8" + TEXTS[place] + QUANTISATION + SCAN + TEXTS[place] + b"\xff\xd9"
    assert bitstream.strip(frame, JPEG) == PLAIN


def test_what_decides_colours_stays_without_free_bytes() -> None:
    """JFIF, Adobe's APP14 and HP's transform keep their fixed fields; thumbnails and what is appended go."""
    jfif = b"JFIF\0\x01\x02\x01\x00\x48\x00\x48"
    adobe, hp = b"Adobe\0\x64\0\0\0\0\x01", b"mrfx\x02"
    frame = (
        b"\xff\xd8" + segment(0xE0, jfif + b"\x02\x01Canary") + segment(0xEE, adobe + b"Canary")
        + segment(0xE8, hp + b"Canary") + PLAIN[2:]
    )  # fmt: skip
    kept = segment(0xE0, jfif + b"\0\0") + segment(0xEE, adobe) + segment(0xE8, hp)
    assert bitstream.strip(frame, JPEG_LS) == b"\xff\xd8" + kept + PLAIN[2:]


def test_bytes_after_the_end_of_image_go() -> None:
    """What follows the end marker is no picture; zeros that pad it stay, as does a frame with nothing to cut."""
    assert bitstream.strip(PLAIN + b"Canary", JPEG) == PLAIN
    for frame in (PLAIN, PLAIN + b"\0"):
        assert bitstream.strip(frame, JPEG) is frame


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\xff\xd8", b"Canary", PLAIN[:-2], PLAIN[:40], PLAIN[:2] + b"Canary" + PLAIN[2:],
        b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8\xff\xe1\0\x01", b"\xff\xd8" + PLAIN,
    ],
)  # fmt: skip
def test_stream_that_cannot_be_walked_is_refused(frame) -> None:
    """Damaged markers are an error, never a guess."""
    with pytest.raises(ValueError, match=r"^$"):
        bitstream.strip(frame, JPEG)


def codestream(*, main: bytes = b"", tile: bytes = b"") -> bytes:
    """A JPEG 2000 codestream of two tile-parts, with segments in the main header and in the first tile-part."""
    size = segment(0x51, bytes(38))
    parts = b""
    for number, inside in enumerate((tile, b"")):
        body = inside + b"\xff\x93" + b"data"
        parts += segment(0x90, struct.pack(">HLBB", number, 12 + len(body), 0, 1)) + body
    return b"\xff\x4f" + size + main + parts + b"\xff\xd9"


def test_comments_of_jpeg_2000_go() -> None:
    """Comments leave the main header; those of a tile-part become zeros, so that its length still holds."""
    comment = segment(0x64, b"\0\x01Canary")
    assert bitstream.strip(codestream(main=comment), JPEG_2000) == codestream()
    blank = segment(0x64, bytes(8))
    assert bitstream.strip(codestream(tile=comment), JPEG_2000) == codestream(tile=blank)
    assert bitstream.strip(codestream() + b"Canary", JPEG_2000) == codestream()
    with pytest.raises(ValueError, match=r"^$"):
        bitstream.strip(codestream()[:60], JPEG_2000)


def box(kind: bytes, content: bytes) -> bytes:
    """A box of a JP2 file."""
    return (len(content) + 8).to_bytes(4) + kind + content


def test_boxes_of_jp2_go() -> None:
    """Of a wrapped codestream, XML, UUID and unknown boxes go, in the header too."""
    begin = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    header = box(b"ihdr", bytes(14)) + box(b"colr", b"\x01\0\0\0\0\0\x10")
    noisy = begin + box(b"jp2h", header + box(b"xml ", b"Canary")) + box(b"uuid", b"Canary") + box(b"xml ", b"Canary")
    noisy += box(b"jp2c", codestream(main=segment(0x64, b"\0\x01Canary")))
    assert bitstream.strip(noisy, JPEG_2000) == begin + box(b"jp2h", header) + box(b"jp2c", codestream())


def encapsulated(instance, frames: list[bytes], *, syntax: str = JPEG) -> Dataset:
    """An instance of compressed frames."""
    source = instance(NumberOfFrames=len(frames))
    source.file_meta.TransferSyntaxUID = syntax
    source.PixelData = encapsulate(frames)
    source["PixelData"].VR, source["PixelData"].is_undefined_length = "OB", True
    return source


def test_bytes_after_a_deflated_stream_go() -> None:
    """A deflated frame ends where its stream does; a byte of padding stays, and a stream without end is an error."""
    packer = zlib.compressobj(wbits=-15)
    stream = packer.compress(bytes(range(256)) * 8) + packer.flush()
    syntax = "1.2.840.10008.1.2.8.1"
    assert bitstream.strip(stream + b"Canary", syntax) == stream
    assert bitstream.strip(stream + b"\0", syntax) == stream + b"\0"
    for broken in (stream[:-3], b"", b"Canary"):
        with pytest.raises((ValueError, zlib.error)):
            bitstream.strip(broken, syntax)


def test_offset_table_is_made_again(instance, clean) -> None:
    """Where a frame changed, every frame is found at the offset that the new table says; the extended one goes."""
    noisy = b"\xff\xd8" + TEXTS["exif"] + PLAIN[2:]
    source = encapsulated(instance, [PLAIN, noisy, PLAIN])
    source.ExtendedOffsetTable, source.ExtendedOffsetTableLengths = b"", b""
    made = clean(source).dataset
    assert "ExtendedOffsetTable" not in made
    assert [each.rstrip(b"\0") for each in generate_frames(made.PixelData, number_of_frames=3)] == [PLAIN] * 3
    each = len(PLAIN) + len(PLAIN) % 2 + 8
    assert parse_basic_offsets(made.PixelData) == [0, each, 2 * each]
    assert b"Canary" in source.PixelData


def test_frames_without_text_keep_every_byte(instance, clean) -> None:
    """Fragments are made again only where something was cut; other transfer syntaxes are handed on."""
    for syntax in (JPEG, "1.2.840.10008.1.2.5"):
        source = encapsulated(instance, [PLAIN, PLAIN], syntax=syntax)
        assert clean(source).dataset.PixelData is source.PixelData


def noted(made: CleanInstance) -> list[str]:
    """What the journal notes of pixel data beyond that they were kept."""
    return [source for (tag, action, source) in made.actions if (tag, action) == ("(7FE0,0010)", "C")]


def test_what_is_cut_is_noted_and_nothing_else(instance, clean) -> None:
    """One note where something was cut from frames or behind native samples; none for a byte of padding that lacked."""
    with_text = PLAIN[:2] + TEXTS["comment"] + PLAIN[2:]
    assert noted(clean(encapsulated(instance, [with_text]))) == ["bit stream: no part of the picture"]
    assert noted(clean(encapsulated(instance, [PLAIN]))) == []
    native = instance(Rows=2, Columns=3, BitsAllocated=8, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2")
    native.PixelData = bytes(6)
    assert noted(clean(native)) == []
    native.PixelData = bytes(6) + b"Canary"
    assert noted(clean(native)) == ["PS3.5 8.1.1: beyond the last pixel"]


def test_broken_frame_is_rejected(instance, clean) -> None:
    """A stream that cannot be walked refuses the instance, and the reason names the attribute only."""
    with pytest.raises(Rejected) as raised:
        clean(encapsulated(instance, [PLAIN[:-2] + b"Canary"]))
    assert (raised.value.reason, raised.value.where) == (Reason.MALFORMED, "(7FE0,0010)")


def test_bytes_beyond_native_pixel_data_go(instance, clean) -> None:
    """Pixel data end where Rows, Columns and the rest say; of the right length they are the very same bytes."""
    source = instance()
    assert clean(source).dataset.PixelData is source.PixelData
    source.PixelData += b"Canary"
    assert clean(source).dataset.PixelData == source.PixelData[:8]
    colour = instance(SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL_422", BitsAllocated=8)
    colour.PixelData = bytes(12)  # mislabelled: nothing is subsampled
    assert clean(colour).dataset.PixelData == bytes(12)


def frames_of(dataset: Dataset) -> np.ndarray:
    """All frames, decoded as the file says."""
    return get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(dataset, raw=True)[0]


def test_decoded_pixels_of_real_files_are_identical(real_dicom) -> None:
    """Every real JPEG, JPEG-LS and JPEG 2000 instance decodes to the same samples before and after."""
    changed = compared = 0
    for path in sorted(each for each in real_dicom.rglob("*") if each.is_file()):
        try:
            before = read(path, Limits())
            realise(before)
            syntax = str(before.file_meta.TransferSyntaxUID)
            if syntax not in bitstream.JPEG | bitstream.JPEG_2000:
                continue
            pixels = frames_of(before)
        except (Rejected, AttributeError, ValueError, RuntimeError):
            continue
        value = before.PixelData
        pixeldata.settle(before, syntax)
        compared += 1
        changed += before.PixelData is not value
        assert np.array_equal(frames_of(before), pixels), path.name
        for frame in generate_frames(before.PixelData, number_of_frames=int(before.get("NumberOfFrames") or 1)):
            stripped = bitstream.strip(frame, syntax)
            assert stripped.rstrip(b"\0") == frame.rstrip(b"\0"), path.name
    assert compared >= 38
    assert changed >= 15
