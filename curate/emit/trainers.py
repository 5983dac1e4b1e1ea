"""What each trainer demands of a row, as rules: a row that breaks one trains on the wrong thing, or not at all.

Read in the loaders of TRL (trl/data_utils.py), ms-swift (swift/dataset/preprocessor), LLaMA-Factory
(data/mm_plugin.py, data/converter.py), verl (utils/dataset/multiturn_sft_dataset.py, rl_dataset.py) and Axolotl
(processing_strategies.py), 2026. The rules take the columns of a row but its images, of which the number is enough.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Turns = Sequence[Mapping[str, Any]]
COLUMNS = ("messages", "conversations", "messages_flat")
_MARKER = re.compile(r"<image>")
_OTHER_MARKERS = re.compile(r"<(?:video|audio)>")


def passes(rows: Iterable[tuple[Row, int]]) -> dict[str, int]:
    """How many rows each trainer takes as they are. rows: columns of COLUMNS, and the number of images.

    All of them convert to 8-bit RGB by clipping, so none takes a row with images of 16 bits (window_source "full").
    """
    taken = Counter(dict.fromkeys(TRAINERS, 0))
    for row, images in rows:
        taken.update(trainer for trainer, takes in TRAINERS.items() if takes(row, images) and not _deep(row))
    return dict(taken)


def trl(row: Row, images: int) -> bool:
    """prepare_multimodal_messages: lists of blocks, as many image blocks as images, no key that reads as an image."""
    return _blocks_of(row["messages"]) == images and _alternate(row["messages"], ("user", "assistant"), "role")


def ms_swift(row: Row, images: int) -> bool:
    """Blocks are joined to text with <image> tags; none may stand in the text itself."""
    texts = [block["text"] or "" for turn in row["messages"] for block in turn["content"]]
    return trl(row, images) and not any(_MARKER.search(text) for text in texts)


def llama_factory(row: Row, images: int) -> bool:
    """ShareGPT: human and gpt in turn, as many <image> tags as images, no tag of another medium."""
    turns = row["conversations"]
    return _alternate(turns, ("human", "gpt"), "from") and _tags(turns, "value") == images


def verl(row: Row, images: int) -> bool:
    """String contents that are split at <image>; counts are asserted."""
    turns = row["messages_flat"]
    return _alternate(turns, ("user", "assistant"), "role") and _tags(turns, "content") == images


def axolotl(row: Row, images: int) -> bool:
    """Blocks whose first image is filled; a row of several images keeps bare markers, one of none crashes."""
    return trl(row, images) and images == 1


TRAINERS: Mapping[str, Callable[[Row, int], bool]] = {
    "TRL": trl, "ms-swift": ms_swift, "LLaMA-Factory": llama_factory, "verl": verl, "Axolotl": axolotl,
}  # fmt: skip


def _deep(row: Row) -> bool:
    return any(meta.get("window_source") == "full" for meta in row.get("image_meta", ()))


def _alternate(turns: Turns, roles: tuple[str, str], key: str) -> bool:
    """Whether question and answer take turns, beginning with a question and ending with an answer."""
    return len(turns) % 2 == 0 and all(turn[key] == roles[at % 2] for at, turn in enumerate(turns)) and bool(turns)


def _tags(turns: Turns, key: str) -> int:
    """Image tags in all turns; -1 where another medium is named."""
    texts = [turn[key] for turn in turns]
    return -1 if any(map(_OTHER_MARKERS.search, texts)) else sum(len(_MARKER.findall(text)) for text in texts)


def _blocks_of(turns: Turns) -> int:
    """Image blocks in all turns; -1 where a block is no closed pair of type and text, or a text block has no text."""
    blocks = [block for turn in turns for block in turn["content"]]
    sound = all(
        set(block) == {"type", "text"} and (block["type"] == "image") == (block["text"] is None) for block in blocks
    )
    return sum(block["type"] == "image" for block in blocks) if sound else -1
