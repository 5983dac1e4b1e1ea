"""DIMSE: studies are found by C-_FIND, instances come by C-GET or, where the address names a port, by C-MOVE (PS3.4 C).

One association at a time; the study root model, asked level by level as every server must understand (C.4.1.3.1).
"""

import socket
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom import (
    ALL_TRANSFER_SYNTAXES,
    StoragePresentationContexts,
    build_context,
    build_role,
)

from curate.errors import PolicyError, Problem
from curate.sources.address import ServerAddress
from curate.sources.reception import PDU, Reception, entity, listening
from curate.sources.server import Interrupted, Keep, Series, persist

# the information models of the study root, PS3.4 section C.6.2.1
_FIND, _MOVE, _GET = (UID(f"1.2.840.10008.5.1.4.1.2.2.{number}") for number in (1, 2, 3))
_MOST_CONTEXTS = 127  # PS3.8 section 9.3.2.2: identifiers are the odd numbers to 255; one is for the query
_PENDING, _REFUSED = frozenset({0xFF00, 0xFF01}), frozenset({0x0122, 0x0124})
_DIAGNOSES = {
    (1, 3): "calling AE title not recognised",
    (1, 7): "called AE title not recognised",
}  # PS3.8 Table 9-21: source and diagnostic


class Dimse:
    """A server of the Query/Retrieve service class."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address

    def series(self) -> Iterator[Series]:
        """Every series of the studies that match. Raises PolicyError, Interrupted."""
        for study in persist(self._studies):
            yield from persist(partial(self._series_of, study))

    def retrieve(self, series: Series, wanted: Collection[str], keep: Keep) -> None:
        """Have a series sent, and keep what is wanted of it. Raises PolicyError, Interrupted, OSError."""
        reception = Reception(keep, frozenset(wanted))
        (self._move if self._address.listen else self._get)(series, reception)
        if reception.fault:
            raise reception.fault

    def _studies(self) -> list[str]:
        with self._associated([build_context(_FIND)]) as association:
            found = _find(association, "STUDY", {"StudyInstanceUID": "", **dict(self._address.filters)})
            return [_uid(each, "StudyInstanceUID") for each in found]

    def _series_of(self, study: str) -> list[Series]:
        with self._associated([build_context(_FIND)]) as association:
            found = list(_find(association, "SERIES", {"StudyInstanceUID": study, "SeriesInstanceUID": ""}))
            return [_series(association, study, _uid(each, "SeriesInstanceUID")) for each in found]

    def _get(self, series: Series, reception: Reception) -> None:
        classes = sorted({name for name in series.instances.values() if name})
        contexts = _contexts(classes) if classes else StoragePresentationContexts[:_MOST_CONTEXTS]
        roles = [build_role(str(name), scp_role=True) for name in {each.abstract_syntax for each in contexts}]
        options = {"ext_neg": roles, "evt_handlers": reception.handlers()}
        with self._associated([build_context(_GET), *contexts], **options) as association:
            _follow(association.send_c_get(_identifier("SERIES", _keys(series)), _GET))

    def _move(self, series: Series, reception: Reception) -> None:
        ours, theirs = self._address.calling, self._address.called
        with (
            self._associated([build_context(_MOVE)]) as association,
            listening(reception, ours, (self._near(), self._address.listen), [theirs]),
        ):
            _follow(association.send_c_move(_identifier("SERIES", _keys(series)), ours, _MOVE))

    def _near(self) -> str:
        """The address of this machine at which the server can reach it."""
        try:
            with socket.create_connection((self._address.host, self._address.port), timeout=10) as connection:
                return str(connection.getsockname()[0])
        except OSError:
            raise Interrupted from None

    @contextmanager
    def _associated(self, contexts: list[Any], **options: Any) -> Iterator[Any]:
        """An association with the server, released at the end. Raises PolicyError, Interrupted."""
        where = self._address
        association = entity(where.calling).associate(where.host, where.port, contexts, where.called, PDU, **options)
        if not association.is_established:
            _tell_refusal(association)
        try:
            yield association
        finally:
            association.release()


def _tell_refusal(association: Any) -> None:
    """Say why there is no association: refused for good, or worth another try (PS3.8 section 9.3.4)."""
    answer = association.acceptor.primitive
    if association.is_rejected and answer is not None and answer.result == 1:
        raise PolicyError(
            Problem.SOURCE_REFUSED, _DIAGNOSES.get((answer.result_source, answer.diagnostic), "association rejected")
        )
    if association.is_established or association.accepted_contexts or association.rejected_contexts:
        raise PolicyError(Problem.SOURCE_REFUSED, "no presentation context accepted")
    raise Interrupted


def _series(association: Any, study: str, uid: str) -> Series:
    keys = {"StudyInstanceUID": study, "SeriesInstanceUID": uid, "SOPInstanceUID": "", "SOPClassUID": ""}
    found = _find(association, "IMAGE", keys)
    return Series(study, uid, {_uid(each, "SOPInstanceUID"): str(each.get("SOPClassUID") or "") for each in found})


def _keys(series: Series) -> dict[str, str]:
    return {"StudyInstanceUID": series.study, "SeriesInstanceUID": series.uid}


def _find(association: Any, level: str, keys: dict[str, str]) -> Iterator[Dataset]:
    """Every match. Raises PolicyError, Interrupted."""
    for status, match in association.send_c_find(_identifier(level, keys), _FIND):
        if _is_pending(status):
            if match is None:
                raise PolicyError(Problem.SOURCE_MISUNDERSTOOD)
            yield match


def _follow(responses: Iterable[tuple[Dataset, Any]]) -> None:
    """Wait for the last response; what failed is seen from what did not come. Raises PolicyError, Interrupted."""
    for status, _ in responses:
        _is_pending(status)


def _is_pending(status: Dataset) -> bool:
    """Whether more responses follow; no status at all means that the connection is gone. Raises PolicyError."""
    code = status.get("Status")
    if code is None:
        raise Interrupted
    if code in _REFUSED or 0xA000 <= code < 0xB000 or 0xC000 <= code < 0xD000:  # PS3.7 annex C: failures
        raise PolicyError(Problem.SOURCE_REFUSED, f"DIMSE status {code:04X}")
    return code in _PENDING


def _identifier(level: str, keys: dict[str, str]) -> Dataset:
    """What is asked for. Raises PolicyError where a value cannot stand for its keyword."""
    asked = Dataset()
    asked.QueryRetrieveLevel = level
    try:
        for keyword, value in keys.items():
            setattr(asked, keyword, value)
    except (TypeError, ValueError):
        raise PolicyError(Problem.SOURCE_ADDRESS, "a value behind the question mark") from None
    return asked


def _uid(answer: Dataset, keyword: str) -> str:
    """A UID that an answer must have. Raises PolicyError."""
    if found := str(answer.get(keyword) or ""):
        return found
    raise PolicyError(Problem.SOURCE_MISUNDERSTOOD)


def _contexts(classes: list[str]) -> list[Any]:
    """A context for each class and transfer syntax, so that the server may send each instance as it is stored."""
    return [build_context(name, syntax) for syntax in ALL_TRANSFER_SYNTAXES for name in classes][:_MOST_CONTEXTS]
