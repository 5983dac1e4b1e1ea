"""The guard of medicine: eponyms that no list has stay, persons in the same words go."""

import re
from pathlib import Path

import pytest

from curate.policy import TextOptions
from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text import guard
from curate.text.lexicon import table, terms
from curate.text.recognize import recognizer

HERE = Path(__file__).parent
DATA = Path(guard.__file__).parent / "data" / "clinical_terms.csv"
RULES = recognizer(TextOptions(model="none"))


def eponyms() -> list[tuple[str, int, int]]:
    """Each marked eponym of eponyms.txt as text and place."""
    found = []
    for line in (HERE / "eponyms.txt").read_text(encoding="utf-8").splitlines():
        text = re.sub(r"\[\[(.*?)\]\]", r"\1", line)
        for shift, mark in enumerate(re.finditer(r"\[\[(.*?)\]\]", line)):
            if not line.startswith("#"):
                found.append((text, mark.start() - 4 * shift, mark.end() - 4 * shift - 4))
    return found


def test_clinical_table_is_long() -> None:
    """At least 500 eponyms, and devices, scores, trials and drugs beside them."""
    kinds = list(table("clinical_terms").values())
    assert sum(kind in {"eponym", "surname"} for kind in kinds) >= 1000
    assert {"device", "score", "trial", "drug", "sequence", "vendor"} <= set(kinds)


def test_clinical_table_is_in_order() -> None:
    """Terms are folded, sorted and listed once; every kind is one that the guard knows."""
    lines = [line for line in DATA.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]
    found = [line.split(",")[0] for line in lines]
    assert found == sorted(set(found))
    assert found == [fold(term) for term in found]
    assert len(found) >= 7000
    kinds = {line.split(",")[1] for line in lines}
    assert kinds == {
        "eponym", "surname", "device", "vendor", "sequence", "score", "trial", "drug", "organism", "acronym"
    }  # fmt: skip


def test_a_compound_makes_no_term_of_a_common_surname() -> None:
    """Though "Miller-Fisher" is a term, Miller alone is who is called so; "Sachs" of "Hill-Sachs" is a term."""
    assert {"miller-fisher", "hill-sachs", "sachs"} <= terms("eponym")
    assert terms("eponym").isdisjoint({"miller", "fisher", "hill", "anderson", "van", "del"})


def test_unlisted_eponyms_stay() -> None:
    """At most 3 in 100 eponyms that no list has are taken for persons."""
    unlisted = [each for each in eponyms() if each[0][each[1] : each[2]].lower() not in terms("eponym", "surname")]
    eaten = [
        text[start:end]
        for text, start, end in unlisted
        if any(span.start < end and start < span.end for span in RULES.find([text])[0])
    ]
    assert len(unlisted) >= 120
    assert len(eaten) <= 0.03 * len(unlisted), eaten


def test_any_model_may_guess_an_eponym() -> None:
    """Whoever guesses exactly the eponym of these sentences is vetoed, at most 3 in 100 excepted."""
    kept = [
        text[start:end]
        for text, start, end in eponyms()
        if not guard.vetoes(text, Span(start, end, "NAME", "tagger", 0.9))
    ]
    assert len(kept) <= 0.03 * len(eponyms()), kept


PERSONS = [
    ("Nowak placed the catheter.", "Nowak"),
    ("Nowak was told.", "Nowak"),
    ("Findings were discussed with Nowak type and screen sent.", "Nowak"),
    ("GARCIA, MARIA HIP X-RAY", "GARCIA, MARIA"),
    ("Maria Garcia lung CT", "Maria Garcia"),
    ("I told Ferreira fracture is old.", "Ferreira"),
    ("Seen with Okafor today.", "Okafor"),
    ("History of Halvorsen is unknown.", "Halvorsen"),
    ("Scan of Montalvo was repeated.", "Montalvo"),
    ("Jankowski reviewed images.", "Jankowski"),
    ("Per Lindqvist scan is limited.", "Lindqvist"),
]


