"""Comparing the rates of creatives: what is due to chance, also when somebody looks every day.

Everything is counted within strata (the same day, the same audience), so that a creative which ran on
better days or before better people gains nothing by it. There are two kinds of rates: `share`, events among
pieces of which each has one or none (clicks among impressions), and `flow`, events for an amount (conversions
for money).
"""

from collections.abc import Sequence
from functools import lru_cache
from math import erfc, exp, log, sqrt
from statistics import NormalDist
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rate = Literal["share", "flow"]

TAU: Final = 0.2  # log odds that are expected between two creatives: differences of some 20 %
DRAWS: Final = 20_000
_LEAST_DRAWS: Final = 1_000  # of very many creatives
_DRAWN: Final = 20_000_000  # numbers at once
LEAST: Final = 10  # expected events of either creative below which nothing is claimed
_POWER: Final = 0.8
_ROUNDS: Final = 50


class Score(NamedTuple):
    """How far one of two creatives is ahead in each stratum: events above what chance gives it, variance."""

    ahead: Floats  # (s,)
    variance: Floats  # (s,)
    least: Floats  # (s,) events expected of the one that ran less


def score(events: Floats, exposure: Floats, *, rate: Rate) -> Score:
    """The score of the first of two creatives against the second, given the events of both together.

    For shares that of Cochran (1954) and Mantel and Haenszel (1959): mean and variance of the hypergeometric
    distribution; for flows the binomial distribution of events that two Poisson processes share (Przyborowski
    and Wilenski 1940). Both need no guess of the rate of a stratum.

    Args:
        events: (2, s) of both creatives in each stratum.
        exposure: (2, s) impressions, clicks or money.
        rate: what kind.

    >>> found = score(np.array([[30.0], [10.0]]), np.array([[1000.0], [1000.0]]), rate="share")
    >>> found.ahead.tolist(), found.variance.round(2).tolist()
    ([10.0], [9.8])
    """
    together, whole = events.sum(axis=0), exposure.sum(axis=0)
    share = exposure / np.maximum(whole, 1e-12)
    variance = together * share[0] * share[1]
    if rate == "share":
        variance = variance * np.maximum(whole - together, 0) / np.maximum(whole - 1, 1)
    return Score(events[0] - together * share[0], variance, together * share.min(axis=0))


def p_once(found: Score) -> float:
    """Chance of such a distance or a larger one where both are alike, if it is looked at once, at the end."""
    variance = float(found.variance.sum())
    return erfc(abs(float(found.ahead.sum())) / sqrt(2 * variance)) if variance > 0 else 1.0


def p_always(found: Score, looks: NDArray[np.integer]) -> float:
    """The same if it was looked at again and again, and stopped whenever: an always-valid p-value.

    Mixture sequential probability ratio test (Robbins 1970; Johari et al., "Always Valid Inference", 2017):
    the sum of scores is nearly normal with mean theta V and variance V, theta the log odds between both, and
    theta is normal with standard deviation TAU under the alternative. It starts when LEAST events are
    expected of either, as it is not nearly normal before.

    Args:
        found: of strata.
        looks: (s,) when each stratum was over (a day, say); strata of one look count together.

    >>> even = Score(np.full(9, 0.0), np.full(9, 10.0), np.full(9, 20.0))
    >>> p_always(even, np.arange(9))
    1.0
    """
    _, place = np.unique(looks, return_inverse=True)
    ahead, variance, least = (np.cumsum(np.bincount(place, part)) for part in found)
    ready = least >= LEAST
    if not ready.any():
        return 1.0
    spread = 1 + TAU**2 * variance[ready]
    ratio = TAU**2 * ahead[ready] ** 2 / (2 * spread) - np.log(spread) / 2
    return min(1.0, exp(-float(ratio.max())))


def reach_always(variance: float, *, alpha: float = 0.05) -> float:
    """How far the score is from theta V at most, at any time, with probability 1 - alpha; over V."""
    if variance <= 0:
        return float("inf")
    spread = 1 + TAU**2 * variance
    return sqrt(2 * spread / TAU**2 * (log(1 / alpha) + log(spread) / 2)) / variance


@lru_cache(maxsize=256)
def variance_needed(effect: float, *, alpha: float = 0.05) -> float:
    """The variance of the score at which a log odds of `effect` is found with probability 0.8."""
    power = NormalDist().inv_cdf(_POWER)
    low, high = 0.0, 1.0

    def found(variance: float) -> bool:
        return effect >= reach_always(variance, alpha=alpha) + power / sqrt(variance)

    while not found(high) and high < 1e12:
        low, high = high, 2 * high
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


class Lift(NamedTuple):
    """How many times the rate of the second creative the first has, and the 95 % interval."""

    ratio: float
    low: float
    high: float


