"""Rank fusion, and an order in which one kind of thing does not crowd out the others: pure functions."""

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heapreplace
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
            -1: like no other. Quickest where groups of a later way lie within one of an earlier.
        wanted: how many places.

    Returns:
        (m,) places, m the smaller of n and wanted; (m,) what each costs, to 12 decimals.

    >>> places, costs = spread(np.array([0.9, 0.8, 0.75]), [(0.2, np.array([4, 4, 5]))], 3)
    >>> places.tolist(), costs.tolist()
    ([0, 2, 1], [0.0, 0.0, 0.1])
    """
    groups = [codes.tolist() for cost, codes in alike if cost > 0]
    most = [cost for cost, _ in alike if cost > 0]
    before: list[dict[int, int]] = [{} for _ in groups]

    def cost_of(level: int, group: int) -> float:
        times = before[level].get(group, 0)
        return most[level] * times / (times + 1)

    root = _Group(scores.tolist(), groups, list(range(scores.size)), 0)
    places: list[int] = []
    costs: list[float] = []
    while len(places) < wanted and (best := root.best(cost_of)):
        place = best[1]
        of = [codes[place] for codes in groups]
        places.append(place)
        costs.append(round(sum(cost_of(level, group) for level, group in enumerate(of)), 12))
        root.take(of)
        for seen, group in zip(before, of, strict=True):
            if group >= 0:
                seen[group] = seen.get(group, 0) + 1
    return np.array(places, np.int64), np.array(costs, np.float64)


class _Group:
    """Places that are alike in all that lies above, the best first; by what tells them apart next.

    What a whole group costs changes nothing among its members: so when a place is taken, only the groups
    that it lies in are looked at again, not every place that is like it.
    """

    def __init__(self, scores: list[float], groups: list[list[int]], places: list[int], level: int) -> None:
        self._scores, self._groups, self._places, self._level = scores, groups, places, level
        self._taken = 0
        self._members: dict[int, list[int]] = {}
        self._made: dict[int, _Group] = {}  # those members that were the best once
        self._heap: list[tuple[float, int, int]] = []  # less what it is left with, its best place, member
        if level < len(groups):
            for place in places:
                self._members.setdefault(groups[level][place], []).append(place)
            self._heap = [(-scores[each[0]], each[0], group) for group, each in self._members.items()]
            heapify(self._heap)

    def best(self, cost_of: Callable[[int, int], float]) -> tuple[float, int] | None:
        """What the best place is left with, and the place; None: all are taken."""
        if not self._members:
            if self._taken == len(self._places):
                return None
            place = self._places[self._taken]
            return self._scores[place], place
        while self._heap:
            held, at, group = self._heap[0]
            if group not in self._made:
                inside = self._members[group]
                self._made[group] = _Group(self._scores, self._groups, inside, self._level + 1)
            found = self._made[group].best(cost_of)
            if found is None:
                heappop(self._heap)
                continue
            now = round(found[0] - cost_of(self._level, group), 12) if group >= 0 else found[0]
            if (-now, found[1]) == (held, at):
                return now, at
            heapreplace(self._heap, (-now, found[1], group))  # costs have grown since, or the best is taken
        return None

    def take(self, groups: Sequence[int]) -> None:
        """Leave out the best place, which lies in these groups."""
        if self._members:
            self._made[groups[self._level]].take(groups)
        else:
            self._taken += 1
