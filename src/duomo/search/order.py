"""The order of a result set: what each part of a question gives to each row, in one unit.

Convex combination (Bruch, Gai and Ingber, ACM TOIS 2023): every part gives its weight times a number that is
1 for the best row of the shop. For keywords that is the BM25 score over the best one; for vectors the cosine
similarity, from what the median chance pair has (0) to what the nearest has (1); for values of the catalog
that the words mean, the share of them that a row has. The weights of the parts that were asked add up to 1,
so that a score is at most 1; an exact name adds 2 more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.hits import PartName
from duomo.ranking import union
from duomo.search.members import Question
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.filters import Filter

# Measured: benchmarks/search_judged.py and benchmarks/search_own.py, on their validation parts.
WEIGHTS: Final[Mapping[PartName, float]] = {
    "keywords": 1.0,
    "meant": 0.5,
    "text": 0.3,
    "text to picture": 0.3,
    "picture": 1.0,
    "picture to text": 0.2,
    "product": 1.0,
}
EXACT_SHARE: Final = 2.0  # more than all else can give or take: exact hits are never buried
# What a row's keywords count that holds too few of the words to be found by them: one rare word in a title
# outweighs all of them in a description. Measured on icecat: 0 to 0.75 give 0.792 to 0.793 NDCG, 1: 0.778.
PARTIAL: Final = 0.5
UNLIKE: Final = 0.4  # what a row loses that is the same as what is not wanted
REFINED: Final = 2000  # best keyword matches whose vectors are compared; neighbours always are
NARROWEST: Final = 0.05  # a difference of similarities below which nothing can be told apart

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scale:
    """What 0 and 1 mean to each part: for keywords BM25, for vectors cosine similarity."""

    ends: Mapping[PartName, tuple[float, float]]

    @classmethod
    def of(cls, question: Question, lists: Mapping[PartName, Found]) -> "Scale":
        """From what the question finds in the whole shop."""
        ends: dict[PartName, tuple[float, float]] = {}
        if question.by_words:
            ends["keywords"] = (0.0, float(lists["keywords"].scores.max(initial=0.0)) or 1.0)
        if question.meant and question.mode != "vector" and question.factors.get("meant", 1.0) > 0:
            ends["meant"] = (0.0, 1.0)
        for way, _ in question.by_vectors:
            middle, cut = question.chance(way)
            middle = min(middle, 1 - NARROWEST)  # in a shop whose goods all look the same
            nearest = float(lists[way.name].scores.max(initial=cut))
            ends[way.name] = (middle, max(nearest, cut, middle + NARROWEST))
        return cls(ends)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Rows of a snapshot with what each part says of them."""

    rows: Rows  # (n,) ascending
    raws: Mapping[PartName, NDArray[np.float32]]  # (n,) BM25 or cosine; NaN where it was not looked at
    shares: Mapping[PartName, NDArray[np.float64]]  # (n,) what the part gives to the score

    @property
    def scores(self) -> NDArray[np.float64]:
        """(n,) sums of the shares, to 12 decimals: the order of adding up must not decide between rows."""
        return sum(self.shares.values(), np.zeros(self.rows.size)).round(12)


def order(snapshot: Snapshot, question: Question, lists: Mapping[PartName, Found], scale: Scale) -> Scored:
    """Every row of the lists with the shares of all parts, of those as well that it was not found by.

    Args:
        snapshot: of the variants table.
        question: what is asked.
        lists: what each part of it found.
        scale: of the question over the whole shop.
    """
    rows = union([found.rows for found in lists.values()])
    raws = {name: np.full(rows.size, np.nan, np.float32) for name in lists}
    for name, found in lists.items():
        raws[name][np.searchsorted(rows, found.rows)] = found.scores
    partial = rows[:0]  # places of rows that hold too few of the words to be found by them
    if question.by_words:
        partial = np.flatnonzero(np.isnan(raws["keywords"]))
        raws["keywords"][partial] = snapshot.relevance(rows[partial], question.words)
    near = {name: found for name, found in lists.items() if name not in ("exact", "keywords")}
    matches = lists["keywords"].rows[:REFINED] if "keywords" in lists else rows[:0]
    refined = np.searchsorted(rows, union([matches, *(found.rows for found in near.values())]))
    for way, vector in question.by_vectors:
        missing = refined[np.isnan(raws[way.name][refined])]
        if missing.size:
            raws[way.name][missing] = snapshot.similarity(rows[missing], vector, way.column)
    if "meant" in scale.ends:
        raws["meant"] = np.full(rows.size, np.nan, np.float32)
        raws["meant"][refined] = _held(snapshot, rows[refined], question.meant)
    weights = weights_of(scale, question.factors)
    shares: dict[PartName, NDArray[np.float64]] = {}
    for name, raw in raws.items():
        if name == "exact":
            shares[name] = np.where(np.isnan(raw), 0.0, EXACT_SHARE)
            continue
        low, high = scale.ends[name]
        share = weights[name] * np.clip((raw.astype(np.float64) - low) / (high - low), -1, 1)
        if name == "keywords":
            share[partial] *= PARTIAL
        shares[name] = np.where(np.isfinite(raw), share, 0.0)
    if question.away:
        alike = _alike(snapshot, rows[refined], question)
        raws["unlike"] = np.full(rows.size, np.nan, np.float32)
        raws["unlike"][refined] = alike
        plain = shares["exact"][refined] == 0 if "exact" in shares else True
        shares["unlike"] = np.zeros(rows.size)
        shares["unlike"][refined] = np.where(plain, -UNLIKE * alike, 0.0)
    return Scored(rows, raws, shares)


def _alike(snapshot: Snapshot, rows: Rows, question: Question) -> NDArray[np.float64]:
    """(n,) how near each row lies to what is not wanted: 0, as far as by chance or further; 1, the same."""
    near = []
    for way, vector in question.away:
        middle = min(question.chance(way).middle, 1 - NARROWEST)
        found = snapshot.similarity(rows, vector, way.column).astype(np.float64)
        near.append(np.clip((np.nan_to_num(found, neginf=0.0) - middle) / (1 - middle), 0, 1))
    return np.asarray(np.mean(near, axis=0)).round(6)


def _held(snapshot: Snapshot, rows: Rows, filters: Sequence[Filter]) -> NDArray[np.float32]:
    """(n,) which share of the filters lets each row through."""
    held = np.stack([snapshot.passes(rows, filter) for filter in filters])
    return np.asarray(held.mean(axis=0), np.float32)


def weights_of(scale: Scale, factors: Mapping[PartName, float]) -> dict[PartName, float]:
    """The weights of the parts that were asked; they add up to 1."""
    weights = {name: WEIGHTS[name] * factors.get(name, 1.0) for name in scale.ends}
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items()}
