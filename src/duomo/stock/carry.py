"""Changes that leave words and pictures alone, as of a price: the vectors on the shelf are kept."""

from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa

from duomo.product import Media, Product
from duomo.search.goods import PRODUCT, products_of
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.filters import OneOf
from duomo.shelf.layout import Layout
from duomo.shelf.rows import Good, hash_product, table_of, text_of
from duomo.stock.crew import PICTURE_SCHEMA, Stocked

_SAID: Final = [ID, PRODUCT, "product_hash", "source"]


def carried(
    goods: Iterable[Good], newest: Snapshot, layout: Layout, depends: str
) -> tuple[list[Stocked], list[Good]]:
    """The products that say and show what the shelf holds of them, as rows; and the others.

    Args:
        goods: products that have to be put on the shelf, some of which it may hold.
        newest: what it holds.
        layout: the columns of the rows.
        depends: `intake.rules`.

    Returns:
        the rows of those, in one batch or none, with the vectors that are held; and what has to be encoded.
    """
    every = list(goods)
    names = [field.name for vectors in layout.vectors for field in vectors.fields]
    if not every or not len(newest) or not {*names, *_SAID} <= set(newest.schema.names):
        return [], every
    ids = [good.product.id for good in every]
    held = products_of(newest, ids)
    rows = newest.search(filter=OneOf(PRODUCT, tuple(ids))).rows
    table = newest.take(rows, [*_SAID, *names])
    said = {row[ID]: (place, row) for place, row in enumerate(table.select(_SAID).to_pylist())}
    kept: list[Good] = []
    others: list[Good] = []
    for good in every:
        before = held.get(good.product.id)
        row = said[before.variants[0].id][1] if before else None
        # Its hash as it would be now: another one, and a picture file is no longer what it was.
        same = before and row and row["product_hash"] == hash_product(before, f"{row['source']} {depends}")
        (kept if same and before and _encodes_alike(good.product, before) else others).append(good)
    if not kept:
        return [], others
    places = pa.array([said[variant.id][0] for good in kept for variant in good.product.variants])
    opened = {m.source: m.hash for good in kept for m in _media(held[good.product.id]) if m.hash}
    vectors = {name: table[name].take(places).combine_chunks() for name in names}
    stocked = Stocked(
        products=len(kept),
        rows=table_of(kept, layout, opened=opened, vectors=vectors),
        pictures=PICTURE_SCHEMA.empty_table(),
        problems=(),
        encoded=0,
    )
    return [stocked], others


def _encodes_alike(product: Product, held: Product) -> bool:
    """Whether an encoder is given the same of both."""
    return _given(product) == _given(held)


def _given(product: Product) -> Sequence[object]:
    pictures = [(media.kind, media.source) for media in product.media]
    return [
        pictures,
        *(
            (variant.id, text_of(product, variant), [(m.kind, m.source) for m in variant.media])
            for variant in product.variants
        ),
    ]


def _media(product: Product) -> list[Media]:
    return [*product.media, *(media for variant in product.variants for media in variant.media)]
