"""The pages of a release in a real browser: nothing runs, nothing is fetched, nothing is blank."""

import re
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curate.compliance.data_docs import write_data_docs
from curate.compliance.words import Words
from curate.validate import Check
from tests.browser import listener, needs_browser, open_page, picture
from tests.unit.compliance.test_pages import docs, facts, poison, report, verdicts

# Each tells, if it ran or was fetched, by the title, by an attribute, or by a request to evil.example.
PAYLOADS = (
    "<script>document.title='ran'</script>",
    "<img src='http://evil.example/i.png' onerror=\"document.documentElement.dataset.ran='1'\">",
    "\"><svg onload=\"document.documentElement.dataset.ran='2'\">",
    "<iframe src='http://evil.example/f'></iframe><link rel=stylesheet href='http://evil.example/s.css'>",
    "<style>@import url(http://evil.example/c.css);body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/r'>",
    "javascript:document.title='ran'",
    "[link](http://evil.example/m) ![i](http://evil.example/n.png) `code` | cell |",
    "\u202egnp.exe \u001b[31mred\u001b[0m \u0000 \u200b",
    "=HYPERLINK(\"http://evil.example\",\"x\") +1 -1 @SUM(A1)",
    "{{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %>",
)  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The report and the Data Docs, each payload wherever a string of a policy or of the data could stand."""
    place, hostile = tmp_path_factory.mktemp("pages"), " ".join(PAYLOADS)
    told = facts(verdicts())
    told["run"]["governance"] = {"controller": "", "purpose": ""}
    report(place, poison(told, hostile))
    german = poison(told, hostile)
    german["run"]["governance"]["language"] = "de"
    report(place / "german", german)
    found = [
        replace(each, checks=tuple(Check(**poison(asdict(check), hostile)) for check in each.checks))
        for each in verdicts()
    ]
    docs(place / "docs", found)
    write_data_docs(found, place / "german" / "docs", Words("de"))
    return sorted(place.rglob("*.html"))


@needs_browser
def test_nothing_runs_and_nothing_is_fetched(pages: list[Path], tmp_path: Path) -> None:
    """No payload changes the document or asks for anything, and each is there to be read."""
    with listener() as (proxy, asked):
        for path in pages:
            shown = open_page(path, tmp_path / "profile", proxy)
            assert "data-ran" not in shown, path.name
            assert not re.search(r"<title>\s*ran\s*</title>", shown), path.name
            assert "document.title=" in shown or path.name == "index.html", path.name
    assert not [line for line in asked if "evil.example" in line]


@needs_browser
def test_a_page_that_runs_is_noticed(tmp_path: Path) -> None:
    """The same browser runs such a script and sends such a request when nothing stops it."""
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><title>x</title><body>{PAYLOADS[1]}{PAYLOADS[0]}</body>")
    with listener() as (proxy, asked):
        shown = open_page(page, tmp_path / "profile", proxy)
    assert "<title>ran</title>" in shown
    assert any("evil.example" in line for line in asked)


@needs_browser
def test_no_page_is_blank(pages: list[Path], tmp_path: Path) -> None:
    """Each page shows ink of several shades on the first screen."""
    for path in pages:
        with Image.open(picture(path, tmp_path / "profile", tmp_path / "page.png")) as shot:
            grey = np.asarray(shot.convert("L"))
        assert (grey < 128).mean() > 0.005, path.name
        assert len(np.unique(grey)) > 20, path.name
