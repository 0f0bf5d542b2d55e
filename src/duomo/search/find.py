"""One question to one snapshot: membership, filter, order, page, facets, reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.base import Towers
from duomo.errors import BadQuery
from duomo.hits import Hit, Hits, PartName, Query
from duomo.ranking import shares
from duomo.search.explain import EXACT_SHARE, reasons
from duomo.search.facets import check_facets, codes_of, count
from duomo.search.goods import find_product, products_of
from duomo.search.members import Question, look, members, union
from duomo.search.ways import Asked, ways
from duomo.shelf.base import ID, Found, Snapshot
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import Filter, check, columns_of, evaluate, fold, resolve
from duomo.shelf.keywords import question as words_of

MOST_HITS: Final = 1000
MOST_TEXT: Final = 2000  # characters of a question


def find(query: Query, snapshot: Snapshot, towers: Towers, cuts: Mapping[str, float]) -> Hits:
    """The page of products that answers a query.

    The result set is settled before the filter: exact names, keyword matches and near neighbours over the
    whole shop. The filter, the total and the facets apply to that set and count products; the variants that
    remain keep their order, and a product stands where its best remaining variant does. A page that the
    filter leaves short, or one of a picture or an example, is filled by a second search with the filter
    inside, however far; those hits are marked widened and count nowhere.

    Args:
        query: what was asked.
        snapshot: of the variants table.
        towers: the encoder whose vectors are searched.
        cuts: from the shop's manifest.

    Raises:
        BadQuery, BadFilter: the query cannot be answered.
        MissingProduct: the example is not in the shop.
    """
    started = perf_counter()
    _check(query)
    if not len(snapshot):
        return Hits(page=(), total=0, took_ms=_ms_since(started))
    check_facets(query.facets, snapshot.schema)
    tree = parse(query.where) if query.where.strip() else None
    filter = resolve(check(tree, snapshot.schema), snapshot) if tree else None
    question, example = _question(query, snapshot, towers, cuts)

    lists = look(snapshot, question)
    rows = members(snapshot, question, lists)
    scores = _scores(rows, lists)
    kept = _kept(snapshot, rows, filter, example)
    rows, scores = rows[kept], scores[kept]
    products = snapshot.take(rows, ["product_id"])["product_id"]
    total = int(np.count_nonzero(np.bincount(codes_of(products)[0])))
    page = _best(snapshot, rows, scores, query.skip + query.k, in_order=question.empty)
    hits = _hits(snapshot, page[query.skip :], lists, question, towers.name)
    missing = query.k - len(hits)
    looked_at = query.picture is not None or bool(query.like)  # something always looks most like a picture
    if (
        (filter is not None or looked_at)
        and not question.empty
        and missing > 0
        and query.skip <= max(total - 1, 0)
    ):
        hits += _widened(snapshot, question, filter, products, example, missing, towers.name)
    understood: dict[str, object] = {
        "words": list(question.words),
        "vectors": [way.name for way in question.ways if way.asked in question.vectors],
        "where": query.where.strip(),
        "like": example,
        "mode": query.mode,
        "encoder": towers.name,
    }
    facets = count(snapshot, rows, query.facets)
    return Hits(
        page=tuple(hits), total=total, facets=facets, understood=understood, took_ms=_ms_since(started)
    )


def _check(query: Query) -> None:
    if not 1 <= query.k <= MOST_HITS:
        raise BadQuery(f"k is {query.k}", remedy=f"Ask for 1 to {MOST_HITS} products a page")
    if query.skip < 0:
        raise BadQuery(f"skip is {query.skip}", remedy="Skip 0 products or more")
    if len(query.text) > MOST_TEXT:
        problem = f"the question has {len(query.text)} characters"
        raise BadQuery(problem, remedy=f"Ask with at most {MOST_TEXT}")
    if query.mode == "keywords" and (query.picture is not None or query.like) and not query.text.strip():
        raise BadQuery(
            "keywords cannot find by a picture or an example", remedy="Use the mode hybrid or vector"
        )


def _question(
    query: Query, snapshot: Snapshot, towers: Towers, cuts: Mapping[str, float]
) -> tuple[Question, str]:
    """What is asked in tokens and vectors, and the id of the product that is the example ("": none)."""
    vectors: dict[Asked, Vectors] = {}
    example = ""
    if query.like:
        product, _, row = find_product(snapshot, query.like)
        example = product.id
        vectors |= _vectors_of(snapshot, row, towers)
    if query.text.strip() and towers.text:
        vectors["text"] = towers.text.encode([query.text])[0]
    if query.picture is not None:
        if towers.picture is None:
            problem = f"the encoder '{towers.name}' does not read pictures"
            raise BadQuery(problem, remedy="Ask with words, or build the shop with an encoder that does")
        vectors["picture"] = towers.picture.encode([query.picture])[0]
    question = Question(
        name=fold(query.text),
        words=words_of(query.text),
        vectors=vectors,
        ways=ways(towers),
        cuts=cuts,
        mode=query.mode,
    )
    return question, example


def _vectors_of(snapshot: Snapshot, row: NDArray[np.int64], towers: Towers) -> dict[Asked, Vectors]:
    """The vectors that a row has of its own."""
    own = [way for way in ways(towers) if way.name == way.asked]
    table = snapshot.take(row, [way.column for way in own])
    held = {way.asked: table[way.column][0].as_py() for way in own}
    return {asked: np.array(vector, np.float32) for asked, vector in held.items() if vector is not None}


def _scores(rows: NDArray[np.int64], lists: Mapping[PartName, Found]) -> NDArray[np.float64]:
    """(rows,) the score of each row: the shares of all parts."""
    ranked = [found.rows for name, found in lists.items() if name != "exact"]
    scores: NDArray[np.float64] = shares(ranked, rows).sum(axis=0)
    if "exact" in lists:
        scores[np.searchsorted(rows, lists["exact"].rows)] += EXACT_SHARE
    return scores.round(12)  # the order in which parts were added up must not decide


def _kept(
    snapshot: Snapshot, rows: NDArray[np.int64], filter: Filter | None, example: str
) -> NDArray[np.bool_]:
    """Which rows pass the filter and are not the example itself."""
    kept = np.ones(rows.size, np.bool_)
    if filter is not None:
        kept &= evaluate(filter, snapshot.take(rows, columns_of(filter)))
    if example:
        kept &= ~_is_in(snapshot.take(rows, ["product_id"])["product_id"], pa.array([example]))
    return kept


def _is_in(values: pa.ChunkedArray, wanted: pa.Array) -> NDArray[np.bool_]:
    plain = values.cast(pa.string())
    return np.asarray(pc.is_in(plain, value_set=wanted.cast(pa.string())), np.bool_)


@dataclass(frozen=True, slots=True)
class _Placed:
    """The best row of one product."""

    row: int
    product_id: str
    variant_id: str
    score: float


def _best(
    snapshot: Snapshot, rows: NDArray[np.int64], scores: NDArray[np.float64], wanted: int, *, in_order: bool
) -> list[_Placed]:
    """The best row of each of the first products; equal scores by variant id.

    Only as many rows are sorted as it takes, and every tie at the edge: a result set may be the whole shop.
    """
    size = 3 * wanted + 20
    while True:
        if size >= rows.size:
            near = np.arange(rows.size)
        elif in_order:
            near = np.arange(size)
        else:
            near = np.flatnonzero(scores >= np.partition(scores, rows.size - size)[rows.size - size])
        table = snapshot.take(rows[near], [ID, "product_id"])
        ids, products = table[ID].to_pylist(), table["product_id"].to_pylist()
        order = sorted(range(near.size), key=lambda i: (-scores[near[i]], ids[i]))
        first: dict[str, _Placed] = {}
        for i in order:
            if products[i] not in first:
                first[products[i]] = _Placed(int(rows[near[i]]), products[i], ids[i], float(scores[near[i]]))
        if len(first) >= wanted or near.size == rows.size:
            return list(first.values())[:wanted]
        size *= 4


def _hits(
    snapshot: Snapshot,
    page: list[_Placed],
    lists: Mapping[PartName, Found],
    question: Question,
    encoder: str,
    *,
    widened: bool = False,
) -> list[Hit]:
    """The products of a page, with their reasons."""
    products = products_of(snapshot, [placed.product_id for placed in page])
    found = [(products[placed.product_id], placed) for placed in page]
    variants = [next(v for v in product.variants if v.id == placed.variant_id) for product, placed in found]
    rows = [
        (placed.row, product, variant) for (product, placed), variant in zip(found, variants, strict=True)
    ]
    whys = reasons(snapshot, rows, lists, question, encoder) if rows else []
    return [
        Hit(product=product, variant=variant, score=placed.score, why=why, widened=widened)
        for (product, placed), variant, why in zip(found, variants, whys, strict=True)
    ]


def _widened(
    snapshot: Snapshot,
    question: Question,
    filter: Filter | None,
    found: pa.ChunkedArray,
    example: str,
    wanted: int,
    encoder: str,
) -> list[Hit]:
    """Products outside the result set that pass the filter, nearest first, however far."""
    lists = look(snapshot, question, filter=filter, wide=True)
    rows = union([each.rows for each in lists.values()])
    scores = _scores(rows, lists)
    known = pa.concat_arrays([found.cast(pa.string()).combine_chunks(), pa.array([example])])
    new = ~_is_in(snapshot.take(rows, ["product_id"])["product_id"], known)
    page = _best(snapshot, rows[new], scores[new], wanted, in_order=False)
    return _hits(snapshot, page, lists, question, encoder, widened=True)


def _ms_since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 3)
