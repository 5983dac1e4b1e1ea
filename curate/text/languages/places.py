"""Addresses, towns and wards in German, French and Spanish texts, by the words around them.

Towns, provinces and postcodes go; a country goes beside a town or behind its label, and stays in running text.
"""

import re
from collections.abc import Iterator
from functools import cache

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.languages.numbers import NO_UNIT
from curate.text.languages.vocabulary import MEDICINE
from curate.text.lexicon import alternatives, joined, table, terms, words
from curate.text.places import in_one_case
from curate.text.sparse import Sparse

CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
# Small words inside proper names of places and organisations.
LINK = {
    "de": (
        r"(?:am[ ]|an[ ]der[ ]|auf[ ]der[ ]|im[ ]|in[ ]der[ ]|ob[ ]der[ ]|a\.[ ]?|bei[ ]|der[ ]|des[ ]|vom[ ]|zum[ ]"
        r"|zur[ ]|St\.[ ]?)"
    ),
    "fr": (
        r"(?:de[ ]la[ ]|de[ ]l'|de[ ]|du[ ]|des[ ]|d'|l'|la[ ]|le[ ]|les[ ]|en[ ]|sur[ ]|sous[ ]|à[ ]|au[ ]|aux[ ]"
        r"|et[ ])"
    ),
    "es": (
        r"(?:de[ ]la[ ]|de[ ]los[ ]|de[ ]las[ ]|del[ ]|de[ ]|la[ ]|el[ ]|los[ ]|las[ ]|y[ ]|i[ ]|d'|en[ ]"
        r"|d[oa]s?[ ])"
    ),
}
_POSTCODE = {
    "de": r"(?:(?:D|DE)-?[ ]?)?\d{5}|(?:A|AT|CH|L|FL)-[ ]?\d{4}",
    "fr": r"(?:F-?[ ]?)?\d{5}|B-?[ ]?\d{4}|[ABCEGHJ-NPRSTVXY]\d[A-Z][ ]?\d[A-Z]\d",
    "es": r"(?:E-?[ ]?)?(?:0[1-9]|[1-4]\d|5[0-2])\.?\d{3}|\(?[A-HJ-NP-Z]\d{4}(?:[A-Z]{3})?\)?",
}
_AFTER_TOWN = {"de": "(?!)", "fr": r"[ ](?i:cedex)(?:[ ]\d{1,2})?", "es": r"[ ]?\([^\W\d_][^()\n\d]{2,30}\)"}
_ALONE = r"rue|avenue|boulevard|chaussée|rang|drève|bd|bld|av\."  # count without a number
_ROADS = {"fr": r"route|rte|piste", "es": r"camino|carretera|ctra\.|ruta"}  # with a kilometre
_TIME = r"mes(?:es)?|semanas?|d[ií]as?|horas?|mois|semaines?|jours?|heures?|Monate?n?|Wochen?|Tagen?|Stunden?|min"
_ANYTHING = r"[^\W\d_](?:(?![ ]{2})[^\n.:;,()\d]){1,40}(?=[.\n;,(]|$)"  # behind a label
_SUPPORT = {  # behind one of these a town is named in a text without capitals
    "de": r"(?:\b(?:in|aus|nach|bei|von|Raum)[ ]|[,(/\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
    "fr": r"(?:\b(?:à|de|d'|en|sur|vers|pour|près[ ]de)[ ]?|[,(/\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
    "es": r"(?:\b(?:en|de|a|desde|hacia|por|cerca[ ]de)[ ]|[,(/.\-][ ]?|\n[ ]*|:[ ]?|\d[ ])$",
}
_DEPARTMENT = {  # "CHIR B 204", "Innere 2, Bett 4": wards by what they treat
    "de": r"Innere|Chir(?:urgie)?|Unfall|Kinder|Gyn|Uro|Med|Geri",
    "fr": r"maternité|mat\.|pédiatrie|péd\.|chirurgie|chir\.?|médecine|méd\.|néonat|couveuse",
    "es": r"maternidad|pediatr[íi]a|cirug[íi]a|medicina(?:[ ]interna)?|m\.[ ]?interna|incubadora",
}
_PLAIN = rf"{CAPITAL}(?:[a-zà-öø-ÿ'\-]|(?<=-){CAPITAL}|(?<='){CAPITAL}){{1,24}}"  # a word with one capital
_SHAPES = {  # places by how they are called
    "de": rf"{_PLAIN}[ ](?:Alm|Alp|Hütte|Spitze|Joch|Brücke)",
    "fr": (
        rf"{_PLAIN}-(?:(?:sur|sous|en|lès|les|la|le|de|du|des|aux|au)-){{1,2}}(?:l'|d')?{_PLAIN}"
        rf"|(?:Pont|Mont|Bois|Val|Isle|Villeneuve)-(?:l'|d'){_PLAIN}"
    ),
    "es": (
        rf"Vill(?:a|anueva|afranca|ahermosa|averde|amayor)[ ](?:de[ ]la[ ]|de[ ]los[ ]|del?[ ])?{_PLAIN}"
        rf"(?:[ ](?:de[ ]la[ ]|del?[ ])?{_PLAIN}){{0,2}}"
    ),
}
_HEADING = re.compile(  # and no town: "Abschlussbericht, 16.12.2024"
    r"(?:bericht|gramm|gra(?:f|ph)ie|skopie|protokoll|befund|antwort|anfrage|brief|konsil|notiz|nachtrag|diktat|kontrolle"
    r"|screening)$",
    re.IGNORECASE,
)
_NODE = re.compile(r"\d{1,2}[RLrl]?")
_NODES = re.compile(r"lymphkn|lymphon|lk\b|ganglion|adenopat|adénopath|nodal|ebus|mediastin|hil[äa]r", re.IGNORECASE)
_TOWARDS = {"fr": "à|chez|vers", "es": "desde|hacia|en"}  # small: a place stands behind it, or somebody
# Cra 12 # 34-08 apto 302: streets by number in Colombia
_GRID = r"""
    (?<![\w\-])(?P<value>(?i:cra|kra|kr|carrera|cll|cl|calle|diagonal|dg|transversal|tv|av)\.?[ ]?\d{1,3}[ ]?[A-Za-z]?
    (?:[ ](?i:bis|sur|norte|este))?[ ]?(?:\#|[Nn][ºo°]\.?)[ ]?\d{1,3}[ ]?[A-Za-z]?[ ]?-[ ]?\d{1,3}
    (?:,?[ ](?i:apto|apt|ap|int|interior|torre|of|oficina|piso)\.?[ ]?\w{1,5}){0,2})"""
