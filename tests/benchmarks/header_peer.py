"""One peer of the header benchmark in one process: header_peer.py PEER OUT JOB CORE, with the Python of that peer.

JOB is a JSON file: {"warm_up": FILE, "patients": [[FILE, ...], ...]}. Prints one JSON line. Only the loop over the
files is timed, by getrusage: not the start of the interpreter, not imports, and not the first file, which fills the
caches that live as long as a process. What a peer does once for each patient is timed.
"""

import json
import logging
import os
import resource
import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

Patients = Sequence[Sequence[str]]
Run = Callable[[Patients], None]
KEY = bytes(range(32))


def each(one: Callable[[str, str], object], out: Path) -> Run:
    """A run that calls `one(file, target)` for each file."""

    def run(patients: Patients) -> None:
        for files in patients:
            for file in files:
                one(file, str(out / Path(file).name))

    return run


def pydicom(out: Path, _all: Patients) -> Run:
    """Read and write with pydicom, nothing else: the measure of the others."""
    from pydicom import dcmread

    return each(lambda file, target: dcmread(file).save_as(target), out)


def dicognito(out: Path, _all: Patients) -> Run:
    """The dicognito peer, by its Python interface, as its command line uses it."""
    from dicognito.anonymizer import Anonymizer
    from pydicom import dcmread

    deidentifier = Anonymizer()

    def one(file: str, target: str) -> None:
        dataset = dcmread(file)
        deidentifier.anonymize(dataset)
        dataset.save_as(target)

    return each(one, out)


def dicom_anonymizer(out: Path, _all: Patients) -> Run:
    """The dicom-anonymizer peer with its default rules."""
    from dicomanonymizer import anonymize_dicom_file

    return each(anonymize_dicom_file, out)


def deid(out: Path, _all: Patients) -> Run:
    """The deid peer with the recipe that comes with it and its default arguments."""
    from deid.config import DeidRecipe
    from deid.dicom import replace_identifiers

    recipe = DeidRecipe(deid="dicom")

    def run(patients: Patients) -> None:
        for files in patients:
            replace_identifiers(dicom_files=list(files), deid=recipe, save=True, output_folder=str(out), overwrite=True)

    return run


def dcmanon(out: Path, _all: Patients) -> Run:
    """The dcmanon peer (Rust), by its Python interface."""
    from dcmanon import Anonymizer

    deidentifier = Anonymizer()
    return each(lambda file, target: Path(target).write_bytes(deidentifier.anonymize(file)), out)


def plain(out: Path, everyone: Patients) -> Run:
    """Ours, by pydicom: read, realise, de-identify, write."""
    from curate.dicom.deidentify import deidentify
    from curate.dicom.read import read, realise
    from curate.dicom.write import write
    from curate.records import RawInstance

    rules = _rules()
    known = {tuple(files): _known(files) for files in everyone}

    def run(patients: Patients) -> None:
        for files in patients:
            surrogates, clean_text = _of_patient(rules, known[tuple(files)])
            for file in files:
                dataset = read(Path(file), rules["limits"])
                realise(dataset)
                made = deidentify(RawInstance("key", dataset), rules["profile"], surrogates, clean_text)
                write(made.dataset, out / Path(file).name)

    return run


def encoded(out: Path, everyone: Patients) -> Run:
    """Ours, on the encoded elements; one Encoded for each patient, so that nothing is remembered beyond one."""
    from curate.dicom.encoded import Encoded

    rules = _rules()
    known = {tuple(files): _known(files) for files in everyone}

    def run(patients: Patients) -> None:
        for files in patients:
            surrogates, clean_text = _of_patient(rules, known[tuple(files)])
            fast = Encoded(rules["profile"], surrogates, clean_text, rules["limits"])
            for file in files:
                fast.deidentify_file(Path(file), out / Path(file).name)

    return run


def _rules() -> dict[str, Any]:
    """The default policy with Retain Safe Private switched on."""
    from curate.dicom.profile import Profile
    from curate.policy import Limits, ProfileOptions, TextOptions
    from curate.text.scrub import Scrubber

    profile = Profile.compile(ProfileOptions(retain_safe_private=True))
    return {"profile": profile, "scrubber": Scrubber(TextOptions()), "limits": Limits()}


def _known(files: Sequence[str]) -> frozenset[Any]:
    """What the index of a run knows of a patient before the first file is written: identifiers of all headers."""
    from curate.dicom.read import read, realise
    from curate.policy import Limits
    from curate.privacy.identifiers import collect

    found: set[Any] = set()
    for file in files:
        dataset = read(Path(file), Limits(), header_only=True)
        realise(dataset)
        found |= collect(dataset)
    return frozenset(found)


def _of_patient(rules: dict[str, Any], identifiers: frozenset[Any]) -> tuple[Any, Callable[[Sequence[str]], list[str]]]:
    """The surrogates of one patient, and the text cleaner that knows their identifiers."""
    from curate.privacy.identifiers import KnownIdentifiers
    from curate.privacy.surrogates import Surrogates, pseudonym

    known = KnownIdentifiers(identifiers)
    surrogates = Surrogates(KEY, pseudonym(KEY, min(each.value for each in identifiers)))
    return surrogates, lambda values: rules["scrubber"].clean(values, surrogates, known)


PEERS: dict[str, Callable[[Path, Patients], Run]] = {
    "pydicom": pydicom,
    "plain": plain,
    "encoded": encoded,
    "dcmanon": dcmanon,
    "dicognito": dicognito,
    "dicom-anonymizer": dicom_anonymizer,
    "deid": deid,
}
OURS = {"plain", "encoded"}


def cpu_seconds() -> float:
    """User and system time of this process and of the children it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure(peer: str, out: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Run one peer over the files of a job, after one file that is not counted."""
    before = cpu_seconds()
    run = PEERS[peer](out, [[job["warm_up"]], *job["patients"]])
    run([[job["warm_up"]]])
    shutil.rmtree(out)
    out.mkdir()
    start = cpu_seconds()
    run(job["patients"])
    return {
        "files": sum(map(len, job["patients"])),
        "cpu_seconds": cpu_seconds() - start,
        "preparing_cpu_seconds": start - before,
        "peak_mib": peak_mib(),
        "version": version("radcurate" if peer in OURS else peer),
    }


def peak_mib() -> float:
    """The largest resident size of this program, in MiB; getrusage would count the process that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main(peer: str, out: str, job: str, core: str) -> None:
    """Measure in a quiet process on one core; peers write to standard output and warn, which is not kept."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    shutil.rmtree(out, ignore_errors=True)
    Path(out).mkdir(parents=True)
    with Path(os.devnull).open("w", encoding="utf-8") as silence, redirect_stdout(silence):
        result = measure(peer, Path(out), json.loads(Path(job).read_text(encoding="utf-8")))
    print(json.dumps(result))


if __name__ == "__main__" and len(sys.argv) == 5:
    # The folder of this script would shadow nothing but itself: a peer's own modules come first.
    sys.path[:] = [each for each in sys.path if each != str(Path(__file__).parent)]
    main(*sys.argv[1:])
