import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from duomo.catalog.check import check
from duomo.catalog.read import read_catalog
from duomo.catalog.sample import PLANTED, draw_shop
from duomo.catalog.sample.families import FAMILIES
from duomo.catalog.sample.plan import plan_product
from duomo.catalog.sample.words import CUTS, describe, title_en, title_zh


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_reader_of_catalogs_takes_the_whole_shop_without_a_problem(small_shop: Path) -> None:
    catalog = read_catalog(small_shop)
    assert catalog.problems == ()
    assert (len(catalog.products), catalog.skipped) == (len(FAMILIES), 0)
    assert len(catalog.reviews) == len(rows(small_shop / "reviews.csv"))
    assert len(catalog.links) == len(rows(small_shop / "links.csv"))
    assert [problem for problem in check(catalog).problems if problem.severity == "error"] == []


def test_every_table_points_at_products_and_pictures_that_are_there(small_shop: Path) -> None:
    skus = {row["sku"] for row in rows(small_shop / "products.csv")}
    assert len(skus) == len(FAMILIES)
    for name, column in (("variants", "sku"), ("images", "sku"), ("reviews", "sku"), ("events", "product")):
        assert {row[column] for row in rows(small_shop / f"{name}.csv")} <= skus
    assert {row[end] for row in rows(small_shop / "links.csv") for end in ("sku", "linked_sku")} <= skus
    named = {row["image"] for row in rows(small_shop / "images.csv")}
    assert {f"images/{path.name}" for path in (small_shop / "images").iterdir()} == named
    shown = {row["image"] for table in ("products", "variants") for row in rows(small_shop / f"{table}.csv")}
    assert shown <= named


def test_the_truth_names_every_picture_and_its_color(small_shop: Path) -> None:
    truth = json.loads((small_shop / "truth.json").read_text())
    told = {
        picture: what["color"]
        for product in truth["products"].values()
        for picture, what in product["pictures"].items()
    }
    assert told == {row["image"]: row["color"] for row in rows(small_shop / "images.csv")}
    assert set(truth["partners"]) <= set(truth["products"])
    assert {row["user"] for row in rows(small_shop / "events.csv")} <= set(truth["users"])


def test_a_variant_of_another_color_has_a_picture_of_its_own(small_shop: Path) -> None:
    pictures = {(row["sku"], row["color"]): row["image"] for row in rows(small_shop / "variants.csv")}
    assert len(set(pictures.values())) == len(pictures)


def test_stock_and_availability_agree(small_shop: Path) -> None:
    for row in rows(small_shop / "variants.csv") + rows(small_shop / "products.csv"):
        assert row["availability"] == ("in_stock" if int(row["stock"]) else "out_of_stock")
        assert re.fullmatch(r"\d+\.\d\d", row["price"])
        assert row["currency"] == "USD"


def test_a_product_is_the_same_whatever_the_size_of_the_shop(small_shop: Path, tmp_path: Path) -> None:
    draw_shop(tmp_path, products=3)
    smaller, larger = contents(tmp_path), contents(small_shop)
    pictures = [name for name in smaller if name.startswith("images/")]
    assert pictures
    assert all(smaller[name] == larger[name] for name in pictures)
    assert rows(tmp_path / "products.csv") == rows(small_shop / "products.csv")[:3]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_one_process_or_two(tmp_path: Path) -> None:
    draw_shop(tmp_path / "one", products=24)
    draw_shop(tmp_path / "two", products=24, workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_shop() -> None:
    assert plan_product(5, 7) == plan_product(5, 7)
    assert plan_product(5, 7) != plan_product(5, 8)


def test_progress_is_told_for_every_product(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    shop = draw_shop(
        tmp_path, products=2, tick=lambda stage, done, total=None: told.append((stage, done, total))
    )
    assert told == [("draw", 1, 2), ("draw", 2, 2)]
    assert (shop.products, shop.pictures) == (2, len(list((tmp_path / "images").iterdir())))


def test_a_shop_of_no_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a shop of 0 products"):
        draw_shop(tmp_path, products=0)


def test_titles_say_pattern_cut_material_and_kind_in_both_languages() -> None:
    plan = next(
        p
        for p in (plan_product(i, 7) for i in range(600))
        if p.family.en == "shirt" and p.pattern == "striped"
    )
    assert "Striped" in title_en(plan)
    assert title_en(plan).endswith("Shirt")
    assert "条纹" in title_zh(plan)
    assert title_zh(plan).endswith("衬衫")
    english, chinese = describe(plan)
    assert plan.material in english
    assert "，" in chinese
    assert "," not in chinese


def test_whole_shop_has_the_size_and_the_mix_that_is_promised() -> None:
    plans = [plan_product(index, 7) for index in range(600)]
    assert len({plan.sku for plan in plans}) == 600
    assert min(Counter(plan.family.en for plan in plans).values()) >= 600 // len(FAMILIES)
    assert 1_000 <= sum(len(plan.shots) for plan in plans) <= 1_500
    assert len({title_en(plan) for plan in plans}) > 500
    assert all(re.fullmatch(r"[一-鿿A-ZTV]+", title_zh(plan)) for plan in plans)
    assert set(CUTS) <= {
        choice for family in FAMILIES for choices in family.cuts.values() for choice in choices
    }


def test_what_is_planted_is_told() -> None:
    assert set(PLANTED) == {"bought with", "seasons", "tastes", "funnel", "ratings"}