_WEAK_STREET = rf"""
    (?:{CAPITAL}[\w\-]{{1,30}}(?:weg|ring|hof|markt|graben|ufer|steig|wall|winkel|berg)
      |(?:Am|An[ ]der|An[ ]den|Auf[ ]der|Auf[ ]dem|Im|In[ ]der|In[ ]den|Zum|Zur|Unter[ ]den|Vor[ ]dem|Hinter[ ]der)
       [ ](?:{CAPITAL}[\w\-]{{1,24}}[ ]?){{1,2}})
    [ ]?\d{{1,4}}(?:[ ]?[a-h])?(?=[ ]?[,\n][ ]?(?:D-)?\d{{5}}\b)"""


def find(text: str, language: str) -> Iterator[Span]:
    """Addresses, places and wards in `text` (plain, see view.py); spans may overlap."""
    for label, rule, pattern in _patterns(language):
        for found in pattern.finditer(text):
            value = found["value"]
            if rule in {"address", "postcode", "place", "towards"} and not _is_proper(value, language):
                continue
            if rule == "place" and _HEADING.search(value):
                continue
            if (rule == "towards" and _is_medicine(value)) or (rule == "ward" and _is_of_nodes(text, found)):
                continue
            yield Span(found.start("value"), found.start("value") + len(value.rstrip(" ,.-")), label, rule, 0.8)
    yield from _towns(text, language)


def _is_of_nodes(text: str, ward: re.Match[str]) -> bool:
    """Whether this is a station of lymph nodes: "Lymphknoten in Station 4R bis 11 mm"."""
    return bool(_NODE.fullmatch(ward["value"]) and _NODES.search(text, max(0, ward.start() - 80), ward.start()))


def _is_medicine(value: str) -> bool:
    """Whether a name with a capital is that of a sign or a device: "col de Dupuytren", "en Douglas"."""
    names = [fold(word) for word in re.findall(r"[^\W\d_]+", value) if word[0].isupper()]
    return names[:1] != [] and (names[0] in terms(*MEDICINE, "trial") or not terms("eponym").isdisjoint(names))


