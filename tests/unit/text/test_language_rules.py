"""What the rules of German, French and Spanish take from a text, and what they leave."""

import pytest

from curate.policy import TextOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Identifier, IdentifierKind, Span
from curate.text import initials
from curate.text.languages import national, terms
from curate.text.recognize import recognizer

RECOGNIZER = recognizer(TextOptions(model="none"))

REMOVED = [
    # names
    ("de", "Sehr geehrter Herr Kollege Dr. med. Wiesner, wir danken.", ["Wiesner"]),
    ("de", "Wir berichten über Frau Müller, Anna, die sich vorstellte.", ["Müller", "Anna"]),
    ("de", "Patient: von der Heide, Hans-Peter", ["von der Heide, Hans-Peter"]),
    ("de", "Befundet von Weber. Rücksprache mit OA Dr. Klein.", ["Weber", "Klein"]),
    ("de", "Überweiser: Gemeinschaftspraxis Dres. Kurz und Lang", ["Kurz"]),
    ("de", "gez. Özdemir", ["Özdemir"]),
    ("de", "Mit freundlichen kollegialen Grüßen\n\nThomas Berger\nFacharzt für Radiologie", ["Thomas Berger"]),
    ("de", "Elektronisch freigegeben durch Sabine Krüger", ["Sabine Krüger"]),
    ("fr", "Mme DUPONT Jeanne, vue ce jour", ["DUPONT Jeanne"]),
    ("fr", "Je vous remercie de m'avoir adressé M. Jean-Pierre Lefèvre pour IRM.", ["Jean-Pierre Lefèvre"]),
    ("fr", "Médecin prescripteur : Dr Le Goff", ["Le Goff"]),
    ("fr", "Nom : PETIT  Prénom : Chloé", ["PETIT", "Chloé"]),
    ("fr", "Nom ZEROUAL   Prénom Yanis\nMEDECIN DEMANDEUR... KIEFFER", ["ZEROUAL", "Yanis", "KIEFFER"]),
    ("fr", "Patient Masculin   Opérateur Échographe\nLu et approuvé LEVASSEUR", ["LEVASSEUR"]),
    ("fr", "Cordialement,\nClaire Moreau\nRadiologue", ["Claire Moreau"]),
    ("fr", "Compte rendu validé par Sophie Martin", ["Sophie Martin"]),
    ("es", "Paciente: García López, María. Acude por dolor.", ["García López, María"]),
    ("es", "D. José Antonio Ruiz Izquierdo acude a consulta.", ["José Antonio Ruiz Izquierdo"]),
    ("es", "Nombre: Tania.\nApellidos: Fernandez De la Puebla.", ["Tania", "Fernandez De la Puebla"]),
    ("es", "Fdo.: Dra. Marta Sánchez Vela", ["Marta Sánchez Vela"]),
    ("es", "Atentamente,\nPablo Iglesias Moreno", ["Pablo Iglesias Moreno"]),
    ("de", "Die Gattin (Hermine) kommt mit, ihr Sohn, Jonas, auch.", ["Hermine", "Jonas"]),
    ("fr", "L'époux, Firmin, appelle. Chef de service : Pr Y. Le Bihan", ["Firmin", "Y. Le Bihan"]),
    ("es", "La recoge su mujer, Begoña. Hija: Chelo.", ["Begoña", "Chelo"]),
    ("de", "bitte an herrn wand und doktor gläser punkt", ["wand", "gläser"]),
    ("de", "Tanriverdi\nOberarzt             Diktat: tan / Schreibdienst: gk", ["tan", "gk"]),
    ("de", "Tumorkonferenz, Protokoll: KfN\nKein Befund.", ["KfN"]),
    ("fr", "Compte rendu sans particularité. (dactylo : vv)", ["vv"]),
    ("fr", "Pas de lésion.     FRAPPE : JM    ENVOYE", ["JM"]),
    ("es", "Sin hallazgos.    MECANOG PS    COPIA", ["PS"]),
    ("de", "Kein Nachweis einer Fraktur.     tz/mk", ["tz/mk"]),
    ("es", "Sin hallazgos. Secretario: J.M.T.\nCaso 5", ["J.M.T."]),
    (
        "es",
        "Resp.: su comadre Socorro. Lectores: Vidal / Campos. Avisa el sargento Perea",
        ["Socorro", "Campos", "Perea"],
    ),
    ("fr", "L'ECHOGRAPHISTE : S. BEN MILAD. Reçu par l'adjudant Sauvage", ["S. BEN MILAD", "Sauvage"]),
    ("de", "nachts hilft die Pflegekraft Oksana, Hebamme Wiebke kommt", ["Oksana", "Wiebke"]),
    ("de", "Frau Kollegin Jänner! Dres. Uhlenbrock . Sommer . von Rhaden", ["Jänner", "Sommer", "von Rhaden"]),
    ("de", "überlasse ich Herrn Kollegen v. d. Heyde.", ["v. d. Heyde"]),
    ("de", "Wir haben Linz kontaktiert. Tumorkonferenz vom 12. d. M.", ["Linz", "12. d. M."]),
    ("de", "Zentralröntgeninstitut                    1100 Wien\nBefund unauffällig", ["1100 Wien"]),
    ("fr", "Neurochir Toulouse ou Agen ? Chir B 204, Péd. 1", ["Toulouse", "Agen", "B", "1"]),
    # days
    (
        "de",
        "Montag, dem 18., mit Fieber; Mo 10.06., seit Pfingstmontag",
        ["Montag, dem 18", "Mo 10.06", "Pfingstmontag"],
    ),
    ("de", "geboren dritter zehnter achtundneunzig", ["dritter zehnter achtundneunzig"]),
    ("fr", "> lun. 8 : chute. Sonde changée le 9 (CH 16). Vue à la Toussaint", ["lun. 8", "9", "Toussaint"]),
    ("es", "El sábado 17 cumplió. Dolor desde Nochebuena. Vino el 9.", ["sábado 17", "Nochebuena", "9"]),
    # numbers
    (
        "es",
        "Cacho Ybarra\nM.P. 3318, anexo 7731, su hermana, de noventa y cuatro, vive",
        ["3318", "7731", "noventa y cuatro"],
    ),
    (
        "es",
        "Claro nueve cuatro tres, cinco cinco cinco, cero uno nueve",
        ["nueve cuatro tres, cinco cinco cinco, cero uno"],
    ),
    ("fr", "Téléc. : 418 555-0162, poste 3307", ["418 555-0162, poste 3307"]),
    (
        "fr",
        "appeler le zéro septante-neuf, cinq cent onze, vingt-deux",
        ["zéro septante-neuf, cinq cent onze, vingt-deux"],
    ),
    ("fr", "Mme Hoarau, 96 a, vient\n > 10/7 : confusion", ["96", "10/7"]),
    ("de", "Ihr Zeichen: BK 4101/2-7783.19, Zugangscode 7FQ-99-XK", ["BK 4101/2-7783.19", "7FQ-99-XK"]),
    (
        "de",
        "Fax null acht null drei eins Strich vier vier zwei neun",
        ["null acht null drei eins Strich vier vier zwei neun"],
    ),
    ("de", "geboren vierter vierter einunddreißig, nummer neun neun acht eins zwei", ["vierter vierter einunddreißig"]),
    ("de", "fallnummer neun neun acht eins zwei null punkt", ["neun neun acht eins zwei null"]),
    ("fr", "née le douze février mille neuf cent trente trois", ["douze février mille neuf cent trente trois"]),
    ("fr", "joignable au zéro sept cinquante-cinq douze trente", ["zéro sept cinquante-cinq douze trente"]),
    ("es", "nacida el tres de marzo del treinta y dos", ["tres de marzo del treinta y dos"]),
    ("es", "historia siete siete ocho uno dos cero punto", ["siete siete ocho uno dos cero"]),
    ("de", "Fallnummer: 2024-001234, Pat.-Nr. 778812", ["2024-001234", "778812"]),
    ("de", "Versichertennummer A123456780", ["A123456780"]),
    ("de", "Tel.: 030/1234567, Fax 0911 - 123 45-67, mobil 0151 23456789", ["030/1234567", "0911 - 123 45-67"]),
    ("de", "Die 93-jährige Patientin, der dreiundneunzigjährige Mann", ["93", "dreiundneunzig"]),
    ("fr", "IPP : 0012345678 NIR 2 55 08 14 168 025 38", ["0012345678", "2 55 08 14 168 025 38"]),
    ("fr", "Tél. 01 23 45 67 89 ou 06.12.34.56.78 ou +33 1 23 45 67 89", ["01 23 45 67 89", "06.12.34.56.78"]),
    ("fr", "Patient âgé de 94 ans, sa mère de quatre-vingt-dix-sept ans", ["94", "quatre-vingt-dix-sept"]),
    ("es", "NHC: 4875694. NASS: 85 62786597 86. DNI 12345678Z", ["4875694", "85 62786597 86", "12345678Z"]),
    ("es", "Nº Colegiado: 28 28 12345. CIPA 1234567890", ["28 28 12345", "1234567890"]),
    ("es", "Tfno: 912 345 678, móvil 600 123 456, +34 912 34 56 78", ["912 345 678", "600 123 456"]),
    ("es", "mujer de 95 años; su padre, de noventa y tres años", ["95", "noventa y tres"]),
    # places
    ("de", "wohnhaft Lindenstraße 7a, 80331 München", ["Lindenstraße 7a, 80331 München"]),
    ("de", "Am Alten Markt 5, 18055 Rostock", ["Am Alten Markt 5", "18055 Rostock"]),
    ("de", "Verlegung aus dem Klinikum Hohenfels auf Station 3B, Zimmer 12", ["Klinikum Hohenfels", "3B", "12"]),
    ("de", "Operation im Marienhospital, danach St. Josef-Krankenhaus", ["Marienhospital", "Josef-Krankenhaus"]),
    ("fr", "demeurant 12 bis rue des Lilas 75013 Paris", ["12 bis rue des Lilas 75013 Paris"]),
    ("fr", "opérée au CHU de Nantes, chambre 214, lit 2", ["CHU de Nantes", "214", "2"]),
    ("fr", "suivi à l'Hôpital Saint-Louis", ["Hôpital Saint-Louis"]),
    ("fr", "Dr Rose\nPlace de la Dîme 2\n3977 Grange-sous-Vex\n\nLe", ["Place de la Dîme 2", "3977 Grange-sous-Vex"]),
    ("fr", "hospitalisé du 21 au 28/11/2023", ["21", "28/11/2023"]),
    ("fr", "chaussée de Brunehaut 211 bte 4, 7354 Thulin", ["chaussée de Brunehaut 211 bte 4, 7354 Thulin"]),
    ("fr", "vue par la brigade de gendarmerie de Vaubreuil", ["gendarmerie de Vaubreuil"]),
    ("es", "Domicilio: C/ Valencia, 2, 5 C. CP: 13600.", ["C/ Valencia, 2, 5 C", "13600"]),
    ("es", "Avda. de la Constitución nº 14, 3º B, 41001 Sevilla (España)", ["Avda. de la Constitución nº 14", "41001"]),
    (
        "es",
        "natural de Cuenca, ingresa en el Hospital Universitario 12 de Octubre, cama 12",
        ["Cuenca", "12 de Octubre"],
    ),
    # typed small, in capitals without accents, or told by what stands before
    ("de", "Überweisung von Frau Kalk. Z. n. Sigmaresektion", ["Kalk"]),
    ("de", "301/2 frau engel - galle gestern, hausarzt dr wolf", ["engel", "wolf"]),
    ("de", "Bauer, Liam Matheo   m   *17.01.25", ["Bauer, Liam Matheo"]),
    ("de", "Heimeintritt Alterszentrum Blumenau am 1. Advent", ["Alterszentrum Blumenau", "1. Advent"]),
    ("de", "Lieber Thomas, danke für die Zuweisung", ["Thomas"]),
    ("de", "die vom 2. bis 21. Oktober 2025 bei uns auf Station Enzian nach", ["2.", "21. Oktober 2025", "Enzian"]),
    ("de", "Arbeitgeber Spedition Hellwege GmbH, FL-9499 Triesenrain", ["Spedition Hellwege GmbH", "FL-9499"]),
    ("es", "LUZ DARY\nCra 12 # 34-08 apto 302, barrio", ["Cra 12 # 34-08 apto 302"]),
    ("es", "RADIOLOGÍA LA HUASTECA, S.A. DE C.V.", ["RADIOLOGÍA LA HUASTECA, S.A. DE C.V."]),
    ("fr", "Ambulances Bonnefoy SARL", ["Ambulances Bonnefoy SARL"]),
    ("fr", "OPERATEUR.....: MURAT L     VALIDE: LMU", ["MURAT L"]),
    ("fr", "bilan passé au régulateur Delmas, son garçon Steeve", ["Delmas", "Steeve"]),
    ("fr", "sortie vers ehpad les glycines, poste quarante-deux dix-sept", ["ehpad les glycines", "quarante-deux"]),
    ("fr", "poste de santé de Keur Mbaye", ["poste de santé de Keur Mbaye"]),
    ("fr", "Patient : M. DA SILVA Joaquim, appel de M. Lasserre", ["DA SILVA Joaquim", "Lasserre"]),
    ("fr", "Docteurs F. Delacroix, M. Abitbol, S. Rey", ["F. Delacroix", "M. Abitbol"]),
    ("fr", "dictée, polyclinique de l'orangerie, lundi", ["polyclinique de l'orangerie"]),
    ("de", "vom dienst gesichert, dr. o. ludwig\n\nverdichtung", ["o. ludwig"]),
    ("de", "Termin bei Fr. Dr. Ganz. Schnider-Bosshard, geb. 19.05.1974, 9400 Rorschach", ["Ganz", "9400 Rorschach"]),
    ("de", "in Anwesenheit ihres Partners Reto informiert", ["Reto"]),
    ("es", "Nacida: 5/7/1957   CatSalut BOCA 0 570705 00 3", ["BOCA 0 570705 00 3"]),
    ("es", "Médico nuclear, COMB 29.883", ["29.883"]),
    ("de", "Proband: 07-0034   Initialen: S-L   Randomisierung", ["S-L"]),
    ("fr", "Sujet n° 250-0417-009       Initiales : A-K       Bras B", ["A-K"]),
    ("fr", "CD remis à Brahim Ait Oufella. Frappe : k.z.", ["k.z."]),
    ("es", "Dr. Nakasone en el tópico. Tipeo: e.q.", ["e.q."]),
    ("de", "| Patientin           | Zahn Rebecca, 19.02.1972, w |", ["Zahn Rebecca"]),
    ("fr", "| Patiente | AVRIL Maïté (nom de naissance LEGRAIN) |", ["AVRIL Maïté"]),
    ("de", "Altenbergrain 5, 3013 Bern\nFuss, Ueli | 12.08.1966 | PID 0815334", ["Fuss, Ueli"]),
    ("fr", "LE BRAS Rozenn, F, 91 ans (DDN 17/01/1933)", ["LE BRAS Rozenn"]),
    ("es", "Cama 2. Ángel, 19 años, moto en Apodaca", ["Ángel"]),
    ("de", "ÜBERWEISUNG 06   Quartal 3/24", ["3/24"]),
    ("de", "Hilusstenose, MRCP von Dezember: Klatskin", ["Dezember"]),
    ("de", "| Visum               | RA 04.02.2025 08:15 |", ["RA"]),
    ("de", "jóður, Ref. IS-77/204; AW/tq/pm", ["AW/tq/pm"]),
    ("es", "al correo baker arroba mayabnorte punto mx o por", ["baker arroba mayabnorte punto mx"]),
    ("fr", "lajambe je l'épelle l a j a m b e née", ["l a j a m b e"]),
    ("fr", "non biffe ça virgule docteur de villeneuve virgule avisé", ["de villeneuve"]),
    ("fr", "dévote aussi point signé docteur ange casalta cabinet imagerie", ["ange casalta"]),
    ("fr", "AVIS À DISTANCE N° 2AV-2023-0611", ["2AV-2023-0611"]),
    ("es", "Dra. Noemí Costilla  MN 118.204", ["118.204"]),
    ("es", "LA SRA. CUELLO AVISA. SE AVISA AL DR PUGH AL INTERNO 214.", ["PUGH"]),
    ("fr", "communiqué à l'infirmière pivot Kahente Diabo", ["Kahente Diabo"]),
    ("fr", "CENTRE D'ÉCHOGRAPHIE AL YASMINE\nDr Bennis", ["CENTRE D'ÉCHOGRAPHIE AL YASMINE"]),
    ("fr", "Voie du Tram 14                  Né(e) 30/08/2011", ["Voie du Tram 14"]),
    ("fr", "DELVAUX EMMA       NN 11.08.30-118.44", ["11.08.30-118.44"]),
    ("fr", "1200, boul. des Draveurs, Baie-Comeau (Québec)  G5C 2H7", ["Baie-Comeau (Québec)  G5C 2H7"]),
    ("fr", "CLINIQUE LES OLIVIERS, route de Gremda km 4,5, 3027 Sfax", ["route de Gremda km 4,5"]),
    ("fr", "comparable au scanner de mars.", ["mars"]),
    ("de", "KLEIN NÜCHTERN LASSEN, OP DURCH WEBER/KOCH HEUTE", ["WEBER", "KOCH"]),
    ("de", "Mit kollegialen Grüßen\nIhr K. Winter", ["K. Winter"]),
    ("de", "Herr Gion Caduff (Via Sogn Placi 4, 7180 Disentis)", ["Via Sogn Placi 4, 7180 Disentis"]),
    ("de", "gefunden von Nachtschw. Danuta.", ["Danuta"]),
    ("es", "10/12/2024.     Fdo. A. Ruiz de Azúa    c/c R. Larrea", ["A. Ruiz de Azúa", "R. Larrea"]),
    ("es", "Secretaria: M.ª Luz Bueno. Excusa", ["M.ª Luz Bueno"]),
    ("es", "parche de Dacron, Dr.\nCalvo (su sobrino)", ["Calvo"]),
    ("es", "Crosby Larragueta, U.   NA-990077   hoja 2/2", ["Crosby Larragueta, U."]),
    ("es", "Camino a Labranza km 4,5, Temuco", ["Camino a Labranza km 4,5"]),
    ("es", "Control junio 24.\nLa biopsia de agosto dio", ["junio 24", "agosto"]),
    ("es", "Estimado Fermín:\nTe escribo por tu paciente", ["Fermín"]),
    ("es", "CIRUJ CSENDES R., AYUD OYARZUN", ["CSENDES R.", "OYARZUN"]),
    ("es", "ROSARIO, 19 DE DICIEMBRE DE 2023", ["ROSARIO"]),
    ("es", "cama diecinueve, extensión cuatro cero siete siete", ["diecinueve", "cuatro cero siete siete"]),
    ("de", "ORIF Platz 9.12., OP Saal 4, Kontrolle (22.5.)", ["9.12.", "22.5."]),
    ("de", "PFLEGE: D. JEYARATNAM     VISUM DJ", ["DJ"]),
    ("de", "Vogelgesang, Erna (Stat. Elisabeth 2) zum CT", ["Elisabeth 2"]),
    ("de", "Josef „Seppl“ Gstrein", ["Josef „Seppl“ Gstrein"]),
    (
        "fr",
        "Présents : Le Goff (chir), Kerbrat S. (rx), Ahmed Bouzid (anapath)",
        ["Le Goff", "Kerbrat S", "Ahmed Bouzid"],
    ),
    ("de", "Anwesend: Kurz (Patho), PD Dr. Billroth-Maas (Chir) und Frei", ["Kurz", "Billroth-Maas"]),
    ("fr", "- 2704 M. Vandenbossche : globe\n- 2711 Mme Sauvage : fibri\n- 2718 vide", ["2704", "2711", "2718"]),
    ("fr", "2) BLANC épouse ROUX Denise 30/11/47", ["BLANC", "ROUX Denise"]),
    ("fr", "4) LE BRIS Jean-Yves 8/1/50, adressé", ["LE BRIS Jean-Yves"]),
    ("fr", "Fiche rendue à 16h par VD.", ["VD"]),
    ("es", "colegiado cuatro seis doce mil ochocientos fin", ["cuatro seis doce mil ochocientos"]),
    ("es", "nacido el veintidós de octubre de mil novecientos setenta", ["mil novecientos setenta"]),
    ("es", "Flor\nMP 18.442", ["18.442"]),
    ("de", "aus Neustrelitz verlegt, Hausarzt in Völkermarkt", ["Neustrelitz", "Völkermarkt"]),
    ("fr", "maison de repos : sort le 16 si Rx ok", ["16"]),
    ("es", "Unidade 2 · Rúa do Progreso, 11 · 32003", ["Rúa do Progreso, 11"]),
    ("es", "644, 2º - (X5000) Córdoba - tel", ["X5000", "Córdoba"]),
    ("es", "urg cub 9 jovencito", ["9"]),
    ("de", "ko do, wenn verhalt -> ercp in graz, oa wohlgemuth anrufen", ["graz"]),
    ("es", "LA CRIO SU TIA EN SANTO DOMINGO ESTE Y DICE", ["SANTO DOMINGO ESTE"]),
    (
        "de",
        "kam erst am Sonnabend, dem 8.. Prof ist bis sonntag den 9. weg, war dienstag vor ostern da",
        ["Sonnabend, dem 8."],
    ),
    ("de", "bis sonntag den 9. weg, war am dienstag vor ostern da", ["sonntag den 9.", "dienstag vor ostern"]),
    ("es", "visto por de Crohn en consulta", ["Crohn"]),
    ("es", "CMP 44718 RNE 20955, PAMI 150-9983310-07", ["44718", "20955", "PAMI"]),
]
KEPT = [
    ("de", "Große Rundherde im Oberlappen, Lungenembolie, Herzgröße normal, Zwerchfellhochstand rechts."),
    ("de", "Baker-Zyste, Babinski-Zeichen, Typ Weber B, Morbus Crohn, M. Bechterew, Foley-Katheter, Kerley-B-Linien."),
    ("de", "Die Patientin klagt über Schmerzen. Patient nüchtern. Der Patient berichtet von Husten."),
    ("de", "Frau mit Kopfschmerzen seit 6 Wochen, 67-jährig, 2 Raumforderungen im Segment 4a von 12 mm."),
    ("de", "Beckenring intakt, Station der Untersuchung, Weg frei, in der Frauenklinik, Klinik: Husten."),
    ("de", "Befund: Regelrechte Stellung. Beurteilung: Keine Fraktur. Technik: CT nativ, Schichtdicke 3 mm."),
    ("de", "Vergleich: Voraufnahme. Empfehlung: Kontrolle in 3 Monaten. Diagnose: Pneumonie links basal."),
    ("fr", "Signe de Babinski négatif, maladie de Crohn, kyste de Baker, sonde Foley, polygone de Willis."),
    ("fr", "Patient de 54 ans. Rein droit de 11 cm, lésion du segment IV, étage L4-L5, séquences T1 et T2."),
    ("fr", "Petit épanchement. Grand axe de 12 mm. Absence de lésion. Clinique compatible avec une pneumopathie."),
    ("fr", "Indication : douleurs. Technique : coupes axiales. Conclusion : examen normal, pas de fracture."),
    ("fr", "Hôpital de jour. Le médecin a été prévenu. M. psoas normal. Passage en unité de soins."),
    ("fr", "Douleur scapulaire et Claude Bernard-Horner droit. Fréquence : PM à 12. Patiente | Examen | Date"),
    ("de", "Patientin | Untersuchung | Datum. Rückfragen: Labor. Quartal 3. Abdomen, Becken | 3 Serien"),
    ("es", "Signo de Babinski, enfermedad de Crohn, quiste de Baker, sonda Foley, vitamina D. Paciente estable."),
    ("es", "Riñón izquierdo de 11 cm, lóbulo derecho, cuello corto, masa de 3 x 4 cm, Gleason 7, estadio T1."),
    ("es", "Paciente de 75 años con dolor desde hace 6 semanas. Tratamiento: omeprazol 20 mg cada 24 horas."),
    ("es", "Hallazgos: sin alteraciones. Conclusión: estudio normal. Servicio de Urgencias. Hospital de día."),
    ("es", "Control 6 meses. Según McDonald 2017. Quirófano libre. Orden de menor a mayor."),
    ("fr", "Sonde de Foley CH 16 posée. Contrôle à 6 mois. Sulfate de baryum, 9 à 11 mm. Le 12 mm. Vu mardi à 8 h."),
    ("de", "Diagnose: M. Crohn, N. Suralis links. Prüfung nach F. Kocher-Linie. Z.n. Whipple-OP. Niveau L4/5."),
    ("de", "Station Innere verlegt. Station am Morgen. Kein Alkohol. Cl. difficile 2 - 3 Tage."),
    ("de", "Medikation lt. Liste. Buscopan 20 mg i.v.\n\nVolumen 52 ml. Scan im Anhang, CT alt im Archiv."),
    ("de", "CRP 8.1. Laktat 2.3. Größe 1,2, Abb. 2.1 und 3.1.2., s. Kap. 4.1. der Leitlinie."),
    ("de", "frau kommt morgen, ab fr fäden, frau wünscht entlassung, laut Befund unauffällig."),
    ("es", "MAMA DERECHA SIN HALLAZGOS. RECIBE TRATAMIENTO. GUARDIA TRANQUILA."),
    ("es", "TC pelvis por enf. de Crohn, fístula. Enf. de Hodgkin en 2019."),
    ("fr", "parenthèse point arc de Shenton rompu, segment IVa libre"),
    ("de", "Zyste im Lebersegment IVa. Lymphknoten in Station 4R bis 11 mm, Station 7 unauffällig."),
    ("de", "Berufskrankheit BK 4101 anerkannt. Die Firma Bracco spendiert die Jause, Firma Siemens wartet."),
    ("de", "Sehr geehrte Damen und Herren,\nwir berichten. Zahnstatus mit Wurzelstift 45, laut Tumorboard Kontrolle."),
    ("es", "España y Francia participan; Don de gentes no consta. Nombre del fármaco: heparina."),
]


