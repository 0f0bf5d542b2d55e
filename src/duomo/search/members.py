"""Which variants a question finds, before any filter: its keyword matches and its near neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.hits import Mode, PartName
from duomo.ranking import blend, reciprocal
from duomo.search.ways import Asked, Way
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.filters import Compare, Filter

NEIGHBOURS: Final = 1000  # most neighbours that one vector brings into the result set
EXACT_SHARE: Final = 1.0  # more than all other parts can give together: exact hits are never buried
LONGEST: Final = 6  # words: a longer question has the cut of one with six


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query as the shelf understands it."""

    name: str = ""  # the words folded, as a name would be
    words: tuple[str, ...] = ()  # distinct search tokens
    vectors: Mapping[Asked, Vectors]  # (dim,) each; absent where nothing was asked or no encoder reads it
    ways: tuple[Way, ...] = ()
    cuts: Mapping[str, float]  # `cut_name` -> least similarity of a neighbour
    mode: Mode = "hybrid"

    @property
    def empty(self) -> bool:
        """Nothing was asked that could find anything: every product is a member."""
        return not self.name and not self.vectors


def cut_name(way: Way, words: int) -> str:
    """What a shop's manifest calls the cut of a way, for a question of so many words."""
    length = f":{min(max(words, 1), LONGEST)}" if way.asked == "text" else ""
    return f"{way.asked}:{way.column}{length}"


def look(
    snapshot: Snapshot, question: Question, *, filter: Filter | None = None, wide: bool = False
) -> dict[PartName, Found]:
    """The list of each part of the question, best first.

    Args:
        snapshot: of the variants table.
        question: what is asked; a mode other than hybrid leaves parts out.
        filter: only rows it lets through; None: the whole shop.
        wide: take neighbours however far, instead of those above the calibrated similarity alone.
    """
    lists: dict[PartName, Found] = {}
    if question.name and question.mode != "vector" and not wide:
        named = snapshot.search(filter=Compare("names", "=", question.name))
        if named.rows.size:
            lists["exact"] = Found(named.rows, np.ones_like(named.scores))
    if question.words and question.mode != "vector":
        lists["keywords"] = _matches(snapshot, question.words, filter)
    if question.mode == "keywords":
        return lists
    for way in question.ways:
        vector = question.vectors.get(way.asked)
        if vector is None or not vector.any():
            continue
        cut = -inf if wide else question.cuts.get(cut_name(way, len(question.words) or LONGEST), 0.0)
        lists[way.name] = snapshot.search(
            vector=vector, column=way.column, filter=filter, k=NEIGHBOURS, least=cut
        )
    return lists


def _matches(snapshot: Snapshot, words: Sequence[str], filter: Filter | None) -> Found:
    """Keyword matches; if there are none, those of the words that the shop knows at all."""
    found = snapshot.search(keywords=words, filter=filter)
    if found.rows.size or len(words) == 1:
        return found
    known = [word for word in words if snapshot.search(keywords=(word,), k=1).rows.size]
    return snapshot.search(keywords=known, filter=filter) if 0 < len(known) < len(words) else found


def members(
    snapshot: Snapshot, question: Question, lists: Mapping[PartName, Found]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows of the result set with their scores: whatever any list holds, ascending.

    If nothing was asked, all rows by id, scored 0.
    """
    if question.empty:
        rows = snapshot.search().rows
        return rows, np.zeros(rows.size)
    return merge(lists)


def merge(lists: Mapping[PartName, Found]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every row of the lists, ascending, with its score: the sum of what the parts give."""
    return blend([(found.rows, shares(name, found.rows.size)) for name, found in lists.items()])


def shares(name: PartName, count: int) -> NDArray[np.float64]:
    """(count,) what a part gives to the scores of the rows in its list, best first."""
    return np.full(count, EXACT_SHARE) if name == "exact" else reciprocal(count)
