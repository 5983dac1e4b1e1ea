"""Identifiers by cue and shape, each in forms that no other test set has; and what looks like them and must stay."""

import pytest

from curate.policy import TextOptions
from curate.text import national
from curate.text.recognize import recognizer

RULES = recognizer(TextOptions(model="none"))

MUST_GO = [
    ("BCx 4/22, 4/24, 4/26 2/2 MSSA", "4/22, 4/24, 4/26"),
    ("Present: Tharmaratnam s/o Velu, radiologist", "Tharmaratnam s/o Velu"),
    ("Trans: PSQ", "PSQ"),
    ("Electronically signed by Robert Brain on 08.11.2023", "Robert Brain"),
    ("Node count should read four. RKV\nEnd", "RKV"),
    ("We asked Winnipeg neurosurgery for advice.", "Winnipeg"),
    ("Signed on the 3rd of March 2021 at noon.", "the 3rd of March 2021"),
    ("Prior from second of June 2019.", "second of June 2019"),
    ("Seen July the 4th in clinic.", "July the 4th"),
    ("Performed 14MAR2024.", "14MAR2024"),
    ("Time 121430ZMAR24 local.", "121430ZMAR24"),
    ("Seen in week 2024-W12.", "2024-W12"),
    ("Seen in week 2024W12.", "2024W12"),
    ("Next appointment Mar-24.", "Mar-24"),
    ("Expires 2026-04.", "2026-04"),
    ("the 2/28 cxr shows effusion", "2/28"),
    ("Admitted on Christmas Eve 2022.", "Christmas Eve 2022"),
    ("Born December 31st, 1999.", "December 31st, 1999"),
    ("Tues 5th Sept", "5th Sept"),
    ("Device UDI (01)00884521059876(17)251031(10)7712QK was used.", "(01)00884521059876(17)251031(10)7712QK"),
    ("Label +A123BJC5D6E71G scanned.", "+A123BJC5D6E71G"),
    ("Vehicle reg KX19 WDL was hit.", "KX19 WDL"),
    ("License plate: 7ABC123 noted.", "7ABC123"),
    ("Portal login pquill1957 works.", "pquill1957"),
    ("Case ref. NTR/24/005519", "NTR/24/005519"),
    ("Our ref: BSP/8841/23 enclosed", "BSP/8841/23"),
    ("Job #448812", "448812"),
    ("badge 4471B attended", "4471B"),
    ("subject 02-0117 enrolled", "02-0117"),
    ("Medicare No. 1EG4-TE5-MK73", "1EG4-TE5-MK73"),
    ("id 1EG4TE5MK73 on card", "1EG4TE5MK73"),
    ("SSN spoken as 412 55 9087 today", "412 55 9087"),
    ("NIR 2 55 08 14 168 025 38 noted", "2 55 08 14 168 025 38"),
    ("Steuer 86 095 742 719 noted", "86 095 742 719"),
    ("DNI 12345678Z.", "12345678Z"),
    ("holder X1234567L here", "X1234567L"),
    ("number AB 12 34 56 C given", "AB 12 34 56 C"),
    ("CPF 529.982.247-25 given", "529.982.247-25"),
    ("pay GB82 WEST 1234 5698 7654 32 now", "GB82 WEST 1234 5698 7654 32"),
    ("card 4539 5787 6362 1486 used", "4539 5787 6362 1486"),
    ("IP 10.22.8.119.", "10.22.8.119"),
    ("pgr 88-4471 if needed", "88-4471"),
    ("I rang the ward on 2210 and left word", "2210"),
    ("Fax +44 (0)1752 496 021.", "+44 (0)1752 496 021"),
    ("home 01837 552210 evenings", "01837 552210"),
    ("rm 412b, stable", "412b"),
    ("Ward Trinity 4, stable", "Trinity 4"),
    ("14 Larkspur Rise is home", "14 Larkspur Rise"),
    ("She fell on Pruett Rd.", "Pruett Rd"),
    ("7 Cobblers Yard\nThornbury\nBS35 2HX", "Thornbury"),
    ("lives in K1A 0B1 area", "K1A 0B1"),
    ("He works at Halverson Foundry.", "Halverson Foundry"),
    ("from Golden Meadows Assisted Living today", "Golden Meadows Assisted Living"),
    ("HX WHIPPLE AT ST ALDHELM'S LAST YEAR", "ST ALDHELM'S"),
    ("Hosp: Black Lion  Date", "Black Lion"),
    ("She is a woman in her nineties.", "nineties"),
    ("age 101, frail", "101"),
    ("94 y/o F", "94"),
    ("95F with cough", "95"),
    ("Age: 90+ years", "90"),
    ("Checked: GTW", "GTW"),
    ("Dictated: JRM/kdb", "JRM"),
    ("Dictated: JRM/kdb", "kdb"),
    ("Transcriptionist: rjp", "rjp"),
    ("No acute finding. -- dkl", "dkl"),
    ("agree.\nhjw", "hjw"),
    ("pt initials M-K, arm B", "M-K"),
    ("told np jess at night", "jess"),
    ("pt: nakamura, h.  dob 3-mar-58", "nakamura, h."),
    ("HER BROTHER, EFRAIN, CONSENTED.", "EFRAIN"),
    ("seen by Drs Haugen/Petrosyan", "Petrosyan"),
    ("PATHOLOGY (Dr Child): block out", "Child"),
    ("albendazole per dr.Winslow,tel", "Winslow"),
    ("Dulce Pereira, that's P-E-R-E-I-R-A, born", "P-E-R-E-I-R-A"),
    ("featherstone spelled f e a t h e r s t o n e at fax", "f e a t h e r s t o n e"),
    ("Rocco Lanetta L A N E double T A I had", "L A N E double T A"),
    ("Found on the 18th at the foot of the stairs", "18th"),
    ("not eating since Ash Wednesday", "Ash Wednesday"),
    ("PET 8/1 avid", "8/1"),
    ("For: Mr A Penrose, General Surgery", "A Penrose"),
    ("HOSPITAL, P.M.B. 2114, OKEIGBO", "P.M.B. 2114, OKEIGBO"),
    ("PO Box 88-214, Whangarei 0148", "PO Box 88-214, Whangarei 0148"),
    ("780 555 0107 local 3", "local 3"),
    ("Eircode: Y99 X4P7   Source", "Y99 X4P7"),
    ("CXR 11th - left base", "11th"),
    ("readmitted at New Year with cough", "New Year"),
    ("seen on Valentine's night", "Valentine's night"),
    ("twice on the Friday before Good Friday", "the Friday before Good Friday"),
    ("16.20, Spy Wednesday", "Spy Wednesday"),
    ("no start before the Ekka holiday", "Ekka holiday"),
    ("he thought it was the Pattern day", "Pattern day"),
    ("Sent from the canteen; loc. 227", "227"),
    ("Remarks: Ma'am Baby Cruz asked", "Cruz"),
    ("she missed the scan of Midsummer week", "Midsummer week"),
    ("adm 452, bunk T14", "T14"),
    ("DICTATION 0037 / raw", "0037"),
    ("LTI taken by Md. Alam, tech", "Md. Alam"),
    ("Dr Huda M. Al Qahtani (H.M.Q.), SCFHS", "H.M.Q."),
    ("Repeat in six hours.\n\nv.n.", "v.n."),
    ("Brossard, le 3 février 2025", "3 février 2025"),
    ("Brossard, le 3 février 2025", "Brossard"),
    ('Re Rosalind ("Roz") True, of this parish', 'Rosalind ("Roz") True'),
    ("HARBOUR LAKES PATHOLOGISTS, P.C.  Specimen", "HARBOUR LAKES PATHOLOGISTS, P.C."),
    ("copy to the mill street surgery", "mill street surgery"),
    ("Ward: Female Med  Doctor", "Female Med"),
    ("transferred from w14 today", "w14"),
    ("ICU C12 stable", "C12"),
    ("id card 449261M", "449261M"),
    ("MRN.......: 4471022", "4471022"),
    ("OPERATOR....: Hale", "Hale"),
    ("Mrs Still is still working", "Still"),
    ("CHURCH Ada 96y fell", "96"),
    ("then The Moncton Hospital saw her", "The Moncton Hospital"),
    ("symptoms in Mangalore and stent", "Mangalore"),
    ("seen at clinic in mangalore, stent", "mangalore"),
    ("see pacs.telesaludpotosi.gob.bo for images", "pacs.telesaludpotosi.gob.bo"),
    ("hostel, block C, and his wife", "C"),
    ("theatre B suction broken", "B"),
    ("the adviser of NHS Dorset was told", "NHS Dorset"),
    ("Radiologist: Ames (chest), Rowe (neuro) and Dr. Lund", "Rowe"),
    ("HPCSA MP 0455871", "0455871"),
    ("taken to Mary Hill Hospital, Springfield.", "Springfield"),
    ("Fund: Bupa, private", "Bupa"),
    ("HCF member 0093 7714", "HCF"),
]

