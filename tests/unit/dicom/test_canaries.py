"""What leaked out of other tools: one canary in every place of a header that can hold one, and none in the output.

The output is searched as bytes and decoded, as UTF-8, Latin-1 and UTF-16, deflated transfer syntaxes inflated.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from struct import unpack

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from curate.dicom.deidentify import deidentify
from curate.dicom.profile import Profile
from curate.dicom.read import read, realise
from curate.dicom.write import encode, write
from curate.policy import Limits, ProfileOptions
from curate.privacy.surrogates import Surrogates
from curate.records import RawInstance

CANARY = re.compile(r"canary", re.IGNORECASE)
CANARY_AS_NUMBER = float(unpack("<d", b"Canary!!")[0])


def item(**attributes: object) -> Dataset:
    """One item of a sequence."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def add(tag: int, vr: str, value: object) -> Callable[[Dataset], None]:
    """Plant by tag, for private and odd elements."""
    return lambda dataset: dataset.add_new(tag, vr, value)


def put(**attributes: object) -> Callable[[Dataset], None]:
    """Plant by keyword."""
    return lambda dataset: dataset.update(item(**attributes))


def raw(tag: int, vr: str, value: bytes) -> Callable[[Dataset], None]:
    """Plant bytes as a reader finds them, which pydicom would not take as a value."""
    element = RawDataElement(Tag(tag), vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True)
    return lambda dataset: dataset.__setitem__(element.tag, element)


def preamble(dataset: Dataset) -> None:
    """128 bytes that applications fill as they like."""
    dataset.preamble = b"Canary".ljust(128, b"\0")


def file_meta(dataset: Dataset) -> None:
    """Titles, private information and names of whoever wrote the file."""
    meta = dataset.file_meta
    meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = "CANARYAE"
    meta.ReceivingApplicationEntityTitle = meta.ImplementationVersionName = "CANARYAE"
    meta.PrivateInformationCreatorUID, meta.PrivateInformation = "1.2.3", b"Canary"


def private_without_creator(dataset: Dataset) -> None:
    """An element of a block that nobody reserved."""
    dataset.add_new(0x00111001, "LO", "Canary")


def private_block(dataset: Dataset) -> None:
    """A block of a known creator with everything in it: names, dates, UIDs, nested public attributes, bytes."""
    dataset.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    for element, vr, value in (
        (0x0C, "LO", "Canary"), (0x0D, "PN", "Canary^Ada"), (0x0E, "UI", "1.2.3.4"), (0x0F, "OB", b"Canary"),
        (0x10, "UN", b"Canary"), (0x11, "SQ", [item(PatientName="Canary^Ada", TextValue="Canary")]),
    ):  # fmt: skip
        dataset.add_new(0x00191000 + element, vr, value)


