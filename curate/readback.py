"""Reads back what would go out: every text in documents, pictures and tables, for the search of residue."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from pypdf import PdfReader

_BATCH = 1024  # rows


def strings_of(place: Path) -> Iterator[tuple[str, str]]:
    """Every text under a folder: documents, what plots say, the strings of Parquet columns, and Parquet metadata."""
    for path in sorted(each for each in place.rglob("*") if each.is_file()):
        if path.suffix == ".parquet":
            yield from _strings_of_table(path)
        else:
            yield from ((path.relative_to(place).parts[0], text) for text in _READERS.get(path.suffix, _text)(path))


def _strings_of_table(path: Path) -> Iterator[tuple[str, str]]:
    file = pq.ParquetFile(path)
    yield "metadata", str(file.schema_arrow.metadata)
    columns = [name for name in file.schema_arrow.names if name != "images"]
    for batch in file.iter_batches(columns=columns, batch_size=_BATCH):
        for name, values in zip(columns, batch.columns, strict=True):
            yield from ((name, str(value)) for leaf in _leaves(values) for value in leaf.unique().to_pylist())


def _leaves(values: pa.Array) -> Iterator[pa.Array]:
    """The values at the ends of lists and structures."""
    if pa.types.is_struct(values.type):
        for field in values.flatten():
            yield from _leaves(field)
    elif pa.types.is_list(values.type):
        yield from _leaves(values.flatten())
    else:
        yield values


def _text(path: Path) -> list[str]:
    return [path.read_text(encoding="utf-8")]


def _pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def _description(path: Path) -> list[str]:
    with Image.open(path) as picture:
        return [str(each) for each in picture.info.values()]


_READERS: Mapping[str, Callable[[Path], list[str]]] = {".pdf": _pages, ".png": _description}
