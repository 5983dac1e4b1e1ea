"""The conformance statement: what stands in the documentation is what the code does, and each demand has its test."""

import ast
from pathlib import Path

import pytest

from curate.dicom import tables
from curate.dicom.conformance import HOW, statement
from curate.dicom.markers import MEANINGS
from curate.dicom.rules import Method

ROOT = Path(__file__).resolve().parents[3]
# What a statement has to describe by PS3.15 E.1.3, E.3.5, E.3.6, E.3.7 and E.3.10, and words that only that would hold
MUST_DESCRIBE = {
    "removed": "| X | removed | ",
    "dummies": '| D | a constant of the VR: "DEIDENTIFIED"',
    "encryption": "No Encrypted Attributes Data Set is written",
    "references": "One map of UIDs holds",
    "inserted": "Patient Identity Removed (0012,0062) YES",
    "options": "113112",
    "restrictions": "private ones are refused",
    "texts": "pass\n  through the scrubber",
    "dates": "52 to 520",
    "characteristics": "the cap (90 years",
    "safe private": "ps315_table_E3.10-1_safe_private.csv",
}


def test_page_is_what_the_tables_say() -> None:
    """docs/conformance.md is the statement, word for word."""
    assert (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8") == statement()


def test_every_code_that_can_be_claimed_is_stated() -> None:
    """Each code of CID 7050 is named, claimed or not."""
    assert all(code in statement() for code in MEANINGS)


def test_statement_says_what_it_must() -> None:
    """Everything that Annex E wants described is, every attribute of the table is named, and no place is left open."""
    text = statement()
    assert [name for name, words in MUST_DESCRIBE.items() if words not in text] == []
    assert [row.name for row in tables.attributes() if row.name not in text] == []
    assert set(HOW) == set(Method)
    assert "{{" not in text


def test_every_shall_is_answered() -> None:
    """Each demand is held by a test, or says why it is not: it does not apply, or its option is not offered."""
    for row in tables.requirements():
        assert row["kind"] in {"shall", "note", "ours"}
        assert row["test"] or row["answer"].startswith("does not apply")
        if row["kind"] == "shall":
            assert row["answer"].startswith(("held", "does not apply", "not offered")), row["requirement"]


def test_every_section_is_there() -> None:
    """Each section of Annex E that has a "shall" in it has rows; E.3 has eleven options."""
    sections = {row["section"] for row in tables.requirements() if row["kind"] == "shall"}
    assert sections == {"E.1.1", "E.1.2", "E.1.3", "E.2", *(f"E.3.{number}" for number in range(1, 12))}


@pytest.mark.parametrize("row", tables.requirements(), ids=lambda row: row["section"] or "ours")
def test_every_named_test_exists(row) -> None:
    """The test that is said to hold a demand is a function of the file that it is said to stand in."""
    if not row["test"]:
        return
    path, _, name = row["test"].partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
