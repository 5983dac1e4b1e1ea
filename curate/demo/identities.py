"""The fictional people, studies and institution of the demo, read from identities.json. Nobody here exists."""

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Institution:
    """The hospital: what its scanners write into headers and its letters into their heads."""

    name: str
    department: str
    address: str
    phone: str
    ae_title: str


@dataclass(frozen=True, slots=True)
class Patient:
    """One fictional patient.

    `name` is a DICOM person name (PS3.5 6.2.1); `charset` is (0008,0005), its values divided by backslashes.
    """

    name: str
    sex: str
    birth: dt.date
    mrn: str
    charset: str
    address: str
    phone: str

    @property
    def family(self) -> str:
        """The family name of the alphabetic group."""
        return components(self.name)[0]

    @property
    def given(self) -> str:
        """The given name of the alphabetic group."""
        return components(self.name)[1]


@dataclass(frozen=True, slots=True)
class Plan:
    """One study to be made: which sample instances it is made of, who asked for it, and what its report must keep.

    `burn` names the sample instances that get text in their pixels, and where: "top" or "bottom".
    """

    key: str
    patient: Patient
    accession: str
    date: dt.date
    prior: dt.date
    title: str
    body_part: str
    instances: tuple[str, ...]
    burn: dict[str, str]
    referrer: str
    performer: str
    operator: str
    radiologist: str
    keep: tuple[str, ...]
    report: bool = True


@cache
def institution() -> Institution:
    """The hospital of all demo studies."""
    return Institution(**_document()["institution"])


@cache
def plans() -> tuple[Plan, ...]:
    """Every demo study, in the order of their accession numbers."""
    document = _document()
    patients = {key: _patient(entry) for key, entry in document["patients"].items()}
    return tuple(_plan(entry, patients) for entry in document["studies"])


def components(name: str) -> list[str]:
    """The five components of the alphabetic group of a person name, empty where it says nothing (PS3.5 6.2.1.1)."""
    alphabetic = name.partition("=")[0]
    return [*alphabetic.split("^"), "", "", "", ""][:5]


def spoken(name: str) -> str:
    """A person name as it is written in a sentence: "Dr. Imogen Thistlewood"."""
    family, given, middle, prefix, *_ = components(name)
    return " ".join(part for part in (prefix, given, middle, family) if part)


def listed(name: str) -> str:
    """A person name as it is written in a list: "HILL, Marcus James"."""
    family, given, middle, *_ = components(name)
    return f"{family.upper()}, {given} {middle}".rstrip()


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((files(__package__) / "identities.json").read_text(encoding="utf-8"))
    return document


def _patient(entry: dict[str, str]) -> Patient:
    birth = dt.date.fromisoformat(entry["birth"])
    return Patient(**{**entry, "birth": birth})  # type: ignore[arg-type]


def _plan(entry: dict[str, Any], patients: dict[str, Patient]) -> Plan:
    read = {
        "patient": patients[entry["patient"]],
        "date": dt.date.fromisoformat(entry["date"]),
        "prior": dt.date.fromisoformat(entry["prior"]),
        "instances": tuple(entry["instances"]),
        "keep": tuple(entry["keep"]),
    }
    return Plan(**{**entry, **read})
