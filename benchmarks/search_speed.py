"""How long a search takes, against the exact vector product and the keyword lookup alone, in the same run.

    python benchmarks/search_speed.py           # fashion_products: 37,774 rows

The floor of a question: multiply every vector of the column with its vector, which was made before, and look
its tokens up. The questions are titles of the shop's own goods cut to two to four words. Each question is
asked in every way, in an order that turns by one from question to question, so that none is always first; the
ratio is taken question by question.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from duomo import Shop
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.shelf.columns import matrix_of
from duomo.shelf.exact import load_exact
from duomo.shelf.keywords import question as words_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import vector_column
from duomo.shelf.manifest import VARIANTS
from duomo.shelf.postings import Postings
from provenance import pack_or_end, record

SEED = 7


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


def measure(catalog: Path, folder: Path, count: int) -> None:
    """Ask the questions in every way, and record."""
    shop = Shop.open(folder)
    snapshot = load_exact(LanceShelf(folder / VARIANTS).snapshot())
    every = snapshot.search().rows
    table = snapshot.take(every, ["title", "tokens", vector_column("hashed", "text")])
    matrix = matrix_of(table[vector_column("hashed", "text")].combine_chunks())[0]
    postings = Postings(table["tokens"].combine_chunks())
    tower = load_encoder("hashed").text
    assert tower
    questions = cut_titles(table["title"].to_pylist(), count)
    vectors = dict(zip(questions, tower.encode(questions), strict=True))

    def floor(question: str) -> None:
        matrix @ vectors[question]
        postings.search(words_of(question))

    ways: dict[str, Callable[[str], object]] = {
        "floor": floor,
        "search": lambda question: shop.search(question, k=10),
        "facets": lambda question: shop.search(question, k=10, facets=["color", "category", "brand"]),
        "filtered": lambda question: shop.search(question, k=10, where="category = 'Footwear'"),
    }
    names = list(ways)
    took: dict[str, list[float]] = {name: [] for name in names}
    for question in questions[:10]:
        for ask in ways.values():
            ask(question)
    for number, question in enumerate(questions):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            started = perf_counter()
            ways[name](question)
            took[name].append((perf_counter() - started) * 1000)
    ratios = [s / f for s, f in zip(took["search"], took["floor"], strict=True)]
    record(
        "search_speed",
        {
            "catalog": catalog.parent.name,
            "data": hash_file(catalog),
            "seed": SEED,
            "rows": len(shop),
            "n": len(questions),
            **{f"{name}_p50_ms": round(median(each), 2) for name, each in took.items()},
            **{f"{name}_p5_p95_ms": spread(each) for name, each in took.items()},
            "search_to_floor": round(median(ratios), 2),
            "search_to_floor_p5_p95": spread(ratios),
        },
    )


def spread(numbers: list[float]) -> list[float]:
    """The 5th and the 95th percentile."""
    return [round(float(cut), 2) for cut in np.percentile(numbers, (5, 95))]


def main() -> None:
    """Build the shop, or take the one given, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--shop", type=Path, help="a shop built from it; default: build one")
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    catalog = pack_or_end(given.folder, "fashion_products") / "products.csv"
    if given.shop:
        measure(catalog, given.shop, given.questions)
        return
    with TemporaryDirectory(prefix="duomo-search-speed-") as place:
        Shop.create(Path(place) / "shop", encoder="hashed").build(catalog)
        measure(catalog, Path(place) / "shop", given.questions)


if __name__ == "__main__":
    main()