@pytest.mark.parametrize(("text", "name"), PERSONS)
def test_persons_beside_clinical_words_go(text: str, name: str) -> None:
    """A clinical noun behind a person makes no eponym of them where a verb, a comma or a talk is."""
    start = text.index(name)
    assert not guard.vetoes(text, Span(start, start + len(name), "NAME", "tagger", 0.9))


def spans(text: str, marked: str, label: str) -> Span:
    """The guess of a tagger that is sure of it."""
    start = text.index(marked)
    return Span(start, start + len(marked), label, "tagger", 0.99)


TERMS = [
    ("A Murphy's sign is present.", "Murphy's", "NAME"),
    ("Baker's cyst.", "Baker's", "NAME"),
    ("A Hill-Sachs lesion.", "Hill-Sachs", "NAME"),
    ("A Hill-Sachs lesion.", "Sachs", "NAME"),
    ("Features of de Quervain thyroiditis.", "de Quervain", "NAME"),
    ("Le Fort II fracture.", "Le Fort", "NAME"),
    ("Query Purtscher?", "Query Purtscher", "NAME"),
    ("The Tanizaki plane is preserved.", "Tanizaki", "NAME"),
    ("Consistent with Montalvo's syndrome.", "Montalvo", "NAME"),
    ("As shown by Nakagawa et al. this is benign.", "Nakagawa", "NAME"),
    ("EVAR noted.", "EVAR", "NAME"),
    ("Known HFpEF.", "HFpEF", "NAME"),
    ("TAVR in the past.", "TAVR", "LOCATION"),
    ("NIHSS 14 on arrival.", "NIHSS 14", "ID"),
    ("ASPECTS 9.", "ASPECTS 9", "LOCATION"),
    ("ASPECTS score of 9.", "9", "DATE"),
    ("EDSS: 3.5 last year.", "3.5", "DATE"),
    ("SF-36: 7.", "SF-36", "LOCATION"),
    ("SF-36: 7.", "-36", "LOCATION"),
    ("Grew Klebsiella pneumoniae.", "Klebsiella pneumoniae", "NAME"),
    ("Positive for Yersinia.", "Yersinia", "LOCATION"),
    ("Allergic to Darzalex.", "Darzalex", "NAME"),
    ("Images from a Siemens scanner.", "a Siemens scanner", "LOCATION"),
    ("Acquired on a Philips 3T system.", "Philips", "INSTITUTION"),
    ("Foley catheter in place.", "Foley", "NAME"),
    ("Foley 14 Fr in place.", "Foley 14", "LOCATION"),
    ("FIGO IB2 tumour.", "IB2", "ID"),
    ("Spine 0.981 -0.6 1.4", "0.981", "DATE"),
    ("Hip 0.5", "0.5", "ID"),
    ("Wegener in 2015-era records.", "2015-", "DATE"),
    ("Prior Nissen, Heller, Ivor Lewis.", "Nissen, Heller, Ivor Lewis", "NAME"),
    ("Core returns IDC Nottingham 3.", "Nottingham 3", "LOCATION"),
    ("She speaks Farsi at home.", "Farsi", "LOCATION"),
    ("Lives at home, Smith fracture.", "Smith", "LOCATION"),
    ("Open abdo, Bogota bag.", "Bogota bag", "LOCATION"),
    ("Meds: Entresto, Eliquis 5 bd.", "Entresto, Eliquis 5 bd", "NAME"),
    ("Stature by Trotter and Gleser.", "Gleser", "NAME"),
    ("By Pell and Gregory class II.", "Gregory", "NAME"),
    ("Salter & Harris II.", "Salter", "NAME"),
]


def test_sirs_are_nobody() -> None:
    """Whom a letter addresses that knows no name."""
    assert guard.vetoes("Dear Sirs,", Span(5, 9, "NAME", "tagger", 0.99))


