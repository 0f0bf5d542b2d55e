"""Vectors of a column at length 1, one or several a row, and which rows lie nearest to a question."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.ranking import best
from duomo.shelf.base import Found
from duomo.shelf.columns import holds_several, lengths_of, matrix_of

NEAR: Final = 1e-6  # how far apart two ways to compute one cosine may be


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Where the vectors of n rows point; those of one row stand side by side."""

    vectors: Vectors  # (m, dim) of length 1; without starts (n, dim), zeros where a row has none
    present: NDArray[np.bool_]  # (n,) which rows have a vector
    starts: NDArray[np.int64] | None = (
        None  # (n + 1,) row r has vectors[starts[r] : starts[r + 1]]; None: one a row
    )

    def of(self, rows: NDArray[np.int64]) -> "Directions":
        """Those of some rows, in the order of the rows."""
        if self.starts is None:
            return Directions(self.vectors[rows], self.present[rows])
        counts = self.starts[rows + 1] - self.starts[rows]
        starts = _ends(counts)
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], counts)
        return Directions(self.vectors[places], self.present[rows], starts)

    def first(self) -> Vectors:
        """(n, dim) the first vector of each row, zeros where it has none."""
        if self.starts is None:
            return self.vectors
        rows = np.zeros((self.present.size, self.vectors.shape[1]), np.float32)
        rows[self.present] = self.vectors[self.starts[:-1][self.present]]
        return rows

    def most(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The largest score of each row's vectors.

        Args:
            scores: (..., m) one a vector.

        Returns:
            (..., n) one a row; -inf where a row has no vector, but as it is where every row has at most one.
        """
        if self.starts is None:
            return scores
        found = np.full((*scores.shape[:-1], self.present.size), -np.inf, np.float32)
        if self.present.any():
            first = self.starts[:-1][self.present]  # a row without vectors would be given those of the next
            found[..., self.present] = np.maximum.reduceat(scores, first, axis=-1)
        return found


def directions_of(array: pa.Array) -> Directions:
    """The vectors of a column, of either type; no copy where every row has exactly one of length 1."""
    counts = lengths_of(array) if holds_several(array.type) else None
    matrix, _ = matrix_of(array if counts is None else array.flatten())
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    there = lengths > 0
    alike = (np.abs(lengths - 1) < 1e-6) | ~there
    vectors = matrix if alike.all() else np.where(alike[:, None], matrix, unit(matrix))
    if counts is None:
        return Directions(vectors, there)
    row = np.repeat(np.arange(counts.size), counts)[there]
    counts = np.bincount(row, minlength=counts.size)
    vectors = vectors if there.all() else vectors[there]
    if counts.max(initial=0) > 1:
        return Directions(vectors, counts > 0, _ends(counts))
    if row.size < counts.size:
        spread = np.zeros((counts.size, vectors.shape[1]), np.float32)
        spread[row] = vectors
        vectors = spread
    return Directions(vectors, counts > 0)


def similarities(rows: Vectors, query: Vectors) -> NDArray[np.float32]:
    """(n,) cosines of (n, dim) rows and a (dim,) query, all of length 1.

    A row's is the same to the last bit whatever rows stand beside it. That of a product of matrices, or of
    an index, is not: it would put near-ties in another order on each shelf.
    """
    return np.asarray(np.einsum("ij,j->i", rows, query), np.float32)


def nearest(rows: NDArray[np.int64], held: Directions, query: Vectors, k: int | None, least: float) -> Found:
    """The best k of (n,) rows by their nearest vectors; equal similarities keep the order of the rows."""
    scores = held.most(similarities(held.vectors, query))
    places = best(scores, k, least)
    return Found(rows[places], scores[places])


def cosines(held: Directions, query: Vectors) -> NDArray[np.float32]:
    """(n,) how near each row's nearest vector lies to a (dim,) query of any length; -inf without one."""
    found = held.most(similarities(held.vectors, unit(query.astype(np.float64))))
    return np.asarray(np.where(held.present, found, np.float32(-np.inf)), np.float32)


def near_best(scores: NDArray[np.float32], k: int | None, least: float) -> NDArray[np.int64]:
    """Places, ascending, of all that may be among the k most similar, by similarities good to NEAR.

    Args:
        scores: (n,) cosines; -inf marks what must never be returned.
        k: how many, at least 0; None: all.
        least: the least similarity that counts.
    """
    places = np.flatnonzero(scores >= max(least - NEAR, float(np.finfo(np.float32).min)))
    if k is not None and k < places.size:
        found = scores[places]
        edge = np.partition(found, places.size - k)[places.size - k] - NEAR if k else np.inf
        places = places[found >= edge]
    return places


def may_be_best(
    low: NDArray[np.float32], high: NDArray[np.float32], k: int | None, least: float
) -> NDArray[np.int64]:
    """Places, ascending, of all that may be among the k most similar, by bounds of their similarities.

    Args:
        low: (n,) what each is at least; -inf marks what must never be returned.
        high: (n,) what it is at most, likewise.
        k: how many, at least 0; None: all.
        least: the least similarity that counts.

    >>> may_be_best(np.array([0.1, 0.5, 0.7]), np.array([0.3, 0.8, 0.9]), 1, 0.2).tolist()
    [1, 2]
    """
    places = np.flatnonzero(high >= max(least, float(np.finfo(np.float32).min)))
    if k is not None and k < places.size:
        edge = np.partition(low[places], places.size - k)[places.size - k] if k else np.inf
        places = places[high[places] >= edge]
    return places


def _ends(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n + 1,) where each of n stretches begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
