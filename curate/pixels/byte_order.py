"""Words that DICOM files hold as bytes (PS3.5 section 7.3): pydicom hands them on in the order that the file has."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

_WIDTHS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def to_little_endian(dataset: "Dataset") -> "Dataset":
    """A data set read from big endian whose words are in the other order, at every depth; the input is not changed.

    Raises ValueError for a value that is no whole number of words.
    """
    from pydicom import Dataset

    turned = Dataset()
    turned.update({element.tag: _turned(element) for element in dataset})
    return turned


def _turned(element: "DataElement") -> "DataElement":
    from pydicom.dataelem import DataElement

    if element.VR == "SQ":
        return DataElement(element.tag, "SQ", [to_little_endian(item) for item in element.value or ()])
    width = _WIDTHS.get(element.VR)
    if width is None or not element.value:
        return element
    words = np.frombuffer(element.value, f">u{width}")
    return DataElement(element.tag, element.VR, words.astype(f"<u{width}").tobytes())
