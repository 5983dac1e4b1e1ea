"""The conformance statement (PS3.15 E.1.3), made of the tables that the code itself runs on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files

from curate.dicom import tables
from curate.dicom.markers import CLEAN_PIXELS, MEANINGS
from curate.dicom.profile import OPTION_CODES, Profile
from curate.dicom.rules import Method
from curate.policy import ProfileOptions

EDITION = "DICOM 2026d"
_BASIC = "113100"
_ATTRIBUTES = len(tables.attributes())
HOW = {
    Method.REMOVE: "removed",
    Method.EMPTY: "emptied",
    Method.DUMMY: 'a constant of the VR: "DEIDENTIFIED", 0, 1900-01-01, 000Y, or two zero bytes',
    Method.DUMMY_ITEMS: "the items stay, each attribute in them by its own rule, and each text in them is a constant",
    Method.NAME: 'a name that is made up, "Family^Given", keyed by patient and name',
    Method.IDENTIFIER: "13 letters and digits, keyed by the identifier",
    Method.UID: "a UID, keyed by the old one; what the standard registers stays",
    Method.VALID_UID: "kept if it is a UID, else replaced",
    Method.DATE: "kept if it is a date, else emptied",
    Method.SHIFT: "moved by the patient's offset; what is no date is emptied",
    Method.TIME: "kept if it is a time, else emptied",
    Method.ZONE: "kept if it is an offset from UTC, else emptied",
    Method.AGE: "capped",
    Method.TEXT: "cleaned as text",
    Method.PRODUCT: "kept if it names a product or a release of one, else cleaned as text",
    Method.STRING: "kept if it has the form of a coded string, else cleaned as text",
    Method.CODE: "kept if a public vocabulary has it, else cleaned as text",
    Method.VERSION: "kept if it is a version, else cleaned as text",
    Method.MEANING: "kept if it is that of PS3.16, else cleaned as text",
    Method.COLOURS: "an ICC profile without texts and days",
    Method.KEEP: "kept",
    Method.ITEMS: "the same rules inside",
    Method.PIXELS: "handed on at the top level, removed deeper",
}


def statement() -> str:
    """The statement as Markdown, the same for every policy; docs/conformance.md is compared with it.

    Its prose is conformance.md beside this module; each line `{{name}}` there becomes a table.
    """
    text = (files("curate.dicom") / "conformance.md").read_text(encoding="utf-8").replace("{{edition}}", EDITION)
    for name, table in _tables().items():
        text = text.replace(f"{{{{{name}}}}}", table)
    return text


def _tables() -> dict[str, str]:
    """Every table of the statement by its name."""
    return {
        "options": _grid(("option", "setting", "code of CID 7050", "meaning", "default"), _options()),
        "sizes": _grid(("table", "rows"), _sizes()),
        "actions": _grid(("code", "what happens", "attributes"), _actions()),
        "types": _grid(("attribute", "in", "Type", "what happens"), _types()),
        "by_vr": _grid(("VR", "code", "what happens"), _by_vr()),
        "demands": _grid(("section", "demand", "answer", "test"), _demands("shall")),
        "notes": _grid(("section", "demand", "test"), _beside("note")),
        "ours": _grid(("section", "demand", "test"), _beside("ours")),
    }


def _options() -> Iterator[tuple[str, ...]]:
    default = Profile.compile(ProfileOptions()).codes()
    yield "Basic Profile", "always", _BASIC, MEANINGS[_BASIC], "on"
    for column in tables.OPTIONS:
        code = OPTION_CODES[column]
        setting = {"full": "dates = full", "modified": "dates = modified"}.get(column.split("_")[-2], column)
        yield column.replace("_", " "), f"`{setting}`", code, MEANINGS[code], "on" if code in default else "off"
    yield "clean pixel data", "with pixels", CLEAN_PIXELS, MEANINGS[CLEAN_PIXELS], "on"


def _sizes() -> Iterator[tuple[str, ...]]:
    yield f"PS3.15 Table E.1-1, {EDITION}", str(_ATTRIBUTES)
    yield f"PS3.15 Table E.3.4-1, {EDITION}", str(len(tables.content_items()))
    yield "safe private attributes (PS3.15 Table E.3.10-1, TCIA)", str(len(tables.safe_private()))
    yield "our roles of attributes", str(len(tables.roles()))


def _actions() -> Iterator[tuple[str, ...]]:
    """The attributes of Table E.1-1 by what happens to them."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in Profile.compile(ProfileOptions()).table()[:_ATTRIBUTES]:
        names[row["action"], row["method"]].append(row["name"])
    for (action, method), each in sorted(names.items()):
        yield action, HOW[Method(method)], ", ".join(each)


def _types() -> Iterator[tuple[str, ...]]:
    for each in tables.types():
        action = "removed" if each["types"] == "3" else "emptied"
        yield each["keyword"], each["parent_keyword"] or "the top level", each["types"], action


def _by_vr() -> Iterator[tuple[str, ...]]:
    for row in Profile.compile(ProfileOptions()).table():
        if not row["tag"]:
            yield row["vr"], row["action"], HOW[Method(row["method"])]


def _demands(kind: str) -> Iterator[tuple[str, ...]]:
    for each in tables.requirements():
        if each["kind"] == kind:
            yield each["section"], each["requirement"], each["answer"], f"`{each['test']}`" if each["test"] else ""


def _beside(kind: str) -> Iterator[tuple[str, ...]]:
    return ((section, demand, test) for section, demand, _, test in _demands(kind))


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
