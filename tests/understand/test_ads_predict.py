"""Predictions for new creatives: learned from tests, as sure as they may be, kept in files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from duomo.catalog.sample.creatives import NOTHING
from duomo.errors import BadFile, MissingFile, WorseModel
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_fitting import fit_ads, sure_pairs, tell
from duomo.understand.ads_predict import AdsHead
from duomo.understand.heads import CARD, WEIGHTS

AdsTable = Callable[..., Ads]
GOOD = Creative(
    id="good", test="", copy="The mug that goes with everything. Only this week", offer="free shipping"
)
POOR = Creative(id="poor", test="", copy="Looking for a good mug?")


@pytest.fixture(scope="module")
def head(drawn_ads: AdsTable) -> AdsHead:
    return fit_ads(drawn_ads(0))


def test_what_sells_in_tests_is_expected_to_sell(head: AdsHead) -> None:
    good, poor = head.predict([GOOD, POOR])
    assert good.score > poor.score
    assert head.better(good.score, poor.score) > 0.8
    assert head.better(good.score, poor.score) == pytest.approx(1 - head.better(poor.score, good.score))
    assert good.low < good.rate < good.high
    assert {(feature.part, feature.name) for feature, _ in good.reasons} & {("offer", "free shipping")}


def test_a_copy_unlike_all_that_was_learned_is_doubted(head: AdsHead) -> None:
    strange, empty, chinese = head.predict(
        [Creative(id=copy, test="", copy=copy) for copy in ("qwzx jkvv", "", "百搭连衣裙")]
    )
    assert (strange.doubt, empty.doubt, chinese.doubt) == ("unknown", "empty", "")


def test_intervals_hold_the_rates_of_tests_that_were_not_learned_from(
    drawn_ads: AdsTable, head: AdsHead
) -> None:
    ads = drawn_ads(0)
    told, used = tell(ads)
    half = np.array([sum(map(ord, ads.creatives[n].test)) % 2 == 0 for n in range(len(ads.creatives))])
    learned = fit_ads(ads.only(half[ads.creative]), least=10)
    asked = [place for place, n in enumerate(used) if not half[n]]
    guesses = learned.predict([ads.creatives[used[place]] for place in asked])
    rates = np.exp(told.log_rate[asked])
    held = [guess.low <= rate <= guess.high for guess, rate in zip(guesses, rates, strict=True)]
    assert np.mean(held) > 0.85


def test_pairs_that_differ_are_told_better_first(drawn_ads: AdsTable) -> None:
    told, _ = tell(drawn_ads(0))
    pairs = sure_pairs(told)
    assert len(pairs) > 20
    assert (told.test[pairs[:, 0]] == told.test[pairs[:, 1]]).all()
    assert (told.ahead[pairs[:, 0]] > told.ahead[pairs[:, 1]]).all()


def test_nothing_to_learn_is_refused_and_so_are_too_few_tests(
    drawn_ads: AdsTable, ads_table: AdsTable
) -> None:
    with pytest.raises(WorseModel, match="no more than chance can"):
        fit_ads(drawn_ads(0, NOTHING))
    rows = [{"test": "t", "creative": name, "impressions": 900, "clicks": 30} for name in "ab"]
    with pytest.raises(BadFile, match="1 tests with two creatives or more"):
        fit_ads(ads_table(rows, ("test", "creative", "impressions", "clicks")))


def test_what_is_written_reads_back_and_says_the_same(head: AdsHead, tmp_path: Path) -> None:
    head.save(tmp_path / "heads" / "ads")
    again = AdsHead.load(tmp_path / "heads" / "ads")
    assert again.card == head.card
    assert np.allclose(again.scores([GOOD, POOR]), head.scores([GOOD, POOR]), atol=2e-3)  # weights of 16 bits


def test_a_damaged_or_missing_predictor_is_named(head: AdsHead, tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="no trained head"):
        AdsHead.load(tmp_path)
    head.save(tmp_path / "ads")
    (tmp_path / "ads" / WEIGHTS).write_bytes(b"x")
    with pytest.raises(BadFile, match="cannot be used"):
        AdsHead.load(tmp_path / "ads")
    head.save(tmp_path / "ads")
    (tmp_path / "ads" / CARD).write_text("{}")
    with pytest.raises(BadFile, match="duomo train ads"):
        AdsHead.load(tmp_path / "ads")
