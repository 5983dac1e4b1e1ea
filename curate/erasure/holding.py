"""The expectations of a release, held in a process of its own while this one counts.

Great Expectations takes seconds to load; a command that starts anew has it loaded beside its first work. Where it is
loaded already, as in a service, no other process is needed. Ours tells the other what to hold through a pipe, and the
other ends with it: its end of file is the last word.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from curate.errors import ContractBroken
from curate.release import hold_to_expectations

Held = Sequence[Mapping[str, Any]]
_LIBRARY = "great_expectations"


class Holder:
    """Holds the tables of one folder: `begin`, work on, then ask for the verdicts."""

    def __init__(self) -> None:
        self._other: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if _LIBRARY not in sys.modules:
            command = [sys.executable, "-m", __name__]
            self._other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        return self

    def __exit__(self, *_: object) -> None:
        if self._other:
            self._other.kill()
            self._other.communicate()

    def begin(self, folder: Path) -> Callable[[], Held]:
        """Name the folder whose tables are to be held; what comes back waits for the verdicts, as facts.

        It raises ContractBroken when the tables are not what a contract says.
        """
        if self._other is None:
            return lambda: [asdict(each) for each in hold_to_expectations([folder])]
        if self._other.stdin:
            self._other.stdin.write(json.dumps(f"{folder.resolve()}") + "\n")
            self._other.stdin.flush()
        return self._verdicts

    def _verdicts(self) -> Held:
        told = self._other.communicate()[0] if self._other else ""
        if not told:
            raise ContractBroken("expectations", "they could not be held")
        answer = json.loads(told)
        if "broken" in answer:
            raise ContractBroken(*answer["broken"])
        held: Held = answer["verdicts"]
        return held


def main() -> None:
    """Load the library, read the folder, hold its tables, answer in JSON."""
    __import__(_LIBRARY)
    named = sys.stdin.readline()
    if not named:
        return
    try:
        answer: Mapping[str, Any] = {
            "verdicts": [asdict(each) for each in hold_to_expectations([Path(json.loads(named))])]
        }
    except ContractBroken as broken:
        answer = {"broken": [broken.contract, broken.where]}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
