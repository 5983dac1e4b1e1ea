"""Names that a text puts right: "Pichler, nicht Bichler", "Olfa, pas Olga", "nicht „Ogbonaja“, sondern Ogbonnaya".

Nobody corrects a word of medicine so: two words with capitals that differ in a letter or two, one said not to be.
"""

from collections.abc import Callable, Iterator

from curate.privacy.surrogates import fold
from curate.records import Span
from curate.text.misspellings import distance
from curate.text.sparse import Sparse
from curate.text.unfamiliar import is_familiar

_NAME = r"[A-ZÀ-Þ][a-zß-ÿ]{2,24}(?:['\-][A-ZÀ-Þ]?[a-zß-ÿ]{2,24})?"
_OPENS, _CLOSES = r"['\"„“”«»]{0,2}[ ]?", r"[ ]?['\"„“”«»]{0,2}"
_NOT = r"(?:nicht|pas|et[ ]non(?:[ ]pas)?|no|y[ ]no|not|and[ ]not)"
_RIGHT = r"(?:richtig(?:[ ]ist)?|recte|c'est|correct(?:ed)?[ ](?:is|to)|it[ ]is|lo[ ]correcto[ ]es)"
_ONE, _OTHER = rf"{_OPENS}(?P<one>{_NAME}){_CLOSES}", rf"{_OPENS}(?P<other>{_NAME})\b"
_PAIRS = tuple(
    map(
        Sparse,
        (
            rf"{_ONE},?[ ]\(?{_NOT}[ ]{_OTHER}",
            rf"{_ONE}[ ](?:[a-zà-ÿ]{{2,10}}[ ](?:[a-zà-ÿ]{{2,10}}[ ]|\w[ ])?){{1,3}}{_NOT}[ ]{_OTHER}",
            rf"{_ONE},?[ ]{_RIGHT}:?[ ]{_OTHER}",
            rf"\b(?:nicht|not|non|no)[ ]{_ONE},?[ ](?:sondern|but|mais|sino)[ ]{_OTHER}",
            rf"\b(?:pone|dice|figura|says|written)[ ]{_ONE},?[ ](?:y|but|should[ ]be)[ ](?:es[ ]|is[ ])?{_OTHER}",
        ),
    )
)
_LIKELY = Sparse(
    rf"\b(?:{_NOT}|sondern|but|mais|sino|y|be|es|is|to|ist|richtig|recte|c'est):?[ ]{_OPENS}[A-ZÀ-Þ][a-zß-ÿ]"
)
_MOST = 3  # letters that differ


def find(text: str, is_word: Callable[[str], bool] = is_familiar) -> Iterator[Span]:
    """Both spellings, in `text` (plain, see view.py); not where both are words: "Varus, nicht Valgus".

    is_word: of a folded word, whether the language has it; English medicine counts everywhere.
    """
    for pattern in _PAIRS if _LIKELY.search(text) else ():
        for found in pattern.finditer(text):
            one, other = fold(found["one"]), fold(found["other"])
            words = all(is_familiar(each) or is_word(each) for each in (one, other))
            if not words and 0 < distance(one, other) <= min(_MOST, len(one) // 2):
                yield from (Span(*found.span(each), "NAME", "corrected", 0.8) for each in ("one", "other"))
