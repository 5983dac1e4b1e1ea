"""Expectations and schemas of tables."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate import contracts
from curate.compliance.data_docs import write_data_docs
from curate.emit.tasks import task_rows
from curate.errors import ContractBroken, Reason
from curate.frames import divided, frames_of
from curate.validate import Check, Verdict, _run, check_schema, hold, validate

Row = dict[str, Any]
Place = Callable[..., Path]
SUITES = contracts.names("expectations")
CANARY = "ZZCANARY^Alice 19500102"


def image(number: int, frame: int = 0) -> Row:
    """One entry of image_meta that holds to every expectation."""
    return {
        "instance_key": f"{number:020x}", "series_key": f"{number:020x}", "modality": "CT", "body_part": "CHEST",
        "view": None, "laterality": None, "frame_index": frame, "frames": 2, "rows": 512, "columns": 512,
        "source_rows": 512, "source_columns": 512, "photometric": "MONOCHROME2", "bits_stored": 12,
        "window_source": "header", "window_center": 40.0, "window_width": 400.0, "inverted": False,
        "hu_applied": True, "spacing_row": 0.7, "spacing_column": 0.7, "boxes": 1, "recognizable_face": False,
        "sha256": sha256(b"%d/%d" % (number, frame)).hexdigest(), "phash": "0f" * 32,
    }  # fmt: skip


def study(number: int) -> Row:
    """One row of image_text with two images that holds to every expectation; two studies a patient."""
    text = f"FINDINGS: clear, {number}."
    return {
        "sample_id": f"{number:020x}", "patient_key": f"{number // 2:032x}", "study_key": f"{number:020x}",
        "split": ("train", "validation", "test")[number // 2 % 3], "study_date": date(2001, 2, 3), "patient_sex": "F",
        "patient_age": 44, "modalities": ["CT"], "images": [{"bytes": b"PIXELS", "path": None}] * 2,
        "image_meta": [image(number, 0), image(number, 1)], "report": text, "findings": "clear", "impression": None,
        "indication": None, "technique": None, "comparison": None, "language": "en",
        "labels": [{"name": "effusion", "value": "negative"}], "quality": [{"check": "view_known", "passed": True}],
        "text_sha256": sha256(text.encode()).hexdigest(),
        "messages": [
            {"role": "user", "content": [*[{"type": "image", "text": None}] * 2, {"type": "text", "text": "Tell."}]},
            {"role": "assistant", "content": [{"type": "text", "text": text}]},
        ],
        "conversations": [{"from": "human", "value": "<image><image>"}, {"from": "gpt", "value": text}],
        "messages_flat": [{"role": "user", "content": "<image><image>"}, {"role": "assistant", "content": text}],
        "pairing": {"evidence": "accession_number", "grade": "exact"},
        "deid": {"profile": "113100", "policy_digest": "a" * 64, "version": "1", "spans": 2, "boxes": 2},
    }  # fmt: skip


GOOD: Mapping[str, list[Row]] = {
    "image_text": [study(number) for number in range(12)],
    "tasks": [row for number in range(12) for row in task_rows(study(number), [study(number)], ["questions"])],
    "texts": [
        row
        for number in range(12)
        for row in task_rows(study(number) | {"impression": "clear"}, [study(number)], ["impression"])
    ],
    "journal": [
        {"study_key": "0" * 20, "stage": stage, "target": target, "action": action, "rule": rule, "count": 3}
        for stage, target, action, rule in [
            ("dicom", "(0010,0010)", "Z", "PS3.15 E.1-1 basic"),
            ("dicom", "(0002,0003)", "X", "PS3.5 7: no part of the data set"),
            ("text", "NAME", "replace", "known"),
            ("pixels", "burned_in_text", "black_out", "detector"),
            ("pairing", "study_instance_uid", "join", "pairing"),
        ]
    ],
    "quarantine": [
        {"kind": "instance", "key": f"{place:020x}", "stage": "index", "reason": each.value,
         "where": "(0008,0018)" if place % 2 else "", "by_policy": each.by_policy}
        for place, each in enumerate(Reason)
    ],
    "instances": [
        {"key": f"{n:020x}", "path": f"{n}.dcm", "bytes": 9, "changed": 1, "patient_id": "7", "patient_key": "b" * 32,
         "person": "b" * 32,
         "study_uid": "1.2.3", "series_uid": "1.2.3.4", "sop_uid": f"1.2.3.4.{n}", "sop_class": "1.2", "modality": "CT",
         "accession_number": "", "order_numbers": [], "study_date": None, "body_part": "", "instance_number": None,
         "frames": 1, "has_pixels": True,
         "identifiers": [{"kind": "name", "value": "Alice"}]}
        for n in range(3)
    ],
    "reports": [
        {"key": f"{n:020x}", "path": "r.csv", "entry": n, "bytes": 9, "changed": 1, "patient_id": "",
         "accession_number": "", "study_uid": "", "issued": None, "status": "final", "version": "", "identifiers": [],
         "study": "1.2.3" if n else "", "evidence": "text" if n else "", "grade": "inferred" if n else ""}
        for n in range(3)
    ],
    "pairing": [
        {"report": f"{n:020x}", "study": "1.2.3" if grade else "", "evidence": evidence,
         "agreeing": [evidence] * bool(grade), "grade": grade, "days": n - 1 if grade else None, "status": "final",
         "outcome": outcome}
        for n, (evidence, grade, outcome) in enumerate([
            ("accession_number", "exact", "joined"), ("study_instance_uid", "strong", "joined"),
            ("order_number", "strong", "joined"), ("file_name", "inferred", "joined"), ("text", "inferred", "joined"),
            ("patient_and_date", "inferred", "superseded"), ("", "", "report_without_study"),
            ("", "", "study_ambiguous"),
        ])
    ],
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Write rows, or a table, as a file of its own and return its path."""
    made: list[Path] = []

    def write(contract: str, rows: list[Row] | pa.Table) -> Path:
        table = rows if isinstance(rows, pa.Table) else contracts.load(contract).table(rows)
        made.append(tmp_path / f"{contract}-{len(made)}.parquet")
        pq.write_table(table, made[-1])
        return made[-1]

    return write


