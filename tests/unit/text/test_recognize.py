"""What must go, what must stay, and what must not be mistaken in reports."""

import time
from itertools import pairwise

import pytest

from curate.errors import PolicyError, Problem
from curate.policy import TextOptions
from curate.privacy.identifiers import KnownIdentifiers
from curate.records import Identifier, IdentifierKind, Span
from curate.text.recognize import Recognizer, recognizer
from curate.text.trimming import trimmed

OPTIONS = TextOptions()

MUST_GO = [
    ("Findings were discussed with Dr. Foley at 3 PM.", "Foley", "NAME"),
    ("Patient: Margaret Holloway  MRN: 00483921", "Margaret Holloway", "NAME"),
    ("Patient: Margaret Holloway  MRN: 00483921", "00483921", "ID"),
    ("NAME: THORSTEINSSON, BJÖRN\nMR#: 4839-2210", "THORSTEINSSON, BJÖRN", "NAME"),
    ("PATIENT LONG^GRACE 900182736", "LONG^GRACE", "NAME"),
    ("Reading radiologist: Mei Tanaka\nRead back.", "Mei Tanaka", "NAME"),
    ("Dictated by: Emily Head, MD", "Emily Head", "NAME"),
    ("Electronically signed by: O'Brien-Smith, Aoife", "O'Brien-Smith, Aoife", "NAME"),
    ("Her husband, Viktor Petrenko, was informed.", "Viktor Petrenko", "NAME"),
    ("pt name zbigniew wójcik, mrn 20311877. liver normal.", "zbigniew wójcik", "NAME"),
    ("Reported 1/15/24 by K. Asante, Consultant Radiologist", "K. Asante", "NAME"),
    ("Lungs are clear.\n\nColin MacDougall, M.D.\nStaff Radiologist", "Colin MacDougall", "NAME"),
    ("Dr. van der Berg was called.", "van der Berg", "NAME"),
    ("Drs. Okafor and Lindqvist agree.", "Lindqvist", "NAME"),
    ("Name: 山田太郎  Age: 40", "山田太郎", "NAME"),
    ("Patient: محمد علي\nCT head", "محمد علي", "NAME"),
    ("off the cruise ship MS Halcyon Tern (cabin 7042)", "MS Halcyon Tern", "INSTITUTION"),
    ("our file 4471-HD; SSN ending 0931", "0931", "ID"),
    ("ORDER: ORD#55610277   DOS: 06/02/2025", "ORD#55610277", "ID"),
    ("2205 Sunflower Spur, Suite B", "2205 Sunflower Spur, Suite B", "ADDRESS"),
    ("Awake resection favoured by Drummond; others would wait", "Drummond", "NAME"),
    ("I put the slides under X:\\hozho\\roe.zip, sorry", "X:\\hozho\\roe.zip", "URL"),
    ("that'd be the twenty second. so we wait", "twenty second", "DATE"),
    ("stepped off a pump jack on the third.", "third", "DATE"),
    ("Prof. E. Tetteh; log typed dq/aa", "dq/aa", "NAME"),
    ("12:40 <Oriane> seen, normal", "Oriane", "NAME"),
    ("Exam dated 14 Mar 2024.", "14 Mar 2024", "DATE"),
    ("Compared with October 2021.", "October 2021", "DATE"),
    ("ADDENDUM 7/4: no change.", "7/4", "DATE"),
    ("Approved 20240118.", "20240118", "DATE"),
    ("Accession: CT-24-0091827", "CT-24-0091827", "ID"),
    ("SSN 219-09-9999", "219-09-9999", "ID"),
    ("NHS no 943 476 5919, GP", "943 476 5919", "ID"),
    ("lot number LOT 88-2201-B, used", "LOT 88-2201-B", "ID"),
    ("UID 1.2.840.113619.2.55.3.604688119 seen", "1.2.840.113619.2.55.3.604688119", "UID"),
    ("Please call (808) 555-0123 ext. 22 with questions.", "(808) 555-0123 ext. 22", "PHONE"),
    ("Bleep 2214.", "2214", "PHONE"),
    ("tel +49 30 1234567 today", "+49 30 1234567", "PHONE"),
    ("mail kchen@ris.local now", "kchen@ris.local", "EMAIL"),
    ("see https://portal.example.com/pt/88213 for it", "https://portal.example.com/pt/88213", "URL"),
    ("Lives at 1428 Elm Street, Apt 4B.", "1428 Elm Street, Apt 4B", "ADDRESS"),
    ("sent to PO Box 1187.", "PO Box 1187", "ADDRESS"),
    ("LOCATION 4 WEST ICU BED 12", "4 WEST ICU BED 12", "LOCATION"),
    ("Sweet, Honey  ICU 4 -> fluoro", "ICU 4", "LOCATION"),
    ("DOL 6, NICU cot 14. Cranial US normal.", "14", "LOCATION"),
    ("pt moved to rm 1207-2 after MR liver", "1207-2", "LOCATION"),
    ("she is in recovery bay eleven at present", "eleven", "LOCATION"),
    ("seen in theatre 3 for the drain", "3", "LOCATION"),
    ("now on trolley 22, awaiting CT", "22", "LOCATION"),
    ("fall at home in Reading, PA.", "Reading, PA", "LOCATION"),
    ("treated at Riverbend VA Medical Center for it", "Riverbend VA Medical Center", "INSTITUTION"),
    ("Staff Radiologist, Klinikum Hohenfels", "Klinikum Hohenfels", "INSTITUTION"),
    ("Block 9, Admiralty Way, Lagos\nHotline", "Block 9, Admiralty Way", "ADDRESS"),
    ("Assessments\n#4 - 2208 Dewdney Ave, Regina SK", "#4 - 2208 Dewdney Ave", "ADDRESS"),
    ("IMG LOC: CT BLDG 12", "12", "LOCATION"),
    ("Kealoha, Honolulu, Hawai'i 96822", "Hawai'i 96822", "LOCATION"),
    ("KOPANONG HOSPITAL - GAUTENG DEPARTMENT OF HEALTH", "GAUTENG DEPARTMENT OF HEALTH", "INSTITUTION"),
    ("JUN-11-2024  09:58  FROM: MAGNOLIA VEIN&VASC    6625550111", "MAGNOLIA VEIN&VASC", "INSTITUTION"),
    ("JUN-11-2024  09:58  FROM: MAGNOLIA VEIN&VASC    6625550111", "JUN-11-2024", "DATE"),
    ("Centre\n55 Main Street W., Grand Bend, ON", "55 Main Street W., Grand Bend", "ADDRESS"),
    ("stall at Block 216 Bedok North Street 1, Hep B", "Block 216 Bedok North Street 1", "ADDRESS"),
    ("copies to cblank at benefits dot example dot com today", "cblank at benefits dot example dot com", "EMAIL"),
    ("The wedding was fixed for November.", "November", "DATE"),
    ("VESSEL: M/V Stella Bicol", "M/V Stella Bicol", "INSTITUTION"),
    ("Case/Visit no..: 6124003381G", "6124003381G", "ID"),
    ("SSN (last 4) 0413     Release", "0413", "ID"),
    ("Hb 6.8, transfused 2/9 1 pint.", "2/9", "DATE"),
    ("treated after lambing, not before April.", "April", "DATE"),
    ("father Earl Price Sr. died of MI", "Earl Price Sr.", "NAME"),
    ("NAME: MAGBANUA, RODOLFO JR. Y.  AGE: 36", "MAGBANUA, RODOLFO JR. Y.", "NAME"),
    ("Drain kept under LA by Rickham sir, stable.", "Rickham", "NAME"),
    ("URGENT B/o Fathima Beevi K.P. twin 2", "Fathima Beevi K.P.", "NAME"),
    ("Sonographer: Jye Pfeiffer (JP)", "JP", "NAME"),
    ("Told Dr Raj Varghese.\nShe lands Tuesday. RV", "RV", "NAME"),
    ('<time value="20240118093012-0500"/>', "20240118093012-0500", "DATE"),
    ("Scan 12-02-2025 (13 Shaban 1446) on 1.5T", "13 Shaban 1446", "DATE"),
    ("HANDOVER 14/09/1445 H (24 MARCH 2024)", "14/09/1445 H", "DATE"),
    ("Peak 14 mm (January: 11 mm).", "January", "DATE"),
    (
        "02/15/2023 THU 16:42  FROM: OSCEOLA MOLECULAR IMG 2395550143  TO: 2395550199",
        "OSCEOLA MOLECULAR IMG",
        "INSTITUTION",
    ),
    ("PAT LOC: SPO-NEURO-TIA-X/WALLA\nIMG LOC: LAB", "SPO-NEURO-TIA-X/WALLA", "LOCATION"),
    ("(Case 188 COMPLETE) CAROTID DUPLEX", "188", "ID"),
    ("verified by BROWNR3 02/11/2023", "BROWNR3", "ID"),
    ("Event report eHOR 24-3392. I spoke", "eHOR 24-3392", "ID"),
    ("Recorded: AB    Countersigned: Dr Kurian", "AB", "NAME"),
    ("Minutes: TB.\n\n1. Bogdan", "TB", "NAME"),
    ("TSMC 41906; QA SVR", "SVR", "NAME"),
    ("Version 2: 4/10/24, FYS, typographical", "FYS", "NAME"),
    ("dr eimear toner gmc 6129937     (etj)", "etj", "NAME"),
    ("There: Naylor (ortho reg), Bhavesh", "Naylor", "NAME"),
    ("Naylor (rad onc) would biopsy", "Naylor", "NAME"),
    ('hosp 700418, "Mr K". 68, 45 pack-years', "K", "NAME"),
    ("Name: Rukhsana Bibi W/O Muhammad Aslam", "Rukhsana Bibi W/O Muhammad Aslam", "NAME"),
    ("Read by Imran Afridi FCPS and others", "Imran Afridi", "NAME"),
    ("A 92-year-old female.", "92", "AGE"),
    ("A ninety-three year old man.", "ninety-three", "AGE"),
]

