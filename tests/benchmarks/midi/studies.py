"""Headers as modalities write them: technique that must stay, and people, places and dates in every kind of place."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from pydicom import Dataset

from tests.benchmarks.midi import phrases
from tests.benchmarks.midi.page import Page
from tests.benchmarks.midi.people import Person
from tests.benchmarks.midi.phrases import ACCOUNT, DEVICE, NAME, OTHER, PHONE, PLACE, RECORD, wrapped

ROOT = "1.2.826.0.1.3680043.10.1447"
CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4", "PT": "1.2.840.10008.5.1.4.1.1.128",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1", "US": "1.2.840.10008.5.1.4.1.1.6.1", "SC": "1.2.840.10008.5.1.4.1.1.7",
    "SR": "1.2.840.10008.5.1.4.1.1.88.33", "SEG": "1.2.840.10008.5.1.4.1.1.66.4",
    "RTSTRUCT": "1.2.840.10008.5.1.4.1.1.481.3", "PR": "1.2.840.10008.5.1.4.1.1.11.1",
}  # fmt: skip
_EQUIPMENT = {
    "CT": (("SIEMENS", "SOMATOM Definition AS+", "syngo CT 2012B"),
    ("GE MEDICAL SYSTEMS", "LightSpeed VCT", "12HW33.1"),
           ("Philips", "Brilliance 64", "3.5.5"), ("TOSHIBA", "Aquilion ONE", "V7.00ER009")),
    "MR": (("SIEMENS", "Avanto", "syngo MR B17"),
    ("GE MEDICAL SYSTEMS", "DISCOVERY MR750", ["24", "LX", "MR Software release:DV24.0_R01_1344.a"]),
           ("Philips Medical Systems", "Ingenia", "5.1.7")),
    "PT": (("GE MEDICAL SYSTEMS", "Discovery 690", "pet_coreload.44"), ("SIEMENS", "Biograph 64", "PET 2009A")),
    "DX": (("FUJIFILM Corporation", "DR CALNEO", "V3.1(11)"), ("Carestream Health", "DRX-Evolution", "5.7.600")),
    "US": (("GE Healthcare", "LOGIQE9", "R6.2.3"), ("Philips Medical Systems", "EPIQ 7G", "EPIQ 7G_1.8.0.1392")),
}  # fmt: skip
_ORIENTATIONS = (
    ["1", "0", "0", "0", "1", "0"],
    ["0", "1", "0", "0", "0", "-1"],
    ["0.99", "0.05", "0", "0", "0.9", "-0.1"],
)
# Technique by modality; every value is one that the default profile keeps.
_TECHNIQUE: dict[str, dict[str, tuple[Any, ...]]] = {
    "CT": {
        "KVP": ("120", "100", "140"), "XRayTubeCurrent": ("220", "95"), "ExposureTime": ("500", "750"),
        "Exposure": ("110", "45"),
        "ConvolutionKernel": ("B40f", "STANDARD", "BONEPLUS", "I26f\\3"), "FilterType": ("BODY FILTER", "WEDGE_3"),
        "GantryDetectorTilt": ("0", "-12.5"), "TableHeight": ("148.5", "162"), "RotationDirection": ("CW",),
        "DataCollectionDiameter": ("500",), "ReconstructionDiameter": ("360", "331.5"),
        "SpiralPitchFactor": (0.984, 1.375),
        "RescaleIntercept": ("-1024",), "RescaleSlope": ("1",), "RescaleType": ("HU",),
        "ScanOptions": ("HELICAL MODE", "AXIAL"),
        "FocalSpots": (["1.2"], ["0.7", "1.2"]), "DistanceSourceToDetector": ("949.075",),
    },
    "MR": {
        "ScanningSequence": ("SE", ["GR", "IR"]), "SequenceVariant": (["SK", "SP"], "SK"),
        "MRAcquisitionType": ("2D", "3D"),
        "SequenceName": ("*tfl3d1_16ns", "*se2d1", "epse2d"), "RepetitionTime": ("2300", "525.5"),
        "EchoTime": ("2.98", "101"),
        "InversionTime": ("900",), "NumberOfAverages": ("1", "2"), "ImagingFrequency": ("123.252", "63.86"),
        "ImagedNucleus": ("1H",), "EchoNumbers": ("1",), "MagneticFieldStrength": ("1.5", "3"),
        "EchoTrainLength": ("1", "16"),
        "PercentSampling": ("100",), "PixelBandwidth": ("240", "122.07"), "FlipAngle": ("9", "150"), "SAR": ("0.0428",),
        "TransmitCoilName": ("Body",), "ReceiveCoilName": ("HEAD_32", "8HRBRAIN"), "dBdt": ("0",),
    },
    "PT": {
        "Units": ("BQML",), "CountsSource": ("EMISSION",), "SeriesType": (["WHOLE BODY", "IMAGE"],),
        "RescaleSlope": ("0.4127",),
        "ReconstructionMethod": ("VPFXS", "OSEM3D 4i8s"), "CorrectedImage": (["DECY", "ATTN", "SCAT"],),
        "RescaleIntercept": ("0",),
        "DecayCorrection": ("START",), "AttenuationCorrectionMethod": ("measured,CTAC", "CTAC"),
        "DecayFactor": ("1.03",),
        "ScatterCorrectionMethod": ("Model Based",), "SliceSensitivityFactor": ("1",), "AxialAcceptance": ("19",),
        "FrameReferenceTime": ("0", "60000"), "ActualFrameDuration": ("180000",), "DoseCalibrationFactor": ("1",),
    },
    "DX": {
        "KVP": ("125", "70"), "ExposureInuAs": ("2500",), "DistanceSourceToDetector": ("1800",),
        "Grid": ("FOCUSED", "NONE"),
        "ImagerPixelSpacing": (["0.15", "0.15"],), "ViewPosition": ("PA", "LL", "AP"),
        "DetectorType": ("DIRECT", "SCINTILLATOR"),
        "PresentationIntentType": ("FOR PRESENTATION",), "PixelIntensityRelationship": ("LOG",),
        "Sensitivity": ("182.5",),
        "PixelIntensityRelationshipSign": (1,), "ImageLaterality": ("U", "L", "R"), "RelativeXRayExposure": ("1204",),
        "BodyPartThickness": ("180",), "WindowCenterWidthExplanation": ("NORMAL",), "ExposureIndex": ("312",),
    },
    "US": {
        "TransducerType": ("CURVED LINEAR", "LINEAR"), "DepthOfScanField": ("160", "45"), "MechanicalIndex": ("1.2",),
        "BoneThermalIndex": ("0.4",), "SoftTissueThermalIndex": ("0.7",), "LossyImageCompression": ("00",),
        "HeartRate": ("72",),
        "TransducerData": ("C1-5-D", "9L"), "ProcessingFunction": ("ABD_1",), "PreferredPlaybackSequencing": (0,),
    },
    "SC": {"ConversionType": ("WSD", "SD"), "LossyImageCompression": ("00",)},
}  # fmt: skip
_BODY = {
    "CT": ("CHEST", "ABDOMEN", "CSPINE"),
    "MR": ("BRAIN", "KNEE"),
    "DX": ("CHEST", "HAND", "FOOT", "SKULL"),
    "PT": ("WHOLEBODY",),
}
_IMAGE_TYPES = (
    ["ORIGINAL", "PRIMARY", "AXIAL"],
    ["DERIVED", "SECONDARY", "MPR"],
    ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"],
)
_PROCEDURES = (
    ("SCT", "77477000", "CT"), ("SCT", "113091000", "MRI"), ("LN", "24627-2", "CT Chest"),
    ("LOCAL", "CTCHWO", "CT CHEST W/O"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance stands: its number in the series, the series in the study, and the patient's seed."""

    seed: int
    series: int
    number: int
    kind: str

    @property
    def study_uid(self) -> str:
        """Study Instance UID of the source, with a date in it, as some devices make them."""
        return f"{ROOT}.{self.seed}.20240131"

    @property
    def series_uid(self) -> str:
        """Series Instance UID of the source."""
        return f"{self.study_uid}.{self.series}"

    @property
    def sop_uid(self) -> str:
        """SOP Instance UID of the source."""
        return f"{self.series_uid}.{self.number}.99"

    @property
    def frame_uid(self) -> str:
        """Frame of Reference UID of the study."""
        return f"{self.study_uid}.0.7"


