"""One page: the best row of each of the first products, and these products as hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.hits import Hit, PartName
from duomo.ranking import spread
from duomo.search.explain import reasons
from duomo.search.goods import goods_of
from duomo.search.members import Question
from duomo.search.order import Scored
from duomo.shelf.base import ID, Found, Snapshot

Alike = Sequence[tuple[float, NDArray[np.int64]]]  # as `ranking.spread` has it


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of a snapshot with what decides their order."""

    rows: NDArray[np.int64]  # (n,)
    scores: NDArray[np.float64]  # (n,)
    products: NDArray[np.int64]  # (n,) the place of its product in names
    names: pa.Array  # ids of products, at least of those met here
    alike: Alike = ()  # for each way of being alike what it costs, and (n,) groups

    def only(self, kept: NDArray[np.bool_]) -> "Ranked":
        """The rows where kept (n,) is true."""
        alike = [(cost, groups[kept]) for cost, groups in self.alike]
        return Ranked(self.rows[kept], self.scores[kept], self.products[kept], self.names, alike)


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a ranking stand on a page, one a product."""

    places: NDArray[np.int64]  # (k,) in the ranking, best first
    costs: NDArray[np.float64]  # (k,) what each has lost to products like it that stand before it


def page_of(snapshot: Snapshot, found: Ranked, skip: int, k: int, *, in_order: bool = False) -> Page:
    """The best row of each of k products after the first skip ones, none crowded out by others all alike.

    Args:
        snapshot: that the rows are of.
        found: (n,) rows.
        skip: how many products come before.
        k: how many products.
        in_order: the rows stand in order already, best first.
    """
    size = wanted = skip + k
    if not found.alike or in_order:
        places = best_rows(snapshot, found, wanted, in_order=in_order)[skip:]
        return Page(places, np.zeros(places.size))
    while True:
        size = 4 * size + 20
        near = best_rows(snapshot, found, size)
        scores = found.scores[near]
        order, costs = spread(scores, [(cost, groups[near]) for cost, groups in found.alike], wanted)
        # Whatever lies further down has a smaller score, and costs only take from it.
        if near.size < size or scores[order[-1]] - costs[-1] >= scores[-1]:
            return Page(near[order[skip:]], costs[skip:])


def distinct(codes: NDArray[np.int64]) -> int:
    """How many different small numbers, none of them negative, there are."""
    there = np.zeros(codes.max(initial=-1) + 1, np.bool_)
    there[codes] = True
    return int(np.count_nonzero(there))


def best_rows(snapshot: Snapshot, found: Ranked, wanted: int, *, in_order: bool = False) -> NDArray[np.int64]:
    """Places in found of the best row of each of the first wanted products; equal scores by variant id.

    Only as many rows are sorted as it takes, and every tie at the edge: a result set may be the whole shop.

    Args:
        snapshot: that the rows are of.
        found: (n,) rows.
        wanted: how many products.
        in_order: the rows stand in order already, best first.
    """
    size = 3 * wanted + 20
    while True:
        if size >= found.rows.size:
            near = np.arange(found.rows.size)
        elif in_order:
            near = np.arange(size)
        else:
            edge = np.partition(found.scores, found.rows.size - size)[found.rows.size - size]
            near = np.flatnonzero(found.scores >= edge)
        ids = snapshot.take(found.rows[near], [ID])[ID].cast(pa.string())
        near = near[pc.sort_indices(ids).to_numpy()]
        near = near[np.argsort(-found.scores[near], kind="stable")]
        first: dict[int, int] = {}
        for place, product in zip(near.tolist(), found.products[near].tolist(), strict=True):
            first.setdefault(product, place)
        if len(first) >= wanted or near.size == found.rows.size:
            return np.array(list(first.values())[:wanted], np.int64)
        size *= 4


def hits_of(
    snapshot: Snapshot,
    found: Ranked,
    page: Page,
    lists: Mapping[PartName, Found],
    scored: Scored,
    question: Question,
    encoder: str,
    *,
    widened: bool = False,
) -> list[Hit]:
    """The products of a page, with their reasons.

    Args:
        snapshot: that the rows are of.
        found: (n,) rows.
        page: which of them.
        lists: what each part of the question found.
        scored: the rows, and others, with their shares.
        question: what was asked.
        encoder: the name of the model whose vectors were searched.
        widened: whether the page lies outside the result set.
    """
    if not page.places.size:
        return []
    rows = found.rows[page.places]
    stocked = goods_of(snapshot, found.names.take(pa.array(found.products[page.places])).to_pylist())
    goods = [stocked[row] for row in rows.tolist()]
    whys = reasons(snapshot, rows, goods, lists, scored, page.costs, question, encoder)
    scores = (found.scores[page.places] - page.costs).round(12)
    return [
        Hit(product=product, variant=variant, score=score, why=why, widened=widened)
        for (product, variant, _), score, why in zip(goods, scores.tolist(), whys, strict=True)
    ]
