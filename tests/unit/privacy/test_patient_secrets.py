"""Secrets of patients: drawn once, kept whole, and gone for good when they are deleted."""

from pathlib import Path

import pytest

from curate.errors import PolicyError, Problem
from curate.policy import DomainOptions
from curate.privacy.domains import enter_domain
from curate.privacy.patient_secrets import forget, read_secrets
from tests.pipeline import make_workspace

ANNA, BERT = ("a" * 32, "0047109281"), ("b" * 32, "12")  # long: random digits never hold it


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The place of a domain whose patients have secrets."""
    return enter_domain(make_workspace(tmp_path / "ws"), DomainOptions(patient_secrets=True))


def test_secret_is_drawn_once(place: Path) -> None:
    """What is saved stays as it is, whoever is added; everybody has another."""
    drawn = read_secrets(place)
    drawn.draw([ANNA, ANNA])
    drawn.save()
    first = read_secrets(place).key_of(ANNA[0])
    more = read_secrets(place)
    more.draw([BERT, ANNA])
    more.save()
    again = read_secrets(place)
    assert again.key_of(ANNA[0]) == first == drawn.key_of(ANNA[0])
    assert again.key_of(BERT[0]) != first
    assert read_secrets(place, {BERT[0]}).patient_key(BERT[0]) == again.patient_key(BERT[0])
    assert (place / "secrets").stat().st_mode & 0o777 == 0o600


def test_secret_that_was_not_saved_is_not_known(place: Path) -> None:
    """What a killed run drew and did not save named nothing; its half-written file is overwritten."""
    (place / ".secrets.writing").write_text("half a li", encoding="ascii")
    read_secrets(place).draw([ANNA])
    with pytest.raises(PolicyError) as refused:
        read_secrets(place).key_of(ANNA[0])
    assert refused.value.problem is Problem.PATIENT_UNLINKED
    drawn = read_secrets(place)
    drawn.draw([BERT])
    drawn.save()
    assert read_secrets(place).key_of(BERT[0]) == drawn.key_of(BERT[0])
    assert [each.name for each in place.glob("*secrets*")] == ["secrets"]


def test_forgotten_secret_comes_back_as_another(place: Path) -> None:
    """Deleting one leaves the others; drawn again, the patient has another name."""
    drawn = read_secrets(place)
    drawn.draw([ANNA, BERT])
    drawn.save()
    before = {person: drawn.patient_key(person) for person, _ in (ANNA, BERT)}
    assert forget(place, drawn.marks({ANNA[0]}))
    assert not forget(place, drawn.marks({ANNA[0]}))
    left = read_secrets(place)
    assert left.patient_key(BERT[0]) == before[BERT[0]]
    assert not left.pseudonyms({ANNA[0]})
    left.draw([ANNA])
    assert left.patient_key(ANNA[0]) != before[ANNA[0]]


def test_patient_is_found_by_number_and_the_file_names_nobody(place: Path) -> None:
    """By PatientID whoever issued it, leading zeros aside; neither it nor the id of the person stands in the file."""
    drawn = read_secrets(place)
    drawn.draw([ANNA, BERT])
    drawn.save()
    assert drawn.marks((), "47109281") == drawn.marks({ANNA[0]})
    assert drawn.pseudonyms((), "47109281") == {drawn.patient_key(ANNA[0])}
    assert not drawn.marks((), "99")
    text = (place / "secrets").read_text(encoding="ascii")
    assert not any(each in text for each in (*ANNA, BERT[0], *drawn.pseudonyms({ANNA[0], BERT[0]})))


def test_without_secrets_everybody_has_the_key_of_the_run(tmp_path: Path) -> None:
    """Then a person is called by the key alone, in the workspace by the id of the person itself."""
    workspace = make_workspace(tmp_path / "ws")
    domain = enter_domain(workspace, DomainOptions(recipient="Uni"))
    assert read_secrets(workspace).patient_key(ANNA[0]) == ANNA[0]
    assert read_secrets(domain).patient_key(ANNA[0]) != ANNA[0]
    assert read_secrets(domain).key_of(ANNA[0]) == read_secrets(domain).key_of(BERT[0])
    assert not forget(domain, read_secrets(domain).marks({ANNA[0]}))
