"""What identifies, and what only looks like it: dates, numbers, addresses, and invented clinical words."""

from collections.abc import Callable
from random import Random

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tues Wed Thu Fri",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi",
    "es": "lunes martes miércoles jueves viernes sábado",
}


def _forms(text: str) -> tuple[str, ...]:
    return tuple(form.strip("\n") for form in text.strip("\n").split("|"))


_NUMERIC = _forms("""
{m:02}/{d:02}/{y}|{m}/{d}/{y}|{m}/{d}/{s:02}|{d:02}/{m:02}/{y}|{d}/{m}/{s:02}|{y}-{m:02}-{d:02}|
{y}/{m:02}/{d:02}|{d:02}.{m:02}.{y}|{m}/{d}|{d}/{m}|{d:02}.{m:02}.|{d:02}{m:02}{s:02}|{m:02}{d:02}{y}|{d}.{m}.|{m}-{y}|
{d:02}/{m:02}|{y}.{m:02}.{d:02}|{d}.{m}.{s:02}|{d:02}-{m:02}-{y}|{d:02}-{m:02}-{s:02}|{y}{m:02}{d:02}|
{m:02}/{y}|{m}-{d}-{s:02}|{d} {m:02} {y}|{m}.{d}.{s:02}""")
_WORDED = {
    "en": _forms("""
{M} {d}, {y}|{M} {d} {y}|{d} {M} {y}|{A} {d}, {y}|{A}. {d}, {y}|{d}-{A}-{y}|{d:02}-{A}-{s:02}|{M} {y}|{A} {y}|
{M} {d}{o}|{M} {d}{o}, {y}|{d}{o} {M} {y}|{d}{o} of {M}|{W}, {M} {d}, {y}|{W} {d} {M}|{d}{A}{y}|{M} {d}|
{A} {d}|{W} {m}/{d}|{A}-{s:02}|{W} {d}/{m}|{W} {d}{o}|{A} {d:02},{y}@08:1{m}|{A} {d},{y}|{A}-{d:02}-{y}|{d:02}{A}|
{d:02}{A}{s:02}|
{d:02}{A}{y}|the {d}{o}|the {d}{o} of {M}|{d}{o} inst.|{M} '{s:02}|{W} the {d}{o}|{W} {m}/{d}/{y}|{A}. {d} '{s:02}|
{A}/{d}/{y}|
{d}{o} {A}|{M} the {D}|the {D} of {M}|{M} {D} {Y}|the {D} of {M} {Y}|{M} the {D} {Y}|{D} {M}|{y}{A}{d:02}|
{W} {M} {d}{o}|
{d} {A}, {y}|{M}, {y}|last {W}|{W} {d}.{m}.|{d:02} {A} {y} {m:02}:{d:02}|the {d}{o} of last {M}|{A} {y}|
{d} {A} {s:02}|{M} of {y}|{y} {A} {d}|{A} '{s:02}"""),
    "de": _forms("""
{d}. {M} {y}|{d:02}. {M} {y}|{W}, den {d}. {M} {y}|{M} {y}|{d}. {M}|{W}, {d:02}.{m:02}.{y}|{d}. {A} {y}"""),
    "fr": _forms("""
{d} {M} {y}|{W} {d} {M} {y}|{M} {y}|{d} {M}|1er {M} {y}|{d} {A}. {y}|{W} {d} {M}"""),
    "es": _forms("""
{d} de {M} de {y}|{d} de {M} del {y}|{d} de {M}|{M} de {y}|{W}, {d} de {M} de {y}|{d}-{A}-{y}|{d} {A} {y}"""),
}
_IDS = _forms("""
######|#######|########|#########|##########|############|@#######|@@########|###-##-####|@@-##-######|
####-####|@@@########-####|##-###-#####|##@@#####|### ### ####|@###-####-####|@@ ######|#####|@#####|
##-######|@@@-######|@@@@######|#-######|###.###.###|#######@|@@#####@|## ###### @ ###|##@##-#####|####/##|
##/######|@-####-##-###|@@@##-#####|###-###-###|@####|@@####|1.2.840.######.#.####.##|# ## ## ## ### ### ##|
############/#|@@@/##/#####|#####-#|########-@|@@#@#####@##|####@|*######*|#######.#|##.###.###-#|
#-##-######-#|@##-#######|@@@/##/######|@@-@@@@-######-#|@@/@##|@@@@-########|@@@.##.####.@@|@@@###@|@#/####/##|
@/########/##|####-@@-######|##-@@-#######|@# ###|@#### ##|#(##)###|##########-##|@@@####|@@## @@@|@@@ ####|
@@/####/####|
@-######|@@@ ######|###/####|######/####|######-####|########-####|########-@@-####|#-###-###|
(01)##############(17)######(10)########|
@@#######-#|@##@###|@@ ### ### ##|##-#########-#|@@@@@ ########|###### #### #|@@@@####@""")
_PHONES = {
    "en": _forms("""
(###) ###-####|###-###-####|###.###.####|+1 ### ### ####|+44 ## #### ####|0## #### ####|x####|ext. ####|
ext ####|extension #####|###-####|0#### ######|1-###-###-####|#####|pager #####|+61 # #### ####|
(0##) ### ####|+91 ##### #####|bleep ####|bleep ###|##########|(###) ###-#### opt #|###.####|ext-####|X####|
#-#### (int)|+27 ## ### ####|08# ### ####|
+968 #### ####|0## #### ####|07### ### ###|01### ######|##### #####|1 800 ### ####|+234 80# ### ####|###-#### x###|
1300 ### ###|09## ### ####|
+65 #### ####|vocera ####|pgr ####|dect #####|+1-###-###-####|x#-####"""),
    "de": _forms("""
0### ######|0##/#######|+49 ### #######|0### / ## ## ##|0####-####-#|(0###) ## ## ##|DW ####|+43 # ### ####"""),
    "fr": _forms("""
0# ## ## ## ##|+33 # ## ## ## ##|0#.##.##.##.##|poste ####|+32 # ### ## ##|0#########"""),
    "es": _forms("""
9## ### ###|+34 ### ## ## ##|## #### ####|ext. ####|(##) ####-####|+52 ## #### ####|6########|9##-##-##-##"""),
}
_DIGITS = _forms("zero|one|two|three|four|five|six|seven|eight|nine")
_TEENS = _forms("ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen")
_TENS = _forms("twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety")
_ORDINALS = _forms("""
|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|
sixteenth|seventeenth|eighteenth|nineteenth""")
_SPELT = (
    ("A", "alpha"),
    ("B", "bravo"),
    ("C", "charlie"),
    ("M", "mike"),
    ("T", "tango"),
    ("R", "romeo"),
    ("A", "apple"),
)
_BEFORE = _forms("""
ab|an|brachio|cardio|chole|chondro|cysto|dactylo|dermo|entero|fibro|gastro|glio|hemo|hepato|hystero|kerato|
lipo|lympho|meso|myelo|naso|nephro|neuro|osteo|pachy|peri|pneumo|procto|pseudo|retro|sclero|sialo|spondylo|
supra|tracheo|uretero|vaso|xantho|arachno|balano|calci|encephalo|fasci|hydro|ileo|laryngo|melano|onycho|
phlebo|tympano""")
_MIDDLE = _forms("""
lit|blast|cyt|for|gon|men|nod|pleg|plas|rhag|sten|troph|vert|dactyl|gran|lobul|metr|pept|ton|vas""")
_AFTER = _forms("""
oma|itis|osis|ectomy|opathy|ographic|ation|iform|algia|ostomy|aris|emia|ectasis|oplasty|ogenesis|icular|oid|
ism|ular|otomy|omas|itic|otic|ium|ella""")
_DRUG = _forms("""
zel|vor|tax|bri|lum|nex|qui|dar|fen|oxi|pre|rit|sol|tri|ven|xar|cab|dol|eri|fos|gem|ibu|kef|lev|mid""")
_DRUG_END = _forms("""
umab|inib|azole|pril|sartan|olol|statin|parin|cillin|mycin|tide|gliptin|oxacin|vir|ate|ex|ant|ista|is|ol|ast""")


