"""The statistics of feedback, beside SciPy and scikit-learn, and on planted data."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from duomo.understand.feedback_statistics import (
    changes,
    discoveries,
    drivers,
    stars_lost,
    trend,
    two_shares,
    wilson,
)


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (3, 10), (5, 5), (40, 1000)])
def test_a_share_has_the_interval_of_scipy(hits: int, count: int) -> None:
    other = stats.binomtest(hits, count).proportion_ci(method="wilson")
    share = wilson(hits, count)
    assert (share.low, share.high) == pytest.approx((other.low, other.high), abs=1e-6)


@pytest.mark.parametrize("table", [(8, 10, 1, 10), (0, 7, 3, 9), (50, 100, 60, 100), (5, 5, 5, 5)])
def test_two_shares_are_told_apart_as_by_fishers_test(table: tuple[int, int, int, int]) -> None:
    hits, count, other, of = table
    exact = stats.fisher_exact([[hits, count - hits], [other, of - other]]).pvalue
    assert two_shares(*table) == pytest.approx(exact, abs=1e-6)


def test_discoveries_are_those_of_scipy() -> None:
    ps = np.random.default_rng(0).uniform(size=50) ** 3
    assert discoveries(ps.tolist()) == (stats.false_discovery_control(ps) <= 0.05).tolist()


def test_a_trend_is_the_slope_of_logistic_regression() -> None:
    rng = np.random.default_rng(0)
    times = rng.uniform(0, 10, 3000)
    mentioned = rng.uniform(size=3000) < 1 / (1 + np.exp(2 - 0.2 * times))
    found = trend(mentioned, times)
    model = LogisticRegression(C=np.inf, tol=1e-8).fit(times[:, None], mentioned)
    assert found
    assert np.log(found.value) == pytest.approx(model.coef_[0, 0], abs=1e-4)
    assert found.low < np.exp(0.2) < found.high


def test_without_time_or_without_mentions_there_is_no_trend() -> None:
    assert trend(np.array([True, False]), np.array([1.0, 1.0])) is None
    assert trend(np.array([False, False]), np.array([1.0, 2.0])) is None


def test_a_planted_change_is_found_where_it_is() -> None:
    rng = np.random.default_rng(1)
    times = np.sort(rng.uniform(0, 100, 1200))
    mentioned = rng.uniform(size=1200) < np.where(times < 60, 0.05, 0.25)
    found = changes(mentioned, times)
    assert len(found) == 1
    assert found[0].at == pytest.approx(60, abs=6)
    assert found[0].before < 0.1 < 0.2 < found[0].after


def test_where_nothing_changes_hardly_ever_is_a_change_claimed() -> None:
    rng = np.random.default_rng(2)
    times = np.arange(300.0)
    claimed = sum(bool(changes(rng.uniform(size=300) < 0.1, times, seed=n)) for n in range(100))
    assert claimed <= 5


def test_the_group_with_a_planted_trouble_drives_it_and_a_group_of_one_does_not() -> None:
    rng = np.random.default_rng(3)
    names = np.array([f"p{number}" for number in rng.integers(0, 20, 2000)] + ["lone"])
    share = np.where(names == "p7", 0.3, 0.05)
    mentioned = rng.uniform(size=len(names)) < share
    mentioned[-1] = True
    found = drivers(names, mentioned)
    assert found[0].name == "p7"
    assert "lone" not in [driver.name for driver in found]
    assert 0.2 < found[0].share < 0.4
    assert found[0].more == pytest.approx(found[0].mentions - found[0].remarks * mentioned.mean(), abs=1)


def test_what_a_theme_costs_is_recovered_although_another_comes_with_it() -> None:
    rng = np.random.default_rng(4)
    first = rng.uniform(size=4000) < 0.2
    second = rng.uniform(size=4000) < np.where(first, 0.5, 0.1)
    ratings = 4.5 - 2.0 * first - 0.5 * second + rng.normal(0, 0.5, 4000)
    ratings[::10] = np.nan
    one, two = stars_lost(ratings, np.stack([first, second], axis=1))
    assert one.low < 0.4 < one.high
    assert two.low < 0.5 * second.mean() < two.high
