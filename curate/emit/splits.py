"""Which split a patient is in: a keyed hash, so that a growing archive never moves anyone."""

from curate.policy import SplitOptions
from curate.privacy.surrogates import digest

SPLITS = ("train", "validation", "test")


def split_of(key: bytes, patient_key: str, options: SplitOptions) -> str:
    """The split of a patient: one of SPLITS, by parts per hundred of the policy."""
    drawn = int.from_bytes(digest(key, options.salt, patient_key)[:8]) % 10_000
    if drawn < options.validation * 100:
        return "validation"
    return "test" if drawn < (options.validation + options.test) * 100 else "train"
