"""Versions of one report: the latest final one counts, addenda are added to it, every other has its coded reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from curate.errors import Reason
from curate.records import RawReport, ReportStatus

_SETTLED = frozenset({ReportStatus.FINAL, ReportStatus.AMENDED, ReportStatus.WITHDRAWN})
_HEADER = "ADDENDUM:"


def settle(reports: Iterable[tuple[str, RawReport]], *, preliminary: bool = False) -> dict[str, Reason]:
    """The reports that do not count, by key, with the reason. reports: each with the study that it was joined to.

    Versions are what shares study and document. Two that are equally late both count: whoever compares their texts
    finds them equal, or in disagreement. preliminary: take one that nobody has signed when there is no other.
    """
    joined = list(reports)
    replaced = {(study, name) for study, each in joined for name in each.supersedes}
    refused = {each.key: Reason.SUPERSEDED for study, each in joined if (study, each.document) in replaced}
    groups: Mapping[tuple[str, str], list[RawReport]] = defaultdict(list)
    for study, each in joined:
        if each.key not in refused:
            groups[study, each.document or each.key].append(each)
    for group in groups.values():
        refused |= _verdicts(group, preliminary=preliminary)
    return refused


def _verdicts(group: Sequence[RawReport], *, preliminary: bool) -> dict[str, Reason]:
    """The reasons within the versions of one document."""
    settled = [each for each in group if each.status in _SETTLED]
    drafts = [each for each in group if each.status is ReportStatus.PRELIMINARY]
    latest = max((each.version for each in settled or drafts), default="")
    last = [each for each in settled or drafts if each.version == latest]
    if any(each.status is ReportStatus.WITHDRAWN for each in last):
        return {each.key: Reason.WITHDRAWN for each in group}
    amended = [each for each in last if each.status is ReportStatus.AMENDED]
    counting = {each.key for each in amended or last}
    older = {each.key: Reason.SUPERSEDED for each in (*settled, *drafts) if each.key not in counting}
    if settled or preliminary:
        return older
    return older | dict.fromkeys((each.key for each in last), Reason.NOT_FINAL)


def compose(text: str, addenda: Iterable[str]) -> str:
    """A report with its addenda, each under a header; one that repeats the whole report takes its place."""
    for addendum in addenda:
        if _squeezed(text) in _squeezed(addendum):
            text = addendum
        elif _squeezed(addendum) not in _squeezed(text):
            has_header = addendum.lstrip().upper().startswith("ADDENDUM")
            text = f"{text.rstrip()}\n\n{'' if has_header else _HEADER + chr(10)}{addendum.strip()}"
    return text


def _squeezed(text: str) -> str:
    return " ".join(text.split())
