"""One instance: what survives, what is claimed, and that nothing else happens."""

from copy import deepcopy
from datetime import date, datetime
from io import BytesIO

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from pydicom.uid import (
    BasicVoiceAudioWaveformStorage,
    EncapsulatedCDAStorage,
    EncapsulatedMTLStorage,
    EncapsulatedOBJStorage,
    EncapsulatedPDFStorage,
    EncapsulatedSTLStorage,
    GeneralAudioWaveformStorage,
)

from curate.dicom.deidentify import deidentify, mark_pixels
from curate.dicom.markers import METHOD
from curate.dicom.profile import Profile
from curate.dicom.write import encode, write
from curate.errors import Reason, Rejected
from curate.policy import ProfileOptions
from curate.privacy.surrogates import Surrogates
from curate.records import RawInstance


def codes_of(dataset: Dataset) -> list[str]:
    """The codes that an instance claims."""
    return [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]


def test_references_between_instances_resolve(instance, clean) -> None:
    """A reference from one instance, at any depth and in file meta, is the new UID of the other instance."""
    first, second = instance(), instance(SOPInstanceUID="1.2.3.20240131.8")
    nested = Dataset()
    nested.ReferencedSOPClassUID, nested.ReferencedSOPInstanceUID = first.SOPClassUID, first.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = first.SeriesInstanceUID, [nested]
    second.ReferencedSeriesSequence, second.ReferencedImageSequence = [series], [deepcopy(nested)]
    a, b = clean(first).dataset, clean(second).dataset
    reference = b.ReferencedSeriesSequence[0]
    assert a.SOPInstanceUID != first.SOPInstanceUID
    assert a.SOPInstanceUID != b.SOPInstanceUID
    assert reference.SeriesInstanceUID == a.SeriesInstanceUID == b.SeriesInstanceUID
    assert reference.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == a.SOPInstanceUID
    assert b.ReferencedImageSequence[0].ReferencedSOPInstanceUID == a.SOPInstanceUID
    assert a.file_meta.MediaStorageSOPInstanceUID == a.SOPInstanceUID
    assert reference.ReferencedSOPSequence[0].ReferencedSOPClassUID == first.SOPClassUID == a.SOPClassUID


def test_days_between_studies_survive(instance, clean) -> None:
    """Dates of one patient move together, by whole weeks, and the times of day stay."""
    first = clean(instance(StudyDate="20240131", StudyTime="235500", AcquisitionDateTime="20240131235500+0100")).dataset
    second = clean(instance(StudyDate="20240302")).dataset
    days = [datetime.strptime(each.StudyDate, "%Y%m%d").date() for each in (first, second)]  # noqa: DTZ007
    assert days[1] - days[0] == date(2024, 3, 2) - date(2024, 1, 31)
    assert days[0].weekday() == date(2024, 1, 31).weekday()
    assert days[0] < date(2024, 1, 31)
    assert first.StudyTime == "235500"
    assert first.AcquisitionDateTime == f"{first.StudyDate}235500+0100"


def test_geometry_and_pixels_are_the_sources(instance, clean, tmp_path) -> None:
    """Numbers keep the very text they were written in, and pixel data every byte."""
    geometry = {
        "ImagePositionPatient": ["-0.50", "1e1", "3"], "ImageOrientationPatient": ["1.0", "0", "0", "0", "1", "-0.0"],
        "PixelSpacing": ["0.700", "0.7"], "SliceThickness": "5.00", "RescaleSlope": "1.0", "RescaleIntercept": "-1024",
        "WindowCenter": ["40", "400"], "ReferencedImageRealWorldValueMappingSequence": [], "BodyPartExamined": "CHEST",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], "Laterality": "L", "PatientOrientation": ["L", "P"],
    }  # fmt: skip
    source = instance(**geometry)
    write(clean(source).dataset, tmp_path / "clean.dcm")
    back = dcmread(tmp_path / "clean.dcm")
    for keyword in geometry:
        assert back[keyword].to_json_dict(None, 0) == source[keyword].to_json_dict(None, 0)
    assert back.PixelData == source.PixelData
    assert "-0.50\\1e1\\3 " in (tmp_path / "clean.dcm").read_bytes().decode("latin-1")


