"""Persons, places and days that a German, French or Spanish sentence only mentions, and the words beside them."""

import pytest

from curate.policy import TextOptions
from curate.text.recognize import recognizer

RECOGNIZER = recognizer(TextOptions(model="none"))

REMOVED = [
    ("fr", "un thrombus, déjà noté par Bouchard à Dolbeau", ["Bouchard"]),
    ("fr", "Relu au staff de lundi par de La Borie.", ["de La Borie"]),
    ("fr", "Discussion. Florent veut l'Onyx 18", ["Florent"]),
    ("fr", "Dr Ch. Le Goff-Tehau, Copie : Mr Février", ["Ch. Le Goff-Tehau", "Février"]),
    ("fr", "Voyez Mme Marzin, à Pont-l'Abbé, ou à Villiers-sous-Bois", ["Pont-l'Abbé", "Villiers-sous-Bois"]),
    ("fr", "séance en salle Balisier, quartier Darou Minam", ["Balisier", "quartier Darou Minam"]),
    ("fr", "Elle a été prévenue le six, sort le 16 si tout va, lu en janvier", ["six", "16", "janvier"]),
    ("fr", "Validé à 11:42 G.P.\n\nTapé par R.J. le 11/04", ["G.P.", "R.J."]),
    ("fr", "Dossier 30018826. YQ/ml", ["YQ/ml"]),
    ("es", "Le expliqué a Luz y a su mamá", ["Luz"]),
    ("es", "Lo acepta Abril. Consuelo toleró mal la sesión", ["Abril", "Consuelo"]),
    ("es", "Arrilucea no lo compra. Zubiri sospecha otra cosa", ["Arrilucea", "Zubiri"]),
    ("es", "Nota (Sanclemente, cirugía): Pardo (cx) opera", ["Pardo"]),
    ("es", "murió para la fiesta de La Tirana; la de agosto pasado", ["fiesta de La Tirana", "agosto pasado"]),
    ("fr", "Cuvelier (chir) : opérable. Le scanner (radio) suit", ["Cuvelier"]),
    ("fr", "Bordelais maintient sa lecture, crise le jour des allumoirs", ["Bordelais", "allumoirs"]),
    ("de", "Zwernemann bleibt dabei, Röpke (NCH) auch", ["Zwernemann", "Röpke"]),
    ("de", "Nächster Scan in der Allerseelenwoche", ["Allerseelenwoche"]),
    ("es", "la romería de la Negrita y el paro del Día de Morazán", ["la Negrita", "Día de Morazán"]),
    ("es", "una tarde con la Amparito en la silla 8", ["Amparito", "8"]),
    (
        "fr",
        "Rendu 25/12, née LAGRANGE. Le premier tube était marqué « Sall », c'est Sarr.",
        ["25/12", "LAGRANGE", "Sall", "Sarr"],
    ),
    ("fr", "le staff du 27.\n\nn. b.", ["27", "n. b."]),
    ("de", "im Entwurf stand irrtümlich „Gössinger“, richtig ist Gösseringer", ["Gössinger", "Gösseringer"]),
    ("de", "Femke übrigens mit F und nicht „Vemke“ wie hier", ["Femke", "Vemke"]),
    ("de", "nach dem Osterwochenende, das Sekretariat (ml) lässt grüßen", ["Osterwochenende", "ml"]),
    ("de", "Der Fall: Traxlmayr von der Strahlentherapie ist weg", ["Traxlmayr"]),
    ("fr", "Teva  09:12\nréaction cutanée\nCourtot  09:33\nXenetix ?", ["Teva", "Courtot"]),
    ("fr", "effondré en montant au chalet des Tsuatsaux", ["chalet des Tsuatsaux"]),
    ("fr", "Votre associée Le Goaster a gardé le panoramique", ["Le Goaster"]),
    ("es", "\n5-VII, placa lateral; visto el sábado de Gloria", ["5-VII", "sábado de Gloria"]),
    ("es", "lo ayuda el padre de la iglesia de Güiria", ["iglesia de Güiria"]),
    ("de", "Petrak würde warten. Therapeutisch wurde gewartet.", ["Petrak"]),
    ("de", "mit Frau Ott vom Empfang, Herr Thomas vom Bruch", ["Ott", "Thomas vom Bruch"]),
    ("es", "El Ramón me espera en la garita", ["Ramón"]),
    ("es", "F.E. por turno de Eraso, que está en otra ciudad", ["Eraso"]),
    ("es", "le toca vender en el mercado de Tlaxiqui, sala Gimbernat", ["mercado de Tlaxiqui", "Gimbernat"]),
    ("es", "en Villa Cura Brochero, de Villanueva de la Reina", ["Villa Cura Brochero, de Villanueva de la Reina"]),
    ("es", "No viene el 30 porque; ya el 7 nos asustó; los cumplí el diecinueve", ["30", "7", "diecinueve"]),
    (
        "es",
        "en la TC de noviembre del 19, a primeros de junio de 2022",
        ["noviembre del 19", "primeros de junio de 2022"],
    ),
    ("es", "Betametasona todavía no.\n\nM. del C. F.", ["M. del C. F."]),
    ("es", "no es la dosis.\n\nfam / R.L.", ["fam", "R.L."]),
    ("es", "EL ALCAIDE SOTELO, CELDA 14, AUTORIZA", ["SOTELO", "14"]),
    ("es", "MEMORANDO N.° 0386-2022-EPPH-TOP", ["0386-2022-EPPH-TOP"]),
    ("de", "Anwesend: die Dahlke aus der Neurochirurgie. Für Dahlke gilt", ["Dahlke", "Dahlke"]),
    ("de", "heimgefahren wird sie vom Korbinian", ["Korbinian"]),
    ("de", "Gefangener ..... KOPF, Jerzy Andrzej genannt", ["KOPF, Jerzy Andrzej"]),
    ("de", "Sachbearbeiterin: Frau Ruth Käslin, Helvorsa Versicherung", ["Ruth Käslin"]),
    ("de", "Leichennummer L-2024-061, Gz. 7 St 118/24m", ["L-2024-061", "7 St 118/24m"]),
    (
        "de",
        "ist ausgebessert (Pichler, nicht Bichler); nicht „Ogbonaja“, sondern Ogbonnaya",
        ["Pichler", "Bichler", "Ogbonaja"],
    ),
    ("fr", "Ma manipulatrice (Olfa, pas Olga comme", ["Olfa", "Olga"]),
    (
        "fr",
        "Garde du quatorze au quinze, générateur. Vue le lendemain de la Toussaint",
        ["quatorze", "quinze", "lendemain de la Toussaint"],
    ),
    ("es", "Error en la 6: pone Farré y es Ferrer.", ["Farré", "Ferrer"]),
    ("es", "(11-II) Cojera. La víspera de Santa Águeda", ["11-II", "víspera de Santa Águeda"]),
    (
        "de",
        "Dienstag nach Kassian; am Pfingstsamstag; vom Zwölften; Haltestelle am Konsum",
        ["Pfingstsamstag", "Zwölften"],
    ),
    ("de", "(mp/zec)\nSerie erstellt. Nordlicht BKK", ["mp/zec", "Nordlicht BKK"]),
    ("de", "Die Kontrolle war Januar statt Juni", ["Januar", "Juni"]),
]
KEPT = [
    ("fr", "décrit par Todani, opéré par cœlioscopie, non au 3 T, arrêt du Zopiclone"),
    ("fr", "le 3 mm le plus bas, le 5e métacarpien, le deux tiers supérieur"),
    ("es", "descrito por Todani, revisado por TC, en el 12 % de los casos, día 6 de ingreso"),
    ("es", "el 38 retenido, del 4 mm"),
    ("de", "Der Patient möchte nach Hause, die Klinik ist der Hausarzt"),
    ("de", "Links, nicht Rechts; Inspiration, nicht Exspiration; Varus, nicht Valgus"),
    ("de", "LK Station 7 und 4R, bei Gorlin-Goltz"),
]


@pytest.mark.parametrize(("language", "text", "parts"), REMOVED)
def test_what_a_sentence_mentions_goes(language: str, text: str, parts: list[str]) -> None:
    """Every part, from its first to its last character."""
    spans = RECOGNIZER.find([text], languages=[language])[0]
    assert [part for part in parts if part not in {text[span.start : span.end] for span in spans}] == []


@pytest.mark.parametrize(("language", "text"), KEPT)
def test_what_is_medicine_stays(language: str, text: str) -> None:
    """Eponyms behind a participle, numbers with a unit, nouns behind an article."""
    assert [text[span.start : span.end] for span in RECOGNIZER.find([text], languages=[language])[0]] == []
