"""Intake: read every header and every report of a source once, in parallel, into the catalog of the workspace."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from curate.attribution import INSTANCE, attribute, read_instance_report
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
from curate.policy import Limits, Policy
from curate.privacy.opt_out import OptOut, read_opt_out
from curate.privacy.surrogates import pseudonym
from curate.records import RawReport, Refusal
from curate.sources.reports import read_reports
from curate.sources.source import File, Source, digest_of, open_row, open_unchanged
from curate.sources.structured_report import SOP_CLASSES

Found = Row | Refusal
Read = RawReport | Reason
Entry = tuple[Row, Read]
_CHUNK = 64  # headers a task: about a tenth of a second of work


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
    opt_out = read_opt_out(policy.sources, key)
    files = list(source.walk())
    read_headers = partial(index_files, source=source, limits=policy.limits, key=key, lenient=lenient)
    found = list(_spread(read_headers, [each for each in files if not each.is_report], executor))
    refused = _told_apart((each for each in found if isinstance(each, Refusal)), key)
    described = [each for each in found if not isinstance(each, Refusal)]
    rows, settled = (
        (_copies_told_apart(described, key), [])
        if lenient
        else settle(described, partial(_content, source, policy.limits), key)
    )
    found_reports = chain(
        _reports_of_files(source, (each for each in files if each.is_report), policy),
        _reports_of_instances(source, rows, policy.limits) if policy.sources.documents and not lenient else (),
    )
    attribution = attribute(_named(found_reports, key), rows, policy.pairing, opt_out)
    rows, left_out = _divided(rows, opt_out)
    if not files:
        raise PolicyError(Problem.SOURCE_EMPTY)
    catalog = Catalog(workspace / "catalog")
    catalog.write("instances", sorted(rows, key=lambda row: (row["patient_key"], row["study_uid"], row["key"])))
    catalog.write("reports", sorted(attribution.reports, key=lambda row: str(row["key"])))
    catalog.write("pairing", sorted(attribution.pairing, key=lambda row: row["report"]))
    catalog.write("quarantine", quarantine_rows([*refused, *settled, *left_out, *attribution.refused]))
    return catalog.holdings()


def _divided(rows: Iterable[Row], opt_out: OptOut) -> tuple[list[Row], list[Refusal]]:
    """The instances of patients who are not on the opt-out list, and a refusal for each of the others."""
    kept: list[Row] = []
    refused: list[Refusal] = []
    for row in rows:
        if opt_out.covers(row["patient_id"], row["patient_key"]):
            refused.append(Refusal("index", Reason.OPTED_OUT.value, "instance", row["key"]))
        else:
            kept.append(row)
    return kept, refused


def hold_to_opt_out(catalog: Catalog, policy: Policy, key: bytes) -> None:
    """Read the opt-out list once more, before anything goes out. Raises PolicyError when it grew since the index."""
    opt_out = read_opt_out(policy.sources, key)
    if any(opt_out.covers(each["patient_id"], each["patient_key"]) for each in catalog.identities()):
        raise PolicyError(Problem.OPT_OUT_GREW)


def _told_apart(refusals: Iterable[Refusal], key: bytes) -> list[Refusal]:
    """Refusals of files under opaque ids, also of files with the same bytes."""
    seen: Counter[str] = Counter()
    found = []
    for each in refusals:
        found.append(replace(each, key=content_key(key, each.key, seen[each.key])))
        seen[each.key] += 1
    return found


def _copies_told_apart(rows: Iterable[Row], key: bytes) -> list[Row]:
    """Rows with an id of its own for each copy of an instance."""
    names: dict[str, Iterator[str]] = {}
    return [{**row, "key": next(names.setdefault(row["key"], copy_keys(row, key)))} for row in rows]


def _content(source: Source, limits: Limits, row: Row) -> bytes:
    """The bytes of a file that can be read to its end. Raises Rejected."""
    with open_row(source, row) as stream:
        realise(read(stream, limits))
        stream.seek(0)
        return stream.read()


def index_files(files: Sequence[File], source: Source, limits: Limits, key: bytes, *, lenient: bool) -> list[Found]:
    """Read the headers of some files; a file that is none has the reason instead, and its digest for a key."""
    return [_index_file(file, source, limits, key, lenient=lenient) for file in files]


def _index_file(file: File, source: Source, limits: Limits, key: bytes, *, lenient: bool) -> Found:
    try:
        row = _described(file, source, limits, key, lenient=lenient)
    except Rejected as refused:
        reason, where = refused.reason, refused.where
    except OSError:
        reason, where = Reason.UNREADABLE, ""
    except Exception as error:  # noqa: BLE001  fail closed: what a file provokes is a property of that file
        reason, where = Reason.UNEXPECTED, type(error).__name__
    else:
        return {**row, "path": file.path, "bytes": file.bytes, "changed": file.changed}
    return Refusal("index", reason, "instance", digest_of(source, file), where)


def _described(file: File, source: Source, limits: Limits, key: bytes, *, lenient: bool) -> Row:
    """The catalog row of one instance, but for where it lies. Raises OSError, Rejected."""
    if file.fault:
        raise Rejected(file.fault)
    with source.open(file.path) as stream:
        row = describe(read_identity(stream, limits), key)
    if lenient:
        _attribute(row, partial(digest_of, source, file), key)
    if lacks_identity(row):
        raise Rejected(Reason.MISSING_IDENTITY)
    return row


def _attribute(row: Row, digest: Callable[[], str], key: bytes) -> None:
    """Stand in for a missing PatientID or UID by the next larger thing that is there, at last the file itself."""
    if not (row["sop_uid"] and row["series_uid"] and row["study_uid"]):
        name = content_key(key, digest())
        for field in ("sop_uid", "series_uid", "study_uid"):
            row[field] = row[field] or name
        row["key"] = instance_key(key, row["sop_uid"])
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


def _named(found: Iterable[tuple[Row, object, RawReport | Reason]], key: bytes) -> Iterator[Entry]:
    """Every report with where it stands and an id from its content."""
    seen: Counter[object] = Counter()
    for place, content, report in found:
        name = content_key(key, content, seen[content])
        seen[content] += 1
        yield {"key": name, **place}, report


def _reports_of_files(source: Source, files: Iterable[File], policy: Policy) -> Iterator[tuple[Row, object, Read]]:
    """Every report of some files: where it stands, what it is known by, and itself or the reason why it is none."""
    for file in files:
        for entry, found in _read(source, file, policy):
            content = (digest_of(source, file), entry) if isinstance(found, Reason) else _content_of(found)
            yield {"path": file.path, "entry": entry, "bytes": file.bytes, "changed": file.changed}, content, found


def _reports_of_instances(source: Source, rows: Iterable[Row], limits: Limits) -> Iterator[tuple[Row, object, Read]]:
    """The reports among the instances: SR documents, encapsulated PDF and CDA. They stay instances of their study."""
    for row in (each for each in rows if each["sop_class"] in SOP_CLASSES):
        place = {"path": row["path"], "entry": INSTANCE, "bytes": row["bytes"], "changed": row["changed"]}
        try:
            found: Read | None = read_instance_report(source, row, limits)
        except Rejected as refused:
            found = refused.reason
        if found is not None:
            yield place, row["sop_uid"] if isinstance(found, Reason) else _content_of(found), found


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
