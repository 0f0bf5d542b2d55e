"""How fast a real catalog is built, against decoding and encoding alone; and what an unchanged one costs.

    python benchmarks/build_speed.py            # fashion_products: 37,774 products with pictures, hashed
    python benchmarks/build_speed.py --rounds 1 --encoder pocket

The floor runs in the same number of processes on the same batches: read the picture, decode it, encode it,
encode the text with each tower of the encoder that a build uses; nothing else. Each round runs floor, build,
unchanged build in turn. Recorded are the median, the least and the largest of every number, and all of them.
"""

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import Any

import psutil

from duomo.catalog.read import read_catalog
from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.settings import Settings
from duomo.shelf.rows import Good, text_of
from duomo.stock.crew import in_batches
from duomo.stock.work import PICTURES_AT_ONCE
from provenance import pack_or_end, record

LOOK_EVERY_S = 0.05

_towers: Towers


def _start(encoder: str) -> None:
    global _towers
    _towers = load_encoder(encoder)


def _decode_and_encode(batch: Sequence[Good], side: int) -> float:
    """The work no build can do without; the CPU seconds it took."""
    started = process_time()
    texts = [text_of(good.product, variant) for good in batch for variant in good.product.variants]
    sources = [good.product.media[0].source for good in batch if good.product.media]
    assert _towers.picture
    towers = {tower.card.hash: tower for tower in (_towers.kept, _towers.text) if tower}
    for tower in towers.values():
        tower.encode(list(dict.fromkeys(texts)))
    for start in range(0, len(sources), PICTURES_AT_ONCE):
        some = sources[start : start + PICTURES_AT_ONCE]
        _towers.picture.encode([open_picture(picture_bytes(Path(s)), side=side).pixels for s in some])
    return process_time() - started


def floor_s(goods: Sequence[Good], encoder: str, settings: Settings, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds that decoding and encoding alone take, processes started before."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (encoder,)) as pool:
        batches = list(in_batches(goods, settings.batch_rows))
        list(pool.map(_decode_and_encode, [goods[:8]] * workers, [settings.picture_side] * workers))
        started = perf_counter()
        cpu = sum(pool.map(_decode_and_encode, batches, [settings.picture_side] * len(batches)))
        return perf_counter() - started, cpu


@dataclass(frozen=True, slots=True)
class Ran:
    """What a whole command took, its workers included."""

    wall_s: float
    cpu_s: float
    peak_mb: (
        float  # largest sum of the resident memory of the process and all below it; shared pages count twice
    )
    report: dict[str, Any]  # the JSON document that it printed


def run(arguments: list[str]) -> Ran:
    """Run a duomo command, and watch its memory meanwhile."""
    started, before = perf_counter(), cpu_of_children_s()
    command = [sys.executable, "-m", "duomo", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        with ThreadPoolExecutor(1) as aside:
            peak = aside.submit(peak_mb, process.pid)
            printed, _ = process.communicate()
            took = perf_counter() - started
        assert process.returncode == 0
    return Ran(took, cpu_of_children_s() - before, peak.result(), json.loads(printed))


def peak_mb(pid: int) -> float:
    """The most memory that a process and all below it held together, looked at every 50 ms until it ends."""
    peak, looks = 0, 0
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        family = [top]
        while top.is_running() and top.status() != psutil.STATUS_ZOMBIE:
            if looks % 5 == 0:  # finding the children takes longer than asking them
                family = [top, *top.children(recursive=True)]
            looks += 1
            held = 0
            for process in family:
                with suppress(psutil.NoSuchProcess):
                    held += process.memory_info().rss
            peak = max(peak, held)
            sleep(LOOK_EVERY_S)
    return peak / 1e6


def cpu_of_children_s() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encoder", default="hashed")
    given = parser.parse_args()
    catalog = pack_or_end(given.folder, "fashion_products") / "products.csv"
    settings, workers = Settings(), os.cpu_count() or 1
    goods = [Good(product, "", "") for product in read_catalog(catalog).products]
    rounds: dict[str, list[float]] = defaultdict(list)
    report: dict[str, Any] = {}
    for _ in range(given.rounds):
        floor, floor_cpu = floor_s(goods, given.encoder, settings, workers)
        with TemporaryDirectory(prefix="duomo-build-speed-") as place:
            arguments = ["build", str(catalog), "--shop", f"{place}/shop", "--json"]
            arguments += ["--encoder", given.encoder]
            first = run(arguments)
            again = run(arguments)
        report = first.report
        assert (again.report["encoded"], again.report["unchanged"]) == (0, report["products"]), again.report
        rounds["floor_s"].append(floor)
        rounds["build_s"].append(first.wall_s)
        rounds["unchanged_s"].append(again.wall_s)
        rounds["of_floor"].append(floor / first.wall_s)
        rounds["of_floor_cpu"].append(floor_cpu / first.cpu_s)
        rounds["unchanged_share"].append(again.wall_s / first.wall_s)
        rounds["products_per_s"].append(report["products"] / first.wall_s)
        rounds["peak_mb"].append(first.peak_mb)
    record(
        "build_speed",
        {
            "catalog": catalog.parent.name,
            "data": hash_file(catalog),
            "encoder": given.encoder,
            "seed": None,  # nothing is left to chance
            "products": report["products"],
            "rows": report["rows"],
            "skipped": report["skipped"],
            "rounds": given.rounds,
            "workers": workers,
            **{name: round(median(each), 3) for name, each in rounds.items()},
            "spread": {name: [round(min(each), 3), round(max(each), 3)] for name, each in rounds.items()},
            "every_round": {name: [round(one, 3) for one in each] for name, each in rounds.items()},
        },
    )


if __name__ == "__main__":
    main()
