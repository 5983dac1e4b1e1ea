"""Sections of German, French and Spanish reports, and of real ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.text.sections import cut, split_sections

REAL = Path(__file__).parents[3].parent / "shared" / "data" / "real" / "reports"

GERMAN = """CT Thorax vom heutigen Tag
Klinische Angaben: Husten seit 3 Wochen.
Fragestellung: Infiltrat?
Technik: Spirale nativ.
Voraufnahmen: Keine.
Befund:
Kein Infiltrat. Die Technik ist regelrecht.
Beurteilung: Unauffällig.
Nachtrag: Rücksprache erfolgt."""
FRENCH = """SCANNER THORACIQUE
INDICATION Toux depuis trois semaines.
TECHNIQUE : hélice sans injection.
Comparaison : aucune.
RESULTATS :
Pas de foyer. La technique est bonne.
CONCLUSION Examen normal.
Additif : relu."""
SPANISH = """TC de tórax
Datos clínicos: tos de tres semanas.
TECNICA: hélice sin contraste.
Estudios previos: no constan.
Hallazgos
Sin infiltrados. La técnica es correcta.
Impresión diagnóstica: normal.
Adenda: revisado."""


REPORTS = [
    (GERMAN, "Kein Infiltrat. Die Technik ist regelrecht.", "Unauffällig."),
    (FRENCH, "Pas de foyer. La technique est bonne.", "Examen normal."),
    (SPANISH, "Sin infiltrados. La técnica es correcta.", "normal."),
]


@pytest.mark.parametrize(("report", "findings", "impression"), REPORTS, ids=["de", "fr", "es"])
def test_a_report_is_cut_by_the_headers_of_its_language(report: str, findings: str, impression: str) -> None:
    """Every section is found, with colon, alone on a line or in capitals; what stands before them is kept."""
    made = split_sections(report)
    assert set(made) == {"findings", "impression", "indication", "technique", "comparison", "addendum", "other"}
    assert (made["findings"], made["impression"]) == (findings, impression)
    assert made["other"] == report.splitlines()[0]
    assert "".join(header + body for _, header, body in cut(report)) == report


HEADERS = [
    ("Beurtielung:", "impression"),
    ("BEURTEILUNG", "impression"),
    ("Zusammenfassende Beurteilung:", "impression"),
    ("Ergaenzung:", "addendum"),
    ("Abschliessende Beurteilung:", "impression"),
    ("Rechtfertigende Indikation:", "indication"),
    ("Befunde :", "findings"),
    ("Résultats\u00a0:", "findings"),
    ("RÉSULTAT:", "findings"),
    ("Renseignements cliniques :", "indication"),
    ("Concusion :", "impression"),
    ("Au total :", "impression"),
    ("Halazgos:", "findings"),
    ("CONCLUSION:", "impression"),
    ("CONCLUSIÓN:", "impression"),
    ("Juicio diagnostico:", "impression"),
    ("Motivo de la exploración:", "indication"),
]


@pytest.mark.parametrize(("header", "section"), HEADERS)
def test_headers_with_and_without_accents_and_with_slips(header: str, section: str) -> None:
    """Accents left out, umlauts written out, hard blanks and misspellings do not hide a header."""
    assert split_sections(f"{header}\nText.") == {section: "Text."}


@pytest.mark.parametrize(
    "text",
    [
        "Der Befund ist unauffällig.\nBeurteilung erfolgt später durch den Kollegen.",
        "Le résultat est normal.\nConclusion de la réunion reportée.",
        "CONCLUSION",
        "El hallazgo principal es un quiste.",
    ],
)
def test_a_word_in_a_sentence_opens_nothing_and_nothing_is_lost(text: str) -> None:
    """A header word in running text is no header, and the text stays whole."""
    assert "".join(header + body for _, header, body in cut(text)) == text
    assert "impression" not in split_sections(text)


def real(folder: str) -> list[dict[str, Any]]:
    """Reports written by others."""
    path = REAL / folder / "reports.jsonl"
    if not path.exists():
        pytest.skip("the reports by others are not here")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_french_reports_by_others_have_findings_and_impression() -> None:
    """All fourteen, and nothing of them is lost."""
    reports = [report["Report"] for report in real("parrot_fr_CC-BY-NC-SA")]
    for report in reports:
        assert "".join(header + body for _, header, body in cut(report)) == report
    made = [split_sections(report) for report in reports]
    assert sum({"findings", "impression"} <= set(sections) for sections in made) == len(reports) == 14


def test_real_reports_come_apart_where_their_fields_ended() -> None:
    """300 chest reports, written out with headers: each field comes back as its section, word for word."""
    wrong = 0
    for report in real("openi_indiana_CC-BY-NC-ND"):
        names = [
            name for name in ("indication", "comparison", "findings", "impression") if (report[name] or "").strip()
        ]
        made = split_sections("\n".join(f"{name.upper()}: {report[name]}" for name in names))
        wrong += made != {name: report[name].strip() for name in made} or set(made) != set(names)
    assert wrong <= 3  # a field that itself holds a header
