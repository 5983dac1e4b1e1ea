"""Servers: each instance once, what does not come is accounted for, what breaks off is tried again; no network here."""

import io
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem, Reason, Rejected
from curate.privacy.workspace import recall_source, remember_source
from curate.sources import server as servers
from curate.sources.address import join, parse_server, split
from curate.sources.server import Fetched, Interrupted, Keep, Series
from curate.sources.source import expect_source, open_source, open_unchanged
from curate.sources.spool import Spool, spool_of


class Hospital:
    """A server in memory that loses its connection before each of some instances, and never hands over others."""

    def __init__(self, instances: Collection[str], lost: Collection[str] = (), never: Collection[str] = ()) -> None:
        self.instances, self.lost, self.never = list(instances), list(lost), set(never)

    def series(self) -> Iterator[Series]:
        """One series of them all."""
        yield Series("1", "1.1", dict.fromkeys(self.instances, ""))

    def retrieve(self, series: Series, wanted: Collection[str], keep: Keep) -> None:
        """Hand over what is wanted."""
        for uid in wanted:
            if uid in self.lost:
                self.lost.remove(uid)
                raise Interrupted
            if uid not in self.never:
                keep(uid, io.BytesIO(uid.encode()))


@pytest.fixture
def spool(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Spool:
    """An empty spool; nobody waits long."""
    monkeypatch.setattr(servers, "DELAYS", (0.001, 0.001))
    return spool_of("https://pacs.example", workspace)


def _fetch(server: Hospital, spool: Spool) -> Fetched:
    done = Fetched()
    servers._fetch(server, spool, iter, done)
    return done


def test_lost_connection_is_tried_again_from_where_it_broke(spool: Spool) -> None:
    """Twice here, and every instance is there once."""
    assert _fetch(Hospital("abc", lost="bc"), spool) == Fetched(new=3)
    assert sorted(spool.open(file.path).read() for file in spool.walk()) == [b"a", b"b", b"c"]


def test_server_that_stays_away_stops_the_run_and_loses_nothing(spool: Spool) -> None:
    """One coded problem; what came is kept and not fetched again."""
    with pytest.raises(PolicyError) as stopped:
        _fetch(Hospital("abc", lost="bbbb"), spool)
    assert stopped.value.problem is Problem.SOURCE_INTERRUPTED
    assert _fetch(Hospital("abc"), spool) == Fetched(held=1, new=2)


def test_instance_that_is_not_handed_over_is_accounted_for(spool: Spool) -> None:
    """It is walked with its reason, asked for again the next time, and leaves no trace once it came."""
    assert _fetch(Hospital("ab", never="b"), spool) == Fetched(new=1, missing=1)
    (fault,) = [file for file in spool.walk() if file.fault]
    with pytest.raises(Rejected) as refused:
        open_unchanged(spool, fault)
    assert refused.value.reason is Reason.NOT_DELIVERED
    assert _fetch(Hospital("ab"), spool) == Fetched(held=1, new=1)
    assert [file.fault for file in spool.walk()] == [None, None]


def test_what_the_server_no_longer_lists_is_let_go(spool: Spool) -> None:
    """Also a note of what it did not hand over."""
    _fetch(Hospital("abc", never="c"), spool)
    assert _fetch(Hospital("b"), spool) == Fetched(held=1, removed=2)
    assert [spool.open(file.path).read() for file in spool.walk()] == [b"b"]


def test_two_places_are_one_source(tmp_path: Path, workspace: Path) -> None:
    """Files of both, also where they have one name; the workspace remembers both by lasting addresses."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
    address = join(str(tmp_path / "one"), (tmp_path / "two").as_uri(), None)
    remember_source(workspace, address)
    assert split(recall_source(workspace)) == split(address)
    source = open_source(address, workspace)
    held = [(file.path, open_unchanged(source, file).read()) for file in source.walk()]
    assert held == [("0/a.txt", b"one"), ("1/a.txt", b"two")]


def test_address_of_a_server_is_taken_apart() -> None:
    """AE titles may be quoted; what is asked for is sorted; listen is ours and no attribute."""
    found = parse_server("dimse://OUR%20AE@pacs.example:104/PACS?StudyDate=20240101-&ModalitiesInStudy=CT&listen=11112")
    assert (found.host, found.port, found.calling, found.called) == ("pacs.example", 104, "OUR AE", "PACS")
    assert (found.filters, found.listen) == ((("ModalitiesInStudy", "CT"), ("StudyDate", "20240101-")), 11112)
    web = parse_server("https://pacs.example/dicom-web/?PatientID=1%262")
    assert (web.url, web.filters) == ("https://pacs.example/dicom-web", (("PatientID", "1&2"),))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("ftp://host/x", Problem.SOURCE_UNSUPPORTED),
        ("file:///nowhere/at/all", Problem.SOURCE_NOT_FOUND),
        ("dimse://A@host:104/B?listen=99999", Problem.SOURCE_ADDRESS),
        ("dimse://A:password@host:104/B", Problem.SOURCE_ADDRESS),
        ("https:///dicom-web", Problem.SOURCE_ADDRESS),
        ("https://host/dicom-web?nonsense", Problem.SOURCE_ADDRESS),
    ],
)
def test_address_that_is_none_is_refused_before_anything_is_made(
    tmp_path: Path, address: str, problem: Problem
) -> None:
    """With one coded problem, and nothing on disk."""
    with pytest.raises(PolicyError) as refused:
        expect_source(address, tmp_path / "release")
    assert refused.value.problem is problem
    assert list(tmp_path.iterdir()) == []