def changed(number: int, **fields: Any) -> Row:
    """A good study with some fields changed; "image_meta.x" changes the first image of the row."""
    row = study(number)
    for name, value in fields.items():
        if name in row["image_meta"][0]:
            row["image_meta"][0][name] = value
        else:
            row[name] = value
    return row


def broken(verdict: Verdict) -> dict[str, int]:
    """The sentences of the checks that did not pass, and how many entries break each."""
    return {check.sentence: check.unexpected for check in verdict.checks if check.outcome != "passed"}


@pytest.mark.parametrize("suite", SUITES)
def test_rows_as_the_stages_write_them_pass(suite: str, place: Place) -> None:
    """Rows of the form that the stages write hold to every check, warnings too, and every check is told of in order."""
    verdict = validate([place(suite, GOOD[suite])], suite)
    assert broken(verdict) == {}
    assert verdict.passed
    assert verdict.rows == verdict.checks[0].rows == len(GOOD[suite])
    assert [each.id for each in verdict.checks] == [e["meta"]["id"] for e in contracts.suite(suite)["expectations"]]
    hold(verdict)


@pytest.mark.parametrize("suite", [each for each in SUITES if each != "image_text"])
def test_table_without_rows_passes(suite: str, place: Place) -> None:
    """Nothing was quarantined, say: a table without rows, and no table at all, break nothing."""
    assert validate([place(suite, [])], suite).passed
    assert validate([], suite).passed


def test_release_without_rows_fails() -> None:
    """An image-text table must have a row."""
    assert broken(validate([], "image_text")) == {"The table has at least one row.": 1}