def write_date(random: Random, language: str) -> str:
    """A calendar date in a format of the language, weekday and year not always there."""
    year = random.choice((random.randint(1928, 1999), random.randint(2005, 2026), random.randint(2018, 2026)))
    month, day = random.randint(1, 12), random.randint(1, 31)
    name = MONTHS[language].split()[month - 1]
    short = name[:3].upper() if random.random() < 0.3 else name[:3]
    worded = random.random() < (0.5 if language == "en" else 0.35)
    form = random.choice(_WORDED[language] if worded else _NUMERIC)
    weekday = random.choice(_WEEKDAYS[language].split())
    spoken = {"D": _spoken(day, _ORDINALS), "Y": f"{_two(year // 100)} {_two(year % 100)}"}
    return form.format(y=year, s=year % 100, m=month, d=day, M=name, A=short, W=weekday, o=_ordinal(day), **spoken)


def write_id(random: Random) -> str:
    """An identifier of any of many shapes."""
    return fill(draw_id_form(random), random)


def draw_id_form(random: Random) -> str:
    """A shape of identifiers, for `fill`."""
    return random.choice(_IDS)


def speak_number(random: Random) -> str:
    """A number as it is dictated: digit by digit, with "oh" and "double", now and then a letter spelt before it."""
    digits = [random.choice(("zero", "oh")) if each == "0" else _DIGITS[int(each)] for each in fill("#" * 12, random)]
    said = " ".join(digits[: random.randint(4, 10)])
    lead = random.choice(("", "", "", "", "{} as in {} ", "letter {} ", "{} dash ")).format(*random.choice(_SPELT))
    return lead + said if random.random() < 0.8 else lead + " ".join(fill("#" * random.randint(5, 9), random))


