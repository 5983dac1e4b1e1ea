"""The ledger of a release: an entry for each fact and a commitment to each patient, under one Merkle root.

What report, records and card say is an entry here. The root stands in the signed manifest, so that an audit path shows
one entry to somebody who has the manifest alone. A commitment is a hash over a secret salt and the patient's rows: it
can be opened by whoever has the key, says nothing to others, and stays when another patient is erased.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from curate.errors import ContractBroken
from curate.privacy import merkle
from curate.privacy.surrogates import digest

FORMAT = "radcurate-ledger/1"
NAME = "evidence/ledger.json"
Entry = Mapping[str, Any]


def write_ledger(release: Path, facts: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Write the ledger of a release that is otherwise whole; returns its head for the manifest."""
    entries: list[Entry] = [*entries_of(facts), *({"commitment": each} for each in commitments(release, key))]
    head = head_of(entries)
    document = {"format": FORMAT, "hash": "RFC 6962 section 2.1, SHA-256", **head, "entries": entries}
    (release / NAME).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return head


def hold_ledger(release: Path, stated: Mapping[str, Any], key: bytes | None) -> int:
    """Make the ledger again from facts and, with the key, tables; returns its size. Raises ContractBroken."""
    document = json.loads((release / NAME).read_text(encoding="utf-8"))
    entries = document["entries"]
    facts = json.loads((release / "evidence" / "facts.json").read_text(encoding="utf-8"))
    told = [each for each in entries if "id" in each]
    committed = [each.get("commitment") for each in entries if "id" not in each]
    if told != list(entries_of(facts)) or len(committed) != facts["counts"]["published"]["patients"]:
        raise ContractBroken("ledger", "entries = facts")
    if key and committed != commitments(release, key):
        raise ContractBroken("ledger", "commitments = rows")
    head = head_of(entries)
    if {name: document[name] for name in head} != head or stated.get("ledger") != head:
        raise ContractBroken("ledger", "root")
    return len(entries)


def head_of(entries: Sequence[Entry]) -> dict[str, Any]:
    """Size and root of the tree over entries in their order."""
    return {"size": len(entries), "root": merkle.root([leaf_of(each) for each in entries]).hex()}


def leaf_of(entry: Entry) -> merkle.Hash:
    """The hash of an entry as JSON with sorted keys and without blanks."""
    return merkle.leaf(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def entries_of(facts: Any, pointer: str = "") -> Iterator[dict[str, Any]]:
    """Each number and word of the facts, by its JSON pointer (RFC 6901), in sorted order."""
    if isinstance(facts, Mapping):
        for name, each in sorted(facts.items()):
            yield from entries_of(each, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(facts, list | tuple):
        for number, each in enumerate(facts):
            yield from entries_of(each, f"{pointer}/{number}")
    else:
        yield {"id": pointer, "value": facts}


def commitments(release: Path, key: bytes) -> list[str]:
    """A keyed hash over the rows of each patient, sorted. key: 32 bytes; whoever lacks it cannot try patients out."""
    rows: dict[str, list[str]] = defaultdict(list)
    for path in sorted((release / "data").rglob("*.parquet")):
        names = [each for each in pq.read_schema(path).names if each != "images"]  # image_meta has their digests
        for batch in pq.ParquetFile(path).iter_batches(64, columns=names):
            for row in batch.to_pylist():
                text = json.dumps(row, sort_keys=True, default=str, ensure_ascii=False)
                rows[row["patient_key"]].append(hashlib.sha256(text.encode()).hexdigest())
    return sorted(digest(key, "commitment", patient, *sorted(held)).hex() for patient, held in rows.items())
