from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.read import Catalog, read_catalog
from duomo.product import Price

FILES = Path(__file__).parent / "files"
CatalogOf = Callable[..., Catalog]


@pytest.fixture(scope="module")
def feed() -> Catalog:
    return read_catalog(FILES / "meta_feed.csv")


def test_metas_template_is_read_with_its_remarks_above_the_names(feed: Catalog) -> None:
    assert (feed.format, feed.rows, feed.skipped, feed.problems) == ("google", 3, 0, ())
    candle, cup = feed.products
    assert (candle.id, candle.brand, candle.category) == ("candle", "Lumen", ("Home Goods", "Candles"))
    assert candle.attributes == {
        "gender": ("unisex",),
        "condition": ("new",),
        "style": ("Minimal",),
        "custom_label_0": ("A",),
    }
    assert (cup.title, cup.category, cup.attributes["product_tags"]) == (
        "陶瓷杯",
        ("家居", "茶具"),
        ("礼物",),
    )
    assert [media.source for media in cup.media] == [
        "https://shop.example/杯.jpg",
        "https://shop.example/杯2.jpg",
        "https://shop.example/杯3.jpg",
    ]
    assert (cup.variants[0].stock, cup.variants[0].availability) == (3, "in_stock")


def test_nested_fields_are_read_from_flat_columns(feed: Catalog) -> None:
    fig, cedar = feed.products[0].variants
    assert fig.attributes == {
        "scent": ("Fig",),
        "burn_time": ("40 h",),
        "internal_label": ("summer", "bestseller"),
        "product_tags": ("gift", "home"),
        "status": ("active",),
    }
    assert (fig.price, fig.list_price, fig.stock) == (Price(1800, "USD"), Price(2400, "USD"), 75)
    assert [media.source for media in fig.media] == [
        "https://shop.example/fig.jpg",
        "https://shop.example/fig-2.jpg",
        "https://shop.example/fig,w_3.jpg",
        "https://shop.example/fig-3.jpg",
    ]
    assert (cedar.availability, cedar.attributes["scent"]) == ("out_of_stock", ("Cedar",))


def test_pictures_in_json_are_read(catalog_of: CatalogOf) -> None:
    cell = '"[{""url"": ""https://x.cn/1.jpg"", ""tag"": [""A""]}, {""url"": ""https://x.cn/2.jpg""}]"'
    found = catalog_of(f"id,title,link,image,rich_text_description\nA,Mug,https://x.cn,{cell},<b>Big</b>\n")
    assert (found.format, found.products[0].description) == ("google", "Big")
    assert [media.source for media in found.products[0].media] == ["https://x.cn/1.jpg", "https://x.cn/2.jpg"]
    assert found.products[0].attributes == {}
