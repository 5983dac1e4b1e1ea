"""The conformance statement: what stands in the documentation is what the code does, and each demand has its test."""

import ast
from pathlib import Path

import pytest

from curate.dicom import tables
from curate.dicom.conformance import statement
from curate.dicom.markers import MEANINGS

ROOT = Path(__file__).resolve().parents[3]


def test_page_is_what_the_tables_say() -> None:
    """docs/conformance.md is the statement, word for word."""
    assert (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8") == statement()


def test_every_code_that_can_be_claimed_is_stated() -> None:
    """Each code of CID 7050 is named, claimed or not."""
    assert all(code in statement() for code in MEANINGS)


@pytest.mark.parametrize("row", tables.requirements(), ids=lambda row: row["section"])
def test_every_named_test_exists(row) -> None:
    """The test that is said to hold a demand is a function of the file that it is said to stand in."""
    path, _, name = row["test"].partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