def test_each_broken_promise_is_found_and_counted(place: Place) -> None:
    """Each wrong row is found by the checks that speak of it, with its number, and by no other."""
    wrong = [
        changed(20, patient_age=91),
        changed(21, split="train"),  # patient 10 is in validation with study 20
        changed(22, text_sha256="b" * 64),
        changed(24, images=[{"bytes": b"PIXELS", "path": None}]),
        changed(26, report=" \n "),
        changed(28, photometric="MONOCHROME1"),
        changed(30, window_width=None),
        changed(32, pairing={"evidence": "file_name", "grade": "exact"}),
        changed(34, messages_flat=[{"role": "user", "content": "<image>"}, {"role": "robot", "content": "x"}]),
        changed(36, frame_index=1),
        changed(38, boxes=5),
        changed(40, modality="MR"),
        changed(42, sample_id=f"{42:020x}\n"),
    ]
    assert broken(validate([place("image_text", [*GOOD["image_text"], *wrong])], "image_text")) == {
        "Ages are 0 to 90 years: higher ones are capped.": 1,
        "No patient stands in two splits.": 2,
        "The stated digest of each report is the digest of its text.": 2,
        "Every image has its description.": 1,
        "messages has one image block for each image.": 1,
        "conversations has one image marker for each image.": 1,
        "messages_flat has one image marker for each image.": 2,
        "No report is empty.": 1,
        "MONOCHROME1 images were inverted.": 1,
        "No window has a centre without a width.": 1,
        "A window that has ends has a width.": 1,
        "A join by a file name, by the text, or by patient and date is graded inferred.": 1,
        "Turns of messages_flat have a role that trainers know.": 1,
        "No frame is there twice.": 2,
        "The rectangles counted for the study are those counted for its images.": 1,
        "The row names as many modalities as its images have.": 1,
        "Ids of rows are opaque: 20 hexadecimal digits.": 1,
    }


def test_files_of_a_table_are_held_together(place: Place) -> None:
    """A patient whose studies lie in two files is seen to stand in two splits."""
    files = [place("image_text", [study(0)]), place("image_text", [changed(1, split="test")])]
    assert [validate([each], "image_text").passed for each in files] == [True, True]
    verdict = validate(files, "image_text")
    assert broken(verdict) == {"No patient stands in two splits.": 2}
    with pytest.raises(ContractBroken) as caught:
        hold(verdict)
    assert caught.value.contract == "image_text"
    assert contracts.suite("image_text")["expectations"][13]["meta"]["id"] == caught.value.where


