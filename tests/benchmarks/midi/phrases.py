"""Descriptors as consoles and technologists write them, alone and wrapped around an identifier.

A wrapping says what must be gone and what must stay, so that taking too much costs as much as taking too little.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.benchmarks.midi.people import Person, spoken

NAME, PLACE, DATE, PHONE, EMAIL, SSN, RECORD, ACCOUNT, DEVICE, OTHER = (
    "HIPAA-A", "HIPAA-B", "HIPAA-C", "HIPAA-D", "HIPAA-F", "HIPAA-G", "HIPAA-H", "HIPAA-J", "HIPAA-M", "HIPAA-R",
)  # fmt: skip

SERIES = {
    "CT": (
        "CT CHEST W/O CONTRAST", "THORAX 5.0 B40f", "Lung 1.0 CE", "AXIAL 2.5MM STANDARD", "COR MPR ABDOMEN",
        "3D MIP CAROTIDS", "Recon 2: CTA HEAD", "Topogram 0.6 T20f", "HRCT 1MM LUNG ALGO", "ABD/PEL VENOUS PHASE",
        "C-SPINE BONE 2.0 H70h", "SCOUT", "Delayed 10 min", "SmartPrep Series", "CTPA 0.75 I26f 3", "Sag bone recon",
        "LIVER 3 PHASE ARTERIAL", "Dose Report", "Kidney stone protocol low dose", "DE_Mono+ 55keV",
    ),
    "MR": (
        "AX T1 POST GAD", "SAG T2 FLAIR FS", "t1_mprage_sag_p2_iso", "ep2d_diff_mddw_20_p2", "3-PLANE LOC", "DWI b1000",
        "ADC (10^-6 mm2/s)", "AX SWI MIP", "COR STIR BILATERAL HIPS", "TOF 3D MULTI-SLAB", "WATER: AX LAVA FLEX +C",
        "t2_tse_dixon_tra_320", "Circle of Willis MRA", "Chiari protocol CSF flow", "fMRI resting state 6 min",
        "DCE-VIBE dynamic 60 sec", "PROPELLER T2 AX", "MRCP thick slab", "IAC FIESTA 0.6 mm", "CARDIAC SSFP 4CH",
    ),
    "PT": (
        "WB PET AC", "PET NAC", "CTAC LOW DOSE", "FDG SKULL BASE TO MID THIGH", "PET AC 4 rings", "FUSED TRA", "MAC",
        "Hodgkin lymphoma staging", "MIP ROTATION", "DOTATATE 60 min p.i.",
    ),
    "DX": (
        "CHEST PA/LAT", "KUB SUPINE", "Hill-Sachs view", "Stryker notch view", "Judet views pelvis",
        "Waters view sinuses",
        "Towne view", "Swimmers view C-spine", "KNEE AP WEIGHT BEARING", "L-SPINE OBLIQUE", "WRIST 3 VIEWS",
        "PORTABLE CXR",
        "HAND PA OBL LAT", "FOOT 2 VIEWS", "SKULL AP", "Scoliosis series", "Bone age study", "MORTISE VIEW ANKLE",
    ),
    "US": (
        "THYROID TRANS", "Baker cyst follow-up", "ABD COMPLETE", "CAROTID DUPLEX BILAT", "OB 2ND TRIMESTER ANATOMY",
        "Crohn disease bowel loops", "RUQ GALLBLADDER", "DVT LOWER EXTREMITY LEFT", "TTE PARASTERNAL LONG AXIS",
        "Murphy sign positive", "Testis with Doppler", "APICAL 4CH",
    ),
    "SC": ("SCREEN SAVE", "Patient Protocol", "Key images", "3D VOLUME RENDERING", "Results MM Oncology Reading"),
    "SR": ("Structured Report", "Mammo CAD SR", "Radiation Dose Information", "Measurement Report"),
    "SEG": ("Lung nodule segmentation", "Liver lesion SEG", "Tumor core and edema"),
    "RTSTRUCT": ("RTOG HN contours", "Planning CT structure set", "GTV CTV PTV boost"),
    "PR": ("Annotated key images", "Display settings lung window"),
}  # fmt: skip
STUDIES = (
    "CT chest abdomen and pelvis with contrast", "MRI brain w/wo contrast", "PET/CT skull base to thigh",
    "XR CHEST 2 VIEWS",
    "US ABDOMEN COMPLETE", "CT ANGIO HEAD AND NECK", "MRI LUMBAR SPINE WITHOUT", "Whipple post op surveillance",
    "Crohn disease enterography", "Graves orbitopathy CT orbits", "Morton neuroma MRI forefoot",
    "Kerley B lines follow-up",
    "Foley catheter position check", "Parkinson disease DaT scan", "Colles fracture cast check",
    "Gleason 7 prostate mpMRI",
    "Lisfranc injury weight bearing", "Wilms tumor restaging", "Meckel diverticulum scan",
    "Osgood-Schlatter both knees",
    "Legg-Calve-Perthes hips", "Budd-Chiari liver doppler", "Wegener granulomatosis sinuses",
    "Takayasu arteritis MRA aorta",
    "Alzheimer volumetry", "Swan-Ganz catheter placement", "Bochdalek hernia CT thorax", "Zenker diverticulum swallow",
    "Klatskin tumor staging", "Schatzki ring barium study",
)  # fmt: skip
COMMENTS = (
    "motion artifact, repeat acquired", "patient could not hold breath", "contrast 100 ml at 3 ml/s, no extravasation",
    "limited study due to body habitus", "oral contrast given 60 min before scan",
    "IV infiltrated, scan completed without",
    "arms down", "claustrophobic, premedicated", "metal artifact from hip prosthesis", "compare with outside films",
    "prone images added", "breath hold 15 sec", "fat sat failed over C-spine", "coil element 3 off",
    "nodule 3.2 x 1.1 cm",
    "L4-L5 disc space narrowing", "eGFR 58 ml/min", "Creatinine 1.1 mg/dl", "blood glucose 5.6 mmol/l",
    "Bosniak IIF cyst",
)  # fmt: skip
REASONS = (
    "chronic cough, weight loss", "rule out pulmonary embolism", "low back pain radiating to left leg",
    "seizure workup",
    "staging of colon carcinoma", "palpable lump right breast", "fall from height, neck pain",
    "follow-up lung nodule 6 mm",
    "headache, visual loss", "fever after surgery", "Hashimoto thyroiditis, enlarging neck mass", "TIA last week",
)  # fmt: skip
SITES = ("LEFT LUNG", "Heart", "GTV-1", "PTV 60 Gy", "SPINAL CORD", "Parotid R", "Liver segment 6", "BODY", "CTV boost")


@dataclass(frozen=True, slots=True, repr=False)
class Phrase:
    """A text, the parts that must stay, and the parts that must go with their HIPAA letter."""

    text: str
    kept: tuple[str, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


Wrapping = Callable[[Person, str], Phrase]


def _about(form: str, letter: str, pick: Callable[[Person], str]) -> Wrapping:
    """A wrapping that plants one identifier: `form` holds {d} for the descriptor and {x} for the identifier."""

    def wrap(one: Person, descriptor: str) -> Phrase:
        value = pick(one)
        return Phrase(form.format(d=descriptor, x=value), (descriptor,), ((value, letter),))

    return wrap


# A name in the header finds each of these again.
_OF_PATIENT = tuple(
    _about(form, NAME, pick)
    for form, pick in (
        ("{d} for {x}", lambda one: one.spoken),
        ("{x} {d}", lambda one: one.spoken),
        ("{x}: {d}", lambda one: f"{one.family}, {one.name.split('=')[0].split('^')[1]}"),
        ("{d} ({x})", lambda one: one.name.split("=")[0]),
        ("{d} - {x}", lambda one: one.spoken.upper()),
        ("{d} [{x}]", lambda one: one.spoken.replace(" ", "_")),
        ("{d} pt: {x}", lambda one: one.spoken),
        ("{d} Mr. {x}", lambda one: one.family),
    )
)
_BY_FAMILY = tuple(
    _about(form, NAME, lambda one: one.family) for form in ("{x} {d}", "{d} {x}", "{d}/{x}", "{d}; {x} recheck")
)
_BY_SCRIPT = tuple(_about(form, NAME, lambda one: one.native) for form in ("{d} {x}", "{x} {d}", "{d} ({x})"))
_OF_STAFF = tuple(
    _about(form, NAME, pick)
    for form, pick in (
        ("{d} per Dr {x}", lambda one: one.referrer.split("^")[0]),
        ("{d}, ordered by Dr. {x}", lambda one: spoken(one.referrer)),
        ("Dr. {x} {d}", lambda one: one.referrer.split("^")[0]),
        ("{d} read by {x}", lambda one: spoken(one.reader)),
        ("{d} tech {x}", lambda one: spoken(one.operator)),
        ("{d} / {x}", lambda one: one.performer.split("^")[0].upper()),
    )
)
_NUMBERS = tuple(
    _about(form, letter, pick)
    for form, letter, pick in (
        ("{d} MRN {x}", RECORD, lambda one: one.patient_id),
        ("{d} [{x}]", RECORD, lambda one: one.patient_id),
        ("{x} {d}", RECORD, lambda one: one.patient_id),
        ("{d} acc# {x}", ACCOUNT, lambda one: one.accession),
        ("{d}, call {x}", PHONE, lambda one: one.phone),
        ("{d} tel: {x}", PHONE, lambda one: one.phone),
        ("{d} SSN {x}", SSN, lambda one: one.ssn),
        ("{d}; mail {x}", EMAIL, lambda one: one.email),
        ("{d} @ {x}", OTHER, lambda one: one.hospital),
        ("{d} from {x}", OTHER, lambda one: one.hospital),
        ("{d}, lives at {x}", PLACE, lambda one: one.street),
        ("{d}, home {x}", PLACE, lambda one: one.address),
        ("{d} on {x}", DEVICE, lambda one: one.serial),
    )
)
_DATES = tuple(
    _about(form, DATE, pick)
    for form, pick in (
        ("{d} DOB {x}", lambda one: f"{one.birth:%m/%d/%Y}"),
        ("{d} born {x}", lambda one: f"{one.birth:%d.%m.%Y}"),
        ("{d} of {x}", lambda one: f"{one.day:%Y-%m-%d}"),
        ("{d}, compared to {x}", lambda one: f"{one.day:%d %B %Y}"),
        ("{d} {x}", lambda one: f"{one.day:%Y%m%d}"),
        ("{d} on {x}", lambda one: f"{one.day:%m/%d/%Y}"),
    )
)
# People whom no attribute names: only the cue beside them tells.
_STRANGERS = ("Ostrowskaya", "Vandenberghe", "Quandtmeyer", "Cuthbertson", "Jayawardene", "Wojtkiewicz", "Yellowley")
_CUES = ("{d} per Dr. {x}", "{d}, discussed with Dr {x}", "Prof. {x} {d}", "{d} for Mrs. {x}", "{d} cc Dr {x}")


def wrapped(draw: Random, one: Person, descriptors: Sequence[str], limit: int = 64) -> Phrase:
    """A descriptor wrapped around an identifier, of at most `limit` characters, in which neither holds the other."""
    while True:
        phrase = _wrapping(draw, one)(one, draw.choice(descriptors))
        if len(phrase.text) <= limit and _is_fair(phrase):
            return phrase


def _wrapping(draw: Random, one: Person) -> Wrapping:
    """A wrapping that a person can be put into; names are the most frequent, as in life."""
    names = [_OF_PATIENT, _OF_STAFF, *([] if one.is_word else [_BY_FAMILY]), *([_BY_SCRIPT] if one.native else [])]
    stranger = _about(draw.choice(_CUES), NAME, lambda _: draw.choice(_STRANGERS))
    return draw.choice(draw.choice([*names, _NUMBERS, _DATES, (stranger,)]))


def _is_fair(phrase: Phrase) -> bool:
    """Whether no token of what must go stands in the rest of the text: no result could satisfy both."""
    ((gone, _),) = phrase.gone
    rest = phrase.text.replace(gone, " ").lower()
    return not any(token in rest for token in re.findall(r"[^\W_]+", gone.lower()))
