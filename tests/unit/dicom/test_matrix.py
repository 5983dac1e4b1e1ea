"""The matrix of planted identifiers: every place of a header that other tools were seen to leak, in four encodings.

Each cell goes through a file and the reader, with the options that keep most, and is held to both sides: nothing
planted is left in any byte, and what the instance is good for is still there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.charset import encode_string
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.pixels.utils import get_expected_length

from curate.dicom.deidentify import deidentify
from curate.dicom.profile import Profile
from curate.dicom.read import read, realise
from curate.dicom.write import write
from curate.policy import Limits, ProfileOptions, TextOptions
from curate.privacy.identifiers import KnownIdentifiers, collect
from curate.records import CleanInstance, RawInstance
from curate.text.scrub import Scrubber

SAFE = ProfileOptions(retain_safe_private=True)


@dataclass(frozen=True)
class Secret:
    """One identifier in one character set: its defined terms, the word, a name of it, and Python's codec."""

    terms: object
    word: str
    name: str
    codecs: list[str]

    @property
    def text(self) -> str:
        """Words of a description around it."""
        return f"CT CHEST for {self.word}"

    @property
    def blob(self) -> bytes:
        """The word as bytes that nobody decodes, an even number of them."""
        made = b"Canary " + encode_string(self.word, self.codecs)
        return made + b" " * (len(made) % 2)

    def is_in(self, content: bytes) -> bool:
        """Whether the word stands in some bytes, in its own encoding or another."""
        forms = {encode_string(self.word, self.codecs), *(self.word.encode(each) for each in ("utf-8", "utf-16-le"))}
        return b"canary" in content.lower() or any(form in content for form in forms)


SECRETS = {
    "ISO_IR 100": Secret("ISO_IR 100", "Müllerowna", "Müllerowna^Ada", ["iso8859"]),
    "ISO_IR 192": Secret("ISO_IR 192", "Müllerowna", "Müllerowna^Ada", ["utf8"]),
    "ISO 2022 IR 87": Secret(
        ["", "ISO 2022 IR 87"], "山田", "Canary^Ada=山田^太郎=やまだ^たろう", ["iso8859", "iso2022_jp"]
    ),
    "GB18030": Secret("GB18030", "王小东", "Canary^XiaoDong=王小东", ["GB18030"]),
}
TEXTS = [
    "StudyDescription",
    "ProtocolName",
    "ImageComments",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "PatientComments",
    "AdditionalPatientHistory",
    "AdmittingDiagnosesDescription",
    "DerivationDescription",
    "ContrastBolusAgent",
    "MedicalAlerts",
    "Allergies",
    "Occupation",
    "ReasonForStudy",
    "InstitutionName",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
    "StationName",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "Manufacturer",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "OtherPatientIDs",
    "IssuerOfPatientID",
    "MilitaryRank",
    "EthnicGroup",
    "RegionOfResidence",
    "CountryOfResidence",
    "StudyComments",
    "VisitComments",
    "TextComments",
    "DoseComment",
    "RadiationMachineName",
    "RTPlanLabel",
    "RTPlanDescription",
    "StructureSetLabel",
    "ContentDescription",
    "FrameComments",
    "AccessionNumber",
    "StudyID",
    "PatientID",
    "AdmissionID",
    "ServiceEpisodeID",
    "RequestingService",
    "CurrentPatientLocation",
    "PlacerOrderNumberImagingServiceRequest",
    "FillerOrderNumberImagingServiceRequest",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSponsorName",
    "DeidentificationMethod",
    "TextValue",
    "ConvolutionKernel",
    "SequenceName",
    "CommentsOnRadiationDose",
]
NAMES = [
    "PatientName",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "ResponsiblePerson",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "NameOfPhysiciansReadingStudy",
    "PhysiciansOfRecord",
    "RequestingPhysician",
    "ContentCreatorName",
    "ReviewerName",
    "VerifyingObserverName",
    "EvaluatorName",
]
CODED = [
    "StudyDate",
    "StudyTime",
    "PatientAge",
    "TimezoneOffsetFromUTC",
    "BodyPartExamined",
    "ImageType",
    "FrameOfReferenceUID",
    "RetrieveAETitle",
    "RetrieveURL",
    "PatientBirthDate",
    "AcquisitionDateTime",
    "PixelSpacing",
    "InstanceNumber",
]
Plant = Callable[[Dataset, Secret], None]


