"""Work on a shop that is killed in the middle: the process that dies.

    python -m deaths work update --shop DIR --goods DIR --acknowledged FILE      # in benchmarks/

Prints a line of JSON with its steps and seconds at the end. What was acknowledged is fsynced to a file of its
own, a line of JSON each time.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import lancedb  # noqa: F401 (before it begins: importing it takes longer than the work)

from deaths.goods import newest_ids, settings
from deaths.moments import Steps
from duomo import Shop
from duomo.progress import silent
from duomo.shelf.lance import LanceShelf
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, PICTURES, TABLES, VARIANTS
from duomo.shelf.tables import Tables
from duomo.stock.backup import back_up
from duomo.stock.encoders import prefer_encoder
from duomo.stock.restore import restore
from duomo.stock.tend import Need, tend

TABLE: Final = "notes"
_WHAT: Final = ("build", "update", "prune", "put", "optimize", "tend", "swap", "fold", "backup", "restore")
OTHER_MODEL: Final = "hashed-1024"  # that takes the place of the one a shop is made with


class Acknowledged:
    """What others may rely on from now on, on disk before anybody is told."""

    def __init__(self, path: Path) -> None:
        """Append to a file."""
        self._path = path

    def say(self, **said: object) -> None:
        """One line; on disk when this returns."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
            file.flush()
            os.fsync(file.fileno())


def build(
    shop: Path, goods: Path, acknowledged: Acknowledged, *, workers: int, indexed: bool, prune: bool
) -> None:
    """A build from nothing, or an update."""
    options = settings(workers=workers, indexed=indexed)
    opened = (Shop.open if (shop / NAME).exists() else Shop.create)(shop, settings=options)
    opened.build(goods, prune=prune, tick=_telling(shop, acknowledged))
    acknowledged.say(served=True)


def put(shop: Path, rows: Path, acknowledged: Acknowledged, *, indexed: bool) -> None:
    """What PUT /v1/products does with rows in a file."""
    opened = Shop.open(shop, settings=settings(indexed=indexed))
    tick = _telling(shop, acknowledged)
    opened.build(rows, format="own", partial=True, trusted=False, tick=tick)
    acknowledged.say(served=True)


def swap(shop: Path, goods: Path, *, indexed: bool, told: Callable[..., None] = silent) -> None:
    """Another model beside the one that a shop has, then before it; and an update."""
    opened = Shop.open(shop, settings=settings(indexed=indexed))
    opened.add_encoder(OTHER_MODEL, tick=told)
    prefer_encoder(shop, OTHER_MODEL)
    opened.build(goods, tick=told)


def optimize(shop: Path) -> None:
    """Index every column, merge small pieces, remove what is old."""
    with writing(shop):
        for name in (VARIANTS, PICTURES):
            shelf = LanceShelf(shop / name)
            shelf.build_indexes()
            shelf.optimize()


def tend_to(shop: Path, *, indexed: bool) -> None:
    """All that a server does for a shop that is changed a little all day, one after the other."""
    needs: tuple[Need, ...] = ("fold", "optimize", "clean")
    for need in needs:
        tend(shop, settings(indexed=indexed), need)


def fold(shop: Path, acknowledged: Acknowledged, *, writer: str, batches: int) -> None:
    """Append records, and fold them into Lance at every third batch."""
    tables = Tables(shop / TABLES)
    for n in range(batches):
        tables.append(TABLE, [{"text": f"{writer}.{n}.{part}", "说": "很好" * 20} for part in range(3)])
        acknowledged.say(writer=writer, batch=n)
        if n % 3 == 2:
            tables.fold(TABLE)


def _telling(shop: Path, acknowledged: Acknowledged) -> Callable[..., None]:
    """A tick that says which rows are committed by then."""

    def tick(stage: str, done: int, total: int | None = None) -> None:
        if stage == "stocking":
            acknowledged.say(rows=newest_ids(shop))

    return tick


def main(arguments: Sequence[str]) -> None:
    """Read the arguments, and work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=_WHAT)
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--goods", type=Path, help="the catalog, the rows that are put, the backup")
    parser.add_argument("--acknowledged", type=Path, required=True)
    parser.add_argument("--dies-at", type=int, default=0, help="the step at which it kills its process group")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--indexed", action="store_true", help="search on disk, with indexes")
    parser.add_argument("--writer", default="w", help="of the records that are appended")
    parser.add_argument("--batches", type=int, default=12)
    asked = parser.parse_args(arguments)
    told = Acknowledged(asked.acknowledged)
    started = perf_counter()
    copies = asked.what in ("backup", "restore")  # what is made of it lies beside the shop
    steps = Steps(asked.shop.parent if copies else asked.shop, asked.dies_at)
    if asked.what == "put":
        put(asked.shop, asked.goods, told, indexed=asked.indexed)
    elif asked.what == "optimize":
        optimize(asked.shop)
    elif asked.what == "tend":
        tend_to(asked.shop, indexed=asked.indexed)
    elif asked.what == "swap":
        swap(asked.shop, asked.goods, indexed=asked.indexed, told=_telling(asked.shop, told))
        told.say(served=True)
    elif asked.what == "backup":
        back_up(asked.shop, asked.goods, replace=True)
    elif asked.what == "restore":
        restore(asked.goods, asked.shop, replace=True)
    elif asked.what == "fold":
        fold(asked.shop, told, writer=asked.writer, batches=asked.batches)
    else:
        more = {"workers": asked.workers, "indexed": asked.indexed, "prune": asked.what == "prune"}
        build(asked.shop, asked.goods, told, **more)
    print(json.dumps({"steps": steps.count, "took_s": perf_counter() - started}), flush=True)
