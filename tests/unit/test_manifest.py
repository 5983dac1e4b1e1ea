"""Digests of files: each file is read once, one that changed is read again."""

import os
from hashlib import sha256
from pathlib import Path

from curate.manifest import Digests


def test_a_linked_file_is_the_same_and_a_changed_one_another(tmp_path: Path) -> None:
    """A hard link needs no second reading; other content under the same name does."""
    one, other, digests = tmp_path / "one", tmp_path / "other", Digests()
    one.write_bytes(b"first")
    assert digests.of(one) == sha256(b"first").hexdigest()
    os.link(one, other)
    other.chmod(0)
    assert digests.of(other) == digests.of(one)
    other.unlink()
    other.write_bytes(b"second")
    assert digests.of(other) == sha256(b"second").hexdigest()
    state = one.stat()
    one.chmod(0o600)
    one.write_bytes(b"third")
    os.utime(one, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert digests.of(one) == sha256(b"third").hexdigest()
