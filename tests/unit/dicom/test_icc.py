"""ICC profiles: valid before and after, with the same numbers and no text."""

import struct

import pytest
from pydicom import Dataset

from curate.dicom import icc
from curate.dicom.read import read, realise
from curate.policy import Limits

CURVE = b"curv" + bytes(4) + struct.pack(">LH", 1, 0x0233)
TEXTS = {
    "text": b"text" + bytes(4) + b"Canary\0",
    "desc": b"desc" + bytes(4) + struct.pack(">L", 7) + b"Canary\0" + bytes(4 + 4 + 2 + 1 + 67) + b"Canary",
    "mluc": b"mluc" + bytes(4) + struct.pack(">LL", 1, 12) + b"enUS" + struct.pack(">LL", 12, 28)
    + "Canary".encode("utf-16-be"),
    "unknown": b"mmod" + bytes(4) + b"Canary",
    "reserved": b"curv" + b"Cana" + bytes(4),
}  # fmt: skip


def profile(*tags: tuple[bytes, bytes], gap: bytes = b"") -> bytes:
    """A profile with these tags, and bytes that no tag owns after each."""
    at, table, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags:
        padded = content.ljust(-(-len(content) // 4) * 4, b"\0")
        table += struct.pack(">4sLL", name, at + len(data), len(padded))
        data += padded + gap
    header = bytearray(128)
    header[:4], header[36:40] = (at + len(data)).to_bytes(4), b"acsp"
    header[8:24] = b"\x02\x10\0\0mntrRGB XYZ "
    header[48:56] = header[80:88] = header[4:8] + b"Cana"
    return bytes(header) + len(tags).to_bytes(4) + table + data


@pytest.mark.parametrize("kind", TEXTS)
def test_text_of_every_type_goes(kind) -> None:
    """Whatever type a tag's text has, it is not left, nor is what lies between tags, behind them or in the header."""
    source = profile((b"desc", TEXTS[kind]), (b"rTRC", CURVE), gap=b"Canary!!") + b"Canary"
    made = icc.blank(source)
    assert b"Cana" not in made
    assert "Canary".encode("utf-16-be") not in made
    assert CURVE in made
    assert icc.blank(made) == made


@pytest.mark.parametrize(
    "broken",
    [b"", b"Canary", profile()[:100], profile((b"rTRC", CURVE))[:-4], bytes(132), profile((b"rTRC", b"curv"))],
)
def test_what_is_no_profile_is_removed(broken, instance, clean) -> None:
    """Bytes that cannot be walked as a profile are not passed on."""
    assert not icc.is_profile(broken)
    source = instance()
    source.add_new(0x00282000, "OB", broken)
    assert "ICCProfile" not in clean(source).dataset


def test_profile_is_kept_at_any_depth(instance, clean) -> None:
    """A profile stays where it was, in an optical path as at the top level, without its text."""
    path = Dataset()
    path.ICCProfile = profile((b"cprt", TEXTS["text"]), (b"rTRC", CURVE))
    made = clean(instance(ICCProfile=path.ICCProfile, OpticalPathSequence=[path])).dataset
    assert made.ICCProfile == made.OpticalPathSequence[0].ICCProfile == icc.blank(path.ICCProfile)


def test_real_profiles_are_still_profiles(real_dicom) -> None:
    """A profile of a real instance opens with a colour engine after as before, and describes nobody."""
    cms = pytest.importorskip("PIL.ImageCms")
    from io import BytesIO

    source = read(real_dicom / "highdicom" / "sm_image.dcm", Limits())
    realise(source)
    before = source.OpticalPathSequence[0].ICCProfile
    after = icc.blank(before)
    opened = [cms.ImageCmsProfile(BytesIO(each)) for each in (before, after)]
    assert opened[0].profile.red_primary == opened[1].profile.red_primary
    assert opened[0].profile.profile_description
    assert not (opened[1].profile.profile_description or "").strip("\0")
    assert not (opened[1].profile.copyright or "").strip("\0")
