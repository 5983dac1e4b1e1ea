"""Merkle trees: the published vectors of Certificate Transparency, and proofs that hold for what they say alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.privacy import merkle

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
trees = st.lists(st.binary(max_size=8), min_size=1, max_size=40).map(lambda each: [merkle.leaf(one) for one in each])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_that_are_published(size: int) -> None:
    """The trees of the tests of Certificate Transparency (RFC 6962), of none to eight entries."""
    leaves = [merkle.leaf(bytes.fromhex(each)) for each in ENTRIES[:size]]
    assert merkle.root(leaves).hex() == ROOTS[size]


@given(trees, st.data())
def test_a_path_shows_its_entry_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    """It leads to the root from its entry at its place; not from another entry, another place, or to another root."""
    place = data.draw(st.integers(0, len(leaves) - 1))
    path, head = merkle.audit_path(leaves, place), merkle.root(leaves)
    assert merkle.is_included(leaves[place], place, len(leaves), path, head)
    assert not merkle.is_included(merkle.leaf(b"something else"), place, len(leaves), path, head)
    assert not merkle.is_included(leaves[place], place, len(leaves), path, bytes(32))
    assert not merkle.is_included(leaves[place], place, len(leaves), [*path, head], head)
    assert not merkle.is_included(leaves[place], len(leaves), len(leaves), path, head)


@given(trees, st.data())
def test_a_tree_is_consistent_with_what_it_began_as(leaves: list[bytes], data: st.DataObject) -> None:
    """The proof leads from the head of any beginning to the whole; not from one in which an entry was another."""
    earlier = data.draw(st.integers(1, len(leaves)))
    proof, whole = merkle.consistency(leaves, earlier), (len(leaves), merkle.root(leaves))
    assert merkle.is_consistent((earlier, merkle.root(leaves[:earlier])), whole, proof)
    forged = [*leaves[: earlier - 1], merkle.leaf(b"something else")]
    assert not merkle.is_consistent((earlier, merkle.root(forged)), whole, proof)
    assert not merkle.is_consistent((earlier, merkle.root(leaves[:earlier])), (len(leaves), bytes(32)), proof)


def test_what_is_outside_the_tree_has_no_proof() -> None:
    """A place beyond the end, and a beginning of nothing."""
    leaves = [merkle.leaf(b"one")]
    for call in (lambda: merkle.audit_path(leaves, 1), lambda: merkle.consistency(leaves, 0)):
        with pytest.raises(IndexError):
            call()