@pytest.mark.parametrize(("language", "text", "values"), REMOVED)
def test_identifiers_go(language: str, text: str, values: list[str]) -> None:
    """Every letter and digit of an identifier is covered by some span."""
    covered = {at for span in RECOGNIZER.find([text], None, [language])[0] for at in range(span.start, span.end)}
    for value in values:
        start = text.index(value)
        assert [at for at in range(start, start + len(value)) if text[at].isalnum() and at not in covered] == []


@pytest.mark.parametrize(("language", "text"), KEPT)
def test_medicine_stays(language: str, text: str) -> None:
    """Findings, eponyms, levels, durations, ages up to 89 and headers are untouched."""
    assert [text[span.start : span.end] for span in RECOGNIZER.find([text], None, [language])[0]] == []


WORDS = [
    ("de", "Klein^Anna", "Kleine Läsion, klein. Frau Klein stellt sich vor.", ["Klein"]),
    ("fr", "Petit^Paul", "Petit kyste du rein. M. Petit va bien. Sinus petit.", ["Petit"]),
    ("es", "Izquierdo^Ana", "Riñón izquierdo normal. Ana Izquierdo acude. Pulmón Izquierdo.", ["Ana Izquierdo"]),
]


@pytest.mark.parametrize(("language", "name", "text", "found"), WORDS)
def test_a_known_name_that_is_a_word_needs_company(language: str, name: str, text: str, found: list[str]) -> None:
    """A patient called as a side or a size does not take that word out of the findings."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, name)])
    assert [text[span.start : span.end] for span in RECOGNIZER.find([text], known, [language])[0]] == found


def test_an_eponym_stays_beside_a_person_of_that_name() -> None:
    """A noun before it, or what is said of it, makes a sign of a name that a title announced elsewhere."""
    for language, text in (
        ("es", "Dr. Bertin informa. Columna de Bertin prominente. Dra. Horton: sin halo de Horton, Horton negativo."),
        ("fr", "Dr Engel. Engel III, à revoir. Dr Chiari : malformation de Chiari."),
    ):
        spans = RECOGNIZER.find([text], None, [language])[0]
        assert all("Dr" in text[max(0, span.start - 5) : span.start] for span in spans), spans
        assert len(spans) == 2


@pytest.mark.parametrize("text", ["Betreuer: Neffe Rolf Schöne, Tel. folgt", "begleitet von Sohn Rolf Schöne."])
def test_who_somebody_is_stays_before_the_name(text: str) -> None:
    """A relation behind another cue is no part of the name, also where it is the label of a field elsewhere."""
    assert [text[span.start : span.end] for span in RECOGNIZER.find([text], None, ["de"])[0]] == ["Rolf Schöne"]


def test_a_patient_with_a_date_of_birth_is_no_town() -> None:
    """As the place and day of a letter are: a surrogate of a person must be one."""
    for text, language in (("Frau Noëlle Lanz, 04.07.1992, PID 3391", "de"), ("Mme Ada Lanz, 04/07/1992", "fr")):
        spans = RECOGNIZER.find([f"Befund\n{text}"], None, [language])[0]
        assert spans[0].label == "NAME"


def test_half_of_a_joined_term_stays_beside_a_person_of_that_name() -> None:
    """In German too, where the noun that makes a term of it may be missing."""
    text = "Arzt: Dr. Salter.\nBefund: Salter-Harris II distaler Radius."
    spans = RECOGNIZER.find([text], None, ["de"])[0]
    assert [text[span.start : span.end] for span in spans] == ["Salter"]


def test_a_name_that_a_title_announced_is_found_again() -> None:
    """Where it stands alone, but not where it is an eponym."""
    text = "Dr. Wiesner bat um Kontrolle. Die Wiesner-Zyste ist ein Begriff. Laut Wiesner keine OP."
    spans = RECOGNIZER.find([text], None, ["de"])[0]
    assert [span.start for span in spans] == [text.index("Wiesner"), text.rindex("Wiesner")]


GUESSES = [
    ("de", "Babinski", "Babinski-Zeichen negativ", True),
    ("de", "Rundherd", "Ein Rundherd rechts", True),
    ("de", "Garden", "Fraktur nach Garden III", True),
    ("de", "Nowak", "Auf Wunsch von Nowak erfolgte", False),
    ("fr", "Willis", "polygone de Willis perméable", True),
    ("fr", "Alzheimer", "maladie d'Alzheimer", True),
    ("fr", "Nowak", "à la demande de Nowak", False),
    ("es", "Sjögren", "síndrome de Sjögren", True),
    ("es", "Riñones", "Riñones de tamaño normal", True),
    ("es", "Nowak", "a petición de Nowak", False),
]


@pytest.mark.parametrize(("language", "guess", "text", "vetoed"), GUESSES)
def test_the_guard_knows_the_nouns_of_each_language(language: str, guess: str, text: str, *, vetoed: bool) -> None:
    """A model's guess beside a head noun is an eponym; one with nothing clinical about it stands."""
    start = text.index(guess)
    assert terms.vetoes(text, Span(start, start + len(guess), "NAME", "ner"), language) is vetoed


