"""WebDataset: tar files in which the files of a sample follow each other and share the name before the first dot."""

import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from curate.export.sample import Sample


def write(folder: Path, shards: Iterator[tuple[str, Iterator[Sample]]]) -> None:
    """One tar a shard: `KEY.000.png`, `KEY.001.png` ..., `KEY.txt` (the report), `KEY.json` (the other columns)."""
    for name, samples in shards:
        # USTAR holds no owner's extras; times and owners are zero, so that equal samples are equal bytes
        with tarfile.open(folder / f"{name}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for sample in samples:
                for end, content in _files(sample):
                    entry = tarfile.TarInfo(f"{sample.key}.{end}")
                    entry.size = len(content)
                    tar.addfile(entry, BytesIO(content))


def _files(sample: Sample) -> Iterator[tuple[str, bytes]]:
    for number, png in enumerate(sample.images):
        yield f"{number:03}.png", png
    yield "txt", sample.report.encode()
    yield "json", sample.row.encode()
