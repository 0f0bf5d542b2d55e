import os
from pathlib import Path

import pytest

from duomo.catalog.check import check
from duomo.catalog.health.pictures import pictures
from duomo.catalog.read import Catalog, read_catalog


def pack(data_dir: Path, name: str) -> Path:
    folder = data_dir / name
    if not folder.is_dir():
        pytest.skip(f"the real data pack {name} is not in {data_dir}")
    return folder


@pytest.fixture(scope="module")
def luma(data_dir: Path) -> Catalog:
    return read_catalog(pack(data_dir, "luma_shop"))


def test_luma_shop_is_read_whole(luma: Catalog) -> None:
    bought = [product for product in luma.products if product.variants[0].id != product.id]
    assert (len(luma.products), len(bought)) == (197, 147)
    assert sum(len(product.variants) for product in bought) == 1847
    assert (len(luma.reviews), len(luma.links)) == (500, 1551)
    assert (luma.rows, luma.skipped) == (197 + 1847 + 731 + 500 + 1551, 0)
    assert [Path(path).name for path in luma.files] == [
        "products.csv",
        "variants.csv",
        "images.csv",
        "reviews.csv",
        "links.csv",
    ]
    assert {problem.severity for problem in luma.problems} == {"warning"}


def test_luma_shops_hoodie_says_what_its_rows_say(luma: Catalog) -> None:
    hoodie = luma.products[0]
    assert (hoodie.id, hoodie.title) == ("MH01", "Chaz Kangeroo Hoodie")
    assert hoodie.category == ("Men", "Tops", "Hoodies & Sweatshirts")
    assert hoodie.attributes["climate"] == ("All-weather", "Cool", "Indoor", "Spring", "Windy")
    gray = next(variant for variant in hoodie.variants if variant.id == "MH01-S-Gray")
    assert str(gray.price) == "52.00 USD"
    assert [Path(media.source).name for media in hoodie.media_of(gray)] == [
        "mh01-gray_main.jpg",
        "mh01-gray_alt1.jpg",
        "mh01-gray_back.jpg",
    ]


def test_luma_shops_pictures_are_all_there(luma: Catalog) -> None:
    assert check(luma, [pictures]).problems == ()
    found = {m.source for p in luma.products for v in p.variants for m in p.media_of(v)}
    assert found == {str(path) for path in (Path(luma.files[0]).parent / "images").iterdir()}


def test_demo_shops_are_read_whole(data_dir: Path) -> None:
    found = read_catalog(pack(data_dir, "demo_shops"))
    assert (len(found.products), found.rows, found.skipped, found.problems) == (86, 188, 0, ())
    assert sum(len(product.media) for product in found.products) == 102
    assert check(found, [pictures]).problems == ()


@pytest.mark.slow
def test_fashion_products_are_read_whole(data_dir: Path) -> None:
    folder = pack(data_dir, "fashion_products")
    found = read_catalog(folder / "products.csv")
    assert (len(found.products), found.rows, found.skipped, found.problems) == (37774, 37774, 0, ())
    first = found.products[0]
    assert first.id == "MYN-15970"
    assert first.category == ("Apparel", "Topwear")
    assert first.attributes["color"] == ("Navy Blue",)
    assert first.media[0].source == os.path.join(folder, "images/70/15970.jpg")  # noqa: PTH118 (strings on both sides)
    told = {finding.kind.name for finding in check(found, [pictures]).findings}
    assert "picture-tiny" in told  # they have 60 x 80 pixels
    assert not told & {"picture-dead", "picture-broken", "picture-animated", "picture-misnamed"}
