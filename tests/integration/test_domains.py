"""Pseudonym domains: releases of one workspace for two recipients share nothing by which patients could be joined."""

import csv
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydicom import dcmread

from curate import manifest
from curate.check import check_release
from curate.erasure import erase
from curate.errors import ContractBroken, PolicyError, Problem
from curate.instances import deidentify_source
from curate.policy import DomainOptions, Policy
from curate.privacy.domains import enter_domain, place_of, places_of
from curate.privacy.patient_secrets import read_secrets
from curate.privacy.surrogates import pseudonym
from curate.review import open_review
from tests import synth
from tests.pipeline import KEY, digests, make_release, make_workspace, modes, rows
from tests.runs import prepare, start

PEOPLE = [synth.patient(seed, kinds=("CT", "MR"), instances=1, charset="ISO_IR 100") for seed in (31, 32)]
DOMAINS = {
    "none": DomainOptions(),
    "north": DomainOptions(recipient="Uni Nørdheim", project="Lunge 1"),
    "south": DomainOptions(recipient="Uni Südheim", project="Lunge 1"),
    "rotated": DomainOptions(recipient="Uni Nørdheim", project="Lunge 1", version=2),
    "secret": DomainOptions(recipient="Uni Nørdheim", project="Lunge 1", patient_secrets=True),
}
# What may be the same: words of the clinic and of the formats, what pictures look like, and what the run was.
COLUMNS = {
    "split", "patient_sex", "modalities", "image_meta.modality", "image_meta.photometric", "image_meta.window_source",
    "image_meta.sha256", "image_meta.phash", "language", "labels.name", "labels.value", "messages.role",
    "messages.content.type", "conversations.from", "messages_flat.role", "quality.check", "pairing.evidence",
    "pairing.grade", "deid.profile", "deid.policy_digest", "deid.version",
}  # fmt: skip
TEXTS = {
    "findings": "A nodule measures 3.2 x 1.1 cm. Kerley B lines at both bases. A Foley catheter is in place. "
    "Disc space narrowing at L4-L5.",
    "messages.content.text": Policy().output.prompt,
    "conversations.value": f"<image>{Policy().output.prompt}",
    "messages_flat.content": f"<image>{Policy().output.prompt}",
}
KEYWORDS = {
    "SpecificCharacterSet", "SOPClassUID", "StudyTime", "SeriesTime", "ContentTime", "Modality", "StudyDescription",
    "PatientSex", "PatientComments", "PatientIdentityRemoved", "DeidentificationMethod", "CodeValue",
    "CodingSchemeDesignator", "CodeMeaning", "XRayDetectorID", "PhotometricInterpretation", "BurnedInAnnotation",
    "LongitudinalTemporalInformationModified", "SelectorURValue", "MediaStorageSOPClassUID", "TransferSyntaxUID",
    "ImplementationClassUID", "ImplementationVersionName",
}  # fmt: skip
_NO_TEXT = {"SQ", "OW", "OB", "OF", "US", "SS", "UL", "SL", "DS", "IS", "FD", "FL", "AT", "UN"}


def policy(name: str) -> Policy:
    """The default policy, for one of the domains."""
    return replace(Policy(), domain=DOMAINS[name])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source, one workspace, and a release with DICOM output for each domain, in folders of their names."""
    place = tmp_path_factory.mktemp("domains")
    synth.write_archive(place / "source", PEOPLE)
    workspace = make_workspace(place / "ws")
    for name in DOMAINS:
        make_release(place / "source", workspace, place / name, policy(name), dicom_out=place / f"{name}.dicom")
    return place


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string at any depth, and every date, with the name of its column."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, name)
    elif (isinstance(value, str) and value) or name == "study_date":
        yield name, str(value)


def in_rows(release: Path) -> set[tuple[str, str]]:
    """All strings of a release's rows, by column."""
    return {each for row in rows(release) for each in leaves(row)}


def in_instances(folder: Path) -> set[tuple[str, str]]:
    """All strings of DICOM instances, by keyword, and their file names."""
    found = set()
    for path in folder.rglob("*.dcm"):
        dataset = dcmread(path)
        found.add(("file", path.name))
        for element in (*dataset.iterall(), *dataset.file_meta):
            values = element.value if element.VM > 1 else [element.value]
            found |= {(element.keyword, str(each)) for each in values if element.VR not in _NO_TEXT and str(each)}
    return found


