"""One question to one snapshot: membership, filter, order, page, facets, reasons."""

from collections.abc import Mapping
from dataclasses import asdict
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.arrays import Vectors
from duomo.encode.base import Towers
from duomo.errors import BadQuery
from duomo.hits import Hits, PartName, Query
from duomo.search.facets import check_facets, codes_of, count
from duomo.search.goods import PRODUCT, find_product
from duomo.search.members import Question, look, members, merge
from duomo.search.page import Ranked, best_rows, distinct, hits_of
from duomo.search.ways import Asked, ways
from duomo.shelf.base import Found, Snapshot
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import Filter, check, columns_of, evaluate, fold, resolve
from duomo.shelf.keywords import question as words_of
from duomo.shelf.vectors import directions_of

MOST_HITS: Final = 1000
MOST_TEXT: Final = 2000  # characters of a question


def find(query: Query, snapshot: Snapshot, towers: Towers, cuts: Mapping[str, float]) -> Hits:
    """The page of products that answers a query.

    The result set is settled before the filter: exact names, keyword matches and near neighbours over the
    whole shop. The filter, the total and the facets apply to that set and count products; the variants that
    remain keep their order, and a product stands where its best remaining variant does. A page that the
    filter leaves short, or one of a picture or an example, is filled by a second search with the filter
    inside, however far; those hits are marked widened and count nowhere. The pages after it go on where it
    ended, to the last of the nearest thousand.

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
    found = _found(snapshot, *members(snapshot, question, lists), filter, example)
    total = distinct(found.products)
    page = best_rows(snapshot, found, query.skip + query.k, in_order=question.empty)[query.skip :]
    hits = hits_of(snapshot, found, page, lists, question, towers.name)
    looked_at = _looks(query) or bool(query.like)  # something always looks most like a picture
    if (filter is not None or looked_at) and not question.empty and len(hits) < query.k:
        lists = look(snapshot, question, filter=filter, wide=True)
        beyond = _beyond(snapshot, found, lists, example)
        skip = max(query.skip - total, 0)
        page = best_rows(snapshot, beyond, skip + query.k - len(hits))[skip:]
        hits += hits_of(snapshot, beyond, page, lists, question, towers.name, widened=True)
    understood: dict[str, object] = {
        "words": list(question.words),
        "vectors": [way.name for way in question.ways if way.asked in question.vectors],
        "heard": None if query.heard is None else asdict(query.heard),
        "where": query.where.strip(),
        "like": example,
        "mode": query.mode,
        "encoder": towers.name,
    }
    facets = count(snapshot, found.rows, query.facets)
    return Hits(
        page=tuple(hits), total=total, facets=facets, understood=understood, took_ms=_ms_since(started)
    )


def _check(query: Query) -> None:
    if not 1 <= query.k <= MOST_HITS:
        raise BadQuery(f"k is {query.k}", remedy=f"Ask for 1 to {MOST_HITS} products a page")
    if query.skip < 0:
        raise BadQuery(f"skip is {query.skip}", remedy="Skip 0 products or more")
    if len(_words(query)) > MOST_TEXT:
        problem = f"the question has {len(_words(query))} characters"
        raise BadQuery(problem, remedy=f"Ask with at most {MOST_TEXT}")
    if query.picture is not None and query.clip is not None:
        raise BadQuery("a picture and a clip were both asked for", remedy="Ask with one of them")
    if query.mode == "keywords" and (_looks(query) or query.like) and not _words(query):
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
    text = _words(query)
    if text and towers.text:
        vectors["text"] = towers.text.encode([text])[0]
    if _looks(query):
        if towers.picture is None:
            problem = f"the encoder '{towers.name}' does not read pictures"
            raise BadQuery(problem, remedy="Ask with words, or build the shop with an encoder that does")
        if query.clip is not None:
            from duomo.encode.video import ClipEncoder  # here, as few questions are clips

            vectors["picture"] = ClipEncoder(towers.picture).encode([query.clip])[0]
        elif query.picture is not None:
            vectors["picture"] = towers.picture.encode([query.picture])[0]
    question = Question(
        name=fold(text),
        words=words_of(text),
        vectors=vectors,
        ways=ways(towers),
        cuts=cuts,
        mode=query.mode,
    )
    return question, example


def _looks(query: Query) -> bool:
    """Whether something was shown: a picture, or a clip in its place."""
    return query.picture is not None or query.clip is not None


def _words(query: Query) -> str:
    """What was written and what was said, as one text."""
    return f"{query.text} {query.heard.text if query.heard else ''}".strip()


def _vectors_of(snapshot: Snapshot, row: NDArray[np.int64], towers: Towers) -> dict[Asked, Vectors]:
    """The vectors that a row has of its own: of all together, if there is one; of its pictures the first."""
    every = [way for way in ways(towers) if way.name == way.asked]
    own = [way for way in every if way.asked == "product"] or every
    table = snapshot.take(row, [way.column for way in own])
    held = {way.asked: directions_of(table[way.column].combine_chunks()) for way in own}
    return {asked: each.first()[0] for asked, each in held.items() if each.present[0]}


def _found(
    snapshot: Snapshot,
    rows: NDArray[np.int64],
    scores: NDArray[np.float64],
    filter: Filter | None,
    example: str,
) -> Ranked:
    """Those of the rows that pass the filter and are not the example itself."""
    columns = columns_of(filter) if filter is not None else ()
    table = snapshot.take(rows, list(dict.fromkeys((PRODUCT, *columns))))
    products, names = codes_of(table[PRODUCT])
    found = Ranked(rows, scores, products, names)
    if filter is None and not example:
        return found
    kept = np.ones(rows.size, np.bool_) if filter is None else evaluate(filter, table)
    return found.only(kept & (products != _place_of(example, names)))


def _beyond(snapshot: Snapshot, found: Ranked, lists: Mapping[PartName, Found], example: str) -> Ranked:
    """Rows of the lists whose product is neither in the result set nor the example."""
    rows, scores = merge(lists)
    # Taken together, since codes are good for one table only.
    both = snapshot.take(np.concatenate([found.rows, rows]), [PRODUCT])[PRODUCT]
    codes, names = codes_of(both)
    known, products = codes[: found.rows.size], codes[found.rows.size :]
    new = ~np.isin(products, known) & (products != _place_of(example, names))
    return Ranked(rows, scores, products, names).only(new)


def _place_of(name: str, names: pa.Array) -> int:
    """Where the name stands among the names; -1: it does not."""
    place: int = pc.index(names, name).as_py() if name else -1
    return place


def _ms_since(started: float) -> float:
    return round((perf_counter() - started) * 1000, 3)
