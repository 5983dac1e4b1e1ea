"""Reception of instances by C-STORE (PS3.4 annex B): into the spool, or to nowhere.

pynetdicom holds an instance in memory until it is whole; `largest` bounds that. It would otherwise write what comes to
a temporary file in the clear.
"""

import io
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from curate.errors import PolicyError, Problem
from curate.policy import Limits
from curate.privacy.workspace import lock
from curate.sources.address import RECEIVED, TITLE
from curate.sources.server import Keep
from curate.sources.spool import spool_of

LARGEST = 4_000_000_000  # bytes of one instance
PDU = 128 << 10  # bytes; larger ones save little
_TIMES = {"acse_timeout": 30, "dimse_timeout": 120, "network_timeout": 120, "connection_timeout": 10}  # seconds
_STORED, _OUT_OF_RESOURCES, _NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000  # PS3.4 Table B.2-1
_GRACE = 30.0  # seconds for what is under way when the listener is told to stop


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen, under which AE title, and the AE titles that are let in; none are named where all are."""

    title: str
    host: str
    port: int
    callers: tuple[str, ...] = ()


@dataclass(slots=True, repr=False)
class Reception:
    """Takes what is sent; an instance that cannot be kept is refused to its sender, which will send it again.

    wanted: the SOP Instance UIDs that are kept, every one where it is None. fault: why the spool could not be written.
    """

    keep: Keep
    wanted: frozenset[str] | None = None
    largest: int = LARGEST
    taken: int = 0
    refused: int = 0
    fault: OSError | None = None
    _pending: dict[int, int] = field(default_factory=dict)

    def handlers(self) -> list[Any]:
        """The handlers of an association that receives."""
        return [(evt.EVT_C_STORE, self.store), (evt.EVT_DATA_RECV, self.weigh), (evt.EVT_CONN_CLOSE, self.forget)]

    def store(self, event: Any) -> int:
        """Take one instance; returns the status of the response (PS3.4 Table B.2-1)."""
        self._pending.pop(id(event.assoc), None)
        uid = str(event.request.AffectedSOPInstanceUID or "")
        if self.wanted is not None and uid not in self.wanted:
            return _STORED
        try:
            self.keep(uid, io.BytesIO(event.encoded_dataset()))
        except OSError as fault:
            self.fault, self.refused = fault, self.refused + 1
            return _OUT_OF_RESOURCES
        except (AttributeError, ValueError, TypeError):
            self.refused += 1
            return _NOT_UNDERSTOOD
        self.taken += 1
        return _STORED

    def weigh(self, event: Any) -> None:
        """Break off an association that sends more than one instance may have."""
        size = self._pending.get(id(event.assoc), 0) + len(event.data)
        self._pending[id(event.assoc)] = size
        if size > self.largest:
            self.refused += 1
            self.forget(event)
            event.assoc.abort()

    def forget(self, event: Any) -> None:
        """An association is over."""
        self._pending.pop(id(event.assoc), None)


def entity(title: str) -> Any:
    """An application entity with bounded waits and PDUs. Raises PolicyError when the title is none."""
    if not TITLE.fullmatch(title):
        raise PolicyError(Problem.SOURCE_ADDRESS, "AE title")
    made = AE(ae_title=title)
    made.maximum_pdu_size = PDU
    for name, seconds in _TIMES.items():
        setattr(made, name, seconds)
    return made


@contextmanager
def listening(reception: Reception, title: str, place: tuple[str, int], callers: Sequence[str] = ()) -> Iterator[Any]:
    """Listen at (host, port) under an AE title for storage, from the AE titles of `callers` where any are given.

    Yields the application entity. What is under way at the end has some seconds to finish; nobody new is let in.
    Raises PolicyError when the port cannot be had.
    """
    ours = entity(title)
    ours.require_called_aet, ours.require_calling_aet = True, list(callers)
    ours.add_supported_context(Verification)
    for context in AllStoragePresentationContexts:
        ours.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
    try:
        server = ours.start_server(place, block=False, evt_handlers=reception.handlers())
    except (OSError, OverflowError):
        raise PolicyError(Problem.PORT_UNAVAILABLE) from None
    try:
        yield ours
    finally:
        with suppress(OSError):
            server.socket.shutdown(socket.SHUT_RDWR)  # no connection more
        _let_finish(ours)
        ours.shutdown()


def receive(
    workspace: Path, listener: Listener, limits: Limits, stop: threading.Event, ready: Callable[[], object]
) -> Reception:
    """Take what is sent into the spool "spool:" until `stop` is set; `ready` is called when senders may begin.

    Raises PolicyError when another process receives into this workspace, or the port cannot be had.
    """
    spool = spool_of(RECEIVED, workspace)
    spool.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    reception = Reception(spool.add, largest=limits.file_bytes)
    with lock(spool.folder):
        spool.tidy()
        with listening(reception, listener.title, (listener.host, listener.port), listener.callers):
            ready()
            stop.wait()
    return reception


def _let_finish(ours: Any) -> None:
    until = monotonic() + _GRACE
    while ours.active_associations and monotonic() < until:
        sleep(0.05)
