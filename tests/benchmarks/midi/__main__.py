"""Make the corpus, de-identify it with the command as a user does, score it, and print the tables.

python -m tests.benchmarks.midi [--patients 66] [--keep DIRECTORY]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.midi.corpus import build
from tests.benchmarks.midi.score import Maps, Score, describe, read_map, score

ROOT = Path(__file__).parents[3]
# What the installed `curate` does, of this checkout whatever is installed
CURATE = (sys.executable, "-c", "from flows.cli import main; main()")


def run(directory: Path, patients: int, first: int = 0) -> Score:
    """Build, de-identify with the default policy, and score. Raises CalledProcessError when the command fails."""
    answers = build(directory, patients, first)
    workspace = directory / "workspace"
    places = [directory / "source", "--out", directory / "out", "--workspace", workspace]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*CURATE, "deidentify", *places], check=True, env=environment, stdout=subprocess.DEVNULL)
    maps = Maps(read_map(workspace / "uid_map.csv"), read_map(workspace / "patient_map.csv"))
    return score(directory / "out", answers, maps)


def main() -> int:
    """Run the whole check and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=66)
    parser.add_argument("--keep", type=Path, help="an empty directory for source, answers.db, output and workspace")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        made = run(given.keep or Path(temporary), given.patients)
    print(describe(made))
    return 0 if made.is_good() else 1


if __name__ == "__main__":
    sys.exit(main())
