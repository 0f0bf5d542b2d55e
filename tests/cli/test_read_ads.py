"""duomo read ads and duomo train ads as merchandisers and scripts meet them."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.sample.creatives import COLUMNS, ad_rows, ads
from duomo.catalog.sample.plan import plan_product

Duomo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ads of a drawn shop, with one row that cannot be true."""
    plans = [plan_product(index, 7) for index in range(180)]
    path = tmp_path_factory.mktemp("ads") / "ads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(ad_rows(ads(plans, 7), 7))
        writer.writerow([*["x"] * 8, "2025-09-01", 10, 11, 1, 0])
    return path


@pytest.fixture(scope="module")
def new(table: Path) -> Path:
    path = table.with_name("new.csv")
    path.write_text("文案,优惠\n百搭连衣裙，限时一周,free shipping\n想要一款好连衣裙吗？,\n", "utf-8")
    return path


def test_a_table_becomes_a_document_a_page_and_a_csv(duomo: Duomo, table: Path, new: Path) -> None:
    page, out = table.with_name("page.html"), table.with_name("out.csv")
    run = duomo(
        "read", "ads", table, "--predict", new, "--report", page, "--lang", "zh", "--out", out, "--json"
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["tests"], told["skipped"]) == (30, 1)
    assert "more than the impressions" in told["problems"][0]["problem"]
    sure = {
        (one["part"], one["name"]) for one in told["drivers"] if one["sure"] and one["metric"] == "clicks"
    }
    assert ("offer", "free shipping") in sure
    assert told["predicted"][0]["copy"] == "百搭连衣裙，限时一周"
    assert "广告效果分析" in page.read_text("utf-8")
    with out.open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    assert {line["verdict"] for line in lines} <= {"sure", "sure_at_end", "alike", "wait", "apart", "alone"}
    assert told["missing"]  # pictures were not drawn


def test_a_person_is_told_who_wins_what_drives_it_and_what_is_worn_out(duomo: Duomo, table: Path) -> None:
    run = duomo("read", "ads", table)
    assert run.returncode == 0, run.stderr
    assert "30 tests" in run.stdout
    assert "is the best, and that is sure even if somebody looked every day" in run.stdout
    assert "Offer: free shipping (against nothing)" in run.stdout
    assert "wear out" in run.stdout
    assert "could not be opened" in run.stderr


def test_what_was_never_clicked_is_told_and_a_test_without_a_name_has_none(
    duomo: Duomo, tmp_path: Path
) -> None:
    shown, page = tmp_path / "shown.csv", tmp_path / "page.html"
    shown.write_text("creative,impressions,clicks\nA,900,0\nB,0,0\n", "utf-8")
    run = duomo("read", "ads", shown, "--report", page)
    assert run.returncode == 0, run.stderr
    assert "Nothing was clicked" in run.stdout
    assert page.is_file()
    shown.write_text("creative,impressions,clicks\nA,900,9\nB,900,8\n", "utf-8")
    assert "\nNot enough yet: A leads" in duomo("read", "ads", shown).stdout


def test_a_shop_learns_from_its_tests_and_predicts_with_that(
    duomo: Duomo, table: Path, new: Path, shop: Path
) -> None:
    run = duomo("train", "ads", table, "--shop", shop, "--json")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["tests"] == 30
    assert told["won"] > 0.7
    assert (shop / "heads" / "ads" / "card.json").is_file()
    again = duomo("read", "ads", table, "--predict", new, "--shop", shop, "--json")
    assert [one["doubt"] for one in json.loads(again.stdout)["predicted"]] == [None, None]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--matters", 0], 2, "--matters 0 is no share of a rate"),
        (["--predict", "none.csv"], 3, "there is no file none.csv"),
        (["--map", "clicks=nowhere"], 2, "there is no column 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    duomo: Duomo, table: Path, options: list[object], code: int, said: str
) -> None:
    run = duomo("read", "ads", table, *options)
    assert run.returncode == code
    assert said in run.stderr
