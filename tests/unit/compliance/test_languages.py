"""Pages in every language: all of it is said, nothing of another language is left, and figures are written its way."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from curate import contracts
from curate.compliance.data_docs import write_data_docs
from curate.compliance.pages import environment, render
from curate.compliance.words import ENGLISH, LANGUAGES, Words, language_of
from curate.errors import ContractBroken, Reason
from curate.release import rebuild_report
from curate.review import Outcome
from curate.validate import Check, Verdict
from tests.unit.compliance.test_pages import Outline, check, facts, flat, no_trace, poison, report, verdicts

GERMAN = Words("de")
TEXTS = files("curate.compliance") / "texts"
SUITES = ("image_text", "journal", "tasks", "texts", "pairing", "quarantine", "instances", "reports")
# What a German page says as the English one does.
SHARED = {
    "Version",
    "radcurate",
    *(f"DICOM PS3.15 {name}" for name in ENGLISH["profile"].values()),
}
COUNTED = Outcome(
    studies=700, open=0, patients=299, leaking=0, planted=35, noticed=32, bound=0.00997, corrected_bound=0.0109
)
COMMITTED = {"manifest": "ab" * 32, "seed_sha256": "cd" * 32}


def read(name: str) -> dict[str, Any]:
    """One file of texts."""
    document: dict[str, Any] = json.loads((TEXTS / name).read_text(encoding="utf-8"))
    return document


def leaves(document: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the path of its key."""
    if isinstance(document, str):
        yield where, document
        return
    parts = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in parts:
        yield from leaves(value, f"{where}/{key}")


def real_verdicts() -> list[Verdict]:
    """Every check of every suite, some of which did not hold."""
    made = []
    for name in SUITES:
        checks = [
            Check(each["meta"]["id"], each["meta"]["sentence"], each["type"], "", each["severity"], "passed", 1200, 0)
            for each in contracts.suite(name)["expectations"]
        ]
        made.append(Verdict(name, 1200, tuple(checks)))
    sound, bad = verdicts()
    mixed = replace(bad, suite="mixed", checks=(*bad.checks, check(14, severity="warning", outcome="failed")))
    return [*made, sound, bad, mixed]


def full(language: str) -> dict[str, Any]:
    """Facts that have everything a report can speak of."""
    told = facts(real_verdicts())
    measures = {
        "persons": 1030, "classes": 4, "smallest": 2, "below": {"5": 3, "11": 9},
        "highest_risk": 0.5, "average_risk": 0.1333, "least_diverse": 1,
    }  # fmt: skip
    options = {"quasi_identifiers": ["sex", "age", "modality", "body_part"], "age_band": 10, "k": 5}
    told["counts"]["quarantined"] = {each.value: 2 for each in Reason} | {"of_tomorrow": 1}
    told["run"] |= {"profile_codes": list(ENGLISH["profile"]), "governance": {"language": language}}
    told["actions"] += [
        {"stage": stage, "target": "(0008,0050)", "action": action, "rule": "r", "count": 7}
        for stage in ENGLISH["stages"]
        for action in ENGLISH["actions"]
    ]
    return told | {"erased": 2, "risk": {"options": options, "before": measures, "after": measures}}


def bare(language: str) -> dict[str, Any]:
    """Facts of a release in which next to nothing happened, or was lost."""
    told = facts([])
    told["run"] |= {"profile_codes": ["1"], "governance": {"language": language}}
    told["counts"] |= {"reports_in": 0, "quarantined": {}, "refused_by_policy": {}}
    risk = full(language)["risk"]
    risk["options"] |= {"quasi_identifiers": [], "k": 1}
    return told | {"actions": [], "risk": risk}


def docs(place: Path, language: str) -> Iterator[str]:
    """The Data Docs of all suites; of the two that are there twice, the later."""
    write_data_docs(real_verdicts(), place, Words(language))
    yield from (path.read_text(encoding="utf-8") for path in sorted(place.iterdir()))


def of_review(language: str) -> Iterator[str]:
    """The pages of a review: at work, done, and its outcome in each way it can come out."""
    words = Words(language)
    yield render("review.html.j2", words, number=3, items=9, done=3, text="x", images=[0], root="/t")
    yield render("review.html.j2", words, number=0, items=9, done=3, text="x", images=[], root="/t")
    yield render("reviewed.html.j2", words, outcome=COUNTED)
    unfinished = Outcome(
        studies=700, open=3, patients=0, leaking=0, planted=0, noticed=0, bound=1.0, corrected_bound=1.0
    )
    for outcome in (COUNTED, unfinished):
        yield render("outcome.html.j2", words, outcome=outcome, commitment=COMMITTED)


