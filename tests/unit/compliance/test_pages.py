"""Pages that officers read: Data Docs and the report."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydicom.sr.codedict import codes

from curate import contracts
from curate.compliance.data_docs import write_data_docs
from curate.compliance.pages import visible
from curate.compliance.report import write_report
from curate.compliance.words import ENGLISH
from curate.errors import ContractBroken, Reason
from curate.validate import Check, Verdict

HOSTILE = '<script>alert(1)</script>"\'&<img src=x onerror=alert(2)>\u202e\u2066\u200b=HYPERLINK("http://x","y")\x1b[31m{{7*7}}'
VOID = {"meta", "br", "rect", "wbr", "img"}


def check(number: int, suite: str = "image_text", **fields: Any) -> Check:
    """A check that passed, unless `fields` say otherwise."""
    made = Check(f"{suite}.{number}", f"Sentence {number}.", "expect_x", "split", "critical", "passed", 1200, 0)
    return replace(made, **fields)


def verdicts() -> list[Verdict]:
    """Two suites: one sound with a warning, one with a failure and an error."""
    noted = check(14, severity="warning", outcome="failed", unexpected=3)
    bad = check(2, "journal", outcome="failed", unexpected=7), check(3, "journal", outcome="error")
    return [Verdict("image_text", 1200, (check(10), noted)), Verdict("journal", 9000, (check(1, "journal"), *bad))]


def test_statements_of_the_policy_stand_in_the_report(tmp_path: Path) -> None:
    """What the policy states is shown as text, whatever it holds; what it does not is said to be missing."""
    told = facts()
    told["run"]["governance"] = {"controller": f"Hospital {HOSTILE}", "purpose": ""}
    write_report(told, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Hospital &lt;script&gt;" in page
    assert page.count("not stated") == 5
    assert "<script" not in page


def facts(found: list[Verdict] | None = None) -> dict[str, Any]:
    """Facts of a small release, as `curate.release` makes them."""
    fields = ("stage", "target", "action", "rule", "count")
    actions = [
        ("dicom", "(0010,0010)", "Z", "PS3.15 E.1-1 basic", 2100),
        ("dicom", "(0010,0020)", "Z", "PS3.15 E.1-1 basic", 900),
        ("text", "NAME", "replace", "known", 801),
        ("pixels", "burned_in_text", "black_out", "detector", 1),
    ]
    return {
        "run": {
            "version": "0.1.0", "policy_digest": "ab" * 32, "profile_codes": ["113107", "113100"],
            "contracts": {"journal": "1.0", "image_text": "1.3"},
        },
        "counts": {
            "patients_in": 30, "studies_in": 40, "instances_in": 3000, "reports_in": 45,
            "published": {"patients": 20, "studies": 30, "instances": 2000, "reports": 30, "images": 500},
            "quarantined": {"text_remains": 3, "residue": 12}, "refused_by_policy": {"duplicate": 1000},
        },
        "splits": {"train": 28, "test": 2}, "modalities": {"MR": 10, "CT": 20}, "sections": {"findings": 30},
        "actions": [dict(zip(fields, each, strict=True)) for each in actions],
        "verdicts": [asdict(each) for each in (verdicts()[:1] if found is None else found)],
        "residue": {"searched": 30, "hits": 12},
    }  # fmt: skip


def report(place: Path, told: Mapping[str, Any]) -> str:
    """The text of the report of some facts."""
    write_report(told, place / "compliance" / "report.html")
    return (place / "compliance" / "report.html").read_text(encoding="utf-8")


def docs(place: Path, found: list[Verdict]) -> dict[str, str]:
    """The pages of the Data Docs by name."""
    write_data_docs(found, place)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(place.iterdir())}


def every_page(place: Path) -> dict[str, str]:
    """All pages, of the facts above."""
    return {**docs(place / "docs", verdicts()), "report.html": report(place, facts(verdicts()))}


class Outline(HTMLParser):
    """Collects tags, attributes and the text of a page, and whether every element was closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text, self._open = "", [""]
        self.feed(page)
        self.close()
        self.unclosed = self._open[1:]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; one that has an end is open."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The end must be that of the last open element."""
        if tag not in VOID:
            assert self._open.pop() == tag
        if tag in {"td", "th"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if self._open[-1] != "style":
            self.text += data


def flat(page: str) -> str:
    """The text of a page with single spaces."""
    return " ".join(Outline(page).text.split())


def test_pages_load_nothing_and_run_nothing(tmp_path: Path) -> None:
    """No script, no address, no style or event on an element, and a policy that allows the one stylesheet alone."""
    for page in every_page(tmp_path).values():
        outline = Outline(page)
        assert not {"script", "link", "img", "iframe", "object", "form", "base", "embed"} & set(outline.tags)
        assert not re.search(r"https?:|//|url\(|@import|javascript:", page)
        assert not [name for name, _ in outline.attributes if name.startswith("on") or name in {"style", "src"}]
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        allowed = f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
        assert ("content", f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'") in outline.attributes


def test_pages_are_well_formed_and_can_be_read_aloud(tmp_path: Path) -> None:
    """Elements close in order; a language, one h1, headings without gaps, captions and scopes are there."""
    for page in every_page(tmp_path).values():
        outline = Outline(page)
        assert outline.unclosed == []
        assert ("lang", "en") in outline.attributes
        assert outline.tags.count("h1") == 1
        levels = [int(tag[1]) for tag in outline.tags if re.fullmatch(r"h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert outline.tags.count("table") == outline.tags.count("caption") > 0
        assert outline.tags.count("th") == [name for name, _ in outline.attributes].count("scope")


def test_outcomes_are_told_in_words(tmp_path: Path) -> None:
    """Colour is not the only sign: every outcome has its word, and errors are told apart from failures."""
    pages = docs(tmp_path, verdicts())
    assert flat(pages["image_text.html"]).count("✓ passed") == 1
    assert "△ noted" in flat(pages["image_text.html"])
    assert "✗ failed" in flat(pages["journal.html"])
    assert "! could not be checked" in flat(pages["journal.html"])
    assert "2 of 3 critical checks of journal did not pass." in flat(pages["index.html"])
    assert "All 1 critical checks of the table image_text passed; 1 of 1 warnings were noted." in flat(
        pages["index.html"]
    )


def test_each_check_shows_its_id_sentence_and_counts(tmp_path: Path) -> None:
    """A row of a suite's page: id, sentence, field, severity, outcome, entries, breaking."""
    page = flat(docs(tmp_path, verdicts())["image_text.html"])
    assert "image_text.14 Sentence 14. split warning △ noted 1,200 3" in page


def poison(value: Any, hostile: str = HOSTILE, *, names: bool = False) -> Any:
    """The same facts with every free string made hostile, names of tallies too; what is an enumeration stays."""
    if isinstance(value, dict):
        tallies = {"contracts", "quarantined", "refused_by_policy", "splits", "modalities"}
        kept = {"severity", "outcome"}
        return {
            (name + hostile if names else name): each if name in kept else poison(each, hostile, names=name in tallies)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [poison(each, hostile) for each in value]
    return f"{value}{hostile}" if isinstance(value, str) else value


def no_trace(page: str) -> None:
    """Fail where a hostile string is more than text: as an element, an attribute, or a character that hides."""
    outline = Outline(page)
    assert "<script" not in page.lower()
    assert "script" not in outline.tags
    assert "img" not in outline.tags
    assert not [name for name, _ in outline.attributes if name.startswith("on")]
    assert not set("\u202e\u2066\u200b\x1b") & set(page)
    assert "49" not in re.findall(r"\[31m(.{2})", page)  # {{7*7}} was not evaluated
    assert "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>[U+202E][U+2066][U+200B]" in outline.text.replace(
        "\n", ""
    )


def test_hostile_strings_come_out_as_text(tmp_path: Path) -> None:
    """Markup, quotes, templates and reordering characters in any string field are shown, not obeyed."""
    no_trace(report(tmp_path, poison(facts(verdicts()))))
    found = [
        replace(each, checks=tuple(Check(**poison(asdict(check))) for check in each.checks)) for each in verdicts()
    ]
    pages = docs(tmp_path / "docs", found)
    for name in ("image_text.html", "journal.html"):
        no_trace(pages[name])


def test_suite_name_cannot_leave_the_directory(tmp_path: Path) -> None:
    """The name of a suite becomes a file name only when it is a plain name."""
    for name in ("../x", "a/b", "A", "x.html\n", ""):
        with pytest.raises(ContractBroken):
            write_data_docs([Verdict(name, 1, (check(1),))], tmp_path / "docs")
    assert not (tmp_path / "docs").exists()


def test_report_is_the_same_whatever_the_order_of_its_facts(tmp_path: Path) -> None:
    """Facts read back from JSON, with their names sorted, give the same bytes; so does writing them twice."""
    told = facts(verdicts())
    again = json.loads(json.dumps(told, sort_keys=True))
    again["actions"].reverse()
    assert report(tmp_path / "a", told) == report(tmp_path / "b", told) == report(tmp_path / "c", again)


def test_no_page_promises_too_much(tmp_path: Path) -> None:
    """Pseudonymised data stay personal data; no page claims more."""
    pages = every_page(tmp_path)
    assert not [name for name, page in pages.items() if "anonym" in page.lower()]
    assert "They stay personal data." in flat(pages["report.html"])
    assert "What this does not say" in flat(pages["report.html"])


def test_report_tells_what_came_in_and_went_out(tmp_path: Path) -> None:
    """Numbers of each unit as text, as a table and as a bar whose length is the share."""
    page = report(tmp_path, facts())
    assert "20 of 30 patients (67%), 30 of 40 studies (75%), 2,000 of 3,000 instances (67%)" in flat(page)
    assert "instances 3,000 2,000 1,000" in flat(page)
    widths = [int(each) for each in re.findall(r'class="went"[^>]*width="(\d+)"', page)]
    assert widths == [347, 390, 347, 347]


def test_report_accounts_for_everything(tmp_path: Path) -> None:
    """In = published + held back + not wanted; what is missing is told, loudly, under its check."""
    told = flat(report(tmp_path / "a", facts()))
    assert "Everything is accounted for: what came in was published, held back or not wanted. [accounting.1]" in told
    short = facts()
    short["counts"]["quarantined"]["residue"] = 5
    page = report(tmp_path / "b", short)
    assert "7 instances and reports are not accounted for. [accounting.1]" in flat(page)
    assert 'class="box bad"' in page


def test_source_with_nothing_of_a_unit_divides_by_nothing(tmp_path: Path) -> None:
    """No report came in: no share, no error. No verdict, no action, nothing refused: told so."""
    empty = facts([])
    empty["counts"] |= {"reports_in": 0, "quarantined": {}, "refused_by_policy": {}}
    empty["actions"] = []
    told = flat(report(tmp_path, empty))
    assert "no reports" in told
    assert "Nothing was held back." in told
    assert "The journal is empty." in told
    assert "No checks are on record." in told


def test_report_sums_the_journal_by_rule(tmp_path: Path) -> None:
    """A rule has the number of its targets and how often it was applied; the annex has every target."""
    page = flat(report(tmp_path, facts()))
    assert "PS3.15 E.1-1 basic Z emptied or replaced 2 3,000" in page
    assert "(0010,0020) Z PS3.15 E.1-1 basic 900" in page
    assert "In short: blacked out once." in page
    assert page.index("DICOM headers") < page.index("Report texts") < page.index("In short: blacked out")


def test_sentences_about_checks_cite_them(tmp_path: Path) -> None:
    """What the summary says of a suite, of the accounting and of residue has an id in brackets behind it."""
    page = flat(report(tmp_path, facts(verdicts())))
    for cited in ("[image_text.*]", "[journal.*]", "[accounting.1]", "[residue.1]", "[image_text.10]"):
        assert cited in page


def test_every_reason_has_a_sentence() -> None:
    """A reason that the code can give is explained to the officer, and no other."""
    assert set(ENGLISH["reasons"]) == {each.value for each in Reason}


def test_headlines_are_checks_that_exist() -> None:
    """The checks that the summary names are in the suites, and are critical."""
    suites = [contracts.suite(name)["expectations"] for name in ("image_text", "journal")]
    known = {each["meta"]["id"]: each for suite in suites for each in suite}
    assert {known[each]["severity"] for each in ENGLISH["headlines"]} == {"critical"}


def test_profile_codes_have_the_names_of_the_standard() -> None:
    """Codes of the de-identification profile are those of PS3.16 CID 7050, as pydicom has them."""
    standard = {
        getattr(codes.cid7050, name).value: getattr(codes.cid7050, name).meaning for name in codes.cid7050.dir()
    }
    assert ENGLISH["profile"] == standard


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain ü 漢", "plain ü 漢"), ("a\u202eb", "a[U+202E]b"), ("a\nb", "a[U+000A]b"), ("\ud800", "[U+D800]")],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    """Letters of any script stay; what hides, reorders or cannot be written is shown by its number."""
    assert visible(text) == shown
