"""Intake: read every header and every report of a source once, in parallel, into the catalog of the workspace."""

import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict
from functools import partial
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from curate import __version__, contracts
from curate.attribution import INSTANCE, Divided, attribute, read_instance_report
from curate.catalog import (
    Catalog,
    Holdings,
    Row,
    content_key,
    copy_keys,
    describe,
    instance_key,
    lacks_identity,
    quarantine_rows,
    settle,
)
from curate.dicom.identity import read_identity
from curate.dicom.read import read, realise
from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.inventory import Inventory, as_table
from curate.policy import Limits, Policy
from curate.privacy.domains import Keys, has_secrets
from curate.privacy.opt_out import read_opt_out
from curate.privacy.patient_secrets import Secrets, read_secrets
from curate.privacy.surrogates import pseudonym
from curate.privacy.workspace import load_key, root_of
from curate.readings import Reading, Readings
from curate.records import RawReport, Refusal
from curate.sources.reports import read_reports
from curate.sources.source import File, Source, digest_of, open_row, open_unchanged

Found = Row | Refusal
Entry = tuple[Row, RawReport | Reason]
_CHUNK = 64  # headers a task: about a tenth of a second of work
_WAITING = 64  # tasks that may be under way


def index(  # noqa: PLR0913  the last two are how, not what
    source: Source,
    workspace: Path,
    policy: Policy,
    key: bytes,
    executor: Executor | None = None,
    *,
    lenient: bool = False,
) -> Holdings:
    """Read all headers and reports of `source` into the catalog.

    Everything that cannot be taken on has a row in the quarantine table: nothing is lost. lenient: for DICOM output,
    where nothing depends on whole patients: an instance without PatientID is attributed to its study, and of instances
    with one SOP Instance UID each is taken on.
    Raises PolicyError when the source cannot be read or holds nothing.
    """
    root = root_of(workspace)
    keys = Keys(key if root == workspace else load_key(root), key)
    opt_out = read_opt_out(policy.sources, root, keys.root)
    inventory = Inventory(workspace, _stamp(policy, key, lenient=lenient))
    reports: list[File] = []
    read_headers = partial(index_files, source=source, limits=policy.limits, keys=keys, lenient=lenient)
    secrets = read_secrets(workspace) if has_secrets(workspace) else Secrets(workspace, keys)
    inventory.update(
        _apart(source.walk(), reports), lambda files: _under_secrets(_spread(read_headers, files, executor), secrets)
    )
    refused = _told_apart(inventory.refused(), key)
    suspects = inventory.suspects(studies=not lenient)
    kept, settled = (
        (_copies_told_apart(suspects, secrets), [])
        if lenient
        else settle(suspects, partial(_content, source, policy.limits), key)
    )
    catalog, divided = Catalog(workspace / "catalog"), Divided(opt_out)
    catalog.write_parts("instances", map(divided.take, inventory.instances(suspects, kept)))
    readings = Readings(workspace, inventory.stamp)
    found_reports = chain(
        _reports_of_files(source, reports, policy, readings),
        _reports_of_instances(source, divided.documents, policy, readings) if not lenient else (),
    )
    attribution = attribute(_named(found_reports, key), divided, policy.pairing)
    readings.save()
    catalog.write("reports", sorted(attribution.reports, key=lambda row: str(row["key"])))
    catalog.write("pairing", sorted(attribution.pairing, key=lambda row: row["report"]))
    catalog.write("quarantine", quarantine_rows([*refused, *settled, *divided.left_out, *attribution.refused]))
    holdings = catalog.holdings()
    if not holdings.instances + holdings.reports:
        raise PolicyError(Problem.SOURCE_EMPTY)
    return holdings


def _stamp(policy: Policy, key: bytes, *, lenient: bool) -> str:
    """The digest of whatever decides what a file is found to be, besides its bytes."""
    return content_key(key, [__version__, contracts.load("instances").version, policy.digest, lenient])


