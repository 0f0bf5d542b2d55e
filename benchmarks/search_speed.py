"""How long a search takes, against encoding the question, the exact product and BM25 alone, in the same run.

    python benchmarks/search_speed.py                                  # fashion_products: 37,774 rows
    python benchmarks/search_speed.py --encoder pocket --shop DIR      # built there, if it is not there yet
    python benchmarks/search_speed.py --rows 200000 --shop DIR
    python benchmarks/search_speed.py --rows 200000 --shop DIR --index # nothing in memory: LanceDB's indexes

The floor of a question, on one thread: encode it with the shop's own encoder, multiply every vector of each
column that words are held against with it (NumPy, 32-bit floats; `hashed` has one such column, `pocket` two),
and look its words up (`Postings.search`). The questions are two to four words that stand side by side in a
title of the shop. In every round the floor and the search stand in turn first; the search is asked a question
for the first time (cold), then once more (again), with facets, and with a filter. The ratio is taken question
by question; the encoder of the floor is one of its own, so that neither profits from the other. Where others
use the machine, waiting for it is most of what a clock sees: beside it stands the time that the thread had a
processor for itself (cpu), which says nothing with --index, since LanceDB works in threads of its own.

More rows than the pack has are made of it: each product again under another id, one word of its title
exchanged for one of another product, without pictures, so that vectors of words alone are compared.
"""

import argparse
import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

import numpy as np

from duomo import Shop
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.search.ways import ways
from duomo.settings import Settings
from duomo.shelf.columns import dim_of
from duomo.shelf.exact import ExactSnapshot, load_exact
from duomo.shelf.keywords import question as words_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from duomo.shelf.postings import Postings
from duomo.shelf.vectors import directions_of
from provenance import pack_or_end, record

SEED = 7
WARM = 20  # questions that are asked before, and not counted
FACETS = ["color", "category", "brand"]
NEIGHBOURS = 1000  # what search asks an index for


def cut_titles(titles: list[str], count: int) -> list[str]:
    """So many questions: two to four words that stand side by side in a title drawn at random."""
    rng = np.random.default_rng(SEED)
    questions = []
    for row in rng.choice(len(titles), min(count, len(titles)), replace=False):
        words = titles[row].split()
        size = int(rng.integers(2, 5))
        start = int(rng.integers(0, max(len(words) - size, 0) + 1))
        questions.append(" ".join(words[start : start + size]))
    return questions


def enlarged(catalog: Path, rows: int, into: Path) -> Path:
    """A catalog of so many rows: the products of another one, again and again, with titles altered."""
    rng = np.random.default_rng(SEED)
    with catalog.open(encoding="utf-8", newline="") as file:
        goods = list(csv.DictReader(file))
    words = [word for good in goods for word in good["title"].split()]
    names = [name for name in goods[0] if name not in ("image", "split")]
    into.parent.mkdir(parents=True, exist_ok=True)
    with into.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        for number in range(rows):
            good = dict(goods[number % len(goods)])
            if round := number // len(goods):
                title = good["title"].split()
                title[int(rng.integers(len(title)))] = words[int(rng.integers(len(words)))]
                good |= {"sku": f"{good['sku']}-{round}", "title": " ".join(title)}
            writer.writerow(good)
    return into


