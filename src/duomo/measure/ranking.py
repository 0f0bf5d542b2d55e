"""Ranking metrics over scores: plain functions, checked against scikit-learn in the tests."""

from collections.abc import Collection, Sequence
from math import log2
from typing import Final

import numpy as np
from numpy.typing import NDArray

AT: Final = (1, 5, 10)  # cut-offs that tables show


def recall(shown: Sequence[str], wanted: Collection[str], k: int) -> float:
    """Share of the wanted products among the first k shown, 0 to 1 (Manning et al. 2008, ch. 8).

    Args:
        shown: (n,) product ids, best first.
        wanted: ids that a person judged right for this query.
        k: how many hits count, from the top.

    Raises:
        ValueError: k is below 1, or wanted is empty: the share has no meaning then.

    >>> recall(["mug", "cup", "jug"], wanted={"cup", "pot"}, k=2)
    0.5
    """
    if k < 1 or not wanted:
        raise ValueError("recall needs k of at least 1 and something that is wanted")
    return len(set(shown[:k]) & set(wanted)) / len(set(wanted))


def reciprocal_rank(shown: Sequence[str], wanted: Collection[str]) -> float:
    """One over the rank of the first wanted product, 0 where none is shown (Voorhees, TREC-8, 1999).

    >>> reciprocal_rank(["mug", "cup"], {"cup"})
    0.5
    """
    return next((1 / rank for rank, one in enumerate(shown, start=1) if one in wanted), 0.0)


def ndcg(grades: Sequence[float], ideal: Sequence[float], k: int) -> float:
    """Normalised discounted cumulative gain, 0 to 1, with gain 2^grade - 1 (Burges et al., ICML 2005).

    Args:
        grades: (n,) grade of each hit shown, best first; 0 for one that nobody judged.
        ideal: every grade that the query's judgments hold, in any order.
        k: how many hits count.

    Raises:
        ValueError: k is below 1.

    >>> round(ndcg([0, 3], ideal=[3, 0], k=2), 4)
    0.6309
    """
    if k < 1:
        raise ValueError("ndcg needs k of at least 1")
    best = _gain(sorted(ideal, reverse=True)[:k])
    return _gain(grades[:k]) / best if best else 0.0


def precision(shown: Sequence[str], wanted: Collection[str], k: int) -> float:
    """Share of k places that wanted products take; a shorter list leaves places empty.

    >>> precision(["mug", "cup"], {"cup"}, k=4)
    0.25
    """
    return len(set(shown[: _places(k)]) & set(wanted)) / k


def success(shown: Sequence[str], wanted: Collection[str], k: int) -> float:
    """1 where a wanted product is among the first k, else 0.

    >>> success(["mug", "cup"], {"cup"}, k=1)
    0.0
    """
    return float(not set(wanted).isdisjoint(shown[: _places(k)]))


def judged_share(shown: Sequence[str], judged: Collection[str], k: int) -> float:
    """Share of the first k shown that somebody judged, in whatever way; 0 where nothing is shown.

    >>> judged_share(["mug", "cup"], {"cup", "pot"}, k=10)
    0.5
    """
    first = shown[: _places(k)]
    return sum(one in judged for one in first) / len(first) if first else 0.0


def first_ranks(scores: NDArray[np.floating], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rank, from 1, of each question's best right candidate.

    A wrong candidate with the same score stands in front of it: who cannot tell them apart has not found it.

    Args:
        scores: (questions, candidates) the larger the better.
        right: (questions, candidates) which candidates are right; at least one a question.

    Raises:
        ValueError: the shapes differ, or a question has no right candidate.

    >>> first_ranks(np.array([[0.1, 0.9, 0.9]]), np.array([[False, True, False]])).tolist()
    [2]
    """
    if scores.shape != right.shape or not right.any(axis=1).all():
        raise ValueError("scores and right answers must have one shape, and each question a right answer")
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    ahead: NDArray[np.int64] = ((scores >= best) & ~right).sum(axis=1)
    return ahead + 1


def hits_at(ranks: NDArray[np.int64], k: int) -> float:
    """Share of the questions whose first right answer stands at k or before: Recall@k of one right answer."""
    return float(np.mean(ranks <= k)) if ranks.size else 0.0


def mean_reciprocal(ranks: NDArray[np.int64]) -> float:
    """Mean of one over the ranks (MRR)."""
    return float(np.mean(1 / ranks)) if ranks.size else 0.0


def table(ranks: NDArray[np.int64]) -> dict[str, float]:
    """The figures that are shown of ranks, by their names in reports.

    >>> table(np.array([1, 2, 20]))
    {'r1': 0.3333, 'r5': 0.6667, 'r10': 0.6667, 'mrr': 0.5167}
    """
    shares = {f"r{k}": round(hits_at(ranks, k), 4) for k in AT}
    return {**shares, "mrr": round(mean_reciprocal(ranks), 4)}


def _places(k: int) -> int:
    if k < 1:
        raise ValueError("k must be at least 1")
    return k


def _gain(grades: Sequence[float]) -> float:
    return sum((2**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades, start=1))