@pytest.mark.parametrize(("language", "name", "label", "text"), [
    ("de", "stein", "NAME", "zna 9: stein, gallenstein bekannt"), ("de", "Virchow", "NAME", "Virchow-Drüse frei"),
    ("de", "Landesspital", "INSTITUTION", "geht an: Landesspital"),
    ("fr", "Rose", "NAME", "Rose de l'étage, rose pâle"), ("fr", "Rolando", "LOCATION", "le sillon de Rolando"),
    ("es", "m.f", "NAME", "informe de m.f. por turno"), ("es", "Cabeza", "NAME", "antes de que Cabeza firme"),
    ("es", "Hadlock", "NAME", "por Hadlock salen 33.5"),
])  # fmt: skip
def test_what_the_tagger_is_sure_of_needs_no_second_voice(language: str, name: str, label: str, text: str) -> None:
    """But for the terms of the table: whoever bears the name of one needs a title or a verb."""
    start, listed = text.index(name), name in {"Virchow", "Rolando", "Hadlock"}
    sure, less = (Span(start, start + len(name), label, "tagger", score) for score in (0.91, 0.45))
    assert terms.vetoes(text, sure, language) is listed
    assert terms.vetoes(text, less, language)


@pytest.mark.parametrize("heading", ["ANTWORT", "Miktionszystourethrogramm", "Abschlussbericht", "Sonographie"])
def test_a_heading_before_a_date_is_no_town(heading: str) -> None:
    """As a town is that heads a letter: "Toblach, 16.12.2024"."""
    found = {
        town: {f"{town}, 16.12.2024\nText"[span.start : span.end] for span in spans}
        for town in (heading, "Toblach")
        for spans in RECOGNIZER.find([f"{town}, 16.12.2024\nText"], None, ["de"])
    }
    assert found == {heading: {"16.12.2024"}, "Toblach": {"Toblach", "16.12.2024"}}


