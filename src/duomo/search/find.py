"""One question to one snapshot: read, membership, filter, order, page, facets, reasons."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.encode.base import Towers
from duomo.hits import Facet, Hit, Hits, Query
from duomo.search.facets import check_facets, choices, codes_of, count
from duomo.search.features import Asked
from duomo.search.goods import PRODUCT
from duomo.search.members import Chance, Question, look
from duomo.search.order import Scale, Scored, order
from duomo.search.page import Alike, Ranked, distinct, hits_of, page_of
from duomo.search.parse import Meaning, read
from duomo.search.questions import check_query, question_of, said, shown_by, shows
from duomo.search.reader import Reader, Wording, hard, literally
from duomo.search.refusals import refused
from duomo.search.rerank import Scorer, rerank
from duomo.search.stages import Stages
from duomo.search.standing import Standing
from duomo.shelf.base import Snapshot
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import And, Filter, OneOf, check, fold, resolve

# Meanings that put a variant forward. Measured: names of categories and of other values are too often words
# of something else, and cost 0.01 NDCG on the questions of icecat.
PREFERRED: Final = ("color", "gender", "brand", "price")

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One version of a shop, and what it takes to ask it."""

    snapshot: Snapshot  # of the variants table
    towers: Towers  # the encoder whose vectors are searched
    chances: Mapping[str, Chance]  # from the shop's manifest
    reader: Reader  # of the same snapshot
    standing: Standing  # of its rows with the merchant
    scorer: Scorer | None = None  # a learned order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What a product must be like to be shown."""

    filter: Filter | None  # but for what is ticked in facets
    chosen: Mapping[str, Filter]  # that, by column
    whole: Filter | None  # both
    refused: Rows  # that have what is not wanted, ascending
    examples: Collection[str]  # ids of products that are examples
    brand: bool  # whether a brand is asked for


@dataclass(frozen=True, slots=True)
class _Page:
    hits: list[Hit]
    found: Ranked  # the result set behind it
    counted: Mapping[str, Rows]  # column with ticked values -> the rows that are left without these
    question: Question


def find(query: Query, searched: Searched) -> Hits:
    """The page of products that answers a query.

    The result set is settled before the filter: exact names, keyword matches and near neighbours over the
    whole shop. The filter, the limits that the words set, the total and the facets apply to that set and
    count products; the variants that remain keep their order, and a product stands where its best remaining
    variant does. A page that they leave short, or one of a picture or an example, is filled by a second
    search with the filter inside, however far; those hits are marked widened and count nowhere. The pages
    after it go on where it ended, to the last of the nearest thousand. A limit that was read out of the
    words and would leave nothing at all is dropped, and `understood` says so.

    Args:
        query: what was asked.
        searched: what is asked.

    Raises:
        BadQuery, BadFilter: the query cannot be answered.
        MissingProduct: an example is not in the shop.
    """
    stages = Stages()
    check_query(query)
    snapshot, towers, reader = searched.snapshot, searched.towers, searched.reader
    if not len(snapshot):
        stages.ended("understand")
        return Hits(page=(), total=0, took_ms=stages.took_ms, stages_ms=stages.ms, query=query)
    check_facets(query.facets, snapshot.schema)
    tree = parse(query.where) if query.where.strip() else None
    given = [check(tree, snapshot.schema)] if tree else []
    ticked = {n: resolve(each, snapshot) for n, each in choices(query.chosen, snapshot.schema).items()}
    stages.ended("understand")
    shown = shown_by(query, snapshot, towers)
    stages.ended("encode")
    refusals = _refusals(query, reader)
    wording = worded(query, reader)
    relaxed: list[Meaning] = []
    while True:
        limits = [*hard(wording.reading), *refusals]
        filter = _joined(snapshot, [*given, *(each.filter for each in limits if each.filter)])
        left_out = refused(snapshot, limits)
        stages.ended("understand")
        question = question_of(query, wording, shown, towers, searched.chances, _meant(snapshot, wording))
        stages.ended("encode")
        if limits and not question.words and not question.vectors and not _named(snapshot, question):
            question = replace(question, names=())  # nothing but limits: all that keeps to them
        limits_set = _Limits(
            filter=filter,
            chosen=ticked,
            whole=_joined(snapshot, [*([filter] if filter else []), *ticked.values()]),
            refused=left_out,
            examples=shown.examples,
            brand=any(meaning.kind == "brand" for meaning in wording.reading.meanings),
        )
        page = _page(query, searched, question, limits_set, stages)
        dropped = hard(wording.reading)
        if page.hits or not dropped:
            break
        first = replace(query, skip=0, k=1)
        if query.skip and _page(first, searched, question, limits_set, stages).hits:
            break  # this page lies behind the last one
        # Words may have been understood wrongly: nothing is worse than an empty page.
        dropped = tuple(each for each in dropped if not _passes(snapshot, each)) or dropped
        relaxed += dropped
        wording = _without(reader, wording, dropped)
    understood: dict[str, object] = {
        "words": [word.said for word in question.words],
        "read_as": wording.text if wording.text != said(query) else "",
        "repaired": [{"said": asked, "read": as_read} for asked, as_read in wording.repaired],
        "meanings": [_told(each, relaxed=False) for each in (*wording.reading.meanings, *refusals)]
        + [_told(each, relaxed=True) for each in relaxed],
        "vectors": [way.name for way, _ in question.by_vectors],
        "heard": None if query.heard is None else asdict(query.heard),
        "box": None if query.box is None else str(query.box),
        "where": query.where.strip(),
        "like": ", ".join(shown.examples),
        "mode": query.mode,
        "encoder": towers.name,
    }
    stages.ended("understand")
    facets = _facets(snapshot, page, query.facets)
    stages.ended("facets")
    return Hits(
        page=tuple(page.hits),
        total=distinct(page.found.products),
        facets=facets,
        understood=understood,
        took_ms=stages.took_ms,
        stages_ms=stages.ms,
        query=query,
    )


