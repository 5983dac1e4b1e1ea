"""The records of processing: every number can be looked up, every letter of Article 30 is there."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curate.compliance.records import NAMES, look_up, records_of, write_records
from curate.errors import ContractBroken

FACTS: dict[str, Any] = {
    "run": {
        "version": "1.0", "policy_digest": "ab" * 32, "contracts": {"image_text": "1.3"},
        "governance": {
            "controller": "Hospital <b>", "purpose": "", "recipient": "ML team", "legal_basis": "", "transfers": "none",
            "retention": "2031",
        },
    },
    "counts": {
        "patients_in": 1234, "studies_in": 1300, "instances_in": 9000, "reports_in": 1290,
        "published": {"patients": 1200, "studies": 1250, "reports": 1250, "instances": 8000, "images": 5000},
        "quarantined": {"residue": 3}, "refused_by_policy": {},
    },
    "actions": [
        {"stage": "text", "target": "NAME", "action": "replace", "rule": "known", "count": 40},
        {"stage": "text", "target": "NAME", "action": "replace", "rule": "tagger", "count": 2},
        {"stage": "text", "target": "NAME", "action": "review", "rule": "tagger", "count": 1},
    ],
    "residue": {"searched": 1250, "hits": 3},
    "risk": {
        "options": {"k": 5},
        "after": {"persons": 1200, "smallest": 6, "highest_risk": 0.1667, "average_risk": 0.01, "below": {"5": 0}},
    },
    "leaks": {"pairs_across_splits": {"found": 2, "left": 0}},
}  # fmt: skip


def texts(part: Any) -> Iterator[dict[str, Any]]:
    """Every text of a record that says where its numbers come from."""
    if isinstance(part, dict):
        if set(part) == {"text", "from"}:
            yield part
        for each in part.values():
            yield from texts(each)
    elif isinstance(part, list):
        for each in part:
            yield from texts(each)


def test_every_record_holds_to_its_schema_and_says_what_is_not_stated() -> None:
    """Five records; what the policy leaves open is said to be open, never left out."""
    records = dict(records_of(FACTS))
    assert set(records) == set(NAMES)
    article = records["article_30"]
    assert [name[0] for name in article if name[1] == "_"] == list("abcdefg")
    assert (article["a_controller"], article["b_purposes"]) == ("Hospital <b>", "not stated")
    assert records["healthdcat_ap"]["healthdcatap:numberOfUniqueIndividuals"] == 1200
    assert [each["letter"] for each in records["hipaa_safe_harbor"]["identifiers"]] == list("ABCDEFGHIJKLMNOPQR")


def test_every_number_of_a_text_is_one_that_its_pointers_lead_to() -> None:
    """Numbers are not typed: each that a text shows with pointers is found in the evidence by one of them."""
    count = 0
    for _, record in records_of(FACTS):
        for told in texts(record):
            led = {look_up(FACTS, pointer) for pointer in told["from"]}
            shown = {
                f"{each:.1%}" if isinstance(each, float) else f"{each:,}" if isinstance(each, int) else each
                for each in led
            }
            rest = told["text"]
            for each in sorted(shown, key=len, reverse=True):
                assert each in told["text"]
                rest = rest.replace(each, "")
            left = re.sub(r"Article 9\(1\)|fewer than 5", "", rest)
            assert not re.search(r"[2-9]\d", left)
            count += 1
    assert count > 20


def test_sums_over_the_journal_and_counts_that_are_not_listed() -> None:
    """A query sums entries with these values; what nothing was counted for is 0."""
    assert look_up(FACTS, "/actions?stage=text&target=NAME&action=replace") == 42
    assert look_up(FACTS, "/actions?stage=dicom") == 0
    assert look_up(FACTS, "/counts/quarantined/text_remains") == 0


def test_measures_that_a_risk_names_exist() -> None:
    """No risk is met by a measure that nobody took."""
    records = dict(records_of(FACTS))
    known = {each["id"] for each in records["measures"]["measures"]}
    assert all(set(each["measures"]) <= known for each in records["dpia_annex"]["c_risks"])


def test_a_record_with_a_gap_is_refused(tmp_path: Path) -> None:
    """Facts without a count make no record."""
    broken = copy.deepcopy(FACTS)
    broken["counts"]["published"]["patients"] = "many"
    with pytest.raises(ContractBroken):
        write_records(broken, tmp_path)


def test_records_are_the_same_each_time(tmp_path: Path) -> None:
    """Equal facts give equal bytes, whatever their order."""
    write_records(FACTS, tmp_path / "one")
    write_records(json.loads(json.dumps(FACTS, sort_keys=True)), tmp_path / "two")
    for name in NAMES:
        assert (tmp_path / f"one/{name}.json").read_bytes() == (tmp_path / f"two/{name}.json").read_bytes()