MUST_STAY = [
    "A Foley catheter is in the bladder.",
    "Swan-Ganz catheter, Hickman line, Dobhoff tube and Port-a-Cath are unchanged.",
    "Paget disease. Crohn disease. Hashimoto thyroiditis. Known Parkinson disease.",
    "Hill-Sachs and Bankart lesions; Baker cyst; Schatzki ring; Morton neuroma.",
    "Salter-Harris II fracture. Kellgren-Lawrence grade 3. Pfirrmann grade IV. Bosniak IIF.",
    "LERICHE SYNDROME. HUNTER CANAL OCCLUSION. STANFORD TYPE B DISSECTION.",
    "Unseen eponyms stay before a head noun: Quimby sign, Arbuthnot ligament.",
    "L4-L5 disc bulge, T12 compression fracture, C5/6 stenosis, S1 nerve root.",
    "Sagittal T1, axial T2 FLAIR, DWI, STIR. 1.5T Siemens Aera. Tc-99m MDP 25 mCi.",
    "BI-RADS 4C. PI-RADS 5. TI-RADS 3 nodule. Lung-RADS 4A. ASPECTS 10. Gleason 3+4.",
    "Follow-up in 6 weeks, 12 months, 6/52 or the past 8 months; three days ago; 10/7.",
    "A 54-year-old man. A 9 year old girl. Age 89.",
    "The mass measures 1.2 x 3.4 x 5.6 cm, previously 11 mm, at 10 o'clock. HU 34.",
    "Images were obtained 90 seconds after contrast at 08:15.",
    "MR BRAIN WITHOUT CONTRAST. CHEST, PA AND LATERAL. DR CHEST.",
    "No significant change since the prior exam. Strength 5/5. Blood pressure 120/80.",
    "THE PATIENT TOLERATED THE PROCEDURE WELL.",
    "The Emergency Department was notified. Seen in the Breast Clinic.",
    "In ICU 3 weeks, then ICU 4 days. Whipple, CA 19-9 412 falling.",
    "Yes sir, software 13.6.0.5, port placement 36561, 76937-26, 77001-26.",
    "Dilated RV. Reviewed: CT.",
    "Visit: C5D1 (week 12). Whipple for pT2 N1 (2/19) R0.\nStanford B, DeBakey IIIb.",
    "ORTHO TRAUMA    1/2\nHOSPITAL    2/2\nSore L flank since. DAP 38.2 Gy.cm2, AK 214 mGy. 07:31 CST",
    "62M s/p Whipple POD 3, DOS unknown, POD #6.",
    "HOLLENHORST PLAQUE SEEN BY EYE CLINIC. MS T2 LESIONS. MR K-SPACE. Kidney (RT).",
    "Mallampati 4, Treacher Collins. Duroziez over the femoral and Austin Flint rumble.",
]


