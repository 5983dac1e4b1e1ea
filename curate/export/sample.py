"""What an export writes of one study."""

from typing import NamedTuple


class Sample(NamedTuple):
    """One study: its id, its PNGs in order, its report, and every other column as JSON."""

    key: str
    images: tuple[bytes, ...]
    report: str
    row: str
