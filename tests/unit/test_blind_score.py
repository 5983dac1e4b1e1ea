"""The scorer counts as the docstring says: whole spans, any character eaten, words that are nobody's."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden import blind, score

HEAD = "=== en-999\nstyle: note, one line\nknown: ROE^JANE\n---\n"
(REPORT,) = blind.parse(
    HEAD
    + "Dr [[HCW|Jane Roe]] saw a [[eponym|Colles]] fracture at 10:30, [[duration|3 weeks]] old, in [[either|2016]]."
)


def spans(*words: str) -> list[tuple[int, int]]:
    """Return where the words stand in the text."""
    return [(REPORT.text.index(word), REPORT.text.index(word) + len(word)) for word in words]


def test_a_part_of_a_name_is_a_leak() -> None:
    """Half a name found is a name missed, and the report is not clean."""
    assert score.score([REPORT], [spans("Jane")]).clean == 0
    whole = score.score([REPORT], [spans("Jane", "Roe")])
    assert (whole.clean, whole.recall, whole.errors) == (1, 1.0, [])


def test_one_character_eats_a_clinical_word() -> None:
    """A span that touches an eponym or a duration has eaten it, and the error says which."""
    made = score.score([REPORT], [spans("Jane Roe", "Col", "weeks")])
    assert made.eaten == {"E": 1, "T": 1}
    assert [each["text"] for each in made.errors] == ["Colles", "3 weeks"]


def test_titles_times_and_either_are_nobody_s_words() -> None:
    """Whether a title, a time of day or a bare year goes makes no difference; a verb does."""
    neutral = score.score([REPORT], [spans("Dr", "10:30", "2016")])
    assert (neutral.removed, neutral.words) == (0, 9)
    assert score.score([REPORT], [spans("saw")]).removed == 1


def test_nothing_found_is_scored_as_nothing() -> None:
    """A scrubber that does nothing has no recall on any language, and eats nothing."""
    reports = blind.load()
    made = score.score(reports, [[]] * len(reports))
    assert (made.recall, made.removed, sum(made.eaten.values())) == (0.0, 0, 0)
    assert made.clean == sum(bool(report.no_phi) for report in reports)


def test_the_annotations_themselves_score_full() -> None:
    """Its own answer scores 1 on every report, and no identifier lies inside a clinical word."""
    reports = blind.load()
    made = score.score(reports, [[(span.start, span.end) for span in report.spans] for report in reports])
    assert (made.recall, made.clean, made.removed, made.errors) == (1.0, len(reports), 0, [])


@pytest.mark.slow
def test_the_command_scores_the_product(tmp_path: Path) -> None:
    """The command prints figures and no text of a report; texts go only to the file asked for."""
    file = tmp_path / "errors.jsonl"
    command = [sys.executable, score.__file__, "--language", "es", "--errors", str(file)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.startswith("all ")
    names = {span.text for report in blind.load("es") for span in report.spans if span.label in {"PT", "HCW"}}
    assert [name for name in names if len(name) > 4 and name in printed] == []
    assert file.exists()
