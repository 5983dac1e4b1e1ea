"""Instances that are no pictures: structured reports, segmentations, structure sets and presentation states.

Their worth is in what they refer to, and operators write into all of them.
"""

from random import Random

import numpy as np

from tests.benchmarks.midi import phrases
from tests.benchmarks.midi.page import Page
from tests.benchmarks.midi.people import Person, spoken
from tests.benchmarks.midi.phrases import NAME, OTHER, Phrase, wrapped
from tests.benchmarks.midi.studies import CLASSES, ROOT, Place

_FINDINGS = (
    "Kerley B lines at both bases", "nodule of 3.2 x 1.1 cm in the right upper lobe", "disc space narrowing at L4-L5",
    "Foley catheter in place", "no pulmonary embolism", "Baker cyst of the left knee", "Hill-Sachs deformity",
    "stable appearance for 6 weeks", "unchanged small pleural effusion", "Schmorl node of T11",
)  # fmt: skip


def referring(page: Page, place: Place, one: Person, draw: Random) -> None:
    """Fill an instance by its kind."""
    _KINDS[place.kind](page, place, one, draw)


def _target(place: Place) -> Place:
    """The first image of the study's first series."""
    return Place(place.seed, 1, 1, _FIRST[place.seed % len(_FIRST)])


_FIRST = ("CT", "MR", "PT", "DX", "US", "CT")  # the kind of the first series, by seed


def _refer(page: Page, keyword: str, place: Place) -> Page:
    """An item that refers to the first image."""
    target, item = _target(place), page.item(keyword)
    item.keep(ReferencedSOPClassUID=CLASSES[target.kind])
    item.uid(ReferencedSOPInstanceUID=target.sop_uid)
    return item


def _series(page: Page, place: Place) -> None:
    """The series that is referred to (PS3.3 C.12.3)."""
    series = page.item("ReferencedSeriesSequence")
    series.uid(SeriesInstanceUID=_target(place).series_uid)
    _refer(series, "ReferencedImageSequence" if place.kind == "PR" else "ReferencedInstanceSequence", place)


def _report(page: Page, place: Place, one: Person, draw: Random) -> None:
    """A report whose items are texts, names, times, numbers and references (PS3.3 A.35.3).

    Items that Table E.3.4-1 removes whatever is cleaned (Person Observer's Organization Name) stand last: the path
    of an item is its place among its siblings.
    """
    page.keep(
        ValueType="CONTAINER", ContinuityOfContent="SEPARATE", CompletionFlag="COMPLETE", VerificationFlag="VERIFIED"
    )
    page.code("ConceptNameCodeSequence", "DCM", "126000", "Imaging Measurement Report")
    observer = page.item("VerifyingObserverSequence")
    observer.drop(NAME, VerifyingObserverName=one.reader)
    observer.drop(OTHER, VerifyingOrganization=one.hospital)
    observer.date(VerificationDateTime=f"{one.day:%Y%m%d}113000")
    _item(page, "PNAME", "CONTAINS", "121008", "Person Observer Name").drop(NAME, PersonName=one.reader)
    for _ in range(3):
        _item(page, "TEXT", "CONTAINS", "121071", "Finding").phrase(_sentence(draw, one), "TextValue")
    _item(page, "TEXT", "CONTAINS", "121075", "Recommendation").phrase(_sentence(draw, one), "TextValue")
    _measure(page, draw)
    _item(page, "DATETIME", "HAS OBS CONTEXT", "122146", "Procedure DateTime").date(DateTime=f"{one.day:%Y%m%d}101500")
    _item(page, "UIDREF", "HAS OBS CONTEXT", "110180", "Study Instance UID").uid(UID=place.study_uid)
    _refer(_item(page, "IMAGE", "CONTAINS", "121112", "Source of Measurement"), "ReferencedSOPSequence", place)
    last = _item(page, "TEXT", "CONTAINS", "121009", "Person Observer's Organization Name")
    last.drop(OTHER, TextValue=one.hospital)
    _evidence(page, place)


