"""Texts that have most of their pieces in common, found without holding each against each.

MinHash with banding: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman
and Ullman, "Mining of Massive Datasets", chapter 3.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LETTERS: Final = 5  # of a shingle
_BANDS: Final = 16
_ROWS: Final = (
    5  # of a band: pairs at 0.85 share one of the bands in 9,999 of 10,000 cases, at 0.5 in 4 of 10
)
_PRIME: Final = np.uint64(1_000_003)
_SEED: Final = 20_260
_CROWD: Final = 100  # texts in one bucket that are held against the first of it, not against each other


def alike(texts: Sequence[str], least: float) -> list[list[int]]:
    """Groups of places of texts: those whose shingles agree, and those alone in groups of one.

    Args:
        texts: any texts, each once.
        least: the share of the shingles of both that a text has in common with the first of its group.

    Returns:
        every place once, in order; the first place of a group is its smallest.

    >>> first = "A warm red scarf of lamb's wool, two meters long, made to last for many winters."
    >>> alike([first, "A mug.", first.replace("red", "blue")], 0.8)
    [[0, 2], [1]]
    """
    shingled = [_shingles(text) for text in texts]
    heads = list(range(len(texts)))
    for one, other in sorted(_candidates(shingled)):
        if heads[other] == other and heads[one] == one and _overlap(shingled[one], shingled[other]) >= least:
            heads[other] = one
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, head in enumerate(heads):
        groups[head].append(place)
    return list(groups.values())


def _shingles(text: str) -> NDArray[np.uint64]:
    """The different shingles of a text as sorted numbers."""
    letters = np.frombuffer(" ".join(text.casefold().split()).encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = letters.astype(np.uint64)
    if len(codes) < _LETTERS:
        codes = np.pad(codes, (0, _LETTERS - len(codes)))
    made = np.zeros(len(codes) - _LETTERS + 1, np.uint64)
    for place in range(_LETTERS):
        made = made * _PRIME + codes[place : len(made) + place]
    return np.unique(made * np.uint64(0x9E3779B97F4A7C15))


def _candidates(shingled: Sequence[NDArray[np.uint64]]) -> set[tuple[int, int]]:
    """Pairs of places, the smaller first, that share a band of their signatures."""
    chance = np.random.default_rng(_SEED)
    factors = chance.integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
    offsets = chance.integers(0, 2**63, _BANDS * _ROWS, dtype=np.uint64)
    buckets: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, shingles in enumerate(shingled):
        least = (shingles[:, None] * factors + offsets).min(axis=0)  # arithmetic modulo 2^64
        for band, part in enumerate(least.reshape(_BANDS, _ROWS)):
            buckets[bytes([band]) + part.tobytes()].append(place)
    return {pair for bucket in buckets.values() for pair in _pairs(bucket)}


def _pairs(bucket: Sequence[int]) -> Iterator[tuple[int, int]]:
    if len(bucket) > _CROWD:
        yield from ((bucket[0], other) for other in bucket[1:])
        return
    for number, one in enumerate(bucket):
        yield from ((one, other) for other in bucket[number + 1 :])


def _overlap(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Jaccard: the share of the shingles of both that are in both."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