def begin(place: Place, one: Person, draw: Random) -> Page:
    """An instance with what every kind has: patient, study, series and equipment modules."""
    page = Page(Dataset())
    if one.charset:
        page.write(SpecificCharacterSet=one.charset.split("\\"))
    page.keep(SOPClassUID=CLASSES[place.kind], Modality="OT" if place.kind == "SC" else place.kind)
    page.uid(SOPInstanceUID=place.sop_uid, StudyInstanceUID=place.study_uid, SeriesInstanceUID=place.series_uid)
    page.keep(SeriesNumber=str(place.series), InstanceNumber=str(place.number))
    _patient(page, one, draw)
    _visit(page, one, draw)
    _dates(page, one, place)
    _descriptions(page, one, place, draw)
    page.present(
        "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "ReferringPhysicianName", "StudyID"
    )
    page.filled(
        "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "PatientID", "StudyDate"
    )
    return page


def _patient(page: Page, one: Person, draw: Random) -> None:
    page.patient_id(one.patient_id)
    page.drop(NAME, PatientName=one.name)
    page.keep(PatientSex=one.sex, PatientWeight=str(draw.randrange(48, 120)), PatientSize=f"1.{draw.randrange(50, 95)}")
    if one.age > "089Y":
        page.drop("HIPAA-C", PatientAge=one.age)  # ages over 89 are capped (45 CFR 164.514(b)(2)(i)(C))
    else:
        page.keep(PatientAge=one.age)
    page.date(PatientBirthDate=f"{one.birth:%Y%m%d}")
    if draw.random() < 0.5:
        page.drop(PLACE, PatientAddress=one.address, RegionOfResidence=one.city)
        page.drop(PHONE, PatientTelephoneNumbers=one.phone)
        page.drop(RECORD, OtherPatientIDs=f"{one.patient_id}B")
        page.drop(NAME, PatientBirthName=one.name, ResponsiblePerson=one.reader)
    if draw.random() < 0.5:
        page.keep(SmokingStatus=draw.choice(("YES", "NO", "UNKNOWN")), EthnicGroup=draw.choice(("2186-5", "Hispanic")))
        page.phrase(wrapped(draw, one, ("allergic to iodine", "penicillin rash", "latex"), 60), "Allergies")
    if draw.random() < 0.3:
        page.drop(RECORD, MedicalRecordLocator=f"LOC {one.patient_id}")
        page.drop(OTHER, MilitaryRank="Lieutenant Commander", CountryOfResidence="Quadrania")