def _page(query: Query, searched: Searched, question: Question, limits: _Limits, stages: Stages) -> _Page:
    """The hits of the page, and the result set."""
    snapshot, standing, encoder = searched.snapshot, searched.standing, searched.towers.name
    stages.ended("understand")
    lists = look(snapshot, question)
    stages.ended("retrieve")
    scale = Scale.of(question, lists)
    if question.empty:
        scored = _everything(snapshot)
    else:
        scored = standing.boosted(order(snapshot, question, lists, scale))
    alike = standing.alike(scored, brand_asked=limits.brand)
    found, counted = _found(snapshot, scored, alike, limits)
    if searched.scorer and not question.empty:
        asked = Asked(snapshot, question, lists, scale, scored)
        scored, found = rerank(searched.scorer, asked, found, left=standing.left)
    total = distinct(found.products)
    page = page_of(snapshot, found, query.skip, query.k, in_order=question.empty)
    stages.ended("order")
    hits = hits_of(snapshot, found, page, lists, scored, question, encoder)
    stages.ended("explain")
    looked_at = shows(query) or bool(query.like)  # something always looks most like a picture
    limited = limits.whole is not None or limits.refused.size > 0
    if (limited or looked_at) and not question.empty and len(hits) < query.k:
        lists = look(snapshot, question, filter=limits.whole, wide=True)
        stages.ended("retrieve")
        scored = standing.boosted(order(snapshot, question, lists, scale))
        beyond = _beyond(snapshot, found, scored, limits)
        page = page_of(snapshot, beyond, max(query.skip - total, 0), query.k - len(hits))
        stages.ended("order")
        hits += hits_of(snapshot, beyond, page, lists, scored, question, encoder, widened=True)
        stages.ended("explain")
    return _Page(hits, found, counted, question)


def worded(query: Query, reader: Reader) -> Wording:
    """The words of a query as they are understood, but for what is not to be."""
    if query.literal:
        return literally(said(query))
    wording, plain = reader.read(said(query)), {fold(each) for each in query.as_words}
    return _without(reader, wording, [m for m in wording.reading.meanings if fold(m.said) in plain])


def _meant(snapshot: Snapshot, wording: Wording) -> tuple[Filter, ...]:
    """The values that the words prefer without limiting to them, each as a filter that can be asked."""
    meanings = (m for m in wording.reading.meanings if m.kind in PREFERRED and not m.hard)
    soft = (m.filter for m in meanings if m.filter)
    return tuple(filter for each in soft if (filter := _joined(snapshot, [each])))


