"""The corpus of the header benchmark: real headers that come with pydicom, synthetic people and pixels, one seed.

Every patient has one study. What differs between the slices of a real series differs here too: UIDs, times, positions,
exposure and some private numbers; the rest of the header repeats, as it does in a scanner's output.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

SEED = 20260
PRIVATE_KEPT = 110  # of the 179 private elements of the CT header: as many as bring it to about 250 elements
_FIRST = ("James", "Maria", "Wei", "Fatima", "Oleg", "Ingrid", "Kofi", "Priya", "Diego", "Hannah", "Yusuf", "Agnes")
_LAST = (
    "Rutherford", "Castellanos", "Zhangwei", "Al-Hakim", "Petrovic", "Johansson", "Mensahov", "Raghunathan",
    "Fernandez", "O'Connell", "Demirel", "Kowalczyk", "Nguyenova", "Baptiste", "Winterbottom",
)  # fmt: skip
_HOSPITALS = ("St. Bartholomew General Hospital", "Lakeside Imaging Center", "Mercy Regional Medical Center")
_NUMBERS = {"SS", "US", "SL", "UL", "FL", "FD", "DS", "IS"}


@dataclass(frozen=True)
class Person:
    """Who a study is of. `family` and `patient_id` are searched in what the peers write."""

    given: str
    family: str
    patient_id: str
    birth: str
    day: str
    hospital: str
    physician: str
    phone: str

    @property
    def name(self) -> str:
        """The name as PN, "family^given"."""
        return f"{self.family}^{self.given}"


@dataclass(frozen=True)
class Patient:
    """A person and the files of their study."""

    person: Person
    files: tuple[Path, ...]


def build(folder: Path, name: str, patients: int, files: int) -> list[Patient]:
    """Write `patients` studies of `files` instances each of the set `name` (a key of SETS) to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = Random(f"{SEED}/{name}")
    return [_study(folder, name, f"{name}{place:03d}", (_person(draw), files)) for place in range(patients)]