def _under_secrets(tables: Iterable[pa.Table], secrets: Secrets) -> Iterator[pa.Table]:
    """Instances and patients named anew where patients have secrets, which are kept before any of that is."""
    if not has_secrets(secrets.place):
        yield from tables
        return
    for table in tables:
        rows = table.select(["person", "patient_id", "sop_uid", "key", "patient_key"]).to_pylist()
        secrets.draw((row["person"], row["patient_id"]) for row in rows if row["person"])
        named = [_named_by_secret(row, secrets) if row["person"] else row for row in rows]
        for column in ("key", "patient_key"):
            place = table.schema.get_field_index(column)
            table = table.set_column(place, table.field(place), pa.array([row[column] for row in named], pa.string()))  # noqa: PLW2901
        yield table
    secrets.save()


def _named_by_secret(row: Row, secrets: Secrets) -> Row:
    key = instance_key(secrets.key_of(row["person"]), row["sop_uid"])
    return {**row, "key": key, "patient_key": secrets.patient_key(row["person"])}


def _apart(files: Iterable[File], reports: list[File]) -> Iterator[File]:
    """The files that are tried as instances; those that are reports by their names are put aside."""
    for file in files:
        if file.is_report:
            reports.append(file)
        else:
            yield file


def hold_to_opt_out(catalog: Catalog, policy: Policy, workspace: Path) -> None:
    """Read the opt-out list once more, before anything goes out. Raises PolicyError when it grew since the index."""
    root = root_of(workspace)
    opt_out = read_opt_out(policy.sources, root, load_key(root))
    if any(opt_out.covers(each["patient_id"], each["person"]) for each in catalog.identities()):
        raise PolicyError(Problem.OPT_OUT_GREW)