def found(text: str, known: KnownIdentifiers | None = None) -> list[tuple[str, str]]:
    """Value and label of each span."""
    spans = recognizer(OPTIONS).find([text], known)[0]
    return [(text[span.start : span.end], span.label) for span in spans]


@pytest.mark.parametrize(("text", "value", "label"), MUST_GO)
def test_identifier_is_found_with_its_label(text: str, value: str, label: str) -> None:
    """Each of these is found, as a whole, under its label."""
    assert any(value in each and label == kind for each, kind in found(text)), found(text)


@pytest.mark.parametrize("text", MUST_STAY)
def test_medicine_is_left_alone(text: str) -> None:
    """Eponyms, devices, levels, scores, durations, measurements and ages up to 89 identify nobody."""
    assert found(text) == []


def test_eponym_and_person_of_the_same_name_are_told_apart() -> None:
    """A title makes a person of what a head noun makes a device, in one and the same report."""
    assert found("Dr Foley and Dr DeBakey. Urinary Foley, no DeBakey II.") == [("Foley", "NAME"), ("DeBakey", "NAME")]
    read = "Dr Gleason. Gleason 3+4=7, Dr Palmer: Palmer 1B tear, Forrest Ib, Bennett vs Rolando, Meyerding I slip."
    assert found(read) == [("Gleason", "NAME"), ("Palmer", "NAME")]
    assert ("Palmer", "NAME") in found("Seen for the court. Dr Palmer told us. Palmer vs Wilson is heard in May.")[1:]
    assert found("Dr Marfan LeBlanc. Not a Marfan (no pun).") == [("Marfan LeBlanc", "NAME")]
    text = "Dr. Foley was called. The Foley catheter was removed. Signed: M. Foley"
    assert [text[s.start - 4 : s.start] for s in recognizer(OPTIONS).find([text])[0]] == ["Dr. ", "ed: "]


