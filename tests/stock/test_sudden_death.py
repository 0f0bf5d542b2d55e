"""Real processes killed in the middle of a build; nothing acknowledged is lost, and the work goes on."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import Pipe
from pathlib import Path

import psutil
import pytest

from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.shop import Shop
from duomo.stock.crew import broken_where_closed

pytestmark = pytest.mark.slow

PRODUCTS = 3000

# A build whose whole family of processes is killed in the middle, when some of it is committed.
BUILD_AND_DIE = """
import os, signal, sys
from duomo import Shop
from duomo.settings import Settings

def tick(stage, done, total=None):
    if stage == "stocking" and done >= 1000:
        os.killpg(0, signal.SIGKILL)

if __name__ == "__main__":
    shop = Shop.create(sys.argv[2], encoder="hashed", settings=Settings(batch_rows=100))
    shop.build(sys.argv[1], tick=tick)
"""


@pytest.fixture(scope="module")
def catalog(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 3,000 real products, each with its picture and that of the one before it."""
    pack = data_dir / "fashion_products"
    with (pack / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.DictReader(file), PRODUCTS))
    pictures = [row["image"] for row in rows]
    for row, other in zip(rows, [pictures[-1], *pictures], strict=False):
        row["image"] += f"|{other}"
    folder = tmp_path_factory.mktemp("catalog")
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "images").symlink_to(pack / "images")
    return folder / "products.csv"


def start(catalog: Path, shop: Path) -> subprocess.Popen[bytes]:
    """A real build in a process of its own, in small batches so that there is a middle to be killed in."""
    environment = {**os.environ, "DUOMO_BATCH_ROWS": "100"}
    command = [sys.executable, "-m", "duomo", "build", str(catalog), "--shop", str(shop), "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True)


def rows_of(shop: Path) -> dict[str, dict[str, object]]:
    snapshot = LanceShelf(shop / VARIANTS).snapshot(latest=True)
    if not len(snapshot):
        return {}
    names = ["id", "product_hash", "vector_picture_hashed", "vector_picture_hashed_hashes"]
    rows = snapshot.take(snapshot.search().rows, names).to_pylist()
    assert all(len(row["vector_picture_hashed"]) == 2 for row in rows)
    return {row["id"]: row for row in rows}


def test_a_killed_build_goes_on_and_ends_like_one_that_was_not(catalog: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    undisturbed = start(catalog, whole)
    undisturbed.communicate()
    assert undisturbed.returncode == 0
    shop = tmp_path / "shop"
    command = [sys.executable, "-c", BUILD_AND_DIE, str(catalog), str(shop)]
    first = subprocess.run(command, start_new_session=True)
    assert first.returncode == -signal.SIGKILL
    held = rows_of(shop)
    assert 0 < len(held) < PRODUCTS
    again = start(catalog, shop)
    report = json.loads(again.communicate()[0])
    assert again.returncode == 0
    assert (report["added"], report["updated"]) == (PRODUCTS - len(held), 0)
    assert report["unchanged"] == len(held)
    assert report["encoded"] <= 2 * (PRODUCTS - len(held))
    assert rows_of(shop) == rows_of(whole)
    assert Shop.open(shop).search("navy blue shirt").total == Shop.open(whole).search("navy blue shirt").total


def test_a_worker_that_dies_costs_nothing(catalog: Path, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    build = start(catalog, shop)
    parent = psutil.Process(build.pid)
    while build.poll() is None:
        workers = [p for p in parent.children() if "spawn_main" in " ".join(p.cmdline())]
        if (shop / "cache" / "vectors.sqlite").exists() and workers:
            workers[0].kill()
            break
        time.sleep(0.02)
    report = json.loads(build.communicate()[0])
    assert build.returncode == 0
    assert (report["added"], report["problems"]) == (PRODUCTS, [])
    assert len(rows_of(shop)) == PRODUCTS


def test_a_pool_that_closes_while_it_is_spoken_to_counts_as_broken() -> None:
    near, far = Pipe()
    near.close()
    with pytest.raises(BrokenProcessPool), broken_where_closed():
        near.send_bytes(b"a pool's pipe")  # what a pool does to itself on a busy machine
    far.close()
    with pytest.raises(FileNotFoundError), broken_where_closed():
        Path("no such file").read_bytes()


@pytest.mark.parametrize("dies", ["reading", "stocking", "between batches"])
def test_workers_that_die_at_any_stage_cost_nothing_and_it_is_told(
    dies: str, catalog: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    killed: list[int] = []

    def tick(stage: str, done: int, total: int | None = None) -> None:
        now = "between batches" if stage == "stocking" and done else stage
        if killed or now != dies:
            return
        workers = [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]
        for worker in workers:
            worker.kill()
            killed.append(worker.pid)
        time.sleep(0.3)  # the pool has seen it before the next batch is handed out

    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=2, batch_rows=100))
    report = shop.build(catalog, tick=tick)
    assert killed
    assert (report.added, report.problems, len(shop)) == (PRODUCTS, (), PRODUCTS)
    assert [record.message.partition(";")[0] for record in caplog.records] == [
        "a worker process of the build has died (killed, or out of memory)"
    ]


def test_readers_see_the_old_shop_until_the_new_one_is_there(catalog: Path, tmp_path: Path) -> None:
    goods = tmp_path / "goods.csv"
    goods.write_text("sku,title\n" + "".join(f"N{n},Lamp {n}\n" for n in range(500)))
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    shop.build(goods)
    build = start(catalog, shop.folder)
    seen = set()
    while build.poll() is None:
        seen.add(len(Shop.open(shop.folder)))
    build.communicate()
    assert build.returncode == 0
    seen.add(len(shop))
    assert seen == {500, 500 + PRODUCTS}
