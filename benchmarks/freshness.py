"""How soon what a shop is sent is found, and what a day of small changes leaves behind.

    python benchmarks/freshness.py put                       # fashion_products: 37,774 rows, one process
    python benchmarks/freshness.py put --shop DIR --workers 2
    python benchmarks/freshness.py day                       # 1,440 small batches, then a quiet hour
    python benchmarks/freshness.py day --index               # the same through LanceDB's indexes

*put* serves a shop in processes of its own. While readers ask it (Poisson, 20 a second), batches of prices,
stocks and new products are sent by `PUT /v1/products`, and from the moment each is sent it is counted how
long it takes until it is acknowledged, and until every process that serves answers with it. The floor of the
same run is what readers wait for without any writing.

*day* sends a batch a minute of a day, one after the other without the waiting; old versions are kept for a
24th of the time that takes, as they are for an hour of a day, and what a server does for its shop is done
between the batches. In the end stand: the size on disk and the latency beside those of a shop built anew from
the last state, and the most that it was in between.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, Final

import httpx
import numpy as np

from duomo import Shop
from duomo.files import write_json_lines
from duomo.settings import Settings
from duomo.shelf.health import bytes_in, health_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.stock.tend import need_of, tend
from provenance import pack_or_end, record
from search_speed import cut_titles

SEED: Final = 7
KEY: Final = "freshness"
BATCHES: Final = ((1, 20), (20, 20), (200, 10))  # rows of a batch, and how many such batches of each kind
KINDS: Final = ("price", "stock", "new")
RATE: Final = 20.0  # questions a second beside the writing
DAY: Final = 1440
DAY_ROWS: Final = 3


def cuts(values: list[float]) -> dict[str, object]:
    """Median, 95th and 99th percentile and the longest, in milliseconds."""
    found = np.percentile(values, (50, 95, 99, 100)).round(1).tolist()
    return dict(zip(("p50_ms", "p95_ms", "p99_ms", "max_ms"), found, strict=True)) | {"n": len(values)}


def rows_of(
    kind: str, size: int, ids: list[str], number: int, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """One batch."""
    if kind == "new":
        return [
            {"sku": f"fresh-{number}-{n}", "title": f"Fresh freshword{number} thing {n}", "price": "9.00 USD"}
            for n in range(size)
        ]
    chosen = rng.choice(ids, size, replace=False)
    if kind == "price":
        return [{"sku": str(id), "price": f"{rng.integers(5, 500)}.{number % 100:02} USD"} for id in chosen]
    return [{"sku": str(id), "stock": str(1000 + number)} for id in chosen]


def shows(client: httpx.Client, kind: str, rows: list[dict[str, Any]], number: int) -> bool:
    """Whether a server answers with the batch."""
    row = rows[-1]
    if kind == "new":
        hits = client.get("/v1/search", params={"q": f"freshword{number}", "k": 1}).json()["hits"]
        return bool(hits) and hits[0]["product_id"].startswith(f"fresh-{number}-")
    variant = client.get(f"/v1/products/{row['sku']}").json()["variants"][0]
    if kind == "price":
        return bool(variant["price"]) and float(variant["price"]["amount"]) == float(row["price"].split()[0])
    return bool(variant["stock"] == int(row["stock"]))


@contextmanager
def served(folder: Path, workers: int) -> Iterator[str]:
    """A server over a shop folder, ready to answer."""
    command = [sys.executable, "-m", "duomo", "serve", "--shop", str(folder), "--port", "0", "--json"]
    server = subprocess.Popen(
        [*command, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DUOMO_WRITE_KEY": KEY, "OMP_NUM_THREADS": "1"},
    )
    try:
        assert server.stdout
        url = json.loads(server.stdout.readline())["url"].rstrip("/")
        while httpx.get(f"{url}/readyz", timeout=120).status_code != 200:
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(60)


class Readers:
    """Asks all the while, and notes how long each question took and what went wrong."""

    def __init__(self, url: str, questions: list[str]) -> None:
        self._url, self._questions, self._stop = url, questions, Event()
        self.waited: list[float] = []
        self.failed: list[str] = []
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        rng = np.random.default_rng(SEED)
        with httpx.Client(base_url=self._url, timeout=60) as client:
            due = time.monotonic()
            while not self._stop.is_set():
                due += rng.exponential(1 / RATE)
                time.sleep(max(due - time.monotonic(), 0))
                answer = client.get("/v1/search", params={"q": str(rng.choice(self._questions))})
                self.waited.append((time.monotonic() - due) * 1000)
                if answer.status_code != 200:
                    self.failed.append(str(answer.status_code))

    def __enter__(self) -> "Readers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def put(shop: Shop, workers: int, scratch: Path) -> None:
    """Send batches to a served copy of the shop, and record."""
    folder = scratch / "served"
    shutil.copytree(shop.folder, folder)
    rng = np.random.default_rng(SEED)
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    table = snapshot.take(snapshot.search().rows, ["product_id", "title"])
    ids, questions = table["product_id"].to_pylist(), cut_titles(table["title"].to_pylist(), 500)
    with served(folder, workers) as url:
        with Readers(url, questions) as before:
            time.sleep(20)
        number = 0
        put_ms: dict[str, list[float]] = {}
        found_ms: dict[str, list[float]] = {}
        with Readers(url, questions) as during:
            for size, times in BATCHES:
                for kind in KINDS * times:
                    number += 1
                    rows = rows_of(kind, size, ids, number, rng)
                    name = f"{kind} x {size}"
                    started = time.monotonic()
                    answer = httpx.put(
                        f"{url}/v1/products", json=rows, headers={"X-Duomo-Key": KEY}, timeout=120
                    )
                    answer.raise_for_status()
                    assert answer.json()["skipped"] == 0, answer.text[:300]
                    put_ms.setdefault(name, []).append((time.monotonic() - started) * 1000)
                    # A connection of its own each time: whichever process takes it has to know.
                    in_a_row = 0
                    while in_a_row < (1 if workers == 1 else 4 * workers):
                        with httpx.Client(base_url=url, timeout=60) as client:
                            in_a_row = in_a_row + 1 if shows(client, kind, rows, number) else 0
                        assert time.monotonic() - started < 60, (name, rows[-1])
                    found_ms.setdefault(name, []).append((time.monotonic() - started) * 1000)
    every = [value for values in found_ms.values() for value in values]
    record(
        "freshness",
        {
            "what": "put",
            "rows": len(ids),
            "encoder": shop.manifest.encoders[0],
            "workers": workers,
            "put": {name: cuts(values) for name, values in put_ms.items()},
            "found": {name: cuts(values) for name, values in found_ms.items()},
            "found_all": cuts(every),
            "within_a_second": round(float(np.mean(np.array(every) <= 1000)), 4),
            "readers_before": cuts(before.waited),
            "readers_during": cuts(during.waited),
            "readers_failed": len(before.failed) + len(during.failed),
        },
    )


def latency(shop: Shop, questions: list[str]) -> float:
    """The median of a search, in milliseconds."""
    took = []
    for question in questions:
        started = time.perf_counter()
        shop.search(question, k=10)
        took.append((time.perf_counter() - started) * 1000)
    return round(float(np.median(took[len(took) // 5 :])), 2)


def day(catalog: Path, encoder: str, batches: int, indexed: bool, scratch: Path) -> None:
    """Live through a day of small changes, and record."""
    settings = Settings(exact_rows=0) if indexed else Settings()
    with catalog.open(encoding="utf-8", newline="") as file:
        goods = {
            row["sku"]: {n: v for n, v in row.items() if n not in ("image", "split")}
            for row in csv.DictReader(file)
        }
    shop = Shop.create(scratch / "shop", encoder=encoder, settings=settings)
    write_json_lines(scratch / "first.jsonl", list(goods.values()))
    shop.build(scratch / "first.jsonl", format="own")
    questions = cut_titles([row["title"] for row in goods.values()], 250)
    rng = np.random.default_rng(SEED)
    ids = list(goods)
    path, table = scratch / "batch.jsonl", shop.folder / VARIANTS
    latency(shop, questions[:20])
    first_ms = latency(shop, questions)
    most = {"bytes": 0, "fragments": 0}
    needs: list[str] = []
    during: list[float] = []
    kept = timedelta(seconds=10)
    for number in range(batches):
        kind = "new" if number % 10 == 9 else ("price", "stock")[number % 2]
        rows = rows_of(kind, DAY_ROWS, ids, number, rng)
        for row in rows:
            goods.setdefault(row["sku"], {}).update(row)
        write_json_lines(path, rows)
        started = time.perf_counter()
        shop.build(path, format="own", partial=True)
        if need := need_of(shop.folder, settings, kept):
            tend(shop.folder, settings, need, kept=kept)
            needs.append(need)
        if number % 24 == 23:
            during.append(latency(shop, questions[:25]))
            most["bytes"] = max(most["bytes"], bytes_in(table))
        most["fragments"] = max(most["fragments"], health_of(table).fragments)
        if number == batches // 8:  # as long as an hour is in a day
            kept = timedelta(seconds=max((time.perf_counter() - started) * batches / 24, 5))
    while need := need_of(shop.folder, settings, kept):  # the night
        tend(shop.folder, settings, need, kept=kept)
        needs.append(need)
    for _ in range(3):
        time.sleep(kept.total_seconds() + 5)
        if need := need_of(shop.folder, settings, kept):
            tend(shop.folder, settings, need, kept=kept)
            needs.append(need)
    fresh = Shop.create(scratch / "fresh", encoder=encoder, settings=settings)
    write_json_lines(scratch / "last.jsonl", list(goods.values()))
    fresh.build(scratch / "last.jsonl", format="own")
    ends: dict[str, list[float]] = {"layered": [], "loaded": [], "fresh": []}
    loaded = shop.pinned(whole=True)
    for _ in range(3):  # in turns, since the machine is shared
        for name, each in (("layered", shop), ("loaded", loaded), ("fresh", fresh)):
            ends[name].append(latency(each, questions))
    middle = {name: float(np.median(values)) for name, values in ends.items()}
    sizes = {name: bytes_in(each.folder / VARIANTS) for name, each in (("day", shop), ("fresh", fresh))}
    record(
        "freshness",
        {
            "what": "day",
            "rows": len(goods),
            "encoder": encoder,
            "indexed": indexed,
            "batches": batches,
            "batch_rows": DAY_ROWS,
            "needs": {need: needs.count(need) for need in dict.fromkeys(needs)},
            "fragments_most": most["fragments"],
            "disk_ratio": round(sizes["day"] / sizes["fresh"], 3),
            "disk_ratio_most": round(most["bytes"] / sizes["fresh"], 3),
            "p50_ms": {"first": first_ms, "during": float(np.median(during)), **middle},
            "latency_ratio": round(middle["loaded"] / middle["fresh"], 3),
            "latency_ratio_layered": round(middle["layered"] / middle["fresh"], 3),
        },
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("put", "day"), nargs="?", default="put")
    parser.add_argument("--shop", type=Path, help="a built shop of fashion_products, to spare building one")
    parser.add_argument("--encoder", default="pocket")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--batches", type=int, default=DAY)
    parser.add_argument("--index", action="store_true", help="search through LanceDB's indexes alone")
    given = parser.parse_args()
    catalog = pack_or_end(None, "fashion_products") / "products.csv"
    with TemporaryDirectory(prefix="duomo-freshness-") as scratch:
        if given.what == "day":
            day(catalog, given.encoder, given.batches, given.index, Path(scratch))
            return
        if given.shop:
            shop = Shop.open(given.shop)
        else:
            shop = Shop.create(Path(scratch) / "shop", encoder=given.encoder)
            shop.build(catalog)
        put(shop, given.workers, Path(scratch))


if __name__ == "__main__":
    main()