def measure(shop: Shop, count: int, notes: dict[str, object]) -> None:
    """Ask the questions in every way, and record."""
    served = shop.folder / VARIANTS
    snapshot = load_exact(LanceShelf(served).snapshot())
    every = snapshot.search().rows
    name = shop.manifest.encoders[0]
    towers = load_encoder(name)  # not the one that the shop has: it may remember
    asked = [way for way in ways(towers) if way.asked in ("text", "words")]
    encoders = {"text": towers.text, "words": towers.asks_goods}
    matrices = {
        way.column: directions_of(snapshot.take(every, [way.column])[way.column].combine_chunks()).vectors
        for way in asked
    }
    table = snapshot.take(every, ["title", "tokens"])
    postings = Postings(table["tokens"].combine_chunks())
    questions = cut_titles(table["title"].to_pylist(), count + WARM)
    took: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        started, worked = perf_counter(), thread_time()
        yield
        busy.setdefault(name, []).append((thread_time() - worked) * 1000)
        took.setdefault(name, []).append((perf_counter() - started) * 1000)

    def floor(question: str) -> None:
        with timed("floor"):
            with timed("encoding"):
                vectors = [encoder.encode([question])[0] for way in asked if (encoder := encoders[way.asked])]
            with timed("product"):
                for way, vector in zip(asked, vectors, strict=True):
                    matrices[way.column] @ vector
            with timed("bm25"):
                postings.search(words_of(question))

    def search(question: str) -> None:
        with timed("search"):
            shop.search(question, k=10)

    def others(question: str) -> None:
        with timed("again"):
            shop.search(question, k=10)
        with timed("facets"):
            shop.search(question, k=10, facets=FACETS)
        with timed("filtered"):
            shop.search(question, k=10, where="category = 'Footwear'")

    for number, question in enumerate(questions):
        if number == WARM:
            took.clear()
            busy.clear()
        first: list[Callable[[str], None]] = [floor, search] if number % 2 else [search, floor]
        for way in (*first, others):
            way(question)
    asked_ways = ("search", "again")
    ratios = {each: np.divide(took[each], took["floor"]).tolist() for each in asked_ways}
    busy_ratios = {each: np.divide(busy[each], busy["floor"]).tolist() for each in asked_ways}
    line: dict[str, object] = {
        **notes,
        "seed": SEED,
        "encoder": name,
        "rows": len(snapshot),
        "n": len(questions) - WARM,
        "floor": {way.column: dim_of(snapshot.schema.field(way.column).type) for way in asked},
        "threads": os.environ.get("OMP_NUM_THREADS", "as they are"),
        **{f"{each}_p50_p95_ms": spread(times, (50, 95)) for each, times in took.items()},
        **{f"{each}_to_floor_p5_p50_p95": spread(times, (5, 50, 95)) for each, times in ratios.items()},
        "load_average": round(os.getloadavg()[1], 1),
        **{f"{each}_cpu_p50_p95_ms": spread(busy[each], (50, 95)) for each in ("floor", *asked_ways)},
        **{f"{each}_cpu_to_floor_p5_p50_p95": spread(t, (5, 50, 95)) for each, t in busy_ratios.items()},
    }
    if shop.settings.exact_rows < len(snapshot):
        line |= missed(shop, snapshot, questions[WARM:])
    record("search_speed", line)


def missed(shop: Shop, exact: ExactSnapshot, questions: list[str]) -> dict[str, object]:
    """What the index finds of the nearest thousand, and of the first ten hits of a shop in memory."""
    whole = Shop.open(shop.folder, settings=Settings(exact_rows=len(exact)))
    indexed = LanceShelf(shop.folder / VARIANTS).snapshot(probes=shop.manifest.probes)
    towers = load_encoder(shop.manifest.encoders[0])
    ids = exact.take(exact.search().rows, ["id"])["id"].to_pylist()
    nearest, pages = [], []
    for question in questions[:100]:
        for way in ways(towers):
            tower = {"text": towers.text, "words": towers.asks_goods}.get(way.asked)
            if tower is None:
                continue
            vector = tower.encode([question])[0]
            best = exact.search(vector=vector, column=way.column, k=NEIGHBOURS).rows
            met = indexed.search(vector=vector, column=way.column, k=NEIGHBOURS).rows
            names = indexed.take(met, ["id"])["id"].to_pylist()
            nearest.append(len({ids[row] for row in best} & {*names}) / len(best))
        first, second = ({hit.product.id for hit in each.search(question)} for each in (whole, shop))
        pages.append(len(first & second) / max(len(first), 1))
    return {
        "exact_rows": shop.settings.exact_rows,
        "probes": dict(shop.manifest.probes),
        "recall_at_1000_mean_p5": [round(float(np.mean(nearest)), 4), *spread(nearest, (5,))],
        "page_kept_mean_p5": [round(float(np.mean(pages)), 4), *spread(pages, (5,))],
    }


def spread(numbers: list[float], cuts: tuple[int, ...]) -> list[float]:
    """Percentiles."""
    return [round(float(cut), 2) for cut in np.percentile(numbers, cuts)]


def main() -> None:
    """Build the shop, or take the one given, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--shop", type=Path, help="where the shop is, or is to be; default: nowhere for long")
    parser.add_argument("--encoder", default="hashed", help="that it is built with; default: hashed")
    parser.add_argument("--rows", type=int, default=0, help="make more rows of those there are")
    parser.add_argument("--index", action="store_true", help="search by LanceDB's indexes, not in memory")
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    catalog = pack_or_end(given.folder, "fashion_products") / "products.csv"
    notes: dict[str, object] = {"catalog": catalog.parent.name, "data": hash_file(catalog)}
    settings = Settings(exact_rows=0) if given.index else Settings(exact_rows=1_000_000)
    with TemporaryDirectory(prefix="duomo-search-speed-") as place:
        folder = given.shop or Path(place) / "shop"
        if not (folder / "manifest.json").exists():
            goods = catalog
            if given.rows:
                goods = enlarged(catalog, given.rows, folder.parent / f"{folder.name}.csv")
            Shop.create(folder, encoder=given.encoder, settings=settings).build(goods)
        measure(Shop.open(folder, settings=settings), given.questions, notes)


if __name__ == "__main__":
    main()
