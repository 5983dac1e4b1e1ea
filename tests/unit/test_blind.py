"""The blind test set is consistent with itself: its figures are worth what its annotations are."""

import json
import re
from collections import Counter
from itertools import pairwise

import pytest

from tests.golden import blind

REPORTS = [report for chosen in blind.SETS for report in blind.load(chosen=chosen)]
TITLES = ("Dr", "Mr", "Mrs", "Ms", "Prof", "Herr", "Frau", "Mme", "Sr", "Sra", "Dra")
# What a mark covers besides the value would make a right answer look wrong.
LOOSE = " \t\n,;:."


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
def test_annotations_are_exact_and_apart(report: blind.Report) -> None:
    """No two annotations overlap, none starts or ends with a space or a comma, no name starts with a title."""
    spans = sorted([*report.spans, *report.negatives, *report.either], key=lambda span: span.start)
    assert [after.text for before, after in pairwise(spans) if after.start < before.end] == []
    whole = [re.sub(r"&\w+;$", "&", span.text) for span in spans]  # an entity ends with its semicolon
    assert [text for text in whole if text[0] in LOOSE or text[-1] in " \t\n,;:"] == []
    names = [span.text for span in spans if span.label in {"PT", "HCW"}]
    assert [name for name in names if len(name.split()) > 1 and name.split()[0].strip(".") in TITLES] == []


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
def test_a_report_holds_identifiers_or_says_why_not(report: blind.Report) -> None:
    """Each report has identifiers, or a reason to have none; headers know one patient, not a list."""
    assert bool(report.spans) != bool(report.no_phi)
    assert not report.known or report.spans
    assert 80 <= len(report.text) <= 2600


def test_every_kind_and_language_is_there() -> None:
    """At least 40 English reports a set and 10 of each other language; each kind of annotation in number."""
    assert len({report.id for report in REPORTS}) == len(REPORTS)
    for chosen in blind.SETS:
        languages = Counter(report.lang for report in blind.load(chosen=chosen))
        assert languages["en"] >= 40
        assert all(languages[each] >= 10 for each in ("de", "fr", "es"))
    labels = Counter(span.label for report in REPORTS for span in (*report.spans, *report.negatives))
    assert set(labels) == {*blind.IDENTIFIERS, *blind.CLINICAL.values()}
    assert min(labels.values()) >= 8


def test_texts_of_different_reports_share_no_person() -> None:
    """Known patients of a set are all different: one person recognised by luck does not count twice."""
    for chosen in blind.SETS:
        patients = [report.known[0] for report in blind.load(chosen=chosen) if report.known]
        assert len(set(patients)) == len(patients)


def test_a_broken_mark_is_refused() -> None:
    """An unknown label and an unclosed mark stop the loader instead of being scored as text."""
    head = "=== en-999\nstyle: note, broken\nknown: A^B\n---\n"
    for body in ("Seen by [[NAME|Jane Roe]].", "Seen by [[HCW|Jane Roe], again."):
        with pytest.raises(ValueError, match="en-999"):
            list(blind.parse(head + body))


def test_the_marks_are_not_in_the_text() -> None:
    """Offsets count the text without marks, in characters, also after letters outside ASCII."""
    head = "=== de-999\nstyle: note, one line\nknown: A^B\n---\n"
    (report,) = blind.parse(head + "Frau [[PT|Jörß]], [[duration|6 Wochen]]")
    assert report.text == "Frau Jörß, 6 Wochen"
    assert [(span.start, span.end, span.label) for span in report.spans + report.negatives] == [
        (5, 9, "PT"),
        (11, 19, "T"),
    ]


def test_the_printed_form_is_what_scorers_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command prints one JSON object a line with id, text, spans and negatives."""
    monkeypatch.setattr("sys.argv", ["blind.py", "--language", "en", "--set", "first"])
    blind.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(blind.load("en", "first"))
    assert all({"id", "text", "spans", "negatives", "known"} <= set(line) for line in lines)
