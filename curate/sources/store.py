"""Object stores as sources (S3 and what fsspec knows beside it): read in place, by ranges, never copied to disk.

Credentials and endpoints are those of the environment, as the store's own tools take them (AWS_ACCESS_KEY_ID,
AWS_ENDPOINT_URL and so on); they are never part of the address.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO, cast

from curate.errors import CurationError, PolicyError, Problem
from curate.sources.address import scheme_of
from curate.sources.source import File

_RANGE = 4 << 20  # bytes a request: most instances come in one
_TRIES = 5
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"retries": {"mode": "standard", "max_attempts": _TRIES}, "connect_timeout": 10}}
}


@dataclass(frozen=True, slots=True, repr=False)
class Store:
    """The objects under a prefix, such as s3://bucket/prefix; their keys lead nowhere but into the store."""

    address: str

    def walk(self) -> Iterator[File]:
        """Every object under the prefix, sorted by key. Raises PolicyError when it cannot be listed."""
        with _told():
            system, root = _opened(self.address, os.getpid())
            found = system.find(root, detail=True, withdirs=False)
        for key in sorted(found):
            if found[key]["type"] == "file":
                yield _file(key[len(root) :].lstrip("/"), found[key])

    def look(self, path: str) -> File:
        """The object as it is now. Raises OSError."""
        system, root = _opened(self.address, os.getpid())
        with _lost():
            return _file(path, system.info(f"{root}/{path}", refresh=True))

    def open(self, path: str) -> BinaryIO:
        """The bytes of an object, fetched as they are read. Raises OSError."""
        system, root = _opened(self.address, os.getpid())
        with _lost():
            return cast("BinaryIO", system.open(f"{root}/{path}", "rb", block_size=_RANGE, cache_type="readahead"))


@lru_cache(maxsize=4)
def _opened(address: str, _process: int) -> tuple[Any, str]:
    """The file system of an address and the root in it, once a process: its threads do not survive a fork.

    Raises PolicyError where the package for this kind of store is not installed.
    """
    try:
        import fsspec

        system, root = fsspec.url_to_fs(
            address,
            use_listings_cache=False,
            skip_instance_cache=True,
            **_OPTIONS.get(scheme_of(address).replace("s3a", "s3"), {}),
        )
    except ImportError:
        raise PolicyError(Problem.PACKAGE_MISSING, "s3") from None
    return system, str(root).rstrip("/")


def _file(path: str, info: Mapping[str, Any]) -> File:
    """An object; what changes with its bytes is its ETag, elsewhere whatever the store says of it."""
    stamp = str(info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("last_modified") or "")
    changed = int.from_bytes(hashlib.sha256(stamp.encode()).digest()[:7], "big")
    return File(path, int(info["size"] or 0), changed)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a store's library raises by a coded problem; its text may hold names of objects."""
    try:
        yield
    except CurationError:
        raise
    except FileNotFoundError:
        raise PolicyError(Problem.SOURCE_NOT_FOUND) from None
    except PermissionError:
        raise PolicyError(Problem.SOURCE_REFUSED, "the store's credentials") from None
    except Exception as error:  # noqa: BLE001  each store has errors of its own
        refused = "Credential" in type(error).__name__
        raise PolicyError(Problem.SOURCE_REFUSED if refused else Problem.SOURCE_UNREACHABLE) from None


@contextmanager
def _lost() -> Iterator[None]:
    """Tell whatever a store's library raises for one object as an OSError without words."""
    try:
        yield
    except CurationError:
        raise
    except Exception:  # noqa: BLE001  each store has errors of its own
        raise OSError from None
