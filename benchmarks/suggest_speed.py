"""How long a suggestion takes while somebody types, beside a look-up in a sorted list of titles.

    python benchmarks/suggest_speed.py          # fashion_products: 37,774 rows

What is typed: each beginning, from one letter on, of questions cut from the shop's own titles (as in
search_speed.py), every fifth question with a slip of the finger. The floor finds the titles that begin so:
two bisections of their sorted list, and the first eight. *Warm* is how long it takes to make everything that
is looked up, once for each version of the shop.
"""

import argparse
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from duomo import Shop
from duomo.files import hash_file
from duomo.measure.typos import one_typo
from duomo.search.suggest import Suggester
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.exact import load_exact
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from provenance import pack_or_end, record
from search_speed import cut_titles

SEED = 7


def measure(catalog: Path, folder: Path, count: int) -> None:
    """Type the questions, letter by letter, and record."""
    snapshot = load_exact(LanceShelf(folder / VARIANTS).snapshot())
    table = snapshot.take(snapshot.search().rows, ["title"])
    titles = sorted({title.lower() for title in table["title"].to_pylist()})
    started = perf_counter()
    vocabulary = Vocabulary.of(snapshot)
    _ = vocabulary.words, vocabulary.phrases, vocabulary.tokens
    read_s = perf_counter() - started
    suggester = Suggester(vocabulary).warm()
    warm_s = perf_counter() - started

    rng = np.random.default_rng(SEED)
    questions = cut_titles(table["title"].to_pylist(), count)
    questions = [one_typo(q, rng) if n % 5 == 0 else q for n, q in enumerate(questions)]

    def floor(typed: str) -> list[str]:
        low = bisect_left(titles, typed.lower())
        return titles[low : bisect_left(titles, typed.lower() + "\U0010ffff")][:8]

    ways: dict[str, Callable[[str], object]] = {"floor": floor, "suggest": suggester.suggest}
    took: dict[str, list[float]] = {name: [] for name in ways}
    answered = 0
    for question in questions:
        for length in range(1, len(question) + 1):
            for name, ask in ways.items():
                started = perf_counter()
                found = ask(question[:length])
                took[name].append((perf_counter() - started) * 1000)
            answered += bool(found)
    cuts = {name: np.percentile(times, (50, 95, 99)) for name, times in took.items()}
    record(
        "suggest_speed",
        {
            "catalog": catalog.parent.name,
            "data": hash_file(catalog),
            "seed": SEED,
            "rows": len(snapshot),
            "n": len(took["suggest"]),
            "answered": round(answered / max(len(took["suggest"]), 1), 3),
            "vocabulary_s": round(read_s, 2),
            "warm_s": round(warm_s, 2),
            **{f"{name}_p50_p95_p99_ms": [round(float(c), 3) for c in each] for name, each in cuts.items()},
        },
    )


def main() -> None:
    """Build the shop, or take the one given, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack with products.csv; default: fashion_products")
    parser.add_argument("--shop", type=Path, help="a shop built from it; default: build one")
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    catalog = pack_or_end(given.folder, "fashion_products") / "products.csv"
    if given.shop:
        measure(catalog, given.shop, given.questions)
        return
    with TemporaryDirectory(prefix="duomo-suggest-speed-") as place:
        Shop.create(Path(place) / "shop", encoder="hashed").build(catalog)
        measure(catalog, Path(place) / "shop", given.questions)


if __name__ == "__main__":
    main()