def test_half_of_a_joined_name_is_no_second_place_of_it() -> None:
    """Nobody calls Dr Leydig-Moore "Leydig", which is a cell; what is no term of medicine is still that person."""
    read = "Seen by Dr Leydig-Moore and Dr Smythe-Okonjo. Leydig vs seminoma. Called Okonjo. Leydig-Moore agrees."
    assert [value for value, _ in found(read)] == ["Leydig-Moore", "Smythe-Okonjo", "Okonjo", "Leydig-Moore"]
    assert ("Leydig", "NAME") in found("Seen by Dr Leydig-Moore. Dr Leydig agrees. Told Leydig.")[1:]


def test_name_found_by_a_cue_is_found_again_without_one() -> None:
    """What a cue announced is removed wherever it recurs, in another order and case."""
    text = "Patient: Oyelaran, Tunde\nImages show no fracture in OYELARAN today. Tunde Oyelaran was told."
    assert [value for value, _ in found(text)] == ["Oyelaran, Tunde", "OYELARAN", "Tunde Oyelaran"]


def test_a_known_name_stays_only_where_it_is_an_eponym() -> None:
    """What the header knows goes, but for "Foley catheter", which would say the same of anybody."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "FOLEY^MICHAEL")])
    assert found("A Foley catheter is seen.", known) == []
    assert found("Foley is seen with a catheter.", known) == [("Foley", "NAME")]


def test_known_name_that_is_a_word_goes_behind_a_preposition() -> None:
    """A known "Smith" alone is removed behind "for"; a known "Chest" never takes the chest away."""
    known = KnownIdentifiers([Identifier(IdentifierKind.NAME, "SMITH^CHEST")])
    assert found("CT of the chest for Smith was normal.", known) == [("Smith", "NAME")]


HIDDEN = [
    ("Dictated by: Amara Nw\u200bosu, MD", "Amara Nw\u200bosu"),
    ("Dictated by: Amara\u00a0Nwosu, MD", "Amara\u00a0Nwosu"),
    ("Dictated by: Amara\tNwosu, MD", "Amara\tNwosu"),
    ("Discussed with Dr. Amara\nNwosu at noon.", "Amara\nNwosu"),
    ("Dictated by: <b>Amara</b> Nwosu<br>done", "Amara</b> Nwosu"),
    ("Dictated by: Jose\u0301 Garci\u0301a, MD", "Jose\u0301 Garci\u0301a"),
    ("Dictated by: M&uuml;ller, Anna&nbsp;Lena", "M&uuml;ller, Anna&nbsp;Lena"),
    ("Dictated by: \u202eAmara Nwosu\u202c, MD", "Amara Nwosu"),
    ("Patient:\r\nAmara Nwosu\r\nCT head", "Amara Nwosu"),
    ("Accession: CT\u201124\u20110091827 done", "CT\u201124\u20110091827"),
]


@pytest.mark.parametrize(("text", "value"), HIDDEN)
def test_hidden_value_is_found_in_offsets_of_the_input(text: str, value: str) -> None:
    """Invisible characters, HTML, other blanks and line ends hide nothing; offsets are those of the input."""
    assert value in [each for each, _ in found(text)], found(text)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\x00\x01", "\ud800", "a" * 30_000, "((" * 10_000, "\u200b\u200b"])
def test_odd_input_survives(text: str) -> None:
    """Empty, blank, binary, undecodable and endless input gives no span and no error."""
    assert found(text) == []


def test_spans_are_sorted_and_apart() -> None:
    """Spans never overlap, whatever several recognisers say about one place."""
    text = "Dr. Smith, Smith Clinic, 12 Smith Street, Smithville, TX 75001, smith@smith.org, MRN 1234567, 1/2/2024"
    spans = recognizer(OPTIONS).find([text])[0]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_batch_gives_what_single_calls_give() -> None:
    """Texts are read in batches; order and neighbours change nothing."""
    texts = [text for text, _, _ in MUST_GO] + MUST_STAY + ["", "x"]
    whole = recognizer(OPTIONS).find(texts)
    assert whole == [recognizer(OPTIONS).find([text])[0] for text in texts]
    assert recognizer(OPTIONS).find(texts[::-1]) == whole[::-1]


def test_missing_model_is_refused_before_anything_could_be_downloaded() -> None:
    """A model that is not installed is a policy error, with the setting's name and nothing else."""
    with pytest.raises(PolicyError) as refused:
        Recognizer(TextOptions(model="en_core_web_lg")).find(["x"])
    assert refused.value.problem is Problem.MODEL_MISSING
    assert refused.value.where == "text.model"


