"""An instance under construction: every attribute is written together with what must become of it."""

import re
from collections.abc import Iterator
from typing import Any

from pydicom import Dataset
from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.dataelem import DataElement

from tests.benchmarks.midi.key import Check
from tests.benchmarks.midi.phrases import Phrase
from tests.benchmarks.midi.values import find, text_of

KEPT, PRIVATE_KEPT, CLEANED = "TCIA-P15-BASIC-K", "TCIA-PTKB-K", "TCIA-P15-DESC-C"


class Page:
    """A data set, or an item in it, and the checks of its answer key."""

    def __init__(self, dataset: Dataset, path: str = "", checks: list[Check] | None = None) -> None:
        self.dataset, self._path = dataset, path
        self._checks: list[Check] = [] if checks is None else checks

    def write(self, **attributes: Any) -> None:
        """Attributes about which nothing is asked."""
        for keyword, value in attributes.items():
            setattr(self.dataset, keyword, value)

    def keep(self, **attributes: Any) -> None:
        """Attributes whose value must still be there."""
        for keyword, value in attributes.items():
            setattr(self.dataset, keyword, value)
            self._ask("text_retained", keyword, category=KEPT)

    def drop(self, letter: str, **attributes: Any) -> None:
        """Attributes whose value must be gone, with the HIPAA letter of what it is."""
        for keyword, value in attributes.items():
            setattr(self.dataset, keyword, value)
            self._ask("text_removed", keyword, text=_words(str(value)), category=letter)

    def phrase(self, phrase: Phrase, *keywords: str) -> None:
        """Attributes that hold a text of which parts must stay and parts must go."""
        for keyword in keywords:
            setattr(self.dataset, keyword, phrase.text)
            self._parts(phrase, self._tag(keyword), dictionary_description(keyword))

    def date(self, **attributes: str) -> None:
        """Dates of the patient's events."""
        for keyword, value in attributes.items():
            setattr(self.dataset, keyword, value)
            self._ask("date_shifted", keyword)

    def uid(self, **attributes: str) -> None:
        """UIDs that must be replaced, by what the mapping says."""
        for keyword, value in attributes.items():
            setattr(self.dataset, keyword, value)
            self._ask("uid_changed", keyword)
            self._ask("uid_consistent", keyword)

    def patient_id(self, value: str) -> None:
        """PatientID: replaced, by what the mapping says."""
        self.drop("HIPAA-H", PatientID=value)
        self._ask("patid_consistent", "PatientID")

    def present(self, *keywords: str) -> None:
        """Attributes of Type 2: they must be there, empty or not."""
        for keyword in keywords:
            self._ask("tag_retained", keyword)

    def filled(self, *keywords: str) -> None:
        """Attributes of Type 1: they must have a value."""
        for keyword in keywords:
            self._ask("text_notnull", keyword)

    def item(self, keyword: str) -> "Page":
        """A new item at the end of a sequence."""
        items = list(self.dataset[keyword].value) if keyword in self.dataset else []
        setattr(self.dataset, keyword, [*items, Dataset()])
        return self._child(keyword, self._tag(keyword), len(items))

    def code(self, keyword: str, scheme: str, value: str, meaning: str) -> "Page":
        """A coded entry of the standard, all of which must stay."""
        entry = self.item(keyword)
        entry.keep(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)
        return entry

    def safe(self, group: int, creator: str, offset: int, vr: str, value: Any) -> None:
        """A private attribute that is known to be safe, and must stay."""
        path = self._private(group, creator, offset, vr, value)
        self._checks.append(Check("text_retained", path, category=PRIVATE_KEPT, name="Private"))

    def unsafe(self, group: int, creator: str, offset: int, vr: str, value: Any, letter: str = "HIPAA-A") -> None:
        """A private attribute that nothing calls safe: what is planted in it must be gone."""
        path = self._private(group, creator, offset, vr, value)
        self._checks.append(Check("text_removed", path, _words(str(value)), category=letter, name="Private"))

    def buried(self, group: int, creator: str, offset: int, name: str) -> None:
        """A vendor's binary header that nothing calls safe, with a name between its bytes (OB, of even length)."""
        content = b"SV10\4\3\2\1tPatientName\0" + name.encode("ascii", "ignore") + b"\0CSA"
        path = self._private(group, creator, offset, "OB", content + b"\0" * (len(content) % 2))
        self._checks.append(Check("text_removed", path, name, category="HIPAA-A", name="Private"))

    def moved(self, group: int, creator: str, offset: int, vr: str, value: str) -> None:
        """A safe private date of the patient's events."""
        path = self._private(group, creator, offset, vr, value)
        self._checks.append(Check("date_shifted", path, name="Private"))

    def cleaned(self, group: int, creator: str, offset: int, vr: str, phrase: Phrase) -> None:
        """A safe private text that holds an identifier."""
        self._parts(phrase, self._private(group, creator, offset, vr, phrase.text), "Private")

    def unsafe_item(self, group: int, creator: str, offset: int) -> "Page":
        """An item of a private sequence that nothing calls safe."""
        item = Dataset()
        path = self._private(group, creator, offset, "SQ", [item])
        return Page(item, f"{self._path}{path}[0000]", self._checks)

    def unknown(self, keyword: str, text: str, letter: str) -> None:
        """A public attribute encoded as UN (PS3.5 section 6.2.2); what it holds must be gone."""
        tag = tag_for_keyword(keyword)
        content = text.encode("ascii")
        self.dataset.add(DataElement(tag, "UN", content + b" " * (len(content) % 2)))
        self._checks.append(Check("text_removed", self._tag(keyword), _words(text), text, letter, keyword))

    def pixels(self, text: str, box: tuple[int, ...]) -> None:
        """Text that was drawn into the pixels, within a box."""
        self._checks.append(Check("pixels_hidden", self._tag("PixelData"), text, box=box, name="Pixel Data"))

    def untouched(self, digest: str) -> None:
        """Pixel data that must stay as they are, by the MD5 of their bytes."""
        self._checks.append(Check("pixels_retained", self._tag("PixelData"), digest, name="Pixel Data"))

    def settle(self, written: Dataset) -> Iterator[Check]:
        """The checks with the values that stand in the file, in the form that a reader prints them."""
        for each in self._checks:
            element = None if each.action.startswith("pixels") else find(written, each.tag)
            value = each.value or text_of(element)
            text = value if each.action == "text_retained" and not each.text else each.text
            yield Check(each.action, each.tag, text, value, each.category, each.name, each.box)

    def _ask(self, action: str, keyword: str, text: str = "", category: str = "") -> None:
        self._checks.append(
            Check(action, self._tag(keyword), text, category=category, name=dictionary_description(keyword))
        )

    def _parts(self, phrase: Phrase, path: str, name: str) -> None:
        for text in phrase.kept:
            self._checks.append(Check("text_retained", path, text, category=CLEANED, name=name))
        for text, letter in phrase.gone:
            self._checks.append(Check("text_removed", path, _words(text), category=letter, name=name))

    def _tag(self, keyword: str) -> str:
        tag = tag_for_keyword(keyword) or 0
        return f"{self._path}({tag >> 16:04x},{tag & 0xFFFF:04x})"

    def _child(self, keyword: str, path: str, number: int) -> "Page":
        return Page(self.dataset[keyword].value[number], f"{path}[{number:04d}]", self._checks)

    def _private(self, group: int, creator: str, offset: int, vr: str, value: Any) -> str:
        self.dataset.private_block(group, creator, create=True).add_new(offset, vr, value)
        return f'{self._path}({group:04x},"{creator.upper()}",{offset:02x})'


def _words(text: str) -> str:
    """The words of a name without the carets, equal signs and particles between them; other texts as they are."""
    if "^" not in text and "=" not in text:
        return text
    return " ".join(each for each in re.split(r"[\^=\s]+", text) if len(each) > 2 or not each.isascii())
