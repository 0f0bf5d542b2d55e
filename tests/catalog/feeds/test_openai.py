import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.feeds.feed import Rating, write_feed
from duomo.catalog.feeds.formulas import armed
from duomo.catalog.feeds.openai import OpenAiFeed
from duomo.errors import BadQuery
from duomo.product import Media, Price, Product, Variant

if TYPE_CHECKING:
    from tests.catalog.feeds.conftest import Carried

SELLER: Final = {
    "seller_name": "露玛",
    "seller_url": "https://x.cn/",
    "target_countries": "CN,US",
    "store_country": "CN",
}
MUG: Final = Product(
    id="M",
    title="红色马克杯 Red mug",
    description="350 ml, safe in the dishwasher",
    brand="Luma",
    category=("Home", "Kitchen"),
    attributes={"material": ("stoneware",), "condition": ("New",)},
    variants=(
        Variant(
            id="M-R",
            attributes={"color": ("Red",)},
            price=Price(900, "CNY"),
            list_price=Price(1200, "CNY"),
            stock=4,
            gtin="04006381333931",
        ),
        Variant(
            id="M-B",
            attributes={"color": ("Blue", "White")},
            price=Price(1200, "CNY"),
            availability="backorder",
        ),
    ),
    media=(Media(source="https://x.cn/1.jpg"), Media(source="https://x.cn/2.jpg", role="alt")),
    url="https://x.cn/m",
)


def rows(product: Product, tmp_path: Path, fixed: Mapping[str, str] = SELLER) -> list[dict[str, Any]]:
    write_feed([product], OpenAiFeed("jsonl", fixed), tmp_path / "f.jsonl", ratings={"M": Rating(4.5, 2)})
    return [json.loads(line) for line in (tmp_path / "f.jsonl").read_text("utf-8").splitlines()]


def wrong(product: Product, fixed: Mapping[str, str] = SELLER) -> dict[str, str]:
    """Field -> what is wrong with it, "!" before what costs the row."""
    written = write_feed([product], OpenAiFeed("jsonl", fixed), None)
    return {p.column: "!" * (p.severity == "error") + p.problem for p in written.problems}


def test_a_row_holds_what_the_specification_names(tmp_path: Path) -> None:
    red, blue = rows(MUG, tmp_path)
    assert red == {
        "is_eligible_search": True,
        "is_eligible_checkout": False,
        "item_id": "M-R",
        "title": "红色马克杯 Red mug",
        "description": "350 ml, safe in the dishwasher",
        "url": "https://x.cn/m",
        "brand": "Luma",
        "image_url": "https://x.cn/1.jpg",
        "price": "12.00 CNY",
        "availability": "in_stock",
        "seller_name": "露玛",
        "seller_url": "https://x.cn/",
        "target_countries": "CN,US",
        "gtin": "04006381333931",
        "condition": "new",
        "product_category": "Home > Kitchen",
        "material": "stoneware",
        "additional_image_urls": "https://x.cn/2.jpg",
        "sale_price": "9.00 CNY",
        "group_id": "M",
        "listing_has_variations": True,
        "variant_dict": {"color": "Red"},
        "color": "Red",
        "store_country": "CN",
        "review_count": 2,
        "star_rating": 4.5,
    }
    assert (blue["availability"], blue["color"], "sale_price" in blue) == ("backorder", "Blue, White", False)


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_table_says_the_same_and_runs_nothing(tmp_path: Path, kind: Literal["csv", "tsv"]) -> None:
    risky = replace(MUG, title='=HYPERLINK("https://x.cn")', description="-5")
    write_feed([risky], OpenAiFeed(kind, SELLER), tmp_path / "f")
    with (tmp_path / "f").open(encoding="utf-8", newline="") as file:
        (red, _) = csv.DictReader(file, delimiter="," if kind == "csv" else "\t")
    assert red["title"] == "'" + risky.title
    assert armed(red["title"]) == risky.title
    assert (red["description"], red["is_eligible_search"], red["is_eligible_checkout"]) == (
        "-5",
        "true",
        "false",
    )
    assert json.loads(red["variant_dict"]) == {"color": "Red"}


ONE: Final = replace(MUG, variants=MUG.variants[:1])


