"""Every statistic of ads beside SciPy's, or beside the formula written out slowly."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import integrate, stats

from duomo.understand.ads_statistics import (
    LEAST,
    TAU,
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
    worth,
)

Floats = NDArray[np.float64]
counts = st.tuples(st.integers(200, 5000), st.integers(1, 150))


def two(first: tuple[int, int], second: tuple[int, int]) -> tuple[Floats, Floats]:
    """Events and exposure of two creatives in one stratum, from (exposure, events) of each."""
    return (
        np.array([[first[1]], [second[1]]], np.float64),
        np.array([[first[0]], [second[0]]], np.float64),
    )


@given(counts, counts)
def test_one_stratum_is_pearsons_test_but_for_one_degree_of_freedom(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    events, exposure = two(first, second)
    table = np.array([[n - k, k] for n, k in (first, second)])
    pearson = stats.chi2_contingency(table, correction=False).statistic
    whole = table.sum()
    assert p_once(score(events, exposure, rate="share")) == pytest.approx(
        float(stats.chi2.sf(pearson * (whole - 1) / whole, 1)), rel=1e-6, abs=1e-12
    )


@given(counts, counts)
def test_mean_and_variance_of_a_stratum_are_those_of_chance(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    events, exposure = two(first, second)
    together = first[1] + second[1]
    shares = stats.hypergeom(first[0] + second[0], together, first[0])
    flows = stats.binom(together, first[0] / (first[0] + second[0]))
    kinds: tuple[tuple[Rate, object], ...] = (("share", shares), ("flow", flows))
    for rate, chance in kinds:
        found = score(events, exposure, rate=rate)
        assert found.ahead[0] == pytest.approx(first[1] - chance.mean(), abs=1e-8)  # type: ignore[attr-defined]  # SciPy has no types
        assert found.variance[0] == pytest.approx(chance.var(), rel=1e-8)  # type: ignore[attr-defined]  # likewise


@given(counts, counts)
def test_the_ratio_of_one_stratum_is_scipys_relative_risk(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    events, exposure = two(first, second)
    known = stats.contingency.relative_risk(first[1], first[0], second[1], second[0])
    ends = known.confidence_interval(0.95)
    found = lift(events, exposure, rate="share")
    assert found is not None
    assert found.ratio == pytest.approx(known.relative_risk)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-6)


def test_strata_keep_a_creative_from_gaining_by_better_days() -> None:
    # Simpson's paradox: the first is worse on each day and better in the sum, as it ran on the better day.
    events = np.array([[90.0, 1.0], [11.0, 12.0]])
    exposure = np.array([[900.0, 100.0], [100.0, 900.0]])
    assert events.sum(axis=1)[0] / 1000 > events.sum(axis=1)[1] / 1000
    found = lift(events, exposure, rate="share")
    assert found is not None
    assert found.ratio < 1
    assert score(events, exposure, rate="share").ahead.sum() < 0
    rates = events.sum(axis=1) / worth(events, exposure)
    assert rates[0] < rates[1]


def test_a_difference_that_is_there_in_each_stratum_is_found_and_the_interval_covers() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        exposure = rng.integers(500, 2000, (2, 8)).astype(np.float64)
        base = 0.03 * np.exp(rng.normal(0, 0.5, 8))
        events = rng.binomial(exposure.astype(int), base * np.array([[1.3], [1.0]])).astype(np.float64)
        found = lift(events, exposure, rate="share")
        assert found is not None
        held.append(found.low <= 1.3 <= found.high)
    assert 0.92 <= np.mean(held) <= 0.98


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_for_many_questions_are_those_written_out(p_values: list[float]) -> None:
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    slow = [0.0] * len(p_values)
    for rank, place in enumerate(order):
        above = max(
            (p_values[other] * (len(order) - n) for n, other in enumerate(order[: rank + 1])), default=0
        )
        slow[place] = min(1.0, above)
    assert holm(p_values) == pytest.approx(slow)
    assert false_share(p_values) == pytest.approx(stats.false_discovery_control(p_values).tolist())


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.data())
def test_some_of_many_claims_are_never_corrected_less_than_among_all(
    p_values: list[float], data: st.DataObject
) -> None:
    some = sorted(data.draw(st.sets(st.integers(0, len(p_values) - 1), min_size=1)))
    among_all = holm(p_values)
    alone = holm([p_values[place] for place in some], len(p_values))
    for place, corrected in zip(some, alone, strict=True):
        assert corrected >= among_all[place] - 1e-12


def test_the_ratio_of_the_mixture_is_the_integral_it_stands_for() -> None:
    ahead, variance = 14.0, 60.0
    found = Score(np.array([ahead]), np.array([variance]), np.array([2.0 * LEAST]))

    def weighed(theta: float) -> float:
        likelier = stats.norm(theta * variance, variance**0.5).pdf(ahead) / stats.norm(0, variance**0.5).pdf(
            ahead
        )
        return float(likelier * stats.norm(0, TAU).pdf(theta))

    integral, _ = integrate.quad(weighed, -3, 3)
    assert p_always(found, np.zeros(1, int)) == pytest.approx(1 / integral, rel=1e-6)


def test_a_score_at_the_rim_of_its_reach_has_just_the_chance_that_was_named() -> None:
    variance, alpha = 80.0, 0.05
    ahead = reach_always(variance, alpha=alpha) * variance
    found = Score(np.array([ahead]), np.array([variance]), np.array([2.0 * LEAST]))
    assert p_always(found, np.zeros(1, int)) == pytest.approx(alpha)


def test_what_is_needed_finds_a_difference_four_times_in_five() -> None:
    effect = log(1.15)
    variance = variance_needed(effect)
    rng = np.random.default_rng(3)
    ahead = rng.normal(effect * variance, variance**0.5, 4000)
    found = np.abs(ahead) / variance > reach_always(variance)
    assert np.mean(found) == pytest.approx(0.8, abs=0.03)


def test_looking_every_day_makes_no_more_false_winners_than_were_named() -> None:
    rng = np.random.default_rng(5)
    always, once = [], []
    for _ in range(1500):
        exposure = rng.poisson(400, (2, 60)).astype(np.float64)
        events = rng.binomial(exposure.astype(int), 0.05).astype(np.float64)
        found = score(events, exposure, rate="share")
        always.append(p_always(found, np.arange(60)) < 0.05)  # the least of all looks
        peeks = [p_once(Score(*(part[:day] for part in found))) < 0.05 for day in range(5, 60)]
        once.append(any(peeks))
    assert np.mean(always) <= 0.05
    assert np.mean(once) > 0.2  # what the fixed test does to somebody who looks every day


def test_beliefs_are_those_of_the_beta_and_the_gamma_distribution() -> None:
    events, exposure = np.array([[30.0], [45.0]]), np.array([[1000.0], [1100.0]])
    first, second = (
        stats.beta(k + 0.5, n - k + 0.5) for k, n in zip(events[:, 0], exposure[:, 0], strict=True)
    )
    better, _ = integrate.quad(lambda rate: second.pdf(rate) * first.cdf(rate), 0, 0.2)
    loss, _ = integrate.quad(lambda rate: second.cdf(rate) * first.sf(rate), 0, 0.2)  # of choosing the second
    found = belief(events, exposure, rate="share")
    assert found.best[1] == pytest.approx(better, abs=0.01)
    assert found.loss[1] == pytest.approx(loss, rel=0.1)
    assert found.rate == pytest.approx([first.mean(), second.mean()], rel=0.01)
    assert (found.low[0], found.high[0]) == pytest.approx(first.interval(0.95), rel=0.02)
    flows = belief(events, exposure, rate="flow")
    assert flows.rate[0] == pytest.approx(stats.gamma(30.5, scale=1 / 1000).mean(), rel=0.01)


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 80)), min_size=2, max_size=5),
    st.integers(1, 4),
)
def test_where_all_ran_alike_exposure_is_worth_what_it_is(rows: list[tuple[int, int]], times: int) -> None:
    exposure = np.repeat(np.array([[float(n)] for n, _ in rows]), times, axis=1)
    events = np.repeat(np.array([[float(min(k, n))] for n, k in rows]), times, axis=1)
    assert worth(events, exposure) == pytest.approx(exposure.sum(axis=1), rel=1e-6)


def test_nothing_counted_claims_nothing() -> None:
    nothing = score(np.zeros((2, 3)), np.full((2, 3), 100.0), rate="share")
    assert p_once(nothing) == 1.0
    assert p_always(nothing, np.arange(3)) == 1.0
    assert lift(np.zeros((2, 3)), np.full((2, 3), 100.0), rate="share") is None