PLACES: dict[str, Callable[[Dataset], None]] = {
    "preamble": preamble,
    "file meta": file_meta,
    "study description": put(StudyDescription="CT for Dr Canary", SeriesDescription="Canary"),
    "protocol and comments": put(ProtocolName="Canary", ImageComments="Canary", RequestedProcedureDescription="Canary"),
    "two deep": put(
        ReferencedSeriesSequence=[
            item(
                SeriesDescription="Canary",
                RelatedSeriesSequence=[
                    item(ReferringPhysicianName="Canary^A", InstitutionName="Canary", StudyDescription="Canary")
                ],
            )
        ]
    ),
    "request attributes": put(RequestAttributesSequence=[item(ScheduledProcedureStepDescription="Canary")]),
    "code meaning": put(
        ProcedureCodeSequence=[item(CodeValue="P5-09051", CodingSchemeDesignator="SRT", CodeMeaning="Canary")]
    ),
    "private code": put(
        ProcedureCodeSequence=[item(CodeValue="Canary", CodingSchemeDesignator="99CANARY", CodeMeaning="x")]
    ),
    "long and urn code": put(ProcedureCodeSequence=[item(LongCodeValue="Canary" * 9, URNCodeValue="urn:canary")]),
    "private without creator": private_without_creator,
    "private block": private_block,
    "private creator": add(0x00190010, "LO", "Canary Medical"),
    "undefined UN": add(0x00082200, "UN", b"Canary"),
    "public UN": add(0x00101040, "UN", b"Canary Street 7"),
    "OB": add(0x0070_0256, "OB", b"Canary"),
    "icc profile": add(0x00282000, "OB", b"Canary"),
    "encrypted": put(EncryptedAttributesSequence=[item(EncryptedContent=b"Canary")]),
    "coded string that is none": put(BodyPartExamined="Canary", ImageType=["ORIGINAL", "Canary said"]),
    "time, date and zone that are none": put(StudyTime="Canary", StudyDate="Canary", TimezoneOffsetFromUTC="Canary"),
    "age that is none": put(PatientAge="Canary"),
    "uid that is none": put(FrameOfReferenceUID="1.2.Canary", ReferencedSOPClassUID="Canary"),
    "curve": lambda dataset: [add(0x50000022, "LO", "Canary")(dataset), add(0x50003000, "OW", b"Canary")(dataset)],
    "overlay": lambda dataset: [
        add(0x60000022, "LO", "Canary")(dataset),
        add(0x60001500, "LO", "Canary")(dataset),
        add(0x60003000, "OW", b"Canary")(dataset),
        add(0x60204000, "LT", "Canary")(dataset),
    ],
    "icon": put(IconImageSequence=[item(Rows=1, Columns=6, BitsAllocated=8, PixelData=b"Canary")]),
    "nested pixel data": put(ReferencedSeriesSequence=[item(BitsAllocated=8, PixelData=b"Canary")]),
    "beam and dose": put(
        BeamSequence=[item(BeamName="Canary", BeamDescription="Canary")],
        DoseComment="Canary",
        RadiationMachineName="Canary",
        RTPlanLabel="Canary",
    ),
    "graphic annotation": put(
        GraphicAnnotationSequence=[item(TextObjectSequence=[item(UnformattedTextValue="Canary")])],
        GraphicLayerSequence=[item(GraphicLayerDescription="Canary")],
        ContentLabel="Canary",
    ),
    "waveform annotation": put(WaveformAnnotationSequence=[item(UnformattedTextValue="Canary", TextValue="Canary")]),
    "content items": put(
        ContentSequence=[
            item(
                ValueType="TEXT",
                TextValue="Canary",
                ConceptNameCodeSequence=[
                    item(CodeValue="121071", CodingSchemeDesignator="DCM", CodeMeaning="Finding of Canary")
                ],
            ),
            item(ValueType="PNAME", PersonName="Canary^Ada"),
            item(ValueType="UIDREF", UID="1.2.Canary"),
            item(ValueType="DATE", Date="Canary"),
            item(ValueType="CODE", ConceptCodeSequence=[item(CodeMeaning="Canary")]),
        ]
    ),
    "acquisition context": put(AcquisitionContextSequence=[item(ValueType="TEXT", TextValue="Canary")]),
    "specimen": put(
        SpecimenDescriptionSequence=[
            item(
                SpecimenIdentifier="Canary",
                SpecimenShortDescription="Canary",
                SpecimenPreparationSequence=[
                    item(SpecimenPreparationStepContentItemSequence=[item(TextValue="Canary")])
                ],
            )
        ]
    ),
    "encapsulated document": put(
        EncapsulatedDocument=b"%PDF Canary", DocumentTitle="Canary", MIMETypeOfEncapsulatedDocument="Canary"
    ),
    "trailing padding": add(0xFFFCFFFC, "OB", b"Canary"),
    "original attributes": put(
        OriginalAttributesSequence=[
            item(
                SourceOfPreviousValues="Canary",
                ModifiedAttributesSequence=[item(PatientName="Canary^Old", PatientID="Canary")],
            )
        ]
    ),
    "other identifiers": put(
        OtherPatientIDs="Canary",
        OtherPatientNames="Canary^B",
        OtherPatientIDsSequence=[item(PatientID="Canary", IssuerOfPatientID="Canary")],
        IssuerOfPatientID="Canary",
    ),
    "identifiers": put(PatientID="Canary7", AccessionNumber="Canary8", StudyID="Canary9", DeviceSerialNumber="Canary"),
    "dates as text": put(PatientBirthDateInAlternativeCalendar="Canary", PatientBirthDate="Canary"),
    "segments and structures": put(
        SegmentSequence=[item(SegmentLabel="Canary", SegmentDescription="Canary", TrackingID="Canary")],
        StructureSetROISequence=[item(ROIName="Canary")],
    ),
    "ethnicity": put(EthnicGroup="Canary", PatientComments="Canary", Occupation="Canary", Allergies="Canary"),
    "servers": put(
        RetrieveURL="http://canary", RetrieveAETitle="CANARY", StationName="CANARY", NTPSourceAddress="canary"
    ),
    "several values": put(OperatorsName=["Canary^A", "Canary^B"], SoftwareVersions=["1.0", "Canary"]),
    "earlier de-identification": put(DeidentificationMethod=["Canary's script", "v2"]),
    "text where numbers were": add(0x00200010, "LO", "Canary"),
    "numbers that are none": lambda dataset: [
        raw(0x00200013, "IS", b"Canary")(dataset),
        raw(0x00201041, "DS", b"Canary")(dataset),
        raw(0x00280030, "DS", b"1\\1Canary")(dataset),
        raw(0x00280002, "US", b"Canary!")(dataset),
    ],
    "bytes as numbers": lambda dataset: [
        add(0x00081030, "FD", CANARY_AS_NUMBER)(dataset),
        add(0x00321070, "FD", CANARY_AS_NUMBER)(dataset),
    ],
    "no such attribute": lambda dataset: [
        add(0x00082200, "FD", CANARY_AS_NUMBER)(dataset),
        add(0x00082202, "CS", "CANARY")(dataset),
    ],
    "wrong VR": lambda dataset: [add(0x00280010, "LO", "Canary")(dataset), add(0x00281201, "UT", "Canary")(dataset)],
}