def _item(page: Page, value_type: str, relation: str, code: str, meaning: str) -> Page:
    """A content item with its concept; without checks where Table E.3.4-1 removes it anyway."""
    item = page.item("ContentSequence")
    item.write(ValueType=value_type, RelationshipType=relation)
    concept = item.item("ConceptNameCodeSequence")
    scheme = "SCT" if len(code) > 6 else "DCM"
    concept.write(CodeValue=code, CodingSchemeDesignator=scheme, CodeMeaning=meaning)
    if code != "121009":
        item.filled("ConceptNameCodeSequence")
        concept.filled("CodeMeaning")
    return item


def _measure(page: Page, draw: Random) -> None:
    """A length in millimetres (PS3.3 C.18.1)."""
    item = _item(page, "NUM", "CONTAINS", "103339001", "Long Axis")
    measured = item.item("MeasuredValueSequence")
    measured.keep(NumericValue=draw.choice(("12.5", "7", "31.2")))
    measured.code("MeasurementUnitsCodeSequence", "UCUM", "mm", "millimeter")


def _sentence(draw: Random, one: Person) -> Phrase:
    """A finding, every other one about somebody by name."""
    return wrapped(draw, one, _FINDINGS, 200) if draw.random() < 0.6 else _alone(draw, _FINDINGS)


def _alone(draw: Random, texts: tuple[str, ...]) -> Phrase:
    text = draw.choice(texts)
    return Phrase(text, (text,))


def _evidence(page: Page, place: Place) -> None:
    """Current Requested Procedure Evidence (PS3.3 C.17.2)."""
    study = page.item("CurrentRequestedProcedureEvidenceSequence")
    study.uid(StudyInstanceUID=place.study_uid)
    series = study.item("ReferencedSeriesSequence")
    series.uid(SeriesInstanceUID=_target(place).series_uid)
    _refer(series, "ReferencedSOPSequence", place)


def _segmentation(page: Page, place: Place, one: Person, draw: Random) -> None:
    """A binary segmentation (PS3.3 A.51): labels, codes and references; its bits are no picture."""
    page.keep(
        SegmentationType="BINARY",
        ImageType=["DERIVED", "PRIMARY"],
        ContentLabel="SEGMENTATION",
        LossyImageCompression="00",
    )
    page.keep(Rows=32, Columns=32, BitsAllocated=1, BitsStored=1, HighBit=0, PixelRepresentation=0, SamplesPerPixel=1)
    page.keep(PhotometricInterpretation="MONOCHROME2", NumberOfFrames="1")
    page.drop(NAME, ContentCreatorName=one.operator)
    page.phrase(wrapped(draw, one, phrases.SERIES["SEG"]), "ContentDescription")
    page.uid(FrameOfReferenceUID=place.frame_uid)
    segment = page.item("SegmentSequence")
    segment.keep(SegmentNumber=1, SegmentAlgorithmType="SEMIAUTOMATIC", SegmentAlgorithmName="region growing v2")
    segment.phrase(wrapped(draw, one, ("Nodule 1", "Liver", "Edema")), "SegmentLabel")
    segment.code("SegmentedPropertyCategoryCodeSequence", "SCT", "49755003", "Morphologically Altered Structure")
    segment.uid(TrackingUID=f"{ROOT}.{place.seed}.5.1")
    dimension = page.item("DimensionOrganizationSequence")
    dimension.uid(DimensionOrganizationUID=f"{ROOT}.{place.seed}.5.2")
    _series(page, place)
    bits = np.packbits(np.random.default_rng(place.seed).integers(0, 2, 1024), bitorder="little")
    page.dataset.PixelData = bits.tobytes()
    page.dataset["PixelData"].VR = "OB"


