"""What an instance says about its own de-identification (PS3.15 E.1, PS3.3 C.12.1.1.7), each claim only when true."""

from collections.abc import Iterable
from functools import lru_cache

from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import UID

from curate.dicom.codes import text_of
from curate.dicom.profile import Profile

METHOD = "radcurate: PS3.15 2026d Annex E"
IMPLEMENTATION_CLASS_UID = UID("2.25.15722967222280686510828924728633407531")
IMPLEMENTATION_VERSION_NAME = "RADCURATE_1"
CLEAN_PIXELS = "113101"
# SOP Classes that are refused, and what in them: a voice identifies; a document is bytes that nobody can clean, and
# without it nothing is left that a reader could open
REFUSED = {
    **dict.fromkeys(("1.2.840.10008.5.1.4.1.1.9.4.1", "1.2.840.10008.5.1.4.1.1.9.4.2"), 0x54001010),  # audio
    **{f"1.2.840.10008.5.1.4.1.1.104.{each}": 0x00420011 for each in range(1, 6)},  # PDF, CDA, STL, OBJ, MTL
}
# CID 7050, as PS3.16 words them
MEANINGS = {
    "113100": "Basic Application Confidentiality Profile",
    CLEAN_PIXELS: "Clean Pixel Data Option",
    "113102": "Clean Recognizable Visual Features Option",
    "113103": "Clean Graphics Option",
    "113104": "Clean Structured Content Option",
    "113105": "Clean Descriptors Option",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
    "113110": "Retain UIDs Option",
    "113111": "Retain Safe Private Option",
    "113112": "Retain Institution Identity Option",
}
_METHOD_TAG, _METHOD_CODES_TAG, _TEMPORAL_TAG = 0x00120063, 0x00120064, 0x00280303
_TEMPORAL = {"full": "UNMODIFIED", "modified": "MODIFIED", "remove": "REMOVED"}
_ALREADY_CHANGED = frozenset({"MODIFIED", "REMOVED"})


def mark(dataset: Dataset, profile: Profile) -> None:
    """Write the claims of a profile into a clean data set; what an earlier de-identification claimed stays beside."""
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [*(each for each in _methods(dataset) if each and each != METHOD), METHOD]
    _add_codes(dataset, profile.codes())
    already = profile.options.dates == "full" and text_of(dataset, _TEMPORAL_TAG) in _ALREADY_CHANGED
    if not already:
        dataset.LongitudinalTemporalInformationModified = _TEMPORAL[profile.options.dates]


def mark_pixels(dataset: Dataset, *, cleaned: bool) -> None:
    """Claim that burned-in text was looked for and removed: 113101 and BurnedInAnnotation NO. Else claim nothing."""
    if not cleaned:
        return
    codes = dataset.get_item(_METHOD_CODES_TAG) if _METHOD_CODES_TAG in dataset else None
    if isinstance(codes, RawDataElement) and codes.value:
        dataset[_METHOD_CODES_TAG] = _with_clean_pixels(codes._replace(value_tell=0))
    else:
        _add_codes(dataset, [CLEAN_PIXELS])
    dataset.BurnedInAnnotation = "NO"


def mark_face(dataset: Dataset, *, cut: bool) -> None:
    """Say that a face can be recognised (PS3.3 C.7.6.1.1); that it was cut away is no claim that it no longer can."""
    dataset.RecognizableVisualFeatures = "YES"
    if cut:
        dataset.DeidentificationMethod = [*_methods(dataset), "radcurate: face cut away"]


def _methods(dataset: Dataset) -> list[str]:
    stated = dataset[_METHOD_TAG].value if _METHOD_TAG in dataset else None
    return [stated] if isinstance(stated, str) else list(stated or ())


def file_meta(dataset: Dataset, transfer_syntax: UID) -> FileMetaDataset:
    """File meta for a clean data set, from nothing (PS3.10 Table 7.1-1)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def _add_codes(dataset: Dataset, codes: Iterable[str]) -> None:
    """Add entries of CID 7050 that are not there yet, in the order of their codes."""
    items = list(dataset[_METHOD_CODES_TAG].value or ()) if _METHOD_CODES_TAG in dataset else []
    there = {text_of(item, 0x00080100) for item in items}
    items += [_coded(code) for code in codes if code not in there]
    dataset.DeidentificationMethodCodeSequence = sorted(items, key=lambda item: text_of(item, 0x00080100))


@lru_cache(maxsize=16)
def _with_clean_pixels(codes: RawDataElement) -> RawDataElement:
    """The code sequence as it was read, with one entry more: those of a series are alike."""
    alone, buffer = Dataset(), DicomBytesIO()
    alone[_METHOD_CODES_TAG] = codes
    _add_codes(alone, [CLEAN_PIXELS])
    buffer.is_little_endian, buffer.is_implicit_VR = codes.is_little_endian, codes.is_implicit_VR
    write_dataset(buffer, alone, parent_encoding=["utf8"])
    value = buffer.getvalue()[8 if codes.is_implicit_VR else 12 :]
    return codes._replace(value=value, length=len(value))


def _coded(code: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", MEANINGS[code]
    return item
