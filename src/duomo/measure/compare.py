"""Whether a difference is more than chance: bootstrap over questions."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 2000
_HELD: Final = 1_000_000  # draws in memory at a time
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
    at_once = max(1, _HELD // values.size)
    means = np.concatenate(
        [
            values[rng.integers(0, values.size, (min(at_once, DRAWS - start), values.size))].mean(axis=1)
            for start in range(0, DRAWS, at_once)
        ]
    )
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


class Duel(NamedTuple):
    """Two systems over the same questions: how often the one is better, and by how much on average."""

    wins: int  # of the one over the other
    losses: int
    ties: int
    gain: Interval  # mean of the one less the other, paired

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out 0: the difference is more than chance."""
        return self.gain.low > 0 or self.gain.high < 0


def duel(one: NDArray[np.float64], other: NDArray[np.float64], *, seed: int = 7) -> Duel | None:
    """How one system does against another, over the questions that both were asked.

    Args:
        one: (n,) a value a question, the larger the better; NaN: not asked, or without meaning.
        other: (n,) likewise.
        seed: of the draws.

    Returns:
        None where no question was asked of both.

    Raises:
        ValueError: they are not as many.

    >>> result = duel(np.array([1.0, 0.5, np.nan]), np.array([0.5, 0.5, 1.0]))
    >>> result[:3] if result else None
    (1, 0, 1)
    """
    if one.shape != other.shape:
        raise ValueError("a duel needs the same questions for both")
    both = ~(np.isnan(one) | np.isnan(other))
    if not both.any():
        return None
    apart = (one - other)[both].round(12)
    wins, losses = int((apart > 0).sum()), int((apart < 0).sum())
    return Duel(wins, losses, apart.size - wins - losses, interval(apart, seed=seed))