def write_phone(random: Random, language: str) -> str:
    """A telephone, fax or pager number."""
    return fill(random.choice(_PHONES[language]), random)


def write_old_age(random: Random) -> str:
    """An age above 89, in figures or in words."""
    age = random.randint(90, 106)
    return str(age) if random.random() < 0.7 or age > 99 else f"ninety-{_DIGITS[age - 90]}" if age > 90 else "ninety"


def invent_term(random: Random) -> str:
    """A word built like a clinical one that no list knows."""
    middle = random.choice(_MIDDLE) if random.random() < 0.5 else ""
    return random.choice(_BEFORE) + middle + random.choice(_AFTER)


def invent_drug(random: Random) -> str:
    """A word built like the name of a drug, a trial or a device."""
    first = random.choice(_DRUG) + random.choice(("", "a", "e", "i", "o")) + random.choice(_DRUG)
    return (first + random.choice(_DRUG_END)).capitalize()


def invent_acronym(random: Random) -> str:
    """Capitals, as of a trial, a sequence or a score."""
    length = random.choice((2, 3, 3, 4, 4, 5))
    made = "".join(random.choice("ABCDEFGHILMNOPRSTVX") for _ in range(length))
    return made + random.choice(("", "", "", "-2", " 3", "-II", "-1"))


def fill(form: str, random: Random) -> str:
    """A form with its digits (#) and capitals (@) drawn."""
    draw: dict[str, Callable[[], str]] = {
        "#": lambda: random.choice("0123456789"),
        "@": lambda: random.choice("ABCDEFGHJKLMNPRSTUVWXYZ"),
    }
    return "".join(draw[letter]() if letter in draw else letter for letter in form)


def _spoken(number: int, words: tuple[str, ...]) -> str:
    """A number below 32 as an ordinal in words."""
    tens = {2: "twenty", 3: "thirty"}.get(number // 10, "")
    if number < 20 or not number % 10:
        return words[number] if number < 20 else {20: "twentieth", 30: "thirtieth"}[number]
    return f"{tens} {words[number % 10]}"


def _two(number: int) -> str:
    """A number below 100 in words, as in a year."""
    if number < 10:
        return f"oh {_DIGITS[number]}"
    if number < 20:
        return _TEENS[number - 10]
    return _TENS[number // 10 - 2] + (f" {_DIGITS[number % 10]}" if number % 10 else "")


def _ordinal(day: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in {11, 12, 13} else 0, "th")