def test_half_a_place_is_none_however_sure_the_tagger_is() -> None:
    """A word that needs another behind it ends no place: "l'IRM de 2020"."""
    assert terms.vetoes("l'IRM de 2020", Span(2, 8, "INSTITUTION", "tagger", 0.99), "fr")
    assert not terms.vetoes("l'IRM Jonction", Span(2, 14, "INSTITUTION", "tagger", 0.99), "fr")
    assert not terms.vetoes("Centro El Ángel", Span(0, 9, "INSTITUTION", "tagger", 0.99), "es")  # the rest is found


@pytest.mark.parametrize(("text", "name", "language"), [
    ("Schwarz empfahl Kontrollen", "Schwarz", "de"), ("que Pardo me hizo notar", "Pardo", "es"),
    ("c'est le Ricou qui a prévenu", "Ricou", "fr"),
])  # fmt: skip
def test_a_word_may_be_a_name_for_who_is_rather_sure(text: str, name: str, language: str) -> None:
    """A colour or a noun with a capital, from 0.5 on; below it the words of the language decide."""
    start = text.index(name)
    likely, less = (Span(start, start + len(name), "NAME", "tagger", score) for score in (0.52, 0.45))
    assert not terms.vetoes(text, likely, language)
    assert terms.vetoes(text, less, language)