def every_page(place: Path, language: str) -> list[str]:
    """Every page in one language, of facts that make it say everything it can."""
    silent = facts([]) | {"actions": []}
    silent["run"] |= {"governance": {"language": language}}
    reports = [
        report(place / name, told)
        for name, told in {"full": full(language), "bare": bare(language), "silent": silent}.items()
    ]
    return [*reports, *docs(place / "docs", language), *of_review(language)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages of each language lie."""
    return tmp_path_factory.mktemp("languages")


@pytest.fixture(scope="module")
def pages(place: Path) -> Mapping[str, list[str]]:
    """Every page by language."""
    return {language: every_page(place / language, language) for language in LANGUAGES}


class Nodes(HTMLParser):
    """Collects each text of a page, and what is read aloud for an element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._at = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Labels and alternative texts are said too."""
        self._at = tag
        self.found |= {value for name, value in attrs if name in {"alt", "aria-label", "title"} and value}

    def handle_data(self, data: str) -> None:
        """What stands between two tags, on one line; codes, styles and scripts say nothing."""
        said = " ".join(data.split())
        if re.search(r"[A-Za-z]{2}", said) and self._at not in {"style", "script", "code"}:
            self.found.add(said)


def said(pages: list[str]) -> set[str]:
    """Every text of some pages."""
    return set().union(*(Nodes(page).found for page in pages))


def english_of_templates() -> set[str]:
    """What the templates say, on one line each."""
    made = environment(ENGLISH)
    assert made.loader
    sources = [made.loader.get_source(made, name)[0] for name in made.list_templates(extensions=["j2"])]
    messages = [each[2] for source in sources for each in made.extract_translations(source)]
    return {" ".join(str(each[0] if isinstance(each, tuple) else each).split()) for each in messages}


def test_languages_have_the_same_keys() -> None:
    """What one language says by a key, every other says too, with the same values in it."""
    values = re.compile(r"\{\w+\}")
    english = dict(leaves(read("en.json")))
    german = dict(leaves(read("de.json")))
    assert english.keys() == german.keys()
    assert all(each.strip() or where == "/phrases/and" for where, each in german.items())
    extra = {key for key in english if set(values.findall(german[key])) - set(values.findall(english[key]))}
    assert extra == set()


def test_every_sentence_of_the_templates_is_translated_and_no_other() -> None:
    """A sentence that changes in English loses its translation, which is noticed here; values are the same."""
    german = read("de_pages.json")
    assert german.keys() == english_of_templates()
    values = re.compile(r"%\(\w+\)s|%%|<[^>]+>")
    assert [each for each in german if sorted(values.findall(each)) != sorted(values.findall(german[each]))] == []
    assert {each for each in german if german[each] == each} == {"Version"}


def test_templates_hold_no_sentence_that_cannot_be_translated(pages: Mapping[str, list[str]]) -> None:
    """What stands in a template outside the words of a language is a name or a number."""
    apart = said(pages["de"]) & said(pages["en"])
    told = json.loads(json.dumps(full("")))
    names = {*told["splits"], *told["modalities"], *(value for _, value in leaves(told) if not value.endswith("."))}
    names -= {"critical", "warning", "passed", "failed", "error"}
    cites = {each for each in apart if re.fullmatch(r"\[[\w .*/]+\]", each)}
    assert apart - SHARED - names - cites == {
        "Sentence 1.",
        "Sentence 2.",
        "Sentence 3.",
        "Sentence 10.",
        "Sentence 14.",
    }


def test_every_sentence_of_a_check_is_translated_and_no_other() -> None:
    """The suites in expectations/ say what holds; each sentence has its translation."""
    sentences = {each["meta"]["sentence"] for name in SUITES for each in contracts.suite(name)["expectations"]}
    german = read("de_checks.json")
    assert german.keys() == sentences
    assert [each for each in german if german[each] == each] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_used(language: str, pages: Mapping[str, list[str]]) -> None:
    """Each text by a key stands on a page when the facts call for it."""
    shown = " ".join(flat(page) for page in pages[language]).replace("\u00a0", " ")
    unused = []
    for where, text in leaves(read(f"{language}.json")):
        pattern = ".{1,120}?".join(map(re.escape, re.split(r"\{\w+\}", text.replace("\u00a0", " ")))).removeprefix(
            ".{1,120}?"
        )
        if not where.startswith("/numbers") and not re.search(pattern, shown):
            unused.append(where)
    assert unused == []


def test_no_english_word_is_left_on_a_german_page(pages: Mapping[str, list[str]]) -> None:
    """Words that only English has stand nowhere, not even within a sentence."""
    words = re.compile(r"\b(the|of|and|with|were|not|which|this|that|by|its|no|are|is)\b", re.IGNORECASE)
    free = {"Sentence", *SHARED}
    found = {text for text in said(pages["de"]) if words.search(text) and text not in free}
    assert found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_promises_too_much(language: str, pages: Mapping[str, list[str]]) -> None:
    """Pseudonymised data stay personal data, in every language."""
    assert not [page for page in pages[language] if "anonym" in page.lower().replace("pseudonym", "")]


def test_figures_are_written_as_the_language_writes_them(pages: Mapping[str, list[str]]) -> None:
    """Thousands, decimals and percent; the number of a check and a code stay as they are."""
    page = flat(pages["de"][0])
    assert (
        "Patienten: 20 von 30 (67 %), Untersuchungen: 30 von 40 (75 %), DICOM-Objekte: 2.000 von 3.000 (67 %)" in page
    )
    assert "Mittleres Risiko aller Personen (Marketer-Modell) 13,3 % 13,3 %" in page
    assert "[image_text.10]" in page
    assert GERMAN.number(1234567) == "1.234.567"
    assert (GERMAN.percent(0.0109, 2), ENGLISH.percent(0.0109, 2)) == ("1,09\u00a0%", "1.09%")


def test_the_law_is_cited_as_the_german_text_has_it(pages: Mapping[str, list[str]]) -> None:
    """Terms and articles of the DSGVO."""
    page = flat(pages["de"][0])
    for term in (
        "Verantwortlicher Art. 30 Abs. 1 lit. a", "Rechtsgrundlage Art. 6 Abs. 1, Art. 9 Abs. 2", "Empfänger",
        "Aufbewahrung bis", "Verzeichnis von Verarbeitungstätigkeiten (Art. 30 DSGVO)", "Datenschutz-Folgenabschätzung",
        "Für die Betroffenen", "Die Daten sind pseudonymisiert. Sie bleiben personenbezogene Daten.",
    ):  # fmt: skip
        assert term in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_name_their_language(language: str, pages: Mapping[str, list[str]]) -> None:
    """A reader who listens hears it spoken right; every element is closed."""
    for page in pages[language]:
        outline = Outline(page)
        assert outline.unclosed == []
        assert ("lang", language) in outline.attributes


def test_the_german_pdf_says_what_the_page_says(place: Path, pages: Mapping[str, list[str]]) -> None:
    """Every umlaut has its glyph, the document names its language, and no part of the page is missing."""
    page = pages["de"][0]
    held = PdfReader(BytesIO((place / "de" / "full" / "compliance" / "report.pdf").read_bytes()))
    shown = re.sub(r"\s+", "", "".join(re.sub(r"^\d+\s", "", each.extract_text()) for each in held.pages))
    parts = re.findall(r"<(h1|h2|h3|p|li|td|th|caption|text)\b[^>]*>(.*?)</\1>", page.partition("<body")[2], re.DOTALL)
    plain = [re.sub(r"\s+|[✓△✗]|&#\d+;", "", re.sub(r"<[^>]+>", "", inner)) for _, inner in parts]
    assert [each for each in plain if each not in shown] == []
    assert set("äöüÄÜß") <= set(shown)
    assert held.root_object["/Lang"] == "de"


def test_hostile_strings_come_out_as_text_in_german(tmp_path: Path) -> None:
    """Markup, quotes and templates in a value that stands within a German sentence are shown, not obeyed."""
    told = poison(facts(verdicts()))
    told["run"]["governance"] = {"language": "de"}
    page = report(tmp_path, told)
    assert ("lang", "de") in Outline(page).attributes
    no_trace(page)


@pytest.mark.parametrize("named", [None, "", "fr", "../de", "DE", 3])
def test_a_language_that_does_not_exist_is_english(named: object) -> None:
    """Evidence of an older release names none, and a changed one opens no other file."""
    told: Mapping[str, Any] = {"run": {"governance": {"language": named}}}
    assert language_of(told) == language_of({"run": {}}) == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_rebuilt_byte_for_byte(language: str, tmp_path: Path) -> None:
    """The evidence names the language, so `curate report` makes the same report again, and notices a changed one."""
    told = facts(verdicts())
    told["run"]["governance"] = {"language": language}
    page = report(tmp_path, told)
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "facts.json").write_text(json.dumps(told, sort_keys=True))
    assert rebuild_report(tmp_path) == "unchanged"
    (tmp_path / "compliance" / "report.html").write_text(page.replace("radcurate", "Radcurate"), encoding="utf-8")
    with pytest.raises(ContractBroken):
        rebuild_report(tmp_path)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "With 95 % confidence, at most 1.09% of the patients of the release leak"),
        ("de", "Mit 95 % Sicherheit steht bei höchstens 1,09 % der Patienten des Datensatzes noch eine"),
    ],
)
def test_the_outcome_of_a_review_is_said_in_one_sentence(language: str, sentence: str) -> None:
    """Sample, planted leaks, leaks and bound are there; an unfinished review, or a blind reviewer, bounds nothing."""
    *_, done, open_ = of_review(language)
    page = flat(done)
    assert sentence in page
    assert [each for each in ("299", "35", "32") if f" {each} " not in page] == []
    assert re.findall(r'href="([^"]*)"', done) == ["https://doi.org/10.1093/biomet/26.4.404"]
    assert 'class="box"' in done
    assert 'class="box bad"' in open_
    assert sentence[:20] not in flat(open_)
