"""Which edition of this code runs here: two that differ may write other bytes, so they never share a release."""

import hashlib
import platform
from functools import cache
from pathlib import Path

import curate


@cache
def edition() -> str:
    """The version of Python and of this package, and a SHA-256 over the package's source, as one line."""
    root, digest = Path(curate.__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    minor = ".".join(platform.python_version_tuple()[:2])
    return f"{minor} {curate.__version__} {digest.hexdigest()}"
