"""Synthetic patients and the people and places around them: all of it from a seed, none of it anybody's.

Family names that are also words (Hand, Hill, May) and names in four writing systems are among them, since both are
where de-identification is known to go wrong.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

# Defined terms of Specific Character Set (PS3.3 C.12.1.1.2), and names as they are written in each.
_LATIN = (
    "Bäckströmer^Jörgen", "Quérignac^Hélène", "Niedermühl^Jürgen", "Trevelyan^Morwenna", "Ocañoveda^Begoña",
    "Sjögrenvall^Åsa", "Lefèvrier^Célestine", "Großkopff^Heiner", "Villanúñez^Ramón", "Østerbyggen^Jytte",
)  # fmt: skip
_UNICODE = (
    "Zieliński^Paweł", "Đorđevićka^Ljiljana", "Ødegårdsen^Håkon", "Αθανασίου^Ελένη", "Ковальчук^Оксана",
    "Y\u0131ld\u0131r\u0131mc\u0131^Gülşen", "Dvořákovič^Jiřina", "Nguyễnhoàng^Thảo",
    "Kőszeghyváry^Ildikó", "Šćepanovićev^Žarko",
)  # fmt: skip
_JAPANESE = (
    "Tanakawa^Hiroshi=田中川^博史=たなかわ^ひろし", "Saitohara^Yumiko=斎藤原^由美子=さいとうはら^ゆみこ",
    "Watanuki^Sachiko=四月一日^幸子=わたぬき^さちこ", "Kurosawada^Tetsuya=黒沢田^哲也=くろさわだ^てつや",
)  # fmt: skip
_CHINESE = (
    "Zhangwei^XiaoMing=张伟^晓明", "Ouyang^JingYi=欧阳^静怡", "Shangguan^ZiHan=上官^子涵", "Zhuge^WenXuan=诸葛^文轩",
)  # fmt: skip
_PLAIN = (
    "Okonkwobi^Chidiebere", "Wetherspoon^Prudence", "Vandersteen^Marijke", "Oyelowosun^Adewale", "MacAllister^Fergus",
    "O'Shaughnessy^Siobhan", "Fitzwilliam^Percival^J", "Castellano^Giacomo", "Papadakis-Weyland^Xenia",
    "Thibodeaux^Remy",
    "Hathawayson^Quentin", "Szymanski^Wanda", "Kowalczyk^Jadwiga", "Marchetti^Ludovica", "Featherby^Winifred",
    "Cruickshank^Angus", "Devrijhoef^Joost", "Al-Khalifeh^Yusuf", "Jakobsdottir^Sigrid", "Wojciechowicz^Tymon",
    "Guggenbichl^Xaver", "Montclairvaux^Yvette", "Featheringhay^Cuthbert", "Chakrabartty^Joyeeta",
)  # fmt: skip
# Words first, names second: found only beside another part of a name or a title.
_WORDS = (
    "Hand^Jeremiah", "Wall^Cynthia", "Hill^Gwendolyn", "May^Christopher", "Long^Hyacinth", "Young^Bartholomew",
    "Park^Jacqueline", "Black^Algernon", "Foot^Millicent", "Stone^Crispin", "Head^Philippa", "Chase^Wilhelmina",
)  # fmt: skip
NAMES = {
    "": (*_PLAIN, *_WORDS),
    "ISO_IR 100": _LATIN,
    "ISO_IR 192": _UNICODE,
    "\\ISO 2022 IR 87": _JAPANESE,
    "GB18030": _CHINESE,
}
WORD_NAMES = frozenset(name.split("^")[0] for name in _WORDS)
_STAFF = (
    "Ravenscroft^Lionel", "Oberhauser^Matthias", "Featherstone^Cordelia", "Quisenberry^Thaddeus", "Blankenship^Aurora",
    "Abercrombie^Horatio", "Xylander^Constanze", "Yarborough^Clementine", "Wickramasinghe^Chandra",
    "Pfefferkorn^Walburga",
    "Quackenbush^Rufus", "Winterbottom^Jemima", "Czerwonka^Jagoda", "Havisham^Wilbur", "Jessamyn^Cyprian",
    "Vaughnley^Odyssey",
)  # fmt: skip
_STREETS = (
    "Quarrendon Lane", "Juniper Crescent", "Wexcombe Avenue", "Larkspur Boulevard", "Copperfield Road", "Jackdaw Court",
    "Yewbarrow Street", "Foxglove Terrace", "Kingfisher Drive", "Mulberry Way",
)  # fmt: skip
_CITIES = (
    "Thornmouth", "Wexleybury", "Jaxonville", "Cobblewick", "Yarrowfield", "Quillhaven", "Coxwell Heath", "Juxbridge",
)  # fmt: skip
_HOSPITALS = (
    "Quarrendon General Hospital", "St Jude Wexleybury Infirmary", "Yarrowfield University Hospital",
    "Cobblewick Medical Center", "Juxbridge Radiology Clinic", "Thornmouth Memorial Hospital",
)  # fmt: skip
_EPOCH = date(2012, 1, 2)


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """One patient with everything that identifies, as it is written into headers, descriptors and pixels."""

    name: str
    charset: str
    patient_id: str
    accession: str
    sex: str
    birth: date
    day: date
    age: str
    ssn: str
    phone: str
    email: str
    street: str
    city: str
    hospital: str
    referrer: str
    performer: str
    reader: str
    operator: str
    serial: str
    station: str

    @property
    def family(self) -> str:
        """The family name of the alphabetic group."""
        return self.name.split("=")[0].split("^")[0]

    @property
    def spoken(self) -> str:
        """The name as a sentence has it: given, then family."""
        return spoken(self.name)

    @property
    def native(self) -> str:
        """The name in its second script, without a caret; "" where it has none."""
        groups = self.name.split("=")
        return groups[1].replace("^", " ") if len(groups) > 1 else ""

    @property
    def is_word(self) -> bool:
        """Whether the family name is also a word that a descriptor may hold."""
        return self.family in WORD_NAMES

    @property
    def address(self) -> str:
        """Street and city in one line."""
        return f"{self.street}, {self.city}"


def spoken(name: str) -> str:
    """Turn the alphabetic group of a PN into given and family name."""
    parts = name.split("=", maxsplit=1)[0].split("^")
    return f"{parts[1]} {parts[0]}"


def person(seed: int) -> Person:
    """The patient of one seed. Numbers differ between any two seeds below 10,000; names recur."""
    draw = Random(f"person/{seed}")
    charset = sorted(NAMES)[seed % 5] if seed % 2 else ""
    names = NAMES[charset]
    staff = draw.sample(_STAFF, 4)
    day = _EPOCH + timedelta(days=draw.randrange(3000))
    age = draw.choice((91, 94, 97, 102)) if seed % 11 == 5 else draw.randrange(19, 89)
    return Person(
        name=names[(seed // 2) % len(names)],
        charset=charset,
        patient_id=_number(draw, seed),
        accession=draw.choice(("ACC{}", "A-{}", "RAD{}Q", "{}"))
        .format(f"{draw.randrange(10, 99)}{seed:04d}{draw.randrange(100, 999)}"),
        sex=draw.choice("FM"),
        birth=day - timedelta(days=age * 365 + age // 4 + draw.randrange(1, 360)),
        day=day,
        age=f"{age:03d}Y",
        ssn=f"{draw.randrange(100, 665)}-{draw.randrange(11, 99)}-{1000 + seed:04d}",
        phone=_phone(draw, seed),
        email=f"{draw.choice(('jx', 'qy', 'wc'))}{seed:04d}@{draw.choice(('coxmail', 'juxpost', 'wexnet'))}.example",
        street=f"{1000 + seed} {draw.choice(_STREETS)}",
        city=draw.choice(_CITIES),
        hospital=draw.choice(_HOSPITALS),
        referrer=staff[0],
        performer=staff[1],
        reader=staff[2],
        operator=staff[3],
        serial=f"SN{draw.randrange(1000, 9999)}{seed:04d}X",
        station=f"{draw.choice(('JUXCT', 'WEXMR', 'QUAXA', 'YARRX'))}{seed % 97:02d}",
    )  # fmt: skip


def _number(draw: Random, seed: int) -> str:
    """A PatientID in one of the forms that hospitals use."""
    digits = f"{draw.randrange(10, 99)}{seed:04d}"
    forms = ("{0}{1}", "MRN-{0}{1}", "H{0}-{1}", "{0}.{1}X", "PAT{0}{1}", "QX_{0}_{1}")
    return draw.choice(forms).format(digits, draw.randrange(10, 99))


def _phone(draw: Random, seed: int) -> str:
    """A telephone number in one of the forms that people write."""
    forms = ("(555) 0{0}-{1:04d}", "555-0{0}-{1:04d}", "+44 1632 9{0}{1:04d}", "+1 555 0{0} {1:04d}")
    return draw.choice(forms).format(draw.randrange(10, 99), seed)