def offsets(release: Path) -> list[str]:
    """The shifted days of the studies, sorted by what was not changed: the time between them stays, their place not."""
    return sorted(str(row["study_date"]) for row in rows(release))


@pytest.mark.parametrize(("one", "other"), list(combinations(DOMAINS, 2)))
def test_two_domains_share_words_and_nothing_else(made: Path, one: str, other: str) -> None:
    """No pseudonym, UID, id, name or day of one stands in the other: only vocabulary, and the look of pictures.

    Secrets are drawn anew each time and offsets are whole weeks: once in some fifty runs a patient has the same twice.
    """
    days = set(offsets(made / one)) & set(offsets(made / other))
    assert len(days) <= ("secret" in {one, other})
    shared = {each for each in in_rows(made / one) & in_rows(made / other) if not (days and "date" in each[0])}
    assert {each for each in shared if each[0] not in COLUMNS} <= set(TEXTS.items())
    first, second = (in_instances(made / f"{name}.dicom") for name in (one, other))
    assert {name for name, _ in first & second if not (days and "Date" in name)} <= KEYWORDS
    assert {name for name, _ in first - second} >= {"PatientID", "PatientName", "SOPInstanceUID", "file"}


def test_recipient_is_named_by_an_opaque_id(made: Path) -> None:
    """Manifest and facts state id and version; the words of the policy stand in no file."""
    for name, options in DOMAINS.items():
        facts = json.loads((made / name / "evidence" / "facts.json").read_text(encoding="utf-8"))["run"]
        assert manifest.read(made / name)["run"] == facts
        stated = facts.get("domain", {"version": 1, "patient_secrets": False})
        assert (stated["version"], stated["patient_secrets"]) == (options.version, options.patient_secrets)
        page = (made / name / "compliance" / "report.html").read_text(encoding="utf-8")
        assert ("Pseudonym domain" in page) == ("domain" in facts) == (stated.get("id", "no such id") in page)
        content = b"".join(path.read_bytes() for path in (made / name).rglob("*") if path.is_file())
        assert not any(each.encode() in content for each in ("Nørdheim", "Südheim", "Lunge 1"))
    ids = {name: manifest.read(made / name)["run"].get("domain", {}).get("id") for name in DOMAINS}
    assert ids["none"] is None
    assert len(ids["north"]) == 20
    assert ids["north"] == ids["rotated"] == ids["secret"] != ids["south"]


def test_domains_do_not_disturb_each_other(made: Path, tmp_path: Path) -> None:
    """In whatever order they come, each has the bytes that it has alone, and its own shards are not made again."""
    workspace = made / "ws"
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("summary.json")}
    for name in ("north", "none", "secret"):
        make_release(made / "source", workspace, tmp_path / name, policy(name), dicom_out=made / f"{name}.dicom")
        assert digests(tmp_path / name) == digests(made / name)
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("summary.json")} == before
    for name in ("none", "south"):
        alone = make_workspace(tmp_path / f"{name}.ws")
        make_release(made / "source", alone, tmp_path / f"{name}.alone", policy(name), dicom_out=tmp_path / "dicom")
        assert digests(tmp_path / f"{name}.alone") == digests(made / name)


def test_workspace_remembers_its_domains(made: Path, tmp_path: Path) -> None:
    """Recipient and project of each are in a file that only the owner reads; a release leads to its domain."""
    workspace = made / "ws"
    assert modes(workspace) == {0}
    for name, options in DOMAINS.items():
        assert place_of(workspace, manifest.read(made / name)["run"]) == enter_domain(workspace, options)
    held = json.loads((enter_domain(workspace, DOMAINS["south"]) / "domain.json").read_text(encoding="utf-8"))
    assert (held["recipient"], held["project"], held["version"]) == ("Uni Südheim", "Lunge 1", 1)
    assert len(places_of(workspace)) == len(DOMAINS)
    with pytest.raises(PolicyError) as refused:
        place_of(tmp_path, manifest.read(made / "south")["run"])
    assert refused.value.problem is Problem.DOMAIN_UNKNOWN
    with pytest.raises(ContractBroken):
        place_of(workspace, {"domain": {"id": "../../ws", "version": 1}})


