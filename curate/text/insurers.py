"""Insurers and sickness funds where a text says who insures a person: behind a label, or before a member's number.

Many are called by letters that mean something else elsewhere (CNS, SIS), so the name alone says nothing.
"""

from collections.abc import Iterator
from functools import cache

from curate.records import Span
from curate.text.lexicon import alternatives, words
from curate.text.sparse import Sparse

_LABEL = (
    r"(?i:insur(?:er|ance|ed[ ]by)|payer|payor|(?:health[ ])?plan|fund|med(?:ical)?[ ]aid|medical[ ]scheme"
    r"|cover(?:age)?|kasse|krankenkasse|kostenträger|versicherung|versichert[ ]bei|caisse|mutuelle|prise[ ]en[ ]charge"
    r"|organisme|assureur"
    r"|aseguradora?|seguro|previsi[oó]n|prev|obra[ ]social|mutua|cobertura|convenio|financiador|entidad|r[ée]gimen|eps)"
)
_NUMBER = r"(?i:member|policy|claim|auth|no\.?|n[°º]|nr\.?|mitgl\w*|vers\w*|afiliad[oa]|adh[ée]rent|matricule|contrato)"


def find(text: str) -> Iterator[Span]:
    """Names of insurers in `text` (plain, see view.py) that stand for a person's insurance."""
    for found in _pattern().finditer(text):
        yield Span(*found.span(found.lastgroup or 0), "INSTITUTION", "insurer", 0.8)


@cache
def _pattern() -> Sparse:
    names = alternatives(words("insurers"))
    return Sparse(
        rf"(?<!\w){_LABEL}[ .:]{{1,4}}(?P<told>{names})(?!\w)"
        rf"|(?<![\w\-])(?P<numbered>{names})(?=[ ,:(]{{1,2}}(?:{_NUMBER}[ .:]{{1,3}})?(?=[A-Z]{{0,3}}\d)[\w.\-/ ]{{5}})"
    )