def test_from_certainty_on_no_table_outvotes_the_tagger() -> None:
    """A colleague called like an eponym; a noun that makes a term of the name still does."""
    text = "infiltration que Paget pourra faire, maladie de Paget"
    colleague, disease = (Span(at, at + 5, "NAME", "tagger", 0.995) for at in (17, 48))
    assert not terms.vetoes(text, colleague, "fr")
    assert terms.vetoes(text, disease, "fr")
    assert not terms.vetoes("técnico xbl", Span(8, 11, "NAME", "tagger", 0.995), "es")


@pytest.mark.parametrize(("text", "name", "label", "score", "vetoed"), [
    ("chez Ménière", "Ménière", "NAME", 0.96, False), ("chez Ménière", "Ménière", "NAME", 0.94, True),
    ("marché de Verneuil", "Verneuil", "LOCATION", 0.995, False), ("habite Target", "Target", "LOCATION", 0.995, False),
    ("habite Target", "Target", "LOCATION", 0.95, True), ("le sillon de Rolando", "Rolando", "LOCATION", 0.995, True),
    ("par casado", "casado", "URL", 0.9, False),
])  # fmt: skip
def test_a_table_is_a_voice_as_long_as_the_tagger_is_not_sure(
    text: str, name: str, label: str, score: float, *, vetoed: bool
) -> None:
    """A colleague or a village called like an eponym, a user called like a word, initials like a short form."""
    start = text.index(name)
    assert terms.vetoes(text, Span(start, start + len(name), label, "tagger", score), "fr") is vetoed


