"""Scores of spans and triplets, and intervals of scores."""

from collections.abc import Hashable, Sequence, Set
from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 1_000  # of the bootstrap
Several = Sequence[Set[Hashable]]


def f1(wanted: Several, found: Several) -> dict[str, float]:
    """Of what must be found exactly, over all sentences."""
    hits = sum(len(right & said) for right, said in zip(wanted, found, strict=True))
    precision, recall = hits / max(sum(map(len, found)), 1), hits / max(sum(map(len, wanted)), 1)
    return {
        "f1": round(2 * precision * recall / max(precision + recall, 1e-12), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
    }


def f1_interval(wanted: Several, found: Several) -> list[float]:
    """95 percent, sentences drawn again."""
    counts = np.array(
        [(len(right & said), len(right), len(said)) for right, said in zip(wanted, found, strict=True)]
    )
    rng = np.random.default_rng(0)
    drawn = counts[rng.integers(0, len(counts), (DRAWS, len(counts)))].sum(axis=1)
    scores = 2 * drawn[:, 0] / np.maximum(drawn[:, 1] + drawn[:, 2], 1)
    return [round(float(value), 4) for value in np.quantile(scores, (0.025, 0.975))]


def interval(values: NDArray[np.floating]) -> list[float]:
    """95 percent of the mean, rows drawn again."""
    rng = np.random.default_rng(0)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(DRAWS)]
    return [round(float(value), 4) for value in np.quantile(means, (0.025, 0.975))]
