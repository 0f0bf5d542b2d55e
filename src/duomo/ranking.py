"""Rank fusion: pure functions on arrays of row numbers and scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DAMPING = 60.0  # k of reciprocal rank fusion, as published


def shares(rankings: Sequence[NDArray[np.int64]], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What each ranking gives to each row under reciprocal rank fusion.

    A row at rank r (from 1) of a ranking gets 1 / (60 + r) from it, and nothing from a ranking that lacks
    it; a row's score is the sum over the rankings. Source: Cormack, Clarke and Buettcher, SIGIR 2009.

    Args:
        rankings: row numbers, best first, each row at most once a ranking.
        rows: (n,) the rows to score, ascending, holding every row of the rankings.

    Returns:
        (rankings, n) shares, not negative.

    >>> shares([np.array([7, 3])], np.array([3, 5, 7])).round(4).tolist()
    [[0.0161, 0.0, 0.0164]]
    """
    given = np.zeros((len(rankings), rows.size))
    for share, ranking in zip(given, rankings, strict=True):
        share[np.searchsorted(rows, ranking)] = 1.0 / (DAMPING + np.arange(1, ranking.size + 1))
    return given
