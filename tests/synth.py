"""Synthetic patients for tests: built from a seed, never stored, with a canary in every place that can hold text.

Two kinds of planted strings. A *token* ("QZLO00007XW") marks one place that must not survive at all: attributes that
PS3.15 Table E.1-1 removes, private elements, file meta, preamble, padding, paths. A *linked* value is an identity that
occurs in the header and, in other words, in descriptors, reports and pixels, where only the link between them can
find it.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from curate.privacy.surrogates import fold

ROOT = "1.2.826.0.1.3680043.10.9990"
SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.3.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
}
SYNTAXES = (
    ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless,
)  # fmt: skip
NAMES = {
    "ISO_IR 100": ("Bäckströmer^Jörgen", "Quérignac^Hélène", "Niedermühl^Jürgen", "Trevelyan^Morwenna"),
    "ISO_IR 192": ("Zieliński^Paweł", "Đorđevićka^Ljiljana", "Ødegårdsen^Håkon", "Αθανασίου^Ελένη"),
    "\\ISO 2022 IR 87": (
        "Tanakawa^Hiroshi=田中川^博史=たなかわ^ひろし",
        "Saitohara^Yumiko=斎藤原^由美子=さいとうはら^ゆみこ",
    ),
    "GB18030": ("Zhangwei^XiaoMing=张伟^晓明=ㄓㄤ^ㄒㄧㄠ", "Ouyang^JingYi=欧阳^静怡=ㄡㄧㄤ^ㄐㄧㄥ"),
}
REFERRERS = ("Wetherspoon^Prudence", "Ravenscroft^Lionel", "Oberhauser^Matthias", "Featherstone^Cordelia")
CLINICAL = ("Kerley B lines", "Foley catheter", "L4-L5", "6 weeks", "3.2 x 1.1 cm")

# Attributes that Table E.1-1 (2026d) removes or empties under the basic profile whatever descriptors are kept, by VR.
_TOKENS = {
    "AE": ("RetrieveAETitle", "StationAETitle"),
    "LO": ("AdmissionID", "BranchOfService", "CurrentPatientLocation"),
    "LT": ("ImagePresentationComments", "TextComments"),
    "OB": ("MAC", "NonconformingDataElementValue"),
    "PN": ("OperatorsName", "PatientMotherBirthName", "NamesOfIntendedRecipientsOfResults"),
    "SH": ("StudyID", "PerformedLocation", "RequestedProcedureID"),
    "ST": ("InstitutionAddress", "ReferringPhysicianAddress"),
    "UC": ("XRayDetectorID",),
    "UN": ("SelectorUNValue",),
    "UR": ("SelectorURValue",),
    "UT": ("CameraOwnerName", "GPSMapDatum"),
}
_PRIVATE = {"LO": 0x10, "ST": 0x11, "PN": 0x12, "UN": 0x13, "OB": 0x14, "SH": 0x15, "UT": 0x16, "CS": 0x17, "AE": 0x18}
_BYTES = frozenset({"OB", "UN"})
_OTHER_PLACES = ("PRE", "PAD", "META", "INFO", "DIR", "FILE", "ITEM", "DEEP", "CODE", "ODD", "BORN")


@dataclass(frozen=True, slots=True)
class Study:
    """One study: `kind` is a key of SOP_CLASSES, `size` the rows and columns of its instances."""

    uid: str
    accession: str
    day: date
    kind: str
    instances: int
    size: int


@dataclass(frozen=True, slots=True)
class Patient:
    """One synthetic patient.

    `report` is "txt", "jsonl", "both" or "none"; `burn` draws the identity into the pixels.
    """

    seed: int
    name: str
    patient_id: str
    sex: str
    birth: date
    address: str
    phone: str
    institution: str
    referrer: str
    charset: str
    studies: tuple[Study, ...]
    report: str
    burn: bool

    def token(self, place: str) -> str:
        """The canary of one place."""
        return f"QZ{place}{self.seed:05d}XW"

    @property
    def tokens(self) -> tuple[str, ...]:
        """The canaries of all places that must be gone."""
        public = [f"{vr}{index}" for vr, keywords in _TOKENS.items() for index in range(len(keywords))]
        private = [f"P{block}{vr}" for block in range(2) for vr in _PRIVATE]
        return tuple(self.token(place) for place in (*public, *private, *_OTHER_PLACES))

    @property
    def linked(self) -> tuple[str, ...]:
        """Identities in the forms in which they are written in header, report and path."""
        groups = self.name.split("=")
        names = [part for group in groups for part in group.split("^") if len(part) > 5]
        full = [*groups, self.spoken, *(group.replace("^", " ") for group in groups[1:])]
        others = (self.patient_id, self.address, self.phone, self.institution, *self.referrer.split("^"))
        dates = [f"{day:%Y%m%d}" for day in (self.birth, *(study.day for study in self.studies))]
        written = [form for study in self.studies for form in (f"{study.day:%d.%m.%Y}", f"{study.day:%d %B %Y}")]
        numbers = [number for study in self.studies for number in (study.accession, study.uid)]
        return tuple(dict.fromkeys((*names, *full, *others, *dates, *written, *numbers)))

    @property
    def canaries(self) -> tuple[str, ...]:
        """Everything that must not occur in any output."""
        return self.tokens + self.linked

    @property
    def spoken(self) -> str:
        """The name as a sentence has it: given, then family, of the alphabetic group."""
        family, given = self.name.split("=")[0].split("^")
        return f"{given} {family}"

    @property
    def written(self) -> str:
        """The name in every script it has."""
        others = [group.replace("^", " ") for group in self.name.split("=")[1:]]
        return f"{self.spoken} ({', '.join(others)})" if others else self.spoken

    @property
    def referrer_spoken(self) -> str:
        """The referring physician as a sentence has it."""
        family, given = self.referrer.split("^")
        return f"{given} {family}"


def patient(
    seed: int,
    *,
    kinds: Sequence[str] = (),
    instances: int = 0,
    charset: str = "",
    report: str = "",
    burn: bool = False,
) -> Patient:
    """A patient that depends on the arguments alone.

    kinds: one study each, by default one to three. instances: a study, by default one to three.
    charset: a key of NAMES. report: "txt", "jsonl", "both" or "none". Defaults are drawn from the seed.
    """
    draw = Random(seed)
    charset = charset or sorted(NAMES)[seed % len(NAMES)]
    chosen = kinds or draw.sample(sorted(SOP_CLASSES), draw.randint(1, 3))
    # all dates within a year: one that was shifted by 52 weeks or more can never be another's
    first = date(2021, 1, 4) + timedelta(days=draw.randrange(200))
    studies = tuple(
        Study(
            uid=f"{ROOT}.{seed}.{number}",
            accession=f"ACC{seed:05d}{number}K",
            day=first + timedelta(days=number * draw.randint(1, 40)),
            kind=kind,
            instances=instances or draw.randint(1, 3),
            size=draw.choice((64, 96, 128)),
        )
        for number, kind in enumerate(chosen, start=1)
    )
    return Patient(
        seed=seed,
        name=draw.choice(NAMES[charset]),
        patient_id=f"MR{seed:06d}Z",
        sex=draw.choice("MF"),
        birth=date(1957, 1, 1) + timedelta(days=draw.randrange(360)),
        address=f"{100 + seed % 800} Quarrendon Lane, Thornmouth",
        phone=f"+44 1632 96{seed % 10000:04d}",
        institution=f"Quarrendon Infirmary {seed}",
        referrer=draw.choice(REFERRERS),
        charset=charset,
        studies=studies,
        report=report or draw.choice(("txt", "jsonl")),
        burn=burn,
    )


def write_archive(directory: Path, patients: Sequence[Patient]) -> None:
    """Write patients as a hospital would hand them over: folders that carry names, and a folder of reports."""
    reports = directory / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    lines = [line for each in patients for line in write_patient(directory, each)]
    if lines:
        (reports / "reports.jsonl").write_text("".join(lines), encoding="utf-8")


def write_patient(directory: Path, person: Patient) -> list[str]:
    """Write one patient's instances and text reports; returns the lines that belong into reports.jsonl."""
    lines = []
    for study in person.studies:
        for path, content in instance_files(person, study):
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if person.report in {"txt", "both"}:
            text = directory / "reports" / f"{study.accession}.txt"
            text.parent.mkdir(parents=True, exist_ok=True)
            text.write_text(report_text(person, study), encoding="utf-8")
        if person.report in {"jsonl", "both"}:
            lines.append(report_record(person, study))
    return lines