@pytest.mark.slow
def test_long_text_takes_linear_time_and_loses_nothing() -> None:
    """A report of 200,000 characters is read in pieces; a name at a seam is found."""
    unit = "The lungs are clear. " * 40 + "\nDictated by: Amara Nwosu, MD\n"
    text = unit * (200_000 // len(unit))
    recognizer(OPTIONS).find([unit])
    began = time.perf_counter()
    spans = recognizer(OPTIONS).find([text])[0]
    assert len(spans) == text.count("Amara Nwosu")
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize(("text", "names"), [
    ("Lump noted by Aunt Delphine Marchmont today.", ["Delphine Marchmont"]),
    ("In theatre (Circulator Tamika Roe, nurse).", ["Tamika Roe"]),
    ("Referrer: DR. LEPCHA\nVILL : UPPER FIELD", ["LEPCHA"]),
    ("Event ORU^R01 of STV^MR for QUILLER^ANNA", ["QUILLER^ANNA"]),
    ("Seen by Driver, Will, MD today.", ["Driver, Will"]),
    ("Dear Sirs", []),
    ("Told: NICU at once.", []),
])  # fmt: skip
def test_a_name_ends_where_a_role_or_a_label_begins(text: str, names: list[str]) -> None:
    """Neither who somebody is nor the label of the next line is a part of the name; nor are events and wards."""
    spans = recognizer(TextOptions(model="none")).find([text])[0]
    assert [text[span.start : span.end] for span in spans if span.label == "NAME"] == names


def test_a_name_that_is_mistyped_further_on_goes_too() -> None:
    """A letter more or less, with a capital; a word that the language has stays."""
    text = "Seen by Dr. Platzgummer. Platzgumer agrees; platzgumer and Platform stay."
    found = [text[span.start : span.end] for span in recognizer(TextOptions(model="none")).find([text])[0]]
    assert found == ["Platzgummer", "Platzgumer"]


@pytest.mark.parametrize(
    ("label", "text", "left"),
    [
        ("PHONE", "ext 5520", "5520"),
        ("PHONE", "bleep no. 2214", "2214"),
        ("PHONE", "(034) 555-0170 loc. 417", "(034) 555-0170 loc. 417"),
        ("PHONE", "five five two one", "five five two one"),
        ("INSTITUTION", "the Blasket ferry", "Blasket ferry"),
        ("LOCATION", "Theberton", "Theberton"),
        ("LOCATION", "ward 18", "18"),
        ("LOCATION", "Bed no. 31A", "31A"),
        ("LOCATION", "Bay 4, Ward 7", "Bay 4, Ward 7"),
        ("LOCATION", "Unit C\nWard 7", "Unit C\nWard 7"),
        ("LOCATION", "Unit 3", "Unit 3"),
        ("INSTITUTION", "York District A&E", "York District"),
        ("INSTITUTION", "Hillview Hospital, Department of Radiology", "Hillview Hospital"),
        ("DATE", "The 3rd of May", "3rd of May"),
        ("DATE", "Monday on a", "Monday"),
        ("LOCATION", "Christmette am", "Christmette"),
        ("NAME", "Sadhbh thats", "Sadhbh"),
        ("NAME", "Ana de la O", "Ana de la O"),
    ],
)
def test_a_guess_loses_what_is_none_of_it(label: str, text: str, left: str) -> None:
    """What a number is, and an article, stay in the text."""
    (span,) = trimmed(text, Span(0, len(text), label, "tagger", 0.9), "en")
    assert text[span.start : span.end] == left


@pytest.mark.parametrize(("language", "left"), [("es", "la Sirga"), ("fr", "Sirga"), ("en", "Sirga")])
@pytest.mark.parametrize("label", ["LOCATION", "INSTITUTION"])
def test_a_spanish_place_keeps_its_article(label: str, language: str, left: str) -> None:
    """Wards are called so."""
    (span,) = trimmed("la Sirga", Span(0, 8, label, "tagger", 0.9), language)
    assert "la Sirga"[span.start : span.end] == left


@pytest.mark.parametrize("text", ["Está en la Sirga, cama 6. Ojo.", "Los politraumas van al equipo de la Pecera."])
def test_an_article_goes_where_it_is_part_of_a_name(text: str) -> None:
    """Whether the tagger is sure of it or not, and whatever it takes the word behind it for."""
    found = recognizer(TextOptions(language="es")).find([text], languages=["es"])[0]
    assert any(text[span.start : span.end].startswith("la ") for span in found)


@pytest.mark.parametrize(("language", "text", "left", "unsure"), [
    ("fr", "A. Belhadj", "A. Belhadj", "Belhadj"), ("fr", "Kerouani S.", "Kerouani S", "Kerouani"),
    ("fr", "Le Goff", "Le Goff", "Goff"), ("fr", "M. Firmin Clot", "Firmin Clot", "Firmin Clot"),
    ("de", "von der Heyde", "von der Heyde", "Heyde"), ("de", "Thi Mai", "Thi Mai", "Thi"),
    ("es", "DE LA IGLESIA", "DE LA IGLESIA", "IGLESIA"), ("es", "Leyva y", "Leyva", "Leyva"),
])  # fmt: skip
def test_a_sure_guess_keeps_capitals_and_particles(language: str, text: str, left: str, unsure: str) -> None:
    """Beside a name they are part of it; of a guess they are cut off as words of grammar."""
    for score, expected in ((0.9, left), (0.85, unsure)):
        (span,) = trimmed(text, Span(0, len(text), "NAME", "tagger", score), language)
        assert text[span.start : span.end] == expected


ENDS = [
    ("this is dr swan dictating on jasper black", "swan", {"dictating"}),
    ("seen by dr early consented by nurse", "early", {"consented"}),
    ("referred to dr paul brooks today", "paul brooks", {"today"}),
    ("Cons: RMP\nCons. Radiologist", "RMP", {"Cons"}),
    ("mum Ada\nPerson affected: Norman Clither", "Ada", {"Person"}),
    ("flatmate Xanthe Bull saw it", "Xanthe Bull", {"flatmate"}),
    ("[21:47] Siobhan reg: near?\n[21:49] Siobhan reg: apixaban\n", "Siobhan", {"reg"}),
    ("PID|1||77^^^X^MR||COATS^MARCUS\nOBR|1||E77|USTHY^US THYROID", "COATS^MARCUS", {"USTHY", "US"}),
    ("PID|1||77^^^X^MR||COATS^MARCUS\nOBR|1|O1|A2|71260^CT CHEST W CONTRAST^CPT4", "COATS^MARCUS", {"CONTRAST^CPT4"}),
    ("Dr Roe: Herring group B, Catterall II; Allman group I.", "Roe", {"Herring", "Allman"}),
    ("Dr Roe: fracture, Weber B, with one plate; hip, Graf D, and more.", "Roe", {"Weber", "Graf"}),
    ("Dr Roe: closure, Angio-Seal 8F. Options: FlowTriever 24F or none.", "Roe", {"Angio-Seal", "FlowTriever"}),
    ("Dr Roe: Sofia 6F + Solitaire; T1 902 ms (yours 980-1040).", "Roe", {"Sofia", "980-1040"}),
    ("Seen: Ada Obn 6F with cough", "Ada Obn", {"cough"}),
    ("Dr Roe: native T1 894 ms inferolaterally (local range 950-1050).", "Roe", {"inferolaterally", "950-1050"}),
    ("Dr Roe: St Mary's ratio 36, Parks 1, St James's grade 2. Two-doctor form.", "Roe", {"Mary's", "James's", "form"}),
    ("Dr Mirels saw him. Score: Mirels 9 on the right.", "Mirels", {"9"}),
    ("Dr Foley came. A 14 Fr Foley is in place.", "Foley", {"14"}),
]


@pytest.mark.parametrize(("text", "name", "stay"), ENDS)
def test_a_name_ends_where_the_next_thing_is_said(text: str, name: str, stay: set[str]) -> None:
    """A verb, a rank, a role, the label of the next line, the code of a service, a grade."""
    found = [text[span.start : span.end] for span in recognizer(TextOptions(model="none")).find([text])[0]]
    assert name in found
    assert not stay & {word for each in found for word in each.split()}


@pytest.mark.parametrize("text", ["MR whole spine please.", "Urgent MR conditional device."])
def test_what_follows_a_title_by_chance_stays(text: str) -> None:
    """A small word behind a title with a capital, which may be a modality too."""
    assert recognizer(TextOptions(model="none")).find([text]) == [[]]
