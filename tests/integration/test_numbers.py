"""Every number that an officer or a trainer reads resolves to entries of the ledger of the release."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from curate import ledger
from tests import synth
from tests.pipeline import make_release, make_workspace

_NUMBER = re.compile(r"(?<![\w.#/,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w/-]|,\d)")
_TAG = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)|CID 7050(?:: [\d, ]+)?")  # names of the standard, not figures
_ROW = ("stage", "target", "action", "rule")  # of what was done, with a count
_SPELT = {1000.0}  # "in so many of 1,000 studies"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of twelve patients, with much that was refused."""
    place = tmp_path_factory.mktemp("numbers")
    kinds = (("CT",), ("MR", "US"), ("DX",))
    people = [
        synth.patient(700 + seed, kinds=kinds[seed % 3], instances=2, charset="ISO_IR 100", report="txt")
        for seed in range(12)
    ]
    synth.write_archive(place / "source", people)
    synth.write_bad_inputs(place / "source")
    make_release(place / "source", make_workspace(place / "ws"), place / "release")
    return place / "release"


class Visible(HTMLParser):
    """Collects the text of a page that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """What is in a style sheet or a title is not shown."""
        self._hidden += tag in {"style", "title"}

    def handle_endtag(self, tag: str) -> None:
        """Shown again."""
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        """Keep it."""
        if not self._hidden:
            self.told.append(data)


def page(release: Path) -> str:
    """The text of the report."""
    shown = Visible()
    shown.feed((release / "compliance" / "report.html").read_text(encoding="utf-8"))
    return "\n".join(shown.told)


def card(release: Path) -> str:
    """The text of the card."""
    return (release / "README.md").read_text(encoding="utf-8")


def unresolved(text: str, release: Path) -> list[str]:
    """The numbers of a text that no entry gives: as it is, as a share in percent, as a sum, as a mean or its bounds."""
    entries = json.loads((release / ledger.NAME).read_text(encoding="utf-8"))["entries"]
    values = {each["id"]: each["value"] for each in entries if "id" in each}
    figures = {float(each) for each in values.values() if isinstance(each, int | float) and not isinstance(each, bool)}
    words = "\n".join([*(each for each in values.values() if isinstance(each, str)), *values])
    given = figures | set(sums(values)) | _SPELT
    found = [each[0] for each in _NUMBER.finditer(_TAG.sub("", text))]
    return [each for each in found if each not in words and not is_given(each, given, figures)]


def is_given(written: str, given: set[float], figures: set[float]) -> bool:
    """Whether a number is one of these, or, with a decimal, a share, a mean or a bound of some."""
    number = float(written.replace(",", ""))
    if number in given:
        return True
    decimals = len(written.partition(".")[2])
    return bool(decimals) and any(round(each, decimals) == number for each in shares(figures))


def shares(figures: set[float]) -> Iterator[float]:
    """Fractions as percent, quotients of counts, and Wilson's bounds (1927) of a share at 95 %, in percent."""
    counts = sorted(each for each in figures if each == int(each) and each <= 10_000)
    yield from (100 * each for each in figures if each <= 1)
    for part in counts:
        for whole in (each for each in counts if each > 0):
            yield part / whole
            if part <= whole:
                yield from bounds(part / whole, whole)


def bounds(share: float, whole: float) -> Iterator[float]:
    """Both of Wilson's bounds."""
    z = 1.959963985
    middle, width = share + z * z / (2 * whole), z * (share * (1 - share) / whole + z * z / (4 * whole * whole)) ** 0.5
    yield from (100 * each / (1 + z * z / whole) for each in (middle - width, middle + width))


def sums(values: dict[str, Any]) -> Iterator[float]:
    """What was done, added up by each combination of what it was done to, how, and by which rule."""
    places = sorted({each.rpartition("/")[0] for each in values if each.startswith("/actions/")})
    rows = [{name: values.get(f"{place}/{name}") for name in (*_ROW, "count")} for place in places]
    for many in range(len(_ROW)):
        for names in combinations(_ROW, many):
            totals: Counter[tuple[Any, ...]] = Counter()
            for row in rows:
                totals[tuple(row[name] for name in names)] += row["count"]
            yield from map(float, totals.values())


@pytest.mark.slow
def test_numbers_of_the_report_resolve(release: Path) -> None:
    """Each is an entry, or follows from entries."""
    assert unresolved(page(release), release) == []


@pytest.mark.slow
def test_numbers_of_the_card_resolve(release: Path) -> None:
    """Each is an entry, or follows from entries."""
    assert unresolved(card(release), release) == []


@pytest.mark.slow
def test_numbers_of_the_dpia_annex_are_the_entries_that_they_cite(release: Path) -> None:
    """Each figure of a sentence is one of the entries that it names, or their sum."""
    entries = json.loads((release / ledger.NAME).read_text(encoding="utf-8"))["entries"]
    values = {each["id"]: each["value"] for each in entries if "id" in each}
    annex = json.loads((release / "compliance/records/dpia_annex.json").read_text(encoding="utf-8"))
    told = list(cited(annex))
    assert len(told) > 5
    for sentence, pointers in told:
        held = [cited_value(each, values) for each in pointers]
        words, given = " ".join(map(str, held)), {float(each) for each in held if isinstance(each, int | float)}
        numbers = [each[0] for each in _NUMBER.finditer(sentence)]
        assert [each for each in numbers if each not in words and not is_given(each, given, given)] == [], sentence


def cited(node: Any) -> Iterator[tuple[str, list[str]]]:
    """The sentences of a record, each with the entries that it names."""
    if isinstance(node, dict) and {"text", "from"} <= node.keys():
        yield node["text"], node["from"]
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from cited(each)


def cited_value(pointer: str, values: dict[str, Any]) -> Any:
    """The entry at a pointer, 0 for a tally without it; with a query, the sum over the rows of a table that match."""
    table, _, query = pointer.partition("?")
    if not query:
        return values.get(pointer, 0)
    wanted = dict(each.split("=") for each in query.split("&"))
    rows = {each.rpartition("/")[0] for each in values if each.startswith(f"{table}/")}
    matching = [row for row in rows if all(values[f"{row}/{name}"] == each for name, each in wanted.items())]
    return sum(values[f"{row}/count"] for row in matching)


@pytest.mark.slow
@pytest.mark.parametrize("invented", ["987,654", "4711", "77.77%"])
def test_a_number_that_nobody_counted_is_found(release: Path, invented: str) -> None:
    """The search can fail."""
    number = invented.removesuffix("%")
    assert unresolved(f"{page(release)}\nThere are {invented} studies.", release) == [number]
