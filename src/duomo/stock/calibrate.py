"""How similar a vector must be to count as a neighbour: measured on the shop's own goods."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.base import Towers
from duomo.search.ways import ways
from duomo.shelf.base import Snapshot
from duomo.shelf.columns import matrix_of

QUESTIONS: Final = 300  # products that play the question
OTHERS: Final = 3000  # products that they are held against
CHANCE: Final[Mapping[str, float]] = {"text": 0.995, "picture": 0.99}  # by kind of question


def cuts_of(snapshot: Snapshot, towers: Sequence[Towers], *, seed: int = 7) -> dict[str, float]:
    """The least similarity of a neighbour, for every way of every encoder.

    Titles (or pictures) of some products are held against the vectors of other products. The cut is the
    similarity that all but 1 in 200 (words) or 1 in 100 (pictures) of such chance pairs stay below.

    Returns:
        "asked:column" -> cosine similarity; a way without enough vectors to measure gets 0.
    """
    cuts: dict[str, float] = {}
    rng = np.random.default_rng(seed)
    rows = snapshot.search().rows if len(snapshot) else np.zeros(0, np.int64)
    asking = np.sort(rng.choice(rows, min(QUESTIONS, rows.size), replace=False))
    others = np.sort(rng.choice(rows, min(OTHERS, rows.size), replace=False))
    for tower in towers:
        for way in ways(tower):
            if way.asked == "text" and tower.text:
                titles = snapshot.take(asking, ["title"])["title"].to_pylist()
                questions = tower.text.encode(titles)
            else:
                questions = _vectors(snapshot, asking, way.column)
            goods = _vectors(snapshot, others, way.column)
            apart = _products(snapshot, asking)[:, None] != _products(snapshot, others)[None, :]
            real = np.outer(np.any(questions, axis=1), np.any(goods, axis=1))
            chance = (questions @ goods.T)[apart & real]
            cut = float(np.quantile(chance, CHANCE[way.asked])) if chance.size else 0.0
            cuts[f"{way.asked}:{way.column}"] = round(cut, 4)
    return cuts


def _products(snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array(snapshot.take(rows, ["product_id"])["product_id"].to_pylist(), dtype=object)


def _vectors(snapshot: Snapshot, rows: NDArray[np.int64], column: str) -> Vectors:
    """(rows, dim) vectors, zeros where there is none."""
    return matrix_of(snapshot.take(rows, [column])[column].combine_chunks())[0]
