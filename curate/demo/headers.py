"""Planting of identities into DICOM headers, wherever real archives hold them (PS3.15 Table E.1-1 lists the places)."""

from pydicom import Dataset
from pydicom.dataset import FileDataset
from pydicom.uid import PYDICOM_ROOT_UID, UID, generate_uid

from curate.demo.identities import Institution, Plan, listed, spoken

PRIVATE_CREATOR = "ALDWYN RIS 2.1"
_GROUP = 0x0029
_DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"  # Detached Study Management SOP Class, the usual one of these references


def plant(instance: FileDataset, plan: Plan, institution: Institution) -> None:
    """Give a sample instance the identity of a planned study: attributes, items, private element, file meta, preamble.

    UIDs are derived from the plan and the sample's own UIDs, so that series stay together and runs are equal.
    """
    instance.decode()
    _plant_character_set(instance, plan.patient.charset)
    for keyword, value in {**_of_patient(plan), **_of_study(plan), **_of_staff(plan, institution)}.items():
        setattr(instance, keyword, value)
    _plant_uids(instance, plan)
    _plant_items(instance, plan)
    _plant_private(instance, plan)
    _plant_container(instance, plan, institution)


def _plant_character_set(instance: FileDataset, charset: str) -> None:
    """Declare the character set; none means ISO_IR 6 (PS3.3 C.12.1.1.2)."""
    instance.SpecificCharacterSet = charset.split("\\")
    if not charset:
        del instance.SpecificCharacterSet


def _of_patient(plan: Plan) -> dict[str, str]:
    patient = plan.patient
    return {
        "PatientName": patient.name,
        "PatientID": patient.mrn,
        "PatientBirthDate": f"{patient.birth:%Y%m%d}",
        "PatientSex": patient.sex,
        "PatientAddress": patient.address,
        "PatientTelephoneNumbers": patient.phone,
        "OtherPatientNames": f"{patient.family}-Former^{patient.given}",
        "PatientComments": f"{spoken(patient.name)} prefers calls on {patient.phone}",
    }


def _of_study(plan: Plan) -> dict[str, str]:
    day = f"{plan.date:%Y%m%d}"
    days = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "InstanceCreationDate")
    return {
        **dict.fromkeys(days, day),
        "StudyTime": "093015",
        "AccessionNumber": plan.accession,
        "StudyID": plan.accession[-6:],
        "StudyDescription": f"{plan.title} - {listed(plan.patient.name)}"[:64],
        "BodyPartExamined": plan.body_part,
    }


def _of_staff(plan: Plan, institution: Institution) -> dict[str, str]:
    return {
        "ReferringPhysicianName": plan.referrer,
        "PerformingPhysicianName": plan.performer,
        "NameOfPhysiciansReadingStudy": plan.radiologist,
        "OperatorsName": plan.operator,
        "InstitutionName": institution.name,
        "InstitutionAddress": institution.address,
        "InstitutionalDepartmentName": institution.department,
    }


def uid(*sources: str) -> UID:
    """A valid UID (PS3.5 section 9) that depends on nothing but its sources."""
    return generate_uid(prefix=PYDICOM_ROOT_UID, entropy_srcs=list(sources))


def _plant_uids(instance: FileDataset, plan: Plan) -> None:
    """New UIDs for the hierarchy; instances of one sample series remain one series with one frame of reference."""
    instance.StudyInstanceUID = uid(plan.key)
    instance.SOPInstanceUID = uid(plan.key, instance.SOPInstanceUID)
    instance.SeriesInstanceUID = uid(plan.key, instance.SeriesInstanceUID)
    if "FrameOfReferenceUID" in instance:
        instance.FrameOfReferenceUID = uid(plan.key, instance.FrameOfReferenceUID)


def _plant_items(instance: FileDataset, plan: Plan) -> None:
    """A request whose texts and code meaning name people, and the name that was corrected, two levels deep."""
    code, request, study = Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator = plan.accession[-6:], "99ALDWYN"
    code.CodeMeaning = f"{plan.title} for {spoken(plan.referrer)}"[:64]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = _DETACHED_STUDY, uid(plan.key)
    request.RequestedProcedureID = f"RP{plan.accession[-6:]}"
    request.RequestedProcedureDescription = f"{plan.title}, asked by {spoken(plan.referrer)}"[:64]
    request.ScheduledProcedureStepID = f"SPS{plan.accession[-6:]}"
    request.ScheduledProcedureStepDescription = f"{plan.title} of {spoken(plan.patient.name)}"[:64]
    request.RequestedProcedureCodeSequence, request.ReferencedStudySequence = [code], [study]
    instance.RequestAttributesSequence = [request]
    instance.OriginalAttributesSequence = [_corrected(plan)]


def _corrected(plan: Plan) -> Dataset:
    """The record of a corrected name (PS3.3 C.12.1.1.9)."""
    old, correction = Dataset(), Dataset()
    old.PatientName = f"{plan.patient.family}-Former^{plan.patient.given}"
    correction.ModifiedAttributesSequence = [old]
    correction.AttributeModificationDateTime = f"{plan.date:%Y%m%d}170000"
    correction.ModifyingSystem = "ALDWYN RIS"
    correction.SourceOfPreviousValues = "ALDWYN RIS"
    correction.ReasonForTheAttributeModification = "CORRECT"
    return correction


def _plant_private(instance: FileDataset, plan: Plan) -> None:
    block = instance.private_block(_GROUP, PRIVATE_CREATOR, create=True)
    block.add_new(0x10, "LO", f"{listed(plan.patient.name)} {plan.patient.mrn}"[:64])
    note = f"{spoken(plan.radiologist)}; {plan.accession}".encode("ascii")
    block.add_new(0x11, "UN", note + b" " * (len(note) % 2))  # even length, PS3.5 section 7.1.1


def _plant_container(instance: FileDataset, plan: Plan, institution: Institution) -> None:
    """What lies before the data set: 128 bytes of preamble and group 0002 (PS3.10 section 7.1)."""
    instance.preamble = f"{plan.patient.mrn} {plan.accession} {institution.name}".encode("ascii").ljust(128, b"\0")
    meta = instance.file_meta
    meta.MediaStorageSOPClassUID = instance.SOPClassUID
    meta.MediaStorageSOPInstanceUID = instance.SOPInstanceUID
    meta.SourceApplicationEntityTitle = institution.ae_title
