"""Servers of instances: what one lists is fetched into the spool, each instance once, resumed where it broke off.

An instance that is in the spool is not asked for again; one that the server no longer lists leaves the spool; one that
it lists and does not hand over is noted, and quarantined as `not_delivered`. Nothing of a server is a name on disk.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from curate.errors import PolicyError, Problem
from curate.sources.address import SERVERS, parse_server, scheme_of, split
from curate.sources.spool import Spool, spool_of

DELAYS = (0.5, 2.0, 8.0)  # seconds before what was interrupted is tried again
Keep = Callable[[str, BinaryIO], object]
Done = TypeVar("Done")


class Interrupted(Exception):
    """The connection was lost, or the server is too busy: worth another try. Carries nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class Series:
    """A series as a server lists it: its UID, that of its study, and each SOP Instance UID with its SOP Class UID."""

    study: str
    uid: str
    instances: Mapping[str, str]


@dataclass(slots=True)
class Fetched:
    """What became of the instances that a server lists: held already, fetched now, not delivered; and those let go."""

    held: int = 0
    new: int = 0
    missing: int = 0
    removed: int = 0


class Server(Protocol):
    """A server of instances. Its methods raise PolicyError when asking again is of no use."""

    def series(self) -> Iterator[Series]:
        """Every series of the studies that match; tried again where it is interrupted. Raises Interrupted at last."""
        ...

    def retrieve(self, series: Series, wanted: Collection[str], keep: Keep) -> None:
        """Hand instances of a series to `keep`, by their SOP Instance UID. Raises Interrupted; OSError of `keep`."""
        ...


def fetch(address: str, workspace: Path, track: Callable[[Sequence[Series]], Iterable[Series]] = iter) -> Fetched:
    """Bring the spools of the servers that an address names up to date; other places are left as they are.

    Only while the workspace is locked. track: shows how far it came. Raises PolicyError; OSError when the disk is full.
    """
    done = Fetched()
    for place in split(address):
        if scheme_of(place) in SERVERS:
            _fetch(_connect(place), spool_of(place, workspace), track, done)
    return done


def persist(work: Callable[[], Done]) -> Done:
    """Do a piece of work, again after a while where it is interrupted. Raises Interrupted when it stays so."""
    for delay in DELAYS:
        try:
            return work()
        except Interrupted:
            time.sleep(delay)
    return work()


def _connect(address: str) -> Server:
    """The server at an address. Raises PolicyError where its package is not installed."""
    where = parse_server(address)
    try:
        if where.url:
            from curate.sources.dicomweb import DicomWeb

            return DicomWeb(where)
        from curate.sources.dimse import Dimse

        return Dimse(where)
    except ImportError:
        raise PolicyError(Problem.PACKAGE_MISSING, "network") from None


def _fetch(server: Server, spool: Spool, track: Callable[[Sequence[Series]], Iterable[Series]], done: Fetched) -> None:
    spool.tidy()
    try:
        listed = list(server.series())
    except Interrupted:
        raise PolicyError(Problem.SOURCE_UNREACHABLE) from None
    for series in track(listed):
        _take(server, series, spool, done)
    done.removed += spool.retain(uid for series in listed for uid in series.instances)


def _take(server: Server, series: Series, spool: Spool, done: Fetched) -> None:
    """Fetch what the spool does not hold of a series, and note what the server lists and does not deliver."""
    wanted = _missing(series.instances, spool)
    done.held += len(series.instances) - len(wanted)
    try:
        persist(partial(_retrieve, server, series, spool))
    except Interrupted:
        raise PolicyError(Problem.SOURCE_INTERRUPTED) from None
    missing = _missing(wanted, spool)
    for uid in missing:
        spool.miss(uid)
    done.new += len(wanted) - len(missing)
    done.missing += len(missing)


def _retrieve(server: Server, series: Series, spool: Spool) -> None:
    if wanted := _missing(series.instances, spool):
        server.retrieve(series, wanted, spool.add)


def _missing(uids: Iterable[str], spool: Spool) -> list[str]:
    return [uid for uid in uids if not spool.holds(uid)]
