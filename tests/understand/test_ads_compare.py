"""Verdicts on tests: what is sure, what is too early, and that nothing is claimed where nothing is."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from duomo.catalog.sample.creatives import NOTHING
from duomo.errors import BadFile
from duomo.understand.ads import Ads
from duomo.understand.ads_compare import compare

AdsTable = Callable[..., Ads]
COLUMNS = ("test", "creative", "audience", "date", "impressions", "clicks", "spend", "conversions")


def rows_of(
    rates: Sequence[float], *, days: int = 20, shown: int = 1000, seed: int = 1, test: str = "t"
) -> list[dict[str, object]]:
    """One test: each creative with its rate, a row a day."""
    rng = np.random.default_rng([seed, len(rates)])
    rows = []
    for day in range(1, days + 1):
        for number, rate in enumerate(rates):
            clicks = int(rng.binomial(shown, rate))
            values = (
                test,
                f"c{number}",
                "",
                f"2026-01-{day:02d}",
                shown,
                clicks,
                clicks * 0.5,
                rng.binomial(clicks, 0.1),
            )
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def test_a_large_difference_is_a_sure_winner_with_its_chances(ads_table: AdsTable) -> None:
    (found,) = compare(ads_table(rows_of([0.03, 0.05]), COLUMNS))
    assert (found.verdict, found.standings[0].creative.id, found.more) == ("sure", "c1", 0)
    assert found.standings[0].best > 0.999
    assert found.standings[0].loss < 0.0001 < found.standings[1].loss
    assert found.pairs[0].lift is not None
    assert found.pairs[0].lift.low <= 5 / 3 <= found.pairs[0].lift.high
    assert found.standings[1].low <= 0.03 <= found.standings[1].high


def test_a_small_sample_is_too_early_and_says_how_many_more(ads_table: AdsTable) -> None:
    (found,) = compare(ads_table(rows_of([0.03, 0.05], days=1, shown=100), COLUMNS))
    assert found.verdict == "wait"
    (later,) = compare(ads_table(rows_of([0.03, 0.031], days=20), COLUMNS))
    assert later.verdict == "wait"
    assert 0 < later.more < found.more  # what was counted already need not be counted again
    (coarse,) = compare(ads_table(rows_of([0.03, 0.031], days=20), COLUMNS), matters=0.5)
    assert coarse.more < later.more


def test_many_impressions_without_a_difference_that_matters_are_alike(ads_table: AdsTable) -> None:
    (found,) = compare(ads_table(rows_of([0.1, 0.1], shown=20_000), COLUMNS))
    assert (found.verdict, found.more) == ("alike", 0)


def test_creatives_that_never_ran_side_by_side_are_not_compared(ads_table: AdsTable) -> None:
    first = rows_of([0.03], days=8)
    second = [
        {**row, "creative": "c9", "date": f"2026-02-{n:02d}"}
        for n, row in enumerate(rows_of([0.06], days=8), 1)
    ]
    (found,) = compare(ads_table([*first, *second], COLUMNS))
    assert found.verdict == "apart"
    (lonely,) = compare(ads_table(first, COLUMNS))
    assert lonely.verdict == "alone"


def test_audiences_and_months_are_told_apart(ads_table: AdsTable) -> None:
    young = [{**row, "audience": "18-24"} for row in rows_of([0.03, 0.05])]
    old = [
        {**row, "audience": "50+", "date": str(row["date"]).replace("-01-", "-02-")}
        for row in rows_of([0.05, 0.03], seed=2)
    ]
    ads = ads_table([*young, *old], COLUMNS)
    leaders = {one.part: one.standings[0].creative.id for one in compare(ads, by="audience")}
    assert leaders == {"18-24": "c1", "50+": "c0"}
    assert {one.part for one in compare(ads, by="month")} == {"2026-01", "2026-02"}
    assert all(one.part for one in compare(ads, by="week"))


def test_conversions_and_what_they_cost_are_compared_alike(ads_table: AdsTable) -> None:
    rows = rows_of([0.1, 0.1], shown=5000)
    for row in rows:
        if row["creative"] == "c1":
            row["conversions"] = min(int(str(row["conversions"])) * 2, int(str(row["clicks"])))
    ads = ads_table(rows, COLUMNS)
    for metric in ("conversions", "conversions_per_money"):
        (found,) = compare(ads, metric=metric)
        assert (found.verdict, found.standings[0].creative.id) == ("sure", "c1")
        assert found.pairs[0].lift is not None
        assert found.pairs[0].lift.ratio == pytest.approx(2, rel=0.2)


def test_of_very_many_creatives_the_leader_is_held_against_each_and_corrected_for_all_pairs(
    ads_table: AdsTable,
) -> None:
    rng = np.random.default_rng(3)
    shown = [
        {"test": "t", "creative": f"c{n}", "impressions": 9000, "clicks": int(rng.binomial(9000, 0.01))}
        for n in range(149)
    ]
    columns = ("test", "creative", "impressions", "clicks")
    (alike,) = compare(ads_table(shown, columns))
    assert alike.verdict == "wait"
    assert len(alike.pairs) == 148
    best = {"test": "t", "creative": "best", "impressions": 9000, "clicks": 300}
    (found,) = compare(ads_table([*shown, best], columns))
    assert (found.verdict, found.standings[0].creative.id) == ("sure", "best")


def test_a_test_too_large_to_compare_is_refused_in_words(ads_table: AdsTable) -> None:
    rows = [
        {"creative": f"c{n}", "date": f"{1000 + n}-01-01", "impressions": 9, "clicks": 1} for n in range(3200)
    ]
    with pytest.raises(BadFile, match="3,200 creatives on 3,200 days"):
        compare(ads_table(rows, ("creative", "date", "impressions", "clicks")))


def test_the_order_of_rows_changes_nothing(ads_table: AdsTable) -> None:
    rows = rows_of([0.03, 0.04, 0.035])
    there, back = compare(ads_table(rows, COLUMNS)), compare(ads_table(rows[::-1], COLUMNS))
    assert there[0].p == pytest.approx(back[0].p)
    assert [s.creative.id for s in there[0].standings] == [s.creative.id for s in back[0].standings]


@pytest.mark.parametrize("seeds", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_without_any_effect_hardly_a_test_has_a_winner_though_all_days_were_looked_at(
    drawn_ads: AdsTable, seeds: int
) -> None:
    verdicts: Counter[str] = Counter()
    for seed in range(seeds):
        verdicts.update(one.verdict for one in compare(drawn_ads(seed, NOTHING)))
    assert sum(verdicts.values()) == 40 * seeds
    assert verdicts["sure"] <= 0.05 * sum(verdicts.values())


def test_planted_differences_name_the_creative_that_is_better(drawn_ads: AdsTable) -> None:
    from duomo.catalog.sample.creatives import ads
    from duomo.catalog.sample.plan import plan_product

    factor = {ad.id: ad.factor for ad in ads([plan_product(index, 7) for index in range(240)], 1)}
    sure = [one for one in compare(drawn_ads(1)) if one.verdict == "sure"]
    assert len(sure) >= 5
    for one in sure:
        best = max(one.standings, key=lambda standing: factor[standing.creative.id])
        assert factor[one.standings[0].creative.id] >= 0.97 * factor[best.creative.id]


def test_a_test_is_judged_by_its_own_rows_wherever_they_stand(ads_table: AdsTable) -> None:
    rates = {"a": [0.03, 0.05], "b": [0.04, 0.04, 0.06], "c": [0.05]}
    rows = [
        row for seed, (test, each) in enumerate(rates.items()) for row in rows_of(each, seed=seed, test=test)
    ]
    order = np.random.default_rng(3).permutation(len(rows))
    mixed = ads_table([rows[place] for place in order], COLUMNS)
    assert sorted(np.concatenate([*mixed.rows_of.values()])) == [*range(len(rows))]
    for found in compare(mixed):
        (alone,) = compare(mixed.only(np.isin(np.arange(len(rows)), mixed.rows_of[found.test])))
        assert (alone.standings, alone.pairs, alone.verdict) == (
            found.standings,
            found.pairs,
            found.verdict,
        )


def test_what_no_row_tells_is_not_compared(ads_table: AdsTable) -> None:
    rows = [{**row, "conversions": ""} for row in rows_of([0.03, 0.05])]
    assert not compare(ads_table(rows, COLUMNS), metric="conversions")
