"""What drives the rate: how many times more clicks a question, a red picture or free delivery brings."""

from dataclasses import dataclass
from math import erfc, exp, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.understand.ads import Ads
from duomo.understand.ads_compare import METRICS, Metric
from duomo.understand.ads_features import Feature, Features
from duomo.understand.ads_statistics import holm

Floats = NDArray[np.float64]
_DRAWS: Final = 2000
_STEPS: Final = 30
_PRIOR: Final = 0.5  # standard deviation of effects that is assumed: an effect is hardly ever e times
LEAST_TESTS: Final = 8  # with fewer, intervals over tests mean nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What one feature does to the rate, all other features being equal."""

    feature: Feature
    ratio: float  # of the rate with it to that without it, or for one step more of it
    low: float  # 95 % interval, bootstrap over tests
    high: float
    p: float  # corrected for the number of features (Holm)
    tests: int  # in which creatives differ in it

    @property
    def sure(self) -> bool:
        """Whether it is more than chance, given that so many features were looked at."""
        return self.p < 0.05


class _Moments(NamedTuple):
    score: Floats  # (t, f) by test
    curve: Floats  # (t, f, f)


def drivers(ads: Ads, features: Features, *, metric: Metric = "clicks", seed: int = 7) -> list[Driver]:
    """How features move a rate within tests, on the same day and before the same audience.

    Events of a stratum fall on its creatives in proportion to exposure times exp(features times effects): the
    Poisson model with a level of its own for each stratum, which conditioning on the stratum's events takes
    out (McFadden 1974; Hausman, Hall and Griliches 1984). Intervals come from drawing whole tests with one
    Newton step each, so that what makes a single creative or test unusual is counted once, not by the click.

    Args:
        ads: what was counted.
        features: of its creatives.
        metric: which rate.
        seed: of the bootstrap.

    Returns:
        The surest first; none where there are fewer than `LEAST_TESTS` tests.
    """
    model = _Model(ads, features.values, metric)
    if model.tests < LEAST_TESTS or not features.names:
        return []
    effects = model.fit()
    moments = model.moments(effects)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(model.tests, np.full(model.tests, 1 / model.tests), _DRAWS).astype(np.float64)
    curves = np.einsum("dt,tij->dij", times, moments.curve) + model.prior
    scores = times @ moments.score - model.prior @ effects
    draws = np.linalg.solve(curves, scores[..., None])[..., 0]
    spare = model.tests / max(model.tests - len(effects) / 4, 1)
    spread = draws.std(axis=0) * sqrt(spare)
    differ = (np.abs(moments.curve[:, range(len(effects)), range(len(effects))]) > 1e-9).sum(axis=0)
    told = differ >= LEAST_TESTS / 2
    degrees = max(model.tests - 1, 1)
    quantile = _t_quantile(degrees)
    p_values = holm(
        [
            _p(effect / max(width, 1e-12), degrees)
            for effect, width in zip(effects[told], spread[told], strict=True)
        ]
    )
    found = [
        Driver(
            feature=features.names[n],
            ratio=exp(effects[n]),
            low=exp(effects[n] - quantile * spread[n]),
            high=exp(effects[n] + quantile * spread[n]),
            p=p,
            tests=int(differ[n]),
        )
        for n, p in zip(np.flatnonzero(told), p_values, strict=True)
    ]
    return sorted(found, key=lambda driver: (driver.p, -abs(np.log(driver.ratio)), driver.feature))


class _Model:
    """Counts by row, with the numbers of strata and tests."""

    def __init__(self, ads: Ads, values: Floats, metric: Metric) -> None:
        what, per, _ = METRICS[metric]
        events, exposure = getattr(ads, what), getattr(ads, per)
        used = np.isfinite(events) & np.isfinite(exposure) & (exposure > 0)
        _, test_of = np.unique([creative.test for creative in ads.creatives], return_inverse=True)
        creative = ads.creative[used]
        days = ads.day.max(initial=0) + 2
        keys = (test_of[creative] * days + ads.day[used] + 1) * len(ads.audiences) + ads.audience[used]
        _, self.stratum = np.unique(keys, return_inverse=True)
        order = np.argsort(self.stratum, kind="stable")
        self.stratum, creative = self.stratum[order], creative[order]
        self.events, self.exposure = events[used][order], exposure[used][order]
        _, self.test = np.unique(test_of[creative], return_inverse=True)
        self.starts = np.flatnonzero(np.diff(self.stratum, prepend=-1))
        self.tests = int(self.test.max(initial=-1)) + 1
        self.values = values[creative]
        self.prior = np.eye(values.shape[1]) / _PRIOR**2

    def moments(self, effects: Floats) -> _Moments:
        """Gradient and curvature of the log likelihood by test, without the prior."""
        if not len(self.events):
            return _Moments(np.zeros((0, len(effects))), np.zeros((0, len(effects), len(effects))))
        weight = self.exposure * np.exp(np.clip(self.values @ effects, -20, 20))
        whole = np.add.reduceat(weight, self.starts)
        together = np.add.reduceat(self.events, self.starts)
        expected = weight * (together / whole)[self.stratum]
        means = np.add.reduceat(weight[:, None] * self.values, self.starts) / whole[:, None]
        centred = self.values - means[self.stratum]
        firsts = np.flatnonzero(np.diff(self.test, prepend=-1))
        score = np.add.reduceat((self.events - expected)[:, None] * centred, firsts)
        ends = [*firsts[1:], len(self.test)]
        curve = np.stack(
            [(centred[a:b] * expected[a:b, None]).T @ centred[a:b] for a, b in zip(firsts, ends, strict=True)]
        )
        return _Moments(score, curve)

    def fit(self) -> Floats:
        """(f,) effects of the greatest posterior, by Newton's method, long steps cut."""
        effects = np.zeros(self.values.shape[1])
        for _ in range(_STEPS):
            found = self.moments(effects)
            step = np.linalg.solve(
                found.curve.sum(axis=0) + self.prior, found.score.sum(axis=0) - self.prior @ effects
            )
            effects = effects + step / max(1.0, float(np.abs(step).max()))
            if np.abs(step).max() < 1e-8:
                break
        return effects


def _p(value: float, degrees: int) -> float:
    """Two-sided chance of Student's t, from the normal distribution (Hill 1970, the first terms)."""
    inner = degrees - 0.5
    z = sqrt(inner * np.log1p(value * value / degrees)) if inner > 0 else abs(value)
    return erfc(z / sqrt(2))


def _t_quantile(degrees: int) -> float:
    """What Student's t exceeds in 5 of 100 cases to either side."""
    low, high = 1.9, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _p(middle, degrees) < 0.05 else (middle, high)
    return high
