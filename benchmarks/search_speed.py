"""How long a search takes, against the exact vector product and the keyword lookup alone, in the same run.

    python benchmarks/search_speed.py           # fashion_products: 37,774 rows

The floor of a question: encode it, multiply every vector of the column with it, look its tokens up. The
questions are titles of the shop's own goods cut to two to four words. Floor and search alternate.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import mkdtemp
from time import perf_counter

import numpy as np

from duomo import Shop
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.shelf.columns import matrix_of
from duomo.shelf.exact import load_exact
from duomo.shelf.keywords import tokens
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import vector_column
from duomo.shelf.manifest import VARIANTS
from duomo.shelf.postings import Postings
from provenance import data_dir, record


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path, default=data_dir() / "fashion_products" / "products.csv")
    parser.add_argument("--shop", type=Path, help="a shop built from the catalog; default: build one")
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    folder = given.shop or Path(mkdtemp(prefix="duomo-search-speed-")) / "shop"
    if not given.shop:
        Shop.create(folder).build(given.catalog)
    shop = Shop.open(folder)
    snapshot = load_exact(LanceShelf(folder / VARIANTS).snapshot())
    every = snapshot.search().rows
    table = snapshot.take(every, ["title", "tokens", vector_column("hashed", "text")])
    matrix = matrix_of(table[vector_column("hashed", "text")].combine_chunks())[0]
    postings = Postings(table["tokens"].combine_chunks())
    tower = load_encoder("hashed").text
    assert tower
    rng = np.random.default_rng(7)
    titles = table["title"].to_pylist()
    questions = []
    for row in rng.choice(len(titles), given.questions, replace=False):
        words = titles[row].split()
        size = int(rng.integers(2, 5))
        start = int(rng.integers(0, max(len(words) - size, 0) + 1))
        questions.append(" ".join(words[start : start + size]))

    def floor(question: str) -> None:
        matrix @ tower.encode([question])[0]
        postings.search(tokens(question))

    took: dict[str, list[float]] = {"floor": [], "search": [], "facets": [], "filtered": []}
    ways: dict[str, Callable[[str], object]] = {
        "floor": floor,
        "search": lambda question: shop.search(question, k=10),
        "facets": lambda question: shop.search(question, k=10, facets=["color", "category", "brand"]),
        "filtered": lambda question: shop.search(question, k=10, where="category = 'Footwear'"),
    }
    for question in questions[:10]:
        for ask in ways.values():
            ask(question)
    for question in questions:
        for name, ask in ways.items():
            started = perf_counter()
            ask(question)
            took[name].append((perf_counter() - started) * 1000)
    ratios = [s / f for s, f in zip(took["search"], took["floor"], strict=True)]
    record(
        "search_speed",
        {
            "catalog": given.catalog.parent.name,
            "data": hash_file(given.catalog),
            "rows": len(shop),
            "n": len(questions),
            **{f"{name}_p50_ms": round(median(each), 2) for name, each in took.items()},
            **{f"{name}_p95_ms": round(quantiles(each, n=20)[18], 2) for name, each in took.items()},
            "search_to_floor": round(median(took["search"]) / median(took["floor"]), 2),
            "pairwise_ratio_p50": round(median(ratios), 2),
        },
    )


if __name__ == "__main__":
    main()
