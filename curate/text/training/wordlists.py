"""Writes the closed vocabulary that `curate.text.plain` reads, from the grammars and without any name.

python -m curate.text.training.wordlists VOCABULARY OUT_FOLDER
"""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from curate.privacy.surrogates import fold
from curate.text.lexicon import table, terms, words
from curate.text.places import WARD_CUES
from curate.text.training.grammar import Grammar
from curate.text.training.people import LOCALES, names
from curate.text.training.values import MONTHS

_PLAIN = ("any", "clinical", "en", "en_vocabulary", "en_general", "de", "fr", "es")
_TERMED = ("en_vocabulary", "de", "fr", "es")


def main() -> None:
    """Write plain_words.txt and lower_words.txt."""
    parser = argparse.ArgumentParser(description="Write the closed vocabulary.")
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    spared, common = (set(Grammar("clinical").texts(symbol)) for symbol in ("always", "lower"))
    barred = _barred() - spared
    plain = {word for word in _grammar_words() if word not in barred} | spared
    pieces = asked.vocabulary.read_text(encoding="utf-8").splitlines()
    lower = {piece for piece in pieces if re.fullmatch("[a-z]{3,}", piece)} - barred | common
    _write(asked.out / "plain_words.txt", plain)
    _write(asked.out / "lower_words.txt", lower - plain)


def _grammar_words() -> set[str]:
    found = {word for word in Grammar(*_PLAIN).words() if len(word) > 1}
    return found | {word for word in words("clinical_words") | words("function_words") if word.isalpha()}


def _barred() -> set[str]:
    """Words of names, cues and places, months and eponyms: whatever could be, or stand beside, an identifier."""
    months = [form for names_of in MONTHS.values() for month in names_of.split() for form in (month, month[:3])]
    cues = " ".join([*table("name_cues"), *table("id_cues"), *months])
    listed = [name for origin in LOCALES for name in names(origin)]
    grammars = ("names", "en_places", "de_places", "fr_places", "es_places")
    named = {word for name in listed for word in re.findall(r"[^\W\d_]+", name)}
    placed = set(Grammar(*grammars).words()) | set(words("street_words") | words("organisation_words"))
    placed |= set(Grammar("clinical").texts("cue")) | {word for cue in WARD_CUES for word in cue.split()}
    termed = [term for part in _TERMED for symbol in ("eponym", "device") for term in Grammar(part).texts(symbol)]
    eponyms = {word for term in termed for word in re.findall(r"[^\W\d_]+", term) if word.istitle()}
    eponyms |= terms("eponym", "surname", "vendor", "device")
    return {form for word in named | placed | eponyms | set(re.findall(r"\w+", cues)) for form in _forms(word)}


def _forms(word: str) -> tuple[str, str]:
    return word.lower(), fold(word)


def _write(path: Path, found: Iterable[str]) -> None:
    path.write_text("\n".join(sorted(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
