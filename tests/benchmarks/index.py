"""Index speed and memory beside bare pydicom: files per CPU-second with equal workers, and peak memory.

    .venv/bin/python tests/benchmarks/index.py --instances 20000 --workers 2

The corpus is generated: a real GE header without pixels (`CT_small.dcm` of pydicom, MIT) or a plain one of 60 elements,
with identity and UIDs of their own. Each measurement runs in a process of its own; what starting and importing costs is
measured too, and taken off.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

SYNTAXES = {"explicit": "1.2.840.10008.1.2.1", "implicit": "1.2.840.10008.1.2"}
PER_SERIES, PER_PATIENT = 50, 100
CHUNK = 64


def template(kind: str) -> "tuple[bytes, dict[str, bytes]]":
    """A file and the values in it that each instance has of its own, all of one length."""
    from pydicom import Dataset, dcmread
    from pydicom.data import get_testdata_file

    header, _, syntax = kind.partition("-")
    dataset: Dataset
    if header == "ge":
        dataset = dcmread(get_testdata_file("CT_small.dcm"))
        dataset.remove_private_tags() if syntax == "implicit" else None
    else:
        dataset = plain()
    dataset.Rows = dataset.Columns = 8
    dataset.PixelData = bytes(128)
    own = {"SOPInstanceUID": "1.2.826.0.1.9.1.10000000", "SeriesInstanceUID": "1.2.826.0.1.9.2.10000000",
           "StudyInstanceUID": "1.2.826.0.1.9.3.10000000", "PatientID": "PID10000000",
           "PatientName": "FAMILY10000000^GIVEN", "AccessionNumber": "ACC10000000"}  # fmt: skip
    for name, value in own.items():
        setattr(dataset, name, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = own["SOPInstanceUID"]
    dataset.file_meta.TransferSyntaxUID = SYNTAXES[syntax]
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True, implicit_vr=syntax == "implicit", little_endian=True)
    return out.getvalue(), {name: value.encode() for name, value in own.items()}


def plain() -> "Dataset":  # noqa: F821
    """A header as a CT slice has it, without private elements: 60 elements with two sequences."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

    made = Dataset()
    made.file_meta = FileMetaDataset()
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "77477000", "SCT", "CT"
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", "1.2.3.4"
    values = {
        "SpecificCharacterSet": "ISO_IR 100", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "StudyDate": "20240314", "SeriesDate": "20240314",
        "AcquisitionDate": "20240314", "ContentDate": "20240314", "StudyTime": "101500", "SeriesTime": "101500",
        "AcquisitionTime": "101501", "ContentTime": "101502", "Modality": "CT", "Manufacturer": "ACME",
        "InstitutionName": "St Elsewhere", "InstitutionAddress": "12 Larkspur Lane",
        "ReferringPhysicianName": "Bramble^Otto", "StationName": "CT1", "StudyDescription": "CT CHEST",
        "SeriesDescription": "AXIAL 5MM", "OperatorsName": "Lorimer^Ezra", "ManufacturerModelName": "X1",
        "ProcedureCodeSequence": [code], "ReferencedStudySequence": [reference], "PatientBirthDate": "19510203",
        "PatientSex": "F", "PatientAge": "073Y", "PatientWeight": "70", "BodyPartExamined": "CHEST",
        "SliceThickness": "5", "KVP": "120", "DataCollectionDiameter": "500", "DeviceSerialNumber": "77123",
        "SoftwareVersions": "1.0", "ProtocolName": "CHEST", "ReconstructionDiameter": "400",
        "DistanceSourceToDetector": "1000", "GantryDetectorTilt": "0", "TableHeight": "150", "ExposureTime": "500",
        "XRayTubeCurrent": "200", "Exposure": "100", "FilterType": "BODY", "ConvolutionKernel": "STD",
        "PatientPosition": "HFS", "StudyID": "77", "SeriesNumber": "2", "AcquisitionNumber": "1",
        "InstanceNumber": "7", "ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "FrameOfReferenceUID": "1.2.826.0.1.9.4", "SliceLocation": "10", "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2", "PixelSpacing": [0.7, 0.7], "BitsAllocated": 16, "BitsStored": 12,
        "HighBit": 11, "PixelRepresentation": 0, "WindowCenter": "40", "WindowWidth": "400",
        "RescaleIntercept": "-1024", "RescaleSlope": "1",
    }  # fmt: skip
    for name, value in values.items():
        setattr(made, name, value)
    return made


