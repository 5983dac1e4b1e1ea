"""Burned-in text: recall by line, false area and images per CPU-second, beside plain RapidOCR, on drawn images.

    python -m tests.benchmarks.pixels [--pages 12] [--seed 0] [--modality ct ...] [--peers] [--shown N] [--json FILE]

A line is found when 90 % of its rectangle is covered by boxes of its frame. False area is what boxes cover on pages
without text, as part of all their pixels. With --shown, N frames of each instance go out, as into a row, and only
their lines are scored, while all its frames count as done. Contestants take turns page by page; time is CPU time of
this process.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from curate.pixels.burned_in import find_text
from curate.pixels.decode import Frames
from curate.pixels.detector import views
from curate.pixels.render import select_frames
from curate.policy import PixelOptions
from curate.records import Box
from tests.benchmarks.pixel_images import MODALITIES, Page, pages

Finder = Callable[[Frames], Sequence[Box]]
_COVERED = 0.9
_SERIES = {"xa", "series"}


@dataclass
class Score:
    """What one contestant came to in one modality."""

    seconds: float = 0.0
    images: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    clean_pixels: int = 0
    false_pixels: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, page: Page, number: int, boxes: Sequence[Box], seconds: float, shown: Container[int]) -> None:
        """Score the frames of one page that are shown."""
        self.seconds += seconds
        self.images += len(page.frames.values)
        covered = masks(page.frames, boxes)
        for line in (each for each in page.lines if each.frame in shown):
            self.lines[line.kind] += 1
            share = covered[line.frame, line.top : line.bottom, line.left : line.right].mean()
            self.found[line.kind] += bool(share >= _COVERED)
            if share < _COVERED:
                self.missed.append(f"{number}/{line.frame} {line.kind} {line.height} px {share:.2f}")
        if not page.lines:
            self.clean_pixels += covered.size
            self.false_pixels += int(covered.sum())

    def row(self) -> dict[str, Any]:
        """The figures, ready for JSON."""
        lines, found = sum(self.lines.values()), sum(self.found.values())
        return {
            "images_per_cpu_second": round(self.images / max(self.seconds, 1e-9), 2),
            "recall": round(found / max(lines, 1), 4),
            "lines": lines,
            "false_area": round(self.false_pixels / max(self.clean_pixels, 1), 6),
            "by_kind": {kind: f"{self.found[kind]}/{count}" for kind, count in sorted(self.lines.items())},
            "missed": self.missed,
        }


def masks(frames: Frames, boxes: Sequence[Box]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """What boxes cover, as (frames, rows, columns)."""
    covered = np.zeros(frames.values.shape[:3], bool)
    for box in boxes:
        covered[box.frame, box.top : box.bottom, box.left : box.right] = True
    return covered


def ours(frames: Frames, shown: int | None) -> Sequence[Box]:
    """The product, with its default policy."""
    return find_text(frames, PixelOptions(), None, _shown(frames, shown))


def _shown(frames: Frames, shown: int | None) -> Sequence[int]:
    count = len(frames.values)
    return select_frames(count, shown) if shown else range(count)


def plain_rapidocr(frames: Frames) -> Sequence[Box]:
    """RapidOCR's text detection with its defaults, frame by frame, on the frame stretched to 8 bits."""
    boxes: list[Box] = []
    for at, values in enumerate(frames.values):
        image = views(frames, values)[0]
        image = image if image.ndim == 3 else np.repeat(image[..., None], 3, -1)
        told = _rapidocr()(image, use_det=True, use_cls=False, use_rec=False)
        for corners in () if told.boxes is None else told.boxes:
            (left, top), (right, bottom) = corners.min(0), corners.max(0)
            boxes.append(Box(at, max(0, int(left)), max(0, int(top)), int(right) + 1, int(bottom) + 1))
    return boxes


@cache
def _rapidocr() -> Any:
    from rapidocr import RapidOCR

    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
    return RapidOCR(params={**threads, "Global.log_level": "critical"})


def measure(
    modality: str, count: int, seed: int, finders: dict[str, Finder], shown: int | None = None
) -> dict[str, Score]:
    """Let every contestant find the text of the same pages, in turns."""
    scores: dict[str, Score] = defaultdict(Score)
    warm = next(pages("mr", 1))
    for finder in finders.values():
        finder(warm.frames)
    for number, page in enumerate(pages(modality, count, seed)):
        for name, finder in list(finders.items())[:: 1 if number % 2 else -1]:
            began = time.process_time()
            boxes = finder(page.frames)
            seconds = time.process_time() - began
            scores[name].add(page, number, boxes, seconds, _shown(page.frames, shown))
    return scores


def main() -> None:
    """Measure, print a row a modality and contestant, and write JSON if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modality", nargs="*", default=list(MODALITIES))
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--shown", type=int)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    finders: dict[str, Finder] = {"ours": partial(ours, shown=asked.shown)} | (
        {"rapidocr": plain_rapidocr} if asked.peers else {}
    )
    table: dict[str, dict[str, Any]] = {}
    for modality in asked.modality:
        count = max(4, asked.pages // 4) if modality in _SERIES | {"dx"} else asked.pages
        scores = measure(modality, count, asked.seed, finders, asked.shown)
        table[modality] = {name: score.row() for name, score in scores.items()}
        for name, row in sorted(table[modality].items()):
            print(modality, name, *(f"{key}={value}" for key, value in row.items()), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
