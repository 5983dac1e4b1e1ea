"""Private attributes as vendors write them: safe ones that must stay, safe ones to be cleaned, and everything else.

Safe is what PS3.15 Table E.3.10-1 or the Private Tag Knowledge Base of The Cancer Imaging Archive calls so.
"""

from random import Random

from tests.benchmarks.midi.page import Page
from tests.benchmarks.midi.people import Person
from tests.benchmarks.midi.phrases import wrapped
from tests.benchmarks.midi.studies import Place

# By modality: group, creator, offset in the block, VR, and values to choose from
_SAFE = {
    "CT": (
        (0x0019, "GEMS_ACQU_01", 0x23, "DS", ("55", "39.37")), (0x0019, "GEMS_ACQU_01", 0x27, "DS", ("0.5", "0.7")),
        (0x0019, "GEMS_ACQU_01", 0x18, "LO", ("S", "I")), (0x01F1, "ELSCINT1", 0x07, "DS", ("36.5", "78")),
        (0x0019, "SIEMENS CT VA0  COAD", 0x10, "IS", ("4000",)),
    ),
    "MR": (
        (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", ("0", "1000")),
        (0x0019, "SIEMENS MR HEADER", 0x0D, "CS", ("DIRECTIONAL", "NONE")),
        (0x0019, "SIEMENS MR HEADER", 0x0E, "FD", ([0.5, -0.5, 0.7071],)),
        (0x2001, "Philips Imaging DD 001", 0x03, "FL", (800.0, 50.0)),
        (0x2001, "Philips Imaging DD 001", 0x0B, "CS", ("TRANSVERSAL",)),
        (0x0043, "GEMS_PARM_01", 0x39, "IS", (["1000", "0", "0", "0"],)),
        (0x0019, "GEMS_ACQU_01", 0x9E, "LO", ("EFGRE3D", "FSE-XL", "PROPELLER")),
    ),
    "PT": (
        (0x7053, "Philips PET Private Group", 0x00, "DS", ("0.000551",)),
        (0x7053, "Philips PET Private Group", 0x09, "DS", ("2.31",)),
        (0x0009, "GEMS_PETD_01", 0x36, "LO", ("FDG -- fluorodeoxyglucose",)),
        (0x0009, "GEMS_PETD_01", 0x3E, "SH", ("18F",)),
    ),
}  # fmt: skip
_OURS = "JUXBRIDGE PACS 2.1"  # a creator that no table knows


def add_private(page: Page, place: Place, one: Person, draw: Random) -> None:
    """Plant private attributes, most of them in blocks that other creators pushed up."""
    if draw.random() < 0.5:
        page.unsafe(0x0019, _OURS, 0x0C, "LO", one.spoken)  # takes the first block; the vendor's moves up
    for group, creator, offset, vr, values in _SAFE.get(place.kind, ()):
        if draw.random() < 0.7:
            page.safe(group, creator, offset, vr, draw.choice(values))
    if place.kind == "MR":
        page.cleaned(
            0x2001, "Philips Imaging DD 001", 0xC1, "LO", wrapped(draw, one, ("B1 calibration", "T2W TSE survey"))
        )
        page.buried(0x0029, "SIEMENS CSA HEADER", 0x10, one.referrer.split("^")[0])
    if place.kind == "PT":
        page.unsafe(0x0009, "GEMS_PETD_01", 0x01 + 0xD0, "LO", f"scanned by {one.operator.split('^')[0]}")
        _date(page, one)
    _elsewhere(page, one, draw)


def _date(page: Page, one: Person) -> None:
    """A safe private date: the date of a scan, which moves with all others of the patient."""
    page.moved(0x0009, "GEMS_PETD_01", 0x0D, "DT", f"{one.day:%Y%m%d}101500")


def _elsewhere(page: Page, one: Person, draw: Random) -> None:
    """Private attributes that nothing calls safe."""
    page.unsafe(0x0011, _OURS, 0x10, "LO", one.patient_id, "HIPAA-H")
    page.unsafe(0x0011, _OURS, 0x11, "PN", one.referrer)
    if draw.random() < 0.5:
        page.unsafe(0x0011, _OURS, 0x12, "ST", f"{one.address} {one.phone}", "HIPAA-B")
        page.unsafe(0x0033, "QUILLHAVEN RIS", 0x01, "UT", f"dictated for {one.spoken}")


def add_nested(page: Page, one: Person) -> None:
    """A private sequence; an instance in implicit VR does not say that it is one."""
    item = page.unsafe_item(0x0031, _OURS, 0x20)
    item.drop("HIPAA-A", PatientName=one.name)
    item.drop("HIPAA-G", AdditionalPatientHistory=one.ssn)