@cache
def _patterns(language: str) -> tuple[tuple[str, str, Sparse], ...]:
    forms = [
        *(("ADDRESS", "address", form) for form in _addresses(language)),
        *(("LOCATION", "postcode", form) for form in _postcodes(language)),
        *(("LOCATION", "place", form) for form in _named(language)),
        *(("LOCATION", "towards", form) for form in _towards(language)),
        ("LOCATION", "ward", _ward(language)),
    ]
    return tuple((label, rule, Sparse(form, re.VERBOSE)) for label, rule, form in forms)


def _addresses(language: str) -> Iterator[str]:
    street = {"de": _street_de, "fr": _street_fr, "es": _street_es}[language]()
    town = rf"(?:[,.]?[ ]{_town(language)}(?:{_AFTER_TOWN[language]})?)?"
    code = rf"(?:(?:{_POSTCODE[language]})(?!\d){town}|\d{{4}}[ ]{_town(language)})"  # 4: Belgium, Switzerland
    yield rf"(?<![\w\-])(?P<value>{street}(?:[ ]?[,.\-]?[ ]?\n?{code})?)"
    yield _labelled("address", language, r"[^\n|;]{3,80}?(?=\.?[ ]*\n|\.?[ ]*$|\.?[ ]{2}|;|\||\.[ ])")
    if language == "de":
        yield rf"(?<![\w\-])(?P<value>{_WEAK_STREET})"
    if language == "es":
        yield _GRID
    if language == "fr":
        kind = alternatives(words("street_words", "fr"))
        alone = rf"(?i:{kind})[ ]{LINK['fr']}{{0,2}}{_town('fr')}[ ]\d{{1,4}}"
        yield rf"(?:^|(?<=\n))[ ]{{0,8}}(?P<value>{alone})(?=[ ]*\n|[ ]{{3}})"
    if language in _ROADS:
        road = rf"(?i:{_ROADS[language]})[ ](?:a[ ]|{LINK[language]}){{0,2}}{_town(language)},?"
        yield rf"(?<![\w\-])(?P<value>{road}[ ](?i:km)[ ]?\d{{1,3}}(?:[.,]\d)?)"


def _postcodes(language: str) -> Iterator[str]:
    town, code, after = _town(language), _POSTCODE[language], _AFTER_TOWN[language]
    yield rf"(?<![\w.,\-])(?P<value>(?:{code})(?:[ ]|,[ ]|[ ]-[ ]){town}(?:{after})?)(?!\w)"
    yield rf"(?:^|(?<=\n)|(?<=[ ]{{2}}))[ ]{{0,8}}(?P<value>\d{{4}}[ ]{town})(?=[ ]*(?:\n|$))"  # Switzerland, Belgium
    yield rf"(?<![\w.,])(?P<value>(?:CH-|A-|B-)?\d{{4,5}}[ ]{{1,2}}(?:{alternatives(words('places', language))}))(?!\w)"
    yield rf"(?<=[./]\d{{4}},[ ])(?P<value>\d{{4}}[ ]{town})(?=[ ]*\n|,|$)"  # behind the date of birth
    if language == "fr":
        yield rf"(?<![\w\-])(?P<value>{town}[ ]\((?:Québec|QC|Qc)\)(?:,?[ ]{{1,2}}(?:{code}))?)"
    if language == "es":
        yield rf"(?<=[.,][ ])(?P<value>{town}[ ,]{{1,2}}\d{{5}}(?!\d)(?:[ .,(]{{1,2}}{town}\)?)?)"