def _refusals(query: Query, reader: Reader) -> tuple[Meaning, ...]:
    """What is not wanted by the query's own words for it."""
    text = query.unwanted.strip()
    if not text:
        return ()
    found = hard(read(f"without {text}", reader.ready().known))
    whole = Meaning(kind="without", said=text, at=(0, len(text)), hard=True, unwanted=text)
    return found or (whole,)


def _without(reader: Reader, wording: Wording, dropped: Sequence[Meaning]) -> Wording:
    reading = wording.reading
    for meaning in dropped:
        reading = reading.without(meaning)
    return reader.word(reading) if dropped else wording


def _named(snapshot: Snapshot, question: Question) -> bool:
    """Whether the whole question is what something in the shop is called."""
    return bool(question.names and snapshot.search(filter=OneOf("names", question.names), k=1).rows.size)


def _passes(snapshot: Snapshot, meaning: Meaning) -> bool:
    """Whether anything in the shop is let through by one limit alone."""
    if meaning.filter is None:
        return True
    return bool(
        snapshot.search(filter=resolve(check(meaning.filter, snapshot.schema), snapshot), k=1).rows.size
    )


def _told(meaning: Meaning, *, relaxed: bool) -> dict[str, object]:
    """A meaning as answers show it."""
    return {
        "kind": meaning.kind,
        "said": meaning.said,
        "where": meaning.where,
        "unwanted": meaning.unwanted,
        "limits": meaning.hard and not relaxed,
        "relaxed": relaxed,
    }


def _joined(snapshot: Snapshot, filters: Sequence[Filter]) -> Filter | None:
    """All of the filters as one, ready to be asked."""
    if not filters:
        return None
    checked = tuple(check(each, snapshot.schema) for each in filters)
    return resolve(checked[0] if len(checked) == 1 else And(checked), snapshot)


def _everything(snapshot: Snapshot) -> Scored:
    """Every row in order of id, where nothing was asked; it gives none a score."""
    return Scored(snapshot.search().rows, {}, {})


def _facets(snapshot: Snapshot, page: _Page, columns: Sequence[str]) -> dict[str, Facet]:
    """The facets of the result set, in the order they were asked for; see `Query.chosen`."""
    found = count(snapshot, page.found.rows, [name for name in columns if name not in page.counted])
    for name in page.counted.keys() & set(columns):
        found |= count(snapshot, page.counted[name], [name])
    return {name: found[name] for name in columns}


def _found(
    snapshot: Snapshot, scored: Scored, alike: Alike, limits: _Limits
) -> tuple[Ranked, Mapping[str, Rows]]:
    """Those of the rows that keep to the limits; for each column with ticked values those that do without."""
    products, names = codes_of(snapshot.take(scored.rows, [PRODUCT])[PRODUCT])
    found = Ranked(scored.rows, scored.scores, products, names, alike)
    if limits.whole is None and not limits.examples and not limits.refused.size:
        return found, {}
    kept = _free(found, limits)
    if limits.filter is not None:
        kept = kept & snapshot.passes(found.rows, limits.filter)
    ticked = {name: snapshot.passes(found.rows, filter) for name, filter in limits.chosen.items()}

    def without(name: str) -> NDArray[np.bool_]:
        others = [each for other, each in ticked.items() if other != name]
        return kept & np.all(others, axis=0) if others else kept

    return found.only(without("")), {name: found.rows[without(name)] for name in ticked}


def _beyond(snapshot: Snapshot, found: Ranked, scored: Scored, limits: _Limits) -> Ranked:
    """Rows whose product is not in the result set."""
    # Taken together, since codes are good for one table only.
    both = snapshot.take(np.concatenate([found.rows, scored.rows]), [PRODUCT])[PRODUCT]
    codes, names = codes_of(both)
    known, products = codes[: found.rows.size], codes[found.rows.size :]
    beyond = Ranked(scored.rows, scored.scores, products, names)
    return beyond.only(~np.isin(products, known) & _free(beyond, limits))


def _free(found: Ranked, limits: _Limits) -> NDArray[np.bool_]:
    """Which rows are neither refused nor of a product that is an example."""
    examples = [_place_of(name, found.names) for name in limits.examples]
    return ~np.isin(found.rows, limits.refused) & ~np.isin(found.products, examples)


def _place_of(name: str, names: pa.Array) -> int:
    """Where the name stands among the names; -1: it does not."""
    place: int = pc.index(names, name).as_py()
    return place
