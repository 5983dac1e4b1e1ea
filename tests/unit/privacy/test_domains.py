"""The keys of domains: drawn from the workspace's, one for each recipient, project and version."""

import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import PolicyError, Problem
from curate.explain import explanation
from curate.policy import DomainOptions, Policy
from curate.privacy.domains import enter_domain, keys_of, places_of, stated_domain
from curate.privacy.surrogates import Surrogates, pseudonym
from curate.privacy.workspace import load_key, root_of
from tests.pipeline import KEY, make_workspace

WORDS = st.text(alphabet="aAé ", max_size=3)
OPTIONS = st.builds(
    DomainOptions,
    recipient=WORDS,
    project=WORDS,
    version=st.integers(1, 3),
    patient_secrets=st.booleans(),
    locate=st.booleans(),
)


@given(st.lists(OPTIONS, min_size=2, max_size=6))
def test_key_follows_from_whom_a_domain_is_for_and_the_version(options: list[DomainOptions]) -> None:
    """Equal domains have one key and place, different ones share none; what may be looked up decides nothing."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = make_workspace(Path(folder) / "ws")
        found = {}
        for each in options:
            place = enter_domain(workspace, each)
            told = (each.recipient.strip(), each.project.strip(), each.version, each.patient_secrets)
            assert found.setdefault(told, (place, load_key(place))) == (place, load_key(place))
        assert len({place for place, _ in found.values()}) == len({key for _, key in found.values()}) == len(found)
        assert found.get(("", "", 1, False), (workspace, KEY)) == (workspace, KEY)


def test_key_is_drawn_by_hkdf(tmp_path: Path) -> None:
    """RFC 5869 over the key of the workspace, with the name of the domain as info; nothing of it is stored."""
    place = enter_domain(make_workspace(tmp_path / "ws"), DomainOptions(recipient="Uni"))
    info = f"radcurate/1/domains/{place.name}".encode()
    assert load_key(place) == HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(KEY)
    assert keys_of(place).root == load_key(root_of(place)) == KEY
    assert [each.name for each in place.iterdir()] == ["domain.json"]
    assert (place / "domain.json").stat().st_mode & 0o777 == 0o600
    assert places_of(root_of(place)) == [root_of(place), place]


def test_person_has_another_pseudonym_in_each_domain(tmp_path: Path) -> None:
    """Known across domains as one; named in each as another, and moved otherwise; in the workspace as ever."""
    workspace = make_workspace(tmp_path / "ws")
    places = [workspace, *(enter_domain(workspace, DomainOptions(recipient=each)) for each in ("a", "b"))]
    person = pseudonym(KEY, "4711", "NORTH")
    named = [keys_of(place).patient_key(person) for place in places]
    assert named[0] == person
    assert len(set(named)) == 3
    people = [pseudonym(KEY, str(number)) for number in range(20)]
    moved = [[Surrogates(load_key(p), keys_of(p).patient_key(each)).offset for each in people] for p in places]
    assert all(
        sum(one == other for one, other in zip(moved[first], moved[second], strict=True)) < 4
        for first, second in ((0, 1), (0, 2), (1, 2))
    )


def test_domain_outlives_no_key(tmp_path: Path) -> None:
    """A workspace whose key is gone makes no new one beside its domains, and none in them."""
    workspace = make_workspace(tmp_path / "ws")
    place = enter_domain(workspace, DomainOptions(recipient="Uni"))
    (workspace / "key").unlink()
    for each in (workspace, place):
        with pytest.raises(PolicyError) as refused:
            load_key(each)
        assert refused.value.problem is Problem.KEY_MISSING


def test_writing_of_a_name_makes_no_other_domain(tmp_path: Path) -> None:
    """Spaces around it and the composition of its letters do not; what is stated is the same."""
    workspace = make_workspace(tmp_path / "ws")
    one, other = (
        enter_domain(workspace, DomainOptions(recipient=each)) for each in ("Uni Nørdhéim", " Uni Nørdhe\u0301im ")
    )
    assert one == other
    assert stated_domain(one)["domain"].keys() == {"id", "version", "patient_secrets"}
    assert stated_domain(workspace) == {}


def test_explanation_shows_the_domain() -> None:
    """`curate explain` prints the section as it holds."""
    told = explanation(Policy.parse({"domain": {"recipient": "Uni", "version": 2}}), attributes=False)
    assert '[domain]\nrecipient = "Uni"\nproject = ""\nversion = 2\npatient_secrets = false\n' in told
    assert "locate = false\nreidentify = false\n" in told