MUST_STAY = [
    "Same day discharge from the Day Surgery unit; Study Day 8, Next day films.",
    "Nodes 0/12, 3/15. Strength 4/5, 5/5.",
    "Winnipeg criteria were applied. Read on CT.",
    "OBX|1|TX|||\\.br\\\\.br\\IMPRESSION: clear.",
    "Christmas tree bladder. Caucasian seen Monday with Spanish interpreter. Easter is no finding.",
    "May represent atelectasis; in second intercostal space; march fracture of the second metatarsal.",
    "ST elevation. ST. depression. Ratio 10/12. Grade 2/3. Strength 4/5 report.",
    "Read as normal by CT. Reviewed by MRI. Checked in AP and LAT. Final read.",
    "Dictated as above. Signed out to ICU. Seen by ENT. Scan by US.",
    "Ward round done. Room air. Bed rest. Floor of the orbit. Unit of blood.",
    "The site of injection. The subject is a 54-year-old. Car accident at 30 mph.",
    "1 of 12 nodes. 3 to 4 mm. 10.2.1 mm. Fr 12 catheter. 8 Fr Amplatz sheath. 95% oxygen. 96 bpm.",
    "Patient in the 90th percentile. 92 mm mass. 93 kg. L4. T1. S1. C6-7.",
    "Study limited by habitus. Position: supine. Reference level T12. Group 2 nodes. Level 3.",
    "Told to return. Called back. Per protocol. Per report. Sent to lab. With contrast.",
    "Attending present. Resident present. Technologist comments none. Reader agrees.",
    "F I N D I N G S: normal. A-B-C-D-E approach. Pain on the 3rd metatarsal, from the 5th to the 8th rib.",
    "CT+MR. Right glottic tumour. MR L-SPINE W/O. Seen by Dr. The lungs are clear. CNS normal. CSS 3.",
    "per protocol, pt told to return; seen with chest pain, sent to lab; followed by contrast",
]


