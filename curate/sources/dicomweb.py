"""DICOMweb: studies are found by QIDO-RS (PS3.18 section 10.6), instances come by WADO-RS (10.4), as they are stored.

CURATE_DICOMWEB_TOKEN is a bearer token; CURATE_DICOMWEB_USER and CURATE_DICOMWEB_PASSWORD are for Basic authentication.
"""

import io
import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient
from requests.auth import HTTPBasicAuth

from curate.errors import PolicyError, Problem
from curate.sources.address import ServerAddress
from curate.sources.server import Interrupted, Keep, Series, persist

_STUDY, _SERIES, _INSTANCE, _CLASS = "0020000D", "0020000E", "00080018", "00080016"
_PAGE = 200  # entries a request
_TIMES = 10.0, 120.0  # seconds to connect, and between two bytes
_UID = re.compile(r"[0-9.]{1,64}")
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'  # PS3.18 section 8.7.3.5.2
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED})
Answer = dict[str, Any]


class DicomWeb:
    """A DICOMweb service."""

    def __init__(self, address: ServerAddress) -> None:
        self._filters = dict(address.filters)
        with _told():
            self._client = DICOMwebClient(address.url, _session(), permissive_uid=True, timeout=_TIMES)
        self._client.set_http_retry_params(retry=False)  # ours also tries again after a lost connection

    def series(self) -> Iterator[Series]:
        """Every series of the studies that match. Raises PolicyError, Interrupted."""
        find = partial(self._client.search_for_studies, search_filters=self._filters)
        for study in [_uid(answer, _STUDY) for answer in _pages(find, _STUDY)]:
            yield from self._series_of(study)

    def retrieve(self, series: Series, wanted: Collection[str], keep: Keep) -> None:
        """Fetch instances one by one, byte by byte as they are stored. Raises PolicyError, Interrupted."""
        for uid in wanted:
            if all(map(_UID.fullmatch, (series.study, series.uid, uid))):  # else it has no place in a URL
                self._retrieve(f"studies/{series.study}/series/{series.uid}/instances/{uid}", uid, keep)

    def _series_of(self, study: str) -> Iterator[Series]:
        found: dict[str, dict[str, str]] = {}
        for answer in _pages(partial(self._client.search_for_instances, study), _INSTANCE):
            found.setdefault(_uid(answer, _SERIES), {})[_uid(answer, _INSTANCE)] = _value(answer, _CLASS)
        for uid in sorted(found):
            yield Series(study, uid, found[uid])

    def _retrieve(self, path: str, uid: str, keep: Keep) -> None:
        with _told(absent=True):
            parts = list(self._client.iter_bulkdata(f"{self._client.base_url}/{path}"))
        for part in parts:
            keep(uid, io.BytesIO(part))


class _Session(requests.Session):
    """A session that asks for instances as they are stored, which the client does only where it parses them itself."""

    def get(self, url: Any, params: Any = None, *, headers: Any = None, **options: Any) -> requests.Response:
        """As `requests` does, for instances in any transfer syntax."""
        asked = dict(headers or {})
        if "multipart" in asked.get("Accept", ""):
            asked["Accept"] = _AS_STORED
        return super().get(url, params, headers=asked, **options)


def _session() -> requests.Session:
    """A session with the credentials of the environment; none of them is in an address or a log."""
    session = _Session()
    if token := os.environ.get("CURATE_DICOMWEB_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"
    elif user := os.environ.get("CURATE_DICOMWEB_USER"):
        session.auth = HTTPBasicAuth(user.encode(), os.environ.get("CURATE_DICOMWEB_PASSWORD", "").encode())
    return session


def _pages(search: Callable[..., list[Answer]], tag: str) -> Iterator[Answer]:
    """Every answer to a search, page by page, each once; a server that knows no pages sends the same one again."""
    seen: set[str] = set()
    while True:
        page = persist(partial(_page, search, len(seen)))
        fresh = {_uid(answer, tag): answer for answer in page if _uid(answer, tag) not in seen}
        if not fresh:
            return
        seen.update(fresh)
        yield from fresh.values()


def _page(search: Callable[..., list[Answer]], offset: int) -> list[Answer]:
    with _told():
        return search(limit=_PAGE, offset=offset)


def _uid(answer: Answer, tag: str) -> str:
    """A UID that an answer must have. Raises PolicyError."""
    if found := _value(answer, tag):
        return found
    raise PolicyError(Problem.SOURCE_MISUNDERSTOOD)


def _value(answer: Answer, tag: str) -> str:
    """The first value of an attribute in the DICOM JSON model (PS3.18 annex F), or nothing."""
    try:
        return str(answer[tag]["Value"][0])
    except (KeyError, IndexError, TypeError):
        return ""


@contextmanager
def _told(*, absent: bool = False) -> Iterator[None]:
    """Tell what the client raises by what can be done about it. absent: an instance may well not be there."""
    try:
        yield
    except requests.HTTPError as error:
        _judge(error.response.status_code if error.response is not None else 500, absent=absent)
    except requests.JSONDecodeError:
        raise PolicyError(Problem.SOURCE_MISUNDERSTOOD) from None
    except requests.RequestException:
        raise Interrupted from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PolicyError(Problem.SOURCE_MISUNDERSTOOD) from None


def _judge(status: int, *, absent: bool) -> None:
    """What an HTTP status asks for: another try, other credentials, another address, or to go on without."""
    if status in _REFUSED:
        raise PolicyError(Problem.SOURCE_REFUSED, f"HTTP {status}") from None
    if status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Interrupted from None
    if not absent:
        raise PolicyError(Problem.SOURCE_MISUNDERSTOOD, f"HTTP {status}") from None