def test_names_and_identifiers_become_surrogates(instance, clean, surrogates) -> None:
    """Patient, accession and names of physicians under D become keyed surrogates; physicians under X go."""
    source = instance(
        AccessionNumber="A 17", PerformingPhysicianName="House^G", ContentCreatorName="Wilson^J", StudyID="77"
    )
    made = clean(source).dataset
    assert made.PatientID == surrogates.identifier("MRN123456")
    assert made.PatientName == surrogates.person_name("Canaryson^Ada")
    assert made.AccessionNumber == surrogates.identifier("A 17")
    assert made.ContentCreatorName == surrogates.person_name("Wilson^J")
    assert "PerformingPhysicianName" not in made
    assert made["StudyID"].is_empty


def test_empty_values_stay_empty(instance, clean) -> None:
    """Where the source says nothing, no surrogate and no dummy is made up."""
    source = instance(AccessionNumber="", PatientName="", ContentCreatorName=None, DeviceSerialNumber="", StudyDate="")
    made = clean(source).dataset
    for keyword in ("AccessionNumber", "PatientName", "ContentCreatorName", "DeviceSerialNumber", "StudyDate"):
        assert made[keyword].is_empty


def test_unreadable_date_is_a_dummy_where_the_table_says_d(instance, clean) -> None:
    """Content Date (Z/D) may be of Type 1: a placeholder becomes a dummy there, and nothing elsewhere."""
    made = clean(instance(ContentDate="19700101", StudyDate="19700101", ContentTime="noon")).dataset
    assert made.ContentDate == "19000101"
    assert made.ContentTime == "000000"
    assert made["StudyDate"].is_empty


def test_input_is_not_changed(instance, clean) -> None:
    """The source is the same before and after, and shares no list or sequence with the result."""
    item = Dataset()
    item.SeriesInstanceUID, item.ImageType = "1.2.3", ["ORIGINAL", "PRIMARY"]
    source = instance(ImageType=["ORIGINAL", "PRIMARY"], ReferencedSeriesSequence=[item], PixelSpacing=["1", "2"])
    before, meta = source.to_json(), source.file_meta.to_json()
    made = clean(source).dataset
    made.ImageType[0] = made.ReferencedSeriesSequence[0].ImageType[0] = "CHANGED"
    made.PixelSpacing[0] = 9
    assert (source.to_json(), source.file_meta.to_json()) == (before, meta)


def test_same_key_same_bytes(instance, clean) -> None:
    """Twice the same instance gives the same bytes; another key shares no identifier with them."""
    source = instance(StudyDate="20240131", AccessionNumber="A17")
    first, again = (bytes(encode(clean(deepcopy(source)).dataset)) for _ in range(2))
    other = clean(source, surrogates=Surrogates(bytes(32), "patient")).dataset
    assert first == again
    made = clean(source).dataset
    for keyword in ("PatientID", "PatientName", "AccessionNumber", "SOPInstanceUID", "StudyInstanceUID"):
        assert str(made[keyword].value) != str(other[keyword].value)


def test_texts_are_cleaned_in_one_call(instance) -> None:
    """However many texts an instance holds, the cleaner is called once, with each text once and none empty."""
    calls: list[list[str]] = []

    def clean_text(texts) -> list[str]:
        calls.append(list(texts))
        return list(texts)

    item = Dataset()
    item.SeriesDescription, item.SeriesInstanceUID = "chest", "1.2"
    source = instance(
        StudyDescription="chest", SeriesDescription="", ReferencedSeriesSequence=[item], ImageComments="b"
    )
    deidentify(RawInstance("k", source), Profile.compile(ProfileOptions()), Surrogates(bytes(32), "p"), clean_text)
    assert calls == [["chest", "b"]]


def test_cleaned_text_fits_its_vr(instance) -> None:
    """A replacement is cut to what the VR holds, splits no value, and brings no control characters."""
    source = instance(StudyDescription="x", ImageComments="y", ConvolutionKernel=["a", "b"])
    made = deidentify(
        RawInstance("k", source), Profile.compile(ProfileOptions()), Surrogates(bytes(32), "p"),
        lambda texts: [f"{text}\\\x1b{'z' * 99}" for text in texts],
    ).dataset  # fmt: skip
    assert made.StudyDescription == "x/" + "z" * 62
    assert made.ImageComments == "y\\" + "z" * 99
    assert list(made.ConvolutionKernel) == ["a/" + "z" * 14, "b/" + "z" * 14]


