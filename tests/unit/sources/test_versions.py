"""Versions of one report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import Reason
from curate.records import RawReport, ReportStatus
from curate.sources.versions import compose, settle

P, F, A, ADD, X = (
    ReportStatus.PRELIMINARY,
    ReportStatus.FINAL,
    ReportStatus.AMENDED,
    ReportStatus.ADDENDUM,
    ReportStatus.WITHDRAWN,
)
OLD, DRAFT, GONE = Reason.SUPERSEDED, Reason.NOT_FINAL, Reason.WITHDRAWN


def _settled(*versions: tuple[ReportStatus, str], preliminary: bool = False) -> list[Reason | None]:
    """The verdict on each version (status, version) of one document."""
    reports = [
        ("1.2", RawReport(f"r{number}", "", status=status, document="D", version=version))
        for number, (status, version) in enumerate(versions)
    ]
    found = settle(reports, preliminary=preliminary)
    return [found.get(each.key) for _, each in reports]


@pytest.mark.parametrize(
    ("versions", "verdicts"),
    [
        ([(F, "1")], [None]),
        ([(F, "1"), (F, "2")], [OLD, None]),
        ([(F, "2"), (F, "1")], [None, OLD]),
        ([(P, "1"), (F, "2")], [OLD, None]),
        ([(F, "1"), (P, "2")], [None, OLD]),
        ([(F, "1"), (A, "2")], [OLD, None]),
        ([(F, "2"), (A, "2")], [OLD, None]),
        ([(F, "1"), (ADD, "2")], [None, None]),
        ([(F, "1"), (X, "2")], [GONE, GONE]),
        ([(X, "1"), (F, "2")], [OLD, None]),
        ([(F, "1"), (ADD, "2"), (X, "3")], [GONE, GONE, GONE]),
        ([(P, "1")], [DRAFT]),
        ([(P, "1"), (P, "2")], [OLD, DRAFT]),
        ([(F, "1"), (F, "1")], [None, None]),
        ([(ADD, "1")], [None]),
    ],
)
def test_latest_final_version_counts(versions: list[tuple[ReportStatus, str]], verdicts: list[Reason | None]) -> None:
    """Every other has its reason; two that are equally late are left to the comparison of their texts."""
    assert _settled(*versions) == verdicts


def test_draft_counts_when_the_policy_takes_drafts() -> None:
    """The latest one, where nothing was signed."""
    assert _settled((P, "1"), (P, "2"), preliminary=True) == [OLD, None]
    assert _settled((P, "2"), (F, "1"), preliminary=True) == [OLD, None]


def test_document_that_another_supersedes_is_old() -> None:
    """Within one study; the same name in another study is another document."""
    reports = [
        ("1.2", RawReport("old", "", document="A")),
        ("1.2", RawReport("new", "", document="B", supersedes=("A",))),
        ("1.3", RawReport("other", "", document="A")),
    ]
    assert settle(reports) == {"old": OLD}


def test_reports_without_a_document_are_each_their_own() -> None:
    """Nothing says that they are versions of one another."""
    assert settle([("1.2", RawReport("a", "")), ("1.2", RawReport("b", ""))]) == {}


_VERSIONS = st.lists(st.tuples(st.sampled_from(list(ReportStatus)), st.sampled_from("123")), min_size=1, max_size=6)


@given(_VERSIONS)
def test_order_of_arrival_decides_nothing(versions: list[tuple[ReportStatus, str]]) -> None:
    """The same versions have the same verdicts in any order."""
    turned = versions[::-1]
    paired = zip(versions, _settled(*versions), strict=True)
    again = zip(turned, _settled(*turned), strict=True)
    assert sorted(paired, key=repr) == sorted(again, key=repr)


@pytest.mark.parametrize(
    ("text", "addenda", "expected"),
    [
        ("Report.", [], "Report."),
        ("Report.", ["More."], "Report.\n\nADDENDUM:\nMore."),
        ("Report.", ["More.", "Last."], "Report.\n\nADDENDUM:\nMore.\n\nADDENDUM:\nLast."),
        ("Report.", ["Addendum 1: More."], "Report.\n\nAddendum 1: More."),
        ("Report.", ["Report.\n More."], "Report.\n More."),
        ("Report. More.", ["More."], "Report. More."),
    ],
)
def test_addenda_follow_the_report(text: str, addenda: list[str], expected: str) -> None:
    """Each under a header; one that repeats the report takes its place, one that it holds adds nothing."""
    assert compose(text, addenda) == expected


@given(st.text("ab \n", max_size=12), st.lists(st.text("abc \n", min_size=1, max_size=12), max_size=4))
def test_no_word_of_an_addendum_is_lost(text: str, addenda: list[str]) -> None:
    """Whatever was said is in the whole."""
    whole = " ".join(compose(text, addenda).split())
    assert all(" ".join(each.split()) in whole for each in (text, *addenda))