def _visit(page: Page, one: Person, draw: Random) -> None:
    page.drop(ACCOUNT, AccessionNumber=one.accession, StudyID=f"S{one.accession[-6:]}")
    page.drop(NAME, ReferringPhysicianName=one.referrer, OperatorsName=one.operator)
    page.drop(OTHER, InstitutionName=one.hospital, InstitutionalDepartmentName=f"Radiology {one.city}")
    page.drop(DEVICE, DeviceSerialNumber=one.serial, StationName=one.station)
    if draw.random() < 0.6:
        page.drop(NAME, PerformingPhysicianName=one.performer, NameOfPhysiciansReadingStudy=one.reader)
        page.drop(PLACE, InstitutionAddress=f"{draw.randrange(2, 99)} Jessamine Parkway {one.city}")
    if draw.random() < 0.3:
        page.drop(NAME, PhysiciansOfRecord=one.reader, RequestingPhysician=one.referrer)
        page.drop(PHONE, ReferringPhysicianTelephoneNumbers=one.phone)
        page.drop(ACCOUNT, AdmissionID=f"ADM{one.accession[-5:]}", RequestingService="Ward 7 Yarrow")


def _dates(page: Page, one: Person, place: Place) -> None:
    day, later = f"{one.day:%Y%m%d}", f"{one.day + timedelta(days=place.series % 3):%Y%m%d}"
    page.date(StudyDate=day, SeriesDate=later, ContentDate=later, AcquisitionDate=later, InstanceCreationDate=later)
    page.date(PerformedProcedureStepStartDate=day, AcquisitionDateTime=f"{later}101530.250000")
    page.write(StudyTime="101500", SeriesTime="101510", ContentTime="101530.25", AcquisitionTime="101530")
    page.filled("StudyTime", "ContentDate", "SeriesDate")


def _descriptions(page: Page, one: Person, place: Place, draw: Random) -> None:
    """Free texts, about one in two with an identifier in it."""
    page.phrase(_text(draw, one, phrases.STUDIES), "StudyDescription")
    page.phrase(_text(draw, one, phrases.SERIES[place.kind]), "SeriesDescription")
    page.phrase(_text(draw, one, phrases.SERIES[place.kind]), "ProtocolName")
    for keyword, texts, share in (
        ("ImageComments", phrases.COMMENTS, 0.5), ("PatientComments", phrases.COMMENTS, 0.3),
        ("AdditionalPatientHistory", phrases.REASONS, 0.4), ("AdmittingDiagnosesDescription", phrases.REASONS, 0.2),
        ("RequestedProcedureDescription", phrases.STUDIES, 0.5), ("ReasonForStudy", phrases.REASONS, 0.2),
        ("PerformedProcedureStepDescription", phrases.STUDIES, 0.5), ("StudyComments", phrases.COMMENTS, 0.2),
        ("DerivationDescription", ("MIP of 12 slices", "resampled to 1 mm", "JPEG quality 90"), 0.2),
        ("CommentsOnThePerformedProcedureStep", phrases.COMMENTS, 0.2),
    ):  # fmt: skip
        if draw.random() < share:
            page.phrase(_text(draw, one, texts), keyword)


