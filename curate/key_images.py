"""Which instances of a study a reader marked: those that its Key Object Selection documents name (PS3.3 A.35.4)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curate.dicom.read import read
from curate.policy import Limits
from curate.sources.source import Source, open_row

if TYPE_CHECKING:
    from pydicom import Dataset

_KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def marked(source: Source, rows: Sequence[Mapping[str, Any]], limits: Limits) -> set[str]:
    """SOP Instance UIDs that key objects among some instances name; a document that cannot be read names none."""
    return {uid for row in rows if row["sop_class"] == _KEY_OBJECTS for uid in _named(source, row, limits)}


def _named(source: Source, row: Mapping[str, Any], limits: Limits) -> list[str]:
    try:
        with open_row(source, row) as stream:
            return list(_references(read(stream, limits)))
    except Exception:  # noqa: BLE001  whatever a broken document provokes: it is de-identified or refused in its turn
        return []


def _references(item: "Dataset") -> Iterator[str]:
    for each in item.get("ReferencedSOPSequence") or ():
        yield str(each.get("ReferencedSOPInstanceUID") or "")
    for each in item.get("ContentSequence") or ():
        yield from _references(each)