def _named(language: str) -> Iterator[str]:
    """Towns and countries behind a label, and towns where somebody lives, comes from or goes to."""
    town = _town(language)
    yield _labelled("town", language, rf"\d{{4,5}}(?:[ ]{town})?|{_ANYTHING}|{town}(?:[ ]?[/,][ ]?{town})?")
    yield _labelled("country", language, town)
    if language == "de":  # a ward by its name
        after = r"(?=[ ](?:nach|bis|am|ab|mit|und|verlegt|entlassen)\b|[,.;)\n]|$)"
        yield rf"\bStation[ ](?P<value>[A-ZÄÖÜ][a-zäöüß]{{3,20}}){after}"
        yield r"\bStat(?:ion|\.)[ ](?P<value>[A-ZÄÖÜ][a-zäöüß]{3,20}[ ]\d{1,2}(?:[ ]?[a-d])?)(?![\w.,]?\d)"
    room = rf"{_PLAIN}(?:[ ](?:{LINK[language]})?{_PLAIN}){{0,3}}(?![\w\-])"
    yield rf"(?<![\w\-])(?i:{_cues('room', language)})[ ](?P<value>{room})"
    if language in _SHAPES:
        yield rf"(?<![\w\-])(?P<value>{_SHAPES[language]})(?![\w\-])"
    after = r"(?=[ ]*(?:[,;:)\n/\u2013→\-]|$|(?i:lit|cama|bett)\b|\d{3}\b))"
    yield rf"(?<![\w\-])(?i:{_DEPARTMENT[language]})[ ](?P<value>\d{{1,2}}|[A-Da-d]){after}"
    day = r"(?:\d{1,2}(?:er)?\.?[ ](?:de[ ])?[^\W\d_]{3,10}[ ](?:del?[ ])?(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
    # no patient with a date of birth: "Frau Ada Lanz, 04.07.1992"
    nobody = r"(?!(?:Frau|Herrn?|Ihre?|Von|Mme|M\.|Mlle|Madame|Monsieur|Sra?|Srta|Do[nñ]a?|Dra?)\b)"
    yield rf"(?:^|(?<=\n))[ ]{{0,60}}{nobody}(?P<value>{town}),[ ](?i:(?:den|le|am|a|el)[ ])?(?i:{day})"
    yield rf"\b(?i:{_cues('moved', language)})[ ](?P<value>{town}(?:{_AFTER_TOWN[language]})?)"


def _towards(language: str) -> Iterator[str]:
    """Rooms and places by the noun before their names, and where somebody goes or is, by a preposition alone."""
    name = rf"{_PLAIN}(?:[ ](?:{LINK[language]})?{_PLAIN}){{0,3}}(?![\w\-])"
    yield rf"(?<![\w\-])(?i:{_cues('room', language)})[ ](?:{LINK[language]}){{1,2}}(?P<value>{name})"
    yield rf"(?<![\w\-])(?P<value>(?i:{_cues('named', language)})[ ](?:{LINK[language]}){{0,2}}{name})"
    if language in _TOWARDS:
        name = rf"(?:(?:La|Le|Les|El|Los|Las)[ ]|L')?{_PLAIN}(?:[ \-](?:{LINK[language]})?{_PLAIN}){{0,2}}"
        yield rf"\b(?:{_TOWARDS[language]})[ ](?P<value>{name})(?![\w\-])"


def _street_de() -> str:
    """Lindenstr. 12a, Berliner Straße 3-5, Straße des 17. Juni 135."""
    return rf"""
        (?:{CAPITAL}[\w\-]{{1,30}}(?:straße|strasse|str\.|-Str\.|gasse|allee|chaussee|platz|damm)
          |(?:{CAPITAL}[\w\-]{{1,24}}[ ]){{1,2}}(?:Straße|Strasse|Str\.|Gasse|Allee|Platz|Weg|Damm|Ring|Ufer)
          |(?:Straße|Platz)[ ](?:der|des)[ ][\w. ]{{2,24}}?{CAPITAL}[\w\-]{{2,20}}
          |(?:Via|Strada|Veia)(?:[ ]{CAPITAL}[\w\-]{{1,24}}){{1,3}})
        [ ]{{0,2}}\d{{1,4}}(?:[ ]?[a-h])?(?:[ ]?[\-/][ ]?\d{{1,4}})?(?!\w)"""


def _street_fr() -> str:
    """12 bis, rue de la République; without a number only rue, avenue and boulevard count."""
    kind, link, word = alternatives(words("street_words", "fr")), LINK["fr"], rf"{CAPITAL}[\w'\-]{{0,24}}"
    box = r"(?:[ ]?[,/]?[ ]?(?:bte|boîte|appt?\.?|app)[ ]?\w{1,4})?"
    return rf"""
        (?: \d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-D]))?[ ]?,?[ ](?i:{kind})(?!\w)\.? | (?i:{_ALONE}) )
        [ ]{link}{{0,2}}{word}(?:[ ]{link}{{0,2}}{word}){{0,4}}
        (?:[ ]?,?[ ](?:n°[ ]?)?\d{{1,4}}(?:[ ]?[A-Za-z](?!\w))?{box}(?![\w/.:]))?"""


