"""What belongs to two catalogs, two products or two builds at once: nothing is lost, and it is told."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BadFile, BadSetup
from duomo.settings import Settings
from duomo.shelf.manifest import Manifest
from duomo.shop import Shop

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


class PowerCut(Exception):
    """The build ends here."""


def cut_before_serving(stage: str, done: int, total: int | None = None) -> None:
    """A tick that ends the build when everything is committed and nothing is served."""
    if stage == "serving":
        raise PowerCut


def shop_of(folder: Path, name: str = "shop") -> Shop:
    return Shop.create(folder / name, encoder="hashed", settings=Settings(workers=0))


def test_a_variant_that_moves_to_another_product_stays_in_the_shop(tmp_path: Path) -> None:
    catalog = tmp_path / "c.csv"
    shop = shop_of(tmp_path)
    catalog.write_text("sku,product_id,title\nV1,P1,Mug\nV2,P1,Mug\nV3,P2,Jug\n")
    shop.build(catalog)
    catalog.write_text("sku,product_id,title\nV1,P1,Mug\nV2,P2,Jug\nV3,P2,Jug\n")
    shop.build(catalog)
    assert {v.id for v in shop.product("P2").variants} == {"V2", "V3"}
    assert {v.id for v in shop.product("P1").variants} == {"V1"}


def test_regrouped_rows_survive_pruning(tmp_path: Path) -> None:
    catalog = tmp_path / "c.csv"
    shop = shop_of(tmp_path)
    catalog.write_text("sku,product_id,title\nV1,P1,Mug\nV2,P1,Mug\n")
    shop.build(catalog)
    catalog.write_text("sku,product_id,title\nV1,Q1,Mug\nV2,Q1,Mug\n")
    report = shop.build(catalog, prune=True)
    assert (report.added, report.removed, len(shop)) == (1, 1, 2)
    assert shop.product("V1").id == "Q1"


def test_a_file_put_back_after_a_cut_build_takes_its_changes_back(stall: "Stall") -> None:
    stall.build()
    before = stall.catalog.read_bytes()
    stall.rows[0]["price"] = "999"
    stall.write()
    with pytest.raises(PowerCut):
        stall.build(tick=cut_before_serving)
    stall.catalog.write_bytes(before)
    stall.build()
    other = stall.folder / "other.csv"
    other.write_text("sku,title\nX1,Oak table\n")
    stall.shop.build(other)
    assert str(stall.shop.product("A00").variants[0].price) == "10.50 EUR"


def test_another_build_does_not_serve_what_a_cut_one_left(stall: "Stall") -> None:
    stall.build()
    stall.rows[0]["price"] = "999"
    stall.write()
    with pytest.raises(PowerCut):
        stall.build(tick=cut_before_serving)
    other = stall.folder / "other.csv"
    other.write_text("sku,title\nX1,Oak table\n")
    stall.shop.build(other)
    assert str(stall.shop.product("A00").variants[0].price) == "10.50 EUR"
    assert stall.build().updated == 1
    assert str(stall.shop.product("A00").variants[0].price) == "999.00 EUR"


def test_a_cut_first_build_leaves_nothing_in_the_next_one(stall: "Stall") -> None:
    with pytest.raises(PowerCut):
        stall.build(tick=cut_before_serving)
    other = stall.folder / "other.csv"
    other.write_text("sku,title\nX1,Oak table\n")
    stall.shop.build(other)
    assert len(stall.shop) == 1


def test_a_file_changed_while_it_is_built_is_seen_by_the_next_build(stall: "Stall") -> None:
    def meanwhile(stage: str, done: int, total: int | None = None) -> None:
        if stage == "serving":
            stall.rows[0]["title"] = "Copper kettle"
            stall.write()
            stall.paint("5.jpg", (255, 0, 255))

    stall.build(tick=meanwhile)
    report = stall.build()
    assert report.updated == 2
    assert stall.shop.product("A00").title == "Copper kettle"


def test_a_variant_taken_from_another_catalog_is_told(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("sku,product_id,title\nV1,P1,Mug\nV2,P1,Mug\n")
    second.write_text("sku,product_id,title\nV1,P2,Jug\n")
    shop = shop_of(tmp_path)
    shop.build(first)
    (problem,) = shop.build(second).problems
    assert str(problem).startswith(f"{second} line 2: sku 'V1' was a variant of product 'P1'")
    assert [v.id for v in shop.product("P1").variants] == ["V2"]
    assert shop.build(first).updated == 1  # it is looked at again, though its file is the same


def test_two_partial_catalogs_are_both_taken(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("sku,title\nA,Mug\n")
    second.write_text("sku,title\nB,Jug\n")
    shop = shop_of(tmp_path)
    assert shop.build(first, second, partial=True).added == 2
    assert shop.build(second, partial=True).unchanged == 1


def test_overlapping_catalogs_are_settled_anew_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("sku,title\nX,First\n")
    second.write_text("sku,title\nX,Second\nY,Jug\n")
    shop = shop_of(tmp_path)
    shop.build(first, second)
    second.write_text("sku,title\nX,Second again\nY,Jug\n")
    shop.build(second)
    assert shop.product("X").title == "Second again"
    assert shop.build(first, second).products == 2
    assert shop.product("X").title == "First"


def test_nothing_is_pruned_while_rows_are_skipped(stall: "Stall") -> None:
    stall.build()
    stall.catalog.write_text("sku,title\n,Red mug\n,Green mug\n")
    report = stall.build(prune=True)
    assert (report.removed, report.skipped, len(stall.shop)) == (0, 2, 12)
    assert any("12 products seem to have vanished" in problem.problem for problem in report.problems)


def test_pictures_that_must_be_addresses_are_not_read_from_this_machine(stall: "Stall") -> None:
    report = stall.build(partial=True, trusted=False)
    assert stall.shop.product("A00").media == ()
    assert {problem.problem for problem in report.problems} == {"is not an http or https address"}


@pytest.fixture
def unsteady(stall: "Stall") -> Iterator[tuple[str, list[int]]]:
    """A server of one picture; its list says with which status it answers next."""
    body, statuses = (stall.folder / "goods" / "0.jpg").read_bytes(), [503]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses[0])
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"HTTP://127.0.0.1:{server.server_port}/a.jpg", statuses
    server.shutdown()
    server.server_close()


def test_an_address_that_failed_once_is_tried_again(
    stall: "Stall", unsteady: tuple[str, list[int]], tmp_path: Path
) -> None:
    url, statuses = unsteady
    stall.rows[0]["image"] = url
    stall.write()
    shop = Shop.create(tmp_path / "web", encoder="hashed", settings=Settings(workers=0, fetch_private=True))
    (problem,) = shop.build(stall.catalog).problems
    assert "503" in problem.problem
    statuses[0] = 200
    report = shop.build(stall.catalog)
    assert (report.updated, report.problems) == (1, ())
    assert shop.product("A00").media[0].source == url


def test_an_encoder_that_has_changed_is_told_and_made_anew(stall: "Stall") -> None:
    stall.build()
    manifest = Manifest.load(stall.shop.folder)
    replace(manifest, cards={**manifest.cards, "vector_text_hashed": "an older card"}).save(stall.shop.folder)
    with pytest.raises(BadSetup, match="another than the one that this shop was built with"):
        stall.shop.search("red mug")
    stall.build()
    assert stall.shop.search("red mug")[0].product.title == "Red mug"


def test_reviews_are_kept_as_often_as_they_stand_and_follow_their_catalog(stall: "Stall") -> None:
    said = stall.folder / "goods" / "reviews.csv"
    said.write_text("sku,rating,review\nA00,5,Good\nA00,5,Good\nA01,1,Chipped\n")
    stall.shop.build(stall.folder / "goods")
    assert [review.text for review in stall.shop.reviews("A00")] == ["Good", "Good"]
    said.write_text("sku,rating,review\nA00,5,Good\nA00,5,Good\nA01,2,Chipped but fine\n")
    stall.shop.build(stall.folder / "goods")
    assert [review.text for review in stall.shop.reviews("A00")] == ["Good", "Good"]
    assert [review.text for review in stall.shop.reviews("A01")] == ["Chipped but fine"]


def test_a_script_without_a_guard_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("sku,title\nA,Mug\n")
    script = tmp_path / "build_it.py"
    script.write_text(
        "from duomo import Shop, Settings\n"
        f"shop = Shop.create(r'{tmp_path / 'shop'}', encoder='hashed', settings=Settings(workers=1))\n"
        f"shop.build(r'{tmp_path / 'c.csv'}')\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode != 0
    assert "if __name__ == '__main__'" in run.stderr.splitlines()[-1]


def test_a_partial_catalog_takes_no_variant_from_a_product_it_does_not_name(tmp_path: Path) -> None:
    whole, some = tmp_path / "a.csv", tmp_path / "b.csv"
    whole.write_text("sku,product_id,title\nV1,P1,Mug\nV2,P1,Mug\n")
    some.write_text("sku,title,price\nV1,Other thing,5\n")
    shop = shop_of(tmp_path)
    shop.build(whole)
    report = shop.build(some, partial=True, replace=True)
    assert [(p.value, p.severity) for p in report.problems if "left out" in p.problem] == [("V1", "error")]
    assert (report.rows, report.products, report.skipped) == (1, 0, 1)
    assert len(shop.product("P1").variants) == 2


def test_a_table_that_was_deleted_is_told_and_built_again(stall: "Stall") -> None:
    stall.build()
    shutil.rmtree(stall.shop.folder / "variants.lance")
    with pytest.raises(BadSetup, match=r"variants\.lance is gone"):
        Shop.open(stall.shop.folder).search("mug")
    assert stall.build().added == 12
    assert stall.shop.search("red mug")[0].product.id == "A00"


def test_a_raised_limit_lets_the_picture_in_at_the_next_build(stall: "Stall") -> None:
    small = Shop.open(stall.shop.folder, settings=Settings(workers=0, picture_megapixels=0.001))
    assert len(small.build(stall.catalog).problems) == 12
    report = stall.build()
    assert (report.updated, report.problems) == (12, ())
    assert stall.shop.product("A00").media


def test_nothing_is_pruned_by_a_catalog_without_rows(stall: "Stall") -> None:
    stall.build()
    stall.catalog.write_text("sku,title\n")
    with pytest.raises(BadFile, match=r"products\.csv: the file has 0 products now"):
        stall.build(prune=True)
    assert (stall.build(prune="anyway").removed, len(stall.shop)) == (0, 12)


@pytest.mark.parametrize("text", ["[]", "null", '"x"', '{"format": 4}', "{", '{"format": 4, "more": 1}'])
def test_a_damaged_manifest_is_one_sentence(text: str, stall: "Stall") -> None:
    (stall.shop.folder / "manifest.json").write_text(text)
    with pytest.raises(BadSetup, match=r"Restore it from a backup"):
        Shop.open(stall.shop.folder)