@pytest.mark.parametrize("name", ["north", "secret"])
def test_release_is_checked_and_reviewed_without_its_policy(made: Path, name: str) -> None:
    """The workspace is enough: its one signing key signs all domains."""
    assert check_release(made / name, str(made / "source"), made / "ws", Policy())
    assert open_review(made / name, made / "ws", 1).items


@pytest.mark.parametrize("name", ["south", "secret"])
def test_erased_in_one_domain_is_kept_out_of_all(made: Path, tmp_path: Path, name: str) -> None:
    """The patient goes from the release, without its policy being told, and comes into no domain again."""
    for each in ("ws", name, "north"):
        shutil.copytree(made / each, tmp_path / each)
    gone, workspace = PEOPLE[0], tmp_path / "ws"
    keys = {row["patient_key"] for row in rows(tmp_path / name)}
    done = erase(tmp_path / name, gone.patient_id, workspace)
    told = json.loads(done.certificate.read_text(encoding="utf-8"))["workspace_purged"]
    assert ("secret of the patient" in told) == (name == "secret")
    assert done.rows == len(gone.studies)
    left = {row["patient_key"] for row in rows(tmp_path / name)}
    assert len(keys) - len(left) == 1
    content = b"".join(path.read_bytes() for path in workspace.rglob("*") if path.is_file())
    assert not any(each.encode() in content for each in (gone.patient_id, *(keys - left)))
    assert check_release(tmp_path / name, None, workspace)
    facts = make_release(made / "source", workspace, tmp_path / "again", policy("north"))
    assert facts["counts"]["refused_by_policy"]["opted_out"]
    assert facts["counts"]["published"]["patients"] == 1
    assert erase(tmp_path / "north", gone.patient_id, workspace).rows == len(gone.studies)


def called(release: Path, workspace: Path) -> set[str]:
    """What the catalog of a release's domain calls the patient who is erased: pseudonym and ids of instances."""
    place = place_of(workspace, manifest.read(release)["run"])
    held = pq.read_table(place / "catalog" / "instances.parquet").to_pylist()
    return {row[name] for row in held if row["patient_id"] == PEOPLE[0].patient_id for name in ("patient_key", "key")}


def test_nobody_can_say_what_an_erased_patient_was_called(made: Path, tmp_path: Path) -> None:
    """With key, source and an empty register: the same names again in a domain, but others where there was a secret."""
    for each in ("ws", "secret", "south"):
        shutil.copytree(made / each, tmp_path / each)
    workspace = tmp_path / "ws"
    before = {name: called(tmp_path / name, workspace) for name in ("secret", "south")}
    instances = in_instances(made / "secret.dicom")
    for name in before:
        assert erase(tmp_path / name, PEOPLE[0].patient_id, workspace).rows
    (workspace / "erased").unlink()
    for name in before:
        make_release(made / "source", workspace, tmp_path / f"{name}.again", policy(name), dicom_out=tmp_path / name)
        assert len(called(tmp_path / f"{name}.again", workspace)) == 3
    assert called(tmp_path / "south.again", workspace) == before["south"]
    assert not called(tmp_path / "secret.again", workspace) & before["secret"]
    again = in_instances(tmp_path / "secret")
    kept, new = instances & again, again - instances
    for name in ("PatientID", "PatientName", "SOPInstanceUID", "StudyInstanceUID", "AccessionNumber", "StudyDate"):
        assert any(each[0] == name for each in kept), "the other patient is called as before"
        assert any(each[0] == name for each in new), "the erased patient is not"


def test_secret_is_kept_for_the_last_release(made: Path, tmp_path: Path) -> None:
    """With it the patient is found in a second release of the domain; without it that is refused, not certified."""
    for each in ("ws", "secret"):
        shutil.copytree(made / each, tmp_path / each)
    for each in ("second", "third"):
        shutil.copytree(made / "secret", tmp_path / each)
    patient_id, workspace = PEOPLE[0].patient_id, tmp_path / "ws"
    assert erase(tmp_path / "secret", patient_id, workspace, keep_secret=True).rows
    assert erase(tmp_path / "second", patient_id, workspace).rows
    with pytest.raises(PolicyError) as refused:
        erase(tmp_path / "third", patient_id, workspace)
    assert refused.value.problem is Problem.PATIENT_UNLINKED


