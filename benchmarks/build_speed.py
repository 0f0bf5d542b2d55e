"""How fast a real catalog is built, against decoding and encoding alone; and what an unchanged one costs.

    python benchmarks/build_speed.py            # fashion_products: 37,774 products with pictures
    python benchmarks/build_speed.py --rounds 3

The floor runs in the same number of processes on the same batches: read the picture, decode it, encode it,
encode the text; nothing else. Each round runs floor, build, unchanged build in turn; medians are recorded.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter, process_time

from duomo.catalog.read import read_catalog
from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.settings import Settings
from duomo.shelf.rows import Good, text_of
from duomo.stock.crew import in_batches
from duomo.stock.work import PICTURES_AT_ONCE
from provenance import data_dir, record

_towers: Towers


def _start(encoder: str) -> None:
    global _towers
    _towers = load_encoder(encoder)


def _decode_and_encode(batch: Sequence[Good], side: int) -> float:
    """The work no build can do without; the CPU seconds it took."""
    started = process_time()
    texts = [text_of(good.product, variant) for good in batch for variant in good.product.variants]
    sources = [good.product.media[0].source for good in batch if good.product.media]
    assert _towers.text
    assert _towers.picture
    _towers.text.encode(list(dict.fromkeys(texts)))
    for start in range(0, len(sources), PICTURES_AT_ONCE):
        some = sources[start : start + PICTURES_AT_ONCE]
        _towers.picture.encode([open_picture(picture_bytes(Path(s)), side=side).pixels for s in some])
    return process_time() - started


def floor_s(goods: Sequence[Good], settings: Settings, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds that decoding and encoding alone take, processes started before."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (settings.encoder,)) as pool:
        batches = in_batches(goods, settings.batch_rows)
        list(pool.map(_decode_and_encode, [goods[:8]] * workers, [settings.picture_side] * workers))
        started = perf_counter()
        cpu = sum(pool.map(_decode_and_encode, batches, [settings.picture_side] * len(batches)))
        return perf_counter() - started, cpu


def command_s(arguments: list[str]) -> tuple[float, float, dict[str, object]]:
    """Wall and CPU seconds of a whole command, its workers included, and the JSON document it printed."""
    started, before = perf_counter(), cpu_of_children_s()
    run = subprocess.run([sys.executable, "-m", "duomo.cli", *arguments], check=True, capture_output=True)
    return perf_counter() - started, cpu_of_children_s() - before, json.loads(run.stdout)


def cpu_of_children_s() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path, default=data_dir() / "fashion_products" / "products.csv")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    settings, workers = Settings(), os.cpu_count() or 1
    goods = [Good(product, "", "") for product in read_catalog(given.catalog).products]
    floors, firsts, agains, cpus, reports = [], [], [], [], []
    for _ in range(given.rounds):
        floor, floor_cpu = floor_s(goods, settings, workers)
        floors.append(floor)
        shop = Path(mkdtemp(prefix="duomo-build-speed-"))
        arguments = ["build", str(given.catalog), "--shop", str(shop / "shop"), "--json"]
        took, cpu, report = command_s(arguments)
        firsts.append(took)
        cpus.append(floor_cpu / cpu)
        reports.append(report)
        took, _, again = command_s(arguments)
        agains.append(took)
        assert (again["encoded"], again["unchanged"]) == (0, report["products"]), again
        shutil.rmtree(shop)
    report = reports[0]
    record(
        "build_speed",
        {
            "catalog": given.catalog.parent.name,
            "data": hash_file(given.catalog),
            "products": report["products"],
            "rows": report["rows"],
            "skipped": report["skipped"],
            "rounds": given.rounds,
            "workers": workers,
            "floor_s": round(median(floors), 2),
            "build_s": round(median(firsts), 2),
            "unchanged_s": round(median(agains), 2),
            "of_floor": round(median(f / b for f, b in zip(floors, firsts, strict=True)), 3),
            "of_floor_cpu": round(median(cpus), 3),
            "unchanged_share": round(median(a / b for a, b in zip(agains, firsts, strict=True)), 3),
            "products_per_s": round(report["products"] / median(firsts)),  # type: ignore[operator]  # a count
            "peak_mb_of_one_process": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        },
    )


if __name__ == "__main__":
    main()
