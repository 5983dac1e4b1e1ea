"""Span recall on MEDDOCAN (Marimon 2019), Spanish clinical cases with gold identifiers.

python tests/benchmarks/meddocan.py [DIRECTORY] [--half development|held_out|both] [--missed]

Every second case, by the SHA-256 of its name, was read while rules were written; the others were only ever scored. A
gold span counts when each of its letters and digits is covered, whatever the label.
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from curate.policy import TextOptions
from curate.text.scrub import Scrubber

_DIRECTORY = Path(__file__).parents[3] / "shared" / "data" / "real" / "gold_text" / "meddocan_es_CC-BY"
_SHOWN = frozenset({"S0210-48062004000400007-1"})  # read once for its format

# What our policy removes. A year alone (45 CFR 164.514(b)(2)(i)(C)), sex, profession, kinship words and ages up to 89
# stay. A country goes beside a town or behind a label and stays in running text, so it is counted apart.
REMOVED = frozenset({
    "NOMBRE_SUJETO_ASISTENCIA", "NOMBRE_PERSONAL_SANITARIO", "FECHAS", "ID_SUJETO_ASISTENCIA", "ID_ASEGURAMIENTO",
    "ID_TITULACION_PERSONAL_SANITARIO", "ID_CONTACTO_ASISTENCIAL", "ID_EMPLEO_PERSONAL_SANITARIO", "CALLE",
    "TERRITORIO", "HOSPITAL", "CENTRO_SALUD", "INSTITUCION", "CORREO_ELECTRONICO", "URL_WEB", "NUMERO_TELEFONO",
    "NUMERO_FAX", "IDENTIF_VEHICULOS_NRSERIE_PLACAS", "IDENTIF_DISPOSITIVOS_NRSERIE", "IDENTIF_BIOMETRICOS",
    "OTRO_NUMERO_IDENTIF", "DIREC_PROT_INTERNET",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its gold spans as (type, start, end), offsets in code points."""

    name: str
    text: str
    gold: tuple[tuple[str, int, int], ...]

    @property
    def half(self) -> str:
        """Which half of the cases this one belongs to."""
        if self.name in _SHOWN:
            return "development"
        return "held_out" if hashlib.sha256(self.name.encode()).digest()[0] % 2 else "development"


def read_cases(directory: Path) -> Iterator[Case]:
    """The cases of a directory of .txt and BRAT .ann files, by name."""
    for path in sorted(directory.glob("*.txt")):
        rows = path.with_suffix(".ann").read_text(encoding="utf-8").splitlines()
        places = [row.split("\t")[1].split() for row in rows if row.startswith("T")]
        gold = tuple(sorted((kind, int(start), int(end)) for kind, start, end in places))
        yield Case(path.stem, path.read_text(encoding="utf-8"), gold)


@dataclass(slots=True)
class Score:
    """Gold spans by type, those wholly covered, and words touched outside any gold span."""

    total: Counter[str]
    whole: Counter[str]
    words: int = 0
    touched: int = 0

    def recall(self, kinds: Iterable[str] = REMOVED) -> float:
        """The share of gold spans of these types that are wholly covered."""
        wanted = set(kinds)
        return sum(self.whole[kind] for kind in wanted) / max(1, sum(self.total[kind] for kind in wanted))


def score(cases: Iterable[Case], *, missed: bool = False) -> Score:
    """Scrub each case in Spanish without known identifiers, and count; `missed` prints gold spans that stay."""
    scrubber = Scrubber(TextOptions(language="es"))
    result = Score(Counter(), Counter())
    for case in cases:
        spans = scrubber.scrub([case.text], None)[0].spans
        covered = {at for span in spans for at in range(span.start, span.end)}
        _count_gold(case, covered, result, missed=missed)
        _count_words(case, covered, result)
    return result


def _count_gold(case: Case, covered: set[int], result: Score, *, missed: bool) -> None:
    for kind, start, end in case.gold:
        name = _type(kind, case.text[start:end])
        whole = all(at in covered for at in range(start, end) if case.text[at].isalnum())
        result.total[name] += 1
        result.whole[name] += whole
        if missed and not whole and name in REMOVED:
            sys.stdout.write(f"{name}: {case.text[max(0, start - 40) : start]}[[{case.text[start:end]}]]\n")


def _type(kind: str, written: str) -> str:
    """The type of a gold span; ages over 89 and years alone are types of their own, because the policy tells them."""
    digits = "".join(character for character in written if character.isdigit())
    if kind.startswith("EDAD") and digits and "año" in written and int(digits) > 89:
        return "EDAD_MAYOR_DE_89"
    return "AÑO" if kind == "FECHAS" and written.strip().removeprefix("año ").isdigit() and len(digits) == 4 else kind


def _count_words(case: Case, covered: set[int], result: Score) -> None:
    gold = {at for _, start, end in case.gold for at in range(start, end)}
    at = 0
    for word in case.text.split():
        start = case.text.index(word, at)
        at = start + len(word)
        if not gold & set(range(start, at)):
            result.words += 1
            result.touched += bool(covered & set(range(start, at)))


def main() -> None:
    """Print recall by type and the share of other words touched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=_DIRECTORY)
    parser.add_argument("--half", default="held_out", choices=["development", "held_out", "both"])
    parser.add_argument("--missed", action="store_true")
    options = parser.parse_args()
    if not options.directory.is_dir():
        sys.stdout.write("the Spanish cases are not here: name the directory of their .txt and .ann files\n")
        return
    cases = [case for case in read_cases(options.directory) if options.half in {case.half, "both"}]
    result = score(cases, missed=options.missed)
    for kind, total in sorted(result.total.items()):
        mark = " " if kind in REMOVED or kind == "EDAD_MAYOR_DE_89" else "(stays)"
        sys.stdout.write(f"{kind:36} {result.whole[kind]:4}/{total:<4} {result.whole[kind] / total:.3f} {mark}\n")
    sys.stdout.write(f"{len(cases)} cases; recall of what is removed {result.recall():.4f}; ")
    sys.stdout.write(f"other words touched {result.touched / max(1, result.words):.4f}\n")


if __name__ == "__main__":
    main()
