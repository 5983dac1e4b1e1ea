"""A release that anybody changed by hand is found out, also when manifest and signature were made anew to fit."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate import manifest
from curate.check import check_release
from curate.errors import ContractBroken, CurationError
from curate.privacy import history
from curate.privacy.signing import sign
from tests import synth
from tests.pipeline import KEY, make_release, make_workspace

STRANGER = bytes(range(1, 33))
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release of six patients and its workspace."""
    place = tmp_path_factory.mktemp("tampering")
    people = [synth.patient(seed, kinds=("CT",), instances=2, charset="ISO_IR 100") for seed in range(100, 106)]
    synth.write_archive(place / "source", people)
    workspace = make_workspace(place / "ws")
    make_release(place / "source", workspace, place / "release", held=True)
    return place / "release", workspace


def worst_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The last critical check of the source."""
    told: list[dict[str, Any]] = [each for each in facts["verdicts"][0]["checks"] if each["severity"] == "critical"]
    return told[-1]


def shard(release: Path) -> Path:
    """One of its tables of images and texts."""
    return max((release / "data").rglob("*.parquet"), key=lambda path: path.stat().st_size)


def rewritten(path: Path, table: pa.Table) -> None:
    """Write a table back with the layout that any tool gives."""
    pq.write_table(table, path)


def rows(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], table: str = "data") -> Change:
    """A change of the rows of a table."""

    def apply(release: Path) -> None:
        path = shard(release) if table == "data" else next((release / table).rglob("*.parquet"))
        held = pq.read_table(path)
        rewritten(path, pa.Table.from_pylist(change(held.to_pylist()), schema=held.schema))

    return apply


def value(name: str, new: Any) -> Change:
    """A change of one value of the first row."""

    def edit(held: list[dict[str, Any]]) -> list[dict[str, Any]]:
        held[0][name] = new(held[0][name]) if callable(new) else new
        return held

    return rows(edit)


def text(name: str, change: Callable[[str], str]) -> Change:
    """A change of a document."""

    def apply(release: Path) -> None:
        path = release / name
        before = path.read_text(encoding="utf-8")
        path.write_text(change(before), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != before

    return apply


def document(name: str, change: Callable[[Any], Any]) -> Change:
    """A change inside a JSON document."""

    def edit(before: str) -> str:
        held = json.loads(before)
        change(held)
        return json.dumps(held, indent=1, sort_keys=True) + "\n"

    return text(name, edit)


def other_pixel(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One pixel of an image changed."""
    import cv2

    image = cv2.imdecode(np.frombuffer(images[0]["bytes"], np.uint8), cv2.IMREAD_UNCHANGED)
    image[0, 0] ^= 1
    images[0]["bytes"] = bytes(cv2.imencode(".png", image)[1])
    return images


def no_column(release: Path) -> None:
    """A column dropped."""
    rewritten(shard(release), pq.read_table(shard(release)).drop_columns(["deid"]))


def statistics(release: Path) -> None:
    """Statistics written for columns that have none."""
    pq.write_table(pq.read_table(shard(release)), shard(release), write_statistics=True)


def metadata(release: Path) -> None:
    """Metadata of a table changed."""
    table = pq.read_table(shard(release))
    rewritten(shard(release), table.replace_schema_metadata({**table.schema.metadata, b"policy_digest": b"0" * 64}))


