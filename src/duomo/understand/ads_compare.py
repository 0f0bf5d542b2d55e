"""Which creative of a test is better, and whether that is sure, too early to say, or does not matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil, log
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_statistics import (
    DRAWS,
    LEAST,
    Floats,
    Lift,
    Rate,
    Score,
    belief,
    false_share,
    holm,
    lift,
    p_always,
    p_once,
    reach_always,
    score,
    variance_needed,
)

Metric = Literal["clicks", "conversions", "conversions_per_money"]
# sure: also if it was looked at every day; sure_at_end: only if the test was planned to end here; alike: any
# difference is smaller than what matters; wait: too early; apart: they never ran side by side; alone: one.
Verdict = Literal["sure", "sure_at_end", "alike", "wait", "apart", "alone"]

ALPHA: Final = 0.05
MATTERS: Final = 0.1  # share of the rate
_ALL_PAIRS: Final = 100  # creatives of a test of which every pair is tried; of more, those with the leader
_DRAWN: Final = 40_000_000  # numbers for all creatives together
_FEW_DRAWS: Final = 4_000  # for each of very many: chances are then off by 0.008 at most, one standard error
_LARGEST: Final = 10_000_000  # creatives times days times audiences of one test
# Metric -> columns of events and of exposure, kind of rate.
METRICS: Final[dict[Metric, tuple[str, str, Rate]]] = {
    "clicks": ("clicks", "impressions", "share"),
    "conversions": ("conversions", "clicks", "share"),
    "conversions_per_money": ("conversions", "spend", "flow"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one creative of a test did."""

    creative: Creative
    events: float
    exposure: float
    rate: float  # mean of what is to be believed, in average strata of the test
    low: float
    high: float
    best: float  # chance that it is the best of the test
    loss: float  # rate that is lost on average by choosing it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The leader of a test against another creative of it."""

    other: int  # number of the standing
    lift: Lift | None  # of the leader's rate over the other's; None: one of them has no event
    p_once: float  # corrected for all pairs of the test (Holm)
    p_always: float  # the same if it was looked at every day
    more: int  # impressions (clicks, money) that both together still need; 0: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is known of one test, for one audience or period or for all."""

    test: str
    part: str  # of the audience or period; "": all
    metric: Metric
    standings: tuple[Standing, ...]  # the leader first
    pairs: tuple[Pair, ...]  # of the leader with each other one
    verdict: Verdict
    more: int  # impressions (clicks, money) until a difference that matters is found, all together; 0: none
    p: float  # of the leader against the strongest other one
    q: float = 1.0  # share of false claims among all tests if this and all that are as sure are claimed


