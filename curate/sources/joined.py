"""Two places as one source: images in an archive and reports in another, say. Each keeps its own paths, numbered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from curate.sources.source import File, Source


@dataclass(frozen=True, slots=True, repr=False)
class Joined:
    """Everything of each source, one after the other."""

    sources: tuple[Source, ...]

    def walk(self) -> Iterator[File]:
        """Every file of every source. Raises PolicyError."""
        for number, source in enumerate(self.sources):
            for file in source.walk():
                yield replace(file, path=f"{number}/{file.path}")

    def look(self, path: str) -> File:
        """The file as it is now. Raises OSError, Rejected."""
        source, rest = self._find(path)
        return replace(source.look(rest), path=path)

    def open(self, path: str) -> BinaryIO:
        """The bytes of a file. Raises OSError, Rejected."""
        source, rest = self._find(path)
        return source.open(rest)

    def _find(self, path: str) -> tuple[Source, str]:
        number, _, rest = path.partition("/")
        return self.sources[int(number)], rest
