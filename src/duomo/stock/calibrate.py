"""How similar chance pairs are, what is a neighbour, how it is found: measured on the shop's own goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.base import Towers
from duomo.search.members import LONGEST, NEIGHBOURS, UNMEASURED, Chance, chance_name
from duomo.search.ways import Way, ways
from duomo.shelf.base import Snapshot
from duomo.shelf.indexes import fewest_probes
from duomo.shelf.keywords import words
from duomo.shelf.lance import LanceSnapshot
from duomo.shelf.layout import vector_column
from duomo.shelf.vectors import Directions, directions_of

QUESTIONS: Final = 300  # products that play the question
OTHERS: Final = 3000  # products that they are held against
WORDS_BELOW: Final = 0.97  # share of chance pairs of words and goods that lie below the cut
PROBING: Final = 60  # products that ask an index how much of it has to be looked at
PROBING_WORDS: Final = 3  # that they ask with
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
    asking = _some(rows, QUESTIONS, rng)
    others = _some(rows, OTHERS, rng)
    apart = _products(snapshot, asking)[:, None] != _products(snapshot, others)[None, :]
    askers = _Askers.of(snapshot, asking, rng)
    for tower in towers:
        for way in ways(tower):
            goods = _directions(snapshot, others, way.column)
            spoken = way.asked in ("text", "words")
            for size in range(1, LONGEST + 1) if spoken else (0,):
                questions = askers.questions(tower, way, size)
                below = WORDS_BELOW if spoken else PICTURES_BELOW
                chances[chance_name(way, size)] = _chance(questions, goods, apart, below)
    return chances


def probes_of(snapshot: Snapshot, towers: Sequence[Towers], *, seed: int = 11) -> dict[str, int]:
    """How much of each index of vectors a search has to look at, to find the neighbours that it asks for.

    Words out of some products, their first pictures and their fused vectors ask the index, as shoppers do; of
    the ways to ask one column the hardest decides: words that ask pictures lie far from where those lie.

    Returns:
        Column -> `indexes.fewest_probes`; columns without an index are left out.
    """
    if not isinstance(snapshot, LanceSnapshot) or not len(snapshot):
        return {}
    rng = np.random.default_rng(seed)
    rows = snapshot.search().rows
    askers = _Askers.of(snapshot, _some(rows, PROBING, rng), rng)
    found: dict[str, int] = {}
    for tower in towers:
        for way in (way for way in ways(tower) if snapshot.probes_of(way.column)):
            asked = askers.questions(tower, way, PROBING_WORDS)
            near = partial(snapshot.neighbours, way.column, min(NEIGHBOURS, len(snapshot)))
            found[way.column] = max(found.get(way.column, 0), fewest_probes(near, asked))
    return {column: probes for column, probes in found.items() if probes}


@dataclass(frozen=True, slots=True, eq=False)
class _Askers:
    """Products that play the question."""

    snapshot: Snapshot
    rows: NDArray[np.int64]  # (n,)
    said: list[list[str]]  # (n,) their words
    starts: NDArray[np.float64]  # (n,) where among them a question begins, 0 to 1

    @classmethod
    def of(cls, snapshot: Snapshot, rows: NDArray[np.int64], rng: np.random.Generator) -> Self:
        said = [words(text) for text in _texts(snapshot, rows)]
        return cls(snapshot, rows, said, rng.random(len(said)))

    def questions(self, tower: Towers, way: Way, size: int) -> Vectors:
        """(n, dim) what they ask on a way: with so many words, or with their own first vector."""
        encoder = {"text": tower.text, "words": tower.asks_goods}.get(way.asked)
        if encoder is None:
            column = vector_column(tower.name, "picture") if way.asked == "picture" else way.column
            return _directions(self.snapshot, self.rows, column).first()
        spans = [
            int(start * max(len(each) - size + 1, 1))
            for start, each in zip(self.starts, self.said, strict=True)
        ]
        return encoder.encode(
            [" ".join(each[at : at + size]) for at, each in zip(spans, self.said, strict=True)]
        )


def _some(rows: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows by chance, in the order they are given in: that of the ids, wherever a table may keep them.

    The same goods get the same cuts, also where a build was cut short and went on.
    """
    return rows[np.sort(rng.choice(rows.size, min(most, rows.size), replace=False))]


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
