"""How a creative wears out: its rate against how often it was shown, where it falls, replace by when."""

from dataclasses import dataclass, replace
from math import erfc, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_compare import METRICS, Metric
from duomo.understand.ads_statistics import holm

Floats = NDArray[np.float64]
LEAST_DAYS: Final = 7
LEAST_EVENTS: Final = 50  # of a creative, to say anything of a curve
FLOOR: Final = 0.7  # share of its first rate at which a creative is to be replaced
_DRAWS: Final = 4000
_BENDS: Final = 48  # places where the fall may begin
_STEPS: Final = 12
_RECENT: Final = 7  # days by which the pace of impressions is told
_POINTS: Final = 14  # of the curve as it is drawn


@dataclass(frozen=True, slots=True)
class Point:
    """Part of the life of a creative."""

    shown: float  # impressions before its middle
    rate: float  # what was counted
    low: float  # 95 % interval of what was counted
    high: float
    curve: float  # what the model says
    curve_low: float
    curve_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fatigue:
    """How one creative wears out; what has no meaning for one that is not tired is None."""

    creative: Creative
    p: float  # chance of such a fall where the rate stays, corrected for the number of creatives (Holm)
    tired: bool
    first: float  # rate before the fall
    now: float  # rate on the last day, by the model
    falls_from: tuple[float, float, float] | None  # impressions: middle and 95 % interval
    half_life: tuple[float, float, float] | None  # impressions in which the rate halves, from there on
    replace_at: tuple[float, float, float] | None  # impressions at which FLOOR of the first rate is left
    replace_by: tuple[str, str, str] | None  # the same as days, at the pace of the last week
    points: tuple[Point, ...]


def fatigue(ads: Ads, *, metric: Metric = "clicks", alpha: float = 0.05, seed: int = 7) -> list[Fatigue]:
    """The creatives that were seen long enough, the surest to be tired first.

    Model: the rate is even up to a number of impressions and falls by the same share with each further one;
    counts are Poisson, with as much more spread as the days show. The test is the largest score over all
    places where the fall may begin, against draws of the same where there is none (Davies 1987; a supremum
    has no table). What else changes with time (a season, a rival) looks the same in one creative's numbers.

    Args:
        ads: with days.
        metric: which rate.
        alpha: chance to call any creative tired that is not.
        seed: of the draws.
    """
    found = []
    for number in range(len(ads.creatives)):
        if one := _of_creative(ads, number, metric, seed):
            found.append(one)
    p_values = holm([one.p for one in found])
    told = []
    for one, p in zip(found, p_values, strict=True):
        fresh = {} if p < alpha else dict.fromkeys(("falls_from", "half_life", "replace_at", "replace_by"))
        told.append(replace(one, p=p, tired=p < alpha, **fresh))  # type: ignore[arg-type]  # None for each
    return sorted(told, key=lambda one: (one.p, one.creative.test, one.creative.id))


def _of_creative(ads: Ads, number: int, metric: Metric, seed: int) -> Fatigue | None:
    days, events, exposure, shown = _by_day(ads, number, metric)
    if len(days) < LEAST_DAYS or events.sum() < LEAST_EVENTS:
        return None
    middle = np.cumsum(shown) - shown / 2
    unit = float(shown.sum())
    bends = np.quantile(middle, np.linspace(0, 0.9, _BENDS))
    bends[0] = 0.0
    after = np.maximum(middle[None, :] - bends[:, None], 0) / unit  # (bends, days)
    level, slope, curve, likely = _fitted(after, events, exposure)
    best = int(np.argmax(likely))
    expected = exposure * np.exp(level[best] + slope[best] * after[best])
    spread = max(
        1.0, float(((events - expected) ** 2 / np.maximum(expected, 1e-9)).sum() / max(len(days) - 3, 1))
    )
    rng = np.random.default_rng([seed, number])
    p = _p_of_fall(after, events, exposure, spread, rng)
    weights = np.exp((likely - likely.max()) / spread)
    weights[0] *= len(bends) - 1  # as likely beforehand as all others: it falls from the first day on
    picked = rng.choice(len(bends), _DRAWS, p=weights / weights.sum())
    noise = rng.normal(size=(_DRAWS, 2)) * sqrt(spread)
    drawn = (
        np.stack([level[picked], slope[picked]], axis=1) + (_roots(curve)[picked] @ noise[..., None])[..., 0]
    )
    first, fall, bend = drawn[:, 0], np.minimum(drawn[:, 1], -1e-3), bends[picked]
    at = bend + unit * log(FLOOR) / fall
    pace = max(float(shown[-_RECENT:].sum()) / float(days[-1] - days[-min(_RECENT, len(days))] + 1), 1e-9)
    replace_at = _three(at)
    last = after[:, -1][picked]
    return Fatigue(
        creative=ads.creatives[number],
        p=p,
        tired=False,
        first=float(np.exp(np.median(first))),
        now=float(np.exp(np.median(first + drawn[:, 1] * last))),
        falls_from=_three(bend),
        half_life=_three(unit * log(0.5) / fall),
        replace_at=replace_at,
        replace_by=tuple(_day(days[-1], (each - unit) / pace) for each in replace_at),  # type: ignore[arg-type]  # of three
        points=_points(events, exposure, middle, unit, drawn, bend),
    )