def test_a_word_behind_an_apostrophe_counts() -> None:
    """What stands behind that of "l'Anse" is a word of its own."""
    assert not terms.vetoes("GMF de l'Anse", Span(0, 13, "INSTITUTION", "tagger", 0.99), "fr")


@pytest.mark.parametrize("text", ["signé Aymon, merci", "Signé Djamila et Aymon", "non signée Aymon"])
def test_who_signed_is_no_sign(text: str) -> None:
    """The accent tells "signé Aymon" from "signe Aymon"."""
    start = text.index("Aymon")
    assert not terms.vetoes(text, Span(start, start + 5, "NAME", "tagger", 0.9), "fr")
    assert terms.vetoes("signe Aymon", Span(6, 11, "NAME", "tagger", 0.9), "fr")


RIGHT = ["86 095 742 719", "A123456780", "65 170839 J 003", "2 55 08 14 168 025 38", "10001234565", "12345678Z",
         "X1234567L", "28 12345678 40"]  # fmt: skip
WRONG = ["86 095 742 718", "A123456781", "65 170839 J 004", "2 55 08 14 168 025 39", "10001234566", "12345678A",
         "X1234567A", "28 12345678 41"]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), list(zip(RIGHT, WRONG, strict=True)))
def test_check_digits_decide(right: str, wrong: str) -> None:
    """A national number is found without a label when its check digits are right, and only then."""
    assert [right[span.start : span.end] for span in national.find(right)] == [right]
    assert list(national.find(wrong)) == []


def test_two_short_forms_of_medicine_are_no_initials() -> None:
    """A bar between "AP" and "LAT" makes two people of them no more than a side and a side."""
    assert not list(initials.find("Views of the knee, AP/LAT"))
    assert not list(initials.find_in("Aufnahmen in zwei Ebenen.  ap/lat", "de"))
    assert [span.start for span in initials.find_in("Kein Befund.  tz/mk", "de")] == [14]