def lift(events: Floats, exposure: Floats, *, rate: Rate, alpha: float = 0.05) -> Lift | None:
    """The ratio of two rates over strata, Mantel and Haenszel's, with Greenland and Robins's (1985) interval.

    Args:
        events: (2, s).
        exposure: (2, s).
        rate: what kind.
        alpha: one less what the interval holds.

    Returns:
        None where one of the two has no event, or they share no stratum.
    """
    whole = np.maximum(exposure.sum(axis=0), 1e-12)
    first, second = (events * exposure[::-1] / whole).sum(axis=1)
    if first <= 0 or second <= 0:
        return None
    parts = events.sum(axis=0) * exposure.prod(axis=0)
    if rate == "share":
        parts = parts - events.prod(axis=0) * whole
    spread = NormalDist().inv_cdf(1 - alpha / 2) * sqrt(max((parts / whole**2).sum(), 0) / (first * second))
    ratio = first / second
    return Lift(float(ratio), float(ratio * exp(-spread)), float(ratio * exp(spread)))


def holm(p_values: Sequence[float], count: int | None = None) -> list[float]:
    """P-values made larger so that any false claim among all has the chance named (Holm 1979).

    Args:
        p_values: of claims, in any order.
        count: of all that could have been claimed, where these are only some of them: as if the others were
            larger, which makes none of these too small. None: these are all.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    left = (len(order) if count is None else count) - np.arange(len(order))
    raised = np.asarray(p_values, np.float64)[order] * left
    out = np.empty(len(order))
    out[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return [float(value) for value in out]


def false_share(p_values: Sequence[float]) -> list[float]:
    """The least share of false claims at which each is claimed (Benjamini and Hochberg 1995).

    >>> false_share([0.01, 0.02, 0.5])
    [0.03, 0.03, 0.5]
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")[::-1]
    raised = np.asarray(p_values, np.float64)[order] * count / np.arange(count, 0, -1)
    out = np.empty(count)
    out[order] = np.minimum(np.minimum.accumulate(raised), 1.0)
    return [float(value) for value in out]


def worth(events: Floats, exposure: Floats) -> Floats:
    """(k,) what the exposure of each creative is worth in average strata.

    Rates are taken as a rate of the creative times one of the stratum, fitted by iterative proportional
    fitting (Deming and Stephan 1940), the maximum likelihood of the Poisson model. With one stratum it is the
    exposure as it is.

    Args:
        events: (k, s).
        exposure: (k, s).
    """
    total, whole = events.sum(axis=0), exposure.sum(axis=0)
    mean = total.sum() / max(whole.sum(), 1e-12)
    if not mean or len(whole) == 1:
        return np.asarray(exposure.sum(axis=1), np.float64)
    strata = total / np.maximum(whole, 1e-12)
    for _ in range(_ROUNDS):
        rates = events.sum(axis=1) / np.maximum(exposure @ strata, 1e-12)
        strata = total / np.maximum(rates @ exposure, 1e-12)
    scaled = np.asarray(exposure @ strata / mean, np.float64)
    return np.asarray(scaled * (whole.sum() / max(scaled.sum(), 1e-12)), np.float64)


class Belief(NamedTuple):
    """What is to be believed of each of k creatives after all that was counted."""

    rate: Floats  # (k,) mean
    low: Floats  # (k,) 95 % lie between
    high: Floats
    best: Floats  # (k,) chance that it is the best
    loss: Floats  # (k,) rate that is lost on average by choosing it, if another is the best


def belief(events: Floats, exposure: Floats, *, rate: Rate, draws: int = DRAWS, seed: int = 7) -> Belief:
    """Posteriors of rates from Jeffreys's prior: beta for shares, gamma for flows; by drawing.

    Expected loss is that of Stucchio ("Bayesian A/B testing at VWO", 2015).

    Args:
        events: (k, s).
        exposure: (k, s).
        rate: what kind.
        draws: how many; fewer of very many creatives.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    there, whole = events.sum(axis=1), np.maximum(worth(events, exposure), 1e-9)
    count = min(draws, max(_LEAST_DRAWS, _DRAWN // max(len(there), 1)))
    if rate == "share":
        drawn = rng.beta(there + 0.5, np.maximum(whole - there, 0) + 0.5, (count, len(there)))
    else:
        drawn = rng.gamma(there + 0.5, 1 / whole, (count, len(there)))
    drawn = np.ascontiguousarray(drawn.T)  # a row a creative: several times as fast to go through
    top = drawn.max(axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    best = np.bincount(drawn.argmax(axis=0), minlength=len(there)) / count
    rates = drawn.mean(axis=1)
    return Belief(rates, low, high, best, np.maximum(top.mean() - rates, 0))