def _by_day(ads: Ads, number: int, metric: Metric) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Days on which a creative was shown, its events, exposure and impressions.

    Exposure counts as that to the creative's usual mix of audiences: a turn to a colder one is no fatigue.
    """
    what, per, _ = METRICS[metric]
    happened, over = getattr(ads, what), getattr(ads, per)
    told = (ads.day >= 0) & np.isfinite(happened) & np.isfinite(over) & (over > 0)
    whole, together = (np.bincount(ads.audience[told], part[told]) for part in (over, happened))
    warmth = (together + 0.5) / (whole + 1)
    used = told & (ads.creative == number)
    days, place = np.unique(ads.day[used], return_inverse=True)
    weighed = over[used] * warmth[ads.audience[used]]
    weighed *= over[used].sum() / max(weighed.sum(), 1e-12)
    parts = (happened[used], weighed, ads.impressions[used])
    events, exposure, shown = (np.bincount(place, part).astype(np.float64) for part in parts)
    return days.astype(np.int64), events, exposure, shown


def _fitted(after: Floats, events: Floats, exposure: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """For each bend the level, the slope, their information (b, 2, 2), the log likelihood; by Newton."""
    level = np.full(len(after), log(events.sum() / exposure.sum()))
    slope = np.zeros(len(after))
    for _ in range(_STEPS):
        expected, curve = _information(after, exposure, level, slope)
        gap = events - expected
        gradient = np.stack([gap.sum(axis=1), (gap * after).sum(axis=1)], axis=1)
        step = np.linalg.solve(curve, gradient[..., None])[..., 0]
        step = np.clip(step, -2, 2)
        level, slope = level + step[:, 0], slope + step[:, 1]
    expected, curve = _information(after, exposure, level, slope)
    return level, slope, curve, (events * np.log(np.maximum(expected, 1e-12)) - expected).sum(axis=1)


def _information(after: Floats, exposure: Floats, level: Floats, slope: Floats) -> tuple[Floats, Floats]:
    expected = exposure * np.exp(np.clip(level[:, None] + slope[:, None] * after, -30, 0))
    cross = (expected * after).sum(axis=1)
    square = (expected * after**2).sum(axis=1) + 1e-6
    return expected, np.stack([np.stack([expected.sum(axis=1), cross]), np.stack([cross, square])]).transpose(
        2, 0, 1
    )


def _roots(curve: Floats) -> Floats:
    """(b, 2, 2) what turns independent noise into noise with the inverse of each information."""
    return np.linalg.cholesky(np.linalg.inv(curve))


def _p_of_fall(
    after: Floats, events: Floats, exposure: Floats, spread: float, rng: np.random.Generator
) -> float:
    """Chance that the largest score for a fall, over all bends, is as large where the rate is even."""
    expected = exposure * events.sum() / exposure.sum()
    centred = after - (after * expected).sum(axis=1, keepdims=True) / expected.sum()
    width = np.sqrt((centred**2 * expected).sum(axis=1)) + 1e-12
    found = float((-(centred @ (events - expected)) / width).max()) / sqrt(spread)
    noise = rng.normal(size=(_DRAWS, len(events))) * np.sqrt(expected)
    drawn = (noise @ centred.T / width).max(axis=1)
    bound = (
        len(after) * erfc(found / sqrt(2)) / 2
    )  # Bonferroni's; draws cannot tell what is rarer than they are
    return bound if bound < 1 / _DRAWS else float((1 + (drawn >= found).sum()) / (1 + _DRAWS))


def _points(
    events: Floats, exposure: Floats, middle: Floats, unit: float, drawn: Floats, bend: Floats
) -> tuple[Point, ...]:
    parts = np.array_split(np.arange(len(events)), min(_POINTS, len(events)))
    points = []
    for part in parts:
        there, over = float(events[part].sum()), float(exposure[part].sum())
        shown = float(middle[part].mean())
        lines = np.exp(drawn[:, 0] + drawn[:, 1] * np.maximum(shown - bend, 0) / unit)
        low, curve, high = map(float, np.quantile(lines, [0.025, 0.5, 0.975]))
        points.append(Point(shown, there / over, *_counted_between(there, over), curve, low, high))
    return tuple(points)


def _counted_between(events: float, exposure: float) -> tuple[float, float]:
    """95 % interval of a rate by the square root of its events (Freeman and Tukey 1950)."""
    root = sqrt(events + 3 / 8)
    return max(root - 0.98, 0) ** 2 / exposure, (root + 0.98) ** 2 / exposure


def _three(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    return float(middle), float(low), float(high)


def _day(last: int, later: float) -> str:
    """A day as 2026-11-30, not before the last one, not more than ten years after it."""
    return str(np.datetime64(int(last) + int(min(max(later, 0), 3650)), "D"))
