"""The opt-out list: patients who objected to the use of their data (Art. 21 GDPR), whom no release may hold.

A text file in UTF-8 with one PatientID a line, and after a tab its IssuerOfPatientID where that tells two apart.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from curate.errors import PolicyError, Problem
from curate.policy import SourceOptions
from curate.privacy.erased import Erased, plain, read_erased
from curate.privacy.surrogates import pseudonym

_DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True, repr=False)
class OptOut:
    """Who is on the list: folded PatientIDs of any issuer, and ids of those persons whose issuer is given.

    Whoever was erased is as good as on it.
    """

    numbers: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    erased: Erased = field(default_factory=Erased)

    def covers(self, patient_id: str, person: str = "") -> bool:
        """Whether a patient is on the list; leading zeros of a number and the case of letters tell nobody apart."""
        listed = person in self.persons or (bool(patient_id) and plain(patient_id) in self.numbers)
        return listed or self.erased.covers(patient_id, person)


def read_opt_out(options: SourceOptions, workspace: Path, key: bytes) -> OptOut:
    """The opt-out list that the policy names, and who was erased in this workspace; without a list, the latter alone.

    workspace, key: not those of a domain, for whoever objects does so in all of them.

    Raises PolicyError: OPT_OUT_MISSING when it cannot be read, OPT_OUT_STALE when it is older than the policy allows.
    """
    return replace(_listed(options, key), erased=read_erased(workspace, key))


def _listed(options: SourceOptions, key: bytes) -> OptOut:
    if not options.opt_out:
        return OptOut()
    path = Path(options.opt_out)
    try:
        age = time.time() - path.stat().st_mtime
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        raise PolicyError(Problem.OPT_OUT_MISSING, "sources.opt_out") from None
    if options.opt_out_max_age_days and age > options.opt_out_max_age_days * _DAY:
        raise PolicyError(Problem.OPT_OUT_STALE, "sources.opt_out_max_age_days")
    entries = list(_entries(lines))
    return OptOut(
        frozenset(plain(number) for number, issuer in entries if not issuer),
        frozenset(pseudonym(key, number, issuer) for number, issuer in entries if issuer),
    )


def _entries(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """PatientID and issuer of each line that is not blank."""
    for line in lines:
        number, _, issuer = line.partition("\t")
        if number.strip():
            yield number.strip(), issuer.strip()
