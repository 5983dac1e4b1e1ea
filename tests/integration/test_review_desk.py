"""A review: drawn once and for all, looked at through a real server, bounded by what came of it."""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from curate.compliance.words import Words
from curate.errors import PolicyError
from curate.policy import Policy
from curate.privacy.signing import is_signed
from curate.release import rebuild_report
from curate.review import Review, conclude, open_review
from curate.review.serve import Desk
from tests import synth
from tests.browser import listener, needs_browser, open_page
from tests.pipeline import digests, make_release, make_workspace, rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release of six patients, and its workspace."""
    place = tmp_path_factory.mktemp("review")
    people = [synth.patient(seed, kinds=("CT", "US"), instances=1, charset="ISO_IR 100") for seed in range(60, 66)]
    synth.write_archive(place / "source", people)
    make_release(place / "source", make_workspace(place / "ws"), place / "release")
    return place / "release", place / "ws"


@pytest.fixture
def desk(made: tuple[Path, Path], tmp_path: Path) -> Iterator[tuple[Desk, Review]]:
    """The desk of a fresh review of four patients."""
    review = open_review(*made, 4)
    (review.folder / "verdicts.jsonl").unlink(missing_ok=True)
    served = Desk(review)
    thread = Thread(target=served.serve, daemon=True)
    thread.start()
    yield served, review
    served.close()


def test_the_sample_cannot_be_chosen(made: tuple[Path, Path]) -> None:
    """Drawing again gives the same studies; the seed was committed to, and the release is untouched."""
    release, workspace = made
    before = digests(release)
    review = open_review(release, workspace, 4)
    first = digests(review.folder)
    (review.folder / "owners.json").unlink()
    again = open_review(release, workspace, 4)
    assert {k: v for k, v in digests(again.folder).items() if k != "verdicts.jsonl"} == first
    assert digests(release) == before
    committed = json.loads((review.folder / "commitment.json").read_text())
    signature = committed.pop("signature")
    assert is_signed(json.dumps(committed, sort_keys=True).encode(), signature)
    assert {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in review.folder.iterdir()} == {0}


def test_whole_patients_are_drawn_and_leaks_are_planted(made: tuple[Path, Path]) -> None:
    """Every study of a drawn patient is there; the planted ones differ from every study of the release."""
    review = open_review(*made, 4)
    owners = json.loads((review.folder / "owners.json").read_text())
    published = rows(made[0])
    for owner in filter(None, set(owners)):
        assert owners.count(owner) == sum(row["patient_key"] == owner for row in published)
    assert len(set(filter(None, owners))) == 4
    texts = {row["report"] for row in published}
    pictures = {image["bytes"] for row in published for image in row["images"]}
    for number, owner in enumerate(owners):
        item = review.item(number)
        plain = item.text in texts and set(item.images) <= pictures
        assert plain == (owner is not None)


def test_a_review_by_keyboard_and_form(desk: tuple[Desk, Review], made: tuple[Path, Path]) -> None:
    """Pages and images come under the token alone; verdicts are kept, and the bound follows from them."""
    served, review = desk
    owners = json.loads((review.folder / "owners.json").read_text())
    for number, owner in enumerate(owners):
        page = urlopen(served.address).read().decode()  # noqa: S310
        assert f"Study {number + 1} of {len(owners)}" in page
        picture = re.search(r'img src="([^"]+)"', page)
        assert picture
        base = served.address.split("/", 3)
        assert urlopen(f"{base[0]}//{base[2]}{picture[1]}").read()[:4] == b"\x89PNG"  # noqa: S310
        verdict = "clean" if owner else "leak"
        urlopen(Request(f"{served.address}{number}/{verdict}", b"", method="POST"))  # noqa: S310
    assert "Every study has a verdict" in urlopen(served.address).read().decode()  # noqa: S310
    found = review.outcome()
    assert (found.patients, found.leaking, found.open, found.noticed) == (4, 0, 0, found.planted)
    assert found.bound == found.corrected_bound == pytest.approx(1 - 0.05 ** (1 / 4))
    review.judge(owners.index(next(filter(None, owners))), leaks=True)
    assert review.outcome().leaking == 1
    signed = json.loads(conclude(review, made[1]).read_text())
    signature = signed.pop("signature")
    assert is_signed(json.dumps(signed, sort_keys=True).encode(), signature)


def test_the_outcome_is_told_in_words_too(made: tuple[Path, Path]) -> None:
    """A page beside the signed one, for its owner alone, in the language of the release: counts, no text, no name."""
    release, workspace = made
    before = digests(release)
    review = open_review(release, workspace, 4)
    (review.folder / "verdicts.jsonl").unlink(missing_ok=True)
    for number, owner in enumerate(json.loads((review.folder / "owners.json").read_text())):
        review.judge(number, leaks=owner is None)
    path = conclude(review, workspace).with_suffix(".html")
    page = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert "With 95 % confidence, at most 52.71% of the patients" in page
    assert "https://doi.org/10.1093/biomet/26.4.404" in page
    assert not [row["patient_key"] for row in rows(release) if row["patient_key"] in page]
    conclude(replace(review, words=Words("de")), workspace)
    assert "Mit 95 % Sicherheit steht bei höchstens 52,71\u00a0% der Patienten" in path.read_text(encoding="utf-8")
    assert digests(release) == before


def test_a_german_release_is_reviewed_in_german(made: tuple[Path, Path], tmp_path: Path) -> None:
    """The policy that made the release says in which language its pages speak: report, Data Docs and review."""
    policy = Policy.parse({"governance": {"language": "de"}})
    make_release(made[0].parent / "source", make_workspace(tmp_path / "ws"), tmp_path / "release", policy)
    for page in ("compliance/report.html", "data_docs/index.html"):
        assert '<html lang="de">' in (tmp_path / "release" / page).read_text(encoding="utf-8")
    assert rebuild_report(tmp_path / "release") == "unchanged"
    review = open_review(tmp_path / "release", tmp_path / "ws", 1)
    assert review.words.language == "de"
    desk = Desk(review)
    try:
        assert "Sauber (C)" in desk.answer(urlsplit(desk.address).path)[2].decode()
    finally:
        Thread(target=desk.serve, daemon=True).start()
        desk.close()


@pytest.mark.parametrize("path", ["", "0", "wrong/0", "../0", "wrong/0/0.png"])
def test_without_the_token_there_is_nothing(desk: tuple[Desk, Review], path: str) -> None:
    """Whoever does not know the address gets a 404, for reading and for judging."""
    root = desk[0].address.rsplit("/", 2)[0]
    for request in (Request(f"{root}/{path}"), Request(f"{root}/{path}", b"", method="POST")):  # noqa: S310
        with pytest.raises(HTTPError, match="404"):
            urlopen(request)  # noqa: S310
    assert not desk[1].verdicts()


@needs_browser
def test_the_page_works_in_a_browser(desk: tuple[Desk, Review], tmp_path: Path) -> None:
    """Its own script and images load under its own policy, and nothing else is asked for."""
    with listener() as (proxy, asked):
        shown = open_page(desk[0].address, tmp_path / "profile", proxy)
    assert "Clean (C)" in shown
    assert not [line for line in asked if "127.0.0.1" not in line and "review" in line]


def test_no_release_no_review(tmp_path: Path) -> None:
    """A folder without a manifest is refused."""
    with pytest.raises(PolicyError):
        open_review(tmp_path, make_workspace(tmp_path / "ws"), 4)
