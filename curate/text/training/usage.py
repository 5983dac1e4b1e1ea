"""Writes what words the marked reports use for nobody again and again, and what words mostly for somebody.

python -m curate.text.training.usage REPORTS.jsonl DATA_FOLDER

A file holds one report a line, as `tests/golden/blind.py` prints them. English lists go into the folder, those of
another language into the one that is called like it.
"""

import argparse
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from curate.privacy.surrogates import fold

_WORD = re.compile(r"[^\W\d_]{3,}")
_OFTEN, _TIMES = 3, 9  # used for nobody at least so often, and more than nine times as often as for somebody

Report = dict[str, Any]
Uses = tuple[Counter[str], Counter[str]]  # of each folded word: for nobody, for somebody


def uses(reports: Iterable[Report]) -> dict[str, Uses]:
    """How often the reports of each language use each word."""
    found: dict[str, Uses] = {}
    for report in reports:
        nobody, somebody = found.setdefault(report["lang"], (Counter(), Counter()))
        marked = {at for span in report["spans"] for at in range(span["start"], span["end"])}
        for word in _WORD.finditer(report["text"]):
            (somebody if word.start() in marked else nobody)[fold(word[0])] += 1
    return found


def lists(nobody: Counter[str], somebody: Counter[str]) -> dict[str, list[str]]:
    """The two lists of a language, sorted."""
    return {
        "report_words": sorted(
            word for word, times in nobody.items() if times >= _OFTEN and times > _TIMES * somebody[word]
        ),
        "report_names": sorted(word for word, times in somebody.items() if times >= nobody[word]),
    }


def main() -> None:
    """Write report_words.txt and report_names.txt of each language."""
    parser = argparse.ArgumentParser(description="Write what words are used for.")
    parser.add_argument("reports", type=Path)
    parser.add_argument("data", type=Path)
    asked = parser.parse_args()
    lines = asked.reports.read_text(encoding="utf-8").splitlines()
    for language, found in uses(map(json.loads, lines)).items():
        folder = asked.data if language == "en" else asked.data / language
        for name, chosen in lists(*found).items():
            (folder / f"{name}.txt").write_text(textwrap.fill(" ".join(chosen), 116) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
