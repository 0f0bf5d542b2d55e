"""Which variants a question finds, before any filter: its keyword matches and its near neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.hits import Mode, PartName
from duomo.search.ways import Asked, Way
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.filters import Filter

NEIGHBOURS: Final = 1000  # most neighbours that one vector brings into the result set


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as the shelf understands it."""

    words: tuple[str, ...] = ()  # distinct search tokens
    vectors: Mapping[Asked, Vectors]  # (dim,) each; absent where nothing was asked or no encoder reads it
    ways: tuple[Way, ...] = ()
    cuts: Mapping[str, float]  # "asked:column" -> least similarity of a neighbour
    mode: Mode = "hybrid"

    @property
    def empty(self) -> bool:
        """Nothing was asked that could find anything: every product is a member."""
        return not self.words and not self.vectors


def look(
    snapshot: Snapshot, question: Question, *, filter: Filter | None = None, cut: bool = True
) -> dict[PartName, Found]:
    """The list of each part of the question, best first.

    Args:
        snapshot: of the variants table.
        question: what is asked; a mode other than hybrid leaves parts out.
        filter: only rows it lets through; None: the whole shop.
        cut: leave out neighbours below the calibrated similarity.
    """
    lists: dict[PartName, Found] = {}
    if question.words and question.mode != "vector":
        lists["keywords"] = snapshot.search(keywords=question.words, filter=filter)
    if question.mode == "keywords":
        return lists
    for way in question.ways:
        vector = question.vectors.get(way.asked)
        if vector is None or not vector.any():
            continue
        found = snapshot.search(vector=vector, column=way.column, filter=filter, k=NEIGHBOURS)
        if cut:
            near = found.scores >= question.cuts.get(f"{way.asked}:{way.column}", 0.0)
            found = Found(found.rows[near], found.scores[near])
        lists[way.name] = found
    return lists


def members(snapshot: Snapshot, question: Question, lists: Mapping[PartName, Found]) -> NDArray[np.int64]:
    """The rows of the result set: whatever any list holds, ascending; if nothing was asked all, by id."""
    if question.empty:
        return snapshot.search().rows
    return union([found.rows for found in lists.values()])


def union(rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Every row that is in any of the arrays, once, ascending."""
    return reduce(np.union1d, rows, np.zeros(0, np.int64)).astype(np.int64)