def _text(draw: Random, one: Person, texts: tuple[str, ...]) -> phrases.Phrase:
    if draw.random() < 0.5:
        return wrapped(draw, one, texts)
    alone = draw.choice(texts)
    return phrases.Phrase(alone, (alone,))


def acquire(page: Page, place: Place, one: Person, draw: Random) -> None:
    """Add what an image has: technique, geometry, sequences and private elements."""
    for keyword, values in _TECHNIQUE[place.kind].items():
        value = draw.choice(values)
        page.keep(**{keyword: value.split("\\") if isinstance(value, str) and "\\" in value else value})
    maker, model, software = draw.choice(_EQUIPMENT.get(place.kind, _EQUIPMENT["CT"]))
    page.keep(Manufacturer=maker, ManufacturerModelName=model, SoftwareVersions=software)
    page.keep(ImageType=draw.choice(_IMAGE_TYPES), AcquisitionNumber=str(draw.randrange(1, 9)))
    page.keep(BodyPartExamined=draw.choice(_BODY.get(place.kind, ("ABDOMEN",))), BurnedInAnnotation="NO")
    if place.kind in {"CT", "MR", "PT"}:
        _geometry(page, place, draw)
    _requests(page, one, draw)
    _references(page, place)


def _geometry(page: Page, place: Place, draw: Random) -> None:
    page.keep(
        ImageOrientationPatient=draw.choice(_ORIENTATIONS),
        ImagePositionPatient=["-180.5", "-171", f"{place.number * 2.5:.2f}"],
        PixelSpacing=["0.703125", "0.703125"], SliceThickness=draw.choice(("2.50", "5", "0.625")),
        PatientPosition="HFS",
        SliceLocation=f"{place.number * 2.5:.2f}", WindowCenter=["40", "-600"], WindowWidth=["400", "1500"],
    )  # fmt: skip
    page.uid(FrameOfReferenceUID=place.frame_uid)


def _requests(page: Page, one: Person, draw: Random) -> None:
    """Sequences with people, numbers and descriptions in them."""
    request = page.item("RequestAttributesSequence")
    request.phrase(_text(draw, one, phrases.STUDIES), "ScheduledProcedureStepDescription")
    request.drop(
        ACCOUNT, RequestedProcedureID=f"RP{one.accession[-5:]}", ScheduledProcedureStepID=f"SP{one.accession[-5:]}"
    )
    scheme, value, meaning = draw.choice(_PROCEDURES)
    entry = page.item("ProcedureCodeSequence")
    entry.write(CodeValue=value, CodingSchemeDesignator="99LOC" if scheme == "LOCAL" else scheme)
    if draw.random() < 0.5:
        entry.phrase(wrapped(draw, one, (meaning,)), "CodeMeaning")
    else:
        entry.keep(CodeMeaning=meaning)
    if scheme != "LOCAL":
        page.code("AnatomicRegionSequence", "SCT", "51185008", "Chest")
    if draw.random() < 0.3:
        other = page.item("OtherPatientIDsSequence")
        other.drop(RECORD, PatientID=f"{one.patient_id}C", IssuerOfPatientID=one.hospital)
    if draw.random() < 0.3:
        _original(page, one)


def _original(page: Page, one: Person) -> None:
    """What was changed before, two levels deep (PS3.3 C.12.1.1.9)."""
    change = page.item("OriginalAttributesSequence")
    change.write(ModifyingSystem="PACS", ReasonForTheAttributeModification="CORRECT")
    modified = change.item("ModifiedAttributesSequence")
    modified.drop(NAME, PatientName=one.name)
    modified.drop(RECORD, PatientID=one.patient_id)


def _references(page: Page, place: Place) -> None:
    """References to siblings: they must still resolve."""
    for keyword, number in (("ReferencedImageSequence", 1), ("SourceImageSequence", place.number + 1)):
        sibling = page.item(keyword)
        sibling.keep(ReferencedSOPClassUID=CLASSES[place.kind])
        sibling.uid(ReferencedSOPInstanceUID=Place(place.seed, place.series, number, place.kind).sop_uid)
    page.filled("ReferencedImageSequence")
