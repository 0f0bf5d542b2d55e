"""What the index of a shelf of a million vectors finds, with filters and without, and how long it looks.

    OMP_NUM_THREADS=1 python benchmarks/scale_index.py                    # 1,000,000 rows
    OMP_NUM_THREADS=1 python benchmarks/scale_index.py --rows 200000

The shelf is written directly, without a build: `hashed` vectors of the titles of fashion_products, each again
and again with noise (a cosine of 0.91 with its original, as a title with another word in it has), an id and a
drawn price. Probes are chosen as a build chooses them, by questions of three words or so (`fewest_probes`,
98 in 100 of the nearest thousand); then others are asked for the nearest ten among all rows, and among those
that cost at most so much that the filter lets a half, a tenth, a hundredth or a thousandth of the rows
through. Recall is against the product with every vector that passes (NumPy), whose time is the floor.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.encode.models import load_encoder
from duomo.files import hash_file
from duomo.shelf.base import ID, column
from duomo.shelf.columns import vector_array
from duomo.shelf.filters import Compare, Filter
from duomo.shelf.indexes import fewest_probes
from duomo.shelf.lance import LanceShelf, LanceSnapshot
from provenance import pack_or_end, record
from scaled.asking import Timed, resident_mb
from scaled.goods import SEED, goods_of
from search_speed import cut_titles

PART = 40_000  # rows of one commit
NOISE = 0.45  # length of what is added to a vector of length 1
ASKING = 25  # questions that the probes are chosen by
SHARES = (1.0, 0.5, 0.1, 0.01, 0.001)
K = 10
DEEP = 1000  # what a question to a shop asks an index for


def parts(own: Vectors, rows: int) -> Iterator[tuple[Vectors, NDArray[np.float64]]]:
    """Vectors and prices, many at a time."""
    rng = np.random.default_rng(SEED)
    for start in range(0, rows, PART):
        places = np.arange(start, min(start + PART, rows))
        vectors = own[places % len(own)]
        altered = places >= len(own)
        noise = unit(rng.standard_normal((int(altered.sum()), own.shape[1]), dtype=np.float32))
        vectors[altered] = unit(vectors[altered] + np.float32(NOISE) * noise)
        yield vectors, np.exp(rng.normal(3.4, 0.8, places.size)).round(2)


def fill(shelf: LanceShelf, own: Vectors, rows: int) -> tuple[Vectors, NDArray[np.float64]]:
    """Write the rows; what was written, in order of the ids."""
    kind = pa.list_(pa.float32(), own.shape[1])
    fields = [column(ID, pa.string(), "text"), column("price", pa.float64(), "number")]
    schema = pa.schema([*fields, column("vector", kind, "vector", encoder="hashed")])
    held = np.empty((rows, own.shape[1]), np.float32)
    prices = np.empty(rows)
    start = 0
    for vectors, some in parts(own, rows):
        stop = start + len(some)
        held[start:stop], prices[start:stop] = vectors, some
        ids = pa.array([f"{place:08}" for place in range(start, stop)])
        there = vector_array(vectors, np.ones(len(some), np.bool_))
        shelf.upsert(pa.table([ids, pa.array(some), there], schema=schema), new=True)
        start = stop
    return held, prices


def main() -> None:
    """Write, index, ask; record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=100)
    given = parser.parse_args()
    pack = pack_or_end(None, "fashion_products")
    encoder = load_encoder("hashed").text
    assert encoder
    titles = [good["title"] for good in goods_of(pack, 37_774)]
    own = encoder.encode(titles)
    line: dict[str, object] = {
        "what": "index",
        "catalog": pack.name,
        "data": hash_file(pack / "products.csv"),
        "seed": SEED,
        "rows": given.rows,
        "encoder": "hashed",
        "n": given.questions,
    }
    with TemporaryDirectory(prefix="duomo-scale-index-") as place:
        shelf = LanceShelf(Path(place) / "variants.lance")
        started = perf_counter()
        held, prices = fill(shelf, own, given.rows)
        line["written_s"] = round(perf_counter() - started, 1)
        started = perf_counter()
        shelf.build_indexes()
        shelf.optimize()
        line["indexed_s"] = round(perf_counter() - started, 1)
        files = [path for path in Path(place).rglob("*") if path.is_file()]
        line["disk_mb"] = round(sum(path.stat().st_size for path in files) / 1e6)
        questions = encoder.encode(cut_titles(titles, given.questions + ASKING))
        plain = shelf.snapshot()
        assert isinstance(plain, LanceSnapshot)
        probes = fewest_probes(partial(_near, plain, held, plain.search().rows), questions[:ASKING])
        line["probes"] = probes
        snapshot = shelf.snapshot(probes={"vector": probes})
        assert isinstance(snapshot, LanceSnapshot)
        for share in SHARES:
            line[f"passing_{share:g}"] = asked(snapshot, held, prices, questions[ASKING:], share)
        line["resident_mb"] = resident_mb()  # the vectors that it is compared with are part of it
    record("scale", line)


def _near(
    snapshot: LanceSnapshot, held: Vectors, rows: NDArray[np.int64], query: Vectors, probes: int
) -> NDArray[np.int64]:
    """The rows nearest to a question: by the index, or with 0 probes by the product with all."""
    if probes:
        return snapshot.neighbours("vector", DEEP, query, probes)
    return np.asarray(rows[np.argpartition(-(held @ query), DEEP)[:DEEP]])


def asked(
    snapshot: LanceSnapshot, held: Vectors, prices: NDArray[np.float64], questions: Vectors, share: float
) -> dict[str, object]:
    """Recall of the ten nearest among the rows that a filter lets through, and how long it took."""
    most = float(np.quantile(prices, share))
    only: Filter | None = Compare("price", "<=", most) if share < 1 else None
    places = np.flatnonzero(prices <= most)
    passing = held[places] if share < 1 else held
    timed, recalls = Timed(), []
    for query in questions:
        scores = timed("floor", partial(np.matmul, passing, query))
        edge = np.partition(scores, scores.size - K)[scores.size - K] - 1e-6
        best = set(places[scores >= edge].tolist())
        found = timed("shelf", partial(snapshot.search, vector=query, column="vector", filter=only, k=K))
        met = {int(id) for id in snapshot.take(found.rows, [ID])[ID].to_pylist()}
        recalls.append(len(best & met) / K)
    return {
        "rows": len(places),
        "recall_at_10_mean_least": [round(float(np.mean(recalls)), 4), round(min(recalls), 2)],
        **timed.spread(),
    }


if __name__ == "__main__":
    main()
