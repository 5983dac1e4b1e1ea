"""One instance from raw to clean: read once, decoded once, its pixels and then its header.

Pixels are inspected before the header is scrubbed, because the header says what to look for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from curate.dicom.deidentify import deidentify, mark_face, mark_pixels
from curate.dicom.encoded import Encoded
from curate.dicom.profile import Profile
from curate.dicom.read import BROKEN, read, realise
from curate.dicom.write import write
from curate.errors import Reason, Rejected
from curate.journal import Journal
from curate.pixels.burned_in import find_text
from curate.pixels.decode import PIXEL_KEYWORDS, Frames, decode, has_embedded_overlay, has_image
from curate.pixels.faces import deface, shows_face
from curate.pixels.redact import overlooked, redact, remains, store
from curate.pixels.render import select_frames
from curate.policy import Policy
from curate.privacy.identifiers import KnownIdentifiers
from curate.privacy.residue import Residue
from curate.privacy.surrogates import Surrogates, share_of
from curate.records import Box, CleanInstance, RawInstance
from curate.sources.source import Source, open_row
from curate.text.recognize import is_only_a_term
from curate.text.scrub import Scrubber

if TYPE_CHECKING:
    from pydicom import Dataset

Row = Mapping[str, Any]
_IS_TERM = partial(is_only_a_term, language="en")  # descriptors are read by the terms of English everywhere
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # single and multi-frame (PS3.4 B.5)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Rules:
    """What is the same for every study of a run: the policy and what follows from it, and the key."""

    policy: Policy
    key: bytes
    profile: Profile
    scrubber: Scrubber


@lru_cache(maxsize=4)
def rules_of(policy: Policy, key: bytes) -> Rules:
    """The rules of a run, made once a process."""
    return Rules(policy, key, Profile.compile(policy.profile), Scrubber(policy.text))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Patient:
    """What is known of one patient, for as long as the patient is worked on."""

    key: str
    known: KnownIdentifiers
    surrogates: Surrogates
    residue: Residue


@dataclass(frozen=True, slots=True)
class Part:
    """What an instance is part of, a series of so many slices, and how many frames of it go out: None for all."""

    slices: int = 1
    frames: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Cleaned:
    """A clean instance, and its frames with burned-in text blacked out in `boxes`.

    frames: None for an instance without pixels. face: what was done about a head from which a face can be computed:
    withheld (its slices may stand in a row and not go out as a volume), defaced, kept, or nothing where there is none.
    changed: whether the frames differ from what the data set holds.
    """

    made: CleanInstance
    frames: Frames | None
    boxes: Sequence[Box] = ()
    face: str = ""
    changed: bool = False

    @property
    def withheld(self) -> bool:
        """Whether it must not go out as a slice of a volume."""
        return self.face == "withhold"

    def note(self, journal: Journal) -> None:
        """Write what was done into a journal."""
        journal.absorb("dicom", self.made.actions)
        if self.boxes:
            journal.note("pixels", "burned_in_text", "black_out", "detector", len(self.boxes))
        if self.face:
            journal.note("pixels", "recognizable_face", self.face, "header")


def clean_instance(source: Source, row: Row, patient: Patient, rules: Rules, part: Part) -> Cleaned:
    """Read one file once, decode its pixels once, and return it clean.

    Raises Rejected. An exception that a file provokes is a property of that file, not of the run; errors of the
    operating system are not, and pass.
    """
    try:
        with open_row(source, row) as stream:
            return _clean_instance(stream, row, patient, rules, part)
    except (Rejected, OSError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  fail closed; only the type may be told
        raise Rejected(Reason.UNEXPECTED, type(error).__name__) from None


def _clean_instance(stream: BinaryIO, row: Row, patient: Patient, rules: Rules, part: Part) -> Cleaned:
    dataset = read(stream, rules.policy.limits)
    made = _headers_of(patient, rules).deidentify(row["key"], stream)
    seen = _frames_as_read(dataset, rules, part) if made else None
    if seen is None:
        realise(dataset)
        made, seen = None, _frames_of(dataset, rules, part)
    frames, face, changed = seen
    boxes: list[Box] = []
    if frames is not None:
        frames, boxes = _redacted(frames, row["key"], patient, _wary(rules, dataset), part)
    made = _complete(made, dataset) if made else _deidentified(RawInstance(row["key"], dataset), patient, rules)
    if frames is not None:
        mark_pixels(made.dataset, cleaned=True)
    if face:
        mark_face(made.dataset, cut=face == "deface")
    patient.residue.search_dataset(made.dataset, _IS_TERM)
    return Cleaned(made, frames, boxes, face, changed or bool(boxes))


@lru_cache(maxsize=1)
def _headers_of(patient: Patient, rules: Rules) -> Encoded:
    """The fast path over the headers of a patient, which remembers them: those of a series repeat."""
    clean_text = partial(rules.scrubber.clean, surrogates=patient.surrogates, known=patient.known)
    return Encoded(rules.profile, patient.surrogates, clean_text, rules.policy.limits)


def _deidentified(raw: RawInstance, patient: Patient, rules: Rules) -> CleanInstance:
    """The clean form of an instance by the plain path."""
    clean_text = partial(rules.scrubber.clean, surrogates=patient.surrogates, known=patient.known)
    return deidentify(raw, rules.profile, patient.surrogates, clean_text)


def _complete(made: CleanInstance, source: "Dataset") -> CleanInstance:
    """A clean instance with the pixel data that the fast path hands on."""
    for keyword in PIXEL_KEYWORDS:
        if keyword in source and keyword not in made.dataset:
            made.dataset[keyword] = source.get_item(keyword)
    return made


def _frames_as_read(dataset: "Dataset", rules: Rules, part: Part) -> tuple[Frames | None, str, bool] | None:
    """The frames of a data set as it was read, or None where the plain path drops or mends an element first."""
    try:
        return _frames_of(dataset, rules, part)
    except (Rejected, *BROKEN):
        return None


def _frames_of(dataset: "Dataset", rules: Rules, part: Part) -> tuple[Frames | None, str, bool]:
    """The decoded frames, what is done about a face, and whether they differ from what the data set holds."""
    if not has_image(dataset):
        return None, "", False
    frames, changed = decode(dataset, rules.policy.limits), has_embedded_overlay(dataset)
    if not shows_face(dataset, part.slices):
        return frames, "", changed
    defaced = deface(frames, dataset) if rules.policy.pixels.faces == "deface" else None
    if defaced is not None:
        return defaced, "deface", True
    return frames, "keep" if rules.policy.pixels.faces == "keep" else "withhold", changed


def _wary(rules: Rules, dataset: "Dataset") -> Rules:
    """The rules, without a glance where the header itself speaks of text: then the detector gets the whole image.

    That a header speaks of none counts for nothing.
    """
    captured = str(dataset.get("SOPClassUID")).startswith(_SECONDARY_CAPTURE)
    if dataset.get("BurnedInAnnotation") != "YES" and not captured:
        return rules
    policy = rules.policy
    return replace(rules, policy=replace(policy, pixels=replace(policy.pixels, glance=0.0)))


def _redacted(frames: Frames, key: str, patient: Patient, rules: Rules, part: Part) -> tuple[Frames, list[Box]]:
    """The frames without burned-in text, and where it was; refuses the instance when the detector still finds some.

    Of what was called clean a keyed sample is looked at again, in another form.
    """
    options = rules.policy.pixels
    count = len(frames.values)
    shown = select_frames(count, min(part.frames, count)) if part.frames else range(count)
    boxes = find_text(frames, options, patient.known, shown)
    redacted = redact(frames, boxes)
    if boxes and remains(redacted, boxes, options):
        raise Rejected(Reason.TEXT_REMAINS)
    sampled = share_of(rules.key, "second_look", key) < options.second_look
    if not boxes and sampled and overlooked(frames, shown[len(shown) // 2], options):
        raise Rejected(Reason.TEXT_REMAINS)
    return redacted, boxes


def place_of(directory: Path, key: str) -> Path:
    """Where an instance is written: under its opaque key, never under a name made of its values."""
    return directory / key[:2] / f"{key}.dcm"


def write_instance(cleaned: Cleaned, path: Path) -> None:
    """Write a de-identified instance; its pixels are encoded anew only where they changed."""
    dataset = cleaned.made.dataset
    if cleaned.changed and cleaned.frames is not None:
        dataset = store(dataset, cleaned.frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(dataset, path)
