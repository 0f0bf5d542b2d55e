"""Processes that die between two steps of a build, always at the same place: what each of them leaves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import PICTURES, VARIANTS
from duomo.shelf.tables import connect
from duomo.shop import Shop

SMALL = Settings(workers=0, batch_rows=2)

# Python tells its hooks of every renaming before it is done, whoever does it.
BUILD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from duomo import Shop
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf

catalog, folder, name, number, *options = sys.argv[1:]
left = int(number)

def count(event, arguments):
    global left
    renames = event == "os.rename" and str(arguments[1]).endswith("/" + name)
    left -= renames
    if left == 0 and event != "os.kill" and renames != ("after" in options):
        os.kill(os.getpid(), signal.SIGKILL)

def tick(stage, done, total=None):
    if stage == name and done >= left:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
shop = (Shop.open if Path(folder, "manifest.json").exists() else Shop.create)(folder, settings=Settings(
    encoder="hashed", workers=0, batch_rows=2))
shop.build(catalog, tick=tick, prune="prune" in options, partial="partial" in options)
"""


def dies(catalog: Path, shop: Path, name: str, number: int, *options: str) -> None:
    """A build that dies at a stage, or before the file of this name is put in place for the n-th time.

    Options: "after" (it is put in place), "partial", "prune".
    """
    command = [sys.executable, "-c", BUILD_AND_DIE, str(catalog), str(shop), name, str(number), *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr


def lamps(path: Path, delivery: int, numbers: range, **more: str) -> Path:
    """A catalog of lamps whose rows say which delivery they came with."""
    names = ["sku", "title", "delivery", *more]
    rows = [",".join([f"L{n:02d}", f"Lamp {n} 灯", f"d{delivery}", *more.values()]) for n in numbers]
    path.write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    return path


def deliveries(shop: Shop) -> dict[str, int]:
    facet = shop.search("lamp", facets=["delivery"]).facets["delivery"]
    return {each.value: each.count for each in facet.values}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Of forty lamps of the first delivery."""
    made = Shop.create(tmp_path / "shop", encoder="hashed", settings=SMALL)
    made.build(lamps(tmp_path / "lamps.csv", 1, range(40)))
    return made


@pytest.mark.slow
def test_a_build_that_dies_after_the_tag_and_before_the_manifest_has_served_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    catalog = lamps(tmp_path / "lamps.csv", 2, range(44))
    before = shop.search("lamp", k=50)
    dies(catalog, shop.folder, "manifest.json", 2)  # the first says that a build has begun
    assert LanceShelf(shop.folder / VARIANTS).snapshot().version != shop.manifest.served
    for opened in (shop, Shop.open(shop.folder, settings=SMALL)):
        assert deliveries(opened) == {"d1": 40}
        hits = opened.search("lamp", k=50)
        assert [(hit.variant.id, hit.score) for hit in hits] == [(h.variant.id, h.score) for h in before]
    assert shop.build(catalog).unchanged == 44
    assert deliveries(shop) == {"d2": 44}


@pytest.mark.slow
def test_another_build_takes_back_what_a_dead_one_had_tagged(shop: Shop, tmp_path: Path) -> None:
    dies(lamps(tmp_path / "lamps.csv", 2, range(44)), shop.folder, "manifest.json", 2)
    shop.build(lamps(tmp_path / "others.csv", 3, range(50, 53)))
    assert deliveries(shop) == {"d1": 40, "d3": 3}


@pytest.mark.slow
def test_rows_of_a_put_that_died_are_not_served_by_the_next(shop: Shop, tmp_path: Path) -> None:
    dies(lamps(tmp_path / "rows.csv", 2, range(40)), shop.folder, "stocking", 16, "partial")
    assert deliveries(shop) == {"d1": 40}
    shop.build(lamps(tmp_path / "one.csv", 3, range(39, 40)), partial=True)
    assert deliveries(shop) == {"d1": 39, "d3": 1}


@pytest.mark.slow
def test_a_catalog_is_looked_at_again_although_who_took_its_goods_died_over_it(
    shop: Shop, tmp_path: Path
) -> None:
    first, second = tmp_path / "lamps.csv", lamps(tmp_path / "others.csv", 2, range(40))
    dies(second, shop.folder, "stocking", 40)
    assert shop.build(second).updated == 0  # the dead one had put all of them on the shelf
    assert deliveries(shop) == {"d2": 40}
    assert shop.build(first).updated == 40
    assert deliveries(shop) == {"d1": 40}


@pytest.mark.slow
def test_what_a_dead_build_found_wrong_with_pictures_is_found_again(tmp_path: Path) -> None:
    catalog = lamps(tmp_path / "lamps.csv", 1, range(40), image="nowhere.jpg")
    dies(catalog, tmp_path / "shop", "serving", 0)
    shop = Shop.open(tmp_path / "shop", settings=SMALL)
    assert len(shop.build(catalog).problems) == 40
    assert len(shop.build(catalog).problems) == 40
    assert len(shop.manifest.sources[str(catalog)].problems) == 40


@pytest.mark.slow
def test_a_prune_that_died_before_it_dropped_pictures_drops_them_when_it_goes_on(
    stall_of_pictures: Shop, tmp_path: Path
) -> None:
    shop, catalog = stall_of_pictures, lamps(tmp_path / "lamps.csv", 2, range(3), image="1.png")
    dies(catalog, shop.folder, "manifest.json", 2, "after", "prune")
    assert deliveries(shop) == {"d2": 3}
    assert len(LanceShelf(shop.folder / PICTURES).snapshot(latest=True)) == 2
    shop.build(catalog, prune=True)
    assert shop.manifest.building == ()
    assert len(LanceShelf(shop.folder / PICTURES).snapshot(latest=True)) == 1


@pytest.fixture
def stall_of_pictures(tmp_path: Path) -> Shop:
    """Of four lamps with a picture, which the next catalog does not show."""
    for number in (1, 2):
        Image.new("RGB", (30, 20), (number * 90, 10, 10)).save(tmp_path / f"{number}.png")
    catalog = lamps(tmp_path / "lamps.csv", 1, range(4), image="2.png")
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=SMALL)
    shop.build(catalog)
    return shop


@pytest.mark.slow
def test_halves_of_files_do_not_keep_a_shop_from_being_made_and_go_with_the_next_write(
    tmp_path: Path,
) -> None:
    catalog, folder = lamps(tmp_path / "lamps.csv", 1, range(3)), tmp_path / "shop"
    dies(catalog, folder, "duomo.toml", 1)
    dies(catalog, folder, "manifest.json", 1)
    halves = [path for path in folder.iterdir() if path.name.startswith(".")]
    assert len(halves) == 2
    shop = Shop.create(folder, encoder="hashed", settings=SMALL)
    (folder / "sources").mkdir()
    halves.append(folder / "sources" / ".0a1b.txt.k3x_9ab0")  # of the list of pictures that a build keeps
    halves[-1].write_text("half")
    for path in halves:
        os.utime(path, (0, 0))
    shop.build(catalog)
    assert not any(path.exists() for path in halves)


def test_files_that_a_dead_process_had_not_committed_go_when_the_shelf_is_tidied(
    shop: Shop, tmp_path: Path
) -> None:
    left = shop.folder / VARIANTS / "data" / "never-committed.lance"
    left.write_bytes(b"x" * 100)
    shop.build(lamps(tmp_path / "lamps.csv", 2, range(40)))
    assert not left.exists()
    assert deliveries(shop) == {"d2": 40}


@pytest.mark.slow
def test_pictures_that_a_dead_build_had_not_committed_go_when_it_goes_on(
    stall_of_pictures: Shop, tmp_path: Path
) -> None:
    shop, catalog = stall_of_pictures, lamps(tmp_path / "lamps.csv", 2, range(4), image="1.png")
    dies(catalog, shop.folder, "stocking", 0)
    left = shop.folder / PICTURES / "data" / "never-committed.lance"
    left.write_bytes(b"x" * 100)
    shop.build(catalog)
    assert not left.exists()
    assert deliveries(shop) == {"d2": 4}


def test_a_tag_that_was_left_empty_hides_nothing_and_is_made_anew(shop: Shop, tmp_path: Path) -> None:
    tag = shop.folder / VARIANTS / "_refs" / "tags" / "served.json"
    assert tag.stat().st_size
    tag.write_bytes(b"")  # as Lance leaves it on a full disk
    assert deliveries(Shop.open(shop.folder, settings=SMALL)) == {"d1": 40}
    shop.build(lamps(tmp_path / "lamps.csv", 2, range(44)))
    assert deliveries(shop) == {"d2": 44}
    assert LanceShelf(shop.folder / VARIANTS).snapshot().version == shop.manifest.served


def test_a_table_that_was_made_by_a_process_that_died_over_it_gets_its_key(shop: Shop) -> None:
    rows = LanceShelf(shop.folder / VARIANTS).snapshot().take(np.zeros(0, np.int64), ["id", "title"])
    torn = connect(shop.folder).create_table("torn", schema=rows.schema)
    LanceShelf(shop.folder / "torn.lance").upsert(rows)
    torn.checkout_latest()
    assert any(b"primary-key" in note for note in torn.schema.field("id").metadata)