@pytest.mark.parametrize(("text", "name"), [
    ("3. Baby Okafor-Walsh, posterior fossa mass", "Okafor-Walsh"), ("Marchetti-Bone: pelvis.", "Marchetti-Bone"),
    ("ustekinumab, Goodsall prefers resection", "Goodsall"), ("Amplatz favours a stent", "Amplatz"),
])  # fmt: skip
def test_a_sure_guess_of_somebody_stands(text: str, name: str) -> None:
    """A joined name of which half is no eponym; who does what only people do, though a noun follows."""
    start = text.index(name)
    assert not guard.vetoes(text, Span(start, start + len(name), "NAME", "tagger", 0.98))


@pytest.mark.parametrize(("text", "term", "label"), TERMS)
def test_terms_stay_however_sure_the_model_is(text: str, term: str, label: str) -> None:
    """Possessives, double eponyms, particles, scores with figures, species, short forms, makers of machines."""
    assert guard.vetoes(text, spans(text, term, label))


SURE = [
    ("Nowak sign the form please.", "Nowak", "NAME"),
    ("Please let Patel sign off.", "Patel", "NAME"),
    ("Patel line removed.", "Patel", "NAME"),
    ("Nguyen fracture clinic.", "Nguyen", "NAME"),
    ("I told Ferreira disease is stable.", "Ferreira", "NAME"),
    ("Thanks, Miller", "Miller", "NAME"),
    ("Lynch was here.", "Lynch", "NAME"),
    ("Read by: EVAR", "EVAR", "NAME"),
    ("Discussed with SAB", "SAB", "NAME"),
    ("Informed by TIA at noon.", "TIA", "NAME"),
    ("She works at Siemens.", "Siemens", "INSTITUTION"),
    ("He lives in Geneva.", "Geneva", "LOCATION"),
    ("Seen on Lister 4.", "Lister 4", "LOCATION"),
    ("Re: Sunday EASTER", "Sunday EASTER", "NAME"),
    ("Next audit October.", "October", "DATE"),
    ("He grew up in Bogota.", "Bogota", "LOCATION"),
    ("His family is in Congo.", "Congo", "LOCATION"),
    ("Referred to St James's today.", "St James's", "INSTITUTION"),
    ("Prev AXR 24.12 was clear.", "24.12", "DATE"),
    ("Whipple 12.3 elsewhere.", "12.3", "DATE"),
    ("Calcium score 11/24.", "11/24", "DATE"),
    ("Name: HARTMANN, PAUL", "HARTMANN, PAUL", "NAME"),
    ("Cc Allen, Baker, Clark.", "Allen, Baker, Clark", "NAME"),
    ("Anderson-Pell was told.", "Anderson-Pell", "NAME"),
    ("Lynn and Gleser were told.", "Gleser", "NAME"),
    ("If he bleeds, Pringle is on page 2290.", "Pringle", "NAME"),
    ("The interlobar artery: Swan noted it migrated.", "Swan", "NAME"),
    ("Your investigator Bouchard found one.", "Bouchard", "NAME"),
    ("Clinic C41, room 7", "C41", "LOCATION"),
    ("Cath lab II, 9th April", "II", "LOCATION"),
    ("Compared with the 2023/12 film.", "2023/12", "DATE"),
]


@pytest.mark.parametrize(("text", "name", "label"), SURE)
def test_whom_a_sure_model_names_goes(text: str, name: str, label: str) -> None:
    """A verb, a preposition, a place of work, initials and dates beside the same words are identifiers."""
    assert not guard.vetoes(text, spans(text, name, label))


@pytest.mark.parametrize(("text", "written"), [("path QY | init MCR | visit 2", "MCR"), ("d/w EW 2x, 1h apart", "EW")])
def test_capitals_that_the_tagger_is_rather_sure_of_are_initials(text: str, written: str) -> None:
    """Without a label beside them as well; below that they are a short form."""
    start = text.index(written)
    at = start, start + len(written), "NAME", "tagger"
    assert not guard.vetoes(text, Span(*at, 0.55))
    assert guard.vetoes(text, Span(*at, 0.45))