def _told_apart(rows: Iterable[Row], key: bytes) -> list[Refusal]:
    """Refusals of files under opaque ids, also of files with the same bytes."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        name = content_key(key, row["key"], seen[row["key"]])
        found.append(Refusal("index", row["reason"], "instance", name, row["where"]))
        seen[row["key"]] += 1
    return found


def _copies_told_apart(rows: Iterable[Row], secrets: Secrets) -> list[Row]:
    """Rows with an id of its own for each copy of an instance."""
    names: dict[str, Iterator[str]] = {}
    copies = ((row, names.setdefault(row["key"], copy_keys(row, secrets.key_of(row["person"])))) for row in rows)
    return [{**row, "key": next(others)} for row, others in copies]


def _content(source: Source, limits: Limits, row: Row) -> bytes:
    """The bytes of a file that can be read to its end. Raises Rejected."""
    with open_row(source, row) as stream:
        realise(read(stream, limits))
        stream.seek(0)
        return stream.read()


def index_files(files: Sequence[File], source: Source, limits: Limits, keys: Keys, *, lenient: bool) -> pa.Table:
    """Read the headers of some files; a file that is none has the reason instead, and its digest for a key."""
    return as_table((file, _index_file(file, source, limits, keys, lenient=lenient)) for file in files)


def _index_file(file: File, source: Source, limits: Limits, keys: Keys, *, lenient: bool) -> Found:
    try:
        row = _described(file, source, limits, keys, lenient=lenient)
    except Rejected as refused:
        reason, where = refused.reason, refused.where
    except OSError:
        reason, where = Reason.UNREADABLE, ""
    except Exception as error:  # noqa: BLE001  fail closed: what a file provokes is a property of that file
        reason, where = Reason.UNEXPECTED, type(error).__name__
    else:
        return row
    return Refusal("index", reason, "instance", digest_of(source, file), where)


def _described(file: File, source: Source, limits: Limits, keys: Keys, *, lenient: bool) -> Row:
    """The catalog row of one instance, but for where it lies. Raises OSError, Rejected."""
    if file.fault:
        raise Rejected(file.fault)
    with source.open(file.path) as stream:
        row = describe(read_identity(stream, limits), keys)
    if lenient:
        _attribute(row, partial(digest_of, source, file), keys)
    if lacks_identity(row):
        raise Rejected(Reason.MISSING_IDENTITY)
    return row


def _attribute(row: Row, digest: Callable[[], str], keys: Keys) -> None:
    """Stand in for a missing PatientID or UID by the next larger thing that is there, at last the file itself."""
    if not (row["sop_uid"] and row["series_uid"] and row["study_uid"]):
        name = content_key(keys.run, digest())
        for field in ("sop_uid", "series_uid", "study_uid"):
            row[field] = row[field] or name
        row["key"] = instance_key(keys.run, row["sop_uid"])
    row["person"] = row["person"] or pseudonym(keys.root, row["study_uid"], "study")
    row["patient_key"] = keys.patient_key(row["person"])


def _spread(
    work: Callable[[Sequence[File]], pa.Table], files: Iterator[File], executor: Executor | None
) -> Iterator[pa.Table]:
    """Run `work` over chunks of files, in processes when there are enough of them; the order stays."""
    chunks = iter(lambda: list(islice(files, _CHUNK)), [])
    first = list(islice(chunks, 2))
    if executor is None or len(first) < 2:
        yield from map(work, chain(first, chunks))
        return
    waiting: deque[Future[pa.Table]] = deque()
    for chunk in chain(first, chunks):
        waiting.append(executor.submit(work, chunk))
        if len(waiting) == _WAITING:
            yield waiting.popleft().result()
    yield from (each.result() for each in waiting)


def _named(found: Iterable[tuple[File, Reading]], key: bytes) -> Iterator[Entry]:
    """Every report with where it stands and an id from its content."""
    seen: Counter[str] = Counter()
    for file, (entry, content, report) in found:
        name = content_key(key, content, seen[content])
        seen[content] += 1
        yield {"key": name, "path": file.path, "entry": entry, "bytes": file.bytes, "changed": file.changed}, report


def _reports_of_files(
    source: Source, files: Iterable[File], policy: Policy, readings: Readings
) -> Iterator[tuple[File, Reading]]:
    """Every report of some files."""
    for file in files:
        yield from ((file, each) for each in readings.of(file, partial(_read_file, source, file, policy)))


def _read_file(source: Source, file: File, policy: Policy) -> Iterator[Reading]:
    for entry, found in _read(source, file, policy):
        told = f"{digest_of(source, file)}/{entry}" if isinstance(found, Reason) else _content_of(found)
        yield entry, told, found


def _reports_of_instances(
    source: Source, rows: Iterable[Row], policy: Policy, readings: Readings
) -> Iterator[tuple[File, Reading]]:
    """The reports among the instances: SR documents, encapsulated PDF and CDA. They stay instances of their study."""
    for row in rows if policy.sources.documents else ():
        file = File(row["path"], row["bytes"], row["changed"])
        yield from ((file, each) for each in readings.of(file, partial(_read_instance, source, row, policy)))


def _read_instance(source: Source, row: Row, policy: Policy) -> Iterator[Reading]:
    try:
        found = read_instance_report(source, row, policy.limits)
    except Rejected as refused:
        yield INSTANCE, row["sop_uid"], refused.reason
    else:
        if found is not None:
            yield INSTANCE, _content_of(found), found


def _content_of(report: RawReport) -> str:
    """The digest of everything that a report says, so that a copy of it is known as one."""
    return hashlib.sha256(json.dumps(asdict(report), sort_keys=True, default=str).encode()).hexdigest()


def _read(source: Source, file: File, policy: Policy) -> Iterator[tuple[int, RawReport | Reason]]:
    try:
        with open_unchanged(source, file) as stream:
            yield from read_reports(file.path, stream, policy.limits, policy.sources.columns)
    except Rejected as refused:
        yield 0, refused.reason
    except OSError:
        yield 0, Reason.UNREADABLE