def test_claims_are_those_of_the_profile(instance, clean, nothing_retained) -> None:
    """Markers say what was done: never that dates are unmodified, or pixels clean, when they are not."""
    made = clean(instance()).dataset
    assert made.PatientIdentityRemoved == "YES"
    assert made.DeidentificationMethod == METHOD
    assert codes_of(made) == Profile.compile(ProfileOptions()).codes()
    assert made.LongitudinalTemporalInformationModified == "MODIFIED"
    assert "BurnedInAnnotation" not in made
    assert clean(instance(), nothing_retained).dataset.LongitudinalTemporalInformationModified == "REMOVED"
    full = clean(instance(), ProfileOptions(dates="full")).dataset
    assert full.LongitudinalTemporalInformationModified == "UNMODIFIED"


def test_earlier_claims_stay(instance, clean) -> None:
    """What an earlier de-identification claimed stays, in order and once; modified dates are never unmodified again."""
    once = clean(instance(DeidentificationMethod=["script", METHOD])).dataset
    twice = clean(once).dataset
    assert list(twice.DeidentificationMethod) == ["script", METHOD]
    assert codes_of(twice) == codes_of(once)
    again = clean(once, ProfileOptions(dates="full")).dataset
    assert again.LongitudinalTemporalInformationModified == "MODIFIED"


def test_pixels_are_claimed_by_the_caller(instance, clean) -> None:
    """`mark_pixels` adds 113101 and BurnedInAnnotation NO once pixels are clean, and nothing before."""
    made = clean(instance(BurnedInAnnotation="YES")).dataset
    mark_pixels(made, cleaned=False)
    assert made.BurnedInAnnotation == "YES"
    assert "113101" not in codes_of(made)
    mark_pixels(made, cleaned=True)
    mark_pixels(made, cleaned=True)
    assert made.BurnedInAnnotation == "NO"
    assert codes_of(made) == sorted({"113101", *Profile.compile(ProfileOptions()).codes()})


def test_pixels_are_claimed_alike_in_elements_as_read(instance, clean) -> None:
    """Whether anybody has asked for the codes before makes no difference to the bytes that are written."""
    written, made = BytesIO(), clean(instance()).dataset
    made.save_as(written, enforce_file_format=True)
    outputs = []
    for asked in (False, True):
        read, out = dcmread(BytesIO(written.getvalue())), BytesIO()
        assert read.get_item("DeidentificationMethodCodeSequence").is_raw
        assert not asked or "113101" not in codes_of(read)
        mark_pixels(read, cleaned=True)
        read.save_as(out)
        outputs.append(out.getvalue())
    assert outputs[0] == outputs[1]
    assert "113101" in codes_of(dcmread(BytesIO(outputs[0])))


def test_actions_say_what_was_done_by_which_rule(instance, clean) -> None:
    """Every attribute of the source is counted, with action code and source of the rule, and without its value."""
    item = Dataset()
    item.SeriesDescription = "chest"
    source = instance(SeriesDescription="chest", ReferencedSeriesSequence=[item], OtherPatientIDs="7")
    actions = clean(source).actions
    assert actions["(0008,103E)", "C", "PS3.15 E.1-1 clean_descriptors"] == 2
    assert actions["(0010,1000)", "X", "PS3.15 E.1-1 basic"] == 1
    assert actions["(0028,0010)", "K", "VR US"] == 1
    assert {tag for tag, _, _ in actions} == {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in source.keys()}  # noqa: SIM118
    assert list(actions) == sorted(actions)


