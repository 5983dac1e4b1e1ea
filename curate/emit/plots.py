"""Plots of the card as PNG: bars of the counts that its tables show, and never more than those show."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from curate.emit.tables import shown, visible

Facts = Mapping[str, Any]
Bar = tuple[str, str]  # a name, and its count as the table shows it

_WIDTH, _NAMES, _NUMBERS, _TOP, _STEP = 800, 220, 90, 46, 30  # pixels
_NAME_LENGTH = 26  # characters
_INK, _BLUE = (32, 32, 32), (46, 98, 160)


def write_plots(facts: Facts, place: Path) -> str:
    """Draw what there is of modalities, sex, age and findings into a folder, and return Markdown that shows it."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    drawn = []
    for name, title, bars in filter(lambda plot: plot[2], _plots(facts)):
        _draw(title, bars).save(place / f"{name}.png", pnginfo=_told(title, bars))
        drawn.append(f"![{title}]({place.name}/{name}.png)")
    return "\n".join(drawn)


def _plots(facts: Facts) -> Iterator[tuple[str, str, list[Bar]]]:
    groups = facts.get("population", {})
    positive = {name: found.get("positive", 0) for name, found in facts.get("labels", {}).items()}
    yield "modalities", "Studies by modality", _bars(facts["modalities"])
    yield "sex", "Studies by sex", _bars(groups.get("sex", {}))
    yield "age", "Studies by age in years", _bars(groups.get("age", {}))
    yield "findings", "Studies with a positive finding, as reported", _bars(positive, parts=False)


def _bars(counts: Mapping[str, int], *, parts: bool = True) -> list[Bar]:
    names = sorted(counts)
    return list(zip(names, shown([counts[name] for name in names], parts=parts), strict=True))


def _told(title: str, bars: Sequence[Bar]) -> PngInfo:
    """What the picture says, as its Description (PNG 11.3.3.2): for whoever cannot see it and for residue search."""
    info = PngInfo()
    info.add_itxt("Description", "; ".join([title, *(f"{name}: {number}" for name, number in bars)]))
    return info


def _draw(title: str, bars: Sequence[Bar]) -> Image.Image:
    """One row a bar: name, bar, number; the longest bar fills the room."""
    picture = Image.new("RGB", (_WIDTH, _TOP + _STEP * len(bars) + 8), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((10, 10), title, _INK, ImageFont.load_default(20))
    unit = (_WIDTH - _NAMES - _NUMBERS) / max(1, *(_length(number) for _, number in bars), 1)
    for row, (name, number) in enumerate(bars):
        _row(pen, _TOP + row * _STEP, (visible(name)[:_NAME_LENGTH], number), round(_length(number) * unit))
    return picture


def _row(pen: ImageDraw.ImageDraw, top: int, bar: Bar, length: int) -> None:
    font = ImageFont.load_default(16)
    pen.text((_NAMES - 10, top + 3), bar[0], _INK, font, anchor="ra")
    if length:
        pen.rectangle((_NAMES, top + 2, _NAMES + length, top + _STEP - 8), _BLUE)
    pen.text((_NAMES + length + 8, top + 3), f"{bar[1]} (no bar)" if _hidden(bar[1]) else bar[1], _INK, font)


def _length(number: str) -> int:
    """The count that a cell shows; nothing where it is hidden ("<5", "5+")."""
    return 0 if _hidden(number) else int(number.replace(",", ""))


def _hidden(number: str) -> bool:
    return number.startswith("<") or number.endswith("+")