@pytest.mark.parametrize(("text", "value"), MUST_GO)
def test_identifier_is_found_whole(text: str, value: str) -> None:
    """Each of these is found from its first to its last character."""
    found = [text[span.start : span.end] for span in RULES.find([text])[0]]
    assert any(value in each for each in found), found


@pytest.mark.parametrize("text", MUST_STAY)
def test_what_looks_like_an_identifier_stays(text: str) -> None:
    """Clinical words behind the same cues, numbers of the same size."""
    assert [text[span.start : span.end] for span in RULES.find([text])[0]] == []


@pytest.mark.parametrize(("check", "good", "bad"), [
    (national.is_nhs, "9434765919", "9434765918"),
    (national.is_ssn, "412559087", "666559087"),
    (national.is_nir, "255081416802538", "255081416802539"),
    (national.is_steuer_id, "86095742719", "86095742718"),
    (national.is_dni, "12345678Z", "12345678A"),
    (national.is_luhn, "4539578763621486", "4539578763621487"),
    (national.is_iban, "GB82WEST12345698765432", "GB82WEST12345698765433"),
])  # fmt: skip
def test_check_digits(check: object, good: str, bad: str) -> None:
    """Published examples pass and a slip of one digit does not."""
    assert callable(check)
    assert check(good)
    assert not check(bad)
