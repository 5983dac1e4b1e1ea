"""Progress for people: a bar on a terminal, plain lines otherwise; counts and names of steps, nothing else."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps:
    """Shows the steps of a run on stderr as they come; `quiet` shows nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        console = Console(stderr=True)
        self._live = console.is_terminal and not quiet
        self._plain = not console.is_terminal and not quiet
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bars = Progress(*columns, console=console, disable=not self._live)
        self._total, self._done, self._began = 0, 0, time.monotonic()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, step: str, total: int = 1) -> None:
        """Begin a step of `total` parts; the one before is done."""
        self.finish()
        self._total, self._done = total, 0
        self._task = self._bars.add_task(step, total=total)
        self._say(step if total == 1 else f"{step}: 0 of {total}")

    def advance(self, step: str, parts: int = 1) -> None:
        """Count parts of the step as done."""
        self._done += parts
        self._bars.advance(self._task, parts)
        self._say(f"{step}: {self._done} of {self._total}")

    def finish(self) -> None:
        """End the step that runs, if any."""
        for task in self._bars.tasks:
            self._bars.update(task.id, completed=task.total)

    def _say(self, line: str) -> None:
        if self._plain:
            sys.stderr.write(f"[{time.monotonic() - self._began:6.1f} s] {line}\n")
            sys.stderr.flush()