def compare(
    ads: Ads,
    *,
    metric: Metric = "clicks",
    by: Literal["", "audience", "month", "week"] = "",
    matters: float = MATTERS,
    alpha: float = ALPHA,
) -> list[Compared]:
    """Compare the creatives of each test, the surest first.

    Args:
        ads: what was counted.
        metric: rate that is compared: clicks of impressions, conversions of clicks, conversions for money.
        by: tell each audience or period apart.
        matters: the smallest difference that matters, as a share of the rate, above 0.
        alpha: chance of any false claim within a test.

    Returns:
        Tests without an event or exposure of this metric are left out.
    """
    found = []
    told = [np.isfinite(getattr(ads, name)).any() for name in METRICS[metric][:2]]
    draws = min(DRAWS, max(_FEW_DRAWS, _DRAWN // max(len(ads.creatives), 1)))
    for part, some in _parts(ads, by) if all(told) else ():
        rows_of = some.rows_of
        for test, members in some.tests.items():
            numbers = counted(some, members, metric, rows_of[test])
            one = _of_test(some, test, *numbers, metric=metric, matters=matters, alpha=alpha, draws=draws)
            if one:
                found.append(replace(one, part=part))
    shares = false_share([one.p for one in found])
    judged = [replace(one, q=q) for one, q in zip(found, shares, strict=True)]
    return sorted(judged, key=lambda one: (one.p, one.test, one.part))


def _parts(ads: Ads, by: str) -> Iterator[tuple[str, Ads]]:
    if not by:
        yield "", ads
    elif by == "audience":
        for number, audience in enumerate(ads.audiences):
            yield audience, ads.only(ads.audience == number)
    else:
        days = ads.day.astype("datetime64[D]")
        unit = "datetime64[M]" if by == "month" else "datetime64[W]"
        starts = (
            days.astype(unit).astype("datetime64[D]").astype(str)
            if by == "week"
            else days.astype(unit).astype(str)
        )
        for start in np.unique(starts[ads.day >= 0]):
            yield str(start), ads.only((starts == start) & (ads.day >= 0))


def _of_test(
    ads: Ads,
    test: str,
    events: Floats,
    exposure: Floats,
    looks: NDArray[np.int64],
    members: Sequence[int],
    *,
    metric: Metric,
    matters: float,
    alpha: float,
    draws: int,
) -> Compared | None:
    if not len(members) or not events.sum():
        return None
    rate = METRICS[metric][2]
    believed = belief(events, exposure, rate=rate, draws=draws)
    order = np.argsort(-believed.rate, kind="stable")
    standings = tuple(
        Standing(
            creative=ads.creatives[members[n]],
            events=float(events[n].sum()),
            exposure=float(exposure[n].sum()),
            rate=float(believed.rate[n]),
            low=float(believed.low[n]),
            high=float(believed.high[n]),
            best=float(believed.best[n]),
            loss=float(believed.loss[n]),
        )
        for n in order
    )
    compared = Compared(
        test=test, part="", metric=metric, standings=standings, pairs=(), verdict="alone", more=0, p=1.0
    )
    if len(members) < 2:
        return compared
    events, exposure = events[order], exposure[order]
    count = len(order) * (len(order) - 1) // 2
    if len(order) <= _ALL_PAIRS:
        both = list(combinations(range(len(order)), 2))
    else:
        both = [(0, other) for other in range(1, len(order))]
    scores = [score(events[list(pair)], exposure[list(pair)], rate=rate) for pair in both]
    enough = [float(one.least.sum()) >= LEAST for one in scores]
    once = holm([p_once(one) if ok else 1.0 for one, ok in zip(scores, enough, strict=True)], count)
    always = holm([p_always(one, looks) for one in scores], count)
    each = alpha / count  # Bonferroni's share: Holm's first step, for intervals and for what is needed
    needed = variance_needed(log(1 + matters), alpha=each)
    pairs = []
    for n, (first, other) in enumerate(both[: len(order) - 1]):  # those with the leader come first
        two = [first, other]
        pairs.append(
            Pair(
                other=other,
                lift=lift(events[two], exposure[two], rate=rate, alpha=each),
                p_once=once[n],
                p_always=always[n],
                more=_more(scores[n], events[two], exposure[two], needed, rate),
            )
        )
    verdict = _verdict(pairs, scores, matters, alpha, each)
    open_ones = [pair for pair in pairs if pair.p_always >= alpha]
    return replace(
        compared,
        pairs=tuple(pairs),
        verdict=verdict,
        more=sum(pair.more for pair in open_ones) if verdict in ("wait", "sure_at_end") else 0,
        p=max(pair.p_always for pair in pairs),
    )


def counted(
    ads: Ads, members: Sequence[int], metric: Metric, rows: NDArray[np.int64]
) -> tuple[Floats, Floats, NDArray[np.int64], list[int]]:
    """(k, s) events and exposure, (s,) days, and the creatives with any exposure.

    Args:
        ads: what was counted.
        members: creatives of a test.
        metric: rate that is meant.
        rows: those of the test.

    Raises:
        BadFile: the test is too large to be compared day by day.
    """
    what, per, _ = METRICS[metric]
    number = np.full(len(ads.creatives), -1)
    number[list(members)] = np.arange(len(members))
    happened, shown = getattr(ads, what)[rows], getattr(ads, per)[rows]
    used = np.isfinite(happened) & np.isfinite(shown) & (shown > 0)
    rows = rows[used]
    keys = ads.day[rows] * len(ads.audiences) + ads.audience[rows]
    strata, place = np.unique(keys, return_inverse=True)
    if len(members) * len(strata) > _LARGEST:
        test = ads.creatives[members[0]].test
        problem = f"the test '{test}' has {len(members):,} creatives on {len(strata):,} days and audiences"
        raise BadFile(f"{problem}, too many to compare", remedy="Name smaller ones with --map test=COLUMN")
    events = np.zeros((len(members), len(strata)))
    exposure = np.zeros_like(events)
    np.add.at(events, (number[ads.creative[rows]], place), happened[used])
    np.add.at(exposure, (number[ads.creative[rows]], place), shown[used])
    there = exposure.sum(axis=1) > 0
    kept = [member for member, ran in zip(members, there, strict=True) if ran]
    return events[there], exposure[there], strata // len(ads.audiences), kept


def _verdict(
    pairs: Sequence[Pair], scores: Sequence[Score], matters: float, alpha: float, each: float
) -> Verdict:
    variances = [float(one.variance.sum()) for one in scores[: len(pairs)]]
    if min(variances) <= 0:
        return "apart"
    if all(pair.p_always < alpha for pair in pairs):
        return "sure"
    reaches = [
        abs(float(one.ahead.sum())) / variance + reach_always(variance, alpha=each)
        for one, variance in zip(scores, variances, strict=False)
    ]
    if all(
        reach < log(1 + matters) for pair, reach in zip(pairs, reaches, strict=True) if pair.p_always >= alpha
    ):
        return "alike"
    return "sure_at_end" if all(pair.p_once < alpha for pair in pairs) else "wait"


def _more(one: Score, events: Floats, exposure: Floats, needed: float, rate: Rate) -> int:
    """Exposure of both that is missing until the variance of the score is what is needed."""
    mean = events.sum() / exposure.sum()
    missing = needed - float(one.variance.sum())
    per_event = mean * (1 - mean if rate == "share" else 1) / 4  # variance for each piece, half of them each
    return ceil(missing / per_event) if missing > 0 and per_event > 0 else 0