def write_corpus(root: Path, count: int, kind: str) -> None:
    """Write `count` instances, each with UIDs of its own, in folders of a series."""
    made, own = template(kind)
    for number in range(count):
        folder = root / f"{number // PER_SERIES:06d}"
        if number % PER_SERIES == 0:
            folder.mkdir(parents=True)
        whose = {"SOPInstanceUID": number, "SeriesInstanceUID": number // PER_SERIES}
        content = made
        for name, value in own.items():
            serial = b"%d" % (10_000_000 + whose.get(name, number // PER_PATIENT))
            content = content.replace(value, value.replace(b"10000000", serial))
        (folder / f"{number:08d}").write_bytes(content)


def bare(paths: Sequence[str]) -> int:
    """What is compared with: parse each header up to its pixels."""
    from pydicom import dcmread

    return sum(bool(dcmread(path, stop_before_pixels=True)) for path in paths)


def run_bare(root: Path, pool: ProcessPoolExecutor) -> int:
    """Bare pydicom over every file, in the same chunks, by the same number of processes."""
    paths = [str(path) for folder in sorted(root.iterdir()) for path in sorted(folder.iterdir())]
    return sum(pool.map(bare, (paths[at : at + CHUNK] for at in range(0, len(paths), CHUNK))))


def run_ours(root: Path, pool: ProcessPoolExecutor) -> int:
    """The whole index: headers, identities, duplicates, the tables of the catalog."""
    from curate.intake import index
    from curate.policy import Policy
    from curate.privacy.workspace import load_key, open_workspace
    from curate.sources.source import open_source

    workspace = open_workspace(root.parent / "workspace")
    return index(open_source(str(root), workspace), workspace, Policy(), load_key(workspace), pool).instances


def run_nothing(_root: Path, _pool: ProcessPoolExecutor) -> int:
    """What starting the processes and importing costs: taken off the others."""
    return 0


RUNS = {"nothing": run_nothing, "pydicom": run_bare, "index": run_ours, "index again": run_ours}


def warm(_number: int) -> None:
    """Import what both runs need, outside of what is measured."""
    import curate.intake
    import curate.release

    assert curate.intake
    assert curate.release


def measure(name: str, root: Path, workers: int) -> dict[str, float]:
    """CPU seconds of this process and its workers, and the peak memory of each in MiB. Runs in its own process."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(warm, range(4 * workers)))
        warm(0)
        before = _seconds()
        found = RUNS[name](root, pool)
    spent = _seconds() - before
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"files": found, "cpu_s": spent, "main_mib": peaks[0], "worker_mib": peaks[1]}


def _seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def rounds(options: argparse.Namespace, root: Path) -> Iterator[dict[str, float | str]]:
    """Each measurement in a process of its own."""
    for name in RUNS:
        arguments = [
            sys.executable,
            __file__,
            "--measure",
            name,
            "--corpus",
            str(root),
            "--workers",
            str(options.workers),
        ]
        done = subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        yield {"run": name, **json.loads(done.stdout)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--kind", default="plain-explicit", choices=[f"{a}-{b}" for a in ("plain", "ge") for b in SYNTAXES]
    )
    parser.add_argument("--measure", choices=list(RUNS))
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.corpus, options.workers)))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "source"
        write_corpus(root, options.instances, options.kind)
        found = list(rounds(options, root))
    nothing, *found = found
    for each in found:
        each["cpu_s"] = float(each["cpu_s"]) - float(nothing["cpu_s"])
    base = float(found[0]["files"]) / float(found[0]["cpu_s"])
    print("| run | files/CPU-s | x pydicom | peak MiB, main | peak MiB, worker |\n|---|---|---|---|---|")
    for each in found:
        speed = float(each["files"]) / float(each["cpu_s"])
        print(
            f"| {each['run']} | {speed:.0f} | {speed / base:.2f} | {each['main_mib']:.0f} | {each['worker_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