@pytest.mark.parametrize("suite", SUITES)
def test_a_large_table_is_held_part_by_part(suite: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same verdict, whichever part a wrong row stands in; what all rows together show is still seen."""
    wrong = [changed(20, patient_age=91), changed(21, split="train"), changed(36, frame_index=1), changed(38, boxes=5)]
    first, *others = [*GOOD[suite], *(wrong if suite == "image_text" else [])]
    files = [place(suite, [first, first]), *(place(suite, [row]) for row in others)]  # a study is in one file
    whole = validate(files, suite)
    monkeypatch.setattr("curate.validate._FEW", 2)
    monkeypatch.setattr("curate.validate._MOST", 2)
    assert validate(files, suite) == whole
    assert whole.passed == (suite == "quarantine")


def test_files_of_a_large_table_are_shared_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many values or more at a time, elsewhere if wanted; a table that is small stays here."""
    files = [place("journal", [row]) for row in GOOD["journal"][:1] * 4]
    lots = list[Any]()

    def elsewhere(work: Any, items: Any) -> Any:
        lots.extend(items)
        return map(work, lots)

    whole = validate(files, "journal", elsewhere)
    assert not lots
    monkeypatch.setattr("curate.validate._FEW", 2)
    monkeypatch.setattr("curate.validate._MOST", 2 * pq.read_metadata(files[0]).num_columns)
    assert validate(files, "journal", elsewhere) == whole
    assert lots == [files[:2], files[2:]]


@pytest.mark.parametrize(("suite", "parts"), [("quarantine", [1, 1, 1]), ("journal", [3])])
def test_one_file_is_divided_unless_rows_of_a_study_are_compared(
    suite: str, parts: list[int], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables of a catalog are one file each, as large as the archive: no frame holds one whole."""
    monkeypatch.setattr("curate.frames._BATCH", 1)
    alone, _ = divided(contracts.suite(suite))
    frames = list(frames_of([place(suite, [GOOD[suite][0]] * 3)], alone, 1))
    assert [len(each[""]) for each in frames] == parts


def test_warning_does_not_stop_a_release(place: Place) -> None:
    """Two patients of different splits with one text are noted, and nothing is raised."""
    same = study(2)["report"], study(2)["text_sha256"]
    twin = changed(8, report=same[0], text_sha256=same[1], split="train")
    verdict = validate([place("image_text", [study(2), twin])], "image_text")
    assert broken(verdict) == {
        "No text stands in two splits, unless so many patients share it that it is a template.": 2
    }
    assert verdict.passed
    hold(verdict)


def test_journal_that_holds_a_value_fails(place: Place) -> None:
    """A name, a number or a second line in a target is no tag and no label."""
    rows = [{**GOOD["journal"][0], "target": each} for each in ("Smith, John", "12345678", "(0010,0010)\nSMITH")]
    found = broken(validate([place("journal", rows)], "journal"))
    assert found == {"The journal names tags, labels and kinds of region, never a value.": 3}


def test_missing_column_is_an_error_and_not_a_failure(place: Place) -> None:
    """A check whose column is not there could not be made: it is told apart and holds the release up."""
    table = contracts.load("journal").table(GOOD["journal"]).drop_columns(["rule", "count"])
    verdict = validate([place("journal", table)], "journal")
    outcomes = {check.column: check.outcome for check in verdict.checks}
    assert outcomes["rule"] == outcomes["count"] == outcomes["study_key, stage, target, action, rule"] == "error"
    assert outcomes["stage"] == "passed"
    assert outcomes[""] == "failed"  # the columns are not those of the contract
    assert not verdict.passed
    with pytest.raises(ContractBroken):
        hold(verdict)


def test_column_missing_in_one_of_two_files_is_an_error(place: Place) -> None:
    """A file that lacks a column is not made up for by one that has it, nor by nulls."""
    short = contracts.load("quarantine").table(GOOD["quarantine"]).drop_columns(["where"])
    verdict = validate([place("quarantine", GOOD["quarantine"]), place("quarantine", short)], "quarantine")
    assert {check.column for check in verdict.checks if check.outcome == "error"} == {"where"}


def test_column_of_another_type_is_an_error(place: Place) -> None:
    """Ages as text cannot be compared with numbers: an error, and no text of an exception anywhere."""
    table = contracts.load("journal").table(GOOD["journal"])
    text = table.set_column(5, "count", pa.array([CANARY] * len(table)))
    verdict = validate([place("journal", text)], "journal")
    assert {check.column for check in verdict.checks if check.outcome == "error"} == {"count"}
    assert CANARY not in repr(verdict)
    with pytest.raises(ContractBroken, match="two types"):
        validate([place("journal", text), place("journal", GOOD["journal"])], "journal")


def test_measured_column_that_is_missing_is_an_error(place: Place) -> None:
    """A report that is not there can neither be measured nor hashed."""
    table = contracts.load("image_text").table(GOOD["image_text"]).drop_columns(["report"])
    verdict = validate([place("image_text", table)], "image_text")
    errors = {check.column for check in verdict.checks if check.outcome == "error"}
    assert errors == {"report_length", "report_sha256, text_sha256"}


def test_unknown_expectation_is_refused() -> None:
    """Great Expectations drops what it does not know; we refuse the suite."""
    import pandas as pd

    known = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}, "severity": "critical"}
    wanted = [{**known, "meta": {"id": "x.1", "sentence": "."}}]
    assert [each.outcome for each in _run("x", pd.DataFrame({"a": [1]}), wanted)] == ["passed"]
    unknown = [*wanted, {**known, "type": "expect_no_evil", "meta": {"id": "x.2", "sentence": "."}}]
    with pytest.raises(ContractBroken, match="unknown or malformed"):
        _run("x", pd.DataFrame({"a": [1]}), unknown)


def test_no_value_reaches_a_verdict_a_page_or_a_stream(
    place: Place, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A canary in every text column, all of which then fail or are looked at, is in no output of ours."""
    row = study(0) | dict.fromkeys(
        ["sample_id", "patient_key", "study_key", "split", "patient_sex", "report", "findings", "language"], CANARY
    )
    row |= {"text_sha256": CANARY, "modalities": [CANARY], "pairing": {"evidence": CANARY, "grade": CANARY}}
    row["image_meta"] = [{name: CANARY if isinstance(value, str) else value for name, value in image(0).items()}]
    row["messages"] = [{"role": CANARY, "content": [{"type": CANARY, "text": CANARY}]}]
    row["conversations"] = [{"from": CANARY, "value": CANARY}]
    row["messages_flat"] = [{"role": CANARY, "content": CANARY}]
    row["deid"] = {**row["deid"], "policy_digest": CANARY, "profile": CANARY}
    verdict = validate([place("image_text", [row])], "image_text")
    assert sum(check.outcome == "failed" for check in verdict.checks) > 20
    write_data_docs([verdict], tmp_path / "docs")
    pages = "".join(path.read_text() for path in (tmp_path / "docs").iterdir())
    with pytest.raises(ContractBroken) as caught:
        hold(verdict)
    seen = [repr(verdict), json.dumps(asdict(verdict)), pages, repr(caught.value), *capfd.readouterr(), caplog.text]
    assert all("ZZCANARY" not in each and "19500102" not in each for each in seen)


def test_images_are_never_read(place: Place) -> None:
    """Pages of images that are wiped out on disk do not matter, so they were not read."""
    path = place("image_text", GOOD["image_text"])
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    chunk = columns["images.list.element.bytes"]
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * chunk.total_compressed_size)
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever pyarrow says of the ruin
        pq.read_table(path, columns=["images"])
    assert validate([path], "image_text").passed


def test_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    """A file of something else breaks the contract, without telling what is in it."""
    path = tmp_path / "x.parquet"
    path.write_text(CANARY)
    for call in (lambda: validate([path], "journal"), lambda: check_schema(path, "journal")):
        with pytest.raises(ContractBroken, match="not a readable Parquet file") as caught:
            call()
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("contract", contracts.names())
def test_table_made_from_a_contract_equals_it(contract: str, place: Place) -> None:
    """What the contract makes is what it asks for, stamps too."""
    check_schema(place(contract, GOOD[contract]), contract)


SPOILT: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "a column less": (lambda table: table.drop_columns(["rule"]), "column rule"),
    "a column more": (lambda table: table.append_column("extra", pa.nulls(len(table))), "more columns"),
    "another order": (lambda table: table.select(table.column_names[::-1]), "another order"),
    "another type": (
        lambda table: table.set_column(5, pa.field("count", pa.int32(), nullable=False), table["count"].cast("int32")),
        "column count",
    ),
    "nulls allowed": (lambda table: table.set_column(5, pa.field("count", pa.int64()), table["count"]), "column count"),
    "no stamps": (lambda table: table.replace_schema_metadata(None), "metadata contract"),
    "another version": (
        lambda table: table.replace_schema_metadata({**table.schema.metadata, b"contract_version": b"9.9"}),
        "metadata contract_version",
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_table_unlike_its_contract_is_refused(how: str, place: Place) -> None:
    """Names, order, types, nullability and stamps must be those of the contract."""
    spoil, told = SPOILT[how]
    path = place("journal", spoil(contracts.load("journal").table(GOOD["journal"])))
    with pytest.raises(ContractBroken, match=told):
        check_schema(path, "journal")


def test_images_need_their_hugging_face_features(place: Place) -> None:
    """Without the features in the metadata, images would load as dictionaries."""
    table = contracts.load("image_text").table(GOOD["image_text"])
    kept = {name: value for name, value in table.schema.metadata.items() if name != b"huggingface"}
    with pytest.raises(ContractBroken, match="metadata huggingface"):
        check_schema(place("image_text", table.replace_schema_metadata(kept)), "image_text")


def leaves(field: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Every path of a field of a contract that a suite may name."""
    path, items = f"{prefix}{field['name']}", field.get("items")
    if field["type"] == "list":
        inner = items if isinstance(items, Mapping) else {"type": items}
        yield from leaves({**inner, "name": "[]"}, path)
    elif field["type"] == "struct":
        yield from (leaf for each in field["fields"] for leaf in leaves(each, f"{path}."))
    elif field["type"] == "image":
        yield f"{path}.path"  # the bytes of an image are not for a suite
    else:
        yield path


def named(expectation: Mapping[str, Any]) -> set[str]:
    """The columns that an expectation names, those of its condition too."""
    kwargs = expectation["kwargs"]
    condition = kwargs.get("row_condition", "").split("`")[1::2]
    return {kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs} | {
        *condition, *kwargs.get("column_list", ()),
    }  # fmt: skip


@pytest.mark.parametrize("suite", SUITES)
def test_suite_agrees_with_the_contract(suite: str) -> None:
    """Every column that a suite names is a leaf of the contract or a derived column, and every derived one is used."""
    document, contract = contracts.suite(suite), contracts.load(suite)
    schema = json.loads((contracts.directory("expectations") / "suite.schema.json").read_text())
    jsonschema.validate(document, schema)
    known = {leaf for field in contract.fields for leaf in leaves(field, "")}
    derived = {each["name"] for each in document["derived"]}
    reads = {"count", "sum", "distinct", "per", "length", "sha256", "year"}
    sources = {each[name] for each in document["derived"] for name in reads & set(each)}
    columns, *rest = document["expectations"]
    assert columns["kwargs"]["column_list"] == contract.columns
    used = set().union(*map(named, rest))
    assert used <= known | derived
    assert sources <= known
    assert derived <= used
    assert not derived & set(contract.columns)
    assert [each["meta"]["id"] for each in document["expectations"]] == [
        f"{suite}.{number}" for number in range(1, len(rest) + 2)
    ]
    assert document["name"] == suite


@pytest.mark.parametrize("suite", SUITES)
def test_columns_of_an_expectation_lie_on_one_level(suite: str) -> None:
    """Rows, images and messages are tables of their own: no check looks at two of them at once."""
    for expectation in contracts.suite(suite)["expectations"][1:]:
        assert len({name.rpartition("[]")[0] for name in named(expectation)}) <= 1, expectation["meta"]["id"]


def test_every_schema_has_a_suite() -> None:
    """Tables and suites have the same names."""
    assert contracts.names() == SUITES


def test_reasons_of_the_suite_are_those_of_the_code() -> None:
    """The quarantine suite knows every reason."""
    (reasons,) = (e for e in contracts.suite("quarantine")["expectations"] if e["kwargs"].get("column") == "reason")
    assert reasons["kwargs"]["value_set"] == [each.value for each in Reason]


_WATCHED = """
import sys
from pathlib import Path
seen = []
def watch(event, args):
    if event in {"socket.connect", "socket.getaddrinfo", "tempfile.mkstemp"}:
        seen.append(event)
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+") and args[0] != "/dev/null":
        seen.append(event)
from curate.validate import validate
sys.addaudithook(watch)
assert validate([Path(sys.argv[1])], "journal").passed
print(seen)
"""


def test_nothing_is_written_sent_or_shown(place: Place, tmp_path: Path) -> None:
    """A fresh process that validates opens no connection, writes no file and shows no progress bar."""
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", _WATCHED, str(place("journal", GOOD["journal"]))],
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=home, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")
    assert list(home.iterdir()) == []


def test_verdict_shows_only_what_a_suite_and_counts_say() -> None:
    """The fields of a check are names of ours and counts: there is no place for a value."""
    assert set(Check.__annotations__) == {
        "id", "sentence", "type", "column", "severity", "outcome", "rows", "unexpected",
    }  # fmt: skip