@pytest.mark.parametrize(("text", "written", "stays"), [
    ("handover to Were.", "Were", False), ("in other words what Colles had in mind", "Colles", True),
    ("Reviewed: CT.", "CT.", True), ("known Achterberg disease", "Achterberg", True),
    ("copy to B.Q. today", "B.Q.", False),
])  # fmt: skip
def test_common_words_are_no_voice_against_a_tagger_that_is_nearly_sure(text: str, written: str, stays: bool) -> None:
    """But terms of the table, short forms in capitals, and a noun behind an eponym are; below that words are."""
    start = text.index(written)
    nearly, less = (Span(start, start + len(written), "NAME", "tagger", score) for score in (0.93, 0.65))
    assert guard.vetoes(text, nearly) is stays
    assert guard.vetoes(text, less)


@pytest.mark.parametrize("text", ["done with Swallow, our speech pathologist", "discuss with Lt. Monday."])
def test_one_common_word_with_a_capital_may_be_a_name(text: str) -> None:
    """For a tagger that is rather sure; below that, and where medicine has a name of it, it is a word."""
    word = "Swallow" if "Swallow" in text else "Monday"
    start = text.index(word)
    at = start, start + len(word), "NAME", "tagger"
    assert not guard.vetoes(text, Span(*at, 0.72))
    assert guard.vetoes(text, Span(*at, 0.65))
    drain = "changed by Penrose today"
    assert guard.vetoes(drain, Span(11, 18, "NAME", "tagger", 0.82))


@pytest.mark.parametrize(("written", "label", "score", "stays"), [
    ("C5", "LOCATION", 0.71, False), ("C5", "LOCATION", 0.65, True), ("7", "LOCATION", 0.55, False),
    ("7", "LOCATION", 0.45, True), ("18-19/7", "DATE", 0.99, False), ("18-19/7", "DATE", 0.85, True),
    ("twenty second", "DATE", 0.95, False), ("twenty seconds", "DATE", 0.95, True), ("0502848M", "ID", 0.99, False),
    ("55-902-F", "ID", 0.99, False), ("OR-3308-T", "ID", 0.99, False), ("120 mm", "ID", 0.99, True),
    ("Ans", "LOCATION", 0.97, False), ("F", "LOCATION", 0.97, False), ("13/12-20/12", "DATE", 0.99, False),
    ("six weeks", "DATE", 0.99, True), ("CC", "INSTITUTION", 0.99, False),
    ("218 F", "LOCATION", 0.98, False), ("22F", "ID", 0.98, False), ("18 F", "ID", 0.9, True),
    ("Vif", "LOCATION", 0.98, False),
    ("1.2.840.10008.1.2", "ID", 0.99, True), ("T7", "ID", 0.99, True),
])  # fmt: skip
def test_a_room_and_a_day_may_look_like_a_measure(written: str, label: str, score: float, stays: bool) -> None:
    """A bed C5, a clinic 7, the twenty-second of a month and a person's number, for a tagger that is sure enough."""
    assert guard.is_little(written, Span(0, len(written), label, "tagger", score)) is stays


@pytest.mark.parametrize(("text", "written"), [
    ("reduced by team trainer Bankart on the ice", "Bankart"), ("Called through to Graves at 14.20.", "Graves"),
    ("22:04 @reg_mina: trauma call", "@reg_mina"), ("LC440171,Morgagni,Blood,CT spine", "Morgagni,Blood"),
])  # fmt: skip
def test_from_certainty_on_no_table_outvotes_the_tagger(text: str, written: str) -> None:
    """But a noun that no person has does: "Bankart sign"; a user and a row are no term at all."""
    start = text.index(written)
    assert not guard.vetoes(text, Span(start, start + len(written), "NAME", "tagger", 0.995))
    assert guard.vetoes("no Bankart lesion", Span(3, 10, "NAME", "tagger", 0.995))
    assert guard.vetoes("not a Bankart (no pun)", Span(6, 13, "NAME", "tagger", 0.995))


