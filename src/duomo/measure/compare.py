"""Whether a difference is more than chance: bootstrap over questions."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 2000
SURE: Final = 0.95  # share of the draws that an interval holds


class Interval(NamedTuple):
    """A mean and the interval that holds 95 % of its bootstrap draws."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: NDArray[np.floating] | NDArray[np.bool_], *, seed: int = 7) -> Interval:
    """Mean of per-question values with its percentile bootstrap interval (Efron 1979).

    Args:
        values: (n,) one a question, or whether each was answered; at least one.
        seed: of the draws.

    Raises:
        ValueError: there are no values.

    >>> interval(np.array([0.0, 1.0, 1.0, 1.0])).mean
    0.75
    """
    if not values.size:
        raise ValueError("an interval needs at least one value")
    rng = np.random.default_rng(seed)
    means = np.array([values[rng.integers(0, values.size, values.size)].mean() for _ in range(DRAWS)])
    low, high = np.quantile(means, [(1 - SURE) / 2, (1 + SURE) / 2])
    return Interval(float(values.mean()), float(low), float(high))


def difference(before: NDArray[np.floating], after: NDArray[np.floating], *, seed: int = 7) -> Interval:
    """Mean of after less before over the same questions, with its paired bootstrap interval.

    Raises:
        ValueError: the questions are not as many, or none.
    """
    if before.shape != after.shape:
        raise ValueError("a paired difference needs the same questions before and after")
    return interval(np.asarray(after, np.float64) - np.asarray(before, np.float64), seed=seed)