def _study(folder: Path, name: str, stem: str, wanted: tuple[Person, int]) -> Patient:
    person, files = wanted
    paths = []
    for number, dataset in zip(range(files), SETS[name](np.random.default_rng([SEED, *stem.encode()])), strict=False):
        plant(dataset, person, stem)
        vary(dataset, stem, number)
        paths.append(folder / f"{stem}_{number:04d}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    return Patient(person, tuple(paths))


def _person(draw: Random) -> Person:
    family, given = draw.choice(_LAST), draw.choice(_FIRST)
    return Person(
        given,
        family,
        f"MRN{draw.randrange(10**6, 10**7)}",
        f"{draw.randint(1930, 2004)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}",
        f"20{draw.randint(10, 24)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}",
        draw.choice(_HOSPITALS),
        f"{draw.choice(_LAST)}^{draw.choice(_FIRST)}",
        f"({draw.randint(201, 989)}) 555-{draw.randint(1000, 9999)}",
    )


def plant(dataset: Dataset, person: Person, stem: str) -> None:
    """Write about 70 identifying attributes, flat and in sequences, and free text that quotes some of them."""
    address, number = f"12 Harbour Street, {person.family}ville", person.patient_id[3:]
    values: dict[str, object] = {
        **dict.fromkeys(("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"), person.day),
        **dict.fromkeys(("PerformedProcedureStepStartDate", "PerformedProcedureStepEndDate"), person.day),
        **dict.fromkeys(("StudyTime", "SeriesTime", "PerformedProcedureStepStartTime"), "101530"),
        **dict.fromkeys(
            ("ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "RequestingPhysician"),
            person.physician,
        ),
        **dict.fromkeys(("NameOfPhysiciansReadingStudy", "PhysiciansOfRecord"), person.physician),
        "SpecificCharacterSet": "ISO_IR 100",
        "PatientName": person.name, "PatientID": person.patient_id, "PatientBirthDate": person.birth,
        "PatientSex": "F", "PatientAge": "057Y", "PatientWeight": "72.5", "PatientSize": "1.71",
        "PatientAddress": address, "PatientTelephoneNumbers": person.phone, "Occupation": "teacher",
        "OtherPatientNames": f"{person.family}^Jr", "PatientMotherBirthName": f"Smithson^{person.given}",
        "MedicalRecordLocator": person.patient_id, "EthnicGroup": "unknown", "SmokingStatus": "NO",
        "AccessionNumber": f"ACC{number}", "StudyID": f"S{number[:5]}", "AdmissionID": f"ADM{number}",
        "InstitutionName": person.hospital, "InstitutionAddress": address,
        "InstitutionalDepartmentName": "Radiology", "StationName": f"ST{number[:4]}",
        "DeviceSerialNumber": f"SN{number}", "ProtocolName": "CHEST ROUTINE", "BodyPartExamined": "CHEST",
        "StudyDescription": f"CHEST for {person.given} {person.family}", "SeriesDescription": "AXIAL 5.0 STANDARD",
        "RequestedProcedureDescription": f"CHEST {person.family.upper()}", "DerivationDescription": "reformatted",
        "PerformedProcedureStepDescription": "CHEST WITH CONTRAST", "PerformedProcedureStepID": f"PPS{number}",
        "ReasonForStudy": "cough, query nodule", "AdmittingDiagnosesDescription": "cough",
        "PatientComments": f"Call {person.given} {person.family} at {person.phone}",
        "ImageComments": f"reviewed by Dr {person.physician.split('^')[0]}",
        "AdditionalPatientHistory": f"{person.given} {person.family}, status post resection", "Allergies": "none known",
        "RequestingService": "Oncology", "CurrentPatientLocation": "Ward 7", "RequestedContrastAgent": "none",
        "StudyInstanceUID": uid(stem, "study"), "SeriesInstanceUID": uid(stem, "series"),
        "FrameOfReferenceUID": uid(stem, "frame"),
    }  # fmt: skip
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    _plant_items(dataset, person, stem)


def _plant_items(dataset: Dataset, person: Person, stem: str) -> None:
    """Sequences: an earlier ID, the request with its codes, references to other instances, a physician."""
    code = item(CodeValue="24627-2", CodingSchemeDesignator="LN", CodeMeaning="CT CHEST")
    number = person.patient_id[3:]
    dataset.OtherPatientIDsSequence = [
        item(PatientID=f"OLD{number}", TypeOfPatientID="TEXT", IssuerOfPatientID=person.hospital)
    ]
    dataset.RequestAttributesSequence = [
        item(
            RequestedProcedureID=f"RP{number}",
            ScheduledProcedureStepID=f"SPS{number}",
            AccessionNumber=f"ACC{number}",
            ScheduledProcedureStepDescription=f"CHEST {person.family}",
            RequestedProcedureCodeSequence=[code],
        )
    ]
    dataset.ReferencedImageSequence = [
        item(ReferencedSOPClassUID=dataset.SOPClassUID, ReferencedSOPInstanceUID=uid(stem, f"scout{place}"))
        for place in range(2)
    ]
    dataset.ReferringPhysicianIdentificationSequence = [
        item(PersonIdentificationCodeSequence=[code], InstitutionName=person.hospital)
    ]


def item(**values: object) -> Dataset:
    """An item of a sequence, by keyword."""
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def vary(dataset: Dataset, stem: str, number: int) -> None:
    """What differs from one slice to the next."""
    dataset.SOPInstanceUID = uid(stem, str(number))
    dataset.InstanceNumber = number + 1
    dataset.AcquisitionTime = dataset.ContentTime = f"1015{30 + number // 10 % 30:02d}.{number % 10:06d}"
    dataset.AcquisitionDateTime = f"{dataset.ContentDate}{dataset.ContentTime}"
    if dataset.Modality == "CT":
        dataset.SliceLocation = f"{-150 + 2.5 * number:.4f}"
        dataset.ImagePositionPatient = ["-158.1", "-179.0", f"{-150 + 2.5 * number:.4f}"]
        dataset.XRayTubeCurrent, dataset.Exposure = 170 + number % 60, 170 + number % 60
        private = [each for each in dataset if each.tag.is_private and each.VR in _NUMBERS and each.VM == 1]
        for element in private[:8]:
            element.value = number
    meta = dataset.file_meta
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.SourceApplicationEntityTitle = "SCANNER1"


def uid(*parts: str) -> str:
    """A UID that depends on these parts alone."""
    return str(generate_uid(entropy_srcs=[str(SEED), *parts]))


def _ct(noise: np.random.Generator) -> Iterator[Dataset]:
    """CT 512 x 512 x 16 bit, 0.5 MB, the GE header of CT_small.dcm."""
    grain = noise.integers(-24, 25, (640, 640), dtype=np.int16)
    while True:
        dataset = _native(_bundled("CT_small.dcm"))
        _trim_private(dataset)
        row, column = noise.integers(0, 128, 2)
        _set_pixels(dataset, (1024 + grain[row : row + 512, column : column + 512]).astype("<i2"), stored=16)
        dataset.PixelRepresentation = 1
        for keyword in ("PixelPaddingValue", "DataSetTrailingPadding"):
            if keyword in dataset:
                delattr(dataset, keyword)
        yield dataset


def _dx(noise: np.random.Generator) -> Iterator[Dataset]:
    """DX 3000 x 2500 x 12 bit in 16, 15 MB, a header from nothing."""
    grain = noise.integers(0, 4096, (3000, 2500), dtype=np.uint16)
    while True:
        dataset = Dataset()
        dataset.SOPClassUID, dataset.Modality = DigitalXRayImageStorageForPresentation, "DX"
        dataset.ImageType, dataset.Manufacturer = ["ORIGINAL", "PRIMARY", ""], "ACME"
        dataset.ViewPosition, dataset.KVP, dataset.PixelSpacing = "PA", "125", ["0.143", "0.143"]
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.BurnedInAnnotation = "0", "1", "NO"
        block = dataset.private_block(0x0019, "ACME DX 1.0", create=True)
        for place in range(12):
            block.add_new(place, "LO", f"value {place}")
        _set_pixels(_native(dataset), np.roll(grain, 7, axis=0), stored=12)
        yield dataset


def _us(noise: np.random.Generator) -> Iterator[Dataset]:
    """US multi-frame, 10 x 600 x 800 RGB, 14 MB, the SonoSite header of examples_ybr_color.dcm."""
    frames = noise.integers(0, 256, (10, 600, 800, 3), dtype=np.uint8)
    while True:
        dataset = _native(_bundled("examples_ybr_color.dcm"))
        _set_pixels(dataset, frames, stored=8)
        dataset.NumberOfFrames, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 10, "RGB", 0
        yield dataset


def _us_jpeg(_noise: np.random.Generator) -> Iterator[Dataset]:
    """US multi-frame, 30 x 240 x 320 JPEG Baseline, 0.2 MB: examples_ybr_color.dcm with its own pixel data."""
    while True:
        yield _bundled("examples_ybr_color.dcm")


def _bundled(name: str) -> Dataset:
    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        message = f"pydicom was installed without {name}"
        raise FileNotFoundError(message)
    return dcmread(path)


def _native(dataset: Dataset) -> Dataset:
    """The same data set, to be written in explicit VR little endian."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _set_pixels(dataset: Dataset, pixels: np.ndarray, *, stored: int) -> None:
    """pixels: (rows, columns), or (frames, rows, columns, 3) for colour."""
    shape = pixels.shape if pixels.ndim == 2 else pixels.shape[1:3]
    bits = pixels.dtype.itemsize * 8
    dataset.Rows, dataset.Columns = shape
    dataset.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = (
        bits,
        stored,
        stored - 1,
        0,
    )
    dataset.add_new(0x7FE00010, "OW" if bits == 16 else "OB", pixels.tobytes())


def _trim_private(dataset: Dataset) -> None:
    """Leave the first PRIVATE_KEPT private elements, and the reservations of their blocks."""
    private = [each.tag for each in dataset if each.tag.is_private and not each.tag.is_private_creator]
    for tag in private[PRIVATE_KEPT:]:
        del dataset[tag]
    used = {(tag.group, tag.element >> 8) for tag in private[:PRIVATE_KEPT]}
    for element in [each for each in dataset if each.tag.is_private_creator]:
        if (element.tag.group, element.tag.element) not in used:
            del dataset[element.tag]


SETS: dict[str, Callable[[np.random.Generator], Iterator[Dataset]]] = {
    "ct": _ct,
    "dx": _dx,
    "us": _us,
    "us-jpeg": _us_jpeg,
}