def _street_es() -> str:
    """Avda. de la Constitución nº 14, 3º B; C/ Valencia, 2, 5 C; without its kind before a postcode, or with s/n."""
    kind, link, word = alternatives(words("street_words", "es")), LINK["es"], rf"{CAPITAL}[\wª.'\-]{{0,24}}"
    floor = r"(?:\d{1,2}[ºª°]?(?![\d/])|[A-H]\b|(?i:bajo|piso|esc|pta|puerta|portal|bloque|izq|izda|dcha)\b\.?)"
    name, number = (
        rf"{word}(?:,?[ ]{link}{{0,2}}{word}){{0,5}}",
        r"(?:(?:nº|no|n\.º|n°|n\.|nro\.?|núm\.?|num\.?|[Kk]m\.?)[ ]?)?\d{1,4}(?:,\d)?(?:-\d{1,4})?(?![\d/])",
    )
    bare = name.replace("[\\wª.'", "[\\wª'")  # a full stop would join the sentence before
    floors, none = rf"(?:[ ]?[,\-]?[ ]?{floor}){{0,6}}", r"[ ]?,?[ ]?\bs/?n\b(?![ ]?[:.\#]?[ ]?[A-Z]{0,6}-?\d)"
    weak = alternatives(words("street_words_with_number", "es"))
    return rf"""
        (?: (?i:{weak})(?:(?<=[.])|(?!\w))[ ]?{link}{{0,2}}{bare}[ ]?,?[ ]?{number}{floors}
          | (?i:{kind})(?:(?<=[/.])|(?!\w))\.?[ ]?{link}{{0,2}} (?: {name} (?:{none}|[ ]?,?[ ]?{number}{floors})?
              | [a-zñáéíóú]{{3,20}}(?:[ ][a-zñáéíóú]{{2,20}})?,?[ ]{number}{floors} )
          | {bare} (?: {none} | ,?[ ]{number}{floors}(?=[ .,]{{1,3}}\d{{5}}\b) ) )"""


def _cues(kind: str, language: str) -> str:
    return alternatives(cue for cue, each in table("place_cues", language).items() if kind in each.split())


def _labelled(kind: str, language: str, value: str) -> str:
    return rf"(?<![\w\-])(?i:{_cues(kind, language)})[ ]?[.]?[ ]?:[ ]{{0,3}}(?P<value>{value})"


def _town(language: str) -> str:
    """A proper name of up to five capitalised words, with small ones between them."""
    word = rf"{CAPITAL}[\w'\-]{{1,25}}"
    article = r"(?:L'|La[ ]|Le[ ]|El[ ]|Los[ ]|Las[ ]|St\.[ ]?)?"
    return rf"(?:{article}{word}(?:[ \-]{LINK[language]}{{0,2}}{word}){{0,3}})"


def _ward(language: str) -> str:
    """Station 3B, chambre 214, cama 12-A: a digit is needed."""
    value = r"(?=[\w.\-]{0,4}\d)[A-Za-z]{0,3}[.\-]?\d{1,4}(?!\d)[A-Za-zªº]{0,2}(?:[.\-/][A-Za-z\d]{1,4})?"
    cue = rf"(?i:{_cues('ward', language)})(?:[ ]?[:\#][ ]?|[ ]n[°º][ ]?|[ ])"
    return rf"(?<![\w\-])(?<!LK[ ]){cue}(?P<value>{value})(?!\w|,\d|[ ]?(?i:{_TIME})\b){NO_UNIT}"


def _is_proper(value: str, language: str) -> bool:
    """Whether any word of a place is more than grammar and medicine."""
    known = joined("clinical_words", "function_words", language=language)
    plain = [fold(word) for word in re.findall(r"[^\W\d_]+", value)]
    return not plain or any(word not in known for word in plain)


@cache
def _place_pattern(language: str, flags: re.RegexFlag) -> Sparse:
    places, countries = alternatives(words("places", language)), alternatives(words("countries", language))
    more = rf"(?:(?:,[ ]?|[ ]?\(|[ ]-[ ]|[ ]|\.[ ])(?:{places}|{countries})\)?){{0,2}}"
    return Sparse(rf"(?<![\w\-])(?P<value>(?:{places}){more})(?![\w\-])", flags)


def _towns(text: str, language: str) -> Iterator[Span]:
    """Towns and provinces of the gazetteer; where no capitals tell them from words, behind a preposition or a mark."""
    one_case = in_one_case(text)
    flags = re.IGNORECASE if one_case else re.NOFLAG
    support = re.compile(_SUPPORT[language], flags)
    known = joined("clinical_words", "function_words", language=language)
    for found in _place_pattern(language, flags).finditer(text):
        told = fold(found["value"]) not in known and support.search(text, max(0, found.start() - 12), found.start())
        if told or not one_case:
            yield Span(*found.span("value"), "LOCATION", "place", 0.8)
