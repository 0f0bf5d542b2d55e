"""What drives the rate: planted effects are found in their intervals, and none where none is planted."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import PoissonRegressor

from duomo.catalog.sample.creatives import EFFECTS, NOTHING
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_drivers import LEAST_TESTS, Driver, _Model, _p, _t_quantile, drivers
from duomo.understand.ads_features import COPY, Feature, features_of, filled, measured

AdsTable = Callable[..., Ads]
COLUMNS = ("test", "creative", "copy", "impressions", "clicks")
PLANTED = {
    ("copy", "question"): EFFECTS.question,
    ("copy", "urgency"): EFFECTS.urgency,
    ("style", "close-up"): EFFECTS.close_up,
    **{("offer", offer): factor for offer, factor in EFFECTS.offers.items()},
}


def found_in(ads: Ads) -> dict[tuple[str, str], Driver]:
    return {(one.feature.part, one.feature.name): one for one in drivers(ads, features_of(ads.creatives))}


SEEDS = [3, pytest.param(24, marks=pytest.mark.slow)]


@pytest.mark.parametrize("seeds", SEEDS)
def test_planted_effects_lie_in_their_intervals_as_often_as_these_say(
    drawn_ads: AdsTable, seeds: int
) -> None:
    held, sure = [], []
    for seed in range(seeds):
        found = found_in(drawn_ads(seed))
        held += [found[key].low <= factor <= found[key].high for key, factor in PLANTED.items()]
        sure += [found[key].sure for key, factor in PLANTED.items() if abs(factor - 1) > 0.14]
    assert stats.binomtest(sum(held), len(held), 0.95).pvalue > 0.005
    assert np.mean(sure) > 0.9


@pytest.mark.parametrize("seeds", SEEDS)
def test_where_nothing_is_planted_nothing_is_claimed(drawn_ads: AdsTable, seeds: int) -> None:
    claims = [any(one.sure for one in found_in(drawn_ads(seed, NOTHING)).values()) for seed in range(seeds)]
    assert stats.binomtest(sum(claims), seeds, 0.05, alternative="greater").pvalue > 0.005


def test_effects_are_those_of_a_poisson_regression_with_a_level_for_each_stratum(ads_table: AdsTable) -> None:
    rng = np.random.default_rng(2)
    rows, levels = [], rng.uniform(0.02, 0.06, 12)
    for test, level in enumerate(levels):
        for number in range(3):
            rate = level * (1.3 if number == 1 else 1.0)
            copy = "Why?" if number == 1 else "So"
            rows.append(dict(zip(COLUMNS, (test, number, copy, 3000, rng.binomial(3000, rate)), strict=True)))
    ads = ads_table(rows, COLUMNS)
    model = _Model(ads, np.array([[float("?" in one.copy)] for one in ads.creatives]), "clicks")
    model.prior = np.zeros((1, 1))
    strata = np.eye(len(levels))[model.stratum]
    witness = PoissonRegressor(alpha=0, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(
        np.concatenate([model.values, strata], axis=1),
        model.events / model.exposure,
        sample_weight=model.exposure,
    )
    assert model.fit()[0] == pytest.approx(witness.coef_[0], abs=1e-3)


def test_few_tests_are_too_few_to_say_what_drives_them(ads_table: AdsTable) -> None:
    rows = [
        {"test": f"t{test}", "creative": copy, "copy": copy, "impressions": 3000, "clicks": 90}
        for test in range(LEAST_TESTS - 1)
        for copy in ("Why not?", "Because")
    ]
    ads = ads_table(rows, COLUMNS)
    assert drivers(ads, features_of(ads.creatives)) == []


@pytest.mark.parametrize(
    ("copy", "named"),
    [
        ("Only today: 20% off everything!", {"urgency", "discount", "number", "exclamation"}),
        ("限时8折,买一送一,全场包邮!", {"urgency", "discount", "number", "exclamation", "free", "gift"}),
        ("你知道为什么大家都爱它吗？", {"you", "how", "question", "he_she"}),
        ("Why do you love our new mug?", {"you", "how", "question", "we", "new"}),
        ("Built to last", set()),
        ("FREE shipping on orders over $20 🎁", {"free", "capitals", "price", "number", "emoji"}),
    ],
)
def test_what_a_copy_has_is_seen_in_both_languages(copy: str, named: set[str]) -> None:
    values = measured([Creative(id="1", test="t", copy=copy)], [Feature("copy", name) for name in COPY])[0]
    found = {name for name, value in zip(COPY, values, strict=True) if value and name != "length"}
    assert found - {"he_she"} == named - {"he_she"}


def test_pictures_are_measured_and_a_missing_one_is_taken_for_the_mean() -> None:
    bright, dark = np.full((40, 30, 3), 250, np.uint8), np.full((40, 30, 3), 20, np.uint8)
    shown = {"a": bright, "b": dark}
    creatives = [Creative(id=name, test="t", picture=name) for name in ("a", "b", "none")]
    values = measured(creatives, [Feature("picture", "bright")], picture=lambda one: shown.get(one.picture))
    assert values[0, 0] > 4.5 > 0.5 > values[1, 0]
    assert np.isnan(values[2, 0])
    assert filled(values)[2, 0] == pytest.approx(values[:2, 0].mean())
    assert filled(values, np.array([3.0]))[2, 0] == 3


@pytest.mark.parametrize("degrees", [7, 12, 40, 300])
def test_students_t_is_scipys_but_for_a_hundredth(degrees: int) -> None:
    assert _t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=0.01)
    for value in (0.5, 2.0, 3.5):
        assert _p(value, degrees) == pytest.approx(2 * stats.t.sf(value, degrees), rel=0.06)


def test_of_a_column_with_very_many_values_the_commonest_are_told_apart() -> None:
    offers = [f"{value} off" for value in range(100) for _ in range(5 if value < 7 else 4)]
    shown = [
        Creative(id=f"{test}-{offer}", test=str(test), offer=offer)
        for test, offer in enumerate(offers)
        for offer in (offer, "")
    ]
    found = [feature for feature in features_of(shown).names if feature.part == "offer"]
    assert len(found) == 30
    assert {f"{value} off" for value in range(7)} <= {feature.name for feature in found}
    assert {feature.against for feature in found} == {""}
