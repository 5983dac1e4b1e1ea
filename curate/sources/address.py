"""Addresses of sources: what each kind looks like, and refusing the rest before anything is made.

A path · s3://bucket/prefix · https://host/dicom-web · dimse://CALLING@host:port/CALLED · spool:
Two places that are read as one source, images here and reports there, are two addresses with a NUL between them, which
no address can hold. Behind a question mark stand the study's attributes that a server is asked for, by DICOM keyword.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from curate.errors import PolicyError, Problem

RECEIVED = "spool:"
STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"})
SERVERS = frozenset({"http", "https", "dimse"})
TITLE = re.compile(r"(?! )[ -\[\]-~]{1,16}(?<! )")  # PS3.5 Table 6.2-1, AE: no backslash, no control character
_BOTH = "\0"


@dataclass(frozen=True, slots=True, repr=False)
class ServerAddress:
    """A server of instances; `url` is a DICOMweb service, else host, port and AE titles are those of DIMSE.

    filters: keyword and value of attributes that studies must match. listen: the port to which a C-MOVE sends, 0 where
    C-GET is used.
    """

    url: str
    host: str
    port: int
    calling: str
    called: str
    filters: tuple[tuple[str, str], ...]
    listen: int = 0


def join(*addresses: str | None) -> str:
    """Several places as the one address of a source; None is none."""
    return _BOTH.join(each for each in addresses if each)


def split(address: str) -> list[str]:
    """The places that an address names."""
    return address.split(_BOTH)


def scheme_of(address: str) -> str:
    """What stands before "://", in small letters; "spool" for what was received, nothing for a path."""
    scheme, colon, _ = address.partition("://")
    return scheme.lower() if colon else "spool" if address == RECEIVED else ""


def parse_server(address: str) -> ServerAddress:
    """The parts of a server's address. Raises PolicyError, which says what is wrong with it and not what it is."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise PolicyError(Problem.SOURCE_ADDRESS) from None
    if not host or parts.fragment:
        raise PolicyError(Problem.SOURCE_ADDRESS)
    listen = _port(query.pop("listen", "0")) if parts.scheme == "dimse" else 0
    found = ServerAddress(_url(parts), host, port, *_titles(parts), _filters(query), listen)
    if not found.url and not port:
        raise PolicyError(Problem.SOURCE_ADDRESS, "port")
    return found


def _url(parts: SplitResult) -> str:
    """The base of a DICOMweb service; a password in it would be kept in histories and process lists."""
    if parts.scheme == "dimse":
        return ""
    if parts.username is not None or parts.password is not None:
        raise PolicyError(Problem.SOURCE_ADDRESS, "credentials belong into CURATE_DICOMWEB_USER and _PASSWORD")
    return parts._replace(query="").geturl().rstrip("/")


def _titles(parts: SplitResult) -> tuple[str, str]:
    """The calling and the called AE title of a DIMSE address."""
    if parts.scheme != "dimse":
        return "", ""
    titles = unquote(parts.username or ""), unquote(parts.path.strip("/"))
    if parts.password is not None or not all(map(TITLE.fullmatch, titles)):
        raise PolicyError(Problem.SOURCE_ADDRESS, "AE titles: dimse://CALLING@host:port/CALLED")
    return titles


def _filters(query: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The attributes that a study must match, sorted. Raises PolicyError where one is none of DICOM."""
    from pydicom.datadict import tag_for_keyword

    if not all(map(tag_for_keyword, query)):
        raise PolicyError(Problem.SOURCE_ADDRESS, "a keyword behind the question mark")
    return tuple(sorted(query.items()))


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 65535:
        raise PolicyError(Problem.SOURCE_ADDRESS, "listen")
    return int(text)