def searched(path: Path) -> list[str]:
    """Every reading of the file's bytes, and of its values decoded by their character sets."""
    raw = path.read_bytes()
    dataset = dcmread(path)
    readings = [raw.decode(encoding, "replace") for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")]
    return [*readings, str(dataset), str(dataset.file_meta)]


@pytest.mark.parametrize("place", PLACES)
def test_no_canary_leaves_a_place(place, instance, clean, tmp_path) -> None:
    """A canary planted in one place is in no byte of the file, and in no note of what was done."""
    source = instance()
    PLACES[place](source)
    made = clean(source)
    write(made.dataset, tmp_path / "clean.dcm")
    assert not any(CANARY.search(each) for each in searched(tmp_path / "clean.dcm"))
    assert not CANARY.search(str(made.actions))


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
    ids=lambda each: each.keyword,
)
@pytest.mark.parametrize("options", ["default", "private", "basic", "full"])
def test_no_canary_leaves_all_places_at_once(syntax, options, instance, clean, nothing_retained, tmp_path) -> None:
    """All canaries together, through file and reader, in every encoding and with the options that keep most."""
    chosen = {
        "default": ProfileOptions(),
        "private": ProfileOptions(retain_safe_private=True),
        "basic": nothing_retained,
        "full": replace(ProfileOptions(), dates="full", retain_safe_private=True),
    }[options]
    source = instance()
    for place, plant in PLACES.items():
        if place not in {"wrong VR", "numbers that are none", "encapsulated document", "text where numbers were"}:
            plant(source)
    source.file_meta.TransferSyntaxUID = syntax
    write(source, tmp_path / "raw.dcm")
    dataset = read(tmp_path / "raw.dcm", Limits())
    realise(dataset)
    write(clean(dataset, chosen).dataset, tmp_path / "clean.dcm")
    assert any(CANARY.search(each) for each in searched(tmp_path / "raw.dcm"))
    assert not any(CANARY.search(each) for each in searched(tmp_path / "clean.dcm"))


@pytest.mark.parametrize(
    ("character_set", "name", "text"),
    [
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田先生の依頼"),
        ("GB18030", "Wang^XiaoDong=王小东", "王小东的胸片"),
        ("ISO_IR 192", "Müllerowna^Ada", "Röntgen für Müllerowna"),
        ("ISO_IR 100", "Müllerowna^Ada", "Röntgen für Müllerowna"),
    ],
)
def test_no_canary_leaves_a_character_set(character_set, name, text, instance, clean, tmp_path) -> None:
    """Names and texts are found in the source's character set, and the output, in UTF-8, holds the rest unharmed."""
    source = instance()
    source.SpecificCharacterSet, source.PatientName, source.StudyDescription = character_set, name, text
    source.ReferencedSeriesSequence = [item(SeriesDescription=text, OperatorsName=name)]
    write(source, tmp_path / "raw.dcm")
    dataset = read(tmp_path / "raw.dcm", Limits())
    realise(dataset)
    assert str(dataset.PatientName) == name
    write(clean(dataset).dataset, tmp_path / "clean.dcm")
    back = dcmread(tmp_path / "clean.dcm")
    readings = searched(tmp_path / "clean.dcm")
    for secret in ("山田", "太郎", "やまだ", "王小东", "Müllerowna", "Yamada", "Wang"):
        assert not any(secret in each for each in readings)
    assert back.SpecificCharacterSet == "ISO_IR 192"
    assert "SpecificCharacterSet" not in back.ReferencedSeriesSequence[0]
    for kept in ("先生の依頼", "的胸片", "Röntgen für "):
        assert (
            (kept in text)
            == (kept in back.StudyDescription)
            == (kept in back.ReferencedSeriesSequence[0].SeriesDescription)
        )


def test_replacement_beyond_the_source_repertoire_is_written(instance, clean) -> None:
    """An ASCII instance whose cleaned text is not ASCII is written, not refused: the output is UTF-8."""
    made = deidentify(
        RawInstance("k", instance(StudyDescription="plain")), Profile.compile(ProfileOptions()),
        Surrogates(bytes(32), "p"), lambda texts: ["Ż" * len(text) for text in texts],
    )  # fmt: skip
    assert "ŻŻŻŻŻ".encode() in bytes(encode(made.dataset))