def instance_files(person: Patient, study: Study) -> Iterator[tuple[Path, bytes]]:
    """Each instance of a study as (path below the archive, content); both carry canaries."""
    folder = Path(f"{person.spoken} {person.token('DIR')}") / f"{study.day:%Y%m%d} {study.kind}"
    for number in range(1, study.instances + 1):
        yield folder / f"{number:03d}_{person.token('FILE')}.dcm", encode(instance(person, study, number))


def encode(dataset: FileDataset) -> bytes:
    """A data set as a file, in its own transfer syntax."""
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def instance(person: Patient, study: Study, number: int) -> FileDataset:
    """One SOP Instance, canaries everywhere; its transfer syntax goes round with the seed and `number`."""
    syntax = SYNTAXES[(person.seed + number) % len(SYNTAXES)]
    dataset = FileDataset(
        "",
        {},
        preamble=person.token("PRE").encode().ljust(128, b"\0"),
        file_meta=_meta(person),
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
    )
    dataset.SpecificCharacterSet = person.charset.split("\\")
    _identify(dataset, person, study)
    _number(dataset, study, number)
    _plant_tokens(dataset, person)
    _plant_items(dataset, person)
    _describe_pixels(dataset, study.kind, study.size)
    pixels = _pixels(person, study, number)
    dataset.PixelData = pixels.astype(
        pixels.dtype.newbyteorder(">" if syntax == ExplicitVRBigEndian else "<")
    ).tobytes()
    dataset["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"
    dataset.add(DataElement(0xFFFCFFFC, "OB", _even(person.token("PAD"))))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == RLELossless else syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
    return dataset


def _meta(person: Patient) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.SourceApplicationEntityTitle = person.token("META")
    meta.PrivateInformationCreatorUID = UID(f"{ROOT}.1")
    meta.PrivateInformation = _even(person.token("INFO"))
    return meta


def _identify(dataset: Dataset, person: Patient, study: Study) -> None:
    """The identities that are linked: plain attributes, and descriptors that mention them."""
    dataset.PatientName, dataset.PatientID = person.name, person.patient_id
    dataset.PatientBirthDate, dataset.PatientSex = f"{person.birth:%Y%m%d}", person.sex
    dataset.PatientAddress, dataset.PatientTelephoneNumbers = person.address, person.phone
    dataset.ReferringPhysicianName, dataset.InstitutionName = person.referrer, person.institution
    dataset.AccessionNumber = study.accession
    dataset.Modality = "OT" if study.kind == "SC" else study.kind
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(dataset, keyword, f"{study.day:%Y%m%d}")
    dataset.AcquisitionDateTime = f"{study.day:%Y%m%d}101500"
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "101500"
    dataset.StudyDescription = f"{study.kind} {person.spoken} {person.patient_id}"
    dataset.PatientComments = f"{person.written}, call {person.phone} before {study.day:%d.%m.%Y}"


def _number(dataset: Dataset, study: Study, number: int) -> None:
    dataset.SOPClassUID = SOP_CLASSES[study.kind]
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study.uid, f"{study.uid}.1"
    dataset.SOPInstanceUID, dataset.FrameOfReferenceUID = f"{study.uid}.1.{number}", f"{study.uid}.9"
    dataset.SeriesNumber, dataset.InstanceNumber = 1, number
    if number > 1:
        sibling = Dataset()
        sibling.ReferencedSOPClassUID, sibling.ReferencedSOPInstanceUID = dataset.SOPClassUID, f"{study.uid}.1.1"
        dataset.ReferencedImageSequence = [sibling]


def _plant_tokens(dataset: Dataset, person: Patient) -> None:
    """A token for each attribute of _TOKENS, each VR in two private blocks, and an element without private creator."""
    for vr, keywords in _TOKENS.items():
        for index, keyword in enumerate(keywords):
            token = person.token(f"{vr}{index}")
            setattr(dataset, keyword, _even(token) if vr in _BYTES else token)
    for number, creator in enumerate(("QUARRENDON 1.0", "GEMS_PATI_01")):
        block = dataset.private_block(0x0029 + 2 * number, creator, create=True)
        for vr, offset in _PRIVATE.items():
            token = person.token(f"P{number}{vr}")
            block.add_new(offset, vr, _even(token) if vr in _BYTES else token)
    dataset.add(DataElement(0x00101005, "UN", _even(person.token("BORN"))))  # PatientBirthName as unknown VR
    dataset.add(DataElement(0x00331001, "LO", person.token("ODD")))
    dataset.add(DataElement(0x60004000, "LT", f"drawn by {person.spoken}"))


def _plant_items(dataset: Dataset, person: Patient) -> None:
    """Tokens one and three levels deep; the code meaning stands in a sequence that Table E.1-1 removes."""
    code, identified, request, original = Dataset(), Dataset(), Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99Q", person.token("CODE")
    identified.PersonIdentificationCodeSequence = [code]
    identified.PersonAddress = person.token("DEEP")
    request.RequestedProcedureID = person.token("ITEM")
    original.RequestAttributesSequence = [request]
    original.ReferringPhysicianIdentificationSequence = [identified]
    dataset.RequestAttributesSequence = [request]
    wrapper = Dataset()
    wrapper.ModifiedAttributesSequence = [original]
    dataset.OriginalAttributesSequence = [wrapper]


def _even(token: str) -> bytes:
    """ASCII bytes of even length (PS3.5 section 7.1.1)."""
    return token.encode().ljust(len(token) + len(token) % 2, b"\0")


def _layout(kind: str) -> tuple[int, int, int]:
    """Samples a pixel, bits allocated and frames of a kind of instance."""
    return {"US": (3, 8, 3), "SC": (1, 8, 1)}.get(kind, (1, 16, 1))


def _describe_pixels(dataset: Dataset, kind: str, size: int) -> None:
    """CT signed, MR and DX 12 of 16 bit, DX MONOCHROME1, US RGB in frames, SC eight bit; columns are rows + 16."""
    samples, bits, frames = _layout(kind)
    stored = 12 if bits == 16 else 8
    dataset.SamplesPerPixel, dataset.Rows, dataset.Columns = samples, size, size + 16
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, stored, stored - 1
    dataset.PixelRepresentation = int(kind == "CT")
    dataset.PhotometricInterpretation = {"US": "RGB", "DX": "MONOCHROME1"}.get(kind, "MONOCHROME2")
    if samples == 3:
        dataset.PlanarConfiguration = 0
    if frames > 1:
        dataset.NumberOfFrames, dataset.FrameTime = frames, 40
    if kind == "CT":
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024


def _pixels(person: Patient, study: Study, number: int) -> np.ndarray:
    """A pattern that differs between instances, frames and patients: (frames, rows, columns, samples), not negative."""
    samples, bits, frames = _layout(study.kind)
    top = (1 << (11 if bits == 16 else 8)) - 1
    ramp = np.add.outer(np.arange(study.size) * 3, np.arange(study.size + 16) * 2) + 7 * number + person.seed
    planes = ramp[None, :, :, None] + 5 * np.arange(frames)[:, None, None, None] + np.arange(samples)
    pixels = np.ascontiguousarray(planes % top // 2, dtype=f"uint{bits}")
    if person.burn:
        _burn(pixels, person, top)
    return pixels


def _burn(pixels: np.ndarray, person: Patient, ink: int) -> None:
    """Write family name and PatientID over the top of each frame, in letters about ten pixels high."""
    import cv2

    text = fold(person.spoken.split()[-1]).upper(), person.patient_id
    strokes = np.zeros(pixels.shape[1:3], np.uint8)
    for line, word in enumerate(text):
        cv2.putText(strokes, word, (2, 13 + 15 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1, 1)
    pixels[:, :32] = 0
    pixels[:, strokes.astype(bool)] = ink


def report_text(person: Patient, study: Study) -> str:
    """A short report that names everybody, and the phrases of CLINICAL that must survive."""
    kerley, foley, level, weeks, size = CLINICAL
    return (
        f"{person.institution}\nPatient: {person.written}  ID: {person.patient_id}  "
        f"DOB: {person.birth:%d.%m.%Y}  Accession: {study.accession}\n\n"
        f"INDICATION: Cough for {weeks}. Referred by Dr. {person.referrer_spoken}.\n\n"
        f"TECHNIQUE: {study.kind} of {study.day:%d %B %Y}.\n\n"
        f"FINDINGS: A nodule measures {size}. {kerley} at both bases. A {foley} is in place. "
        f"Disc space narrowing at {level}.\n\n"
        f"IMPRESSION: Nodule of {size}. {person.spoken} ({person.phone}) was informed on {study.day:%d.%m.%Y}; "
        f"letter to {person.address}.\n"
    )


def report_record(person: Patient, study: Study) -> str:
    """The same report as one line of JSON Lines."""
    fields = {
        "report_id": f"R{study.accession}",
        "patient_id": person.patient_id,
        "accession_number": study.accession,
        "study_instance_uid": study.uid,
        "issued": study.day.isoformat(),
        "text": report_text(person, study),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


# Inputs that must be refused -----------------------------------------------------------------------------------------

BAD_SEED = 90000
_BOMB_BYTES = 210 * 2**20


def bad_patient(number: int, report: str = "txt") -> Patient:
    """The patient of one bad input: one CT study of one instance."""
    return patient(
        BAD_SEED + number * len(SYNTAXES) + 4, kinds=("CT",), instances=1, charset="ISO_IR 100", report=report
    )


def write_bad_inputs(directory: Path) -> dict[str, Path]:
    """Write one input for each way in which inputs are bad, each wrong in that way only; returns their paths by fault.

    Everything but the fault is sound: the study has a report, the report a study. Each concerns a patient of its own.
    """
    written = {}
    for number, (fault, spoil) in enumerate(_SPOILERS.items()):
        person = bad_patient(number, report="none" if fault in _WITHOUT_REPORT else "txt")
        folder = directory / fault
        write_patient(folder, person)
        written[fault] = spoil(folder, person, next(path for path in folder.rglob("*.dcm")))
    return written


def _truncated(_folder: Path, _person: Patient, path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-4000])
    return path


def _empty(_folder: Path, _person: Patient, path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _not_dicom(_folder: Path, person: Patient, path: Path) -> Path:
    path.write_text(f"This is no instance of {person.spoken}, {person.token('PRE')}.\n" * 20, encoding="utf-8")
    return path


def _directory(_folder: Path, _person: Patient, path: Path) -> Path:
    path.unlink()
    path.mkdir()
    return path


def _dangling(_folder: Path, _person: Patient, path: Path) -> Path:
    path.unlink()
    path.symlink_to(path.with_suffix(".gone"))
    return path


def _without_report(_folder: Path, _person: Patient, path: Path) -> Path:
    return path


def _without_study(folder: Path, _person: Patient, path: Path) -> Path:
    path.unlink()
    return next(folder.rglob("*.txt"))


def _two_reports(folder: Path, person: Patient, _path: Path) -> Path:
    other = replace(person, phone="+44 1632 961999")
    lines = report_record(person, person.studies[0]) + report_record(other, person.studies[0]).replace(
        "informed", "seen"
    )
    path = folder / "reports" / "reports.jsonl"
    path.write_text(lines, encoding="utf-8")
    return path


def _escaping_id(_folder: Path, person: Patient, path: Path) -> Path:
    path.write_bytes(encode(instance(replace(person, patient_id="../../x"), person.studies[0], 1)))
    return path


def _deep(_folder: Path, person: Patient, path: Path) -> Path:
    """300 levels of (FFFA,FFFA), written by hand: no library that recurses could."""
    start = b"\xfa\xff\xfa\xffSQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    token = _even(person.token("DEEP"))
    innermost = b"\x10\x00\x10\x00PN" + len(token).to_bytes(2, "little") + token
    sound = instance(person, person.studies[0], 1)
    del sound[0xFFFCFFFC]  # would have to follow
    path.write_bytes(encode(sound) + start * 300 + innermost + end * 300)
    return path


def _bomb(_folder: Path, person: Patient, path: Path) -> Path:
    """A deflated data set (PS3.5 A.5) of over 200 MB of zeros: one compressed megabyte, repeated."""
    dataset = instance(person, person.studies[0], 1)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    del dataset[0xFFFCFFFC]
    whole = encode(dataset)
    # file meta ends where its group length (0002,0000) says (PS3.10 7.1)
    start = 144 + int.from_bytes(whole[140:144], "little")
    head = whole[:start].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    head = head[:140] + (len(head) - 144).to_bytes(4, "little") + head[144:]
    head = head.replace(b"UI\x14\x001.2.840.10008.1.2.1.99", b"UI\x16\x001.2.840.10008.1.2.1.99")
    element = b"\xfc\xff\xfc\xffOB\0\0" + _BOMB_BYTES.to_bytes(4, "little")
    path.write_bytes(head + _deflate(whole[start:] + element, _BOMB_BYTES))
    return path


def _deflate(beginning: bytes, zeros: int) -> bytes:
    """A raw deflate stream (RFC 1951) of `beginning` and then zeros; blocks after a full flush stand alone."""
    megabyte = zlib.compressobj(9, wbits=-15)
    block = megabyte.compress(bytes(2**20)) + megabyte.flush(zlib.Z_FULL_FLUSH)
    first = zlib.compressobj(9, wbits=-15)
    last = zlib.compressobj(9, wbits=-15)
    return (
        first.compress(beginning) + first.flush(zlib.Z_FULL_FLUSH) + block * (zeros // 2**20)
        + last.compress(b"") + last.flush()
    )  # fmt: skip


def _latin(folder: Path, person: Patient, _path: Path) -> Path:
    path = next(folder.rglob("*.txt"))
    path.write_bytes((path.read_text(encoding="utf-8") + "Café-au-lait spots.\n").encode("latin-1"))
    return path


def _conflicting(_folder: Path, person: Patient, path: Path) -> Path:
    other = instance(person, person.studies[0], 1)
    other.PixelData = bytes(len(other.PixelData))
    copy = path.with_name("again.dcm")
    copy.write_bytes(encode(other))
    return copy


def _identical(_folder: Path, _person: Patient, path: Path) -> Path:
    copy = path.with_name("copy.dcm")
    copy.write_bytes(path.read_bytes())
    return copy


_WITHOUT_REPORT = frozenset({"study_without_report"})
_SPOILERS: dict[str, Callable[[Path, Patient, Path], Path]] = {
    "truncated": _truncated,
    "empty": _empty,
    "not_dicom": _not_dicom,
    "directory": _directory,
    "dangling": _dangling,
    "study_without_report": _without_report,
    "report_without_study": _without_study,
    "reports_disagree": _two_reports,
    "escaping_patient_id": _escaping_id,
    "deep_sequence": _deep,
    "deflate_bomb": _bomb,
    "latin1_report": _latin,
    "conflicting_duplicate": _conflicting,
    "identical_duplicate": _identical,
}
