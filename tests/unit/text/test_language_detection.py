"""Which language a report is in, and what happens to one that has no rules."""

import json
from pathlib import Path

import pytest

from curate.errors import PolicyError, Reason, Rejected
from curate.lines import scrub_lines
from curate.policy import Policy, TextOptions
from curate.text.languages.detection import detect, language_of

TEXTS = [
    ("en", "No evidence of pleural effusion. The lungs are clear and the heart is normal in size."),
    ("en", "FINDINGS: The right kidney was unremarkable. There is no hydronephrosis."),
    ("de", "Kein Nachweis eines Pleuraergusses. Die Lunge ist frei belüftet, das Herz ist normal groß."),
    ("de", "Befund: Keine Infiltrate. Kein Erguss."),
    ("fr", "Absence d'épanchement pleural. Le cœur est de taille normale et les poumons sont clairs."),
    ("fr", "Pas de lésion osseuse. Conclusion : examen sans particularité."),
    ("es", "No se observa derrame pleural. El corazón es de tamaño normal y los pulmones están limpios."),
    ("es", "Sin hallazgos patológicos en el riñón derecho."),
    ("nl", "Geen afwijkingen aan de longen. Het hart is niet vergroot en er is geen pleuravocht."),
    ("it", "Non si evidenziano lesioni focali del fegato. Il cuore è nei limiti."),
    ("pt", "Não há lesões focais no fígado. O coração não está aumentado e os rins são normais."),
    ("pl", "Płuca bez zmian ogniskowych. Serce nie jest powiększone, prawej strony nie widać zmian."),
    ("en", "Porter late, lift broken, chair lost, keys locked away, parking full, taxi booked, wife waiting; " * 4),
    ("en", "List,Moreau,theatre\nList,Dubois,waiting\nList,Garnier,cancelled\nList,Perrin,moved\nList,Roux,late"),
    ("de", "OP-Bericht l. 4 . d . Visite , Narbe reizlos\nDiagn.: Struma l , Zust. n. Resektion bei L. N. und D. S."),
    ("es", "Remei;BI-RADS 5;mama izda.;pendiente\nVidal;BI-RADS 2;mama dcha.;control\nCampos;BI-RADS 3;quiste;control"),
    ("fr", "Rappel de la malade pour une IRM\nD. L. ; N. S."),
    ("de", "SD-Sono: re. 9 ml, li. 7 ml, Knoten 8 mm, 3 mm, vermehrt perfundiert, Level II bis VI frei. Kontrolle"),
    (
        "es",
        "Ingresa de la sala. Firma el esposo. Punción con introductor 5 Fr. Shunt en la placenta, Gelfoam, y por el "
        "lado izquierdo coil 3 mm. Cierre con 6 Fr. Fluoro 18 min. Dx: ninguna lesión.",
    ),
    ("es", "<p>Lesi&oacute;n sobre el &aacute;ngulo, derecho, 4 mm. &Uacute;ltima revisi&oacute;n por la Dra. Sol</p>"),
    (
        "da",
        "Siden forrige undersøgelse er der ingen væsentlig ændring. Hjertet er ikke forstørret. Der ses ingen væske.",
    ),
    ("und", "Очаговых изменений в лёгких не выявлено."),
    ("und", "肺部未见异常,心脏大小正常。"),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_sentence_tells_its_language(language: str, text: str) -> None:
    """One or two sentences of a report suffice."""
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "CT 3 mm", "1.2 x 3.4 cm", "HWS", "Thorax a.p."])
def test_too_little_text_tells_nothing(text: str) -> None:
    """Where there is nothing to go by, no language is made up; the policy's is taken."""
    assert detect(text) is None
    assert language_of(text, TextOptions(language="fr")) == "fr"


def test_long_text_without_a_known_word_is_unsupported() -> None:
    """Forty words of which none is known are in a language that has no rules, not in the policy's."""
    assert detect("kuva lausuttu vertailu aiemmin tehty ranne murtuma luu " * 6) == "und"


def test_the_policy_decides_about_other_languages() -> None:
    """Without rules a report is refused, unless the policy wants it treated as one in its own language."""
    text = TEXTS[8][1]
    with pytest.raises(Rejected) as caught:
        language_of(text, TextOptions())
    assert caught.value.reason is Reason.LANGUAGE_UNSUPPORTED
    assert language_of(text, TextOptions(language="de", unsupported="treat_as")) == "de"
    with pytest.raises(Rejected):
        language_of(TEXTS[2][1], TextOptions(languages=("en",)))


def test_a_variant_of_the_detected_language_holds() -> None:
    """An English report under a British policy keeps the day first."""
    assert language_of(TEXTS[0][1], TextOptions(language="en-GB")) == "en-GB"


@pytest.mark.parametrize(
    "table", [{"languages": ["en", "xx"]}, {"languages": "en"}, {"languages": []}, {"language": "nl"}]
)
def test_a_policy_names_only_languages_that_have_rules(table: dict[str, object]) -> None:
    """A language without rules, or a language of last resort that is not among those taken, is refused."""
    with pytest.raises(PolicyError):
        Policy.parse({"text": table})
    taken = Policy.parse({"text": {"language": "de", "languages": ["de", "en"]}})
    assert taken.text.languages == ("de", "en")


def test_lines_of_many_languages_are_each_read_by_their_own_rules(tmp_path: Path) -> None:
    """A line in a language without rules comes back empty with the reason; its neighbours are scrubbed."""
    texts = {
        "a": "Compared with 3 March 2024, there is no change in the right lung.",
        "b": "Im Vergleich zum 3. März 2024 ist der Befund nicht verändert.",
        "c": "Par rapport au 3 mars 2024, il n'y a pas de changement.",
        "d": "No hay cambios con respecto al estudio del 3 de marzo de 2024.",
        "e": "Er is geen verandering sinds het vorige onderzoek van 3 maart 2024.",
    }
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps({"id": key, "text": text}) for key, text in texts.items()), encoding="utf-8")
    made = {row["id"]: row for row in map(json.loads, scrub_lines(str(file), Policy(), None))}
    assert list(made) == list(texts)
    assert made["e"] == {"id": "e", "text": "", "spans": [], "refused": "language_unsupported"}
    found = {key: [texts[key][span["start"] : span["end"]] for span in made[key]["spans"]] for key in "abcd"}
    assert found == {"a": ["3 March 2024"], "b": ["3. März 2024"], "c": ["3 mars 2024"], "d": ["3 de marzo de 2024"]}
