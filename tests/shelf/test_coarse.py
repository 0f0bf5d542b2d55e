"""The coarse copy of vectors: its bounds hold, and what is found by it is what comparing everything finds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.arrays import Vectors, unit
from duomo.shelf.coarse import FEWEST, Coarse
from duomo.shelf.exact import ExactShelf, ExactSnapshot
from duomo.shelf.filters import Compare
from duomo.shelf.vectors import similarities

ROWS = FEWEST + 500


@given(
    seed=st.integers(0, 2**32 - 1),
    dim=st.sampled_from((1, 2, 7, 64, 245, 384)),
    count=st.integers(1, 60),
    skew=st.sampled_from((0.0, 1.0, 4.0)),
)
def test_every_similarity_lies_between_its_bounds(seed: int, dim: int, count: int, skew: float) -> None:
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(count + 1, dim))
    vectors = unit(np.sign(numbers) * np.abs(numbers) ** (1 + skew))  # skewed: a few numbers far larger
    vectors[count // 2] = 0
    low, high = Coarse(vectors[:-1]).bounds(vectors[-1])
    true = vectors[:-1].astype(np.float64) @ vectors[-1].astype(np.float64)
    assert (low <= true).all()
    assert (true <= high).all()
    assert float((high - low).max()) < (1 / 127 + 1e-3) * np.sqrt(dim)  # half a step off, each number


def test_few_vectors_are_not_worth_a_copy() -> None:
    assert Coarse.of(np.zeros((FEWEST - 1, 2), np.float32)) is None
    assert Coarse.of(np.zeros((FEWEST, 2), np.float32)) is not None


@pytest.fixture(scope="module")
def held(goods: Any) -> tuple[Vectors, ExactSnapshot]:
    """Rows with one vector each, many of them equal or nearly; every ninth has none."""
    rng = np.random.default_rng(7)
    vectors = unit(rng.normal(size=(ROWS, 3)))
    vectors[rng.choice(ROWS, 900, replace=False)] = vectors[5]
    vectors[rng.choice(ROWS, 900, replace=False)] += np.float32(1e-7)
    vectors[::9] = 0
    shelf = ExactShelf()
    rows = [
        {
            "id": f"{n:05}",
            "color": ("Red", "Blue")[n % 2],
            "vector": list(each),
            "vectors": [list(each), list(-each), list(each[::-1])][: n % 4],
        }
        for n, each in enumerate(vectors)
    ]
    shelf.upsert(goods.table(*rows))
    return vectors, shelf.snapshot()


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.none() | st.sampled_from((0, 1, 50, 1000, ROWS)),
    least=st.sampled_from((-np.inf, 0.0, 0.9, 2.0)),
    red=st.booleans(),
    several=st.booleans(),
)
def test_a_large_shelf_finds_what_comparing_everything_finds(
    held: tuple[Vectors, ExactSnapshot], seed: int, k: int | None, least: float, red: bool, several: bool
) -> None:
    vectors, snapshot = held
    rng = np.random.default_rng(seed)
    query = unit(vectors[int(rng.integers(ROWS))] + rng.normal(size=3) * rng.choice([0, 1e-3, 1]))
    if not query.any():
        return
    name = "vectors" if several else "vector"
    scores = snapshot.similarity(np.arange(ROWS), query, name)
    there = np.isfinite(scores) & (scores >= least) & ((np.arange(ROWS) % 2 == 0) if red else True)
    obvious = sorted(np.flatnonzero(there).tolist(), key=lambda row: (-scores[row], row))[:k]
    filter = Compare("color", "=", "Red") if red else None
    found = snapshot.search(vector=query, column=name, filter=filter, k=k, least=least)
    assert found.rows.tolist() == obvious
    assert found.scores.tolist() == scores[obvious].tolist()
    if not several:
        assert scores[there].tolist() == similarities(vectors[there], query).tolist()
