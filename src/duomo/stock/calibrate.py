"""How similar chance pairs are, and what is a neighbour: measured on the shop's own goods."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.base import Towers
from duomo.search.members import LONGEST, UNMEASURED, Chance, chance_name
from duomo.search.ways import ways
from duomo.shelf.base import Snapshot
from duomo.shelf.keywords import words
from duomo.shelf.layout import vector_column
from duomo.shelf.vectors import Directions, directions_of

QUESTIONS: Final = 300  # products that play the question
OTHERS: Final = 3000  # products that they are held against
WORDS_BELOW: Final = 0.97  # share of chance pairs of words and goods that lie below the cut
PICTURES_BELOW: Final = 0.95  # the same of pictures: a shopper who shows one wants to see more than its twin


def chances_of(snapshot: Snapshot, towers: Sequence[Towers], *, seed: int = 7) -> dict[str, Chance]:
    """What chance gives, for every way of every encoder.

    A few words out of some products (or their first pictures) are held against the vectors of other products;
    the cut is the similarity that 97 % (pictures: 95 %) of such chance pairs stay below. Similarities grow
    with the length of a question, so words have a cut for each number of them.

    Returns:
        `chance_name` of the way -> cosine similarities; a way without enough vectors to measure gets zeros.
    """
    chances: dict[str, Chance] = {}
    rng = np.random.default_rng(seed)
    rows = snapshot.search().rows
    if not rows.size:
        return chances
    asking = np.sort(rng.choice(rows, min(QUESTIONS, rows.size), replace=False))
    others = np.sort(rng.choice(rows, min(OTHERS, rows.size), replace=False))
    apart = _products(snapshot, asking)[:, None] != _products(snapshot, others)[None, :]
    said = [words(text) for text in _texts(snapshot, asking)]
    starts = rng.random(len(said))
    for tower in towers:
        for way in ways(tower):
            goods = _directions(snapshot, others, way.column)
            encoder = {"text": tower.text, "words": tower.asks_goods}.get(way.asked)
            if encoder is None:
                column = vector_column(tower.name, "picture") if way.asked == "picture" else way.column
                questions = _directions(snapshot, asking, column).first()
                chances[chance_name(way, 0)] = _chance(questions, goods, apart, PICTURES_BELOW)
                continue
            for size in range(1, LONGEST + 1):
                spans = [
                    int(start * max(len(each) - size + 1, 1))
                    for start, each in zip(starts, said, strict=True)
                ]
                asked = [" ".join(each[at : at + size]) for at, each in zip(spans, said, strict=True)]
                chances[chance_name(way, size)] = _chance(encoder.encode(asked), goods, apart, WORDS_BELOW)
    return chances


def _chance(questions: Vectors, goods: Directions, apart: NDArray[np.bool_], below: float) -> Chance:
    """Median of the chance pairs, and what a share of them stays below; the nearest vector counts."""
    real = np.outer(np.any(questions, axis=1), goods.present)
    chance = goods.most(questions @ goods.vectors.T)[apart & real]
    if not chance.size:
        return UNMEASURED
    middle, cut = np.quantile(chance, (0.5, below))
    return Chance(round(float(middle), 4), round(float(cut), 4))


def _texts(snapshot: Snapshot, rows: NDArray[np.int64]) -> list[str]:
    """Title and description, where a shopper's words come from."""
    table = snapshot.take(rows, ["title", "description"])
    return [
        f"{title or ''} {(description or '')[:500]}"
        for title, description in zip(
            table["title"].to_pylist(), table["description"].to_pylist(), strict=True
        )
    ]


def _products(snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array(snapshot.take(rows, ["product_id"])["product_id"].to_pylist(), dtype=object)


def _directions(snapshot: Snapshot, rows: NDArray[np.int64], column: str) -> Directions:
    """The vectors of these rows."""
    return directions_of(snapshot.take(rows, [column])[column].combine_chunks())