@pytest.mark.parametrize(
    ("product", "fixed", "field", "said"),
    [
        (replace(ONE, title=""), {}, "title", "!is missing"),
        (replace(ONE, description=""), {}, "description", "!is missing"),
        (replace(ONE, brand=""), {}, "brand", "!is missing"),
        (replace(ONE, url=""), {}, "url", "!is missing"),
        (replace(ONE, url="/m"), {}, "url", "!is no http or https address"),
        (replace(ONE, media=(Media(source="/1.jpg"),)), {}, "image_url", "!is missing"),
        (replace(ONE, variants=(Variant(id="A"),)), {}, "price", "!is missing"),
        (replace(ONE, variants=(Variant(id="A", price=Price(1)),)), {}, "price", "!names no currency"),
        (replace(ONE, variants=(Variant(id="A", price=Price(0, "USD")),)), {}, "price", "!is not above 0"),
        (replace(ONE, variants=(Variant(id="A", price=Price(5, "KWD")),)), {}, "price", "has more decimal"),
        (replace(ONE, variants=(replace(ONE.variants[0], id="x" * 101),)), {}, "item_id", "!has 101 char"),
        (replace(ONE, title="字" * 151), {}, "title", "has 151 characters, and 150 are allowed; it was cut"),
        (replace(ONE, description="x" * 5001), {}, "description", "has 5001 characters"),
        (replace(ONE, attributes={"gender": ("ladies",)}), {}, "gender", "is none of male, female, unisex"),
        (ONE, {"seller_name": ""}, "seller_name", "!is missing"),
        (ONE, {"seller_url": "x.cn"}, "seller_url", "!is no http or https address"),
        (ONE, {"target_countries": "CN,usa"}, "target_countries", "!is no country code"),
        (ONE, {"store_country": "China"}, "store_country", "!is no country code"),
        (ONE, {"is_eligible_search": "yes"}, "is_eligible_search", "!is neither true nor false"),
        (ONE, {"is_eligible_checkout": "true"}, "seller_tos", "!is missing"),
        (
            ONE,
            {"is_eligible_checkout": "true", "is_eligible_search": "false"},
            "is_eligible_checkout",
            "!is true where is_eligible_search is not",
        ),
        (
            replace(ONE, variants=(replace(ONE.variants[0], availability="preorder"),)),
            {},
            "availability_date",
            "!is missing",
        ),
        (replace(ONE, attributes={"availability_date": ("soon",)}), {}, "availability_date", "!is no date"),
        (replace(MUG, id="M-R"), {}, "group_id", "!is the id of a variant, too"),
    ],
)
def test_what_openai_would_refuse_is_told_by_field(
    product: Product, fixed: dict[str, str], field: str, said: str
) -> None:
    found = wrong(product, {**SELLER, **fixed})
    assert found[field].startswith(said), found


def test_a_product_in_order_has_no_problem() -> None:
    assert wrong(MUG) == {}
    policies = {"seller_tos": "https://x.cn/t", "seller_privacy_policy": "https://x.cn/p"}
    assert wrong(MUG, {**SELLER, **policies, "is_eligible_checkout": "true"}) == {}


def test_a_product_that_cannot_be_exported_is_counted_and_named(tmp_path: Path) -> None:
    half = replace(MUG, variants=(MUG.variants[0], replace(MUG.variants[1], price=None)))
    written = write_feed([half, replace(MUG, id="N", url="")], OpenAiFeed("jsonl", SELLER), tmp_path / "f")
    assert (written.products, written.rows, written.left_out, written.errors) == (1, 1, 1, 3)
    assert str(written.problems[0]) == (
        "OpenAI feed, variant 'M-B': price is missing, and OpenAI asks for it. "
        "Add a price above 0 with its currency to the catalog."
    )


def test_a_field_that_the_feed_does_not_have_is_refused() -> None:
    with pytest.raises(BadQuery, match=r"the feed has no field 'sellername'\. It has: is_eligible_search"):
        OpenAiFeed("jsonl", {"sellername": "Luma"})


@given(st.data())
def test_every_product_is_exported_or_counted(carried: "Carried", data: st.DataObject) -> None:
    products = [data.draw(carried(prefix)) for prefix in data.draw(st.sampled_from(["", "A", "AB"]))]
    written = write_feed(products, OpenAiFeed("jsonl", SELLER), None)
    assert written.products + written.left_out == len(products)
    refused = {p.file for p in written.problems if p.severity == "error"}
    assert written.rows + len(refused) == sum(len(product.variants) for product in products)
