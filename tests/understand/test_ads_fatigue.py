"""Curves of fatigue: where a fall begins, how fast it is, when to replace; and none where there is none."""

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import PoissonRegressor

from duomo.understand.ads import Ads
from duomo.understand.ads_fatigue import FLOOR, LEAST_DAYS, Fatigue, _fitted, fatigue

AdsTable = Callable[..., Ads]
COLUMNS = ("creative", "date", "impressions", "clicks")
FROM, HALF, SHOWN = 25_000.0, 30_000.0, 2000


def worn(
    ads_table: AdsTable,
    seed: int,
    *,
    half: float = HALF,
    creatives: int = 8,
    days: int = 40,
    level: float = 0.03,
) -> list[Fatigue]:
    """Creatives of which each falls from FROM impressions on, and halves with every `half` of them."""
    rng = np.random.default_rng([seed, 9])
    rows = []
    for number in range(creatives):
        seen = 0
        for day in range(days):
            impressions = int(rng.poisson(SHOWN))
            tail = max(0.0, seen + impressions / 2 - FROM) / half
            rate = level * 0.5**tail * np.exp(rng.normal(0, 0.05))  # days differ by more than counting does
            date = np.datetime64("2026-01-01") + day
            rows.append(
                dict(zip(COLUMNS, (number, date, impressions, rng.binomial(impressions, rate)), strict=True))
            )
            seen += impressions
    return fatigue(ads_table(rows, COLUMNS))


def test_planted_falls_are_found_where_they_are(ads_table: AdsTable) -> None:
    bends, halves, floors = [], [], []
    for seed in range(8):
        for one in worn(ads_table, seed):
            assert one.tired
            assert one.falls_from
            assert one.half_life
            assert one.replace_at
            bends.append(one.falls_from[1] <= FROM <= one.falls_from[2])
            halves.append(one.half_life[1] <= HALF <= one.half_life[2])
            floors.append(one.replace_at[1] <= FROM + HALF * -np.log2(FLOOR) <= one.replace_at[2])
    for held in (bends, halves, floors):
        assert np.mean(held) >= 0.88  # of 64; 95 % are meant


def test_an_even_rate_is_not_called_tired(ads_table: AdsTable) -> None:
    claims = [any(one.tired for one in worn(ads_table, seed, half=float("inf"))) for seed in range(12)]
    assert sum(claims) <= 3  # one in twenty is meant; 4 of 12 happen twice in 1,000 times


def test_only_tests_that_tire_are_called_tired(drawn_ads: AdsTable) -> None:
    from duomo.catalog.sample.creatives import ads
    from duomo.catalog.sample.plan import plan_product

    tires = {ad.id: ad.tires for ad in ads([plan_product(index, 7) for index in range(240)], 3)}
    found = {one.creative.id: one.tired for one in fatigue(drawn_ads(3))}
    false = sum(tired and not tires[id] for id, tired in found.items())
    right = sum(tired and tires[id] for id, tired in found.items())
    assert false <= 1
    assert right > 0.7 * sum(tires[id] for id in found)


def test_a_turn_to_a_colder_audience_is_no_fatigue(ads_table: AdsTable) -> None:
    rng = np.random.default_rng(6)
    columns = (*COLUMNS, "audience")
    rows = []
    for day in range(30):
        for audience, share, rate in (("warm", 0.9 - day * 0.025, 0.06), ("cold", 0.1 + day * 0.025, 0.02)):
            shown = int(3000 * share)
            date = np.datetime64("2026-01-01") + day
            rows.append(
                dict(zip(columns, ("A", date, shown, rng.binomial(shown, rate), audience), strict=True))
            )
    (mixed,) = fatigue(ads_table(rows, columns))
    assert not mixed.tired
    (blind,) = fatigue(ads_table(rows, COLUMNS))
    assert blind.tired  # what it looks like to who does not know the audiences


def test_what_was_seen_for_a_few_days_has_no_curve(ads_table: AdsTable) -> None:
    assert worn(ads_table, 1, days=LEAST_DAYS - 1) == []


def test_a_day_to_replace_by_lies_ahead_while_enough_is_left(ads_table: AdsTable) -> None:
    last = "2026-01-21"
    tired = [
        one for one in worn(ads_table, 4, half=50_000.0, days=21, level=0.2) if one.tired and one.replace_by
    ]
    assert len(tired) >= 3
    for one in tired:
        assert one.replace_by
        day, earliest, latest = one.replace_by
        assert last <= earliest <= day <= latest
    assert sum(one.replace_by[0] > last for one in tired if one.replace_by) >= 2


def test_the_curve_is_scikit_learns_poisson_regression() -> None:
    rng = np.random.default_rng(3)
    after = np.maximum(np.linspace(0, 1, 25) - 0.3, 0)
    exposure = rng.uniform(500, 1500, 25)
    events = rng.poisson(exposure * 0.04 * np.exp(-1.2 * after)).astype(np.float64)
    level, slope, _, _ = _fitted(after[None, :], events, exposure)
    witness = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(
        after[:, None], events / exposure, sample_weight=exposure
    )
    assert np.allclose([level[0], slope[0]], [witness.intercept_, witness.coef_[0]], atol=1e-3)