def test_file_meta_and_preamble_are_built_from_nothing(instance, clean, tmp_path) -> None:
    """The file begins with 128 zeros, and its meta information holds what PS3.10 requires and no more."""
    source = instance()
    source.preamble = b"x" * 128
    source.file_meta.SourceApplicationEntityTitle = "SCANNER1"
    write(clean(source).dataset, tmp_path / "clean.dcm")
    assert (tmp_path / "clean.dcm").read_bytes()[:132] == bytes(128) + b"DICM"
    assert [element.keyword for element in dcmread(tmp_path / "clean.dcm").file_meta] == [
        "FileMetaInformationGroupLength", "FileMetaInformationVersion", "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID", "TransferSyntaxUID", "ImplementationClassUID", "ImplementationVersionName",
    ]  # fmt: skip


def test_encapsulated_pixel_data_are_handed_on(instance, clean) -> None:
    """Compressed frames keep their bytes; a last fragment of odd length gets the byte of padding it lacks."""
    source = instance()
    source.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.5"
    frame = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x03\0\0\0abc"
    source["PixelData"].is_undefined_length = True
    source.PixelData = frame
    made = clean(source).dataset
    assert made["PixelData"].is_undefined_length
    assert made.PixelData == b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0abc\0"
    source.PixelData = made.PixelData
    assert clean(source).dataset.PixelData is made.PixelData
    source.PixelData = frame + b"\xfe\xff\x00\xe0\x04\0\0\0abcd"
    with pytest.raises(Rejected) as raised:
        clean(source)
    assert raised.value.reason is Reason.MALFORMED


def test_age_is_capped(instance, clean, nothing_retained) -> None:
    """An age over the cap leaves as the cap, and none without Retain Patient Characteristics."""
    assert clean(instance(PatientAge="096Y")).dataset.PatientAge == "090Y"
    assert "PatientAge" not in clean(instance(PatientAge="042Y"), nothing_retained).dataset


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID"])
def test_instance_without_identity_is_rejected(keyword, instance, clean) -> None:
    """Without SOP Class or Instance UID there is nothing to write; the reason names the tag."""
    source = instance()
    del source[keyword]
    with pytest.raises(Rejected) as raised:
        clean(source)
    assert raised.value.reason is Reason.MISSING_IDENTITY
    assert raised.value.where in {"(0008,0016)", "(0008,0018)"}


def test_identity_of_another_vr_is_none(instance, clean) -> None:
    """A SOP Instance UID that the file declares to be something else cannot name the instance."""
    source = instance()
    source[0x00080018] = DataElement(0x00080018, "LO", "1.2.3")
    with pytest.raises(Rejected) as raised:
        clean(source)
    assert (raised.value.reason, raised.value.where) == (Reason.MISSING_IDENTITY, "(0008,0018)")


@pytest.mark.parametrize(
    ("sop_class", "where"),
    [(GeneralAudioWaveformStorage, "(5400,1010)"), (BasicVoiceAudioWaveformStorage, "(5400,1010)")]
    + [(each, "(0042,0011)") for each in (EncapsulatedPDFStorage, EncapsulatedCDAStorage, EncapsulatedSTLStorage,
                                          EncapsulatedOBJStorage, EncapsulatedMTLStorage)],
)  # fmt: skip
def test_voices_and_documents_are_rejected(sop_class, where, instance, clean) -> None:
    """Audio identifies whoever speaks, and nothing is left of a document whose bytes do not pass."""
    with pytest.raises(Rejected) as raised:
        clean(instance(SOPClassUID=sop_class))
    assert (raised.value.reason, raised.value.where) == (Reason.NOT_AN_IMAGE, where)


def test_unknown_encoding_is_rejected(instance, clean) -> None:
    """A private transfer syntax cannot be written again."""
    source = instance()
    source.file_meta.TransferSyntaxUID = "1.2.3.4"
    with pytest.raises(Rejected) as raised:
        clean(source)
    assert (raised.value.reason, raised.value.where) == (Reason.MALFORMED, "(0002,0010)")


def test_instance_nested_without_end_is_rejected(instance, clean) -> None:
    """A data set nested deeper than Python can follow is TOO_DEEP, not a crash."""
    source = instance()
    inner = source
    for _ in range(2000):
        item = Dataset()
        inner.ReferencedSeriesSequence = [item]
        inner = item
    with pytest.raises(Rejected) as raised:
        clean(source)
    assert raised.value.reason is Reason.TOO_DEEP
