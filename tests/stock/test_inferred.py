"""Values that were read lie on the goods under names of their own, and never pass for given ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from duomo.errors import BadFile
from duomo.shop import Shop
from duomo.stock.fill import fill
from duomo.stock.inferred import FILE, Inferred, read_inferred, with_inferred
from duomo.web.offered import OfferedFacets

GOODS = "sku,title,color\nA1,Red mug,\nA2,Blue mug,blue\nA3,Plain mug,\n"


def shop_of(folder: Path, goods: str = GOODS) -> Shop:
    (folder / "goods.csv").write_text(goods, encoding="utf-8")
    shop = Shop.create(folder / "shop", encoder="hashed")
    shop.build(folder / "goods.csv")
    return shop


def filled(shop: Shop) -> None:
    records = [
        Inferred.of(shop.product("A1"), "", {"color": ("red", 0.934), "usage": ("home", 0.7)}),
        Inferred.of(shop.product("A2"), "", {"color": ("navy blue", 0.8)}),
        Inferred.of(shop.product("A3"), "", {"color": ("red", 0.61)}),
    ]
    report = fill(shop.folder, records, settings=shop.settings)
    assert report is not None
    assert not report.problems


def rebuilt(shop: Shop, goods: str) -> Shop:
    path = shop.folder.parent / "goods.csv"
    path.write_text(goods, encoding="utf-8")
    shop.build(path)
    return shop


def test_what_was_read_is_filtered_and_counted_by_its_own_name_alone(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    filled(shop)
    sure = shop.search(where="inferred_color = 'red' and inferred_color_confidence > 0.9")
    assert [hit.product.id for hit in sure] == ["A1"]
    facets = shop.search("mug", facets=["color", "inferred_color"]).facets
    assert [(each.value, each.count) for each in facets["color"].values] == [("blue", 1)]
    assert [(each.value, each.count) for each in facets["inferred_color"].values] == [("red", 2)]
    assert not [name for name in OfferedFacets().names(shop.pinned()) if name.startswith("inferred")]


def test_a_search_goes_by_what_was_given_alone(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    before = [(hit.product.id, hit.score) for hit in shop.search("red mug")]
    filled(shop)
    assert [(hit.product.id, hit.score) for hit in shop.search("red mug")] == before
    assert shop.search("red mug").understood["meanings"] == []
    assert all("red" not in each.text.lower() or each.kind == "product" for each in shop.suggest("re"))


def test_a_given_value_stands_and_nothing_is_inferred_beside_it(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    filled(shop)
    assert shop.product("A2").attributes == {"color": ("blue",)}
    rebuilt(shop, GOODS.replace("Red mug,", "Red mug,scarlet"))
    assert shop.product("A1").attributes["color"] == ("scarlet",)
    assert "inferred.color" not in shop.product("A1").attributes
    assert shop.product("A1").attributes["inferred.usage"] == ("home",)


def test_a_build_keeps_what_was_read_while_it_holds_and_encodes_nothing(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    filled(shop)
    (tmp_path / "goods.csv").write_text(GOODS + "A4,Green mug,\n", encoding="utf-8")
    report = shop.build(tmp_path / "goods.csv")
    assert (report.added, report.unchanged) == (1, 3)
    assert shop.product("A1").attributes["inferred.color"] == ("red",)
    rebuilt(shop, GOODS.replace("Red mug", "Green mug"))
    assert shop.product("A1").attributes == {}
    assert shop.product("A3").attributes["inferred.color"] == ("red",)


def test_a_put_keeps_what_was_read(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    filled(shop)
    (tmp_path / "put.csv").write_text("sku,price\nA1,9.50\n", encoding="utf-8")
    shop.build(tmp_path / "put.csv", partial=True)
    product = shop.product("A1")
    assert product.attributes["inferred.color"] == ("red",)
    assert product.variants[0].price is not None


def test_what_was_filled_in_can_be_taken_away_again(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    filled(shop)
    assert len(read_inferred(shop.folder)) == 3
    fill(shop.folder, [], settings=shop.settings)
    assert [shop.product(id).attributes for id in ("A1", "A2", "A3")] == [{}, {"color": ("blue",)}, {}]
    assert not (shop.folder / FILE).exists()
    assert fill(shop.folder, [], settings=shop.settings) is None


def test_no_catalog_can_give_what_is_called_inferred(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    product = shop.product("A1")
    posed = replace(product, attributes={"inferred.color": ("gold",), "size": ("L",)})
    assert with_inferred(posed, {}).attributes == {"size": ("L",)}


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    shop = shop_of(tmp_path)
    (shop.folder / FILE).write_text('{"product_id": "A1"}\n')
    with pytest.raises(BadFile, match=r"inferred.jsonl is damaged .* Fill it again: duomo read attributes"):
        read_inferred(shop.folder)
