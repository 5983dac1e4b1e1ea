"""Merkle trees over entries of a log: root, audit path, consistency, as in RFC 6962, section 2.1, with SHA-256.

A root stands for every entry in its order. An audit path shows that one entry is in the tree without showing the
others; a consistency proof shows that a tree begins with all that an earlier one held.
"""

import hashlib
from collections.abc import Iterator, Sequence

Hash = bytes


def leaf(entry: bytes) -> Hash:
    """The hash of one entry; the prefix keeps it apart from that of a node."""
    return hashlib.sha256(b"\0" + entry).digest()


def root(leaves: Sequence[Hash]) -> Hash:
    """The head of a tree over hashed entries; that of no entry is the hash of nothing."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    middle = _split(len(leaves))
    return _node(root(leaves[:middle]), root(leaves[middle:]))


def audit_path(leaves: Sequence[Hash], place: int) -> list[Hash]:
    """What leads from the entry at `place` (from 0) to the root, nearest first. Raises IndexError beyond the tree."""
    if not 0 <= place < len(leaves):
        raise IndexError(place)
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if place < middle:
        return [*audit_path(leaves[:middle], place), root(leaves[middle:])]
    return [*audit_path(leaves[middle:], place - middle), root(leaves[:middle])]


def is_included(entry: Hash, place: int, size: int, path: Sequence[Hash], head: Hash) -> bool:
    """Whether an audit path leads from a hashed entry to the head of a tree of `size` entries (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    made = entry
    for turn in _turns(place, size - 1, path):
        if turn is None:
            return False
        other, left = turn
        made = _node(other, made) if left else _node(made, other)
    return made == head


def _turns(number: int, last: int, path: Sequence[Hash]) -> Iterator[tuple[Hash, bool] | None]:
    """Each hash of a path, and whether it stands on the left; None where the path is too long or too short."""
    for other in path:
        if not last:
            yield None
            return
        left = bool(number & 1) or number == last
        while left and not number & 1 and number:
            number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1
        yield other, left
    if last:
        yield None


def consistency(leaves: Sequence[Hash], earlier: int) -> list[Hash]:
    """What shows that the tree begins with its first `earlier` entries (at least one, at most all)."""
    if not 0 < earlier <= len(leaves):
        raise IndexError(earlier)
    return _subproof(leaves, earlier, whole=True)


def _subproof(leaves: Sequence[Hash], earlier: int, *, whole: bool) -> list[Hash]:
    if earlier == len(leaves):
        return [] if whole else [root(leaves)]
    middle = _split(len(leaves))
    if earlier <= middle:
        return [*_subproof(leaves[:middle], earlier, whole=whole), root(leaves[middle:])]
    return [*_subproof(leaves[middle:], earlier - middle, whole=False), root(leaves[:middle])]


def is_consistent(earlier: tuple[int, Hash], later: tuple[int, Hash], proof: Sequence[Hash]) -> bool:
    """Whether a proof leads from one (size, head) to a later one (RFC 9162, 2.1.4.2)."""
    (first, old), (second, new) = earlier, later
    if not 0 < first <= second or (first == second and proof):
        return False
    if first == second:
        return old == new
    steps = [*([] if first & (first - 1) else [old]), *proof]
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = steps[0] if steps else b""
    for turn in _turns(number, last, steps[1:]):
        if turn is None:
            return False
        other, left = turn
        before, after = (_node(other, before), _node(other, after)) if left else (before, _node(after, other))
    return before == old and after == new


def _node(left: Hash, right: Hash) -> Hash:
    return hashlib.sha256(b"\1" + left + right).digest()


def _split(size: int) -> int:
    """The greatest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