def item(**attributes: object) -> Dataset:
    """One item of a sequence."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def nested(*path: str, text: str = "", name: str = "") -> Plant:
    """Plant a text and a name in a sequence below a sequence."""

    def plant(dataset: Dataset, secret: Secret) -> None:
        made = item(**({text: secret.text} if text else {}), **({name: secret.name} if name else {}))
        for keyword in reversed(path[1:]):
            made = item(**{keyword: [made]})
        setattr(dataset, path[0], [made])

    return plant


def at(tag: int, vr: str) -> Plant:
    """Plant by tag: bytes where the VR is one of bytes, as they are, else the text."""
    if vr not in {"OB", "OW", "UN"}:
        return lambda dataset, secret: dataset.add_new(tag, vr, secret.text)
    return lambda dataset, secret: dataset.add(DataElement(tag, vr, secret.blob, already_converted=True))


def code(dataset: Dataset, secret: Secret) -> None:
    """A coded entry whose meaning an operator wrote."""
    dataset.ProcedureCodeSequence = [
        item(CodeValue="P5-09051", CodingSchemeDesignator="SRT", CodeMeaning=secret.text),
        item(CodeValue=secret.word[:3], CodingSchemeDesignator="99LOCAL", CodeMeaning="x", LongCodeValue=secret.text),
    ]


def content(dataset: Dataset, secret: Secret) -> None:
    """Content items of a document, of every type that holds text."""
    name = [item(CodeValue="121071", CodingSchemeDesignator="DCM", CodeMeaning="Finding")]
    dataset.ContentSequence = [
        item(ValueType="TEXT", ConceptNameCodeSequence=name, TextValue=secret.text),
        item(ValueType="PNAME", ConceptNameCodeSequence=name, PersonName=secret.name),
    ]


def private(dataset: Dataset, secret: Secret) -> None:
    """Everything but safe elements in the block of a known creator, and texts in safe ones."""
    dataset.add_new(0x00191211, "LO", secret.text)
    dataset.add_new(0x0019120D, "LO", secret.text)
    dataset.add_new(0x00191212, "SQ", [item(PatientName=secret.name)])
    dataset.add_new(0x00191213, "OB", secret.blob)


def creator(dataset: Dataset, secret: Secret) -> None:
    """A creator that is nobody's but the operator's, and an element of no creator."""
    dataset.add_new(0x00290010, "LO", secret.text)
    dataset.add_new(0x00291001, "LO", secret.text)
    dataset.add_new(0x00311101, "LO", secret.text)


def container(dataset: Dataset, secret: Secret) -> None:
    """Preamble, file meta and padding."""
    dataset.preamble = secret.blob.ljust(128, b"\0")
    dataset.file_meta.SourceApplicationEntityTitle = "CANARYAE"
    dataset.file_meta.PrivateInformationCreatorUID, dataset.file_meta.PrivateInformation = "1.2.3", secret.blob
    dataset.add_new(0xFFFCFFFC, "OB", secret.blob)


def beyond_pixels(dataset: Dataset, secret: Secret) -> None:
    """Bytes behind the last sample."""
    dataset.PixelData = dataset.PixelData + secret.blob


def plain(keyword: str) -> Plant:
    """Plant in an attribute of the top level, in whatever form its VR takes at least on paper."""

    def plant(dataset: Dataset, secret: Secret) -> None:
        vr = dictionary_VR(keyword)
        value = secret.name if vr == "PN" else "Canary" if keyword in CODED else secret.text
        dataset.add_new(tag_for_keyword(keyword), vr if vr not in {"DS", "IS"} else "LO", value)

    return plant


PLACES: dict[str, Plant] = {
    **{keyword: plain(keyword) for keyword in (*TEXTS, *NAMES, *CODED)},
    "request": nested("RequestAttributesSequence", text="ScheduledProcedureStepDescription"),
    "two deep": nested(
        "ReferencedSeriesSequence", "RelatedSeriesSequence", text="StudyDescription", name="OperatorsName"
    ),
    "beam": nested("BeamSequence", text="BeamName"),
    "roi": nested("StructureSetROISequence", text="ROIName"),
    "segment": nested("SegmentSequence", text="SegmentLabel"),
    "graphics": nested("GraphicAnnotationSequence", "TextObjectSequence", text="UnformattedTextValue"),
    "layer": nested("GraphicLayerSequence", text="GraphicLayerDescription"),
    "waveform": nested("WaveformAnnotationSequence", text="UnformattedTextValue"),
    "acquisition context": nested("AcquisitionContextSequence", text="TextValue", name="PersonName"),
    "specimen": nested("SpecimenDescriptionSequence", text="SpecimenShortDescription"),
    "preparation": nested(
        "SpecimenDescriptionSequence", "SpecimenPreparationSequence", "SpecimenPreparationStepContentItemSequence",
        text="TextValue",
    ),
    "other ids": nested("OtherPatientIDsSequence", text="PatientID"),
    "original attributes": nested(
        "OriginalAttributesSequence", "ModifiedAttributesSequence", text="PatientID", name="PatientName"
    ),
    "person codes": nested("OperatorIdentificationSequence", text="PersonAddress"),
    "observer": nested("VerifyingObserverSequence", text="VerifyingOrganization", name="VerifyingObserverName"),
    "code": code, "content": content, "private": private, "creator": creator, "container": container,
    "beyond pixels": beyond_pixels, "overlay data": at(0x60003000, "OW"), "overlay label": at(0x60001500, "LO"),
    "curve": at(0x50000022, "LO"), "document": at(0x00420011, "OB"), "colours": at(0x00282000, "OB"),
    "unknown": at(0x00082200, "UN"), "public as unknown": at(0x00101040, "UN"), "no such VR": at(0x00280010, "LO"),
}  # fmt: skip


def subject(instance, secret: Secret) -> Dataset:
    """An instance with everything that must survive."""
    source = instance(
        SeriesDescription=secret.text, ImagePositionPatient=["-0.50", "1e1", "3"], PixelSpacing=["0.700", "0.7"],
        ReferencedImageSequence=[item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2",
                                      ReferencedSOPInstanceUID="1.2.3.20240131.7")],
    )  # fmt: skip
    source.SpecificCharacterSet = secret.terms
    source.add_new(0x00190012, "LO", "SIEMENS MR HEADER")
    source.add_new(0x0019120C, "IS", "1000")
    return source


def through(source: Dataset, secret: Secret, folder: Path) -> Dataset:
    """What the reader makes of an instance in which something is planted."""
    write(source, folder / "raw.dcm")
    assert secret.is_in((folder / "raw.dcm").read_bytes())
    dataset = read(folder / "raw.dcm", Limits())
    realise(dataset)
    return dataset


def assert_sound(made: CleanInstance, secret: Secret, place: str, path: Path) -> Dataset:
    """Hold a clean instance to both sides, and return it as a reader sees it."""
    write(made.dataset, path)
    assert not secret.is_in(path.read_bytes())
    assert not secret.is_in(str(made.actions).encode())
    back = dcmread(path)
    assert back.ReferencedImageSequence[0].ReferencedSOPInstanceUID == back.SOPInstanceUID
    assert back[0x0019120C].value == 1000
    assert back.ImagePositionPatient == [-0.5, 10, 3]
    assert place == "PixelSpacing" or back.PixelSpacing == [0.7, 0.7]
    if place != "no such VR":
        assert get_expected_length(back) == len(back.PixelData)
    assert back.PixelData == b"\x01\x00\x02\x00\x03\x00\x04\x00"
    return back


@pytest.mark.parametrize("charset", SECRETS)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_leaks_and_nothing_breaks(place, charset, instance, clean, tmp_path) -> None:
    """One identifier in one place and one character set: it is gone, and relations, geometry and pixels are not."""
    secret = SECRETS[charset]
    source = subject(instance, secret)
    PLACES[place](source, secret)
    made = clean(through(source, secret, tmp_path), SAFE)
    back = assert_sound(made, secret, place, tmp_path / "clean.dcm")
    assert back.SeriesDescription == "CT CHEST for removed"


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    """The text cleaner of the product."""
    return Scrubber(TextOptions())


@pytest.mark.parametrize("charset", SECRETS)
@pytest.mark.parametrize("place", PLACES)
def test_scrubber_with_known_identifiers_leaves_nothing(place, charset, instance, surrogates, scrubber, tmp_path):
    """The same with the product's own cleaner, which knows of the patient what the headers of the patient say."""
    secret = SECRETS[charset]
    source = subject(instance, secret)
    source.PatientName, source.OtherPatientNames = secret.name, "Canary^Ada"
    known = KnownIdentifiers(collect(source))
    PLACES[place](source, secret)
    raw = RawInstance("key", through(source, secret, tmp_path))
    made = deidentify(
        raw, Profile.compile(SAFE), surrogates, lambda texts: scrubber.clean(texts, surrogates, known)
    )  # fmt: skip
    back = assert_sound(made, secret, place, tmp_path / "clean.dcm")
    assert back.SeriesDescription == "CT CHEST for"


def test_matrix_is_as_large_as_it_says() -> None:
    """At least 80 places, each of its own."""
    assert len(PLACES) >= 80
    assert len({*TEXTS, *NAMES, *CODED}) == len(TEXTS) + len(NAMES) + len(CODED)
