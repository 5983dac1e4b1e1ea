"""Instances to de-identify, and a text cleaner that removes exactly what a test planted."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from curate.dicom.deidentify import deidentify
from curate.dicom.profile import Profile
from curate.policy import ProfileOptions
from curate.privacy.surrogates import Surrogates
from curate.records import CleanInstance, RawInstance

KEY = bytes(range(32))
NOTHING_RETAINED = ProfileOptions(
    retain_safe_private=False,
    retain_patient_characteristics=False,
    dates="remove",
    clean_descriptors=False,
    clean_structured_content=False,
    clean_graphics=False,
)
# the only words that the test's cleaner knows; each names the place where it was planted
CANARY = re.compile(r"canary\w*|山田|太郎|やまだ|王小东|Müllerowna", re.IGNORECASE)


def remove_canaries(texts: Sequence[str]) -> list[str]:
    """Stand in for the scrubber: remove what was planted, and nothing else."""
    return [CANARY.sub("removed", text) for text in texts]


def make_instance(**attributes: object) -> Dataset:
    """A small CT instance with file meta and pixel data."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3.20240131.7"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3.20240131", "1.2.3.20240131.1"
    dataset.PatientID, dataset.PatientName, dataset.Modality = "MRN123456", "Canaryson^Ada", "CT"
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelData = b"\x01\x00\x02\x00\x03\x00\x04\x00"
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def make_clean(
    dataset: Dataset, options: ProfileOptions | None = None, surrogates: Surrogates | None = None
) -> CleanInstance:
    """De-identify with the default options, unless told otherwise."""
    profile = Profile.compile(options or ProfileOptions())
    return deidentify(RawInstance("key", dataset), profile, surrogates or Surrogates(KEY, "patient"), remove_canaries)


@pytest.fixture
def instance() -> Callable[..., Dataset]:
    """Make a CT instance with more attributes by keyword."""
    return make_instance


@pytest.fixture
def clean() -> Callable[..., CleanInstance]:
    """De-identify a data set: (dataset, options=None, surrogates=None)."""
    return make_clean


@pytest.fixture(scope="session")
def surrogates() -> Surrogates:
    """The surrogates of the patient that `clean` uses."""
    return Surrogates(KEY, "patient")


@pytest.fixture(scope="session")
def nothing_retained() -> ProfileOptions:
    """Options that leave the basic column of Table E.1-1 alone."""
    return NOTHING_RETAINED


@pytest.fixture(scope="session")
def real_dicom() -> Path:
    """The directory of real test instances, which is kept outside the repository."""
    path = Path(__file__).resolve().parents[4] / "shared" / "data" / "real" / "dicom"
    if not path.is_dir():
        pytest.skip("the real test instances are not here")
    return path
