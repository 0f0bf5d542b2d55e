"""Two processes that write at once: one waits or is told who the other is, and nothing is doubled."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import TABLES, VARIANTS
from duomo.shelf.tables import Tables
from duomo.shop import Shop

SMALL = Settings(workers=0, batch_rows=5)

# Holds on when the first goods are on the shelf, until it is told to go on.
BUILD = """
import sys
from duomo import Shop
from duomo.errors import DuomoError
from duomo.settings import Settings

def tick(stage, done, total=None):
    if stage == "stocking" and done and not told:
        told.append(done)
        print("writing", flush=True)
        sys.stdin.readline()

told = ["at once"] if "at once" in sys.argv else []
shop = Shop.open(sys.argv[1], settings=Settings(workers=0, batch_rows=5))
try:
    report = shop.build(sys.argv[2], partial="partial" in sys.argv, tick=tick)
    print(report.added, report.updated)
except DuomoError as error:
    print(error)
"""


def begun(shop: Path, catalog: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", BUILD, str(shop), str(catalog), *options]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def lamps(path: Path, prefix: str, count: int = 20) -> Path:
    rows = [f"{prefix}{n},Lamp {prefix} {n}" for n in range(count)]
    path.write_text("sku,title\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def ids(shop: Path) -> Counter[str]:
    snapshot = LanceShelf(shop / VARIANTS).snapshot(latest=True)
    return Counter(snapshot.take(snapshot.search().rows, ["id"])["id"].to_pylist())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Shop.create(tmp_path / "shop", encoder="hashed", settings=SMALL).folder


@pytest.mark.slow
def test_a_second_build_is_told_who_is_writing_and_may_when_that_one_is_dead(
    shop: Path, tmp_path: Path
) -> None:
    first = begun(shop, lamps(tmp_path / "a.csv", "A"))
    assert line(first) == "writing"
    second = begun(shop, lamps(tmp_path / "b.csv", "B"))
    said = second.communicate()[0]
    assert f"process {first.pid} (-c " in said
    assert f"is writing to {shop}. Wait until it has finished; if it is stopped, it goes on" in said
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert (shop / ".writer.json").exists()  # what it said of itself: no obstacle
    assert begun(shop, tmp_path / "b.csv", "at once").communicate()[0] == "20 0\n"
    assert ids(shop) == Counter({f"B{n}": 1 for n in range(20)})


@pytest.mark.slow
def test_rows_that_are_put_twice_at_once_are_there_once(shop: Path, tmp_path: Path) -> None:
    Shop.open(shop, settings=SMALL).build(lamps(tmp_path / "a.csv", "A"))
    first = begun(shop, lamps(tmp_path / "rows.csv", "N"), "partial")
    assert line(first) == "writing"
    second = begun(shop, tmp_path / "rows.csv", "partial", "at once")
    first.communicate("go on\n")
    said = second.communicate()[0]
    assert said.strip() in ("0 0", "20 0") or f"process {first.pid}" in said
    assert ids(shop) == Counter({f"{kind}{n}": 1 for kind in "AN" for n in range(20)})


@pytest.mark.slow
def test_records_are_appended_while_a_build_holds_the_shop(shop: Path, tmp_path: Path) -> None:
    build = begun(shop, lamps(tmp_path / "a.csv", "A"))
    assert line(build) == "writing"
    tables = Tables(shop / TABLES, wait_s=0.0)
    tables.append("events", [{"text": "seen"}])
    assert tables.fold("events") == 1
    build.communicate("go on\n")
    assert tables.scan("events")["text"].to_pylist() == ["seen"]
    assert len(ids(shop)) == 20
