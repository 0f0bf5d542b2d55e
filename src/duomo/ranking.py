"""Rank fusion: pure functions on arrays of row numbers and scores."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

DAMPING: Final = 60.0  # k of reciprocal rank fusion, as published
DENSE: Final = 4_000_000  # row numbers below this are cheaper to count into than to sort


def reciprocal(count: int) -> NDArray[np.float64]:
    """(count,) what a ranking gives to its rows, best first: 1 / (60 + r) at rank r, from 1.

    Source: reciprocal rank fusion, Cormack, Clarke and Buettcher, SIGIR 2009.

    >>> reciprocal(2).round(4).tolist()
    [0.0164, 0.0161]
    """
    return 1.0 / np.arange(DAMPING + 1, DAMPING + 1 + count)


def blend(
    rankings: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every row of any ranking, and the sum of what the rankings give to it.

    Args:
        rankings: (n,) row numbers, not negative, each at most once a ranking; (n,) shares, greater than 0.

    Returns:
        (m,) rows, each once, ascending; (m,) scores, rounded to 12 decimals: the order in which shares
        were added up must not decide between rows.

    >>> rows, scores = blend([(np.array([7, 3]), reciprocal(2)), (np.array([3]), reciprocal(1))])
    >>> rows.tolist(), scores.round(4).tolist()
    ([3, 7], [0.0325, 0.0164])
    """
    rows = union([each for each, _ in rankings])
    sums = np.zeros(rows.size)
    for each, shares in rankings:
        sums[np.searchsorted(rows, each)] += shares
    return rows, sums.round(12)


def union(lists: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Every row number of any list, each once, ascending.

    >>> union([np.array([7, 3]), np.array([3, 5])]).tolist()
    [3, 5, 7]
    """
    every: NDArray[np.int64] = np.concatenate([np.zeros(0, np.int64), *lists])
    if (last := int(every.max(initial=0))) >= DENSE:
        return np.unique(every)
    there = np.zeros(last + 1, np.bool_)
    there[every] = True
    return np.flatnonzero(there) if every.size else every


def best(scores: NDArray[np.float32], k: int | None = None, least: float = -np.inf) -> NDArray[np.int64]:
    """Places of the k largest scores, best first; equal scores keep the order of their places.

    Args:
        scores: (n,) numbers; -inf marks what must never be returned. No NaN.
        k: how many, at least 0; None: all.
        least: what is smaller is left out.

    >>> best(np.array([0.1, 0.9, 0.9, -np.inf], np.float32), 2).tolist()
    [1, 2]
    """
    edge = max(least, float(np.finfo(np.float32).min))
    if k is not None and k < scores.size:
        edge = max(edge, float(np.partition(scores, scores.size - k)[scores.size - k])) if k else np.inf
    places = np.flatnonzero(scores >= edge)  # with every tie at the edge
    # Bits of a float32 grow with the number, those of a negative one the other way round. With the place
    # below them, one sort of whole numbers puts ties in order: many times faster than a stable sort.
    bits = (scores[places] + np.float32(0)).view(np.int32).astype(np.int64)  # -0.0 + 0 is 0.0
    bits = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    found: NDArray[np.int64] = np.sort(-bits << 32 | places)[:k] & 0xFFFFFFFF
    return found