def test_an_article_does_not_outvote_the_tagger() -> None:
    """From even odds on who stands behind it is somebody: "a MacVarish of Inverness"."""
    text = "the Quilty came from his stepfather"
    assert not guard.vetoes(text, Span(4, 10, "NAME", "tagger", 0.55))
    assert guard.vetoes(text, Span(4, 10, "NAME", "tagger", 0.4))


def test_a_part_of_a_compound_is_no_score() -> None:
    """Look-Locker is a sequence; the number of a locker is somebody's."""
    text = "him in the hall, locker 118."
    assert not guard.is_scored(text, Span(24, 27, "ID", "tagger", 0.6))


def test_a_licence_with_a_point_is_no_decimal() -> None:
    """Where the tagger is sure of it: "CJP 88.140"; a factor of 0.385 is a figure for everybody."""
    assert not guard.is_little("88.140", Span(0, 6, "ID", "tagger", 0.98))
    assert guard.is_little("88.140", Span(0, 6, "ID", "tagger", 0.85))
    assert guard.is_little("0.385", Span(0, 5, "ID", "tagger", 0.98))
    assert guard.is_little("88.140", Span(0, 6, "DATE", "tagger", 0.98))


def test_a_clinician_called_as_a_term_goes_and_the_term_stays() -> None:
    """Behind a title every name goes, wherever else the report needs the word as a term."""
    text = "Dr. Foley saw him. Foley catheter in place. Seen by Dr. Murphy; Murphy sign negative. Murphy-type lesion."
    found = [text[span.start : span.end] for span in RULES.find([text])[0]]
    assert found == ["Foley", "Murphy"]
    hyphened = "Dr. Bloom reported. Bloom-Richardson grade 2. Circle of Willis is normal. Read by Dr. Willis."
    found = [hyphened[span.start : span.end] for span in RULES.find([hyphened])[0]]
    assert found == ["Bloom", "Willis"]


def test_a_clinician_called_like_a_part_of_a_term_goes() -> None:
    """A word that medicine knows in longer terms alone ("Parsonage-Turner") is a name like any other."""
    parts = sorted(terms("eponym", "device", "surname") - table("clinical_terms").keys())
    texts = [f"Dr. Ann {part.title()} saw him. {part.title()} agreed, Ann too." for part in parts]
    assert all(found for found in RULES.find(texts))
    (found,) = RULES.find(["Dr. Ann Parsonage saw him. Parsonage agreed, Ann too."])
    assert [(span.start, span.end) for span in found] == [(4, 17), (27, 36), (45, 48)]


@pytest.mark.parametrize(("text", "label"), [
    ("KEYNOTE-789", "ID"), ("RTOG 0617", "ID"), ("CheckMate 649", "NAME"), ("AREN0532", "ID"), ("NCT03515837", "ID"),
    ("M48.061", "ID"), ("185delAG", "ID"), ("IDH1 R132H", "ID"), ("EGFR p.L858R", "ID"), ("CPT:74246", "ID"),
    ("BRAF V600E", "ID"), ("p.Val600Glu", "ID"), ("c.1799T>A", "ID"),
])  # fmt: skip
def test_a_trial_a_code_and_a_variant_are_nobody(text: str, label: str) -> None:
    """Numbers of registries, study groups and classifications, and variants of genes, are the same for everybody."""
    assert guard.vetoes(text, Span(0, len(text), label, "tagger", 0.99))


@pytest.mark.parametrize(
    "text", ["MR5510027", "MRN A1234B", "p.0512", "c.4471", "R132H 4410", "ABX4471", "SP24-009917", "NCT0351583799999"]
)
def test_a_number_of_a_person_is_no_code(text: str) -> None:
    """What merely looks a little like one stays a guess."""
    assert not guard.vetoes(text, Span(0, len(text), "ID", "tagger", 0.99))