def test_secrets_outlast_what_an_index_makes(made: Path, tmp_path: Path) -> None:
    """A run that lost everything else, killed before the inventory stood, gives the same release again."""
    shutil.copytree(made / "ws", tmp_path / "ws")
    place = enter_domain(tmp_path / "ws", DOMAINS["secret"])
    assert (place / "secrets").stat().st_mode & 0o777 == 0o600
    for each in place.iterdir():
        if each.name not in {"secrets", "domain.json"}:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    make_release(made / "source", tmp_path / "ws", tmp_path / "again", policy("secret"))
    assert digests(tmp_path / "again") == digests(made / "secret")
    other = make_workspace(tmp_path / "other")
    make_release(made / "source", other, tmp_path / "elsewhere", policy("secret"))
    shared = in_rows(tmp_path / "elsewhere") & in_rows(made / "secret")
    assert {each for each in shared if each[0] not in COLUMNS} <= set(TEXTS.items())


def test_catalog_without_its_secrets_is_refused(made: Path, tmp_path: Path) -> None:
    """New secrets beside an old catalog would silently break every relation."""
    shutil.copytree(made / "ws", tmp_path / "ws")
    place = enter_domain(tmp_path / "ws", DOMAINS["secret"])
    (place / "secrets").unlink()
    shutil.rmtree(place / "staging")
    with pytest.raises(PolicyError) as refused:
        make_release(made / "source", tmp_path / "ws", tmp_path / "again", policy("secret"))
    assert refused.value.problem is Problem.PATIENT_UNLINKED


def test_instances_alone_have_their_maps_in_the_domain(made: Path, tmp_path: Path) -> None:
    """`curate deidentify` for a domain with secrets: what its maps say is what stands in the instances.

    Secrets are drawn, and now and then two shift the dates of a patient alike: they are drawn again then.
    """
    for attempt in range(3):
        workspace, out = make_workspace(tmp_path / f"ws{attempt}"), tmp_path / f"out{attempt}"
        deidentify_source(str(made / "source"), out, workspace, policy("secret"))
        told = in_instances(out)
        shared = {name for name, _ in told & in_instances(made / "secret.dicom")}
        if not any("Date" in name for name in shared - KEYWORDS):
            break
    assert shared <= KEYWORDS
    place = enter_domain(workspace, DOMAINS["secret"])
    assert not (workspace / "uid_map.csv").exists()
    maps = {}
    for name in ("uid_map.csv", "patient_map.csv"):
        with (place / name).open(encoding="utf-8", newline="") as file:
            maps[name] = dict(list(csv.reader(file))[1:])
    assert {value for name, value in told if name == "PatientID"} == set(maps["patient_map.csv"].values())
    assert maps["patient_map.csv"].keys() == {each.patient_id for each in PEOPLE}
    assert {value for name, value in told if name == "SOPInstanceUID"} <= set(maps["uid_map.csv"].values())


def test_killed_run_goes_on_with_the_same_secrets(tmp_path: Path) -> None:
    """`curate run`, killed by SIGKILL once secrets are drawn, names every patient by them when it is run again."""
    place = prepare(tmp_path / "run", PEOPLE)
    (place / "policy.toml").write_text("[domain]\npatient_secrets = true\n", encoding="utf-8")
    domain = enter_domain(place / "ws", DomainOptions(patient_secrets=True))
    settings = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = start(place, settings)
    while not (domain / "secrets").exists():
        assert process.poll() is None, (place / "log").read_text(encoding="utf-8")
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (place / "release").exists()
    drawn = (domain / "secrets").read_text(encoding="ascii")
    assert start(place, settings).wait() == 0, (place / "log").read_text(encoding="utf-8")
    assert (domain / "secrets").read_text(encoding="ascii") == drawn
    named = {read_secrets(domain).patient_key(pseudonym(KEY, each.patient_id)) for each in PEOPLE}
    assert {row["patient_key"] for row in rows(place / "release")} == named
    assert str(domain / "quarantine.csv") in (place / "log").read_text(encoding="utf-8")
