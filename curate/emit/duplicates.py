"""Copies and near copies among studies: images by a perceptual hash, reports by MinHash.

Images: the signs of 256 low frequencies of the cosine transform against their median (pHash, Zauner 2010, with 16 x 16
of them): brightness, contrast and size leave them alone. Reports: 128 minima of hashed five-word shingles (Broder,
Compression and Complexity of Sequences 1997), in bands that find candidates; the shingles decide.
"""

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLANK = "0" * 64  # the hash of an image without texture; it is like no other
_SIDE, _KEPT = 64, 16
_BANDS = 16  # 256 bits in 16 bands: two hashes that differ in fewer than 16 bits share one
_PERMUTATIONS, _ROWS, _SHINGLE = 128, 4, 5
_CROWD = 64  # members of a bucket that are compared with each other; further ones with these alone
_MARGIN = 6  # standard deviations that equal minima may stay behind the similarity that they estimate
# Half of the frequencies of a picture of a body are stronger than this part of the whole (0.0014 was the least of 140
# real instances); ramps, bars and flat images, whose signs would be noise, stay below 0.0004.
_TEXTURE = 0.001

Pair = tuple[int, int]


def perceptual_hash(pixels: NDArray[Any]) -> str:
    """256 bits as hexadecimal of (rows, columns) or RGB pixels; BLANK for those without texture, such as a ramp."""
    import cv2

    grey: Any = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey.astype(np.float32), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small)[:_KEPT, :_KEPT].ravel()[1:]  # without the mean, which is brightness
    if np.median(np.abs(low)) <= _TEXTURE * _SIDE * float(small.std()):
        return BLANK
    return bytes(np.packbits(np.append((low > np.median(low))[_order()], values=False))).hex()


@cache
def _order() -> NDArray[np.int64]:
    """The frequencies mixed: the lowest are alike in all radiographs of a kind, and would make crowded bands."""
    return np.random.default_rng(2010).permutation(_KEPT * _KEPT - 1)


def distance(one: str, other: str) -> int:
    """In how many of the 256 bits two perceptual hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def like_images(hashes: Sequence[str], bits: int) -> Iterator[Pair]:
    """Pairs of places whose hashes differ in at most `bits` (0 to 15) bits; a blank image is like no other."""
    places = [place for place, each in enumerate(hashes) if each != BLANK]
    bands = np.frombuffer(bytes.fromhex("".join(hashes[place] for place in places)), np.uint16).reshape(-1, _BANDS)
    for other, near in zip(places, _candidates(bands), strict=True):
        ones = (places[each] for each in near)
        yield from ((one, other) for one in ones if distance(hashes[one], hashes[other]) <= bits)


def like_texts(texts: Sequence[str], similarity: float) -> Iterator[Pair]:
    """Pairs of places whose texts share at least this part (Jaccard) of their five-word shingles."""
    shingles = [_shingles(text) for text in texts]
    signatures = np.array([_signature(each) for each in shingles], np.uint32).reshape(-1, _PERMUTATIONS)
    bands = [signatures[:, at : at + _ROWS] for at in range(0, _PERMUTATIONS, _ROWS)]
    numbered = np.stack([np.unique(each, axis=0, return_inverse=True)[1].ravel() for each in bands], axis=1)
    least = _PERMUTATIONS * similarity - _MARGIN * math.sqrt(_PERMUTATIONS * similarity * (1 - similarity))
    for other, near in enumerate(_candidates(numbered)):
        likely = (signatures[near] == signatures[other]).sum(axis=1) >= least
        for one in np.array(near, np.int64)[likely].tolist():
            shared = np.intersect1d(shingles[one], shingles[other], assume_unique=True).size
            if shared >= similarity * (shingles[one].size + shingles[other].size - shared):
                yield one, other


def text_fingerprint(text: str) -> str:
    """SHA-256 of the words of a text in lower case: the same for copies that differ in white space or punctuation."""
    return hashlib.sha256(" ".join(_words(text)).encode()).hexdigest()


def _candidates(bands: NDArray[Any]) -> Iterator[list[int]]:
    """For each place the earlier ones that share a band with it; of a crowd, which is a template, its first members.

    bands: (places, bands), equal where places share one. Twelve bytes are held for each: an archive has millions.
    """
    order, first, rank = (np.empty(bands.shape, np.int32) for _ in range(3))
    for band, values in enumerate(bands.T):
        members = np.argsort(values, kind="stable")  # those of a bucket beside each other
        opens = np.flatnonzero(np.diff(values[members].astype(np.int64), prepend=-1))
        begins = np.repeat(opens, np.diff(opens, append=len(members)))  # where the bucket of each begins
        order[:, band], first[members, band] = members, begins
        rank[members, band] = np.arange(len(members)) - begins  # how many of it came before
    for place, earlier in enumerate(np.minimum(rank, _CROWD)):
        shared = np.flatnonzero(earlier)
        near = [order[first[place, band] :, band][: earlier[band]] for band in shared]
        yield np.unique(np.concatenate(near)).tolist() if near else []


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _shingles(text: str) -> NDArray[np.uint32]:
    words = _words(text)
    runs = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    digests = (hashlib.blake2b(run.encode(), digest_size=4).digest() for run in runs)
    return np.unique(np.frombuffer(b"".join(digests), "<u4"))


def _signature(shingles: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """The minimum over all shingles of each of the permutations (a x + b) mod p."""
    factors, offsets = _permutations()
    hashed = np.outer(factors, shingles.astype(np.uint64)) + offsets[:, None]
    minima: NDArray[np.uint64] = (hashed % _prime()).min(axis=1)
    return minima


def _prime() -> np.uint64:
    return np.uint64(4_294_967_291)  # the largest prime below 2 to the 32nd: products fit 64 bits


@cache
def _permutations() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    drawn = np.random.default_rng(1997).integers(1, int(_prime()), (2, _PERMUTATIONS), dtype=np.uint64)
    return drawn[0], drawn[1]


def groups(pairs: Iterable[Pair]) -> Mapping[int, set[int]]:
    """The places that each place is like."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return found
