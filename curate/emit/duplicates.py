"""Copies and near copies among studies: images by a perceptual hash, reports by MinHash.

Images: the signs of 256 low frequencies of the cosine transform against their median (pHash, Zauner 2010, with 16 x 16
of them): brightness, contrast and size leave them alone. Reports: 128 minima of hashed five-word shingles (Broder,
Compression and Complexity of Sequences 1997), in bands that find candidates; the shingles decide.
"""

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
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
    for other, near in enumerate(_candidates(map(_image_bands, hashes))):
        yield from ((one, other) for one in near if distance(hashes[one], hashes[other]) <= bits)


def _image_bands(each: str) -> list[Hashable]:
    width = len(BLANK) // _BANDS
    return [(at, each[at : at + width]) for at in range(0, len(BLANK), width)] if each != BLANK else []


def like_texts(texts: Sequence[str], similarity: float) -> Iterator[Pair]:
    """Pairs of places whose texts share at least this part (Jaccard) of their five-word shingles."""
    shingles = [_shingles(text) for text in texts]
    signatures = np.array([_signature(each) for each in shingles], np.uint32).reshape(-1, _PERMUTATIONS)
    least = _PERMUTATIONS * similarity - _MARGIN * math.sqrt(_PERMUTATIONS * similarity * (1 - similarity))
    for other, near in enumerate(_candidates(map(_text_bands, signatures))):
        likely = (signatures[near] == signatures[other]).sum(axis=1) >= least
        for one in np.array(near, np.int64)[likely].tolist():
            shared = np.intersect1d(shingles[one], shingles[other], assume_unique=True).size
            if shared >= similarity * (shingles[one].size + shingles[other].size - shared):
                yield one, other


def _text_bands(signature: NDArray[np.uint32]) -> list[Hashable]:
    return [(at, signature[at : at + _ROWS].tobytes()) for at in range(0, _PERMUTATIONS, _ROWS)]


def text_fingerprint(text: str) -> str:
    """SHA-256 of the words of a text in lower case: the same for copies that differ in white space or punctuation."""
    return hashlib.sha256(" ".join(_words(text)).encode()).hexdigest()


def _candidates(bands: Iterable[Iterable[Hashable]]) -> Iterator[list[int]]:
    """For each place the earlier ones that share a band with it; of a crowd, which is a template, its first members."""
    buckets: dict[Hashable, list[int]] = defaultdict(list)
    for place, own in enumerate(bands):
        shared = [buckets[band] for band in own]
        yield sorted(set(chain.from_iterable(shared)))
        for bucket in shared:
            if len(bucket) < _CROWD:
                bucket.append(place)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _shingles(text: str) -> NDArray[np.uint64]:
    words = _words(text)
    runs = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    digests = (hashlib.blake2b(run.encode(), digest_size=4).digest() for run in runs)
    return np.unique(np.frombuffer(b"".join(digests), "<u4").astype(np.uint64))


def _signature(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The minimum over all shingles of each of the permutations (a x + b) mod p."""
    factors, offsets = _permutations()
    minima: NDArray[np.uint64] = ((np.outer(factors, shingles) + offsets[:, None]) % _prime()).min(axis=1)
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
