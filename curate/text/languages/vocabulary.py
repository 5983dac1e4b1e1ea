"""Words of grammar and of medicine in German, French and Spanish: what is no name by itself."""

import re
from functools import cache

from curate.privacy.surrogates import fold
from curate.text.lexicon import folded, terms

# Kinds of clinical terms that a word with a capital may be, and no name
MEDICINE = ("eponym", "device", "surname", "organism", "drug", "score", "sequence", "vendor", "acronym")


@cache
def stops(language: str) -> frozenset[str]:
    """Words that end a name, but for those that are names too ("Mann", "Domingo", "Plaza")."""
    known = (
        folded("function_words", language) | folded("street_words", language) | folded("institution_words", language)
    )
    return known - folded("ambiguous_names", language) - folded("given_names", language)


@cache
def _common(language: str) -> frozenset[str]:
    """Words of medicine: no name by themselves, but for those that are names too ("Stein", "Izquierdo")."""
    both = folded("clinical_words", language) | folded("head_nouns", language) | terms("sequence", "score", "drug")
    return both - folded("ambiguous_names", language) - folded("given_names", language)


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Every word of grammar or medicine, those included that are names too; folded."""
    return _common(language) | stops(language) | folded("ambiguous_names", language)


@cache
def _ending(language: str) -> re.Pattern[str]:
    return re.compile(rf"\w{{3,}}(?:{'|'.join(sorted(folded('endings', language)))})")


def is_common(word: str, language: str, *, grammar: bool = True) -> bool:
    """Whether a word belongs to medicine, or with `grammar` to grammar; of a compound the last part decides."""
    plain = fold(word)
    last = plain.rpartition("-")[2]
    known = _common(language) | stops(language) if grammar else _common(language)
    if plain in known or ("-" in plain and last in known):
        return True
    return plain not in folded("given_names", language) and _ending(language).fullmatch(last) is not None