def bit(release: Path) -> None:
    """One bit of a file turned."""
    content = bytearray(shard(release).read_bytes())
    content[len(content) // 2] ^= 1
    shard(release).write_bytes(content)


def linked(release: Path) -> None:
    """A file put elsewhere, with a link in its place."""
    (release / "README.md").rename(release.parent / "elsewhere.md")
    (release / "README.md").symlink_to(release.parent / "elsewhere.md")


CHANGES: dict[str, Change] = {
    "pixel": value("images", other_pixel),
    "image without its text": value("images", lambda images: images[:0]),
    "row dropped": rows(lambda held: held[1:]),
    "row twice": rows(lambda held: [*held, held[0]]),
    "rows in another order": rows(lambda held: held[::-1]),
    "report": value("report", lambda told: told + " No fracture."),
    "finding turned around": value("findings", "Normal."),
    "split": value("split", "test"),
    "date": value("study_date", None),
    "patient": value("patient_key", "0" * 32),
    "label": value("labels", []),
    "messages": value("messages_flat", []),
    "column dropped": no_column,
    "statistics": statistics,
    "metadata": metadata,
    "bit": bit,
    "journal row dropped": rows(lambda held: held[1:], "journal"),
    "journal count": rows(lambda held: [{**held[0], "count": 1_000_000}, *held[1:]], "journal"),
    "card": text("README.md", lambda told: told + "\nAnonymous.\n"),
    "croissant": document("croissant.json", lambda held: held.update(license="CC0")),
    "trainer settings": document("dataset_info.json", dict.clear),
    "report page": text("compliance/report.html", lambda told: told.replace("stay personal", "are no")),
    "report on paper": lambda release: (release / "compliance/report.pdf").write_bytes(b"%PDF-1.4"),
    "data docs": text("data_docs/index.html", lambda told: told.replace("<body", "<body data-x=1")),
    "verdict": document("evidence/facts.json", lambda held: held["verdicts"][-1]["checks"][0].update(outcome="error")),
    "verdict on the source": document("evidence/facts.json", lambda held: worst_of(held).update(outcome="failed")),
    "check of the source left out": document("evidence/facts.json", lambda held: held["verdicts"][0]["checks"].pop()),
    "record of processing": document("compliance/records/article_30.json", lambda held: held.update(b_purposes="Care")),
    "risk": document("evidence/facts.json", lambda held: held["risk"]["after"].update(smallest=99)),
    "residue hits": document("evidence/facts.json", lambda held: held["residue"].update(hits=7)),
    "ledger of splits": document("evidence/leaks.json", lambda held: held["patients"].update(train=99)),
    "ledger entry": document("evidence/ledger.json", lambda held: held["entries"][3].update(value=7777)),
    "ledger entry removed": document("evidence/ledger.json", lambda held: held["entries"].pop(2)),
    "ledger entries exchanged": document("evidence/ledger.json", lambda held: held["entries"].reverse()),
    "commitment to a patient": document("evidence/ledger.json", lambda held: held["entries"][-1].clear()),
    "root of the ledger": document("evidence/ledger.json", lambda held: held.update(root="0" * 64)),
    "root in the manifest": document("manifest.json", lambda held: held["ledger"].update(root="0" * 64)),
    "contract": document("schemas/image_text.json", lambda held: held.update(version="9.9")),
    "counts of the manifest": document("manifest.json", lambda held: held["counts"].update(instances_in=1)),
    "digest in the manifest": document("manifest.json", lambda held: held["files"][0].update(sha256="0" * 64)),
    "file left off the manifest": document("manifest.json", lambda held: held["files"].pop()),
    "policy digest of the manifest": document("manifest.json", lambda held: held["run"].update(policy_digest="0" * 64)),
    "file added": lambda release: (release / "data" / "extra.txt").write_text("x", encoding="utf-8") and None,
    "hidden file added": lambda release: (release / ".note").touch(),
    "folder added": lambda release: (release / "empty").mkdir(),
    "file removed": lambda release: (release / "croissant.json").unlink(),
    "file emptied": lambda release: (release / "README.md").write_bytes(b"") and None,
    "file renamed": lambda release: (release / "README.md").rename(release / "READ.md") and None,
    "link": linked,
    "signature removed": lambda release: (release / "manifest.sig").unlink(),
    "signature emptied": lambda release: (release / "manifest.sig").write_text("{}", encoding="utf-8") and None,
}  # fmt: skip


def seal_anew(release: Path, key: bytes, *, keep: bool) -> None:
    """Make manifest and signature fit what stands there; `keep`: the manifest itself is what was changed."""
    path = release / "manifest.json"
    if not keep:
        stated = json.loads(path.read_text(encoding="utf-8"))
        found = sorted(each for each in release.rglob("*") if each.is_file() and each.name[:9] != "manifest.")
        stated["files"] = [
            {
                "path": each.relative_to(release).as_posix(),
                "bytes": each.stat().st_size,
                "sha256": hashlib.sha256(each.read_bytes()).hexdigest(),
            }
            for each in found
        ]
        path.write_text(json.dumps(stated, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    signature = json.dumps(sign(key, path.read_bytes()))
    (release / "manifest.sig").write_text(signature, encoding="utf-8")


@pytest.fixture
def copy(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """A release to spoil, and the workspace that made it."""
    shutil.copytree(made[0], tmp_path / "release")
    return tmp_path / "release", made[1]


def test_untouched_release_passes(copy: tuple[Path, Path]) -> None:
    """What is checked below is found because of the change, not anyway."""
    assert len(check_release(copy[0], workspace=copy[1])) == 10


@pytest.mark.parametrize("name", CHANGES)
def test_change_is_found_out(copy: tuple[Path, Path], name: str) -> None:
    """By anybody who has the release, and no key."""
    CHANGES[name](copy[0])
    with pytest.raises(CurationError):
        check_release(copy[0])


@pytest.mark.parametrize("name", CHANGES)
def test_change_with_a_new_seal_is_found_out(copy: tuple[Path, Path], name: str) -> None:
    """Manifest and signature were made to fit, by somebody without the workspace's key."""
    CHANGES[name](copy[0])
    seal_anew(copy[0], STRANGER, keep="manifest" in name)
    with pytest.raises(CurationError, match="signature"):
        check_release(copy[0], workspace=copy[1])


INSIDE = [
    "row dropped", "row twice", "report", "verdict", "verdict on the source", "check of the source left out",
    "ledger of splits", "column dropped", "counts of the manifest",
    "messages", "image without its text", "ledger entry", "ledger entry removed", "ledger entries exchanged",
    "commitment to a patient", "root of the ledger", "root in the manifest", "finding turned around",
    "date", "label",
]  # fmt: skip


@pytest.mark.parametrize("name", INSIDE)
def test_change_by_somebody_with_the_key_is_found_out(copy: tuple[Path, Path], name: str) -> None:
    """Sealed with the right key and put into the history: contracts, accounting, ledger and tables do not agree."""
    workspace = copy[0].with_name("ws")
    shutil.copytree(copy[1], workspace)
    CHANGES[name](copy[0])
    seal_anew(copy[0], KEY, keep="manifest" in name)
    with pytest.raises(CurationError):
        check_release(copy[0], workspace=workspace)
    history.record(workspace, KEY, "release", manifest=manifest.digest_of(copy[0] / "manifest.json"))
    with pytest.raises(CurationError):
        check_release(copy[0], workspace=workspace)


@pytest.mark.parametrize(
    "name", sorted(CHANGES.keys() - {"signature removed", "signature emptied", "folder added", "link"})
)
def test_change_that_the_history_does_not_know_is_found_out(copy: tuple[Path, Path], name: str) -> None:
    """Whoever has the key and not the workspace can seal a release; that it was never published there is told."""
    CHANGES[name](copy[0])
    seal_anew(copy[0], KEY, keep="manifest" in name)
    with pytest.raises(ContractBroken, match="history"):
        history.hold_release(copy[1], manifest.digest_of(copy[0] / "manifest.json"))
