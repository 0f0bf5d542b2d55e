"""What a build does to a shop: all of it, once, and no more than has changed."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from tests.encode.conftest import save_folder

from duomo.errors import BadFile, MissingFile, MissingShop, ShopBusy, UnknownEncoder
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.lock import writing
from duomo.shelf.manifest import PICTURES, VARIANTS
from duomo.shop import Shop
from duomo.stock.encoders import prefer_encoder

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


def rows_of(shop: Shop) -> dict[str, dict[str, object]]:
    """Every row of the served variants table by id, without what tells when it came."""
    snapshot = LanceShelf(shop.folder / VARIANTS).snapshot()
    table = snapshot.take(snapshot.search().rows, snapshot.schema.names)
    return {row["id"]: row for row in table.to_pylist()}


def test_a_first_build_takes_everything_in(stall: "Stall") -> None:
    report = stall.build()
    assert (report.products, report.variants, report.added, report.skipped) == (12, 12, 12, 0)
    assert report.encoded == 24
    assert not report.problems
    assert len(stall.shop) == 12


def test_an_unchanged_file_encodes_nothing_and_writes_nothing(stall: "Stall") -> None:
    stall.build()
    before = LanceShelf(stall.shop.folder / VARIANTS).snapshot(latest=True).version
    report = stall.build()
    assert (report.unchanged, report.added, report.updated, report.encoded) == (12, 0, 0, 0)
    assert LanceShelf(stall.shop.folder / VARIANTS).snapshot(latest=True).version == before


def test_the_same_goods_in_a_touched_file_are_still_unchanged(stall: "Stall") -> None:
    stall.build()
    stall.rows.reverse()
    stall.write()
    report = stall.build()
    assert (report.unchanged, report.updated, report.encoded) == (12, 0, 0)


def test_a_changed_price_rewrites_the_row_and_no_vector(stall: "Stall") -> None:
    stall.build()
    before = rows_of(stall.shop)
    stall.rows[3]["price"] = "99"
    stall.write()
    report = stall.build()
    assert (report.updated, report.unchanged, report.encoded) == (1, 11, 0)
    after = rows_of(stall.shop)
    assert after["A03"]["price"] == 99.0
    for name in ("vector_text_hashed", "vector_picture_hashed"):
        assert after["A03"][name] == before["A03"][name]


def test_a_new_photo_under_the_old_name_is_seen(stall: "Stall") -> None:
    stall.build()
    stall.paint("3.jpg", (250, 120, 0))
    report = stall.build()
    assert (report.updated, report.encoded) == (1, 1)


def test_new_goods_are_added_beside_the_old(stall: "Stall") -> None:
    stall.build()
    stall.rows.append({"sku": "B1", "title": "Copper kettle"})
    stall.write()
    report = stall.build()
    assert (report.added, report.unchanged, report.encoded) == (1, 12, 1)
    assert stall.shop.search("kettle")[0].product.id == "B1"


def test_vanished_goods_go_only_when_asked(stall: "Stall") -> None:
    stall.build()
    del stall.rows[0]
    stall.write()
    kept = stall.build()
    assert (kept.vanished, kept.removed, len(stall.shop)) == (1, 0, 12)
    assert stall.build().vanished == 1  # and an unchanged build still says so
    pruned = stall.build(prune=True)
    assert (pruned.vanished, pruned.removed, len(stall.shop)) == (0, 1, 11)
    assert "A00" not in {hit.product.id for hit in stall.shop.search("red mug", mode="keywords")}


def test_pruned_goods_take_their_pictures_with_them_unless_others_show_the_same(stall: "Stall") -> None:
    stall.rows[0]["image"] = stall.rows[1]["image"]  # two products with one picture
    stall.write()
    stall.build()
    pictures = LanceShelf(stall.shop.folder / PICTURES)
    assert len(pictures.snapshot(latest=True)) == 11
    stall.rows = [row for row in stall.rows if row["sku"] not in ("A01", "A02")]
    stall.write()
    stall.build()
    assert len(pictures.snapshot(latest=True)) == 11
    stall.build(prune=True)
    assert len(pictures.snapshot(latest=True)) == 10
    assert stall.shop.picture(stall.shop.product("A00").media[0].hash)


def test_pruning_one_catalog_leaves_the_goods_of_another(stall: "Stall") -> None:
    other = stall.folder / "other.csv"
    other.write_text("sku,title\nX1,Oak table\n")
    stall.shop.build(stall.catalog)
    stall.shop.build(other, prune=True)
    assert len(stall.shop) == 13


def test_a_bad_row_is_counted_and_the_rest_is_built(stall: "Stall") -> None:
    stall.rows[5]["sku"] = ""
    stall.rows[6]["price"] = "twelve"
    stall.write()
    report = stall.build()
    assert report.rows == report.products + report.skipped
    assert report.skipped == 1
    said = [(problem.line, problem.column, problem.severity) for problem in report.problems]
    assert (7, "sku", "error") in said
    assert (8, "price", "warning") in said
    assert stall.build().problems == report.problems  # an unchanged build repeats what was wrong


def test_a_broken_picture_costs_its_product_the_picture_and_nothing_else(stall: "Stall") -> None:
    (stall.folder / "goods" / "4.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (stall.folder / "goods" / "7.jpg").unlink()
    report = stall.build()
    assert report.products == 12
    broken = [problem for problem in report.problems if problem.column == "image"]
    assert {problem.product_id for problem in broken} == {"A04", "A07"}
    assert {problem.line for problem in broken} == {6, 9}
    assert stall.shop.product("A04").media == ()
    assert stall.shop.search("red bowl")[0].product.id == "A04"
    stall.rows[0]["price"] = "3"
    stall.write()
    again = [problem for problem in stall.build().problems if problem.column == "image"]
    assert again == broken  # not touched by this build, and still broken


def test_two_products_with_one_id_are_told(stall: "Stall") -> None:
    other = stall.folder / "other.csv"
    other.write_text("sku,title\nA01,Oak table\nX1,Oak chair\n")
    report = stall.shop.build(stall.catalog, other)
    assert report.products == 13
    assert any(
        "A01" in problem.value and "first one stands" in problem.problem for problem in report.problems
    )
    assert stall.shop.product("A01").title == "Green mug"


def test_workers_make_the_same_rows_as_one_process(stall: "Stall") -> None:
    stall.build()
    with_workers = Shop.create(
        stall.folder / "second", encoder="hashed", settings=Settings(workers=2, batch_rows=3)
    )
    with_workers.build(stall.catalog)
    assert rows_of(with_workers) == rows_of(stall.shop)


def test_a_file_that_cannot_be_read_leaves_the_shop_as_it_was(stall: "Stall") -> None:
    stall.build()
    with pytest.raises(MissingFile, match=r"nowhere\.csv"):
        stall.shop.build(stall.folder / "nowhere.csv")
    (stall.folder / "empty.csv").write_text("")
    with pytest.raises(BadFile, match="empty"):
        stall.shop.build(stall.folder / "empty.csv")
    assert len(stall.shop) == 12


def test_a_second_writer_is_told(stall: "Stall") -> None:
    with writing(stall.shop.folder, long=True), pytest.raises(ShopBusy, match="writing"):
        stall.build()


def test_a_build_waits_for_what_is_put_meanwhile(stall: "Stall") -> None:
    held = Event()

    def put() -> None:
        with writing(stall.shop.folder):
            held.set()
            time.sleep(0.3)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(put)
        held.wait()
        assert stall.build().added == 12
        done.result()


def test_a_shop_whose_first_build_has_not_ended_says_so(stall: "Stall") -> None:
    with pytest.raises(MissingShop, match=r"no build of the shop in .* has ended yet\. Run: duomo build"):
        stall.shop.search("mug")


def test_an_encoder_is_added_beside_the_first_without_touching_it(stall: "Stall") -> None:
    stall.build()
    before = rows_of(stall.shop)
    stall.shop.add_encoder("hashed-1024")
    after = rows_of(stall.shop)
    for name, row in before.items():
        assert {column: after[name][column] for column in row} == row
    assert len(after["A00"]["vector_text_hashed_1024"]) == 1024  # type: ignore[arg-type]  # a list
    assert stall.shop.search("blue jug", encoder="hashed-1024")[0].product.title == "Blue jug"
    assert stall.shop.search("blue jug")[0].why.encoder == "hashed"
    assert stall.build().unchanged == 12


def test_an_encoder_of_the_shops_own_moves_with_it_and_can_be_preferred(stall: "Stall") -> None:
    stall.build()
    save_folder(stall.shop.folder / "models" / "own")
    stall.shop.add_encoder("models/own")
    moved = stall.shop.folder.rename(stall.folder / "moved")
    shop = Shop.open(moved, settings=Settings(workers=0))
    picture = stall.folder / "goods" / "3.jpg"
    assert shop.search(image=picture)[0].why.encoder == "hashed"
    assert shop.search(image=picture, encoder="models/own")[0].why.encoder == "models/own"
    prefer_encoder(moved, "models/own")
    assert shop.search(image=picture)[0].why.encoder == "models/own"
    assert shop.build(stall.catalog).encoded == 0
    with pytest.raises(
        UnknownEncoder, match=r"no vectors of the encoder 'pocket'\. It has: models/own, hashed"
    ):
        prefer_encoder(moved, "pocket")


def test_two_encoders_from_the_start(stall: "Stall") -> None:
    shop = Shop.create(stall.folder / "both", encoder=["hashed-1024", "hashed"], settings=Settings(workers=0))
    shop.build(stall.catalog)
    picture = stall.folder / "goods" / "3.jpg"
    assert shop.search("black mug", image=picture).understood["encoder"] == "hashed-1024"
    assert shop.search("black mug", image=picture, encoder="hashed")[0].product.id == "A03"


def test_goods_come_back_as_the_catalog_says(stall: "Stall") -> None:
    stall.build()
    product = stall.shop.product("A02")
    assert product.title == "Blue mug"
    assert product.attributes == {"color": ("blue",), "kind": ("mug",)}
    assert str(product.variants[0].price) == "12.50 EUR"
    assert Path(product.media[0].source).name == "2.jpg"
    assert stall.shop.picture(product.media[0].hash).startswith(b"\xff\xd8\xff")


def test_a_partial_catalog_makes_nothing_vanish(stall: "Stall") -> None:
    stall.build()
    some = stall.folder / "some.csv"
    some.write_text("sku,title,price,currency\nA00,Red mug,5,EUR\nC1,Tin cup,2,EUR\n")
    report = stall.shop.build(some, partial=True, prune=True)
    assert (report.added, report.updated, report.removed) == (1, 1, 0)
    assert len(stall.shop) == 13
    assert str(some) not in stall.shop.manifest.sources


def test_an_attribute_of_numbers_stays_one(stall: "Stall") -> None:
    for number, row in enumerate(stall.rows):
        row["attributes_json"] = f'{{"litres": {number}}}'
    stall.write()
    stall.build()
    assert stall.shop.search("", where="litres > 9").total == 2
    stall.rows[0]["attributes_json"] = '{"litres": "a few"}'
    stall.write()
    problems = stall.build().problems
    assert [(p.column, p.value, p.severity) for p in problems] == [("litres", "a few", "warning")]
    assert stall.shop.product("A00").attributes["litres"] == ("a few",)
    assert replace(problems[0]).line == 2
