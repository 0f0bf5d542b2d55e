from typing import TYPE_CHECKING

import pytest

from duomo.errors import BadFilter, MissingShop
from duomo.stock.listed import listed, ratings

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


def test_all_products_are_listed_as_the_shop_has_them(stall: "Stall") -> None:
    stall.rows[1]["product_id"] = stall.rows[7]["product_id"] = "P"
    stall.write()
    stall.build()
    found = list(listed(stall.shop.folder))
    assert len(found) == 11
    assert all(product == stall.shop.product(product.id) for product in found)
    assert [product.id for product in found][:2] == ["A00", "P"]


def test_a_filter_lets_variants_through(stall: "Stall") -> None:
    stall.rows[1]["product_id"] = stall.rows[2]["product_id"] = "P"
    stall.write()
    stall.build()
    (product,) = listed(stall.shop.folder, "price = 11.5")
    assert (product.id, [variant.id for variant in product.variants]) == ("P", ["A01"])
    with pytest.raises(BadFilter):
        list(listed(stall.shop.folder, "no = 'such'"))


def test_a_shop_that_was_never_built_has_nothing_to_list(stall: "Stall") -> None:
    with pytest.raises(MissingShop, match=r"no build of the shop in .* has ended yet"):
        list(listed(stall.shop.folder))


def test_ratings_are_averages_of_the_reviews(stall: "Stall") -> None:
    stall.build()
    assert ratings(stall.shop.folder) == {}
    lines = "sku,rating,review\nA00,5,Good\nA00,4,又好又便宜\nA01,,No stars\nA02,2,Broke\n"
    (stall.folder / "goods" / "reviews.csv").write_text(lines, "utf-8")
    stall.shop.build(stall.folder / "goods")
    found = ratings(stall.shop.folder)
    assert {name: (each.mean, each.count) for name, each in found.items()} == {"A00": (4.5, 2), "A02": (2, 1)}
