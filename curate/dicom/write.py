"""Writing: the same data set gives the same bytes, and a reader never sees half a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset, config, dcmwrite

from curate.dicom.read import BROKEN
from curate.errors import Reason, Rejected


def write(dataset: Dataset, path: Path) -> None:
    """Write a data set with its file meta as a DICOM file (PS3.10 section 7), preamble zeroed; mode as the umask says.

    Raises Rejected(MALFORMED) when it cannot be encoded in its transfer syntax, and OSError when it cannot be written.
    """
    content = encode(dataset)
    with begin(path) as stream:
        stream.write(content)


@contextmanager
def begin(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes stand at `path` when it ends well, and nowhere when it does not."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def encode(dataset: Dataset) -> memoryview:
    """The bytes of a DICOM file. Raises Rejected(MALFORMED), without the cause, which may quote a value."""
    buffer = BytesIO()
    try:
        with config.disable_value_validation():
            dcmwrite(buffer, dataset, enforce_file_format=True)
    except BROKEN:
        raise Rejected(Reason.MALFORMED) from None
    return buffer.getbuffer()
