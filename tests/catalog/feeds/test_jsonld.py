import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.feeds.feed import Rating, write_feed
from duomo.catalog.feeds.jsonld import JsonLdFeed
from duomo.catalog.read import read_catalog
from duomo.product import Media, Price, Product, Variant

if TYPE_CHECKING:
    from tests.catalog.feeds.conftest import Carried


@given(st.data())
def test_what_the_writer_writes_the_reader_reads_back(
    tmp_path_factory: pytest.TempPathFactory, carried: "Carried", data: st.DataObject
) -> None:
    products = [data.draw(carried(prefix)) for prefix in data.draw(st.sampled_from(["A", "AB"]))]
    products = [product for product in products if product.title]
    path = tmp_path_factory.mktemp("feed") / "feed.json"
    assert write_feed(products, JsonLdFeed(), path).products == len(products)
    if products:
        found = read_catalog(path)
        assert not found.problems
        assert list(found.products) == products


def test_stock_says_what_is_available(tmp_path: Path) -> None:
    variants = [Variant(id=f"杯-{stock}", stock=stock, price=Price(900, "CNY")) for stock in (3, 0, -1, None)]
    cups = [Product(id=variant.id, title="杯子", variants=(variant,)) for variant in variants]
    write_feed(cups, JsonLdFeed(), tmp_path / "f.json")
    found = [product.variants[0] for product in read_catalog(tmp_path / "f.json").products]
    assert [v.availability for v in found] == ["in_stock", "out_of_stock", "out_of_stock", ""]
    assert [replace(variant, availability="") for variant in found] == variants


def test_a_product_with_variants_is_a_group(tmp_path: Path) -> None:
    shirt = Product(
        id="S",
        title="Shirt </script><b>",
        brand="Luma",
        category=("Apparel", "Tops"),
        attributes={"material": ("cotton",), "rating": ("4.5",), "rating_count": ("12",)},
        variants=(
            Variant(
                id="S-M",
                attributes={"size": ("M",)},
                price=Price(900, "EUR"),
                list_price=Price(1200, "EUR"),
                stock=3,
                availability="in_stock",
                gtin="04006381333931",
            ),
            Variant(id="S-L", attributes={"size": ("L",), "gender": ("female",)}, price=Price(1200, "EUR")),
        ),
        media=(Media(source="https://x.cn/s.jpg"),),
        url="https://x.cn/s",
    )
    written = write_feed([shirt], JsonLdFeed(), tmp_path / "f.json", ratings={"S": Rating(4.25, 8)})
    assert (written.products, written.problems) == (1, [])
    text = (tmp_path / "f.json").read_text("utf-8")
    assert "<" not in text
    document = json.loads(text)
    assert document["@context"] == "https://schema.org"
    (group,) = document["@graph"]
    assert (group["@type"], group["productGroupID"]) == ("ProductGroup", "S")
    assert group["variesBy"] == ["https://schema.org/size"]
    assert group["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 4.25,
        "bestRating": 5,
        "reviewCount": 8,
    }
    first = group["hasVariant"][0]
    assert first["offers"] == {
        "@type": "Offer",
        "price": "9.00",
        "priceCurrency": "EUR",
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/StrikethroughPrice",
            "price": "12.00",
            "priceCurrency": "EUR",
        },
        "availability": "https://schema.org/InStock",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": 3},
    }
    write_feed([shirt], JsonLdFeed(), tmp_path / "f.json")
    (again,) = read_catalog(tmp_path / "f.json").products
    assert again == shirt


def test_what_search_engines_ask_for_is_told() -> None:
    bare = Product(
        id="B", title="", variants=(Variant(id="B", price=Price(100)),), media=(Media(source="/b.jpg"),)
    )
    written = write_feed([bare], JsonLdFeed(), None)
    assert [(problem.column, problem.severity) for problem in written.problems] == [
        ("name", "warning"),
        ("offers.price", "warning"),
        ("image", "warning"),
    ]
