"""The ads of the drawn shop: possible numbers, pictures that are there, and effects that are planted."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from duomo.catalog.sample.creatives import COLUMNS, DAYS, EFFECTS, MOST_TESTS, NOTHING, ad_rows, ads
from duomo.catalog.sample.plan import Plan


def test_the_table_names_pictures_that_are_drawn_and_the_truth_names_what_is_planted(
    small_shop: Path,
) -> None:
    with (small_shop / "ads.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert tuple(rows[0]) == COLUMNS
    assert all((small_shop / row["image"]).is_file() for row in rows)
    truth = json.loads((small_shop / "truth.json").read_text())["ads"]
    assert truth["question"] == EFFECTS.question
    assert set(truth["tired_tests"]) <= {row["test"] for row in rows}


def test_no_row_is_impossible_and_every_creative_runs_to_the_end(plans: Sequence[Plan]) -> None:
    made = ads(plans, 7)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in ad_rows(made, 7)]
    assert len({ad.test for ad in made}) == MOST_TESTS
    assert all(0 <= row["conversions"] <= row["clicks"] <= row["impressions"] for row in rows)  # type: ignore[operator]  # numbers
    days = {ad.id: DAYS - ad.late for ad in made}
    assert len(rows) == 2 * sum(days.values())  # two audiences
    languages = [ad.language for ad in made]
    assert 0.2 < sum(languages) / len(languages) < 0.6


def test_the_same_seed_gives_the_same_ads_and_another_gives_others(plans: Sequence[Plan]) -> None:
    assert list(ad_rows(ads(plans, 7), 7)) == list(ad_rows(ads(plans, 7), 7))
    assert ads(plans, 7) != ads(plans, 8)


@pytest.mark.parametrize("language", [0, 1])
def test_a_copy_says_what_its_factor_is_made_of(plans: Sequence[Plan], language: int) -> None:
    made = [ad for ad in ads(plans, 7, EFFECTS._replace(spread=0.0)) if ad.language == language]
    urgent = ("Only this week", "Last chance", "限时一周", "最后机会")
    for ad in made:
        factor = EFFECTS.offers.get(ad.offer, 1.0)
        factor *= EFFECTS.question if ad.copy.count("?") + ad.copy.count("？") else 1
        factor *= EFFECTS.urgency if any(words in ad.copy for words in urgent) else 1
        factor *= EFFECTS.close_up if ad.style == "close-up" else 1
        factor *= EFFECTS.red if ad.color == "red" else 1
        assert ad.factor == pytest.approx(factor)
        assert "{" not in ad.copy
    assert {ad.factor for ad in ads(plans, 7, NOTHING)} == {1.0}
