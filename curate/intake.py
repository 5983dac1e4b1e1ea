"""Intake: read every header and every report of a source once, in parallel, into the catalog of the workspace."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import islice
from pathlib import Path

from curate.attribution import attribute
from curate.catalog import Catalog, Holdings, Row, describe, file_key, lacks_identity, quarantine_rows, settle
from curate.dicom.read import read, realise
from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.policy import Limits, Policy
from curate.privacy.surrogates import pseudonym
from curate.records import RawReport, Refusal
from curate.sources.directory import File, walk
from curate.sources.reports import read_reports

Found = Row | Refusal
_CHUNK = 64  # headers a task: about a tenth of a second of work


def index(  # noqa: PLR0913  the last two are how, not what
    source: Path,
    workspace: Path,
    policy: Policy,
    key: bytes,
    executor: Executor | None = None,
    *,
    lenient: bool = False,
) -> Holdings:
    """Read all headers and reports under `source` into the catalog.

    Everything that cannot be taken on has a row in the quarantine table: nothing is lost. lenient: for DICOM output,
    where nothing depends on whole patients: an instance without PatientID is attributed to its study, and of instances
    with one SOP Instance UID each is taken on.
    Raises PolicyError when the source cannot be read or holds nothing.
    """
    _keep_apart(source, workspace)
    files = list(walk(source))
    read_headers = partial(index_files, source=source, limits=policy.limits, key=key, lenient=lenient)
    found = list(_spread(read_headers, [each for each in files if not each.is_report], executor))
    refused = [each for each in found if isinstance(each, Refusal)]
    described = [each for each in found if not isinstance(each, Refusal)]
    rows, settled = (described, []) if lenient else settle(described, partial(_content, source, policy.limits))
    entries = _entries(source, (each for each in files if each.is_report), policy, key)
    attribution = attribute(entries, rows, policy.pairing)
    if not files:
        raise PolicyError(Problem.SOURCE_EMPTY)
    catalog = Catalog(workspace / "catalog")
    catalog.write("instances", sorted(rows, key=lambda row: (row["patient_key"], row["study_uid"], row["path"])))
    catalog.write("reports", sorted(attribution.reports, key=lambda row: (row["path"], row["entry"])))
    catalog.write("pairing", sorted(attribution.pairing, key=lambda row: row["report"]))
    catalog.write("quarantine", quarantine_rows([*refused, *settled, *attribution.refused]))
    return catalog.holdings()


def _keep_apart(source: Path, workspace: Path) -> None:
    """Refuse a workspace inside the source: the next run would take it for input."""
    if workspace.resolve().is_relative_to(source.resolve()):
        raise PolicyError(Problem.WORKSPACE_IN_SOURCE)


def _content(source: Path, limits: Limits, row: Row) -> bytes:
    """The bytes of a file that can be read to its end. Raises Rejected."""
    path = source / str(row["path"])
    realise(read(path, limits))
    return path.read_bytes()


def index_files(files: Sequence[File], source: Path, limits: Limits, key: bytes, *, lenient: bool) -> list[Found]:
    """Read the headers of some files; a file that is none has the reason instead."""
    return [_index_file(file, source, limits, key, lenient=lenient) for file in files]


def _index_file(file: File, source: Path, limits: Limits, key: bytes, *, lenient: bool) -> Found:
    name = file_key(key, file.path)
    if file.bytes < 0:
        return Refusal("index", Reason.UNREADABLE.value, "instance", name)
    try:
        dataset = read(source / file.path, limits, header_only=True)
        realise(dataset)
        row = describe(dataset, name, key)
    except Rejected as refused:
        return Refusal("index", refused.reason.value, "instance", name, refused.where)
    except OSError:
        return Refusal("index", Reason.UNREADABLE.value, "instance", name)
    except Exception as error:  # noqa: BLE001  fail closed: what a file provokes is a property of that file
        return Refusal("index", Reason.UNEXPECTED.value, "instance", name, type(error).__name__)
    if lenient:
        _attribute(row, name, key)
    if lacks_identity(row):
        return Refusal("index", Reason.MISSING_IDENTITY.value, "instance", name)
    return {**row, "path": file.path, "bytes": file.bytes, "changed": file.changed}


def _attribute(row: Row, name: str, key: bytes) -> None:
    """Stand in for a missing PatientID or UID by the next larger thing that is there, at last the file itself."""
    for field in ("sop_uid", "series_uid", "study_uid"):
        row[field] = row[field] or name
    row["patient_key"] = row["patient_key"] or pseudonym(key, row["study_uid"], "study")


def _spread(
    work: Callable[[Sequence[File]], list[Found]], files: Iterable[File], executor: Executor | None
) -> Iterator[Found]:
    """Run `work` over chunks of files, in processes when there are enough of them; the order stays."""
    rest = iter(files)
    chunks = list(iter(lambda: list(islice(rest, _CHUNK)), []))
    done = executor.map(work, chunks) if executor and len(chunks) > 1 else map(work, chunks)
    for part in done:
        yield from part


def _entries(
    source: Path, files: Iterable[File], policy: Policy, key: bytes
) -> Iterator[tuple[Row, RawReport | Reason]]:
    """Every report of some files, with where it stands."""
    for file in files:
        for entry, found in _read(source, file, policy):
            place = {"key": file_key(key, file.path, entry), "path": file.path, "entry": entry, "changed": file.changed}
            yield place, found


def _read(source: Path, file: File, policy: Policy) -> Iterator[tuple[int, RawReport | Reason]]:
    try:
        with (source / file.path).open("rb") as stream:
            yield from read_reports(Path(file.path).name, stream, policy.limits, policy.sources.columns)
    except Rejected as refused:
        yield 0, refused.reason
    except OSError:
        yield 0, Reason.UNREADABLE
