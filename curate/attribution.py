"""Attribution: every report that was read, joined to its study, settled with its versions, and made one again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curate.catalog import Row
from curate.dicom.read import read, realise
from curate.errors import Reason, Rejected
from curate.pairing import Join, Pairing, StudyIdentity, pairing_row
from curate.policy import Limits, PairingOptions, Policy
from curate.privacy.opt_out import OptOut
from curate.records import IdentifierKind, RawReport, Refusal, ReportStatus
from curate.sources.reports import read_again
from curate.sources.source import Source, open_row
from curate.sources.structured_report import SOP_CLASSES, report_of
from curate.sources.values import check
from curate.sources.versions import compose, settle

_OF_STUDIES = ["study_uid", "accession_number", "patient_id", "order_numbers", "study_date", "modality", "body_part",
               "sop_class"]  # fmt: skip
_OF_DOCUMENTS = ["path", "bytes", "changed", "sop_uid"]
INSTANCE = -1  # the entry of a report that is a DICOM instance


@dataclass(frozen=True, slots=True, repr=False)
class Attribution:
    """Rows of schemas/reports.json for the reports that count, rows of schemas/pairing.json for all, and refusals."""

    reports: list[Row]
    pairing: list[Row]
    refused: list[Refusal]


@dataclass(slots=True, repr=False)
class Divided:
    """The instances of a source as they go into the catalog: what joins need to know of them, and who is left out."""

    opt_out: OptOut
    studies: list[StudyIdentity] = field(default_factory=list)
    documents: list[Row] = field(default_factory=list)
    left_out: list[Refusal] = field(default_factory=list)
    studies_left_out: set[str] = field(default_factory=set)

    def take(self, table: pa.Table) -> pa.Table:
        """Note the studies and the documents of whole patients; returns the instances that are not left out."""
        self.studies += _studies(table.select(_OF_STUDIES).to_pylist())
        patients = table.group_by(["patient_id", "patient_key", "person"]).aggregate([]).to_pylist()
        gone = [each["patient_key"] for each in patients if self.opt_out.covers(each["patient_id"], each["person"])]
        is_gone = pc.is_in(table["patient_key"], pa.array(gone, pa.string()))
        for row in table.filter(is_gone).select(["key", "study_uid"]).to_pylist():
            self.left_out.append(Refusal("index", Reason.OPTED_OUT.value, "instance", row["key"]))
            self.studies_left_out.add(row["study_uid"])
        kept = table.filter(pc.invert(is_gone))
        are_documents = pc.is_in(kept["sop_class"], pa.array(sorted(SOP_CLASSES)))
        self.documents += kept.filter(are_documents).select(_OF_DOCUMENTS).to_pylist()
        return kept


def attribute(
    entries: Iterable[tuple[Row, RawReport | Reason]], instances: Divided, options: PairingOptions
) -> Attribution:
    """Join reports to the studies of some instances; those of patients who are left out are refused.

    entries: what was read, with the fields `key`, `path`, `entry`, `bytes`, `changed` of its row; texts are not held.
    """
    pairing = Pairing(instances.studies, options)
    made = Attribution([], [], [])
    joined: list[tuple[Row, RawReport, Join]] = []
    for place, found in entries:
        if isinstance(found, Reason):
            made.refused.append(Refusal("index", found.value, "report", place["key"]))
        else:
            report = replace(found, key=place["key"])
            join = pairing.join(report)
            if join.study_uid in instances.studies_left_out or instances.opt_out.covers(report.patient_id):
                join = Join(report.key, reason=Reason.OPTED_OUT)
            joined.append((place, replace(report, text=""), join))
    settled = settle(
        ((join.study_uid, report) for _, report, join in joined if not join.reason), preliminary=options.preliminary
    )
    for place, report, join in joined:
        _enter(made, place, report, replace(join, reason=join.reason or settled.get(join.report)))
    return made


def _enter(made: Attribution, place: Row, report: RawReport, join: Join) -> None:
    made.pairing.append(pairing_row(join, report.status.value))
    if join.reason:
        made.refused.append(Refusal("pairing", join.reason.value, "report", join.report))
    else:
        made.reports.append({**place, **_row(report, join)})


def _row(report: RawReport, join: Join) -> Row:
    """What the catalog keeps of a report; its text stays where it is."""
    known = [{"kind": each.kind.value, "value": each.value} for each in report.identifiers]
    numbers = (report.patient_id, report.accession_number)
    return {
        "patient_id": report.patient_id,
        "accession_number": report.accession_number,
        "study_uid": report.study_instance_uid,
        "issued": report.issued,
        "status": report.status.value,
        "version": report.version,
        "identifiers": known + [{"kind": IdentifierKind.ID.value, "value": each} for each in numbers if each],
        "study": join.study_uid,
        "evidence": join.evidence,
        "grade": join.grade,
    }


def _studies(instances: Iterable[Row]) -> Iterator[StudyIdentity]:
    """What each study of the catalog is known by; a document alone, filed under a UID of its own, is no study."""
    groups: Mapping[str, list[Row]] = defaultdict(list)
    for row in instances:
        if row["sop_class"] not in SOP_CLASSES:
            groups[row["study_uid"]].append(row)
    for uid, rows in groups.items():
        yield StudyIdentity(
            uid,
            frozenset(row["accession_number"] for row in rows) - {""},
            frozenset(row["patient_id"] for row in rows),
            frozenset(number for row in rows for number in row["order_numbers"]),
            min((row["study_date"] for row in rows if row["study_date"]), default=None),
            frozenset(row["modality"] for row in rows),
            frozenset(row["body_part"] for row in rows) - {""},
        )


@dataclass(frozen=True, slots=True, repr=False)
class Whole:
    """The one report of a study with its addenda: what it was read from, copies that are not needed, and its parts."""

    report: RawReport
    row: Mapping[str, Any]
    copies: Sequence[Mapping[str, Any]]
    parts: int


class Papers:
    """The reports of a shard, read again: each file once, however many reports it holds."""

    def __init__(self, source: Source, rows: Iterable[Mapping[str, Any]], policy: Policy) -> None:
        self._source, self._policy = source, policy
        self._wanted: dict[str, set[int]] = defaultdict(set)
        self._read: dict[str, dict[int, RawReport | Reason]] = {}
        for row in rows:
            self._wanted[row["path"]].add(row["entry"])

    def __repr__(self) -> str:
        return "<Papers>"

    def of(self, row: Mapping[str, Any]) -> RawReport:
        """A report that the catalog knows, with its text. Raises Rejected when it is no longer there."""
        if row["entry"] == INSTANCE:
            found = read_instance_report(self._source, row, self._policy.limits) or Reason.UNREADABLE
        else:
            if row["path"] not in self._read:
                self._read[row["path"]] = self._again(row)
            found = self._read[row["path"]].get(row["entry"], Reason.UNREADABLE)
        if isinstance(found, Reason):
            raise Rejected(found)
        return found

    def _again(self, row: Mapping[str, Any]) -> dict[int, RawReport | Reason]:
        wanted, columns = self._wanted[row["path"]], self._policy.sources.columns
        try:
            with open_row(self._source, row) as stream:
                return read_again(row["path"], stream, wanted, self._policy.limits, columns)
        except Rejected as refused:
            return dict.fromkeys(wanted, refused.reason)


def gather(papers: Papers, rows: Sequence[Mapping[str, Any]]) -> Whole:
    """Read the reports of a study again and make one of them; addenda follow in the order of their versions.

    Raises Rejected: STUDY_WITHOUT_REPORT, REPORTS_DISAGREE, and whatever a reader gives.
    """
    added = sorted((row for row in rows if row["status"] == ReportStatus.ADDENDUM), key=itemgetter("version", "key"))
    others = [row for row in rows if row["status"] != ReportStatus.ADDENDUM]
    if not others:
        raise Rejected(Reason.STUDY_WITHOUT_REPORT)
    reports = [papers.of(row) for row in others]
    if len({" ".join(each.text.split()) for each in reports}) > 1:
        raise Rejected(Reason.REPORTS_DISAGREE)
    text = compose(reports[0].text, [papers.of(row).text for row in added])
    return Whole(replace(reports[0], key=others[0]["key"], text=text), others[0], others[1:], 1 + len(added))


def read_instance_report(source: Source, row: Mapping[str, Any], limits: Limits) -> RawReport | None:
    """The report that a DICOM instance holds, None when it holds none. Raises Rejected as `read` and `report_of`."""
    with open_row(source, row) as stream:
        dataset = read(stream, limits)
    realise(dataset)
    report = report_of(dataset, limits)
    checked = check(report, limits) if report else None
    if isinstance(checked, Reason):
        raise Rejected(checked)
    return checked
