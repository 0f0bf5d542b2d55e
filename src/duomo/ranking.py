"""Rank fusion, and an order in which one kind of thing does not crowd out the others: pure functions."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
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


def spread(
    scores: NDArray[np.float64], alike: Sequence[tuple[float, NDArray[np.int64]]], wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The first places when each costs more the more that are like it stand before it, and what it costs.

    Greedily, as in maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998), with a cost that grows
    with how often: the next place is the one whose score less its cost is largest, where n like it that stand
    before cost `cost * n / (n + 1)`. Costs only grow, so what is left falls along the order, and the first
    places are the same however many are wanted.

    Args:
        scores: (n,) descending; equal ones keep their order.
        alike: for each way of being alike what it may cost at most, at least 0, and (n,) group numbers;
            -1: like no other.
        wanted: how many places.

    Returns:
        (m,) places, m the smaller of n and wanted; (m,) what each costs, to 12 decimals.

    >>> places, costs = spread(np.array([0.9, 0.8, 0.75]), [(0.2, np.array([4, 4, 5]))], 3)
    >>> places.tolist(), costs.tolist()
    ([0, 2, 1], [0.0, 0.0, 0.1])
    """
    groups = [(cost, codes.tolist()) for cost, codes in alike if cost > 0]
    before: list[dict[int, int]] = [{} for _ in groups]
    plain = scores.tolist()
    heap = [(-score, place) for place, score in enumerate(plain)]
    heapify(heap)
    places: list[int] = []
    costs: list[float] = []
    while heap and len(places) < wanted:
        held, place = heappop(heap)
        times = (seen.get(codes[place], 0) for seen, (_, codes) in zip(before, groups, strict=True))
        cost = round(sum(most * n / (n + 1) for n, (most, _) in zip(times, groups, strict=True)), 12)
        if (left := cost - plain[place]) > held:  # something like it has been placed since
            heappush(heap, (left, place))
            continue
        places.append(place)
        costs.append(cost)
        for seen, (_, codes) in zip(before, groups, strict=True):
            if codes[place] >= 0:
                seen[codes[place]] = seen.get(codes[place], 0) + 1
    return np.array(places, np.int64), np.array(costs, np.float64)