def _structures(page: Page, place: Place, one: Person, draw: Random) -> None:
    """A structure set (PS3.3 A.19): regions, contours, and who drew them."""
    page.phrase(wrapped(draw, one, ("PLAN_1", "HN", "PELVIS"), 16), "StructureSetLabel")
    page.phrase(wrapped(draw, one, phrases.SERIES["RTSTRUCT"]), "StructureSetName", "StructureSetDescription")
    page.date(StructureSetDate=f"{one.day:%Y%m%d}")
    frame = page.item("ReferencedFrameOfReferenceSequence")
    frame.uid(FrameOfReferenceUID=place.frame_uid)
    study = frame.item("RTReferencedStudySequence")
    study.uid(ReferencedSOPInstanceUID=place.study_uid)
    series = study.item("RTReferencedSeriesSequence")
    series.uid(SeriesInstanceUID=_target(place).series_uid)
    _refer(series, "ContourImageSequence", place)
    for number, site in enumerate(draw.sample(phrases.SITES, 3), start=1):
        _region(page, place, one, (number, site, draw))


def _region(page: Page, place: Place, one: Person, region: tuple[int, str, Random]) -> None:
    """One region of interest in its three sequences."""
    number, site, draw = region
    drawn = page.item("StructureSetROISequence")
    drawn.keep(ROINumber=str(number), ROIGenerationAlgorithm="MANUAL")
    drawn.uid(ReferencedFrameOfReferenceUID=place.frame_uid)
    drawn.phrase(wrapped(draw, one, (site,)) if number == 2 else Phrase(site, (site,)), "ROIName")
    contour = page.item("ROIContourSequence")
    contour.keep(ROIDisplayColor=["255", "0", "128"], ReferencedROINumber=str(number))
    line = contour.item("ContourSequence")
    line.keep(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints="3")
    line.keep(ContourData=["-12.5", "3.25", "-50", "14", "3.25", "-50", "1", "20", "-50"])
    _refer(line, "ContourImageSequence", place)
    seen = page.item("RTROIObservationsSequence")
    seen.keep(ObservationNumber=str(number), ReferencedROINumber=str(number), RTROIInterpretedType="ORGAN")
    seen.drop(NAME, ROIInterpreter=one.performer)


def _presentation(page: Page, place: Place, one: Person, draw: Random) -> None:
    """A presentation state (PS3.3 A.33.1): text and lines over an image."""
    page.keep(ContentLabel="ANNOTATED", PresentationLUTShape="IDENTITY")
    page.phrase(wrapped(draw, one, phrases.SERIES["PR"]), "ContentDescription")
    page.drop(NAME, ContentCreatorName=one.reader)
    page.date(PresentationCreationDate=f"{one.day:%Y%m%d}")
    page.write(PresentationCreationTime="120000")
    _series(page, place)
    graphics = page.item("GraphicAnnotationSequence")
    graphics.keep(GraphicLayer="LAYER1")
    text = graphics.item("TextObjectSequence")
    text.phrase(wrapped(draw, one, ("arrow marks lesion", "measured 12 mm", "see report")), "UnformattedTextValue")
    text.keep(BoundingBoxAnnotationUnits="PIXEL", AnchorPoint=[10.5, 12.0], AnchorPointAnnotationUnits="PIXEL")
    drawn = graphics.item("GraphicObjectSequence")
    drawn.keep(GraphicDimensions=2, NumberOfGraphicPoints=2, GraphicData=[1.0, 1.0, 20.5, 30.0], GraphicType="POLYLINE")
    layer = page.item("GraphicLayerSequence")
    layer.keep(GraphicLayer="LAYER1", GraphicLayerOrder="1")
    layer.phrase(
        Phrase(f"drawn by Dr. {spoken(one.reader)}", ("drawn by",), ((spoken(one.reader), NAME),)),
        "GraphicLayerDescription",
    )


_KINDS = {"SR": _report, "SEG": _segmentation, "RTSTRUCT": _structures, "PR": _presentation}
