"""The demo: real DICOM instances with planted fictional identities, and reports that belong to them.

`build_source` writes what a hospital would hand over: nested folders that carry names, headers, burned-in text,
reports in two formats, and a few files that no pipeline should accept. All people are invented; the instances and
their licences are listed in sample/MANIFEST.csv.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

from curate.demo import headers, pixels, reports
from curate.demo.identities import Institution, Patient, Plan, components, institution, listed, plans, spoken
from curate.errors import PolicyError, Problem

__all__ = ["DemoSource", "build_source"]

_LONE_STRANGER = ("QUILLFEATHER", "Quillfeather", "MRN-0090001", reports.LONE_REPORT)


@dataclass(frozen=True, slots=True)
class DemoSource:
    """What `build_source` wrote.

    patients, studies, instances, reports: what is sound; a report is counted once though it lies there in two formats.
    burned: instances with text in their pixels. unusable: files that must be quarantined. lone_studies, lone_reports:
    studies without a report and the reverse, `lone_studies` being part of `studies`, `lone_reports` not of `reports`.
    planted: every string that must not come out, in each form in which it stands in the archive or is usually written.
    clinical: phrases of the reports that must come out unchanged.
    """

    directory: Path
    patients: int
    studies: int
    instances: int
    reports: int
    burned: int
    unusable: int
    lone_studies: int
    lone_reports: int
    planted: tuple[str, ...]
    clinical: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<DemoSource of {self.studies} studies>"


def build_source(directory: Path) -> DemoSource:
    """Write the demo archive into `directory`, which is made or must be empty; the same bytes each time.

    Raises PolicyError when the directory holds something already.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise PolicyError(Problem.OUTPUT_EXISTS)
    hospital = institution()
    for plan in plans():
        _write_study(directory, plan, hospital)
    _write_reports(directory / "reports", hospital)
    _write_unusable(directory, plans()[0])
    return _describe(directory)


def _write_study(directory: Path, plan: Plan, hospital: Institution) -> None:
    for number, sample in enumerate(plan.instances, start=1):
        path = directory / _folder(plan) / "SE001" / f"IM_{number:04d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_instance(sample, plan, hospital))


def _folder(plan: Plan) -> Path:
    """A folder as archives name them: the person, then the examination."""
    patient = plan.patient
    person = f"{patient.family}_{patient.given}_{patient.mrn}".replace(" ", "_")
    return Path(person) / f"{plan.date:%Y-%m-%d}_{plan.title}_{patient.family.upper()}".replace(" ", "_")


def _instance(sample: str, plan: Plan, hospital: Institution) -> bytes:
    """One sample instance as a file with the identity of a planned study."""
    from pydicom import dcmread

    with as_file(files(__package__) / "sample" / f"{sample}.dcm") as path:
        instance = dcmread(path)
    headers.plant(instance, plan, hospital)
    if sample in plan.burn:
        pixels.burn(instance, pixels.lines(plan), plan.burn[sample])
    buffer = BytesIO()
    instance.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _write_reports(folder: Path, hospital: Institution) -> None:
    """Every report as a text file named by its accession number, and once more as a line of reports.jsonl."""
    folder.mkdir()
    reported = [plan for plan in plans() if plan.report]
    for plan in reported:
        (folder / f"{plan.accession}.txt").write_text(reports.write(plan, hospital), encoding="utf-8")
    lines = "".join(reports.record(plan, hospital) + "\n" for plan in reported)
    (folder / "reports.jsonl").write_text(lines, encoding="utf-8")
    text = reports.template("without-study").format(hospital=hospital.name, department=hospital.department)
    (folder / f"{reports.LONE_REPORT}.txt").write_text(text, encoding="utf-8")


def _write_unusable(directory: Path, plan: Plan) -> None:
    """A transfer that broke off in the middle of its pixels, and a note that only looks like an instance."""
    folder = directory / "incoming" / plan.patient.family
    folder.mkdir(parents=True)
    whole = (directory / _folder(plan) / "SE001" / "IM_0001.dcm").read_bytes()
    (folder / "interrupted.dcm").write_bytes(whole[: len(whole) * 3 // 5])
    note = f"Transfer of {listed(plan.patient.name)} ({plan.patient.mrn}) failed, please send again.\n"
    (folder / "note.dcm").write_text(note, encoding="utf-8")


def _describe(directory: Path) -> DemoSource:
    every = plans()
    return DemoSource(
        directory=directory,
        patients=len({plan.patient.mrn for plan in every}),
        studies=len(every),
        instances=sum(len(plan.instances) for plan in every),
        reports=sum(plan.report for plan in every),
        burned=sum(len(plan.burn) for plan in every),
        unusable=2,
        lone_studies=sum(not plan.report for plan in every),
        lone_reports=1,
        planted=tuple(sorted({*_of_institution(), *_LONE_STRANGER, *(each for plan in every for each in _of(plan))})),
        clinical=tuple(sorted({phrase for plan in every for phrase in plan.keep})),
    )


def _of_institution() -> Iterator[str]:
    hospital = institution()
    yield from (hospital.name, hospital.department, hospital.address, hospital.phone, hospital.ae_title)


def _of(plan: Plan) -> Iterator[str]:
    """Every string of one study that identifies, in the forms in which it was planted."""
    yield from _of_patient(plan.patient)
    yield from (plan.accession, headers.uid(plan.key), *pixels.lines(plan))
    for day in (plan.date, plan.prior):
        yield from _written(f"{day:%Y%m%d} {day:%Y-%m-%d} {day:%d/%m/%Y} {day:%d.%m.%Y} {day:%d-%m-%Y}")
        yield from (f"{day:%d %B %Y}", f"{day:%b %d, %Y}")
    for person in (plan.referrer, plan.performer, plan.operator, plan.radiologist):
        yield from (components(person)[0], spoken(person))
    yield str(_folder(plan).name)


def _of_patient(patient: Patient) -> Iterator[str]:
    """Names in each form; a family name that is a word ("Hill") only together with something."""
    family, given = patient.family, patient.given
    yield from (patient.name, listed(patient.name), spoken(patient.name), f"{given} {family}", f"{family}_{given}")
    yield from (f"Mr. {family}", f"Ms. {family}", f"{family}-Former")
    yield from (group.replace("^", " ") for group in patient.name.split("=")[1:])
    yield from (patient.mrn, patient.address, patient.phone)
    birth = patient.birth
    yield from _written(f"{birth:%Y%m%d} {birth:%Y-%m-%d} {birth:%d/%m/%Y} {birth:%d.%m.%Y}")
    if len(family) > 5:
        yield family


def _written(forms: str) -> list[str]:
    return forms.split()
