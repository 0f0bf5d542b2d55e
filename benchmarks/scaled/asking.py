"""How a shop of any size is asked: what loading it takes, what its indexes find, how long a question takes.

    OMP_NUM_THREADS=1 python -m scaled.asking --shop DIR [--exact-rows N] [--questions 200]

One process, one question at a time; prints one JSON object and records nothing (`scale.py` does). The floor
of a question is encoding it, the exact product with every vector of the columns that words are held against
(NumPy, 32-bit floats) and BM25 over postings in memory, as in `search_speed.py`; the ratio is taken question
by question. Recall is that of the shelf, against comparing every row that the filter lets through.
"""

import argparse
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.models import load_encoder
from duomo.hits import Query
from duomo.search.ways import ways
from duomo.settings import Settings
from duomo.shelf.filters import Compare, Filter
from duomo.shelf.keywords import question as words_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS, stamp_of
from duomo.shelf.postings import Postings
from duomo.shelf.vectors import directions_of
from duomo.stock.served import Served
from search_speed import cut_titles

WARM = 10  # questions that are asked before, and not counted
FACETS = ("color", "category", "price")
SHARES = (0.01, 0.1, 0.5)  # of the rows that a filter lets through
K = 10

Done = TypeVar("Done")


class Timed:
    """Milliseconds by name."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    def __call__(self, name: str, work: Callable[[], Done]) -> Done:
        """Do the work, and note how long it took."""
        started = perf_counter()
        done = work()
        self.took.setdefault(name, []).append((perf_counter() - started) * 1000)
        return done

    def spread(self) -> dict[str, list[float]]:
        """Medians and 99th percentiles."""
        return {
            f"{name}_p50_p99_ms": [round(float(cut), 2) for cut in np.percentile(each, (50, 99))]
            for name, each in self.took.items()
        }


def resident_mb() -> float:
    """What this process holds."""
    return round(float(psutil.Process().memory_info().rss) / 1e6, 1)


def loaded(folder: Path, settings: Settings) -> tuple[Served, dict[str, object]]:
    """The shop, ready to be asked, and what that took: each step in seconds, memory before and after."""
    before, started = resident_mb(), perf_counter()
    served = Served.load(folder, settings, stamp_of(folder))
    opened = perf_counter()
    served.reader.ready()
    read = perf_counter()
    served.ask(Query(text="red shoes"))
    asked = perf_counter()
    return served, {
        "load_s": round(opened - started, 2),
        "reader_s": round(read - opened, 2),
        "first_question_s": round(asked - read, 2),
        "loaded_mb": [before, resident_mb()],
    }


def recall_of(
    served: Served, asked: list[tuple[str, Vectors]], held: dict[str, Vectors], ids: NDArray[np.str_]
) -> dict[str, object]:
    """Recall@10 of the shelf and how long it looked, for every share of rows that a filter lets through."""
    snapshot = served.snapshot
    prices = np.array(snapshot.take(snapshot.search().rows, ["price"])["price"].to_pylist(), float)
    found: dict[str, object] = {}
    for share in (1.0, *SHARES):
        most = float(np.quantile(prices, share))
        only: Filter | None = Compare("price", "<=", most) if share < 1 else None
        places = np.flatnonzero(prices <= most) if share < 1 else np.arange(prices.size)
        timed, recalls, k = Timed(), [], min(K, places.size)
        for column, vector in asked:
            scores = held[column][places] @ vector if share < 1 else held[column] @ vector
            edge = float(np.partition(scores, scores.size - k)[scores.size - k])
            best: set[str] = set(ids[places[scores >= edge - 1e-6]].tolist())
            look = partial(snapshot.search, vector=vector, column=column, filter=only, k=K)
            rows = timed("shelf", look).rows
            names = snapshot.take(rows, ["id"])["id"].to_pylist()
            recalls.append(len(best & set(names)) / k)
        found[f"shelf_{share:g}"] = {
            "recall_at_10": round(float(np.mean(recalls)), 4),
            **timed.spread(),
        }
    return found


def main() -> None:
    """Load, ask, compare; print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--exact-rows", type=int, default=Settings().exact_rows)
    parser.add_argument("--questions", type=int, default=200)
    given = parser.parse_args()
    served, line = loaded(given.shop, Settings(exact_rows=given.exact_rows))
    name = served.manifest.encoders[0]
    towers = load_encoder(name)  # not the one that the shop has: it remembers
    asked_ways = [way for way in ways(towers) if way.asked in ("text", "words")]
    encoders = {"text": towers.text, "words": towers.asks_goods}
    everything = LanceShelf(given.shop / VARIANTS).snapshot()
    every = everything.search().rows
    ids = np.array(everything.take(every, ["id"])["id"].to_pylist())
    held: dict[str, Vectors] = {}
    for way in asked_ways:
        directions = directions_of(everything.take(every, [way.column])[way.column].combine_chunks())
        if directions.present.any():
            held[way.column] = directions.vectors
    postings = Postings(everything.take(every, ["tokens"])["tokens"].combine_chunks())
    rng = np.random.default_rng(7)
    some = rng.choice(every, min(len(every), 20 * given.questions), replace=False)
    questions = cut_titles(everything.take(some, ["title"])["title"].to_pylist(), given.questions + WARM)
    timed = Timed()
    met: list[tuple[str, Vectors]] = []
    for number, question in enumerate(questions):
        if number == WARM:
            timed = Timed()

        def floor(question: str = question) -> None:
            for way in asked_ways:
                encoder = encoders[way.asked]
                if encoder and way.column in held:
                    vector = encoder.encode([question])[0]
                    met.append((way.column, vector))
                    held[way.column] @ vector
            postings.search(words_of(question))

        kinds = {
            "floor": floor,
            "hybrid_facets": lambda q=question: served.ask(Query(text=q, facets=FACETS)),
            "hybrid": lambda q=question: served.ask(Query(text=q)),
            "keywords": lambda q=question: served.ask(Query(text=q, mode="keywords")),
            "vector": lambda q=question: served.ask(Query(text=q, mode="vector")),
            "filtered": lambda q=question: served.ask(Query(text=q, where="price < 15")),
        }
        order = list(kinds) if number % 2 else ["hybrid_facets", "floor", *list(kinds)[2:]]
        for kind in order:
            timed(kind, kinds[kind])
    ratios = np.divide(timed.took["hybrid_facets"], timed.took["floor"])
    line |= {
        "n": len(questions) - WARM,
        "encoder": name,
        "in_memory": len(served.snapshot) <= given.exact_rows,
        "probes": dict(served.manifest.probes),
        "threads": os.environ.get("OMP_NUM_THREADS", "as they are"),
        **timed.spread(),
        "hybrid_facets_to_floor_p5_p50_p95": [round(float(c), 2) for c in np.percentile(ratios, (5, 50, 95))],
        **recall_of(served, met[: given.questions], held, ids),
        "load_average": round(os.getloadavg()[1], 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
